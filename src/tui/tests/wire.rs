//! What goes over the wire shows on a terminal what was drawn, however it is cut.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::style::{Color, Modifier};

use super::*;
use crate::palette::{ColorDepth, Palette};
use crate::picture::{Coloring, Glyphs};
use crate::tui::wire::Wire;

/// A terminal on which the app is drawn over the wire.
struct Wired {
    terminal: Terminal<Wire>,
    shown: vt100::Parser,
    bytes: String,
}

impl Wired {
    fn new(columns: u16, rows: u16) -> Self {
        let mut wire = Wire::default();
        wire.resize((columns, rows).into());
        let Ok(terminal) = Terminal::new(wire);
        let size = |n| std::num::NonZero::new(n).unwrap();
        Self {
            terminal,
            shown: vt100::Parser::new(size(rows), size(columns), 0),
            bytes: String::new(),
        }
    }

    fn draw(&mut self, app: &App) {
        let Ok(_) = self.terminal.draw(|frame| view::draw(app, frame));
    }

    /// Sends about so many bytes; returns how many it were.
    fn send(&mut self, largest: usize) -> usize {
        let bytes = self.terminal.backend_mut().take(largest);
        self.shown.process(bytes.as_bytes());
        self.bytes.push_str(&bytes);
        bytes.len()
    }

    fn send_all(&mut self, largest: usize) {
        while self.terminal.backend().is_behind() {
            self.send(largest);
        }
    }

    fn assert_shows(&self, app: &App) {
        let size = self.terminal.backend().size_now();
        let wanted = buffer(app, size.width, size.height);
        let screen = self.shown.screen();
        for y in 0..size.height {
            let mut covered = 0;
            for x in 0..size.width {
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                let (wanted, shown) = (&wanted[(x, y)], screen.cell(y, x).unwrap());
                covered = crate::tui::text::width(wanted.symbol()).saturating_sub(1);
                let contents = match shown.contents() {
                    "" => " ",
                    contents => contents,
                };
                assert_eq!(contents, wanted.symbol(), "at {x}, {y}");
                let modifiers = wanted.modifier;
                // The parser knows one of bold and dim at a time; a space shows neither.
                if wanted.symbol() != " " && !modifiers.contains(Modifier::DIM) {
                    let bold = modifiers.contains(Modifier::BOLD);
                    assert_eq!(shown.bold(), bold, "at {x}, {y}");
                }
                let reversed = modifiers.contains(Modifier::REVERSED);
                assert_eq!(shown.inverse(), reversed, "at {x}, {y}");
                // The color of a space is not seen.
                if wanted.symbol() != " " {
                    assert_eq!(shown.fgcolor(), color(wanted.fg), "at {x}, {y}");
                }
                assert_eq!(shown.bgcolor(), color(wanted.bg), "at {x}, {y}");
            }
        }
    }
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::Green => vt100::Color::Idx(2),
        Color::Yellow => vt100::Color::Idx(3),
        Color::Cyan => vt100::Color::Idx(6),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => panic!("{other:?} is not used"),
    }
}

