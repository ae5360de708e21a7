//! Choosing samples: the crosshair on the map, boxes, classes, search; and undoing it.

use ratatui::layout::Rect;

use super::action::{Choose, Effect, Target};
use super::panels::Panel;
use super::pick::Shown;
use super::prompt::{Prompt, Question};
use super::selection::Join;
use super::{App, Camera, Mode};
use crate::dataset::UNLABELED;
use crate::error::printable;
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Viewport};
use crate::tui::text;

/// Cells that the crosshair moves in a box, across and down, so that the way is about as long.
const STEP: (i8, i8) = (2, 1);

/// The crosshair on the map.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Crosshair {
    /// Where it is (map units), if not on the current sample.
    free: Option<[f64; 2]>,
    /// The corner at which a box began (map units).
    pub(crate) corner: Option<[f64; 2]>,
}

impl App {
    /// Does what the user wants of samples.
    pub(super) fn choose(&mut self, choose: Choose) {
        match choose {
            Choose::ToggleCrosshair => self.toggle_crosshair(),
            Choose::CrosshairTo(right, down) => self.crosshair_to(right, down),
            Choose::CrosshairBy(right, down) => self.crosshair_by(right, down),
            Choose::Pick => self.pick_at_crosshair(),
            Choose::StartBox => self.start_box(),
            Choose::LeaveCrosshair => self.leave_crosshair(),
            Choose::SelectClass => self.select_class(),
            Choose::SelectInView => self.select_in_view(),
            Choose::ClearSelection => self.clear_selection(),
            Choose::Undo => self.step_history(true),
            Choose::Redo => self.step_history(false),
            Choose::AskFind => self.ask_find(),
            Choose::FindNext(direction) => self.find_next(direction),
            Choose::NeighborLines => self.switch_neighbor_lines(),
            Choose::AskSaveSelection => self.ask_save_ids(),
        }
    }

    /// Selects all samples of shown classes in the window.
    fn select_in_view(&mut self) {
        let inside = self.in_view();
        if inside.is_empty() {
            self.say("no sample of a shown class is in the window");
        } else {
            self.select("the window", &inside, Join::Toggle);
        }
    }

    /// Whether a sample's class is shown.
    pub(crate) fn is_shown(&self, sample: usize) -> bool {
        let class = self
            .run
            .data
            .labels()
            .map_or(UNLABELED, |l| l.indices()[sample]);
        let entry = if class == UNLABELED {
            self.classes()
        } else {
            usize::from(class)
        };
        self.samples.shown.get(entry).copied().unwrap_or(true)
    }

