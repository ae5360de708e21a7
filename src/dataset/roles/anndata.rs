//! AnnData (`.h5ad`): which of its matrices are the features, and what its labels could be.
//!
//! In: an archive with `X`, `obsm/…` and `obs/…`. Out: the array to use, its values where they had
//! to be read for that, and notes on the others.

use super::evidence::Evidence;
use super::naming::{Hint, hint};
use super::role::Roles;
use crate::dataset::column::{ColumnKind, Matrix};
use crate::dataset::formats::Contents;
use crate::error::printable;
use crate::text::first;

/// Matrices with fewer columns are maps.
const LEAST_AXES: usize = 4;
/// Members that are listed.
const MOST_LISTED: usize = 5;

/// Takes the principal components instead of `X` if that holds raw counts, in which distances show
/// little but the number of molecules of a cell; otherwise says what there is beside `X`.
pub(super) fn choose_features(contents: &mut Contents<'_>, roles: &mut Roles) {
    let [x] = *roles.features else {
        return;
    };
    let rows = contents.columns[x].shape.first().copied();
    let is_other = |c: &usize| {
        let column = &contents.columns[*c];
        let axes = column.shape.get(1).is_some_and(|&axes| axes >= LEAST_AXES);
        let is_usable = column.is_matrix() && column.refusal.is_none();
        column.name.starts_with("obsm/")
            && is_usable
            && axes
            && column.shape.first() == rows.as_ref()
    };
    let others: Vec<usize> = (0..contents.columns.len()).filter(is_other).collect();
    if contents.columns[x].name != "X" || others.is_empty() {
        return;
    }
    let file = printable(contents.file());
    let described = |c: &usize| {
        let column = &contents.columns[*c];
        format!(
            "{} ({})",
            printable(&column.name),
            printable(&column.description)
        )
    };
    let listed = first(&others, MOST_LISTED, described);
    let components = others
        .iter()
        .find(|c| contents.columns[**c].stem() == "X_pca");
    if let Some(&components) = components {
        // What does not fit into memory is no better.
        let values = contents.matrix(&[x]).ok().filter(|x| !are_counts(x));
        if values.is_none() {
            roles.features = vec![components];
            roles.notes.push(format!(
                "X holds raw counts, so the principal components obsm/X_pca are the features; to use \
                 X, name it: {file}:X"
            ));
            return;
        }
        roles.matrix = values;
    }
    let example = printable(&contents.columns[*components.unwrap_or(&others[0])].name);
    roles.notes.push(format!(
        "X is used as features; there is also {listed}, for example as {file}:{example}"
    ));
}

/// Whole numbers, none of them negative.
fn are_counts(values: &Matrix) -> bool {
    let is_count = |value: f64| value >= 0.0 && value.fract() == 0.0;
    let columns = 0..values.columns();
    (0..values.rows()).all(|row| columns.clone().all(|c| is_count(values.value(row, c))))
}

/// A note on the columns of `obs` that could be the labels.
pub(super) fn about_labels(contents: &mut Contents<'_>) -> Option<String> {
    let mut possible = Vec::new();
    for column in 0..contents.columns.len() {
        let found = &contents.columns[column];
        let name = printable(&found.name);
        let is_text = found.kind == ColumnKind::Text && found.refusal.is_none();
        let is_metadata = hint(found.stem()) == Hint::Metadata;
        if is_text && name.starts_with("obs/") && !is_metadata {
            let evidence = Evidence::of_text(&contents.text(column).ok()?);
            if evidence.could_be_classes() {
                possible.push(name);
            }
        }
    }
    let file = printable(contents.file());
    let example = possible.first()?;
    Some(format!(
        "no labels were recognized; they could be {}: for example `--labels {file}:{example}`",
        first(&possible, MOST_LISTED, String::clone)
    ))
}
