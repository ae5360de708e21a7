//! The line of tabs: which panels there are, which one is chosen, which are shown beside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::pen::Pen;
use super::style;
use crate::tui::app::App;
use crate::tui::app::layout::Layout;
use crate::tui::app::panels::tabs::{self, Leads};

/// Draws the line. The chosen tab is reversed while it has the focus, so that it shows without
/// color, too.
pub(super) fn draw(app: &App, screen: &Layout, line: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, line, 0);
    let apart = match tabs::between(usize::from(line.width.saturating_sub(2))) {
        1 => "│",
        _ => " │ ",
    };
    for (at, tab) in app.tabs(screen).into_iter().enumerate() {
        pen.write(if at == 0 { " " } else { apart }, style::DIM);
        pen.write(
            &tab.leads.label(|panel| app.panel_name(panel)),
            look(app, screen, tab.leads),
        );
    }
}

fn look(app: &App, screen: &Layout, leads: Leads) -> Style {
    match leads {
        Leads::Map if app.panels.on_map => {
            style::focus(app.palette).add_modifier(Modifier::REVERSED)
        }
        Leads::Panel(panel) if app.is_focused(panel) => {
            style::focus(app.palette).add_modifier(Modifier::REVERSED)
        }
        Leads::Panel(panel) if app.panels.chosen == panel && screen.panel(panel).is_some() => {
            style::focus(app.palette)
        }
        Leads::Panel(panel) if screen.panel(panel).is_some() => style::BOLD,
        _ => style::DIM,
    }
}
