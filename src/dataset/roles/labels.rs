//! The label column of a table.
//!
//! In: columns that are not decided yet. Out: the one that is the label, by its name, or because it
//! is the only one whose values repeat as classes do. Where two columns could be it, or a column of
//! numbers could as well be a feature, the user is asked.

use std::collections::HashMap;

use super::candidates::{ONLY_TEXT, Rank, rank};
use super::columns::Uses;
use super::evidence::{Kind, Order};
use super::look::{Look, Looked};
use super::naming::{Hint, LABELS, plain};
use crate::dataset::column_role::{ColumnUse, ONE_CLASS};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{first as listed, word};

/// Values of a column of numbers that may be classes without being named as such.
const MOST_NUMBERED: usize = 50;
/// Values of a last column without a name that may be the label.
const MOST_UNNAMED: usize = 10;
/// Columns that are listed.
const MOST_LISTED: usize = 6;

/// Decides which undecided column is the label. `may_ask` is false where the user said enough for
/// the table to be read without labels.
pub(super) fn choose(
    contents: &mut Contents<'_>,
    look: &Look,
    uses: &mut Uses,
    may_ask: bool,
) -> Result<Option<usize>> {
    let constant = set_constants_aside(look, uses);
    let strong = strong(look, uses);
    let candidates = if strong.is_empty() {
        let mut weak = weak(look, uses);
        if let Some(last) = last_without_name(contents, look, uses).filter(|_| !weak.is_empty()) {
            weak.push(last);
        }
        weak
    } else {
        strong
    };
    let groups = groups(contents, &candidates, look)?;
    let label = match groups.as_slice() {
        [] => {
            if let Some(label) = constant {
                uses[label] = Some((ColumnUse::Label, ONE_CLASS.into()));
            }
            return Ok(constant);
        }
        [only] => only[0],
        _ if may_ask => return Err(ask(contents, look, uses, &groups)),
        _ => return Ok(None),
    };
    let hint = look.columns[label].hint;
    let is_number = look.columns[label].evidence.kind == Kind::Whole;
    if hint == Hint::PerhapsLabel && is_number {
        return if may_ask {
            Err(ask(contents, look, uses, &groups))
        } else {
            Ok(None)
        };
    }
    let reason = match hint {
        Hint::Label => "by name",
        Hint::PerhapsLabel => "by name, and text that repeats",
        _ => ONLY_TEXT,
    };
    uses[label] = Some((ColumnUse::Label, reason.into()));
    set_aside(contents, look, uses, label)?;
    Ok(Some(label))
}

/// Makes metadata of columns that are called labels, but are the same in every row; the first of them is the label
/// if no other column can be.
pub(super) fn set_constants_aside(look: &Look, uses: &mut Uses) -> Option<usize> {
    let is_constant = |&c: &usize| look.columns[c].evidence.distinct == 1;
    let constant: Vec<usize> = (strong(look, uses).into_iter())
        .filter(is_constant)
        .collect();
    for &column in &constant {
        let reason = "called a label, but the same in every row";
        uses[column] = Some((ColumnUse::Metadata, reason.into()));
    }
    constant.first().copied()
}

/// The class names in a first line such as `150,4,setosa,versicolor,virginica`, as in scikit-learn's
/// tables: numbers of samples and features, and the classes of the last column.
pub(super) fn counted_classes(look: &Look) -> Option<Vec<String>> {
    let [rows, features, classes @ ..] = look.columns.as_slice() else {
        return None;
    };
    let last = &classes.last()?.evidence;
    let is_counted = rows.name.parse() == Ok(look.rows)
        && features.name.parse() == Ok(look.columns.len() - 1)
        && last.kind == Kind::Whole
        && last.distinct == classes.len();
    is_counted.then(|| classes.iter().map(|c| c.name.clone()).collect())
}

