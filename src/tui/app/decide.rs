//! Deciding about suspects: keep, relabel, unsure, a note; and undoing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::App;
use super::action::{Decide, Effect};
use super::panels::Panel;
use super::prompt::Question;
use crate::decisions::{Choice, Decision, Decisions};
use crate::diagnosis::{Diagnosis, Suspect};
use crate::tui::text;

/// No more decisions than this can be undone.
const MOST_STEPS: usize = 1000;

/// Suspects: what was decided about them, and which are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    /// What was decided.
    pub(crate) decisions: Decisions,
    /// Decisions before they were changed, the newest last.
    undecided: Vec<(usize, Option<Decision>)>,
    /// The relabels that a set's figures are counted with, by set.
    corrected: BTreeMap<usize, Vec<(usize, u16)>>,
    /// The class whose suspects are listed; all if `None`.
    pub(crate) class: Option<usize>,
}

impl App {
    /// The suspects of the class asked for, the worst first.
    pub(crate) fn suspects(&self) -> Vec<&Suspect> {
        let known = self
            .run
            .diagnosis
            .as_ref()
            .and_then(|d| d.suspects.as_deref());
        let all = known.map_or(&[][..], |s| &s.entries);
        let wanted = |s: &&Suspect| self.suspects.class.is_none_or(|class| s.class == class);
        all.iter().filter(wanted).collect()
    }

    /// The suspect under the cursor.
    pub(crate) fn suspect_at_cursor(&self) -> Option<&Suspect> {
        let order = crate::tui::view::suspects::order(self);
        let at = *order.get(self.state(Panel::Suspects).row)?;
        self.suspects().get(at).copied()
    }

    /// Does what the user wants about suspects.
    pub(crate) fn decide(&mut self, what: Decide) {
        match what {
            Decide::NextClass(by) => self.next_suspect_class(by),
            Decide::Undo => self.undo_decision(),
            _ => {
                let Some(suspect) = self.suspect_at_cursor() else {
                    self.say("there is no suspect to decide about");
                    return;
                };
                let (row, suggested) = (suspect.row, suspect.suggested.clone());
                let differs = suspect.suggested != suspect.label;
                match what {
                    Decide::GoTo => self.jump_to(row),
                    Decide::Keep => self.settle(row, Choice::Keep),
                    Decide::Unsure => self.settle(row, Choice::Unsure),
                    Decide::Relabel if differs => {
                        self.relabel(row, &suggested);
                    }
                    Decide::Relabel => self.say(
                        "the witnesses find its own tag most probable; l relabels it as another",
                    ),
                    Decide::AskRelabel => self.ask(Question::Relabel(row), &text::safe(&suggested)),
                    Decide::AskNote => {
                        let note = self.suspects.decisions.get(row).map(|d| d.note.clone());
                        self.ask(Question::Note(row), &note.unwrap_or_default());
                    }
                    Decide::NextClass(_) | Decide::Undo => {}
                }
            }
        }
    }

    /// Relabels a sample as the class of this name; false if there is none.
    pub(super) fn relabel(&mut self, row: usize, name: &str) -> bool {
        let labels = self.run.data.labels();
        let names = labels.map_or(&[][..], |l| l.names());
        let wanted = name.trim();
        let is_it = |n: &String| n.trim() == wanted || text::safe(n).trim() == wanted;
        let Some(class) = names
            .iter()
            .position(is_it)
            .or_else(|| only_one(names, wanted))
        else {
            return false;
        };
        self.settle(row, Choice::Relabel(class as u16));
        true
    }

    /// Notes a decision, keeps the remark, and moves on to the next suspect.
    pub(super) fn settle(&mut self, row: usize, choice: Choice) {
        let note = self.suspects.decisions.get(row).map(|d| d.note.clone());
        let note = note.unwrap_or_default();
        self.put(row, Some(Decision { choice, note }));
        let what = match choice {
            Choice::Keep => "the tag is right".to_owned(),
            Choice::Unsure => "unsure".to_owned(),
            Choice::Relabel(class) => format!(
                "relabel as {}",
                text::cut(&self.entry_name(usize::from(class)), 30)
            ),
        };
        let name = text::cut(&self.sample_name(row), 40).into_owned();
        self.say(format!("{name}: {what}; {}", self.how_to_undecide()));
        self.move_row(1);
    }

