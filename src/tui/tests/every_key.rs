//! Every key of the table, pressed in several states: what it changes, asks for and says.
//!
//! A key must change something, or ask for something, in at least one of the states; a sentence alone
//! does not count. The snapshot holds for each key the states in which it does (on the map the first):
//! what changed in the first place, the effects and the sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::run::Command;
use crate::tui::KeyBindings;
use crate::tui::app::action::{Compared, Effect};
use crate::tui::app::context::Context;
use crate::tui::app::tables::keys::table;

/// Columns and rows.
const SIZE: (u16, u16) = (120, 40);

/// A state by its name.
struct State {
    name: &'static str,
    app: App,
}

fn state(name: &'static str, app: App) -> State {
    State { name, app }
}

/// After some keys.
fn after(mut app: App, keys: &[Key]) -> App {
    app.size = SIZE;
    press(&mut app, keys);
    app
}

/// In a panel.
fn inside(mut app: App, panel: Panel) -> App {
    app.size = SIZE;
    press(&mut app, &[Key::Esc, Key::Esc]);
    enter(&mut app, panel);
    app
}

/// A study whose sets are compared.
fn compared() -> App {
    let mut app = multiples::study();
    app.run.compared = Compared::Ready(fake::comparison());
    app
}

/// States in which the keys of a context work.
fn states(context: Context) -> Vec<State> {
    let study = || multiples::study();
    let chars = |text: &str| text.chars().map(Key::Char).collect::<Vec<_>>();
    match context {
        Context::Main => vec![
            state("a run", fake::app()),
            state("a study", after(study(), &chars("|"))),
            state("zoomed", after(fake::app(), &chars("++"))),
            state("classes hidden", after(fake::app(), &chars("12"))),
            state("something selected", {
                let mut app = fake::choosing();
                press(&mut app, &[Key::Esc]);
                app
            }),
            state("undone", after(fake::app(), &chars("1u"))),
            state("found", {
                let mut app = after(fake::choosing(), &[Key::Esc, Key::Char('/')]);
                type_in(&mut app, "IMG_10");
                after(app, &[Key::Enter])
            }),
            state("a hundred classes", {
                let mut app = fake::app_with_classes(100);
                app.panels.chosen = Panel::Neighbors;
                after(app, &chars("LLDDDDDDDDDDDD"))
            }),
            state("a layer between others", flip::app()),
            state("flipped", after(study(), &chars("|]"))),
        ],
        Context::Crosshair => vec![
            state("a sample", fake::choosing()),
            state("a box", after(fake::choosing(), &chars("b"))),
        ],
        Context::Of(panel) => {
            let app = match panel {
                Panel::Sample | Panel::Selection | Panel::Suspects => fake::choosing(),
                Panel::Runs => multiples::app(),
                Panel::Fidelity => fake::finished(),
                Panel::Journal => fake::with_journal(),
                Panel::Models => compared(),
                _ => fake::app(),
            };
            let app = inside(app, panel);
            let below = match panel {
                Panel::Neighbors => after(app.clone(), &[Key::Down, Key::Right]),
                _ => after(app.clone(), &[Key::Down]),
            };
            let decided = after(app.clone(), &chars("r"));
            let hidden = after(app.clone(), &chars("1"));
            vec![
                state("the first row", app),
                state("the second row", below),
                state("after r", decided),
                state("a class hidden", hidden),
            ]
        }
        Context::AnyPanel => {
            let app = inside(fake::app_with_classes(100), Panel::Classes);
            let wide = inside(fake::app_with_classes(100), Panel::Neighbors);
            vec![
                state("a row far down", after(app, &[Key::Down; 20])),
                state("wide", after(wide, &[Key::Right; 3])),
            ]
        }
        Context::Help => vec![state(
            "the help",
            after(fake::app(), &[Key::Char('?'), Key::PageDown, Key::PageDown]),
        )],
        Context::Menu => vec![state("the list", after(fake::app(), &chars("G")))],
        Context::Prompt => vec![state("a perplexity", after(fake::app(), &chars("p40")))],
        Context::Command => {
            let mut app = after(fake::app(), &[]);
            for line in [":color density", ":glyphs ascii"] {
                type_in(&mut app, line);
                press(&mut app, &[Key::Enter]);
            }
            let recalled = after(app.clone(), &[Key::Char(':'), Key::Up]);
            vec![
                state("a recalled line", recalled),
                state("a beginning", after(app, &chars(":p"))),
            ]
        }
        Context::Confirm => vec![state("a file exists", {
            let mut app = fake::app();
            let target = crate::tui::app::action::Target::Map;
            update(&mut app, Message::Exists(target, "map.npy".into()));
            app
        })],
    }
}

