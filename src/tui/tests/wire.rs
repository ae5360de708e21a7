//! What is written brings a terminal to the screen that is wanted, in whatever parts it goes.

use std::num::NonZero;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::layout::Size;

use super::{buffer, fake, press, screen, type_in};
use crate::tui::app::App;
use crate::tui::app::action::Message;
use crate::tui::app::update::update;
use crate::tui::terminal::input::Key;
use crate::tui::terminal::wire::{Content, Wire};
use crate::tui::view;

const SIZE: (u16, u16) = (80, 24);

/// The program's side and the terminal's.
struct Both {
    terminal: Terminal<Wire>,
    parser: vt100::Parser,
}

impl Both {
    fn new() -> Self {
        let mut wire = Wire::default();
        wire.resize(Size::new(SIZE.0, SIZE.1));
        let nonzero = |n| NonZero::new(n).unwrap();
        Self {
            terminal: Terminal::new(wire).unwrap(),
            parser: vt100::Parser::new(nonzero(SIZE.1), nonzero(SIZE.0), 0),
        }
    }

    fn draw(&mut self, app: &App) {
        self.terminal.draw(|frame| view::draw(app, frame)).unwrap();
    }

    /// Hands on a part of what is wanted.
    fn take(&mut self, largest: usize) -> String {
        let bytes = self.terminal.backend_mut().take(largest, Content::All);
        self.parser.process(bytes.as_bytes());
        bytes
    }

    fn take_all(&mut self, largest: usize) -> usize {
        let mut parts = 0;
        while self.terminal.backend().is_behind() {
            self.take(largest);
            parts += 1;
            assert!(parts < 2000, "it never ends");
        }
        parts
    }

    fn shown(&self) -> Vec<String> {
        let lines = self.parser.screen().rows(0, SIZE.0);
        lines.map(|line| line.trim_end().to_owned()).collect()
    }
}

fn wanted(app: &App) -> Vec<String> {
    let text = screen(app, SIZE.0, SIZE.1);
    text.lines().map(str::to_owned).collect()
}

fn app() -> App {
    let mut app = fake::choosing();
    app.size = SIZE;
    app
}

#[test]
fn parts_add_up_to_the_screen() {
    for largest in [200, 400, 3000, usize::MAX] {
        let (mut both, mut app) = (Both::new(), app());
        both.draw(&app);
        let parts = both.take_all(largest);
        assert_eq!(parts > 1, largest < 10_000, "{largest}: {parts}");
        assert_eq!(both.shown(), wanted(&app));
        // Changes while parts of what was before are still to be sent.
        for keys in ["+", "V", "z", "z"] {
            type_in(&mut app, keys);
            both.draw(&app);
            both.take(largest);
        }
        both.take_all(largest);
        assert_eq!(both.shown(), wanted(&app));
    }
}

#[test]
fn text_that_is_newer_goes_first() {
    let (mut both, mut app) = (Both::new(), app());
    both.draw(&app);
    both.take(300);
    assert!(!both.shown()[22].contains("half blocks"));
    type_in(&mut app, "gg");
    both.draw(&app);
    let part = both.take(300);
    assert!(part.len() < 900, "{}", part.len());
    assert!(both.shown()[22].contains("half blocks"), "{part}");
}

#[test]
fn everything_is_written_anew_when_the_terminal_is_forgotten() {
    let (mut both, app) = (Both::new(), app());
    both.draw(&app);
    both.take_all(usize::MAX);
    both.parser.process(b"\x1b[Hsomething else");
    both.terminal.backend_mut().forget();
    assert!(both.terminal.backend().is_behind());
    both.take_all(500);
    assert_eq!(both.shown(), wanted(&app));
}

/// On a line that takes little at a time, while the whole map moves, no cell shows for longer what
/// it is no more than two frames take to be sent in full.
#[test]
fn no_part_of_the_picture_is_older_than_two_frames() {
    let (mut both, mut app) = (Both::new(), app());
    press(&mut app, &[Key::Esc]);
    both.draw(&app);
    let frame = both.take(usize::MAX).len();
    let cells = usize::from(SIZE.0) * usize::from(SIZE.1);
    let mut stale = vec![0; cells];
    let mut sent = 0;
    for step in 0..400 {
        let mut snapshot = app.run.snapshot.as_ref().clone();
        let (sine, cosine) = (step as f32 * 0.05).sin_cos();
        let turn = |p: &[f32; 2]| [p[0] * cosine - p[1] * sine, p[0] * sine + p[1] * cosine];
        snapshot.positions = fake::app()
            .run
            .snapshot
            .positions
            .iter()
            .map(turn)
            .collect();
        snapshot.sequence += 1;
        snapshot.iteration += 1;
        let diagnosis = app.run.diagnosis.clone();
        update(&mut app, Message::News(Arc::new(snapshot), diagnosis));
        both.draw(&app);
        let part = both.take(256).len();
        sent += part;
        let wanted = buffer(&app, SIZE.0, SIZE.1);
        for (at, bytes) in stale.iter_mut().enumerate() {
            let (x, y) = (at as u16 % SIZE.0, at as u16 / SIZE.0);
            let cell = both.parser.screen().cell(y, x).unwrap();
            let shown = if cell.has_contents() {
                cell.contents()
            } else {
                " "
            };
            *bytes = if shown == wanted[(x, y)].symbol() {
                0
            } else {
                *bytes + part
            };
            assert!(
                *bytes <= 2 * frame,
                "step {step}: ({x}, {y}) for {bytes} of {frame} bytes"
            );
        }
    }
    assert!(sent > 10 * frame, "{sent} of {frame}");
}

#[test]
fn text_alone_leaves_the_map_as_it_is() {
    let (mut both, mut app) = (Both::new(), fake::app());
    app.size = SIZE;
    both.draw(&app);
    both.take_all(usize::MAX);
    let before = both.shown();
    let mut snapshot = app.run.snapshot.as_ref().clone();
    snapshot.positions = snapshot.positions.iter().map(|p| [p[1], p[0]]).collect();
    snapshot.iteration += 1;
    let diagnosis = app.run.diagnosis.clone();
    update(&mut app, Message::News(Arc::new(snapshot), diagnosis));
    both.draw(&app);
    let part = both.terminal.backend_mut().take(512, Content::Text);
    both.parser.process(part.as_bytes());
    assert!(!part.is_empty() && part.len() < 512);
    let after = both.shown();
    assert_eq!(after[0], wanted(&app)[0]);
    assert_eq!(after[1..21], before[1..21]);
    assert!(both.terminal.backend().is_behind());
    // There is no other text.
    assert_eq!(both.terminal.backend_mut().take(512, Content::Text), "");
    both.take_all(usize::MAX);
    assert_eq!(both.shown(), wanted(&app));
}
