//! Ranks of all samples around an anchor, in the features and in the map, and the statistics of
//! these.
//!
//! In: features (n × d) and positions (n × 2). Out: for each anchor its trustworthiness and
//! continuity (Venna & Kaski 2001), the share of its neighbors that the map keeps, and the curve
//! and area of R_NX (Lee, Peluffo-Ordóñez & Verleysen 2015). An anchor costs O(n d + n log n)
//! time and O(n) memory. Distances are sums of squared differences in 32 bits, ties are decided
//! by id. The curve needs no co-ranking matrix: a sample is within the first K in both spaces
//! exactly if the larger of its two ranks is at most K, so that one count by that rank and a
//! running sum give all K.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, Stage, check};
use crate::simd::{Kernel, vectorized};

/// Lanes of the sums.
const LANES: usize = 16;

/// The statistics of one anchor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchor {
    pub(super) trustworthiness: f64,
    pub(super) continuity: f64,
    pub(super) recall: f64,
    pub(super) area: f64,
    /// R_NX at each of the curve's sizes.
    pub(super) curve: Vec<f64>,
}

/// The input that all anchors share.
pub(super) struct Ranking<'a> {
    /// Rows, contiguous (n × d).
    features: &'a [f32],
    dimensions: usize,
    positions: &'a [[f32; 2]],
    k: usize,
    /// Neighborhood sizes of the curve, ascending.
    sizes: &'a [usize],
    /// For each K from 1 to n − 2, the contribution of a common neighbor to the area.
    weights: Vec<f64>,
    /// The constant that is subtracted from the area.
    base: f64,
    /// Σ 1/K.
    harmonic: f64,
}

/// Working memory of one task.
#[derive(Default)]
struct Scratch {
    distances: Vec<f32>,
    keys: Vec<u64>,
    in_features: Vec<u32>,
    in_map: Vec<u32>,
    common: Vec<u32>,
}

impl<'a> Ranking<'a> {
    /// `features` must be contiguous, `k` below n, and n at least 3.
    pub(super) fn new(
        features: &'a [f32],
        positions: &'a [[f32; 2]],
        k: usize,
        sizes: &'a [usize],
    ) -> Self {
        let n = positions.len();
        let others = n as f64 - 1.0;
        // R_NX(K)/K = (n − 1) Q/(K (n − 1 − K)) − 1/(n − 1 − K), with Q = common/K.
        let weight = |size: usize| {
            let size = size as f64;
            others / (size * size * (others - size))
        };
        Self {
            features,
            dimensions: features.len() / n.max(1),
            positions,
            k,
            sizes,
            weights: (1..n - 1).map(weight).collect(),
            base: (1..n - 1).map(|size| 1.0 / (others - size as f64)).sum(),
            harmonic: (1..n - 1).map(|size| 1.0 / size as f64).sum(),
        }
    }

    /// The statistics of the anchors, in their order.
    pub(super) fn describe(&self, anchors: &[u32], progress: &dyn Progress) -> Result<Vec<Anchor>> {
        progress.report(Stage::Diagnosing, 0.0);
        anchors
            .par_iter()
            .map_init(Scratch::default, |scratch, &anchor| {
                check(progress)?;
                Ok(self.anchor(anchor as usize, scratch))
            })
            .collect()
    }

    fn anchor(&self, own: usize, scratch: &mut Scratch) -> Anchor {
        let n = self.positions.len();
        scratch.distances.resize(n, 0.0);
        squared_distances(self.features, self.dimensions, own, &mut scratch.distances);
        rank(
            &scratch.distances,
            own,
            &mut scratch.keys,
            &mut scratch.in_features,
        );
        let [x, y] = self.positions[own];
        for (distance, p) in scratch.distances.iter_mut().zip(self.positions) {
            *distance = (p[0] - x) * (p[0] - x) + (p[1] - y) * (p[1] - y);
        }
        rank(
            &scratch.distances,
            own,
            &mut scratch.keys,
            &mut scratch.in_map,
        );

        let k = self.k as u32;
        scratch.common.clear();
        scratch.common.resize(n, 0);
        let (mut intruders, mut lost) = (0_u64, 0_u64);
        for (&r, &q) in scratch.in_features.iter().zip(&scratch.in_map) {
            scratch.common[r.max(q) as usize] += 1;
            if q <= k && r > k {
                intruders += u64::from(r - k);
            } else if r <= k && q > k {
                lost += u64::from(q - k);
            }
        }
        // Rank 0 is the anchor itself.
        scratch.common[0] = 0;
        self.figures(&scratch.common, intruders, lost)
    }

    /// The statistics, from the counts of samples by the larger of their two ranks, and from the
    /// ranks by which false and lost neighbors exceed k.
    fn figures(&self, common: &[u32], intruders: u64, lost: u64) -> Anchor {
        let others = common.len() as f64 - 1.0;
        let mut within = 0_u64;
        let mut area = -self.base;
        let mut recall = 0.0;
        let mut curve = Vec::with_capacity(self.sizes.len());
        for size in 1..common.len() {
            within += u64::from(common[size]);
            if let Some(weight) = self.weights.get(size - 1) {
                area += within as f64 * weight;
            }
            let share = || within as f64 / size as f64;
            if size == self.k {
                recall = share();
            }
            if self.sizes.get(curve.len()) == Some(&size) {
                let k = size as f64;
                curve.push((others * share() - k) / (others - k));
            }
        }
        let worst = worst_excess(common.len(), self.k);
        Anchor {
            trustworthiness: 1.0 - intruders as f64 / worst,
            continuity: 1.0 - lost as f64 / worst,
            recall,
            area: area / self.harmonic,
            curve,
        }
    }
}

