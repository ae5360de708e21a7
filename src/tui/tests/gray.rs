//! Many classes: what is gray, what is lit, and that color and mark tell the rest apart.

use std::collections::HashSet;

use super::*;
use crate::picture::Glyphs;
use crate::tui::app::panels::Panel;

/// The colors and marks of the map's cells at 200 × 50, without the names.
fn looks(app: &App) -> HashSet<(ratatui::style::Color, String)> {
    let buffer = buffer(app, 200, 50);
    let layout = app.current_layout().unwrap();
    let cells = app.map_cells(&layout).unwrap();
    let all = cells.positions().map(|at| &buffer[at]);
    let marks = all.filter(|cell| "●▲■◆○△□◇".contains(cell.symbol()));
    marks
        .map(|cell| (cell.fg, cell.symbol().to_owned()))
        .collect()
}

fn sized(mut app: App) -> App {
    app.map.names.wanted = Some(false);
    update(&mut app, Message::Resize(200, 50));
    app
}

#[test]
fn of_26_classes_those_whose_color_repeats_have_marks_of_their_own() {
    let app = sized(fake::app_with_classes(26));
    let triangles = looks(&app).into_iter().filter(|(_, mark)| mark == "▲");
    assert_eq!(triangles.count(), 6);
    assert!(app.map.grayed.is_none());
}

#[test]
fn a_hundred_equal_classes_keep_their_looks_and_the_one_under_the_cursor_is_lit() {
    let mut app = sized(fake::app_with_classes(100));
    assert!(app.map.grayed.is_none());
    let all = looks(&app).len();
    assert!(all > 60, "{all}");
    app.panels.chosen = Panel::Classes;
    app.panels.on_map = false;
    update(&mut app, Message::Resize(200, 50));
    let first = app.lit_class();
    assert_eq!(first, Some(0));
    let gray = app.palette.color(crate::dataset::UNLABELED);
    let color = app.palette.color(0);
    let text = screen(&app, 200, 50);
    assert!(
        text.contains(&format!("{} in color", app.entry_name(0))),
        "{text}"
    );
    let buffer = buffer(&app, 200, 50);
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    let of = |wanted: Option<crate::palette::Color>| {
        let (red, green, blue) = wanted.unwrap().rgb();
        let wanted = ratatui::style::Color::Rgb(red, green, blue);
        cells
            .positions()
            .filter(|at| buffer[*at].fg == wanted && buffer[*at].symbol() != " ")
            .count()
    };
    // Its 16 samples lie on top, and its name stands on the map.
    assert!(
        (8..=40).contains(&of(color)) && of(gray) > 200,
        "{} {}",
        of(color),
        of(gray)
    );
    assert_eq!(app.names_in(app.map_area().unwrap()).len(), 1);
    press(&mut app, &[Key::Down]);
    assert_eq!(app.lit_class(), Some(1));
    app.panels.on_map = true;
    update(&mut app, Message::Resize(200, 50));
    assert!(app.map.grayed.is_none());
}

#[test]
fn of_many_classes_hidden_ones_are_gray_and_of_few_they_are_gone() {
    let mut app = sized(fake::app_with_classes(50));
    app.samples.shown[3] = false;
    update(&mut app, Message::Resize(200, 50));
    assert!(app.map.grayed.as_ref().unwrap().is_gray[3]);
    assert!(screen(&app, 200, 50).contains("hidden ones in gray"));
    let mut app = sized(fake::app_with_classes(26));
    app.samples.shown[3] = false;
    update(&mut app, Message::Resize(200, 50));
    assert!(app.map.grayed.is_none());
}

#[test]
fn letters_have_their_legend() {
    let mut app = sized(fake::app());
    app.map.look.glyphs = Glyphs::Letters;
    let text = screen(&app, 200, 50);
    for (letter, name) in [('a', "none"), ('b', "mild"), ('e', "proliferative")] {
        assert!(text.contains(&format!("{letter} {name}")), "{text}");
    }
    app.panels.chosen = Panel::Suspects;
    app.panels.zoomed = true;
    app.panels.on_map = true;
    update(&mut app, Message::Resize(80, 24));
    assert!(screen(&app, 80, 24).contains("a none  b mild"));
}
