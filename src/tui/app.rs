//! Everything the screen shows, as plain data; views read it, only [`update()`] changes it.
//!
//! In: the dataset, and what messages bring. Out: the state that is drawn, and what follows from it
//! and is therefore not kept: where everything is on the screen, what the map draws, which
//! perplexities are worth a row. Nothing here touches the terminal, a file or the worker, so that
//! every key is tested with a message.

mod act;
pub(crate) mod action;
pub(crate) mod bindings;
mod choose;
mod command;
pub(crate) mod commands;
mod decide;
mod facets;
mod flip;
pub(crate) mod help;
pub(crate) mod keymap;
pub(crate) mod keys;
pub(crate) mod ladder;
pub(crate) mod layout;
pub(crate) mod legend;
mod look;
pub(crate) mod maps;
mod mouse;
mod multiples;
pub(crate) mod panels;
pub(crate) mod pick;
pub(crate) mod prompt;
mod runs;
pub(crate) mod selection;
mod update;

pub(crate) use act::checked_path;
pub(crate) use flip::SetName;
pub(crate) use look::SampleValues;
pub(crate) use runs::RunRow;
pub(crate) use update::update;

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::layout::Rect;

pub(crate) use self::choose::Crosshair;
use self::command::CommandLine;
use self::help::Help;
use self::keymap::Keymap;
use self::keys::Context;
use self::ladder::{Ladder, same};
use self::layout::{Chosen, Screen};
use self::maps::Multiples;
use self::panels::{Leads, PANELS, Panel, PanelState, Tab};
use self::prompt::Prompt;
use self::selection::{History, Selection};
use crate::dataset::{Dataset, UNLABELED};
use crate::decisions::{Decision, Decisions};
use crate::diagnosis::{Diagnosis, SampleDiagnosis};
use crate::error::printable;
use crate::palette::{ColorDepth, Palette};
use crate::picture::{Coloring, Glyphs, Look, outcomes};
use crate::raster::{Area, Points, Viewport};
use crate::run::{Activity, Snapshot};
use crate::tui::session::comparing::Compared;
use crate::tui::text;

/// What the map shows of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Camera {
    /// Everything, however it grows.
    Fit,
    /// What the user chose.
    Free(Viewport),
}

/// Where the keys go.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mode {
    /// To the map, or the panel in focus.
    Main,
    /// To the help.
    Help(Help),
    /// To a question.
    Prompt(Prompt),
}

/// In which space neighbors are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// In the features.
    Features,
    /// In the map.
    Map,
}

/// No more sentences than this are kept.
const LONGEST_LOG: usize = 500;

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The sentence.
    pub(crate) text: String,
    /// True if something did not work.
    pub(crate) is_problem: bool,
}

/// What was asked of the worker and has not shown in a snapshot yet, so that a second key press
/// goes on from the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Asked {
    /// A perplexity.
    perplexity: Option<f64>,
    /// A seed.
    seed: Option<u64>,
    /// To run (true) or pause (false).
    running: Option<bool>,
}

