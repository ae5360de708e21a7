//! The help: all keys from the key table, and the remarks about data and run.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::style;
use super::table::Pen;
use crate::tui::app::App;
use crate::tui::keys::{Context, TABLE};
use crate::tui::panel::PANELS;
use crate::tui::text;

/// The widest that the help becomes.
const WIDTH: u16 = 84;
/// Columns of the keys.
const KEYS: usize = 9;

/// A line: its keys, and a text in a style.
type HelpLine = (String, String, Style);

/// Draws the help over the screen, scrolled by `first` lines.
pub(super) fn draw(app: &App, first: usize, area: Rect, buffer: &mut Buffer) {
    let width = area.width.min(WIDTH);
    let lines = lines(app, usize::from(width.saturating_sub(4)));
    let height = area.height.min(lines.len() as u16 + 2);
    let at = Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    );
    Clear.render(at, buffer);
    let rows = usize::from(height.saturating_sub(2));
    let first = first.min(lines.len().saturating_sub(rows));
    let below = if lines.len() > rows {
        format!("{}–{} of {}, ↑ ↓", first + 1, first + rows, lines.len())
    } else {
        String::new()
    };
    let inner = style::frame(app, ("Keys", &below), true, at, buffer);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    for (row, (keys, line, look)) in lines.iter().skip(first).take(rows).enumerate() {
        let mut pen = Pen::new(buffer, inner, row as u16);
        if !keys.is_empty() {
            pen.left_in(KEYS, keys, style::focus(app.palette));
        }
        pen.write(line, *look);
    }
}

/// Everything the help says, in lines of so many columns.
fn lines(app: &App, columns: usize) -> Vec<HelpLine> {
    let mut lines = Vec::new();
    keys_of(Context::Main, columns, &mut lines);
    let of_panels = PANELS.iter().map(|entry| {
        let heading = format!("In the panel {}", entry.label);
        (heading, Context::Of(entry.panel))
    });
    let first = [
        ("With the crosshair (x)".to_owned(), Context::Crosshair),
        ("In any panel".to_owned(), Context::AnyPanel),
    ];
    for (heading, context) in first.into_iter().chain(of_panels) {
        let before = lines.len();
        keys_of(context, columns, &mut lines);
        if lines.len() > before {
            let heading = (String::new(), heading, style::BOLD);
            lines.insert(before, heading);
            lines.insert(before, (String::new(), String::new(), Style::new()));
        }
    }
    let remarks = app.remarks();
    if !remarks.is_empty() {
        lines.push((String::new(), String::new(), Style::new()));
        lines.push((String::new(), "Remarks".into(), style::BOLD));
        for remark in remarks {
            for line in text::wrap(&remark, columns) {
                lines.push((String::new(), line, Style::new()));
            }
        }
    }
    lines
}

fn keys_of(context: Context, columns: usize, lines: &mut Vec<HelpLine>) {
    let documented = |b: &&crate::tui::keys::Binding| b.context == context && !b.help.is_empty();
    for binding in TABLE.iter().filter(documented) {
        let wrapped = text::wrap(binding.help, columns.saturating_sub(KEYS));
        for (i, line) in wrapped.into_iter().enumerate() {
            let keys = if i == 0 { binding.shown } else { " " };
            lines.push((keys.to_owned(), line, Style::new()));
        }
    }
}
