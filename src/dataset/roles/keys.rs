//! Columns whose values identify the rows of a file, by which rows of two files can be matched.

use std::collections::HashSet;

use super::folders::folder;
use super::naming::{Hint, hint, plain};
use super::role::Role;
use crate::dataset::column::{Column, ColumnKind};
use crate::dataset::formats::{Contents, Layout};
use crate::error::Result;

/// What AnnData calls the names of its rows.
const ROW_NAMES: &str = "_index";

/// A column that may identify the rows, with its values.
#[derive(Debug, Clone)]
pub(in crate::dataset) struct Key {
    pub(in crate::dataset) name: String,
    pub(in crate::dataset) values: Vec<String>,
    /// Whether these are numbers of rows, rather than ids.
    pub(in crate::dataset) is_index: bool,
    is_text: bool,
}

impl Key {
    /// The ids that an option names.
    pub(in crate::dataset) fn of_ids(values: &[String]) -> Self {
        Self {
            name: "ids".into(),
            values: values.to_vec(),
            is_index: false,
            is_text: true,
        }
    }

    /// Whether two columns are called the same.
    pub(in crate::dataset) fn is_namesake(&self, other: &Self) -> bool {
        plain(&self.name) == plain(&other.name)
    }

    /// Whether two columns can hold the same kind of ids.
    pub(in crate::dataset) fn is_comparable(&self, other: &Self) -> bool {
        self.is_index == other.is_index
            && (self.is_text == other.is_text || self.is_namesake(other))
    }
}

/// The columns that may identify the rows in which `taken` are other columns, the ids first.
pub(in crate::dataset) fn keys(
    contents: &mut Contents<'_>,
    taken: &[usize],
    is_excluded: impl Fn(&str) -> bool,
) -> Result<Vec<Key>> {
    let mut found = Vec::new();
    for column in 0..contents.columns.len() {
        let known = &contents.columns[column];
        let is_possible = !taken.contains(&column)
            && known.shape.len() == 1
            && known.refusal.is_none()
            && !is_excluded(&known.name);
        if !is_possible {
            continue;
        }
        let is_text = known.kind == ColumnKind::Text;
        let name = known.name.clone();
        let is_row_names = contents.row_names == Some(column);
        let is_key = match (contents.layout, taken.first()) {
            (Layout::Array, _) => false,
            (Layout::Archive, taken) => {
                taken.is_some_and(|&taken| are_names(contents, column, taken))
            }
            (Layout::Table, _) => {
                is_text || is_row_names || matches!(hint(&name), Hint::Id | Hint::Index)
            }
        };
        if !is_key {
            continue;
        }
        let values = contents.text(column)?;
        if mostly_differ(&values) {
            let is_named_id = contents.layout == Layout::Archive || hint(&name) == Hint::Id;
            found.push(Key {
                values,
                is_index: !is_text && !is_named_id,
                is_text,
                name,
            });
        }
    }
    found.sort_by_key(|key| key.is_index);
    Ok(found)
}

fn mostly_differ(values: &[String]) -> bool {
    let distinct: HashSet<&String> = values.iter().collect();
    2 * distinct.len() > values.len()
}

/// Whether an array of an archive holds the names of the rows of another one.
fn are_names(contents: &Contents<'_>, column: usize, of: usize) -> bool {
    let place = |c: &Column| folder(contents, &c.name).to_owned();
    let (column, of) = (&contents.columns[column], &contents.columns[of]);
    let is_named = column.stem() == ROW_NAMES || Role::Ids.names().contains(&column.stem());
    is_named && column.shape.first() == of.shape.first() && place(column) == place(of)
}
