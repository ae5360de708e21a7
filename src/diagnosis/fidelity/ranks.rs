//! Ranks of all samples around an anchor, in the features and in the map, and the statistics of
//! these.
//!
//! In: features (n × d) and positions (n × 2). Out: for each anchor its trustworthiness and
//! continuity (Venna & Kaski 2001), the share of its neighbors that the map keeps, and the curve
//! and area of R_NX (Lee, Peluffo-Ordóñez & Verleysen 2015). An anchor costs O(n d + n log n)
//! time and O(n) memory. Distances are sums of squared differences in 32 bits. Of samples at equal
//! distance each may have any of their ranks: the figures are the expected values over these. A sample
//! that comes early in one space does so in the other, as by one order of all samples, so that a faithful
//! map is perfect. The curve needs no co-ranking matrix: a sample is within the first K in both spaces
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
    in_features: Vec<Rank>,
    in_map: Vec<Rank>,
    common: Common,
}

/// The ranks that a sample may have: one, or those of all at its distance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Rank {
    first: u32,
    last: u32,
}

impl Rank {
    fn count(self) -> f64 {
        f64::from(self.last - self.first + 1)
    }

    /// Probability of being among the first k.
    fn within(self, k: u32) -> f64 {
        if self.last <= k {
            1.0
        } else if self.first > k {
            0.0
        } else {
            f64::from(k - self.first + 1) / self.count()
        }
    }

    /// By how much the rank is expected to exceed k where that of the other space does not.
    fn excess(self, k: u32, other: Self) -> f64 {
        // The ranks beyond k that come before the other's first one beyond k.
        let places = self.count() * (other.within(k) - self.within(k)).max(0.0);
        let first = f64::from(self.first.max(k + 1) - k);
        places * (first + (places - 1.0) / 2.0) / self.count()
    }
}

/// For each K, how many samples more are within the first K in both spaces than within K − 1.
#[derive(Default)]
struct Common {
    more: Vec<f64>,
    /// Where something begins to be added for each K, or ends.
    steps: Vec<f64>,
    has_ties: bool,
}

impl Common {
    fn clear(&mut self, n: usize) {
        for values in [&mut self.more, &mut self.steps] {
            values.clear();
            values.resize(n + 1, 0.0);
        }
        self.has_ties = false;
    }

    /// Adds a part of a sample for each K after `after` up to `last`.
    fn add(&mut self, after: u32, last: u32, part: f64) {
        if after < last {
            self.steps[after as usize + 1] += part;
            self.steps[last as usize + 1] -= part;
        }
    }

    /// Adds a sample. Its probability of being within K grows from rank to rank in each space; the smaller
    /// one is that of being within K in both.
    fn push(&mut self, r: Rank, q: Rank) {
        let begin = r.first.max(q.first);
        if r.first == r.last && q.first == q.last {
            self.more[begin as usize] += 1.0;
            return;
        }
        self.has_ties = true;
        // Of two that are equal there, the one that ends later stays below.
        let order = r.within(begin).total_cmp(&q.within(begin));
        let (low, high) = if order.then(q.last.cmp(&r.last)).is_le() {
            (r, q)
        } else {
            (q, r)
        };
        self.more[begin as usize] += low.within(begin);
        if low.last >= high.last {
            self.add(begin, low.last, 1.0 / low.count());
            return;
        }
        // They cross: the lower one is steeper.
        let (a, b) = (1.0 / low.count(), 1.0 / high.count());
        let crossing = (f64::from(low.first - 1) * a - f64::from(high.first) * b + b) / (a - b);
        let last = (crossing.max(f64::from(begin)) as u32).min(low.last);
        self.add(begin, last, a);
        self.more[last as usize + 1] += high.within(last + 1) - low.within(last);
        self.add(last + 1, high.last, b);
    }

