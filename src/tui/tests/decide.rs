//! Deciding about suspects, through messages.

use std::sync::Arc;

use super::*;
use crate::decisions::Choice;
use crate::run::Command;
use crate::tui::app::dialogs::Mode;

/// The app with the panel of suspects in focus, which lists those that are probably mislabeled.
fn likely_only() -> App {
    let mut app = fake::app();
    app.size = (120, 40);
    enter(&mut app, Panel::Suspects);
    app
}

/// The same, with all suspects listed.
fn app() -> App {
    let mut app = likely_only();
    app.suspects.lists_all = true;
    app
}

#[test]
fn the_row_under_the_cursor_is_shown_however_long_its_evidence_is() {
    for rows in 12..32 {
        let mut app = app();
        app.size = (60, rows);
        for key in [
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Up,
            Key::Up,
            Key::PageDown,
        ] {
            press(&mut app, &[key]);
            let area = app
                .current_layout()
                .unwrap()
                .panel(Panel::Suspects)
                .unwrap();
            let (content, state) = (app.content(Panel::Suspects), app.state(Panel::Suspects));
            let height = usize::from(area.height);
            let (first, fitting) = (content.first(state, height), content.fitting(height));
            assert!(
                (first..first + fitting).contains(&state.row),
                "{rows}: {first}, {fitting}, {state:?}"
            );
        }
    }
}

#[test]
fn likely_suspects_are_listed_until_a_key_asks_for_all() {
    let mut app = likely_only();
    let rows = |app: &App| -> Vec<usize> { app.suspects().iter().map(|s| s.row).collect() };
    assert_eq!(rows(&app), [720, 905]);
    assert!(screen(&app, 120, 40).contains("Suspects · 2"));
    assert!(screen(&app, 120, 40).contains("a: 3 more"));
    type_in(&mut app, "t");
    assert!(screen(&app, 120, 40).contains("Suspects · 1 of 2 undecided"));
    type_in(&mut app, "a");
    assert_eq!(rows(&app), [720, 905, 801, 12, 1500]);
    type_in(&mut app, "a");
    assert_eq!(rows(&app), [720, 905]);
    // Classes without a likely suspect are passed over.
    type_in(&mut app, "f");
    assert_eq!((app.suspects.class, rows(&app)), (Some(1), vec![720]));
    type_in(&mut app, "f");
    assert_eq!((app.suspects.class, rows(&app)), (Some(2), vec![905]));
    type_in(&mut app, "f");
    assert_eq!(app.suspects.class, None);
    // Whoever asks for one of them gets all of its suspects.
    app.list_suspects_of(Some(0));
    assert_eq!(rows(&app), [12]);
}

#[test]
fn what_is_decided_leaves_the_list_of_the_undecided_and_comes_back_by_undo() {
    let mut app = app();
    type_in(&mut app, "d");
    press(&mut app, &[Key::Down]);
    type_in(&mut app, "t");
    let rows = |app: &App| -> Vec<usize> { app.suspects().iter().map(|s| s.row).collect() };
    assert_eq!(rows(&app), [720, 801, 12, 1500]);
    assert_eq!(
        app.state(Panel::Suspects).row,
        1,
        "the next one took its place"
    );
    assert_eq!(
        app.samples.selection.current,
        Some(801),
        "and the map shows it"
    );
    press(&mut app, &[Key::End]);
    type_in(&mut app, "o");
    assert_eq!(app.state(Panel::Suspects).row, 2);
    type_in(&mut app, "uu");
    assert_eq!(app.suspects().len(), 5);
    assert_eq!(app.state(Panel::Suspects).row, 1);
    type_in(&mut app, "totoo");
    assert!(app.suspects().is_empty());
    assert!(screen(&app, 120, 40).contains("All of them are decided."));
    assert!(screen(&app, 120, 40).contains("Suspects · 0 of 5 undecided"));
    press(&mut app, &[Key::Enter, Key::Up, Key::Down]);
    type_in(&mut app, "d");
    assert_eq!(app.suspects().len(), 5);
}

fn choice(app: &App, row: usize) -> Option<Choice> {
    app.suspects.decisions.get(row).map(|d| d.choice)
}

