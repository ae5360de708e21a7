//! The screen without a terminal: states are built, messages sent, screens compared.

mod behind;
mod choose;
pub(crate) mod clusters;
mod colors;
mod commands;
mod decide;
mod every_key;
mod every_screen;
pub(crate) mod fake;
mod flip;
mod further;
mod gray;
mod help;
mod journal;
mod keys;
mod multiples;
mod names;
mod panel_keys;
mod panels;
pub(crate) mod planted;
mod run_keys;
mod runs;
mod screens;
mod turn;
mod wire;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::app::action::{Effect, Message};
use crate::tui::app::panels::{PANELS, Panel};
use crate::tui::app::update::update;
use crate::tui::terminal::input::Key;
use crate::tui::view;

/// The screen as a buffer.
pub(crate) fn buffer(app: &App, columns: u16, rows: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view::draw(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as lines of text, without spaces at their ends.
pub(crate) fn screen(app: &App, columns: u16, rows: u16) -> String {
    text_of(&buffer(app, columns, rows), Rect::new(0, 0, columns, rows))
}

/// What the screen said last.
pub(crate) fn notice(app: &App) -> &str {
    let said = app.messages.notice.as_ref();
    said.map_or("", |notice| &notice.text)
}

/// A part of a buffer as lines of text, without spaces at their ends.
pub(crate) fn text_of(buffer: &Buffer, area: Rect) -> String {
    let mut text = String::new();
    for y in area.y..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.x..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = crate::text::width(symbol).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Presses keys; returns what they asked for.
pub(crate) fn press(app: &mut App, keys: &[Key]) -> Vec<Effect> {
    keys.iter()
        .flat_map(|key| update(app, Message::Key(*key)))
        .collect()
}

/// Goes into a panel, with Tab.
pub(crate) fn enter(app: &mut App, panel: Panel) {
    for _ in 0..=PANELS.len() {
        press(app, &[Key::Tab]);
        if app.is_focused(panel) {
            return;
        }
    }
    panic!("Tab does not lead to {}", panel.label());
}

/// Presses the keys of characters.
pub(crate) fn type_in(app: &mut App, text: &str) -> Vec<Effect> {
    let keys: Vec<Key> = text.chars().map(Key::Char).collect();
    press(app, &keys)
}