    /// Looks for samples among those shown.
    fn pick<T>(&self, look: impl FnOnce(Shown<'_>) -> T) -> T {
        let is_shown = |sample| self.is_shown(sample);
        look(Shown {
            positions: self.positions(),
            is_shown: &is_shown,
        })
    }

    /// Where a sample is (map units).
    fn place_of(&self, sample: usize) -> Option<[f64; 2]> {
        let p = self.positions().get(sample)?;
        Some(p.map(f64::from))
    }

    /// Where the crosshair is (map units).
    pub(crate) fn crosshair_at(&self) -> Option<[f64; 2]> {
        let crosshair = self.map.crosshair?;
        crosshair
            .free
            .or_else(|| self.place_of(self.samples.selection.current?))
    }

    /// The window in the cells of the present map.
    fn window(&self) -> Option<(Viewport, Area)> {
        let cells = self.map_cells(&self.present_screen()?)?;
        let area = Area::new(cells.width, cells.height);
        Some((self.viewport(area), area))
    }

    /// The shown samples within the present window, ascending.
    pub(crate) fn in_view(&self) -> Vec<u32> {
        let Some((view, area)) = self.window() else {
            return Vec::new();
        };
        let corners = (
            view.to_map(area, [0.0, 0.0]),
            view.to_map(area, area.dots()),
        );
        self.pick(|shown| shown.within(corners.0, corners.1))
    }

    /// Makes a sample the current one, puts the crosshair on it and brings it into view.
    pub(crate) fn jump_to(&mut self, sample: usize) {
        if sample >= self.run.data.samples() {
            return;
        }
        self.samples.selection.current = Some(sample);
        self.map.crosshair = Some(Crosshair::default());
        self.keep_in_view();
        self.describe_current();
    }

    /// Moves the window if the crosshair has left it.
    fn keep_in_view(&mut self) {
        let (Some(at), Some((view, area))) = (self.crosshair_at(), self.window()) else {
            return;
        };
        let [x, y] = view.to_dot(area, at);
        let [across, down] = area.dots();
        if !(x >= 0.0 && x < across && y >= 0.0 && y < down) {
            self.map.camera = Camera::Free(Viewport::new(at, view.scale()));
        }
    }

    /// Says which sample is the current one; not for the log.
    fn describe_current(&mut self) {
        let Some(sample) = self.samples.selection.current else {
            return;
        };
        let mut parts = vec![self.sample_name(sample)];
        if let Some(labels) = self.run.data.labels() {
            let class = labels.class(sample).unwrap_or_else(|| self.classes());
            parts.push(text::cut(&self.entry_name(class), 30).into_owned());
        }
        if let Some(prediction) = self.prediction_of(sample) {
            parts.push(format!("predicted {}", text::cut(&prediction, 30)));
        }
        if self.samples.selection.contains(sample) {
            parts.push("selected".into());
        }
        if !self.is_shown(sample) {
            parts.push("its class is hidden".into());
        }
        self.whisper(parts.join(" · "));
    }

    /// A sample's id, or its number where there are no ids, safe to print.
    pub(crate) fn sample_name(&self, sample: usize) -> String {
        let id = self.run.data.ids().and_then(|ids| ids.get(sample));
        id.map_or_else(|| format!("#{sample}"), |id| text::safe(id))
    }

    /// The name of the class predicted for a sample, safe to print.
    pub(crate) fn prediction_of(&self, sample: usize) -> Option<String> {
        let class = *self.run.data.predictions()?.get(sample)?;
        Some(if class == UNLABELED {
            "none of the classes".into()
        } else {
            self.entry_name(usize::from(class))
        })
    }

    /// Puts the crosshair on the map, or takes it away.
    pub(super) fn toggle_crosshair(&mut self) {
        self.panels.on_map = true;
        if self.map.crosshair.take().is_some() {
            return;
        }
        self.map.crosshair = Some(Crosshair::default());
        if self.samples.selection.current.is_none()
            && let Some((view, _)) = self.window()
        {
            self.samples.selection.current = self.pick(|shown| shown.nearest(view.center()));
        }
        if self.samples.selection.current.is_none() {
            self.map.crosshair = None;
            self.say("there is no sample to put the crosshair on");
            return;
        }
        self.keep_in_view();
        self.describe_current();
    }

    /// The crosshair to the next sample in a direction; in a box by cells.
    pub(super) fn crosshair_to(&mut self, right: i8, down: i8) {
        if self.map.crosshair.is_some_and(|c| c.corner.is_some()) {
            self.crosshair_by(right * STEP.0, down * STEP.1);
            return;
        }
        let (Some(from), Some((view, _))) = (self.crosshair_at(), self.window()) else {
            return;
        };
        let direction = [f64::from(right), -f64::from(down)];
        // At least a dot further, so that every key press shows.
        let found = self.pick(|shown| shown.towards(from, direction, view.scale()));
        if let Some(sample) = found {
            self.samples.selection.current = Some(sample);
            if let Some(crosshair) = &mut self.map.crosshair {
                crosshair.free = None;
            }
            self.keep_in_view();
            self.describe_current();
        } else {
            self.whisper("no sample further that way".into());
        }
    }

    /// The crosshair by so many cells; the sample nearest to it becomes the current one.
    pub(super) fn crosshair_by(&mut self, right: i8, down: i8) {
        let (Some(from), Some((view, area))) = (self.crosshair_at(), self.window()) else {
            return;
        };
        let [x, y] = view.to_dot(area, from);
        let [across, high] = area.dots();
        let x = x + f64::from(right) * f64::from(DOTS_ACROSS);
        let y = y + f64::from(down) * f64::from(DOTS_DOWN);
        let inside = [x.clamp(0.0, across - 1.0), y.clamp(0.0, high - 1.0)];
        let at = view.to_map(area, inside);
        if let Some(crosshair) = &mut self.map.crosshair {
            crosshair.free = Some(at);
        }
        self.samples.selection.current = self.pick(|shown| shown.nearest(at));
        self.describe_current();
    }

    /// Begins a box at the crosshair.
    pub(super) fn start_box(&mut self) {
        if self.map.crosshair.is_none() {
            self.toggle_crosshair();
        }
        let at = self.crosshair_at();
        if let Some(crosshair) = &mut self.map.crosshair {
            crosshair.corner = at;
            self.whisper("a box: arrows move its corner, Enter selects, Esc leaves it".into());
        }
    }

    /// Out of the box, or else takes the crosshair away.
    pub(super) fn leave_crosshair(&mut self) {
        match &mut self.map.crosshair {
            Some(crosshair) if crosshair.corner.is_some() => crosshair.corner = None,
            _ => self.map.crosshair = None,
        }
    }

    /// Selects what is in the box, or the current sample.
    pub(super) fn pick_at_crosshair(&mut self) {
        let at = self.crosshair_at();
        let corner = self.map.crosshair.as_mut().and_then(|c| c.corner.take());
        match (corner, at, self.samples.selection.current) {
            (Some(corner), Some(at), _) => self.select_box(corner, at),
            (None, _, Some(sample)) => {
                let name = text::cut(&self.sample_name(sample), 30).into_owned();
                self.select(&name, &[sample as u32], Join::Toggle);
            }
            _ => {}
        }
    }

    fn select_box(&mut self, corner: [f64; 2], at: [f64; 2]) {
        let inside = self.pick(|shown| shown.within(corner, at));
        if inside.is_empty() {
            self.say("no sample of a shown class lies in the box");
        } else {
            self.select("the box", &inside, Join::Toggle);
        }
    }

    /// Takes samples (ascending) into the selection, and says so.
    pub(crate) fn select(&mut self, what: &str, ids: &[u32], join: Join) {
        let before = self.samples.selection.len();
        self.samples.history.remember(
            format!("selecting {what}"),
            &self.samples.selection,
            &self.samples.shown,
        );
        self.samples.selection.join(ids, join);
        self.samples
            .history
            .forget_if_unchanged(&self.samples.selection, &self.samples.shown);
        let now = self.samples.selection.len();
        let verb = if now < before {
            "taken out"
        } else {
            "selected"
        };
        self.say(format!(
            "{what}: {} {verb}, {} selected in all; {} undoes, {} selects none",
            text::count(now.abs_diff(before)),
            text::count(now),
            self.key("undo"),
            self.key("select-none")
        ));
    }

    /// Selects a class: that under the cursor in the panel of classes, or that of the current
    /// sample.
    pub(super) fn select_class(&mut self) {
        let of_current = || {
            let sample = self.samples.selection.current?;
            let class = self.run.data.labels()?.class(sample);
            Some(class.unwrap_or_else(|| self.classes()))
        };
        let entry = if self.is_focused(Panel::Classes) {
            self.row_at_cursor(Panel::Classes)
        } else {
            of_current()
        };
        match entry {
            Some(entry) => self.select_entry(entry),
            None => self.say("choose a class in the panel of classes, or a sample with x first"),
        }
    }

    /// Selects all samples of an entry of the legend.
    pub(crate) fn select_entry(&mut self, entry: usize) {
        let Some(labels) = self.run.data.labels() else {
            return;
        };
        let class = self.class_of(entry);
        let indices = labels.indices().iter().enumerate();
        let members: Vec<u32> = indices
            .filter(|(_, c)| **c == class)
            .map(|(sample, _)| sample as u32)
            .collect();
        let name = text::cut(&self.entry_name(entry), 30).into_owned();
        self.select(&name, &members, Join::Toggle);
    }

    /// Selects nothing.
    pub(super) fn clear_selection(&mut self) {
        if self.samples.selection.is_empty() {
            self.say("nothing is selected");
            return;
        }
        self.select("none", &[], Join::Replace);
        self.say(format!(
            "nothing is selected any more; {} undoes",
            self.key("undo")
        ));
    }

    /// Undoes the newest change of the selection or of the classes shown, or does it again.
    pub(super) fn step_history(&mut self, back: bool) {
        let step =
            self.samples
                .history
                .step(back, &mut self.samples.selection, &mut self.samples.shown);
        let selected = text::count(self.samples.selection.len());
        self.say(match (step, back) {
            (Some(what), true) => {
                format!(
                    "undone: {what}; {selected} selected, {} does it again",
                    self.key("redo")
                )
            }
            (Some(what), false) => format!("done again: {what}; {selected} selected"),
            (None, true) => "nothing to undo".into(),
            (None, false) => "nothing to do again".into(),
        });
    }

    /// Asks for an id.
    pub(super) fn ask_find(&mut self) {
        self.dialogs.mode = Mode::Prompt(Prompt::new(Question::Find, ""));
    }

    /// The first match of what has been typed so far becomes the current sample.
    pub(super) fn find_as_typed(&mut self) {
        let Mode::Prompt(prompt) = &self.dialogs.mode else {
            return;
        };
        let wanted = prompt.text();
        if wanted.trim().is_empty() {
            return;
        }
        let found = self.search(&wanted, None, 1);
        if let Some(sample) = found {
            self.jump_to(sample);
        }
        let problem = found.is_none().then(|| self.not_found(&wanted));
        if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
            prompt.problem = problem;
        }
    }

