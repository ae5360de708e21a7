//! The user's decisions about suspicious labels: kept beside the data, and applied to a dataset.
//!
//! In: decisions by sample, or a file of them. Out: a CSV table that people can read and edit
//! (`row,id,tag,decision,relabel,note`, where `tag` is the label before the decision), and a dataset
//! with corrected labels. Rows count from 0. A sample is found by its id if ids are unique, so that
//! decisions stay valid when rows are reordered; otherwise by its row. The file has no timestamp: the
//! same decisions give the same bytes.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Labels};
use crate::error::{Error, Result, printable};
use crate::export::write_file;

/// The columns of a file of decisions.
const HEAD: [&str; 6] = ["row", "id", "tag", "decision", "relabel", "note"];

/// What to do with a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Keep it.
    Keep,
    /// Change it to this class (index into the labels' names).
    Relabel(u16),
    /// Undecided.
    Unsure,
}

impl Choice {
    /// The choice as a word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Relabel(_) => "relabel",
            Self::Unsure => "unsure",
        }
    }
}

/// A choice with the user's note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub choice: Choice,
    /// A note; may be empty.
    pub note: String,
}

/// Decisions by sample.
///
/// ```
/// use disentangle::{ndarray::array, decisions::{Choice, Decision, Decisions}, prelude::*};
/// let data = Dataset::new(array![[0.0], [1.0], [9.0]])?
///     .with_labels(Labels::from_strings(&["cat", "cat", "ox"])?)?;
/// let mut decisions = Decisions::default();
/// let ox = Decision { choice: Choice::Relabel(1), note: "horns".into() };
/// assert_eq!(decisions.set(1, Some(ox)), None);
/// assert_eq!(decisions.apply(&data)?.labels().unwrap().counts(), [1, 2]);
///
/// let file = decisions.to_csv(&data)?;
/// assert_eq!(String::from_utf8_lossy(&file), "row,id,tag,decision,relabel,note\n1,,cat,relabel,ox,horns\n");
/// assert_eq!(Decisions::from_csv(&file, "decisions.csv", &data)?, decisions);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    by_row: BTreeMap<usize, Decision>,
}

impl Decisions {
    /// The decision about a sample.
    pub fn get(&self, row: usize) -> Option<&Decision> {
        self.by_row.get(&row)
    }

    /// Sets the decision about a sample, or removes it (`None`). Returns the previous one, so that the
    /// change can be undone.
    pub fn set(&mut self, row: usize, decision: Option<Decision>) -> Option<Decision> {
        match decision {
            Some(decision) => self.by_row.insert(row, decision),
            None => self.by_row.remove(&row),
        }
    }

    /// Number of decisions.
    pub fn len(&self) -> usize {
        self.by_row.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_row.is_empty()
    }

