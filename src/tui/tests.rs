//! The screen without a terminal: states are built, messages sent, screens compared.

pub(crate) mod fake;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::App;
use super::view;

/// The screen as text.
pub(crate) fn screen(app: &App, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view::draw(app, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn show() {
    let (w, h) = std::env::var("SHOW")
        .ok()
        .and_then(|s| {
            let (a, b) = s.split_once('x')?;
            Some((a.parse().ok()?, b.parse().ok()?))
        })
        .unwrap_or((80, 24));
    for mut app in [
        fake::app(),
        fake::preparing(),
        fake::app_with_classes(10),
        fake::unlabeled(),
    ] {
        app.size = (w, h);
        println!("{}", screen(&app, w, h));
    }
}
