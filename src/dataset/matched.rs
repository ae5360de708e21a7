//! The rows of a table that an option names, in the order of the features' rows.
//!
//! In: the ids of the features, and those beside the labels (predictions, probabilities) in their table.
//! Out: the row of the table for each row of the features, where both are in different orders.

use std::collections::HashMap;

use crate::error::{Error, Result, printable};

/// What tells the rows of a table from each other.
pub(super) struct Keys {
    pub(super) values: Vec<String>,
    /// Whether they are the numbers of rows that a library wrote, not ids.
    pub(super) are_index: bool,
    /// The name of their column.
    pub(super) column: String,
    pub(super) file: String,
}

/// The row of the table for each id, if the order of the rows is another one; `None` if the rows are to be
/// taken as they stand: the ids are the same, or of another kind.
///
/// # Errors
/// [`Error::Input`] if the table has some of the ids, but not all.
pub(super) fn rows(keys: &Keys, ids: &[String]) -> Result<Option<Vec<usize>>> {
    if keys.values == ids {
        return Ok(None);
    }
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(keys.values.len());
    for (row, key) in keys.values.iter().enumerate() {
        if places.insert(key, row).is_some() {
            // Which row is meant is not clear.
            return Ok(None);
        }
    }
    let found: Vec<Option<usize>> = ids
        .iter()
        .map(|id| places.get(id.as_str()).copied())
        .collect();
    let all: Option<Vec<usize>> = found.iter().copied().collect();
    let matched = found.iter().flatten().count();
    match all {
        Some(_) if keys.are_index && keys.values.len() != ids.len() => Ok(None),
        Some(rows) => Ok(Some(rows)),
        None if keys.are_index || 2 * matched < ids.len() => Ok(None),
        None => {
            let missing = found.iter().position(Option::is_none).unwrap_or(0);
            let problem = format!(
                "{matched} of the {} ids of the features are in its column {}, but {} is not",
                ids.len(),
                printable(&keys.column),
                printable(&ids[missing])
            );
            let remedy = "give a row for each sample, or the column without the ids to take the rows as they stand";
            Err(Error::input(&keys.file, problem, remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &str, ids: &str, are_index: bool) -> Result<Option<Vec<usize>>, String> {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let keys = Keys {
            values: list(keys),
            are_index,
            column: "id".into(),
            file: "labels.csv".into(),
        };
        rows(&keys, &list(ids)).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_matched_where_all_ids_are_known() {
        assert_eq!(found("a b c", "a b c", false), Ok(None));
        assert_eq!(found("c a b", "a b c", false), Ok(Some(vec![1, 2, 0])));
        // Rows of other samples, and several samples of one id.
        assert_eq!(found("x c a b", "a b c", false), Ok(Some(vec![2, 3, 1])));
        assert_eq!(found("c a b", "a a c", false), Ok(Some(vec![1, 1, 0])));
        // Ids that occur twice, and ids of another kind.
        assert_eq!(found("c a a", "a b c", false), Ok(None));
        assert_eq!(found("x y z", "a b c", false), Ok(None));
        let error = found("a b x", "a b c", false).map(|_| ());
        assert!(error.is_err_and(|e| e.contains("2 of the 3 ids") && e.contains("c is not")));
        // Numbers of rows, from 0 and from 1, and of some rows.
        assert_eq!(found("2 0 1", "0 1 2", true), Ok(Some(vec![1, 2, 0])));
        assert_eq!(found("1 2 3", "0 1 2", true), Ok(None));
        assert_eq!(found("3 2 0 1", "0 1 2", true), Ok(None));
    }
}
