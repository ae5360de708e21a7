//! Choosing samples, through messages.

use super::*;
use crate::diagnosis::SampleDiagnosis;
use crate::tui::app::action::Target;
use crate::tui::app::dialogs::Mode;
use crate::tui::terminal::input::{Mouse, MouseKind};

/// The app without what was chosen.
fn app() -> App {
    let mut app = fake::choosing();
    press(&mut app, &[Key::Esc]);
    app.samples.selection = crate::tui::app::selection::Selection::default();
    app.samples.history = crate::tui::app::selection::History::default();
    app
}

fn mouse(app: &mut App, kind: MouseKind, at: (u16, u16)) {
    let (column, row) = at;
    update(app, Message::Mouse(Mouse { kind, column, row }));
}

/// Where a sample is on the terminal.
fn cell_of(app: &App, sample: usize) -> (u16, u16) {
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    let area = crate::raster::Area::new(cells.width, cells.height);
    let p = app.run.snapshot.positions[sample].map(f64::from);
    let [x, y] = app.viewport(area).to_dot(area, p);
    (cells.x + (x / 2.0) as u16, cells.y + (y / 4.0) as u16)
}

#[test]
fn the_crosshair_goes_from_sample_to_sample_and_asks_for_their_neighbors() {
    let mut app = app();
    let effects = type_in(&mut app, "x");
    let first = app.samples.selection.current.unwrap();
    assert_eq!(
        effects,
        [Effect::Inspect {
            sample: first,
            k: 10
        }]
    );
    // One question at a time, however fast the keys are.
    assert_eq!(press(&mut app, &[Key::Right, Key::Right, Key::Up]), []);
    let now = app.samples.selection.current.unwrap();
    assert_ne!(now, first);
    let found = SampleDiagnosis::of(&app.run.data, first, 10).map(std::sync::Arc::new);
    let next = update(&mut app, Message::Inspected(0, found));
    assert_eq!(next, [Effect::Inspect { sample: now, k: 10 }]);
    let before = app.run.snapshot.positions[now];
    press(&mut app, &[Key::Left]);
    let after = app.run.snapshot.positions[app.samples.selection.current.unwrap()];
    assert!(after[0] < before[0]);
    press(&mut app, &[Key::Down]);
    assert!(app.run.snapshot.positions[app.samples.selection.current.unwrap()][1] < after[1]);
    assert!(notice(&app).contains("IMG_"));
    // Moving is not worth a line in the log.
    assert!(app.messages.log.iter().all(|n| !n.text.contains("IMG_")));
    press(&mut app, &[Key::Esc]);
    assert!(app.map.crosshair.is_none() && app.samples.selection.current.is_some());
    let center = app.map.camera;
    press(&mut app, &[Key::Right]);
    assert_ne!(
        app.map.camera, center,
        "without a crosshair the window moves"
    );
}

#[test]
fn enter_selects_and_takes_out_and_u_undoes() {
    let mut app = app();
    type_in(&mut app, "x");
    let one = app.samples.selection.current.unwrap() as u32;
    press(&mut app, &[Key::Enter, Key::Right, Key::Enter]);
    assert_eq!(app.samples.selection.len(), 2);
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.samples.selection.ids(), [one]);
    type_in(&mut app, "X");
    assert!(app.samples.selection.is_empty());
    type_in(&mut app, "u");
    assert_eq!(app.samples.selection.ids(), [one]);
    assert!(notice(&app).starts_with("undone"));
    type_in(&mut app, "u");
    assert_eq!(app.samples.selection.len(), 2);
    press(&mut app, &[Key::Ctrl('r'), Key::Ctrl('r')]);
    assert!(app.samples.selection.is_empty());
    type_in(&mut app, "uuuu");
    assert!(notice(&app).contains("nothing to undo") || app.samples.selection.is_empty());
    type_in(&mut app, "u");
    assert!(notice(&app).contains("nothing to undo"));
}

