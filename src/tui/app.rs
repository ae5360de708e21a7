//! Everything the screen shows, as plain data; views read it, only [`update()`](update::update) changes it.
//!
//! In: the dataset, and what messages bring. Out: the state that is drawn, and what follows from it
//! and is therefore not kept: where everything is on the screen, what the map draws, which
//! perplexities are worth a row. Nothing here touches the terminal, a file or the worker, so that
//! every key is tested with a message.

pub(crate) mod action;
pub(crate) mod command;
pub(crate) mod command_line;
pub(crate) mod context;
pub(crate) mod dialogs;
pub(crate) mod finding;
pub(crate) mod further;
mod handlers;
pub(crate) mod journal;
pub(crate) mod keymap;
pub(crate) mod ladder;
pub(crate) mod layout;
mod legend;
pub(crate) mod map;
pub(crate) mod maps;
pub(crate) mod messages;
pub(crate) mod named;
pub(crate) mod names;
pub(crate) mod panels;
mod pick;
pub(crate) mod prompt;
pub(crate) mod resuming;
mod run;
mod samples;
pub(crate) mod selection;
pub(crate) mod sets;
mod suspects;
pub(crate) mod tables;
pub(crate) mod update;
pub(crate) mod values;

use std::sync::Arc;

use self::action::{Action, Record};
use self::context::Context;
use self::dialogs::{Dialogs, Mode};
use self::journal::JournalState;
use self::keymap::Keymap;
use self::map::MapState;
use self::messages::Messages;
use self::panels::{Panel, PanelState, Panels};
use self::resuming::Resuming;
use self::run::CurrentRun;
use self::samples::Samples;
use self::sets::Sets;
use self::suspects::Suspects;
use crate::dataset::Dataset;
use crate::decisions::Names;
use crate::error::printable;
use crate::palette::{ColorDepth, Palette};
use crate::picture::Glyphs;
use crate::run::Snapshot;
use crate::text;

/// Of no more classes the names are measured for the width of a column.
const MEASURED: usize = 500;
/// Wider names have no more room than this.
const WIDEST: usize = 24;

/// The state of the screen, in parts: each owns what it is about and what is done with that.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// The run that is shown: samples, newest snapshot and diagnosis.
    pub(crate) run: CurrentRun,
    /// The feature sets, and the runs that are not shown.
    pub(crate) sets: Sets,
    /// The map: window, look, crosshair, several maps.
    pub(crate) map: MapState,
    /// The current sample, the selected ones and the classes shown.
    pub(crate) samples: Samples,
    /// Suspects and what was decided about them.
    pub(crate) suspects: Suspects,
    /// The session that is gone on with.
    pub(crate) resuming: Resuming,
    /// The journal.
    pub(crate) journal: JournalState,
    /// The panels, and what has the focus.
    pub(crate) panels: Panels,
    /// Help, questions and the command line.
    pub(crate) dialogs: Dialogs,
    /// What was said to the user.
    pub(crate) messages: Messages,
    /// The keys.
    pub(crate) keymap: Arc<Keymap>,
    /// Colors and marks.
    pub(crate) palette: Palette,
    /// Size of the terminal (columns, rows).
    pub(crate) size: (u16, u16),
}

impl App {
    /// The state at the start.
    pub(crate) fn new(
        data: Arc<Dataset>,
        snapshot: Arc<Snapshot>,
        palette: Palette,
        ladder: &[f64],
        table_k: usize,
        keymap: Arc<Keymap>,
    ) -> Self {
        let run = CurrentRun::new(data, snapshot, ladder, table_k);
        let mut map = MapState {
            values: values::values_of(&run.data),
            ..MapState::default()
        };
        if palette.depth() == ColorDepth::None && !run.counts.is_empty() {
            map.look.glyphs = Glyphs::Letters;
        }
        map.names.know(&run.data);
        Self {
            samples: Samples::new(run.counts.len()),
            map,
            run,
            sets: Sets::default(),
            suspects: Suspects::default(),
            resuming: Resuming::default(),
            journal: JournalState::default(),
            panels: Panels::default(),
            dialogs: Dialogs::default(),
            messages: Messages::default(),
            keymap,
            palette,
            size: (0, 0),
        }
    }

    /// The names of selections and views, as they are kept beside the data.
    pub(crate) fn kept_names(&self) -> Names {
        let labels = self.run.data.labels();
        self.samples
            .named
            .kept(labels.map_or(&[], |labels| labels.names()))
    }

