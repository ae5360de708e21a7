//! Columns that belong together: one-hot labels, and probabilities of classes.

use super::columns::Uses;
use super::evidence::Kind;
use super::look::Look;
use super::naming::{LABELS, plain};
use crate::dataset::column_role::ColumnUse;

/// Sums of rows may differ from 1 by this much.
const SUM_TOLERANCE: f64 = 1e-2;

/// Columns called `label_a`, `label_b` … with a single 1 in each row.
pub(super) fn one_hot_labels(look: &Look, uses: &mut Uses) -> Option<Vec<usize>> {
    let is_binary = |c: usize| {
        let evidence = &look.columns[c].evidence;
        evidence.kind == Kind::Whole && evidence.least >= 0.0 && evidence.largest <= 1.0
    };
    let starts = |c: usize, prefix: &str| {
        let plain = plain(&look.columns[c].name);
        plain
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    let block = LABELS.iter().find_map(|prefix| {
        let columns: Vec<usize> = (0..uses.len())
            .filter(|&c| starts(c, prefix) && is_binary(c))
            .filter(|&c| uses[c].is_none())
            .collect();
        (columns.len() > 1 && sum_to_one(look, &columns)).then_some(columns)
    })?;
    for &column in &block {
        uses[column] = Some((ColumnUse::Label, "a single 1 in each row".into()));
    }
    Some(block)
}

/// The columns of probabilities, if they are of several classes.
pub(super) fn probabilities(look: &Look, uses: &Uses) -> Option<Vec<usize>> {
    let is_one = |c: &usize| matches!(uses[*c], Some((ColumnUse::Probabilities, _)));
    let columns: Vec<usize> = (0..uses.len()).filter(is_one).collect();
    (columns.len() > 1 && sum_to_one(look, &columns)).then_some(columns)
}

fn sum_to_one(look: &Look, columns: &[usize]) -> bool {
    let sums = (0..look.rows).map(|row| columns.iter().map(|&c| look.value(row, c)).sum::<f64>());
    sums.map(|sum| (sum - 1.0).abs())
        .all(|off| off < SUM_TOLERANCE)
}
