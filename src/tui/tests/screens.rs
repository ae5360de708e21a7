//! Screens at the sizes people have, and at those nobody should.

use super::*;
use crate::palette::{ColorDepth, Palette};
use crate::run::Activity;
use crate::tui::app::action::Compared;
use crate::tui::app::panels::{PANELS, Panel};

fn at(mut app: App, columns: u16, rows: u16) -> String {
    app.size = (columns, rows);
    screen(&app, columns, rows)
}

#[test]
fn without_colors_letters_tell_the_classes_apart() {
    let mut app = fake::app();
    app.palette = Palette::new(ColorDepth::None);
    app.map.look.glyphs = crate::picture::Glyphs::Letters;
    let text = at(app, 80, 24);
    let map = text
        .lines()
        .map(|line| line.chars().take(36).collect::<String>());
    let map: String = map.collect();
    assert!(map.contains("aaa") && map.contains("bbb"), "{text}");
}

#[test]
fn a_hundred_classes_are_listed_as_far_as_there_is_room() {
    let text = at(fake::app_with_classes(100), 120, 40);
    assert!(text.contains("of 100"), "{text}");
}

#[test]
fn models_are_compared_when_there_are_several() {
    let mut app = fake::app();
    app.size = (80, 24);
    app.panels.chosen = Panel::Models;
    app.panels.on_map = false;
    assert!(screen(&app, 80, 24).contains("Nothing to compare"));
    let outcomes = [
        (Compared::Running(0.42), "42%"),
        (Compared::Failed("no more memory".into()), "no more memory"),
        (Compared::Ready(fake::comparison()), "discard B"),
    ];
    for (outcome, words) in outcomes {
        update(&mut app, Message::Compared(outcome));
        assert!(screen(&app, 80, 24).contains(words), "{words}");
    }
    let top = screen(&app, 80, 24);
    assert!(top.contains("recall of the linear probe, %"), "{top}");
    type_in(&mut app, "o");
    press(&mut app, &[Key::PageDown, Key::PageDown]);
    type_in(&mut app, "}}");
    press(&mut app, &[Key::Down; 8]);
    let below = screen(&app, 80, 24);
    assert!(top != below && below.contains("▁"), "{below}");
    app.palette = Palette::new(ColorDepth::None);
    assert!(screen(&app, 80, 24).contains("▁"));
}

#[test]
fn hostile_names_are_shown_safely_and_stay_in_line() {
    let names = [
        "\u{1b}[31mred\u{1b}[2J",
        "\u{202e}gnitirw\u{2066}",
        "猫のクラス分類の結果",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}👩\u{200d}🔬👍🏽 team",
        "",
    ];
    let mut names: Vec<String> = names.map(str::to_owned).to_vec();
    names[4] = "long".repeat(2500);
    let app = fake::app_of(names);
    for (columns, rows) in [(80, 24), (200, 50), (40, 12)] {
        let mut app = app.clone();
        app.size = (columns, rows);
        for (panel, on_map) in PANELS.iter().flat_map(|p| [(*p, true), (*p, false)]) {
            app.panels.chosen = panel;
            app.panels.on_map = on_map;
            let text = screen(&app, columns, rows);
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
            assert!(!text.contains('\u{202e}') && !text.contains('\u{200d}'));
            for line in text.lines().filter(|l| l.starts_with('│')) {
                assert_eq!(crate::text::width(line), usize::from(columns), "{line}");
            }
        }
    }
}

#[test]
fn no_size_is_too_small_or_odd() {
    let apps = [
        fake::app(),
        fake::preparing(),
        fake::unlabeled(),
        fake::app_with_classes(70),
    ];
    for mut app in apps {
        for mode in ["", "?", "c", "p", "w", "cz", "z"] {
            let mut app = {
                press(&mut app, &[Key::Esc]);
                app.clone()
            };
            type_in(&mut app, mode);
            for columns in (0..=30).chain([39, 40, 41, 75, 76, 77, 110]) {
                for rows in (0..=13).chain([15, 16, 26, 27]) {
                    app.size = (columns, rows);
                    screen(&app, columns, rows);
                }
            }
        }
    }
}

#[test]
fn the_smallest_screen_lists_suspects() {
    let mut app = fake::app();
    app.size = (40, 12);
    app.panels.chosen = Panel::Suspects;
    app.panels.on_map = false;
    let text = screen(&app, 40, 12);
    assert!(
        text.contains("1 #720") && text.contains("mild → none"),
        "{text}"
    );
    app.suspects.lists_all = true;
    let text = screen(&app, 40, 12);
    assert!(text.contains("9 #801"), "{text}");
    // And the cursor goes through all of them.
    press(&mut app, &[Key::End]);
    let text = screen(&app, 40, 12);
    assert!(text.contains("118 #1500"), "{text}");
}

