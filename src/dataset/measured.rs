//! Whether numbers that are called labels are measurements: of many values that hardly repeat.

use super::column::{MISSING, Values};
use crate::error::printable;
use crate::text::word;

/// Measurements have at least so many values.
const LEAST_VALUES: usize = 20;
/// Classes of which the numbers have gaps have at least so many samples, but for a few of them.
const LEAST_SAMPLES: usize = 5;
/// Numbers from so many values on are doubtful classes if most of them have fewer samples than this.
const FEW_VALUES: usize = 5;
const FEW_SAMPLES: usize = 5;

/// A note on labels that look like measurements rather than classes; they are used only if they
/// were asked for.
pub(super) fn note(labels: &Values, place: &str, is_asked: bool) -> Option<String> {
    if !are_measured(labels) {
        return None;
    }
    let place = printable(place);
    let more = if is_asked {
        String::new()
    } else {
        format!(
            " They are not used; if they are classes, use `--labels {}`",
            word(&place)
        )
    };
    Some(if are_shares(labels) {
        format!(
            "the labels of {place} look like probabilities, not classes, since they lie between 0 and 1: make classes \
             with a threshold first, for example `labels >= 0.5`.{more}"
        )
    } else {
        format!(
            "the labels of {place} look like measurements, not classes, since they include fractions, or most \
             of the values occur in fewer than {LEAST_SAMPLES} samples: make classes of their ranges first, for example with \
             pandas.qcut.{more}"
        )
    })
}

/// A note on numbers that are used as classes although most of them are few samples'.
pub(super) fn about_counts(labels: &Values, place: &str) -> Option<String> {
    let Values::Integers(values) = labels else {
        return None;
    };
    let mut present: Vec<i128> = values.iter().copied().filter(|v| *v != MISSING).collect();
    present.sort_unstable();
    let counts: Vec<usize> = present.chunk_by(|a, b| a == b).map(<[i128]>::len).collect();
    let rare = counts.iter().filter(|&&n| n < FEW_SAMPLES).count();
    (counts.len() > FEW_VALUES && 2 * rare > counts.len()).then(|| {
        format!(
            "the labels of {} are {} different numbers, most of them of fewer than {FEW_SAMPLES} samples: if \
             they are counts or measurements, make classes of their ranges first, for example with pandas.qcut",
            printable(place),
            counts.len()
        )
    })
}

/// Whether labels are fractions from 0 to 1.
fn are_shares(labels: &Values) -> bool {
    let Values::Matrix(matrix) = labels else {
        return false;
    };
    let mut values = (0..matrix.rows()).map(|row| matrix.value(row, 0));
    values.all(|v| v.is_nan() || (0.0..=1.0).contains(&v))
}

fn are_measured(labels: &Values) -> bool {
    match labels {
        Values::Integers(values) => {
            let present = values.iter().filter(|v| **v != MISSING);
            is_measured(present.map(|&v| v as f64).collect())
        }
        Values::Matrix(matrix) if matrix.columns() == 1 => {
            is_measured((0..matrix.rows()).map(|row| matrix.value(row, 0)).collect())
        }
        _ => false,
    }
}

/// Whether numbers have fractions, or many values with gaps, most of which are few samples'.
pub(super) fn is_measured(mut values: Vec<f64>) -> bool {
    values.retain(|v| v.is_finite());
    if values.iter().any(|v| v.fract() != 0.0) {
        return true;
    }
    values.sort_unstable_by(f64::total_cmp);
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return false;
    };
    let counts: Vec<usize> = values
        .chunk_by(|a, b| a.total_cmp(b).is_eq())
        .map(<[f64]>::len)
        .collect();
    let rare = counts.iter().filter(|&&n| n < LEAST_SAMPLES).count();
    let has_gaps = last - first >= counts.len() as f64;
    // Of few rows, numbers that hardly repeat are no classes either.
    let hardly_repeat = counts.len() > FEW_VALUES && 2 * counts.len() > values.len();
    (counts.len() >= LEAST_VALUES || hardly_repeat) && 2 * rare > counts.len() && has_gaps
}
