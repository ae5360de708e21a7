//! Clusters that were found in data without labels, through messages.

use std::sync::Arc;

use super::*;
use crate::clusters::{Cluster, ClusterOptions, Clusters};
use crate::dataset::UNLABELED;
use crate::tui::app::action::Message;
use crate::tui::app::panels::Panel;
use crate::tui::app::update::update;

/// Data without labels of whose samples the first are in two clusters.
fn clustered() -> App {
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
        (Panel::Reading, "2 clusters were found in the features"),
        (Panel::Classes, "clusters, not labels"),
        (Panel::Pairs, "clusters, not labels"),
        (Panel::Separation, "separated by construction"),
        (Panel::Suspects, "there are no labels to doubt"),
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
