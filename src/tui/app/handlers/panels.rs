//! Where everything is on the screen, and what each panel shows there: its rows in their current
//! order, and its cursor.

use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::app::layout::{self, Chosen, Layout};
use crate::tui::app::panels::content::Content;
use crate::tui::app::panels::tabs::{self, Leads, Tab};
use crate::tui::app::panels::{PANELS, Panel};

/// Columns that a panel is described for while it is not on the screen.
const COLUMNS: usize = 60;

impl App {
    /// Where everything is on a terminal of this size.
    pub(crate) fn layout(&self, area: Rect) -> Option<Layout> {
        let wishes: Vec<u16> = PANELS.iter().map(|panel| panel.wish(self)).collect();
        let chosen = Chosen {
            panel: self.panels.chosen,
            on_map: self.panels.on_map,
            zoomed: self.panels.zoomed,
            maps: self.map.multiples.facets.len().max(1),
        };
        layout::arrange(area, chosen, &wishes)
    }

    /// Chooses the panel that is shown at the start: without labels, the one that says which clusters there are.
    pub(crate) fn choose_first_panel(&mut self) {
        let has_room = self.size.0 >= 80 && self.size.1 >= 24;
        if self.run.data.labels().is_none() && has_room {
            self.panels.chosen = Panel::Reading;
        }
    }

    /// What a panel is called: that of the classes after the clusters where there are no labels.
    pub(crate) fn panel_name(&self, panel: Panel) -> &'static str {
        match panel {
            Panel::Classes if self.run.is_provisional() => "Clusters",
            other => other.label(),
        }
    }

    /// The tabs on the line of tabs.
    pub(crate) fn tabs(&self, screen: &Layout) -> Vec<Tab> {
        let with_map = screen.one_at_a_time;
        let chosen = if with_map && self.panels.on_map {
            Leads::Map
        } else {
            Leads::Panel(self.panels.chosen)
        };
        let columns = screen.tabs.map_or(0, |line| line.width.saturating_sub(2));
        tabs::tabs(with_map, chosen, usize::from(columns), |panel| {
            self.panel_name(panel)
        })
    }

    /// The screen at its current size.
    pub(crate) fn current_layout(&self) -> Option<Layout> {
        self.layout(Rect::new(0, 0, self.size.0, self.size.1))
    }

    /// The columns within a panel's frame.
    pub(crate) fn columns_of(&self, panel: Panel) -> usize {
        let area = self.current_layout().and_then(|screen| screen.panel(panel));
        area.map_or(COLUMNS, |area| usize::from(area.width.saturating_sub(2)))
    }

    /// What a panel shows where it stands, and the height that it has there.
    fn placed(&self, panel: Panel) -> (Content<'_>, usize) {
        let area = self.current_layout().and_then(|screen| screen.panel(panel));
        let columns = self.columns_of(panel);
        let content = (panel.spec().content)(self, columns);
        (content, area.map_or(0, |area| usize::from(area.height)))
    }

    /// What a panel shows where it stands.
    pub(crate) fn content(&self, panel: Panel) -> Content<'_> {
        self.placed(panel).0
    }

    /// What the rows of a panel can be sorted by, in words; nothing if there is no choice.
    pub(crate) fn orders(&self, panel: Panel) -> Vec<&'static str> {
        let orders = self.content(panel).orders();
        if orders.len() > 1 { orders } else { Vec::new() }
    }

    /// The row under a panel's cursor, by its place in the rows' own order.
    pub(crate) fn row_at_cursor(&self, panel: Panel) -> Option<usize> {
        self.row_at(panel, self.state(panel).row)
    }

    /// The row at a place of a panel's current order.
    pub(crate) fn row_at(&self, panel: Panel, place: usize) -> Option<usize> {
        self.order_of(panel).get(place).copied()
    }

    /// The rows of a panel in their current order, each by its place in their own.
    pub(crate) fn order_of(&self, panel: Panel) -> Vec<usize> {
        self.content(panel).order(self.state(panel))
    }

    /// The place of a panel's current order that is shown on a line of the panel, counted from its
    /// frame.
    pub(crate) fn place_on_line(&self, panel: Panel, line: usize) -> Option<usize> {
        let (content, height) = self.placed(panel);
        let row = line.checked_sub(content.above())?;
        let place = content.first(self.state(panel), height) + row;
        (row < content.fitting(height) && place < content.rows).then_some(place)
    }

    /// Whether headings of columns stand on a line of a panel.
    pub(crate) fn is_heading(&self, panel: Panel, line: usize) -> bool {
        let content = self.content(panel);
        let first = 1 + content.head.len();
        (first..first + content.heading_lines()).contains(&line)
    }

    /// How many lines of a panel without a cursor fit.
    pub(crate) fn lines_of_text(&self, panel: Panel) -> Option<usize> {
        let (content, height) = self.placed(panel);
        (!content.has_cursor).then(|| content.fitting(height))
    }

    /// Moves the cursor of a panel by rows, or scrolls it if it has none.
    pub(crate) fn move_in(&mut self, panel: Panel, by: isize) {
        let has_cursor = self.content(panel).has_cursor;
        self.shift(panel, by, has_cursor);
    }

    /// Scrolls a panel; its cursor stays where it is.
    pub(crate) fn scroll(&mut self, panel: Panel, by: isize) {
        self.shift(panel, by, false);
    }

    fn shift(&mut self, panel: Panel, by: isize, has_cursor: bool) {
        let (rows, fitting) = {
            let (content, height) = self.placed(panel);
            (content.scrolled(), content.fitting(height).max(1))
        };
        self.state_mut(panel).shift(by, rows, fitting, has_cursor);
        if has_cursor {
            self.reveal(panel);
        }
    }

    /// Shows the row under the cursor. What stands below the rows depends on that row, and may leave less room than
    /// for the row before.
    fn reveal(&mut self, panel: Panel) {
        let (rows, fitting) = {
            let (content, height) = self.placed(panel);
            (content.rows, content.fitting(height))
        };
        self.state_mut(panel).reveal(rows, fitting);
    }

    /// Puts a panel's cursor on a place of its current order, or on the last, and shows it.
    pub(crate) fn put_cursor(&mut self, panel: Panel, place: usize) {
        let (has_cursor, rows) = {
            let content = self.content(panel);
            (content.has_cursor, content.rows)
        };
        if has_cursor {
            self.state_mut(panel).row = place.min(rows.saturating_sub(1));
            self.reveal(panel);
        }
    }
}
