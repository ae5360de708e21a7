//! Whether commas or points separate the fractions of a column's numbers.
//!
//! A number such as `3,5` or `0.25` decides for its column, `1.234` does not: it follows what the
//! other columns show. Where both marks occur, the column is ambiguous.

use std::collections::HashMap;

use super::cells::Delimiter;
use super::numbers::{Mark, Sign, sign};
use super::rows::Rows;
use crate::error::{Error, Result, printable};

/// The marks of all columns.
pub(super) struct Marks {
    pub(super) of_columns: Vec<Mark>,
    pub(super) ambiguous: HashMap<usize, Ambiguity>,
}

/// A cell that can be read as two numbers.
pub(super) struct Ambiguity {
    line: u64,
    cell: String,
}

impl Ambiguity {
    pub(super) fn error(&self, file: &str, column: &str) -> Error {
        let problem = format!(
            "line {}, column {}: cannot tell whether the comma or point in \"{}\" marks decimals or \
             thousands",
            self.line,
            printable(column),
            printable(&self.cell)
        );
        let remedy = "write numbers with a decimal point and without thousands separators";
        Error::input(file, problem, remedy)
    }
}

/// The first rows in which a column has signs of each kind.
#[derive(Clone, Default)]
struct Signs {
    /// Cells that only a point, or only a comma, explains.
    point: Option<usize>,
    comma: Option<usize>,
    /// Cells such as `1.234` and `1,234`.
    either_point: Option<usize>,
    either_comma: Option<usize>,
}

impl Signs {
    fn add(&mut self, cell: &str, row: usize) {
        let found = match sign(cell) {
            None => return,
            Some(Sign::Only(Mark::Point)) => &mut self.point,
            Some(Sign::Only(Mark::Comma)) => &mut self.comma,
            Some(Sign::Either(Mark::Point)) => &mut self.either_point,
            Some(Sign::Either(Mark::Comma)) => &mut self.either_comma,
        };
        *found = found.or(Some(row));
    }
}

/// The mark of each column.
///
/// # Errors
/// [`Error::Io`] if the rows cannot be read.
pub(super) fn marks(rows: &Rows<'_>, width: usize, delimiter: Delimiter) -> Result<Marks> {
    let mut marks = Marks {
        of_columns: vec![Mark::Point; width],
        ambiguous: HashMap::new(),
    };
    if !rows.may_hold_commas() {
        return Ok(marks);
    }
    let mut signs = vec![Signs::default(); width];
    rows.each_row(|row, c, cell| {
        if let Some(signs) = signs.get_mut(c) {
            signs.add(cell, row);
        }
        c + 1 < width
    })?;
    let table = Table {
        has_points: signs.iter().any(|s| s.point.is_some()),
        has_commas: signs.iter().any(|s| s.comma.is_some()),
        // Spreadsheets write semicolons where commas begin fractions.
        expects_commas: delimiter == Delimiter::Byte(b';'),
    };
    for (column, signs) in signs.iter().enumerate() {
        match table.mark(signs) {
            Ok(mark) => marks.of_columns[column] = mark,
            Err(row) => {
                let ambiguity = Ambiguity {
                    line: rows.line(row).unwrap_or(0),
                    cell: rows.cell(row, column),
                };
                marks.ambiguous.insert(column, ambiguity);
            }
        }
    }
    Ok(marks)
}

/// What all columns together show.
struct Table {
    has_points: bool,
    has_commas: bool,
    expects_commas: bool,
}

impl Table {
    /// The mark of a column, or the row of a cell that can be read with both.
    fn mark(&self, signs: &Signs) -> Result<Mark, usize> {
        let commas = self.has_commas || self.expects_commas && !self.has_points;
        match (signs.point, signs.comma) {
            (Some(point), Some(comma)) => Err(point.max(comma)),
            (Some(_), None) => Ok(Mark::Point),
            (None, Some(_)) => Ok(Mark::Comma),
            (None, None) => match (signs.either_point, signs.either_comma) {
                (Some(point), Some(comma)) => Err(point.max(comma)),
                (_, Some(row)) if self.has_points == commas => Err(row),
                (Some(row), _) if self.has_points && self.has_commas => Err(row),
                (None, Some(_)) if commas => Ok(Mark::Comma),
                (Some(_), _) if self.has_commas => Ok(Mark::Comma),
                _ => Ok(Mark::Point),
            },
        }
    }
}
