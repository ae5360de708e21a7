//! The list of panels with the key of each.

use ratatui::Frame;
use ratatui::style::Style;

use super::pen::Pen;
use super::style;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::panels::menu;

/// Draws the list over the screen.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    let (list, places) = menu::places(frame.area());
    style::popup(app, ("Panels", ""), true, list, frame.buffer_mut());
    for (panel, place) in places {
        let mut pen = Pen::new(frame.buffer_mut(), place, 0);
        pen.write(&panel.key().to_string(), style::focus(app.palette));
        let look = if app.panels.chosen == panel {
            style::BOLD
        } else {
            Style::new()
        };
        pen.write(&format!("  {}", text::cut(app.panel_name(panel), 12)), look);
    }
}
