//! From files to a dataset: which file or member is what, and do they fit together?
//!
//! In: [`ReadOptions`], paths (with `file.npz:member` for one member). Out: a checked
//! [`Dataset`]. Formats are recognized by their first bytes, never by their names. An archive
//! brings its own labels, class names, ids, predictions and probabilities unless other files are
//! named for them. Rows with NaN or infinite values are refused by name, or dropped from all
//! arrays alike.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::condition::condition;
use super::labels::{self, Column};
use super::npy::{self, Header, Numbers};
use super::npz::{self, Archive};
use super::table::{self, Table};
use super::{Dataset, Source, UNLABELED};
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
/// Names that labels go by.
pub(super) const LABEL_NAMES: &[&str] = &["labels", "y", "Y", "label", "targets", "target"];
const CLASS_NAMES: &[&str] = &["class_names", "classes", "target_names"];
const ID_NAMES: &[&str] = &["ids", "id", "names", "paths", "filenames"];
const PREDICTION_NAMES: &[&str] = &["predictions", "y_pred", "preds"];
const PROBABILITY_NAMES: &[&str] = &["probabilities", "probs", "y_prob"];
/// Label columns that tables are expected to have.
const LABEL_COLUMNS: &[&str] = &["label", "labels", "class", "target", "y", "species"];
/// Columns of a table that identify the rows.
const ID_COLUMNS: &[&str] = &["id", "ids", "path", "file", "filename"];
/// Rows with invalid values that are named.
const NAMED_ROWS: usize = 5;
/// Share of the available memory that the features may take.
const MEMORY_SHARE: f64 = 0.8;

/// Which files to read, and how. Paths may name a member of an archive: `file.npz:member`.
///
/// ```
/// use disentangle::ReadOptions;
/// let options = ReadOptions {
///     labels: Some("labels.npy".into()),
///     ..ReadOptions::new("features.npy")
/// };
/// assert!(!options.drop_invalid);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The features: `.npy`, `.npz`, CSV or TSV.
    pub features: PathBuf,
    /// The labels; by default the features file's own.
    pub labels: Option<PathBuf>,
    /// The label column of a table.
    pub label_column: Option<String>,
    /// Class names, one a line or an array of text.
    pub class_names: Option<PathBuf>,
    /// Sample ids, one a line or an array of text or numbers.
    pub ids: Option<PathBuf>,
    /// The classifier's predictions.
    pub predictions: Option<PathBuf>,
    /// The classifier's probabilities (n × classes).
    pub probabilities: Option<PathBuf>,
    /// Drop samples with NaN or infinite features instead of refusing them.
    pub drop_invalid: bool,
}

impl ReadOptions {
    /// Reads the features from `path`, and what it holds besides.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            features: path.as_ref().to_path_buf(),
            ..Self::default()
        }
    }
}

/// What was read, before it is put together.
#[derive(Default)]
struct Parts {
    features: Option<Array2<f64>>,
    single: Option<Array2<f32>>,
    labels: Option<(Column, String)>,
    class_names: Option<(Vec<String>, String)>,
    ids: Option<(Vec<String>, String)>,
    predictions: Option<(Column, String)>,
    probabilities: Option<(Array2<f32>, String)>,
    notes: Vec<String>,
    sources: Vec<Source>,
}

/// Reads a dataset from files.
///
/// # Errors
/// [`Error::Io`] if a file cannot be read, [`Error::Input`] or [`Error::Mismatch`] if its content
/// cannot be used: the message names the place and the way out.
pub fn read(options: &ReadOptions) -> Result<Dataset> {
    let (path, member) = split_member(&options.features);
    let opened = Opened::path(&path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match &member {
        Some(member) => format!("{name}:{member}"),
        None => name.into_owned(),
    };
    assemble(opened, member.as_deref(), options, &name)
}

/// Reads a dataset from the bytes of a features file, for data that is not on disk. The other
/// paths of the options count as usual.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Dataset> {
    let opened = Opened::bytes(name, bytes.to_vec());
    assemble(opened, None, options, name)
}

/// `file.npz:member` as its two parts; a path that exists as it is has no member.
pub(super) fn split_member(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    if !path.exists()
        && let Some((file, member)) = text.rsplit_once(':')
        && !file.is_empty()
        && !member.is_empty()
        && Path::new(file).exists()
    {
        return (PathBuf::from(file), Some(member.to_string()));
    }
    (path.to_path_buf(), None)
}

/// A file's bytes and what they are.
pub(super) struct Opened {
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Npy,
    Npz,
    Table,
}

