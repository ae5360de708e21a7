//! Repulsion summed over all pairs.
//!
//! In: positions. Out: for each point Σ_j (y_i − y_j)/(1+d²)², and Z. The points are cut into
//! blocks of fixed size; each pair of blocks is one task that computes every pair of points once
//! and keeps what it does to either side. The parts are then added in the order of the blocks, so
//! that the sums are the same for any number of threads. Cost: n²/2 pairs of about 7 clock cycles
//! per 16 with AVX-512, where a division alone would take more.

use rayon::prelude::*;

use crate::simd::{LaneKernel, Lanes, over_lanes};

/// Points per block: what a task works on stays in the first-level cache.
const BLOCK: usize = 128;
/// Distance between the padding points of the last block (map units): far enough that they exert no
/// force, and not so far that squares of their affinities would be denormal, which is slow.
const FAR: f32 = 1e7;

/// Buffers that are kept between iterations.
#[derive(Default)]
pub(super) struct AllPairs {
    x: Vec<f32>,
    y: Vec<f32>,
    /// For each pair of blocks the forces on both: x and y of the first, x and y of the second.
    parts: Vec<f32>,
    /// For each pair of blocks its share of Z.
    sums: Vec<f64>,
}

/// Which blocks a pair of blocks is made of: all pairs with first ≤ second, in rows.
fn blocks_of(pair: usize, count: usize) -> (usize, usize) {
    let (mut first, mut start) = (0, 0);
    while pair >= start + count - first {
        start += count - first;
        first += 1;
    }
    (first, first + pair - start)
}

/// The number of a pair of blocks with first ≤ second.
fn number_of(first: usize, second: usize, count: usize) -> usize {
    first * (2 * count - first + 1) / 2 + second - first
}

impl AllPairs {
    /// Fills `forces` and returns Z.
    pub(super) fn compute(&mut self, positions: &[[f32; 2]], forces: &mut [[f32; 2]]) -> f64 {
        let count = positions.len().div_ceil(BLOCK);
        let padded = count * BLOCK;
        for (axis, to) in [&mut self.x, &mut self.y].into_iter().enumerate() {
            to.clear();
            to.extend(positions.iter().map(|p| p[axis]));
            to.extend((positions.len()..padded).map(|i| FAR * (1 + i % BLOCK) as f32));
        }
        let pairs = count * (count + 1) / 2;
        self.parts.resize(pairs * 4 * BLOCK, 0.0);
        self.sums.resize(pairs, 0.0);
        let (x, y) = (&self.x, &self.y);
        self.parts
            .par_chunks_mut(4 * BLOCK)
            .zip(self.sums.par_iter_mut())
            .enumerate()
            .for_each(|(pair, (part, sum))| {
                let (first, second) = blocks_of(pair, count);
                *sum = over_lanes(BlockPair {
                    first: block(x, y, first),
                    second: block(x, y, second),
                    same: first == second,
                    part,
                });
            });
        let parts = &self.parts;
        forces
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, forces)| gather(parts, block, count, forces));
        // Every point, including padding, is at distance 0 from itself.
        self.sums.iter().sum::<f64>() - over_lanes(OfItself) * padded as f64
    }
}

/// What a point at distance 0 adds to Z: 1, up to the rounding of the machine's reciprocal, which is
/// the same for all points.
struct OfItself;

impl LaneKernel for OfItself {
    type Output = f64;

    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> f64 {
        f64::from(simd.reduce_max_f32s(simd.reciprocal(simd.splat_f32s(1.0))))
    }
}

/// The coordinates of a block.
fn block<'a>(x: &'a [f32], y: &'a [f32], block: usize) -> [&'a [f32]; 2] {
    let range = block * BLOCK..(block + 1) * BLOCK;
    [&x[range.clone()], &y[range]]
}

/// Adds up what all blocks do to one, in order.
fn gather(parts: &[f32], block: usize, count: usize, forces: &mut [[f32; 2]]) {
    let mut sums = [0.0_f32; 2 * BLOCK];
    for other in 0..count {
        let pair = number_of(block.min(other), block.max(other), count);
        let part = &parts[pair * 4 * BLOCK..(pair + 1) * 4 * BLOCK];
        let (on_first, on_second) = part.split_at(2 * BLOCK);
        let part = if block <= other { on_first } else { on_second };
        for (sum, v) in sums.iter_mut().zip(part) {
            *sum += v;
        }
    }
    let (x, y) = sums.split_at(BLOCK);
    for ((force, &x), &y) in forces.iter_mut().zip(x).zip(y) {
        *force = [x, y];
    }
}

