//! Remarks on a table whose columns may have been meant otherwise.

use super::blocks::{Block, one_hot_features};
use super::columns::{AMOUNTS, Uses};
use super::evidence::{Evidence, Kind, Order};
use super::look::{Look, Looked};
use super::naming::{Hint, are_samples};
use crate::dataset::ReadOptions;
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::{first as listed, pattern, percent_with, word};

/// A column with this share of the variance decides the distances almost alone.
const NEARLY_ALL: f64 = 0.99;
/// A larger share would be rounded to all of it.
const ALMOST_ONE: f64 = 0.999;
/// Values of a column of numbers that is proposed as the label.
const MOST_PROPOSED: usize = 20;
/// Values of the first or last column, if it numbers classes or the rows are sorted by it.
const MOST_AT_END: usize = 200;
/// Rows on average of a class whose number is proposed.
const LEAST_OF_CLASS: usize = 5;
/// Values of the first or last column that is proposed before others.
const FEW: usize = 10;
/// The rank of columns that only their few numbers propose.
const OTHER: usize = 4;
/// More such columns are features, such as pixels.
const MOST_OTHERS: usize = 10;
/// The rank of columns that describe groups of samples.
const LAST: usize = 5;
/// Columns that are listed.
const MOST_LISTED: usize = 5;
/// Rows from which a sorted column is no accident.
const LEAST_ROWS: usize = 20;

/// Remarks, each with the option that changes what it says; and the names of the columns that could be
/// the label, where none was taken.
pub(super) fn of(look: &Look, uses: &Uses, options: &ReadOptions) -> (Vec<String>, Vec<String>) {
    let (mut remarks, mut possible_labels) = (Vec::new(), Vec::new());
    let lacks_labels = lacks_labels(uses, options);
    if lacks_labels {
        let blocks = one_hot_features(look, uses);
        let columns = label_like(look, uses, &blocks);
        remarks.extend(one_hot(look, &blocks));
        remarks.extend(proposed_labels(look, uses, &columns));
        remarks.extend(turned(look, uses).filter(|_| !options.transpose));
        possible_labels.extend(blocks.iter().map(|block| block.option(look)));
        possible_labels.extend(columns.into_iter().map(|c| look.columns[c].name.clone()));
    }
    if options.feature_columns.is_empty() {
        remarks.extend(amounts(look, uses));
        remarks.extend(dominant(look, uses));
        remarks.extend(rising(look, uses, lacks_labels));
    }
    (remarks, possible_labels)
}

/// Whether neither the table nor another file has labels.
fn lacks_labels(uses: &Uses, options: &ReadOptions) -> bool {
    let is_label = |(role, _): &(ColumnUse, String)| *role == ColumnUse::Label;
    options.labels.is_none() && !uses.iter().flatten().any(is_label)
}

/// A feature that the rows are sorted by, which may number groups of samples or be a time.
fn rising(look: &Look, uses: &Uses, lacks_labels: bool) -> Option<String> {
    let is_sorted = |c: &usize| {
        let evidence = &look.columns[*c].evidence;
        let is_varied = evidence.kind == Kind::Fraction || evidence.distinct >= LEAST_ROWS;
        evidence.order == Order::Monotone && is_varied && look.rows >= LEAST_ROWS
    };
    let column = of_use(uses, ColumnUse::Features)
        .into_iter()
        .find(is_sorted)?;
    let Looked { name, evidence, .. } = &look.columns[column];
    let is_possible = lacks_labels && evidence.could_be_classes();
    Some(format!(
        "the rows are sorted by the feature {}: if it is a time or a group number, leave it out \
         with `--not-features {}`{}",
        printable(name),
        pattern(name),
        if is_possible {
            format!("; if it is the label, use `--label-column {}`", word(name))
        } else {
            String::new()
        }
    ))
}

fn of_use(uses: &Uses, role: ColumnUse) -> Vec<usize> {
    let fits = |c: &usize| uses[*c].as_ref().is_some_and(|(found, _)| *found == role);
    (0..uses.len()).filter(fits).collect()
}