/// The largest sum of ranks beyond k that k neighbors can have among n − 1 others; at least 1, so
/// that it can be a divisor even if no neighbor can be wrong.
pub(super) fn worst_excess(n: usize, k: usize) -> f64 {
    let (n, k) = (n as f64, k as f64);
    let worst = if 2.0 * k < n {
        k * (2.0 * n - 3.0 * k - 1.0) / 2.0
    } else {
        (n - k) * (n - k - 1.0) / 2.0
    };
    worst.max(1.0)
}

/// Ranks by ascending distance, ties by id: 1 for the nearest, 0 for the anchor itself.
fn rank(distances: &[f32], own: usize, keys: &mut Vec<u64>, ranks: &mut Vec<u32>) {
    keys.clear();
    // The bits of non-negative numbers have the order of the numbers.
    let key = |(i, d): (usize, &f32)| u64::from(d.to_bits()) << 32 | i as u64;
    keys.extend(distances.iter().enumerate().map(key));
    keys.swap_remove(own);
    keys.sort_unstable();
    ranks.clear();
    ranks.resize(distances.len(), 0);
    for (r, key) in keys.iter().enumerate() {
        ranks[(key & u64::from(u32::MAX)) as usize] = r as u32 + 1;
    }
}

/// Squared distances of one row to all rows.
pub(super) fn squared_distances(rows: &[f32], dimensions: usize, own: usize, out: &mut [f32]) {
    vectorized(ToAll {
        rows,
        dimensions,
        own,
        out,
    });
}

struct ToAll<'a> {
    rows: &'a [f32],
    dimensions: usize,
    own: usize,
    out: &'a mut [f32],
}

impl Kernel for ToAll<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let d = self.dimensions;
        let Some(own) = self.rows.get(self.own * d..(self.own + 1) * d) else {
            return;
        };
        if d == 0 {
            self.out.fill(0.0);
            return;
        }
        for (out, row) in self.out.iter_mut().zip(self.rows.chunks_exact(d)) {
            *out = squared_distance(own, row);
        }
    }
}

/// The squared distance of two rows.
#[inline(always)]
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (mut left, mut right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (a, b) in left.by_ref().zip(right.by_ref()) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    let rest = left.remainder().iter().zip(right.remainder());
    let rest: f32 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    sums.iter().sum::<f32>() + rest
}

/// The rows of a matrix in contiguous memory, copied only if necessary.
pub(super) fn contiguous<'a>(features: &'a ArrayView2<'_, f32>) -> std::borrow::Cow<'a, [f32]> {
    match features.as_slice() {
        Some(rows) => rows.into(),
        None => features.iter().copied().collect(),
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;
    use crate::progress::Silent;

    #[test]
    fn four_points_by_hand() {
        // On a line 0 1 3 7; in the map the last two have changed places: 0 1 7 3.
        let features = [0.0, 1.0, 3.0, 7.0];
        let map = [[0.0, 0.0], [1.0, 0.0], [7.0, 0.0], [3.0, 0.0]];
        let sizes = [1, 2];
        let ranking = Ranking::new(&features, &map, 1, &sizes);
        let found = ranking.describe(&[0, 1, 2, 3], &Silent).unwrap();
        // Around sample 2: features 1, 0|3 (3 then 0 at 3 and 4), map 3 (4), 1 (6), 0 (7).
        assert_eq!(worst_excess(4, 1), 2.0);
        assert_eq!(found[0].trustworthiness, 1.0);
        assert_eq!(found[2].recall, 0.0);
        assert_eq!(found[2].trustworthiness, 1.0 - 2.0 / 2.0);
        assert_eq!(found[2].continuity, 1.0 - 1.0 / 2.0);
        // Q(1) = 0, Q(2) = 1/2: {1, 0} against {3, 1}.
        assert_eq!(found[2].curve, [-0.5, -0.5]);
        assert_eq!(found[0].curve, [1.0, -0.5]);
        let area = (found[0].curve[0] + found[0].curve[1] / 2.0) / 1.5;
        assert!((found[0].area - area).abs() < 1e-12);
    }

    #[test]
    fn a_faithful_map_is_perfect() {
        let map: Vec<[f32; 2]> = (0..40)
            .map(|i| [(i * i % 37) as f32, (i * 7 % 11) as f32 * 1.37])
            .collect();
        let features: Vec<f32> = map.iter().flatten().map(|v| 3.0 * v).collect();
        let sizes = [1, 5, 38];
        let ranking = Ranking::new(&features, &map, 5, &sizes);
        for anchor in ranking.describe(&[0, 7, 39], &Silent).unwrap() {
            assert_eq!(anchor.trustworthiness, 1.0);
            assert_eq!(anchor.continuity, 1.0);
            assert_eq!(anchor.recall, 1.0);
            assert!((anchor.area - 1.0).abs() < 1e-9);
            assert_eq!(anchor.curve, [1.0, 1.0, 1.0]);
        }
    }

    #[test]
    fn long_rows_are_summed_whole() {
        let rows: Vec<f32> = (0..2 * 37).map(|v| (v % 5) as f32).collect();
        let mut out = [0.0; 2];
        squared_distances(&rows, 37, 0, &mut out);
        let expected: f32 = (0..37).map(|i| (rows[i] - rows[37 + i]).powi(2)).sum();
        assert_eq!(out, [0.0, expected]);
    }
}
