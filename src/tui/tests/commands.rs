//! Every command of the command line, through messages.

use std::collections::BTreeSet;

use super::*;
use crate::decisions::Choice;
use crate::palette::{Background, ColorSet};
use crate::picture::{Coloring, Glyphs, Winner};
use crate::run::Command;
use crate::tui::app::action::Target;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::maps::Camera;
use crate::tui::app::panels::Space;
use crate::tui::app::sets::SetName;
use crate::tui::app::tables::commands::commands;

/// Samples with ids and predictions; two models, one of them with two layers.
fn app() -> App {
    let name = |model, name: &str| SetName {
        model,
        name: name.into(),
    };
    let names = vec![
        name(0, "A/conv2"),
        name(0, "A/logits"),
        name(1, "Big model/conv2"),
    ];
    let mut app = fake::choosing().with_sets(names, 0);
    let further = further::compared(&app);
    update(&mut app, Message::Further(0, further));
    press(&mut app, &[Key::Esc]);
    app.samples.selection = crate::tui::app::selection::Selection::default();
    app.samples.history = crate::tui::app::selection::History::default();
    app.size = (80, 24);
    app
}

/// Types a command and accepts it.
fn command(app: &mut App, line: &str) -> Vec<Effect> {
    type_in(app, ":");
    type_in(app, line);
    let effects = press(app, &[Key::Enter]);
    assert_eq!(problem(app), None, "{line}");
    let asked = |effect: &Effect| !matches!(effect, Effect::Inspect { .. });
    effects.into_iter().filter(asked).collect()
}

/// What is wrong with the line in the prompt.
fn problem(app: &App) -> Option<String> {
    match &app.dialogs.mode {
        Mode::Prompt(prompt) => prompt.problem.clone(),
        _ => None,
    }
}

/// Types a command that cannot be carried out; says why.
fn complaint(app: &mut App, line: &str) -> String {
    type_in(app, ":");
    type_in(app, line);
    assert_eq!(press(app, &[Key::Enter]), [], "{line}");
    let problem = problem(app).unwrap_or_else(|| panic!("{line} was carried out"));
    press(app, &[Key::Esc]);
    problem
}

fn save(target: Target, path: &str) -> Vec<Effect> {
    vec![Effect::Save {
        target,
        path: path.into(),
        overwrite: false,
    }]
}

#[test]
fn the_run_is_steered() {
    let mut app = app();
    let one = |command| vec![Effect::Command(command)];
    let done = command(&mut app, "perplexity 45");
    assert_eq!(done, one(Command::SetPerplexity(45.0)));
    assert!(screen(&app, 80, 24).contains("30 [45] 50"));
    assert_eq!(command(&mut app, "pause"), one(Command::Pause));
    assert_eq!(command(&mut app, "pause"), []);
    assert_eq!(command(&mut app, "resume"), one(Command::Resume));
    assert_eq!(command(&mut app, "resume"), []);
    assert_eq!(command(&mut app, "step"), one(Command::Step));
    assert_eq!(command(&mut app, "seed 30"), one(Command::AddMap(30)));
    assert!(notice(&app).contains("seed 30"));
    assert_eq!(command(&mut app, "k 17"), one(Command::SetTableK(17)));
    assert_eq!(app.run.table_k, 17);
    assert_eq!(command(&mut app, "redraw"), [Effect::Redraw]);
    assert_eq!(command(&mut app, "suspend"), [Effect::Suspend]);
    assert_eq!(command(&mut app, "quit"), [Effect::Quit]);
    assert_eq!(command(&mut app, ""), []);
    assert_eq!(app.dialogs.mode, Mode::Main);
}

#[test]
fn models_and_layers_are_named() {
    let mut app = app();
    assert_eq!(command(&mut app, "layer logits"), [Effect::OpenSet(1)]);
    assert_eq!(command(&mut app, "model Big model"), [Effect::OpenSet(2)]);
    let full = "layer Big model/conv2";
    assert_eq!(command(&mut app, full), [Effect::OpenSet(2)]);
    assert!(complaint(&mut app, "layer conv9").contains("conv2, logits"));
    assert!(complaint(&mut app, "model C").contains("A, Big model"));
    app.sets.names.truncate(1);
    assert!(complaint(&mut app, "model A").contains("there is only one model"));
    assert!(complaint(&mut app, "layer conv2").contains("one feature set"));
}