    /// What was added, by K.
    fn close(&mut self) -> &[f64] {
        if self.has_ties {
            let mut sum = 0.0;
            for (more, step) in self.more.iter_mut().zip(&self.steps) {
                sum += step;
                *more += sum;
            }
        }
        &self.more
    }
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
        scratch.common.clear(n);
        let (mut intruders, mut lost) = (0.0, 0.0);
        for (&r, &q) in scratch.in_features.iter().zip(&scratch.in_map) {
            // Rank 0 is the anchor itself.
            if r.first > 0 {
                scratch.common.push(r, q);
                intruders += r.excess(k, q);
                lost += q.excess(k, r);
            }
        }
        self.figures(&scratch.common.close()[..n], intruders, lost)
    }

    /// The statistics, from the counts of samples by the larger of their two ranks, and from the
    /// ranks by which false and lost neighbors exceed k.
    fn figures(&self, common: &[f64], intruders: f64, lost: f64) -> Anchor {
        let others = common.len() as f64 - 1.0;
        let mut within = 0.0;
        let mut area = -self.base;
        let mut recall = 0.0;
        let mut curve = Vec::with_capacity(self.sizes.len());
        for size in 1..common.len() {
            within += common[size];
            if let Some(weight) = self.weights.get(size - 1) {
                area += within * weight;
            }
            let share = || within / size as f64;
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
            trustworthiness: 1.0 - intruders / worst,
            continuity: 1.0 - lost / worst,
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

/// Ranks by ascending distance: 1 for the nearest, 0 for the anchor itself.
fn rank(distances: &[f32], own: usize, keys: &mut Vec<u64>, ranks: &mut Vec<Rank>) {
    keys.clear();
    // The bits of non-negative numbers have the order of the numbers.
    let key = |(i, d): (usize, &f32)| u64::from(d.to_bits()) << 32 | i as u64;
    keys.extend(distances.iter().enumerate().map(key));
    keys.swap_remove(own);
    keys.sort_unstable();
    ranks.clear();
    ranks.resize(distances.len(), Rank::default());
    let mut first = 1;
    for equal in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
        let last = first + equal.len() as u32 - 1;
        for key in equal {
            ranks[(key & u64::from(u32::MAX)) as usize] = Rank { first, last };
        }
        first = last + 1;
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

    /// With ties in the features, the means over all ways to break them.
    #[test]
    fn ties_give_the_mean_over_all_orders() {
        let features: Vec<f32> = [0, 2, 1, 2, 2, 1, 3, 2, 1].map(|v: u8| f32::from(v)).into();
        let map: Vec<[f32; 2]> = [0.0, 1.0, 1.3, 2.1, 3.0, 2.7, 2.2, 1.9, 5.0]
            .map(|v| [v, 0.0])
            .into();
        let sizes = [1, 2, 3, 4, 7];
        let figures = |features: &[f32]| {
            let ranking = Ranking::new(features, &map, 3, &sizes);
            let one = ranking.describe(&[0], &Silent).unwrap().remove(0);
            [
                one.trustworthiness,
                one.continuity,
                one.recall,
                one.area,
                one.curve[3],
            ]
        };
        let mut state = 5_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 16_777_216.0
        };
        let rounds = 20_000;
        let mut means = [0.0; 5];
        for _ in 0..rounds {
            let broken: Vec<f32> = features.iter().map(|v| v + 0.1 * random()).collect();
            for (mean, figure) in means.iter_mut().zip(figures(&broken)) {
                *mean += figure / f64::from(rounds);
            }
        }
        let found = figures(&features);
        for (figure, mean) in found.iter().zip(means) {
            assert!((figure - mean).abs() < 0.01, "{found:?} {means:?}");
        }
    }

    /// A copy is faithful whatever ties in it.
    #[test]
    fn ties_in_both_spaces_do_not_make_a_copy_unfaithful() {
        let map: Vec<[f32; 2]> = (0..60).map(|i| [(i % 4) as f32, (i % 3) as f32]).collect();
        let features: Vec<f32> = map.iter().flatten().copied().collect();
        let sizes = [1, 5, 20, 58];
        let found = Ranking::new(&features, &map, 7, &sizes).describe(&[0, 31], &Silent);
        for anchor in found.unwrap() {
            assert!((anchor.trustworthiness - 1.0).abs() < 1e-12);
            assert!((anchor.continuity - 1.0).abs() < 1e-12);
            assert!((anchor.recall - 1.0).abs() < 1e-12);
            assert!((anchor.area - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_faithful_map_is_perfect() {
        let map: Vec<[f32; 2]> = (0..40)
            .map(|i| [(i * i % 37) as f32, (i * 7 % 11) as f32 * 1.37])
            .collect();
        // Exact, so that equal distances stay equal.
        let features: Vec<f32> = map.iter().flatten().map(|v| 2.0 * v).collect();
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
