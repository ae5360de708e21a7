//! Fidelity of maps against scikit-learn's trustworthiness and a co-ranking matrix.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_cmp,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

mod common;

use std::path::Path;

use common::{digits, digits_map, fixture, golden, numbers};
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels, ReadOptions, UNLABELED, read};
use disentangle::diagnosis::{Fidelity, FidelityOptions, Misleading};
use disentangle::ndarray::Array2;
use disentangle::run::{RunOptions, embed};
use serde_json::Value;

const TOLERANCE: f64 = 1e-4;

fn near(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!(
        (ours - theirs).abs() < TOLERANCE,
        "{what}: {ours} against {theirs}"
    );
}

fn digits_labels() -> Labels {
    let data = Dataset::load(fixture("digits_cnn.npz"));
    data.unwrap().labels().unwrap().clone()
}

fn conv1() -> Array2<f32> {
    let data = Dataset::load(format!(
        "{}:conv1",
        fixture("digits_cnn_layers.npz").display()
    ));
    data.unwrap().features().to_owned()
}

fn labeled(features: Array2<f32>) -> Dataset {
    let data = Dataset::new(features).unwrap();
    data.with_labels(digits_labels()).unwrap()
}

/// The first samples' own figures.
fn points_near(found: &Fidelity, first: &Value) {
    let points = found.points.as_ref().unwrap();
    for i in 0..20 {
        near(
            points.trustworthiness[i].into(),
            &first["trustworthiness"][i],
            "T of a point",
        );
        near(
            points.continuity[i].into(),
            &first["continuity"][i],
            "C of a point",
        );
        near(
            points.knn_recall[i].into(),
            &first["knn_recall"][i],
            "recall of a point",
        );
    }
}

fn mixing_near(found: &Fidelity, reference: &Value) {
    let mixing = found.mixing.as_ref().unwrap();
    for (row, theirs) in mixing.difference.iter().zip(reference.as_array().unwrap()) {
        for (ours, theirs) in row.iter().zip(numbers(theirs)) {
            assert!(
                (ours - theirs).abs() < TOLERANCE,
                "mixing: {ours} against {theirs}"
            );
        }
    }
}

#[test]
fn figures_agree_with_the_references() {
    let golden = golden("fidelity.json");
    let map = digits_map();
    for (name, data, k) in [
        ("digits_cnn:features", labeled(digits()), 10),
        ("digits_cnn:features, k 90", labeled(digits()), 90),
        ("digits_cnn_layers:conv1", labeled(conv1()), 10),
    ] {
        let reference = &golden[name];
        let options = FidelityOptions {
            k,
            distance_pairs: 1_000_000,
            ..FidelityOptions::default()
        };
        let found = Fidelity::of(&data, &map, &options, &Execution::default().threads(2))
            .unwrap()
            .unwrap();
        assert_eq!(found.anchors, None);
        let value = |e: Option<disentangle::statistics::Estimate>| {
            let estimate = e.unwrap();
            assert_eq!(estimate.standard_error, None);
            estimate.value
        };
        near(
            value(found.trustworthiness),
            &reference["trustworthiness"],
            "T",
        );
        near(value(found.continuity), &reference["continuity"], "C");
        near(value(found.knn_recall), &reference["knn_recall"], "recall");
        near(value(found.rnx_area), &reference["rnx_area"], "area");
        near(
            found.distance_correlation.unwrap().value,
            &reference["spearman"],
            "Spearman",
        );
        for point in &found.rnx_curve {
            let theirs = &reference["rnx"][point.k.to_string()];
            if !theirs.is_null() {
                near(point.rnx.value, theirs, "R_NX");
            }
        }
        for (c, class) in found.classes.iter().enumerate() {
            let by_class = &reference["by_class"];
            near(
                value(class.trustworthiness),
                &by_class["trustworthiness"][c],
                "T by class",
            );
            near(
                value(class.continuity),
                &by_class["continuity"][c],
                "C by class",
            );
            near(
                value(class.knn_recall),
                &by_class["knn_recall"][c],
                "recall by class",
            );
        }
        points_near(&found, &reference["first_20"]);
        mixing_near(&found, &reference["mixing_difference"]);
    }
}

#[test]
fn the_exact_value_lies_in_the_interval_of_the_anchors() {
    let (data, map) = (labeled(digits()), digits_map());
    let exactly = Fidelity::of(
        &data,
        &map,
        &FidelityOptions::default(),
        &Execution::default().threads(2),
    )
    .unwrap()
    .unwrap();
    let (mut inside, mut all) = ([0; 4], 0);
    for seed in 0..60 {
        let options = FidelityOptions {
            exact_samples: 100,
            anchors: 150,
            distance_pairs: 1000,
            seed,
            ..FidelityOptions::default()
        };
        let found = Fidelity::of(&data, &map, &options, &Execution::default().threads(2))
            .unwrap()
            .unwrap();
        assert_eq!(found.anchors, Some(150));
        all += 1;
        let figures = [
            (found.trustworthiness, exactly.trustworthiness),
            (found.continuity, exactly.continuity),
            (found.rnx_area, exactly.rnx_area),
            (found.distance_correlation, exactly.distance_correlation),
        ];
        for (inside, (estimate, exact)) in inside.iter_mut().zip(figures) {
            let estimate = estimate.unwrap();
            let margin = estimate.margin().unwrap();
            *inside += usize::from((estimate.value - exact.unwrap().value).abs() <= margin);
        }
        // The recall comes from the graph, around all samples.
        near(
            found.knn_recall.unwrap().value,
            &exactly.knn_recall.unwrap().value.into(),
            "recall",
        );
    }
    assert!(
        inside.iter().all(|&n| n * 100 >= all * 85),
        "{inside:?} of {all}"
    );
}

