//! Clusters against scikit-learn's HDBSCAN, and what must hold of them.

#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::sync::Arc;

use common::{digits, fixture, golden};
use disentangle::clusters::{Cluster, ClusterOptions, Clusters};
use disentangle::dataset::{Dataset, UNLABELED};
use disentangle::diagnosis::Diagnosis;
use disentangle::ndarray::{Array2, Axis};
use disentangle::run::{Command, Run, RunOptions};
use disentangle::{Error, Execution};

fn found(features: Array2<f32>, options: &ClusterOptions) -> Clusters {
    Clusters::of(
        &Dataset::new(features).unwrap(),
        options,
        &Execution::default(),
    )
    .unwrap()
}

/// The adjusted Rand index (Hubert & Arabie 1985).
fn agreement(a: &[i64], b: &[i64]) -> f64 {
    let pairs = |count: usize| (count * count.saturating_sub(1)) as f64 / 2.0;
    let counts = |keys: Vec<(i64, i64)>| {
        let mut keys = keys;
        keys.sort_unstable();
        let sizes = keys.chunk_by(|x, y| x == y).map(<[_]>::len);
        sizes.map(pairs).sum::<f64>()
    };
    let both = counts(a.iter().copied().zip(b.iter().copied()).collect());
    let (in_a, in_b) = (
        counts(a.iter().map(|&a| (a, 0)).collect()),
        counts(b.iter().map(|&b| (b, 0)).collect()),
    );
    let expected = in_a * in_b / pairs(a.len());
    (both - expected) / (f64::midpoint(in_a, in_b) - expected)
}

fn numbers(found: &Clusters) -> Vec<i64> {
    let number = |&c: &u16| if c == UNLABELED { -1 } else { i64::from(c) };
    found.assignment.iter().map(number).collect()
}

#[test]
fn without_joining_the_clusters_are_those_of_scikit_learn_up_to_ties() {
    let golden = golden("clusters.json");
    for setting in golden["settings"].as_array().unwrap() {
        let number = |name: &str| setting[name].as_u64().unwrap() as usize;
        for (neighbors, least) in [(898, 0.9), (30, 0.9)] {
            let options = ClusterOptions {
                min_cluster_size: Some(number("min_cluster_size")),
                min_samples: number("min_samples"),
                join: false,
                neighbors,
                resamples: 0,
                ..ClusterOptions::default()
            };
            let ours = numbers(&found(digits(), &options));
            let theirs = setting["labels"].as_array().unwrap().iter();
            let theirs: Vec<i64> = theirs.map(|label| label.as_i64().unwrap()).collect();
            let same = agreement(&ours, &theirs);
            assert!(same >= least, "{options:?}: {same}");
        }
    }
}

#[test]
fn digits_fall_into_about_ten_groups_that_are_those_of_the_labels() {
    let clusters = found(digits(), &ClusterOptions::default());
    assert!(
        (9..=12).contains(&clusters.clusters.len()),
        "{:?}",
        clusters.clusters
    );
    let cnn = Dataset::load(fixture("digits_cnn.npz")).unwrap();
    let labels: Vec<i64> = cnn
        .labels()
        .unwrap()
        .indices()
        .iter()
        .map(|&c| c.into())
        .collect();
    let same = agreement(&numbers(&clusters), &labels);
    assert!(same > 0.75, "{same}");
    assert!(clusters.stable() >= 7, "{:?}", clusters.clusters);
    let in_clusters: usize = clusters.clusters.iter().map(|c| c.size).sum();
    assert_eq!(in_clusters + clusters.noise, 899);
    for (c, cluster) in clusters.clusters.iter().enumerate() {
        assert_eq!(cluster.name, format!("c{}", c + 1));
        assert!(cluster.core <= cluster.size && cluster.core > 0);
        assert!((0.0..=1.0).contains(&cluster.persistence));
    }
    assert!(
        clusters
            .clusters
            .is_sorted_by_key(|c| std::cmp::Reverse(c.size))
    );
}

#[test]
fn neither_the_order_of_the_rows_nor_the_threads_change_anything() {
    let options = ClusterOptions::default();
    let first = found(digits(), &options);
    let order: Vec<usize> = (0..899).map(|i| (i * 100 + 7) % 899).collect();
    let mixed = found(digits().select(Axis(0), &order), &options);
    assert_eq!(mixed.clusters, first.clusters);
    let moved: Vec<u16> = order.iter().map(|&i| first.assignment[i]).collect();
    assert_eq!(mixed.assignment, moved);
    let data = Dataset::new(digits()).unwrap();
    let alone = Clusters::of(&data, &options, &Execution::default().threads(1)).unwrap();
    assert_eq!(alone, first);
}

/// A few samples around each center, in a pattern.
fn around(centers: &[[f32; 2]], each: usize) -> Array2<f32> {
    Array2::from_shape_fn((centers.len() * each, 2), |(i, j)| {
        let spread = (i * 37 + j * 101 + i * i * (j + 3)) % 97;
        centers[i / each][j] + spread as f32 / 97.0
    })
}

