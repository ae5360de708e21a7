//! The panels beside the map, in one table: what each is called, how it is drawn, how many lines it
//! would like, and how its table scrolls and sorts.
//!
//! A panel is a row of [`PANELS`] and a file of `view/`; its keys are rows of the key table in the
//! context [`Context::Of`](super::keys::Context::Of) the panel. Everything else (the tabs, focus,
//! scrolling, sorting, zooming, the help) follows from the table. What a panel remembers is its
//! [`PanelState`]: each has its own, so that one that is left is found again as it was.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::{Action, PanelAction};
use super::commands::{self, Argument, Outcome, Spec, Word};
use super::keys::{Binding, row};
use super::{App, decide};
use crate::tui::terminal::input::Key;
use crate::tui::text;
use crate::tui::view::{
    classes, fidelity, log, models, neighbors, pairs, reading, runs, sample, selected, separation,
    suspects,
};

/// What can stand beside the map. The order is that of the tabs, and of [`PANELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Panel {
    /// Figures by class, and the legend.
    Classes,
    /// How well each class is separated, with intervals.
    Separation,
    /// Which pairs of classes mix.
    Pairs,
    /// Whose neighbors bear which labels.
    Neighbors,
    /// Samples whose tag is probably wrong.
    Suspects,
    /// How far the map can be believed.
    Fidelity,
    /// What the figures say, in sentences.
    Reading,
    /// The current sample and its neighbors.
    Sample,
    /// What the selected samples are made of.
    Selection,
    /// Layers and models compared.
    Models,
    /// The maps by perplexity, with their figures.
    Runs,
    /// What was said and remarked so far.
    Log,
}

/// A panel's place in the table.
pub(crate) struct Entry {
    /// Which panel.
    pub(crate) panel: Panel,
    /// Its name on the tab.
    pub(crate) label: &'static str,
    /// The lines that it would like, its frame included. The chosen panel gets them as far as there
    /// are any; others stand beside it only where they fit whole, and not at all if they ask
    /// for 0.
    pub(crate) wish: fn(&App) -> u16,
    /// The rows of its table, when drawn into this rectangle (frame included).
    pub(crate) rows: fn(&App, Rect) -> usize,
    /// Lines that are no rows: frame, headings, sums.
    pub(crate) overhead: u16,
    /// How many of them stand below the rows.
    pub(crate) below: u16,
    /// A cursor goes through the rows; otherwise the arrows scroll.
    pub(crate) has_cursor: bool,
    /// What the rows can be sorted by; the first is their own order. Empty where they cannot.
    pub(crate) orders: &'static [&'static str],
    /// Its own keys; those of all panels and of the map work there, too, where it has no others.
    pub(crate) keys: &'static [Binding],
    /// Commands that are about it.
    pub(crate) commands: &'static [Spec],
    /// Draws it with its frame.
    pub(crate) draw: fn(&App, Rect, &mut Buffer),
}

/// Rows that a list shows before there is anything below them.
const ROWS_FIRST: u16 = 3;

impl Entry {
    /// How many rows fit into a rectangle so high, and how many lines stand above them. Where there is
    /// little room, the list of suspects has it, and the evidence below none.
    pub(crate) fn fitting(&self, height: u16) -> (u16, u16) {
        let above = self.overhead.saturating_sub(self.below);
        let gives_way = self.panel == Panel::Suspects && height < self.overhead + ROWS_FIRST;
        let overhead = if gives_way { above + 1 } else { self.overhead };
        (height.saturating_sub(overhead), above)
    }
}

/// The keys of panel Classes.
#[rustfmt::skip]
const CLASS_KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| TOGGLE_CLASS, "show or hide", "show or hide the class"),
    row(&[Key::Char('o')], "o", |_| ONLY_CLASS, "only this", "show only this class; again: all"),
    row(&[Key::Char('a')], "a", |_| Action::ShowAll, "all", "show all classes"),
    row(&[Key::Char('c')], "", |_| Action::LeavePanel, "", ""),
];

/// Show or hide the class under the cursor.
pub(super) const TOGGLE_CLASS: Action = Action::OfPanel(PanelAction {
    name: "toggle-class",
    run: |app| {
        app.toggle(app.class_at_cursor().unwrap_or(0));
        Vec::new()
    },
});
/// Show only the class under the cursor; all again if it is alone.
const ONLY_CLASS: Action = Action::OfPanel(PanelAction {
    name: "only-class",
    run: |app| {
        app.solo();
        Vec::new()
    },
});

