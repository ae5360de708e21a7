//! The optimizer and its run: re-targeted, restarted, led through perplexities; finite on data
//! that is small, dull or odd.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    unused_qualifications,
    reason = "a test stops at the first surprise; unchanged is unchanged"
)]

mod common;

use std::sync::Arc;

use common::digits;
use disentangle::Execution;
use disentangle::affinities::{Affinities, neighbors_for};
use disentangle::dataset::Dataset;
use disentangle::ndarray::Array2;
use disentangle::neighbors::Neighbors;
use disentangle::reduce::principal_components;
use disentangle::run::{Activity, Command, Run, RunOptions, embed};
use disentangle::tsne::{
    Embedding, Initialization, RepulsionMethod, TsneParams, initial_positions,
};
use proptest::prelude::*;

/// Numbers without structure, the same on every machine.
fn noise(rows: usize, columns: usize) -> Array2<f32> {
    let mut state = 88_172_645_463_325_252_u64;
    Array2::from_shape_fn((rows, columns), |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0 - 0.5
    })
}

fn started(features: &Array2<f32>, perplexity: f64, params: TsneParams) -> Embedding {
    let n = features.nrows();
    let graph = Neighbors::exact(
        features.view(),
        neighbors_for(perplexity, n),
        &Execution::default().threads(1),
    );
    let affinities = Affinities::new(
        &graph.unwrap(),
        perplexity,
        &Execution::default().threads(1),
    )
    .unwrap();
    let reduction =
        principal_components(features.view(), 2, 1, &Execution::default().threads(1)).unwrap();
    let start = initial_positions(&Initialization::Pca, &reduction, 1).unwrap();
    Embedding::start(affinities, start, params, &Execution::default()).unwrap()
}

fn with(repulsion: RepulsionMethod) -> TsneParams {
    TsneParams {
        repulsion,
        ..TsneParams::default()
    }
}

/// Side of the box around a map.
fn extent(positions: &[[f32; 2]]) -> f32 {
    let side = |axis: usize| {
        let values = || positions.iter().map(|p| p[axis]);
        values().fold(f32::MIN, f32::max) - values().fold(f32::MAX, f32::min)
    };
    side(0).max(side(1))
}

/// Both ways to compute the repulsion lead to maps that are equally good.
#[test]
fn grid_and_exact_repulsion_end_at_the_same_divergence() {
    let digits = digits();
    let divergence = |method| {
        let mut map = started(&digits, 30.0, with(method));
        map.advance(750).unwrap();
        map.kl_divergence()
    };
    let exact = divergence(RepulsionMethod::Exact);
    let grid = divergence(RepulsionMethod::Grid);
    assert!((exact - grid).abs() < 0.02 * exact, "{exact} and {grid}");
}

#[test]
fn retargeting_goes_on_from_the_present_map() {
    let features = digits();
    let mut map = started(&features, 30.0, with(RepulsionMethod::Exact));
    map.advance(400).unwrap();
    let before = map.positions();
    let graph = Neighbors::exact(
        features.view(),
        neighbors_for(10.0, 899),
        &Execution::default().threads(1),
    )
    .unwrap();
    map.retarget(Affinities::new(&graph, 10.0, &Execution::default().threads(1)).unwrap())
        .unwrap();
    assert_eq!(map.positions(), before);
    assert_eq!(map.exaggeration(), 1.0);
    let start = map.kl_divergence();
    map.advance(200).unwrap();
    assert!(map.kl_divergence() < start);
    assert_eq!(map.iteration(), 600);
}

/// A dozen samples contract under exaggeration; they must part again.
#[test]
fn few_samples_do_not_fall_together() {
    for n in [4, 5, 12, 20] {
        let data = Dataset::new(noise(n, 72)).unwrap();
        let map = embed(&data, &RunOptions::default(), &Execution::default()).unwrap();
        let positions = map.positions();
        assert!(extent(&positions) > 0.1, "{n}: {positions:?}");
        for (i, a) in positions.iter().enumerate() {
            for b in &positions[..i] {
                assert!((a[0] - b[0]).abs() + (a[1] - b[1]).abs() > 1e-3, "{n}");
            }
        }
    }
}

