//! From an array, an archive or a table to features, with what the file holds besides.

use ndarray::Array2;

use super::ReadOptions;
use super::labels::{self, Column};
use super::npy::{self, Header, Numbers};
use super::npz::{self, Archive};
use super::opened::{Opened, check_memory};
use super::parts::{
    CLASS_NAMES, ID_NAMES, LABEL_NAMES, NAMED_ROWS, PREDICTION_NAMES, PROBABILITY_NAMES, Parts,
};
use super::table::{self, Table};
use crate::error::{Error, Result, printable};

/// Names that features go by in archives, most telling first.
pub(super) const FEATURE_NAMES: &[&str] = &[
    "features",
    "X",
    "x",
    "embeddings",
    "feats",
    "penultimate",
    "Z",
    "data",
];
/// Label columns that tables are expected to have, most telling first.
const LABEL_COLUMNS: &[&str] = &["label", "labels", "class", "target", "species", "y"];
/// Columns of a table that identify the rows.
const ID_COLUMNS: &[&str] = &["id", "ids", "path", "file", "filename"];

/// Takes numbers as features, flattening what has more than two axes.
fn set_features(parts: &mut Parts, numbers: Numbers, header: &Header, file: &str) -> Result<()> {
    let rows = check_shape(header, file)?;
    let columns = header.shape[1..].iter().product();
    if header.shape.len() > 2 {
        let shape: Vec<String> = header.shape.iter().map(ToString::to_string).collect();
        parts.notes.push(format!(
            "features of shape {} were flattened to {rows} × {columns}",
            shape.join(" × ")
        ));
    }
    let fits = |_| Error::input(file, "shape and values do not fit", "save the array again");
    match numbers {
        Numbers::Single(v) => {
            parts.single = Some(Array2::from_shape_vec((rows, columns), v).map_err(fits)?);
        }
        Numbers::Double(v) => {
            parts.features = Some(Array2::from_shape_vec((rows, columns), v).map_err(fits)?);
        }
    }
    Ok(())
}

/// Number of rows, if the array can be features.
fn check_shape(header: &Header, file: &str) -> Result<usize> {
    header.check_usable(file)?;
    let as_features = "features are an array of n rows (samples) × d columns";
    if !header.is_number() {
        return Err(Error::input(
            file,
            format!("the array is {}", header.describe()),
            format!("{as_features} of numbers"),
        ));
    }
    match header.shape.as_slice() {
        [] => Err(Error::input(
            file,
            "the array is a single number",
            as_features,
        )),
        [0, ..] => Err(Error::input(
            file,
            "the array is empty: it has no rows",
            as_features,
        )),
        [n] => Err(Error::input(
            file,
            format!("the array has one axis ({n} numbers)"),
            format!("{as_features}; one feature per sample is saved with `.reshape(-1, 1)`"),
        )),
        [n, rest @ ..] => {
            if rest.contains(&0) {
                let problem = "the array is empty: it has no columns";
                return Err(Error::input(file, problem, as_features));
            }
            let items = header.items() as u64;
            let wide = if header.item == 8 { 12 } else { 4 };
            check_memory(file, items.saturating_mul(wide))?;
            Ok(*n)
        }
    }
}

pub(super) fn read_array(opened: &Opened, parts: &mut Parts) -> Result<()> {
    let (header, mut cursor) = opened.array()?;
    check_shape(&header, &opened.file)?;
    let numbers = npy::numbers(&mut cursor, &header, &opened.file)?;
    let after = opened.bytes.len() as u64 - header.offset - header.bytes;
    if after > 0 {
        parts.notes.push(format!(
            "{} has {after} bytes after its values, which were ignored",
            printable(&opened.file)
        ));
    }
    set_features(parts, numbers, &header, &opened.file)
}