impl Opened {
    pub(super) fn path(path: &Path) -> Result<Self> {
        let io = |source| Error::io("read", path, source);
        let file = std::fs::File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_dir() {
            return Err(Error::input(
                path.display().to_string(),
                "this is a folder",
                "name a .npy, .npz, .csv or .tsv file",
            ));
        }
        check_memory(&path.display().to_string(), metadata.len())?;
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        let mut file = file;
        file.read_to_end(&mut bytes).map_err(io)?;
        Self::sniffed(path.display().to_string(), bytes)
    }

    fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        let format = sniff(&bytes).unwrap_or(Format::Table);
        Self {
            file: name.into(),
            bytes,
            format,
        }
    }

    fn sniffed(file: String, bytes: Vec<u8>) -> Result<Self> {
        if bytes.is_empty() {
            return Err(Error::input(
                file,
                "the file is empty (0 bytes)",
                "save it again",
            ));
        }
        let wrong = |problem: &str, remedy: &str| Error::input(&file, problem, remedy);
        match bytes.as_slice() {
            [0x1f, 0x8b, ..] => {
                return Err(wrong(
                    "this is gzip-compressed",
                    "unpack it with gunzip first",
                ));
            }
            [0x89, b'H', b'D', b'F', ..] => {
                return Err(wrong("this is HDF5", "save the array with numpy.save"));
            }
            [b'P', b'A', b'R', b'1', ..] => {
                return Err(wrong("this is Parquet", "save the table as CSV or .npy"));
            }
            [0x80, 2..=5, ..] => {
                return Err(wrong(
                    "this is a Python pickle, which is never loaded because it can run code",
                    "save the array with numpy.save",
                ));
            }
            _ => {}
        }
        let format = sniff(&bytes);
        let looks_binary = || {
            let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let extension = Path::new(&file)
                .extension()
                .map(std::ffi::OsStr::to_ascii_lowercase);
            let array = extension.is_some_and(|e| e == "npy" || e == "npz");
            !wide && (array || bytes.iter().take(512).filter(|&&b| b == 0).count() > 16)
        };
        if format.is_none() && looks_binary() {
            return Err(wrong(
                "this is neither a .npy array nor a .npz archive (its first bytes are others)",
                "save the array with numpy.save",
            ));
        }
        Ok(Self {
            format: format.unwrap_or(Format::Table),
            file,
            bytes,
        })
    }

    pub(super) fn source(&self, role: &str, member: Option<&str>) -> Source {
        let digest = Sha256::digest(&self.bytes);
        Source {
            role: role.into(),
            path: self.file.clone(),
            member: member.map(ToString::to_string),
            bytes: self.bytes.len() as u64,
            sha256: hexadecimal(&digest),
        }
    }

    pub(super) fn archive(&self) -> Result<Archive<'_>> {
        Archive::open(&self.bytes, &self.file)
    }

    /// Header and reader of an array file.
    pub(super) fn array(&self) -> Result<(Header, Cursor<&[u8]>)> {
        let mut cursor = Cursor::new(self.bytes.as_slice());
        let header = npy::header(&mut cursor, self.bytes.len() as u64, &self.file)?;
        Ok((header, cursor))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(npy::MAGIC) {
        Some(Format::Npy)
    } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        Some(Format::Npz)
    } else {
        None
    }
}

/// Refuses what would not fit into memory, before anything is allocated.
fn check_memory(file: &str, bytes: u64) -> Result<()> {
    let Some(available) = available_memory() else {
        return Ok(());
    };
    if bytes as f64 > MEMORY_SHARE * available as f64 {
        let gib = |b: u64| b as f64 / f64::from(1 << 30);
        return Err(Error::input(
            file,
            format!(
                "it needs {:.1} GiB of memory, but {:.1} GiB are available",
                gib(bytes),
                gib(available)
            ),
            "take fewer rows, or float32 instead of float64",
        ));
    }
    Ok(())
}

/// Memory that this process may still take: the machine's and its control group's.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let machine = line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024;
    let number =
        |path: &str| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let group = number("/sys/fs/cgroup/memory.max")
        .map(|limit| limit.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    Some(group.map_or(machine, |g| g.min(machine)))
}

