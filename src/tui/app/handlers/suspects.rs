//! Deciding about suspects: keep, relabel, unsure, a note; and undoing it.

use std::sync::Arc;

use crate::decisions::{Choice, Decision, Decisions};
use crate::diagnosis::{Diagnosis, Suspect, Verdict};
use crate::error::printable;
use crate::run::Command;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Direction, Effect, Record};
use crate::tui::app::command::{class, quoted};
use crate::tui::app::panels::Panel;
use crate::tui::app::prompt::Question;
use crate::tui::app::suspects::{RELABEL_AS, UNDO};

impl App {
    fn all_suspects(&self) -> &[Suspect] {
        let diagnosis = self.run.diagnosis.as_ref();
        let known = diagnosis.and_then(|d| d.suspects.as_deref());
        known.map_or(&[], |s| &s.entries)
    }

    /// Whether only those that are probably mislabeled are listed. Where there are none, all are.
    pub(crate) fn lists_likely_only(&self) -> bool {
        self.has_likely(self.suspects.class) && !self.suspects.lists_all
    }

    /// Whether samples of a class, or any, are probably mislabeled.
    fn has_likely(&self, class: Option<usize>) -> bool {
        self.suspects_of(class).any(is_likely)
    }

    /// The suspects of a class, or all.
    pub(crate) fn suspects_of(&self, class: Option<usize>) -> impl Iterator<Item = &Suspect> {
        let all = self.all_suspects().iter();
        all.filter(move |s| class.is_none_or(|class| s.class == class))
    }

    /// The suspects that are listed, the worst first.
    pub(crate) fn suspects(&self) -> Vec<&Suspect> {
        let is_hidden = |s: &&Suspect| {
            self.suspects.hides_decided && self.suspects.decisions.get(s.row).is_some()
        };
        let mut listed = self.suspects_in_question();
        listed.retain(|s| !is_hidden(s));
        listed
    }

    /// The suspects of the list, those that were decided about included.
    pub(crate) fn suspects_in_question(&self) -> Vec<&Suspect> {
        let likely_only = self.lists_likely_only();
        let all = self.suspects_of(self.suspects.class);
        all.filter(|s| !likely_only || is_likely(s)).collect()
    }

    /// Lists less suspicious labels, too, or those that are probably mislabeled only.
    pub(crate) fn list_all_suspects(&mut self) -> Vec<Effect> {
        self.suspects.lists_all = !self.suspects.lists_all;
        self.say_listed();
        Vec::new()
    }

    /// Lists only undecided suspects, or all.
    pub(crate) fn hide_decided(&mut self) -> Vec<Effect> {
        self.suspects.hides_decided = !self.suspects.hides_decided;
        self.say_listed();
        Vec::new()
    }

    /// Says what is listed, from the top.
    fn say_listed(&mut self) {
        let state = self.state_mut(Panel::Suspects);
        (state.row, state.first) = (0, 0);
        let diagnosis = self.run.diagnosis.as_ref();
        let known = diagnosis.and_then(|d| d.suspects.as_deref());
        let what = match known {
            _ if self.lists_likely_only() => "probably mislabeled".to_owned(),
            Some(known) if self.suspects.class.is_none() && known.ranked > known.entries.len() => {
                format!(
                    "the most suspicious of {} labels",
                    text::count(known.ranked)
                )
            }
            _ => "the most suspicious labels".to_owned(),
        };
        let undecided = if self.suspects.hides_decided {
            ", undecided only"
        } else {
            ""
        };
        let class = self.suspects.class.map_or_else(String::new, |class| {
            format!(", labeled {}", self.entry_name_in(class, 30))
        });
        if known.is_none() {
            self.say(format!(
                "suspects{class}: listed as soon as they are ranked"
            ));
            return;
        }
        let count = self.suspects().len();
        self.say(format!("{what}{undecided}{class}: {count} listed"));
    }

    /// The suspect under the cursor.
    pub(crate) fn suspect_at_cursor(&self) -> Option<&Suspect> {
        let at = self.row_at_cursor(Panel::Suspects)?;
        self.suspects().get(at).copied()
    }