/// All pairs between two blocks, or within one.
struct BlockPair<'a> {
    first: [&'a [f32]; 2],
    second: [&'a [f32]; 2],
    /// True if both are the same block: each pair then occurs twice, once from either side.
    same: bool,
    part: &'a mut [f32],
}

impl LaneKernel for BlockPair<'_> {
    type Output = f64;

    /// Returns the share of Z, including the points' own.
    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> f64 {
        self.part.fill(0.0);
        let (on_first, on_second) = self.part.split_at_mut(2 * BLOCK);
        let (on_first_x, on_first_y) = on_first.split_at_mut(BLOCK);
        let (on_second_x, on_second_y) = on_second.split_at_mut(BLOCK);
        let [second_x, second_y] = self.second.map(|v| S::as_simd_f32s(v).0);
        let push_x = S::as_mut_simd_f32s(on_second_x).0;
        let push_y = S::as_mut_simd_f32s(on_second_y).0;
        let mut total = 0.0;
        // Two points side by side share the loads and stores of the other block.
        for i in (0..BLOCK).step_by(2) {
            let at_x = [0, 1].map(|a| simd.splat_f32s(self.first[0][i + a]));
            let at_y = [0, 1].map(|a| simd.splat_f32s(self.first[1][i + a]));
            let zero = simd.splat_f32s(0.0);
            let one = simd.splat_f32s(1.0);
            let (mut x, mut y, mut z) = ([zero; 2], [zero; 2], zero);
            let others = second_x.iter().zip(second_y);
            for ((other_x, other_y), (px, py)) in others.zip(push_x.iter_mut().zip(&mut *push_y)) {
                let (mut sum_x, mut sum_y) = (*px, *py);
                for a in 0..2 {
                    let dx = simd.sub_f32s(at_x[a], *other_x);
                    let dy = simd.sub_f32s(at_y[a], *other_y);
                    let square = simd.mul_add_f32s(dx, dx, simd.mul_add_f32s(dy, dy, one));
                    let q = simd.reciprocal(square);
                    let qq = simd.mul_f32s(q, q);
                    z = simd.add_f32s(z, q);
                    x[a] = simd.mul_add_f32s(qq, dx, x[a]);
                    y[a] = simd.mul_add_f32s(qq, dy, y[a]);
                    sum_x = simd.negate_mul_add_f32s(qq, dx, sum_x);
                    sum_y = simd.negate_mul_add_f32s(qq, dy, sum_y);
                }
                (*px, *py) = (sum_x, sum_y);
            }
            for a in 0..2 {
                on_first_x[i + a] = simd.reduce_sum_f32s(x[a]);
                on_first_y[i + a] = simd.reduce_sum_f32s(y[a]);
            }
            total += f64::from(simd.reduce_sum_f32s(z));
        }
        if self.same { total } else { 2.0 * total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_blocks_are_numbered_in_rows() {
        for count in 1..7 {
            let mut pair = 0;
            for first in 0..count {
                for second in first..count {
                    assert_eq!(number_of(first, second, count), pair);
                    assert_eq!(blocks_of(pair, count), (first, second));
                    pair += 1;
                }
            }
            assert_eq!(pair, count * (count + 1) / 2);
        }
    }

    /// Against sums of differences in 64 bits, for numbers of points around the blocks' size.
    #[test]
    fn sums_agree_with_those_in_64_bits() {
        for n in [2, 3, 127, 128, 129, 300] {
            let positions: Vec<[f32; 2]> = (0..n)
                .map(|i| [(i * 37 % 101) as f32 * 0.21, (i * 53 % 89) as f32 * 0.17])
                .collect();
            let mut forces = vec![[0.0; 2]; n];
            let z = AllPairs::default().compute(&positions, &mut forces);
            let mut exact_z = 0.0;
            for (i, a) in positions.iter().enumerate() {
                let mut force = [0.0_f64; 2];
                for (j, b) in positions.iter().enumerate() {
                    let d = [0, 1].map(|axis| f64::from(a[axis]) - f64::from(b[axis]));
                    let q = 1.0 / (1.0 + d[0] * d[0] + d[1] * d[1]);
                    exact_z += if i == j { 0.0 } else { q };
                    force = [0, 1].map(|axis| force[axis] + q * q * d[axis]);
                }
                for axis in 0..2 {
                    let wrong = (f64::from(forces[i][axis]) - force[axis]).abs();
                    assert!(wrong < 1e-5 * (1.0 + force[axis].abs()), "{n}: {wrong}");
                }
            }
            // A point's own 1 is added in 32 bits and subtracted in 64.
            let bound = 1e-6 * exact_z + 1e-7 * n as f64;
            assert!((z - exact_z).abs() < bound, "{n}: {z} and {exact_z}");
        }
    }
}
