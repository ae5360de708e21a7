//! What a panel shows, as data: lines of text with roles, and a table whose columns say what they
//! show of a row, how wide they are and what the rows can be sorted by.
//!
//! A panel describes its content here; the view draws any content and knows no single panel. The
//! number of lines above and below the rows, which the cursor and the mouse need, follows from it.

use std::rc::Rc;

use super::PanelState;
use crate::statistics::Uncertain;
use crate::tui::app::App;
use crate::tui::text;

/// How a piece of text looks; the view gives each role its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// As the row it stands in, or as the terminal's text.
    #[default]
    Plain,
    /// Matters less.
    Dim,
    /// Matters more.
    Bold,
    /// In the color of a class.
    Class(u16),
    /// Something is wrong.
    Problem,
    /// Is in effect.
    Focus,
}

/// A piece of text that looks one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The text.
    pub(crate) text: String,
    /// How it looks.
    pub(crate) role: Role,
}

/// A line of pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The pieces, from the left.
    pub(crate) spans: Vec<Span>,
    /// What stands in its place in a cell that is too narrow.
    pub(crate) short: Option<String>,
}

impl Line {
    /// A line of one piece.
    pub(crate) fn of(text: impl Into<String>, role: Role) -> Self {
        Self::default().and(text, role)
    }

    /// With another piece at its end.
    pub(crate) fn and(mut self, text: impl Into<String>, role: Role) -> Self {
        let text = text.into();
        self.spans.push(Span { text, role });
        self
    }

    /// With another line at its end.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.spans.extend(other.spans);
        self
    }

    /// With a text for cells that are too narrow.
    pub(crate) fn or(mut self, short: impl Into<String>) -> Self {
        self.short = Some(short.into());
        self
    }

    /// A class by its mark and name, in at most so many columns.
    pub(crate) fn class(app: &App, entry: usize, columns: usize) -> Self {
        let class = app.class_of(entry);
        let name = app.entry_name(entry);
        let name = text::shorten(&name, columns.saturating_sub(2));
        Self::of(app.palette.mark(class).to_string(), Role::Class(class))
            .and(format!(" {name}"), Role::Plain)
    }

    /// Its short form, if it has one and is too wide.
    pub(crate) fn fitting(self, columns: usize) -> Self {
        match (&self.short, self.spans.first()) {
            (Some(short), Some(first)) if self.width() > columns => Self::of(short, first.role),
            _ => self,
        }
    }

    /// Its width in columns.
    pub(crate) fn width(&self) -> usize {
        self.spans.iter().map(|s| text::width(&s.text)).sum()
    }

    /// Its text.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.spans.iter().map(|s| s.text.as_str()).collect()
    }

    /// Its words in lines of at most so many columns, all but the first indented.
    pub(crate) fn wrap(&self, columns: usize, indent: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        let mut used = 0;
        for Span { text, role } in &self.spans {
            for word in text.split_inclusive(' ') {
                if used > 0 && used + text::width(word.trim_end()) > columns {
                    lines.push(Self::of(" ".repeat(indent), Role::Plain));
                    used = indent;
                }
                used += text::width(word);
                if let Some(line) = lines.last_mut() {
                    *line = std::mem::take(line).and(word, *role);
                }
            }
        }
        lines
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::of(text, Role::Plain)
    }
}

/// What the rows can be sorted by: in words, and the number of a row. Without it, their own order.
struct Order<'a, T> {
    words: &'static str,
    key: Option<Box<dyn Fn(&T) -> Option<f64> + 'a>>,
}

/// How wide a column is, and when it is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Columns, the space before included.
    pub(crate) width: usize,
    /// 0 is always shown; others, from 1 on, as far as they fit.
    pub(crate) priority: u8,
    /// A greater width, and its place among the priorities.
    pub(crate) wide: Option<(u8, usize)>,
    /// Takes what is left up to this width; columns of rank 0 before those of rank 1.
    pub(crate) grow: Option<(u8, usize)>,
    /// Text stands at the right.
    pub(crate) at_right: bool,
    /// One of those that are scrolled through where not all fit.
    pub(crate) scrolls: bool,
}

/// A column of a table over rows of a type.
pub(crate) struct Column<'a, T> {
    heading: String,
    short_heading: Option<String>,
    /// Stands above the heading.
    pub(crate) group: Option<String>,
    /// How wide it is.
    pub(crate) shape: Shape,
    /// How the heading looks.
    pub(crate) heading_role: Role,
    /// How plain text in it looks.
    pub(crate) role: Role,
    /// What it shows of all rows together.
    pub(crate) sum: Option<Line>,
    orders: Vec<Order<'a, T>>,
    cell: Box<dyn Fn(&T, usize) -> Line + 'a>,
}

