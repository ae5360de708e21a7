//! The panels as they are described: their rows, cells, orders and cursors.

use super::*;
use crate::diagnosis::{ClassVerdict, mixed_with};
use crate::tui::app::panels::PanelState;
use crate::tui::app::panels::content::Line;

/// An app with a panel in focus on the whole screen.
fn inside(panel: Panel) -> App {
    let mut app = match panel {
        Panel::Sample | Panel::Selection => fake::choosing(),
        _ => fake::app(),
    };
    app.size = (120, 40);
    app.panels.chosen = panel;
    app.panels.on_map = false;
    app.panels.zoomed = true;
    app
}

/// The cells of a row, by its place in the rows' own order.
fn cells(app: &App, panel: Panel, row: usize) -> Vec<String> {
    let content = app.content(panel);
    let columns = content.columns.iter();
    let cells = columns.map(|column| column.of(row, 30).text().trim().to_owned());
    cells.collect()
}

/// What a panel says below its table.
fn notes(app: &App, panel: Panel) -> String {
    let content = app.content(panel);
    let lines: Vec<String> = content.notes.iter().map(Line::text).collect();
    lines.join("\n")
}

#[test]
fn every_order_sorts_the_rows_and_marks_one_heading() {
    for panel in PANELS {
        let mut app = inside(*panel);
        let orders = app.orders(*panel);
        for (order, words) in orders.iter().enumerate() {
            assert_eq!(app.state(*panel).order, order, "{words}");
            let rows = app.order_of(*panel);
            let mut all = rows.clone();
            all.sort_unstable();
            assert!(all.iter().copied().eq(0..rows.len()), "{words}: {rows:?}");
            let headings = |app: &App| {
                let content = app.content(*panel);
                let state: PanelState = *app.state(*panel);
                let columns = 0..content.columns.len();
                let headings: Vec<String> =
                    columns.map(|at| content.heading(at, 20, &state)).collect();
                headings.concat()
            };
            assert_eq!(headings(&app).contains('▾'), order > 0, "{words}");
            press(&mut app, &[Key::Char('I')]);
            assert!(headings(&app).matches(['▾', '▴']).count() == 1, "{words}");
            press(&mut app, &[Key::Char('S')]);
        }
    }
}

#[test]
fn the_cursor_goes_through_all_rows_and_a_click_puts_it_on_one() {
    for panel in PANELS {
        let mut app = inside(*panel);
        let (has_cursor, rows, above) = {
            let content = app.content(*panel);
            (content.has_cursor, content.rows, content.above())
        };
        press(&mut app, &[Key::End]);
        if has_cursor && rows > 0 {
            assert_eq!(app.state(*panel).row, rows - 1);
            assert!(app.row_at_cursor(*panel).is_some());
            press(&mut app, &[Key::Home]);
            assert_eq!(app.state(*panel).row, 0);
        }
        assert_eq!(app.place_on_line(*panel, above.saturating_sub(1)), None);
        assert_eq!(app.place_on_line(*panel, above), (rows > 0).then_some(0));
    }
}

#[test]
fn classes_have_their_numbers_and_the_classes_that_they_mix_with() {
    let app = inside(Panel::Classes);
    let first = cells(&app, Panel::Classes, 0);
    let silhouette = ["● none", "714", "██▌    0.50", "0.60"];
    assert_eq!(first[..4], silhouette);
    assert_eq!(first[4..6], ["████▌   91%", "95%"]);
    assert!(first[7].starts_with("mild 18%"), "{first:?}");
    let content = app.content(Panel::Classes);
    let sums: Vec<String> = content
        .columns
        .iter()
        .filter_map(|c| c.sum.as_ref())
        .map(Line::text)
        .collect();
    assert_eq!(sums[..2], ["  all", "1600"]);
}

#[test]
fn a_row_of_each_table() {
    let row = |panel| cells(&inside(panel), panel, 0).join(" | ");
    let contains = |panel: Panel, words: &[&str]| {
        let row = row(panel);
        assert!(
            words.iter().all(|word| row.contains(word)),
            "{}: {row}",
            panel.label()
        );
    };
    contains(Panel::Separation, &["● none", "±", "clearly separated"]);
    contains(Panel::Pairs, &["none", "mild", "24", "20", "="]);
    contains(Panel::Neighbors, &["● none", "▲"]);
    contains(Panel::Suspects, &["→", "%", "−0.70"]);
    contains(Panel::Fidelity, &["● none", "0."]);
    contains(Panel::Selection, &["● none", "%"]);
    contains(Panel::Runs, &["5", "1", "–"]);
    assert!(row(Panel::Sample).contains('.'));
}