/// The fields of the parts of a state but its sentences, and the lines of each.
fn substance(app: &App) -> BTreeMap<String, Vec<String>> {
    let mut app = app.clone();
    app.messages.notice = None;
    app.messages.log.clear();
    // Follows from the rest.
    app.journal.news.clear();
    app.journal.decisions = crate::decisions::Decisions::default();
    app.journal.selections.clear();
    app.journal.paths.clear();
    app.journal.shown = None;
    app.map.names = crate::tui::app::names::MapNames {
        wanted: app.map.names.wanted,
        ..Default::default()
    };
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut part, mut name) = (String::new(), String::new());
    for line in format!("{app:#?}").lines() {
        let field = |depth: &str| {
            let line = line.strip_prefix(depth)?;
            let (field, _) = line.split_once(": ")?;
            (!line.starts_with([' ', '}', ']', ')'])).then_some(field)
        };
        if let Some(field) = field("    ") {
            field.clone_into(&mut part);
            field.clone_into(&mut name);
        } else if let Some(field) = field("        ") {
            name = format!("{field} of {part}");
        }
        fields
            .entry(name.clone())
            .or_default()
            .push(line.trim().to_owned());
    }
    fields
}

/// The fields that differ, with the first line of each that does.
fn changes(before: &BTreeMap<String, Vec<String>>, after: &App) -> Vec<String> {
    let mut found = Vec::new();
    for (name, lines) in substance(after) {
        let old = before.get(&name).map_or(&[][..], |lines| lines);
        if old == lines {
            continue;
        }
        let differs = |i: &usize| old.get(*i) != lines.get(*i);
        let at = (0..old.len().max(lines.len())).find(differs).unwrap_or(0);
        let line = lines[at.min(lines.len())..].iter().take(8);
        let line = line.cloned().collect::<Vec<_>>().join(" ");
        let mut line: String = line.trim_end_matches(',').chars().take(90).collect();
        if !line.ends_with(['(', '[', '{'])
            && !old.is_empty()
            && lines.len() > 1
            && !line.contains(['(', '[', '{'])
        {
            // A value within a list or a structure: what follows did not change.
            line.truncate(line.find(',').unwrap_or(line.len()));
        }
        let field = name.split(" of ").next().unwrap_or(&name);
        found.push(if line.starts_with(field) {
            line
        } else {
            format!("{field}: {line}")
        });
    }
    found
}

fn written(effect: &Effect) -> String {
    match effect {
        Effect::CommandTo(set, Command::SetLabels(_)) => format!("SetLabels({set}, …)"),
        other => format!("{other:?}"),
    }
}

