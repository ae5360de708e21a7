//! From files to a dataset: which file or member is what, and do they fit together?
//!
//! In: the path of the features (with `file.npz:member` for one member) and [`ReadOptions`]. Out: a checked
//! [`Dataset`]. Formats are recognized by their first bytes, never by their names. An archive
//! brings its own labels, class names, ids, predictions and probabilities unless other files are
//! named for them. Rows with NaN or infinite values are refused by name, or dropped from all
//! arrays alike.

use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::condition::condition;
use super::features::{listed, read_archive, read_array, read_table};
use super::labels::{self, Column};
use super::opened::{Format, Opened, split_member};
use super::parts::{
    CLASS_NAMES, ID_NAMES, LABEL_NAMES, NAMED_ROWS, POSITION_NAMES, PREDICTION_NAMES,
    PROBABILITY_NAMES, Parts,
};
use super::table::{self, Table};
use super::{Dataset, Metric, ReadOptions, UNLABELED, metric};
use crate::error::{Error, Result, printable};

/// Reads a dataset from a file of features and the files that the options name.
///
/// # Errors
/// [`Error::Io`] if a file cannot be read, [`Error::Input`] or [`Error::Mismatch`] if its content
/// cannot be used: the message names the place and the way out.
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Dataset> {
    read_rows(path.as_ref(), options).map(|(data, _)| data)
}

/// Which rows of the files became samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Rows of the files.
    pub(crate) total: usize,
    /// The rows that were kept, if some were dropped.
    pub(crate) rows: Option<Vec<usize>>,
}

/// The same, and which rows were kept.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_rows(path: &Path, options: &ReadOptions) -> Result<(Dataset, Kept)> {
    let (file, member) = split_member(path);
    let opened = Opened::path(&file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = match &member {
        Some(member) => format!("{name}:{member}"),
        None => name.into_owned(),
    };
    assemble(
        opened,
        member.as_deref(),
        options,
        &path.display().to_string(),
        &name,
    )
}

/// Reads a dataset from the bytes of a features file, for data that is not on disk. The other
/// paths of the options count as usual.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Dataset> {
    let opened = Opened::bytes(name, bytes.to_vec());
    assemble(opened, None, options, name, name).map(|(data, _)| data)
}

fn assemble(
    opened: Opened,
    member: Option<&str>,
    options: &ReadOptions,
    file: &str,
    name: &str,
) -> Result<(Dataset, Kept)> {
    let mut parts = Parts::default();
    match opened.format {
        Format::Npz => read_archive(&opened, member, options, &mut parts)?,
        _ if member.is_some() => {
            return Err(Error::input(
                &opened.file,
                "only .npz archives have members",
                "name the file alone, and the label column of a table",
            )
            .with("label_column"));
        }
        Format::Npy => read_array(&opened, &mut parts)?,
        Format::Table => read_table(&opened, options, &mut parts)?,
    }
    let role = if member.is_none() && opened.format != Format::Npy {
        "features and what comes with them"
    } else {
        "features"
    };
    parts.sources.insert(0, opened.source(role, member));
    drop(opened);
    read_companions(options, &mut parts)?;
    build(parts, options, file, name)
}

