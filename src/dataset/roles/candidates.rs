//! The columns of a table that could be the label, the likeliest first.
//!
//! In: columns with their uses. Out: [`Candidate`]s, ordered by what their names and places say. Names of
//! labels come first, then the last and the first column; the columns that encode one column as 0 and 1
//! are one candidate at most, and come last.

use super::blocks::{Block, one_hot_features};
use super::columns::Uses;
use super::evidence::{Evidence, Kind, Order};
use super::look::{Look, Looked};
use super::naming::{Hint, is_outcome, plain};
use crate::dataset::column_role::{ColumnUse, ONE_CLASS};
use crate::error::printable;

/// Why a column of text is the label, if nothing else says so.
pub(super) const ONLY_TEXT: &str = "the only column of text that repeats";
/// Values of a column of numbers that is proposed as the label.
const MOST_PROPOSED: usize = 20;
/// Values of the first or last column, if it numbers classes or the rows are sorted by it.
const MOST_AT_END: usize = 200;
/// Rows on average of a class whose number is proposed.
const LEAST_OF_CLASS: usize = 5;
/// Values of the first or last column that is proposed before others.
const FEW: usize = 10;
/// Different words of a column that is proposed before others.
const MOST_WORDS: usize = 50;
/// More columns that only their few numbers propose are features, such as pixels.
const MOST_OTHERS: usize = 10;
/// Columns among them that are still proposed if only their range is another.
const MOST_UNLIKE: usize = 3;

/// What could be the label.
pub(super) enum Candidate {
    Column(usize),
    /// One-hot columns.
    Block(Block),
}

impl Candidate {
    pub(super) const fn column(&self) -> Option<usize> {
        match self {
            Self::Column(column) => Some(*column),
            Self::Block(_) => None,
        }
    }

    /// How an option names it.
    pub(super) fn option(&self, look: &Look) -> String {
        match self {
            Self::Column(column) => look.columns[*column].name.clone(),
            Self::Block(block) => block.option(look),
        }
    }

    pub(super) fn described(&self, look: &Look) -> String {
        match self {
            Self::Column(column) => described(look, *column),
            Self::Block(block) => block.described(look),
        }
    }
}

/// A column with the number of its values.
pub(super) fn described(look: &Look, column: usize) -> String {
    let column = &look.columns[column];
    let values = column.evidence.distinct;
    format!("{} ({values} values)", printable(&column.name))
}

/// What proposes a column, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A usual name of labels.
    Named,
    /// A name that features may have, too.
    PerhapsNamed,
    /// Yes or no, by its name.
    Flag,
    Last,
    First,
    Other,
    OneHot,
    /// Nothing: it describes groups of samples.
    Group,
}

/// What a column's name and place propose.
pub(super) fn rank(look: &Look, uses: &Uses, column: usize) -> Rank {
    let Looked {
        hint,
        evidence,
        is_encoded,
        ..
    } = &look.columns[column];
    let has_few = match evidence.kind {
        Kind::Text(_) => evidence.distinct <= MOST_WORDS,
        _ => evidence.distinct <= FEW || is_numbered(evidence),
    };
    match hint {
        Hint::Label => Rank::Named,
        Hint::PerhapsLabel => Rank::PerhapsNamed,
        Hint::Flag if evidence.distinct == 2 => Rank::Flag,
        _ if *is_encoded => Rank::OneHot,
        _ if !has_few => Rank::Other,
        _ if last(uses) == Some(column) => Rank::Last,
        _ if first(uses) == Some(column) => Rank::First,
        _ => Rank::Other,
    }
}

/// The first column that does not identify the rows.
fn first(uses: &Uses) -> Option<usize> {
    (0..uses.len()).find(|&c| !identifies(uses, c))
}

fn last(uses: &Uses) -> Option<usize> {
    (0..uses.len()).rfind(|&c| !identifies(uses, c))
}

fn identifies(uses: &Uses, column: usize) -> bool {
    matches!(uses[column], Some((ColumnUse::Index | ColumnUse::Ids, _)))
}