/// What each key of a context does in its states, a line each; a key that does nothing anywhere is an
/// error.
pub(super) fn effects(context: Context) -> String {
    let mut all = String::new();
    let mut idle = Vec::new();
    let mut states = states(context);
    for state in &mut states {
        state.app.size = SIZE;
    }
    let known: Vec<_> = states.iter().map(|s| substance(&s.app)).collect();
    for (_, row) in table().filter(|(of, _)| *of == context) {
        for key in row.keys {
            let mut works = false;
            for (state, before) in states.iter().zip(&known) {
                // There are many on the map, and comparing them takes its time.
                if works && context == Context::Main {
                    break;
                }
                let mut app = state.app.clone();
                app.messages.notice = None;
                let effects = press(&mut app, &[*key]);
                // Whatever state a key leads to can be drawn.
                screen(&app, SIZE.0, SIZE.1);
                let changes = changes(before, &app);
                if effects.is_empty() && changes.is_empty() {
                    continue;
                }
                works = true;
                let parts = changes.into_iter().chain(effects.iter().map(written));
                let parts: Vec<String> = parts.collect();
                let _ = write!(all, "  {key:?} ({}): {}", state.name, parts.join(", "));
                if let Some(notice) = app.messages.notice {
                    let _ = write!(all, " “{}”", notice.text);
                }
                all.push('\n');
            }
            if !works {
                idle.push(format!("{context:?}: {key:?}"));
            }
        }
    }
    assert!(idle.is_empty(), "do nothing anywhere: {idle:#?}");
    all
}

#[test]
fn every_key_does_what_it_did() {
    let mut all = String::new();
    let mut contexts: Vec<Context> = Vec::new();
    for (context, _) in table() {
        // The keys of a panel are in the panel's snapshot.
        if !contexts.contains(&context) && !matches!(context, Context::Of(_)) {
            contexts.push(context);
        }
    }
    for context in contexts {
        let _ = writeln!(all, "{context:?}\n{}", effects(context).trim_end());
    }
    insta::assert_snapshot!("every_key", all);
}

#[test]
fn messages_name_the_keys_in_effect() {
    let all = KeyBindings::actions();
    let letters = ('\u{100}'..).map(|letter| letter.to_string());
    let changes = all.iter().zip(letters);
    let changes: Vec<(String, Vec<String>)> = changes
        .map(|((name, ..), letter)| (name.clone(), vec![letter]))
        .collect();
    let keymap = KeyBindings::new(&changes).unwrap().keymap();
    // These may be no keys.
    let defaults: BTreeSet<&String> = all.iter().flat_map(|(_, keys, _)| keys).collect();
    let is_plain = |word: &str| ["a", "right"].contains(&word) || word.parse::<usize>().is_ok();
    let is_default = |word: &str| !is_plain(word) && defaults.contains(&word.to_owned());
    let mut contexts: Vec<Context> = table().map(|(context, _)| context).collect();
    contexts.dedup();
    for context in contexts {
        for state in states(context) {
            for (_, row) in table().filter(|(of, _)| *of == context) {
                for at in 0..row.keys.len() {
                    let mut app = state.app.clone();
                    app.size = SIZE;
                    app.keymap = Arc::clone(&keymap);
                    app.messages.notice = None;
                    app.act((row.action)(at));
                    let said = app.messages.notice.map_or_else(String::new, |n| n.text);
                    let mut words = said.split_whitespace();
                    let named =
                        words.find(|word| is_default(word.trim_matches([';', ',', '(', ')'])));
                    assert_eq!(named, None, "{}: {said}", row.help);
                }
            }
        }
    }
}

#[test]
fn every_key_of_a_panel_is_in_the_documents() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md"));
    let text = text.unwrap();
    let table = text.lines().skip_while(|l| !l.starts_with("| panel |"));
    let (mut panel, mut documented) = ("", Vec::new());
    for line in table.take_while(|l| l.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            panel = cells[1];
        }
        documented.push((panel, cells[2]));
    }
    for panel in PANELS {
        let shown = panel
            .spec()
            .keys
            .iter()
            .flat_map(|b| b.shown.split_whitespace());
        for key in shown.map(|key| format!("`{key}`")) {
            let is_listed = |(of, keys): &(&str, &str)| *of == panel.label() && keys.contains(&key);
            assert!(
                documented.iter().any(is_listed),
                "docs/keys.md lacks {key} of {panel:?}"
            );
        }
    }
}
