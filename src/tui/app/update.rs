//! Takes in messages: what each of them changes in the state, and what is to be done about it.
//!
//! In: what the user did, the newest snapshot and diagnosis, and how what was asked for ended. Out:
//! the changed state, and the [`Effect`]s that the loop carries out. What depends on the state (other
//! maps, what surrounds the current sample, corrected labels) is looked after once, behind every
//! message, so that no key can forget it.

mod act;
mod answer;

use std::sync::Arc;

use super::App;
use super::action::{Direction, Effect, Message};
use super::dialogs::Mode;
use super::map::TurnedBy;
use super::maps::Camera;
use super::prompt::Question;
use super::run::{Asked, Motion, is_over};
use crate::diagnosis::Diagnosis;
use crate::error::printable;
use crate::run::Snapshot;
use crate::tui::terminal::input::Key;

/// Takes in a message; answers with what is to be done about it.
pub(crate) fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let is_from_user = matches!(message, Message::Key(_) | Message::Mouse(_));
    let (before, neighbor) = (app.followed(), app.pointed_neighbor());
    let mut effects = take_in(app, message);
    app.adopt_clusters();
    // Entering the panel shows its suspect, too, unless another sample is being looked at.
    let is_free = before.is_some() || app.samples.selection.current.is_none();
    if let (true, true, Some(suspect)) = (is_from_user, is_free, app.followed())
        && before != Some(suspect)
    {
        app.point_at(suspect);
    }
    if let (true, Some(pointed)) = (is_from_user, app.pointed_neighbor())
        && neighbor != Some(pointed)
    {
        app.look_at(pointed);
    }
    effects.extend(app.follow_multiples());
    effects.extend(app.inspect_current());
    effects.extend(app.correct_labels());
    effects.extend(app.follow_journal());
    app.follow_session();
    app.note_changes();
    app.gray_classes();
    app.turn_map();
    app.place_names();
    effects
}

fn take_in(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Rested => app.dialogs.is_refused = false,
        Message::Key(key) if app.dialogs.swallows(key) => {}
        Message::Key(key) => return take_key(app, key),
        Message::Mouse(mouse) => match app.mouse_on_others(mouse) {
            Some(effects) => return effects,
            None => app.mouse(mouse),
        },
        Message::Paste(text) => {
            if let Mode::Prompt(prompt) = &mut app.dialogs.mode {
                prompt.paste(&text);
                app.dialogs.command.was_typed();
            }
            if let Mode::Help(help) = &mut app.dialogs.mode {
                help.add(&text);
            }
            app.answer_as_typed();
        }
        Message::Resize(columns, rows) => app.size = (columns, rows),
        Message::News(snapshot, diagnosis) => app.news(snapshot, diagnosis),
        Message::Inspected(set, found) => {
            app.samples.inspecting = false;
            if set == app.sets.current {
                app.samples.evidence = found;
            }
        }
        Message::Opened(set, data, snapshot) => return app.opened(set, data, snapshot),
        Message::OpenFailed(set, reason) => app.open_failed(set, &reason),
        Message::NewsOf(set, snapshot, diagnosis) => {
            return app.news_of(set, snapshot, diagnosis);
        }
        Message::Moved(share) => app.move_on(share),
        Message::Compared(outcome) => {
            app.run.compared = outcome;
            app.note_comparison();
        }
        Message::Further(set, outcome) => app.take_further(set, outcome),
        Message::Saved(target, path) => app.say(format!(
            "{} saved to {}{}",
            target.label(),
            printable(&path.display().to_string()),
            target.columns(&path)
        )),
        Message::Exists(target, path) => {
            app.ask(Question::Overwrite(target, path), "");
        }
        Message::SaveFailed(reason) => app.complain(reason),
        Message::Written(record, changes, outcome) => app.written(record, changes, outcome),
    }
    Vec::new()
}

/// Takes in a key: what it is bound to or, in a prompt or the help, what it types.
fn take_key(app: &mut App, key: Key) -> Vec<Effect> {
    app.messages.notice = None;
    app.journal.going = None;
    if let Some(action) = app.keymap.action(app.context(), key) {
        return app.act(action);
    }
    if let Mode::Prompt(prompt) = &mut app.dialogs.mode {
        if prompt.question == Question::Find
            && let Key::Up | Key::Down = key
        {
            let down = key == Key::Down;
            let to = if down {
                Direction::Forward
            } else {
                Direction::Back
            };
            app.step_found(to);
            return Vec::new();
        }
        prompt.key(key);
        app.dialogs.command.was_typed();
    }
    if app.dialogs.mode == Mode::Menu {
        app.choose_panel(key);
    }
    if app.dialogs.mode == Mode::Main && matches!(key, Key::Enter | Key::Home | Key::End) {
        app.say_where_rows_are();
    }
    if let Mode::Help(help) = &mut app.dialogs.mode {
        match key {
            Key::Char(c) => help.add(c.encode_utf8(&mut [0; 4])),
            Key::Backspace => help.erase(false),
            Key::Ctrl('u' | 'w') => help.erase(true),
            _ => {}
        }
    }
    app.answer_as_typed();
    Vec::new()
}

impl App {
    /// Takes in what is new from the worker.
    fn news(&mut self, snapshot: Arc<Snapshot>, diagnosis: Option<Arc<Diagnosis>>) {
        let before = &self.run.snapshot;
        if before.is_map != snapshot.is_map || before.seed != snapshot.seed {
            // Of several maps, each keeps its own.
            let stays = self.map.multiples.are_several() && before.is_map;
            self.map.camera = if stays { self.map.camera } else { Camera::Fit };
            if !stays && self.map.turn.chosen == TurnedBy::RestingMap {
                self.map.turn.chosen = TurnedBy::FirstPicture;
            }
        }
        let motion = Motion::of(&snapshot.activity);
        // A snapshot from before the wish says nothing about it; an end settles it.
        if is_over(&snapshot.activity) || self.run.asked.motion == Some(motion) {
            self.run.asked.motion = None;
        }
        let was_behind = before.background.is_some();
        let other_map = snapshot.generation != before.generation;
        if other_map {
            self.run.asked = Asked::default();
        }
        let is_news = match (&self.run.diagnosis, &diagnosis) {
            (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
            (None, None) => false,
            _ => true,
        };
        // From one map to another, not from the first picture to the map that forms from it.
        let is_known = |map: &crate::run::VisitedMap| map.generation == snapshot.generation;
        let goes_on = before.seed == snapshot.seed || before.visited.iter().any(is_known);
        let moves = other_map && before.is_map && snapshot.is_map && goes_on;
        let from = Arc::clone(&before.positions);
        self.tell_relabeled(diagnosis.as_deref());
        self.run.snapshot = self.turned(snapshot);
        self.run.diagnosis = diagnosis;
        if moves {
            self.begin_transition(from);
        }
        if other_map {
            self.point_at_current_run();
        }
        if was_behind && self.run.snapshot.background.is_none() {
            self.tell_ladder_ended();
        }
        if is_news || other_map {
            self.take_values();
        }
    }
}