/// The state of the screen.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// The samples.
    pub(crate) data: Arc<Dataset>,
    /// Samples per class, then those without one if there are any.
    pub(crate) counts: Vec<usize>,
    /// The newest snapshot.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The newest diagnosis.
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// Colors and marks.
    pub(crate) palette: Palette,
    /// The perplexities that `[` and `]` lead through.
    pub(crate) ladder: Ladder,
    /// A remark about the ladder.
    pub(crate) ladder_remark: Option<String>,
    /// Size of the terminal (columns, rows).
    pub(crate) size: (u16, u16),
    /// The chosen panel: the one whose tab is lit.
    pub(crate) panel: Panel,
    /// Whether the map has the focus; otherwise the chosen panel has.
    pub(crate) on_map: bool,
    /// What has the focus takes the whole screen.
    pub(crate) zoomed: bool,
    /// What each panel remembers, in the order of [`PANELS`].
    pub(crate) states: Vec<PanelState>,
    /// What the map shows of itself.
    pub(crate) camera: Camera,
    /// Which entries of `counts` are shown.
    pub(crate) shown: Vec<bool>,
    /// Where the keys go.
    pub(crate) mode: Mode,
    /// Which neighbors the table counts.
    pub(crate) space: Space,
    /// How the map is drawn.
    pub(crate) look: Look,
    /// Values per sample that can color the map, and the name of those that do.
    pub(crate) values: Vec<SampleValues>,
    pub(crate) value: String,
    /// Right, wrong or neither per sample; empty without predictions.
    pub(crate) outcomes: Arc<[u16]>,
    /// Neighbors per sample in the tables, as asked for.
    pub(crate) table_k: usize,
    /// Layers and models compared.
    pub(crate) compared: Compared,
    /// The newest sentence for the user.
    pub(crate) notice: Option<Notice>,
    /// All of them, the newest last.
    pub(crate) log: Vec<Notice>,
    /// The current sample and the selected ones.
    pub(crate) selection: Selection,
    /// What can be undone.
    pub(crate) history: History,
    /// The crosshair on the map, if there is one.
    pub(crate) crosshair: Option<Crosshair>,
    /// Draw lines to the current sample's neighbors.
    pub(crate) neighbor_lines: bool,
    /// What surrounds the current sample, or the one before it.
    pub(crate) evidence: Option<Arc<SampleDiagnosis>>,
    /// That is being found out at present.
    inspecting: bool,
    /// What was decided about suspects.
    pub(crate) decisions: Decisions,
    /// The relabels that a set's figures are counted with, by set.
    corrected: BTreeMap<usize, Vec<(usize, u16)>>,
    /// Decisions before they were changed, the newest last.
    undecided: Vec<(usize, Option<Decision>)>,
    /// The class whose suspects are listed; all if `None`.
    pub(crate) suspect_class: Option<usize>,
    /// The keys.
    pub(crate) keymap: Arc<Keymap>,
    /// The keys that tell more are pointed at.
    pub(crate) hints: bool,
    /// The command line.
    pub(crate) command: CommandLine,
    /// What was searched for.
    wanted: String,
    /// Where the left button went down on the map, while nothing was dragged.
    pressed: Option<(u16, u16)>,
    /// The feature sets.
    pub(crate) sets: flip::Sets,
    /// Several maps at once.
    pub(crate) multiples: Multiples,
    /// Positions on their way to another map.
    pub(crate) transition: Option<flip::Transition>,
    /// The positions before the last flip.
    previous: Option<Arc<[[f32; 2]]>>,
    /// Show the ways of the points that moved most.
    trails: bool,
    /// Where the mouse was, while it drags the map.
    drag: Option<(u16, u16)>,
    /// What was asked and is not there yet.
    asked: Asked,
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
        let mut counts = data.labels().map_or_else(Vec::new, crate::Labels::counts);
        let unlabeled = data.samples() - counts.iter().sum::<usize>();
        if unlabeled > 0 && !counts.is_empty() {
            counts.push(unlabeled);
        }
        let (ladder, ladder_remark) = Ladder::new(ladder, data.samples());
        Self {
            shown: vec![true; counts.len()],
            look: Look {
                glyphs: if palette.depth() == ColorDepth::None && !counts.is_empty() {
                    Glyphs::Letters
                } else {
                    Glyphs::default()
                },
                ..Look::default()
            },
            values: look::values_of(&data),
            value: String::new(),
            outcomes: outcomes_of(&data),
            counts,
            data,
            snapshot,
            diagnosis: None,
            palette,
            ladder,
            ladder_remark,
            size: (0, 0),
            panel: Panel::Classes,
            on_map: true,
            zoomed: false,
            states: vec![PanelState::default(); PANELS.len()],
            camera: Camera::Fit,
            mode: Mode::Main,
            space: Space::Features,
            table_k,
            compared: Compared::Nothing,
            notice: None,
            log: Vec::new(),
            selection: Selection::default(),
            history: History::default(),
            crosshair: None,
            neighbor_lines: true,
            evidence: None,
            inspecting: false,
            decisions: Decisions::default(),
            corrected: BTreeMap::new(),
            undecided: Vec::new(),
            suspect_class: None,
            keymap: Arc::default(),
            hints: false,
            command: CommandLine::default(),
            wanted: String::new(),
            pressed: None,
            sets: flip::Sets::default(),
            multiples: Multiples::default(),
            transition: None,
            previous: None,
            trails: false,
            drag: None,
            asked: Asked::default(),
        }
    }

    /// Finds out anew what depends on the data of the set that is shown.
    fn take_data(&mut self) {
        self.outcomes = outcomes_of(&self.data);
        self.take_values();
        if self.look.coloring == Coloring::Outcome && self.outcomes.is_empty() {
            self.look.coloring = Coloring::Class;
        }
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.data.labels().map_or(0, crate::Labels::classes)
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
        let name = self.data.labels().and_then(|l| l.names().get(entry));
        name.map_or_else(|| "(no label)".into(), |name| text::safe(name))
    }

    /// The keys' context.
    pub(crate) fn context(&self) -> Context {
        match &self.mode {
            Mode::Main if self.on_map && self.crosshair.is_some() => Context::Crosshair,
            Mode::Main if self.on_map => Context::Main,
            Mode::Main => Context::Of(self.panel),
            Mode::Help(_) => Context::Help,
            Mode::Prompt(prompt) => prompt.context(),
        }
    }

    /// What a panel remembers.
    pub(crate) fn state(&self, panel: Panel) -> &PanelState {
        &self.states[panel.index()]
    }

    /// The same, to change it.
    pub(crate) fn state_mut(&mut self, panel: Panel) -> &mut PanelState {
        &mut self.states[panel.index()]
    }

    /// True if the keys go to a panel.
    pub(crate) fn is_focused(&self, panel: Panel) -> bool {
        !self.on_map && self.panel == panel
    }

    /// Rows of a panel's table, and how many fit, where it is shown.
    pub(crate) fn rows_of(&self, panel: Panel) -> (usize, usize) {
        let shown = self.present_screen().and_then(|s| s.panel(panel));
        let area = shown.unwrap_or_default();
        let entry = panel.entry();
        let fitting = entry.fitting(area.height).0.max(1);
        ((entry.rows)(self, area), usize::from(fitting))
    }

    /// The entries of `counts` in the order of the panel of classes.
    pub(crate) fn class_order(&self) -> Vec<usize> {
        crate::tui::view::classes::order(self)
    }

    /// The entry under the cursor in the panel of classes.
    pub(crate) fn class_at_cursor(&self) -> Option<usize> {
        let row = self.state(Panel::Classes).row;
        self.class_order().get(row).copied()
    }

    /// Where everything is on a terminal of this size.
    pub(crate) fn screen(&self, area: Rect) -> Option<Screen> {
        let wishes: Vec<u16> = PANELS.iter().map(|entry| (entry.wish)(self)).collect();
        let chosen = Chosen {
            panel: self.panel,
            on_map: self.on_map,
            zoomed: self.zoomed,
            maps: self.multiples.facets.len().max(1),
        };
        layout::arrange(area, chosen, &wishes)
    }

    /// The tabs on the line of tabs.
    pub(crate) fn tabs(&self, screen: &Screen) -> Vec<Tab> {
        let with_map = screen.one_at_a_time;
        let chosen = if with_map && self.on_map {
            Leads::Map
        } else {
            Leads::Panel(self.panel)
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
        !self.counts.is_empty() && screen.panel(Panel::Classes).is_none()
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
        let widths: Vec<usize> = (0..self.counts.len().min(usize::from(columns)))
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
            text::count(self.counts[entry])
        )
    }

    /// The window onto the map in cells of this size.
    pub(crate) fn viewport(&self, area: Area) -> Viewport {
        match self.camera {
            Camera::Fit => Viewport::fit(self.positions(), area),
            Camera::Free(viewport) => viewport,
        }
    }

    /// What the map draws.
    pub(crate) fn points(&self) -> Points<'_> {
        let classes = self.classes();
        let groups: &[u16] = match self.look.coloring {
            Coloring::Outcome => &self.outcomes,
            _ => &[],
        };
        Points {
            groups,
            positions: self.positions(),
            classes: self.data.labels().map_or(&[], |l| l.indices()),
            shown: &self.shown[..classes.min(self.shown.len())],
            unlabeled_shown: self.shown.get(classes).copied().unwrap_or(true),
            ..Points::new(&[], &[])
        }
    }

    /// The perplexity in effect, or the one asked for.
    pub(crate) fn perplexity(&self) -> f64 {
        self.asked.perplexity.unwrap_or(self.snapshot.perplexity)
    }

    /// The seed in effect, or the one asked for.
    pub(crate) fn seed(&self) -> u64 {
        self.asked.seed.unwrap_or(self.snapshot.seed)
    }

    /// True if the worker iterates or is about to.
    pub(crate) fn is_running(&self) -> bool {
        self.asked.running.unwrap_or(matches!(
            self.snapshot.activity,
            Activity::Running | Activity::Preparing { .. }
        ))
    }

    /// All perplexities worth a row: the ladder's, the visited ones and the present one.
    pub(crate) fn rungs(&self) -> Vec<f64> {
        let mut ladder = self.ladder.clone();
        for visited in self.snapshot.visited.iter() {
            ladder.insert(visited.perplexity);
        }
        ladder.insert(self.snapshot.perplexity);
        ladder.rungs().to_vec()
    }

    /// True if a perplexity has a map of the present seed.
    pub(crate) fn is_visited(&self, perplexity: f64) -> bool {
        let mut visited = self.snapshot.visited.iter();
        visited.any(|v| same(v.perplexity, perplexity) && v.seed == self.snapshot.seed)
    }

    /// True if the diagnosis' figures of the map are those of the present map.
    pub(crate) fn map_figures_hold(&self) -> bool {
        self.snapshot.is_map
            && self
                .diagnosis
                .as_ref()
                .is_some_and(|d| d.map_generation == Some(self.snapshot.generation))
    }

    /// A figure of the map, if it is one of the present map.
    pub(crate) fn of_map(&self, figure: Option<f64>) -> Option<f64> {
        figure.filter(|_| self.map_figures_hold())
    }

    /// Remarks about data and run, the newest last.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        let all = self.data.notes().iter().chain(self.snapshot.notes.iter());
        for remark in all.chain(self.ladder_remark.iter()) {
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

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.tell(text.into(), false);
    }

    fn complain(&mut self, text: impl Into<String>) {
        self.tell(text.into(), true);
    }

    /// Shows a sentence that is not worth keeping.
    fn whisper(&mut self, text: String) {
        self.notice = Some(Notice {
            text,
            is_problem: false,
        });
    }

    /// Shows a sentence, and keeps it in the log.
    fn tell(&mut self, text: String, is_problem: bool) {
        let notice = Notice { text, is_problem };
        if self.log.last() != Some(&notice) {
            if self.log.len() == LONGEST_LOG {
                self.log.remove(0);
            }
            self.log.push(notice.clone());
        }
        self.notice = Some(notice);
    }

    /// Remembers the selection and the classes shown, before something changes them.
    pub(crate) fn remember(&mut self, what: &str) {
        self.history
            .remember(what.to_owned(), &self.selection, &self.shown);
    }

    /// Shows or hides an entry of the legend, and says so.
    fn toggle(&mut self, entry: usize) {
        let Some(shown) = self.shown.get_mut(entry) else {
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
        self.shown[entry] = !is_shown;
        self.remember(&format!(
            "{} {name}",
            if is_shown { "showing" } else { "hiding" }
        ));
        self.shown[entry] = is_shown;
        let hidden = self.shown.iter().filter(|s| !**s).count();
        self.say(if is_shown {
            format!("{name} shown")
        } else {
            format!(
                "{name} hidden; {hidden} of {} hidden, {} shows all, {} undoes",
                self.shown.len(),
                self.key("show-all-classes"),
                self.key("undo")
            )
        });
    }
}

/// Right, wrong or neither per sample; empty without predictions.
fn outcomes_of(data: &Dataset) -> Arc<[u16]> {
    match (data.labels(), data.predictions()) {
        (Some(labels), Some(predictions)) => outcomes(labels.indices(), predictions).into(),
        _ => Arc::default(),
    }
}
