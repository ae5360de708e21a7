//! Columns of a table: each says what it shows of a row, how wide it is and when it is left out, and
//! what the rows can be sorted by.

use std::rc::Rc;

use super::line::{Line, Role};
use crate::text;
use crate::tui::app::App;

/// The number of a row by which it is sorted.
type Key<'a, T> = Box<dyn Fn(&T) -> Option<f64> + 'a>;
/// What a column of some width shows of a row.
type Cell<'a, T> = Box<dyn Fn(&T, usize) -> Line + 'a>;

/// What the rows can be sorted by: in words, and the number of a row. Without it, their own order.
pub(super) struct Order<'a, T> {
    pub(super) words: &'static str,
    pub(super) key: Option<Key<'a, T>>,
}

/// Cells of a bar, and the one between it and the column before.
const BAR: usize = 5;
/// Bars come after all other columns have their room.
pub(crate) const BARS_FROM: u8 = 20;

/// How wide a column is, and when it is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Columns, the space before included.
    pub(crate) width: usize,
    /// 0 is always shown; others, from 1 on, as far as they fit.
    pub(crate) priority: u8,
    /// A greater width, and its place among the priorities.
    pub(crate) wide: Option<(u8, usize)>,
    /// The width for its names in full. Columns that matter less come after them.
    pub(crate) names: usize,
    /// Takes what is left up to this width; columns of rank 0 before those of rank 1.
    pub(crate) grow: Option<(u8, usize)>,
    /// Text stands at the right.
    pub(crate) at_right: bool,
    /// One of those that are scrolled through where not all fit.
    pub(crate) scrolls: bool,
}

/// A column of a table over rows of a type.
pub(crate) struct Column<'a, T> {
    pub(super) heading: String,
    /// Shorter ones, in the order of their length.
    pub(super) short_headings: Vec<String>,
    /// Stands above the heading.
    pub(crate) group: Option<Line>,
    /// How wide it is.
    pub(crate) shape: Shape,
    /// How the heading looks.
    pub(crate) heading_role: Role,
    /// How plain text in it looks.
    pub(crate) role: Role,
    /// What it shows of all rows together.
    pub(crate) sum: Option<Line>,
    pub(super) orders: Vec<Order<'a, T>>,
    cell: Cell<'a, T>,
}

