//! The panels as the keys and the mouse move through them: focus, cursor, scrolling, order.

use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, Move, Pick};
use crate::tui::app::context::Context;
use crate::tui::app::panels::{PANELS, Panel, Space};
use crate::tui::terminal::input::Key;

impl App {
    /// Shows a panel and gives it the focus.
    pub(crate) fn show(&mut self, panel: Panel) {
        self.panels.chosen = panel;
        self.panels.on_map = false;
        self.put_cursor(panel, self.state(panel).row);
    }

    /// Goes from the list of panels to the one of a key; the key that opened the list closes it.
    pub(crate) fn choose_panel(&mut self, key: Key) {
        let panel = match key {
            Key::Char(key) => Panel::of_key(key),
            _ => None,
        };
        if let Some(panel) = panel {
            self.close();
            self.show(panel);
        } else if self.keymap.action(Context::Main, key) == Some(Action::PanelMenu) {
            self.close();
        }
    }

    /// True if a panel is on the screen.
    fn shows(&self, panel: Panel) -> bool {
        let screen = self.current_layout();
        screen.is_some_and(|screen| screen.panel(panel).is_some())
    }

    /// Says which key leads to the rows of a panel, if the map has the focus.
    pub(crate) fn say_where_rows_are(&mut self) {
        if self.panels.on_map {
            let key = self.key(Action::Panel(Direction::Forward));
            let panel = self.panel_name(self.panels.chosen);
            self.whisper(format!("the map has the focus; {key} goes to {panel}"));
        }
    }

    /// Back to the map; out of a zoomed panel first.
    pub(crate) fn leave_panel(&mut self) {
        if !std::mem::take(&mut self.panels.zoomed) {
            self.panels.on_map = true;
        }
    }

    /// Moves the cursor of the panel in focus, or scrolls it.
    pub(crate) fn move_row(&mut self, by: Move) {
        let panel = self.panels.chosen;
        let rows = self.rows_of(by, panel);
        self.move_in(panel, rows);
    }

    /// Scrolls the chosen panel.
    pub(crate) fn scroll_rows(&mut self, by: Move) {
        let panel = self.panels.chosen;
        let rows = self.rows_of(by, panel);
        self.scroll(panel, rows);
    }

    /// How many rows a move is; in text a page is what fits but one line to go on from.
    fn rows_of(&self, by: Move, panel: Panel) -> isize {
        let lines = self.lines_of_text(panel);
        match (by, lines) {
            (Move::Page(to), Some(lines)) => to.sign() * (lines as isize - 1).max(1),
            _ => by.rows(),
        }
    }

    /// The suspect that the map is to show: that under the cursor, while the panel has the focus.
    pub(crate) fn followed(&self) -> Option<usize> {
        let is_wanted = self.panels.follows && self.is_focused(Panel::Suspects);
        self.suspect_at_cursor()
            .filter(|_| is_wanted)
            .map(|suspect| suspect.row)
    }

    /// The neighbor that stands out on the map: that under the cursor of the Sample panel, while it has the
    /// focus.
    pub(crate) fn pointed_neighbor(&self) -> Option<usize> {
        let is_wanted = self.panels.follows && self.is_focused(Panel::Sample);
        let row = self.state(Panel::Sample).row;
        let neighbor = self.current_neighbors().get(row).filter(|_| is_wanted)?;
        Some(neighbor.sample)
    }

    /// The panel that the keys for columns mean: the chosen one, or the table of neighbors beside
    /// it.
    pub(crate) fn panel_with_columns(&self) -> Panel {
        if self.shows(Panel::Neighbors) {
            Panel::Neighbors
        } else {
            self.panels.chosen
        }
    }

    /// Sorts the rows the other way round.
    pub(crate) fn reverse_order(&mut self) {
        let panel = self.panels.chosen;
        let can_be_sorted = !self.orders(panel).is_empty();
        self.state_mut(panel).reversed ^= can_be_sorted;
    }

    /// From the map into the chosen panel; from there to the next or previous.
    pub(crate) fn next_panel(&mut self, to: Direction) {
        if self.panels.on_map {
            self.panels.zoomed = false;
            self.show(self.panels.chosen);
            return;
        }
        let next = to.around(self.panels.chosen.index(), PANELS.len());
        self.show(PANELS[next]);
    }

    /// Counts neighbors in the other space, and shows their table.
    pub(crate) fn switch_space(&mut self) {
        self.panels.space = match self.panels.space {
            Space::Features => Space::Map,
            Space::Map => Space::Features,
        };
        if !self.shows(Panel::Neighbors) {
            let on_map = self.panels.on_map;
            self.show(Panel::Neighbors);
            self.panels.on_map = on_map && self.current_layout().is_some_and(|s| !s.one_at_a_time);
        }
    }

    /// Scrolls a wide table by a column.
    pub(crate) fn scroll_columns(&mut self, to: Direction) {
        let panel = self.panel_with_columns();
        let columns = self.content(panel).cells.len();
        let last = columns.max(self.run.classes()).saturating_sub(1);
        let state = self.state_mut(panel);
        state.column = state.column.saturating_add_signed(to.sign()).min(last);
    }

    /// Sorts the rows of the chosen panel by the next of its orders, or by one of them.
    pub(crate) fn sort(&mut self, pick: Pick<usize>) {
        let panel = self.panels.chosen;
        let orders = self.orders(panel);
        if orders.is_empty() {
            self.say(format!("the {} panel cannot be sorted", panel.label()));
            return;
        }
        let state = self.state_mut(panel);
        let order = match pick {
            Pick::This(order) => order,
            Pick::Next(to) => to.around(state.order, orders.len()),
        };
        state.sort_by(order);
        let key = self.key(Action::ReverseOrder);
        self.say(format!(
            "sorted by {}; {key} reverses the order",
            orders[order]
        ));
    }
}
