//! What maps of several seeds have in common: by library and by command, on data with known answers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::Arc;

use assert_cmd::Command;
use common::fixture;
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::{Stability, StabilityOptions};
use disentangle::ndarray::Array2;
use disentangle::run::{Run, RunOptions, embed, embed_several};
use serde_json::Value;

/// Three groups of 40, the last two of which are one cloud.
fn data() -> Dataset {
    let features = Array2::from_shape_fn((120, 4), |(i, j)| {
        let center = if i < 40 { 50.0 } else { 0.0 };
        center + ((i * 31 + j * 17 + i * i * (j + 3)) % 23) as f32
    });
    let labels: Vec<i64> = (0..120)
        .map(|i| if i < 40 { 0 } else { 1 + i % 2 })
        .collect();
    let data = Dataset::new(features).unwrap();
    data.with_labels(Labels::from_integers(&labels).unwrap())
        .unwrap()
}

fn options() -> RunOptions {
    RunOptions {
        iterations: 300,
        components: None,
        initialization: disentangle::tsne::Initialization::Random,
        ..RunOptions::default()
    }
}

#[test]
fn what_is_there_in_every_map_is_told_from_what_is_not() {
    let data = data();
    let runs: Vec<(f64, u64)> = (1..=4).map(|seed| (15.0, seed)).collect();
    let maps = embed_several(&data, &options(), &runs, &Execution::default()).unwrap();
    let positions: Vec<&[[f32; 2]]> = maps.iter().map(|m| &m.positions[..]).collect();
    let thresholds = StabilityOptions::default();
    let found = Stability::of(
        data.labels(),
        &positions,
        &thresholds,
        &Execution::default().threads(1),
    );
    let found = found.unwrap().unwrap();
    let apart: Vec<Option<usize>> = found.classes.iter().map(|c| c.apart).collect();
    assert_eq!(apart, [Some(4), Some(0), Some(0)]);
    // The two that are one cloud mix in all maps, in both directions; the first with none.
    let pairs: Vec<(usize, usize, bool)> = found
        .findings
        .iter()
        .map(|f| (f.from, f.to, f.holds))
        .collect();
    assert!(
        pairs.contains(&(1, 2, true)) && pairs.contains(&(2, 1, true)),
        "{pairs:?}"
    );
    assert!(
        pairs.iter().all(|&(from, to, _)| from > 0 && to > 0),
        "{pairs:?}"
    );
    let kept = found.mean_kept;
    assert!(
        kept.low.unwrap() > 2.0 * found.chance && kept.value < 1.0,
        "{kept:?}"
    );
    for (a, row) in found.kept.iter().enumerate() {
        assert!((row[a] - 1.0).abs() < 1e-12);
        for (b, &share) in row.iter().enumerate() {
            assert!((share - found.kept[b][a]).abs() < 1e-12);
        }
    }
}

/// The same by all distances.
#[test]
fn shares_kept_agree_with_a_search_of_all_distances() {
    let runs = [(15.0, 1), (15.0, 2), (5.0, 3)];
    let maps = embed_several(&data(), &options(), &runs, &Execution::default()).unwrap();
    let positions: Vec<&[[f32; 2]]> = maps.iter().map(|m| &m.positions[..]).collect();
    let (n, k) = (120, 10);
    let near = |map: &[[f32; 2]], i: usize| {
        let distance = |j: usize| {
            let square = |axis: usize| (f64::from(map[i][axis]) - f64::from(map[j][axis])).powi(2);
            square(0) + square(1)
        };
        let mut others: Vec<usize> = (0..n).filter(|j| *j != i).collect();
        others.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        others.truncate(k);
        others
    };
    let kept = |i: usize| {
        let all: Vec<Vec<usize>> = positions.iter().map(|map| near(map, i)).collect();
        let pairs = [(0, 1), (0, 2), (1, 2)];
        let same = |(a, b): (usize, usize)| all[a].iter().filter(|j| all[b].contains(j)).count();
        pairs.map(same).iter().sum::<usize>() as f64 / (3 * k) as f64
    };
    let expected: Vec<f64> = (0..n).map(kept).collect();
    let options = StabilityOptions::default();
    let found = Stability::of(None, &positions, &options, &Execution::default());
    let found = found.unwrap().unwrap();
    for (i, kept) in expected.iter().enumerate() {
        assert!((f64::from(found.points[i]) - kept).abs() < 1e-6, "{i}");
    }
    let mean = expected.iter().sum::<f64>() / n as f64;
    assert!((found.mean_kept.value - mean).abs() < 1e-6);
    let mut sorted = expected.clone();
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[59], sorted[60]);
    assert!((found.median_kept - median).abs() < 1e-6);
    let unstable = expected.iter().filter(|kept| **kept < median / 2.0 - 1e-6);
    assert_eq!(found.unstable, unstable.count());
}

