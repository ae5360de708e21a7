//! The far part of the potential, on a grid four times as coarse.
//!
//! The kernel is split, K = K w + K (1 − w), with a weight w that falls smoothly from 1 to 0 over
//! about 32 nodes. The near part then needs a border of 32 nodes instead of one as wide as the map,
//! and the far part is smooth enough for nodes four times as far apart: together less than a third of
//! the elements that a single grid would transform. (Two-level meshes are established in molecular
//! dynamics: Skeel, Tezcan & Hardy 2002.)
//!
//! Points never touch the coarse grid. A cubic B-spline of four times the width is a sum of 13
//! splines of the fine grid, with the coefficients of ((1 + z)⁴/8)(1 + z²)⁴/8, so that coarse
//! charges are sums of fine ones, and coarse potentials are added to fine ones, exactly.

use rayon::prelude::*;

use super::spectrum::{Convolution, Plans};
use super::tail::Tail;
use crate::simd::{Kernel, vectorized};

/// Fine nodes per coarse node.
const RATIO: usize = 4;
/// Fine splines that make up a coarse one.
const TAPS: usize = 13;
/// Coarse nodes that reach a fine one, per axis.
const REACHING: usize = 4;
/// Fine nodes over which the kernel's near part ends.
pub(super) const NEAR: usize = 32;
/// The first coarse node lies this many fine nodes before the first fine one.
const LEAD: usize = RATIO;
/// From the first fine node of the first coarse spline to the first fine node.
const BEFORE: usize = LEAD + TAPS / 2;
/// Zeros around a fine row, so that no sum needs to check for the end.
const AROUND: usize = BEFORE + TAPS + 1;
/// Fine rows per task.
const ROWS: usize = 8;

/// Weights of the fine splines in a coarse one.
const SPLINE: [f32; TAPS] = {
    let half = [0.125, 0.5, 0.75, 0.5, 0.125];
    let mut weights = [0.0; TAPS];
    let mut a = 0;
    while a < half.len() {
        let mut b = 0;
        while b < half.len() {
            weights[2 * a + b] += half[a] * half[b];
            b += 1;
        }
        a += 1;
    }
    weights
};

/// Weight of the coarse node `reaching` after the one before, at each fine node between two.
const SPREAD: [[f32; RATIO]; REACHING] = {
    let mut weights = [[0.0; RATIO]; REACHING];
    let mut s = 0;
    while s < REACHING {
        let mut p = 0;
        while p < RATIO {
            let at = p + BEFORE;
            if at >= RATIO * s && at - RATIO * s < TAPS {
                weights[s][p] = SPLINE[at - RATIO * s];
            }
            p += 1;
        }
        s += 1;
    }
    weights
};

/// Share of the kernel that is near, at a squared distance in units of the near part's squared
/// radius: 1 at 0, from 1 on 0, smooth to the third derivative.
pub(super) fn near_share(square: f64) -> f64 {
    if square >= 1.0 {
        return 0.0;
    }
    let u = square.sqrt();
    1.0 - square * square * (35.0 - u * (84.0 - u * (70.0 - 20.0 * u)))
}

/// The coarse grid, with its buffers.
pub(super) struct Far {
    convolution: Convolution,
    /// Nodes per side of the fine grid.
    fine: usize,
    /// One coarse node per row, fine nodes along it, with zeros around.
    rows: Vec<f32>,
    charges: Vec<f32>,
    potentials: Vec<f32>,
    /// A row of coarse nodes per task.
    between: Vec<f32>,
}

impl Far {
    /// For a fine grid of `fine` × `fine` nodes that are `step` map units apart.
    pub(super) fn new(fine: usize, step: f32, tail: Tail, plans: &mut Plans) -> Self {
        let live = Self::live(fine);
        let radius = (NEAR as f64 * f64::from(step)).powi(2);
        let kernel = |square: f64| (1.0 - near_share(square / radius)) * tail.weight(square);
        Self {
            convolution: Convolution::new(live, live, RATIO as f32 * step, plans, &kernel),
            fine,
            rows: vec![0.0; live * (fine + AROUND)],
            charges: vec![0.0; live * live],
            potentials: vec![0.0; live * live],
            between: vec![0.0; fine.div_ceil(ROWS) * (live + REACHING)],
        }
    }

    /// Coarse nodes per side.
    pub(super) fn live(fine: usize) -> usize {
        (fine + LEAD + TAPS / 2 - 1) / RATIO + 1
    }

    /// Adds the far part to the potentials of charges, both on the fine grid.
    pub(super) fn add(&mut self, charges: &[f32], potentials: &mut [f32]) {
        self.restrict(charges);
        self.convolution.forward(&self.charges);
        self.convolution.finish(&mut self.potentials);
        let (live, fine) = (self.convolution.live(), self.fine);
        let coarse = &self.potentials;
        potentials
            .par_chunks_mut(ROWS * fine)
            .zip(self.between.par_chunks_mut(live + REACHING))
            .enumerate()
            .for_each(|(task, (rows, between))| {
                for (r, row) in rows.chunks_mut(fine).enumerate() {
                    vectorized(Adding {
                        row: task * ROWS + r,
                        coarse,
                        between: &mut *between,
                        potentials: row,
                    });
                }
            });
    }

