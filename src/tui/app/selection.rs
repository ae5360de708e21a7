//! What the user has taken in hand: one current sample, and a set of selected ones.
//!
//! Both are of the samples, not of a map, so that they last while perplexities, layers and models
//! change. What selecting and hiding changed can be undone.

use std::sync::Arc;

use super::action::Direction;

/// No more steps than this can be undone.
const MOST_STEPS: usize = 100;

/// The current sample and the selected ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The sample under the cursor.
    pub(crate) current: Option<usize>,
    /// The selected samples, ascending.
    ids: Arc<[u32]>,
}

/// How a set of samples joins those that are selected already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// It takes their place.
    Replace,
    /// It is added; if all of it is selected already, it is taken away.
    Toggle,
}

impl Selection {
    /// The selected samples, ascending.
    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// How many are selected.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// True if none is.
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether a sample is selected.
    pub(crate) fn contains(&self, sample: usize) -> bool {
        self.ids.binary_search(&(sample as u32)).is_ok()
    }

    /// Takes a set of samples (ascending) in.
    pub(crate) fn join(&mut self, set: &[u32], how: Join) {
        debug_assert!(set.is_sorted());
        self.ids = match how {
            Join::Replace => set.into(),
            Join::Toggle if set.iter().all(|s| self.contains(*s as usize)) => {
                let stays = |s: &&u32| set.binary_search(s).is_err();
                self.ids.iter().filter(stays).copied().collect()
            }
            Join::Toggle => {
                let mut all: Vec<u32> = self.ids.iter().chain(set).copied().collect();
                all.sort_unstable();
                all.dedup();
                all.into()
            }
        };
    }
}

/// What can be undone: the selected samples and the classes shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What was done, in words.
    pub(crate) what: String,
    /// The selected samples before it (or, to be done again, after it).
    pub(crate) ids: Arc<[u32]>,
    /// The classes shown, likewise.
    pub(crate) shown: Vec<bool>,
}

/// What was done, to be undone and done again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    undo: Vec<Change>,
    redo: Vec<Change>,
}

impl History {
    /// Remembers how things were before something is done.
    pub(crate) fn remember(&mut self, what: String, selection: &Selection, shown: &[bool]) {
        if self.undo.len() == MOST_STEPS {
            self.undo.remove(0);
        }
        self.undo.push(Change {
            what,
            ids: Arc::clone(&selection.ids),
            shown: shown.to_vec(),
        });
        self.redo.clear();
    }

    /// How many steps can be undone.
    pub(crate) fn len(&self) -> usize {
        self.undo.len()
    }

    /// Forgets the newest step, which changed nothing.
    pub(crate) fn forget_if_unchanged(&mut self, selection: &Selection, shown: &[bool]) {
        let same = |step: &Change| step.ids == selection.ids && step.shown == shown;
        if self.undo.last().is_some_and(same) {
            self.undo.pop();
        }
    }

    /// Goes back a step, or forward again; says what was undone or done.
    pub(crate) fn step(
        &mut self,
        to: Direction,
        selection: &mut Selection,
        shown: &mut Vec<bool>,
    ) -> Option<String> {
        let (from, onto) = match to {
            Direction::Back => (&mut self.undo, &mut self.redo),
            Direction::Forward => (&mut self.redo, &mut self.undo),
        };
        let step = from.pop()?;
        onto.push(Change {
            what: step.what.clone(),
            ids: Arc::clone(&selection.ids),
            shown: shown.clone(),
        });
        selection.ids = step.ids;
        *shown = step.shown;
        Some(step.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_added_and_taken_away_as_wholes() {
        let mut selection = Selection::default();
        selection.join(&[3, 5, 9], Join::Toggle);
        selection.join(&[4, 5], Join::Toggle);
        assert_eq!(selection.ids(), [3, 4, 5, 9]);
        selection.join(&[3, 9], Join::Toggle);
        assert_eq!(selection.ids(), [4, 5]);
        assert!(selection.contains(4) && !selection.contains(3));
        selection.join(&[1], Join::Replace);
        assert_eq!((selection.ids(), selection.len()), ([1].as_slice(), 1));
    }

    #[test]
    fn steps_go_back_and_forth_and_a_new_one_ends_the_way_forth() {
        let (mut selection, mut shown) = (Selection::default(), vec![true; 2]);
        let mut history = History::default();
        let act = |what: &str, ids: &[u32], history: &mut History, s: &mut Selection| {
            history.remember(what.into(), s, &[true; 2]);
            s.join(ids, Join::Replace);
            history.forget_if_unchanged(s, &[true; 2]);
        };
        act("one", &[1], &mut history, &mut selection);
        act("same", &[1], &mut history, &mut selection);
        act("two", &[2], &mut history, &mut selection);
        let mut step = |to, s: &mut Selection| history.step(to, s, &mut shown);
        assert_eq!(
            step(Direction::Back, &mut selection).as_deref(),
            Some("two")
        );
        assert_eq!(selection.ids(), [1]);
        assert_eq!(
            step(Direction::Back, &mut selection).as_deref(),
            Some("one")
        );
        assert_eq!(step(Direction::Back, &mut selection), None);
        assert!(selection.is_empty());
        assert_eq!(
            step(Direction::Forward, &mut selection).as_deref(),
            Some("one")
        );
        assert_eq!(selection.ids(), [1]);
        history.remember("three".into(), &selection, &shown);
        assert_eq!(
            history.step(Direction::Forward, &mut selection, &mut shown),
            None
        );
    }
}