#[test]
fn one_of_several_maps_is_the_map_alone() {
    let data = data();
    let maps = embed_several(
        &data,
        &options(),
        &[(15.0, 3), (5.0, 3)],
        &Execution::default(),
    )
    .unwrap();
    let alone = embed(
        &data,
        &RunOptions {
            seed: 3,
            perplexity: 15.0,
            ..options()
        },
        &Execution::default(),
    );
    assert_eq!(maps[0].positions, alone.unwrap().positions());
    assert!(embed_several(&data, &options(), &[(0.5, 1)], &Execution::default()).is_err());
}

#[test]
fn the_command_writes_what_the_library_finds() {
    let run = |arguments: &[&str]| {
        let features = fixture("digits_cnn.npz");
        let mut command = Command::cargo_bin("disentangle").unwrap();
        command.arg("stability").arg(features);
        command.args(arguments).output().unwrap()
    };
    let short = ["--seeds", "2", "--perplexity", "20", "--iterations", "120"];
    let output = run(&[&short[..], &["--json"]].concat());
    assert!(output.status.success(), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["schema"], "disentangle.stability/1");
    assert_eq!(json["initialization"], "random");
    assert_eq!(json["maps"][1]["seed"], 2);
    assert_eq!(json["stability"]["maps"], 2);
    assert_eq!(json["stability"]["classes"].as_array().unwrap().len(), 10);
    let again = run(&[&short[..], &["--json", "--threads", "1"]].concat());
    assert_eq!(again.stdout, output.stdout);
    let text = String::from_utf8(run(&short).stdout).unwrap();
    assert!(text.contains("2 maps of 899 samples"), "{text}");
    assert!(text.contains("clearly apart"), "{text}");
    let alone = run(&["--seeds", "1"]);
    assert_eq!(alone.status.code(), Some(2));
    let beyond = run(&["--apart", "7"]);
    assert_eq!(beyond.status.code(), Some(2));
}

#[test]
fn maps_that_were_visited_are_compared_when_the_last_stands_still() {
    let data = Arc::new(data());
    let options = RunOptions {
        perplexity: 15.0,
        further_iterations: 50,
        ..options()
    };
    let run = Run::start(
        Arc::clone(&data),
        options,
        Arc::new(|| {}),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_idle();
    run.wait_until_diagnosed();
    assert_eq!(run.diagnosis().unwrap().stability, None);
    run.send(disentangle::run::Command::SetPerplexity(6.0));
    run.wait_until_idle();
    run.wait_until_diagnosed();
    let found = run.diagnosis().unwrap().stability.clone().unwrap();
    assert_eq!((found.maps, found.classes.len()), (2, 3));
    let visited = run.snapshot().visited.clone();
    let positions: Vec<&[[f32; 2]]> = visited.iter().map(|m| &m.positions[..]).collect();
    let thresholds = StabilityOptions::default();
    let again = Stability::of(
        data.labels(),
        &positions,
        &thresholds,
        &Execution::default().threads(1),
    );
    assert_eq!(Some(&*found), again.unwrap().as_ref());
}