/// The keys of panel Neighbors.
const NEIGHBOR_KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| Action::SwitchSpace,
    "features/map",
    "neighbors in the features or in the map",
)];

const SPACES: &[Word] = &[
    commands::word("features", "neighbors in the features"),
    commands::word("map", "neighbors in the map"),
];

/// The commands about neighbors.
const NEIGHBOR_COMMANDS: &[Spec] = &[commands::row(
    "neighbors",
    "features | map",
    Argument::Words(SPACES),
    count_neighbors,
    "which neighbors panel Neighbors counts",
)];

fn count_neighbors(app: &mut App, text: &str) -> Outcome {
    let space = match text {
        "features" => Space::Features,
        "map" => Space::Map,
        _ => return Err(commands::expected("features or map", text)),
    };
    Ok(if app.panels.space == space {
        app.act(Action::Show(Panel::Neighbors))
    } else {
        app.act(Action::SwitchSpace)
    })
}

/// The keys of panel Sample.
const SAMPLE_KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| GO_TO_NEIGHBOR,
    "go to",
    "make this neighbor the current sample",
)];

/// Go to the neighbor under the cursor.
const GO_TO_NEIGHBOR: Action = Action::OfPanel(PanelAction {
    name: "go-to-neighbor",
    run: |app| {
        app.go_to_neighbor();
        Vec::new()
    },
});

/// All panels, in the order of the tabs.
pub(crate) const PANELS: &[Entry] = &[
    Entry {
        panel: Panel::Classes,
        label: "Classes",
        wish: classes::wish,
        rows: |app, _| app.run.counts.len(),
        overhead: 5,
        below: 2,
        has_cursor: true,
        orders: classes::ORDERS,
        keys: CLASS_KEYS,
        commands: &[],
        draw: classes::draw,
    },
    Entry {
        panel: Panel::Separation,
        label: "Separation",
        wish: separation::wish,
        rows: |app, _| app.classes(),
        overhead: 5,
        below: 3,
        has_cursor: true,
        orders: separation::ORDERS,
        keys: &[],
        commands: &[],
        draw: separation::draw,
    },
    Entry {
        panel: Panel::Pairs,
        label: "Pairs",
        wish: pairs::wish,
        rows: |app, _| pairs::rows(app),
        overhead: 4,
        below: 1,
        has_cursor: true,
        orders: pairs::ORDERS,
        keys: &[],
        commands: &[],
        draw: pairs::draw,
    },
    Entry {
        panel: Panel::Neighbors,
        label: "Neighbors",
        wish: |app| 3 + rows(app.classes()),
        rows: |app, _| app.classes(),
        overhead: 3,
        below: 1,
        has_cursor: false,
        orders: neighbors::ORDERS,
        keys: NEIGHBOR_KEYS,
        commands: NEIGHBOR_COMMANDS,
        draw: neighbors::draw,
    },
    Entry {
        panel: Panel::Suspects,
        label: "Suspects",
        wish: suspects::wish,
        rows: |app, _| app.suspects().len(),
        overhead: suspects::HEAD + suspects::EVIDENCE + 2,
        below: suspects::EVIDENCE + 1,
        has_cursor: true,
        orders: suspects::ORDERS,
        keys: decide::KEYS,
        commands: decide::COMMANDS,
        draw: suspects::draw,
    },
    Entry {
        panel: Panel::Fidelity,
        label: "Fidelity",
        wish: |app| chosen(app, Panel::Fidelity, 9 + rows(app.classes())),
        rows: fidelity::rows,
        overhead: 2,
        below: 1,
        has_cursor: false,
        orders: &[],
        keys: &[],
        commands: &[],
        draw: fidelity::draw,
    },
    Entry {
        panel: Panel::Reading,
        label: "Reading",
        wish: |app| chosen(app, Panel::Reading, 16),
        rows: reading::rows,
        overhead: 2,
        below: 1,
        has_cursor: false,
        orders: &[],
        keys: &[],
        commands: &[],
        draw: reading::draw,
    },
    Entry {
        panel: Panel::Sample,
        label: "Sample",
        wish: sample::wish,
        rows: |app, _| app.current_neighbors().len(),
        overhead: sample::HEAD + 2,
        below: 1,
        has_cursor: true,
        orders: &[],
        keys: SAMPLE_KEYS,
        commands: &[],
        draw: sample::draw,
    },
    Entry {
        panel: Panel::Selection,
        label: "Selection",
        wish: selected::wish,
        rows: selected::rows,
        overhead: 4,
        below: 2,
        has_cursor: true,
        orders: selected::ORDERS,
        keys: &[],
        commands: &[],
        draw: selected::draw,
    },
    Entry {
        panel: Panel::Models,
        label: "Models",
        wish: |app| {
            if app.panels.chosen == Panel::Models {
                2 + rows(1000)
            } else {
                0
            }
        },
        rows: models::rows,
        overhead: 2,
        below: 1,
        has_cursor: false,
        orders: &[],
        keys: &[],
        commands: &[],
        draw: models::draw,
    },
    Entry {
        panel: Panel::Runs,
        label: "Runs",
        wish: |app| 4 + rows(app.runs().len()),
        rows: |app, _| app.runs().len(),
        overhead: 4,
        below: 1,
        has_cursor: true,
        orders: runs::ORDERS,
        keys: super::runs::KEYS,
        commands: &[],
        draw: runs::draw,
    },
    Entry {
        panel: Panel::Log,
        label: "Log",
        wish: |app| {
            let lines = 2 + rows(app.messages.log.len() + app.remarks().len()).max(3);
            if app.panels.chosen == Panel::Log {
                lines
            } else {
                0
            }
        },
        rows: log::rows,
        overhead: 2,
        below: 1,
        has_cursor: false,
        orders: &[],
        keys: &[],
        commands: &[],
        draw: log::draw,
    },
];