    /// The sample that a decision is about: the suspect under the cursor of its panel, or else the
    /// current sample.
    pub(crate) fn sample_to_decide(&self) -> Result<usize, String> {
        if self.run.data.labels().is_none() || self.run.is_provisional() {
            return Err("decisions are about labels, and the data has none".into());
        }
        let found = if self.is_focused(Panel::Suspects) {
            self.suspect_at_cursor().map(|suspect| suspect.row)
        } else {
            self.samples.selection.current
        };
        found.ok_or_else(|| {
            "there is neither a suspect under the cursor nor a current sample".into()
        })
    }

    /// Does something with the suspect under the cursor.
    pub(crate) fn with_suspect(&mut self, act: impl FnOnce(&mut Self, usize, &str)) -> Vec<Effect> {
        match self.suspect_at_cursor() {
            Some(suspect) => {
                let (row, suggested) = (suspect.row, suspect.suggested.clone());
                act(self, row, &suggested);
            }
            None => self.refuse("there is no suspect to decide about"),
        }
        Vec::new()
    }

    /// Relabels the suspect under the cursor as suggested.
    pub(crate) fn relabel_as_suggested(&mut self) -> Vec<Effect> {
        let differs = |s: &Suspect| s.suggested != s.label;
        if self.suspect_at_cursor().is_some_and(|s| !differs(s)) {
            let key = self.key(RELABEL_AS);
            self.say(format!(
                "its own label is the most probable; {key} relabels it as another class"
            ));
            return Vec::new();
        }
        self.with_suspect(|app, row, suggested| {
            if let Err(problem) = app.relabel(row, suggested) {
                app.complain(problem);
            }
        })
    }

    /// Relabels a sample as the class of this name.
    pub(crate) fn relabel(&mut self, row: usize, name: &str) -> Result<(), String> {
        let class = class(self, &quoted(name.trim()));
        self.settle(row, Choice::Relabel(class? as u16));
        Ok(())
    }

    /// Asks as which class the suspect under the cursor should be relabeled.
    pub(crate) fn ask_relabel(&mut self) -> Vec<Effect> {
        self.with_suspect(|app, row, suggested| {
            app.ask(Question::Relabel(row), &text::safe(suggested));
        })
    }

    pub(crate) fn ask_note(&mut self, row: usize) {
        let note = self.suspects.note_of(row);
        self.ask(Question::Note(row), &note);
    }

    /// Notes a decision, keeps the remark, and moves on to the next suspect.
    pub(crate) fn settle(&mut self, row: usize, choice: Choice) {
        let note = self.suspects.note_of(row);
        self.suspects.put(row, Decision { choice, note });
        let what = match choice {
            Choice::Keep => "label kept".to_owned(),
            Choice::Unsure => "unsure".to_owned(),
            Choice::Relabel(class) => {
                format!(
                    "relabeled as {}",
                    self.entry_name_in(usize::from(class), 30)
                )
            }
        };
        let name = text::shorten_id(&self.sample_name(row), 40).into_owned();
        let undo = self.how_to_undecide();
        self.promise(format!("{name}: {what}; {undo}"), Record::Decisions);
        if self.is_focused(Panel::Suspects) {
            // Where what is decided leaves the list, the next one is at its place.
            let by = usize::from(!self.suspects.hides_decided);
            self.put_cursor(Panel::Suspects, self.state(Panel::Suspects).row + by);
        }
    }

    /// Sets a remark; a sample without a decision becomes unsure.
    pub(crate) fn note(&mut self, row: usize, note: &str) {
        let decision = self.suspects.decisions.get(row);
        let marked = if decision.is_none() {
            ", marked as unsure"
        } else {
            ""
        };
        let choice = decision.map_or(Choice::Unsure, |d| d.choice);
        let note = note.trim().to_owned();
        self.suspects.put(row, Decision { choice, note });
        let name = text::shorten_id(&self.sample_name(row), 40).into_owned();
        let undo = self.how_to_undecide();
        self.promise(
            format!("{name}: note saved{marked}; {undo}"),
            Record::Decisions,
        );
        if self.is_focused(Panel::Suspects) {
            self.put_cursor(Panel::Suspects, self.state(Panel::Suspects).row);
        }
    }

    /// What takes a decision back (the key means something else outside of the panel) and, the first time,
    /// where decisions are saved.
    fn how_to_undecide(&mut self) -> String {
        let key = self.key(UNDO);
        let place = if self.is_focused(Panel::Suspects) {
            ""
        } else {
            "in the Suspects panel "
        };
        let file = self.suspects.destination.take();
        let file = file.map(|file| printable(&file.display().to_string()));
        let saved = file.map(|file| format!("; saved in {file}"));
        format!("{place}{key} undoes{}", saved.unwrap_or_default())
    }

