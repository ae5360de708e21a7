//! The boundary between file formats and everything else: bytes in, named and typed columns out.
//!
//! Each format is a file of the folder `formats`. It recognizes its files by their first bytes,
//! lists their columns, and reads the values of those that are needed. Reading depends on a format
//! only through its lines in this file; checkpoints and sessions, which are `.npz` archives, are
//! written and read by the functions of that format.

use super::column::{Column, Matrix, Values};
use super::raw::RawFile;
use crate::error::{Error, Result, printable};
use crate::text::first;

mod array;
#[cfg(feature = "parquet")]
mod arrow;
#[cfg(feature = "parquet")]
mod columnar;
mod entries;
mod foreign;
#[cfg(feature = "hdf5")]
mod hdf5;
mod idx;
mod json;
mod libsvm;
mod matlab;
mod matrix_market;
mod npy;
mod npz;
mod orange;
#[cfg(feature = "parquet")]
mod parquet;
mod safetensors;
mod table;
mod torch;
mod typed;
#[cfg(feature = "parquet")]
mod unpack;

pub(crate) use npz::{MOST_HEADER, npz_array};

/// A file format.
pub(super) struct Format {
    /// Whether a file is of this format.
    recognizes: fn(&RawFile) -> bool,
    /// Lists what a file holds, without its values where these can be read later.
    open: for<'a> fn(&'a RawFile) -> Result<Contents<'a>>,
}

/// All formats; the first one that recognizes a file reads it.
const FORMATS: &[Format] = &[
    npy::FORMAT,
    torch::FORMAT,
    npz::FORMAT,
    #[cfg(feature = "hdf5")]
    hdf5::FORMAT,
    matlab::FORMAT,
    #[cfg(feature = "parquet")]
    parquet::FORMAT,
    #[cfg(feature = "parquet")]
    arrow::FORMAT,
    safetensors::FORMAT,
    idx::FORMAT,
    foreign::FORMAT,
    matrix_market::FORMAT,
    json::FORMAT,
    libsvm::FORMAT,
    table::FORMAT,
];

/// First bytes of formats that are not read: what it is, and what to do.
const UNSUPPORTED: &[(&[u8], &str, &str)] = &[
    #[cfg(not(feature = "hdf5"))]
    (
        b"\x89HDF",
        "this is HDF5, which this program was built without",
        "build it with cargo's `--features hdf5`, or save the array with numpy.save",
    ),
    #[cfg(not(feature = "parquet"))]
    (
        b"ARROW1",
        "this is Arrow (Feather), which this program was built without",
        "build it with cargo's `--features parquet`, or save the table as CSV or .npy",
    ),
    #[cfg(not(feature = "parquet"))]
    (
        b"PAR1",
        "this is Parquet, which this program was built without",
        "build it with cargo's `--features parquet`, or save the table as CSV or .npy",
    ),
];

/// How the columns of a file belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A single array.
    Array,
    /// Independent arrays, each with a name.
    Archive,
    /// Columns of the same rows.
    Table,
}

/// Reads the values of a file's columns, which are numbered as in [`Contents::columns`].
pub(super) trait Reader {
    /// Columns side by side as numbers, one row per sample; what has more axes is flattened.
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix>;

    /// A column in its own type.
    fn values(&mut self, column: usize) -> Result<Values>;

    /// A column as text, as written in the file (“007” stays “007”).
    fn text(&mut self, column: usize) -> Result<Vec<String>> {
        Ok(self.values(column)?.into_text())
    }

    /// The line of the file that a row begins in, where people read the file by lines.
    fn line(&self, _row: usize) -> Option<u64> {
        None
    }
}

/// What a file holds.
pub(super) struct Contents<'a> {
    file: &'a str,
    /// The format's name for people: "npz", "csv (semicolons)".
    pub(super) format: &'static str,
    pub(super) layout: Layout,
    pub(super) columns: Vec<Column>,
    pub(super) notes: Vec<String>,
    /// Whether a table's first line names the columns.
    pub(super) has_header: bool,
    /// Whether the first line may as well name the columns, although it was read as a sample.
    pub(super) is_header_unclear: bool,
    /// The column of a table that holds the names of its rows: an index that pandas saved, or one
    /// without a name because the header is one field shorter than the rows, as R writes it.
    pub(super) row_names: Option<usize>,
    reader: Box<dyn Reader + 'a>,
}