#[test]
fn samples_are_selected_found_and_let_go() {
    let mut app = app();
    command(&mut app, "select class mild");
    assert_eq!(app.samples.selection.len(), 186);
    command(&mut app, "undo");
    assert!(app.samples.selection.is_empty());
    command(&mut app, "redo");
    assert_eq!(app.samples.selection.len(), 186);
    command(&mut app, "select none");
    assert!(app.samples.selection.is_empty() && notice(&app).contains("u undoes"));
    command(&mut app, "select suspects");
    assert_eq!(app.samples.selection.ids(), [720, 905]);
    command(&mut app, "select none");
    command(&mut app, "select view");
    assert_eq!(app.samples.selection.len(), fake::SAMPLES);
    command(&mut app, "select none");
    let id = app.sample_name(700);
    command(&mut app, &format!("select id {id}"));
    assert_eq!(app.samples.selection.ids(), [700]);
    command(&mut app, &format!("find {id}"));
    assert_eq!(app.samples.selection.current, Some(700));
    command(&mut app, "select none");
    command(&mut app, "select wrong");
    assert!(!app.samples.selection.is_empty());
    assert!(app.samples.selection.ids().iter().all(|sample| {
        let sample = *sample as usize;
        let label = app.run.data.labels().unwrap().indices()[sample];
        app.run.data.predictions().unwrap()[sample] != label
    }));
    assert!(complaint(&mut app, "find nowhere").contains("no id contains 'nowhere'"));
    assert!(complaint(&mut app, "find").contains("expected"));
    assert!(complaint(&mut app, "select").contains("class, id, view"));
    assert!(complaint(&mut app, "select class wild").contains("none, mild"));
    app.samples.evidence = None;
    assert!(complaint(&mut app, "select neighbors").contains("no current sample"));
}

#[test]
fn neighbors_of_the_current_sample_are_selected() {
    let mut app = fake::choosing();
    let near: Vec<usize> = app.current_neighbors().iter().map(|n| n.sample).collect();
    assert!(!near.is_empty());
    command(&mut app, "select none");
    command(&mut app, "select neighbors");
    assert_eq!(app.samples.selection.len(), near.len());
    assert!(
        near.iter()
            .all(|sample| app.samples.selection.contains(*sample))
    );
}

#[test]
fn classes_are_shown_and_hidden() {
    let mut app = app();
    command(&mut app, "hide mild");
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
    command(&mut app, "hide MILD");
    assert!(notice(&app).contains("already hidden"));
    command(&mut app, "show #2");
    assert_eq!(app.samples.shown, [true; 5]);
    command(&mut app, "only severe");
    assert_eq!(app.samples.shown, [false, false, false, true, false]);
    command(&mut app, "show");
    assert_eq!(app.samples.shown, [true; 5]);
    command(&mut app, "undo");
    assert_eq!(app.samples.shown, [false, false, false, true, false]);
    assert!(complaint(&mut app, "hide").contains("none, mild"));
    let mut app = fake::unlabeled();
    app.size = (80, 24);
    assert!(complaint(&mut app, "hide mild").contains("no labels"));
}

