//! The columns of a table that the options name.

use crate::dataset::ReadOptions;
use crate::dataset::column::{Column, ColumnKind};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{did_you_mean, first};

/// Columns that are named in a message.
const MOST_NAMED: usize = 6;

/// Columns that the options name.
pub(super) struct Named {
    /// One column, or several one-hot columns.
    pub(super) label: Vec<usize>,
    pub(super) ids: Option<usize>,
    pub(super) features: Vec<usize>,
    pub(super) not_features: Vec<usize>,
}

impl Named {
    pub(super) fn of(contents: &Contents<'_>, options: &ReadOptions) -> Result<Self> {
        let one = |field, name: &Option<String>| {
            let column = name.as_ref().map(|name| column(contents, field, name));
            column.transpose()
        };
        let label = match &options.label_column {
            // With labels from another file, the column may be in that file.
            Some(name) if options.labels.is_some() => label(contents, name).unwrap_or_default(),
            Some(name) => label(contents, name)?,
            None => Vec::new(),
        };
        Ok(Self {
            label,
            ids: one("ids_column", &options.ids_column)?,
            features: matching(contents, "feature_columns", &options.feature_columns)?,
            not_features: matching(contents, "not_features", &options.not_features)?,
        })
    }
}

/// The label column of a name, the columns that a pattern or a beginning `name_` fits, or those of
/// names that are divided by commas.
fn label(contents: &Contents<'_>, name: &str) -> Result<Vec<usize>> {
    let listed: Option<Vec<usize>> = name.split(',').map(|n| found(contents, n)).collect();
    if let Some(columns) = listed.filter(|c| c.len() > 1 && contents.column(name).is_none()) {
        return Ok(columns);
    }
    let pattern = if name.contains('*') {
        name.to_owned()
    } else {
        format!("{name}_*")
    };
    let fits = |&c: &usize| {
        let column = &contents.columns[c];
        column.kind == ColumnKind::Number && matches(&pattern, &column.name)
    };
    let fitting: Vec<usize> = (0..contents.columns.len()).filter(fits).collect();
    match contents.column(name) {
        None if fitting.len() > 1 => Ok(fitting),
        _ => column(contents, "label_column", name).map(|column| vec![column]),
    }
}

/// The column of a name, where two have the same the first; or the column without a name that
/// messages call `column 3`, by this or by its number.
pub(super) fn found(contents: &Contents<'_>, name: &str) -> Option<usize> {
    let by_number = || {
        let number = name.strip_prefix("column ").unwrap_or(name);
        let at = number.parse::<usize>().ok()?.checked_sub(1)?;
        let is_unnamed = |c: &Column| c.name.trim().is_empty() || number != name;
        contents
            .columns
            .get(at)
            .filter(|c| is_unnamed(c))
            .map(|_| at)
    };
    contents.column(name).or_else(by_number)
}

/// The column of a name, which an option gives.
fn column(contents: &Contents<'_>, field: &'static str, name: &str) -> Result<usize> {
    found(contents, name).ok_or_else(|| {
        let file = printable(contents.file());
        let names = contents.columns.iter().map(|column| &column.name);
        let meant = did_you_mean(name, names);
        let problem = format!(
            "there is no such column; {file} has the columns {}{meant}",
            contents.headings()
        );
        Error::option(field, name, problem)
    })
}

/// The columns of these names or patterns, each of which must fit at least one.
fn matching(
    contents: &Contents<'_>,
    field: &'static str,
    patterns: &[String],
) -> Result<Vec<usize>> {
    let wants_numbers = field == "feature_columns";
    let mut columns = Vec::new();
    for pattern in patterns {
        // Columns of text are no features unless they are named in full.
        let is_possible =
            |c: &Column| c.name == *pattern || c.kind == ColumnKind::Number || !wants_numbers;
        let all = contents.columns.iter().enumerate();
        let (fitting, others): (Vec<_>, Vec<_>) = all
            .filter(|(_, c)| matches(pattern, &c.name))
            .partition(|(_, c)| is_possible(c));
        if let ([], [_, ..]) = (fitting.as_slice(), others.as_slice()) {
            let names = first(&others, MOST_NAMED, |(_, c)| printable(&c.name));
            let problem = format!(
                "it matches only columns without numbers ({names}); name columns of numbers"
            );
            return Err(Error::option(field, pattern, problem));
        }
        if fitting.is_empty() {
            columns.push(column(contents, field, pattern)?);
        }
        columns.extend(fitting.into_iter().map(|(c, _)| c));
    }
    columns.sort_unstable();
    columns.dedup();
    Ok(columns)
}

/// Whether an option says that a column is no feature, so that it does not identify the samples either.
pub(in crate::dataset) fn is_excluded(options: &ReadOptions, name: &str) -> bool {
    options
        .not_features
        .iter()
        .any(|pattern| matches(pattern, name))
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.any(|at| matches(rest, &name[at..]))
}