/// Marks the columns that hold the same classes as the label, which are no features.
pub(super) fn set_aside(
    contents: &mut Contents<'_>,
    look: &Look,
    uses: &mut Uses,
    label: usize,
) -> Result<()> {
    let mut candidates = vec![label];
    candidates.extend(strong(look, uses));
    candidates.extend(weak(look, uses));
    let groups = groups(contents, &candidates, look)?;
    let same = groups.into_iter().find(|group| group.contains(&label));
    for other in same.unwrap_or_default().into_iter().filter(|&c| c != label) {
        let role = if look.columns[other].evidence.is_text() {
            ColumnUse::Metadata
        } else {
            ColumnUse::LeftOut
        };
        let reason = format!(
            "the same classes as {}",
            printable(&look.columns[label].name)
        );
        uses[other] = Some((role, reason));
    }
    Ok(())
}

/// Columns with the usual names of labels, the most specific first.
fn strong(look: &Look, uses: &Uses) -> Vec<usize> {
    // Beside a column x, y is a coordinate.
    let is_map = look.columns.iter().any(|c| plain(&c.name) == "x");
    let rank = |c: usize| {
        LABELS
            .iter()
            .position(|name| *name == plain(&look.columns[c].name))
    };
    let mut found: Vec<(usize, usize)> = (0..uses.len())
        .filter(|&c| uses[c].is_none() && look.columns[c].evidence.kind != Kind::Fraction)
        .filter(|&c| look.columns[c].evidence.kind != Kind::Vectors)
        .filter_map(|c| Some((rank(c)?, c)))
        .filter(|&(rank, _)| LABELS[rank] != "y" || !is_map)
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, c)| c).collect()
}

/// Columns of text that repeats, and columns of numbers that repeat and may be named as labels.
fn weak(look: &Look, uses: &Uses) -> Vec<usize> {
    let fits = |&c: &usize| {
        let column = &look.columns[c];
        let is_number = column.evidence.kind == Kind::Whole;
        let is_named = column.hint == Hint::PerhapsLabel;
        uses[c].is_none()
            && column.evidence.could_be_classes()
            && (!is_number || is_named && column.evidence.distinct <= MOST_NUMBERED)
    };
    let (text, numbers): (Vec<usize>, Vec<usize>) = (0..uses.len())
        .filter(fits)
        .partition(|&c| look.columns[c].evidence.is_text());
    text.into_iter().chain(numbers).collect()
}

/// The last column of a table without names, if its numbers could be classes.
fn last_without_name(contents: &Contents<'_>, look: &Look, uses: &Uses) -> Option<usize> {
    let last = uses.len().checked_sub(1)?;
    let evidence = &look.columns[last].evidence;
    let could_be = evidence.kind == Kind::Whole
        && evidence.could_be_classes()
        && evidence.distinct <= MOST_UNNAMED;
    (!contents.has_header && uses[last].is_none() && could_be).then_some(last)
}

/// Whether a column of text has the usual name of labels.
pub(super) fn is_named(look: &Look, uses: &Uses) -> bool {
    strong(look, uses)
        .iter()
        .any(|&c| look.columns[c].evidence.is_text())
}

/// Candidates that divide the samples into the same classes, together; text first in each.
fn groups(
    contents: &mut Contents<'_>,
    candidates: &[usize],
    look: &Look,
) -> Result<Vec<Vec<usize>>> {
    let mut groups: Vec<Vec<(usize, Vec<String>)>> = Vec::new();
    for &column in candidates {
        let values = contents.text(column)?;
        match groups
            .iter_mut()
            .find(|g| are_same_classes(&g[0].1, &values))
        {
            Some(group) => group.push((column, values)),
            None => groups.push(vec![(column, values)]),
        }
    }
    let columns = |group: Vec<(usize, Vec<String>)>| {
        let mut columns: Vec<usize> = group.into_iter().map(|(column, _)| column).collect();
        columns.sort_by_key(|&c| !look.columns[c].evidence.is_text());
        columns
    };
    Ok(groups.into_iter().map(columns).collect())
}