#[test]
fn the_map_is_drawn_otherwise() {
    let mut app = app();
    command(&mut app, "color mixing");
    assert_eq!(app.map.look.coloring, Coloring::Mixing);
    assert!(screen(&app, 120, 40).contains("; :color class to go back"));
    command(&mut app, "color mixing");
    assert!(!screen(&app, 120, 40).contains("to go back"));
    let (labels, predicted) = (
        app.run.data.labels().unwrap(),
        app.run.data.predictions().unwrap(),
    );
    app.run.outcomes = crate::picture::outcomes(labels.indices(), predicted).into();
    command(&mut app, "color outcome");
    assert_eq!(app.map.look.coloring, Coloring::Outcome);
    command(&mut app, "color class");
    command(&mut app, "palette tol");
    assert_eq!(app.palette.set(), ColorSet::Tol);
    command(&mut app, "theme light");
    assert_eq!(app.palette.background(), Background::Light);
    command(&mut app, "theme high");
    assert!(app.palette.is_high_contrast());
    assert_eq!(notice(&app), "theme: high-contrast");
    assert!(complaint(&mut app, "theme drak").contains("did you mean dark?"));
    command(&mut app, "glyphs half-block");
    assert_eq!(app.map.look.glyphs, Glyphs::HalfBlock);
    command(&mut app, "winner rarest");
    command(&mut app, "winner rarest");
    assert_eq!(app.map.look.winner, Winner::Rarest);
    let lines = app.map.neighbor_lines;
    command(&mut app, if lines { "lines off" } else { "lines on" });
    assert_ne!(app.map.neighbor_lines, lines);
    command(&mut app, "trails on");
    assert!(app.map.trails);
    command(&mut app, "zoom in");
    assert_ne!(app.map.camera, Camera::Fit);
    command(&mut app, "zoom fit");
    assert_eq!(app.map.camera, Camera::Fit);
    assert!(complaint(&mut app, "color rainbow").contains(": class, mixing, density"));
    assert!(complaint(&mut app, "palette x").contains(": okabe-ito, tol, twenty"));
    assert!(complaint(&mut app, "glyphs x").contains("braille"));
    assert!(complaint(&mut app, "winner x").contains("expected majority or rarest, not 'x'"));
    assert!(complaint(&mut app, "lines maybe").contains("on or off"));
    assert!(complaint(&mut app, "trails").contains("expected on or off"));
    assert!(complaint(&mut app, "zoom far").contains("in, out or fit"));
}

#[test]
fn panels_are_shown_sorted_and_turned_round() {
    let mut app = app();
    for entry in PANELS {
        command(&mut app, &format!("panel {}", entry.label().to_lowercase()));
        assert!(app.is_focused(*entry));
    }
    command(&mut app, "panel classes");
    command(&mut app, "sort number of samples");
    assert_eq!(app.order_of(Panel::Classes), [0, 2, 1, 4, 3]);
    command(&mut app, "reverse");
    assert_eq!(app.order_of(Panel::Classes), [3, 4, 1, 2, 0]);
    command(&mut app, "neighbors map");
    assert_eq!(app.panels.space, Space::Map);
    command(&mut app, "neighbors features");
    assert_eq!(app.panels.space, Space::Features);
    assert!(complaint(&mut app, "neighbors").contains("features or map"));
    assert!(complaint(&mut app, "panel x").contains("classes,"));
    command(&mut app, "panel log");
    assert!(complaint(&mut app, "sort x").contains("cannot be sorted"));
    assert!(complaint(&mut app, "k 0").contains("a whole number from 1 to"));
    assert!(complaint(&mut app, "k many").contains("not 'many'"));
}

#[test]
fn suspects_are_decided_about() {
    let mut app = app();
    command(&mut app, "suspects mild");
    assert!(app.is_focused(Panel::Suspects));
    assert_eq!(app.suspects.class, Some(1));
    command(&mut app, "suspects");
    assert_eq!(app.suspects.class, None);
    app.suspects.lists_all = true;
    command(&mut app, "decide relabel");
    assert_eq!(
        app.suspects.decisions.get(720).unwrap().choice,
        Choice::Relabel(0)
    );
    command(&mut app, "decide relabel severe");
    assert_eq!(
        app.suspects.decisions.get(905).unwrap().choice,
        Choice::Relabel(3)
    );
    command(&mut app, "decide unsure");
    assert_eq!(
        app.suspects.decisions.get(801).unwrap().choice,
        Choice::Unsure
    );
    command(&mut app, "undo");
    assert_eq!(app.suspects.decisions.get(801), None);
    command(&mut app, "note \"two words\"");
    assert_eq!(app.suspects.decisions.get(801).unwrap().note, "two words");
    // Elsewhere they are about the current sample.
    let id = app.sample_name(50);
    command(&mut app, &format!("find {id}"));
    press(&mut app, &[Key::Esc]);
    app.panels.on_map = true;
    command(&mut app, "decide keep");
    assert_eq!(app.suspects.decisions.get(50).unwrap().choice, Choice::Keep);
    assert!(complaint(&mut app, "decide relabel").contains("relabel needs a class here"));
    assert!(complaint(&mut app, "decide maybe").contains("keep, relabel"));
    app.samples.selection.current = None;
    assert!(complaint(&mut app, "decide keep").contains("nor a current sample"));
}

