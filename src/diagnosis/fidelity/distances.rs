//! Whether samples far apart in the features are far apart in the map: Spearman's correlation of
//! the distances of random pairs.
//!
//! In: features and positions. Out: the correlation with its standard error. All pairs are used
//! where there are no more than asked for. Pairs share samples, so they are not independent; the
//! standard error is a jackknife over groups of samples, which leaves out all pairs with a sample
//! of the group. Ranks are computed once. O(pairs × d).

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::ranks::squared_distance;
use crate::simd::{Kernel, vectorized};
use crate::statistics::Estimate;
use crate::statistics::estimate::jackknife;
use crate::statistics::ranks::average_ranks;

/// Groups of samples of the jackknife.
const GROUPS: usize = 20;
/// Pairs per parallel task.
const CHUNK: usize = 4096;
/// Fewest samples for a standard error.
const FEWEST: usize = 2 * GROUPS;

/// The correlation over at most `most` pairs, and their number; `None` if distances do not vary.
pub(super) fn correlation(
    features: &[f32],
    positions: &[[f32; 2]],
    most: usize,
    seed: u64,
) -> Option<(Estimate, usize)> {
    let n = positions.len();
    let pairs = choose(n, most, seed);
    let d = features.len() / n.max(1);
    let chunks: Vec<Vec<(f32, f32)>> = pairs
        .par_chunks(CHUNK)
        .map(|pairs| {
            vectorized(Distances {
                pairs,
                features,
                d,
                positions,
            })
        })
        .collect();
    let (x, y): (Vec<f32>, Vec<f32>) = chunks.into_iter().flatten().unzip();
    let (x, y) = (
        average_ranks(&x, f32::total_cmp),
        average_ranks(&y, f32::total_cmp),
    );
    let mut all = Moments::default();
    let mut by_group = [Moments::default(); GROUPS];
    for ((&(i, j), &x), &y) in pairs.iter().zip(&x).zip(&y) {
        all.add(x, y);
        let (g, h) = (i as usize % GROUPS, j as usize % GROUPS);
        by_group[g].add(x, y);
        if g != h {
            by_group[h].add(x, y);
        }
    }
    let value = all.correlation()?;
    let left_out: Option<Vec<f64>> = by_group
        .iter()
        .map(|group| all.without(group).correlation())
        .collect();
    let standard_error = left_out.filter(|_| n >= FEWEST);
    let standard_error = standard_error.and_then(|values| jackknife(&values));
    Some((Estimate::normal(value, standard_error), pairs.len()))
}

/// All pairs of n samples, or `most` random ones.
fn choose(n: usize, most: usize, seed: u64) -> Vec<(u32, u32)> {
    if n < 2 {
        return Vec::new();
    }
    if n * (n - 1) / 2 <= most {
        return (1..n as u32)
            .flat_map(|j| (0..j).map(move |i| (i, j)))
            .collect();
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
    (0..most)
        .map(|_| {
            let i = below(n);
            let j = below(n - 1);
            (i as u32, (j + usize::from(j >= i)) as u32)
        })
        .collect()
}

struct Distances<'a> {
    pairs: &'a [(u32, u32)],
    features: &'a [f32],
    d: usize,
    positions: &'a [[f32; 2]],
}

impl Kernel for Distances<'_> {
    type Output = Vec<(f32, f32)>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        let d = self.d;
        let mut out = Vec::with_capacity(self.pairs.len());
        for &(i, j) in self.pairs {
            let (i, j) = (i as usize, j as usize);
            let row = |r: usize| &self.features[r * d..(r + 1) * d];
            let (p, q) = (self.positions[i], self.positions[j]);
            let map = (p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]);
            out.push((squared_distance(row(i), row(j)), map));
        }
        out
    }
}

/// Sums for a correlation.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.yy += y * y;
        self.xy += x * y;
    }

    fn without(&self, part: &Self) -> Self {
        Self {
            count: self.count - part.count,
            x: self.x - part.x,
            y: self.y - part.y,
            xx: self.xx - part.xx,
            yy: self.yy - part.yy,
            xy: self.xy - part.xy,
        }
    }

    fn correlation(&self) -> Option<f64> {
        if self.count < 2.0 {
            return None;
        }
        let spread = |squares: f64, sum: f64| squares - sum * sum / self.count;
        let (vx, vy) = (spread(self.xx, self.x), spread(self.yy, self.y));
        let least = 1e-9 * (self.xx + self.yy);
        (vx > least && vy > least)
            .then(|| ((self.xy - self.x * self.y / self.count) / (vx * vy).sqrt()).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_faithful_map_correlates_and_a_constant_one_does_not() {
        let map: Vec<[f32; 2]> = (0..60).map(|i| [(i * i % 53) as f32, i as f32]).collect();
        let features: Vec<f32> = map.iter().flatten().map(|v| v * 2.0).collect();
        let (same, pairs) = correlation(&features, &map, 10_000, 1).unwrap();
        assert_eq!(pairs, 60 * 59 / 2);
        assert!((same.value - 1.0).abs() < 1e-9);
        assert!(correlation(&features, &[[1.0, 1.0]; 60], 500, 1).is_none());
        let (_, pairs) = correlation(&features, &map, 500, 1).unwrap();
        assert_eq!(pairs, 500);
    }
}
