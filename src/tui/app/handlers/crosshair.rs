//! The crosshair on the map, and boxes: which samples are under them.

use ratatui::layout::Rect;

use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Turn, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Way};
use crate::tui::app::map::Crosshair;
use crate::tui::app::maps::Camera;
use crate::tui::app::pick::Shown;
use crate::tui::app::selection::Join;

/// Cells that the crosshair moves in a box, across and down, so that the way is about as long.
const STEP: (i8, i8) = (2, 1);

impl App {
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

    /// The window in the cells of the current map.
    fn window(&self) -> Option<(Viewport, Area)> {
        let area = self.map_area()?;
        Some((self.viewport(area), area))
    }

    /// The shown samples within the current window, ascending.
    pub(crate) fn in_view(&self) -> Vec<u32> {
        let Some((view, area)) = self.window() else {
            return Vec::new();
        };
        let corners = (
            view.to_map(area, [0.0, 0.0]),
            view.to_map(area, area.dots()),
        );
        self.pick(|shown| shown.within(corners.0, corners.1, view.turn()))
    }

    /// Makes a sample the current one, puts the crosshair on it and brings it into view.
    pub(crate) fn jump_to(&mut self, sample: usize) {
        if sample < self.run.data.samples() {
            self.point_at(sample);
            self.describe_current();
        }
    }

    /// The same without a word.
    pub(crate) fn point_at(&mut self, sample: usize) {
        if sample < self.run.data.samples() {
            self.samples.selection.current = Some(sample);
            self.map.crosshair = Some(Crosshair::default());
            self.keep_in_view();
        }
    }

    /// Moves the window if the crosshair has left it.
    fn keep_in_view(&mut self) {
        if let Some(at) = self.crosshair_at() {
            self.bring_into_view(at);
        }
    }

    /// Moves the window to a place that is not in it.
    fn bring_into_view(&mut self, at: [f64; 2]) {
        let Some((view, area)) = self.window() else {
            return;
        };
        let [x, y] = view.to_dot(area, at);
        let [across, down] = area.dots();
        if !(x >= 0.0 && x < across && y >= 0.0 && y < down) {
            self.map.camera = Camera::Free(view.around(at));
        }
    }

    /// Brings a sample into view that is not the current one.
    pub(crate) fn look_at(&mut self, sample: usize) {
        if let Some(at) = self.place_of(sample) {
            self.bring_into_view(at);
        }
    }

    /// Says which sample is the current one; not for the log.
    fn describe_current(&mut self) {
        let Some(sample) = self.samples.selection.current else {
            return;
        };
        let mut parts = vec![self.sample_name(sample)];
        if let Some(labels) = self.run.data.labels() {
            let class = labels.class(sample).unwrap_or_else(|| self.run.classes());
            parts.push(self.entry_name_in(class, 30));
        }
        if let Some(prediction) = self.prediction_of(sample) {
            parts.push(format!("predicted {}", text::shorten(&prediction, 30)));
        }
        if self.samples.selection.contains(sample) {
            parts.push("selected".into());
        }
        if !self.is_shown(sample) {
            parts.push("its class is hidden".into());
        }
        self.whisper(parts.join(" · "));
    }

    /// Puts the crosshair on the map, or takes it away.
    pub(crate) fn toggle_crosshair(&mut self) {
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
    pub(crate) fn crosshair_to(&mut self, way: Way) {
        let (right, down) = way.step();
        if self.map.crosshair.is_some_and(|c| c.corner.is_some()) {
            self.crosshair_by((right * STEP.0, down * STEP.1));
            return;
        }
        let (Some(from), Some((view, _))) = (self.crosshair_at(), self.window()) else {
            return;
        };
        let direction = view.turn().undo([f64::from(right), -f64::from(down)]);
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
            self.whisper("no sample farther in that direction".into());
        }
    }

