//! The help, the hint at it, and keys of the user's own, through messages.

use super::*;
use crate::tui::KeyBindings;
use crate::tui::app::dialogs::Mode;
use crate::tui::terminal::input::{Mouse, MouseKind};

fn app() -> App {
    let mut app = fake::app();
    app.size = (80, 24);
    app
}

/// The lines in the help's frame, without those that are empty.
fn told(app: &App) -> String {
    screen(app, 92, 300)
}

#[test]
fn typing_searches_the_help() {
    let mut app = app();
    type_in(&mut app, "?quit");
    let text = told(&app);
    assert!(text.contains("search: quit") && text.contains(":quit"));
    assert!(!text.contains("crosshair"), "{text}");
    press(&mut app, &[Key::Ctrl('u')]);
    assert!(told(&app).contains("crosshair"));
    // One Esc leads out of a search, too: keys that follow are not part of it.
    type_in(&mut app, "quit");
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.dialogs.mode, Mode::Main);
    type_in(&mut app, "?no such thing");
    assert!(told(&app).contains("Nothing mentions this"));
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "relabel");
    press(&mut app, &[Key::Backspace]);
    update(&mut app, Message::Paste("\u{1b}[2J junk\nmore".into()));
    assert!(!told(&app).contains('\u{1b}'));
    update(&mut app, Message::Paste("x".repeat(1 << 20)));
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.dialogs.mode, Mode::Main);
}

#[test]
fn a_word_and_a_heading_are_explained() {
    let mut app = app();
    type_in(&mut app, ":explain trust");
    press(&mut app, &[Key::Enter]);
    assert!(told(&app).contains("trustworthiness: "), "{}", told(&app));
    press(&mut app, &[Key::Esc]);
    enter(&mut app, Panel::Classes);
    let area = app.current_layout().unwrap();
    let area = area.panel(Panel::Classes).unwrap();
    let mut click = |row| {
        let (kind, column) = (MouseKind::Press, area.x + 20);
        update(&mut app, Message::Mouse(Mouse { kind, column, row }));
        told(&app)
    };
    // A row is no heading.
    assert!(!click(area.y + 4).contains("What the Classes panel shows"));
    assert!(click(area.y + 2).contains("What the Classes panel shows"));
}

#[test]
fn the_place_where_help_is_asked_for_comes_first() {
    let mut app = app();
    let place = |app: &App, what: &str| told(app).find(what).unwrap();
    type_in(&mut app, "?");
    assert!(place(&app, "On the map, and") < place(&app, "In the Suspects panel"));
    press(&mut app, &[Key::Esc]);
    enter(&mut app, Panel::Suspects);
    type_in(&mut app, "?");
    let order = [
        "How to",
        "In the Suspects panel",
        "In any panel",
        "On the map, and",
    ];
    assert!(order.map(|what| place(&app, what)).is_sorted());
    press(&mut app, &[Key::Esc]);
    press(&mut app, &[Key::Esc]);
    // The suspect that the panel showed is still under the crosshair.
    type_in(&mut app, "?");
    assert!(place(&app, "With the crosshair") < place(&app, "On the map, and"));
    // A command opens it on what it mentions.
    press(&mut app, &[Key::Esc]);
    type_in(&mut app, ":help palette");
    press(&mut app, &[Key::Enter]);
    assert!(told(&app).contains("search: palette") && told(&app).contains(":palette"));
}

#[test]
fn a_hint_points_at_the_help_until_it_was_asked_for() {
    let mut app = app();
    app.dialogs.hints = true;
    let hint = "new here: ? opens the help";
    assert!(screen(&app, 80, 24).contains(hint));
    assert_eq!(type_in(&mut app, "?"), [Effect::HelpSeen]);
    press(&mut app, &[Key::Esc]);
    assert!(!screen(&app, 80, 24).contains(hint));
    assert_eq!(type_in(&mut app, "?"), []);
}

#[test]
fn keys_of_the_users_own_work_and_are_shown() {
    let mut app = app();
    let own = |name: &str, keys: &[&str]| {
        let keys = keys.iter().map(ToString::to_string).collect();
        (name.to_owned(), keys)
    };
    let keys = KeyBindings::new(&[own("pause", &["P", "ctrl-p"]), own("quit", &["Q"])]);
    app.keymap = keys.unwrap().keymap();
    assert_eq!(type_in(&mut app, " "), []);
    assert!(app.run.is_running());
    type_in(&mut app, "P");
    assert!(!app.run.is_running());
    press(&mut app, &[Key::Ctrl('p')]);
    assert!(app.run.is_running());
    assert_eq!(type_in(&mut app, "q"), []);
    assert_eq!(type_in(&mut app, "Q"), [Effect::Quit]);
    assert_eq!(press(&mut app, &[Key::Ctrl('c')]), [Effect::Quit]);
    let text = screen(&app, 80, 24);
    assert!(
        text.contains("P ctrl-p pause") && text.contains("Q quit"),
        "{text}"
    );
    type_in(&mut app, "?");
    assert!(told(&app).contains("P ctrl-p"));
}

#[test]
fn messages_say_how_to_undo() {
    let mut app = app();
    type_in(&mut app, "2");
    assert!(notice(&app).contains("u undoes"));
    type_in(&mut app, "u");
    assert_eq!(app.samples.shown, [true; 5]);
    assert!(notice(&app).contains("Ctrl-R redoes it"));
    type_in(&mut app, "co");
    assert_eq!(notice(&app), "only none shown; u undoes, a shows all");
    type_in(&mut app, "o");
    assert_eq!(notice(&app), "all classes shown; u undoes");
}

#[test]
fn every_key_that_can_be_changed_is_in_the_config_file() {
    for (name, keys, _) in KeyBindings::actions() {
        assert!(KeyBindings::new(&[(name.clone(), keys)]).is_ok(), "{name}");
    }
}