    /// All decisions, by row.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Decision)> {
        self.by_row.iter().map(|(&row, decision)| (row, decision))
    }

    /// Samples whose label changes, with the new class, by row.
    pub(crate) fn relabels<'a>(
        &'a self,
        labels: &'a Labels,
    ) -> impl Iterator<Item = (usize, u16)> + 'a {
        self.iter()
            .filter_map(move |(row, decision)| match decision.choice {
                Choice::Relabel(class) if labels.class(row) != Some(usize::from(class)) => {
                    Some((row, class))
                }
                _ => None,
            })
    }

    /// Number of samples whose label changes.
    pub fn relabeled(&self, data: &Dataset) -> usize {
        data.labels().map_or(0, |l| self.relabels(l).count())
    }

    /// The corrected labels.
    ///
    /// # Errors
    /// [`Error::Input`] if a row or class does not exist.
    pub(crate) fn corrected(&self, labels: &Labels) -> Result<Labels> {
        let mut indices = labels.indices().to_vec();
        let samples = indices.len();
        for (row, decision) in self.iter() {
            if let Choice::Relabel(class) = decision.choice {
                match indices.get_mut(row) {
                    Some(index) => *index = class,
                    None => return Err(no_such_row("decisions", row, samples)),
                }
            }
        }
        Labels::new(labels.names().to_vec(), indices)
    }

    /// The dataset with corrected labels and everything else unchanged.
    ///
    /// # Errors
    /// [`Error::Input`] if there are no labels, or a row or class does not exist.
    pub fn apply(&self, data: &Dataset) -> Result<Dataset> {
        let Some(labels) = data.labels() else {
            return Err(Error::input(
                "decisions",
                "there are no labels to correct",
                "name a labels file",
            ));
        };
        let corrected = self.corrected(labels)?;
        data.clone().with_labels(corrected)
    }

    /// The corrected labels as the text of a labels file: one per line, an empty line for no label.
    ///
    /// # Errors
    /// As [`apply`](Self::apply); [`Error::Input`] if a class name has a line break in it.
    pub fn corrected_labels(&self, data: &Dataset) -> Result<String> {
        let corrected = self.apply(data)?;
        let Some(labels) = corrected.labels() else {
            return Ok(String::new());
        };
        if let Some(name) = labels.names().iter().find(|n| n.contains(['\n', '\r'])) {
            return Err(Error::input(
                "labels",
                format!("the class name {} has a line break in it", printable(name)),
                "a labels file has one name per line: rename the class",
            )
            .with("class_names"));
        }
        let mut text = String::new();
        for row in 0..corrected.samples() {
            if let Some(class) = labels.class(row) {
                text.push_str(&labels.names()[class]);
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// The decisions as a CSV table.
    ///
    /// # Errors
    /// [`Error::Input`] if a row is not in the data, [`Error::Io`] if the table cannot be written
    /// to memory.
    pub fn to_csv(&self, data: &Dataset) -> Result<Vec<u8>> {
        let failed = |e: csv::Error| Error::io("write", "decisions", std::io::Error::other(e));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(HEAD).map_err(failed)?;
        let name = |class: usize| {
            let name = data.labels().and_then(|l| l.names().get(class));
            name.map_or("", String::as_str)
        };
        for (row, decision) in self.iter() {
            if row >= data.samples() {
                return Err(no_such_row("decisions", row, data.samples()));
            }
            let tag = data.labels().and_then(|l| l.class(row));
            let relabel = match decision.choice {
                Choice::Relabel(class) => name(usize::from(class)),
                _ => "",
            };
            let id = data.ids().map_or("", |ids| ids[row].as_str());
            let row = row.to_string();
            let cells: [&str; 6] = [
                &row,
                id,
                tag.map_or("", name),
                decision.choice.label(),
                relabel,
                &decision.note,
            ];
            writer.write_record(cells).map_err(failed)?;
        }
        writer
            .into_inner()
            .map_err(|e| Error::io("write", "decisions", e.into_error()))
    }

    /// Reads decisions about these samples from a CSV table. `file` is its name in messages.
    ///
    /// # Errors
    /// [`Error::Input`] if it is not such a table, or names an unknown sample, class or decision; the
    /// message names the line.
    pub fn from_csv(bytes: &[u8], file: &str, data: &Dataset) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let remedy = "give the columns row,id,tag,decision,relabel,note";
        let head = reader.headers().map_err(|e| unreadable(file, &e))?;
        let mut columns = [0; 6];
        for (column, wanted) in columns.iter_mut().zip(HEAD) {
            let found = head
                .iter()
                .position(|h| h.trim().eq_ignore_ascii_case(wanted));
            *column = match (found, wanted) {
                (Some(at), _) => at,
                // People delete columns that they do not need.
                (None, "id" | "tag" | "relabel" | "note") => usize::MAX,
                (None, _) => {
                    let problem = format!("there is no column {wanted}");
                    return Err(Error::input(file, problem, remedy));
                }
            };
        }
        let lookup = Lookup::new(data);
        let mut decisions = Self::default();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(file, &e))?;
            let line = record.position().map_or(0, csv::Position::line);
            let [row, id, tag, decision, relabel, note] =
                columns.map(|at| record.get(at).unwrap_or("").trim());
            let row = lookup.row(row, id, data.samples()).map_err(|problem| {
                Error::input(
                    file,
                    format!("line {line}: {problem}"),
                    "decisions are about the samples that they were made for",
                )
            })?;
            let choice = lookup.choice(decision, relabel).map_err(|problem| {
                let known = "decisions are keep, relabel (with a class) and unsure";
                Error::input(file, format!("line {line}: {problem}"), known)
            })?;
            let label = Some(tag).filter(|tag| !tag.is_empty() && !lookup.has_id(id));
            let conflict = label.and_then(|label| label_conflict(row, label, choice, data));
            if let Some(problem) = conflict {
                return Err(Error::input(
                    file,
                    format!("line {line}: {problem}"),
                    "check that the file belongs to these data; to apply it although labels have changed, \
                     delete its column tag",
                ));
            }
            let note = note.to_owned();
            if decisions
                .set(row, Some(Decision { choice, note }))
                .is_some()
            {
                return Err(Error::input(
                    file,
                    format!("line {line}: there is a decision about row {row} on a line above"),
                    "keep one line for each sample",
                ));
            }
        }
        Ok(decisions)
    }

    /// Reads a file of decisions.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, and as [`from_csv`](Self::from_csv).
    pub fn load(path: &Path, data: &Dataset) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
        Self::from_csv(&bytes, &path.display().to_string(), data)
    }

    /// Writes a file of decisions, completely or not at all.
    ///
    /// # Errors
    /// As [`to_csv`](Self::to_csv), and [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: &Path, data: &Dataset) -> Result<()> {
        write_file(path, &self.to_csv(data)?)
    }
}