/// The candidates of a table in which no label was recognized: columns of whole numbers, and one-hot
/// columns.
pub(super) fn of(look: &Look, uses: &Uses) -> Vec<Candidate> {
    let blocks = one_hot_features(look, uses);
    let groups: Vec<usize> = (0..uses.len()).filter(|&c| is_group(look, c)).collect();
    let rank_of = |c: usize| {
        let by_name = rank(look, uses, c);
        let is_named = by_name <= Rank::PerhapsNamed;
        // Sorted labels look like numbers of groups.
        let is_last_number = by_name == Rank::Last && is_numbered(&look.columns[c].evidence);
        let is_sorted = is_grouping(&look.columns[c].evidence) || groups.contains(&c);
        let describes_groups = is_sorted && !is_last_number || is_constant_within(look, &groups, c);
        if describes_groups && !is_named {
            Rank::Group
        } else {
            by_name
        }
    };
    let is_possible = |c: &usize| {
        let is_in_block = blocks.iter().any(|block| block.columns.contains(c));
        could_be(look, uses, *c) && !is_in_block
    };
    let possible = (0..uses.len()).filter(is_possible);
    let mut ranked: Vec<(Rank, Candidate)> = possible
        .map(|c| (rank_of(c), Candidate::Column(c)))
        .collect();
    let of_rank_other =
        |(rank, candidate): &(Rank, Candidate)| candidate.column().filter(|_| *rank == Rank::Other);
    let others: Vec<usize> = ranked.iter().filter_map(of_rank_other).collect();
    if others.len() > MOST_OTHERS {
        let unlike = unlike_the_rest(look, &others);
        ranked.retain(|each| of_rank_other(each).is_none_or(|c| unlike.contains(&c)));
    }
    let of_block = |block: Block| {
        let rank = match block.hint() {
            Hint::Label => Rank::Named,
            _ => Rank::OneHot,
        };
        (rank, Candidate::Block(block))
    };
    ranked.extend(blocks.into_iter().map(of_block));
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The few columns whose numbers have another range than most: a class beside the answers of a questionnaire.
fn unlike_the_rest(look: &Look, columns: &[usize]) -> Vec<usize> {
    let range = |c: usize| {
        let Evidence { least, largest, .. } = look.columns[c].evidence;
        (least.to_bits(), largest.to_bits())
    };
    let alike = |&c: &usize| columns.iter().filter(|&&d| range(d) == range(c)).count();
    let most = columns.iter().map(alike).max().unwrap_or(0);
    let has_other = |c: &usize| alike(c) < most;
    let unlike: Vec<usize> = columns.iter().copied().filter(has_other).collect();
    if unlike.len() <= MOST_UNLIKE {
        unlike
    } else {
        Vec::new()
    }
}

/// Whether a column could be a label of whole numbers.
fn could_be(look: &Look, uses: &Uses, column: usize) -> bool {
    let Looked {
        hint,
        evidence,
        is_encoded,
        ..
    } = &look.columns[column];
    let is_named = matches!(hint, Hint::Label | Hint::PerhapsLabel);
    let is_used = match &uses[column] {
        Some((ColumnUse::Features, _)) => true,
        Some((ColumnUse::Metadata, _)) => {
            !matches!(hint, Hint::Metadata | Hint::Id) && is_grouping(evidence)
        }
        _ => false,
    };
    // Labels stand in the first or last column; sorted ones look like numbers of groups.
    let is_at_end = [first(uses), last(uses)].contains(&Some(column));
    let is_sorted = matches!(evidence.order, Order::Groups { .. } | Order::Monotone);
    let most_values = if is_at_end && (is_sorted || is_numbered(evidence)) {
        MOST_AT_END
    } else {
        MOST_PROPOSED
    };
    let is_numeric = evidence.kind == Kind::Whole && evidence.distinct <= most_values;
    is_used
        && evidence.could_be_classes()
        && (is_named || *hint == Hint::Flag || !is_encoded)
        && (is_named || is_numeric)
}

/// Columns of numbers that are called labels, but are features beside the label of a table; and those that number
/// classes, the last column first, if nothing but its text chose the label, or it has one class. `is_chosen` says that the user named
/// the label: then those that outcomes are called, and the last column.
pub(super) fn beside_label(look: &Look, uses: &Uses, is_chosen: bool) -> Vec<usize> {
    let is_guess =
        |(_, reason): &(ColumnUse, String)| [ONLY_TEXT, ONE_CLASS].contains(&reason.as_str());
    let is_guess = uses.iter().flatten().any(is_guess);
    // Beside a column x, y is a coordinate.
    let is_map = look.columns.iter().any(|c| plain(&c.name) == "x");
    let is_called = |c: usize| match look.columns[c].hint {
        Hint::Label => !(is_map && plain(&look.columns[c].name) == "y"),
        Hint::PerhapsLabel => true,
        Hint::Flag => !is_chosen || is_outcome(&look.columns[c].name),
        _ => false,
    };
    let is_last = |c: usize| rank(look, uses, c) == Rank::Last;
    let numbers_classes = |c: usize| {
        let column = &look.columns[c];
        is_numbered(&column.evidence)
            && (is_last(c) || column.evidence.distinct <= FEW && !column.is_encoded)
    };
    let is_feature = |c: usize| matches!(uses[c], Some((ColumnUse::Features, _)));
    let could_be = |&c: &usize| is_feature(c) && could_be(look, uses, c);
    let (mut found, mut others): (Vec<usize>, Vec<usize>) = (0..uses.len())
        .filter(could_be)
        .partition(|&c| is_called(c));
    others.retain(|&c| numbers_classes(c));
    let are_many = others.len() > MOST_OTHERS;
    // Tables put labels last, also those of another question.
    let is_likely = |&c: &usize| {
        if is_chosen {
            is_last(c) && look.columns[c].evidence.distinct <= FEW && !are_many
        } else {
            is_guess && (is_last(c) || !are_many)
        }
    };
    others.retain(is_likely);
    others.sort_by_key(|&c| !is_last(c));
    found.extend(others);
    found
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
