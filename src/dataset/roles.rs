//! Which column is what: features, labels, ids and so on, decided over all columns of a file.
//!
//! In: the columns of a file and the options. Out: the columns of each [`Role`]. The names that
//! columns are recognized by are all here.

use super::ReadOptions;
use super::formats::{Contents, Layout};
use crate::error::{Error, Result};

mod anndata;
mod archive;
mod array;
mod blocks;
mod columns;
mod companion;
mod evidence;
mod folders;
mod labels;
mod look;
mod measured;
mod named;
mod naming;
mod remarks;
mod role;
mod table;

pub(super) use archive::feature_sets;
pub(super) use companion::{of_companion, of_positions};
pub(super) use role::{Role, Roles};

/// Decides the roles of a features file's columns. `member` is the one that was named for the
/// features.
///
/// # Errors
/// [`Error::Input`] if no column, or more than one, could be the features; [`Error::Option`] if
/// the named label column does not exist.
pub(super) fn decide(
    contents: &mut Contents<'_>,
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Roles> {
    if contents.layout != Layout::Archive && member.is_some() {
        return Err(Error::input(
            contents.file(),
            "only files of several arrays have members",
            "name the file alone, and the label column of a table",
        )
        .with("label_column"));
    }
    match contents.layout {
        Layout::Array => {
            array::check(contents, 0)?;
            Ok(Roles {
                features: vec![0],
                ..Roles::default()
            })
        }
        Layout::Archive => archive::decide(contents, member, options),
        Layout::Table => table::decide(contents, options),
    }
}
