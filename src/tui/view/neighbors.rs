//! The panel of neighbors: which labels the nearest neighbors of each class bear.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Diagnosis;
use crate::tui::app::{App, Space};
use crate::tui::layout::{Panel, Screen};
use crate::tui::text;

/// The narrowest and widest column of a class: "100▲" and a space.
const CELL: (usize, usize) = (5, 9);
/// The narrowest and widest column of the rows' names, their mark included.
const NAME: (usize, usize) = (8, 18);
/// Columns between two tables.
const GAP: usize = 3;

/// One table and where it is.
struct Table<'a> {
    app: &'a App,
    space: Space,
    area: Rect,
    name: usize,
    cell: usize,
}

/// Draws the panel: the chosen table, or both where there is room.
pub(super) fn draw(app: &App, screen: &Screen, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(2));
    let classes = app.classes();
    let name = name_columns(app);
    let both = !app.counts.is_empty() && 2 * (name + classes * CELL.0) + GAP <= width;
    let title = title(app, both);
    let below = below(app, screen, area, (width.saturating_sub(name)) / CELL.0);
    let inner = style::frame(
        app,
        (&title, &below),
        app.panel == Panel::Neighbors,
        area,
        buffer,
    );
    if app.counts.is_empty() {
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
        Table::new(app, Space::Features, left, name).draw(buffer);
        Table::new(app, Space::Map, right, name).draw(buffer);
    } else {
        Table::new(app, app.space, inner, name).draw(buffer);
    }
}

fn title(app: &App, both: bool) -> String {
    let k = app
        .diagnosis
        .as_ref()
        .map_or(app.table_k, |d| d.confusion.k);
    match (both, app.space) {
        (true, _) => format!("Neighbors · labels of the {k} nearest, %"),
        (false, Space::Features) => format!("Neighbors in features · {k} nearest, %"),
        (false, Space::Map) => format!("Neighbors in map · {k} nearest, %"),
    }
}

fn name_columns(app: &App) -> usize {
    (0..app.classes().min(500))
        .map(|class| 2 + text::width(&app.entry_name(class)))
        .max()
        .unwrap_or(0)
        .clamp(NAME.0, NAME.1)
}

/// What the frame says below: what the mark means, what part of a large table is shown.
fn below(app: &App, screen: &Screen, area: Rect, columns: usize) -> String {
    let mut parts = Vec::new();
    let rows = usize::from(area.height.saturating_sub(3));
    if app.classes() > rows.min(columns) {
        let mut keys = Vec::new();
        if app.classes() > rows {
            keys.push("J K");
        }
        if app.classes() > columns {
            keys.push("H L");
        }
        parts.push(format!("{} classes, {}", app.classes(), keys.join(" ")));
    }
    if !app.counts.is_empty() {
        parts.push("▲ above chance".to_owned());
    }
    parts.extend(super::elsewhere(screen, area));
    parts.join(" · ")
}

impl<'a> Table<'a> {
    fn new(app: &'a App, space: Space, area: Rect, name: usize) -> Self {
        let room = usize::from(area.width).saturating_sub(name);
        let cell = (room / app.classes().max(1)).clamp(CELL.0, CELL.1);
        Self {
            app,
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
        (self.app.first_column.min(last), fitting)
    }

    fn draw(&self, buffer: &mut Buffer) {
        self.draw_heading(&mut Pen::new(buffer, self.area, 0));
        let rows = usize::from(self.area.height.saturating_sub(1));
        let first = self
            .app
            .first_row
            .min(self.app.classes().saturating_sub(rows));
        for (row, class) in (first..self.app.classes()).take(rows).enumerate() {
            self.draw_row(class, &mut Pen::new(buffer, self.area, row as u16 + 1));
        }
    }

    fn draw_heading(&self, pen: &mut Pen<'_>) {
        let space = match self.space {
            Space::Features => "features",
            Space::Map => "map",
        };
        pen.left_in(self.name, space, style::DIM);
        let (first, fitting) = self.columns();
        for class in first..first + fitting {
            let color = style::class(self.app.palette, class as u16);
            let name = self.app.entry_name(class);
            let mark = self.app.palette.mark(class as u16);
            let label = format!("{mark}{name}");
            // One column is kept for the mark of the cells below, one for a space.
            let label = text::fit_right(&label, self.cell - 2);
            pen.skip(1);
            pen.write(&label, color);
            pen.skip(1);
        }
    }

    fn draw_row(&self, class: usize, pen: &mut Pen<'_>) {
        let app = self.app;
        let mark = app.palette.mark(class as u16).to_string();
        pen.write(&mark, style::class(app.palette, class as u16));
        pen.skip(1);
        pen.left_in(self.name - 2, &app.entry_name(class), Style::new());
        let (first, fitting) = self.columns();
        for column in first..first + fitting {
            let (share, marked) = app
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
            pen.right_in(self.cell - 1, &percent(share), look);
            pen.write(sign, look);
        }
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