#[test]
fn estimates_around_each_sample_follow_the_exact_ones() {
    let (data, map) = (labeled(conv1()), digits_map());
    let of = |exact_samples| {
        let options = FidelityOptions {
            exact_samples,
            ..FidelityOptions::default()
        };
        let found = Fidelity::of(&data, &map, &options, &Execution::default().threads(2)).unwrap();
        found.unwrap().points.unwrap()
    };
    let (exact, estimated) = (of(3000), of(100));
    assert!(!exact.estimated && estimated.estimated);
    assert_eq!(exact.knn_recall, estimated.knn_recall);
    let rms = |a: &[f32], b: &[f32]| {
        let squares: f32 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
        (squares / a.len() as f32).sqrt()
    };
    let errors = [
        rms(&exact.trustworthiness, &estimated.trustworthiness),
        rms(&exact.continuity, &estimated.continuity),
    ];
    assert!(errors.iter().all(|&e| e < 0.02), "{errors:?}");
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn the_map_of_an_early_layer_misleads_and_says_where(folder: &Path) {
    let layer = |name: &str| {
        let options = ReadOptions {
            labels: Some(folder.join("blood5/labels.npy")),
            ..ReadOptions::default()
        };
        read(folder.join("blood5").join(name), &options).unwrap()
    };
    let describe = |data: &Dataset| {
        let map = embed(
            data,
            &RunOptions::for_samples(data.samples()),
            &Execution::default(),
        )
        .unwrap();
        Fidelity::of(
            data,
            &map.positions(),
            &FidelityOptions::default(),
            &Execution::default().threads(2),
        )
        .unwrap()
        .unwrap()
    };
    let early = describe(&layer("A_L2_conv2.npy"));
    let mixing = early.mixing.unwrap();
    assert_eq!(mixing.of(2, 1), Some(Misleading::MixedInMap));
    for (from, to) in [(3, 1), (2, 1)] {
        let (difference, error) = (mixing.difference[from][to], mixing.standard_error[from][to]);
        assert!(
            difference > 2.0 * error,
            "{from}→{to}: {difference} ± {error}"
        );
        assert!(difference < 0.1);
    }
    let late = describe(&layer("A_L4_penultimate.npy"));
    assert_eq!(late.mixing.unwrap().misleading, []);
    let recall = |f: Option<disentangle::statistics::Estimate>| f.unwrap().value;
    assert!(recall(early.knn_recall) < recall(late.knn_recall));
}

#[test]
fn unusual_data_are_described_as_far_as_they_can_be() {
    let points = |n: usize| Array2::from_shape_fn((n, 2), |(i, j)| (i * i % 7 + i * j) as f32);
    let positions = |n: usize| {
        (0..n)
            .map(|i| [i as f32, (i % 3) as f32])
            .collect::<Vec<_>>()
    };
    let of = |data: Dataset, n: usize| {
        Fidelity::of(
            &data,
            &positions(n),
            &FidelityOptions::default(),
            &Execution::default().threads(1),
        )
    };
    // Too few samples, no labels, one class, a class of one, labels for a part.
    assert_eq!(of(Dataset::new(points(2)).unwrap(), 2).unwrap(), None);
    let three = of(Dataset::new(points(3)).unwrap(), 3).unwrap().unwrap();
    assert_eq!((three.k, three.classes.len(), three.mixing), (1, 0, None));
    let with = |n: usize, classes: Vec<u16>| {
        let names = vec!["a".into(), "b".into()];
        let data = Dataset::new(points(n)).unwrap();
        data.with_labels(Labels::new(names, classes).unwrap())
            .unwrap()
    };
    let one = of(with(30, vec![0; 30]), 30).unwrap().unwrap();
    assert_eq!(one.classes[1].knn_recall, None);
    assert_eq!(one.mixing.unwrap().misleading, []);
    let mut classes = vec![UNLABELED; 30];
    classes[0] = 1;
    let single = of(with(30, classes.clone()), 30).unwrap().unwrap();
    assert!(single.mixing.is_none() && single.points.is_some());
    classes[1..20].fill(0);
    let partly = of(with(30, classes), 30).unwrap().unwrap();
    assert_eq!(partly.samples, 30);
    assert_eq!(partly.points.unwrap().knn_recall.len(), 30);
    assert!(
        partly.mixing.unwrap().standard_error[1]
            .iter()
            .all(|e| *e == 0.0)
    );
    // Identical samples.
    let same = Dataset::new(Array2::zeros((12, 3))).unwrap();
    let found = of(same, 12).unwrap().unwrap();
    assert_eq!(found.distance_correlation, None);
    assert!(found.trustworthiness.unwrap().value.is_finite());
    // A map of other samples.
    let data = Dataset::new(points(9)).unwrap();
    assert!(
        Fidelity::of(
            &data,
            &positions(8),
            &FidelityOptions::default(),
            &Execution::default().threads(1)
        )
        .is_err()
    );
}
