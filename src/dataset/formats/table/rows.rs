//! The rows of a text: as places in it where every cell is a part of it as it stands, otherwise as
//! text of their own.

use std::borrow::Cow;
use std::ops::Range;

use csv::StringRecord;

use super::cells::{Delimiter, each_plain_cell, unquoted};
use super::decode::Line;
use super::text::Text;
use crate::error::Result;

/// Bytes that are read at a time, and rows, at least and at most.
const BYTES_AT_ONCE: usize = 1 << 16;
const ROWS_AT_ONCE: (usize, usize) = (16, 512);

/// The rows of a table.
pub(super) enum Rows<'a> {
    /// Places in the text. Cells may be quoted, but hold no quotes, delimiters or line ends.
    Plain {
        text: Text<'a>,
        delimiter: Delimiter,
        lines: Vec<Line>,
        has_commas: bool,
    },
    Records(Vec<StringRecord>),
}

/// Some rows with their text.
pub(super) enum Block<'a> {
    Plain {
        text: Cow<'a, str>,
        /// Where the text begins.
        start: usize,
        delimiter: Delimiter,
        lines: &'a [Line],
    },
    Records(&'a [StringRecord]),
}

impl Rows<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain { lines, .. } => lines.len(),
            Self::Records(records) => records.len(),
        }
    }

    /// The line that a row begins in.
    pub(super) fn line(&self, row: usize) -> Option<u64> {
        match self {
            Self::Plain { lines, .. } => lines.get(row).map(|line| u64::from(line.number)),
            Self::Records(records) => records.get(row)?.position().map(csv::Position::line),
        }
    }

    pub(super) fn remove_first(&mut self) {
        match self {
            Self::Plain { lines, .. } => drop(lines.remove(0)),
            Self::Records(records) => drop(records.remove(0)),
        }
    }

    /// Some rows with their text.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if they cannot be read.
    pub(super) fn block(&self, rows: Range<usize>) -> Result<Block<'_>> {
        Ok(match self {
            Self::Plain {
                text,
                delimiter,
                lines,
                ..
            } => {
                let lines = &lines[rows];
                let start = lines.first().map_or(0, |line| line.start);
                let part = text.part(start..lines.last().map_or(start, |line| line.end))?;
                Block::Plain {
                    text: part.text,
                    start,
                    delimiter: *delimiter,
                    lines,
                }
            }
            Self::Records(records) => Block::Records(&records[rows]),
        })
    }

    /// How many rows are read at a time.
    pub(super) fn rows_at_once(&self) -> usize {
        let Self::Plain { lines, .. } = self else {
            return ROWS_AT_ONCE.1;
        };
        let bytes = match (lines.first(), lines.last()) {
            (Some(first), Some(last)) => (last.end - first.start) / lines.len(),
            _ => 0,
        };
        (BYTES_AT_ONCE / bytes.max(1)).clamp(ROWS_AT_ONCE.0, ROWS_AT_ONCE.1)
    }

    /// Calls `take` with each row, its cells' columns and the cells, until that returns `false`, which
    /// ends the row.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the rows cannot be read.
    pub(super) fn each_row(&self, mut take: impl FnMut(usize, usize, &str) -> bool) -> Result<()> {
        let step = self.rows_at_once();
        for first in (0..self.len()).step_by(step) {
            let rows = first..self.len().min(first + step);
            let block = self.block(rows.clone())?;
            for row in rows {
                block.each_cell(row - first, |column, cell| take(row, column, cell));
            }
        }
        Ok(())
    }

    /// Calls `take` with each cell of a row and its column, until that returns `false`; with none, if the
    /// row cannot be read.
    pub(super) fn each_cell(&self, row: usize, take: impl FnMut(usize, &str) -> bool) {
        if let Ok(block) = self.block(row..row + 1) {
            block.each_cell(0, take);
        }
    }

    /// Whether a column is empty in each of these rows.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if they cannot be read.
    pub(super) fn are_empty(&self, mut rows: Range<usize>, column: usize) -> Result<bool> {
        let mut are_empty = true;
        while are_empty && !rows.is_empty() {
            let next = rows.end.min(rows.start + self.rows_at_once());
            let block = self.block(rows.start..next)?;
            for row in 0..next - rows.start {
                block.each_cell(row, |c, cell| {
                    are_empty &= c != column || cell.is_empty();
                    c < column
                });
            }
            rows.start = next;
        }
        Ok(are_empty)
    }

    /// A cell; empty if the row is shorter.
    pub(super) fn cell(&self, row: usize, column: usize) -> String {
        let mut found = String::new();
        self.each_cell(row, |c, cell| {
            if c == column {
                cell.clone_into(&mut found);
            }
            c < column
        });
        found
    }

    /// All cells of a column.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if they cannot be read.
    pub(super) fn cells<T>(
        &self,
        column: usize,
        mut convert: impl FnMut(&str) -> T,
    ) -> Result<Vec<T>> {
        let mut cells = Vec::with_capacity(self.len());
        self.each_row(|row, c, cell| {
            if c == column {
                // Of a row that is shorter.
                cells.resize_with(row, || convert(""));
                cells.push(convert(cell));
            }
            c < column
        })?;
        cells.resize_with(self.len(), || convert(""));
        Ok(cells)
    }

    /// Whether a comma can be part of a cell.
    pub(super) fn may_hold_commas(&self) -> bool {
        match self {
            Self::Plain {
                delimiter,
                has_commas,
                ..
            } => *delimiter != Delimiter::Byte(b',') && *has_commas,
            Self::Records(_) => true,
        }
    }
}

impl Block<'_> {
    /// Calls `take` with each cell of one of these rows and its column, until that returns `false`.
    pub(super) fn each_cell(&self, row: usize, mut take: impl FnMut(usize, &str) -> bool) {
        match self {
            Self::Plain {
                text,
                start,
                delimiter,
                lines,
            } => {
                let place = lines[row].start - start..lines[row].end - start;
                // Nothing, if the file was changed since its lines were found: that is said later.
                let line = text.get(place).unwrap_or_default();
                each_plain_cell(line, *delimiter, |column, cell| {
                    take(column, unquoted(cell))
                });
            }
            Self::Records(records) => {
                let mut cells = records[row].iter().enumerate();
                while cells
                    .next()
                    .is_some_and(|(column, cell)| take(column, cell))
                {}
            }
        }
    }
}
