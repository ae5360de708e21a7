//! Sessions: what the screen shows, to be kept; and how it shows that again.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decisions::Sample;
use crate::journal::Segment;
use crate::palette::ColorSet;
use crate::raster::{Area, Turn};
use crate::run::Command;
use crate::session::{Crosshair, MapPath, PanelPlace, Screen};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Effect;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::map::{self, TurnedBy};
use crate::tui::app::maps::Kind;
use crate::tui::app::named::View;
use crate::tui::app::panels::{PANELS, PanelState, Space};
use crate::tui::app::prompt::Question;
use crate::tui::app::selection::Join;

impl App {
    /// What the screen shows.
    pub(crate) fn kept_screen(&self) -> Screen {
        if let Some(waits) = &self.resuming.waits {
            // It is not shown yet.
            return waits.as_ref().clone();
        }
        let (data, selection) = (&self.run.data, &self.samples.selection);
        let sample = |row: usize| Sample::of_rows(&[row as u32], data).pop();
        let classes = data.labels().map_or(&[][..], |l| l.names());
        let panels = PANELS.iter().map(|panel| {
            let state = self.state(*panel);
            let place = PanelPlace {
                row: state.row,
                first: state.first,
                column: state.column,
                order: state.order,
                is_reversed: state.reversed,
            };
            (panel.label().to_owned(), place)
        });
        Screen {
            set: self.plain_set_name(self.sets.current),
            view: Some(self.present_view().kept(classes)),
            turn: self.map.turn.now.degrees(),
            turned_at_rest: self.map.turn.chosen == TurnedBy::RestingMap,
            crosshair: self.map.crosshair.map(|crosshair| Crosshair {
                free: crosshair.free,
                corner: crosshair.corner,
            }),
            current: selection.current.and_then(sample),
            selected: Sample::of_rows(selection.ids(), data),
            panel: self.panels.chosen.label().to_owned(),
            on_map: self.panels.on_map,
            is_whole: self.panels.zoomed,
            panels: panels.collect(),
            neighbors: self.run.table_k,
            palette: self.palette.set().name().to_owned(),
            names: self.map.names.wanted,
            neighbor_lines: self.map.neighbor_lines,
            follows: self.panels.follows,
            counts_in_map: self.panels.space == Space::Map,
            maps: self.map.multiples.facets.len().max(1),
            maps_of_sets: self.map.multiples.kind == Kind::Sets,
            paths: self.kept_paths(),
        }
    }

    /// The name of a set as it is in the session.
    fn plain_set_name(&self, set: usize) -> String {
        let names = self.sets.names.get(set);
        names.map_or_else(String::new, |set| set.name.clone())
    }

    fn kept_paths(&self) -> Vec<MapPath> {
        let paths = self.journal.paths.iter();
        let path = paths.map(|((set, generation), path)| MapPath {
            set: self.plain_set_name(*set),
            generation: *generation,
            path: path.iter().map(|s| (s.perplexity, s.until)).collect(),
        });
        path.collect()
    }

    /// Shows what a session showed: at once what is of the samples, and the map's part when the map is there. Numbers
    /// of maps are higher by `by` than they were.
    pub(crate) fn show_session(&mut self, mut screen: Screen, by: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        let data = Arc::clone(&self.run.data);
        let rows = Sample::rows(&screen.selected, &data);
        let current = screen.current.iter().cloned().collect::<Vec<_>>();
        let current = Sample::rows(&current, &data)
            .first()
            .map(|row| *row as usize);
        self.samples.selection.join(&rows, Join::Replace);
        self.samples.selection.current = current;
        self.resume_panels(&screen);
        if (1..=data.samples()).contains(&screen.neighbors) && screen.neighbors != self.run.table_k
        {
            self.run.table_k = screen.neighbors;
            effects.push(Effect::Command(Command::SetTableK(screen.neighbors)));
        }
        for path in &mut screen.paths {
            path.generation = path.generation.saturating_add(by);
            let set =
                (0..self.sets.names.len().max(1)).find(|set| self.plain_set_name(*set) == path.set);
            if let Some(set) = set {
                let segments = path
                    .path
                    .iter()
                    .map(|&(perplexity, until)| Segment { perplexity, until });
                self.journal
                    .paths
                    .insert((set, path.generation), segments.collect());
            }
        }
        self.resuming.waits = Some(Box::new(screen));
        effects
    }