#[test]
fn a_run_visits_perplexities_and_comes_back() {
    let data = Arc::new(Dataset::new(digits()).unwrap());
    let options = RunOptions {
        iterations: 300,
        further_iterations: 40,
        ..RunOptions::default()
    };
    let run = Run::start(data, options, Arc::new(|| ()), &Execution::default()).unwrap();
    run.wait_until_idle();
    let first = run.snapshot();
    assert_eq!(first.activity, Activity::Finished);
    run.send(Command::SetPerplexity(50.0));
    run.wait_until_idle();
    let second = run.snapshot();
    assert_eq!((second.perplexity, second.iteration), (50.0, 340));
    assert_ne!(second.generation, first.generation);
    run.send(Command::SetPerplexity(30.0));
    run.wait_until_idle();
    let back = run.snapshot();
    assert_eq!(back.generation, first.generation);
    assert_eq!(back.kl_divergence, first.kl_divergence);
    assert_eq!(back.visited.len(), 2);
    // Beyond the neighbor graph, which then grows; several wishes in a row, of which the last
    // counts.
    run.send(Command::Pause);
    run.send(Command::SetPerplexity(60.0));
    run.send(Command::SetPerplexity(70.0));
    run.send(Command::SetPerplexity(80.0));
    run.wait_until_idle();
    assert_eq!(run.snapshot().perplexity, 80.0);
    assert!(run.snapshot().visited.len() <= 4);
    run.send(Command::Restart(7));
    run.wait_until_idle();
    let again = run.snapshot();
    assert_eq!((again.seed, again.visited.len()), (7, 1));
}

#[test]
fn maps_of_other_seeds_are_kept_beside_the_first() {
    let data = Arc::new(Dataset::new(noise(120, 5)).unwrap());
    let options = RunOptions {
        perplexity: 10.0,
        iterations: 120,
        further_iterations: 20,
        ..RunOptions::default()
    };
    let run = Run::start(
        data,
        options.clone(),
        Arc::new(|| ()),
        &Execution::default(),
    )
    .unwrap();
    run.wait_until_idle();
    let first = run.snapshot();
    run.send(Command::AddMap(7));
    run.wait_until_idle();
    let second = run.snapshot();
    assert_eq!(
        (second.seed, second.perplexity, second.iteration),
        (7, 10.0, 120)
    );
    assert_eq!(second.visited.len(), 2);
    // The same map as a run that begins with this seed and at random positions.
    let alone = RunOptions {
        seed: 7,
        initialization: Initialization::Random,
        ..options
    };
    let data = Dataset::new(noise(120, 5)).unwrap();
    let alone = embed(&data, &alone, &Execution::default()).unwrap();
    assert_eq!(second.kl_divergence, Some(alone.kl_divergence()));
    // Another perplexity goes on from this seed's map, and comes back to it.
    run.send(Command::SetPerplexity(15.0));
    run.wait_until_idle();
    let third = run.snapshot();
    assert_eq!(
        (third.seed, third.perplexity, third.iteration),
        (7, 15.0, 140)
    );
    run.send(Command::SetPerplexity(10.0));
    run.wait_until_idle();
    assert_eq!(run.snapshot().generation, second.generation);
    run.send(Command::ShowMap(first.generation));
    run.wait_until_idle();
    let back = run.snapshot();
    assert_eq!((back.generation, back.seed), (first.generation, 1));
    assert_eq!(back.kl_divergence, first.kl_divergence);
    assert_eq!(back.visited.len(), 3);
    // A map that is not kept changes nothing.
    run.send(Command::ShowMap(999));
    run.wait_until_idle();
    assert_eq!(run.snapshot().generation, first.generation);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever finite numbers come in, positions are finite and P sums to one.
    #[test]
    fn any_finite_features_give_a_finite_map(
        rows in 4_usize..40,
        columns in 1_usize..6,
        scale in -30_i32..30,
        duplicates in 0_usize..40,
        perplexity in 1.0_f64..60.0,
    ) {
        let mut features = noise(rows, columns);
        features.mapv_inplace(|v| v * 2.0_f32.powi(scale));
        for row in 1..duplicates.min(rows) {
            let first = features.row(0).to_owned();
            features.row_mut(row).assign(&first);
        }
        let data = Dataset::new(features).unwrap();
        let options = RunOptions { perplexity, iterations: 60, ..RunOptions::default() };
        let map = embed(&data, &options, &Execution::default()).unwrap();
        prop_assert!(map.positions().iter().flatten().all(|v| v.is_finite()));
        prop_assert!(map.kl_divergence().is_finite());
    }
}
