//! The names of the classes on the map: where they are, how they come and go, and how still they stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::affinities::Affinities;
use crate::dataset::Dataset;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::palette::{ColorDepth, Palette};
use crate::raster::Area;
use crate::tsne::{Embedding, TsneParams, spectral_positions};
use crate::tui::KeyBindings;
use crate::tui::app::names::widest_that_fits;

/// The cells of the map at 80×24 as text.
fn map_of(app: &App) -> String {
    let text = screen(app, 80, 24);
    let map = text.lines().skip(1).take(20);
    map.map(|line| line.chars().take(38).collect::<String>() + "\n")
        .collect()
}

fn sized(mut app: App) -> App {
    update(&mut app, Message::Resize(80, 24));
    app
}

#[test]
fn classes_are_named_where_they_are_until_that_is_switched_off() {
    let mut app = sized(fake::app());
    let map = map_of(&app);
    for name in ["none", "mild", "moderate", "severe"] {
        assert!(map.contains(&format!(" {name} ")), "{name}: {map}");
    }
    type_in(&mut app, "Y");
    assert!(!map_of(&app).contains("mild"));
    assert!(screen(&app, 80, 24).contains("class names hidden"));
    type_in(&mut app, ":names on");
    press(&mut app, &[Key::Enter]);
    assert!(map_of(&app).contains(" mild "));
}

#[test]
fn selected_samples_do_not_cut_a_name() {
    let mut app = sized(fake::app());
    for class in 0..5 {
        app.select_entry(class);
    }
    let map = map_of(&app);
    for name in ["none", "mild", "moderate", "severe"] {
        assert!(map.contains(&format!(" {name} ")), "{name}: {map}");
    }
}

#[test]
fn a_hidden_class_has_no_name() {
    let mut app = sized(fake::app());
    type_in(&mut app, "2");
    let map = map_of(&app);
    assert!(!map.contains("mild") && map.contains("none"), "{map}");
}

#[test]
fn many_classes_are_named_if_that_is_asked_for() {
    let mut app = sized(fake::app_with_classes(40));
    assert!(app.names_in(app.map_area().unwrap()).is_empty());
    type_in(&mut app, "Y");
    assert!(!app.names_in(app.map_area().unwrap()).is_empty());
}

#[test]
fn names_are_whole_where_there_is_room_and_are_not_shown_where_they_would_hide_the_map() {
    let (wide, small) = (Area::new(68, 34), Area::new(36, 17));
    // A tenth of 2,312 cells is enough for 20 names of 11 letters, but not for 30.
    assert_eq!(widest_that_fits(wide, &[11; 20], false), 16);
    assert_eq!(widest_that_fits(wide, &[11; 30], false), 7);
    // One long name among short ones.
    let mut widths = vec![6; 25];
    widths.push(30);
    assert_eq!(widest_that_fits(wide, &widths, false), 16);
    // Of a small map, 26 names would hide a fifth even with five letters each; 22 hide less.
    assert_eq!(widest_that_fits(small, &[8; 26], false), 0);
    assert_eq!(widest_that_fits(small, &[8; 26], true), 5);
    assert_eq!(widest_that_fits(small, &[8; 22], false), 5);
    assert_eq!(widest_that_fits(small, &[1; 26], false), 12);
}

#[test]
fn the_key_shows_names_that_the_map_had_no_room_for() {
    let mut app = sized(fake::app_with_classes(26));
    let named = |app: &App| app.names_in(app.map_area().unwrap()).len();
    assert_eq!(named(&app), 0);
    type_in(&mut app, "Y");
    assert!(named(&app) > 0);
    assert!(screen(&app, 80, 24).contains("class names shown"));
    type_in(&mut app, "Y");
    assert_eq!(named(&app), 0);
}

#[test]
fn long_names_differ_and_control_characters_are_escaped() {
    let long = |end: &str| format!("a_very_long_name_of_a_class_{end}");
    let names = vec![long("one"), long("two"), "e\u{1b}[2Jvil".into()];
    let app = sized(fake::app_of(names));
    let map = map_of(&app);
    assert!(map.contains("one ") && map.contains("two "), "{map}");
    assert!(!map.contains('\u{1b}'));
}

#[test]
fn several_maps_have_their_names_too() {
    let mut app = fake::app();
    update(&mut app, Message::Resize(200, 50));
    type_in(&mut app, "|");
    let text = screen(&app, 200, 50);
    assert!(text.matches(" moderate ").count() >= 2, "{text}");
}