/// The arrays that were named by options of their own.
fn read_companions(options: &ReadOptions, parts: &mut Parts) -> Result<()> {
    let mut sources = Vec::new();
    let named_column = parts.named_column;
    let mut column = |path: &Option<PathBuf>, role: &str| -> Result<Option<(Column, String)>> {
        let Some(path) = path else {
            return Ok(None);
        };
        let (file, member) = split_member(path);
        let opened = Opened::path(&file)?;
        sources.push(opened.source(role, member.as_deref()));
        let names: &[&str] = match role {
            "labels" => LABEL_NAMES,
            "class names" => CLASS_NAMES,
            "ids" => ID_NAMES,
            "predictions" => PREDICTION_NAMES,
            _ => PROBABILITY_NAMES,
        };
        let wanted = options.label_column.as_deref().filter(|_| role == "labels");
        if let Some(name) = wanted
            && opened.format != Format::Table
            && !named_column
        {
            let file = printable(&opened.file);
            let problem = format!("{file} is no table and has no columns; leave this option out");
            return Err(Error::option("label_column", name, problem));
        }
        let are_names = matches!(role, "class names" | "ids");
        let column = labels::from_file(&opened, member.as_deref(), names, wanted, are_names)?;
        Ok(Some((column, path.display().to_string())))
    };
    if let Some(labels) = column(&options.labels, "labels")? {
        parts.labels = Some(labels);
    }
    if let Some((names, file)) = column(&options.class_names, "class names")? {
        parts.class_names = Some((names.to_text(), file));
    }
    if let Some((ids, file)) = column(&options.ids, "ids")? {
        parts.ids = Some((ids.to_text(), file));
    }
    if let Some(predictions) = column(&options.predictions, "predictions")? {
        parts.predictions = Some(predictions);
    }
    if let Some((probabilities, file)) = column(&options.probabilities, "probabilities")? {
        parts.probabilities = Some((probabilities.into_matrix(&file)?, file));
    }
    parts.sources.extend(sources);
    Ok(())
}

/// Puts the parts together: same lengths, valid rows, classes named.
fn build(
    mut parts: Parts,
    options: &ReadOptions,
    file: &str,
    name: &str,
) -> Result<(Dataset, Kept)> {
    let n = match (&parts.features, &parts.single) {
        (Some(f), _) => f.nrows(),
        (_, Some(f)) => f.nrows(),
        _ => 0,
    };
    let beside = printable(file);
    let length = |what: &str, file: &str, found: usize| -> Result<()> {
        if found == n {
            return Ok(());
        }
        Err(Error::Mismatch {
            what: format!("{what} ({}), beside {beside}", printable(file)),
            expected: n,
            found,
        })
    };
    if let Some((column, file)) = &parts.labels {
        length("labels", file, column.rows())?;
    }
    if let Some((ids, file)) = &parts.ids {
        length("ids", file, ids.len())?;
    }
    if let Some((column, file)) = &parts.predictions {
        length("predictions", file, column.rows())?;
    }
    if let Some((matrix, file)) = &parts.probabilities {
        length("probabilities", file, matrix.nrows())?;
    }
    let valid = valid_rows(&parts, file, options.drop_invalid)?;
    let features = features(&mut parts, options.metric, valid.as_deref());
    let mut data = Dataset::new(features)?.with_name(name);
    data.metric = options.metric;
    if let Some(rows) = &valid {
        parts.notes.push(format!(
            "{} of {n} samples have NaN or infinite values and were dropped",
            n - rows.len()
        ));
    }
    data = attach(data, &mut parts, valid.as_deref())?;
    if let Some(note) = duplicates(&data) {
        parts.notes.push(note);
    }
    for note in parts.notes {
        data.add_note(note);
    }
    for source in parts.sources {
        data.add_source(source);
    }
    let kept = Kept {
        total: n,
        rows: valid,
    };
    Ok((data, kept))
}

/// The valid rows in 32 bits, as the metric wants them.
fn features(parts: &mut Parts, wanted: Metric, valid: Option<&[usize]>) -> Array2<f32> {
    let mut zero = 0;
    let features = match (parts.features.take(), parts.single.take()) {
        (Some(wide), _) => {
            let mut wide = select(wide, valid);
            // Before columns are shifted, which would turn the angles.
            if wanted == Metric::Cosine {
                zero = metric::normalize(&mut wide);
            }
            condition(wide, &mut parts.notes)
        }
        (None, Some(single)) => {
            let mut single = select(single, valid);
            if wanted == Metric::Cosine {
                zero = metric::normalize(&mut single);
            }
            if super::condition::is_extreme(&single) {
                condition(single.mapv(f64::from), &mut parts.notes)
            } else {
                single
            }
        }
        (None, None) => Array2::zeros((0, 0)),
    };
    let remark = metric::remark(zero, features.nrows());
    parts.notes.extend(remark);
    features
}

