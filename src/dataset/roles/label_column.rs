//! The label column that an option names, in files of arrays.

use super::archive;
use super::role::{Role, Roles};
use crate::dataset::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};

/// Takes the labels from the array of a name, or from the column of the features that has this number, from 1.
/// Another name may be that of a column of another file of a study: a note says that there is none here.
///
/// # Errors
/// [`Error::Option`] for a number that no column has.
pub(super) fn take(contents: &Contents<'_>, roles: &mut Roles, name: &str) -> Result<()> {
    let of_name = match contents.layout {
        Layout::Archive => archive::only(contents, &[name])?,
        _ => None,
    };
    let columns = match *contents.columns[roles.features[0]].shape {
        [_, columns] => columns,
        _ => 0,
    };
    let problem = format!("the columns of the features are numbered from 1 to {columns}");
    match (of_name, name.parse()) {
        (Some(labels), _) => {
            leave_out_others(roles);
            roles.others.push((Role::Labels, vec![labels]));
        }
        (None, Ok(number)) if (1..=columns).contains(&number) => {
            leave_out_others(roles);
            roles.label_within = Some(number - 1);
        }
        (None, Ok(_)) => return Err(Error::option("label_column", name, problem)),
        (None, Err(_)) => roles.notes.push(format!(
            "{} has no column {} for the labels; {problem}",
            printable(contents.file()),
            printable(name)
        )),
    }
    Ok(())
}

/// Leaves out the labels that were recognized by their name.
fn leave_out_others(roles: &mut Roles) {
    roles.has_label_column = true;
    roles.others.retain(|(role, _)| *role != Role::Labels);
}
