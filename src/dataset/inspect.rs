//! What a file holds, and what the program would take from it.

use std::fmt;
use std::path::Path;

use serde::{Serialize, Serializer};

use super::Dataset;
use super::ReadOptions;
use super::features::{FEATURE_NAMES, choose_features};
use super::npz::Archive;
use super::opened::{Format, Opened, split_member};
use super::parts::LABEL_NAMES;
use super::read::read;
use super::table::Table;
use crate::error::{Error, Result, printable};

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
    /// Remarks of reading it.
    pub notes: Vec<String>,
    /// Why it cannot be used as it is, if so.
    #[serde(serialize_with = "as_text")]
    pub problem: Option<Error>,
}

fn as_text<S: Serializer>(
    problem: &Option<Error>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    problem.as_ref().map(Error::to_string).serialize(serializer)
}

/// Looks at a file without keeping its values.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the file cannot be read,
/// [`Error::Input`](crate::Error::Input) if it is of no known format.
pub fn inspect(path: &Path) -> Result<Inspection> {
    let (file, member) = split_member(path);
    let opened = Opened::path(&file)?;
    let mut inspection = Inspection {
        file: path.display().to_string(),
        format: String::new(),
        members: Vec::new(),
        takes: Vec::new(),
        notes: Vec::new(),
        problem: None,
    };
    match opened.format {
        Format::Npy => {
            let (header, _) = opened.array()?;
            inspection.format = "npy".into();
            let order = if header.fortran {
                ", Fortran order"
            } else {
                ""
            };
            let endian = if header.big_endian {
                ", big-endian"
            } else {
                ""
            };
            let what = format!("{}{endian}{order}", header.describe());
            inspection.members.push(("array".into(), what));
            if let &[rows] = header.shape.as_slice()
                && rows > 0
            {
                match header.check_usable(&opened.file) {
                    Ok(()) => inspection
                        .takes
                        .push(format!("{rows} labels for the features of another file")),
                    Err(error) => inspection.problem = Some(error),
                }
                return Ok(inspection);
            }
        }
        Format::Npz => {
            let archive = opened.archive()?;
            describe_archive(&archive, member.as_deref(), &opened.file, &mut inspection);
        }
        Format::Table => {
            let table = Table::parse(&opened.bytes, &opened.file)?;
            inspection.format = match table.delimiter {
                b'\t' => "tsv".into(),
                b';' => "csv (semicolons)".into(),
                _ => "csv".into(),
            };
            for (c, name) in table.names.iter().enumerate() {
                let kind = if table.is_numeric(c) {
                    "numbers"
                } else {
                    "text"
                };
                inspection
                    .members
                    .push((name.clone(), format!("{kind} × {}", table.rows.len())));
            }
            if table.names.len() == 1 && !table.is_numeric(0) {
                let roles = "labels, class names or ids, one a line";
                inspection.takes.push(roles.into());
                return Ok(inspection);
            }
        }
    }
    drop(opened);
    match read(path, &ReadOptions::default()) {
        Ok(data) => describe_dataset(&data, &mut inspection),
        Err(error) => inspection.problem = Some(error),
    }
    Ok(inspection)
}

/// What the program takes from a file.
fn describe_dataset(data: &Dataset, inspection: &mut Inspection) {
    let (n, d) = (data.samples(), data.dimensions());
    inspection.takes.push(format!("features {n} × {d}"));
    if let Some(labels) = data.labels() {
        let names = labels.names().iter().take(MOST_NAMES);
        let names: Vec<String> = names.map(|s| printable(s)).collect();
        let more = if labels.classes() > MOST_NAMES {
            ", …"
        } else {
            ""
        };
        let list = format!("{}{more}", names.join(", "));
        inspection
            .takes
            .push(format!("labels of {} classes: {list}", labels.classes()));
    }
    for (what, there) in [
        ("ids", data.ids().is_some()),
        ("predictions", data.predictions().is_some()),
        ("probabilities", data.probabilities().is_some()),
    ] {
        if there {
            inspection.takes.push(what.into());
        }
    }
    inspection.notes.extend(data.notes().iter().cloned());
}

fn describe_archive(
    archive: &Archive<'_>,
    member: Option<&str>,
    file: &str,
    inspection: &mut Inspection,
) {
    inspection.format = "npz".into();
    let chosen = choose_features(archive, member, file).ok();
    for m in &archive.members {
        let what = match &m.header {
            Ok(header) => header.describe(),
            Err(problem) => problem.problem.clone(),
        };
        inspection.members.push((m.name.clone(), what));
    }
    if chosen.is_none() {
        let hint = format!(
            "features are looked for under {}; labels under {}",
            FEATURE_NAMES.join(", "),
            LABEL_NAMES.join(", ")
        );
        inspection.notes.push(hint);
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", printable(&self.file), self.format)?;
        for (name, what) in &self.members {
            writeln!(f, "  {}: {}", printable(name), printable(what))?;
        }
        for take in &self.takes {
            writeln!(f, "  takes {take}")?;
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