fn no_such_row(file: &str, row: usize, samples: usize) -> Error {
    Error::input(
        file,
        format!("there is no row {row} among {samples} samples (rows count from 0)"),
        "decisions are about the samples that they were made for",
    )
}

fn unreadable(file: &str, error: &csv::Error) -> Error {
    Error::input(
        file,
        error.to_string(),
        "give a CSV table with the columns row,id,tag,decision,relabel,note",
    )
}

/// The problem if a row now has another label than when the decision was made, unless it is the one
/// decided on.
fn label_conflict(row: usize, before: &str, choice: Choice, data: &Dataset) -> Option<String> {
    let labels = data.labels()?;
    let class = labels.class(row)?;
    let is_applied = matches!(choice, Choice::Relabel(to) if usize::from(to) == class);
    let now = labels.names()[class].trim();
    (now != before && !is_applied).then(|| {
        format!(
            "row {row} has the label {} in this file, but {} in the data",
            printable(before),
            printable(now)
        )
    })
}

/// Finds samples and classes by their names.
struct Lookup<'a> {
    ids: Option<HashMap<&'a str, usize>>,
    classes: HashMap<&'a str, u16>,
}

impl<'a> Lookup<'a> {
    fn new(data: &'a Dataset) -> Self {
        let ids = data.ids().and_then(|ids| {
            let rows = ids.iter().enumerate();
            let found: HashMap<&str, usize> = rows.map(|(row, id)| (id.trim(), row)).collect();
            // Repeated ids identify nothing.
            (found.len() == ids.len()).then_some(found)
        });
        let names = data.labels().map_or(&[][..], Labels::names);
        let classes = names.iter().enumerate();
        Self {
            ids,
            classes: classes.map(|(c, n)| (n.trim(), c as u16)).collect(),
        }
    }

    /// Whether the sample of a line was found by its id.
    fn has_id(&self, id: &str) -> bool {
        self.ids.is_some() && !id.is_empty()
    }

    fn row(&self, row: &str, id: &str, samples: usize) -> Result<usize, String> {
        if let Some(ids) = self.ids.as_ref().filter(|_| !id.is_empty()) {
            let found = ids.get(id).copied();
            return found.ok_or_else(|| format!("there is no sample with id {}", printable(id)));
        }
        match row.parse::<usize>() {
            Ok(row) if row < samples => Ok(row),
            Ok(row) => Err(format!(
                "there is no row {row} among {samples} samples (rows count from 0)"
            )),
            Err(_) => Err(format!("the row {} is not a number", printable(row))),
        }
    }

