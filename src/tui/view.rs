//! The screen: a function of the state, drawn into ratatui's buffer.
//!
//! ```text
//!  disentangle · retina5   1600 × 64 · 5 classes     perplexity 30  iter 412/750  KL 1.284 …
//! ╭ map (t-SNE) ──────────────────────────╮ Reading │ Classes │ Separation │ Pairs │ …
//! │        ⢀⣠⣶⣿⣷⣦⡀      ⣠⣴⣶⣦⡀             │╭ Classes ───────────────────────────────────────────╮
//! │       ⣾⣿⣿⣿⣿⣿⣷      ⣾⣿⣿⣿⣿⣷             ││ class     n   silhouette    10-NN same   mixes with  │
//! ╰───────────────────────────────────────╯╰────────────────────────────────────────────────────╯
//!  perplexity   5  10  20 [30] 50  100     KL ▇▅▃▂▁▁ 1.284
//!  saved map to retina5-p30.npy
//!  space pause  [ ] perplexity  Tab panel  ? help  q quit
//! ```
//! Nothing here changes the state. The diagnosis computes all numbers; here they are only written
//! down.

mod command;
mod divergence;
mod help;
mod lines;
mod map;
mod menu;
mod multiples;
mod names;
mod overlay;
mod panel;
mod pen;
mod style;
mod table;
mod tabs;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::app::App;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::layout::{Layout, SMALLEST};

/// Draws the state.
pub(crate) fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    match app.layout(area) {
        Some(screen) => {
            draw_screen(app, &screen, frame);
            // On the map, what is not selected is dim.
            let map = app.map_cells(&screen);
            style::undim(app.palette, area, map, frame.buffer_mut());
        }
        None => draw_too_small(area, frame),
    }
}

fn draw_screen(app: &App, screen: &Layout, frame: &mut Frame<'_>) {
    lines::title(app, screen.title, frame.buffer_mut());
    if screen.map.is_some() {
        map::draw(app, screen, frame.buffer_mut());
        multiples::draw(app, screen, frame.buffer_mut());
    }
    if let Some(line) = screen.tabs {
        tabs::draw(app, screen, line, frame.buffer_mut());
    }
    for (panel, rect) in &screen.panels {
        panel::draw(app, *panel, *rect, frame.buffer_mut());
    }
    if let Some(rect) = screen.filler {
        divergence::draw(app, rect, frame.buffer_mut());
    }
    if let Some(status) = screen.status {
        lines::status(app, status, frame.buffer_mut());
    }
    let above = lines::message(app, screen.message, frame);
    lines::footer(app, screen.footer, frame.buffer_mut());
    let line = Rect {
        y: screen.message.y - above,
        ..screen.message
    };
    command::draw(app, line, frame.buffer_mut());
    if app.dialogs.mode == Mode::Menu {
        menu::draw(app, frame);
    }
    if let Mode::Help(help) = &app.dialogs.mode {
        let body = Rect {
            height: frame.area().height - 1,
            ..frame.area()
        };
        help::draw(app, help, body, frame);
    }
}

/// Says what size is needed; what the program does goes on meanwhile.
fn draw_too_small(area: Rect, frame: &mut Frame<'_>) {
    let text = format!(
        "disentangle needs at least {}×{}, has {}×{}; q quits",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}
