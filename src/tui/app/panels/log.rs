//! The log: remarks about data and run, then all messages since the start, the newest last.

use super::Panel;
use super::content::{Content, Role};
use super::spec::PanelSpec;
use crate::tui::app::App;

pub(super) const SPEC: PanelSpec = PanelSpec::new(
    |app| 2 + (app.messages.log.len() + app.remarks().len()).max(3),
    content,
);

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Log · messages", width);
    // The newest is shown until somebody looks further back.
    content.at_end = !app.is_focused(Panel::Log);
    for remark in app.remarks() {
        content.say_after("· ", &remark, Role::Plain);
    }
    for notice in &app.messages.log {
        let (mark, role) = if notice.is_problem {
            ("✗ ", Role::Problem)
        } else {
            ("› ", Role::Plain)
        };
        content.say_after(mark, &app.messages.shown(notice), role);
    }
    if content.notes.is_empty() {
        content.say("No messages so far.", Role::Dim);
    }
    content
}