    /// Sets a remark; a sample without a decision becomes unsure.
    pub(crate) fn note(&mut self, row: usize, note: &str) {
        let choice = self
            .suspects
            .decisions
            .get(row)
            .map_or(Choice::Unsure, |d| d.choice);
        let note = note.trim().to_owned();
        self.put(row, Some(Decision { choice, note }));
        let name = text::cut(&self.sample_name(row), 40).into_owned();
        self.say(format!("{name}: note kept; {}", self.how_to_undecide()));
    }

    /// What takes a decision back: the key means something else outside of the panel.
    fn how_to_undecide(&self) -> String {
        let key = self.key("undo-decision");
        if self.is_focused(Panel::Suspects) {
            format!("{key} undoes")
        } else {
            format!("in panel Suspects {key} undoes")
        }
    }

    fn put(&mut self, row: usize, decision: Option<Decision>) {
        let before = self.suspects.decisions.set(row, decision);
        if self.suspects.undecided.len() == MOST_STEPS {
            self.suspects.undecided.remove(0);
        }
        self.suspects.undecided.push((row, before));
    }

    /// Has the figures of the set that is shown counted with the labels that were decided, if they
    /// are not yet.
    pub(super) fn correct_labels(&mut self) -> Option<Effect> {
        let labels = self.run.data.labels()?;
        let relabels: Vec<(usize, u16)> = self.suspects.decisions.relabels(labels).collect();
        let set = self.sets.present;
        let told = self
            .suspects
            .corrected
            .get(&set)
            .map_or(&[][..], Vec::as_slice);
        if told == relabels {
            return None;
        }
        let corrected = self.suspects.decisions.corrected(labels).ok()?;
        self.suspects.corrected.insert(set, relabels);
        Some(Effect::SetLabels(set, Arc::new(corrected)))
    }

    /// Says so when the figures are of corrected labels, or no longer are.
    pub(super) fn tell_relabeled(&mut self, new: Option<&Diagnosis>) {
        let count = |d: Option<&Diagnosis>| d.map_or(0, |d| d.relabeled);
        let (before, after) = (count(self.run.diagnosis.as_deref()), count(new));
        if before == after {
            return;
        }
        self.say(match after {
            0 => "figures of the labels as they were read".to_owned(),
            1 => "figures with 1 sample relabeled; the list of suspects stays".to_owned(),
            n => format!("figures with {n} samples relabeled; the list of suspects stays"),
        });
    }

    fn undo_decision(&mut self) {
        let Some((row, before)) = self.suspects.undecided.pop() else {
            self.say("there is no decision to undo");
            return;
        };
        self.suspects.decisions.set(row, before);
        let name = text::cut(&self.sample_name(row), 40).into_owned();
        self.say(format!("undone: the decision about {name}"));
        let list = self.suspects();
        let order = crate::tui::view::suspects::order(self);
        let at = order.iter().position(|&at| list[at].row == row);
        if let Some(at) = at {
            let (rows, fitting) = self.rows_of(Panel::Suspects);
            let state = self.state_mut(Panel::Suspects);
            state.row = at;
            state.reveal(rows, fitting);
        }
    }

    /// Suspects of the next class only, or of all after the last.
    fn next_suspect_class(&mut self, by: i8) {
        let places = self.classes() as isize + 1;
        let at = self.suspects.class.map_or(0, |class| class as isize + 1);
        let next = (at + isize::from(by)).rem_euclid(places.max(1));
        self.list_suspects_of((next > 0).then(|| next as usize - 1));
    }

    /// Lists the suspects of one class only, or of all.
    pub(crate) fn list_suspects_of(&mut self, class: Option<usize>) {
        self.suspects.class = class;
        let state = self.state_mut(Panel::Suspects);
        (state.row, state.first) = (0, 0);
        let count = self.suspects().len();
        self.say(match self.suspects.class {
            Some(class) => format!(
                "suspects tagged {}: {count} listed",
                text::cut(&self.entry_name(class), 30)
            ),
            None => format!("suspects of all classes: {count} listed"),
        });
    }
}

/// The only name that begins so.
fn only_one(names: &[String], beginning: &str) -> Option<usize> {
    let lower = beginning.to_lowercase();
    let begins = |n: &String| !lower.is_empty() && n.trim().to_lowercase().starts_with(&lower);
    let mut found = (0..names.len()).filter(|&at| begins(&names[at]));
    found.next().filter(|_| found.next().is_none())
}
