//! Columns as a file holds them: a name, a type and a shape, and their values once they are read.
//!
//! A column is a column of a table, an array, or a member of an archive. Which role it has for the
//! samples is not known here (`roles.rs`).

use std::ops::Range;

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// Marks an empty cell among whole numbers.
pub(super) const MISSING: i128 = i128::MIN;
/// Whether text stands for a missing value, as pandas and R write it.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(
        text,
        "" | "?" | "NA" | "N/A" | "n/a" | "<NA>" | "NaN" | "nan" | "NAN" | "null" | "NULL"
    )
}

/// Rows of a run: the processor's first cache holds as many lines.
const RUN: usize = 64;
/// Values that one thread looks at at a time.
const BLOCK: usize = 1 << 14;

/// Beyond this not every whole number has a value of its own in double precision.
pub(super) const LARGEST_WHOLE: f64 = 9e15;

/// What kind of values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Number,
    Text,
    /// Values of a type that is not supported, or that cannot be read.
    Other,
}

/// Why a column cannot be used, and what to do about it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Refusal {
    /// The reason of an error that concerns one column only.
    pub(super) fn of(error: Error) -> Self {
        match error {
            Error::Input {
                problem, remedy, ..
            } => Self { problem, remedy },
            other => Self {
                problem: other.to_string(),
                remedy: "choose another member".into(),
            },
        }
    }

    pub(super) fn error(&self, file: &str) -> Error {
        Error::input(file, self.problem.as_str(), self.remedy.as_str())
    }
}

/// A column before its role is decided.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name; where a table has no header, its number from 1.
    pub(super) name: String,
    pub(super) kind: ColumnKind,
    /// Rows, then further axes; empty if it is not known.
    pub(super) shape: Vec<usize>,
    /// Type and shape for people: "float32 1797 × 64".
    pub(super) description: String,
    pub(super) refusal: Option<Refusal>,
}

impl Column {
    /// The last part of the name of a member in a folder.
    pub(super) fn stem(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// Whether each row holds several numbers.
    pub(super) fn is_matrix(&self) -> bool {
        self.kind == ColumnKind::Number && self.shape.len() >= 2
    }
}

/// Values of a column, in the type that the file gives them.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// Whole numbers, [`MISSING`] for an empty cell.
    Integers(Vec<i128>),
    Truths(Vec<bool>),
    Text(Vec<String>),
    /// Other numbers, one row per sample: fractions, one-hot rows, probabilities.
    Matrix(Matrix),
}

impl Values {
    /// Number of samples.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Integers(v) => v.len(),
            Self::Truths(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Matrix(m) => m.rows(),
        }
    }

    /// The chosen rows; all of them for `None`.
    pub(super) fn select(self, rows: Option<&[usize]>) -> Self {
        match self {
            Self::Integers(v) => Self::Integers(select(v, rows)),
            Self::Truths(v) => Self::Truths(select(v, rows)),
            Self::Text(v) => Self::Text(select(v, rows)),
            Self::Matrix(m) => Self::Matrix(m.select(rows)),
        }
    }

    /// The values as numbers, one row per sample; `None` for text.
    pub(super) fn into_matrix(self) -> Option<Matrix> {
        let number = |v: i128| if v == MISSING { f64::NAN } else { v as f64 };
        let values: Vec<f64> = match self {
            Self::Integers(v) => v.into_iter().map(number).collect(),
            Self::Truths(v) => v.into_iter().map(|v| f64::from(u8::from(v))).collect(),
            Self::Text(_) => return None,
            Self::Matrix(m) => return Some(m),
        };
        let column = ndarray::Array1::from_vec(values).insert_axis(Axis(1));
        Some(Matrix::Double(column))
    }

    /// Each value as text; of a matrix, the first of each row.
    pub(super) fn into_text(self) -> Vec<String> {
        let integer = |v: i128| {
            if v == MISSING {
                String::new()
            } else {
                v.to_string()
            }
        };
        match self {
            Self::Integers(v) => v.into_iter().map(integer).collect(),
            Self::Truths(v) => v.iter().map(ToString::to_string).collect(),
            Self::Text(v) => v,
            Self::Matrix(m) => {
                let wide = m.into_double();
                wide.outer_iter().map(|r| r[0].to_string()).collect()
            }
        }
    }
}

/// The chosen values; all of them for `None`.
pub(super) fn select<T: Clone>(values: Vec<T>, rows: Option<&[usize]>) -> Vec<T> {
    match rows {
        None => values,
        Some(rows) => rows.iter().map(|&r| values[r].clone()).collect(),
    }
}

/// Numbers with one row per sample.
#[derive(Debug, Clone)]
pub(super) enum Matrix {
    /// What fits into 32 bits as it is.
    Single(Array2<f32>),
    /// Eight-byte types and text, which may need conditioning first.
    Double(Array2<f64>),
}

