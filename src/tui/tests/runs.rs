//! The panel of runs: perplexities and seeds, through messages.

use std::sync::Arc;

use super::*;
use crate::run::Command;
use crate::statistics::Estimate;
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
fn every_map_has_a_row() {
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
}

/// The maps of some fidelities at perplexities 10, 20 …: share of neighbors kept, trustworthiness and
/// their errors.
fn with_fidelities(maps: &[[f64; 4]]) -> App {
    let mut app = app();
    let snapshot = Arc::make_mut(&mut app.run.snapshot);
    let known = snapshot.visited[0].clone();
    let figures = known.diagnosis.clone().unwrap();
    let map = |(at, [kept, trust, kept_error, trust_error]): (usize, &[f64; 4])| {
        let mut figures = figures.as_ref().clone();
        figures.silhouette.map = Some(Estimate::exact(0.36 + 0.1 * at as f64));
        let fidelity = figures.fidelity.as_mut().unwrap();
        let estimate = |value: f64, error: f64| Estimate::normal(value, Some(error));
        fidelity.knn_recall = Some(estimate(*kept, *kept_error));
        fidelity.trustworthiness = Some(estimate(*trust, *trust_error));
        let mut map = known.clone();
        (map.generation, map.perplexity) = (100 + at as u64, 10.0 * (at as f64 + 1.0));
        map.diagnosis = Some(Arc::new(figures));
        map
    };
    snapshot.visited = maps.iter().enumerate().map(map).collect();
    snapshot.generation = 100;
    snapshot.iteration = 750;
    snapshot.activity = crate::run::Activity::Finished;
    snapshot.perplexity = 10.0;
    app.run.diagnosis.clone_from(&snapshot.visited[0].diagnosis);
    app
}

#[test]
fn the_maps_that_are_as_faithful_as_the_best_have_a_star() {
    let app = with_fidelities(&[
        [0.500, 0.990, 0.005, 0.001],
        [0.506, 0.991, 0.005, 0.001],
        // As trustworthy, but keeps fewer neighbors.
        [0.470, 0.990, 0.005, 0.001],
        // Keeps as many, but is less trustworthy.
        [0.505, 0.980, 0.005, 0.001],
    ]);
    let starred = |line: &str| line.contains('*');
    let rows: Vec<bool> = ["▶*10", " *20", "  30", "  40"]
        .iter()
        .map(|start| starred(&line_of(&app, start)))
        .collect();
    assert_eq!(rows, [true, true, false, false]);
    let text = screen(&app, 120, 40);
    assert!(text.contains("* most faithful"), "{text}");
    // A map that moves is not judged.
    let mut moving = app.clone();
    Arc::make_mut(&mut moving.run.snapshot).activity = crate::run::Activity::Running;
    assert!(!starred(&line_of(&moving, "▶ 10")));
    // The first map's silhouette is 0.05 above that of the features.
    let (first, second) = (line_of(&app, "▶*10"), line_of(&app, " *20"));
    assert!(
        first.contains(" 0.36") && first.contains(" +0.05"),
        "{first}"
    );
    assert!(
        second.contains("!0.46") && second.contains(" +0.15"),
        "{second}"
    );
    // Nor is one that was left unfinished.
    let mut left = app.clone();
    let snapshot = Arc::make_mut(&mut left.run.snapshot);
    Arc::make_mut(&mut snapshot.visited)[1].is_finished = false;
    assert!(!starred(&line_of(&left, "  20")));
}

#[test]
fn a_single_map_has_no_star_and_maps_of_other_lengths_are_told() {
    let app = with_fidelities(&[[0.5, 0.99, 0.005, 0.001]]);
    assert!(!screen(&app, 120, 40).contains('*'));
    let mut app = with_fidelities(&[[0.5, 0.99, 0.005, 0.001]; 2]);
    let said = "* compares finished maps of 500 to 750 iterations: a map ends once";
    let equal = screen(&app, 200, 50);
    let snapshot = Arc::make_mut(&mut app.run.snapshot);
    let mut visited = snapshot.visited.to_vec();
    visited[1].iteration = 500;
    snapshot.visited = visited.into();
    let unequal = screen(&app, 200, 50);
    assert!(unequal.contains(said), "{unequal}");
    assert!(!equal.contains(said), "{equal}");
}

