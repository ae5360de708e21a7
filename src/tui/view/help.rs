//! The help over the screen: what is typed into it filters it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::style;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::dialogs::Help;
use crate::tui::app::tables::help::{matching, sections};

/// The widest that the help becomes.
const WIDTH: u16 = 92;
/// Columns of keys and commands.
const KEYS: usize = 13;

/// A line: its keys, and a text in a style.
type HelpLine = (String, String, Style);

/// Draws the help over the screen.
pub(super) fn draw(app: &App, help: &Help, area: Rect, frame: &mut Frame<'_>) {
    let width = area.width.min(WIDTH);
    let lines = lines(app, help, usize::from(width.saturating_sub(4)));
    let at = Rect::new(
        area.x + (area.width - width) / 2,
        area.y,
        width,
        area.height,
    );
    // The frame and the line of the filter.
    let rows = usize::from(at.height.saturating_sub(3));
    let first = help.first.min(lines.len().saturating_sub(rows));
    let below = style::shown_of(first, rows, lines.len());
    let inner = style::popup(app, ("Help", &below), true, at, frame.buffer_mut());
    draw_filter(help, inner, frame);
    let buffer = frame.buffer_mut();
    for (row, (keys, line, look)) in lines.iter().skip(first).take(rows).enumerate() {
        let mut pen = Pen::new(buffer, inner, row as u16 + 1);
        if !keys.is_empty() {
            pen.left_in(KEYS - 1, keys, style::focus(app.palette));
            pen.skip(1);
        }
        pen.write(line, *look);
    }
}

fn draw_filter(help: &Help, inner: Rect, frame: &mut Frame<'_>) {
    let mut pen = Pen::new(frame.buffer_mut(), inner, 0);
    if help.filter.is_empty() {
        pen.write("type to search: a word, a key, a command", style::DIM);
        return;
    }
    pen.write("search: ", style::BOLD);
    let shown = text::tail(&help.filter, pen.left().saturating_sub(1)).to_owned();
    pen.write(&shown, Style::new());
    let column = inner.width - pen.left() as u16;
    frame.set_cursor_position((inner.x + column, inner.y));
}

/// Everything the help says, in lines of at most `columns`.
fn lines(app: &App, help: &Help, columns: usize) -> Vec<HelpLine> {
    let found = matching(sections(app, help.context), &help.filter);
    let plain = |text: String| (String::new(), text, Style::new());
    if found.is_empty() {
        let sentence = "Nothing mentions this; Ctrl-U clears the search.";
        return vec![plain(sentence.into())];
    }
    let mut lines: Vec<HelpLine> = Vec::new();
    for section in found {
        if !lines.is_empty() {
            lines.push(plain(String::new()));
        }
        lines.push((String::new(), section.heading, style::BOLD));
        for entry in section.entries {
            let has_keys = !entry.keys.is_empty();
            let room = if has_keys {
                columns.saturating_sub(KEYS)
            } else {
                columns
            };
            for (at, line) in text::wrap(&entry.text, room).into_iter().enumerate() {
                let keys = match (has_keys, at) {
                    (false, _) => String::new(),
                    (true, 0) => entry.keys.to_string(),
                    (true, _) => " ".into(),
                };
                lines.push((keys, line, Style::new()));
            }
        }
    }
    lines
}
