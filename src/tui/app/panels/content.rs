//! What a panel shows, as data: lines of text, a table, and what stands in its frame.
//!
//! A panel describes its content here; the view draws any content and knows no single panel. The
//! number of lines above and below the rows, which the cursor and the mouse need, follows from it.

use std::rc::Rc;

use super::PanelState;
pub(crate) use super::column::{BARS_FROM, Column};
pub(crate) use super::line::{Line, Role, Span, percent, with_margin};
use crate::text;

/// Rows that a list shows even if its notes then lack room.
const ROWS_FIRST: usize = 3;

/// What a panel shows.
#[derive(Default)]
pub(crate) struct Content<'a> {
    /// Its frame says so above.
    pub(crate) title: String,
    /// Its frame says so below, after which rows are shown.
    pub(crate) remarks: Vec<String>,
    /// Lines above the table.
    pub(crate) head: Vec<Line>,
    /// The table's columns, over the numbers of its rows.
    pub(crate) columns: Vec<Column<'a, usize>>,
    /// The number of rows.
    pub(crate) rows: usize,
    /// How the rows look.
    pub(crate) roles: Vec<Role>,
    /// What is shown of all rows together stands above them.
    pub(crate) sums_first: bool,
    /// Lines below the table. Without a cursor they scroll with the rows.
    pub(crate) notes: Vec<Line>,
    /// Lines that are kept for them below the rows, if there is a cursor.
    pub(crate) kept: usize,
    /// A cursor goes through the rows; otherwise the arrows scroll.
    pub(crate) has_cursor: bool,
    /// The columns that the cursor goes through, if it goes through cells.
    pub(crate) cells: Vec<usize>,
    /// Shows its end, not its beginning.
    pub(crate) at_end: bool,
    width: usize,
}

impl<'a> Content<'a> {
    /// Empty content of a width.
    pub(crate) fn new(title: impl Into<String>, width: usize) -> Self {
        Self {
            title: title.into(),
            width: width.max(8),
            ..Self::default()
        }
    }

    /// Sets the table: its rows, and what each column shows of them.
    pub(crate) fn table<T: 'a>(&mut self, rows: Vec<T>, columns: Vec<Column<'a, T>>) {
        self.rows = rows.len();
        let rows: Rc<[T]> = rows.into();
        let columns = columns.into_iter();
        self.columns = columns.map(|column| column.over(&rows)).collect();
    }

    /// Adds a sentence below the table.
    pub(crate) fn say(&mut self, sentence: &str, role: Role) {
        self.say_after("", sentence, role);
    }

    /// Adds a sentence below the table that begins with a mark, under which its lines do not go on.
    pub(crate) fn say_after(&mut self, mark: &str, sentence: &str, role: Role) {
        let indent = text::width(mark);
        let lines = text::wrap(sentence, self.width.saturating_sub(indent));
        for (at, line) in lines.into_iter().enumerate() {
            let start = match at {
                0 => mark.to_owned(),
                _ => " ".repeat(indent),
            };
            self.notes.push(Line::of(start + &line, role));
        }
    }

    /// Adds a line below the table, its words wrapped and indented from the second line on.
    pub(crate) fn note(&mut self, line: &Line) {
        self.notes.extend(line.wrap(self.width, 2));
    }

    /// All headings of the columns, in full and in short, and those above them; not the names of classes.
    pub(crate) fn headings(&self) -> Vec<&str> {
        let columns = self.columns.iter();
        let columns = columns.filter(|column| !matches!(column.heading_role, Role::Class(_)));
        let all = columns.flat_map(|column| {
            let group = column.group.iter().flat_map(|group| {
                let full = group.spans.iter().map(|span| &span.text);
                full.chain(&group.short)
            });
            let own = std::iter::once(&column.heading);
            own.chain(&column.short_headings).chain(group)
        });
        all.map(|heading| heading.trim())
            .filter(|heading| !heading.is_empty())
            .collect()
    }

    /// What the rows can be sorted by, in words; the first is their own order.
    pub(crate) fn orders(&self) -> Vec<&'static str> {
        let orders = self.columns.iter().flat_map(|column| &column.orders);
        orders.map(|order| order.words).collect()
    }

    /// The numbers of the rows in the order asked for.
    pub(crate) fn order(&self, state: &PanelState) -> Vec<usize> {
        let mut orders = self.columns.iter().flat_map(|column| &column.orders);
        let order = orders.nth(state.order);
        state.sorted(self.rows, order.and_then(|order| order.key.as_deref()))
    }

    /// The heading of a column at a width, marked if the rows are sorted by it: `n▾` from the largest
    /// down, `n▴` from the smallest up.
    pub(crate) fn heading(&self, at: usize, columns: usize, state: &PanelState) -> String {
        let column = &self.columns[at];
        let before: usize = self.columns[..at].iter().map(|c| c.orders.len()).sum();
        let own = before..before + column.orders.len();
        let mark = if own.contains(&state.order) && (state.order > 0 || state.reversed) {
            let down = state.reversed == (state.order == 0);
            if down { "▾" } else { "▴" }
        } else {
            ""
        };
        let all = std::iter::once(&column.heading).chain(&column.short_headings);
        let mut marked = all.map(|heading| format!("{heading}{mark}"));
        let shortest = column.short_headings.last().unwrap_or(&column.heading);
        let blank = usize::from(column.shape.at_right);
        let fits = |heading: &String| text::width(heading) + blank <= columns;
        marked
            .find(fits)
            .unwrap_or_else(|| format!("{shortest}{mark}"))
    }

    pub(crate) fn heading_lines(&self) -> usize {
        let has_groups = self.columns.iter().any(|column| column.group.is_some());
        let has_headings = self.columns.iter().any(|column| !column.heading.is_empty());
        usize::from(has_headings) + usize::from(has_groups)
    }

    /// True if something is shown of all rows together.
    pub(crate) fn has_sums(&self) -> bool {
        self.columns.iter().any(|column| column.sum.is_some())
    }

    /// Lines above the rows, the frame's included.
    pub(crate) fn above(&self) -> usize {
        let sums = self.sums_first && self.has_sums();
        1 + self.head.len() + self.heading_lines() + usize::from(sums)
    }

    /// Rows, and other lines that scroll with them.
    pub(crate) fn scrolled(&self) -> usize {
        if self.has_cursor {
            self.rows
        } else {
            self.rows + self.notes.len()
        }
    }

    /// How many of them fit into a panel of a height.
    pub(crate) fn fitting(&self, height: usize) -> usize {
        let sums = !self.sums_first && self.has_sums();
        let fitting = height.saturating_sub(self.above() + usize::from(sums) + 1);
        let beside_notes = fitting.saturating_sub(self.kept);
        beside_notes.max(ROWS_FIRST).min(fitting)
    }

    /// The first of them shown.
    pub(crate) fn first(&self, state: &PanelState, height: usize) -> usize {
        let (scrolled, fitting) = (self.scrolled(), self.fitting(height));
        if self.at_end {
            scrolled.saturating_sub(fitting)
        } else {
            state.first_of(scrolled, fitting)
        }
    }
}
