//! Further maps in the background: what asks for them, and what the screen shows of their stability.

use std::sync::Arc;

use super::*;
use crate::diagnosis::{Stability, StabilityOptions};
use crate::execution::Execution;
use crate::run::Activity;
use crate::tui::app::action::{Further, InCommon};
use crate::tui::app::further::further_maps;

/// The fake run when its map has stopped.
fn app() -> App {
    let mut app = fake::finished();
    app.size = (200, 50);
    enter(&mut app, Panel::Fidelity);
    app
}

/// The map that is shown and the same with the last 40 samples at the other end.
pub(super) fn compared(app: &App) -> Further {
    let positions = &app.run.snapshot.positions;
    let mut other = positions.to_vec();
    let moved = other.len() - 40;
    for (at, position) in other[moved..].iter_mut().enumerate() {
        *position = [-300.0 - at as f32 * 20.0, 90.0];
    }
    let maps: [&[[f32; 2]]; 2] = [positions, &other];
    let options = StabilityOptions::default();
    let execution = Execution::default().threads(1);
    let found = Stability::of(app.run.data.labels(), &maps, &options, &execution);
    Further::Ready(InCommon {
        maps: vec![(30.0, 1), (30.0, 2)],
        found: Arc::new(found.unwrap().unwrap()),
    })
}

#[test]
fn maps_are_asked_for_when_the_map_has_stopped_and_once_at_a_time() {
    let mut app = app();
    Arc::make_mut(&mut app.run.snapshot).activity = Activity::Running;
    let shown = screen(&app, 200, 50);
    assert!(
        shown.contains("a: further maps, to see what is stable"),
        "{shown}"
    );
    assert_eq!(type_in(&mut app, "a"), []);
    assert!(notice(&app).contains("still moves"), "{}", notice(&app));
    Arc::make_mut(&mut app.run.snapshot).activity = Activity::Finished;
    let maps = further_maps(app.run.map_id(), &app.run.rungs());
    assert_eq!(type_in(&mut app, "a"), [Effect::CompareMaps(maps.clone())]);
    assert!(screen(&app, 200, 50).contains("Further maps are being computed: 0 of 5"));
    let running = Further::Running { done: 2, all: 5 };
    update(&mut app, Message::Further(0, running));
    assert!(screen(&app, 200, 50).contains("2 of 5 are done"));
    assert_eq!(type_in(&mut app, "a"), []);
    assert!(notice(&app).contains("already"));
    let failed = Further::Failed("too little memory".into());
    update(&mut app, Message::Further(0, failed));
    assert!(notice(&app).ends_with("too little memory"));
    // The command asks for the same.
    press(&mut app, &[Key::Char(':')]);
    type_in(&mut app, "stability");
    assert_eq!(press(&mut app, &[Key::Enter]), [Effect::CompareMaps(maps)]);
}

#[test]
fn samples_without_a_stable_place_are_counted_marked_and_selected() {
    let mut app = app();
    press(&mut app, &[Key::Char(':')]);
    type_in(&mut app, "select unstable");
    press(&mut app, &[Key::Enter, Key::Esc]);
    assert!(app.samples.selection.is_empty());
    let further = compared(&app);
    update(&mut app, Message::Further(0, further));
    let found = app.stability().unwrap().clone();
    assert!((20..60).contains(&found.unstable), "{}", found.unstable);
    let shown = screen(&app, 200, 50);
    for text in [
        "2 maps (seeds 1, 2 at perplexity 30)",
        "stable",
        "no stable place",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    press(&mut app, &[Key::Esc, Key::Char(':')]);
    type_in(&mut app, "select unstable");
    press(&mut app, &[Key::Enter]);
    let expected = (0..fake::SAMPLES).filter(|i| found.is_unstable(*i));
    let expected: Vec<u32> = expected.map(|i| i as u32).collect();
    assert_eq!(app.samples.selection.ids(), expected);
    let moved = expected.iter().filter(|i| **i >= fake::SAMPLES as u32 - 40);
    assert!(moved.count() > 20);
    type_in(&mut app, "X:color stability");
    press(&mut app, &[Key::Enter]);
    let shown = screen(&app, 200, 50);
    assert!(
        shown.contains("stability 0 ■") && shown.contains("? no stable place"),
        "{shown}"
    );
    let map = app.map_area().unwrap();
    let picture = text_of(
        &buffer(&app, 200, 50),
        Rect::new(0, 1, map.columns, map.rows),
    );
    assert!(picture.matches('?').count() > 3, "{picture}");
    // Another feature set has no figures of its own yet.
    app.sets.current = 1;
    assert!(app.stability().is_none());
}