#[test]
fn groups_far_apart_are_found_and_what_lies_between_only_joins() {
    // Larger than the graph's neighborhoods, so that the graph falls into parts.
    let mut features = around(&[[0.0, 0.0], [50.0, 0.0], [0.0, 80.0], [4.0, 0.0]], 60);
    features
        .row_mut(0)
        .assign(&disentangle::ndarray::arr1(&[25.0, 40.0]));
    let options = ClusterOptions {
        join: false,
        ..ClusterOptions::default()
    };
    let alone = found(features.clone(), &options);
    assert_eq!(alone.assignment[0], UNLABELED);
    let clusters = found(features, &ClusterOptions::default());
    let sizes: Vec<usize> = clusters.clusters.iter().map(|c| c.size).collect();
    assert_eq!((sizes, clusters.noise), (vec![61, 60, 60, 59], 0));
    assert!(!clusters.core[0] && clusters.core[61]);
    assert!(
        clusters
            .clusters
            .iter()
            .all(|c| c.recurrence.unwrap() > 0.95)
    );
}

#[test]
fn one_cloud_identical_samples_and_few_samples_have_no_clusters() {
    let options = ClusterOptions::default();
    let cloud = Array2::from_shape_fn((20, 20), |(i, j)| f32::from(u8::from(i == j)));
    assert_eq!(found(cloud, &options).clusters.len(), 0);
    let same = found(Array2::zeros((50, 3)), &options);
    assert_eq!((same.clusters.len(), same.noise), (0, 50));
    assert_eq!(found(Array2::zeros((2, 3)), &options).noise, 2);
    // Identical samples in three places.
    let places = Array2::from_shape_fn((90, 2), |(i, _)| (i / 30 * (i / 30)) as f32);
    assert_eq!(found(places, &options).clusters.len(), 3);
}

#[test]
fn options_that_cannot_be_used_are_refused() {
    let data = Dataset::new(digits()).unwrap();
    for (size, samples, message) in [(1, 5, "min_cluster_size 1"), (5, 0, "min_samples 0")] {
        let options = ClusterOptions {
            min_cluster_size: Some(size),
            min_samples: samples,
            ..ClusterOptions::default()
        };
        let error = Clusters::of(&data, &options, &Execution::default()).unwrap_err();
        assert!(matches!(error, Error::Option { .. }), "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn clusters_are_described_as_classes_without_circular_statements() {
    let data = Dataset::new(digits()).unwrap();
    let execution = Execution::default();
    let clusters = Clusters::of(&data, &ClusterOptions::default(), &execution).unwrap();
    let data = data.with_labels(clusters.labels().unwrap()).unwrap();
    let map = common::digits_map();
    let diagnosis = Diagnosis::of(&data, Some(&map), 10, &execution)
        .unwrap()
        .unwrap();
    let groups = clusters.clusters.len();
    let diagnosis = diagnosis.with_clusters(clusters.into());
    assert_eq!(diagnosis.classes.len(), groups);
    assert!(diagnosis.silhouette.features.is_some() && diagnosis.pairs.is_some());
    assert!(diagnosis.separation.is_none() && diagnosis.suspects.is_none());
    assert!(diagnosis.fidelity.is_some());
    let text = diagnosis.reading.as_ref().unwrap().text();
    assert!(
        text.starts_with(&format!(
            "{groups} clusters of at least 15 samples were found in the features"
        )),
        "{text}"
    );
    // The least sure one comes first.
    let found = diagnosis.clusters.as_ref().unwrap();
    let unsure = |c: &&Cluster| !c.is_stable();
    let order = |a: &&Cluster, b: &&Cluster| a.recurrence.partial_cmp(&b.recurrence).unwrap();
    let least = found.clusters.iter().filter(unsure).min_by(order).unwrap();
    let named = format!(
        "clustered; {} ({:.2})",
        least.name,
        least.recurrence.unwrap()
    );
    assert!(text.contains(&named), "{text}");
    assert!(text.contains("not labels"), "{text}");
    assert!(
        !text.contains("separated from") && !text.contains("without a label"),
        "{text}"
    );
}

#[test]
fn a_run_looks_again_for_clusters_of_another_size() {
    let features = Array2::from_shape_fn((120, 4), |(i, j)| {
        let noise = (i * 31 + j * 17 + i * i * (j + 3)) % 23;
        (i / 40 * 100) as f32 + noise as f32
    });
    let data = Arc::new(Dataset::new(features).unwrap());
    let options = RunOptions {
        iterations: 50,
        perplexity: 10.0,
        clusters: Some(ClusterOptions::default()),
        ..RunOptions::default()
    };
    let run = Run::start(data, options, Arc::new(|| {}), &Execution::default()).unwrap();
    run.wait_until_diagnosed();
    let sizes = || -> Vec<usize> {
        let diagnosis = run.diagnosis().unwrap();
        let clusters = diagnosis.clusters.as_ref().unwrap();
        assert_eq!(diagnosis.classes.len(), clusters.clusters.len());
        clusters.clusters.iter().map(|c| c.size).collect()
    };
    assert_eq!(sizes(), [40, 40, 40]);
    for (smallest, expected) in [(70, &[][..]), (20, &[40, 40, 40])] {
        run.send(Command::SetClusters(ClusterOptions {
            min_cluster_size: Some(smallest),
            ..ClusterOptions::default()
        }));
        run.wait_until_diagnosed();
        assert_eq!(sizes(), expected, "{smallest}");
    }
}
