//! Tables of named columns, to be written as CSV or Parquet.

use crate::error::Result;

/// A column's cells.
pub(crate) enum Cells {
    Whole(Vec<usize>),
    Single(Vec<f32>),
    /// `None` is an empty cell.
    Double(Vec<Option<f64>>),
    /// An empty text is an empty cell.
    Text(Vec<String>),
    /// Text as a file had it, which may be numbers.
    AsRead(Vec<String>),
}

impl Cells {
    /// A cell as text.
    fn text(&self, row: usize) -> String {
        match self {
            Self::Whole(cells) => cells[row].to_string(),
            Self::Single(cells) => cells[row].to_string(),
            Self::Double(cells) => cells[row].map_or_else(String::new, |v| v.to_string()),
            Self::Text(cells) | Self::AsRead(cells) => cells[row].clone(),
        }
    }
}

/// Columns of equal length.
pub(crate) struct Table {
    /// What it is, for messages.
    pub(super) what: &'static str,
    pub(super) rows: usize,
    pub(super) columns: Vec<(String, Cells)>,
}

impl Table {
    pub(crate) fn new(what: &'static str, rows: usize) -> Self {
        Self {
            what,
            rows,
            columns: Vec::new(),
        }
    }

    /// Adds a column. If there is one of this name, the new one is called `name 2`, and so on.
    pub(crate) fn add(&mut self, name: &str, cells: Cells) {
        let is_new = |name: &String| self.columns.iter().all(|(other, _)| other != name);
        let numbered = (2..).map(|n| format!("{name} {n}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        if let Some(name) = names.find(is_new) {
            self.columns.push((name, cells));
        }
    }

    /// The table as CSV.
    pub(crate) fn to_csv(&self) -> Result<Vec<u8>> {
        let head = self.columns.iter().map(|(name, _)| name);
        let row = |row| self.columns.iter().map(move |(_, cells)| cells.text(row));
        super::csv(self.what, head, (0..self.rows).map(row))
    }
}
