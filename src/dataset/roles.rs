//! Which column is what: features, labels, ids and so on, decided over all columns of a file.
//!
//! In: the columns of a file and the options. Out: the columns of each [`Role`]. The names that
//! columns are recognized by are all here.

use super::ReadOptions;
use super::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};
use crate::text::word;

#[cfg(feature = "tui")]
mod alone;
mod anndata;
mod archive;
mod array;
mod blocks;
mod candidates;
mod columns;
mod companion;
mod evidence;
mod folders;
mod keys;
mod label_column;
mod labels;
mod look;
mod marked;
mod measured;
mod named;
mod naming;
mod numbers;
mod remarks;
mod resembles;
mod role;
mod survival;
mod table;
mod unnamed;
mod variance;

#[cfg(feature = "tui")]
pub(crate) use alone::Glance;
#[cfg(feature = "tui")]
pub(super) use alone::alone;
pub(super) use archive::feature_sets;
pub(super) use companion::{of_companion, of_positions};
pub(super) use keys::{Key, keys};
pub(super) use named::is_excluded;
pub(crate) use role::Role;
pub(super) use role::Roles;

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
    if let Some(member) = member.filter(|_| contents.layout != Layout::Archive) {
        let problem = "only files of several arrays have members";
        let remedy = match (contents.layout, contents.column(member)) {
            (Layout::Table, Some(_)) => format!(
                "name the file alone; if {0} is a feature, add `--features {1}`, if it is the label, \
                 `--label-column {1}`",
                printable(member),
                word(member)
            ),
            _ => format!("name the file alone: {}", word(contents.file())),
        };
        return Err(Error::input(contents.file(), problem, remedy));
    }
    let mut roles = match contents.layout {
        Layout::Array => {
            array::check(contents, 0)?;
            Roles {
                features: vec![0],
                ..Roles::default()
            }
        }
        Layout::Archive => archive::decide(contents, member, options)?,
        Layout::Table => return table::decide(contents, options),
    };
    if let (Some(name), None) = (&options.label_column, &options.labels) {
        label_column::take(contents, &mut roles, name)?;
    }
    Ok(roles)
}
