//! Attraction along the edges of P, and the movement that follows, in one pass over the edges.
//!
//! For each point: the sum of `P_ij q_ij (y_i − y_j)` with q = 1/(1+d²), minus the repulsion over
//! Z, is the gradient (without the constant factor 4, as in openTSNE). Gains (Jacobs 1988),
//! momentum and the step limit follow at once while the point is in cache. The new positions go
//! to a buffer of their own, so that every point sees the old ones.

use rayon::prelude::*;

use super::tail::{Pull, Tail};
use crate::affinities::Affinities;
#[cfg(target_arch = "x86_64")]
use crate::simd::with_avx2;
use crate::simd::{Kernel, vectorized};

/// Edges handled side by side.
const LANES: usize = 8;
/// Rows per parallel task of the divergence.
const ROWS: usize = 512;
/// The least gain, so that a coordinate never freezes.
const LEAST_GAIN: f32 = 0.01;

/// The settings of one iteration, applied chunk by chunk.
pub(super) struct Descent<'a> {
    pub(super) affinities: &'a Affinities,
    pub(super) positions: &'a [[f32; 2]],
    /// Sums of q² (y_i − y_j) over all other points.
    pub(super) forces: &'a [[f32; 2]],
    /// 1/Z.
    pub(super) normalization: f32,
    pub(super) exaggeration: f32,
    pub(super) learning_rate: f32,
    pub(super) momentum: f32,
    pub(super) largest_step: f32,
    pub(super) tail: Tail,
}

/// What happened to a chunk of points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) largest: f32,
    pub(super) sum: f64,
    low: [f32; 2],
    high: [f32; 2],
    finite: bool,
}

impl Default for Move {
    fn default() -> Self {
        Self {
            largest: 0.0,
            sum: 0.0,
            low: [f32::INFINITY; 2],
            high: [f32::NEG_INFINITY; 2],
            finite: true,
        }
    }
}

impl Move {
    /// All chunks together, in order.
    pub(super) fn combine(chunks: &[Self]) -> Self {
        let mut whole = Self::default();
        for chunk in chunks {
            whole.largest = whole.largest.max(chunk.largest);
            whole.sum += chunk.sum;
            for a in 0..2 {
                whole.low[a] = whole.low[a].min(chunk.low[a]);
                whole.high[a] = whole.high[a].max(chunk.high[a]);
            }
            whole.finite &= chunk.finite;
        }
        whole
    }

    pub(super) fn is_finite(&self) -> bool {
        self.finite
    }

    /// The largest coordinate, without its sign.
    pub(super) fn remoteness(&self) -> f32 {
        self.low
            .iter()
            .chain(&self.high)
            .fold(0.0, |largest: f32, v| largest.max(v.abs()))
    }

    pub(super) fn extent(&self) -> f32 {
        (self.high[0] - self.low[0]).max(self.high[1] - self.low[1])
    }
}

impl Descent<'_> {
    /// Moves the points from `first` on.
    pub(super) fn apply(
        &self,
        first: usize,
        moved: &mut [[f32; 2]],
        updates: &mut [[f32; 2]],
        gains: &mut [[f32; 2]],
    ) -> Move {
        if !self.tail.is_cauchy() {
            return vectorized(Chunk {
                pull: self.tail.pull(),
                descent: self,
                first,
                moved,
                updates,
                gains,
            });
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = pulp::x86::V3::try_new() {
            let chunk = Chunk {
                pull: Avx2(avx2),
                descent: self,
                first,
                moved,
                updates,
                gains,
            };
            return with_avx2(avx2, chunk);
        }
        vectorized(Chunk {
            pull: Portable,
            descent: self,
            first,
            moved,
            updates,
            gains,
        })
    }
}

/// Consecutive points to be moved.
struct Chunk<'a, P> {
    pull: P,
    descent: &'a Descent<'a>,
    first: usize,
    moved: &'a mut [[f32; 2]],
    updates: &'a mut [[f32; 2]],
    gains: &'a mut [[f32; 2]],
}

impl<P: Pull> Kernel for Chunk<'_, P> {
    type Output = Move;

    #[inline(always)]
    fn run(self) -> Move {
        let Descent {
            affinities,
            positions,
            forces,
            normalization,
            exaggeration,
            learning_rate,
            momentum,
            largest_step,
            ..
        } = *self.descent;
        let mut summary = Move::default();
        let Self {
            pull: method,
            first,
            moved,
            updates,
            gains,
            ..
        } = self;
        for (r, ((moved, update), gain)) in moved.iter_mut().zip(updates).zip(gains).enumerate() {
            let i = first + r;
            let at = positions[i];
            let (columns, values) = affinities.row(i);
            let pull = method.pull(at, columns, values, positions);
            let push = forces[i];
            let mut length = 0.0;
            for a in 0..2 {
                let gradient = exaggeration * pull[a] - normalization * push[a];
                let same_direction = (update[a] > 0.0) == (gradient > 0.0);
                gain[a] = if same_direction {
                    gain[a] * 0.8 + LEAST_GAIN
                } else {
                    gain[a] + 0.2
                };
                update[a] = momentum * update[a] - learning_rate * gain[a] * gradient;
                length += update[a] * update[a];
            }
            let length = length.sqrt();
            if length > largest_step {
                let shorter = largest_step / length;
                update[0] *= shorter;
                update[1] *= shorter;
            }
            *moved = [at[0] + update[0], at[1] + update[1]];
            summary.largest = summary.largest.max(length.min(largest_step));
            summary.sum += f64::from(length.min(largest_step));
            for a in 0..2 {
                summary.low[a] = summary.low[a].min(moved[a]);
                summary.high[a] = summary.high[a].max(moved[a]);
            }
            summary.finite &= moved[0].is_finite() && moved[1].is_finite();
        }
        summary
    }
}

