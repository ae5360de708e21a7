//! The report for people who were not there: one HTML file, or Markdown with pictures beside it.
//!
//! In: the reports of feature sets, their comparison, decisions and maps, put together as a [`Document`]. Out: the
//! file. Nothing is computed here: every number is one of those that the same document has as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::comparison::Comparison;
use crate::dataset::{Dataset, InputFile};
use crate::decisions::{Choice, Decisions};
use crate::diagnosis::Fidelity;
use crate::encode::json;
use crate::error::Result;
use crate::export::LegendEntry;
use crate::journal::Entry;
use crate::report::{Report, TsneSummary};

mod block;
mod contents;
mod figure;
mod html;
mod markdown;
#[cfg(test)]
mod tests;

pub(crate) use markdown::{Pictures, Written};

/// Version of the JSON's layout. New keys may appear without a new version number; a change of meaning or
/// a removal raises it.
const SCHEMA: &str = "disentangle.document/1";

/// Everything that the report shows.
#[derive(Serialize)]
pub(crate) struct Document {
    /// [`SCHEMA`].
    pub(crate) schema: &'static str,
    /// Version of this crate.
    pub(crate) crate_version: &'static str,
    /// Name of the study or dataset.
    pub(crate) name: String,
    /// Number of samples.
    pub(crate) samples: usize,
    /// The command line that writes the report again.
    pub(crate) command: String,
    /// The files that were read.
    pub(crate) inputs: Vec<InputFile>,
    /// Remarks of reading the study.
    pub(crate) notes: Vec<String>,
    /// How layers and models compare; null for a single set.
    pub(crate) comparison: Option<Comparison>,
    /// The feature sets, model by model and layer by layer.
    pub(crate) sets: Vec<DescribedSet>,
    /// The set whose suspects are listed: its place in `sets`.
    pub(crate) first: usize,
    /// What was decided about labels.
    pub(crate) decisions: Vec<DecidedLabel>,
    /// The selections that were given names on the screen.
    pub(crate) selections: Vec<NamedSelection>,
    /// What was done and seen, oldest first.
    pub(crate) journal: Vec<Arc<Entry>>,
    /// Class of each sample.
    #[serde(skip)]
    pub(crate) classes: Vec<u16>,
    /// The classes and their sizes.
    #[serde(skip)]
    pub(crate) legend: Vec<LegendEntry>,
}

/// A feature set and its map.
#[derive(Serialize)]
pub(crate) struct DescribedSet {
    /// `model/layer`, or the name of a single set.
    pub(crate) set: String,
    /// The model; empty for a single set.
    pub(crate) model: String,
    /// The layer; empty if it has no name.
    pub(crate) layer: String,
    /// Whether the report has all statistics; otherwise it has those of the map's fidelity.
    pub(crate) in_full: bool,
    /// The statistics.
    pub(crate) report: Report,
    /// Maps of the same features with other perplexities.
    pub(crate) others: Vec<OtherMap>,
    /// The map (n × 2).
    #[serde(skip)]
    pub(crate) positions: Vec<[f32; 2]>,
}

/// A map with another perplexity than the one that is described.
#[derive(Serialize)]
pub(crate) struct OtherMap {
    /// How it was made.
    pub(crate) tsne: TsneSummary,
    /// How far it can be believed.
    pub(crate) fidelity: Option<Fidelity>,
    /// The map (n × 2).
    #[serde(skip)]
    pub(crate) positions: Vec<[f32; 2]>,
}

/// A label that was looked at.
#[derive(Serialize)]
pub(crate) struct DecidedLabel {
    /// Row of the sample, from 0.
    pub(crate) row: usize,
    /// Its id.
    pub(crate) id: Option<String>,
    /// Its label before the decision.
    pub(crate) label: Option<String>,
    /// "keep", "relabel" or "unsure".
    pub(crate) decision: &'static str,
    /// The new label.
    pub(crate) relabel: Option<String>,
    /// The user's note.
    pub(crate) note: String,
}

