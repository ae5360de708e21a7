//! Labels and class names among the arrays of an archive, where their names do not say it; weights of a
//! model.
//!
//! In: an archive and the array of its features. Out: what is taken, with a note that says so, and notes on
//! what could be meant.

use std::collections::HashSet;

use super::folders::lists_beside;
use super::naming::{Hint, hint};
use super::role::{Role, Roles};
use crate::dataset::ReadOptions;
use crate::dataset::column::{Column, is_missing};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{first as listed, word};

/// Members that are listed.
const MOST_LISTED: usize = 6;
/// The names that `numpy.savez` gives to arrays without names.
const WITHOUT_NAMES: [&str; 2] = ["arr_0", "arr_1"];
/// Ends of the names of a model's parameters in PyTorch.
const PARAMETERS: [&str; 5] = [
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "num_batches_tracked",
];

/// Takes the only list that is called as labels are, or that lies beside an array without a name, if its
/// values repeat.
pub(super) fn take_labels(contents: &mut Contents<'_>, roles: &mut Roles) -> Result<()> {
    let [features] = *roles.features else {
        return Ok(());
    };
    let Some(found) = labels(contents, &lists_beside(contents, features)) else {
        return Ok(());
    };
    let values = contents.text(found)?;
    let distinct: HashSet<&String> = values.iter().collect();
    if 2 * distinct.len() > values.len() {
        return Ok(());
    }
    let name = |c: usize| printable(&contents.columns[c].name);
    roles.notes.push(format!(
        "labels: {}, a list with a value for each row of {}",
        name(found),
        name(features)
    ));
    roles.others.push((Role::Labels, vec![found]));
    Ok(())
}

/// The only one of some lists that is called as labels are, or that lies beside an array without a name.
fn labels(contents: &Contents<'_>, lists: &[usize]) -> Option<usize> {
    let is_named = |c: &&usize| hint(contents.columns[**c].stem()) == Hint::Label;
    let named: Vec<usize> = lists.iter().filter(is_named).copied().collect();
    let names: Vec<&str> = contents.columns.iter().map(Column::stem).collect();
    match (named.as_slice(), lists) {
        (&[only], _) => Some(only),
        ([], &[only]) if names == WITHOUT_NAMES => Some(only),
        _ => None,
    }
}

/// The labels of an archive that an option names for them, where none has one of the usual names.
pub(super) fn labels_of(contents: &Contents<'_>) -> Option<usize> {
    let is_list = |&c: &usize| {
        let column = &contents.columns[c];
        column.shape.len() == 1 && Role::of_name(column).is_none() && column.refusal.is_none()
    };
    let lists: Vec<usize> = (0..contents.columns.len()).filter(is_list).collect();
    labels(contents, &lists)
}

/// A note on the arrays that may be the labels, where none was recognized.
pub(super) fn about_labels(contents: &Contents<'_>, possible: &[usize]) -> Option<String> {
    let name = |c: &usize| printable(&contents.columns[*c].name);
    let example = possible.first()?;
    let place = word(&format!(
        "{}:{}",
        contents.file(),
        contents.columns[*example].name
    ));
    Some(match possible {
        [only] => format!(
            "no labels were recognized; {} has one row per sample: if these are the labels, use `--labels {place}`",
            name(only)
        ),
        several => format!(
            "no labels were recognized; {} have one row per sample: if one of them holds the labels, name it, for \
             example `--labels {place}`",
            listed(several, MOST_LISTED, name)
        ),
    })
}

/// Makes class names of an array `names` that was taken for ids, but is as long as there are classes, or
/// leaves it out with a note.
pub(super) fn take_class_names(
    contents: &mut Contents<'_>,
    roles: &mut Roles,
    options: &ReadOptions,
) -> Result<()> {
    let rows = contents.columns[roles.features[0]].shape.first().copied();
    let of = |wanted: Role| {
        let found = roles.others.iter().position(|(role, _)| *role == wanted)?;
        Some((found, roles.others[found].1[0]))
    };
    let Some((at, names)) = of(Role::Ids) else {
        return Ok(());
    };
    let column = &contents.columns[names];
    if column.stem() != "names" || column.shape.first().copied() == rows {
        return Ok(());
    }
    let count = column.shape.first().copied().unwrap_or(0);
    let name = printable(&column.name);
    let place = word(&format!("{}:{}", contents.file(), column.name));
    let has_names = of(Role::ClassNames).is_some() || options.class_names.is_some();
    let classes = match of(Role::Labels) {
        Some((_, labels)) if !has_names => numbers_of_classes(&contents.text(labels)?),
        _ => Vec::new(),
    };
    roles.others.remove(at);
    if classes.contains(&count) {
        roles.others.push((Role::ClassNames, vec![names]));
        let note = format!("class names: {name}, which has as many values as there are classes");
        roles.notes.push(note);
    } else {
        roles.notes.push(format!(
            "{name} has {count} values for {} samples, so it is not used as ids; if it names the classes, use \
             `--class-names {place}`",
            rows.unwrap_or(0)
        ));
    }
    Ok(())
}

/// How many names fit labels: one for each that occurs, or one for each number.
fn numbers_of_classes(labels: &[String]) -> Vec<usize> {
    let present = labels
        .iter()
        .filter(|label| !is_missing(label) && *label != "-1");
    let distinct: HashSet<&String> = present.collect();
    let numbers = distinct
        .iter()
        .filter_map(|label| label.parse::<usize>().ok());
    let largest = numbers.max().map(|largest| largest + 1);
    [distinct.len()].into_iter().chain(largest).collect()
}

/// Whether an array is called as PyTorch calls a parameter of a model: `fc.weight`.
pub(super) fn is_parameter(column: &Column) -> bool {
    let parts = column.stem().rsplit_once('.');
    parts.is_some_and(|(_, last)| PARAMETERS.contains(&last))
}

/// The refusal of an archive whose arrays are the parameters of a model.
pub(super) fn parameters(contents: &Contents<'_>) -> Error {
    let found: Vec<&Column> = contents
        .columns
        .iter()
        .filter(|c| is_parameter(c))
        .collect();
    let names = listed(&found, MOST_LISTED, |c| printable(&c.name));
    let matrix = found.iter().find(|c| c.is_matrix());
    let example = matrix.map_or_else(String::new, |c| {
        let place = word(&format!("{}:{}", contents.file(), c.name));
        format!("; to show the rows of a weight matrix, name it: {place}")
    });
    Error::input(
        contents.file(),
        format!("it holds the weights of a model ({names}), not features of samples"),
        format!("save the features that the model computes{example}"),
    )
}
