//! What of the map is on the screen: its cells, the window onto it, the classes named below it.

use ratatui::layout::Rect;

use super::gray::groups;
use crate::picture::{Coloring, Glyphs};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Points, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Direction, Way};
use crate::tui::app::layout::Layout;
use crate::tui::app::legend;
use crate::tui::app::maps::Camera;
use crate::tui::app::panels::Panel;

/// How much a key press zooms.
const ZOOM: f64 = 1.5;
/// A key press pans by this part of the window.
const PAN: f64 = 0.125;

impl App {
    /// The cells of the map at the current size of the terminal.
    pub(crate) fn map_area(&self) -> Option<Area> {
        let cells = self.map_cells(&self.current_layout()?)?;
        Some(Area::new(cells.width, cells.height))
    }

    /// Zooms in or out around the middle.
    pub(crate) fn zoom(&mut self, to: Direction) {
        if let Some(area) = self.map_area() {
            let factor = match to {
                Direction::Back => 1.0 / ZOOM,
                Direction::Forward => ZOOM,
            };
            let middle = area.dots().map(|d| d / 2.0);
            self.map.camera = Camera::Free(self.viewport(area).zoom_at(area, middle, factor));
        }
    }

    /// Moves the window.
    pub(crate) fn pan(&mut self, way: Way) {
        let (right, down) = way.step();
        if let Some(area) = self.map_area() {
            let step = |n: i8, dots: u32| f64::from(n) * f64::from(dots);
            let [across, high] = area.dots();
            // Whole cells, so that the picture moves without flickering.
            let right = step(right, DOTS_ACROSS) * (across * PAN / 2.0).ceil();
            let down = step(down, DOTS_DOWN) * (high * PAN / 4.0).ceil();
            self.map.camera = Camera::Free(self.viewport(area).pan(right, down));
        }
    }

    /// True if the classes are named under the map: always under several maps, which would otherwise
    /// change their size with the panels, and where the panel of the classes is not shown.
    fn legend_below(&self, screen: &Layout) -> bool {
        let is_needed = self.map.multiples.are_several() || screen.panel(Panel::Classes).is_none();
        !self.run.counts.is_empty() && is_needed && !self.has_key()
    }

    /// True if the frame's last line says what the colors mean.
    fn has_key(&self) -> bool {
        self.map.look.coloring != Coloring::Class && !self.map.multiples.are_several()
    }

    /// The cells of the map within its frame.
    pub(crate) fn map_cells(&self, screen: &Layout) -> Option<Rect> {
        let map = self.map_frame(screen)?;
        Some(Rect::new(
            map.x + 1,
            map.y + 1,
            map.width.saturating_sub(2),
            map.height.saturating_sub(2),
        ))
    }

    /// The line of classes below the map, if there is one: on its frame, so that the map has the same
    /// cells with and without it. Several maps have it below them.
    pub(crate) fn legend_line(&self, screen: &Layout) -> Option<Rect> {
        let map = screen.map.filter(|m| m.height > 2 && m.width > 6)?;
        self.legend_below(screen)
            .then(|| Rect::new(map.x + 3, map.bottom() - 1, map.width - 6, 1))
    }

    /// What stands on that line: the classes shown, then the hidden ones.
    pub(crate) fn legend_items(&self, columns: u16) -> Vec<legend::Item> {
        let is_shown = |entry: &usize| self.samples.shown.get(*entry) == Some(&true);
        let (shown, hidden): (Vec<usize>, Vec<usize>) =
            (0..self.run.counts.len()).partition(is_shown);
        let entries = shown.into_iter().chain(hidden);
        let entries = entries.map(|entry| (entry, text::width(&self.legend_text(entry))));
        // No more of them can fit.
        let entries: Vec<(usize, usize)> = entries.take(usize::from(columns)).collect();
        legend::line(&entries, self.run.counts.len(), usize::from(columns))
    }

    /// An entry as it stands there.
    pub(crate) fn legend_text(&self, entry: usize) -> String {
        let mark = self.mark(self.run.class_of(entry));
        let name = self.entry_name_in(entry, 14);
        if self.map.look.glyphs == Glyphs::Letters {
            // Letters mean nothing without their legend: more of them fit without counts.
            format!("{mark} {name}")
        } else {
            format!("{mark} {name} {}", text::count(self.run.counts[entry]))
        }
    }

    /// The mark of a class in legends: its letter where the map is drawn with letters.
    pub(crate) fn mark(&self, class: u16) -> char {
        match self.map.look.glyphs {
            Glyphs::Letters => self.palette.letter(class),
            _ => self.palette.mark(class),
        }
    }

    /// The window onto the map in cells of this size.
    pub(crate) fn viewport(&self, area: Area) -> Viewport {
        match self.map.camera {
            Camera::Fit => Viewport::fit_turned(self.positions(), area, self.map.turn.now),
            Camera::Free(viewport) => viewport,
        }
    }

    /// What the map draws.
    pub(crate) fn points(&self) -> Points<'_> {
        let classes = self.run.classes();
        let groups: &[u16] = match self.map.look.coloring {
            Coloring::Outcome => &self.run.outcomes,
            _ => groups(self.map.grayed.as_ref()),
        };
        // Gray is what hidden classes are drawn in where some are.
        let shown = match self.map.grayed {
            Some(_) => 0,
            None => classes.min(self.samples.shown.len()),
        };
        Points {
            groups,
            positions: self.positions(),
            classes: self.run.data.labels().map_or(&[], |l| l.indices()),
            shown: &self.samples.shown[..shown],
            unlabeled_shown: self.samples.shown.get(classes).copied().unwrap_or(true),
            ..Points::new(&[], &[])
        }
    }
}
