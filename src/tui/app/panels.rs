//! The panels beside the map: which there are, and what each remembers.
//!
//! A panel is a line of [`panels!`] and a file here that describes it: its [`PanelSpec`] and its
//! [`Content`], which are the rows, columns, orders and notes that it shows. Everything else (tabs,
//! focus, scrolling, sorting, zooming, drawing, the help) follows from that. What a panel remembers is
//! its [`PanelState`], so that a panel that is left is found again as it was.

pub(super) mod classes;
mod column;
pub(crate) mod content;
mod fidelity;
mod line;
mod log;
mod models;
mod neighbors;
mod pairs;
mod reading;
mod runs;
pub(super) mod sample;
mod selection;
mod separation;
mod suspects;
mod tabs;

use self::content::{Content, Role};
pub(crate) use self::tabs::{Leads, Tab, between, tabs};
use super::App;
use super::commands::Spec;
use super::keys::Binding;

/// Lists the panels in the order of their tabs, each with its file.
macro_rules! panels {
    ($($panel:ident => $file:ident,)*) => {
        /// What can stand beside the map.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Panel {
            $($panel,)*
        }

        /// All panels, in the order of their tabs.
        pub(crate) const PANELS: &[Panel] = &[$(Panel::$panel,)*];

        const SPECS: &[PanelSpec] = &[$($file::SPEC,)*];
    };
}

panels! {
    Classes => classes,
    Separation => separation,
    Pairs => pairs,
    Neighbors => neighbors,
    Suspects => suspects,
    Fidelity => fidelity,
    Reading => reading,
    Sample => sample,
    Selection => selection,
    Models => models,
    Runs => runs,
    Log => log,
}

pub(crate) struct PanelSpec {
    /// Its name on the tab.
    pub(crate) label: &'static str,
    /// The lines that it would like, its frame included. The chosen panel gets them as far as there
    /// are any.
    pub(crate) lines: fn(&App) -> usize,
    /// It stands beside the chosen panel where it fits whole.
    pub(crate) beside: bool,
    /// What it shows, given its width.
    pub(crate) content: for<'a> fn(&'a App, usize) -> Content<'a>,
    /// Its own keys; where it has no others, those of all panels and of the map work there, too.
    pub(crate) keys: &'static [Binding],
    /// Commands about it.
    pub(crate) commands: &'static [Spec],
}

impl PanelSpec {
    /// A panel without keys and commands of its own, shown only where it is chosen.
    const fn new(
        label: &'static str,
        lines: fn(&App) -> usize,
        content: for<'a> fn(&'a App, usize) -> Content<'a>,
    ) -> Self {
        Self {
            label,
            lines,
            beside: false,
            content,
            keys: &[],
            commands: &[],
        }
    }
}

impl Panel {
    /// Its place among the tabs.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// What it is.
    pub(crate) fn spec(self) -> &'static PanelSpec {
        &SPECS[self.index()]
    }

    /// Its name.
    pub(crate) fn label(self) -> &'static str {
        self.spec().label
    }

    /// The lines that it would like on the screen.
    pub(crate) fn wish(self, app: &App) -> u16 {
        let is_shown = self.spec().beside || app.panels.chosen == self;
        let lines = if is_shown {
            (self.spec().lines)(app)
        } else {
            0
        };
        lines.min(1000) as u16
    }
}

/// Columns that a panel is described for while it is not on the screen.
const COLUMNS: usize = 60;

impl App {
    /// What a panel shows where it stands, and the height that it has there.
    fn placed(&self, panel: Panel) -> (Content<'_>, usize) {
        let area = self.current_layout().and_then(|screen| screen.panel(panel));
        let columns = area.map_or(COLUMNS, |area| usize::from(area.width.saturating_sub(2)));
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
    }

    /// Puts a panel's cursor on a place of its current order, or on the last, and shows it.
    pub(crate) fn put_cursor(&mut self, panel: Panel, place: usize) {
        let (has_cursor, rows, fitting) = {
            let (content, height) = self.placed(panel);
            (content.has_cursor, content.rows, content.fitting(height))
        };
        if has_cursor {
            let state = self.state_mut(panel);
            state.row = place.min(rows.saturating_sub(1));
            state.reveal(rows, fitting);
        }
    }
}

/// Says how to get numbers by class.
fn no_labels(content: &mut Content<'_>) {
    let help = "The data has no labels. Open it with labels for statistics by class.";
    content.say(help, Role::Dim);
}

/// The number of a row by which it is sorted.
type RowKey<'a> = dyn Fn(&usize) -> Option<f64> + 'a;

