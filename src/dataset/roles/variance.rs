//! A remark on features whose values are so much larger than the others' that only they count.

use super::columns::Uses;
use super::labels::option;
use super::look::Look;
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::{first as listed, percent_with};

/// The share of the variance is that of the mean squared distance between two samples. With this one, all other
/// columns together make no more than a tenth of it.
const MOST_OF_IT: f64 = 0.9;
/// With this share, columns decide the distances almost alone.
const NEARLY_ALL: f64 = 0.99;
/// A larger share would be rounded to all of it.
const ALMOST_ONE: f64 = 0.999;
/// Columns that are named together.
const MOST_TOGETHER: usize = 3;
/// Columns from which it is no accident that the variance falls from each to the next, as that of components does.
const LEAST_COMPONENTS: usize = 5;

/// The few features, if there are such, that the distances depend on.
pub(super) fn dominant(look: &Look, uses: &Uses) -> Option<String> {
    let is_feature = |c: &usize| matches!(uses[*c], Some((ColumnUse::Features, _)));
    let mut features: Vec<usize> = (0..uses.len()).filter(is_feature).collect();
    let variance = |c: usize| look.columns[c].evidence.variance;
    let total: f64 = features.iter().map(|&c| variance(c)).sum();
    let falls = |w: &[usize]| variance(w[0]) >= variance(w[1]);
    let are_components = features.len() >= LEAST_COMPONENTS && features.windows(2).all(falls);
    features.sort_by(|&a, &b| variance(b).total_cmp(&variance(a)));
    let share = |count: usize| features[..count].iter().map(|&c| variance(c)).sum::<f64>() / total;
    let few = |least: f64| {
        let mut counts = (1..=MOST_TOGETHER).take_while(|count| 2 * count < features.len());
        counts.find(|&count| share(count) > least)
    };
    let count = match features.len() {
        0 | 1 => None,
        _ if share(1) > NEARLY_ALL => Some(1),
        _ if are_components => None,
        _ => few(NEARLY_ALL).or_else(|| few(MOST_OF_IT)),
    }?;
    let names = listed(&features[..count], count, |&c| {
        printable(&look.columns[c].name)
    });
    let said = match share(count) {
        nearly if nearly > ALMOST_ONE => format!("over {}", percent_with(Some(ALMOST_ONE), 1)),
        share => percent_with(Some(share), 1),
    };
    let depend = if share(count) > NEARLY_ALL {
        "almost only"
    } else {
        "mostly"
    };
    let columns: Vec<&str> = features[..count]
        .iter()
        .map(|&c| look.columns[c].name.as_str())
        .collect();
    let leave_out = option("--not-features", &columns);
    Some(if count == 1 {
        format!(
            "{names} has {said} of the variance, so distances depend {depend} on it: scale the columns, or leave it \
             out with {leave_out}"
        )
    } else {
        format!(
            "{names} have {said} of the variance together, so distances depend {depend} on them: scale the columns, \
             or leave them out with {leave_out}"
        )
    })
}