#[test]
fn decisions_are_made_one_after_the_other_and_undone() {
    let mut app = app();
    // The first: relabel as suggested; the second: the label is right; the third: unsure.
    type_in(&mut app, "rto");
    assert_eq!(choice(&app, 720), Some(Choice::Relabel(0)));
    assert_eq!(choice(&app, 905), Some(Choice::Keep));
    assert_eq!(choice(&app, 801), Some(Choice::Unsure));
    assert_eq!(app.state(Panel::Suspects).row, 3);
    assert!(screen(&app, 120, 40).contains("3 decided"));
    type_in(&mut app, "u");
    assert_eq!(choice(&app, 801), None);
    assert_eq!(app.state(Panel::Suspects).row, 2, "back at what was undone");
    press(&mut app, &[Key::Ctrl('r')]);
    assert_eq!(choice(&app, 801), Some(Choice::Unsure));
    assert!(notice(&app).starts_with("redone: the decision"));
    press(&mut app, &[Key::Ctrl('r')]);
    assert_eq!(notice(&app), "there is no decision to redo");
    type_in(&mut app, "uuu");
    assert!(app.suspects.decisions.is_empty());
    type_in(&mut app, "u");
    assert!(notice(&app).contains("no decision"));
}

#[test]
fn the_map_follows_the_cursor_and_decisions_unless_that_is_switched_off() {
    let mut app = app();
    press(&mut app, &[Key::Down]);
    assert_eq!(app.samples.selection.current, Some(905));
    assert!(app.map.crosshair.is_some() && app.is_focused(Panel::Suspects));
    // A decision goes on to the next; what was decided stays on the message line.
    type_in(&mut app, "t");
    assert_eq!(app.samples.selection.current, Some(801));
    let said = notice(&app).to_owned();
    assert!(said.contains("label kept"), "{said}");
    // A click on a row leads the map there, too.
    let panel = app
        .current_layout()
        .unwrap()
        .panel(Panel::Suspects)
        .unwrap();
    let at = (panel.x + 5, panel.y + 4);
    let kind = crate::tui::terminal::input::MouseKind::Press;
    let mouse = crate::tui::terminal::input::Mouse {
        kind,
        column: at.0,
        row: at.1,
    };
    update(&mut app, Message::Mouse(mouse));
    assert_eq!(app.samples.selection.current, Some(720));
    press(&mut app, &[Key::Down, Key::Down]);
    // On the map, a decision is about the current sample, which stays.
    press(&mut app, &[Key::Esc]);
    app.jump_to(3);
    type_in(&mut app, ":decide unsure");
    press(&mut app, &[Key::Enter]);
    assert_eq!(choice(&app, 3), Some(Choice::Unsure));
    assert_eq!(app.samples.selection.current, Some(3));
    press(&mut app, &[Key::Tab]);
    assert_eq!(
        app.samples.selection.current,
        Some(3),
        "entering moves nothing"
    );
    press(&mut app, &[Key::Down]);
    app.jump_to(801);
    app.panels.follows = false;
    press(&mut app, &[Key::Down]);
    assert_eq!(app.samples.selection.current, Some(801));
}

/// The labels that figures are to be counted with.
fn counted(effects: &[Effect]) -> Vec<Vec<u16>> {
    let labels = effects.iter().filter_map(|effect| match effect {
        Effect::CommandTo(0, Command::SetLabels(labels)) => Some(labels.indices().to_vec()),
        _ => None,
    });
    labels.collect()
}

#[test]
fn relabels_are_counted_and_undone() {
    let mut app = app();
    let read = app.run.data.labels().unwrap().indices().to_vec();
    let mut corrected = read.clone();
    corrected[720] = 0;
    assert_eq!(counted(&type_in(&mut app, "r")), [corrected]);
    // A label that is kept changes no figure.
    assert!(counted(&type_in(&mut app, "t")).is_empty());
    assert!(counted(&type_in(&mut app, "u")).is_empty());
    assert_eq!(counted(&type_in(&mut app, "u")), [read]);

    // The screen says whose figures it shows.
    let mut diagnosis = app.run.diagnosis.as_deref().unwrap().clone();
    diagnosis.relabeled = 1;
    let news = Message::News(Arc::clone(&app.run.snapshot), Some(Arc::new(diagnosis)));
    update(&mut app, news);
    let said = notice(&app);
    assert!(
        said.contains("statistics with 1 sample relabeled"),
        "{said}"
    );
    // The message about the decision stays beside it.
    assert!(said.contains("undone: "), "{said}");
}

#[test]
fn another_class_is_typed_and_a_note_is_kept() {
    let mut app = app();
    type_in(&mut app, "lsevera");
    press(&mut app, &[Key::Enter]);
    let Mode::Prompt(prompt) = &app.dialogs.mode else {
        panic!("the prompt stays open");
    };
    assert!(prompt.problem.is_some());
    press(&mut app, &[Key::Backspace, Key::Char('e'), Key::Enter]);
    assert_eq!(choice(&app, 720), Some(Choice::Relabel(3)));
    press(&mut app, &[Key::Up]);
    type_in(&mut app, "nblurred");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.suspects.decisions.get(720).unwrap().note, "blurred");
    assert_eq!(choice(&app, 720), Some(Choice::Relabel(3)));
    // Deciding anew keeps the note.
    type_in(&mut app, "t");
    assert_eq!(app.suspects.decisions.get(720).unwrap().note, "blurred");
    assert!(screen(&app, 120, 40).contains('='));
}

