//! Every key, through messages.

use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::raster::Area;
use crate::run::Command;
use crate::tui::app::action::Target;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::maps::Camera;
use crate::tui::terminal::input::{Mouse, MouseKind};

pub(super) fn app() -> App {
    let mut app = fake::app();
    app.size = (80, 24);
    app
}

pub(super) fn command(command: Command) -> Vec<Effect> {
    vec![Effect::Command(command)]
}

/// The worker's answer to what was asked.
pub(super) fn answer(app: &mut App, change: impl FnOnce(&mut crate::run::Snapshot)) {
    let mut snapshot = (*app.run.snapshot).clone();
    snapshot.sequence += 1;
    change(&mut snapshot);
    let diagnosis = app.run.diagnosis.clone();
    update(app, Message::News(Arc::new(snapshot), diagnosis));
}

#[test]
fn what_is_typed_as_the_answer_to_a_refused_question_does_nothing() {
    let mut app = app();
    app.samples.selection = crate::tui::app::selection::Selection::default();
    let before = app.map.look;
    assert_eq!(type_in(&mut app, "esv out.csvq"), []);
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    assert_eq!(app.map.look, before);
    let notice = app.messages.notice.as_ref().unwrap();
    assert!(notice.text.contains("nothing is selected") && notice.is_problem);
    // Enter ends the answer, and so does some time without a key.
    assert_eq!(type_in(&mut app, "s"), command(Command::Step));
    type_in(&mut app, "e");
    update(&mut app, Message::Rested);
    assert_eq!(type_in(&mut app, "s"), command(Command::Step));
    // A key that types nothing ends it, too.
    type_in(&mut app, "e");
    press(&mut app, &[Key::Tab]);
    assert!(app.is_focused(Panel::Classes));
}

#[test]
fn zoom_pan_and_fit_move_the_window() {
    let mut app = app();
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    let area = Area::new(cells.width, cells.height);
    let fit = app.viewport(area);
    type_in(&mut app, "+");
    let closer = app.viewport(area);
    assert!((fit.scale() / closer.scale() - 1.5).abs() < 1e-9);
    assert_eq!(fit.center(), closer.center());
    type_in(&mut app, "-");
    assert!((app.viewport(area).scale() - fit.scale()).abs() < 1e-9);
    for (there, back) in [("l", "h"), ("j", "k")] {
        let before = app.viewport(area).center();
        type_in(&mut app, there);
        assert_ne!(app.viewport(area).center(), before);
        type_in(&mut app, back);
        let after = app.viewport(area).center();
        assert!((after[0] - before[0]).abs() < 1e-9 && (after[1] - before[1]).abs() < 1e-9);
    }
    press(&mut app, &[Key::Right]);
    assert!(app.viewport(area).center()[0] > fit.center()[0]);
    press(&mut app, &[Key::Up]);
    assert!(app.viewport(area).center()[1] > fit.center()[1]);
    for key in ["f", "0"] {
        type_in(&mut app, "+");
        type_in(&mut app, key);
        assert_eq!(app.map.camera, Camera::Fit);
    }
}

#[test]
fn digits_hide_classes_and_a_shows_all() {
    let mut app = app();
    type_in(&mut app, "25");
    assert_eq!(app.samples.shown, [true, false, true, true, false]);
    let text = screen(&app, 80, 24);
    assert!(text.contains("2 classes hidden"), "{text}");
    type_in(&mut app, "2");
    assert_eq!(app.samples.shown, [true, true, true, true, false]);
    type_in(&mut app, "8");
    assert!(notice(&app).contains("5 classes"));
    type_in(&mut app, "a");
    assert_eq!(app.samples.shown, [true; 5]);
}