/// What a panel remembers of how it is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PanelState {
    /// The row under the cursor, or the first row shown where there is no cursor.
    pub(crate) row: usize,
    /// The first row shown.
    pub(crate) first: usize,
    /// The first column shown.
    pub(crate) column: usize,
    /// Which of the panel's orders its rows are in.
    pub(crate) order: usize,
    /// Whether they are in the opposite of that.
    pub(crate) reversed: bool,
}

impl PanelState {
    /// The first row shown, where `fitting` of all rows fit: no lines stay empty.
    pub(crate) fn first_of(&self, rows: usize, fitting: usize) -> usize {
        self.first.min(rows.saturating_sub(fitting))
    }

    /// Moves cursor or window by rows.
    pub(crate) fn shift(&mut self, by: isize, rows: usize, fitting: usize, has_cursor: bool) {
        let last_first = rows.saturating_sub(fitting);
        if has_cursor {
            self.row = self
                .row
                .saturating_add_signed(by)
                .min(rows.saturating_sub(1));
            self.reveal(rows, fitting);
        } else {
            self.first = self.first.min(last_first).saturating_add_signed(by);
            self.first = self.first.min(last_first);
        }
    }

    /// Scrolls so that the cursor's row is shown.
    pub(crate) fn reveal(&mut self, rows: usize, fitting: usize) {
        let fitting = fitting.max(1);
        self.first = self
            .first_of(rows, fitting)
            .clamp((self.row + 1).saturating_sub(fitting), self.row);
    }

    /// Sorts by one of the orders, from the top.
    pub(crate) fn sort_by(&mut self, order: usize) {
        self.order = order;
        self.reversed = false;
        self.first = 0;
        self.row = 0;
    }

    /// Row numbers in the current order. With a key, the largest comes first and rows without one
    /// last; without a key, the rows keep their own order.
    pub(crate) fn sorted(&self, rows: usize, key: Option<&RowKey<'_>>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..rows).collect();
        if let Some(key) = key {
            let keys: Vec<Option<f64>> = order
                .iter()
                .map(|row| key(row).filter(|k| k.is_finite()))
                .collect();
            order.sort_by(|&a, &b| match (keys[a], keys[b]) {
                (Some(x), Some(y)) if self.reversed => x.total_cmp(&y),
                (Some(x), Some(y)) => y.total_cmp(&x),
                (x, y) => y.is_some().cmp(&x.is_some()),
            });
        } else if self.reversed {
            order.reverse();
        }
        order
    }
}

/// In which space neighbors are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Features,
    Map,
}

/// The panels, and what has the focus.
#[derive(Debug, Clone)]
pub(crate) struct Panels {
    /// The chosen panel: the one whose tab is lit.
    pub(crate) chosen: Panel,
    /// Whether the map has the focus; otherwise the chosen panel has.
    pub(crate) on_map: bool,
    /// What has the focus takes the whole screen.
    pub(crate) zoomed: bool,
    /// What each panel remembers, in the order of [`PANELS`].
    pub(crate) states: Vec<PanelState>,
    /// Which neighbors the table counts.
    pub(crate) space: Space,
}

impl Default for Panels {
    fn default() -> Self {
        Self {
            chosen: Panel::Classes,
            on_map: true,
            zoomed: false,
            states: vec![PanelState::default(); PANELS.len()],
            space: Space::Features,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_largest_first_and_those_without_a_number_last() {
        let keys = [Some(1.0), None, Some(3.0), Some(f64::NAN), Some(2.0)];
        let key = |row: &usize| keys[*row];
        let mut state = PanelState::default();
        assert_eq!(state.sorted(5, None), [0, 1, 2, 3, 4]);
        assert_eq!(state.sorted(5, Some(&key)), [2, 4, 0, 1, 3]);
        state.reversed = true;
        assert_eq!(state.sorted(5, None), [4, 3, 2, 1, 0]);
        assert_eq!(state.sorted(5, Some(&key)), [0, 4, 2, 1, 3]);
        state.sort_by(1);
        assert_eq!((state.order, state.reversed), (1, false));
    }

    #[test]
    fn cursor_and_window_stay_within_the_rows() {
        let mut state = PanelState::default();
        state.shift(25, 40, 10, true);
        assert_eq!((state.row, state.first), (25, 16));
        state.shift(-5, 40, 10, true);
        assert_eq!((state.row, state.first), (20, 16));
        state.shift(100, 40, 10, true);
        assert_eq!((state.row, state.first), (39, 30));
        state.shift(-100, 40, 10, true);
        assert_eq!((state.row, state.first), (0, 0));
        state.shift(100, 40, 10, false);
        assert_eq!(state.first, 30);
        state.shift(1, 0, 10, true);
        assert_eq!((state.row, state.first), (0, 0));
    }
}
