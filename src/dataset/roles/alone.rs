//! What a file is for among the files of a folder: by its name, which is read like that of an array or column,
//! and by its shape.
//!
//! In: a file's contents and the name of the file without its ending. Out: [`Glance`]. Values are read only where
//! the roles of a table's columns need them.

use std::ops::Range;

use super::columns::by_itself;
use super::look::Look;
use super::naming::{Hint, hint, plain};
use super::role::Role;
use super::{archive, array, blocks, decide, of_companion};
use crate::dataset::ReadOptions;
use crate::dataset::column::{Column, ColumnKind};
use crate::dataset::formats::{Contents, Layout};
use crate::error::Result;

/// What a file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glance {
    /// `None`: neither its name nor its shape says it.
    pub(crate) role: Option<Role>,
    /// The rest of the name of what is not features: `A` of `predictions_A`.
    pub(crate) owner: String,
    /// Number of rows, if it is known.
    pub(crate) rows: Option<usize>,
    /// The arrays of an archive that are features of the same samples, if there are several.
    pub(crate) members: Vec<String>,
    /// Whether labels come with the features.
    pub(crate) has_labels: bool,
    /// Type and shape, or the format, in words.
    pub(crate) holds: String,
}

/// What a file is for.
///
/// # Errors
/// As those of reading it as features, if its name does not say that it is anything else.
pub(in crate::dataset) fn alone(contents: &mut Contents<'_>, stem: &str) -> Result<Glance> {
    let named = of_file_name(stem);
    let mut found = Glance {
        role: None,
        owner: String::new(),
        rows: None,
        members: Vec::new(),
        has_labels: false,
        holds: match contents.columns.as_slice() {
            [only] => only.description.clone(),
            _ => contents.format.to_owned(),
        },
    };
    let fitting = match named {
        Some((role, owner)) if fits(contents, role, &owner)? => Some((role, owner)),
        _ => None,
    };
    if let Some((role, owner)) = fitting {
        let columns = of_companion(contents, role, None, None)?;
        found.rows = columns.first().and_then(|&c| rows(contents, c));
        return Ok(Glance {
            role: Some(role),
            owner,
            ..found
        });
    }
    if contents.layout == Layout::Array && contents.columns[0].shape.len() == 1 {
        found.rows = rows(contents, 0);
        return Ok(found);
    }
    found.role = Some(Role::Features);
    if contents.layout == Layout::Archive {
        let (members, _) = archive::feature_sets(contents)?;
        if members.len() > 1 {
            let first = contents.column(&members[0]);
            found.rows = first.and_then(|c| rows(contents, c));
            found.has_labels = contents.named(Role::Labels.names()).is_some();
            found.members = members;
            return Ok(found);
        }
    }
    let roles = decide(contents, None, &ReadOptions::default())?;
    found.rows = roles.features.first().and_then(|&c| rows(contents, c));
    let is_labels = |(role, _): &(Role, Vec<usize>)| *role == Role::Labels;
    found.has_labels = roles.others.iter().any(is_labels);
    Ok(found)
}

fn rows(contents: &Contents<'_>, column: usize) -> Option<usize> {
    contents.columns[column].shape.first().copied()
}

/// Whether a file's shape allows the role that its name says.
fn fits(contents: &mut Contents<'_>, role: Role, owner: &str) -> Result<bool> {
    let is_archive = contents.layout == Layout::Archive;
    let has_rows = match contents.layout {
        Layout::Array => array::check(contents, 0).is_ok(),
        Layout::Table => contents.columns.len() > 1,
        Layout::Archive => contents.columns.iter().any(Column::is_matrix),
    };
    let width = match contents.layout {
        Layout::Array => contents.columns[0].shape.iter().skip(1).product(),
        Layout::Table => contents.columns.len(),
        Layout::Archive => 0,
    };
    Ok(match role {
        Role::Features => false,
        Role::Ids | Role::ClassNames => {
            let is_text = |c: &Column| c.kind == ColumnKind::Text;
            !has_rows || contents.columns.iter().any(is_text)
        }
        // One label per row, or one-hot rows; not a table or matrix that happens to have such a word in its name.
        Role::Labels | Role::Predictions if contents.layout == Layout::Table => {
            !has_rows || has_one_value(contents)?
        }
        Role::Labels | Role::Predictions => {
            !has_rows || !is_archive && (width <= 2 || owner.is_empty())
        }
        Role::Probabilities => has_rows && !is_archive,
        Role::Positions => has_rows && width == 2,
    })
}