/// A remark where many samples are identical: which of equally near samples are neighbors is
/// then decided by their order.
fn duplicates(data: &Dataset) -> Option<String> {
    use std::hash::BuildHasher;
    let hasher = std::hash::RandomState::new();
    let n = data.samples();
    let mut hashes: Vec<u64> = data
        .features()
        .outer_iter()
        .map(|row| {
            hasher.hash_one(
                row.iter()
                    .map(|v| (v + 0.0).to_bits())
                    .collect::<Vec<u32>>(),
            )
        })
        .collect();
    hashes.sort_unstable();
    let repeated: usize = hashes
        .chunk_by(|a, b| a == b)
        .map(|run| if run.len() > 1 { run.len() } else { 0 })
        .sum();
    (repeated as f64 > MANY_DUPLICATES * n as f64 && repeated > 2).then(|| {
        format!(
            "{repeated} of {n} samples are identical to another one: among equally near samples \
             the order of the file decides which are neighbors"
        )
    })
}

/// Labels, ids, predictions and probabilities.
fn attach(mut data: Dataset, parts: &mut Parts, valid: Option<&[usize]>) -> Result<Dataset> {
    let names = parts.class_names.take();
    if let Some((column, file)) = parts.labels.take() {
        let column = column.select(valid);
        let named = labels::labels(column, &file, names, &mut parts.notes)?;
        if let Some((column, file)) = parts.predictions.take() {
            let predictions = named.predictions(column.select(valid), &file, &mut parts.notes)?;
            data = data.with_predictions(predictions)?;
        }
        if let Some((matrix, file)) = parts.probabilities.take() {
            let matrix = select(matrix, valid);
            let matrix = named.probabilities(&matrix, &file, &mut parts.notes)?;
            data = data.with_probabilities(matrix)?;
        }
        data = data.with_labels(named.labels)?;
    } else if parts.predictions.is_some() || parts.probabilities.is_some() {
        parts
            .notes
            .push("predictions and probabilities are not used without labels".into());
    }
    if let Some((ids, _)) = parts.ids.take() {
        let ids = match valid {
            None => ids,
            Some(rows) => rows.iter().map(|&r| ids[r].clone()).collect(),
        };
        data = data.with_ids(ids)?;
    }
    if let Some(labels) = data.labels() {
        let missing = labels.indices().iter().filter(|&&c| c == UNLABELED).count();
        if missing > 0 {
            data.add_note(match missing {
                1 => "1 sample has no label".to_owned(),
                several => format!("{several} samples have no label"),
            });
        }
    }
    Ok(data)
}

/// The rows whose features are all finite, if some are not.
fn valid_rows(parts: &Parts, file: &str, drop: bool) -> Result<Option<Vec<usize>>> {
    let finite: Vec<bool> = match (&parts.features, &parts.single) {
        (Some(f), _) => f
            .outer_iter()
            .map(|r| r.iter().all(|v| v.is_finite()))
            .collect(),
        (_, Some(f)) => f
            .outer_iter()
            .map(|r| r.iter().all(|v| v.is_finite()))
            .collect(),
        _ => Vec::new(),
    };
    let invalid: Vec<usize> = (0..finite.len()).filter(|&i| !finite[i]).collect();
    let Some(&first) = invalid.first() else {
        return Ok(None);
    };
    if drop {
        if invalid.len() == finite.len() {
            return Err(Error::input(
                file,
                "every row has NaN or infinite values",
                "repair the features",
            ));
        }
        return Ok(Some((0..finite.len()).filter(|&i| finite[i]).collect()));
    }
    let column = match (&parts.features, &parts.single) {
        (Some(f), _) => f.row(first).iter().position(|v| !v.is_finite()),
        (_, Some(f)) => f.row(first).iter().position(|v| !v.is_finite()),
        _ => None,
    };
    let rows: Vec<String> = invalid
        .iter()
        .take(NAMED_ROWS)
        .map(ToString::to_string)
        .collect();
    let more = if invalid.len() > NAMED_ROWS {
        ", …"
    } else {
        ""
    };
    Err(Error::input(
        file,
        format!(
            "NaN or infinite values in {} row{} (counted from 0): {}{more}; the first in column {}",
            invalid.len(),
            if invalid.len() == 1 { "" } else { "s" },
            rows.join(", "),
            column.unwrap_or(0)
        ),
        "repair them, or leave such samples out",
    )
    .with("drop_invalid"))
}