#[test]
fn files_are_saved_by_what_their_names_say() {
    let mut app = app();
    let saved = command(&mut app, "save map.svg");
    assert_eq!(saved, save(Target::Map, "map.svg"));
    let saved = command(&mut app, "save my map.png");
    assert_eq!(saved, save(Target::Map, "my map.png"));
    let saved = command(&mut app, "save figures.json");
    assert_eq!(saved, save(Target::Statistics, "figures.json"));
    let saved = command(&mut app, "save map \"a b.csv\"");
    assert_eq!(saved, save(Target::Map, "a b.csv"));
    assert!(complaint(&mut app, "save selection ids.csv").contains("nothing is selected"));
    command(&mut app, "select class mild");
    let saved = command(&mut app, "save selection ids.csv");
    assert_eq!(saved, save(Target::Selection, "ids.csv"));
    assert!(complaint(&mut app, "save decisions d.csv").contains("nothing is decided"));
    command(&mut app, "suspects");
    command(&mut app, "decide relabel");
    let saved = command(&mut app, "save decisions d.csv");
    assert_eq!(saved, save(Target::Decisions, "d.csv"));
    let saved = command(&mut app, "save labels l.txt");
    assert_eq!(saved, save(Target::Labels, "l.txt"));
    assert!(complaint(&mut app, "save x.doc").contains("must end in .npy"));
    assert!(complaint(&mut app, "save labels").contains("type a file name"));
    assert!(complaint(&mut app, "save \"x.svg").contains("not closed"));
    let mut app = fake::preparing();
    app.size = (80, 24);
    assert!(complaint(&mut app, "save map.svg").contains("no map to save yet"));
}

#[test]
fn lines_that_are_no_commands_are_told_why() {
    let mut app = app();
    assert!(complaint(&mut app, "frobnicate 3").contains("no command frobnicate"));
    assert!(complaint(&mut app, "s").contains("can mean seed or step"));
    assert!(complaint(&mut app, "pause now").contains("takes no argument"));
    assert!(complaint(&mut app, "perplexity").contains("expected a perplexity"));
    assert!(complaint(&mut app, "perplexity 9999").contains("533.00 at most"));
    assert!(complaint(&mut app, "seed -1").contains("expected a whole number"));
    std::sync::Arc::make_mut(&mut app.run.snapshot).activity =
        crate::run::Activity::Failed("no\u{1b}[2Jmemory".into());
    for line in ["perplexity 45", "seed 3", "k 3"] {
        let problem = complaint(&mut app, line);
        assert!(problem.contains("the run has failed") && !problem.contains('\u{1b}'));
    }
}

#[test]
fn tab_goes_through_what_fits_and_shift_tab_back() {
    let line = |app: &App| match &app.dialogs.mode {
        Mode::Prompt(prompt) => prompt.text(),
        _ => "no prompt".into(),
    };
    let mut app = app();
    type_in(&mut app, ":pal");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "palette ");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "palette okabe-ito");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "palette tol");
    press(&mut app, &[Key::BackTab, Key::BackTab]);
    assert_eq!(line(&app), "palette twenty");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.palette.set(), ColorSet::Twenty);
    type_in(&mut app, ":select class se");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "select class severe");
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "select class era");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "select class moderate", "what contains it, too");
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "frobnicate x");
    press(&mut app, &[Key::Tab]);
    assert_eq!(line(&app), "frobnicate x");
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.dialogs.mode, Mode::Main);
}

#[test]
fn every_completion_of_every_command_is_taken() {
    // What completion offers must be what the commands understand.
    for spec in commands() {
        let mut todo = vec![format!("{} ", spec.name)];
        let mut seen = BTreeSet::new();
        while let Some(line) = todo.pop() {
            let mut app = app();
            command(&mut app, "suspects");
            command(&mut app, "decide keep");
            command(&mut app, "panel classes");
            command(&mut app, "find 1");
            for candidate in crate::tui::app::tables::complete::complete(&app, &line).candidates {
                let next = format!("{line}{}", candidate.inserted());
                if next.ends_with(' ') && seen.insert(next.clone()) {
                    todo.push(next);
                    continue;
                }
                if ["select neighbors", "select suspects", "save selection"]
                    .iter()
                    .any(|begin| next.starts_with(begin))
                    || seen.len() > 12
                {
                    continue;
                }
                seen.insert(next.clone());
                command(&mut app.clone(), &next);
            }
        }
    }
}