#[test]
fn a_class_has_its_own_list_and_enter_goes_to_the_map() {
    let mut app = app();
    assert_eq!(app.suspects().len(), 5);
    type_in(&mut app, "ff");
    assert_eq!(app.suspects.class, Some(1));
    let rows: Vec<usize> = app.suspects().iter().map(|s| s.row).collect();
    assert_eq!(rows, [720, 801]);
    press(&mut app, &[Key::Down, Key::Enter]);
    assert_eq!(app.samples.selection.current, Some(801));
    type_in(&mut app, "FF");
    assert_eq!(app.suspects.class, None);
    type_in(&mut app, "F");
    assert_eq!(app.suspects.class, Some(4));
    // Its label is the most probable class: there is nothing to relabel it as.
    type_in(&mut app, "r");
    assert!(app.suspects.decisions.is_empty());
}

#[test]
fn a_message_names_the_key_that_takes_the_decision_back() {
    let mut app = app();
    type_in(&mut app, "o");
    assert!(notice(&app).ends_with("unsure; u undoes"));
    // On the map u undoes something else.
    press(&mut app, &[Key::Esc]);
    type_in(&mut app, "x:decide unsure");
    press(&mut app, &[Key::Enter]);
    assert!(notice(&app).ends_with("unsure; in the Suspects panel u undoes"));
}

#[test]
fn what_a_sample_becomes_needs_no_more_than_its_beginning() {
    let mut app = app();
    type_in(&mut app, "l");
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "m");
    press(&mut app, &[Key::Enter]);
    assert!(screen(&app, 120, 40).contains("'m' could be mild, moderate"));
    type_in(&mut app, "i");
    press(&mut app, &[Key::Enter]);
    assert_eq!(choice(&app, 720), Some(Choice::Relabel(1)));
}

#[test]
fn without_suspects_nothing_is_decided() {
    let mut app = fake::unlabeled();
    app.size = (80, 24);
    enter(&mut app, Panel::Suspects);
    type_in(&mut app, "rtofu");
    press(&mut app, &[Key::Enter, Key::Down]);
    assert!(app.suspects.decisions.is_empty());
    assert!(screen(&app, 80, 24).contains("Suspects"));
}

#[test]
fn decisions_of_an_earlier_session_are_undone_too() {
    let mut app = app();
    for row in [3, 905, 801] {
        let note = String::new();
        let choice = Choice::Keep;
        let decision = crate::decisions::Decision { choice, note };
        app.suspects.decisions.set(row, Some(decision));
    }
    // New ones first.
    type_in(&mut app, "ou");
    assert_eq!(choice(&app, 720), None);
    assert_eq!(app.suspects.decisions.len(), 3);
    // Then the one under the cursor, then the others.
    press(&mut app, &[Key::Down, Key::Down]);
    type_in(&mut app, "u");
    assert_eq!(choice(&app, 801), None);
    type_in(&mut app, "u");
    assert_eq!(choice(&app, 905), None);
    assert_eq!(app.state(Panel::Suspects).row, 1);
    type_in(&mut app, "u");
    assert!(app.suspects.decisions.is_empty());
}

#[test]
fn the_first_decision_says_where_it_is_saved() {
    let mut app = app();
    app.suspects.destination = Some("data/cells.decisions.csv".into());
    type_in(&mut app, "t");
    assert!(notice(&app).ends_with("u undoes; saved in data/cells.decisions.csv"));
    type_in(&mut app, "t");
    assert!(notice(&app).ends_with("u undoes"));
}

#[test]
fn the_evidence_is_whole_in_a_narrow_panel_and_the_verdict_goes_along() {
    let mut app = likely_only();
    app.size = (80, 24);
    let panel = app
        .current_layout()
        .unwrap()
        .panel(Panel::Suspects)
        .unwrap();
    let height = usize::from(panel.height);
    let content = app.content(Panel::Suspects);
    let rows = content.fitting(height);
    assert!(rows >= 3);
    assert!(content.above() + rows + content.notes.len() < height);
    drop(content);
    press(&mut app, &[Key::Enter]);
    enter(&mut app, Panel::Sample);
    let text = screen(&app, 120, 40);
    assert!(
        text.contains("suspect #1 ") && text.contains("P(wrong) 95%"),
        "{text}"
    );
}
