//! The numbers of a table, and what the cells of each column are.
//!
//! All columns are read at once, since a row must be divided anyway; chunks of rows are read in
//! parallel.

use rayon::prelude::*;

use super::marks::Marks;
use super::numbers::{Mark, number, sign, truth};
use super::rows::Rows;
use crate::dataset::column::LARGEST_WHOLE;
use crate::error::Result;

/// What the cells of a column are.
#[derive(Clone, Default)]
pub(super) struct Facts {
    pub(super) numbers: usize,
    pub(super) missing: usize,
    pub(super) truths: usize,
    /// Cells that are numbers only with separators between thousands.
    pub(super) grouped: usize,
    /// The first row whose cell is neither a number nor missing.
    pub(super) other: Option<usize>,
    /// A number that is not whole, or too large for all whole numbers to be told apart.
    pub(super) has_fractions: bool,
    pub(super) has_large: bool,
}

impl Facts {
    /// The facts of the columns of two parts of a table.
    fn merge(mut all: Vec<Self>, more: Vec<Self>) -> Vec<Self> {
        for (a, b) in all.iter_mut().zip(more) {
            a.numbers += b.numbers;
            a.missing += b.missing;
            a.truths += b.truths;
            a.grouped += b.grouped;
            a.other = a.other.into_iter().chain(b.other).min();
            a.has_fractions |= b.has_fractions;
            a.has_large |= b.has_large;
        }
        all
    }

    /// Takes note of a cell, and returns it as a number.
    fn add(&mut self, cell: &str, row: usize, mark: Mark) -> f64 {
        let Some(value) = number(cell, mark) else {
            self.other = self.other.or(Some(row));
            self.grouped += usize::from(sign(cell).is_some());
            return f64::NAN;
        };
        if value.is_nan() {
            self.missing += 1;
            return value;
        }
        self.numbers += 1;
        let is_large = value.abs() > LARGEST_WHOLE;
        self.has_large |= is_large;
        // Larger values than this have no fraction; infinite ones are not whole.
        self.has_fractions |=
            !is_large && (value - value as i64 as f64).abs() > 0.0 || value.is_infinite();
        self.truths += usize::from(value.abs() <= 1.0 && truth(cell).is_some());
        value
    }
}

/// All cells as numbers, row by row, and what each column holds.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the rows cannot be read.
pub(super) fn parse(
    rows: &Rows<'_>,
    width: usize,
    marks: &Marks,
) -> Result<(Vec<f64>, Vec<Facts>)> {
    // Every cell is written below.
    let mut numbers = vec![0.0; rows.len() * width];
    let step = rows.rows_at_once();
    let of_chunk = |(chunk, out): (usize, &mut [f64])| {
        let mut facts = vec![Facts::default(); width];
        let first = chunk * step;
        let block = rows.block(first..rows.len().min(first + step))?;
        for (row, out) in out.chunks_exact_mut(width).enumerate() {
            block.each_cell(row, |c, cell| {
                out[c] = facts[c].add(cell, first + row, marks.of_columns[c]);
                c + 1 < width
            });
        }
        Ok(facts)
    };
    let facts = (numbers.par_chunks_mut(step * width.max(1)))
        .enumerate()
        .map(of_chunk)
        .try_reduce(
            || vec![Facts::default(); width],
            |all, more| Ok(Facts::merge(all, more)),
        )?;
    Ok((numbers, facts))
}
