//! Every screen at 80×24 and 200×50, with and without color, looks included.
//!
//! A snapshot holds the text; the looks in use, each with a letter; for each line the letters of its
//! cells as runs; and then the same without color, of the text only the lines that differ.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::palette::{ColorDepth, Palette};
use crate::picture::Glyphs;
use crate::run::Activity;
use crate::tui::session::comparing::Compared;

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

/// Letters of looks, in the order of their first use.
const LETTERS: &str = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&*+-/:;<=>?@^~";

/// A color as people write it.
fn color(color: Color) -> String {
    match color {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn look(style: Style) -> String {
    let mut parts = Vec::new();
    let is_set = |c: &Color| *c != Color::Reset;
    if let Some(ink) = style.fg.filter(is_set) {
        parts.push(color(ink));
    }
    if let Some(ground) = style.bg.filter(is_set) {
        parts.push(format!("on {}", color(ground)));
    }
    for (name, _) in style.add_modifier.iter_names() {
        parts.push(name.to_lowercase());
    }
    if parts.is_empty() {
        parts.push("plain".into());
    }
    parts.join(" ")
}

/// Which cells have which look.
fn looks(app: &App, columns: u16, rows: u16) -> String {
    let buffer = buffer(app, columns, rows);
    let mut known: Vec<String> = vec!["plain".into()];
    let mut lines = String::new();
    for y in 0..rows {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..columns {
            let cell = &buffer[(x, y)];
            // The color of nothing cannot be seen, unless the cell is reversed or underlined.
            let seen = Modifier::REVERSED | Modifier::UNDERLINED;
            let mut style = cell.style();
            if cell.symbol() == " " && !cell.modifier.intersects(seen) {
                style = Style::new().bg(cell.bg);
            }
            let look = look(style);
            let at = known.iter().position(|k| *k == look);
            let at = at.unwrap_or_else(|| {
                known.push(look);
                known.len() - 1
            });
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
    let mut text = String::new();
    for (letter, look) in LETTERS.chars().zip(&known) {
        let _ = writeln!(text, "{letter} {look}");
    }
    text + &lines
}

/// Compares a screen at both sizes with what it was.
fn compare(name: &str, make: impl Fn((u16, u16)) -> App) {
    for size in SIZES {
        let (columns, rows) = size;
        let mut app = make(size);
        app.size = size;
        let text = screen(&app, columns, rows);
        let mut all = format!("{text}\nwith color\n{}", looks(&app, columns, rows));
        app.palette = Palette::new(ColorDepth::None);
        let plain = screen(&app, columns, rows);
        all.push_str("\nwithout color\n");
        for (y, (line, colored)) in plain.lines().zip(text.lines()).enumerate() {
            if line != colored {
                let _ = writeln!(all, "{y}:{line}");
            }
        }
        let without = looks(&app, columns, rows);
        let heading: Vec<&str> = without
            .lines()
            .take_while(|l| l.get(1..2) == Some(" "))
            .collect();
        assert!(
            !heading
                .iter()
                .any(|l| l.contains('#') || l.contains("indexed")),
            "{name}: {heading:?}"
        );
        all.push_str(&without);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), all);
    }
}

/// The fake screen at a size, after these keys.
fn after(app: App, keys: &str) -> impl Fn((u16, u16)) -> App {
    let keys = keys.to_owned();
    move |size| {
        let mut app = app.clone();
        app.size = size;
        for part in keys.split_inclusive(['⏎', '⇥']) {
            let typed = part.trim_end_matches(['⏎', '⇥']);
            type_in(&mut app, typed);
            match part.chars().last() {
                Some('⏎') => press(&mut app, &[Key::Enter]),
                Some('⇥') => press(&mut app, &[Key::Tab]),
                _ => Vec::new(),
            };
        }
        app
    }
}

#[test]
fn the_map() {
    compare("map_running", after(fake::app(), ""));
    compare("map_preparing", after(fake::preparing(), ""));
    compare("map_unlabeled", after(fake::unlabeled(), ""));
    compare(
        "map_hundred_classes",
        after(fake::app_with_classes(100), ""),
    );
    compare("map_selection", after(fake::choosing(), ""));
    compare("map_box", after(fake::choosing(), "bLLLLLLJJJ"));
    compare("map_zoomed", after(fake::app(), "++"));
    let mut app = fake::app();
    Arc::make_mut(&mut app.run.snapshot).activity = Activity::Failed("out of memory".into());
    compare("map_failed", after(app, ""));
    let mut app = fake::app();
    app.dialogs.hints = true;
    compare("map_hint", after(app, ""));
}

#[test]
fn the_map_in_every_coloring_and_glyph() {
    for coloring in fake::app().coloring_names() {
        let keys = format!(":color {coloring}⏎");
        let name = format!("coloring_{}", coloring.replace(' ', "_"));
        compare(&name, after(fake::app(), &keys));
    }
    for glyphs in Glyphs::ALL {
        let keys = format!(":glyphs {}⏎", glyphs.name());
        compare(
            &format!("glyphs_{}", glyphs.name().replace('-', "_")),
            after(fake::app(), &keys),
        );
    }
}

#[test]
fn the_panels() {
    for entry in PANELS {
        let mut app = match *entry {
            Panel::Sample | Panel::Selection => fake::choosing(),
            _ => fake::app(),
        };
        if *entry == Panel::Models {
            app.run.compared = Compared::Ready(fake::comparison());
        }
        app.panels.chosen = *entry;
        app.panels.on_map = false;
        let name = format!("panel_{}", entry.label().to_lowercase());
        compare(&name, after(app.clone(), ""));
        app.panels.zoomed = true;
        compare(&format!("{name}_zoomed"), after(app, ""));
    }
}

#[test]
fn what_lies_over_the_screen() {
    compare("help", after(fake::app(), "?"));
    compare("help_search", after(fake::app(), "?relabel"));
    compare("legend", after(fake::app(), "cj⏎"));
    compare("prompt", after(fake::app(), "px⏎"));
    compare("command", after(fake::app(), ":"));
    compare("command_classes", after(fake::app(), ":select class ⇥⇥"));
    compare("command_problem", after(fake::app(), ":perplexity 9999⏎"));
}

#[test]
fn several_maps() {
    let maps = multiples::app();
    compare("maps_2", after(maps.clone(), "|"));
    compare("maps_4", after(maps, "||"));
    compare("maps_of_sets", after(multiples::study(), "||"));
}
