//! Everything the screen shows, as plain data; views read it, only [`update()`] changes it.
//!
//! In: the dataset, and what messages bring. Out: the state that is drawn, and what follows from it
//! and is therefore not kept: where everything is on the screen, what the map draws, which
//! perplexities are worth a row. Nothing here touches the terminal, a file or the worker, so that
//! every key is tested with a message.

mod act;
pub(crate) mod action;
pub(crate) mod bindings;
pub(crate) mod choose;
mod command;
pub(crate) mod commands;
mod decide;
mod dialogs;
mod facets;
mod flip;
pub(crate) mod help;
pub(crate) mod keymap;
pub(crate) mod keys;
pub(crate) mod ladder;
pub(crate) mod layout;
pub(crate) mod legend;
mod look;
mod map;
pub(crate) mod maps;
mod messages;
mod mouse;
mod multiples;
pub(crate) mod panels;
pub(crate) mod pick;
pub(crate) mod prompt;
mod run;
mod samples;
pub(crate) mod selection;
mod update;

pub(crate) use act::checked_path;
pub(crate) use flip::SetName;
pub(crate) use look::SampleValues;
pub(crate) use update::update;

use std::sync::Arc;

use ratatui::layout::Rect;

use self::decide::Suspects;
use self::dialogs::Dialogs;
pub(crate) use self::dialogs::Mode;
use self::keymap::Keymap;
use self::keys::Context;
use self::ladder::same;
use self::layout::{Chosen, Screen};
pub(crate) use self::map::Camera;
use self::map::MapState;
use self::messages::Messages;
pub(crate) use self::panels::Space;
use self::panels::{Leads, PANELS, Panel, PanelState, Panels, Tab};
use self::run::{Asked, CurrentRun, outcomes_of};
use self::samples::Samples;
use crate::dataset::{Dataset, UNLABELED};
use crate::error::printable;
use crate::palette::{ColorDepth, Palette};
use crate::picture::{Coloring, Glyphs};
use crate::raster::{Area, Points, Viewport};
use crate::run::{Activity, Snapshot};
use crate::tui::text;

