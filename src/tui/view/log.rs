//! The panel of all messages and remarks: first what is to be known about data and run, then what
//! was said since the start, the newest last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::tui::app::App;
use crate::tui::app::panels::Panel;
use crate::tui::text;

/// All lines, wrapped to the width of the panel.
fn lines(app: &App, area: Rect) -> Vec<(String, Style)> {
    let columns = usize::from(area.width.saturating_sub(2)).max(8);
    let mut lines = Vec::new();
    let remarks = app.remarks();
    let remarks = remarks.iter().map(|r| ("· ", r.as_str(), Style::new()));
    let said = app.messages.log.iter().map(|notice| {
        let look = if notice.is_problem {
            style::problem(app.palette)
        } else {
            Style::new()
        };
        let mark = if notice.is_problem { "✗ " } else { "› " };
        (mark, notice.text.as_str(), look)
    });
    for (mark, sentence, look) in remarks.chain(said) {
        for (i, line) in text::wrap(sentence, columns - 2).into_iter().enumerate() {
            let mark = if i == 0 { mark } else { "  " };
            lines.push((format!("{mark}{line}"), look));
        }
    }
    lines
}

/// Lines in this panel.
pub(crate) fn rows(app: &App, area: Rect) -> usize {
    lines(app, area).len()
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let lines = lines(app, area);
    let fitting = usize::from(area.height.saturating_sub(Panel::Log.entry().overhead));
    // The newest is what matters until somebody looks further back.
    let first = if app.is_focused(Panel::Log) {
        app.state(Panel::Log).first_of(lines.len(), fitting)
    } else {
        lines.len().saturating_sub(fitting)
    };
    let below = style::shown_of(first, fitting, lines.len());
    let title = ("Log · remarks and messages", below.as_str());
    let inner = style::frame(app, title, app.is_focused(Panel::Log), area, buffer);
    if lines.is_empty() {
        Pen::new(buffer, inner, 0).write("nothing to remark so far", style::DIM);
    }
    for (row, (line, look)) in lines.iter().skip(first).take(fitting).enumerate() {
        Pen::new(buffer, inner, row as u16).write(line, *look);
    }
}