#[test]
fn numbers_that_will_come_are_told_from_those_that_will_not() {
    let mut app = with_fidelities(&[[0.5, 0.99, 0.005, 0.001]; 3]);
    let snapshot = Arc::make_mut(&mut app.run.snapshot);
    Arc::make_mut(&mut snapshot.visited)[2].diagnosis = None;
    let awaited = line_of(&app, "  30");
    assert!(awaited.contains('…') && !awaited.contains('–'), "{awaited}");
    assert!(line_of(&app, "  100").contains('–'));
    // Of a map that was measured, what is missing is not defined.
    let mut undefined = app.clone();
    let snapshot = Arc::make_mut(&mut undefined.run.snapshot);
    let map = &mut Arc::make_mut(&mut snapshot.visited)[1];
    let mut figures = map.diagnosis.as_deref().unwrap().clone();
    figures.silhouette.map = None;
    map.diagnosis = Some(Arc::new(figures));
    let line = line_of(&undefined, " *20");
    assert!(line.contains('–') && !line.contains('…'), "{line}");
    assert!(screen(&app, 120, 40).contains("* most faithful so far, 1 to come"));
    // All of the ladder are computed in the background.
    Arc::make_mut(&mut app.run.snapshot).background = Some(crate::run::BackgroundMap {
        perplexity: 100.0,
        iteration: 123,
        iterations: 750,
        left: 2,
    });
    let behind = line_of(&app, "  100");
    assert!(behind.contains('…'), "{behind}");
    let text = screen(&app, 200, 50);
    assert!(
        text.contains(" 123 ") && text.contains("computing perplexity 100, 2 left"),
        "{text}"
    );
}

#[test]
fn the_maps_of_the_ladder_are_computed_in_the_background_until_told_otherwise() {
    let mut app = app();
    let missing = vec![5.0, 20.0, 50.0, 100.0];
    let asked = [Effect::Command(Command::ComputeMaps(missing))];
    assert_eq!(type_in(&mut app, "l"), asked);
    let said = |app: &App| notice(app).to_owned();
    assert!(said(&app).contains("5, 20, 50, 100 once this one is finished"));
    type_in(&mut app, ":ladder");
    assert_eq!(press(&mut app, &[Key::Enter]), asked);
    let behind = |left: usize| {
        let perplexity = 5.0;
        (left > 0).then_some(crate::run::BackgroundMap {
            perplexity,
            iteration: 0,
            iterations: 750,
            left,
        })
    };
    keys::answer(&mut app, |s| s.background = behind(4));
    let stopped = [Effect::Command(Command::ComputeMaps(Vec::new()))];
    assert_eq!(type_in(&mut app, "l"), stopped);
    // Stopped, and all finished.
    keys::answer(&mut app, |s| s.background = behind(0));
    let no_further = said(&app);
    assert!(no_further.contains("no further maps"), "{no_further}");
    keys::answer(&mut app, |s| s.background = behind(1));
    keys::answer(&mut app, |s| {
        s.background = behind(0);
        let kept = s.visited[0].clone();
        let finished = [5.0, 20.0, 50.0, 100.0].into_iter().enumerate();
        let finished = finished.map(|(at, perplexity)| crate::run::VisitedMap {
            perplexity,
            seed: s.seed,
            is_finished: true,
            generation: 1000 + at as u64,
            ..kept.clone()
        });
        s.visited = s.visited.iter().cloned().chain(finished).collect();
    });
    let finished = said(&app);
    assert!(
        finished.contains("all maps of the list are finished"),
        "{finished}"
    );
}

#[test]
fn the_cursor_goes_with_the_map_that_is_shown() {
    let mut app = app();
    press(&mut app, &[Key::Home]);
    keys::answer(&mut app, |s| {
        s.perplexity = 50.0;
        s.generation = 77;
    });
    let row = app.row_at_cursor(Panel::Runs).unwrap();
    assert!(app.runs()[row].is_current);
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
    assert!(notice(&app).contains("already shown"));
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
    assert!(screen(&app, 200, 50).contains("silhouette in the features −0.5 ■■■■■■■■ 0.5 "));
    // Where there is little room, the name is shortened, and both ends are there.
    let small = screen(&app, 80, 24);
    assert!(
        small.contains("… −0.5 ■■■■■■■■ 0.5 ") || small.contains(" −0.5 ■■■■■■■■ 0.5 "),
        "{small}"
    );
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