#[test]
fn the_legend_cursor_reaches_any_class() {
    let mut app = fake::app_with_classes(40);
    app.size = (80, 24);
    type_in(&mut app, "c");
    assert!(app.is_focused(Panel::Classes));
    press(
        &mut app,
        &[Key::PageDown, Key::PageDown, Key::PageDown, Key::Down],
    );
    assert_eq!(app.row_at_cursor(Panel::Classes), Some(31));
    assert!(screen(&app, 80, 24).contains("class 31"));
    type_in(&mut app, " ");
    assert!(!app.samples.shown[31]);
    type_in(&mut app, "o");
    assert_eq!(app.samples.shown.iter().filter(|s| **s).count(), 1);
    assert!(app.samples.shown[31]);
    type_in(&mut app, "o");
    assert_eq!(app.samples.shown.iter().filter(|s| **s).count(), 40);
    press(&mut app, &[Key::Up; 50]);
    assert_eq!(app.row_at_cursor(Panel::Classes), Some(0));
    assert!(screen(&app, 80, 24).contains("class 0 "));
    press(&mut app, &[Key::End]);
    assert_eq!(app.row_at_cursor(Panel::Classes), Some(39));
    press(&mut app, &[Key::Home]);
    assert_eq!(app.row_at_cursor(Panel::Classes), Some(0));
    press(&mut app, &[Key::Esc]);
    assert!(app.panels.on_map);
    // Other keys keep their meaning; the key of a panel that has the focus already leaves it there.
    type_in(&mut app, "cc");
    assert!(app.is_focused(Panel::Classes));
    assert_eq!(type_in(&mut app, "]").len(), 1);
    press(&mut app, &[Key::Esc]);
    assert_eq!(type_in(&mut app, " "), command(Command::Pause));
}

#[test]
fn what_has_the_focus_can_have_the_whole_screen() {
    let mut app = app();
    type_in(&mut app, "z");
    let body = app.current_layout().unwrap();
    assert_eq!(body.map.unwrap().width, 80);
    assert!(body.panels.is_empty());
    // Tab leads out of it.
    press(&mut app, &[Key::Tab]);
    assert!(!app.panels.zoomed);
    type_in(&mut app, "z");
    assert_eq!(app.current_layout().unwrap().panels[0].1.width, 80);
    assert!(screen(&app, 80, 24).contains("mixes with"));
    press(&mut app, &[Key::Tab]);
    assert!(app.panels.zoomed && app.panels.chosen == Panel::Separation);
    press(&mut app, &[Key::Esc]);
    assert!(!app.panels.zoomed && !app.panels.on_map);
    press(&mut app, &[Key::Esc]);
    assert!(app.panels.on_map);
}

#[test]
fn esc_leads_from_a_zoomed_map_back_to_the_whole_one() {
    let mut app = app();
    type_in(&mut app, "+zx");
    assert_ne!(app.map.camera, Camera::Fit);
    // What lies over the map goes first.
    press(&mut app, &[Key::Esc]);
    assert!(app.map.crosshair.is_none() && app.map.camera != Camera::Fit);
    press(&mut app, &[Key::Esc]);
    assert!(app.map.camera == Camera::Fit && app.panels.zoomed);
    press(&mut app, &[Key::Esc, Key::Esc]);
    assert!(app.map.camera == Camera::Fit && !app.panels.zoomed);
}

#[test]
fn panels_remember_their_order_and_place() {
    let mut app = app();
    press(
        &mut app,
        &[Key::Tab, Key::Char('S'), Key::Char('S'), Key::Down],
    );
    assert!(app.messages.notice.is_none());
    let order = |app: &App| app.order_of(Panel::Classes);
    // By silhouette in the features; the class without one is the last.
    assert_eq!(order(&app), [0, 1, 2, 4, 3]);
    assert_eq!(app.row_at_cursor(Panel::Classes), Some(1));
    assert!(screen(&app, 80, 24).contains("feat▾"));
    type_in(&mut app, "I");
    assert_eq!(order(&app), [4, 2, 1, 0, 3]);
    assert!(screen(&app, 80, 24).contains("feat▴"));
    enter(&mut app, Panel::Neighbors);
    type_in(&mut app, "S");
    enter(&mut app, Panel::Runs);
    press(&mut app, &[Key::Down]);
    assert_eq!(app.state(Panel::Neighbors).order, 1);
    assert_eq!(app.state(Panel::Runs).row, 1);
    enter(&mut app, Panel::Classes);
    let classes = *app.state(Panel::Classes);
    assert_eq!((classes.row, classes.order, classes.reversed), (1, 2, true));
    let log = PANELS.iter().find(|p| **p == Panel::Log).unwrap();
    app.panels.chosen = *log;
    type_in(&mut app, "S");
    assert!(notice(&app).contains("cannot be sorted"));
}