    pub(super) fn not_found(&self, wanted: &str) -> String {
        let wanted = printable(wanted.trim());
        if self.run.data.ids().is_some() {
            format!("no id contains '{}'", text::cut(&wanted, 30))
        } else {
            let last = self.run.data.samples().saturating_sub(1);
            format!("the data has no ids; type a number from 0 to {last}")
        }
    }

    /// The next (+1) or previous (−1) sample that the last search means.
    pub(super) fn find_next(&mut self, direction: i8) {
        if self.samples.wanted.is_empty() {
            self.say("nothing was searched for yet: / searches by id");
            return;
        }
        let wanted = self.samples.wanted.clone();
        match self.search(&wanted, self.samples.selection.current, direction) {
            Some(sample) => self.jump_to(sample),
            None => self.complain(self.not_found(&wanted)),
        }
    }

    /// The first sample after (before, for −1) another, and round the end, whose id contains a
    /// text in whatever case; without ids, the one of that number.
    pub(super) fn search(&self, wanted: &str, from: Option<usize>, direction: i8) -> Option<usize> {
        let wanted = wanted.trim();
        let n = self.run.data.samples();
        let Some(ids) = self.run.data.ids() else {
            let number: usize = wanted.trim_start_matches('#').parse().ok()?;
            return (number < n).then_some(number);
        };
        let wanted = wanted.to_lowercase();
        let matches = |sample: &usize| {
            let id = &ids[*sample];
            id.contains(wanted.as_str()) || id.to_lowercase().contains(&wanted)
        };
        let start = from.map_or(0, |sample| sample + 1);
        if direction < 0 {
            let end = from.unwrap_or(n);
            (0..end).rev().chain((end..n).rev()).find(matches)
        } else {
            (start..n).chain(0..start.min(n)).find(matches)
        }
    }