/// Columns that could be a one-hot label.
fn one_hot(look: &Look, blocks: &[Block]) -> Option<String> {
    let first = blocks.first()?;
    Some(format!(
        "the columns {} hold a single 1 in each row: if they are the label, name it, for example \
         with `--label-column {}`",
        listed(blocks, MOST_LISTED, |block| block.shown(look)),
        word(&first.option(look))
    ))
}

/// Columns of whole numbers that could be the label, the likeliest first: those with a name of
/// labels, the last one, the first one, the others. `blocks` are those of one-hot columns.
fn label_like(look: &Look, uses: &Uses, blocks: &[Block]) -> Vec<usize> {
    let is_one_hot = |c: &usize| blocks.iter().any(|block| block.columns.contains(c));
    // Labels stand in the first or last column; sorted ones look like numbers of groups.
    let is_at_end = |c: usize| c == 0 || c + 1 == uses.len();
    let most_values = |c: usize| {
        let evidence = &look.columns[c].evidence;
        let is_sorted = matches!(evidence.order, Order::Groups { .. } | Order::Monotone);
        let is_likely = is_sorted || is_numbered(evidence);
        if is_likely && is_at_end(c) {
            MOST_AT_END
        } else {
            MOST_PROPOSED
        }
    };
    let could_be = |c: &usize| {
        let Looked { hint, evidence, .. } = &look.columns[*c];
        let is_named = matches!(hint, Hint::Label | Hint::PerhapsLabel);
        let is_used = |(role, _): &(ColumnUse, String)| match role {
            ColumnUse::Features => true,
            ColumnUse::Metadata => {
                !matches!(hint, Hint::Metadata | Hint::Id) && is_grouping(evidence)
            }
            _ => false,
        };
        uses[*c].as_ref().is_some_and(is_used)
            && evidence.could_be_classes()
            && !is_one_hot(c)
            && (is_named || evidence.kind == Kind::Whole && evidence.distinct <= most_values(*c))
    };
    let groups: Vec<usize> = (0..uses.len()).filter(|&c| is_group(look, c)).collect();
    let rank = |c: usize| {
        let Looked { hint, evidence, .. } = &look.columns[c];
        match hint {
            Hint::Label => 0,
            Hint::PerhapsLabel => 1,
            _ if is_grouping(evidence)
                || groups.contains(&c)
                || is_constant_within(look, &groups, c) =>
            {
                LAST
            }
            _ if evidence.distinct > FEW && !(is_at_end(c) && is_numbered(evidence)) => OTHER,
            _ if c + 1 == uses.len() => 2,
            _ if c == 0 => 3,
            _ => OTHER,
        }
    };
    let possible = (0..uses.len()).filter(could_be);
    let mut ranked: Vec<(usize, usize)> = possible.map(|c| (rank(c), c)).collect();
    ranked.sort_unstable();
    if ranked.iter().filter(|(rank, _)| *rank == OTHER).count() > MOST_OTHERS {
        ranked.retain(|(rank, _)| *rank != OTHER);
    }
    ranked.into_iter().map(|(_, c)| c).collect()
}

/// Whether whole numbers count classes from 0 or 1 without gaps.
fn is_numbered(evidence: &Evidence) -> bool {
    let is_from_start = (0.0..=1.0).contains(&evidence.least);
    let has_gaps = evidence.largest - evidence.least + 1.5 > (evidence.distinct + 1) as f64;
    let are_many = evidence.present >= LEAST_OF_CLASS * evidence.distinct;
    evidence.kind == Kind::Whole && is_from_start && !has_gaps && are_many
}

/// Whether a column numbers groups of rows that lie together.
fn is_group(look: &Look, column: usize) -> bool {
    let evidence = &look.columns[column].evidence;
    let is_sorted = matches!(evidence.order, Order::Groups { .. } | Order::Monotone);
    let is_many = evidence.distinct >= FEW && 2 * evidence.distinct <= evidence.present;
    evidence.kind == Kind::Whole && is_sorted && is_many
}

/// Whether a column changes only where one of these groups does: it describes groups, not samples.
fn is_constant_within(look: &Look, groups: &[usize], column: usize) -> bool {
    let Some(own) = look.place(column) else {
        return false;
    };
    let is_same = |row: usize, place: usize| {
        let value = |row| look.matrix.value(row, place);
        value(row).total_cmp(&value(row + 1)).is_eq()
    };
    let places = groups.iter().filter(|&&g| g != column);
    let mut places = places.filter_map(|&group| look.place(group));
    places.any(|group| (0..look.rows - 1).all(|row| !is_same(row, group) || is_same(row, own)))
}