/// The state of the screen, in parts: each owns what it is about and what is done with that.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// The run that is shown: samples, newest snapshot and diagnosis.
    pub(crate) run: CurrentRun,
    /// The feature sets, and the runs that are not shown.
    pub(crate) sets: flip::Sets,
    /// The map: window, look, crosshair, several maps.
    pub(crate) map: MapState,
    /// The current sample, the selected ones and the classes shown.
    pub(crate) samples: Samples,
    /// Suspects and what was decided about them.
    pub(crate) suspects: Suspects,
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
    ) -> Self {
        let run = CurrentRun::new(data, snapshot, ladder, table_k);
        let mut map = MapState {
            values: look::values_of(&run.data),
            ..MapState::default()
        };
        if palette.depth() == ColorDepth::None && !run.counts.is_empty() {
            map.look.glyphs = Glyphs::Letters;
        }
        Self {
            samples: Samples::new(run.counts.len()),
            map,
            run,
            sets: flip::Sets::default(),
            suspects: Suspects::default(),
            panels: Panels::default(),
            dialogs: Dialogs::default(),
            messages: Messages::default(),
            keymap: Arc::default(),
            palette,
            size: (0, 0),
        }
    }

    /// Finds out anew what depends on the data of the set that is shown.
    fn take_data(&mut self) {
        self.run.outcomes = outcomes_of(&self.run.data);
        self.take_values();
        if self.map.look.coloring == Coloring::Outcome && self.run.outcomes.is_empty() {
            self.map.look.coloring = Coloring::Class;
        }
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.run
            .data
            .labels()
            .map_or(0, crate::dataset::Labels::classes)
    }

    /// The class of an entry of the legend.
    pub(crate) fn class_of(&self, entry: usize) -> u16 {
        if entry < self.classes() {
            entry as u16
        } else {
            UNLABELED
        }
    }

    /// The name of an entry of the legend, safe to print.
    pub(crate) fn entry_name(&self, entry: usize) -> String {
        let name = self.run.data.labels().and_then(|l| l.names().get(entry));
        name.map_or_else(|| "(no label)".into(), |name| text::safe(name))
    }

    /// The keys' context.
    pub(crate) fn context(&self) -> Context {
        match &self.dialogs.mode {
            Mode::Main if self.panels.on_map && self.map.crosshair.is_some() => Context::Crosshair,
            Mode::Main if self.panels.on_map => Context::Main,
            Mode::Main => Context::Of(self.panels.chosen),
            Mode::Help(_) => Context::Help,
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

    /// Where everything is on a terminal of this size.
    pub(crate) fn screen(&self, area: Rect) -> Option<Screen> {
        let wishes: Vec<u16> = PANELS.iter().map(|panel| panel.wish(self)).collect();
        let chosen = Chosen {
            panel: self.panels.chosen,
            on_map: self.panels.on_map,
            zoomed: self.panels.zoomed,
            maps: self.map.multiples.facets.len().max(1),
        };
        layout::arrange(area, chosen, &wishes)
    }

    /// The tabs on the line of tabs.
    pub(crate) fn tabs(&self, screen: &Screen) -> Vec<Tab> {
        let with_map = screen.one_at_a_time;
        let chosen = if with_map && self.panels.on_map {
            Leads::Map
        } else {
            Leads::Panel(self.panels.chosen)
        };
        let columns = screen.tabs.map_or(0, |line| line.width.saturating_sub(2));
        panels::tabs(with_map, chosen, usize::from(columns))
    }

    /// The screen at its present size.
    pub(crate) fn present_screen(&self) -> Option<Screen> {
        self.screen(Rect::new(0, 0, self.size.0, self.size.1))
    }

    /// True if the classes are named under the map, because their panel is not shown.
    pub(crate) fn legend_below(&self, screen: &Screen) -> bool {
        !self.run.counts.is_empty() && screen.panel(Panel::Classes).is_none()
    }

    /// The cells of the map within its frame.
    pub(crate) fn map_cells(&self, screen: &Screen) -> Option<Rect> {
        let map = self.map_frame(screen)?;
        let legend = u16::from(self.legend_below(screen) && self.facet_places(screen).is_none());
        Some(Rect::new(
            map.x + 1,
            map.y + 1,
            map.width.saturating_sub(2),
            map.height.saturating_sub(2 + legend),
        ))
    }

    /// The line of classes below the map, if there is one.
    pub(crate) fn legend_line(&self, screen: &Screen) -> Option<Rect> {
        let map = screen.map.filter(|m| m.height > 2 && m.width > 4)?;
        // Below several maps it has a line of its own.
        let up = if self.facet_places(screen).is_some() {
            1
        } else {
            2
        };
        self.legend_below(screen)
            .then(|| Rect::new(map.x + 2, map.bottom() - up, map.width - 4, 1))
    }

    /// What stands on that line.
    pub(crate) fn legend_items(&self, columns: u16) -> Vec<legend::Item> {
        let widths: Vec<usize> = (0..self.run.counts.len().min(usize::from(columns)))
            .map(|entry| text::width(&self.legend_text(entry)))
            .collect();
        legend::line(&widths, usize::from(columns))
    }

    /// An entry as it stands there.
    pub(crate) fn legend_text(&self, entry: usize) -> String {
        let mark = self.palette.mark(self.class_of(entry));
        let name = self.entry_name(entry);
        format!(
            "{mark} {} {}",
            text::cut(&name, 14),
            text::count(self.run.counts[entry])
        )
    }

    /// The window onto the map in cells of this size.
    pub(crate) fn viewport(&self, area: Area) -> Viewport {
        match self.map.camera {
            Camera::Fit => Viewport::fit(self.positions(), area),
            Camera::Free(viewport) => viewport,
        }
    }

    /// What the map draws.
    pub(crate) fn points(&self) -> Points<'_> {
        let classes = self.classes();
        let groups: &[u16] = match self.map.look.coloring {
            Coloring::Outcome => &self.run.outcomes,
            _ => &[],
        };
        Points {
            groups,
            positions: self.positions(),
            classes: self.run.data.labels().map_or(&[], |l| l.indices()),
            shown: &self.samples.shown[..classes.min(self.samples.shown.len())],
            unlabeled_shown: self.samples.shown.get(classes).copied().unwrap_or(true),
            ..Points::new(&[], &[])
        }
    }

    /// The perplexity in effect, or the one asked for.
    pub(crate) fn perplexity(&self) -> f64 {
        self.run
            .asked
            .perplexity
            .unwrap_or(self.run.snapshot.perplexity)
    }

    /// The seed in effect, or the one asked for.
    pub(crate) fn seed(&self) -> u64 {
        self.run.asked.seed.unwrap_or(self.run.snapshot.seed)
    }

    /// True if the worker iterates or is about to.
    pub(crate) fn is_running(&self) -> bool {
        self.run.asked.running.unwrap_or(matches!(
            self.run.snapshot.activity,
            Activity::Running | Activity::Preparing { .. }
        ))
    }

    /// All perplexities worth a row: the ladder's, the visited ones and the present one.
    pub(crate) fn rungs(&self) -> Vec<f64> {
        let mut ladder = self.run.ladder.clone();
        for visited in self.run.snapshot.visited.iter() {
            ladder.insert(visited.perplexity);
        }
        ladder.insert(self.run.snapshot.perplexity);
        ladder.rungs().to_vec()
    }

    /// True if a perplexity has a map of the present seed.
    pub(crate) fn is_visited(&self, perplexity: f64) -> bool {
        let mut visited = self.run.snapshot.visited.iter();
        visited.any(|v| same(v.perplexity, perplexity) && v.seed == self.run.snapshot.seed)
    }

    /// True if the diagnosis' figures of the map are those of the present map.
    pub(crate) fn map_figures_hold(&self) -> bool {
        self.run.snapshot.is_map
            && self
                .run
                .diagnosis
                .as_ref()
                .is_some_and(|d| d.map_generation == Some(self.run.snapshot.generation))
    }

    /// A figure of the map, if it is one of the present map.
    pub(crate) fn of_map<T>(&self, figure: Option<T>) -> Option<T> {
        figure.filter(|_| self.map_figures_hold())
    }

    /// Remarks about data and run, the newest last.
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
    pub(crate) fn key(&self, action: &str) -> String {
        let key = self.keymap.key_of(action);
        key.unwrap_or_else(|| action.to_owned())
    }

    /// How the first key of an action is written; the action's name where it has no key.
    pub(crate) fn key_of(&self, action: action::Action) -> String {
        self.key(&keymap::name(action))
    }

    /// Says something, and keeps it in the log.
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.messages.say(text.into(), false);
    }

    /// Says that something did not work.
    fn complain(&mut self, text: impl Into<String>) {
        self.messages.say(text.into(), true);
    }

    /// Says what is not worth keeping.
    fn whisper(&mut self, text: String) {
        self.messages.whisper(text);
    }

    /// Remembers the selection and the classes shown, before something changes them.
    pub(crate) fn remember(&mut self, what: &str) {
        self.samples.history.remember(
            what.to_owned(),
            &self.samples.selection,
            &self.samples.shown,
        );
    }

    /// Shows or hides an entry of the legend, and says so.
    fn toggle(&mut self, entry: usize) {
        let Some(shown) = self.samples.shown.get_mut(entry) else {
            let classes = self.classes();
            self.say(match classes {
                0 => "there are no classes: the data has no labels".to_owned(),
                _ => format!("there are {classes} classes"),
            });
            return;
        };
        *shown = !*shown;
        let is_shown = *shown;
        let name = text::cut(&self.entry_name(entry), 30).into_owned();
        self.samples.shown[entry] = !is_shown;
        self.remember(&format!(
            "{} {name}",
            if is_shown { "showing" } else { "hiding" }
        ));
        self.samples.shown[entry] = is_shown;
        let hidden = self.samples.shown.iter().filter(|s| !**s).count();
        self.say(if is_shown {
            format!("{name} shown")
        } else {
            format!(
                "{name} hidden; {hidden} of {} hidden, {} shows all, {} undoes",
                self.samples.shown.len(),
                self.key("show-all-classes"),
                self.key("undo")
            )
        });
    }
}
