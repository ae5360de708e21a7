//! The engine's options against scikit-learn, SciPy and openTSNE, as recorded in
//! `fixtures/golden/options.json` by `scripts/make_golden_options.py`.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use common::{digits, digits_map, fixture, golden, numbers};
use disentangle::Execution;
use disentangle::affinities::{Affinities, Weighting};
use disentangle::dataset::{Dataset, Metric, ReadOptions, read};
use disentangle::diagnosis::{Diagnosis, SampleDiagnosis};
use disentangle::ndarray::{Array2, Axis};
use disentangle::neighbors::Neighbors;
use disentangle::run::{Activity, Command, Run, RunOptions, embed};
use disentangle::tsne::{
    Embedding, Initialization, RepulsionMethod, TransformParams, TsneParams, spectral_positions,
    transform,
};
use std::sync::Arc;

#[test]
fn cosine_neighbors_agree_with_scikit_learn() {
    let golden = golden("options.json");
    let data = Dataset::new(digits()).unwrap().with_metric(Metric::Cosine);
    let neighbors =
        Neighbors::exact(data.features(), 15, &Execution::default().threads(1)).unwrap();
    for row in golden["cosine"].as_array().unwrap() {
        let i = row["i"].as_u64().unwrap() as usize;
        let theirs: Vec<u32> = numbers(&row["neighbors"])
            .iter()
            .map(|&v| v as u32)
            .collect();
        assert_eq!(neighbors.ids(i), theirs, "neighbors of {i}");
        let distances = numbers(&row["distances"]);
        for (squared, cosine) in neighbors.squared_distances(i).iter().zip(distances) {
            // |a − b|² = 2 (1 − cos) between unit rows.
            let ours = f64::from(*squared) / 2.0;
            assert!((ours / cosine - 1.0).abs() < 1e-4, "{ours} and {cosine}");
        }
    }
}

#[test]
fn cosine_silhouettes_agree_with_scikit_learn() {
    let golden = golden("options.json");
    let theirs = &golden["cosine_silhouettes"];
    let data = read(fixture("digits_cnn.npz"), &ReadOptions::default()).unwrap();
    let data = data.with_metric(Metric::Cosine);
    let found = Diagnosis::of(&data, None, 10, &Execution::default())
        .unwrap()
        .unwrap();
    let mean = found.silhouette.in_features().unwrap();
    assert!(
        (mean - theirs["mean"].as_f64().unwrap()).abs() < 1e-6,
        "{mean}"
    );
    let samples = numbers(&theirs["samples"]);
    let ours = found.sample_silhouettes.features.clone().unwrap();
    for (i, (ours, theirs)) in ours.iter().zip(&samples).enumerate() {
        assert!(
            (f64::from(*ours) - theirs).abs() < 1e-5,
            "{i}: {ours} {theirs}"
        );
    }
    let one = SampleDiagnosis::of(&data, 7, 10)
        .unwrap()
        .silhouette
        .unwrap();
    assert!((one - samples[7]).abs() < 1e-5);
}

/// Affinities of the digits at perplexity 30.
fn affinities() -> Affinities {
    let neighbors =
        Neighbors::exact(digits().view(), 90, &Execution::default().threads(2)).unwrap();
    Affinities::new(&neighbors, 30.0, &Execution::default().threads(2)).unwrap()
}

