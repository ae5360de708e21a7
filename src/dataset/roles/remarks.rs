//! Remarks on a table whose columns may have been meant otherwise.

use super::columns::Uses;
use super::evidence::{Evidence, Kind, Order};
use super::look::Look;
use super::naming::{Hint, are_samples};
use crate::dataset::ReadOptions;
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::percent_with;

/// A column with this share of the variance decides the distances almost alone.
const NEARLY_ALL: f64 = 0.99;
/// A larger share would be rounded to all of it.
const ALMOST_ONE: f64 = 0.999;
/// Values of a column that is proposed as the label; other columns have many times as many.
const MOST_PROPOSED: usize = 20;
const FEW: usize = 5;
/// Rows from which a sorted column is no accident.
const LEAST_ROWS: usize = 20;

/// Remarks, each with the option that changes what it says.
pub(super) fn of(look: &Look, uses: &Uses, options: &ReadOptions) -> Vec<String> {
    let mut remarks = Vec::new();
    let has_label = (uses.iter().flatten()).any(|(role, _)| *role == ColumnUse::Label);
    if !has_label && options.labels.is_none() {
        remarks.extend(proposed_label(look, uses));
        remarks.extend(turned(look, uses).filter(|_| !options.transpose));
    }
    if options.feature_columns.is_empty() {
        remarks.extend(dominant(look, uses));
        remarks.extend(rising(look, uses));
    }
    remarks
}

/// A feature that the rows are sorted by, which may number groups of samples or be a time.
fn rising(look: &Look, uses: &Uses) -> Option<String> {
    let is_sorted = |c: &usize| {
        let evidence = &look.columns[*c].evidence;
        let is_varied = evidence.kind == Kind::Fraction || evidence.distinct >= LEAST_ROWS;
        evidence.order == Order::Monotone && is_varied && look.rows >= LEAST_ROWS
    };
    let column = of_use(uses, ColumnUse::Features)
        .into_iter()
        .find(is_sorted)?;
    let name = printable(&look.columns[column].name);
    Some(format!(
        "the rows are sorted by the feature {name}: if it is a time or a group number, leave it \
         out with `--not-features {name}`"
    ))
}

fn of_use(uses: &Uses, role: ColumnUse) -> Vec<usize> {
    let fits = |c: &usize| uses[*c].as_ref().is_some_and(|(found, _)| *found == role);
    (0..uses.len()).filter(fits).collect()
}

/// The column that is most likely the label where none was taken.
fn proposed_label(look: &Look, uses: &Uses) -> Option<String> {
    let features = of_use(uses, ColumnUse::Features);
    let of = |c: usize| &look.columns[c].evidence;
    let mut values: Vec<usize> = features
        .iter()
        .map(|&c| {
            if of(c).kind == Kind::Whole {
                of(c).distinct
            } else {
                look.rows
            }
        })
        .collect();
    values.sort_unstable();
    let usual = values.get(values.len() / 2).copied().unwrap_or(0);
    let is_few = |e: &Evidence| {
        e.kind == Kind::Whole
            && e.could_be_classes()
            && e.distinct <= MOST_PROPOSED
            && FEW * e.distinct <= usual
    };
    let named = |c: &usize| {
        let hint = look.columns[*c].hint;
        matches!(hint, Hint::Label | Hint::PerhapsLabel) && of(*c).could_be_classes()
    };
    let at_ends = [features.last(), features.first()];
    let by_values = at_ends
        .into_iter()
        .flatten()
        .copied()
        .find(|&c| is_few(of(c)));
    let column = (0..uses.len()).find(named).or(by_values)?;
    let name = printable(&look.columns[column].name);
    Some(format!(
        "no label column was recognized; {name} has {} values: if it is the label, use \
         `--label-column {name}`",
        of(column).distinct
    ))
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
            "the table may be transposed: {} has {} different names, one a row, and there are {} \
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
    let name = printable(&look.columns[column].name);
    let share = match variance(column) / total {
        nearly if nearly > ALMOST_ONE => format!("over {}", percent_with(Some(ALMOST_ONE), 1)),
        share => percent_with(Some(share), 1),
    };
    (features.len() > 1).then(|| {
        format!(
            "{name} has {share} of the variance, so distances depend almost only on it: scale the \
             columns, or leave it out with `--not-features {name}`"
        )
    })
}
