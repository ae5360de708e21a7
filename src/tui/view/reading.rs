//! The panel of the reading: what the figures say, in sentences.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Topic;
use crate::tui::app::App;
use crate::tui::app::panels::Panel;
use crate::tui::session::comparing::Compared;
use crate::tui::text;

/// All lines, wrapped to the width of the panel.
fn lines(app: &App, area: Rect) -> Vec<(String, Style)> {
    let columns = usize::from(area.width.saturating_sub(2)).max(8);
    let of_set = app.run.diagnosis.as_ref().and_then(|d| d.reading.as_ref());
    // Of a study, what its layers and models say of each other comes after what is said of the set.
    let of_study = match &app.run.compared {
        Compared::Ready(comparison) => Some(&comparison.reading),
        _ => None,
    };
    let mut lines = Vec::new();
    let readings = of_set.into_iter().chain(of_study);
    for statement in readings.flat_map(|r| &r.statements) {
        // Sentences about the map hold for the map shown, or not at all.
        if statement.topic == Topic::Map && !app.map_figures_hold() {
            continue;
        }
        let look = match statement.topic {
            Topic::NoEvidence => style::BOLD,
            Topic::Caution => style::DIM,
            _ => Style::new(),
        };
        for (i, line) in text::wrap(&statement.text, columns - 2)
            .into_iter()
            .enumerate()
        {
            let mark = if i == 0 { "· " } else { "  " };
            lines.push((format!("{mark}{line}"), look));
        }
    }
    if lines.is_empty() {
        lines.push(("Nothing can be said yet.".into(), style::DIM));
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
    let fitting = usize::from(area.height.saturating_sub(Panel::Reading.entry().overhead));
    let first = app.state(Panel::Reading).first_of(lines.len(), fitting);
    let below = style::shown_of(first, fitting, lines.len());
    let title = ("Reading · what the figures say", below.as_str());
    let inner = style::frame(app, title, app.is_focused(Panel::Reading), area, buffer);
    for (row, (line, look)) in lines.iter().skip(first).take(fitting).enumerate() {
        Pen::new(buffer, inner, row as u16).write(line, *look);
    }
}
