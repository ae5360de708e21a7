//! The engine's options against scikit-learn, SciPy and openTSNE, as recorded in
//! `fixtures/golden/options.json` by `scripts/make_golden_options.py`.

#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use common::{digits, digits_map, golden, numbers};
use disentangle::{
    Affinities, Dataset, Embedding, Metric, Neighbors, RepulsionMethod, Silent, TsneParams,
};

#[test]
fn cosine_neighbors_agree_with_scikit_learn() {
    let golden = golden("options.json");
    let data = Dataset::new(digits()).unwrap().with_metric(Metric::Cosine);
    let neighbors = Neighbors::exact(data.features(), 15, 1, &Silent).unwrap();
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

/// Affinities of the digits at perplexity 30.
fn affinities() -> Affinities {
    let neighbors = Neighbors::exact(digits().view(), 90, 2, &Silent).unwrap();
    Affinities::new(&neighbors, 30.0, 2, &Silent).unwrap()
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
            let mut map = Embedding::start(p.clone(), digits_map(), params).unwrap();
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
        let mut map = Embedding::start(p.clone(), start.clone(), params).unwrap();
        map.advance(200).unwrap();
        map.kl_divergence()
    };
    let exact = divergence(RepulsionMethod::Exact);
    let grid = divergence(RepulsionMethod::Grid);
    assert!((grid / exact - 1.0).abs() < 0.03, "{exact} and {grid}");
}