    fn resume_panels(&mut self, screen: &Screen) {
        let by_label: BTreeMap<&str, &PanelPlace> = screen
            .panels
            .iter()
            .map(|(label, place)| (label.as_str(), place))
            .collect();
        for panel in PANELS {
            if let Some(place) = by_label.get(panel.label()) {
                *self.state_mut(*panel) = PanelState {
                    row: place.row,
                    first: place.first,
                    column: place.column,
                    order: place.order,
                    reversed: place.is_reversed,
                };
            }
        }
        if let Some(panel) = PANELS.iter().find(|panel| panel.label() == screen.panel) {
            self.panels.chosen = *panel;
        }
        if let Some(set) = ColorSet::of_name(&screen.palette) {
            self.palette = self.palette.with_set(set);
            self.map.names.wanted = screen.names;
            self.map.neighbor_lines = screen.neighbor_lines;
            self.panels.follows = screen.follows;
        }
        if screen.counts_in_map {
            self.panels.space = Space::Map;
        }
        self.panels.on_map = screen.on_map;
        self.panels.zoomed = screen.is_whole;
    }

    /// Shows the map as it was, once it is there.
    pub(crate) fn follow_session(&mut self) {
        if !self.run.snapshot.is_map {
            return;
        }
        let Some(screen) = self.resuming.waits.take() else {
            return;
        };
        let classes = self.run.data.labels().map_or(&[][..], |l| l.names());
        if let Some(view) = &screen.view {
            let view = View::of(view, classes, self.samples.shown.len());
            self.map.camera = view.camera;
            self.map.look = view.look;
            self.map.value = view.value;
            self.samples.shown = view.shown;
        }
        if (2..=4).contains(&screen.maps) {
            if screen.maps_of_sets && self.sets.names.len() > 1 {
                self.map.multiples.kind = Kind::Sets;
            }
            self.fill(screen.maps);
            if self.map.multiples.facets.len() < 2 {
                self.map.multiples.facets.clear();
            }
        }
        self.map.turn.now = Turn::by_degrees(screen.turn);
        self.map.turn.chosen = if screen.turned_at_rest {
            TurnedBy::RestingMap
        } else {
            TurnedBy::FirstPicture
        };
        self.map.turn.shape = self.map_area().map(Area::shape);
        self.map.transition = None;
        let is_finite = |place: &[f64; 2]| place.iter().all(|v| v.is_finite());
        self.map.crosshair = screen.crosshair.map(|crosshair| map::Crosshair {
            free: crosshair.free.filter(is_finite),
            corner: crosshair.corner.filter(is_finite),
        });
    }

    /// Asks whether to go on with the session that was found.
    pub(crate) fn offer_session(&mut self, what: String) {
        self.ask(Question::Session(what), "");
    }

    /// Whether that is not answered yet.
    pub(crate) fn asks_about_session(&self) -> bool {
        match &self.dialogs.mode {
            Mode::Prompt(prompt) => matches!(prompt.question, Question::Session(_)),
            _ => false,
        }
    }

    /// Says what of a session cannot be used.
    pub(crate) fn say_of_session(&mut self, set: &str, why: &str) {
        let set = if set.is_empty() {
            String::new()
        } else {
            format!("{}: ", text::safe(set))
        };
        self.complain(format!("{set}{why}"));
    }

    /// Says what is to be said, if anything.
    pub(crate) fn remark(&mut self, note: Option<String>) {
        if let Some(note) = note {
            self.complain(note);
        }
    }
}