    fn choice(&self, decision: &str, relabel: &str) -> Result<Choice, String> {
        match decision.to_ascii_lowercase().as_str() {
            "keep" => Ok(Choice::Keep),
            "unsure" => Ok(Choice::Unsure),
            "relabel" => {
                let class = self.classes.get(relabel).copied();
                class
                    .map(Choice::Relabel)
                    .ok_or_else(|| format!("there is no class {}", printable(relabel)))
            }
            other => Err(format!("{} is not a decision", printable(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn data(ids: Option<&[&str]>) -> Dataset {
        let data = Dataset::new(Array2::zeros((4, 2))).unwrap();
        let labels = Labels::from_strings(&["a", "b", "a", "b"]).unwrap();
        let data = data.with_labels(labels).unwrap();
        match ids {
            Some(ids) => data
                .with_ids(ids.iter().map(ToString::to_string).collect())
                .unwrap(),
            None => data,
        }
    }

    fn decision(choice: Choice, note: &str) -> Decision {
        Decision {
            choice,
            note: note.into(),
        }
    }

    #[test]
    fn files_are_read_as_they_were_written() {
        let data = data(Some(&["x,1", "y\"2", "z\n3", "w"]));
        let mut decisions = Decisions::default();
        decisions.set(
            0,
            Some(decision(Choice::Relabel(1), "says \"b\", twice\nreally")),
        );
        decisions.set(2, Some(decision(Choice::Unsure, "")));
        decisions.set(3, Some(decision(Choice::Keep, "ünsicher")));
        let bytes = decisions.to_csv(&data).unwrap();
        assert_eq!(
            Decisions::from_csv(&bytes, "d.csv", &data).unwrap(),
            decisions
        );
    }

    #[test]
    fn ids_find_samples_in_another_order() {
        let first = data(Some(&["p", "q", "r", "s"]));
        let mut decisions = Decisions::default();
        decisions.set(1, Some(decision(Choice::Relabel(0), "")));
        let bytes = decisions.to_csv(&first).unwrap();
        let other = data(Some(&["q", "p", "s", "r"]));
        let found = Decisions::from_csv(&bytes, "d.csv", &other).unwrap();
        assert_eq!(found.iter().next().unwrap().0, 0);
        // Repeated ids are not used.
        let twice = data(Some(&["q", "q", "s", "r"]));
        let found = Decisions::from_csv(&bytes, "d.csv", &twice).unwrap();
        assert_eq!(found.iter().next().unwrap().0, 1);
    }

    #[test]
    fn what_cannot_be_used_names_the_line() {
        let data = data(None);
        for (text, part) in [
            (
                "row,decision\n9,keep\n",
                "line 2: there is no row 9 among 4",
            ),
            (
                "row,decision\nx,keep\n",
                "line 2: the row x is not a number",
            ),
            ("row,decision\n1,maybe\n", "line 2: maybe is not a decision"),
            ("row,decision,relabel\n1,relabel,c\n", "there is no class c"),
            (
                "row,decision\n1,keep\n1,unsure\n",
                "line 3: there is a decision about row 1",
            ),
            ("row,tag\n1,a\n", "no column decision"),
            (
                "row,tag,decision\n1,b,keep\n2,b,keep\n",
                "line 3: row 2 has the label b in this file, but a in the data",
            ),
            ("", "no column row"),
        ] {
            let error = Decisions::from_csv(text.as_bytes(), "d.csv", &data).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(matches!(error, Error::Input { .. }));
        }
    }

    #[test]
    fn decisions_that_were_already_applied_to_the_labels_are_accepted() {
        let data = data(None);
        let text = "row,tag,decision,relabel\n2,b,relabel,a\n";
        let decisions = Decisions::from_csv(text.as_bytes(), "d.csv", &data).unwrap();
        assert_eq!(decisions.len(), 1);
    }

    #[test]
    fn corrected_labels_are_a_labels_file() {
        let data = data(None);
        let mut decisions = Decisions::default();
        decisions.set(0, Some(decision(Choice::Relabel(1), "")));
        decisions.set(1, Some(decision(Choice::Keep, "")));
        decisions.set(3, Some(decision(Choice::Relabel(1), "it is b already")));
        assert_eq!(decisions.relabeled(&data), 1);
        assert_eq!(decisions.corrected_labels(&data).unwrap(), "b\nb\na\nb\n");
        assert!(decisions.set(0, None).is_some());
        assert_eq!(decisions.corrected_labels(&data).unwrap(), "a\nb\na\nb\n");
        decisions.set(7, Some(decision(Choice::Relabel(1), "")));
        assert!(decisions.apply(&data).is_err());
    }
}