impl Matrix {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Single(m) => m.nrows(),
            Self::Double(m) => m.nrows(),
        }
    }

    pub(super) fn columns(&self) -> usize {
        match self {
            Self::Single(m) => m.ncols(),
            Self::Double(m) => m.ncols(),
        }
    }

    pub(super) fn value(&self, row: usize, column: usize) -> f64 {
        match self {
            Self::Single(m) => f64::from(m[[row, column]]),
            Self::Double(m) => m[[row, column]],
        }
    }

    pub(super) fn into_single(self) -> Array2<f32> {
        match self {
            Self::Single(m) => m,
            Self::Double(m) => m.mapv(|v| v as f32),
        }
    }

    pub(super) fn into_double(self) -> Array2<f64> {
        match self {
            Self::Single(m) => m.mapv(f64::from),
            Self::Double(m) => m,
        }
    }

    /// Rows as columns.
    pub(super) fn transposed(self) -> Self {
        match self {
            Self::Single(m) => Self::Single(m.t().as_standard_layout().into_owned()),
            Self::Double(m) => Self::Double(m.t().as_standard_layout().into_owned()),
        }
    }

    /// Some of the columns, in ascending order, in the memory of all.
    pub(super) fn keep_columns(self, columns: &[usize]) -> Result<Self> {
        Ok(match self {
            Self::Single(m) => Self::Single(keep_columns(m, columns)?),
            Self::Double(m) => Self::Double(keep_columns(m, columns)?),
        })
    }

    /// The chosen rows; all of them for `None`.
    pub(super) fn select(self, rows: Option<&[usize]>) -> Self {
        match (rows, self) {
            (None, all) => all,
            (Some(rows), Self::Single(m)) => Self::Single(m.select(Axis(0), rows)),
            (Some(rows), Self::Double(m)) => Self::Double(m.select(Axis(0), rows)),
        }
    }

    /// The rows with a value that is NaN or infinite.
    pub(super) fn invalid_rows(&self) -> Vec<usize> {
        match self {
            Self::Single(m) => invalid_rows(m, |v| v.is_finite()),
            Self::Double(m) => invalid_rows(m, |v| v.is_finite()),
        }
    }

    /// Calls `take` with the values of some columns that are next to each other, a few rows at a time, and
    /// with the place of their column among these.
    pub(super) fn each_run(&self, columns: Range<usize>, take: impl FnMut(usize, &[f64])) {
        match self {
            Self::Single(m) => each_run(m, columns, take),
            Self::Double(m) => each_run(m, columns, take),
        }
    }

    /// Copies of some columns, made in one pass.
    pub(super) fn copies(&self, columns: &[usize]) -> Vec<Vec<f64>> {
        let mut found = vec![Vec::with_capacity(self.rows()); columns.len()];
        for row in 0..self.rows() {
            for (to, &column) in found.iter_mut().zip(columns) {
                to.push(self.value(row, column));
            }
        }
        found
    }

    /// The first column of a row whose value is NaN or infinite.
    pub(super) fn invalid_in(&self, row: usize) -> Option<usize> {
        match self {
            Self::Single(m) => m.row(row).iter().position(|v| !v.is_finite()),
            Self::Double(m) => m.row(row).iter().position(|v| !v.is_finite()),
        }
    }
}

/// The rows of which some value is not valid.
fn invalid_rows<T: Sync>(matrix: &Array2<T>, is_valid: impl Fn(&T) -> bool + Sync) -> Vec<usize> {
    // To look at all values of a block is faster than to stop early.
    let are_valid = |block: &[T]| block.iter().fold(true, |all, v| all & is_valid(v));
    let values = matrix.as_slice_memory_order();
    if values.is_some_and(|values| values.par_chunks(BLOCK).all(are_valid)) {
        return Vec::new();
    }
    let rows = (0..matrix.nrows()).into_par_iter();
    let is_invalid = |row: &usize| !matrix.row(*row).iter().all(&is_valid);
    rows.filter(is_invalid).collect()
}

fn each_run<T: Copy + Into<f64>>(
    matrix: &Array2<T>,
    columns: Range<usize>,
    mut take: impl FnMut(usize, &[f64]),
) {
    let mut run = Vec::with_capacity(RUN);
    for rows in matrix.axis_chunks_iter(Axis(0), RUN) {
        for (place, column) in columns.clone().enumerate() {
            run.clear();
            run.extend(rows.column(column).iter().map(|&value| value.into()));
            take(place, &run);
        }
    }
}

fn keep_columns<T: Copy>(matrix: Array2<T>, columns: &[usize]) -> Result<Array2<T>> {
    let (rows, width) = matrix.dim();
    if columns.len() == width {
        return Ok(matrix);
    }
    if !matrix.is_standard_layout() {
        return Ok(matrix.select(Axis(1), columns));
    }
    let (mut values, start) = matrix.into_raw_vec_and_offset();
    let start = start.unwrap_or(0);
    let mut written = 0;
    for row in 0..rows {
        for &column in columns {
            values[written] = values[start + row * width + column];
            written += 1;
        }
    }
    values.truncate(written);
    shaped(values, (rows, columns.len()), "features")
}

/// A matrix of values that were read row by row.
pub(super) fn shaped<T>(values: Vec<T>, shape: (usize, usize), file: &str) -> Result<Array2<T>> {
    Array2::from_shape_vec(shape, values).map_err(|_| {
        Error::input(
            file,
            "its shape and its values do not match",
            "save it again",
        )
    })
}