    /// Moves the crosshair by cells; the sample nearest to it becomes the current one.
    pub(crate) fn crosshair_by(&mut self, (right, down): (i8, i8)) {
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
    pub(crate) fn start_box(&mut self) {
        if self.map.crosshair.is_none() {
            self.toggle_crosshair();
        }
        let at = self.crosshair_at();
        if let Some(crosshair) = &mut self.map.crosshair {
            crosshair.corner = at;
            let pick = self.key(Action::Choose(Choose::Pick));
            let leave = self.key(Action::Choose(Choose::LeaveCrosshair));
            self.whisper(format!(
                "box: arrows move its corner, {pick} selects, {leave} cancels"
            ));
        }
    }

    /// Out of the box, or else takes the crosshair away.
    pub(crate) fn leave_crosshair(&mut self) {
        match &mut self.map.crosshair {
            Some(crosshair) if crosshair.corner.is_some() => crosshair.corner = None,
            _ => self.map.crosshair = None,
        }
    }

    /// Selects what is in the box, or the current sample.
    pub(crate) fn pick_at_crosshair(&mut self) {
        let at = self.crosshair_at();
        let corner = self.map.crosshair.as_mut().and_then(|c| c.corner.take());
        match (corner, at, self.samples.selection.current) {
            (Some(corner), Some(at), _) => self.select_box(corner, at),
            (None, _, Some(sample)) => {
                let name = text::shorten_id(&self.sample_name(sample), 30).into_owned();
                self.select(&name, &[sample as u32], Join::Toggle);
            }
            _ => {}
        }
    }

    fn select_box(&mut self, corner: [f64; 2], at: [f64; 2]) {
        let turn = self
            .window()
            .map_or_else(Turn::default, |(view, _)| view.turn());
        let inside = self.pick(|shown| shown.within(corner, at, turn));
        if inside.is_empty() {
            self.say("no sample of a shown class is in the box");
        } else {
            self.select("the box", &inside, Join::Toggle);
        }
    }

    /// A click on the map: the sample near it becomes the current one.
    pub(crate) fn click_map(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, view) = self.under(cells, at);
        if let Some(sample) = self.near(place, view) {
            self.jump_to(sample);
        }
    }

    /// Begins a box with the mouse.
    pub(crate) fn press_box(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, _) = self.under(cells, at);
        self.panels.on_map = true;
        self.map.crosshair = Some(Crosshair {
            free: Some(place),
            corner: Some(place),
        });
    }

    /// Moves the box's corner with the mouse.
    pub(crate) fn drag_box(&mut self, cells: Rect, at: (u16, u16)) {
        let (place, _) = self.under(cells, at);
        if let Some(crosshair) = &mut self.map.crosshair
            && crosshair.corner.is_some()
        {
            crosshair.free = Some(place);
        }
    }

    /// Selects what is in the box; one that is no larger than a cell takes the sample near it.
    pub(crate) fn release_box(&mut self) {
        let Some((corner, end)) = self.map.crosshair.and_then(|c| c.corner.zip(c.free)) else {
            return;
        };
        self.map.crosshair = None;
        let Some((view, _)) = self.window() else {
            return;
        };
        let reach = view.scale() * f64::from(DOTS_ACROSS);
        if (corner[0] - end[0]).hypot(corner[1] - end[1]) > reach {
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
        (view.to_map(area, dot_at(cells, at)), view)
    }

    /// The sample nearest to a place, if it is within a few cells of it.
    fn near(&self, place: [f64; 2], view: Viewport) -> Option<usize> {
        let sample = self.pick(|shown| shown.nearest(place))?;
        let at = self.place_of(sample)?;
        let reach = 4.0 * f64::from(DOTS_DOWN) * view.scale();
        ((at[0] - place[0]).hypot(at[1] - place[1]) <= reach).then_some(sample)
    }
}

/// The map's dot at the middle of a column and row of the terminal.
pub(crate) fn dot_at(cells: Rect, at: (u16, u16)) -> [f64; 2] {
    [
        (f64::from(at.0) - f64::from(cells.x) + 0.5) * f64::from(DOTS_ACROSS),
        (f64::from(at.1) - f64::from(cells.y) + 0.5) * f64::from(DOTS_DOWN),
    ]
}
