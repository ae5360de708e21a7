//! Columns that belong together: one-hot labels, and probabilities of classes.

use std::collections::HashMap;

use super::columns::Uses;
use super::evidence::Kind;
use super::look::Look;
use super::naming::{Hint, LABELS, hint, plain};
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::first as listed;

/// More columns of 0 and 1 are features.
const MOST_CLASSES: usize = 100;
/// Columns of a block that are listed.
const MOST_LISTED: usize = 6;
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

/// Columns that hold a single 1 in each row.
pub(super) struct Block {
    /// The beginning that the names share, and the sign after it: `kind_` of `kind_a`, `kind_b` …
    start: Option<String>,
    pub(super) columns: Vec<usize>,
}

impl Block {
    /// How an option names the block: by the beginning of its names, or by all names.
    pub(super) fn option(&self, look: &Look) -> String {
        let all = || -> Vec<&str> {
            let names = self.columns.iter().map(|&c| look.columns[c].name.as_str());
            names.collect()
        };
        match self.start.as_deref() {
            Some(start) => match start.strip_suffix('_') {
                Some(start) => start.to_owned(),
                None => format!("{start}*"),
            },
            None => all().join(","),
        }
    }

    /// What its name hints at.
    pub(super) fn hint(&self) -> Hint {
        self.start.as_deref().map_or(Hint::None, hint)
    }

    /// How people name it.
    pub(super) fn shown(&self, look: &Look) -> String {
        match &self.start {
            Some(start) => format!("{}…", printable(start)),
            None => listed(&self.columns, MOST_LISTED, |&c| {
                printable(&look.columns[c].name)
            }),
        }
    }

    /// How people name it among other columns.
    pub(super) fn described(&self, look: &Look) -> String {
        let count = self.columns.len();
        let shown = match (&self.start, self.columns.as_slice()) {
            (None, [first, .., last]) => {
                let name = |c: usize| printable(&look.columns[c].name);
                format!("{} … {}", name(*first), name(*last))
            }
            _ => self.shown(look),
        };
        format!("{shown} ({count} one-hot columns)")
    }
}

/// The blocks among the features.
pub(super) fn one_hot_features(look: &Look, uses: &Uses) -> Vec<Block> {
    one_hot(look, |c| matches!(uses[c], Some((ColumnUse::Features, _))))
}

/// The other columns of the block that a label of 0 and 1 is part of.
pub(super) fn sisters(look: &Look, uses: &Uses, label: usize) -> Vec<usize> {
    let blocks = one_hot(look, |c| c == label || uses[c].is_none());
    let own = blocks
        .into_iter()
        .find(|block| block.columns.contains(&label));
    let mut columns = own.map_or(Vec::new(), |block| block.columns);
    columns.retain(|&c| c != label);
    columns
}

/// The blocks among some columns: those of one beginning, then those that lie side by side.
fn one_hot(look: &Look, is_among: impl Fn(usize) -> bool) -> Vec<Block> {
    let is_possible = |&c: &usize| is_among(c) && is_binary(look, c);
    let columns: Vec<usize> = (0..look.columns.len()).filter(is_possible).collect();
    let mut found = named_alike(look, &columns);
    let is_left = |c: &usize| found.iter().all(|block| !block.columns.contains(c));
    let left: Vec<usize> = columns.into_iter().filter(is_left).collect();
    found.extend(side_by_side(look, &left));
    found
}

