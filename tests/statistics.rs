//! Silhouettes and neighbor tables against scikit-learn's.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{array, digits, digits_map, fixture, golden, numbers};
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels, UNLABELED};
use disentangle::diagnosis::Diagnosis;
use disentangle::ndarray::{Array2, Axis};
use disentangle::run::{Activity, Command, Run, RunOptions};
use serde_json::Value;

/// Statistics are held to this difference.
const TOLERANCE: f64 = 1e-4;

fn integers(name: &std::path::Path) -> Vec<i64> {
    let bytes = std::fs::read(name).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    if file.dtype().descr() == "'<i8'" {
        return file.into_vec::<i64>().unwrap();
    }
    let values = file.into_vec::<i32>().unwrap();
    values.into_iter().map(i64::from).collect()
}

fn labeled(features: Array2<f32>) -> Dataset {
    let labels = Labels::from_integers(&integers(&fixture("digits_labels.npy"))).unwrap();
    Dataset::new(features).unwrap().with_labels(labels).unwrap()
}

fn near(ours: Option<f64>, theirs: &Value, what: &str) {
    let (ours, theirs) = (ours.unwrap(), theirs.as_f64().unwrap());
    assert!(
        (ours - theirs).abs() < TOLERANCE,
        "{what}: {ours} against {theirs}"
    );
}

fn rows_near(ours: &[Vec<f64>], theirs: &Value) {
    for (row, reference) in ours.iter().zip(theirs.as_array().unwrap()) {
        for (share, reference) in row.iter().zip(numbers(reference)) {
            assert!((share - reference).abs() < TOLERANCE);
        }
    }
}

