//! The map fills its area: it is turned when there is a picture and when it has stopped moving, and
//! nothing that opens or closes moves it.

use std::sync::Arc;

use super::*;
use crate::raster::Shape;
use crate::run::{Activity, Snapshot};
use crate::tui::app::maps::Camera;

/// A map three times as long as wide, whose axis leans by degrees.
fn leaning(degrees: f32) -> Arc<[[f32; 2]]> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let place = |i: usize| {
        let [x, y] = [(i % 40) as f32 * 1.5, (i / 40) as f32 * 0.5];
        [cos * x - sin * y, sin * x + cos * y]
    };
    (0..fake::SAMPLES).map(place).collect()
}

fn shows(app: &mut App, change: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = (*app.run.snapshot).clone();
    snapshot.sequence += 1;
    change(&mut snapshot);
    let diagnosis = app.run.diagnosis.clone();
    update(app, Message::News(Arc::new(snapshot), diagnosis));
}

/// The extent of the map in the picture, as a share of the area across and down.
fn filled(app: &App) -> [f64; 2] {
    let area = app.map_area().unwrap();
    let view = app.viewport(area);
    let dots: Vec<[f64; 2]> = app
        .positions()
        .iter()
        .map(|p| view.to_dot(area, p.map(f64::from)))
        .collect();
    [0, 1].map(|axis| {
        let values = dots.iter().map(|d| d[axis]);
        let (low, high) = (
            values.clone().fold(f64::MAX, f64::min),
            values.fold(0.0, f64::max),
        );
        (high - low) / area.dots()[axis]
    })
}

/// A screen that is zoomed on its map, which is much wider than high.
fn zoomed() -> App {
    let mut app = fake::app();
    app.panels.on_map = true;
    app.panels.zoomed = true;
    Arc::make_mut(&mut app.run.snapshot).positions = leaning(90.0);
    update(&mut app, Message::Resize(120, 30));
    assert_eq!(app.map_area().unwrap().shape(), Shape::Wide);
    app
}

#[test]
fn the_first_picture_is_turned_and_the_map_only_when_it_rests() {
    let mut app = zoomed();
    let [across, down] = filled(&app);
    assert!(across > 0.9 || down > 0.9, "{across} {down}");
    let first = app.map.turn.now;
    // While it forms, its axis may lean: the turn stays.
    shows(&mut app, |s| s.positions = leaning(45.0));
    assert_eq!(app.map.turn.now, first);
    let forming = filled(&app)[0];
    let before = app.viewport(app.map_area().unwrap());
    let corner = app.positions()[0].map(f64::from);
    let area = app.map_area().unwrap();
    let was_at = before.to_dot(area, corner);
    shows(&mut app, |s| s.activity = Activity::Finished);
    assert_ne!(app.map.turn.now, first);
    // Nothing jumps: the points go from where they were to their new places.
    update(&mut app, Message::Moved(0.0));
    let is_at = app
        .viewport(area)
        .to_dot(area, app.positions()[0].map(f64::from));
    assert!(
        (0..2).all(|i| (is_at[i] - was_at[i]).abs() < 1.0),
        "{was_at:?} {is_at:?}"
    );
    update(&mut app, Message::Moved(1.0));
    assert!(filled(&app)[0] > forming + 0.1);
    assert!(app.map.transition.is_none());
    // It stays as it is for the next perplexity, which is aligned to this map.
    let rested = app.map.turn.now;
    shows(&mut app, |s| {
        s.generation += 1;
        s.perplexity = 50.0;
        s.positions = leaning(20.0);
    });
    update(&mut app, Message::Moved(1.0));
    assert_eq!(app.map.turn.now, rested);
    // Until the user asks for all of the map.
    type_in(&mut app, "0");
    assert_ne!(app.map.turn.now, rested);
}

#[test]
fn the_positions_that_are_saved_are_not_turned() {
    let mut app = zoomed();
    shows(&mut app, |s| s.activity = Activity::Finished);
    assert_eq!(app.run.snapshot.positions, leaning(90.0));
}

#[test]
fn another_shape_of_the_area_turns_the_map_and_a_window_of_the_users_does_not() {
    let mut app = zoomed();
    let wide = app.map.turn.now;
    update(&mut app, Message::Resize(50, 60));
    assert_eq!(app.map_area().unwrap().shape(), Shape::High);
    assert_ne!(app.map.turn.now, wide);
    assert!(filled(&app)[1] > 0.9);
    type_in(&mut app, "+");
    assert!(matches!(app.map.camera, Camera::Free(_)));
    let high = app.map.turn.now;
    update(&mut app, Message::Resize(120, 30));
    assert_eq!(app.map.turn.now, high);
}

#[test]
fn the_map_has_the_same_cells_whatever_panel_is_open() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut app = fake::app();
        update(&mut app, Message::Resize(columns, rows));
        let area = app.map_area();
        let names = app.names_in(area.unwrap()).into_owned();
        for panel in PANELS.iter().copied() {
            app.panels.chosen = panel;
            update(&mut app, Message::Resize(columns, rows));
            assert_eq!(app.map_area(), area, "{panel:?} at {columns}×{rows}");
            assert_eq!(*app.names_in(area.unwrap()), names);
        }
    }
}

#[test]
fn the_crosshair_goes_where_the_arrow_points_on_a_turned_map() {
    let mut app = zoomed();
    type_in(&mut app, "x");
    let area = app.map_area().unwrap();
    let at = |app: &App| app.viewport(area).to_dot(area, app.crosshair_at().unwrap());
    let start = at(&app);
    press(&mut app, &[Key::Right; 3]);
    let right = at(&app);
    assert!(right[0] > start[0] + 1.0, "{start:?} {right:?}");
    press(&mut app, &[Key::Up; 3]);
    assert!(at(&app)[1] < right[1] - 1.0);
}

#[test]
fn few_points_are_drawn_as_marks() {
    let mut app = fake::app();
    Arc::make_mut(&mut app.run.snapshot).positions = leaning(0.0);
    update(&mut app, Message::Resize(200, 50));
    let marks = |app: &App| screen(app, 200, 50).matches('●').count();
    let many = marks(&app);
    // Hiding all classes but the rarest leaves 66 samples.
    app.samples.shown = vec![false, false, false, false, true, true];
    assert!(marks(&app) > many + 30, "{} {many}", marks(&app));
}
