//! What all columns of numbers show, in little memory beside their values.
//!
//! In: a matrix. Out: the [`Evidence`] of each of its columns. Most tables hold fractions in no order,
//! of which one pass over columns side by side finds everything. Only columns of whole numbers and
//! those that rise or fall are copied, a few at a time, to be sorted.

use std::ops::Range;

use rayon::prelude::*;

use super::evidence::Evidence;
use crate::dataset::column::Matrix;

/// Columns that are looked at together, since their values lie side by side.
const TOGETHER: usize = 16;
/// Columns that one thread copies at a time at most; of all threads, no more than this part of the columns.
const COPIES: usize = 4;
const COPIED_PART: usize = 16;

/// What is known of a column after one pass.
#[derive(Clone)]
struct Seen {
    present: usize,
    /// The first value, and the sums of the differences from it and of their squares.
    first: f64,
    sum: f64,
    squares: f64,
    least: f64,
    largest: f64,
    is_whole: bool,
    falls: bool,
    rises: bool,
    last: f64,
}

impl Seen {
    fn nothing() -> Self {
        Self {
            present: 0,
            first: f64::NAN,
            sum: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            largest: f64::NEG_INFINITY,
            is_whole: true,
            falls: false,
            rises: false,
            last: f64::NAN,
        }
    }

    fn add(&mut self, values: &[f64]) {
        // A copy of its own can stay in registers.
        let mut seen = self.clone();
        for &value in values.iter().filter(|value| !value.is_nan()) {
            if seen.present == 0 {
                seen.first = value;
            }
            seen.present += 1;
            let difference = value - seen.first;
            seen.sum += difference;
            seen.squares += difference * difference;
            seen.least = seen.least.min(value);
            seen.largest = seen.largest.max(value);
            seen.is_whole = seen.is_whole && Evidence::is_whole(value);
            seen.falls |= value < seen.last;
            seen.rises |= value > seen.last;
            seen.last = value;
        }
        *self = seen;
    }

    fn variance(&self) -> f64 {
        let n = self.present.max(1) as f64;
        (self.squares - self.sum * self.sum / n) / n
    }

    /// Whether nothing but the values' size matters: they are fractions, and in no order.
    fn is_plain(&self, rows: usize) -> bool {
        let is_ordered = self.present == rows && !(self.falls && self.rises);
        !self.is_whole && !is_ordered
    }
}

/// What the values of each column show.
pub(super) fn evidence(matrix: &Matrix) -> Vec<Evidence> {
    let groups = (0..matrix.columns()).into_par_iter().step_by(TOGETHER);
    let of_group = |first: usize| of_columns(matrix, first..matrix.columns().min(first + TOGETHER));
    let found: Vec<Vec<Evidence>> = groups.map(of_group).collect();
    found.concat()
}

/// What the values of columns side by side show.
fn of_columns(matrix: &Matrix, columns: Range<usize>) -> Vec<Evidence> {
    let mut seen = vec![Seen::nothing(); columns.len()];
    matrix.each_run(columns.clone(), |place, values| seen[place].add(values));
    let rows = matrix.rows();
    let others = columns
        .clone()
        .zip(&seen)
        .filter(|(_, seen)| !seen.is_plain(rows));
    let others: Vec<usize> = others.map(|(column, _)| column).collect();
    let threads = rayon::current_num_threads();
    let copies = (matrix.columns() / (COPIED_PART * threads)).clamp(1, COPIES);
    let copies = others.chunks(copies).flat_map(|some| matrix.copies(some));
    let mut of_others = copies.map(Evidence::of_numbers);
    let of_column = |seen: &Seen| {
        if seen.is_plain(rows) {
            let (least, largest) = (seen.least, seen.largest);
            return Some(Evidence::of_fractions(
                seen.present,
                least,
                largest,
                seen.variance(),
            ));
        }
        of_others.next()
    };
    seen.iter().filter_map(of_column).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// One pass finds what a look at each column by itself finds; the variance but for rounding.
    #[test]
    fn columns_side_by_side_show_what_they_show_alone() {
        let of_column: &[fn(usize) -> f64] = &[
            |row| (row as f64 * 0.7).sin(),
            |row| row as f64,
            |row| row as f64 * 0.25,
            |row| -(row as f64).sqrt(),
            |row| (row % 4) as f64,
            |row| ((row * 37) % 60) as f64,
            |row| {
                if row % 5 == 0 {
                    f64::NAN
                } else {
                    row as f64 + 0.1
                }
            },
            |row| {
                if row % 7 == 3 {
                    f64::NAN
                } else {
                    (row as f64).cos()
                }
            },
            |_| f64::NAN,
            |_| 0.1,
            |_| 3.0,
            |row| {
                if row == 9 {
                    f64::INFINITY
                } else {
                    row as f64 * 1.5
                }
            },
            |row| {
                if row == 9 {
                    f64::NEG_INFINITY
                } else {
                    (row as f64).sin()
                }
            },
            |row| 1e300 * (row as f64 * 0.3).cos(),
            |row| (row / 3) as f64,
            |row| (row / 3) as f64 + 0.5,
            |row| 9e17 + row as f64,
        ];
        for rows in [0, 1, 4, 60] {
            let shape = (rows, of_column.len());
            let wide = Array2::from_shape_fn(shape, |(row, column)| of_column[column](row));
            let single = wide.mapv(|v| v as f32);
            for matrix in [Matrix::Double(wide), Matrix::Single(single)] {
                let all = evidence(&matrix);
                assert_eq!(all.len(), of_column.len());
                for (column, found) in all.iter().enumerate() {
                    let alone = matrix.copies(&[column]).swap_remove(0);
                    let mut alone = Evidence::of_numbers(alone);
                    let error = (found.variance - alone.variance).abs();
                    let is_finite = alone.variance.is_finite();
                    assert!(!is_finite || error <= 1e-9 * alone.variance, "{found:?}");
                    alone.variance = found.variance;
                    let place = format!("column {column} of {rows} rows");
                    assert_eq!(format!("{found:?}"), format!("{alone:?}"), "{place}");
                }
            }
        }
    }
}