#[test]
fn panels_of_text_say_what_there_is() {
    for (panel, words) in [
        (Panel::Reading, "· Class none stands apart"),
        (Panel::Models, "Nothing to compare"),
        (Panel::Suspects, "times as far from its neighbors"),
        (Panel::Separation, "NC1"),
        (Panel::Fidelity, "Mixed more on the map:"),
    ] {
        let said = notes(&inside(panel), panel);
        assert!(said.contains(words), "{}: {said}", panel.label());
    }
}

#[test]
fn columns_that_do_not_fit_are_scrolled_through() {
    let mut app = fake::app_with_classes(100);
    app.size = (80, 24);
    app.panels.chosen = Panel::Neighbors;
    app.panels.on_map = false;
    type_in(&mut app, "LLL");
    press(&mut app, &[Key::PageDown; 5]);
    let text = screen(&app, 80, 24);
    assert!(text.contains("of 100 · columns 4–"), "{text}");
    assert_eq!(app.state(Panel::Neighbors).column, 3);
}

#[test]
fn classes_whose_long_names_begin_and_end_alike_look_different() {
    let names = ["no", "mild", "moderate", "severe", "proliferative"];
    let name = |grade: &str| format!("diabetic_retinopathy_{grade:_<13}_2");
    let mut app = fake::app_of(names.map(name).to_vec());
    for size in [(40, 12), (80, 24), (120, 40), (200, 50)] {
        app.size = size;
        let content = app.content(Panel::Classes);
        let widths = [12, 16, 22, 30];
        for width in widths {
            let cells = (0..5).map(|row| content.columns[0].of(row, width).text());
            let cells: std::collections::BTreeSet<String> = cells.collect();
            assert_eq!(cells.len(), 5, "{cells:?}");
        }
        let legend: std::collections::BTreeSet<String> =
            (0..5).map(|entry| app.entry_name_in(entry, 14)).collect();
        assert_eq!(legend.len(), 5, "{legend:?}");
    }
}

#[test]
fn the_list_of_panels_leads_to_each_by_its_key() {
    for panel in PANELS {
        let mut app = fake::app();
        app.size = (80, 24);
        type_in(&mut app, "G");
        let list = screen(&app, 80, 24);
        assert!(PANELS.iter().all(|p| list.contains(p.label())), "{list}");
        type_in(&mut app, &panel.key().to_string());
        assert!(app.is_focused(*panel), "{}", panel.label());
    }
    // Other keys do nothing, Esc leads back; the list fits the smallest screen.
    let mut app = fake::app();
    app.size = (40, 12);
    let before = screen(&app, 40, 12);
    type_in(&mut app, "Gzq7");
    let list = screen(&app, 40, 12);
    assert!(PANELS.iter().all(|p| list.contains(p.label())), "{list}");
    press(&mut app, &[Key::Esc]);
    assert_eq!(screen(&app, 40, 12), before);
    // The key that opens it closes it, too.
    type_in(&mut app, "GG");
    assert_eq!(screen(&app, 40, 12), before);
}

#[test]
fn the_verdict_on_a_class_is_the_same_wherever_it_stands() {
    let app = inside(Panel::Separation);
    let diagnosis = app.run.diagnosis.as_deref().unwrap();
    let (separation, pairs) = (diagnosis.separation.as_ref(), diagnosis.pairs.as_ref());
    let shown = screen(&app, 120, 40);
    for class in 0..app.run.classes() {
        let name = app.entry_name(class);
        let row = shown.lines().find(|line| line.contains(&name)).unwrap();
        if let Some(verdict) = ClassVerdict::of(separation.unwrap(), class) {
            assert!(row.contains(verdict.label()), "{row}");
        }
        let mixed = mixed_with(pairs, class);
        let marked = cells_of_pairs(&app).filter(|pair| pair.contains(&format!("{name} ")));
        assert_eq!(marked.count(), mixed, "{name}");
    }
}

/// The names of the pairs that are marked as mixed.
fn cells_of_pairs(app: &App) -> impl Iterator<Item = String> {
    let shown = screen(&inside_of(app, Panel::Pairs), 120, 40);
    let marked: Vec<String> = shown
        .lines()
        .filter_map(|line| Some(line.split_once("● ")?.1.to_owned()))
        .collect();
    marked.into_iter()
}

fn inside_of(app: &App, panel: Panel) -> App {
    let mut app = app.clone();
    app.panels.chosen = panel;
    app
}
