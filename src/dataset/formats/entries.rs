//! A matrix that a file gives by its entries, made dense.

use ndarray::Array2;

use crate::dataset::bounded::check_memory;
use crate::error::{Error, Result};

/// A dense matrix of more bytes than this …
const SUSPICIOUS_SIZE: u64 = 24 << 20;
/// … and this many times those of its file is refused: no map of so many empty features is useful.
const SUSPICIOUS_RATIO: u64 = 400;

/// Refuses a matrix that is nearly all 0, or that does not fit into memory. `bytes` is the size of the file.
pub(super) fn check_size((rows, columns): (usize, usize), file: &str, bytes: usize) -> Result<()> {
    let size = (rows as u64)
        .saturating_mul(columns as u64)
        .saturating_mul(8);
    if size > SUSPICIOUS_SIZE && size / SUSPICIOUS_RATIO > bytes as u64 {
        return Err(Error::input(
            file,
            format!(
                "{rows} rows × {columns} columns are nearly all 0 in this file of {bytes} bytes"
            ),
            "reduce the columns first, for example with sklearn.decomposition.TruncatedSVD",
        ));
    }
    check_memory(file, size)
}

/// The entries of a matrix; all others are 0.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Rows and columns, from 0.
    pub(super) places: Vec<(u32, u32)>,
    pub(super) values: Vec<f64>,
}

impl Entries {
    pub(super) fn push(&mut self, row: u32, column: u32, value: f64) {
        self.places.push((row, column));
        self.values.push(value);
    }

    /// The matrix. Entries that occur several times are added. `bytes` is the size of the file.
    pub(super) fn dense(
        &self,
        (rows, columns): (usize, usize),
        file: &str,
        bytes: usize,
    ) -> Result<Array2<f64>> {
        check_size((rows, columns), file, bytes)?;
        let mut matrix = Array2::zeros((rows, columns));
        for (&(row, column), value) in self.places.iter().zip(&self.values) {
            if let Some(entry) = matrix.get_mut((row as usize, column as usize)) {
                *entry += value;
            }
        }
        Ok(matrix)
    }
}
