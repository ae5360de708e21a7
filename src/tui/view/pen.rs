//! Writing line by line into the buffer, piece by piece, never beyond a line's end.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text;

/// A pen on a line of an area.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    row: u16,
    column: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the left end of a row, counted from the area's top.
    pub(super) fn new(buffer: &'a mut Buffer, area: Rect, row: u16) -> Self {
        Self {
            buffer,
            area,
            row,
            column: 0,
        }
    }

    /// Columns left on the line.
    pub(super) fn left(&self) -> usize {
        if self.row < self.area.height {
            usize::from(self.area.width.saturating_sub(self.column))
        } else {
            0
        }
    }

    /// Writes a text, cut at the line's end.
    pub(super) fn write(&mut self, content: &str, style: Style) {
        let content = text::cut(content, self.left());
        if content.is_empty() {
            return;
        }
        let (x, y) = (self.area.x + self.column, self.area.y + self.row);
        let (end, _) = self.buffer.set_stringn(x, y, &content, self.left(), style);
        self.column = end - self.area.x;
    }

    /// Writes a text at the left of `columns`.
    pub(super) fn left_in(&mut self, columns: usize, content: &str, style: Style) {
        self.write(&text::fit(content, columns), style);
    }

    /// Leaves columns empty.
    pub(super) fn skip(&mut self, columns: usize) {
        self.write(&" ".repeat(columns.min(self.left())), Style::new());
    }

    /// Leaves columns empty so that the next `columns` end at the line's end.
    pub(super) fn skip_to_end(&mut self, columns: usize) {
        self.skip(self.left().saturating_sub(columns));
    }

    /// Styles the whole line.
    pub(super) fn restyle(&mut self, style: Style) {
        if self.row < self.area.height {
            let line = Rect {
                y: self.area.y + self.row,
                height: 1,
                ..self.area
            };
            self.buffer.set_style(line, style);
        }
    }
}
