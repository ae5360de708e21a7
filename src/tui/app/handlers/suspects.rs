//! Deciding about suspects: keep, relabel, unsure, a note; and undoing it.

use std::sync::Arc;

use crate::decisions::{Choice, Decision};
use crate::diagnosis::{Diagnosis, Suspect};
use crate::run::Command;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Effect;
use crate::tui::app::command::{class, quoted};
use crate::tui::app::panels::Panel;
use crate::tui::app::prompt::Question;
use crate::tui::app::suspects::{RELABEL_AS, UNDO};

impl App {
    /// The suspects of the class asked for, the worst first.
    pub(crate) fn suspects(&self) -> Vec<&Suspect> {
        let diagnosis = self.run.diagnosis.as_ref();
        let known = diagnosis.and_then(|d| d.suspects.as_deref());
        let all = known.map_or(&[][..], |s| &s.entries);
        let wanted = |s: &&Suspect| self.suspects.class.is_none_or(|class| s.class == class);
        all.iter().filter(wanted).collect()
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
            None => self.say("there is no suspect to decide about"),
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
        let unknown = |_| "no class, or several classes, match this name; type more of it";
        self.settle(row, Choice::Relabel(class.map_err(unknown)? as u16));
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
            Choice::Keep => "the label is right".to_owned(),
            Choice::Unsure => "unsure".to_owned(),
            Choice::Relabel(class) => {
                format!("relabel as {}", self.entry_name_in(usize::from(class), 30))
            }
        };
        let name = text::shorten(&self.sample_name(row), 40).into_owned();
        self.say(format!("{name}: {what}; {}", self.how_to_undecide()));
        if self.is_focused(Panel::Suspects) {
            self.move_row(1);
        }
    }

    /// Sets a remark; a sample without a decision becomes unsure.
    pub(crate) fn note(&mut self, row: usize, note: &str) {
        let decision = self.suspects.decisions.get(row);
        let choice = decision.map_or(Choice::Unsure, |d| d.choice);
        let note = note.trim().to_owned();
        self.suspects.put(row, Decision { choice, note });
        let name = text::shorten(&self.sample_name(row), 40).into_owned();
        self.say(format!("{name}: note saved; {}", self.how_to_undecide()));
    }

    /// What takes a decision back: the key means something else outside of the panel.
    fn how_to_undecide(&self) -> String {
        let key = self.key(UNDO);
        if self.is_focused(Panel::Suspects) {
            format!("{key} undoes")
        } else {
            format!("in the Suspects panel {key} undoes")
        }
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
        self.say(match after {
            0 => "statistics with the labels as they are in the file".to_owned(),
            1 => "statistics with 1 sample relabeled; the list of suspects is unchanged".to_owned(),
            n => {
                format!("statistics with {n} samples relabeled; the list of suspects is unchanged")
            }
        });
    }

    pub(crate) fn undo_decision(&mut self) -> Vec<Effect> {
        let Some(row) = self.suspects.undo() else {
            self.say("there is no decision to undo");
            return Vec::new();
        };
        let name = text::shorten(&self.sample_name(row), 40).into_owned();
        self.say(format!("undone: the decision about {name}"));
        let place = {
            let list = self.suspects();
            let order = self.order_of(Panel::Suspects);
            order.iter().position(|&at| list[at].row == row)
        };
        if let Some(place) = place {
            self.put_cursor(Panel::Suspects, place);
        }
        Vec::new()
    }

    /// Suspects of the next class only, or of all after the last.
    pub(crate) fn next_suspect_class(&mut self, by: isize) -> Vec<Effect> {
        let places = self.run.classes() as isize + 1;
        let at = self.suspects.class.map_or(0, |class| class as isize + 1);
        let next = (at + by).rem_euclid(places.max(1));
        self.list_suspects_of((next > 0).then(|| next as usize - 1));
        Vec::new()
    }

    /// Lists the suspects of one class only, or of all.
    pub(crate) fn list_suspects_of(&mut self, class: Option<usize>) {
        self.suspects.class = class;
        let state = self.state_mut(Panel::Suspects);
        (state.row, state.first) = (0, 0);
        let count = self.suspects().len();
        self.say(match self.suspects.class {
            Some(class) => format!(
                "suspects labeled {}: {count} listed",
                self.entry_name_in(class, 30)
            ),
            None => format!("suspects of all classes: {count} listed"),
        });
    }
}
