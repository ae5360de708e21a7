//! The panel of neighbors: which labels the nearest neighbors of each class bear.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Diagnosis;
use crate::tui::app::panels::Panel;
use crate::tui::app::{App, Space};
use crate::tui::text;

/// What the classes can be sorted by.
pub(crate) const ORDERS: &[&str] = &["class, as in the file", "neighbors of the same class"];

/// The narrowest and widest column of a class: "100▲" and a space.
const CELL: (usize, usize) = (5, 9);
/// The narrowest and widest column of the rows' names, their mark included.
const NAME: (usize, usize) = (10, 18);
/// More classes than this have numbers at their columns.
const MOST_NAMED: usize = 100;
/// Columns between two tables.
const GAP: usize = 3;

/// One table and where it is.
struct Table<'a> {
    app: &'a App,
    headings: &'a Headings,
    space: Space,
    area: Rect,
    name: usize,
    cell: usize,
}

/// How rows and columns are named, where columns are too narrow for names.
enum Headings {
    /// By what follows what all names have in common at their start (bytes).
    Names(usize),
    /// By number, the rows by number and name.
    Numbers,
}

impl Headings {
    /// Names, if their first characters in the narrowest column tell them apart.
    fn of(app: &App) -> Self {
        let classes = app.classes();
        if classes > MOST_NAMED {
            return Self::Numbers;
        }
        let names: Vec<String> = (0..classes).map(|class| app.entry_name(class)).collect();
        let common = common_start(&names);
        let mut short: Vec<&str> = names
            .iter()
            .map(|name| start_of(&name[common..], CELL.0 - 1))
            .collect();
        short.sort_unstable();
        short.dedup();
        if short.len() == classes {
            Self::Names(common)
        } else {
            Self::Numbers
        }
    }

    /// The name of a row.
    fn row(&self, app: &App, class: usize) -> String {
        match self {
            Self::Names(_) => app.entry_name(class),
            Self::Numbers => format!("{} {}", class + 1, app.entry_name(class)),
        }
    }

    /// The name of a column of so many cells.
    fn column(&self, app: &App, class: usize, columns: usize) -> String {
        match self {
            Self::Names(common) => {
                let name = app.entry_name(class);
                if text::width(&name) < columns {
                    return name;
                }
                start_of(name.get(*common..).unwrap_or(&name), columns - 1).to_owned()
            }
            Self::Numbers => (class + 1).to_string(),
        }
    }

    /// Columns of the rows' names with their marks.
    fn longest(&self, app: &App) -> usize {
        (0..app.classes().min(MOST_NAMED))
            .map(|class| 2 + text::width(&self.row(app, class)))
            .max()
            .unwrap_or(0)
            .clamp(NAME.0, NAME.1)
    }
}

/// Bytes that all names have in common at their start, if something is left of each.
fn common_start(names: &[String]) -> usize {
    let Some(first) = names.first() else {
        return 0;
    };
    first
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| {
            let start = &first[..*end];
            names.iter().all(|n| n.starts_with(start) && n.len() > *end)
        })
        .last()
        .unwrap_or(0)
}

/// The start of a text in at most so many columns.
fn start_of(text: &str, columns: usize) -> &str {
    let fits = |end: &usize| text::width(&text[..*end]) <= columns;
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    &text[..ends.take_while(fits).last().unwrap_or(0)]
}

/// Draws the panel: the chosen table, or both where there is room.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(2));
    let classes = app.classes();
    let headings = Headings::of(app);
    let longest = headings.longest(app);
    let all = classes * CELL.0;
    let both = !app.run.counts.is_empty() && 2 * (longest + all) + GAP <= width;
    let name = if both {
        longest
    } else {
        // Shorter names if that makes all columns fit.
        let room = width.saturating_sub(all);
        if room >= longest.min(NAME.0) {
            longest.min(room)
        } else {
            longest
        }
    };
    let title = title(app, both);
    let below = below(app, area, (width.saturating_sub(name)) / CELL.0);
    let inner = style::frame(
        app,
        (&title, &below),
        app.is_focused(Panel::Neighbors),
        area,
        buffer,
    );
    if app.run.counts.is_empty() {
        super::classes::no_labels(inner, buffer);
        return;
    }
    if both {
        let half = (inner.width - GAP as u16) / 2;
        let left = Rect {
            width: half,
            ..inner
        };
        let right = Rect {
            x: inner.right() - half,
            ..left
        };
        Table::new(app, &headings, Space::Features, left, name).draw(buffer);
        Table::new(app, &headings, Space::Map, right, name).draw(buffer);
    } else {
        Table::new(app, &headings, app.panels.space, inner, name).draw(buffer);
    }
}

fn title(app: &App, both: bool) -> String {
    let k = app
        .run
        .diagnosis
        .as_ref()
        .map_or(app.run.table_k, |d| d.confusion.k);
    match (both, app.panels.space) {
        (true, _) => format!("Neighbors · labels of the {k} nearest, %"),
        (false, Space::Features) => format!("Neighbors · {k} in features, %"),
        (false, Space::Map) => format!("Neighbors · {k} in the map, %"),
    }
}

/// What the frame says below: what the mark means, what part of a large table is shown.
fn below(app: &App, area: Rect, columns: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let rows = usize::from(area.height.saturating_sub(3));
    if app.classes() > rows.min(columns) {
        let down = if app.classes() > rows { "J K" } else { "" };
        let across = if app.classes() > columns { "H L" } else { "" };
        let keys = format!("{down} {across}");
        parts.push(format!("{} to all {}", keys.trim(), app.classes()));
    }
    if !app.run.counts.is_empty() {
        parts.push("▲ above chance".to_owned());
        if app.map_figures_hold() && has_misleading(app) {
            parts.push("! map misleads".to_owned());
        }
    }
    parts.join(" · ")
}

