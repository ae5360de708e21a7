//! Clusters that were found in data without labels, through messages.

use std::sync::Arc;

use super::*;
use crate::clusters::{Cluster, ClusterOptions, Clusters};
use crate::dataset::UNLABELED;
use crate::run::Command;
use crate::tui::app::action::{Effect, Message, Target};
use crate::tui::app::panels::Panel;
use crate::tui::app::update::update;

/// Data without labels of whose samples the first are in two clusters.
pub(crate) fn clustered() -> App {
    let mut app = fake::unlabeled();
    app.size = (120, 40);
    let samples = app.run.data.samples();
    let cluster_of = |i: usize| match i {
        0..600 => 0,
        600..900 => 1,
        _ => UNLABELED,
    };
    let cluster = |name: &str, size: usize| Cluster {
        name: name.into(),
        size,
        core: size / 2,
        persistence: 0.4,
        recurrence: Some(0.9),
    };
    let found = Clusters {
        options: ClusterOptions::default(),
        samples,
        noise: samples - 900,
        clusters: vec![cluster("c1", 600), cluster("c2", 300)],
        assignment: (0..samples).map(cluster_of).collect(),
        core: vec![true; samples],
    };
    let mut diagnosis = fake::diagnosis(&["c1".to_owned(), "c2".to_owned()]);
    (diagnosis.separation, diagnosis.suspects) = (None, None);
    let diagnosis = diagnosis.with_clusters(Arc::new(found));
    let snapshot = Arc::clone(&app.run.snapshot);
    update(&mut app, Message::News(snapshot, Some(Arc::new(diagnosis))));
    app
}

#[test]
fn clusters_become_the_classes_and_are_marked() {
    let mut app = clustered();
    assert_eq!(app.run.counts[..2], [600, 300]);
    assert_eq!(app.samples.shown, [true; 3]);
    assert_eq!(
        (app.entry_name(0), app.entry_name(2)),
        ("c1".into(), "(noise)".into())
    );
    let title = screen(&app, 120, 40);
    assert!(title.contains("2 clusters, no labels"), "{title}");
    for (panel, said) in [
        (Panel::Reading, "2 clusters of at least "),
        (Panel::Classes, "clusters, not labels"),
        (Panel::Pairs, "clusters, not labels"),
        (Panel::Separation, "sets them apart"),
        (Panel::Suspects, "has no labels to check"),
    ] {
        enter(&mut app, panel);
        let shown = screen(&app, 120, 40);
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(said), "{panel:?}: {shown}");
    }
    app.samples.selection.current = Some(3);
    let refused = app.sample_to_decide().unwrap_err();
    assert!(refused.contains("decisions are about labels"), "{refused}");
}

#[test]
fn clusters_of_another_size_take_the_place_of_the_first() {
    let mut app = clustered();
    press(&mut app, &[Key::Char(':')]);
    type_in(&mut app, "clusters 300");
    let options = ClusterOptions {
        min_cluster_size: Some(300),
        ..ClusterOptions::default()
    };
    let asked = press(&mut app, &[Key::Enter]);
    assert_eq!(asked, [Effect::Command(Command::SetClusters(options))]);
    assert!(notice(&app).contains("at least 300 samples"));
    // Samples that were noise are one more.
    let before = app.run.diagnosis.clone().unwrap();
    let mut found = before.clusters.as_deref().cloned().unwrap();
    found.clusters.push(Cluster {
        name: "c3".into(),
        ..found.clusters[1].clone()
    });
    for class in &mut found.assignment[900..1300] {
        *class = 2;
    }
    app.samples.shown[1] = false;
    let names = ["c1", "c2", "c3"].map(str::to_owned);
    let diagnosis = fake::diagnosis(&names).with_clusters(Arc::new(found.clone()));
    let snapshot = Arc::clone(&app.run.snapshot);
    let news = Message::News(Arc::clone(&snapshot), Some(Arc::new(diagnosis)));
    update(&mut app, news);
    assert_eq!((app.run.classes(), app.samples.shown.len()), (3, 4));
    assert!(app.samples.shown.iter().all(|shown| *shown));
    // None at all.
    found.clusters.clear();
    found.assignment.fill(UNLABELED);
    let mut diagnosis = fake::diagnosis(&names).with_clusters(Arc::new(found));
    diagnosis.classes.clear();
    update(&mut app, Message::News(snapshot, Some(Arc::new(diagnosis))));
    assert!(app.run.data.labels().is_none() && app.samples.shown.is_empty());
    assert!(notice(&app).contains("no clusters of this size"));
    screen(&app, 120, 40);
    press(&mut app, &[Key::Char(':')]);
    type_in(&mut app, "clusters 1");
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    // Labels of the file stay.
    let mut app = fake::app();
    press(&mut app, &[Key::Char(':')]);
    type_in(&mut app, "clusters 30");
    assert_eq!(press(&mut app, &[Key::Enter]), []);
    assert_eq!(app.run.classes(), 5);
}

