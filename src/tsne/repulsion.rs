//! Repulsion between all pairs: exact for few points, interpolated on a grid beyond.
//!
//! In: positions. Out: for each point Σ_j (y_i − y_j)/(1+d²)², and Z = Σ_{i≠j} 1/(1+d²). Which
//! way is taken depends on the number of points and the extent of the map alone, never on a
//! clock, so that results repeat.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::grid::{FINE_STEP, Grid};
use crate::simd::{Kernel, vectorized};

/// Pairs handled side by side.
const LANES: usize = 16;
/// Points per parallel task.
const CHUNK: usize = 64;
/// Relative cost of a pair, a grid node and a gridded point, measured in nanoseconds on one
/// AVX-512 core.
const PAIR_COST: f64 = 0.15;
const NODE_COST: f64 = 2.5;
const POINT_COST: f64 = 40.0;

/// How repulsion is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepulsionMethod {
    /// Whichever is cheaper for this number of points and this extent.
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
    sums: Vec<f64>,
    x: Vec<f32>,
    y: Vec<f32>,
    grid: Grid,
}

impl Clone for Repulsion {
    /// Buffers hold nothing that outlives a step: a clone starts with empty ones.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Repulsion {
    /// Computes the forces and returns Z.
    pub(super) fn compute(&mut self, positions: &[[f32; 2]], method: RepulsionMethod) -> f64 {
        self.compute_at(positions, method, FINE_STEP)
    }

    /// The same with a grid as coarse as `widest` map units, if it is a grid.
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
                PAIR_COST * n * n <= NODE_COST * nodes + POINT_COST * n
            }
        };
        let z = if exact {
            self.exact(positions)
        } else {
            self.grid.compute(positions, widest, &mut self.forces)
        };
        z.max(f64::MIN_POSITIVE)
    }

    /// The forces of the last computation (n × 2).
    pub(super) fn forces(&self) -> &[[f32; 2]] {
        &self.forces
    }

    fn exact(&mut self, positions: &[[f32; 2]]) -> f64 {
        self.x.clear();
        self.x.extend(positions.iter().map(|p| p[0]));
        self.y.clear();
        self.y.extend(positions.iter().map(|p| p[1]));
        self.sums.resize(positions.len().div_ceil(CHUNK), 0.0);
        let (x, y) = (&self.x, &self.y);
        self.forces
            .par_chunks_mut(CHUNK)
            .zip(positions.par_chunks(CHUNK))
            .zip(self.sums.par_iter_mut())
            .for_each(|((forces, points), sum)| {
                *sum = vectorized(AllPairs {
                    points,
                    x,
                    y,
                    forces,
                });
            });
        self.sums.iter().sum()
    }
}

/// Some points against all.
struct AllPairs<'a> {
    points: &'a [[f32; 2]],
    x: &'a [f32],
    y: &'a [f32],
    forces: &'a mut [[f32; 2]],
}

impl Kernel for AllPairs<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut total = 0.0;
        for (force, point) in self.forces.iter_mut().zip(self.points) {
            let (f, z) = all_pairs(*point, self.x, self.y);
            *force = f;
            total += z;
        }
        total
    }
}

/// Force on one point by all, and its share of Z (itself taken off).
#[inline(always)]
fn all_pairs(at: [f32; 2], x: &[f32], y: &[f32]) -> ([f32; 2], f64) {
    let (mut fx, mut fy, mut z) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let (x_rest, y_rest) = (xs.remainder(), ys.remainder());
    for (xs, ys) in xs.zip(ys) {
        for l in 0..LANES {
            let (dx, dy) = (at[0] - xs[l], at[1] - ys[l]);
            let q = 1.0 / (1.0 + dx * dx + dy * dy);
            z[l] += q;
            fx[l] += q * q * dx;
            fy[l] += q * q * dy;
        }
    }
    for (l, (x, y)) in x_rest.iter().zip(y_rest).enumerate() {
        let (dx, dy) = (at[0] - x, at[1] - y);
        let q = 1.0 / (1.0 + dx * dx + dy * dy);
        z[l] += q;
        fx[l] += q * q * dx;
        fy[l] += q * q * dy;
    }
    let sum = |lanes: [f32; LANES]| lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
    ([sum(fx) as f32, sum(fy) as f32], sum(z) - 1.0)
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
        for extent in [1e-4, 1e-2, 0.5, 2.0, 3.0, 10.0, 40.0, 120.0] {
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
        assert_eq!(repulsion.forces(), [[-0.25, 0.0], [0.25, 0.0]]);
    }
}