    /// Asks where to save the ids of the selection.
    pub(super) fn ask_save_ids(&mut self) {
        if self.samples.selection.is_empty() {
            self.say("nothing is selected: x and Enter select samples, b a box, A a class");
            return;
        }
        let name = self.file_name("-selection.csv");
        self.ask(Question::Save(Target::Selection), &name);
    }

    /// Follows an answer while it is typed.
    pub(super) fn answer_as_typed(&mut self) {
        if let Mode::Prompt(prompt) = &self.dialogs.mode
            && prompt.question == Question::Find
        {
            self.find_as_typed();
        }
    }

    /// Lines to the neighbors, or none.
    pub(crate) fn switch_neighbor_lines(&mut self) {
        self.map.neighbor_lines = !self.map.neighbor_lines;
        self.say(
            match (self.map.neighbor_lines, self.samples.selection.current) {
                (true, Some(_)) => "lines to the nearest in the features: ○ same label, × another",
                (true, None) => {
                    "lines to the nearest in the features, once there is a crosshair (x)"
                }
                (false, _) => "no lines to the neighbors",
            },
        );
    }

    /// The neighbor under the panel's cursor becomes the current sample.
    pub(super) fn go_to_neighbor(&mut self) {
        let row = self.state(Panel::Sample).row;
        if let Some(neighbor) = self.current_neighbors().get(row) {
            self.jump_to(neighbor.sample);
        }
    }

