//! Several maps at once, through messages.

use std::sync::Arc;

use super::*;
use crate::palette::{ColorDepth, Palette};
use crate::picture::Coloring;
use crate::run::Command;
use crate::run::{Activity, Snapshot};
use crate::tui::app::maps::{Camera, MapId, Source};
use crate::tui::app::sets::SetName;
use crate::tui::terminal::input::{Mouse, MouseKind};

/// A finished map of the fake data; another perplexity and another seed were visited, too.
pub(super) fn app() -> App {
    let mut app = fake::choosing();
    app.size = (200, 50);
    press(&mut app, &[Key::Esc]);
    rest(&mut app);
    app
}

fn rest(app: &mut App) {
    let mut snapshot = app.run.snapshot.as_ref().clone();
    snapshot.activity = Activity::Finished;
    let grown = |p: &[f32; 2]| [p[1] * 1.2, -p[0]];
    let mut visited = snapshot.visited.to_vec();
    visited[0].positions = snapshot.positions.iter().map(grown).collect();
    let mut other = visited[1].clone();
    (other.generation, other.seed) = (31, 2);
    other.kl_divergence = Some(1.231);
    visited.push(other);
    visited[1].generation = snapshot.generation;
    snapshot.visited = visited.into();
    let diagnosis = app.run.diagnosis.clone();
    update(app, Message::News(Arc::new(snapshot), diagnosis));
}

/// The same in a study of two models with two layers each; A/penultimate is shown.
pub(super) fn study() -> App {
    let names = ["A/conv", "A/penultimate", "B/conv", "B/penultimate"];
    let names = names.iter().enumerate().map(|(set, name)| SetName {
        model: set / 2,
        name: (*name).into(),
    });
    app().with_sets(names.collect(), 1)
}

fn click(app: &mut App, column: u16, row: u16) -> Vec<Effect> {
    let kinds = [MouseKind::Press, MouseKind::Release];
    let events = kinds.map(|kind| Mouse { kind, column, row });
    let all = events
        .into_iter()
        .flat_map(|event| update(app, Message::Mouse(event)));
    all.collect()
}

fn sources(app: &App) -> Vec<Source> {
    app.map
        .multiples
        .facets
        .iter()
        .map(|facet| facet.source)
        .collect()
}

fn map(perplexity: f64, seed: u64) -> Source {
    Source::Map(MapId { perplexity, seed })
}

/// What the worker answers when it goes back to a visited map.
fn go_back(app: &mut App, perplexity: f64, seed: u64) {
    let mut snapshot = app.run.snapshot.as_ref().clone();
    let wanted = |m: &&crate::run::VisitedMap| m.perplexity == perplexity && m.seed == seed;
    let visited = snapshot.visited.clone();
    let found = visited.iter().find(wanted).unwrap();
    snapshot.generation = found.generation;
    snapshot.positions = Arc::clone(&found.positions);
    (snapshot.perplexity, snapshot.seed) = (perplexity, seed);
    let diagnosis = app.run.diagnosis.clone();
    update(app, Message::News(Arc::new(snapshot), diagnosis));
}

#[test]
fn one_two_four_maps_and_one_again() {
    let mut app = app();
    assert_eq!(type_in(&mut app, "|"), []);
    assert_eq!(sources(&app), [map(30.0, 1), map(30.0, 2)]);
    assert_eq!(app.map.multiples.focus, 0);
    type_in(&mut app, "|");
    // Those visited first, then rungs of the ladder, the nearest first.
    assert_eq!(
        sources(&app),
        [map(10.0, 1), map(20.0, 1), map(30.0, 1), map(30.0, 2)]
    );
    assert_eq!(app.map.multiples.focus, 2);
    app.size = (80, 24);
    type_in(&mut app, "|");
    assert!(!app.map.multiples.are_several());
    assert!(screen(&app, 80, 24).contains("map (t-SNE)"));
}

#[test]
fn two_maps_at_80x24_without_color() {
    let mut app = app();
    app.size = (80, 24);
    type_in(&mut app, "|");
    app.palette = Palette::new(ColorDepth::None);
    let buffer = buffer(&app, 80, 24);
    let is_colorless = |cell: &ratatui::buffer::Cell| cell.fg == ratatui::style::Color::Reset;
    assert!(buffer.content().iter().all(is_colorless));
    // The panel takes its place beside them, or says that they do not fit.
    press(&mut app, &[Key::Tab]);
    assert!(screen(&app, 80, 24).contains("seed 2"));
    app.size = (76, 13);
    assert!(screen(&app, 76, 13).contains("2 maps need 40×6"));
}

#[test]
fn what_is_selected_is_lit_in_every_map() {
    let mut app = app();
    type_in(&mut app, "|");
    let shown = app.current_layout().unwrap();
    let lit = |app: &App| -> Vec<usize> {
        let buffer = buffer(app, 200, 50);
        let is_lit = |cell: &ratatui::buffer::Cell| {
            cell.modifier.contains(ratatui::style::Modifier::UNDERLINED)
        };
        let count = |place: &Rect| place.positions().filter(|at| is_lit(&buffer[*at])).count();
        app.facet_places(&shown)
            .unwrap()
            .iter()
            .map(count)
            .collect()
    };
    assert!(lit(&app).iter().all(|count| *count > 10), "{:?}", lit(&app));
    type_in(&mut app, "X");
    assert_eq!(lit(&app), [0, 0]);
}

