//! The label column that an option names, in files of arrays.

use super::archive;
use super::role::{Role, Roles};
use crate::dataset::formats::{Contents, Layout};
use crate::error::{Error, Result};

/// Takes the labels from the array of a name, or from the column of the features that has this number, from 1.
pub(super) fn take(contents: &Contents<'_>, roles: &mut Roles, name: &str) -> Result<()> {
    roles.has_label_column = true;
    roles.others.retain(|(role, _)| *role != Role::Labels);
    let is_archive = contents.layout == Layout::Archive;
    if is_archive && let Some(labels) = archive::only(contents, &[name])? {
        roles.others.push((Role::Labels, vec![labels]));
        return Ok(());
    }
    let columns = match *contents.columns[roles.features[0]].shape {
        [_, columns] => columns,
        _ => 0,
    };
    let number = name
        .parse()
        .ok()
        .filter(|number| (1..=columns).contains(number));
    roles.label_within = Some(number.ok_or_else(|| {
        let arrays = if is_archive {
            format!("{}; ", contents.listing())
        } else {
            String::new()
        };
        let problem = format!(
            "{arrays}the columns of the features are numbered from 1 to {columns}; if the labels are in another \
             file, name it with `--labels`"
        );
        Error::option("label_column", name, problem)
    })? - 1);
    Ok(())
}