impl<'a, T: 'a> Column<'a, T> {
    fn new(heading: impl Into<String>, width: usize, at_right: bool) -> Self {
        Self {
            heading: heading.into(),
            short_heading: None,
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
        Self::text("  class", width)
            .own_order("class, as in the file")
            .cell_in(move |row, columns| Line::class(app, entry(row), columns))
            .sum(Line::of("  all", Role::Dim))
    }

    /// With what it shows of a row.
    pub(crate) fn cell<C: Into<Line>>(self, cell: impl Fn(&T) -> C + 'a) -> Self {
        self.cell_in(move |row, _| cell(row).into())
    }

    /// With what it shows of a row in so many columns.
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
        let key: Option<Box<dyn Fn(&T) -> Option<f64> + 'a>> = Some(Box::new(key));
        self.orders.push(Order { words, key });
        self
    }

    /// With a heading for less room.
    pub(crate) fn short(mut self, heading: impl Into<String>) -> Self {
        self.short_heading = Some(heading.into());
        self
    }

    /// With a heading above its own; one that is wider than the column reaches over the columns to
    /// its left that have none.
    pub(crate) fn group(mut self, heading: impl Into<String>) -> Self {
        self.group = Some(heading.into());
        self
    }

    /// With what it shows of all rows together.
    pub(crate) fn sum(mut self, sum: impl Into<Line>) -> Self {
        self.sum = Some(sum.into());
        self
    }

    /// With a role for its heading.
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
    fn over(self, rows: &Rc<[T]>) -> Column<'a, usize> {
        let cell = self.cell;
        let of_cell = Rc::clone(rows);
        let orders = self.orders.into_iter().map(|Order { words, key }| Order {
            words,
            key: key.map(|key| {
                let rows = Rc::clone(rows);
                let key: Box<dyn Fn(&usize) -> Option<f64> + 'a> =
                    Box::new(move |row| key(rows.get(*row)?));
                key
            }),
        });
        Column {
            heading: self.heading,
            short_heading: self.short_heading,
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

impl Column<'_, usize> {
    /// What it shows of a row in so many columns.
    pub(crate) fn of(&self, row: usize, columns: usize) -> Line {
        (self.cell)(&row, columns)
    }
}

/// Rows that a list shows before its notes get any room.
const ROWS_FIRST: usize = 3;

/// What a panel shows.
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
    /// Shows its end, not its beginning.
    pub(crate) at_end: bool,
    width: usize,
}

impl<'a> Content<'a> {
    /// Content of so many columns, without anything yet.
    pub(crate) fn new(title: impl Into<String>, width: usize) -> Self {
        Self {
            title: title.into(),
            remarks: Vec::new(),
            head: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            roles: Vec::new(),
            sums_first: false,
            notes: Vec::new(),
            kept: 0,
            has_cursor: false,
            at_end: false,
            width: width.max(8),
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

    /// The heading of a column in so many columns, marked if the rows are sorted by it: `n▾` from
    /// the largest down, `n▴` from the smallest up.
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
        let long = format!("{}{mark}", column.heading);
        match &column.short_heading {
            Some(short) if text::width(&long) + 1 > columns => format!("{short}{mark}"),
            _ => long,
        }
    }

    /// Lines of headings.
    pub(crate) fn heading_lines(&self) -> usize {
        let has_groups = self.columns.iter().any(|column| column.group.is_some());
        usize::from(!self.columns.is_empty()) + usize::from(has_groups)
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

    /// How many of them fit into a panel so high.
    pub(crate) fn fitting(&self, height: usize) -> usize {
        let sums = !self.sums_first && self.has_sums();
        let fitting = height.saturating_sub(self.above() + usize::from(sums) + 1);
        match fitting.saturating_sub(self.kept) {
            rows if rows < ROWS_FIRST => fitting,
            rows => rows,
        }
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

/// A share with the margin of its interval, both in percent and with so many decimals: "91±1.8";
/// `–` where it is not defined.
pub(super) fn with_margin(share: Option<Uncertain>, decimals: usize, of_margin: usize) -> String {
    let margin = share.and_then(|share| share.reach());
    let margin = margin.map(|m| format!("±{}", text::number(Some(100.0 * m), of_margin)));
    percent(share, decimals) + &margin.unwrap_or_default()
}

/// A share in percent with so many decimals, without the sign; "<1" where whole percent would read
/// as none.
pub(super) fn percent(share: Option<Uncertain>, decimals: usize) -> String {
    match share.map(|share| 100.0 * share.value) {
        Some(share) if decimals == 0 && share > 0.0 && share < 0.5 => "<1".to_owned(),
        share => text::number(share, decimals),
    }
}