/// Marks the columns that encode one column of text: of 0 and 1, with names of the same beginning, and
/// never two 1s in a row. What follows the beginning is a value, and hints at nothing; but two columns
/// with names of labels may exclude each other by chance.
pub(super) fn mark_encoded(look: &mut Look) {
    let is_possible = |&c: &usize| is_binary(look, c);
    let columns: Vec<usize> = (0..look.columns.len()).filter(is_possible).collect();
    let is_encoding = |(start, block): &(&str, Vec<usize>)| {
        block.len() > 1 && !["is_", "has_"].contains(start) && never_two(look, block)
    };
    let is_label = |start: &str| matches!(hint(start), Hint::Label | Hint::PerhapsLabel);
    let blocks = with_start(look, &columns).into_iter().filter(is_encoding);
    let of = |(start, block): (&str, Vec<usize>)| {
        let may_be_labels = block.len() == 2 || is_label(start);
        block.into_iter().map(move |c| (c, may_be_labels))
    };
    let encoded: Vec<(usize, bool)> = blocks.flat_map(of).collect();
    for (column, may_be_label) in encoded {
        let column = &mut look.columns[column];
        column.is_encoded = true;
        let is_of_value = match column.hint {
            Hint::Id | Hint::Metadata => true,
            Hint::PerhapsLabel => !may_be_label,
            _ => false,
        };
        if is_of_value {
            column.hint = Hint::None;
        }
    }
}

/// Whether no row has two 1s.
fn never_two(look: &Look, columns: &[usize]) -> bool {
    let mut has_one = vec![false; look.rows];
    let mut places = columns.iter().filter_map(|&c| look.place(c));
    places.all(|place| {
        let mut rows = has_one.iter_mut().enumerate();
        rows.all(|(row, has_one)| {
            let is_one = look.matrix.value(row, place) > 0.5;
            let is_first = !(*has_one && is_one);
            *has_one |= is_one;
            is_first
        })
    })
}

/// Blocks of columns whose names have the same beginning.
fn named_alike(look: &Look, columns: &[usize]) -> Vec<Block> {
    let is_block = |(_, block): &(&str, Vec<usize>)| {
        (2..=MOST_CLASSES).contains(&block.len()) && sum_to_one(look, block)
    };
    let of = |(start, columns): (&str, Vec<usize>)| Block {
        start: Some(start.to_owned()),
        columns,
    };
    let blocks = with_start(look, columns).into_iter();
    blocks.filter(is_block).map(of).collect()
}

/// The beginning of a name such as `race_white` or `race=white`, with the sign after it.
fn start(name: &str) -> Option<&str> {
    let end = name.find('=').or_else(|| name.rfind('_'))?;
    (end > 0).then(|| &name[..=end])
}

/// Columns by the beginnings of their names.
fn with_start<'a>(look: &'a Look, columns: &[usize]) -> Vec<(&'a str, Vec<usize>)> {
    let mut blocks: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for &column in columns {
        let Some(start) = start(&look.columns[column].name) else {
            continue;
        };
        let place = *places.entry(start).or_insert(blocks.len());
        if place == blocks.len() {
            blocks.push((start, Vec::new()));
        }
        blocks[place].1.push(column);
    }
    blocks
}

/// Blocks of columns that lie side by side, as `pandas.get_dummies` makes them of a column.
fn side_by_side(look: &Look, columns: &[usize]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < columns.len() {
        match block_from(look, &columns[start..]) {
            Some(length) => {
                blocks.push(Block {
                    start: None,
                    columns: columns[start..start + length].to_vec(),
                });
                start += length;
            }
            None => start += 1,
        }
    }
    blocks
}

/// How many of the first columns are a block.
fn block_from(look: &Look, columns: &[usize]) -> Option<usize> {
    let mut has_one = vec![false; look.rows];
    let mut ones = 0;
    for (length, &column) in columns.iter().enumerate().take(MOST_CLASSES) {
        let is_constant = look.columns[column].evidence.distinct < 2;
        let is_next = length == 0 || column == columns[length - 1] + 1;
        if is_constant || !is_next {
            return None;
        }
        let place = look.place(column)?;
        for (row, has_one) in has_one.iter_mut().enumerate() {
            if look.matrix.value(row, place) > 0.5 {
                if *has_one {
                    return None;
                }
                *has_one = true;
                ones += 1;
            }
        }
        if ones == look.rows {
            return (length > 0).then_some(length + 1);
        }
    }
    None
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