/// For any machine.
struct Portable;

impl Pull for Portable {
    #[inline(always)]
    fn pull(
        &self,
        at: [f32; 2],
        columns: &[u32],
        values: &[f32],
        positions: &[[f32; 2]],
    ) -> [f32; 2] {
        let (mut x, mut y) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        let (blocks, ends) = (columns.chunks_exact(LANES), values.chunks_exact(LANES));
        let (last_columns, last_values) = (blocks.remainder(), ends.remainder());
        for (columns, values) in blocks.zip(ends) {
            let (mut dx, mut dy) = ([0.0_f32; LANES], [0.0_f32; LANES]);
            for l in 0..LANES {
                let other = positions[columns[l] as usize];
                dx[l] = at[0] - other[0];
                dy[l] = at[1] - other[1];
            }
            for l in 0..LANES {
                let weight = values[l] / (1.0 + dx[l] * dx[l] + dy[l] * dy[l]);
                x[l] += weight * dx[l];
                y[l] += weight * dy[l];
            }
        }
        for (l, (&column, &value)) in last_columns.iter().zip(last_values).enumerate() {
            let other = positions[column as usize];
            let (dx, dy) = (at[0] - other[0], at[1] - other[1]);
            let weight = value / (1.0 + dx * dx + dy * dy);
            x[l] += weight * dx;
            y[l] += weight * dy;
        }
        [sum(x), sum(y)]
    }
}

/// For AVX2: eight positions are fetched as 64-bit pairs and separated by shuffles, which beats
/// both gather instructions and what the compiler makes of the portable loop.
#[cfg(target_arch = "x86_64")]
struct Avx2(pulp::x86::V3);

#[cfg(target_arch = "x86_64")]
impl Pull for Avx2 {
    #[inline(always)]
    fn pull(
        &self,
        at: [f32; 2],
        columns: &[u32],
        values: &[f32],
        positions: &[[f32; 2]],
    ) -> [f32; 2] {
        use pulp::bytemuck::cast;
        let pulp::x86::V3 { avx, fma, .. } = self.0;
        let (here_x, here_y) = (avx._mm256_set1_ps(at[0]), avx._mm256_set1_ps(at[1]));
        let one = avx._mm256_set1_ps(1.0);
        let (mut x, mut y) = (avx._mm256_setzero_ps(), avx._mm256_setzero_ps());
        let (blocks, last_columns) = columns.as_chunks::<LANES>();
        let (ends, last_values) = values.as_chunks::<LANES>();
        for (columns, values) in blocks.iter().zip(ends) {
            let pair = |l: usize| cast::<[f32; 2], f64>(positions[columns[l] as usize]);
            // Points 0, 1, 4, 5 and 2, 3, 6, 7, since shuffles stay within 128 bits.
            let a = avx._mm256_set_pd(pair(5), pair(4), pair(1), pair(0));
            let b = avx._mm256_set_pd(pair(7), pair(6), pair(3), pair(2));
            let (a, b) = (avx._mm256_castpd_ps(a), avx._mm256_castpd_ps(b));
            let dx = avx._mm256_sub_ps(here_x, avx._mm256_shuffle_ps::<0b10_00_10_00>(a, b));
            let dy = avx._mm256_sub_ps(here_y, avx._mm256_shuffle_ps::<0b11_01_11_01>(a, b));
            let square = fma._mm256_fmadd_ps(dx, dx, fma._mm256_fmadd_ps(dy, dy, one));
            let weight = avx._mm256_div_ps(cast(*values), square);
            x = fma._mm256_fmadd_ps(weight, dx, x);
            y = fma._mm256_fmadd_ps(weight, dy, y);
        }
        let (mut x, mut y) = (cast::<_, [f32; LANES]>(x), cast::<_, [f32; LANES]>(y));
        for (l, (&column, &value)) in last_columns.iter().zip(last_values).enumerate() {
            let other = positions[column as usize];
            let (dx, dy) = (at[0] - other[0], at[1] - other[1]);
            let weight = value / (1.0 + dx * dx + dy * dy);
            x[l] += weight * dx;
            y[l] += weight * dy;
        }
        [sum(x), sum(y)]
    }
}

/// Sum of the lanes, pairwise.
#[inline(always)]
fn sum(lanes: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// KL(P‖Q) = Σ P ln P − Σ P ln w + ln Z · Σ P, in nats; −ln w = ln(1+d²) in t-SNE proper.
pub(super) fn kl_divergence(
    affinities: &Affinities,
    positions: &[[f32; 2]],
    tail: Tail,
    z: f64,
) -> f64 {
    let n = positions.len();
    let parts: Vec<[f64; 2]> = (0..n.div_ceil(ROWS))
        .into_par_iter()
        .map(|block| {
            let (mut divergence, mut mass) = (0.0, 0.0);
            for i in block * ROWS..((block + 1) * ROWS).min(n) {
                let (columns, values) = affinities.row(i);
                for (&j, &p) in columns.iter().zip(values) {
                    if p > 0.0 {
                        let p = f64::from(p);
                        let dx = f64::from(positions[i][0] - positions[j as usize][0]);
                        let dy = f64::from(positions[i][1] - positions[j as usize][1]);
                        divergence += p * (p.ln() + tail.cost(dx * dx + dy * dy));
                        mass += p;
                    }
                }
            }
            [divergence, mass]
        })
        .collect();
    let divergence: f64 = parts.iter().map(|p| p[0]).sum();
    let mass: f64 = parts.iter().map(|p| p[1]).sum();
    divergence + mass * z.ln()
}
