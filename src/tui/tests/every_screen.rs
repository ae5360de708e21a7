//! Every kind of screen at every size, with and without color, and a few pictures to look at.
//!
//! What a screen has to show is asserted beside what it is about; here every state is drawn at all
//! sizes, and each panel is pictured twice: beside the map, and on the whole screen.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::palette::{ColorDepth, Palette};
use crate::picture::Glyphs;
use crate::run::Activity;
use crate::tui::app::action::Compared;
use crate::tui::app::context::Context;

/// What people have, what nobody should, and what is in between.
const SIZES: [(u16, u16); 6] = [(80, 24), (200, 50), (120, 40), (60, 40), (40, 12), (20, 6)];

/// The fake screen at a size, after these keys.
fn after(mut app: App, (columns, rows): (u16, u16), keys: &str) -> App {
    app.size = (columns, rows);
    for part in keys.split_inclusive(['⏎', '⇥']) {
        type_in(&mut app, part.trim_end_matches(['⏎', '⇥']));
        match part.chars().last() {
            Some('⏎') => press(&mut app, &[Key::Enter]),
            Some('⇥') => press(&mut app, &[Key::Tab]),
            _ => Vec::new(),
        };
    }
    app
}

/// A state that has something to show in a panel.
fn with_panel(panel: Panel) -> App {
    let mut app = match panel {
        Panel::Sample | Panel::Selection => fake::choosing(),
        _ => fake::app(),
    };
    if panel == Panel::Models {
        app.run.compared = Compared::Ready(fake::comparison());
    }
    app.panels.chosen = panel;
    app.panels.on_map = false;
    app
}

/// All states, each with the keys that lead to it.
fn states() -> Vec<(App, String)> {
    let mut failed = fake::app();
    Arc::make_mut(&mut failed.run.snapshot).activity = Activity::Failed("out of memory".into());
    let mut hint = fake::app();
    hint.dialogs.hints = true;
    let mut states = vec![
        (fake::app(), ""),
        (fake::app(), "++"),
        (fake::preparing(), ""),
        (fake::unlabeled(), ""),
        (fake::app_with_classes(100), ""),
        (fake::choosing(), ""),
        (fake::choosing(), "bLLLLLLJJJ"),
        (failed, ""),
        (hint, ""),
        (multiples::app(), "|"),
        (multiples::app(), "||"),
        (multiples::study(), "||"),
        (fake::app(), "?"),
        (fake::app(), "?relabel"),
        (fake::app(), "cj⏎"),
        (fake::app(), "px⏎"),
        (fake::app(), ":"),
        (fake::app(), ":select class ⇥⇥"),
        (fake::app(), ":perplexity 9999⏎"),
    ]
    .into_iter()
    .map(|(app, keys)| (app, keys.to_owned()))
    .collect::<Vec<_>>();
    for coloring in fake::app().coloring_names() {
        states.push((fake::app(), format!(":color {coloring}⏎")));
    }
    for glyphs in Glyphs::ALL {
        states.push((fake::app(), format!(":glyphs {}⏎", glyphs.name())));
    }
    for panel in PANELS {
        let mut zoomed = with_panel(*panel);
        zoomed.panels.zoomed = true;
        states.push((with_panel(*panel), String::new()));
        states.push((zoomed, String::new()));
        for mut other in [
            fake::preparing(),
            fake::unlabeled(),
            fake::app_with_classes(100),
        ] {
            other.panels.chosen = *panel;
            other.panels.on_map = false;
            states.push((other, String::new()));
        }
    }
    states
}

#[test]
fn every_state_can_be_drawn_at_every_size_and_without_color() {
    for (app, keys) in states() {
        for size in SIZES {
            let mut app = after(app.clone(), size, &keys);
            screen(&app, size.0, size.1);
            app.palette = Palette::new(ColorDepth::None);
            let plain = buffer(&app, size.0, size.1);
            let is_plain = |c: Color| c == Color::Reset;
            let cells = plain.content().iter();
            let colored = cells.filter(|cell| !is_plain(cell.fg) || !is_plain(cell.bg));
            assert_eq!(colored.count(), 0, "{keys:?} at {size:?}");
        }
    }
}

#[test]
fn each_panel_beside_the_map_and_alone_and_its_keys() {
    for panel in PANELS {
        let app = with_panel(*panel);
        let mut pictures = picture_of(&app, *panel, (80, 24));
        let mut alone = app.clone();
        alone.panels.zoomed = true;
        pictures.push('\n');
        pictures.push_str(&picture_of(&alone, *panel, (120, 30)));
        pictures.push_str(&every_key::effects(Context::Of(*panel)));
        insta::assert_snapshot!(panel.label().to_lowercase(), pictures);
    }
}