/// Recognizes a file and lists what it holds.
pub(super) fn open(file: &RawFile) -> Result<Contents<'_>> {
    let wrong = |problem, remedy| Err(Error::input(&file.name, problem, remedy));
    if file.length() == 0 {
        return wrong("the file is empty (0 bytes)", "save it again");
    }
    if let Some((_, problem, remedy)) = (UNSUPPORTED.iter()).find(|u| file.head().starts_with(u.0))
    {
        return wrong(problem, remedy);
    }
    let mut formats = FORMATS.iter();
    let Some(format) = formats.find(|format| (format.recognizes)(file)) else {
        return wrong(
            "this is neither text nor any other format that can be read",
            "save the array with numpy.save",
        );
    };
    (format.open)(file)
}

impl<'a> Contents<'a> {
    /// Contents without notes, and without what only tables have.
    pub(super) fn new(
        file: &'a str,
        format: &'static str,
        layout: Layout,
        columns: Vec<Column>,
        reader: impl Reader + 'a,
    ) -> Self {
        Self {
            file,
            format,
            layout,
            columns,
            notes: Vec::new(),
            has_header: false,
            is_header_unclear: false,
            row_names: None,
            reader: Box::new(reader),
        }
    }

    /// The file's name, for messages.
    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    /// A column's place for messages: `file.npz:member`.
    pub(super) fn place(&self, column: usize) -> String {
        match self.columns.get(column) {
            Some(column) if self.layout == Layout::Archive || self.columns.len() > 1 => {
                format!("{}:{}", self.file, column.name)
            }
            _ => self.file.to_owned(),
        }
    }

    /// The column of a name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// The first of these names that an array of an archive has, in full or as its last part.
    pub(super) fn named(&self, names: &[&str]) -> Option<usize> {
        let by_stem = |name: &&str| self.columns.iter().position(|c| c.stem() == *name);
        (names.iter().find_map(|name| self.column(name))).or_else(|| names.iter().find_map(by_stem))
    }

    /// What an archive holds, for people.
    pub(super) fn listing(&self) -> String {
        if self.columns.is_empty() {
            return "the archive holds no arrays".into();
        }
        let each = (self.columns.iter()).map(|c| format!("{} ({})", c.name, c.description));
        printable(&format!(
            "the archive holds {}",
            each.collect::<Vec<_>>().join(", ")
        ))
    }

    /// The names of a table's columns, for people.
    pub(super) fn headings(&self) -> String {
        let named = |(at, column): &(usize, &Column)| match column.name.trim() {
            "" => format!("column {} (without a name)", at + 1),
            _ => printable(&column.name),
        };
        let columns: Vec<(usize, &Column)> = self.columns.iter().enumerate().collect();
        first(&columns, 12, named)
    }

    /// Columns side by side as numbers.
    pub(super) fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        self.check_usable(columns)?;
        self.reader.matrix(columns)
    }

    /// A column in its own type.
    pub(super) fn values(&mut self, column: usize) -> Result<Values> {
        self.check_usable(&[column])?;
        self.reader.values(column)
    }

    /// A column as text, as written in the file.
    pub(super) fn text(&mut self, column: usize) -> Result<Vec<String>> {
        self.check_usable(&[column])?;
        self.reader.text(column)
    }

    /// The line that a row begins in, where people read the file by lines.
    pub(super) fn line(&self, row: usize) -> Option<u64> {
        self.reader.line(row)
    }

    pub(super) fn check_usable(&self, columns: &[usize]) -> Result<()> {
        let refused = columns
            .iter()
            .find_map(|&c| Some((c, self.columns.get(c)?.refusal.as_ref()?)));
        refused.map_or(Ok(()), |(c, refusal)| Err(refusal.error(&self.place(c))))
    }
}
