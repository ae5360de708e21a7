//! Differences between the neighbor tables of map and features, with their uncertainty.
//!
//! In: the k nearest neighbors of each sample in both spaces, and the labels. Out: for each pair of
//! classes the difference of the shares (map minus features) with its standard error, after the
//! signed matrix of label-trustworthiness and label-continuity (Jeon et al. 2024). The difference
//! is taken sample by sample, so that each sample is its own control. Neighboring samples share
//! neighbors, so their differences are correlated; the variance therefore includes the products
//! over the arcs of both graphs (as for spatial data: Conley 1999), and is never below that of
//! independent samples. Costs O(n k²) and one number per pair of classes.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::neighbors::Neighbors;
use crate::statistics::MapNeighbors;
use crate::statistics::tally::Tally;

/// Smaller differences of counts are those of rounding.
const LEAST_DIFFERENCE: f64 = 1e-9;

/// Differences of shares and their uncertainty (classes × classes).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Differences {
    /// Share in the features.
    pub(super) features: Vec<Vec<f64>>,
    /// Share in the map minus share in the features.
    pub(super) signed: Vec<Vec<f64>>,
    pub(super) standard_errors: Vec<Vec<f64>>,
}

/// Neighbors that are already known and need not be searched again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// Of the labeled samples, in the features.
    pub(crate) in_features: Option<&'a Neighbors>,
    /// Of the labeled samples, in the map.
    pub(crate) in_map: Option<&'a Neighbors>,
}

impl<'a> Known<'a> {
    /// The known neighbors in each space.
    pub(crate) fn new(
        in_features: Option<&'a Neighbors>,
        in_map: Option<&'a MapNeighbors>,
    ) -> Self {
        Self {
            in_features,
            in_map: in_map.map(|found| &found.graph),
        }
    }
}

/// Both graphs, if they are of n samples.
pub(super) fn graphs(known: Known<'_>, n: usize) -> Option<(&Neighbors, &Neighbors)> {
    let of_all = |graph: Option<_>| graph.filter(|g: &&Neighbors| g.samples() == n);
    of_all(known.in_features).zip(of_all(known.in_map))
}

/// Share of the first k neighbors that both spaces have in common; where some tie, expected of ties that are
/// broken at random in each space.
pub(super) fn recall_of(features: &Neighbors, map: &Neighbors, k: usize) -> Vec<f64> {
    (0..features.samples())
        .map(|i| {
            let mut common = 0.0;
            map.each_nearest(i, k, |j, weight| {
                common += weight * features.weight_of(j, i, k);
            });
            common / k as f64
        })
        .collect()
}

/// Compares the neighbor labels of both spaces. Every label must be below the length of `counts`,
/// and `k` at most what both graphs store.
pub(super) fn differences(
    features: &Neighbors,
    map: &Neighbors,
    k: usize,
    labels: &[u16],
    counts: &[usize],
) -> Differences {
    let classes = counts.len();
    let mut own = Sparse::new(labels.len(), classes);
    let mut shares = vec![vec![0.0_f64; classes]; classes];
    let mut in_features = Tally::new(features, labels, classes);
    let mut in_map = Tally::new(map, labels, classes);
    for i in 0..labels.len() {
        let a = usize::from(labels[i]);
        let total = (k * counts[a]) as f64;
        for (class, count) in in_map.of(i, k, |_| 1.0) {
            own.add(class, count);
        }
        for (class, count) in in_features.of(i, k, |_| 1.0) {
            shares[a][class] += count / total;
            own.add(class, -count);
        }
        own.close_row();
    }
    let mut sums = vec![vec![0.0_f64; classes]; classes];
    // Σ e_i e_j over a class's samples and the arcs between them, with e = D − mean, is
    // Σ D_i D_j − mean Σ (D_i + D_j) + mean² (number of products).
    let mut products = vec![vec![0.0_f64; classes]; classes];
    let mut sums_of_pairs = vec![vec![0.0_f64; classes]; classes];
    let mut squares = vec![vec![0.0_f64; classes]; classes];
    let mut pairs = vec![0.0_f64; classes];
    for i in 0..labels.len() {
        let a = usize::from(labels[i]);
        for (b, count) in own.row(i) {
            sums[a][b] += count;
            squares[a][b] += count * count;
        }
        // Which of several that tie stand here changes nothing but the estimate of the error.
        let in_map = &map.ids(i)[..k];
        let others = features.ids(i)[..k].iter().filter(|j| !in_map.contains(j));
        for &j in in_map.iter().chain(others) {
            let j = j as usize;
            if usize::from(labels[j]) != a {
                continue;
            }
            pairs[a] += 1.0;
            for (b, count) in own.row(j) {
                sums_of_pairs[a][b] += count;
            }
            for (b, count) in own.row(i) {
                sums_of_pairs[a][b] += count;
                products[a][b] += count * own.at(j, b);
            }
        }
    }
    let mut standard_errors = vec![vec![0.0; classes]; classes];
    for a in 0..classes {
        let size = counts[a] as f64;
        if counts[a] == 0 {
            continue;
        }
        for b in 0..classes {
            let mean = sums[a][b] / size;
            let alone = (squares[a][b] - size * mean * mean).max(0.0);
            let shared = products[a][b] - mean * sums_of_pairs[a][b] + mean * mean * pairs[a];
            let variance = alone + shared.max(0.0);
            let small_sample = size / (size - 1.0).max(1.0);
            standard_errors[a][b] = (variance * small_sample).sqrt() / size / k as f64;
            sums[a][b] = mean / k as f64;
        }
    }
    Differences {
        features: shares,
        signed: sums,
        standard_errors,
    }
}

