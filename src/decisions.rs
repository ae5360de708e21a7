//! The user's decisions about suspicious labels: kept beside the data, and applied to a dataset.
//!
//! In: decisions by sample, or a file of them. Out: a CSV table that people can read and edit
//! (`row,id,label,decision,relabel,note`, where `label` is the label before the decision), and a dataset
//! with corrected labels. Rows count from 0. A sample is found by its id if ids are unique, so that
//! decisions stay valid when rows are reordered; otherwise by its row. The file has no timestamp: the
//! same decisions give the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Labels};
use crate::error::{Error, Result, printable};

mod file;
#[cfg(feature = "tui")]
mod names;
#[cfg(feature = "tui")]
mod restore;

#[cfg(feature = "tui")]
pub(crate) use self::names::{KeptView, Names, Sample, Window, restore_names};
#[cfg(feature = "tui")]
pub(crate) use self::restore::{beside, kept_decisions};

/// What to do with a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Keep it.
    Keep,
    /// Change it to this class (index into the labels' names).
    Relabel(u16),
    /// Looked at, but not clear.
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
/// assert_eq!(String::from_utf8_lossy(&file), "row,id,label,decision,relabel,note\n1,,cat,relabel,ox,horns\n");
/// assert_eq!(Decisions::from_csv(&file, "decisions.csv", &data)?, decisions);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        labels.corrected(indices)
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
}

fn no_such_row(file: &str, row: usize, samples: usize) -> Error {
    Error::input(
        file,
        format!("there is no row {row} among {samples} samples (rows count from 0)"),
        "use a file of decisions that was made for these samples",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn data() -> Dataset {
        let data = Dataset::new(Array2::zeros((4, 2))).unwrap();
        let labels = Labels::from_strings(&["a", "b", "a", "b"]).unwrap();
        data.with_labels(labels).unwrap()
    }

    fn decision(choice: Choice, note: &str) -> Decision {
        Decision {
            choice,
            note: note.into(),
        }
    }

    #[test]
    fn corrected_labels_are_a_labels_file() {
        let data = data();
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
