//! Decisions as a CSV table: `row,id,label,decision,relabel,note`, where `label` is the label before the
//! decision.

use std::collections::HashMap;
use std::path::Path;

use super::{Choice, Decision, Decisions, no_such_row};
use crate::dataset::{Dataset, Labels};
use crate::encode::csv;
use crate::error::{Error, Result, printable};
use crate::export::write_durably;

/// The columns of a file of decisions.
const HEAD: [&str; 6] = ["row", "id", "label", "decision", "relabel", "note"];

impl Decisions {
    /// The decisions as a CSV table.
    ///
    /// # Errors
    /// [`Error::Input`] if a row is not in the data, [`Error::Io`] if the table cannot be written
    /// to memory.
    pub fn to_csv(&self, data: &Dataset) -> Result<Vec<u8>> {
        if let Some((row, _)) = self.iter().find(|(row, _)| *row >= data.samples()) {
            return Err(no_such_row("decisions", row, data.samples()));
        }
        let name = |class: usize| {
            let name = data.labels().and_then(|l| l.names().get(class));
            name.cloned().unwrap_or_default()
        };
        let rows = self.iter().map(|(row, decision)| {
            let label = data.labels().and_then(|l| l.class(row));
            let relabel = match decision.choice {
                Choice::Relabel(class) => name(usize::from(class)),
                _ => String::new(),
            };
            [
                row.to_string(),
                data.ids().map_or_else(String::new, |ids| ids[row].clone()),
                label.map_or_else(String::new, name),
                decision.choice.label().into(),
                relabel,
                decision.note.clone(),
            ]
        });
        csv("decisions", HEAD, rows)
    }

    /// Reads decisions about these samples from a CSV table. `file` is its name in messages.
    ///
    /// # Errors
    /// [`Error::Input`] if it is not such a table, or names an unknown sample, class or decision; the
    /// message names the line.
    pub fn from_csv(bytes: &[u8], file: &str, data: &Dataset) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let columns = Columns::find(reader.headers().map_err(|e| unreadable(file, &e))?, file)?;
        let lookup = Lookup::new(data);
        let mut decisions = Self::default();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(file, &e))?;
            let number = record.position().map_or(0, csv::Position::line);
            let refused = |problem: String, remedy| {
                Error::input(file, format!("line {number}: {problem}"), remedy)
            };
            let line = columns.line(&record);
            let row = lookup.row(&line, data.samples()).map_err(|problem| {
                let remedy = "use a file of decisions that was made for these samples";
                refused(problem, remedy)
            })?;
            let choice = lookup.choice(&line).map_err(|problem| {
                let remedy = "decisions are keep, relabel (with a class) and unsure";
                refused(problem, remedy)
            })?;
            let label =
                Some(line.label).filter(|label| !label.is_empty() && !lookup.has_id(line.id));
            let conflict = label.and_then(|label| label_conflict(row, label, choice, data));
            if let Some(problem) = conflict {
                let remedy = "check that the file belongs to this data; to apply it although \
                              labels have changed, delete its `label` column";
                return Err(refused(problem, remedy));
            }
            let note = line.note.to_owned();
            let before = decisions.set(row, Some(Decision { choice, note }));
            if before.is_some() {
                let problem = format!("there is a decision about row {row} on a line above");
                return Err(refused(problem, "keep one line for each sample"));
            }
        }
        Ok(decisions)
    }

    #[cfg(feature = "tui")]
    /// Of a table about other data, the decisions about samples whose ids, labels and classes are those of
    /// this data.
    pub(super) fn of_known_ids(bytes: &[u8], data: &Dataset) -> Self {
        let mut decisions = Self::default();
        let lookup = Lookup::new(data);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let Some(columns) = (reader.headers().ok()).and_then(|head| Columns::find(head, "").ok())
        else {
            return decisions;
        };
        for record in reader.records().filter_map(Result::ok) {
            let line = columns.line(&record);
            let found = (lookup.row(&line, data.samples()).ok()).zip(lookup.choice(&line).ok());
            let fits = |row, choice| {
                lookup.has_id(line.id) && label_conflict(row, line.label, choice, data).is_none()
            };
            if let Some((row, choice)) = found.filter(|&(row, choice)| fits(row, choice)) {
                let note = line.note.to_owned();
                decisions.set(row, Some(Decision { choice, note }));
            }
        }
        decisions
    }

    /// Reads a file of decisions.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, and as [`from_csv`](Self::from_csv).
    pub fn load(path: &Path, data: &Dataset) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
        Self::from_csv(&bytes, &path.display().to_string(), data)
    }

    /// Writes a file of decisions, completely or not at all, and waits until it is on the disk.
    ///
    /// # Errors
    /// As [`to_csv`](Self::to_csv), and [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: &Path, data: &Dataset) -> Result<()> {
        write_durably(path, &self.to_csv(data)?)
    }
}