/// Two-sided p-value of a difference; 1 if nothing differs.
pub(super) fn two_sided(difference: f64, standard_error: f64) -> f64 {
    if difference == 0.0 || standard_error.is_nan() || standard_error <= 0.0 {
        return 1.0;
    }
    Normal::new(0.0, 1.0).map_or(1.0, |normal| {
        2.0 * normal.sf((difference / standard_error).abs())
    })
}

/// For each sample, the classes whose number of neighbors differs, and by how much.
struct Sparse {
    entries: Vec<(u16, f64)>,
    starts: Vec<usize>,
    row: Vec<f64>,
    touched: Vec<u16>,
}

impl Sparse {
    fn new(samples: usize, classes: usize) -> Self {
        let mut starts = Vec::with_capacity(samples + 1);
        starts.push(0);
        Self {
            entries: Vec::new(),
            starts,
            row: vec![0.0; classes],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, class: usize, by: f64) {
        self.row[class] += by;
        self.touched.push(class as u16);
    }

    fn close_row(&mut self) {
        for class in self.touched.drain(..) {
            let count = std::mem::take(&mut self.row[usize::from(class)]);
            if count.abs() > LEAST_DIFFERENCE {
                self.entries.push((class, count));
            }
        }
        self.starts.push(self.entries.len());
    }

    fn row(&self, sample: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[sample]..self.starts[sample + 1];
        self.entries[range]
            .iter()
            .map(|&(class, count)| (usize::from(class), count))
    }

    fn at(&self, sample: usize, class: usize) -> f64 {
        self.row(sample)
            .find(|(c, _)| *c == class)
            .map_or(0.0, |(_, count)| count)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;
    use crate::execution::Execution;
    use crate::neighbors::Groups;
    use ndarray::Array2;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn six_points_by_hand() {
        // Classes 0 0 0 1 1 1. Features: each class its own neighbors. Map: sample 0 has 3 and 4.
        let features = [1, 2, 0, 2, 0, 1, 4, 5, 3, 5, 3, 4];
        let map = [3, 4, 0, 2, 0, 1, 4, 5, 3, 5, 3, 4];
        let graph = |ids: [u32; 12]| {
            let groups = Groups::of_sorted((0..6).collect(), |_, _| false);
            let lists = (ids.to_vec(), [1.0, 2.0].repeat(6));
            Neighbors::of_lists(2, lists, groups, &vec![Vec::new(); 6])
        };
        let labels = [0, 0, 0, 1, 1, 1];
        let found = differences(&graph(features), &graph(map), 2, &labels, &[3, 3]);
        assert_eq!(found.signed[0], [-1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(found.signed[1], [0.0, 0.0]);
        // D of class 0 towards 1 is 2 0 0, mean 2/3; e = 4/3, -2/3, -2/3; Σe² = 8/3. Arcs within
        // class 0: 0→1 0→2 (features), 1→0 1→2 2→0 2→1: products −8/9 ×4, 4/9 ×2: negative sum.
        let expected = (8.0_f64 / 3.0 * 1.5).sqrt() / 3.0 / 2.0;
        assert!((found.standard_errors[0][1] - expected).abs() < 1e-12);
        assert_eq!(found.standard_errors[1], [0.0, 0.0]);
        assert_eq!(two_sided(0.0, 0.0), 1.0);
    }

    /// The neighbors in two noisy copies of the same draw from two overlapping classes, which mix
    /// equally in expectation.
    fn copies(random: &mut ChaCha8Rng, labels: &[u16], k: usize) -> [Neighbors; 2] {
        let mut normal = || -> f32 { StandardNormal.sample(&mut *random) };
        let mut base = Array2::from_shape_simple_fn((labels.len(), 10), &mut normal);
        for (mut row, &class) in base.rows_mut().into_iter().zip(labels) {
            row[0] += 2.0 * f32::from(class);
        }
        [(); 2].map(|()| {
            let noisy = base.mapv(|v| v + 0.5 * normal());
            Neighbors::exact(noisy.view(), k, &Execution::default().threads(1)).unwrap()
        })
    }

    #[test]
    fn what_mixes_alike_is_rarely_called_different() {
        let labels: Vec<u16> = (0..300).map(|i| (i % 3 / 2) as u16).collect();
        let counts = [200, 100];
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let (mut rejected, rounds) = (0, 300);
        for _ in 0..rounds {
            let [a, b] = copies(&mut random, &labels, 10);
            let found = differences(&a, &b, 10, &labels, &counts);
            let p = two_sided(found.signed[1][0], found.standard_errors[1][0]);
            rejected += usize::from(p < 0.05);
        }
        // Standard errors of independent samples would reject a quarter.
        let rate = rejected as f64 / f64::from(rounds);
        assert!((0.02..0.11).contains(&rate), "rejected {rate}");
    }
}
