//! Columns that belong together: one-hot labels, and probabilities of classes.

use std::collections::HashMap;

use super::columns::Uses;
use super::evidence::Kind;
use super::look::Look;
use super::naming::{LABELS, plain};
use crate::dataset::column_role::ColumnUse;

/// More columns of 0 and 1 are features.
const MOST_CLASSES: usize = 100;
/// Sums of rows may differ from 1 by this much.
const SUM_TOLERANCE: f64 = 1e-2;

/// Whether columns hold a single 1 in each row, and otherwise 0.
pub(super) fn is_one_hot(look: &Look, columns: &[usize]) -> bool {
    columns.iter().all(|&c| is_binary(look, c)) && sum_to_one(look, columns)
}

fn is_binary(look: &Look, column: usize) -> bool {
    let evidence = &look.columns[column].evidence;
    evidence.kind == Kind::Whole && evidence.least >= 0.0 && evidence.largest <= 1.0
}

/// Features of one beginning, `kind_a`, `kind_b` …, with a single 1 in each row: the beginnings.
pub(super) fn one_hot_features(look: &Look, uses: &Uses) -> Vec<String> {
    let is_feature = |c: usize| matches!(uses[c], Some((ColumnUse::Features, _)));
    let columns = (0..uses.len()).filter(|&c| is_feature(c) && is_binary(look, c));
    let mut blocks: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for column in columns {
        let Some((start, _)) = look.columns[column].name.rsplit_once('_') else {
            continue;
        };
        let place = *places.entry(start).or_insert(blocks.len());
        if place == blocks.len() {
            blocks.push((start, Vec::new()));
        }
        blocks[place].1.push(column);
    }
    let is_block = |(start, block): &(&str, Vec<usize>)| {
        !start.is_empty() && (2..=MOST_CLASSES).contains(&block.len()) && sum_to_one(look, block)
    };
    let blocks = blocks.into_iter().filter(is_block);
    blocks.map(|(start, _)| start.to_owned()).collect()
}

/// Columns called `label_a`, `label_b` … with a single 1 in each row.
pub(super) fn one_hot_labels(look: &Look, uses: &mut Uses) -> Option<Vec<usize>> {
    let starts = |c: usize, prefix: &str| {
        let plain = plain(&look.columns[c].name);
        plain
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    let block = LABELS.iter().find_map(|prefix| {
        let columns: Vec<usize> = (0..uses.len())
            .filter(|&c| starts(c, prefix) && is_binary(look, c))
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
    let places: Vec<usize> = columns.iter().filter_map(|&c| look.place(c)).collect();
    let value = |row: usize, at: &usize| look.matrix.value(row, *at);
    let sums = (0..look.rows).map(|row| places.iter().map(|at| value(row, at)).sum::<f64>());
    sums.map(|sum| (sum - 1.0).abs())
        .all(|off| off < SUM_TOLERANCE)
}
