//! The label column that an option names, in files of arrays.

use super::archive;
use super::role::{Role, Roles};
use crate::dataset::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};
use crate::text::did_you_mean;

/// Takes the labels from the array of a name, or from the column of the features that has this number, from 1.
///
/// # Errors
/// [`Error::Option`] if there is none.
pub(super) fn take(contents: &Contents<'_>, roles: &mut Roles, name: &str) -> Result<()> {
    let of_name = match contents.layout {
        Layout::Archive => archive::only(contents, &[name])?,
        _ => None,
    };
    let columns = match *contents.columns[roles.features[0]].shape {
        [_, columns] => columns,
        _ => 0,
    };
    match (of_name, name.parse()) {
        (Some(labels), _) => {
            leave_out_others(roles);
            roles.others.push((Role::Labels, vec![labels]));
        }
        (None, Ok(number)) if (1..=columns).contains(&number) => {
            leave_out_others(roles);
            roles.label_within = Some(number - 1);
        }
        (None, _) => {
            let problem = missing(contents, name, columns);
            return Err(Error::option("label_column", name, problem));
        }
    }
    Ok(())
}

/// What there is instead of the array or column of this name.
fn missing(contents: &Contents<'_>, name: &str, columns: usize) -> String {
    let numbered = format!("the columns of the features are numbered from 1 to {columns}");
    if contents.layout != Layout::Archive {
        return numbered;
    }
    let file = printable(contents.file());
    match did_you_mean(name, contents.columns.iter().map(|column| &column.name)) {
        meant if meant.is_empty() => format!(
            "{file} has no such array; {}; {numbered}",
            contents.listing()
        ),
        meant => format!("{file} has no such array{meant}"),
    }
}

/// Leaves out the labels that were recognized by their name.
fn leave_out_others(roles: &mut Roles) {
    roles.has_label_column = true;
    roles.others.retain(|(role, _)| *role != Role::Labels);
}