pub(super) fn read_archive(
    opened: &Opened,
    member: Option<&str>,
    options: &ReadOptions,
    parts: &mut Parts,
) -> Result<()> {
    let mut archive = opened.archive()?;
    if archive.hidden > 0 {
        parts.notes.push(format!(
            "{} has several members of the same name; the last one counts",
            printable(&opened.file)
        ));
    }
    let chosen = choose_features(&archive, member, &opened.file)?;
    let file = format!("{}:{}", opened.file, chosen.name);
    if let Ok(header) = &chosen.header {
        check_shape(header, &file)?;
    }
    let (numbers, header) = archive.values(&chosen, |reader, header, file| {
        Ok((npy::numbers(reader, header, file)?, header.clone()))
    })?;
    set_features(parts, numbers, &header, &file)?;
    let mut take = |names: &[&str]| -> Result<Option<(Column, String)>> {
        let Some(member) = archive
            .named(names)
            .filter(|m| m.name != chosen.name)
            .cloned()
        else {
            return Ok(None);
        };
        let file = format!("{}:{}", opened.file, member.name);
        let column = archive.values(&member, labels::column)?;
        Ok(Some((column, file)))
    };
    if options.labels.is_none() {
        parts.labels = take(LABEL_NAMES)?;
    }
    if options.class_names.is_none() {
        parts.class_names = take(CLASS_NAMES)?.map(|(c, f)| (c.to_text(), f));
    }
    if options.ids.is_none() {
        parts.ids = take(ID_NAMES)?.map(|(c, f)| (c.to_text(), f));
    }
    if options.predictions.is_none() {
        parts.predictions = take(PREDICTION_NAMES)?;
    }
    if options.probabilities.is_none()
        && let Some((column, file)) = take(PROBABILITY_NAMES)?
    {
        parts.probabilities = Some((column.into_matrix(&file)?, file));
    }
    Ok(())
}

/// The member that is the features.
pub(super) fn choose_features(
    archive: &Archive<'_>,
    member: Option<&str>,
    file: &str,
) -> Result<npz::Member> {
    if let Some(name) = member {
        return archive.named(&[name]).cloned().ok_or_else(|| {
            Error::input(
                file,
                format!(
                    "there is no member {}; {}",
                    printable(name),
                    printable(&archive.listing())
                ),
                "name one of these",
            )
        });
    }
    if let Some(named) = archive.named(FEATURE_NAMES) {
        return Ok(named.clone());
    }
    let taken: Vec<&str> = [LABEL_NAMES, PROBABILITY_NAMES, PREDICTION_NAMES, ID_NAMES].concat();
    let candidates: Vec<&npz::Member> = archive
        .members
        .iter()
        .filter(|m| !taken.contains(&m.stem()))
        .filter(|m| {
            m.header
                .as_ref()
                .is_ok_and(|h| h.is_number() && h.shape.len() >= 2)
        })
        .collect();
    match candidates.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(archive
            .members
            .iter()
            .find_map(|m| m.header.as_ref().err())
            .map_or_else(
                || {
                    Error::input(
                        file,
                        format!(
                            "no member can be features; {}",
                            printable(&archive.listing())
                        ),
                        "features are an array of n rows × d columns; save it as `features`",
                    )
                },
                |p| Error::input(file, p.problem.as_str(), p.remedy.as_str()),
            )),
        several => {
            let names: Vec<String> = several.iter().map(|m| printable(&m.name)).collect();
            Err(Error::input(
                file,
                format!(
                    "{} could each be the features; {}",
                    names.join(" and "),
                    printable(&archive.listing())
                ),
                format!("choose one, for example {}:{}", printable(file), names[0]),
            ))
        }
    }
}