#[test]
fn saving_asks_where_and_never_overwrites_silently() {
    let mut app = app();
    type_in(&mut app, "w");
    let save = |target, path: &str, overwrite| {
        vec![Effect::Save {
            target,
            path: PathBuf::from(path),
            overwrite,
        }]
    };
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(effects, save(Target::Map, "retina5-p30.npy", false));
    update(
        &mut app,
        Message::Exists(Target::Map, "retina5-p30.npy".into()),
    );
    assert!(screen(&app, 80, 24).contains("replace it? (y/n)"));
    assert_eq!(type_in(&mut app, "x"), []);
    assert_eq!(
        type_in(&mut app, "y"),
        save(Target::Map, "retina5-p30.npy", true)
    );
    update(
        &mut app,
        Message::Exists(Target::Map, "retina5-p30.npy".into()),
    );
    assert_eq!(type_in(&mut app, "n"), []);
    assert_eq!(app.dialogs.mode, Mode::Main);
    update(&mut app, Message::Saved(Target::Map, "a\u{1b}b.npy".into()));
    assert!(screen(&app, 80, 24).contains("map saved to a\\u{1b}b.npy"));

    type_in(&mut app, "W");
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(effects, save(Target::Statistics, "retina5.json", false));
    type_in(&mut app, "w");
    press(&mut app, &[Key::Ctrl('u'), Key::Char('x'), Key::Enter]);
    assert!(screen(&app, 80, 24).contains("must end in .npy, .csv"));
    press(&mut app, &[Key::Esc]);
    update(&mut app, Message::SaveFailed("cannot write x".into()));
    assert!(app.messages.notice.as_ref().is_some_and(|n| n.is_problem));
}

#[test]
fn help_glyphs_redraw_suspend_and_quit() {
    let mut app = app();
    type_in(&mut app, "?");
    assert!(screen(&app, 80, 24).contains("Help"));
    press(&mut app, &[Key::PageDown, Key::Down, Key::Up]);
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.dialogs.mode, Mode::Main);
    type_in(&mut app, "g");
    assert_eq!(app.map.look.glyphs, crate::picture::Glyphs::Octant);
    assert_eq!(press(&mut app, &[Key::Ctrl('l')]), [Effect::Redraw]);
    assert_eq!(press(&mut app, &[Key::Ctrl('z')]), [Effect::Suspend]);
    assert_eq!(type_in(&mut app, "q"), [Effect::Quit]);
    assert_eq!(press(&mut app, &[Key::Ctrl('c')]), [Effect::Quit]);
}

#[test]
fn every_key_of_the_table_is_in_the_help() {
    let mut app = app();
    type_in(&mut app, "?");
    let text = screen(&app, 92, 300);
    for (_, binding) in crate::tui::app::tables::keys::table().filter(|(_, b)| !b.help.is_empty()) {
        let help = crate::tui::app::command::with_endings(binding.help);
        let start: String = help.chars().take(30).collect();
        assert!(text.contains(start.trim_end()), "{start}\n{text}");
        assert!(text.contains(binding.shown), "{}", binding.shown);
    }
}