fn unreadable(file: &str, error: &csv::Error) -> Error {
    Error::input(
        file,
        error.to_string(),
        "give a CSV table with the columns row,id,label,decision,relabel,note",
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

/// What earlier versions called the column of the labels.
const FORMER_LABEL: &str = "tag";

/// Where each column of [`HEAD`] is; `None` if people deleted one that is not needed.
struct Columns([Option<usize>; 6]);

/// The cells of a line.
struct Line<'a> {
    row: &'a str,
    id: &'a str,
    label: &'a str,
    decision: &'a str,
    relabel: &'a str,
    note: &'a str,
}

impl Columns {
    fn find(head: &csv::StringRecord, file: &str) -> Result<Self> {
        let position = |wanted: &str| {
            let mut names = head.iter();
            names.position(|name| name.trim().eq_ignore_ascii_case(wanted))
        };
        let mut columns = HEAD.map(position);
        columns[2] = columns[2].or_else(|| position(FORMER_LABEL));
        let needed = HEAD.iter().zip(columns);
        for (name, column) in needed {
            if column.is_none() && matches!(*name, "row" | "decision") {
                let problem = format!("the column `{name}` is missing");
                let remedy = "give the columns row,id,label,decision,relabel,note";
                return Err(Error::input(file, problem, remedy));
            }
        }
        Ok(Self(columns))
    }

    fn line<'a>(&self, record: &'a csv::StringRecord) -> Line<'a> {
        let cell =
            |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or("").trim();
        let [row, id, label, decision, relabel, note] = self.0.map(cell);
        Line {
            row,
            id,
            label,
            decision,
            relabel,
            note,
        }
    }
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

    fn row(&self, line: &Line<'_>, samples: usize) -> Result<usize, String> {
        let (row, id) = (line.row, line.id);
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

    fn choice(&self, line: &Line<'_>) -> Result<Choice, String> {
        match line.decision.to_ascii_lowercase().as_str() {
            "keep" => Ok(Choice::Keep),
            "unsure" => Ok(Choice::Unsure),
            "relabel" => {
                let class = self.classes.get(line.relabel).copied();
                class
                    .map(Choice::Relabel)
                    .ok_or_else(|| format!("there is no class {}", printable(line.relabel)))
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
            ("row,label\n1,a\n", "the column `decision` is missing"),
            (
                "row,label,decision\n1,b,keep\n2,b,keep\n",
                "line 3: row 2 has the label b in this file, but a in the data",
            ),
            ("", "the column `row` is missing"),
        ] {
            let error = Decisions::from_csv(text.as_bytes(), "d.csv", &data).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(matches!(error, Error::Input { .. }));
        }
    }

    #[test]
    fn the_former_name_of_the_label_column_is_read() {
        let text = "row,id,tag,decision,relabel,note\n1,,b,relabel,a,\n";
        let decisions = Decisions::from_csv(text.as_bytes(), "d.csv", &data(None)).unwrap();
        assert_eq!(decisions.get(1).unwrap().choice, Choice::Relabel(0));
        let wrong = text.replace(",b,", ",a,");
        let error = Decisions::from_csv(wrong.as_bytes(), "d.csv", &data(None)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("row 1 has the label a in this file")
        );
    }

    #[test]
    fn decisions_that_were_already_applied_to_the_labels_are_accepted() {
        let data = data(None);
        let text = "row,label,decision,relabel\n2,b,relabel,a\n";
        let decisions = Decisions::from_csv(text.as_bytes(), "d.csv", &data).unwrap();
        assert_eq!(decisions.len(), 1);
    }
}