/// The lines that a panel wishes for that stands nowhere unless it is chosen.
fn chosen(app: &App, panel: Panel, lines: u16) -> u16 {
    if app.panels.chosen == panel { lines } else { 0 }
}

/// A number of rows as lines.
pub(crate) fn rows(rows: usize) -> u16 {
    rows.min(1000) as u16
}

impl Panel {
    /// Its place in the table.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Its row of the table.
    pub(crate) fn entry(self) -> &'static Entry {
        &PANELS[self.index()]
    }

    /// Its name.
    pub(crate) fn label(self) -> &'static str {
        self.entry().label
    }
}

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
    /// The first row shown, where so many of all rows fit: no lines stay empty.
    pub(crate) fn first_of(&self, rows: usize, fitting: usize) -> usize {
        self.first.min(rows.saturating_sub(fitting))
    }

    /// Moves cursor or window by so many rows.
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

    /// The next order, or the first after the last.
    pub(crate) fn next_order(&mut self, orders: usize) {
        self.order = (self.order + 1) % orders.max(1);
        self.reversed = false;
        self.first = 0;
        self.row = 0;
    }

    /// Indices 0 to `rows` − 1 in the present order. `key` gives the figure of a row in an order
    /// other than the first; figures are sorted with the largest first, and rows without one come
    /// last.
    pub(crate) fn sorted(
        &self,
        rows: usize,
        key: impl Fn(usize, usize) -> Option<f64>,
    ) -> Vec<usize> {
        let mut order: Vec<usize> = (0..rows).collect();
        if self.order > 0 {
            let keys: Vec<Option<f64>> = order
                .iter()
                .map(|row| key(self.order, *row).filter(|k| k.is_finite()))
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

    /// The heading of a column, marked if the rows are sorted by it: `n▾` from the largest down,
    /// `n▴` from the smallest up.
    pub(crate) fn heading(&self, order: usize, label: &str) -> String {
        if self.order == order && (order > 0 || self.reversed) {
            let down = self.reversed == (order == 0);
            format!("{label}{}", if down { '▾' } else { '▴' })
        } else {
            label.to_owned()
        }
    }
}

/// In which space neighbors are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// In the features.
    Features,
    /// In the map.
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

/// A tab: from which column on, how wide, and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tab {
    /// First column, from the left end of the line.
    pub(crate) start: usize,
    /// Columns.
    pub(crate) width: usize,
    /// What it leads to.
    pub(crate) leads: Leads,
}

/// What a click on the line of tabs leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// The map, where it is one of the tabs.
    Map,
    /// A panel.
    Panel(Panel),
    /// The panels before those shown; so many.
    Before(usize),
    /// The panels after those shown; so many.
    After(usize),
}

impl Leads {
    /// What the tab says.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Map => "Map".into(),
            Self::Panel(panel) => panel.label().into(),
            Self::Before(more) => format!("‹{more}"),
            Self::After(more) => format!("{more}›"),
        }
    }
}

/// Columns between two tabs: a line, with spaces around it where there is room.
pub(crate) fn between(columns: usize) -> usize {
    if columns < 60 { 1 } else { 3 }
}