    /// Shows all classes.
    pub(crate) fn show_all(&mut self) {
        self.remember("showing all classes");
        self.samples.shown.fill(true);
        self.samples
            .history
            .forget_if_unchanged(&self.samples.selection, &self.samples.shown);
    }

    /// Asks for what surrounds the current sample, if it is not known or on its way.
    pub(super) fn inspect_current(&mut self) -> Option<Effect> {
        let sample = self.samples.selection.current?;
        let known = self.samples.evidence.as_ref().is_some_and(|e| {
            e.sample == sample
                && e.neighbors.len() >= self.run.table_k.min(self.run.data.samples() - 1)
        });
        if known || self.samples.inspecting {
            return None;
        }
        self.samples.inspecting = true;
        Some(Effect::Inspect {
            sample,
            k: self.run.table_k,
        })
    }

    /// The neighbors of the current sample in the features, as far as they are known, at most
    /// as many as the tables count.
    pub(crate) fn current_neighbors(&self) -> &[crate::diagnosis::SampleNeighbor] {
        let of_current = |e: &&std::sync::Arc<crate::diagnosis::SampleDiagnosis>| {
            Some(e.sample) == self.samples.selection.current
        };
        let known = self.samples.evidence.as_ref().filter(of_current);
        known.map_or(&[], |e| {
            &e.neighbors[..self.run.table_k.min(e.neighbors.len())]
        })
    }

    /// A click on the map: the sample near it becomes the current one.
    pub(super) fn click_map(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, view) = self.under(cells, at);
        if let Some(sample) = self.near(place, view) {
            self.jump_to(sample);
        }
    }

    /// Begins a box with the mouse.
    pub(super) fn press_box(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, _) = self.under(cells, at);
        self.panels.on_map = true;
        self.map.crosshair = Some(Crosshair {
            free: Some(place),
            corner: Some(place),
        });
    }

    /// Moves the box's corner with the mouse.
    pub(super) fn drag_box(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, _) = self.under(cells, at);
        if let Some(crosshair) = &mut self.map.crosshair
            && crosshair.corner.is_some()
        {
            crosshair.free = Some(place);
        }
    }

    /// Selects what is in the box; one that is no larger than a cell takes the sample near it.
    pub(super) fn release_box(&mut self) {
        let Some((corner, end)) = self.map.crosshair.and_then(|c| c.corner.zip(c.free)) else {
            return;
        };
        self.map.crosshair = None;
        let Some((view, _)) = self.window() else {
            return;
        };
        let reach = view.scale() * f64::from(DOTS_ACROSS);
        if (corner[0] - end[0]).abs() > reach || (corner[1] - end[1]).abs() > reach {
            self.select_box(corner, end);
        } else if let Some(sample) = self.near(end, view) {
            self.jump_to(sample);
            self.pick_at_crosshair();
        }
    }

    /// The map's place under a column and row of the terminal.
    fn under(&self, cells: Rect, at: (u16, u16)) -> ([f64; 2], Viewport) {
        let area = Area::new(cells.width, cells.height);
        let view = self.viewport(area);
        let dot = [
            (f64::from(at.0) - f64::from(cells.x) + 0.5) * f64::from(DOTS_ACROSS),
            (f64::from(at.1) - f64::from(cells.y) + 0.5) * f64::from(DOTS_DOWN),
        ];
        (view.to_map(area, dot), view)
    }

    /// The sample nearest to a place, if it is within a few cells of it.
    fn near(&self, place: [f64; 2], view: Viewport) -> Option<usize> {
        let sample = self.pick(|shown| shown.nearest(place))?;
        let at = self.place_of(sample)?;
        let reach = 4.0 * f64::from(DOTS_DOWN) * view.scale();
        ((at[0] - place[0]).hypot(at[1] - place[1]) <= reach).then_some(sample)
    }
}
