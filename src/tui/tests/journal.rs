//! What goes into the journal, and going back to its entries.

use std::sync::Arc;

use super::fake::{self, with_journal};
use super::{enter, press, screen, type_in};
use crate::journal::{Event, Segment};
use crate::picture::Winner;
use crate::run::{Activity, Command, MapOrigin, Snapshot, VisitedMap};
use crate::tui::app::App;
use crate::tui::app::action::{Effect, Message};
use crate::tui::app::panels::Panel;
use crate::tui::app::update::update;
use crate::tui::terminal::input::Key;

fn command(app: &mut App, line: &str) {
    type_in(app, &format!(":{line}"));
    press(app, &[Key::Enter]);
}

fn show(app: &mut App, change: impl FnOnce(&mut Snapshot)) -> Vec<Effect> {
    let mut snapshot = app.run.snapshot.as_ref().clone();
    change(&mut snapshot);
    let diagnosis = app.run.diagnosis.clone();
    update(app, Message::News(Arc::new(snapshot), diagnosis))
}

#[test]
fn notes_pictures_decisions_and_names_are_events() {
    let mut app = fake::app();
    app.size = (100, 30);
    type_in(&mut app, "K");
    assert!(
        app.messages.notice.as_ref().unwrap().is_problem,
        "no journal is kept"
    );
    app.journal.file = Some("a.journal.jsonl".into());
    assert_eq!(type_in(&mut app, "K"), [Effect::KeepPicture]);
    app.journal.news.clear();
    command(&mut app, "note two \"parts\"");
    command(&mut app, "select id 7");
    command(&mut app, "name odd ones");
    command(&mut app, "forget \"odd ones\"");
    enter(&mut app, Panel::Suspects);
    type_in(&mut app, "tu");
    let kinds: Vec<String> = (app.journal.news.iter())
        .map(|event| match event {
            Event::Note { text, .. } => format!("note {text}"),
            Event::Selection { name, samples } => format!("{name}: {}", samples.len()),
            Event::Forgotten { name } => format!("without {name}"),
            Event::Decision(d) => format!("{:?}", d.decision),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "note two \"parts\"",
            "odd ones: 1",
            "without odd ones",
            "Some(\"keep\")",
            "None"
        ]
    );
    app.picture_drawn(vec!["⠁".into()]);
    let Some(Event::Picture(picture)) = app.journal.news.last() else {
        panic!("no picture");
    };
    assert_eq!(picture.place.perplexity, app.run.snapshot.perplexity);
    assert!(
        picture.figures.contains_key("silhouette_features"),
        "{:?}",
        picture.figures
    );
}

#[test]
fn finished_maps_are_told_once_with_the_path_that_led_to_them() {
    let mut app = fake::app();
    update(&mut app, Message::Rested);
    app.journal.news.clear();
    let first = app.run.snapshot.generation;
    let perplexity = app.run.snapshot.perplexity;
    // On to another perplexity, before the first map was finished.
    show(&mut app, |s| {
        let left = VisitedMap {
            generation: first,
            perplexity,
            seed: s.seed,
            iteration: 321,
            is_finished: false,
            kl_divergence: None,
            positions: Arc::clone(&s.positions),
            diagnosis: None,
        };
        s.visited = vec![left].into();
        s.generation = first + 1;
        s.perplexity = 12.5;
        s.origin = MapOrigin::Continued;
        s.iteration = 400;
    });
    assert!(matches!(&app.journal.news[..], [Event::Map { place }] if place.iteration == 400));
    let mut diagnosis = app.run.diagnosis.as_deref().unwrap().clone();
    diagnosis.map_generation = Some(first + 1);
    diagnosis.map_iteration = Some(821);
    app.run.diagnosis = Some(Arc::new(diagnosis));
    for _ in 0..2 {
        show(&mut app, |s| {
            s.iteration = 821;
            s.activity = Activity::Still;
        });
    }
    let Event::Run(run) = &app.journal.news[1] else {
        panic!("{:?}", app.journal.news);
    };
    assert_eq!(app.journal.news.len(), 2);
    let path =
        [(perplexity, 321), (12.5, 821)].map(|(perplexity, until)| Segment { perplexity, until });
    assert_eq!(run.path, path);
    assert_eq!(run.start, "continued");
}

#[test]
fn entries_lead_back_and_harmful_text_is_escaped() {
    let mut app = with_journal();
    app.size = (200, 40);
    enter(&mut app, Panel::Journal);
    let text = screen(&app, 200, 40);
    assert!(text.contains(r"\u{1b}[31m<b>severe</b>\u{202e}"), "{text}");
    assert!(text.contains(r"odd \u{7}ones"), "{text}");
    assert!(text.contains("720: relabel as none (blurred)"), "{text}");
    // The newest is a picture of the map of perplexity 5, which is not kept here: it is computed.
    let asked = press(&mut app, &[Key::Enter]);
    assert_eq!(asked, [Effect::Command(Command::SetPerplexity(5.0))]);
    assert!(app.samples.shown.iter().all(|shown| *shown));
    show(&mut app, |s| {
        s.generation += 1;
        s.perplexity = 5.0;
        s.origin = MapOrigin::Continued;
    });
    assert_eq!(app.map.look.winner, Winner::Rarest);
    assert_eq!(app.samples.shown.iter().filter(|shown| !**shown).count(), 1);
    assert_eq!(app.samples.selection.ids(), [1, 2]);
    assert_eq!(app.journal.going, None);
    // A decision leads to its sample, a selection selects.
    press(&mut app, &[Key::Down, Key::Enter]);
    assert_eq!(app.samples.selection.current, Some(720));
    press(&mut app, &[Key::Down, Key::Enter]);
    assert_eq!(app.samples.selection.ids(), [3, 7]);
}

#[test]
fn another_key_ends_the_way_back() {
    let mut app = with_journal();
    enter(&mut app, Panel::Journal);
    press(&mut app, &[Key::Enter]);
    assert!(app.journal.going.is_some());
    press(&mut app, &[Key::Down]);
    assert_eq!(app.journal.going, None);
}