#[test]
fn lines_are_recalled() {
    let line = |app: &App| match &app.dialogs.mode {
        Mode::Prompt(prompt) => prompt.text(),
        _ => "no prompt".into(),
    };
    let mut app = app();
    for text in ["k 3", "palette tol", "k 5"] {
        command(&mut app, text);
    }
    type_in(&mut app, ":");
    press(&mut app, &[Key::Up]);
    assert_eq!(line(&app), "k 5");
    press(&mut app, &[Key::Up, Key::Up, Key::Up]);
    assert_eq!(line(&app), "k 3");
    press(&mut app, &[Key::Down]);
    assert_eq!(line(&app), "palette tol");
    press(&mut app, &[Key::Down, Key::Down]);
    assert_eq!(line(&app), "", "back at what was typed");
    type_in(&mut app, "k");
    press(&mut app, &[Key::Up, Key::Up]);
    assert_eq!(line(&app), "k 3", "only lines that begin so");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.run.table_k, 3);
}

#[test]
fn names_that_would_harm_are_completed_safely() {
    let names = [
        "\u{1b}[31mred\u{1b}[2J",
        "two  words",
        "\"quoted\" \\ name",
        "猫 \u{200d}👩\u{200d}🔬",
        "#1",
    ];
    let mut app = fake::app_of(names.map(str::to_owned).to_vec());
    app.size = (80, 24);
    for class in 0..5 {
        type_in(&mut app, ":select class ");
        for _ in 0..=class {
            press(&mut app, &[Key::Tab]);
        }
        let Mode::Prompt(prompt) = &app.dialogs.mode else {
            panic!("the prompt was left");
        };
        assert!(!prompt.text().contains(['\u{1b}', '\u{200d}']));
        let shown = screen(&app, 80, 24);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        press(&mut app, &[Key::Enter]);
        assert_eq!(problem(&app), None);
        let first = app.samples.selection.ids()[0] as usize;
        assert_eq!(app.run.data.labels().unwrap().class(first), Some(class));
        command(&mut app, "select none");
    }
    // Names that look alike are told apart by their numbers.
    let long = "x".repeat(500);
    let twins = [
        format!("{long}a"),
        format!("{long}b"),
        "c".into(),
        "d".into(),
        "e".into(),
    ];
    let mut app = fake::app_of(twins.to_vec());
    app.size = (80, 24);
    type_in(&mut app, ":hide ");
    press(&mut app, &[Key::Tab, Key::Tab, Key::Enter]);
    assert_eq!(app.samples.shown, [true, false, true, true, true]);
}

#[test]
fn pasted_junk_stays_in_the_line() {
    let mut app = app();
    type_in(&mut app, ":");
    let junk = "quit\u{1b}[A\u{7}\nselect none\n".repeat(50_000);
    assert_eq!(update(&mut app, Message::Paste(junk)), []);
    let text = screen(&app, 80, 24);
    assert!(text.contains(":quit[A") && !text.contains('\u{1b}'));
    assert!(press(&mut app, &[Key::Tab, Key::Up, Key::Enter]).is_empty());
}

#[test]
fn the_command_line_on_the_screen() {
    let mut app = app();
    type_in(&mut app, ":");
    type_in(&mut app, "select class ");
    press(&mut app, &[Key::Tab, Key::Tab]);
    app.size = (200, 50);
    app.palette = crate::palette::Palette::new(crate::palette::ColorDepth::None);
    let plain = buffer(&app, 200, 50);
    let colored = |cell: &ratatui::buffer::Cell| cell.fg != ratatui::style::Color::Reset;
    assert!(!plain.content().iter().any(colored));
    press(&mut app, &[Key::Ctrl('u')]);
    type_in(&mut app, "perplexity 9999");
    press(&mut app, &[Key::Enter]);
    app.size = (80, 24);
    for (columns, rows) in [(40, 12), (41, 13), (20, 6), (0, 0)] {
        app.size = (columns, rows);
        screen(&app, columns, rows);
    }
}

#[test]
fn every_command_is_in_the_documents() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md"));
    let text = text.unwrap();
    for spec in commands() {
        let row = format!(
            "| `{}` | {} |",
            spec.usage().replace('|', "\\|"),
            spec.help()
        );
        assert!(text.contains(&row), "docs/keys.md lacks\n{row}");
    }
}
