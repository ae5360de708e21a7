//! Repulsion between all pairs: exact for few points, interpolated on a grid for many.
//!
//! In: positions. Out: for each point Σ_j (y_i − y_j)/(1+d²)², and Z = Σ_{i≠j} 1/(1+d²). The
//! choice depends only on the number of points and the extent of the map, never on a clock, so that
//! results are reproducible.

use serde::{Deserialize, Serialize};

use super::exact::AllPairs;
use super::grid::{FINE_STEP, Grid, GridFit};
use super::tail::{Tail, TailPairs};

/// Relative cost of a pair, a grid node and a gridded point, measured in nanoseconds on one
/// AVX-512 core.
const PAIR_COST: f64 = 0.08;
const TAIL_PAIR_COST: f64 = 0.6;
const NODE_COST: f64 = 2.5;
const POINT_COST: f64 = 40.0;

/// How repulsion is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepulsionMethod {
    /// The cheaper one for this number of points and extent.
    #[default]
    Auto,
    /// All pairs, O(n²).
    Exact,
    /// Interpolation on a grid by Fourier transforms, O(n) and the grid.
    Grid,
}

/// Buffers and results of the repulsion.
#[derive(Default)]
pub(super) struct Repulsion {
    forces: Vec<[f32; 2]>,
    /// The kernel.
    pub(super) tail: Tail,
    all_pairs: AllPairs,
    tail_pairs: TailPairs,
    grid: Grid,
}

impl Clone for Repulsion {
    /// Buffers are only used within a step, so a clone starts with empty ones, and makes the same grid again.
    fn clone(&self) -> Self {
        Self {
            tail: self.tail,
            ..Self::with_grid(self.grid.fit_of())
        }
    }
}

impl Repulsion {
    /// With a grid that was made for this map.
    pub(super) fn with_grid(fitted: Option<GridFit>) -> Self {
        Self {
            grid: Grid::fitted(fitted),
            ..Self::default()
        }
    }

    /// The map that the grid was made for.
    pub(super) fn grid_fit(&self) -> Option<GridFit> {
        self.grid.fit_of()
    }

    /// Computes the forces and returns Z.
    pub(super) fn compute(&mut self, positions: &[[f32; 2]], method: RepulsionMethod) -> f64 {
        self.compute_at(positions, method, FINE_STEP)
    }

    /// The same; a grid may be as coarse as `widest` map units.
    pub(super) fn compute_at(
        &mut self,
        positions: &[[f32; 2]],
        method: RepulsionMethod,
        widest: f32,
    ) -> f64 {
        self.forces.resize(positions.len(), [0.0; 2]);
        let exact = match method {
            RepulsionMethod::Exact => true,
            RepulsionMethod::Grid => false,
            RepulsionMethod::Auto => {
                let n = positions.len() as f64;
                let nodes = Grid::nodes_for(positions, widest);
                let pair = if self.tail.is_cauchy() {
                    PAIR_COST
                } else {
                    TAIL_PAIR_COST
                };
                pair * n * n <= NODE_COST * nodes + POINT_COST * n
            }
        };
        let z = if exact && self.tail.is_cauchy() {
            self.all_pairs.compute(positions, &mut self.forces)
        } else if exact {
            self.tail_pairs
                .compute(positions, self.tail, &mut self.forces)
        } else {
            self.grid
                .compute(positions, widest, self.tail, &mut self.forces)
        };
        z.max(f64::MIN_POSITIVE)
    }

    /// The forces of the last computation (n × 2).
    pub(super) fn forces(&self) -> &[[f32; 2]] {
        &self.forces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clumps of points, as maps have them, at some scale.
    fn clumps(n: usize, extent: f32) -> Vec<[f32; 2]> {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 40) as f32) / 16_777_216.0 - 0.5
        };
        let centers: Vec<[f32; 2]> = (0..12).map(|_| [uniform(), uniform()]).collect();
        (0..n)
            .map(|i| {
                let center = centers[i % centers.len()];
                let scatter = uniform() + uniform() + uniform();
                let other = uniform() + uniform() + uniform();
                [
                    extent * (center[0] + 0.1 * scatter),
                    extent * (center[1] + 0.1 * other),
                ]
            })
            .collect()
    }

    fn relative_error(extent: f32) -> (f64, f64) {
        let positions = clumps(3000, extent);
        let mut exact = Repulsion::default();
        let z = exact.compute(&positions, RepulsionMethod::Exact);
        let mut grid = Repulsion::default();
        let z_grid = grid.compute(&positions, RepulsionMethod::Grid);
        let (mut wrong, mut all) = (0.0, 0.0);
        for (a, b) in exact.forces().iter().zip(grid.forces()) {
            for c in 0..2 {
                wrong += f64::from(a[c] - b[c]).powi(2);
                all += f64::from(a[c]).powi(2);
            }
        }
        ((wrong / all).sqrt(), (z_grid / z - 1.0).abs())
    }

    #[test]
    fn the_grid_agrees_with_all_pairs_at_every_scale() {
        for extent in [1e-4, 1e-2, 0.5, 2.0, 3.0, 10.0, 40.0, 60.0, 120.0, 300.0] {
            let (force, z) = relative_error(extent);
            println!("extent {extent}: force {force:.2e}, Z {z:.2e}");
            assert!(
                force < 1e-2,
                "extent {extent}: relative force error {force}"
            );
            assert!(z < 2e-4, "extent {extent}: relative error of Z {z}");
        }
    }

    #[test]
    fn identical_points_do_not_repel() {
        let positions = vec![[0.3, -0.2]; 100];
        for method in [RepulsionMethod::Exact, RepulsionMethod::Grid] {
            let mut repulsion = Repulsion::default();
            let z = repulsion.compute(&positions, method);
            assert!((z - 9900.0).abs() < 1.0, "{method:?}: Z {z}");
            assert!(repulsion.forces().iter().flatten().all(|f| f.abs() < 1e-2));
        }
    }

    #[test]
    fn two_points_push_each_other_apart() {
        let mut repulsion = Repulsion::default();
        let z = repulsion.compute(&[[0.0, 0.0], [1.0, 0.0]], RepulsionMethod::Exact);
        assert!((z - 1.0).abs() < 1e-6);
        for (force, expected) in repulsion.forces().iter().zip([-0.25, 0.25]) {
            assert!((force[0] - expected).abs() < 1e-7 && force[1].abs() < 1e-12);
        }
    }
}