#[test]
fn the_mouse_zooms_pans_and_toggles() {
    let mut app = app();
    let mouse = |app: &mut App, kind, column, row| {
        update(app, Message::Mouse(Mouse { kind, column, row }));
    };
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    let area = Area::new(cells.width, cells.height);
    let under = |app: &App, column: u16, row: u16| {
        let dot = [
            f64::from(column - cells.x) * 2.0 + 1.0,
            f64::from(row - cells.y) * 4.0 + 2.0,
        ];
        app.viewport(area).to_map(area, dot)
    };
    let before = under(&app, 10, 8);
    mouse(&mut app, MouseKind::WheelUp, 10, 8);
    let after = under(&app, 10, 8);
    assert!((before[0] - after[0]).abs() < 1e-9 && (before[1] - after[1]).abs() < 1e-9);
    mouse(&mut app, MouseKind::Press, 10, 8);
    mouse(&mut app, MouseKind::Drag, 13, 10);
    mouse(&mut app, MouseKind::Release, 13, 10);
    let dragged = under(&app, 13, 10);
    assert!((dragged[0] - before[0]).abs() < 1e-9 && (dragged[1] - before[1]).abs() < 1e-9);
    // Below title, tabs, frame and headings.
    mouse(&mut app, MouseKind::Press, 45, 6);
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
    app.size = (40, 12);
    mouse(&mut app, MouseKind::Press, 3, 9);
    assert_eq!(app.samples.shown, [false, false, true, true, true]);
    for column in 0..90 {
        for row in 0..30 {
            for kind in [MouseKind::WheelDown, MouseKind::Press, MouseKind::Drag] {
                mouse(&mut app, kind, column, row);
            }
        }
    }
}

#[test]
fn pasted_text_only_enters_prompts() {
    let mut app = app();
    let before = app.clone();
    assert_eq!(
        update(&mut app, Message::Paste("qqq\nr\u{1b}[A".into())),
        []
    );
    assert_eq!(screen(&app, 80, 24), screen(&before, 80, 24));
    type_in(&mut app, "w");
    press(&mut app, &[Key::Ctrl('u')]);
    update(&mut app, Message::Paste("/tmp/\u{1b}x.npy\nrm".into()));
    assert!(screen(&app, 80, 24).contains("/tmp/x.npy"));
}

#[test]
fn whatever_is_pressed_nothing_breaks() {
    let keys: Vec<Key> = (' '..='~')
        .map(Key::Char)
        .chain([
            Key::Enter,
            Key::Esc,
            Key::Tab,
            Key::BackTab,
            Key::Backspace,
            Key::Delete,
            Key::Up,
            Key::Down,
            Key::Left,
            Key::Right,
            Key::Home,
            Key::End,
            Key::PageUp,
            Key::PageDown,
            Key::Ctrl('u'),
            Key::Ctrl('w'),
            Key::Ctrl('a'),
        ])
        .collect();
    let mut state = 7u64;
    for start in [fake::app(), fake::preparing(), fake::unlabeled()] {
        let mut app = start;
        for round in 0..4000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            press(&mut app, &[keys[(state >> 33) as usize % keys.len()]]);
            if round % 40 == 0 {
                let (columns, rows) = ((state >> 20) as u16 % 130, (state >> 40) as u16 % 45);
                update(&mut app, Message::Resize(columns, rows));
                screen(&app, columns, rows);
            }
        }
    }
}

#[test]
fn the_footer_always_says_how_to_get_out() {
    let mut app = app();
    let footer = |app: &App, columns: u16| {
        let text = screen(app, columns, 24);
        text.lines().last().unwrap().to_owned()
    };
    let narrow = footer(&app, 40);
    assert!(
        narrow.contains("G panels") && narrow.contains("Tab panel"),
        "{narrow}"
    );
    assert!(!narrow.contains("q quit") && narrow.contains("? help"));
    assert!(footer(&app, 80).contains("q quit"));
    enter(&mut app, Panel::Suspects);
    assert!(footer(&app, 60).contains("Esc map"));
    type_in(&mut app, "z");
    for columns in [40, 60, 80] {
        let text = footer(&app, columns);
        assert!(
            text.contains("Esc back") && text.contains("z back"),
            "{text}"
        );
    }
}

#[test]
fn the_legend_begins_with_the_classes_that_are_shown() {
    let mut app = fake::app_with_classes(40);
    app.size = (80, 24);
    app.panels.zoomed = true;
    app.toggle(30);
    app.solo(30);
    let text = screen(&app, 80, 24);
    let legend = text.lines().find(|line| line.contains("+3")).unwrap();
    assert!(legend.find("class 30").unwrap() < legend.find("class 0 ").unwrap());
}