#[test]
fn hidden_classes_come_back_with_undo() {
    let mut app = app();
    type_in(&mut app, "23");
    type_in(&mut app, "u");
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
    assert!(notice(&app).contains("hiding moderate"));
    type_in(&mut app, "a");
    assert_eq!(app.samples.shown, [true; 5]);
    type_in(&mut app, "uu");
    assert_eq!(app.samples.shown, [true; 5]);
    press(&mut app, &[Key::Ctrl('r')]);
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
}

#[test]
fn a_box_selects_what_is_in_it_and_is_shown() {
    let mut app = app();
    app.jump_to(0);
    type_in(&mut app, "b");
    type_in(&mut app, "LLLLLLJJJ");
    assert!(screen(&app, 80, 24).contains('┘'));
    press(&mut app, &[Key::Enter]);
    let selected = app.samples.selection.len();
    assert!(selected > 1 && selected < 714, "{selected}");
    assert!(app.samples.selection.contains(0));
    // Esc leaves the box first, then the crosshair.
    type_in(&mut app, "bL");
    press(&mut app, &[Key::Esc]);
    assert!(app.map.crosshair.is_some_and(|c| c.corner.is_none()));
    press(&mut app, &[Key::Esc]);
    assert!(app.map.crosshair.is_none());
    assert_eq!(app.samples.selection.len(), selected);
}

#[test]
fn only_what_is_shown_is_reached_or_boxed() {
    let mut app = app();
    type_in(&mut app, "1");
    for key in [Key::Left, Key::Up, Key::Right, Key::Down] {
        app.jump_to(800);
        press(&mut app, &[key; 40]);
        assert!(app.samples.selection.current.unwrap() >= 714);
    }
    let everything = app.in_view();
    assert_eq!(everything.len(), fake::SAMPLES - 714);
    assert!(everything.iter().all(|s| *s >= 714));
    type_in(&mut app, "B");
    assert_eq!(app.samples.selection.ids(), everything);
}

#[test]
fn the_mouse_takes_samples_and_boxes() {
    let mut app = app();
    let at = cell_of(&app, 5);
    mouse(&mut app, MouseKind::Press, at);
    assert_eq!(app.samples.selection.current, None);
    mouse(&mut app, MouseKind::Release, at);
    let near = app.samples.selection.current.unwrap();
    assert!(near < 714 && app.map.crosshair.is_some());
    mouse(&mut app, MouseKind::RightPress, at);
    mouse(&mut app, MouseKind::RightDrag, (at.0 + 6, at.1 + 3));
    assert!(screen(&app, 80, 24).contains('┐'));
    mouse(&mut app, MouseKind::RightRelease, (at.0 + 6, at.1 + 3));
    let boxed = app.samples.selection.len();
    assert!(boxed > 1);
    // Dragging with the left button moves the map and chooses nothing.
    let before = app.samples.selection.clone();
    mouse(&mut app, MouseKind::Press, at);
    mouse(&mut app, MouseKind::Drag, (at.0 + 4, at.1));
    mouse(&mut app, MouseKind::Release, (at.0 + 4, at.1));
    assert_eq!(app.samples.selection, before);
    // The right button on a point takes it alone.
    let at = cell_of(&app, 1000);
    mouse(&mut app, MouseKind::RightPress, at);
    mouse(&mut app, MouseKind::RightRelease, at);
    assert_eq!(app.samples.selection.len(), boxed + 1);
}

#[test]
fn classes_are_selected_from_map_and_panel() {
    let mut app = app();
    type_in(&mut app, "A");
    assert!(app.samples.selection.is_empty());
    app.jump_to(800);
    type_in(&mut app, "A");
    assert_eq!(app.samples.selection.len(), 186);
    press(
        &mut app,
        &[Key::Char('c'), Key::Down, Key::Down, Key::Char('A')],
    );
    assert_eq!(app.samples.selection.len(), 186 + 486);
    type_in(&mut app, "A");
    assert_eq!(app.samples.selection.len(), 186);
}

