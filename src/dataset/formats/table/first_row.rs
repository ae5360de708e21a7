//! The first row of a table beside the rows below it: what tells names of columns from a sample.

use std::collections::HashSet;

use super::numbers::{Mark, is_missing, number};
use super::rows::Rows;

/// Rows that decide.
const SAMPLE_ROWS: usize = 200;
/// Differences between steps that are due to rounding, as a share of the step.
const STEP_TOLERANCE: f64 = 1e-6;
/// Share of rows below that may rise as the first one does.
const FEW: f64 = 0.02;
/// Numbers from which a strict rise is no accident.
const LEAST_RISING: usize = 6;
/// Numbers from which equal steps are no accident.
const LEAST_STEADY: usize = 4;
/// Numbers outside the range of their columns from which a rise is no accident, and the rows that the
/// ranges are of.
const LEAST_APART: usize = 3;
const LEAST_ROWS: usize = 10;

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
    least: f64,
    largest: f64,
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

/// How the numbers of a first row look, compared with the rows below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// They rise as nothing below does: names such as years and wavelengths.
    Names,
    /// They rise, but so few do by accident.
    PerhapsNames,
    /// Some are outside the range of their columns.
    Unclear,
    Values,
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
    fn value(&self, column: usize) -> Option<f64> {
        let cell = &self.cells[column];
        let value = number(cell, self.marks[column]).or_else(|| cell.parse().ok());
        value.filter(|v| v.is_finite() && !is_missing(cell))
    }

    /// The columns of numbers with a number in the first row.
    pub(super) fn of_numbers(&self) -> Vec<usize> {
        let is = |&c: &usize| self.below[c].is_numeric() && self.value(c).is_some();
        (0..self.cells.len()).filter(is).collect()
    }

    /// How the numbers above columns of numbers look.
    pub(super) fn looks(&self) -> Looks {
        let columns = self.of_numbers();
        let own: Vec<f64> = columns.iter().filter_map(|&c| self.value(c)).collect();
        let is_inside =
            |(&c, v): (&usize, &f64)| (self.below[c].least..=self.below[c].largest).contains(v);
        let inside = columns.iter().zip(&own).filter(|&at| is_inside(at)).count();
        let occur_below = columns.iter().all(|&c| self.below[c].repeats > 0);
        let others = self.others(&columns);
        let is_rare = |fits: &dyn Fn(&[f64]) -> bool| {
            let fitting = others.iter().filter(|row| fits(row)).count();
            fitting as f64 <= FEW * others.len() as f64
        };
        let rises = is_rising(&own) && is_rare(&is_rising);
        let is_steady = |row: &[f64]| is_steady(row) || counts_again(row);
        let is_steady_alone = own.len() >= LEAST_STEADY && is_steady(&own) && is_rare(&is_steady);
        let are_apart = inside == 0 && own.len() >= LEAST_APART && others.len() >= LEAST_ROWS;
        let are_many = own.len() >= LEAST_RISING && inside < own.len();
        if others.len() > 2 && !occur_below && (is_steady_alone || rises && (are_many || are_apart))
        {
            Looks::Names
        } else if own.len() > 1 && rises {
            Looks::PerhapsNames
        } else if inside < own.len() {
            Looks::Unclear
        } else {
            Looks::Values
        }
    }

    /// The numbers of these columns in the rows below.
    fn others(&self, columns: &[usize]) -> Vec<Vec<f64>> {
        let of_row = |row: usize| {
            let mut values = Vec::with_capacity(columns.len());
            self.rows.each_cell(row, |c, cell| {
                if columns.contains(&c) {
                    values.extend(number(cell, self.marks[c]));
                }
                c < columns.last().copied().unwrap_or(0)
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
        let repeats = below.cells >= LEAST_STEADY && 2 * below.distinct.len() <= below.cells;
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

/// Whether numbers rise or fall from each to the next.
fn is_rising(values: &[f64]) -> bool {
    values.windows(2).all(|w| w[0] < w[1]) || values.windows(2).all(|w| w[0] > w[1])
}

/// Whether numbers change by the same step from each to the next.
fn is_steady(values: &[f64]) -> bool {
    let [first, second, ..] = values else {
        return false;
    };
    let step = second - first;
    let tolerance = STEP_TOLERANCE * step.abs();
    step != 0.0 && (values.windows(2)).all(|w| (w[1] - w[0] - step).abs() <= tolerance)
}

/// Whether numbers count from 0, perhaps several times, as pandas does for tables that it joins: 0, 0,
/// 1, 2, 3.
fn counts_again(values: &[f64]) -> bool {
    let is_first = |value: f64| value.abs() <= 0.0;
    let goes_on = |w: &[f64]| (w[1] - w[0] - 1.0).abs() <= 0.0 || is_first(w[1]);
    let is_long = values.iter().any(|&v| v + 1.0 >= LEAST_STEADY as f64);
    values.first().copied().is_some_and(is_first) && is_long && values.windows(2).all(goes_on)
}
