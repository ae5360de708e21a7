//! Features that the label determines: copies and codes of it, which would separate the classes by
//! themselves; and features that determine the label.

use std::collections::HashMap;

use super::Labels;
use super::column::Matrix;

/// Share of the errors of a guess that knowing the label saves, from which a column counts as
/// nearly determined (Goodman and Kruskal's λ).
const NEARLY: f64 = 0.98;
/// Samples that are looked at before all are.
const SAMPLED: usize = 2000;
/// Least number of labeled samples per class for such a statement.
const LEAST_PER_CLASS: usize = 2;

/// Samples of each class from which separate ranges are no accident.
const LEAST_SEPARATED: usize = 10;

/// How a feature depends on the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Determined {
    Always,
    /// With few exceptions, and with a value of its own for each class.
    Nearly,
}

/// The features that the label determines, by column.
pub(super) fn determined(features: &Matrix, labels: &Labels) -> Vec<(usize, Determined)> {
    let labeled = labels.counts().iter().sum::<usize>();
    if labeled < LEAST_PER_CLASS * labels.classes() || labels.classes() < 2 {
        return Vec::new();
    }
    let check = |column: usize| {
        let value = |row: usize| features.value(row, column);
        let samples = || {
            let rows = 0..features.rows();
            // Adding 0 makes -0 and 0 the same.
            rows.filter_map(|row| Some((labels.class(row)?, value(row) + 0.0)))
        };
        Some((column, dependence(samples, labels.classes())?))
    };
    (0..features.columns()).filter_map(check).collect()
}

/// The first feature whose values alone tell the classes apart: their ranges do not overlap. It may be
/// what the label was made from.
pub(super) fn separating(features: &Matrix, labels: &Labels) -> Option<usize> {
    let classes = labels.classes();
    if classes < 2 || labels.counts().iter().any(|&n| n < LEAST_SEPARATED) {
        return None;
    }
    let are_apart = |column: usize, step: usize| {
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); classes];
        for row in (0..features.rows()).step_by(step) {
            if let Some(class) = labels.class(row) {
                let value = features.value(row, column);
                let (least, largest) = ranges[class];
                ranges[class] = (least.min(value), largest.max(value));
            }
        }
        ranges.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        ranges.windows(2).all(|w| w[0].1 < w[1].0)
    };
    // What overlaps in some rows needs no look at the others.
    let step = (features.rows() / SAMPLED).max(1);
    (0..features.columns()).find(|&column| are_apart(column, step) && are_apart(column, 1))
}

/// How values depend on classes.
fn dependence<I: Iterator<Item = (usize, f64)>>(
    samples: impl Fn() -> I,
    classes: usize,
) -> Option<Determined> {
    let mut own: Vec<Option<f64>> = vec![None; classes];
    let is_same =
        |(class, value): (usize, f64)| own[class].get_or_insert(value).total_cmp(&value).is_eq();
    let is_constant = samples().all(is_same);
    let mut values: Vec<f64> = own.into_iter().flatten().collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    if is_constant {
        return (values.len() > 1).then_some(Determined::Always);
    }
    let step = (samples().count() / SAMPLED).max(1);
    (is_nearly_determined(samples().step_by(step), classes)
        && is_nearly_determined(samples(), classes))
    .then_some(Determined::Nearly)
}

/// Whether there are few different values, and most samples of a class have a value of its own.
fn is_nearly_determined(samples: impl Iterator<Item = (usize, f64)>, classes: usize) -> bool {
    let mut counts: HashMap<(usize, u64), usize> = HashMap::new();
    let mut totals: HashMap<u64, usize> = HashMap::new();
    for (class, value) in samples {
        let bits = value.to_bits();
        *counts.entry((class, bits)).or_default() += 1;
        *totals.entry(bits).or_default() += 1;
        if totals.len() > 2 * classes {
            return false;
        }
    }
    let mut modes: Vec<(usize, u64)> = vec![(0, 0); classes];
    for ((class, bits), count) in counts {
        modes[class] = modes[class].max((count, bits));
    }
    let all: usize = totals.values().sum();
    let largest = totals.values().max().copied().unwrap_or(all);
    let fitting: usize = modes.iter().map(|(count, _)| count).sum();
    let mut of_classes: Vec<u64> = modes.iter().map(|(_, bits)| *bits).collect();
    of_classes.sort_unstable();
    of_classes.dedup();
    let saved = fitting.saturating_sub(largest) as f64 / (all - largest).max(1) as f64;
    of_classes.len() == classes && saved >= NEARLY
}
