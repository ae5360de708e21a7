//! Suspects: what was decided about them, and which are listed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::action::Action;
use crate::decisions::{Decision, Decisions};

/// No more decisions than this can be undone.
const MOST_STEPS: usize = 1000;

/// Relabel as another class, to which messages point.
pub(crate) const RELABEL_AS: Action = Action::OfPanel("relabel-as");
/// Take the newest decision back, to which messages point.
pub(crate) const UNDO: Action = Action::OfPanel("undo-decision");

/// Suspects: what was decided about them, and which are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    pub(crate) decisions: Decisions,
    /// Where they are saved, until that was said.
    pub(crate) destination: Option<PathBuf>,
    /// Decisions before they were changed, the newest last.
    undecided: Vec<(usize, Option<Decision>)>,
    /// Decisions that were taken back, the newest last.
    retaken: Vec<(usize, Option<Decision>)>,
    /// The relabels that a set's statistics are computed with, by set.
    pub(crate) corrected: BTreeMap<usize, Vec<(usize, u16)>>,
    /// The class whose suspects are listed; all if `None`.
    pub(crate) class: Option<usize>,
    /// Those that are not probably mislabeled are listed, too.
    pub(crate) lists_all: bool,
    /// Those that were decided about are not listed.
    pub(crate) hides_decided: bool,
}

impl Suspects {
    /// The note about a sample.
    pub(crate) fn note_of(&self, row: usize) -> String {
        let decision = self.decisions.get(row);
        decision.map_or_else(String::new, |d| d.note.clone())
    }

    /// Decides about a sample, in a way that can be undone.
    pub(crate) fn put(&mut self, row: usize, decision: Decision) {
        let before = self.decisions.set(row, Some(decision));
        if self.undecided.len() == MOST_STEPS {
            self.undecided.remove(0);
        }
        self.undecided.push((row, before));
        self.retaken.clear();
    }

    /// Takes the newest decision back; says about which sample. Once all of this session are taken back,
    /// those of earlier ones follow: the one about `row` first, otherwise from the last sample on.
    pub(crate) fn undo(&mut self, row: Option<usize>) -> Option<usize> {
        let restored = || {
            let decided = row.filter(|&row| self.decisions.get(row).is_some());
            let last = self.decisions.iter().last().map(|(row, _)| row);
            Some((decided.or(last)?, None))
        };
        let (row, before) = self.undecided.pop().or_else(restored)?;
        let now = self.decisions.set(row, before);
        self.retaken.push((row, now));
        Some(row)
    }

    /// Decides again what was taken back last; says about which sample.
    pub(crate) fn redo(&mut self) -> Option<usize> {
        let (row, decision) = self.retaken.pop()?;
        let before = self.decisions.set(row, decision);
        self.undecided.push((row, before));
        Some(row)
    }
}
