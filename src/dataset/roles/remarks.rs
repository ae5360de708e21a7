//! Remarks on a table whose columns may have been meant otherwise.

use super::candidates::{self, Candidate, ONLY_TEXT};
use super::columns::{AMOUNTS, Uses};
use super::evidence::{Kind, Order};
use super::labels::option;
use super::look::{Look, Looked};
use super::naming::{Hint, are_samples};
use super::survival;
use super::variance::dominant;
use crate::dataset::ReadOptions;
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::{first as listed, number, pattern, word};

/// Columns that are listed.
const MOST_LISTED: usize = 5;
/// A label that was chosen only because it is text is doubtful with more classes than this, of fewer samples on average.
const MANY_CLASSES: usize = 10;
const FEW_SAMPLES: usize = 5;
/// Rows from which a sorted column is no accident.
const LEAST_ROWS: usize = 20;

/// Remarks, each with the option that changes what it says; and the names of the columns that could be
/// the label, where none was taken.
pub(super) fn of(look: &Look, uses: &Uses, options: &ReadOptions) -> (Vec<String>, Vec<String>) {
    let (mut remarks, mut possible_labels) = (Vec::new(), Vec::new());
    let lacks_labels = lacks_labels(uses, options);
    if lacks_labels {
        let possible = candidates::of(look, uses);
        remarks.extend(proposed_labels(look, uses, &possible));
        remarks.extend(turned(look, uses).filter(|_| !options.transpose));
        possible_labels.extend(possible.iter().map(|candidate| candidate.option(look)));
    } else if options.feature_columns.is_empty() {
        remarks.extend(small_classes(look, uses));
        remarks.extend(other_labels(look, uses, options));
    }
    remarks.extend(survival::note(look, uses));
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

/// The columns that could be the label, where none was taken.
fn proposed_labels(look: &Look, uses: &Uses, possible: &[Candidate]) -> Option<String> {
    let metadata: Vec<usize> = possible
        .iter()
        .filter_map(Candidate::column)
        .filter(|&c| matches!(uses[c], Some((ColumnUse::Metadata, _))))
        .collect();
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
    let example = word(&possible.first()?.option(look));
    Some(match possible {
        [Candidate::Block(only)] => format!(
            "no label column was recognized; the columns {} hold a single 1 in each row: if they are the \
             label, use `--label-column {example}`; otherwise they are read as features",
            only.shown(look)
        ),
        [Candidate::Column(only)] => format!(
            "no label column was recognized; column {} has {} values: if it is the label, use \
             `--label-column {example}`; otherwise it is {}",
            printable(&look.columns[*only].name),
            look.columns[*only].evidence.distinct,
            if metadata.is_empty() {
                "read as a feature"
            } else {
                "metadata"
            }
        ),
        _ => format!(
            "no label column was recognized: if one of the columns {} is the label, name it, for \
             example with `--label-column {example}`; otherwise {otherwise}",
            listed(possible, MOST_LISTED, |candidate| candidate.described(look)),
        ),
    })
}

/// A label that nothing but its text chose, and that divides the samples into many small classes as names do.
fn small_classes(look: &Look, uses: &Uses) -> Option<String> {
    let is_guess = |c: &usize| matches!(&uses[*c], Some((ColumnUse::Label, r)) if r == ONLY_TEXT);
    let Looked { name, evidence, .. } = &look.columns[(0..uses.len()).find(is_guess)?];
    let (classes, samples) = (evidence.distinct, evidence.present);
    (classes > MANY_CLASSES && samples < FEW_SAMPLES * classes).then(|| {
        let each = number(Some(samples as f64 / classes as f64), 1);
        format!(
            "the label {} has {classes} classes of {each} samples each on average, and was chosen only because it is text: if \
             it names or groups the samples, leave it out with `--not-features {}`; if another column is the label, use \
             `--label-column NAME`",
            printable(name),
            pattern(name)
        )
    })
}

/// Features that are called labels, too.
fn other_labels(look: &Look, uses: &Uses, options: &ReadOptions) -> Option<String> {
    let is_chosen = options.labels.is_some() || options.label_column.is_some();
    let columns = candidates::beside_label(look, uses, is_chosen);
    let first = &look.columns[*columns.first()?].name;
    let names: Vec<&str> = columns
        .iter()
        .map(|&c| look.columns[c].name.as_str())
        .collect();
    let described = listed(&columns, MOST_LISTED, |&c| candidates::described(look, c));
    let leave_out = option("--not-features", &names);
    Some(match (columns.len(), is_chosen) {
        (1, true) => format!(
            "{described} is read as a feature: if it is another label, leave it out with {leave_out}"
        ),
        (1, false) => format!(
            "{described} is read as a feature: if it is the label, use `--label-column {}`; if it is another \
             label, leave it out with {leave_out}",
            word(first)
        ),
        (_, true) => format!(
            "{described} are read as features: if they are other labels, leave them out with {leave_out}"
        ),
        (_, false) => format!(
            "{described} are read as features: if one of them is the label, use for example \
             `--label-column {}`; if they are other labels, leave them out with {leave_out}",
            word(first)
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
            "the table may be transposed: column {} has {} different names, one per row, and there are {} \
             columns of numbers; if rows are features, use `--transpose`",
            printable(&first.name),
            look.rows,
            features.len()
        )
    })
}