/// A selection that was given a name on the screen.
#[derive(Serialize)]
pub(crate) struct NamedSelection {
    /// Its name.
    pub(crate) name: String,
    /// Number of its samples.
    pub(crate) samples: usize,
    /// How many are of each class, the most frequent first; classes without any are left out.
    pub(crate) classes: Vec<SelectedClass>,
    /// How many have no label.
    pub(crate) unlabeled: usize,
    /// Their rows, from 0.
    pub(crate) rows: Arc<[u32]>,
}

/// The samples of a class in a selection.
#[derive(Serialize)]
pub(crate) struct SelectedClass {
    /// The class's name.
    pub(crate) label: String,
    /// Number of samples.
    pub(crate) count: usize,
}

impl NamedSelection {
    /// All selections, by name.
    pub(crate) fn all(named: &BTreeMap<String, Arc<[u32]>>, data: &Dataset) -> Vec<Self> {
        let names = data.labels().map_or(&[][..], |labels| labels.names());
        let class = |row: &u32| data.labels()?.class(*row as usize);
        let described = |(name, rows): (&String, &Arc<[u32]>)| {
            let mut counts = vec![0; names.len()];
            rows.iter()
                .filter_map(class)
                .for_each(|class| counts[class] += 1);
            let classes = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            let mut classes: Vec<SelectedClass> = classes
                .map(|(class, &count)| SelectedClass {
                    label: names[class].clone(),
                    count,
                })
                .collect();
            classes.sort_by_key(|class| std::cmp::Reverse(class.count));
            Self {
                name: name.clone(),
                samples: rows.len(),
                classes,
                unlabeled: rows.len() - counts.iter().sum::<usize>(),
                rows: Arc::clone(rows),
            }
        };
        named.iter().map(described).collect()
    }
}

impl DecidedLabel {
    /// All decisions, by row.
    pub(crate) fn all(decisions: &Decisions, data: &Dataset) -> Vec<Self> {
        let name = |class: usize| data.labels()?.names().get(class).cloned();
        let decided = |(row, decision): (usize, &crate::decisions::Decision)| Self {
            row,
            id: data.ids().and_then(|ids| ids.get(row).cloned()),
            label: data.labels().and_then(|l| l.class(row)).and_then(name),
            decision: decision.choice.label(),
            relabel: match decision.choice {
                Choice::Relabel(class) => name(usize::from(class)),
                Choice::Keep | Choice::Unsure => None,
            },
            note: decision.note.clone(),
        };
        decisions.iter().map(decided).collect()
    }
}

impl Document {
    /// An empty document about these samples.
    pub(crate) fn new(name: &str, data: &Dataset, command: String) -> Self {
        Self {
            schema: SCHEMA,
            crate_version: env!("CARGO_PKG_VERSION"),
            name: name.into(),
            samples: data.samples(),
            command,
            inputs: data.sources().to_vec(),
            notes: Vec::new(),
            comparison: None,
            sets: Vec::new(),
            first: 0,
            decisions: Vec::new(),
            journal: Vec::new(),
            selections: Vec::new(),
            classes: data
                .labels()
                .map_or_else(Vec::new, |l| l.indices().to_vec()),
            legend: LegendEntry::of(data),
        }
    }

    /// As one HTML file that needs no other.
    ///
    /// # Errors
    /// [`Error::Option`](crate::Error::Option) if a map cannot be drawn; none is known.
    pub(crate) fn to_html(&self) -> Result<String> {
        html::page(self)
    }

    /// As Markdown: its text and, unless maps are in the text, their pictures.
    ///
    /// # Errors
    /// As [`to_html`](Self::to_html).
    pub(crate) fn to_markdown(&self, pictures: Pictures<'_>) -> Result<Written> {
        markdown::write(self, pictures)
    }

    /// As indented JSON, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if a value cannot be written as JSON; none is known.
    pub(crate) fn to_json(&self) -> Result<String> {
        json("document", self)
    }
}