    /// Has the statistics of the set that is shown computed with the decided labels, if they
    /// are not yet.
    pub(crate) fn correct_labels(&mut self) -> Option<Effect> {
        let labels = self.run.data.labels()?;
        let relabels: Vec<(usize, u16)> = self.suspects.decisions.relabels(labels).collect();
        let set = self.sets.current;
        let told = self.suspects.corrected.get(&set);
        if told.map_or(&[][..], Vec::as_slice) == relabels {
            return None;
        }
        let corrected = self.suspects.decisions.corrected(labels).ok()?;
        self.suspects.corrected.insert(set, relabels);
        Some(Effect::CommandTo(
            set,
            Command::SetLabels(Arc::new(corrected)),
        ))
    }

    /// Says so when the statistics are of corrected labels, or no longer are.
    pub(crate) fn tell_relabeled(&mut self, new: Option<&Diagnosis>) {
        let count = |d: Option<&Diagnosis>| d.map_or(0, |d| d.relabeled);
        let (before, after) = (count(self.run.diagnosis.as_deref()), count(new));
        if before == after {
            return;
        }
        let text = match after {
            0 => "statistics with the labels as they are in the file".to_owned(),
            1 => "statistics with 1 sample relabeled; the list of suspects is unchanged".to_owned(),
            n => {
                format!("statistics with {n} samples relabeled; the list of suspects is unchanged")
            }
        };
        // They may be ready before the message about the decision was read.
        self.messages.add(text, Record::Decisions);
    }

    pub(crate) fn undo_decision(&mut self) -> Vec<Effect> {
        let at_cursor = self.suspect_at_cursor().map(|suspect| suspect.row);
        let before = self.suspects.decisions.clone();
        let Some(row) = self.suspects.undo(at_cursor) else {
            self.say("there is no decision to undo");
            return Vec::new();
        };
        let name = text::shorten_id(&self.sample_name(row), 40).into_owned();
        let now = &self.suspects.decisions;
        let choice = |decisions: &Decisions| decisions.get(row).map(|d| d.choice);
        let is_note = choice(&before) == choice(now) && before.get(row) != now.get(row);
        let what = if is_note { "note" } else { "decision" };
        self.promise(
            format!("undone: the {what} about {name}"),
            Record::Decisions,
        );
        self.go_to_suspect(row);
        Vec::new()
    }

    /// Decides again what was taken back last.
    pub(crate) fn redo_decision(&mut self) {
        let Some(row) = self.suspects.redo() else {
            self.say("there is no decision to redo");
            return;
        };
        let name = text::shorten_id(&self.sample_name(row), 40).into_owned();
        self.promise(
            format!("redone: the decision about {name}"),
            Record::Decisions,
        );
        self.go_to_suspect(row);
    }

    /// Puts the cursor of the list on a sample, if it is listed.
    fn go_to_suspect(&mut self, row: usize) {
        let place = {
            let list = self.suspects();
            let order = self.order_of(Panel::Suspects);
            order.iter().position(|&at| list[at].row == row)
        };
        if let Some(place) = place {
            self.put_cursor(Panel::Suspects, place);
        }
    }

    /// Suspects of the next class that has any only, or of all after the last.
    pub(crate) fn next_suspect_class(&mut self, to: Direction) -> Vec<Effect> {
        let places = self.run.classes() + 1;
        let likely_only = self.has_likely(None) && !self.suspects.lists_all;
        let class = |at: usize| at.checked_sub(1);
        let mut at = self.suspects.class.map_or(0, |class| class + 1);
        for _ in 0..places {
            at = to.around(at, places);
            let mut listed = self.suspects_of(class(at));
            if at == 0 || listed.any(|s| !likely_only || is_likely(s)) {
                break;
            }
        }
        self.list_suspects_of(class(at));
        Vec::new()
    }

    /// Lists the suspects of one class only, or of all.
    pub(crate) fn list_suspects_of(&mut self, class: Option<usize>) {
        self.suspects.class = class;
        self.say_listed();
    }
}

fn is_likely(suspect: &Suspect) -> bool {
    suspect.verdict == Verdict::ProbablyMislabeled
}