/// Columns kept at an end for telling how many tabs are beyond it.
const BEYOND: usize = 3;

/// Places as many tabs as fit on a line around the chosen one. The map is among them where it
/// does not share the screen.
pub(crate) fn tabs(with_map: bool, chosen: Leads, columns: usize) -> Vec<Tab> {
    let mut all: Vec<Leads> = Vec::with_capacity(PANELS.len() + 1);
    if with_map {
        all.push(Leads::Map);
    }
    all.extend(PANELS.iter().map(|entry| Leads::Panel(entry.panel)));
    let widths: Vec<usize> = all.iter().map(|t| text::width(&t.label())).collect();
    let at = all.iter().position(|t| *t == chosen).unwrap_or(0);
    let (first, end) = window(&widths, at, columns);
    let mut shown: Vec<Leads> = Vec::new();
    if first > 0 {
        shown.push(Leads::Before(first));
    }
    shown.extend_from_slice(&all[first..end]);
    if end < all.len() {
        shown.push(Leads::After(all.len() - end));
    }
    let mut start = 0;
    shown
        .into_iter()
        .map(|leads| {
            let width = text::width(&leads.label());
            let tab = Tab {
                start,
                width,
                leads,
            };
            start += width + between(columns);
            tab
        })
        .collect()
}

/// The tabs around the chosen one that fit with what stands at the ends.
fn window(widths: &[usize], at: usize, columns: usize) -> (usize, usize) {
    let between = between(columns);
    let needed = |first: usize, end: usize| {
        let tabs: usize = widths[first..end].iter().map(|w| w + between).sum();
        let beyond = usize::from(first > 0) + usize::from(end < widths.len());
        (tabs + beyond * (BEYOND + between)).saturating_sub(between)
    };
    let (mut first, mut end) = (at, (at + 1).min(widths.len()));
    // From the left as far as the chosen one allows: tabs move only where they have to.
    while first > 0 && needed(first - 1, end) <= columns {
        first -= 1;
    }
    while end < widths.len() && needed(first, end + 1) <= columns {
        end += 1;
    }
    (first, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_panels() {
        for (at, entry) in PANELS.iter().enumerate() {
            assert_eq!(entry.panel.index(), at, "{}", entry.label);
            assert!(entry.orders.len() != 1, "one order is no choice");
        }
    }

    #[test]
    fn tabs_that_do_not_fit_are_counted_at_the_ends() {
        for columns in 8..120 {
            for with_map in [false, true] {
                for entry in PANELS {
                    let chosen = Leads::Panel(entry.panel);
                    let tabs = tabs(with_map, chosen, columns);
                    let mut there = 0;
                    for tab in &tabs {
                        there += match tab.leads {
                            Leads::Before(n) | Leads::After(n) => n,
                            _ => 1,
                        };
                    }
                    assert_eq!(there, PANELS.len() + usize::from(with_map));
                    assert!(tabs.iter().any(|t| t.leads == chosen));
                    let last = tabs.last().unwrap();
                    let room = last.start + last.width <= columns;
                    assert!(room || tabs.len() <= 3, "{columns} {tabs:?}");
                }
            }
        }
        let wide = tabs(true, Leads::Map, 200);
        assert_eq!(wide.len(), PANELS.len() + 1);
        assert_eq!((wide[1].start, wide[1].width), (6, 7));
    }

    #[test]
    fn rows_are_sorted_largest_first_and_those_without_a_figure_last() {
        let keys = [Some(1.0), None, Some(3.0), Some(f64::NAN), Some(2.0)];
        let mut state = PanelState::default();
        let sorted = |state: &PanelState| state.sorted(5, |_, row| keys[row]);
        assert_eq!(sorted(&state), [0, 1, 2, 3, 4]);
        assert_eq!(state.heading(0, "class"), "class");
        state.reversed = true;
        assert_eq!(sorted(&state), [4, 3, 2, 1, 0]);
        state.next_order(2);
        assert_eq!(sorted(&state), [2, 4, 0, 1, 3]);
        assert_eq!(
            (state.heading(1, "n"), state.heading(0, "c")),
            ("n▾".into(), "c".into())
        );
        state.reversed = true;
        assert_eq!(sorted(&state), [0, 4, 2, 1, 3]);
        assert_eq!(state.heading(1, "n"), "n▴");
        state.next_order(2);
        assert_eq!((state.order, state.reversed), (0, false));
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
