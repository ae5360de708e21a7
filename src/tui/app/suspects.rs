//! Deciding about suspects: keep, relabel, unsure, a note; and undoing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::App;
use super::action::{Action, Effect};
use super::commands::{self, Argument, Reply, Spec, Word};
use super::keys::{Binding, row};
use super::panels::Panel;
use super::prompt::Question;
use crate::decisions::{Choice, Decision, Decisions};
use crate::diagnosis::{Diagnosis, Suspect};
use crate::run::Command;
use crate::text;
use crate::tui::terminal::input::Key;

/// No more decisions than this can be undone.
const MOST_STEPS: usize = 1000;

/// The keys of panel Suspects.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| GO_TO_SUSPECT, "on the map", "show the suspect on the map, and its neighbors in the Sample panel"),
    row(&[Key::Char('t')], "t", |_| KEEP, "label is right", "keep the label: it is right"),
    row(&[Key::Char('r')], "r", |_| RELABEL, "relabel", "relabel as suggested"),
    row(&[Key::Char('l')], "l", |_| RELABEL_AS, "", "relabel as another class: type its name"),
    row(&[Key::Char('o')], "o", |_| UNSURE, "unsure", "mark as unsure"),
    row(&[Key::Char('n')], "n", |_| NOTE, "note", "type a note about the sample"),
    row(&[Key::Char('u')], "u", |_| UNDO, "undo", "undo the last decision"),
    row(&[Key::Char('f'), Key::Char('F')], "f F", |at| if at == 0 { NEXT_CLASS } else { PREVIOUS_CLASS }, "class", "only suspects of the next or previous class; after the last: all"),
];

pub(super) const GO_TO_SUSPECT: Action = Action::of_panel("go-to-suspect", |app| {
    app.with_suspect(|app, row, _| app.jump_to(row))
});
pub(super) const KEEP: Action = Action::of_panel("keep-label", |app| {
    app.with_suspect(|app, row, _| app.settle(row, Choice::Keep))
});
pub(super) const RELABEL: Action = Action::of_panel("relabel", App::relabel_as_suggested);
pub(super) const RELABEL_AS: Action = Action::of_panel("relabel-as", |app| {
    app.with_suspect(|app, row, suggested| {
        app.ask(Question::Relabel(row), &text::safe(suggested));
    })
});
pub(super) const UNSURE: Action = Action::of_panel("unsure", |app| {
    app.with_suspect(|app, row, _| app.settle(row, Choice::Unsure))
});
const NOTE: Action = Action::of_panel("note", |app| {
    app.with_suspect(|app, row, _| app.ask_note(row))
});
/// Take the newest decision back.
pub(super) const UNDO: Action = Action::of_panel("undo-decision", App::undo_decision);
pub(super) const NEXT_CLASS: Action =
    Action::of_panel("next-suspect-class", |app| app.next_suspect_class(1));
const PREVIOUS_CLASS: Action =
    Action::of_panel("previous-suspect-class", |app| app.next_suspect_class(-1));

const DECISIONS: &[Word] = &[
    commands::word("keep", "the label is right"),
    commands::word_then(
        "relabel",
        "as suggested, or as the class named",
        Argument::Classes,
    ),
    commands::word("unsure", "undecided"),
];

/// The commands about suspects.
#[rustfmt::skip]
pub(super) const COMMANDS: &[Spec] = &[
    commands::row("suspects", "[CLASS]", Argument::Classes, list, "list the suspects labeled as this class; without a name, all"),
    commands::row("decide", "keep | relabel [CLASS] | unsure", Argument::Words(DECISIONS), decide, "decide about the suspect under the cursor or, outside the Suspects panel, about the current sample"),
    commands::row("note", "TEXT", Argument::Text, note, "attach a note to that sample"),
];

fn list(app: &mut App, text: &str) -> Reply {
    let class = match text {
        "" => None,
        name => Some(commands::class(app, name)?),
    };
    app.show(Panel::Suspects);
    app.list_suspects_of(class);
    commands::DONE
}

