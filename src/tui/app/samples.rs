//! The samples that the user has taken in hand: the current one, the selected ones, the classes
//! shown.

use std::sync::Arc;

use super::action::Direction;
use super::finding::Finding;
use super::named::Named;
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
    pub(crate) inspecting: bool,
    /// Selections and views with names.
    pub(crate) named: Named,
    /// What was searched for and found.
    pub(crate) finding: Finding,
}

impl Samples {
    /// Nothing is chosen, and all entries of the legend are shown.
    pub(crate) fn new(entries: usize) -> Self {
        Self {
            selection: Selection::default(),
            shown: vec![true; entries],
            history: History::default(),
            evidence: None,
            inspecting: false,
            named: Named::default(),
            finding: Finding::default(),
        }
    }

    /// Remembers the selection and the classes shown, before something changes them.
    pub(crate) fn remember(&mut self, what: impl Into<String>) {
        self.history
            .remember(what.into(), &self.selection, &self.shown);
    }

    /// Forgets the newest step if it changed nothing.
    pub(crate) fn forget_if_unchanged(&mut self) {
        self.history
            .forget_if_unchanged(&self.selection, &self.shown);
    }

    /// Undoes the newest change, or does it again; says what that was.
    pub(crate) fn step(&mut self, to: Direction) -> Option<String> {
        self.history.step(to, &mut self.selection, &mut self.shown)
    }
}