    /// Coarse charges from fine ones.
    fn restrict(&mut self, charges: &[f32]) {
        let (live, fine) = (self.convolution.live(), self.fine);
        self.rows
            .par_chunks_mut(fine + AROUND)
            .zip(self.charges.par_chunks_mut(live))
            .enumerate()
            .for_each(|(coarse, (row, out))| {
                vectorized(Restricting {
                    coarse,
                    fine,
                    charges,
                    row,
                    out,
                });
            });
    }
}

/// One row of coarse charges.
struct Restricting<'a> {
    coarse: usize,
    fine: usize,
    charges: &'a [f32],
    row: &'a mut [f32],
    out: &'a mut [f32],
}

impl Kernel for Restricting<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let row = &mut self.row[BEFORE..BEFORE + self.fine];
        row.fill(0.0);
        for (tap, weight) in SPLINE.into_iter().enumerate() {
            let at = (RATIO * self.coarse + tap).wrapping_sub(BEFORE);
            if at < self.fine {
                let from = &self.charges[at * self.fine..(at + 1) * self.fine];
                for (sum, charge) in row.iter_mut().zip(from) {
                    *sum += weight * charge;
                }
            }
        }
        for (i, out) in self.out.iter_mut().enumerate() {
            let mut sum = 0.0;
            for (v, weight) in self.row[RATIO * i..][..TAPS].iter().zip(SPLINE) {
                sum += v * weight;
            }
            *out = sum;
        }
    }
}

/// Coarse potentials for one row of the fine grid.
struct Adding<'a> {
    row: usize,
    coarse: &'a [f32],
    /// As long as a row of coarse nodes and some more.
    between: &'a mut [f32],
    potentials: &'a mut [f32],
}

impl Kernel for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let live = self.between.len() - REACHING;
        let (between, _) = self.between.split_at_mut(live);
        between.fill(0.0);
        let (first, phase) = (self.row / RATIO, self.row % RATIO);
        for (s, weights) in SPREAD.iter().enumerate() {
            if first + s < live {
                let from = &self.coarse[(first + s) * live..(first + s + 1) * live];
                for (sum, v) in between.iter_mut().zip(from) {
                    *sum += weights[phase] * v;
                }
            }
        }
        // What follows the row stays 0.
        for (i, fours) in self.potentials.chunks_mut(RATIO).enumerate() {
            let reaching = &self.between[i..i + REACHING];
            let mut sums = [0.0_f32; RATIO];
            for (v, weights) in reaching.iter().zip(SPREAD) {
                for p in 0..RATIO {
                    sums[p] += v * weights[p];
                }
            }
            for (potential, sum) in fours.iter_mut().zip(sums) {
                *potential += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_splines_make_up_a_coarse_one() {
        assert!((SPLINE.iter().sum::<f32>() - 4.0).abs() < 1e-6);
        for p in 0..RATIO {
            let all: f32 = SPREAD.iter().map(|weights| weights[p]).sum();
            assert!((all - 1.0).abs() < 1e-6, "a constant stays one");
        }
    }

    #[test]
    fn the_near_share_falls_from_one_to_zero() {
        assert!((near_share(0.0) - 1.0).abs() < 1e-12);
        assert!(near_share(0.999_999).abs() < 1e-9);
        let shares: Vec<f64> = (0..100).map(|i| near_share(f64::from(i) / 100.0)).collect();
        assert!(shares.windows(2).all(|pair| pair[1] <= pair[0]));
    }

    /// A charge reaches the coarse grid with its place and amount, wherever it lies.
    #[test]
    fn restriction_keeps_amount_and_place() {
        let fine = 41;
        let mut far = Far::new(fine, 0.5, Tail::default(), &mut Plans::default());
        let live = Far::live(fine);
        for (row, column) in [
            (0, 0),
            (0, fine - 1),
            (fine - 1, 3),
            (20, fine - 1),
            (17, 22),
        ] {
            let mut charges = vec![0.0; fine * fine];
            charges[row * fine + column] = 1.0;
            far.restrict(&charges);
            let (mut amount, mut x, mut y) = (0.0, 0.0, 0.0);
            for (at, q) in far.charges.iter().enumerate() {
                amount += q;
                x += q * ((at % live * RATIO) as f32 - LEAD as f32);
                y += q * ((at / live * RATIO) as f32 - LEAD as f32);
            }
            assert!((amount - 1.0).abs() < 1e-5, "{row} {column}: {amount}");
            assert!((x - column as f32).abs() < 1e-3 && (y - row as f32).abs() < 1e-3);
        }
    }
}