fn is_grouping(evidence: &Evidence) -> bool {
    matches!(evidence.order, Order::Groups { .. } | Order::Counted { .. })
}

/// The columns that could be the label, where none was taken.
fn proposed_labels(look: &Look, uses: &Uses, possible: &[usize]) -> Option<String> {
    let is_metadata = |c: &usize| matches!(uses[*c], Some((ColumnUse::Metadata, _)));
    let metadata: Vec<usize> = possible.iter().copied().filter(is_metadata).collect();
    let otherwise = match metadata.len() {
        0 => "they are read as features".into(),
        all if all == possible.len() => "they are metadata".into(),
        some => format!(
            "{} {} metadata, and the others are read as features",
            listed(&metadata, MOST_LISTED, |&c| printable(
                &look.columns[c].name
            )),
            if some == 1 { "is" } else { "are" }
        ),
    };
    let described = |&c: &usize| {
        let column = &look.columns[c];
        let values = column.evidence.distinct;
        format!("{} ({values} values)", printable(&column.name))
    };
    Some(match possible {
        [] => return None,
        [only] => format!(
            "no label column was recognized; {} has {} values: if it is the label, use \
             `--label-column {}`; otherwise it is {}",
            printable(&look.columns[*only].name),
            look.columns[*only].evidence.distinct,
            word(&look.columns[*only].name),
            if metadata.is_empty() {
                "read as a feature"
            } else {
                "metadata"
            }
        ),
        [first, ..] => format!(
            "no label column was recognized: if one of the columns {} is the label, name it, for \
             example with `--label-column {}`; otherwise {otherwise}",
            listed(possible, MOST_LISTED, described),
            word(&look.columns[*first].name)
        ),
    })
}

/// Columns of text that would be features if they were written otherwise.
fn amounts(look: &Look, uses: &Uses) -> Option<String> {
    let is_amount = |c: &usize| matches!(&uses[*c], Some((_, reason)) if reason == AMOUNTS);
    let columns: Vec<usize> = (0..uses.len()).filter(is_amount).collect();
    let names = listed(&columns, MOST_LISTED, |&c| printable(&look.columns[c].name));
    (!columns.is_empty()).then(|| {
        format!(
            "{names}: numbers with $, % or thousands separators are read as text; \
             write plain numbers to use them as features"
        )
    })
}

/// Whether a table looks as if its rows were features.
fn turned(look: &Look, uses: &Uses) -> Option<String> {
    let features = of_use(uses, ColumnUse::Features);
    let names: Vec<&str> = features
        .iter()
        .map(|&c| look.columns[c].name.as_str())
        .collect();
    let first = look.columns.first()?;
    let has_names = first.evidence.is_text() && first.evidence.is_unique(look.rows);
    let is_wide = look.rows < features.len() && features.len() + 1 == look.columns.len();
    (has_names && (first.hint == Hint::Feature || are_samples(&names) || is_wide)).then(|| {
        format!(
            "the table may be transposed: {} has {} different names, one per row, and there are {} \
             columns of numbers; if rows are features, use `--transpose`",
            printable(&first.name),
            look.rows,
            features.len()
        )
    })
}

/// A feature whose values are so much larger than the others' that only it counts.
fn dominant(look: &Look, uses: &Uses) -> Option<String> {
    let features = of_use(uses, ColumnUse::Features);
    let variance = |c: usize| look.columns[c].evidence.variance;
    let total: f64 = features.iter().map(|&c| variance(c)).sum();
    let column = (features.iter().copied()).find(|&c| variance(c) > NEARLY_ALL * total)?;
    let name = &look.columns[column].name;
    let share = match variance(column) / total {
        nearly if nearly > ALMOST_ONE => format!("over {}", percent_with(Some(ALMOST_ONE), 1)),
        share => percent_with(Some(share), 1),
    };
    (features.len() > 1).then(|| {
        format!(
            "{} has {share} of the variance, so distances depend almost only on it: scale the \
             columns, or leave it out with `--not-features {}`",
            printable(name),
            pattern(name)
        )
    })
}
