//! Flipping between layers and models, through messages.

use std::sync::Arc;

use super::*;
use crate::run::Command;
use crate::run::Snapshot;
use crate::tui::app::sets::SetName;

/// Three layers of model A and two of model B; A/penultimate is shown.
pub(super) fn app() -> App {
    let name = |model, name: &str| SetName {
        model,
        name: name.into(),
    };
    let names = vec![
        name(0, "A/conv"),
        name(0, "A/penultimate"),
        name(0, "A/logits"),
        name(1, "B/penultimate"),
        name(1, "B/logits\u{1b}[2J"),
    ];
    let mut app = fake::choosing().with_sets(names, 1);
    press(&mut app, &[Key::Esc]);
    app
}

/// The fake map, a quarter turn round and moved.
fn turned(app: &App) -> Arc<Snapshot> {
    let mut snapshot = app.run.snapshot.as_ref().clone();
    let turn = |p: &[f32; 2]| [40.0 - p[1], 7.0 + p[0]];
    snapshot.positions = snapshot.positions.iter().map(turn).collect();
    Arc::new(snapshot)
}

fn opened(app: &mut App, set: usize) -> Vec<Effect> {
    let (data, snapshot) = (Arc::clone(&app.run.data), turned(app));
    update(app, Message::Opened(set, data, snapshot))
}

#[test]
fn a_layer_is_opened_once_and_its_map_turned_to_the_one_before() {
    let mut app = app();
    let before = Arc::clone(&app.run.snapshot.positions);
    let selected = app.samples.selection.clone();
    assert_eq!(type_in(&mut app, "."), [Effect::OpenSet(2)]);
    assert_eq!(app.sets.current, 1, "there is nothing to show yet");
    let effects = opened(&mut app, 2);
    assert_eq!(
        effects[..3],
        [
            Effect::CommandTo(1, Command::Pause),
            Effect::CommandTo(2, Command::Resume),
            Effect::CommandTo(2, Command::SetTableK(10)),
        ]
    );
    // What surrounds the current sample is asked for anew.
    assert_eq!(
        effects[3],
        Effect::Inspect {
            sample: 1000,
            k: 10
        }
    );
    assert_eq!(app.sets.current, 2);
    assert_eq!(app.samples.selection, selected);
    for (a, b) in before.iter().zip(app.run.snapshot.positions.iter()) {
        assert!((a[0] - b[0]).abs() < 1e-2 && (a[1] - b[1]).abs() < 1e-2);
    }
    assert!(notice(&app).starts_with("shown: A/logits"));
    // Back without opening anything, and the run goes on.
    let effects = type_in(&mut app, ",");
    assert!(effects.contains(&Effect::CommandTo(1, Command::Resume)));
    assert_eq!(app.sets.current, 1);
    type_in(&mut app, ",");
    assert_eq!(type_in(&mut app, ","), [], "the first layer is the end");
}

#[test]
fn news_go_to_the_set_they_are_of() {
    let mut app = app();
    type_in(&mut app, "m");
    let data = Arc::clone(&app.run.data);
    let effects = update(
        &mut app,
        Message::Opened(3, data, Arc::new(Snapshot::default())),
    );
    assert_eq!((effects, app.sets.current), (vec![], 1));
    let snapshot = turned(&app);
    let figures = app.run.diagnosis.clone();
    update(&mut app, Message::NewsOf(3, snapshot, None));
    assert_eq!(app.sets.current, 3);
    assert!(app.run.diagnosis.is_none());
    // The set left behind is kept up to date.
    let mut old = app.run.snapshot.as_ref().clone();
    old.iteration = 700;
    update(&mut app, Message::NewsOf(1, Arc::new(old), figures));
    type_in(&mut app, "M");
    assert_eq!((app.sets.current, app.run.snapshot.iteration), (1, 700));
    assert!(app.run.diagnosis.is_some());
}

#[test]
fn what_surrounds_a_sample_in_another_set_is_not_taken_for_this_one() {
    let mut app = app();
    let of_a = app.samples.evidence.clone();
    type_in(&mut app, ".");
    opened(&mut app, 2);
    assert!(app.current_neighbors().is_empty());
    update(&mut app, Message::Inspected(1, of_a.clone()));
    assert!(app.current_neighbors().is_empty());
    update(&mut app, Message::Inspected(2, of_a));
    assert_eq!(app.current_neighbors().len(), 10);
}

#[test]
fn points_move_and_arrive() {
    let mut app = app();
    type_in(&mut app, ".");
    opened(&mut app, 2);
    let mut shifted = app.run.snapshot.as_ref().clone();
    let from = Arc::clone(&shifted.positions);
    shifted.generation += 1;
    // A shape of its own, so that turning does not undo it.
    let grown = |p: &[f32; 2]| [p[0] * 2.0, p[1]];
    shifted.positions = shifted.positions.iter().map(grown).collect();
    update(&mut app, Message::News(Arc::new(shifted), None));
    assert!(app.map.transition.is_some());
    let to = app.run.snapshot.positions[3];
    update(&mut app, Message::Moved(0.5));
    let half = app.positions()[3];
    for axis in 0..2 {
        let middle = f32::midpoint(from[3][axis], to[axis]);
        assert!((half[axis] - middle).abs() < 1e-3);
    }
    screen(&app, 80, 24);
    update(&mut app, Message::Moved(1.5));
    assert!(app.map.transition.is_none());
    assert_eq!(app.positions()[3], to);
    assert!(app.trail_ends().is_empty());
    type_in(&mut app, "TX");
    assert_eq!(app.trail_ends().len(), 30);
    let lengths: Vec<f64> = app
        .trail_ends()
        .iter()
        .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]))
        .collect();
    assert!(lengths.is_sorted_by(|a, b| a >= b));
    screen(&app, 80, 24);
}

#[test]
fn a_set_that_cannot_be_read_says_why_and_the_present_one_stays() {
    let mut app = app();
    type_in(&mut app, "m");
    assert_eq!(type_in(&mut app, "."), [Effect::OpenSet(4)]);
    let reason = "cannot read b.npy\u{1b}[1m".to_owned();
    update(&mut app, Message::OpenFailed(4, reason));
    let text = screen(&app, 120, 30);
    assert!(text.contains("cannot read b.npy\\u{1b}"), "{text}");
    assert!(!notice(&app).contains('\u{1b}'));
    assert_eq!(app.sets.current, 1);
    // With a single set there is nothing to flip to.
    let mut alone = fake::app();
    assert_eq!(type_in(&mut alone, "m,."), []);
    assert!(notice(&alone).contains("one feature set"));
}
