//! Sessions: the work on the screen in a file, from which it goes on exactly where it was.
//!
//! In: what the screen shows, and the states of the runs of its feature sets. Out: an archive that NumPy reads
//! (`file.rs`): everything but the arrays of the optimizers is one JSON text, `session.json`. It is written whole or not
//! at all, and the previous copy stays (`store.rs`), so that there is always one that opens. No byte of a file is trusted:
//! what cannot be read is left out and named. A lock (`lock.rs`) keeps two programs from writing the same session. The
//! module knows nothing of the screen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::InputFile;
use crate::decisions::{KeptView, Sample};
use crate::run::RunState;
use crate::study::StudyOptions;
use crate::words::count;

mod file;
mod lock;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use file::to_bytes;
pub(crate) use lock::{Lock, Locked, TOUCHED_EVERY};
pub(crate) use store::{Found, read, save};

/// The work on a screen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    /// Format and version of the file.
    pub(crate) schema: String,
    /// Version of the program that wrote it.
    pub(crate) program: String,
    /// The arguments of the command line that opened it.
    pub(crate) arguments: Vec<String>,
    /// The folder in which that was, relative to the session file's.
    pub(crate) folder: String,
    /// What was read. Paths are relative to the file's folder.
    pub(crate) data: Option<StudyOptions>,
    /// It is one file of features, rather than a study.
    pub(crate) is_single: bool,
    pub(crate) samples: usize,
    /// The files that were read, with their digests.
    pub(crate) inputs: Vec<InputFile>,
    /// How maps are made.
    pub(crate) settings: Value,
    pub(crate) screen: Screen,
    /// The feature sets that were shown.
    pub(crate) sets: Vec<SetSession>,
}

/// The runs of a feature set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SetSession {
    /// `model/layer`; empty where there is only one set.
    pub(crate) name: String,
    /// Digest of the features, by which they are recognized.
    pub(crate) features: String,
    pub(crate) run: RunState,
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Screen {
    /// The feature set, as `model/layer`; empty where there is only one.
    pub(crate) set: String,
    /// What the map shows, and how.
    pub(crate) view: Option<KeptView>,
    /// How the map is turned (degrees, counterclockwise), and whether that was when it had stopped moving.
    pub(crate) turn: i32,
    pub(crate) turned_at_rest: bool,
    pub(crate) crosshair: Option<Crosshair>,
    /// The current sample.
    pub(crate) current: Option<Sample>,
    pub(crate) selected: Vec<Sample>,
    /// The panel beside the map.
    pub(crate) panel: String,
    /// Whether the map has the focus, rather than the panel.
    pub(crate) on_map: bool,
    /// What has the focus fills the screen.
    pub(crate) is_whole: bool,
    /// How each panel was left.
    pub(crate) panels: BTreeMap<String, PanelPlace>,
    /// Neighbors per sample in the tables; 0 if that is not known.
    pub(crate) neighbors: usize,
    /// Colors of the classes; empty if that is not known.
    pub(crate) palette: String,
    /// Whether the names of the classes are on the map, if the user said.
    pub(crate) names: Option<bool>,
    /// Whether there are lines to the neighbors of the current sample, and whether the map follows the panels.
    pub(crate) neighbor_lines: bool,
    pub(crate) follows: bool,
    /// Neighbors of the map, rather than of the features, are counted in the table.
    pub(crate) counts_in_map: bool,
    /// How many maps are shown at once, and whether they are of feature sets.
    pub(crate) maps: usize,
    pub(crate) maps_of_sets: bool,
    /// The perplexities that were gone through to each map.
    pub(crate) paths: Vec<MapPath>,
}

/// Where the crosshair is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Crosshair {
    /// Its place (map units), if it is not on the current sample.
    pub(crate) free: Option<[f64; 2]>,
    /// The corner at which a box began (map units).
    pub(crate) corner: Option<[f64; 2]>,
}

/// How a panel was left.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PanelPlace {
    pub(crate) row: usize,
    pub(crate) first: usize,
    pub(crate) column: usize,
    /// Which of the panel's orders its rows are in.
    pub(crate) order: usize,
    pub(crate) is_reversed: bool,
}

/// The perplexities that a map went through, each with the iteration up to which it was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MapPath {
    pub(crate) set: String,
    pub(crate) generation: u64,
    pub(crate) path: Vec<(f64, usize)>,
}

impl Session {
    /// The runs of a set, by its name.
    pub(crate) fn set(&self, name: &str) -> Option<&SetSession> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// Whether it holds a map.
    pub(crate) fn has_maps(&self) -> bool {
        self.sets.iter().any(|set| !set.run.maps.is_empty())
    }

    /// Whether it is about the same data, with maps made in the same way.
    pub(crate) fn is_same_work(&self, other: &Self) -> bool {
        self.data == other.data
            && self.is_single == other.is_single
            && self.settings == other.settings
    }
}

impl SetSession {
    /// The runs, if they are of these features.
    ///
    /// # Errors
    /// Why they are not, in words.
    pub(crate) fn checked(self, digest: &str) -> Result<RunState, String> {
        if self.features == digest {
            return Ok(self.run);
        }
        let maps = count(self.run.maps.len(), "map", "maps");
        Err(format!(
            "the features have changed since: {maps} of the session cannot be used"
        ))
    }
}