fn decide(app: &mut App, text: &str) -> Reply {
    let (what, name) = commands::split(text);
    let choice = match (what, name) {
        ("keep", "") => Choice::Keep,
        ("unsure", "") => Choice::Unsure,
        ("relabel", "") => {
            app.sample_to_decide()?;
            if app.is_focused(Panel::Suspects) {
                return Ok(app.relabel_as_suggested());
            }
            return Err(commands::expected("relabel with a class", text));
        }
        ("relabel", name) => Choice::Relabel(commands::class(app, name)? as u16),
        _ => {
            let what = "keep, relabel (with a class) or unsure";
            return Err(commands::expected(what, text));
        }
    };
    let row = app.sample_to_decide()?;
    app.settle(row, choice);
    commands::DONE
}

fn note(app: &mut App, text: &str) -> Reply {
    let row = app.sample_to_decide()?;
    app.note(row, &commands::unquoted(text)?);
    commands::DONE
}

/// Suspects: what was decided about them, and which are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    pub(crate) decisions: Decisions,
    /// Decisions before they were changed, the newest last.
    undecided: Vec<(usize, Option<Decision>)>,
    /// The relabels that a set's statistics are computed with, by set.
    corrected: BTreeMap<usize, Vec<(usize, u16)>>,
    /// The class whose suspects are listed; all if `None`.
    pub(crate) class: Option<usize>,
}

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
        if self.run.data.labels().is_none() {
            return Err("decisions are about labels, and the data has none".into());
        }
        let found = if self.is_focused(Panel::Suspects) {
            self.suspect_at_cursor().map(|suspect| suspect.row)
        } else {
            self.samples.selection.current
        };
        found.ok_or_else(|| "there is no suspect under the cursor and no current sample".into())
    }

    /// Does something with the suspect under the cursor.
    fn with_suspect(&mut self, act: impl FnOnce(&mut Self, usize, &str)) -> Vec<Effect> {
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
    pub(super) fn relabel_as_suggested(&mut self) -> Vec<Effect> {
        let differs = |s: &Suspect| s.suggested != s.label;
        if self.suspect_at_cursor().is_some_and(|s| !differs(s)) {
            let key = self.key(RELABEL_AS);
            self.say(format!(
                "its own label is the most probable; {key} relabels it as another class"
            ));
            return Vec::new();
        }
        self.with_suspect(|app, row, suggested| {
            app.relabel(row, suggested);
        })
    }

    fn note_of(&self, row: usize) -> String {
        let decision = self.suspects.decisions.get(row);
        decision.map_or_else(String::new, |d| d.note.clone())
    }

    fn ask_note(&mut self, row: usize) {
        let note = self.note_of(row);
        self.ask(Question::Note(row), &note);
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
        let note = self.note_of(row);
        self.put(row, Some(Decision { choice, note }));
        let what = match choice {
            Choice::Keep => "the label is right".to_owned(),
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
        let decision = self.suspects.decisions.get(row);
        let choice = decision.map_or(Choice::Unsure, |d| d.choice);
        let note = note.trim().to_owned();
        self.put(row, Some(Decision { choice, note }));
        let name = text::cut(&self.sample_name(row), 40).into_owned();
        self.say(format!("{name}: note kept; {}", self.how_to_undecide()));
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

    fn put(&mut self, row: usize, decision: Option<Decision>) {
        let before = self.suspects.decisions.set(row, decision);
        if self.suspects.undecided.len() == MOST_STEPS {
            self.suspects.undecided.remove(0);
        }
        self.suspects.undecided.push((row, before));
    }

    /// Has the statistics of the set that is shown computed with the decided labels, if they
    /// are not yet.
    pub(super) fn correct_labels(&mut self) -> Option<Effect> {
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
    pub(super) fn tell_relabeled(&mut self, new: Option<&Diagnosis>) {
        let count = |d: Option<&Diagnosis>| d.map_or(0, |d| d.relabeled);
        let (before, after) = (count(self.run.diagnosis.as_deref()), count(new));
        if before == after {
            return;
        }
        self.say(match after {
            0 => "statistics of the labels as they were read".to_owned(),
            1 => "statistics with 1 sample relabeled; the list of suspects is unchanged".to_owned(),
            n => {
                format!("statistics with {n} samples relabeled; the list of suspects is unchanged")
            }
        });
    }

    fn undo_decision(&mut self) -> Vec<Effect> {
        let Some((row, before)) = self.suspects.undecided.pop() else {
            self.say("there is no decision to undo");
            return Vec::new();
        };
        self.suspects.decisions.set(row, before);
        let name = text::cut(&self.sample_name(row), 40).into_owned();
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
    fn next_suspect_class(&mut self, by: isize) -> Vec<Effect> {
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
