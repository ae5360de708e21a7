//! A panel: its frame, and within it the lines and the table that its content describes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::{style, table};
use crate::palette::Palette;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::panels::Panel;
use crate::tui::app::panels::content::{Content, Line, Role, Span};

/// Draws a panel.
pub(super) fn draw(app: &App, panel: Panel, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width.saturating_sub(2));
    let content = (panel.spec().content)(app, columns);
    let state = app.state(panel);
    let is_focused = app.is_focused(panel);
    let height = usize::from(area.height);
    let (first, fitting) = (content.first(state, height), content.fitting(height));
    let placed = table::place(&content.columns, columns, state.column);
    let below = below(&content, (first, fitting), &placed, columns);
    let inner = style::frame(app, (&content.title, &below), is_focused, area, buffer);
    let mut page = Page {
        palette: app.palette,
        area: inner,
        row: 0,
        buffer,
    };
    for line in &content.head {
        page.line(line, Style::new());
    }
    for cells in table::headings(&content, &placed, state) {
        page.cells(&cells, Style::new());
    }
    let sums = content.has_sums().then(|| table::sums(&content, &placed));
    if let Some(cells) = sums.as_ref().filter(|_| content.sums_first) {
        page.cells(cells, Style::new());
    }
    let order = content.order(state);
    for (place, row) in order.iter().enumerate().skip(first).take(fitting) {
        let role = content.roles.get(*row).copied().unwrap_or_default();
        page.cells(
            &table::row(&content, &placed, *row),
            style::of(role, "", app.palette),
        );
        if is_focused && content.has_cursor && place == state.row {
            match content
                .cells
                .get(state.column)
                .or_else(|| content.cells.last())
            {
                Some(column) => page.mark_cell(&placed, *column),
                None => page.mark_last(),
            }
        }
    }
    if let Some(cells) = sums.filter(|_| !content.sums_first) {
        page.cells(&cells, Style::new());
    }
    // Without a cursor, the notes scroll with the rows.
    let skipped = if content.has_cursor {
        0
    } else {
        first.saturating_sub(content.rows)
    };
    for line in content.notes.iter().skip(skipped) {
        page.line(line, Style::new());
    }
}

/// What the frame says below: which rows and columns are shown of many, then the remarks that fit whole.
fn below(
    content: &Content<'_>,
    (first, fitting): (usize, usize),
    placed: &[table::Place],
    columns: usize,
) -> String {
    let mut parts = vec![style::shown_of(first, fitting, content.scrolled())];
    let scrolled = |column: &usize| content.columns[*column].shape.scrolls;
    let all = (0..content.columns.len()).filter(scrolled).count();
    let shown: Vec<usize> = placed.iter().map(|p| p.column).filter(scrolled).collect();
    if let Some(start) = shown.first().filter(|_| shown.len() < all) {
        let before = (0..*start).filter(scrolled).count();
        let part = style::shown_of(before, shown.len(), all);
        parts.push(format!("columns {part}"));
    }
    parts.extend(content.remarks.iter().cloned());
    parts.retain(|part| !part.is_empty());
    // A blank stands at both ends.
    let mut left = columns.saturating_sub(2);
    let mut fitting = Vec::new();
    for part in parts {
        let needed = text::width(&part) + if fitting.is_empty() { 0 } else { 3 };
        if needed <= left {
            left -= needed;
            fitting.push(part);
        }
    }
    fitting.join(" · ")
}

/// The lines of a panel, from the top.
struct Page<'a> {
    palette: Palette,
    area: Rect,
    row: u16,
    buffer: &'a mut Buffer,
}

impl Page<'_> {
    /// Writes a line of text.
    fn line(&mut self, line: &Line, base: Style) {
        let mut pen = Pen::new(self.buffer, self.area, self.row);
        for Span { text, role } in &line.spans {
            pen.write(text, base.patch(style::of(*role, text, self.palette)));
        }
        self.row += 1;
    }

    /// Writes a line of a table.
    fn cells(&mut self, cells: &[table::Cell], base: Style) {
        let mut pen = Pen::new(self.buffer, self.area, self.row);
        for cell in cells {
            let width = cell.line.width();
            let space = cell.columns.saturating_sub(width);
            if cell.at_right {
                pen.write(&" ".repeat(space), base);
            }
            let mut left = cell.columns;
            for Span { text, role } in &cell.line.spans {
                let role = if *role == Role::Plain {
                    cell.role
                } else {
                    *role
                };
                let text = text::cut(text, left);
                left -= text::width(&text);
                pen.write(&text, base.patch(style::of(role, &text, self.palette)));
            }
            if !cell.at_right {
                pen.write(&" ".repeat(space), base);
            }
        }
        self.row += 1;
    }

    /// Shows the cursor on a cell of the line written last, and on its first.
    fn mark_cell(&mut self, placed: &[table::Place], column: usize) {
        let mut x = self.area.x;
        let y = self.area.y + self.row.saturating_sub(1);
        for (at, place) in placed.iter().enumerate() {
            let width = place.width as u16;
            if at == 0 || place.column == column {
                let cell = Rect::new(x, y, width, 1).intersection(self.area);
                self.buffer.set_style(cell, style::CURSOR);
            }
            x += width;
        }
    }

    /// Shows the cursor on the line written last.
    fn mark_last(&mut self) {
        let row = self.row.saturating_sub(1);
        Pen::new(self.buffer, self.area, row).restyle(style::CURSOR);
    }
}