/// Whether a table has one value per row beside ids and what else is no feature, or one-hot rows.
fn has_one_value(contents: &mut Contents<'_>) -> Result<bool> {
    let look = Look::at(contents, &[], &[])?;
    let row_names = contents.row_names;
    let is_value = |c: &usize| {
        let column = &look.columns[*c];
        let may_be_feature = !column.evidence.is_text() && column.hint != Hint::Label;
        may_be_feature && by_itself(look.rows, column, row_names == Some(*c)).is_none()
    };
    let values: Vec<usize> = (0..look.columns.len()).filter(is_value).collect();
    Ok(values.len() <= 1 || blocks::is_one_hot(&look, &values))
}

/// The role that a file's name says, and the rest of the name: `labels`, `predictions_A`, `A_predictions`.
fn of_file_name(stem: &str) -> Option<(Role, String)> {
    let whole = plain(stem);
    let said = of_usual_name(&whole).or_else(|| match of_hint(&whole)? {
        // What they belong to may be part of the name.
        Role::Predictions | Role::Probabilities => None,
        other => Some(other),
    });
    if let Some(role) = said {
        return Some((role, String::new()));
    }
    let words: Vec<&str> = whole.split('_').collect();
    let parts = |count: usize| (0..=words.len() - count).map(move |first| first..first + count);
    let cut = |part: Range<usize>| {
        let rest = [&words[..part.start], &words[part.end..]].concat();
        (words[part].join("_"), rest.join("_"))
    };
    let counts = 1..words.len();
    let mut usual = counts.clone().rev().flat_map(parts).map(cut);
    let mut hinted = counts.flat_map(parts).map(cut);
    usual
        .find_map(|(name, rest)| Some((of_usual_name(&name)?, rest)))
        .or_else(|| hinted.find_map(|(name, rest)| Some((of_hint(&name)?, rest))))
}

/// The role of a name that arrays in archives have.
fn of_usual_name(name: &str) -> Option<Role> {
    let mut others = Role::COMPANIONS.into_iter().chain([Role::Positions]);
    others.find(|role| role.names().contains(&name))
}

/// The role of a name that columns of tables have.
fn of_hint(name: &str) -> Option<Role> {
    match hint(name) {
        Hint::Label | Hint::PerhapsLabel => Some(Role::Labels),
        Hint::Id => Some(Role::Ids),
        Hint::Prediction => Some(Role::Predictions),
        Hint::Probability => Some(Role::Probabilities),
        Hint::Flag | Hint::Index | Hint::Metadata | Hint::Feature | Hint::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_read_like_those_of_arrays() {
        let said = of_file_name;
        let is = |role, rest: &str| Some((role, rest.to_owned()));
        assert_eq!(said("labels"), is(Role::Labels, ""));
        assert_eq!(said("labels_noisy"), is(Role::Labels, "noisy"));
        assert_eq!(said("y_test"), is(Role::Labels, "test"));
        assert_eq!(said("image_ids"), is(Role::Ids, ""));
        assert_eq!(said("class_names"), is(Role::ClassNames, ""));
        assert_eq!(said("predictions_A"), is(Role::Predictions, "a"));
        assert_eq!(
            said("ResNet-50_probabilities"),
            is(Role::Probabilities, "res_net_50")
        );
        assert_eq!(said("A_pred"), is(Role::Predictions, "a"));
        assert_eq!(
            said("digits_labels_noisy"),
            is(Role::Labels, "digits_noisy")
        );
        assert_eq!(said("y_pred_B"), is(Role::Predictions, "b"));
        assert_eq!(said("A_L1_conv1"), None);
        assert_eq!(said("L0_pixels_pca50"), None);
    }
}
