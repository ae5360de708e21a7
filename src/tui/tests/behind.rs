//! From a number to the samples behind it, through messages; and what the map shows of the row under a
//! cursor.

use ratatui::style::Modifier;

use super::*;
use crate::tui::app::action::{Compared, Effect};
use crate::tui::app::panels::Space;

fn inside(panel: Panel) -> App {
    let mut app = fake::app();
    app.size = (120, 40);
    enter(&mut app, panel);
    app
}

/// Classes of the selected samples.
fn classes(app: &App) -> Vec<u16> {
    let labels = app.run.data.labels().unwrap();
    let ids = app.samples.selection.ids().iter();
    let mut classes: Vec<u16> = ids.map(|id| labels.indices()[*id as usize]).collect();
    classes.dedup();
    classes
}

#[test]
fn enter_on_a_pair_shows_its_classes_and_selects_what_lies_across() {
    let mut app = inside(Panel::Pairs);
    let pair = app
        .run
        .diagnosis
        .as_ref()
        .unwrap()
        .pairs
        .as_ref()
        .unwrap()
        .listed[0]
        .classes;
    press(&mut app, &[Key::Enter]);
    let shown: Vec<usize> = (0..5).filter(|at| app.samples.shown[*at]).collect();
    assert_eq!(shown, [pair.0.min(pair.1), pair.0.max(pair.1)]);
    // Every tenth sample of the class before, in the order of the classes.
    assert!(app.samples.selection.ids().iter().all(|id| id % 10 == 0));
    assert!(!app.samples.selection.is_empty());
    assert!(notice(&app).contains("samples on the other class's side selected; u undoes"));
    type_in(&mut app, "u");
    assert!(app.samples.shown.iter().all(|shown| *shown));
    assert!(app.samples.selection.is_empty());
}

#[test]
fn the_pair_under_the_cursor_stands_out_on_the_map() {
    let mut app = inside(Panel::Pairs);
    let dim = |app: &App| {
        let cells = buffer(app, 120, 40);
        let map = app.map_cells(&app.current_layout().unwrap()).unwrap();
        let of_map = (map.y..map.bottom()).flat_map(|y| (map.x..map.right()).map(move |x| (x, y)));
        let filled = of_map.filter(|at| cells[*at].symbol() != " ");
        let (dim, bright): (Vec<_>, Vec<_>) =
            filled.partition(|at| cells[*at].modifier.contains(Modifier::DIM));
        (dim.len(), bright.len())
    };
    let (pale, bright) = dim(&app);
    assert!(pale > 50 && bright > 50, "{pale} {bright}");
    app.panels.follows = false;
    assert!(dim(&app).0 < 5);
    app.panels.follows = true;
    press(&mut app, &[Key::Esc]);
    assert!(dim(&app).0 < 5);
}

#[test]
fn enter_on_a_cell_of_the_neighbor_table_selects_its_samples() {
    let mut app = inside(Panel::Neighbors);
    app.panels.zoomed = false;
    press(&mut app, &[Key::Down, Key::Right, Key::Right, Key::Enter]);
    // The second class with neighbors of the third: its even samples.
    assert_eq!(classes(&app), [1]);
    assert_eq!(app.samples.selection.len(), 186 / 2);
    assert!(
        notice(&app)
            .starts_with("mild with neighbors labeled moderate in the features: 93 selected")
    );
    // Another cell takes its place; nobody there.
    press(&mut app, &[Key::Right, Key::Enter]);
    assert!(notice(&app).contains("severe in the features: no samples"));
    assert_eq!(app.samples.selection.len(), 93);
    press(&mut app, &[Key::Left, Key::Enter]);
    assert!(app.samples.selection.is_empty(), "again: nothing");
    type_in(&mut app, "t");
    assert_eq!(app.panels.space, Space::Map);
    press(&mut app, &[Key::Enter]);
    assert!(notice(&app).contains("on the map: "));
    // On a wide screen both tables are there, and the cursor goes through both.
    app.size = (200, 50);
    press(&mut app, &[Key::Home]);
    type_in(&mut app, "z");
    press(&mut app, &[Key::Left; 10]);
    press(&mut app, &[Key::Right; 6]);
    press(&mut app, &[Key::Enter]);
    assert!(
        notice(&app).starts_with("none with neighbors labeled mild on the map"),
        "{}",
        notice(&app)
    );
}