#[test]
fn features_and_map_agree_with_scikit_learn() {
    let golden = golden("statistics.json");
    let data = labeled(digits());
    let map = digits_map();
    for k in [5, 10] {
        let diagnosis = Diagnosis::of(&data, Some(&map), k, &Execution::default().threads(2))
            .unwrap()
            .unwrap();
        let (features, in_map) = (&golden["digits_cnn:features"], &golden["digits_map"]);
        near(
            diagnosis.silhouette.in_features(),
            &features["silhouette"]["overall"],
            "overall",
        );
        near(
            diagnosis.silhouette.in_map(),
            &in_map["silhouette"]["overall"],
            "overall",
        );
        let table = format!("knn_{k}");
        for (c, class) in diagnosis.classes.iter().enumerate() {
            let by_class = |space: &Value| space["silhouette"]["by_class"][c].clone();
            near(
                class.silhouette.in_features(),
                &by_class(features),
                "silhouette",
            );
            near(
                class.silhouette.in_map(),
                &by_class(in_map),
                "silhouette in the map",
            );
            let hit = |space: &Value| space[&table]["hit_by_class"][c].clone();
            near(class.neighborhood_hit.in_features(), &hit(features), "hit");
            near(
                class.neighborhood_hit.in_map(),
                &hit(in_map),
                "hit in the map",
            );
        }
        let confusion = &diagnosis.confusion;
        rows_near(
            confusion.features.as_ref().unwrap(),
            &features[&table]["confusion"],
        );
        rows_near(
            confusion.map.as_ref().unwrap(),
            &in_map[&table]["confusion"],
        );
    }
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn every_layer_of_the_larger_data_agrees(folder: &Path) {
    for set in ["blood5", "retina5"] {
        let folder = folder.join(set);
        let text = std::fs::read_to_string(folder.join("reference_stats.json")).unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        for (layer, reference) in reference.as_object().unwrap() {
            let labels = Labels::from_integers(&integers(&folder.join("labels.npy"))).unwrap();
            let data = Dataset::new(array(&folder.join(format!("{layer}.npy"))))
                .unwrap()
                .with_labels(labels)
                .unwrap();
            let diagnosis = Diagnosis::of(&data, None, 10, &Execution::default().threads(2))
                .unwrap()
                .unwrap();
            let by_class = &reference["silhouette_per_class"];
            for (c, class) in diagnosis.classes.iter().enumerate() {
                near(class.silhouette.in_features(), &by_class[c], layer);
            }
            let rows = diagnosis.confusion.features.unwrap();
            rows_near(&rows, &reference["knn10_confusion"]);
        }
    }
}

#[test]
fn a_large_offset_changes_nothing() {
    let plain = labeled(digits());
    let moved = labeled(digits().mapv(|v| v + 4096.0));
    let of = |data: &Dataset| {
        Diagnosis::of(data, None, 10, &Execution::default().threads(2))
            .unwrap()
            .unwrap()
    };
    // The offset itself rounds the features to 32 bits; it is small against their spread.
    let (a, b) = (of(&plain), of(&moved));
    for (a, b) in a.classes.iter().zip(&b.classes) {
        assert!(
            (a.silhouette.in_features().unwrap() - b.silhouette.in_features().unwrap()).abs()
                < 1e-3
        );
    }
}

#[test]
fn samples_without_a_label_are_left_out() {
    let features = digits();
    let all = integers(&fixture("digits_labels.npy"));
    let keep: Vec<usize> = (0..all.len()).filter(|i| i % 3 != 0).collect();
    let names: Vec<String> = (0..10).map(|d| d.to_string()).collect();
    let indices = (0..all.len())
        .map(|i| if i % 3 == 0 { UNLABELED } else { all[i] as u16 })
        .collect();
    let partly = Dataset::new(features.clone())
        .unwrap()
        .with_labels(Labels::new(names, indices).unwrap())
        .unwrap();
    let kept: Vec<i64> = keep.iter().map(|&i| all[i]).collect();
    let rows = features.select(Axis(0), &keep);
    let only = Dataset::new(rows)
        .unwrap()
        .with_labels(Labels::from_integers(&kept).unwrap())
        .unwrap();
    let of = |data: &Dataset| {
        Diagnosis::of(data, None, 10, &Execution::default().threads(2))
            .unwrap()
            .unwrap()
    };
    let (partly, only) = (of(&partly), of(&only));
    assert_eq!(partly.unlabeled, 300);
    assert_eq!(partly.confusion.features, only.confusion.features);
    assert_eq!(partly.classes, only.classes);
}

#[test]
fn one_class_has_tables_but_no_silhouette() {
    let data = Dataset::new(digits())
        .unwrap()
        .with_labels(Labels::from_integers(&vec![3; 899]).unwrap())
        .unwrap();
    let diagnosis = Diagnosis::of(
        &data,
        Some(&digits_map()),
        10,
        &Execution::default().threads(2),
    )
    .unwrap()
    .unwrap();
    assert_eq!(diagnosis.silhouette.in_features(), None);
    assert_eq!(
        diagnosis.classes[0].neighborhood_hit.in_features(),
        Some(1.0)
    );
    assert_eq!(
        diagnosis.confusion.features_above_chance,
        Some(vec![vec![false]])
    );
}

#[test]
fn a_class_of_one_has_a_silhouette_of_zero() {
    let mut labels = vec![0; 899];
    labels[4] = 1;
    let data = Dataset::new(digits())
        .unwrap()
        .with_labels(Labels::from_integers(&labels).unwrap())
        .unwrap();
    let diagnosis = Diagnosis::of(&data, None, 10, &Execution::default().threads(2))
        .unwrap()
        .unwrap();
    assert_eq!(diagnosis.classes[1].silhouette.in_features(), Some(0.0));
    assert_eq!(
        diagnosis.classes[1]
            .silhouette
            .features
            .unwrap()
            .standard_error,
        None
    );
    assert_eq!(
        diagnosis.classes[1].neighborhood_hit.in_features(),
        Some(0.0)
    );
}

#[test]
fn any_number_of_threads_gives_the_same_figures() {
    let data = labeled(digits());
    let map = digits_map();
    let of = |threads| {
        Diagnosis::of(
            &data,
            Some(&map),
            10,
            &Execution::default().threads(threads),
        )
        .unwrap()
    };
    assert_eq!(of(1), of(2));
    assert_eq!(of(1), of(4));
}

#[test]
fn a_run_without_labels_has_the_fidelity_of_one_with_labels() {
    let fidelity = |data: Dataset| {
        let options = RunOptions {
            iterations: 300,
            ..RunOptions::default()
        };
        let execution = Execution::default();
        let run = Run::start(Arc::new(data), options, Arc::new(|| ()), &execution).unwrap();
        run.wait_until_diagnosed();
        let found = run.diagnosis().unwrap();
        let map = run.snapshot().positions.to_vec();
        (found.as_ref().clone(), map)
    };
    let without = Dataset::new(digits()).unwrap();
    let (found, map) = fidelity(without.clone());
    assert_eq!(
        (found.labeled, found.unlabeled, found.classes.len()),
        (0, 899, 0)
    );
    assert_eq!((&found.separation, &found.pairs), (&None, &None));
    let ours = found.fidelity.unwrap();
    assert_eq!((ours.classes.len(), &ours.mixing), (0, &None));
    let theirs = fidelity(labeled(digits())).0.fidelity.unwrap();
    assert_eq!(ours.trustworthiness, theirs.trustworthiness);
    assert_eq!(ours.knn_recall, theirs.knn_recall);
    assert_eq!(ours.rnx_area, theirs.rnx_area);
    assert_eq!(ours.points, theirs.points);
    // In one call, too; with neither labels nor a map there is nothing to say.
    let at_once = |map| Diagnosis::of(&without, map, 10, &Execution::default()).unwrap();
    assert_eq!(at_once(Some(&map[..])).unwrap().fidelity.unwrap(), ours);
    assert_eq!(at_once(None), None);
}

#[test]
fn a_run_describes_every_map_that_it_keeps() {
    let options = RunOptions {
        iterations: 300,
        further_iterations: 60,
        ..RunOptions::default()
    };
    let run = Run::start(
        Arc::new(labeled(digits())),
        options,
        Arc::new(|| ()),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_diagnosed();
    let first = run.snapshot();
    assert_eq!(first.activity, Activity::Finished);
    assert_eq!(first.visited.len(), 1);
    run.send(Command::SetPerplexity(10.0));
    run.wait_until_diagnosed();
    let second = run.snapshot();
    assert_ne!(second.generation, first.generation);
    assert_eq!(second.iteration, 360);
    let perplexities: Vec<f64> = second.visited.iter().map(|m| m.perplexity).collect();
    assert_eq!(perplexities, [10.0, 30.0]);
    assert!(second.visited.iter().all(|m| m.diagnosis.is_some()));
    // Back to the first: the same map, turned to lie like the second.
    run.send(Command::SetPerplexity(30.0));
    run.wait_until_diagnosed();
    let back = run.snapshot();
    assert_eq!(back.generation, first.generation);
    assert_eq!(back.iteration, 300);
    let of_map = |s: &disentangle::run::Snapshot| {
        Diagnosis::of(
            &labeled(digits()),
            Some(&s.positions),
            10,
            &Execution::default().threads(2),
        )
        .unwrap()
        .unwrap()
        .neighborhood_hit
        .in_map()
        .unwrap()
    };
    assert!((of_map(&back) - of_map(&first)).abs() < 1e-3);
    assert_eq!(
        run.diagnosis().unwrap().map_generation,
        Some(back.generation)
    );
}

#[test]
fn a_larger_perplexity_than_the_graph_holds_extends_it() {
    let options = RunOptions {
        perplexity: 5.0,
        largest_perplexity: 5.0,
        iterations: 20,
        further_iterations: 10,
        ..RunOptions::default()
    };
    let run = Run::start(
        Arc::new(labeled(digits())),
        options,
        Arc::new(|| ()),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_idle();
    run.send(Command::SetPerplexity(1000.0));
    run.wait_until_idle();
    let snapshot = run.snapshot();
    assert!((snapshot.perplexity - 898.0 / 3.0).abs() < 1e-9);
    assert!(snapshot.notes.iter().any(|n| n.contains("too large")));
}

#[test]
fn commands_pause_step_resume_and_restart() {
    let options = RunOptions {
        iterations: 30,
        further_iterations: 20,
        start_paused: true,
        ..RunOptions::default()
    };
    let run = Run::start(
        Arc::new(labeled(digits())),
        options,
        Arc::new(|| ()),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_idle();
    assert_eq!(run.snapshot().iteration, 0);
    assert!(!run.snapshot().is_map);
    run.send(Command::Step);
    run.send(Command::Step);
    run.wait_until_idle();
    assert_eq!(run.snapshot().iteration, 2);
    assert_eq!(run.snapshot().activity, Activity::Paused);
    run.send(Command::Resume);
    run.wait_until_idle();
    assert_eq!(run.snapshot().activity, Activity::Finished);
    run.send(Command::Resume);
    run.wait_until_idle();
    assert_eq!(run.snapshot().iteration, 50);
    run.send(Command::Restart(9));
    run.wait_until_idle();
    assert_eq!((run.snapshot().seed, run.snapshot().iteration), (9, 30));
}