/// One step without momentum moves a point by −rate × gain × gradient, where the gain is 1.2 for
/// a positive gradient and 0.81 for a negative one.
#[test]
fn divergence_and_gradient_agree_at_any_degrees_of_freedom() {
    const RATE: f64 = 2000.0;
    let golden = golden("options.json");
    let p = affinities();
    for record in golden["degrees_of_freedom"].as_array().unwrap() {
        let dof = record["dof"].as_f64().unwrap();
        let kl = record["kl"].as_f64().unwrap();
        for (repulsion, of_kl, of_gradient) in [
            (RepulsionMethod::Exact, 1e-5, 2e-3),
            (RepulsionMethod::Grid, 5e-4, 3e-2),
        ] {
            let params = TsneParams {
                degrees_of_freedom: dof,
                early_iterations: 0,
                momentum: 0.0,
                learning_rate: Some(RATE),
                repulsion,
                ..TsneParams::default()
            };
            let mut map =
                Embedding::start(p.clone(), digits_map(), params, &Execution::default()).unwrap();
            let ours = map.kl_divergence();
            assert!(
                (ours / kl - 1.0).abs() < of_kl,
                "{dof}, {repulsion:?}: {ours}, {kl}"
            );
            map.step().unwrap();
            let moved = map.positions();
            let (mut wrong, mut all) = (0.0, 0.0);
            let reference = record["gradient"].as_array().unwrap();
            for ((row, after), before) in reference.iter().zip(&moved).zip(digits_map()) {
                for (axis, theirs) in numbers(row).into_iter().enumerate() {
                    let gain = if theirs > 0.0 { 1.2 } else { 0.81 };
                    let ours = f64::from(before[axis] - after[axis]) / (RATE * gain);
                    wrong += (ours - theirs).powi(2);
                    all += theirs.powi(2);
                }
            }
            let relative = (wrong / all).sqrt();
            assert!(
                relative < of_gradient,
                "{dof}, {repulsion:?}: gradient {relative}"
            );
        }
    }
}

#[test]
fn grid_and_exact_agree_at_any_degrees_of_freedom() {
    let p = affinities();
    let start: Vec<[f32; 2]> = digits_map().iter().map(|p| p.map(|v| v * 1e-5)).collect();
    let divergence = |repulsion| {
        let params = TsneParams {
            degrees_of_freedom: 3.0,
            early_iterations: 60,
            repulsion,
            ..TsneParams::default()
        };
        let mut map =
            Embedding::start(p.clone(), start.clone(), params, &Execution::default()).unwrap();
        map.advance(200).unwrap();
        map.kl_divergence()
    };
    let exact = divergence(RepulsionMethod::Exact);
    let grid = divergence(RepulsionMethod::Grid);
    assert!((grid / exact - 1.0).abs() < 0.03, "{exact} and {grid}");
}

fn weighted(weighting: &Weighting, perplexity: f64) -> Affinities {
    let neighbors =
        Neighbors::exact(digits().view(), 90, &Execution::default().threads(2)).unwrap();
    Affinities::weighted(
        &neighbors,
        perplexity,
        weighting,
        &Execution::default().threads(2),
    )
    .unwrap()
}

#[test]
fn combined_and_uniform_affinities_agree_with_open_tsne() {
    let golden = golden("options.json");
    let combined = weighted(&Weighting::Combined(vec![10.0, 30.0]), 30.0);
    let uniform = weighted(&Weighting::Uniform, 15.0);
    for (ours, key) in [(combined, "multiscale"), (uniform, "uniform")] {
        let reference = &golden[key];
        assert_eq!(
            ours.entries() as u64,
            reference["nnz"].as_u64().unwrap(),
            "{key}"
        );
        assert!((ours.sum() - 1.0).abs() < 1e-6);
        for row in reference["rows"].as_array().unwrap() {
            let i = row["i"].as_u64().unwrap() as usize;
            let (columns, values) = ours.row(i);
            let mut entries: Vec<(u32, f32)> = (columns.iter().copied())
                .zip(values.iter().copied())
                .collect();
            entries.sort_by_key(|&(column, _)| column);
            let (columns, values): (Vec<u32>, Vec<f32>) = entries.into_iter().unzip();
            let theirs: Vec<u32> = numbers(&row["columns"]).iter().map(|&v| v as u32).collect();
            assert_eq!(columns, theirs, "{key}, row {i}");
            for (p, q) in values.iter().zip(numbers(&row["values"])) {
                assert!(
                    (f64::from(*p) / q - 1.0).abs() < 1e-5,
                    "{key}, row {i}: {p} and {q}"
                );
            }
        }
    }
}

