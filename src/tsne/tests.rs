//! The grid against sums over all pairs, on maps as they form.

use std::path::{Path, PathBuf};

use super::repulsion::Repulsion;
use super::*;
use crate::affinities::neighbors_for;
use crate::dataset::Dataset;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::reduce::principal_components;

/// Relative root mean square error of the force, and relative error of Z.
fn errors(positions: &[[f32; 2]]) -> (f64, f64) {
    let (mut exact, mut grid) = (Repulsion::default(), Repulsion::default());
    let z = exact.compute(positions, RepulsionMethod::Exact);
    let z_grid = grid.compute(positions, RepulsionMethod::Grid);
    let (mut wrong, mut all) = (0.0, 0.0);
    for (a, b) in exact.forces().iter().zip(grid.forces()) {
        for axis in 0..2 {
            wrong += f64::from(a[axis] - b[axis]).powi(2);
            all += f64::from(a[axis]).powi(2);
        }
    }
    ((wrong / all).sqrt(), (z_grid / z - 1.0).abs())
}

impl Embedding {
    fn extent(&self) -> f32 {
        let along = |axis: usize| {
            let at = self.positions.iter().map(|p| p[axis]);
            at.clone().fold(f32::MIN, f32::max) - at.fold(f32::MAX, f32::min)
        };
        along(0).max(along(1))
    }
}

/// The map of some features with the default schedule, before its first iteration.
fn prepared(path: &Path) -> Embedding {
    let data = Dataset::load(path).unwrap();
    let n = data.samples();
    let reduction =
        principal_components(data.features(), 2, 1, &Execution::default().threads(2)).unwrap();
    let graph = Neighbors::exact(
        data.features(),
        neighbors_for(30.0, n),
        &Execution::default().threads(2),
    )
    .unwrap();
    let affinities = Affinities::new(&graph, 30.0, &Execution::default().threads(2)).unwrap();
    let start = initial_positions(&Initialization::Pca, &reduction, 1).unwrap();
    let params = TsneParams {
        ..TsneParams::for_samples(n)
    };
    Embedding::start(affinities, start, params, &Execution::default().threads(2)).unwrap()
}

fn agrees_while_the_map_forms(path: &Path) {
    let mut map = prepared(path);
    for iterations in [0, 20, 10, 10, 20, 40, 60, 90, 100] {
        map.advance(iterations).unwrap();
        let (force, z) = errors(&map.positions());
        let at = map.iteration();
        let extent = map.extent();
        println!(
            "{}: {at}: extent {extent:.1}, force {force:.1e}, Z {z:.1e}",
            path.display()
        );
        assert!(force < 1e-2, "iteration {at}: force {force}");
        assert!(z < 2e-4, "iteration {at}: Z {z}");
    }
}

#[test]
fn the_grid_agrees_with_all_pairs_while_a_map_forms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    agrees_while_the_map_forms(&root.join("fixtures/digits_penultimate.npy"));
}

#[test]
#[ignore = "needs the larger data: its folder in DISENTANGLE_DATA"]
fn the_grid_agrees_with_all_pairs_on_larger_data() {
    let folder = PathBuf::from(std::env::var_os("DISENTANGLE_DATA").unwrap());
    agrees_while_the_map_forms(&folder.join("fixtures/digits.npy"));
    agrees_while_the_map_forms(&folder.join("mnist/mnist10k_pca50.npy"));
}

/// More samples than exact neighbors are searched for, on a map wide enough for two grids.
#[test]
fn any_number_of_threads_gives_many_samples_the_same_bits() {
    const N: usize = 20_500;
    let features = ndarray::Array2::from_shape_fn((N, 3), |(i, j)| {
        ((i * 7919 + j * 104_729) % 10_007) as f32 / 10_007.0 + (i % 40 * (j + 1)) as f32
    });
    let start: Vec<[f32; 2]> = (0..N)
        .map(|i| {
            let (x, y) = (i * 48_271 % 9_973, i * 69_621 % 9_967);
            [x as f32 * 0.01, y as f32 * 0.01]
        })
        .collect();
    let maps = [1, 2, 4].map(|threads| {
        let graph =
            Neighbors::find(features.view(), 15, &Execution::default().threads(threads)).unwrap();
        let affinities =
            Affinities::new(&graph, 5.0, &Execution::default().threads(threads)).unwrap();
        let params = TsneParams {
            early_iterations: 2,
            ..TsneParams::for_samples(N)
        };
        let mut map = Embedding::start(
            affinities,
            start.clone(),
            params,
            &Execution::default().threads(threads),
        )
        .unwrap();
        map.advance(35).unwrap();
        map.positions()
    });
    assert!(maps[0] == maps[1] && maps[0] == maps[2]);
}
