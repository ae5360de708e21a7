//! The columns of a role in a file of its own, and of a map.

use super::columns::{Uses, by_itself};
use super::look::Look;
use super::named::found;
use super::naming::{Hint, hint, plain};
use super::role::Role;
use super::{archive, blocks, labels, unnamed};
use crate::dataset::column::{Column, ColumnKind};
use crate::dataset::column_role::ColumnUse;
use crate::dataset::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};
use crate::text::word;

/// Columns that are taken from a table which an option names for labels, ids and the like.
const HEADINGS: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "target",
    "name",
    "y",
];

/// The columns of a role in a file of its own: one column, or all columns of a table of numbers.
/// `wanted` is the column that the options name for it.
pub(in crate::dataset) fn of_companion(
    contents: &mut Contents<'_>,
    role: Role,
    member: Option<&str>,
    wanted: Option<&str>,
) -> Result<Vec<usize>> {
    match contents.layout {
        Layout::Array => Ok(vec![0]),
        Layout::Archive => {
            let only = (contents.columns.len() == 1).then_some(0);
            let found = match member {
                Some(member) => archive::member(contents, member)?,
                None => archive::only(contents, role.names())?
                    .or(only)
                    .or_else(|| unnamed::labels_of(contents).filter(|_| role == Role::Labels))
                    .ok_or_else(|| no_member(contents, role))?,
            };
            Ok(vec![found])
        }
        Layout::Table => {
            let chosen = match member.or(wanted) {
                Some(name) => found(contents, name).map(|column| vec![column]),
                None if contents.columns.len() == 1 => Some(vec![0]),
                None => of_table(contents, role)?,
            };
            chosen.ok_or_else(|| which(contents, role, member.or(wanted)))
        }
    }
}

/// The refusal of an archive without an array that is named for a role.
fn no_member(contents: &Contents<'_>, role: Role) -> Error {
    let is_single = |c: &&Column| c.shape.len() == 1 && Role::of_name(c).is_none();
    let single = contents.columns.iter().find(is_single);
    let remedy = match single.filter(|_| !matches!(role, Role::Probabilities | Role::Positions)) {
        Some(column) => format!("name one, for example {}", place(contents, &column.name)),
        None => "name one as FILE:NAME".into(),
    };
    let name = role.names()[0];
    let problem = format!("no member is called {name}; {}", contents.listing());
    Error::input(contents.file(), problem, remedy)
}

/// The refusal of a table of which it is not clear which column has a role, or that does not have the one
/// that was wanted.
fn which(contents: &Contents<'_>, role: Role, wanted: Option<&str>) -> Error {
    let columns = contents.headings();
    let problem = match wanted {
        Some(name) => format!(
            "there is no column {}; the columns are {columns}",
            printable(name)
        ),
        None => format!("which of the columns {columns} holds the {role}?"),
    };
    // Labels and the like mostly come last, and ids first.
    let rank = |column: &&Column| match (role, hint(&column.name)) {
        (Role::Labels, Hint::Label) | (Role::Ids, Hint::Id) => 3,
        (Role::Labels, Hint::PerhapsLabel) => 2,
        _ => u8::from(role == Role::Ids || column.kind == ColumnKind::Text),
    };
    let named = contents
        .columns
        .iter()
        .filter(|c| !c.name.trim().is_empty());
    let remedy = match named.max_by_key(rank) {
        Some(column) => format!("name one, for example {}", place(contents, &column.name)),
        None => "name one by its number, as file.csv:2".into(),
    };
    Error::input(contents.file(), problem, remedy)
}

/// How a member or column is named on the command line.
fn place(contents: &Contents<'_>, name: &str) -> String {
    word(&format!("{}:{name}", contents.file()))
}

/// The columns of a role in a table of several columns, without row numbers and, unless ids are
/// wanted, without ids.
fn of_table(contents: &mut Contents<'_>, role: Role) -> Result<Option<Vec<usize>>> {
    let look = Look::at(contents, &[], &[])?;
    let row_names = contents.row_names;
    let own = |c: usize| by_itself(look.rows, &look.columns[c], row_names == Some(c));
    let columns = 0..look.columns.len();
    let mut decided: Uses = columns.clone().map(own).collect();
    if role == Role::Labels
        && let Some(label) = labels::choose(contents, &look, &mut decided, false)?
    {
        return Ok(Some(vec![label]));
    }
    let uses: Vec<Option<ColumnUse>> = decided.iter().map(|d| Some(d.as_ref()?.0)).collect();
    let of_use = |wanted: ColumnUse| columns.clone().find(|&c| uses[c] == Some(wanted));
    let fitting = match role {
        Role::Ids => of_use(ColumnUse::Ids),
        Role::Predictions => of_use(ColumnUse::Predictions),
        _ => None,
    };
    if let Some(column) = fitting {
        return Ok(Some(vec![column]));
    }
    let is_other = |c: usize| match uses[c] {
        Some(ColumnUse::Index | ColumnUse::LeftOut) => true,
        Some(ColumnUse::Ids) => role != Role::ClassNames,
        _ => false,
    };
    let left: Vec<usize> = columns.filter(|&c| !is_other(c)).collect();
    let is_headed = |heading: &&str| {
        let named = |c: &&usize| plain(&look.columns[**c].name) == **heading;
        left.iter().find(named).copied()
    };
    let are_numbers = left.iter().all(|c| look.numbers.contains(c));
    let are_rows = matches!(role, Role::Labels | Role::Probabilities | Role::Predictions);
    Ok(match left.as_slice() {
        [] => None,
        [only] => Some(vec![*only]),
        all if role == Role::Probabilities && are_numbers => Some(all.to_vec()),
        all => match HEADINGS.iter().find_map(is_headed) {
            Some(column) => Some(vec![column]),
            // Labels in several columns are one-hot.
            None if role == Role::Labels && !blocks::is_one_hot(&look, all) => None,
            None if are_numbers && are_rows => Some(all.to_vec()),
            None => None,
        },
    })
}

/// The columns of a map: x and y of a table, or an array.
pub(in crate::dataset) fn of_positions(
    contents: &mut Contents<'_>,
    member: Option<&str>,
) -> Result<Vec<usize>> {
    if contents.layout != Layout::Table {
        return of_companion(contents, Role::Positions, member, None);
    }
    match (contents.column("x"), contents.column("y")) {
        (Some(x), Some(y)) => Ok(vec![x, y]),
        _ => Err(Error::input(
            contents.file(),
            format!("no columns x and y among {}", contents.headings()),
            "give a map as written by `disentangle embed`",
        )),
    }
}
