//! What a file holds, and what would be used as what: the stages of reading, shown one by one.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::assemble::assemble;
use super::column::{Column, ColumnKind};
use super::formats::{self, Contents, Layout};
use super::parts::Parts;
use super::raw::RawFile;
use super::roles::{self, Role};
use super::transposed::{once_exchanged, transposed};
use super::{Dataset, ReadOptions};
use crate::error::{Error, Result, printable};
use crate::text::first;

/// Class names that are listed.
const MOST_NAMES: usize = 12;

/// A file's content at a glance.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The file as named.
    pub file: String,
    /// "npy", "npz", "csv" …
    pub format: String,
    /// Arrays or columns: name and description.
    pub members: Vec<(String, String)>,
    /// What would be used as what.
    pub takes: Vec<String>,
    /// Notes from reading it.
    pub notes: Vec<String>,
    /// Why it cannot be used as it is, if so.
    pub problem: Option<Error>,
}

/// Reads a file as [`read`](super::read) does with these options, and describes what was found.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Input`] if it is of no known format.
pub fn inspect(path: &Path, options: &ReadOptions) -> Result<Inspection> {
    let file = RawFile::open(path)?.with_header(options.header);
    let mut contents = formats::open(&file)?;
    if options.transpose && contents.layout == Layout::Table {
        contents = transposed(contents)?;
    }
    let mut inspection = Inspection {
        file: path.display().to_string(),
        format: contents.format.into(),
        members: contents.columns.iter().map(describe_column).collect(),
        takes: Vec::new(),
        notes: Vec::new(),
        problem: None,
    };
    if let Some(takes) = without_features(&contents) {
        match contents.check_usable(&[0]) {
            Ok(()) => inspection.takes.push(takes),
            Err(error) => inspection.problem = Some(error),
        }
        return Ok(inspection);
    }
    match dataset(&file, &mut contents, options, &mut inspection) {
        Ok(data) => describe_dataset(&data, &mut inspection),
        Err(error) if options.transpose => inspection.problem = Some(once_exchanged(error)),
        Err(error) => inspection.problem = Some(error),
    }
    Ok(inspection)
}

/// The later stages of reading.
fn dataset(
    file: &RawFile,
    contents: &mut Contents<'_>,
    options: &ReadOptions,
    inspection: &mut Inspection,
) -> Result<Dataset> {
    let roles = roles::decide(contents, file.member.as_deref(), options);
    if roles.is_err() && contents.layout == Layout::Archive && file.member.is_none() {
        inspection.notes.push(format!(
            "features are looked for under {}; labels under {}",
            Role::Features.names().join(", "),
            Role::Labels.names().join(", ")
        ));
    }
    let roles = roles?;
    let decided = roles.columns.clone();
    let data = Parts::of(file, contents, roles, options).and_then(|mut parts| {
        parts.add_companions(options)?;
        let data = assemble(parts, options, &file.place(), &file.title())?;
        file.check_unchanged()?;
        Ok(data)
    });
    let columns = data.as_ref().map_or(&decided, |(data, _)| &data.columns);
    for (member, column) in inspection.members.iter_mut().zip(columns) {
        let role = format!("; {} ({})", column.role, column.reason);
        member.1.push_str(&role);
    }
    data.map(|(data, _)| data)
}

/// What a file is good for that has one value per sample and so no features.
fn without_features(contents: &Contents<'_>) -> Option<String> {
    let [column] = contents.columns.as_slice() else {
        return None;
    };
    match (contents.layout, column.shape.as_slice()) {
        (Layout::Array, &[rows]) if rows > 0 => {
            Some(format!("{rows} labels for the features of another file"))
        }
        (Layout::Table, _) if column.kind == ColumnKind::Text => {
            Some("labels, class names or ids, one per line".into())
        }
        _ => None,
    }
}

fn describe_column(column: &Column) -> (String, String) {
    let description = match &column.refusal {
        Some(refusal) => format!("{}: {}", column.description, refusal.problem),
        None => column.description.clone(),
    };
    (column.name.clone(), description)
}

/// What the program takes from a file.
fn describe_dataset(data: &Dataset, inspection: &mut Inspection) {
    let (n, d) = (data.samples(), data.dimensions());
    inspection.takes.push(format!("features {n} × {d}"));
    if let Some(labels) = data.labels() {
        let classes = labels.classes();
        let has_comma = labels.names().iter().any(|name| name.contains(','));
        let shown = |s: &String| {
            let name = printable(s);
            if has_comma {
                format!("“{name}”")
            } else {
                name
            }
        };
        let names = first(labels.names(), MOST_NAMES, shown);
        inspection.takes.push(match classes {
            1 => format!("labels of one class: {names} (nothing can be separated)"),
            _ => format!("labels of {classes} classes: {names}"),
        });
    }
    for (what, is_there) in [
        ("ids", data.ids().is_some()),
        ("predictions", data.predictions().is_some()),
        ("probabilities", data.probabilities().is_some()),
    ] {
        if is_there {
            inspection.takes.push(what.into());
        }
    }
    inspection.notes.extend(data.notes().iter().cloned());
    if data.labels().is_none() && data.possible_labels.is_empty() {
        let option = if data.columns().is_empty() {
            "`--labels FILE`"
        } else {
            "`--labels FILE` or `--label-column NAME`"
        };
        inspection.notes.push(format!(
            "no labels were given: give them with {option}; without labels, the program looks for clusters"
        ));
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", printable(&self.file), self.format)?;
        for (name, what) in &self.members {
            writeln!(f, "  {}: {}", printable(name), printable(what))?;
        }
        for take in &self.takes {
            writeln!(f, "  use: {take}")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {}", printable(note))?;
        }
        if let Some(problem) = &self.problem {
            writeln!(f, "  cannot be used as it is: {problem}")?;
        }
        Ok(())
    }
}