#[test]
fn the_spectral_start_is_the_diffusion_map() {
    let golden = golden("options.json");
    let ours = spectral_positions(&affinities(), 1, &Execution::default().threads(2)).unwrap();
    assert_eq!(
        ours,
        spectral_positions(&affinities(), 1, &Execution::default().threads(1)).unwrap()
    );
    let rows = golden["spectral"]["first_20"].as_array().unwrap();
    for axis in 0..2 {
        // Up to sign and scale, and a jitter of 1 %.
        let theirs: Vec<f64> = rows.iter().map(|r| numbers(r)[axis]).collect();
        let mine: Vec<f64> = ours[..20].iter().map(|p| f64::from(p[axis])).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let cosine = dot(&theirs, &mine) / (dot(&theirs, &theirs) * dot(&mine, &mine)).sqrt();
        assert!(cosine.abs() > 0.999, "axis {axis}: {cosine}");
    }
}

#[test]
fn a_few_samples_have_a_spectral_start_too() {
    let few = digits().select(Axis(0), &[0, 1, 2, 3, 4, 5, 6]);
    let options = RunOptions {
        perplexity: 2.0,
        iterations: 50,
        initialization: Initialization::Spectral,
        ..RunOptions::default()
    };
    let map = embed(&Dataset::new(few).unwrap(), &options, &Execution::default()).unwrap();
    assert!(map.positions().iter().flatten().all(|v| v.is_finite()));
}

/// Every fifth sample is placed into the map of the others; openTSNE's transform of the same
/// split is the measure.
#[test]
fn new_samples_land_among_their_class() {
    let record = &golden("options.json")["transform"];
    let data = Dataset::load(common::fixture("digits_cnn.npz")).unwrap();
    let labels = data.labels().unwrap().indices();
    let (held, kept): (Vec<usize>, Vec<usize>) = (0..data.samples()).partition(|i| i % 5 == 0);
    let reference = data.features().select(Axis(0), &kept);
    let new = data.features().select(Axis(0), &held);
    let options = RunOptions {
        components: None,
        ..RunOptions::for_samples(kept.len())
    };
    let map = embed(
        &Dataset::new(reference.clone()).unwrap(),
        &options,
        &Execution::default(),
    )
    .unwrap();
    let map = map.positions();
    let params = TransformParams::default();
    let k = params.neighbors();
    let neighbors = Neighbors::among(
        reference.view(),
        new.view(),
        k,
        &Execution::default().threads(2),
    )
    .unwrap();
    let placed = transform(&neighbors, &map, &params, &Execution::default()).unwrap();
    let as_rows =
        |points: &[[f32; 2]]| Array2::from_shape_fn((points.len(), 2), |(i, c)| points[i][c]);
    let judges = Neighbors::among(
        as_rows(&map).view(),
        as_rows(&placed).view(),
        10,
        &Execution::default().threads(2),
    )
    .unwrap();
    let right = held.iter().enumerate().filter(|&(q, &sample)| {
        let mut votes = [0; 10];
        for &j in judges.ids(q) {
            votes[usize::from(labels[kept[j as usize]])] += 1;
        }
        let most = (0..10).rev().max_by_key(|&c| votes[c]).unwrap();
        most == usize::from(labels[sample])
    });
    let accuracy = right.count() as f64 / held.len() as f64;
    let theirs = record["accuracy_10_nn"].as_f64().unwrap();
    assert!(accuracy > theirs - 0.02, "{accuracy} against {theirs}");
    let one = Execution::default().threads(1);
    assert_eq!(placed, transform(&neighbors, &map, &params, &one).unwrap());
}