#[test]
fn without_clusters_nothing_changes() {
    let mut app = fake::unlabeled();
    let mut diagnosis = fake::diagnosis(&["c1".to_owned(), "c2".to_owned()]);
    diagnosis.classes.clear();
    let samples = app.run.data.samples();
    diagnosis.clusters = Some(Arc::new(Clusters {
        options: ClusterOptions::default(),
        samples,
        noise: samples,
        clusters: Vec::new(),
        assignment: vec![UNLABELED; samples],
        core: vec![false; samples],
    }));
    let snapshot = Arc::clone(&app.run.snapshot);
    update(&mut app, Message::News(snapshot, Some(Arc::new(diagnosis))));
    assert!(app.run.data.labels().is_none() && app.run.counts.is_empty());
}

#[test]
fn clusters_are_saved_in_place_of_labels() {
    let mut app = clustered();
    let run = |app: &mut App, line: &str| {
        type_in(app, &format!(":{line}"));
        let effects = press(app, &[Key::Enter]);
        let text = screen(app, 160, 40);
        press(app, &[Key::Esc]);
        (effects, text)
    };
    let (_, refused) = run(&mut app, "save labels l.txt");
    assert!(refused.contains(":save clusters FILE.csv"), "{refused}");
    let (saved, _) = run(&mut app, "save clusters groups.csv");
    let wanted = Effect::save(Target::Clusters, "groups.csv".into());
    assert_eq!(saved, [wanted]);
    let path = std::path::PathBuf::from("groups.csv");
    update(&mut app, Message::Saved(Target::Clusters, path));
    let said = notice(&app).to_owned();
    assert!(
        said.contains("cluster (empty: noise), core (1: core"),
        "{said}"
    );
    type_in(&mut app, "w");
    assert!(screen(&app, 120, 40).contains(":save clusters FILE.csv"));
    let (_, refused) = run(&mut fake::app(), "save clusters groups.csv");
    assert!(refused.contains("only in data without labels"), "{refused}");
}

#[test]
fn clusters_are_called_clusters() {
    let mut app = clustered();
    app.samples.selection.current = Some(3);
    for (panel, said) in [
        (Panel::Classes, "Clusters"),
        (Panel::Pairs, "Pairs of clusters"),
        (Panel::Sample, "cluster ● c1"),
    ] {
        enter(&mut app, panel);
        let shown = screen(&app, 120, 40);
        assert!(shown.contains(said), "{panel:?}: {shown}");
    }
    // Nothing can be decided, so no key for it is offered.
    enter(&mut app, Panel::Suspects);
    let shown = screen(&app, 160, 40);
    assert!(!shown.contains("relabel"), "{shown}");
    press(&mut app, &[Key::Esc]);
    type_in(&mut app, "1");
    assert!(screen(&app, 120, 40).contains("1 cluster hidden"));
    app.toggle(2);
    assert!(screen(&app, 120, 40).contains("1 cluster and noise hidden"));
    type_in(&mut app, "a/noise");
    let hint = screen(&app, 120, 40);
    assert!(hint.contains("cluster (noise) (700 samples)"), "{hint}");
}

#[test]
fn while_clusters_are_looked_for_the_panels_say_so() {
    let mut app = fake::unlabeled();
    app.size = (80, 24);
    app.sets.seeks_clusters = true;
    // There is a diagnosis, but no clusters yet.
    let mut diagnosis = fake::diagnosis(&["c1".to_owned(), "c2".to_owned()]);
    diagnosis.classes.clear();
    let diagnosis = Arc::new(diagnosis);
    let snapshot = Arc::clone(&app.run.snapshot);
    update(&mut app, Message::News(snapshot, Some(diagnosis)));
    app.choose_first_panel();
    assert_eq!(app.panels.chosen, Panel::Reading);
    for panel in [
        Panel::Reading,
        Panel::Classes,
        Panel::Pairs,
        Panel::Separation,
    ] {
        enter(&mut app, panel);
        let shown = screen(&app, 120, 40);
        assert!(shown.contains("Looking for clusters"), "{panel:?}: {shown}");
    }
    app.sets.seeks_clusters = false;
    assert!(screen(&app, 120, 40).contains("Open it with labels"));
    // With labels, and where there is no room, it is as before.
    let mut labeled = fake::app();
    labeled.size = (80, 24);
    labeled.choose_first_panel();
    assert_eq!(labeled.panels.chosen, Panel::Classes);
}

/// Each cluster with how alike it is when it is looked for again.
#[test]
fn the_table_of_clusters_tells_how_well_they_are_found_again() {
    let mut app = clustered();
    enter(&mut app, Panel::Classes);
    press(&mut app, &[Key::Char('z')]);
    let text = screen(&app, 120, 40);
    assert!(text.contains("recurrence"), "{text}");
    assert_eq!(text.matches("0.90").count(), 2, "{text}");
    assert!(!text.contains("linear probe"), "{text}");
}