fn hostile() -> App {
    let mut names = [
        "\u{1b}[31mred\u{1b}[2J\u{1b}]0;evil\u{7}",
        "\u{202e}gnitirw\u{2066}\u{200b}\u{feff}",
        "猫のクラス分類の結果",
        "e\u{301}\u{301}\u{301}\u{301}👩\u{200d}🔬👍🏽 team",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    names[4] = "long\u{9b}31m".repeat(2500);
    fake::app_of(names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_terminal_shows_what_was_drawn_however_it_is_cut(
        keys in prop::collection::vec("[vVgC+?c1 ]", 1..6),
        largest in prop::collection::vec(200..5000usize, 6),
        hostile_names in any::<bool>(),
        depth in prop::sample::select(vec![ColorDepth::None, ColorDepth::Sixteen, ColorDepth::True]),
    ) {
        let mut app = if hostile_names { hostile() } else { fake::app() };
        app.palette = Palette::new(depth);
        app.size = (90, 26);
        let mut wired = Wired::new(90, 26);
        for (key, largest) in keys.iter().zip(largest) {
            wired.draw(&app);
            // A part of a frame, then another frame over it.
            wired.send(largest);
            type_in(&mut app, key);
        }
        wired.draw(&app);
        wired.send_all(700);
        wired.assert_shows(&app);
        prop_assert_eq!(wired.send(usize::MAX), 0);
    }
}

#[test]
fn no_name_reaches_the_terminal_raw_in_any_panel() {
    let app = hostile();
    for (columns, rows) in [(80, 24), (200, 50), (40, 12)] {
        let mut app = app.clone();
        app.size = (columns, rows);
        let mut wired = Wired::new(columns, rows);
        for _ in 0..12 {
            press(&mut app, &[Key::Tab]);
            for key in ["", "v", "?"] {
                type_in(&mut app, key);
                wired.draw(&app);
                wired.send_all(usize::MAX);
                wired.assert_shows(&app);
            }
            press(&mut app, &[Key::Esc]);
        }
        for sequence in wired.bytes.split('\u{1b}').skip(1) {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (body, last) = (&sequence[1..end], &sequence[end..=end]);
            assert!(
                sequence.starts_with('[') && "mHCKXJlh".contains(last),
                "{sequence:?}"
            );
            assert!(
                body.chars().all(|c| c.is_ascii_digit() || ";?".contains(c)),
                "{body:?}"
            );
        }
        let text = wired.bytes.replace('\u{1b}', "");
        for c in text.chars() {
            let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
            assert!(!c.is_control() && !hidden, "{c:?}");
        }
    }
}

#[test]
fn text_goes_first_and_the_map_follows() {
    let mut app = fake::app();
    app.size = (120, 40);
    let mut wired = Wired::new(120, 40);
    wired.draw(&app);
    wired.send_all(usize::MAX);
    type_in(&mut app, "+");
    press(&mut app, &[Key::Char('?')]);
    wired.draw(&app);
    wired.send(900);
    assert!(wired.terminal.backend().is_behind());
    let shown = wired.shown.screen().contents();
    assert!(shown.contains(" Keys "), "{shown}");
    // What is left is sent as it is then, not as it was.
    press(&mut app, &[Key::Esc]);
    wired.draw(&app);
    wired.send_all(900);
    wired.assert_shows(&app);
}

#[test]
fn a_moved_map_costs_few_bytes_per_cell() {
    let mut app = fake::app();
    app.size = (200, 50);
    let mut wired = Wired::new(200, 50);
    wired.draw(&app);
    wired.send_all(usize::MAX);
    let before = buffer(&app, 200, 50);
    type_in(&mut app, "l");
    app.notice = None;
    wired.draw(&app);
    let bytes = wired.send(usize::MAX);
    let after = buffer(&app, 200, 50);
    let changed = before
        .content()
        .iter()
        .zip(after.content())
        .filter(|(a, b)| a != b)
        .count();
    assert!(changed > 300, "{changed}");
    assert!(bytes < 9 * changed, "{bytes} bytes for {changed} cells");
}

#[test]
fn every_look_of_the_map_goes_through() {
    for glyphs in Glyphs::ALL {
        for coloring in [Coloring::Class, Coloring::Mixing, Coloring::Density] {
            for depth in [ColorDepth::None, ColorDepth::Indexed, ColorDepth::True] {
                let mut app = fake::app();
                app.size = (80, 24);
                app.palette = Palette::new(depth);
                app.look.glyphs = glyphs;
                app.look.coloring = coloring;
                let mut wired = Wired::new(80, 24);
                wired.draw(&app);
                wired.send_all(1500);
                wired.assert_shows(&app);
            }
        }
    }
}
