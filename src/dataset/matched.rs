//! Which rows of a file that an option names belong to which samples, by the ids in both files.
//!
//! In: the columns that identify the samples, and those that identify the rows of the other file.
//! Out: the row of each sample where the rows are in another order, and a note that says so. Where
//! some ids have no row or two, the file is refused.

use std::collections::HashMap;

use super::roles::{Key, Role};
use crate::error::{Error, Result, printable};

/// The rows of the samples, if they are not in the order of the samples, and what is to be said.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) rows: Option<Vec<usize>>,
    pub(super) note: Option<String>,
}

/// Matches the rows of `file` with the samples, by the first pair of columns with the same values.
///
/// # Errors
/// [`Error::Input`] if the ids of both files agree only partly.
pub(super) fn matched(samples: &[Key], others: &[Key], role: Role, file: &str) -> Result<Matched> {
    let mut refusal = None;
    let mut strange = None;
    for is_index in [false, true] {
        let of_kind = |key: &&Key| key.is_index == is_index;
        for sample in samples.iter().filter(of_kind) {
            for other in others.iter().filter(of_kind) {
                match Match::of(sample, other) {
                    Match::Same => return Ok(Matched::default()),
                    Match::Rows(rows) => return Ok(in_order(rows, sample, other, role, file)),
                    Match::Partly { found, missing } => {
                        let refused =
                            || incomplete((found, sample.values.len()), missing, other, role, file);
                        refusal.get_or_insert_with(refused);
                    }
                    Match::Twice(id) => {
                        refusal.get_or_insert_with(|| ambiguous(&id, other, file));
                    }
                    Match::Strange => {
                        strange.get_or_insert_with(|| about_strange(sample, other, role, file));
                    }
                    Match::Unlike => {}
                }
            }
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
    }
    Ok(Matched {
        rows: None,
        note: strange,
    })
}

/// How the values of two columns correspond.
enum Match {
    /// The same values in the same order.
    Same,
    /// The row of each sample.
    Rows(Vec<usize>),
    /// Only this many samples have a row; the first one that has none.
    Partly { found: usize, missing: String },
    /// The id of a sample has several rows.
    Twice(String),
    /// Both identify rows, but by other values.
    Strange,
    /// They do not both identify rows.
    Unlike,
}

impl Match {
    fn of(sample: &Key, other: &Key) -> Self {
        if !sample.is_comparable(other) {
            return Self::Unlike;
        }
        if sample.values == other.values {
            return Self::Same;
        }
        let (mut rows_of, samples_of) = (rows_of(&other.values), rows_of(&sample.values));
        rows_of.remove("");
        let row_of = |id: &String| rows_of.get(id.as_str());
        let found: Vec<_> = sample.values.iter().filter_map(row_of).collect();
        let is_one = found.iter().all(|(_, count)| *count == 1);
        if sample.is_index {
            let is_same_set = found.len() == other.values.len() && is_one;
            let is_complete = found.len() == sample.values.len();
            return match is_same_set && is_complete && samples_of.len() == found.len() {
                true => Self::Rows(found.iter().map(|(row, _)| *row).collect()),
                false if is_rising(&other.values) => Self::Unlike,
                false => Self::Strange,
            };
        }
        if found.len() == sample.values.len() {
            let twice = sample
                .values
                .iter()
                .find(|id| row_of(id).is_some_and(|r| r.1 > 1));
            return match twice {
                Some(id) => Self::Twice(id.clone()),
                None => Self::Rows(found.iter().map(|(row, _)| *row).collect()),
            };
        }
        if 2 * found.len() < sample.values.len().min(other.values.len()) {
            return Self::Strange;
        }
        let missing = sample.values.iter().find(|id| row_of(id).is_none());
        Self::Partly {
            found: found.len(),
            missing: missing.cloned().unwrap_or_default(),
        }
    }
}

/// The first row and the number of rows of each value.
fn rows_of(values: &[String]) -> HashMap<&str, (usize, usize)> {
    let mut rows: HashMap<&str, (usize, usize)> = HashMap::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        rows.entry(value).or_insert((row, 0)).1 += 1;
    }
    rows
}

fn is_rising(values: &[String]) -> bool {
    let numbers: Option<Vec<f64>> = values.iter().map(|v| v.parse().ok()).collect();
    numbers.is_some_and(|numbers| numbers.windows(2).all(|pair| pair[0] < pair[1]))
}

/// The names of the columns that were compared.
fn names(sample: &Key, other: &Key) -> String {
    let name = |key: &Key| match key.name.trim() {
        "" => "the index".into(),
        name => printable(name),
    };
    if sample.is_namesake(other) {
        name(other)
    } else {
        format!("{} and {}", name(sample), name(other))
    }
}

fn in_order(rows: Vec<usize>, sample: &Key, other: &Key, role: Role, file: &str) -> Matched {
    let (file, by) = (printable(file), names(sample, other));
    let all = other.values.len();
    let mut used = rows.clone();
    used.sort_unstable();
    used.dedup();
    let reason = match all - used.len() {
        0 => format!("the rows of {file} are in another order"),
        unused => format!("{unused} of the {all} rows of {file} are of other samples"),
    };
    Matched {
        rows: Some(rows),
        note: Some(format!("{role}: matched by {by}, since {reason}")),
    }
}

fn incomplete(
    (found, samples): (usize, usize),
    missing: String,
    other: &Key,
    role: Role,
    file: &str,
) -> Error {
    let (name, missing) = (printable(&other.name), printable(&missing));
    let problem = format!(
        "going by {name}, it has rows for only {found} of the {samples} samples, and none for {missing}, for example"
    );
    let empty = match role {
        Role::Labels => ", with an empty label where there is none",
        _ => "",
    };
    let order = if other.values.len() == samples {
        format!("; or, if its rows are in the order of the samples, delete its column {name}")
    } else {
        String::new()
    };
    Error::input(
        file,
        problem,
        format!("give a row for every sample{empty}{order}"),
    )
}

fn ambiguous(id: &str, other: &Key, file: &str) -> Error {
    let name = printable(&other.name);
    let problem = format!(
        "its rows are not in the order of the samples, and its column {name} has {} more than once",
        printable(id)
    );
    Error::input(file, problem, "keep one row for each sample")
}

fn about_strange(sample: &Key, other: &Key, role: Role, file: &str) -> String {
    let kind = if sample.is_index {
        "row numbers"
    } else {
        "ids"
    };
    format!(
        "{role}: row i is taken for sample i, since the {kind} of {} ({} …) and those of the features ({} …) differ",
        printable(file),
        printable(other.values.first().map_or("", String::as_str)),
        printable(sample.values.first().map_or("", String::as_str)),
    )
}