/// Whether two columns divide the samples in the same way.
fn are_same_classes(a: &[String], b: &[String]) -> bool {
    let (mut forth, mut back) = (HashMap::new(), HashMap::new());
    a.iter().zip(b).all(|(a, b)| {
        let b = b.as_str();
        *forth.entry(a.as_str()).or_insert(b) == b && *back.entry(b).or_insert(a.as_str()) == a
    })
}

/// The refusal of a table of which it is not clear what the labels are.
fn ask(contents: &Contents<'_>, look: &Look, uses: &Uses, groups: &[Vec<usize>]) -> Error {
    let described = |&first: &usize| {
        let column = &look.columns[first];
        let kind = if column.evidence.is_text() {
            "different words"
        } else {
            "different whole numbers"
        };
        format!(
            "{} ({} {kind})",
            printable(&column.name),
            column.evidence.distinct
        )
    };
    let mut first: Vec<usize> = groups.iter().map(|group| group[0]).collect();
    if first.len() > 1 {
        first.extend(likely_numbers(look, uses, &first));
    }
    first.sort_by_key(|&c| rank(look, uses, c));
    if !contents.has_header {
        // Without names, labels mostly come last.
        first.sort_by_key(|&c| std::cmp::Reverse(c));
    }
    let described: Vec<String> = first.iter().map(described).collect();
    let first = word(&look.columns[first[0]].name);
    let problem = match described.as_slice() {
        [only] => format!("{only} may be the label or a feature"),
        several => format!(
            "{} could each be the label",
            listed(several, MOST_LISTED, String::clone)
        ),
    };
    let remedy = match described.len() {
        1 => format!("if it is the label, use `--label-column {first}`"),
        _ => format!("name the label, for example with `--label-column {first}`"),
    };
    let problem = format!(
        "{problem}; the columns of the table are {}",
        contents.headings()
    );
    let remedy = format!("{remedy}; {}", without_label(look, groups));
    Error::input(contents.file(), problem, remedy)
}

/// Columns of numbers that do not make a table unclear, but are asked about where it is: those called as
/// answers to yes or no are, and the last one.
fn likely_numbers(look: &Look, uses: &Uses, others: &[usize]) -> Vec<usize> {
    let fits = |&c: &usize| {
        let evidence = &look.columns[c].evidence;
        uses[c].is_none()
            && evidence.kind == Kind::Whole
            && evidence.could_be_classes()
            && matches!(rank(look, uses, c), Rank::Flag | Rank::Last)
    };
    let found = (0..uses.len()).filter(fits);
    found.filter(|c| !others.contains(c)).collect()
}

/// The option for a table none of whose columns is the label.
fn without_label(look: &Look, groups: &[Vec<usize>]) -> String {
    let candidates = || groups.iter().flat_map(|group| group.iter().copied());
    let name = |c: usize| look.columns[c].name.as_str();
    if candidates().all(|c| look.columns[c].evidence.is_text()) {
        let names: Vec<&str> = candidates().map(name).collect();
        return format!("if there is none, use {}", option("--not-features", &names));
    }
    let is_feature = |c: &usize| {
        let Looked { evidence, hint, .. } = &look.columns[*c];
        candidates().any(|candidate| candidate == *c)
            || evidence.order == Order::None
                && !matches!(hint, Hint::Id | Hint::Index | Hint::Metadata)
    };
    let features: Vec<usize> = look.numbers.iter().copied().filter(is_feature).collect();
    if features.len() > MOST_LISTED {
        return if features.len() == look.numbers.len() {
            "if there is none, read all numbers as features with `--features '*'`".into()
        } else {
            "if there is none, name all features in `--features`".into()
        };
    }
    let features: Vec<&str> = features.into_iter().map(name).collect();
    format!(
        "if there is none, name the features: {}",
        option("--features", &features)
    )
}

/// An option with several names.
pub(super) fn option(option: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| name.replace(',', "*")).collect();
    format!("`{option} {}`", word(&names.join(",")))
}
