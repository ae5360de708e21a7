//! The screen without a terminal, for `benches/frames.rs`.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::layout::Size;

use super::KeyBindings;
use super::app::App;
use super::app::action::Message;
use super::app::ladder::DEFAULT_LADDER;
use super::app::update::update;
use super::terminal::input::Key;
use super::terminal::wire::{Content, Wire};
use super::view;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::palette::{ColorDepth, Palette};
use crate::run::Snapshot;

/// A screen that draws into memory.
pub struct Frames {
    app: App,
    terminal: Terminal<Wire>,
    snapshot: Snapshot,
    diagnosis: Option<Arc<Diagnosis>>,
}

impl Frames {
    /// The screen of this size on a snapshot.
    pub fn new(
        data: Arc<Dataset>,
        snapshot: Snapshot,
        diagnosis: Option<Arc<Diagnosis>>,
        (columns, rows): (u16, u16),
    ) -> Self {
        let mut wire = Wire::default();
        wire.resize(Size::new(columns, rows));
        let terminal = Terminal::new(wire).expect("writing to memory cannot fail");
        let palette = Palette::new(ColorDepth::True);
        let first = Arc::new(snapshot.clone());
        let keymap = KeyBindings::default().keymap();
        let mut app = App::new(data, first, palette, &DEFAULT_LADDER, 10, keymap);
        app.size = (columns, rows);
        let mut frames = Self {
            app,
            terminal,
            snapshot,
            diagnosis,
        };
        let positions = Arc::clone(&frames.snapshot.positions);
        frames.draw(positions);
        frames
    }

    /// Presses the keys of some letters.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            update(&mut self.app, Message::Key(Key::Char(key)));
        }
    }

    /// Takes in a snapshot with other positions, draws the screen, and answers with the bytes that a
    /// terminal would get.
    pub fn draw(&mut self, positions: Arc<[[f32; 2]]>) -> String {
        self.snapshot.positions = positions;
        self.snapshot.sequence += 1;
        let snapshot = Arc::new(self.snapshot.clone());
        update(
            &mut self.app,
            Message::News(snapshot, self.diagnosis.clone()),
        );
        let app = &self.app;
        self.terminal
            .draw(|frame| view::draw(app, frame))
            .expect("writing to memory cannot fail");
        self.terminal.backend_mut().take(usize::MAX, Content::All)
    }
}