/// The columns of ids and labels, where there are any.
fn special_columns(
    table: &Table,
    options: &ReadOptions,
    file: &str,
) -> Result<(Option<usize>, Option<usize>)> {
    let lower: Vec<String> = table.names.iter().map(|n| n.to_lowercase()).collect();
    let place = |name: &str| lower.iter().position(|n| n == name);
    let ids = ID_COLUMNS
        .iter()
        .find_map(|name| place(name))
        .filter(|_| table.has_header);
    // Beside a column x, y is a coordinate.
    let usual = LABEL_COLUMNS
        .iter()
        .filter(|&&name| name != "y" || place("x").is_none())
        .find_map(|name| place(name))
        .filter(|_| table.has_header);
    let named = options.label_column.as_deref();
    let label = match named.map(|name| (name, table.column(name))) {
        Some((_, Some(column))) => Some(column),
        Some((name, None)) if options.labels.is_none() => {
            let columns = listed(&table.names);
            let problem = format!("{} has the columns {columns}", printable(file));
            return Err(Error::option("label_column", name, problem));
        }
        _ => usual.or_else(|| {
            let words: Vec<usize> = (0..table.names.len())
                .filter(|&c| Some(c) != ids && !table.is_numeric(c))
                .collect();
            (words.len() == 1).then(|| words[0])
        }),
    };
    Ok((ids, label))
}

pub(super) fn read_table(opened: &Opened, options: &ReadOptions, parts: &mut Parts) -> Result<()> {
    let table = Table::parse(&opened.bytes, &opened.file)?;
    let (ids, label) = special_columns(&table, options, &opened.file)?;
    let elsewhere = options.labels.is_some();
    let named = options.label_column.as_deref();
    parts.named_column = named.is_some_and(|name| table.column(name).is_some());
    let columns: Vec<usize> = (0..table.names.len())
        .filter(|&c| Some(c) != label && Some(c) != ids)
        .collect();
    if columns.is_empty() || table.rows.is_empty() {
        return Err(Error::input(
            &opened.file,
            "the table has no rows of features",
            "give one row per sample, with numbers",
        ));
    }
    let mut values = Vec::with_capacity(table.rows.len() * columns.len());
    for (r, row) in table.rows.iter().enumerate() {
        for &c in &columns {
            let cell = row.get(c).unwrap_or_default();
            let value = table
                .number(cell)
                .ok_or_else(|| table::not_a_number(&table, r, c, &opened.file))?;
            values.push(value);
        }
    }
    let shape = (table.rows.len(), columns.len());
    let fits = |_| Error::input(&opened.file, "the table is not rectangular", "repair it");
    let features = Array2::from_shape_vec(shape, values).map_err(fits)?;
    if !options.drop_invalid
        && let Some(row) = features
            .outer_iter()
            .position(|r| r.iter().any(|v| !v.is_finite()))
    {
        let all = features.outer_iter().enumerate();
        let lines: Vec<String> = all
            .filter(|(_, r)| r.iter().any(|v| !v.is_finite()))
            .map(|(r, _)| table.line(r).to_string())
            .take(NAMED_ROWS)
            .collect();
        debug_assert!(row < table.rows.len());
        return Err(Error::input(
            &opened.file,
            format!(
                "missing, NaN or infinite values in line {}",
                lines.join(", ")
            ),
            "repair them, or leave such samples out",
        )
        .with("drop_invalid"));
    }
    parts.features = Some(features);
    match label {
        // Labels among the features would separate the classes by themselves.
        Some(c) if elsewhere => parts.notes.push(format!(
            "column {} of {} is not among the features: the labels come from another file",
            printable(&table.names[c]),
            printable(&opened.file)
        )),
        Some(c) => {
            if options.label_column.is_none() {
                parts.notes.push(format!(
                    "labels were taken from the column {}",
                    printable(&table.names[c])
                ));
            }
            let file = format!("{}:{}", opened.file, table.names[c]);
            parts.labels = Some((Column::from_text(table.text(c)), file));
        }
        None => {}
    }
    parts.ids = ids.map(|c| (table.text(c), opened.file.clone()));
    Ok(())
}

pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|n| printable(n)).collect();
    let more = if names.len() > 12 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
