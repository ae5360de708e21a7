//! The first row of a table beside the rows below it: what tells names of columns from a sample.

use std::collections::HashSet;

use super::numbers::{Mark, is_missing, number};
use super::rows::Rows;

/// Rows that decide.
const SAMPLE_ROWS: usize = 200;
/// Words in a column from which it is no accident that one of them occurs nowhere else.
const LEAST_WORDS: usize = 4;

/// A column below the first row.
pub(super) struct Below {
    pub(super) cells: usize,
    /// Cells that are numbers or missing.
    pub(super) numbers: usize,
    pub(super) missing: usize,
    /// Numbers that are written without a fraction or exponent.
    whole: usize,
    /// Cells that are the same as that of the first row.
    pub(super) repeats: usize,
    pub(super) distinct: HashSet<String>,
    pub(super) least: f64,
    pub(super) largest: f64,
    /// The last number, while each one is the number before plus 1.
    counted: Option<f64>,
}

impl Below {
    fn new() -> Self {
        Self {
            cells: 0,
            numbers: 0,
            missing: 0,
            whole: 0,
            repeats: 0,
            distinct: HashSet::new(),
            least: f64::INFINITY,
            largest: f64::NEG_INFINITY,
            counted: None,
        }
    }

    fn add(&mut self, cell: &str, first: &str, mark: Mark) {
        self.repeats += usize::from(cell == first);
        self.missing += usize::from(is_missing(cell));
        let value = number(cell, mark);
        let goes_on = |value: &f64| {
            let next = self.counted.map(|before| before + 1.0);
            next.map_or(self.cells == 0, |next| (next - value).abs() < 0.5)
        };
        self.counted = value.filter(|v| v.fract() == 0.0).filter(goes_on);
        self.cells += 1;
        if let Some(value) = value {
            self.numbers += 1;
            self.whole += usize::from(cell.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
            self.least = self.least.min(value);
            self.largest = self.largest.max(value);
        } else {
            self.distinct.insert(cell.to_owned());
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        2 * self.numbers > self.cells
    }

    /// Whether all numbers are written with fractions, as one program writes one column.
    pub(super) fn is_fractional(&self) -> bool {
        self.numbers > self.missing && self.whole == 0
    }

    /// Whether the numbers count the rows.
    pub(super) fn counts(&self) -> bool {
        self.cells > 2 && self.counted.is_some()
    }
}

/// The first row of a table, and the columns below it.
pub(super) struct FirstRow<'a> {
    rows: &'a Rows<'a>,
    marks: &'a [Mark],
    pub(super) cells: Vec<String>,
    pub(super) below: Vec<Below>,
}

impl<'a> FirstRow<'a> {
    pub(super) fn of(rows: &'a Rows<'_>, width: usize, marks: &'a [Mark]) -> Self {
        let mut cells: Vec<String> = Vec::with_capacity(width);
        rows.each_cell(0, |_, cell| {
            cells.push(cell.to_owned());
            true
        });
        cells.resize(width, String::new());
        let mut below: Vec<Below> = (0..width).map(|_| Below::new()).collect();
        for row in 1..rows.len().min(1 + SAMPLE_ROWS) {
            rows.each_cell(row, |c, cell| {
                if let Some(below) = below.get_mut(c) {
                    below.add(cell, &cells[c], marks[c]);
                }
                c + 1 < width
            });
        }
        Self {
            rows,
            marks,
            cells,
            below,
        }
    }

    pub(super) fn is_number(&self, column: usize) -> bool {
        number(&self.cells[column], self.marks[column]).is_some()
    }

    /// The number of a cell, also where it is written otherwise than those below.
    pub(super) fn value(&self, column: usize) -> Option<f64> {
        let cell = &self.cells[column];
        let value = number(cell, self.marks[column]).or_else(|| cell.parse().ok());
        value.filter(|v| v.is_finite() && !is_missing(cell))
    }

    /// The columns of numbers with a number in the first row.
    pub(super) fn of_numbers(&self) -> Vec<usize> {
        let is = |&c: &usize| self.below[c].is_numeric() && self.value(c).is_some();
        (0..self.cells.len()).filter(is).collect()
    }

    /// The numbers of these columns in the rows below.
    pub(super) fn others(&self, columns: &[usize]) -> Vec<Vec<f64>> {
        let mut is_among = vec![false; self.cells.len()];
        for &column in columns {
            is_among[column] = true;
        }
        let of_row = |row: usize| {
            let mut values = Vec::with_capacity(columns.len());
            self.rows.each_cell(row, |c, cell| {
                if is_among.get(c).is_some_and(|among| *among) {
                    values.extend(number(cell, self.marks[c]));
                }
                c + 1 < is_among.len()
            });
            values
        };
        let rows = 1..self.rows.len().min(1 + SAMPLE_ROWS);
        rows.map(of_row).collect()
    }

    /// Whether the cell of a column of text occurs nowhere below it, where each text occurs at least
    /// twice: a class of one sample would be no rarer.
    pub(super) fn is_above_repeated(&self, column: usize) -> bool {
        let (first, below) = (&self.cells[column], &self.below[column]);
        let repeats = below.cells >= LEAST_WORDS && 2 * below.distinct.len() <= below.cells;
        if is_missing(first) || below.numbers > below.missing || !repeats || below.repeats > 0 {
            return false;
        }
        let Ok(cells) = self.rows.cells(column, str::to_owned) else {
            return false;
        };
        let (mut once, mut again) = (HashSet::new(), HashSet::new());
        for cell in &cells[1..] {
            if !again.contains(cell) && !once.insert(cell) {
                once.remove(cell);
                again.insert(cell);
            }
        }
        once.is_empty() && !again.contains(first)
    }
}