    /// The name of an entry of the legend, safe to print.
    pub(crate) fn entry_name(&self, entry: usize) -> String {
        let name = self.run.data.labels().and_then(|l| l.names().get(entry));
        let without = if self.run.is_provisional() {
            "(noise)"
        } else {
            "(no label)"
        };
        name.map_or_else(|| without.into(), |name| text::safe(name))
    }

    /// The columns of the widest of the first entries' names, as far as tables make room for them.
    pub(crate) fn widest_entry(&self) -> usize {
        let entries = 0..self.run.counts.len().min(MEASURED);
        let widths = entries.map(|entry| text::width(&self.entry_name(entry)));
        widths.max().unwrap_or(0).min(WIDEST)
    }

    /// The same in at most `columns`, so that no other entry looks the same.
    pub(crate) fn entry_name_in(&self, entry: usize, columns: usize) -> String {
        self.class_name_in(&self.entry_name(entry), columns)
    }

    /// The same in a message: "class 8" where the name alone would read as a number.
    pub(crate) fn class_named(&self, entry: usize, columns: usize) -> String {
        let name = self.entry_name_in(entry, columns);
        let begins = name.trim_start_matches(['-', '+', '.']);
        if begins.starts_with(|c: char| c.is_ascii_digit()) {
            format!("{} {name}", self.run.class_word())
        } else {
            name
        }
    }

    /// The name of a class in at most `columns`, so that no other class looks the same.
    pub(crate) fn class_name_in(&self, name: &str, columns: usize) -> String {
        let names = self.run.data.labels().map_or(&[][..], |l| l.names());
        text::shorten_among(name, names.iter().map(|name| text::safe(name)), columns)
    }

    /// The keys' context.
    pub(crate) fn context(&self) -> Context {
        match &self.dialogs.mode {
            Mode::Main if self.panels.on_map && self.map.crosshair.is_some() => Context::Crosshair,
            Mode::Main if self.panels.on_map => Context::Main,
            Mode::Main => Context::Of(self.panels.chosen),
            Mode::Help(_) => Context::Help,
            Mode::Menu => Context::Menu,
            Mode::Prompt(prompt) => prompt.context(),
        }
    }

    /// What a panel remembers.
    pub(crate) fn state(&self, panel: Panel) -> &PanelState {
        &self.panels.states[panel.index()]
    }

    /// The same, to change it.
    pub(crate) fn state_mut(&mut self, panel: Panel) -> &mut PanelState {
        &mut self.panels.states[panel.index()]
    }

    /// True if the keys go to a panel.
    pub(crate) fn is_focused(&self, panel: Panel) -> bool {
        !self.panels.on_map && self.panels.chosen == panel
    }

    /// Notes about the data and the run, the newest last.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        let all = self
            .run
            .data
            .notes()
            .iter()
            .chain(self.run.snapshot.notes.iter());
        for remark in all.chain(self.run.ladder_remark.iter()) {
            let remark = printable(remark);
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
        remarks
    }

    /// How the first key of an action is written; the action's name where it has no key.
    pub(crate) fn key(&self, action: Action) -> String {
        let key = self.keymap.key_of(action);
        key.unwrap_or_else(|| self.keymap.name(action).to_owned())
    }

    /// Says something, and keeps it in the log.
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.messages.say(text.into(), false);
    }

    /// Says that something is kept, which holds once the record is on the disk.
    fn promise(&mut self, text: impl Into<String>, record: Record) {
        self.messages.promise(text.into(), record);
    }

    /// Takes in what came of writing a record.
    fn written(&mut self, record: Record, changes: usize, outcome: Result<(), Option<String>>) {
        self.messages.written(record, changes, outcome.is_err());
        if let Err(Some(reason)) = outcome {
            self.complain(reason);
        }
    }

    /// Says that something did not work.
    fn complain(&mut self, text: impl Into<String>) {
        self.messages.say(text.into(), true);
    }

    /// Says why a question is not asked; an answer that is typed all the same does nothing.
    fn refuse(&mut self, text: impl Into<String>) {
        self.complain(text);
        self.dialogs.is_refused = true;
    }

    /// Says what is not worth keeping.
    fn whisper(&mut self, text: String) {
        self.messages.whisper(text);
    }
}