#[test]
fn names_hardly_move_while_a_map_forms() {
    let data = Arc::new(Dataset::load("fixtures/digits_cnn.npz").unwrap());
    let execution = Execution::default();
    let neighbors = Neighbors::find(data.features().view(), 90, &execution).unwrap();
    let affinities = Affinities::new(&neighbors, 30.0, &execution).unwrap();
    let start = spectral_positions(&affinities, 1, &execution).unwrap();
    let params = TsneParams::for_samples(data.samples());
    let mut embedding = Embedding::start(affinities, start, params, &execution).unwrap();
    let mut snapshot = fake::app().run.snapshot.as_ref().clone();
    snapshot.positions = embedding.positions().into();
    let keys = KeyBindings::default().keymap();
    let palette = Palette::new(ColorDepth::True);
    let mut app = App::new(data, Arc::new(snapshot.clone()), palette, &[30.0], 10, keys);
    update(&mut app, Message::Resize(120, 40));
    let mut before = BTreeMap::new();
    let mut moves: BTreeMap<u16, usize> = BTreeMap::new();
    for iteration in (2..=750).step_by(2) {
        embedding.advance(2).unwrap();
        snapshot.positions = embedding.positions().into();
        (snapshot.iteration, snapshot.sequence) = (iteration, iteration as u64);
        update(&mut app, Message::News(Arc::new(snapshot.clone()), None));
        let area = app.map_area().unwrap();
        let mut now: BTreeMap<u16, Vec<(u16, u16)>> = BTreeMap::new();
        for place in app.names_in(area).iter() {
            now.entry(place.class)
                .or_default()
                .push((place.column, place.row));
        }
        if iteration > 100 {
            for class in 0..10 {
                if now.get(&class) != before.get(&class) {
                    *moves.entry(class).or_default() += 1;
                }
            }
        }
        before = now;
    }
    assert_eq!(before.len(), 10, "all classes are named: {before:?}");
    assert!(moves.values().all(|moves| *moves <= 20), "{moves:?}");
}

#[test]
fn a_crosshair_is_seen_on_a_name_of_wide_characters() {
    let names = ["猫猫猫猫猫", "犬犬犬犬犬", "鳥鳥鳥鳥鳥"];
    let mut app = sized(fake::app_of(names.map(str::to_owned).to_vec()));
    let area = app.map_area().unwrap();
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    let place = app.names_in(area)[0];
    let view = app.viewport(area);
    // Each cell of the name in turn, whether the first or second half of a character.
    for column in place.column..place.column + place.width {
        let dot = [
            f64::from(column) * 2.0 + 1.0,
            f64::from(place.row) * 4.0 + 2.0,
        ];
        app.map.crosshair = Some(crate::tui::app::map::Crosshair {
            free: Some(view.to_map(area, dot)),
            corner: None,
        });
        let buffer = buffer(&app, 80, 24);
        let (x, y) = (cells.x + column, cells.y + place.row);
        let is_reversed = |x: u16| {
            let modifier = buffer[(x, y)].modifier;
            modifier.contains(ratatui::style::Modifier::REVERSED)
        };
        assert!(is_reversed(x) || is_reversed(x - 1), "column {column}");
        let cells = (0..place.width).map(|n| (cells.x + place.column + n, y));
        let name: String = cells.map(|at| buffer[at].symbol()).collect();
        let name = name.replace(' ', "");
        assert!(names.contains(&name.as_str()), "column {column}: {name}");
    }
}

#[test]
fn a_box_runs_behind_names() {
    let mut app = sized(fake::app());
    let area = app.map_area().unwrap();
    let view = app.viewport(area);
    let place = app.names_in(area)[0];
    let at = |column: u16, row: u16| {
        let dot = [f64::from(column) * 2.0 + 1.0, f64::from(row) * 4.0 + 2.0];
        view.to_map(area, dot)
    };
    app.map.crosshair = Some(crate::tui::app::map::Crosshair {
        free: Some(at(0, place.row)),
        corner: Some(at(area.columns - 1, place.row + 3)),
    });
    let map = map_of(&app);
    assert!(map.contains('┌'), "{map}");
    for name in ["none", "mild", "moderate", "severe"] {
        assert!(map.contains(&format!(" {name} ")), "{name}: {map}");
    }
}