#[test]
fn absurd_learning_rates_end_in_a_finite_map() {
    let usual = affinities();
    let start: Vec<[f32; 2]> = digits_map().iter().map(|p| p.map(|v| v * 1e-5)).collect();
    for rate in [1e5, 1e12, 1e35, 1e300] {
        let params = TsneParams {
            learning_rate: Some(rate),
            early_iterations: 60,
            repulsion: RepulsionMethod::Exact,
            ..TsneParams::default()
        };
        let mut map =
            Embedding::start(usual.clone(), start.clone(), params, &Execution::default()).unwrap();
        map.advance(400).unwrap();
        assert!(map.damping() < 1.0, "{rate}");
        let kl = map.kl_divergence();
        assert!(kl < 2.0, "{rate}: {kl}");
        let state = map.state();
        assert_eq!(state.damping, map.damping());
    }
}

#[test]
fn a_map_that_rests_ends_early_and_goes_on_when_asked() {
    let few = digits()
        .slice(disentangle::ndarray::s![..60, ..])
        .to_owned();
    let data = Arc::new(Dataset::new(few).unwrap());
    let options = RunOptions {
        perplexity: 10.0,
        iterations: 5000,
        stop_when_still: true,
        ..RunOptions::for_samples(60)
    };
    let full = RunOptions {
        stop_when_still: false,
        ..options.clone()
    };
    let stopped = embed(&data, &options, &Execution::default()).unwrap();
    assert!(stopped.iteration() < 4000, "{}", stopped.iteration());
    let whole = embed(&data, &full, &Execution::default()).unwrap();
    assert_eq!(whole.iteration(), 5000);
    let (early, late) = (stopped.kl_divergence(), whole.kl_divergence());
    assert!(early - late < 0.005 * late, "{early} and {late}");
    let run = Run::start(
        Arc::clone(&data),
        options,
        Arc::new(|| ()),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_idle();
    let snapshot = run.snapshot();
    assert_eq!(snapshot.activity, Activity::Still);
    assert_eq!(snapshot.iteration, stopped.iteration());
    assert_eq!(&*snapshot.positions, stopped.positions());
    run.send(Command::Resume);
    run.wait_until_idle();
    assert!(run.snapshot().iteration > snapshot.iteration);
}

#[test]
fn annealing_ends_at_the_perplexity_asked_for() {
    let data = Arc::new(Dataset::new(digits()).unwrap());
    let options = RunOptions {
        perplexity: 15.0,
        annealing: Some(90.0),
        iterations: 400,
        ..RunOptions::for_samples(899)
    };
    let map = embed(&data, &options, &Execution::default()).unwrap();
    assert_eq!(map.affinities().perplexity(), 15.0);
    let plain = RunOptions {
        annealing: None,
        ..options.clone()
    };
    assert_ne!(
        embed(&data, &plain, &Execution::default())
            .unwrap()
            .positions(),
        map.positions()
    );
    // The run's first map is the same.
    let run = Run::start(data, options, Arc::new(|| ()), &Execution::default()).unwrap();
    run.wait_until_idle();
    assert_eq!(&*run.snapshot().positions, map.positions());
}

#[test]
fn a_newer_wish_calls_off_what_is_under_way() {
    let data = Arc::new(Dataset::new(digits()).unwrap());
    let options = RunOptions {
        iterations: 30,
        further_iterations: 10,
        ..RunOptions::for_samples(899)
    };
    let run = Run::start(data, options, Arc::new(|| ()), &Execution::default()).unwrap();
    // Whether a stage is under way or not: the last of these counts, and nothing fails.
    for perplexity in [200.0, 5.0, 250.0, 12.0] {
        run.send(Command::SetPerplexity(perplexity));
        std::thread::yield_now();
    }
    run.wait_until_idle();
    assert_eq!(run.snapshot().perplexity, 12.0);
    run.send(Command::SetPerplexity(280.0));
    run.send(Command::Restart(4));
    run.send(Command::SetPerplexity(20.0));
    run.wait_until_idle();
    let snapshot = run.snapshot();
    assert_eq!((snapshot.seed, snapshot.perplexity), (4, 20.0));
    assert_eq!(snapshot.activity, Activity::Finished);
}