fn select<T: Copy>(matrix: Array2<T>, rows: Option<&[usize]>) -> Array2<T> {
    match rows {
        None => matrix,
        Some(rows) => matrix.select(ndarray::Axis(0), rows),
    }
}

/// Share of identical samples that is worth a remark.
const MANY_DUPLICATES: f64 = 0.1;
/// Wider maps would leave the range of squares in single precision.
const LARGEST_MAP: f64 = 1e15;
/// Maps smaller than this share of their distance from the origin are centered.
const NEAR: f64 = 0.01;

/// Positions (n × 2) from a `.npy` or `.npz` array or a table with columns x and y.
///
/// # Errors
/// As [`read`]; [`Error::Input`] if the array is not n × 2 or has values that are not finite.
pub fn read_positions(path: &Path) -> Result<Vec<[f32; 2]>> {
    let (file, member) = split_member(path);
    let opened = Opened::path(&file)?;
    let name = path.display().to_string();
    let matrix = if opened.format == Format::Table {
        let table = Table::parse(&opened.bytes, &opened.file)?;
        let (Some(x), Some(y)) = (table.column("x"), table.column("y")) else {
            return Err(Error::input(
                &name,
                format!("no columns x and y among {}", listed(&table.names)),
                "give a map as written by `disentangle embed`",
            ));
        };
        let mut values = Vec::new();
        for (r, row) in table.rows.iter().enumerate() {
            for c in [x, y] {
                let cell = row.get(c).unwrap_or_default();
                let value = table.number(cell);
                let value = value.ok_or_else(|| table::not_a_number(&table, r, c, &name))?;
                values.push(value);
            }
        }
        Array2::from_shape_vec((table.rows.len(), 2), values)
            .map_err(|_| Error::input(&name, "the table is not rectangular", "repair it"))?
    } else {
        labels::from_file(&opened, member.as_deref(), POSITION_NAMES, None, false)?
            .into_wide_matrix(&name)?
    };
    if matrix.ncols() != 2 {
        return Err(Error::input(
            &name,
            format!("the array is {} × {}", matrix.nrows(), matrix.ncols()),
            "a map has n rows and 2 columns",
        ));
    }
    if let Some(row) = matrix
        .outer_iter()
        .position(|r| r.iter().any(|v| !v.is_finite()))
    {
        return Err(Error::input(
            &name,
            format!("row {row} is NaN or infinite"),
            "give finite positions",
        ));
    }
    in_single_precision(&matrix, &name)
}

/// Positions in 32 bits; a map that is small beside its distance from the origin is centered
/// first, which changes no distance.
fn in_single_precision(matrix: &Array2<f64>, name: &str) -> Result<Vec<[f32; 2]>> {
    let axis = |a: usize| {
        let values = || matrix.column(a).into_iter().copied();
        let low = values().fold(f64::INFINITY, f64::min);
        (low, values().fold(f64::NEG_INFINITY, f64::max))
    };
    let sides = [axis(0), axis(1)];
    let extent = sides.iter().map(|s| s.1 - s.0).fold(0.0, f64::max);
    let remoteness = sides
        .iter()
        .map(|s| s.0.abs().max(s.1.abs()))
        .fold(0.0, f64::max);
    if extent > LARGEST_MAP {
        return Err(Error::input(
            name,
            format!("the map is {extent:.0e} units wide"),
            format!("scale it to less than {LARGEST_MAP:.0e}"),
        ));
    }
    let middle = if extent < NEAR * remoteness {
        sides.map(|s| 0.5 * (s.0 + s.1))
    } else {
        [0.0; 2]
    };
    let place =
        |r: ndarray::ArrayView1<'_, f64>| [(r[0] - middle[0]) as f32, (r[1] - middle[1]) as f32];
    Ok(matrix.outer_iter().map(place).collect())
}
