//! The panel of runs: perplexities and seeds, through messages.

use std::sync::Arc;

use super::*;
use crate::run::Command;
use crate::tui::app::panels::Panel;

/// The fake run, with a second map of perplexity 30.
fn app() -> App {
    let mut app = fake::app();
    app.size = (120, 40);
    let snapshot = Arc::make_mut(&mut app.run.snapshot);
    let mut visited = snapshot.visited.to_vec();
    visited[1].generation = snapshot.generation;
    let mut other = visited[1].clone();
    (other.generation, other.seed) = (31, 2);
    other.kl_divergence = Some(1.231);
    visited.push(other);
    snapshot.visited = visited.into();
    enter(&mut app, Panel::Runs);
    app
}

fn line_of(app: &App, start: &str) -> String {
    let text = screen(app, 120, 40);
    let line = text.lines().find(|line| line.contains(start));
    line.unwrap_or_else(|| panic!("no {start} in\n{text}"))
        .to_owned()
}

#[test]
fn every_map_has_a_row_and_the_best_are_marked() {
    let app = app();
    let rows: Vec<(f64, u64, bool)> = app
        .runs()
        .iter()
        .map(|row| (row.map.perplexity, row.map.seed, row.generation.is_some()))
        .collect();
    assert_eq!(
        rows,
        [
            (5.0, 1, false),
            (10.0, 1, true),
            (20.0, 1, false),
            (30.0, 1, true),
            (30.0, 2, true),
            (50.0, 1, false),
            (100.0, 1, false),
        ]
    );
    // The least divergence of perplexity 30; that of 10 has no other to compare with.
    assert!(line_of(&app, "*1.231").contains("30"));
    assert!(!screen(&app, 120, 40).contains("*1.520"));
}

#[test]
fn enter_goes_to_a_map_and_a_adds_one() {
    let mut app = app();
    press(&mut app, &[Key::Home]);
    press(&mut app, &[Key::Down; 4]);
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(effects, [Effect::Command(Command::ShowMap(31))]);
    press(&mut app, &[Key::Up]);
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    assert!(
        app.messages
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("already shown")
    );
    press(&mut app, &[Key::End]);
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(effects, [Effect::Command(Command::SetPerplexity(100.0))]);
    // Another seed than all that there are; again before the first is there: yet another.
    let effects = type_in(&mut app, "aa");
    let added = [3, 4].map(|seed| Effect::Command(Command::AddMap(seed)));
    assert_eq!(effects, added);
}

#[test]
fn colors_of_samples_follow_the_diagnosis_by_name() {
    let mut app = fake::app();
    app.size = (200, 50);
    type_in(&mut app, "vvv");
    assert!(screen(&app, 200, 50).contains("silhouette in the features -0.5 ■"));
    assert!(screen(&app, 200, 50).contains("nearer to another class"));
    type_in(&mut app, "v");
    assert!(screen(&app, 200, 50).contains("suspicion 0 ■"));
    // The map's own figures go while another map is shown, those of the features stay.
    let values = app.map.values.len();
    let mut snapshot = app.run.snapshot.as_ref().clone();
    snapshot.generation += 1;
    let diagnosis = app.run.diagnosis.clone();
    update(&mut app, Message::News(Arc::new(snapshot), diagnosis));
    assert_eq!(app.map.values.len(), values - 1);
    assert!(screen(&app, 200, 50).contains("suspicion 0 ■"));
    app.palette = crate::palette::Palette::new(crate::palette::ColorDepth::None);
    assert!(screen(&app, 200, 50).contains("suspicion 0 "));
}