#[test]
fn shrinking_and_growing_again_loses_nothing() {
    let mut app = fake::app();
    update(&mut app, Message::Resize(80, 24));
    type_in(&mut app, "+2");
    press(&mut app, &[Key::Tab]);
    let before = screen(&app, 80, 24);
    for (columns, rows) in [(20, 6), (0, 0), (80, 24)] {
        update(&mut app, Message::Resize(columns, rows));
        screen(&app, columns, rows);
    }
    assert_eq!(screen(&app, 80, 24), before);
    assert!(screen(&app, 20, 6).contains("40×12"));
}

#[test]
fn a_failed_worker_says_why() {
    let mut app = fake::app();
    std::sync::Arc::make_mut(&mut app.run.snapshot).activity =
        Activity::Failed("out of \u{1b}[1mmemory".into());
    let text = at(app.clone(), 80, 24);
    assert!(text.contains("✗ failed") && text.contains("out of \\u{1b}[1mmemory"));
    app.size = (80, 24);
    assert!(press(&mut app, &[Key::Char(' ')]).is_empty());
}

#[test]
fn figures_of_another_map_are_not_shown() {
    let mut app = fake::app();
    let before = at(app.clone(), 80, 24);
    assert!(before.contains("0.60   91%   95%"));
    std::sync::Arc::make_mut(&mut app.run.snapshot).generation += 1;
    let after = at(app, 80, 24);
    assert!(after.contains("0.50     –   91%     –"), "{after}");
}

#[test]
fn sampled_silhouettes_say_so() {
    let mut app = fake::app();
    let mut diagnosis = app.run.diagnosis.as_deref().unwrap().clone();
    diagnosis.silhouette_references = Some(2000);
    diagnosis.map_silhouette_references = Some(2000);
    app.run.diagnosis = Some(std::sync::Arc::new(diagnosis));
    let text = at(app, 120, 40);
    assert!(
        text.contains("−0.14~") && text.contains("~ estimated from 2000 samples"),
        "{text}"
    );
}

#[test]
fn a_majority_has_its_color_and_marked_cells_are_bold_too() {
    let mut app = fake::app();
    app.size = (80, 24);
    let buffer = buffer(&app, 80, 24);
    let color = |x, y| buffer[(x, y)].fg;
    // The left blob is class 0.
    assert_eq!(color(6, 8), ratatui::style::Color::Rgb(0x56, 0xb4, 0xe9));
}

#[test]
fn the_title_comes_closer_together_before_the_name_is_cut() {
    let mut app = fake::app();
    let data = app
        .run
        .data
        .as_ref()
        .clone()
        .with_name("retina5/penultimat");
    app.run.data = std::sync::Arc::new(data);
    let mut title = |columns: u16| {
        app.size = (columns, 24);
        let text = screen(&app, columns, 24);
        text.lines().next().unwrap().to_owned()
    };
    let (wide, narrow, cut) = (title(120), title(80), title(60));
    assert!(wide.contains("   1600 × 64 · 5 classes"), "{wide}");
    assert!(narrow.contains("retina5/penultimat  1600 × 64"), "{narrow}");
    assert!(narrow.contains("KL 1.284  ▶ running"), "{narrow}");
    assert!(cut.contains('…') && cut.contains("running"), "{cut}");
}

#[test]
fn the_footer_offers_layers_and_models_where_there_are_several() {
    let footer = |app: App| at(app, 200, 50).lines().last().unwrap().to_owned();
    let one = footer(fake::app());
    assert!(
        one.contains("/ find") && !one.contains("m M") && !one.contains("layer"),
        "{one}"
    );
    let several = footer(flip::app());
    assert!(several.contains("m M model  , . layer"), "{several}");
}

/// For people: `SHOW=80x24 cargo test --lib look_at_it -- --ignored --nocapture`.
#[test]
#[ignore = "prints screens to look at"]
fn look_at_it() {
    let size = std::env::var("SHOW").unwrap_or_else(|_| "80x24".into());
    let (columns, rows) = size.split_once('x').unwrap();
    let (columns, rows) = (columns.parse().unwrap(), rows.parse().unwrap());
    for app in [fake::app(), fake::preparing(), fake::app_with_classes(10)] {
        println!("{}", at(app, columns, rows));
    }
}
