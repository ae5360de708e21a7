//! The journal of a study: what was done, seen and decided, one line of JSON an event, appended as it happens.
//!
//! In: events. Out: a file, `study.journal.jsonl`, that people, `jq` and pandas read; its entries, oldest first; and
//! the sentences that screen and report show of them (`words.rs`). Each entry is appended with one write, so that
//! several programs may append at once. A line that was cut off, because the program was killed, is skipped, and
//! the next entry starts on a line of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::affinities::Weighting;
use crate::dataset::InputFile;
use crate::decisions::{KeptView, Sample};
use crate::study::StudyOptions;
use crate::tsne::{Initialization, TsneParams};

mod figures;
mod file;
mod time;
mod words;

pub(crate) use figures::{compared, figures};
pub(crate) use file::{Journal, Read};

/// Version of the lines. New keys and events may appear without a new version; a change of meaning or a removal raises it.
const VERSION: u32 = 1;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// [`VERSION`].
    journal: u32,
    /// When it was appended, in UTC: 2026-01-31T12:00:00Z.
    pub(crate) time: String,
    #[serde(flatten)]
    pub(crate) event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The data was opened on the screen.
    Opened(Box<Opened>),
    /// Another map was shown.
    Map {
        #[serde(flatten)]
        place: Place,
    },
    /// A map was finished.
    Run(Box<RunEntry>),
    /// Something that the user wrote.
    Note {
        text: String,
        /// The sample that was the current one.
        sample: Option<Sample>,
        #[serde(flatten)]
        place: Place,
    },
    /// What the map showed.
    Picture(Box<Picture>),
    /// A selection was given a name.
    Selection { name: String, samples: Vec<Sample> },
    /// The name of a selection was forgotten.
    Forgotten { name: String },
    /// A decision about a label, or what it became when it was undone.
    Decision(DecisionEntry),
    /// The feature sets were compared.
    Comparison { k: usize, sets: Vec<ComparedSet> },
}

/// The data, and how maps are made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Version of this crate.
    pub(crate) program: String,
    pub(crate) name: String,
    pub(crate) samples: usize,
    /// The files that were read, with their digests.
    pub(crate) inputs: Vec<InputFile>,
    /// One file of features, rather than a study; nothing for data that does not come from files.
    pub(crate) is_single: bool,
    /// What was read. Paths are relative to the journal's folder.
    pub(crate) data: Option<StudyOptions>,
    pub(crate) settings: Settings,
}

/// How maps are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    /// Nothing if the positions came from a file.
    pub(crate) initialization: Option<Initialization>,
    pub(crate) pca_components: Option<usize>,
    pub(crate) weighting: Weighting,
    pub(crate) annealing: Option<f64>,
    pub(crate) tsne: TsneParams,
    /// Neighbors per sample in the tables.
    pub(crate) k: usize,
}

/// A map of a feature set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The feature set, as `model/layer`; the name of the data if there is only one.
    pub(crate) set: String,
    pub(crate) perplexity: f64,
    pub(crate) seed: u64,
    pub(crate) iteration: usize,
}

/// A map that was finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunEntry {
    #[serde(flatten)]
    pub(crate) place: Place,
    /// "pca", "random", "spectral", "given", or "continued" from another map.
    pub(crate) start: String,
    /// The perplexities that the map went through, each with the iteration up to which it was used; empty if that is
    /// not known.
    pub(crate) path: Vec<Segment>,
    /// Samples whose labels were corrected by decisions.
    pub(crate) relabeled: usize,
    /// Neighbors per sample in the tables.
    pub(crate) k: usize,
    pub(crate) figures: Figures,
}

/// A perplexity, and the iteration up to which it was used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) perplexity: f64,
    pub(crate) until: usize,
}

/// Figures by name, as far as they were computed.
pub(crate) type Figures = BTreeMap<String, f64>;

/// What the map showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Picture {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) view: KeptView,
    pub(crate) selected: Vec<Sample>,
    pub(crate) figures: Figures,
    /// The map as text, line by line.
    #[serde(rename = "picture")]
    pub(crate) lines: Vec<String>,
}

/// A decision about a label; one without a choice was undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DecisionEntry {
    pub(crate) sample: Sample,
    pub(crate) label: Option<String>,
    /// "keep", "relabel", "unsure", or null.
    pub(crate) decision: Option<String>,
    pub(crate) relabel: Option<String>,
    pub(crate) note: String,
}

/// What a comparison says of a feature set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ComparedSet {
    pub(crate) set: String,
    pub(crate) figures: Figures,
}
