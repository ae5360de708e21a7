//! Keys that the worker answers: pauses, steps, restarts, perplexities.

use super::keys::{answer, app, command};
use super::*;
use crate::run::{Activity, Command};
use crate::tui::app::dialogs::Mode;
use crate::tui::app::maps::Camera;

#[test]
fn space_pauses_and_goes_on() {
    let mut app = app();
    assert_eq!(type_in(&mut app, " "), command(Command::Pause));
    // Before the worker has answered, a second press already means the opposite.
    assert_eq!(type_in(&mut app, " "), command(Command::Resume));
    answer(&mut app, |s| s.activity = Activity::Finished);
    assert_eq!(type_in(&mut app, " "), command(Command::Resume));
    assert!(notice(&app).contains("beyond the planned iterations"));
}

#[test]
fn stepping_pauses() {
    let mut app = app();
    assert_eq!(
        type_in(&mut app, "ss"),
        vec![Effect::Command(Command::Step); 2]
    );
    assert!(!app.run.is_running());
}

#[test]
fn restarting_takes_an_unused_seed_keeps_the_map_and_is_undone() {
    let mut app = app();
    type_in(&mut app, "+");
    assert_eq!(type_in(&mut app, "r"), command(Command::AddMap(2)));
    let said = |app: &App| notice(app).to_owned();
    assert!(said(&app).contains("u goes back to the map of seed 1, which stays in Runs"));
    assert_eq!(type_in(&mut app, "r"), command(Command::AddMap(3)));
    let old = app.run.snapshot.generation;
    answer(&mut app, |s| {
        let mut visited = s.visited.to_vec();
        visited[1].generation = old;
        s.visited = visited.into();
        s.seed = 3;
        s.generation += 1;
    });
    assert_eq!(app.map.camera, Camera::Fit);
    assert_eq!(type_in(&mut app, "u"), command(Command::ShowMap(old)));
    // Once; then what was selected before.
    assert_eq!(type_in(&mut app, "u"), []);
    assert!(said(&app).contains("nothing to undo"));
    assert_eq!(type_in(&mut app, "r"), command(Command::AddMap(4)));
    type_in(&mut app, "2u");
    assert!(said(&app).contains("undone: “hiding"), "{}", said(&app));
    // A kept map of the seed is brought back, one that is shown stays.
    answer(&mut app, |s| s.seed = 5);
    type_in(&mut app, ":seed 1");
    assert_eq!(
        press(&mut app, &[Key::Enter]),
        command(Command::ShowMap(old))
    );
    type_in(&mut app, ":seed 5");
    assert_eq!(press(&mut app, &[Key::Enter]), []);
}

#[test]
fn the_ladder_is_climbed_rung_by_rung() {
    let mut app = app();
    assert_eq!(
        type_in(&mut app, "]"),
        command(Command::SetPerplexity(50.0))
    );
    assert_eq!(
        type_in(&mut app, "]"),
        command(Command::SetPerplexity(100.0))
    );
    assert_eq!(type_in(&mut app, "]"), []);
    assert!(notice(&app).contains("highest"));
    answer(&mut app, |s| {
        s.perplexity = 100.0;
        s.generation += 1;
    });
    assert_eq!(
        type_in(&mut app, "["),
        command(Command::SetPerplexity(50.0))
    );
    type_in(&mut app, "[[");
    assert_eq!(
        type_in(&mut app, "["),
        command(Command::SetPerplexity(10.0))
    );
    assert!(notice(&app).starts_with("back to the map"));
}

#[test]
fn a_perplexity_is_typed_checked_and_becomes_a_rung() {
    let mut app = app();
    type_in(&mut app, "p");
    press(&mut app, &[Key::Backspace, Key::Backspace]);
    type_in(&mut app, "9999");
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    assert!(screen(&app, 80, 24).contains("533.00 at most"));
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "45");
    assert_eq!(
        press(&mut app, &[Key::Enter]),
        command(Command::SetPerplexity(45.0))
    );
    assert_eq!(app.dialogs.mode, Mode::Main);
    assert!(screen(&app, 80, 24).contains("30 [45] 50"));
    type_in(&mut app, "p");
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.dialogs.mode, Mode::Main);
}