#[test]
fn the_focus_goes_from_map_to_map_by_key_and_click() {
    let mut app = app();
    type_in(&mut app, "|+");
    let zoomed = app.map.camera;
    assert!(matches!(zoomed, Camera::Free(_)));
    assert_eq!(
        type_in(&mut app, "i"),
        [Effect::Command(Command::ShowMap(31))]
    );
    assert_eq!(app.map.multiples.focus, 0, "not before the map is there");
    go_back(&mut app, 30.0, 2);
    assert_eq!((app.map.multiples.focus, app.map.camera), (1, Camera::Fit));
    assert!(app.map.transition.is_none());
    // Back by a click; the window is the one that was left.
    let places = app.facet_places(&app.current_layout().unwrap()).unwrap();
    let effects = click(&mut app, places[0].x + 5, places[0].y + 5);
    assert!(
        effects.contains(&Effect::Command(Command::ShowMap(3))),
        "{effects:?}"
    );
    go_back(&mut app, 30.0, 1);
    assert_eq!((app.map.multiples.focus, app.map.camera), (0, zoomed));
    // The wheel over another map leaves the window of this one alone.
    let wheel = Mouse {
        kind: MouseKind::WheelUp,
        column: places[1].x + 5,
        row: 10,
    };
    update(&mut app, Message::Mouse(wheel));
    assert_eq!(app.map.camera, zoomed);
    // Over the current one it zooms, and a click takes the sample there.
    type_in(&mut app, "f");
    let wheel = Mouse {
        column: places[0].x + 5,
        ..wheel
    };
    update(&mut app, Message::Mouse(wheel));
    assert!(matches!(app.map.camera, Camera::Free(_)));
    type_in(&mut app, "fx");
    assert!(app.map.crosshair.is_some());
}

#[test]
fn a_perplexity_that_is_not_computed_says_so_and_is_gone_to() {
    let mut app = app();
    type_in(&mut app, "||");
    assert!(screen(&app, 200, 50).contains("Not computed yet"));
    let effects = type_in(&mut app, "I");
    assert_eq!(effects, [Effect::Command(Command::SetPerplexity(20.0))]);
    // A perplexity from the ladder that none of the maps shows takes the place of the current one.
    let mut snapshot = app.run.snapshot.as_ref().clone();
    (snapshot.perplexity, snapshot.generation) = (50.0, 50);
    update(&mut app, Message::News(Arc::new(snapshot), None));
    assert_eq!(
        sources(&app),
        [map(10.0, 1), map(20.0, 1), map(50.0, 1), map(30.0, 2)]
    );
}

#[test]
fn sets_that_are_shown_are_computed_one_after_the_other_while_the_present_map_rests() {
    let mut app = study();
    // The twin of the other model first, then the nearest layers.
    let effects = type_in(&mut app, "||");
    assert_eq!(effects, [Effect::OpenSet(3)]);
    assert_eq!(sources(&app), [0, 1, 2, 3].map(Source::Set));
    assert!(screen(&app, 200, 50).contains("Reading the file"));
    let (data, mut made) = (Arc::clone(&app.run.data), app.run.snapshot.as_ref().clone());
    made.activity = Activity::Running;
    let effects = update(
        &mut app,
        Message::Opened(3, data.clone(), Arc::new(made.clone())),
    );
    assert_eq!(effects, []);
    assert!(!app.map.multiples.facets[3].positions.is_empty());
    assert!(screen(&app, 200, 50).contains("B/penultimate · perplexity 30 · 412/750"));
    // It is done: the next one.
    made.activity = Activity::Finished;
    let done = |set, made: &Snapshot| Message::NewsOf(set, Arc::new(made.clone()), None);
    assert_eq!(update(&mut app, done(3, &made)), [Effect::OpenSet(0)]);
    // One that cannot be read is passed over, and says why.
    let failed = Message::OpenFailed(0, "no such file".into());
    assert_eq!(update(&mut app, failed), [Effect::OpenSet(2)]);
    assert!(screen(&app, 200, 50).contains("no such file"));
    made.activity = Activity::Running;
    update(&mut app, Message::Opened(2, data, Arc::new(made)));
    // The current map goes on: the other one waits.
    let effects = type_in(&mut app, " ");
    assert!(
        effects.contains(&Effect::CommandTo(2, Command::Pause)),
        "{effects:?}"
    );
    let effects = type_in(&mut app, " ");
    assert!(
        effects.contains(&Effect::CommandTo(2, Command::Resume)),
        "{effects:?}"
    );
    // The focus goes to a set that is there at once, and one map again ends it all.
    type_in(&mut app, "ii");
    assert_eq!((app.sets.current, app.map.multiples.focus), (3, 3));
    assert!(app.map.transition.is_none());
    type_in(&mut app, "|");
    assert!(!app.map.multiples.are_several());
}

#[test]
fn another_kind_of_maps() {
    let mut alone = app();
    type_in(&mut alone, "\\");
    assert!(!alone.map.multiples.are_several());
    assert!(notice(&alone).contains("one feature set"));
    let mut app = study();
    type_in(&mut app, "|");
    assert_eq!(sources(&app), [Source::Set(1), Source::Set(3)]);
    type_in(&mut app, "\\");
    assert_eq!(sources(&app), [map(30.0, 1), map(30.0, 2)]);
    type_in(&mut app, "\\i");
    assert_eq!(sources(&app), [Source::Set(1), Source::Set(3)]);
}

#[test]
fn colors_of_one_map_or_model_are_not_those_of_another() {
    let mut app = app();
    app.take_values();
    type_in(&mut app, "|");
    while app.colored_by().is_none_or(|values| !values.of_map) {
        type_in(&mut app, "v");
        assert_ne!(
            app.map.look.coloring,
            Coloring::Class,
            "there are values of the map"
        );
    }
    assert!(screen(&app, 200, 50).contains("colors: class"));
    type_in(&mut app, "f");
    while app.colored_by().is_none_or(|values| values.of_map) {
        type_in(&mut app, "V");
    }
    assert!(!screen(&app, 200, 50).contains("colors: class"));
}