#[test]
fn enter_on_a_class_selects_it_and_space_hides_it() {
    for panel in [Panel::Classes, Panel::Separation] {
        let mut app = inside(panel);
        press(&mut app, &[Key::Down, Key::Enter]);
        assert_eq!((classes(&app), app.samples.selection.len()), (vec![1], 186));
        press(&mut app, &[Key::Enter]);
        assert!(app.samples.selection.is_empty());
    }
    let mut app = inside(Panel::Classes);
    press(&mut app, &[Key::Down, Key::Char(' ')]);
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
}

#[test]
fn the_neighbor_under_the_cursor_stands_out_and_comes_into_view() {
    let mut app = fake::choosing();
    app.size = (120, 40);
    press(&mut app, &[Key::Esc]);
    enter(&mut app, Panel::Sample);
    let current = app.samples.selection.current;
    assert!(app.pointed_neighbor().is_some());
    for _ in 0..4 {
        type_in(&mut app, "+");
    }
    let camera = app.map.camera;
    let mut moved = false;
    for _ in 0..9 {
        press(&mut app, &[Key::Down]);
        moved |= app.map.camera != camera;
    }
    assert!(moved, "a neighbor was out of view");
    assert_eq!(app.samples.selection.current, current);
    app.panels.follows = false;
    assert_eq!(app.pointed_neighbor(), None);
}

/// The text of the line under the cursor of the Models panel.
fn line_of_models(app: &App) -> String {
    let row = app.row_at_cursor(Panel::Models).unwrap();
    app.content(Panel::Models).columns[0].of(row, 200).text()
}

/// Presses a key until the line under the cursor begins with a text, marks aside.
fn go_to(app: &mut App, key: Key, text: &str) {
    for _ in 0..200 {
        let line = line_of_models(app);
        if line.trim_start_matches(['▸', '▾', ' ']).starts_with(text) {
            return;
        }
        press(app, &[key]);
    }
    panic!("no line begins with {text}");
}

#[test]
fn models_are_a_verdict_a_table_and_sections_that_lead_to_their_maps() {
    let mut app = multiples::study();
    app.size = (120, 40);
    app.run.compared = Compared::Ready(fake::comparison());
    enter(&mut app, Panel::Models);
    let text = screen(&app, 120, 40);
    assert!(
        text.contains("keep    A") && text.contains("discard B"),
        "{text}"
    );
    assert!(text.contains("behind A"), "{text}");
    assert!(
        text.contains("recall of the linear probe, % (* best by test)"),
        "{text}"
    );
    assert!(text.contains("99*") || text.contains("100*"), "{text}");
    assert!(text.contains("▾ What the results say"), "{text}");
    // The cursor is on the first model; the study is at A.
    press(&mut app, &[Key::Down]);
    assert!(line_of_models(&app).starts_with("discard B"));
    let effects = press(&mut app, &[Key::Enter]);
    assert_eq!(effects.first(), Some(&Effect::OpenSet(3)));
    app.sets.wanted = None;
    // Sections open, close and are jumped to.
    let rows = app.content(Panel::Models).rows;
    go_to(&mut app, Key::Char('}'), "Layers of A");
    press(&mut app, &[Key::Enter]);
    assert!(app.content(Panel::Models).rows > rows);
    go_to(&mut app, Key::Down, "penultimate");
    // It is shown already: nothing to read. A step leads to the layer after it.
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    go_to(&mut app, Key::Down, "conv2 → penultimate");
    app.sets.current = 0;
    assert_eq!(
        press(&mut app, &[Key::Enter]).first(),
        Some(&Effect::OpenSet(1))
    );
    type_in(&mut app, "{");
    assert!(line_of_models(&app).contains("Layers of A"));
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.content(Panel::Models).rows, rows);
    type_in(&mut app, "o");
    let all = app.content(Panel::Models).rows;
    assert!(all > 2 * rows, "{all} {rows}");
    type_in(&mut app, "o");
    assert!(app.content(Panel::Models).rows < rows);
}
