//! What of the map is on the screen: its cells, the window onto it, the classes named below it.

use ratatui::layout::Rect;

use crate::picture::Coloring;
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

    /// True if the classes are named under the map, because their panel is not shown.
    pub(crate) fn legend_below(&self, screen: &Layout) -> bool {
        !self.run.counts.is_empty() && screen.panel(Panel::Classes).is_none()
    }

    /// The cells of the map within its frame.
    pub(crate) fn map_cells(&self, screen: &Layout) -> Option<Rect> {
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
    pub(crate) fn legend_line(&self, screen: &Layout) -> Option<Rect> {
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
        let mark = self.palette.mark(self.run.class_of(entry));
        format!(
            "{mark} {} {}",
            self.entry_name_in(entry, 14),
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
        let classes = self.run.classes();
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
}