#[test]
fn ids_are_found_while_they_are_typed() {
    let mut app = app();
    type_in(&mut app, "/img_07");
    assert_eq!(app.samples.selection.current, Some(700));
    type_in(&mut app, "51");
    assert_eq!(app.samples.selection.current, Some(751));
    assert!(screen(&app, 80, 24).contains("find: img_0751"));
    type_in(&mut app, "zz");
    assert!(
        screen(&app, 80, 24).contains("no id, class, named selection, panel or command matches")
    );
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "9.png");
    press(&mut app, &[Key::Enter]);
    assert_eq!(
        (app.dialogs.mode.clone(), app.samples.selection.current),
        (Mode::Main, Some(9))
    );
    type_in(&mut app, "nn");
    assert_eq!(app.samples.selection.current, Some(29));
    type_in(&mut app, "NNN");
    assert_eq!(app.samples.selection.current, Some(1599));
    type_in(&mut app, "n");
    assert_eq!(app.samples.selection.current, Some(9));
    // Without ids, numbers are found.
    let mut app = fake::app();
    app.size = (80, 24);
    type_in(&mut app, "n");
    assert!(notice(&app).contains("no search yet"));
    type_in(&mut app, "/1599");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.samples.selection.current, Some(1599));
    type_in(&mut app, "/1600");
    assert!(screen(&app, 80, 24).contains("from 0 to 1599"));
}

#[test]
fn a_search_finds_classes_panels_and_commands_and_counts() {
    let mut app = app();
    // A class before the ids, which hold the letters only scattered.
    type_in(&mut app, "/mod");
    assert!(screen(&app, 80, 24).contains("1 of 3, ↓ next · class moderate (486 samples)"));
    assert_eq!(app.state(Panel::Classes).row, 2);
    assert!(app.panels.on_map, "the focus moves with Enter only");
    press(&mut app, &[Key::Down]);
    assert!(screen(&app, 80, 24).contains("2 of 3, ↓ next · panel Models"));
    press(&mut app, &[Key::Down]);
    assert!(screen(&app, 80, 24).contains("3 of 3, ↓ next · command :model"));
    press(&mut app, &[Key::Down, Key::Enter]);
    assert!(app.is_focused(Panel::Classes) && app.dialogs.mode == Mode::Main);
    assert!(notice(&app).contains("1 of 3, n next, N previous"));
    type_in(&mut app, "n");
    assert!(app.is_focused(Panel::Models));
    press(&mut app, &[Key::Esc]);
    // A command goes into the command line.
    type_in(&mut app, "n");
    assert!(screen(&app, 80, 24).contains(":model"));
    press(&mut app, &[Key::Esc]);
    type_in(&mut app, "/:pal");
    assert!(screen(&app, 80, 24).contains("1 of 1 · command :palette"));
    press(&mut app, &[Key::Ctrl('u')]);
    // Characters in their order, where nothing contains them.
    type_in(&mut app, "prlf");
    assert!(
        screen(&app, 80, 24).contains("class proliferative"),
        "{}",
        screen(&app, 80, 24)
    );
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "img17");
    press(&mut app, &[Key::Enter]);
    assert!(
        notice(&app).contains("1 of 142, n next, N previous"),
        "{}",
        notice(&app)
    );
    // What finds nothing stays, with the reason.
    type_in(&mut app, "/qqq");
    press(&mut app, &[Key::Enter]);
    assert!(screen(&app, 80, 24).contains("find: qqq"));
}

#[test]
fn a_search_finds_named_selections_and_selects_them() {
    let mut app = app();
    for line in [":select class mild", ":name border cases", ":select none"] {
        type_in(&mut app, line);
        press(&mut app, &[Key::Enter]);
    }
    assert_eq!(app.samples.selection.len(), 0);
    type_in(&mut app, "/cases");
    assert!(screen(&app, 80, 24).contains("1 of 1 · selection border cases (186 samples)"));
    assert_eq!(app.samples.selection.len(), 0, "Enter selects, not typing");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.samples.selection.len(), 186);
    assert!(app.is_focused(Panel::Selection));
    assert!(notice(&app).contains("selection border cases (186 samples) · 1 of 1"));
    // It can be undone, and a name that was forgotten is not found.
    press(&mut app, &[Key::Esc, Key::Char('u')]);
    assert_eq!(app.samples.selection.len(), 0);
    type_in(&mut app, ":forget border cases");
    press(&mut app, &[Key::Enter]);
    type_in(&mut app, "/cases");
    assert!(!screen(&app, 80, 24).contains("selection border cases"));
}

