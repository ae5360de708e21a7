//! The samples that the user has taken in hand: the current one, the selected ones, and the classes
//! shown.

use std::sync::Arc;

use super::selection::{History, Selection};
use crate::diagnosis::SampleDiagnosis;

/// What was chosen of the samples.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    /// The current sample and the selected ones.
    pub(crate) selection: Selection,
    /// Which classes are shown, then whether samples without one are.
    pub(crate) shown: Vec<bool>,
    /// What can be undone of both.
    pub(crate) history: History,
    /// What surrounds the current sample, or the one before it.
    pub(crate) evidence: Option<Arc<SampleDiagnosis>>,
    /// That is being computed.
    pub(super) inspecting: bool,
    /// What was searched for.
    pub(super) wanted: String,
}

impl Samples {
    /// Nothing is chosen, and all of so many entries of the legend are shown.
    pub(super) fn new(entries: usize) -> Self {
        Self {
            selection: Selection::default(),
            shown: vec![true; entries],
            history: History::default(),
            evidence: None,
            inspecting: false,
            wanted: String::new(),
        }
    }
}
