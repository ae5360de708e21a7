//! The mouse: over the map, the panels, the tabs and the legend.

use ratatui::layout::Rect;

use super::crosshair::dot_at;
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN};
use crate::tui::app::App;
use crate::tui::app::action::{Direction, Move};
use crate::tui::app::dialogs::{Help, Mode};
use crate::tui::app::layout::Layout;
use crate::tui::app::maps::Camera;
use crate::tui::app::panels::tabs::{Leads, Tab};
use crate::tui::app::panels::{Panel, menu};
use crate::tui::terminal::input::{Mouse, MouseKind};

/// The panel at a column and row.
fn panel_at(screen: &Layout, at: (u16, u16)) -> Option<Panel> {
    let hit = |(panel, area): &(Panel, Rect)| area.contains(at.into()).then_some(*panel);
    screen.panels.iter().find_map(hit)
}

impl App {
    /// Wheel: zoom at the pointer, or scroll the panel under it. Drag: pan. Click: on a tab or panel,
    /// go there; on headings, explain them; on a class, show or hide it.
    pub(crate) fn mouse(&mut self, mouse: Mouse) {
        let Some(screen) = self.current_layout() else {
            return;
        };
        if matches!(self.dialogs.mode, Mode::Help(_)) {
            match mouse.kind {
                MouseKind::WheelUp => self.scroll_help(Move::Row(Direction::Back)),
                MouseKind::WheelDown => self.scroll_help(Move::Row(Direction::Forward)),
                _ => {}
            }
            return;
        }
        if self.dialogs.mode == Mode::Menu {
            if mouse.kind == MouseKind::Press {
                self.click_menu((mouse.column, mouse.row));
            }
            return;
        }
        let at = (mouse.column, mouse.row);
        let cells = self.map_cells(&screen);
        let over_map = cells.filter(|c| c.contains(at.into()));
        match (mouse.kind, over_map) {
            (MouseKind::WheelUp | MouseKind::WheelDown, Some(cells)) => {
                let closer = mouse.kind == MouseKind::WheelUp;
                self.zoom_at(cells, at, if closer { 1.25 } else { 0.8 });
            }
            (MouseKind::WheelUp | MouseKind::WheelDown, None) => {
                let down = mouse.kind == MouseKind::WheelDown;
                let under = panel_at(&screen, at).unwrap_or(self.panels.chosen);
                self.scroll(under, if down { 1 } else { -1 });
            }
            (MouseKind::Press, Some(_)) => {
                self.panels.on_map = true;
                self.map.drag = Some(at);
                self.map.pressed = Some(at);
            }
            (MouseKind::Press, None) => self.click(&screen, at),
            (MouseKind::Drag, _) => self.drag_to(&screen, at),
            (MouseKind::Release, over) => {
                self.map.drag = None;
                let pressed = self.map.pressed.take().filter(|pressed| *pressed == at);
                if let (Some(cells), Some(_)) = (over, pressed) {
                    self.click_map(cells, at);
                }
            }
            (MouseKind::RightPress, Some(cells)) => self.press_box(cells, at),
            (MouseKind::RightDrag, _) => {
                if let Some(cells) = cells {
                    self.drag_box(cells, at);
                }
            }
            (MouseKind::RightRelease, _) => self.release_box(),
            (MouseKind::RightPress, None) => {}
        }
    }

    /// A click while the panels are listed: to the one under it, or back.
    fn click_menu(&mut self, at: (u16, u16)) {
        self.close();
        let (_, places) = menu::places(Rect::new(0, 0, self.size.0, self.size.1));
        let hit = places.iter().find(|(_, place)| place.contains(at.into()));
        if let Some((panel, _)) = hit {
            self.show(*panel);
        }
    }

    /// A click beside the map.
    fn click(&mut self, screen: &Layout, at: (u16, u16)) {
        if let Some(leads) = self.tab_at(screen, at) {
            self.follow(leads);
        } else if let Some(entry) = self.entry_at(screen, at) {
            self.toggle(entry);
        } else if let Some(panel) = panel_at(screen, at) {
            let top = screen.panel(panel).map_or(0, |area| area.y);
            let line = usize::from(at.1.saturating_sub(top));
            if let Some(place) = self.place_on_line(panel, line) {
                self.state_mut(panel).row = place;
            }
            self.show(panel);
            if self.is_heading(panel, line) {
                // The help of a panel begins with its headings.
                self.dialogs.mode = Mode::Help(Help::new(self.context(), ""));
            }
        }
    }

    /// What the tab at a column and row leads to.
    fn tab_at(&self, screen: &Layout, at: (u16, u16)) -> Option<Leads> {
        let line = screen.tabs.filter(|line| line.contains(at.into()))?;
        let column = usize::from((at.0 - line.x).checked_sub(1)?);
        let hit = |tab: &&Tab| (tab.start..tab.start + tab.width).contains(&column);
        self.tabs(screen).iter().find(hit).map(|tab| tab.leads)
    }

    /// Goes where a tab leads.
    fn follow(&mut self, leads: Leads) {
        match leads {
            Leads::Map => self.panels.on_map = true,
            Leads::Panel(panel) => self.show(panel),
            Leads::More(_) => self.dialogs.mode = Mode::Menu,
        }
    }

    /// The entry of the legend at a column and row.
    fn entry_at(&self, screen: &Layout, at: (u16, u16)) -> Option<usize> {
        if let Some(panel) = screen.panel(Panel::Classes) {
            let line = usize::from(at.1.checked_sub(panel.y)?);
            let is_inside = (panel.x + 1..panel.right().saturating_sub(1)).contains(&at.0);
            let place = self
                .place_on_line(Panel::Classes, line)
                .filter(|_| is_inside)?;
            return self.row_at(Panel::Classes, place);
        }
        let line = self.legend_line(screen)?;
        let column = usize::from(at.0.checked_sub(line.x)?);
        let item = self
            .legend_items(line.width)
            .into_iter()
            .find(|i| (i.start..i.start + i.width).contains(&column))?;
        (at.1 == line.y).then_some(item.entry)
    }

    fn drag_to(&mut self, screen: &Layout, at: (u16, u16)) {
        let (Some(from), Some(cells)) = (self.map.drag, self.map_cells(screen)) else {
            return;
        };
        let area = Area::new(cells.width, cells.height);
        let right = (f64::from(from.0) - f64::from(at.0)) * f64::from(DOTS_ACROSS);
        let down = (f64::from(from.1) - f64::from(at.1)) * f64::from(DOTS_DOWN);
        self.map.camera = Camera::Free(self.viewport(area).pan(right, down));
        self.map.drag = Some(at);
        self.map.pressed = self.map.pressed.filter(|pressed| *pressed == at);
    }

    /// Zooms so that what lies at a column and row of the terminal stays there.
    fn zoom_at(&mut self, cells: Rect, at: (u16, u16), factor: f64) {
        let area = Area::new(cells.width, cells.height);
        let zoomed = self.viewport(area).zoom_at(area, dot_at(cells, at), factor);
        self.map.camera = Camera::Free(zoomed);
    }
}