#[test]
fn selections_and_views_get_names_and_come_back() {
    let mut app = app();
    let command = |app: &mut App, line: &str| {
        type_in(app, &format!(":{line}"));
        press(app, &[Key::Enter])
    };
    let shown = |app: &App| screen(app, 120, 50);
    command(&mut app, "name early");
    assert!(shown(&app).contains("nothing is selected; :select selects"));
    press(&mut app, &[Key::Esc]);
    command(&mut app, "select class mild");
    command(&mut app, "name border cases");
    command(&mut app, "select class severe");
    command(&mut app, "name all");
    assert_eq!(app.samples.selection.len(), 186 + 94);
    // The panel comes up beside the chosen one, with the names.
    app.size = (120, 50);
    assert!(
        shown(&app).contains("Selection · 280 of 1600"),
        "{}",
        shown(&app)
    );
    assert!(
        shown(&app).contains("named all 280, border cases 186"),
        "{}",
        shown(&app)
    );
    command(&mut app, "select none");
    assert!(!shown(&app).contains("Selection · "));
    command(&mut app, "select border");
    assert_eq!(app.samples.selection.len(), 186);
    type_in(&mut app, "e");
    assert!(shown(&app).contains("retina5-border-cases.csv"));
    press(&mut app, &[Key::Esc]);
    command(&mut app, "select named all");
    assert_eq!(app.samples.selection.len(), 280);
    command(&mut app, "forget all");
    command(&mut app, "select named all");
    assert!(shown(&app).contains("expected the name of a selection"));
    press(&mut app, &[Key::Esc]);
    // A view: window, classes and colors.
    type_in(&mut app, "++2");
    command(&mut app, "color density");
    let (camera, look) = (app.map.camera, app.map.look);
    command(&mut app, "view save close");
    type_in(&mut app, "fav");
    assert_ne!(app.map.camera, camera);
    command(&mut app, "view close");
    assert_eq!((app.map.camera, app.map.look), (camera, look));
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
    type_in(&mut app, "u");
    assert!(app.samples.shown.iter().all(|shown| *shown));
    command(&mut app, "forget close");
    command(&mut app, "view close");
    assert!(shown(&app).contains("no view has a name yet"));
}

#[test]
fn the_ids_of_the_selection_are_saved() {
    let mut app = app();
    type_in(&mut app, "e");
    assert_eq!(app.dialogs.mode, Mode::Main);
    update(&mut app, Message::Rested);
    app.jump_to(3);
    press(&mut app, &[Key::Enter, Key::Char('e')]);
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(
        effects,
        [Effect::Save {
            target: Target::Selection,
            path: "retina5-selection.csv".into(),
            overwrite: false
        }]
    );
    type_in(&mut app, "e");
    press(&mut app, &[Key::Backspace, Key::Enter]);
    assert!(screen(&app, 80, 24).contains("must end in .csv"));
}

#[test]
fn the_panel_of_the_sample_leads_to_its_neighbors() {
    let mut app = fake::choosing();
    enter(&mut app, Panel::Sample);
    press(&mut app, &[Key::Down, Key::Down]);
    let text = screen(&app, 80, 24);
    assert!(
        text.contains("IMG_0880.png") && text.contains("#1000"),
        "{text}"
    );
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.samples.selection.current, Some(880));
    assert!(
        app.current_neighbors().is_empty(),
        "those of another sample"
    );
    type_in(&mut app, "y");
    assert!(!app.map.neighbor_lines);
}

#[test]
fn a_sample_out_of_the_window_is_brought_into_it() {
    let mut app = app();
    app.jump_to(0);
    type_in(&mut app, "++++++");
    app.jump_to(1599);
    let (column, row) = cell_of(&app, 1599);
    let cells = app.map_cells(&app.current_layout().unwrap()).unwrap();
    assert!(cells.contains((column, row).into()));
    app.jump_to(99_999);
    assert_eq!(app.samples.selection.current, Some(1599));
}