fn assemble(
    opened: Opened,
    member: Option<&str>,
    options: &ReadOptions,
    name: &str,
) -> Result<Dataset> {
    let mut parts = Parts::default();
    match opened.format {
        Format::Npy => read_array(&opened, &mut parts)?,
        Format::Npz => read_archive(&opened, member, options, &mut parts)?,
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
    build(parts, options, name)
}

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

fn read_array(opened: &Opened, parts: &mut Parts) -> Result<()> {
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

fn read_archive(
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

fn read_table(opened: &Opened, options: &ReadOptions, parts: &mut Parts) -> Result<()> {
    let table = Table::parse(&opened.bytes, &opened.file)?;
    let numeric: Vec<bool> = (0..table.names.len())
        .map(|c| table.is_numeric(c))
        .collect();
    let lower: Vec<String> = table.names.iter().map(|n| n.to_lowercase()).collect();
    let find = |names: &[&str]| lower.iter().position(|n| names.contains(&n.as_str()));
    let ids = find(ID_COLUMNS).filter(|_| table.has_header);
    let label = match &options.label_column {
        Some(name) => Some(table.column(name).ok_or_else(|| {
            Error::option(
                "--label-column",
                name,
                format!(
                    "{} has the columns {}",
                    printable(&opened.file),
                    listed(&table.names)
                ),
            )
        })?),
        None if options.labels.is_some() => None,
        None => find(LABEL_COLUMNS)
            .filter(|_| table.has_header)
            .or_else(|| {
                let words: Vec<usize> = (0..numeric.len())
                    .filter(|&c| !numeric[c] && Some(c) != ids)
                    .collect();
                (words.len() == 1).then(|| words[0])
            }),
    };
    let columns: Vec<usize> = (0..numeric.len())
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
            "repair them, or leave such samples out with --drop-invalid",
        ));
    }
    parts.features = Some(features);
    parts.labels = label.map(|c| {
        let file = format!("{}:{}", opened.file, table.names[c]);
        (Column::from_text(table.text(c)), file)
    });
    parts.ids = ids.map(|c| (table.text(c), opened.file.clone()));
    Ok(())
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|n| printable(n)).collect();
    let more = if names.len() > 12 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The arrays that were named by options of their own.
fn read_companions(options: &ReadOptions, parts: &mut Parts) -> Result<()> {
    let mut sources = Vec::new();
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
        let column = labels::from_file(&opened, member.as_deref(), names, wanted)?;
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
fn build(mut parts: Parts, options: &ReadOptions, name: &str) -> Result<Dataset> {
    let file = options.features.display().to_string();
    let file = if file.is_empty() {
        name.to_string()
    } else {
        file
    };
    let n = match (&parts.features, &parts.single) {
        (Some(f), _) => f.nrows(),
        (_, Some(f)) => f.nrows(),
        _ => 0,
    };
    let length = |what: &str, file: &str, found: usize| -> Result<()> {
        if found == n {
            return Ok(());
        }
        Err(Error::Mismatch {
            what: format!("{what} ({})", printable(file)),
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
    let valid = valid_rows(&parts, &file, options.drop_invalid)?;
    let features = match (parts.features.take(), parts.single.take()) {
        (Some(wide), _) => condition(select(wide, valid.as_deref()), &mut parts.notes),
        (None, Some(single)) => {
            let single = select(single, valid.as_deref());
            if super::condition::is_extreme(&single) {
                condition(single.mapv(f64::from), &mut parts.notes)
            } else {
                single
            }
        }
        (None, None) => Array2::zeros((0, 0)),
    };
    let mut data = Dataset::new(features)?.with_name(name);
    if let Some(rows) = &valid {
        parts.notes.push(format!(
            "{} of {n} samples have NaN or infinite values and were dropped",
            n - rows.len()
        ));
    }
    data = attach(data, &mut parts, valid.as_deref())?;
    for note in parts.notes {
        data.add_note(note);
    }
    for source in parts.sources {
        data.add_source(source);
    }
    Ok(data)
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
            data.add_note(format!("{missing} samples have no label"));
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
            "NaN or infinite values in {} rows (counted from 0): {}{more}; the first in column {}",
            invalid.len(),
            rows.join(", "),
            column.unwrap_or(0)
        ),
        "repair them, or leave such samples out with --drop-invalid",
    ))
}

fn select<T: Copy>(matrix: Array2<T>, rows: Option<&[usize]>) -> Array2<T> {
    match rows {
        None => matrix,
        Some(rows) => matrix.select(ndarray::Axis(0), rows),
    }
}

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
                values.push(value as f32);
            }
        }
        Array2::from_shape_vec((table.rows.len(), 2), values)
            .map_err(|_| Error::input(&name, "the table is not rectangular", "repair it"))?
    } else {
        let names = &["map", "embedding", "positions"];
        labels::from_file(&opened, member.as_deref(), names, None)?.into_matrix(&name)?
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
    Ok(matrix.outer_iter().map(|r| [r[0], r[1]]).collect())
}