/// Whether any cell of the map differs from the features beyond noise.
fn has_misleading(app: &App) -> bool {
    let diagnosis = app.run.diagnosis.as_deref();
    let fidelity = diagnosis.and_then(|d| d.fidelity.as_ref());
    let mixing = fidelity.and_then(|f| f.mixing.as_ref());
    mixing.is_some_and(|m| !m.misleading.is_empty() || !m.misleading_hits.is_empty())
}

impl<'a> Table<'a> {
    fn new(app: &'a App, headings: &'a Headings, space: Space, area: Rect, name: usize) -> Self {
        let room = usize::from(area.width).saturating_sub(name);
        let cell = (room / app.classes().max(1)).clamp(CELL.0, CELL.1);
        Self {
            app,
            headings,
            space,
            area,
            name,
            cell,
        }
    }

    /// How many columns of classes fit, and which is the first.
    fn columns(&self) -> (usize, usize) {
        let room = usize::from(self.area.width).saturating_sub(self.name);
        let fitting = (room / self.cell).min(self.app.classes());
        let last = self.app.classes() - fitting;
        let asked = self.app.state(Panel::Neighbors).column;
        (asked.min(last), fitting)
    }

    fn draw(&self, buffer: &mut Buffer) {
        self.draw_heading(&mut Pen::new(buffer, self.area, 0));
        let rows = usize::from(self.area.height.saturating_sub(1));
        let state = self.app.state(Panel::Neighbors);
        let first = state.first_of(self.app.classes(), rows);
        let order = self.order();
        for (row, class) in order.iter().skip(first).take(rows).enumerate() {
            self.draw_row(*class, &mut Pen::new(buffer, self.area, row as u16 + 1));
        }
    }

    /// The classes of the rows, in the order asked for.
    fn order(&self) -> Vec<usize> {
        let diagnosis = self.app.run.diagnosis.as_deref();
        let state = self.app.state(Panel::Neighbors);
        let same = |class: usize| diagnosis.and_then(|d| self.cell_of(d, class, class).0);
        state.sorted(self.app.classes(), |_, class| same(class))
    }

    fn draw_heading(&self, pen: &mut Pen<'_>) {
        let space = match self.space {
            Space::Features => "features",
            Space::Map => "map",
        };
        let state = self.app.state(Panel::Neighbors);
        let order = state.order;
        pen.left_in(self.name, &state.heading(order, space), style::DIM);
        let (first, fitting) = self.columns();
        for class in first..first + fitting {
            let color = style::class(self.app.palette, class as u16);
            let label = self.headings.column(self.app, class, self.cell);
            pen.right_in(self.cell - 1, &label, color);
            // Above the mark of the cells.
            pen.skip(1);
        }
    }

    fn draw_row(&self, class: usize, pen: &mut Pen<'_>) {
        let app = self.app;
        let mark = app.palette.mark(class as u16).to_string();
        pen.write(&mark, style::class(app.palette, class as u16));
        pen.skip(1);
        pen.left_in(self.name - 2, &self.headings.row(app, class), Style::new());
        let (first, fitting) = self.columns();
        for column in first..first + fitting {
            let (share, marked) = app
                .run
                .diagnosis
                .as_deref()
                .map_or((None, false), |d| self.cell_of(d, class, column));
            let sign = if marked { "▲" } else { " " };
            let look = if marked {
                style::BOLD
            } else if share == Some(0.0) {
                style::DIM
            } else {
                Style::new()
            };
            let misleads = if self.misleads(class, column) {
                "!"
            } else {
                ""
            };
            pen.right_in(
                self.cell - 1,
                &format!("{misleads}{}", percent(share)),
                look,
            );
            pen.write(sign, look);
        }
    }

    /// Whether this is a cell of the map that differs from the features beyond noise.
    fn misleads(&self, row: usize, column: usize) -> bool {
        let diagnosis = self.app.run.diagnosis.as_deref();
        let fidelity = diagnosis.and_then(|d| d.fidelity.as_ref());
        let mixing = fidelity.and_then(|f| f.mixing.as_ref());
        matches!(self.space, Space::Map)
            && self.app.map_figures_hold()
            && mixing.is_some_and(|m| m.of(row, column).is_some())
    }

    /// A cell's share, and whether it is marked.
    fn cell_of(&self, diagnosis: &Diagnosis, row: usize, column: usize) -> (Option<f64>, bool) {
        let confusion = &diagnosis.confusion;
        let (shares, marks) = match self.space {
            Space::Features => (&confusion.features, &confusion.features_above_chance),
            Space::Map if self.app.map_figures_hold() => {
                (&confusion.map, &confusion.map_above_chance)
            }
            Space::Map => (&None, &None),
        };
        let share = shares
            .as_ref()
            .and_then(|s| s.get(row)?.get(column).copied());
        let marked = marks
            .as_ref()
            .and_then(|m| m.get(row)?.get(column).copied());
        (share, marked.unwrap_or(false))
    }
}

/// A share as whole percent without the sign; `·` for nothing at all.
fn percent(share: Option<f64>) -> String {
    match share {
        Some(0.0) => "·".into(),
        Some(share) if share > 0.0 && share < 0.005 => "<1".into(),
        Some(share) if share.is_finite() => format!("{:.0}", share * 100.0),
        _ => "–".into(),
    }
}