impl<'a, T: 'a> Column<'a, T> {
    fn new(heading: impl Into<String>, width: usize, at_right: bool) -> Self {
        Self {
            heading: heading.into(),
            short_headings: Vec::new(),
            group: None,
            shape: Shape {
                width,
                at_right,
                ..Shape::default()
            },
            heading_role: Role::Dim,
            role: Role::Plain,
            sum: None,
            orders: Vec::new(),
            cell: Box::new(|_, _| Line::default()),
        }
    }

    /// A column of text.
    pub(crate) fn text(heading: impl Into<String>, width: usize) -> Self {
        Self::new(heading, width, false)
    }

    /// A column of numbers, at its right; a space before is part of its width.
    pub(crate) fn number(heading: impl Into<String>, width: usize) -> Self {
        Self::new(heading, width, true)
    }

    /// A column of classes by mark and name, in their own order.
    pub(crate) fn class(app: &'a App, width: usize, entry: impl Fn(&T) -> usize + 'a) -> Self {
        Self::text(format!("  {}", app.run.class_word()), width)
            .names(2 + app.widest_entry())
            .own_order("class (order of the file)")
            .cell_in(move |row, columns| Line::class(app, entry(row), columns))
            .sum(Line::of("  all", Role::Dim))
    }

    /// With what it shows of a row.
    pub(crate) fn cell<C: Into<Line>>(self, cell: impl Fn(&T) -> C + 'a) -> Self {
        self.cell_in(move |row, _| cell(row).into())
    }

    /// With what it shows of a row, given its width.
    pub(crate) fn cell_in(mut self, cell: impl Fn(&T, usize) -> Line + 'a) -> Self {
        self.cell = Box::new(cell);
        self
    }

    /// The rows' own order belongs to this column.
    pub(crate) fn own_order(mut self, words: &'static str) -> Self {
        self.orders.push(Order { words, key: None });
        self
    }

    /// The rows can be sorted by a number, which this column shows.
    pub(crate) fn order(
        mut self,
        words: &'static str,
        key: impl Fn(&T) -> Option<f64> + 'a,
    ) -> Self {
        let key: Option<Key<'a, T>> = Some(Box::new(key));
        self.orders.push(Order { words, key });
        self
    }

    /// With a heading for less room; several from the longest to the shortest.
    pub(crate) fn short(mut self, heading: impl Into<String>) -> Self {
        self.short_headings.push(heading.into());
        self
    }

    /// The columns for its full heading, the blank before a number and the mark of sorting included.
    pub(crate) fn heading_width(&self) -> usize {
        let marked = usize::from(!self.orders.is_empty());
        let blank = usize::from(self.shape.at_right);
        match self.heading_role {
            // Names of classes may be of any length.
            Role::Class(_) => 0,
            _ if self.short_headings.is_empty() => 0,
            _ => text::width(&self.heading) + blank + marked,
        }
    }

    /// With a heading above its own; one that is wider than the column reaches over the columns to
    /// its left that have none. Where that is not enough, the short one stands there.
    pub(crate) fn group(mut self, heading: impl Into<String>, short: impl Into<String>) -> Self {
        self.group = Some(Line::of(heading, Role::Dim).or(short));
        self
    }

    /// With what it shows of all rows together.
    pub(crate) fn sum(mut self, sum: impl Into<Line>) -> Self {
        self.sum = Some(sum.into());
        self
    }

    pub(crate) fn heading_role(mut self, role: Role) -> Self {
        self.heading_role = role;
        self
    }

    /// With a role for its plain text.
    pub(crate) fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Shown only if it fits after all columns with a lower number.
    pub(crate) fn priority(mut self, priority: u8) -> Self {
        self.shape.priority = priority;
        self
    }

    /// Wider, if that fits after all columns with a lower number.
    pub(crate) fn wide(mut self, priority: u8, width: usize) -> Self {
        self.shape.wide = Some((priority, width));
        self
    }

    /// With a bar before its number, where there is room for it: as long as a share of the row, from 0
    /// to 1. Of several columns, those with a lower number have bars first.
    pub(crate) fn bar(mut self, number: u8, share: impl Fn(&T) -> Option<f64> + 'a) -> Self {
        let narrow = self.shape.width;
        let cell = self.cell;
        self.cell = Box::new(move |row, columns| {
            let line = cell(row, columns.min(narrow));
            if columns <= narrow + BAR {
                return line;
            }
            let bar = bar_of(share(row).unwrap_or(0.0));
            let space = narrow + BAR - line.width().min(narrow) - text::width(&bar);
            Line::of(bar, Role::Dim)
                .and(" ".repeat(space), Role::Plain)
                .then(line)
        });
        self.wide(BARS_FROM + number, narrow + BAR + 1)
    }

    /// With the width for its names in full.
    pub(crate) fn names(mut self, width: usize) -> Self {
        self.shape.names = width;
        self
    }

    /// Takes what is left, up to a width.
    pub(crate) fn grow(mut self, width: usize) -> Self {
        self.shape.grow = Some((0, width));
        self
    }

    /// Takes what others leave, up to a width.
    pub(crate) fn grow_last(mut self, width: usize) -> Self {
        self.shape.grow = Some((1, width));
        self
    }

    /// One of those that are scrolled through where not all fit.
    pub(crate) fn scrolls(mut self) -> Self {
        self.shape.scrolls = true;
        self
    }

    /// The same column of a list of rows, by their number.
    pub(super) fn over(self, rows: &Rc<[T]>) -> Column<'a, usize> {
        let cell = self.cell;
        let of_cell = Rc::clone(rows);
        let orders = self.orders.into_iter().map(|Order { words, key }| Order {
            words,
            key: key.map(|key| {
                let rows = Rc::clone(rows);
                let key: Key<'a, usize> = Box::new(move |row| key(rows.get(*row)?));
                key
            }),
        });
        Column {
            heading: self.heading,
            short_headings: self.short_headings,
            group: self.group,
            shape: self.shape,
            heading_role: self.heading_role,
            role: self.role,
            sum: self.sum,
            orders: orders.collect(),
            cell: Box::new(move |row, columns| {
                let row = of_cell.get(*row);
                row.map_or_else(Line::default, |row| cell(row, columns))
            }),
        }
    }
}

/// A bar for a share from 0 to 1, in eighths of a cell.
fn bar_of(share: f64) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share.clamp(0.0, 1.0) * (8 * BAR) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(PARTS[eighths % 8]);
    }
    bar
}

impl Column<'_, usize> {
    /// What it shows of a row, given its width.
    pub(crate) fn of(&self, row: usize, columns: usize) -> Line {
        (self.cell)(&row, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_shares() {
        assert_eq!(bar_of(0.0), "");
        assert_eq!(bar_of(1.0), "█████");
        assert_eq!(bar_of(0.5), "██▌");
        assert_eq!(bar_of(0.025), "▏");
        assert_eq!(bar_of(0.999), "█████");
        assert_eq!((bar_of(-0.4), bar_of(7.0)), (bar_of(0.0), bar_of(1.0)));
        assert!((0..=100).all(|i| bar_of(f64::from(i) / 100.0).chars().count() <= BAR));
    }

    #[test]
    fn a_bar_stands_before_the_number_where_there_is_room() {
        let column = Column::number("share", 6)
            .cell(|row: &usize| format!("{}%", 10 * row))
            .bar(0, |row| Some(*row as f64 / 10.0));
        assert_eq!(column.shape.wide, Some((20, 12)));
        assert_eq!(column.of(5, 6).text(), "50%");
        assert_eq!(column.of(5, 12).text(), "██▌     50%");
        assert_eq!(column.of(5, 12).width(), 11);
    }
}
