//! Remarks on features that may be something else: a label among the columns of an array, distances
//! between the samples.
//!
//! In: the features. Out: notes. Cost: a look at two columns, and at all values only where there are as
//! many rows as columns.

use super::column::Matrix;

/// More columns than this are seldom put together with a label.
const MOST_COLUMNS: usize = 1000;
/// Different values of a label among the columns, and rows for each on average.
const MOST_CLASSES: usize = 200;
const LEAST_OF_CLASS: usize = 5;
/// Rows from which symmetry is no accident.
const LEAST_ROWS: usize = 5;
/// Rows in which fractions are looked for.
const SAMPLED: usize = 100;
/// Values that are the same but for rounding differ by less than this share of the largest.
const TOLERANCE: f64 = 1e-6;

/// A note on the first or last column of an array, if it could be the label.
pub(super) fn label_among(features: &Matrix) -> Option<String> {
    let last = features.columns().checked_sub(1)?;
    if !(1..MOST_COLUMNS).contains(&last) {
        return None;
    }
    let has_fractions = |column: usize| {
        let mut rows = 0..features.rows().min(SAMPLED);
        rows.any(|row| features.value(row, column).fract() != 0.0)
    };
    let column = [last, 0]
        .into_iter()
        .find(|&c| numbers_classes(features, c))?;
    let others = (0..=last)
        .filter(|&c| c != column && has_fractions(c))
        .count();
    (2 * others >= last).then(|| {
        let name = column + 1;
        format!(
            "column {name} holds only a few different whole numbers, while the other columns hold fractions: if it is the label, use \
             `--label-column {name}`"
        )
    })
}

/// Whether a column holds the whole numbers from 0 or 1 on without gaps, each often.
fn numbers_classes(features: &Matrix, column: usize) -> bool {
    let mut counts = vec![0; MOST_CLASSES + 1];
    for row in 0..features.rows() {
        let value = features.value(row, column);
        if value.fract() != 0.0 || !(0.0..=MOST_CLASSES as f64).contains(&value) {
            return false;
        }
        counts[value as usize] += 1;
    }
    let first = usize::from(counts[0] == 0);
    let classes = counts[first..]
        .iter()
        .take_while(|count| **count > 0)
        .count();
    let are_all = counts[first + classes..].iter().all(|count| *count == 0);
    classes > 1 && are_all && features.rows() >= LEAST_OF_CLASS * classes
}

/// A note on features that look like distances or correlations of the samples.
pub(super) fn between_samples(features: &Matrix) -> Option<String> {
    let n = features.rows();
    if n != features.columns() || n < LEAST_ROWS {
        return None;
    }
    let value = |row, column| features.value(row, column);
    let sizes = (0..n).flat_map(|row| (0..n).map(move |column| value(row, column).abs()));
    let tolerance = TOLERANCE * sizes.fold(0.0, f64::max);
    let is_same = |a: f64, b: f64| (a - b).abs() <= tolerance;
    let is_symmetric = |row: usize| (0..row).all(|c| is_same(value(row, c), value(c, row)));
    let has_diagonal = |expected: f64| (0..n).all(|row| is_same(value(row, row), expected));
    let known = [(0, "distances"), (1, "correlations")];
    if tolerance == 0.0 || !(0..n).all(is_symmetric) {
        return None;
    }
    let found = known.into_iter().find(|(d, _)| has_diagonal(f64::from(*d)));
    let (diagonal, what) = found.map_or_else(
        || (String::new(), "covariances or similarities"),
        |(d, what)| (format!(" with {d} on its diagonal"), what),
    );
    Some(format!(
        "the features are a symmetric matrix of {n} × {n}{diagonal}: if they are {what} of the samples, read the \
         features that they were computed from"
    ))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn matrix(shape: (usize, usize), value: impl Fn((usize, usize)) -> f64) -> Matrix {
        Matrix::Double(Array2::from_shape_fn(shape, value))
    }

    #[test]
    fn a_label_among_the_columns_of_an_array_is_said() {
        let wave = |(row, column): (usize, usize)| ((row * 7 + column * 3) as f64).sin();
        let with = |at: usize, label: fn(usize) -> f64| {
            matrix((60, 5), move |(row, column)| {
                if column == at {
                    label(row)
                } else {
                    wave((row, column))
                }
            })
        };
        for (features, expected) in [
            (with(4, |row| (row % 3) as f64), Some("column 5")),
            (with(0, |row| (row / 20 + 1) as f64), Some("column 1")),
            // In the middle; gaps; few rows of each; fractions; numbers beside numbers.
            (with(2, |row| (row % 3) as f64), None),
            (with(4, |row| (row % 3 * 2) as f64), None),
            (with(4, |row| (row % 30) as f64), None),
            (matrix((60, 5), wave), None),
            (
                matrix((60, 5), |(row, column)| ((row + column) % 3) as f64),
                None,
            ),
            (matrix((60, 1), |(row, _)| (row % 3) as f64), None),
        ] {
            let found = label_among(&features);
            assert_eq!(found.is_some(), expected.is_some(), "{found:?}");
            assert!(
                found
                    .unwrap_or_default()
                    .contains(expected.unwrap_or_default())
            );
        }
    }

    #[test]
    fn distances_and_correlations_are_said() {
        let distance = |(a, b): (usize, usize)| ((a * a) as f64 - (b * b) as f64).abs();
        let found = between_samples(&matrix((8, 8), distance));
        assert!(found.is_some_and(|note| note.contains("distances")));
        let correlation = |(a, b): (usize, usize)| if a == b { 1.0 } else { -0.1 * (a + b) as f64 };
        let found = between_samples(&matrix((8, 8), correlation));
        assert!(found.is_some_and(|note| note.contains("correlations")));
        let found = between_samples(&matrix((8, 8), |at| distance(at) + 0.5));
        assert!(found.is_some_and(|note| note.contains("covariances")));
        let skew = |(a, b): (usize, usize)| a as f64 - b as f64;
        for other in [
            matrix((8, 8), skew),
            matrix((8, 7), distance),
            matrix((4, 4), distance),
            matrix((8, 8), |_| 0.0),
            matrix((8, 8), |at| 1e-9 * skew(at)),
        ] {
            assert_eq!(between_samples(&other), None);
        }
    }
}
