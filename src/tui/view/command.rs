//! Above the command line: what it can go on with, and what the command does.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::style;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::command_line::Candidate;
use crate::tui::app::context::Context;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::tables::complete::complete;

/// The widest that the list becomes.
const WIDTH: u16 = 100;
/// The most candidates that are shown at once.
const MOST_ROWS: usize = 12;
/// The widest column of candidates.
const WIDEST: usize = 40;

/// Draws the list, its last line just above the command line.
pub(super) fn draw(app: &App, line: Rect, buffer: &mut Buffer) {
    let Mode::Prompt(prompt) = &app.dialogs.mode else {
        return;
    };
    if app.context() != Context::Command {
        return;
    }
    let found = complete(app, &prompt.before_cursor());
    let (candidates, chosen): (&[Candidate], Option<usize>) = match &app.dialogs.command.cycle {
        Some(cycle) => (&cycle.candidates, Some(cycle.at)),
        None => (&found.candidates, None),
    };
    let width = line.width.min(WIDTH);
    let columns = usize::from(width.saturating_sub(4));
    let help = found.spec.map_or_else(Vec::new, |spec| {
        let usage = text::wrap(&spec.usage(), columns);
        let rest = text::wrap(&spec.help(), columns);
        usage.into_iter().chain(rest).collect::<Vec<String>>()
    });
    let room = usize::from((line.y - line.y.min(1)).saturating_sub(2));
    let help = &help[..help.len().min(room)];
    let rows = candidates.len().min(MOST_ROWS).min(room - help.len());
    let lines = help.len() + rows;
    if lines == 0 {
        return;
    }
    let height = lines as u16 + 2;
    let at = Rect::new(line.x, line.y - height, width, height);
    let first = chosen.map_or(0, |at| (at + 1).saturating_sub(rows));
    let below = style::shown_of(first, rows, candidates.len());
    let title = if candidates.is_empty() {
        "Command"
    } else {
        "Tab completes"
    };
    let inner = style::popup(app, (title, &below), false, at, buffer);
    for (row, text) in help.iter().enumerate() {
        Pen::new(buffer, inner, row as u16).write(text, style::BOLD);
    }
    let name = candidates.iter().map(|c| text::width(&c.text)).max();
    let name = name.unwrap_or(0).min(WIDEST);
    let shown = candidates.iter().enumerate().skip(first).take(rows);
    for (row, (at, candidate)) in shown.enumerate() {
        let mut pen = Pen::new(buffer, inner, (help.len() + row) as u16);
        pen.left_in(name, &candidate.text, style::focus(app.palette));
        pen.skip(2);
        let room = pen.left();
        pen.write(&text::cut(&candidate.note, room), Style::new());
        if chosen == Some(at) {
            pen.restyle(style::CURSOR);
        }
    }
}
