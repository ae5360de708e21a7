//! The panels beside the map: which there are, and what each remembers.
//!
//! A panel is a line of `panels!` and a file here that describes it: its
//! [`PanelSpec`](spec::PanelSpec) and its [`Content`](content::Content), which are the rows, columns,
//! orders and notes that it shows. Everything else (tabs, focus, scrolling, sorting, zooming, drawing, the
//! help) follows from that. What a panel remembers is its [`PanelState`], so that a panel that is left is
//! found again as it was.

use std::collections::BTreeSet;

/// The panels in the order of their tabs, each with its file here, its key in the list of panels and the
/// label of its tab; `$list` makes something of them.
macro_rules! panels {
    ($list:ident) => {
        $list! {
            Reading => reading, 'r', "Reading";
            Classes => classes, 'c', "Classes";
            Separation => separation, 's', "Separation";
            Pairs => pairs, 'p', "Pairs";
            Neighbors => neighbors, 'n', "Neighbors";
            Suspects => suspects, 'u', "Suspects";
            Sample => sample, 'a', "Sample";
            Selection => selection, 'e', "Selection";
            Models => models, 'm', "Models";
            Fidelity => fidelity, 'f', "Fidelity";
            Runs => runs, 't', "Runs";
            Journal => journal, 'j', "Journal";
            Log => log, 'l', "Log";
        }
    };
}

mod classes;
mod column;
pub(crate) mod content;
mod fidelity;
mod journal;
mod line;
mod log;
pub(crate) mod menu;
mod models;
mod neighbors;
pub(super) mod pairs;
mod reading;
pub(super) mod runs;
pub(super) mod sample;
mod selection;
mod separation;
pub(crate) mod spec;
pub(super) mod suspects;
mod table;
pub(crate) mod tabs;

macro_rules! list {
    ($($panel:ident => $file:ident, $key:literal, $label:literal;)*) => {
        /// What can stand beside the map.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Panel {
            $($panel,)*
        }

        /// All panels, in the order of their tabs.
        pub(crate) const PANELS: &[Panel] = &[$(Panel::$panel,)*];

        const LABELS: &[&str] = &[$($label,)*];

        const KEYS: &[char] = &[$($key,)*];
    };
}

panels!(list);

impl Panel {
    /// Its place among the tabs.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Its name, which stands on its tab.
    pub(crate) fn label(self) -> &'static str {
        LABELS[self.index()]
    }

    /// Its key in the menu of panels.
    pub(crate) fn key(self) -> char {
        KEYS[self.index()]
    }

    /// The panel of a key in the menu.
    pub(crate) fn of_key(key: char) -> Option<Self> {
        PANELS.iter().copied().find(|panel| panel.key() == key)
    }
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
    /// Sections of the Models panel that are not as they were at the start, open or closed.
    pub(crate) toggled: BTreeSet<usize>,
    /// The map follows the cursor in the panels Suspects, Pairs and Sample.
    pub(crate) follows: bool,
}

impl Default for Panels {
    fn default() -> Self {
        Self {
            chosen: Panel::Classes,
            on_map: true,
            zoomed: false,
            states: vec![PanelState::default(); PANELS.len()],
            space: Space::Features,
            toggled: BTreeSet::new(),
            follows: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_of_the_menu_leads_to_two_panels() {
        for panel in PANELS {
            assert_eq!(Panel::of_key(panel.key()), Some(*panel));
        }
    }

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