/// A panel as it stands on a screen of a size, without empty lines at its end.
fn picture_of(app: &App, panel: Panel, size: (u16, u16)) -> String {
    let mut app = app.clone();
    app.size = size;
    let area = app.current_layout().unwrap().panel(panel).unwrap();
    let text = text_of(&buffer(&app, size.0, size.1), area);
    let lines: Vec<&str> = text.lines().collect();
    let is_empty = |line: &&&str| line.trim_matches(['│', ' ']).is_empty();
    let empty = lines[..lines.len() - 1]
        .iter()
        .rev()
        .take_while(is_empty)
        .count();
    let kept = lines.len() - 1 - empty;
    let shown = lines[..kept].iter().chain(&lines[lines.len() - 1..]);
    shown.fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn the_whole_screen_with_its_looks() {
    let app = after(fake::app(), (80, 24), "");
    let buffer = without_tabs(&app);
    let text = text_of(&buffer, buffer.area);
    insta::assert_snapshot!("screen", format!("{text}\n{}", looks(&buffer)));
}

#[test]
fn the_map_in_other_states() {
    let size = (60, 14);
    let mut pictures = String::new();
    for (app, keys) in [
        (fake::preparing(), ""),
        (fake::unlabeled(), ""),
        (fake::choosing(), ""),
        (fake::choosing(), "bLLLLLLJJJ"),
        (fake::app(), ":color mixing⏎"),
        (fake::app(), ":glyphs ascii⏎"),
    ] {
        let mut app = after(app, size, keys);
        app.panels.on_map = true;
        let buffer = without_tabs(&app);
        let picture = text_of(&buffer, buffer.area);
        let _ = writeln!(pictures, "{keys}\n{picture}");
    }
    insta::assert_snapshot!("map", pictures);
    let maps = after(multiples::app(), (100, 24), "||");
    insta::assert_snapshot!("several_maps", screen(&maps, 100, 24));
}

/// The screen at the app's size without its tabs, which change with every new panel.
fn without_tabs(app: &App) -> Buffer {
    let mut buffer = buffer(app, app.size.0, app.size.1);
    if let Some(tabs) = app.current_layout().and_then(|layout| layout.tabs) {
        for position in tabs.positions() {
            buffer[position].reset();
        }
    }
    buffer
}

#[test]
fn what_lies_over_the_screen() {
    let mut pictures = String::new();
    for (keys, rows) in [
        ("?", 16),
        ("?relabel", 10),
        ("px⏎", 2),
        (":select class ⇥⇥", 9),
    ] {
        let app = after(fake::app(), (80, 24), keys);
        let area = match keys {
            "?" | "?relabel" => Rect::new(0, 0, 80, rows),
            _ => Rect::new(0, 24 - rows, 80, rows),
        };
        let text = text_of(&buffer(&app, 80, 24), area);
        let _ = writeln!(pictures, "{keys}\n{text}");
    }
    insta::assert_snapshot!("dialogs", pictures);
}

#[test]
fn colorings_say_what_the_colors_mean() {
    for coloring in fake::app().coloring_names() {
        let app = after(fake::app(), (200, 50), &format!(":color {coloring}⏎"));
        let text = screen(&app, 200, 50);
        assert!(text.contains("colors: "), "{coloring}: {text}");
    }
}

/// Letters of looks, in the order of their first use.
const LETTERS: &str = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn look(style: Style) -> String {
    let mut parts = Vec::new();
    for (word, color) in [("", style.fg), ("on ", style.bg)] {
        match color {
            None | Some(Color::Reset) => {}
            Some(Color::Rgb(red, green, blue)) => {
                parts.push(format!("{word}#{red:02x}{green:02x}{blue:02x}"));
            }
            Some(other) => parts.push(format!("{word}{other:?}").to_lowercase()),
        }
    }
    parts.extend(
        style
            .add_modifier
            .iter_names()
            .map(|(name, _)| name.to_lowercase()),
    );
    if parts.is_empty() {
        "plain".into()
    } else {
        parts.join(" ")
    }
}

/// Which cells have which look: the looks, each with a letter, and each line as runs of letters.
fn looks(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let mut known: Vec<String> = vec!["plain".into()];
    let mut lines = String::new();
    for y in 0..rows {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..columns {
            let cell = &buffer[(x, y)];
            // The color of a space cannot be seen, unless the cell is reversed or underlined.
            let seen = Modifier::REVERSED | Modifier::UNDERLINED;
            let style = if cell.symbol() == " " && !cell.modifier.intersects(seen) {
                Style::new().bg(cell.bg)
            } else {
                cell.style()
            };
            let look = look(style);
            let at = known.iter().position(|k| *k == look).unwrap_or(known.len());
            if at == known.len() {
                known.push(look);
            }
            match runs.last_mut() {
                Some((last, length)) if *last == at => *length += 1,
                _ => runs.push((at, 1)),
            }
        }
        for (at, length) in runs {
            let letter = LETTERS.chars().nth(at).expect("more looks than letters");
            let _ = match length {
                1 => write!(lines, "{letter}"),
                _ => write!(lines, "{length}{letter} "),
            };
        }
        lines.push('\n');
    }
    let named = LETTERS.chars().zip(&known);
    let named = named.map(|(letter, look)| format!("{letter} {look}\n"));
    named.collect::<String>() + &lines
}
