//! An order of the samples that does not depend on the order of the rows.
//!
//! In: features of the labeled samples, and their classes. Out: the labeled samples in that order, in
//! which all statistics are computed, so that folds, planted errors, landmarks and even rounding are the
//! same for any order of the rows. The samples are sorted by their features, identical ones by class, and
//! then shuffled with a fixed seed, so that every part of the order is a random sample. Samples that are
//! identical and of one class are interchangeable. O(n log n) comparisons of rows.

use std::cmp::Ordering;

use ndarray::ArrayView2;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::Labeled;

/// Seed of the shuffle.
const SEED: u64 = 1;

impl Labeled {
    /// The same samples in an order that depends only on their features (of all samples, labeled or not)
    /// and classes, not on the order of the rows.
    #[must_use]
    pub fn in_canonical_order(self, features: ArrayView2<'_, f32>) -> Self {
        CanonicalOrder::new(self).by_features(features).finish()
    }
}

/// The labeled samples, sorted as far as they could be told apart.
pub(crate) struct CanonicalOrder {
    labeled: Labeled,
    /// Samples, sorted.
    order: Vec<u32>,
    /// The rank of each; samples that could not be told apart share one.
    ranks: Vec<u32>,
}

impl CanonicalOrder {
    pub(crate) fn new(labeled: Labeled) -> Self {
        let n = labeled.samples();
        Self {
            labeled,
            order: (0..n as u32).collect(),
            ranks: vec![0; n],
        }
    }

    /// Whether any samples could not be told apart yet.
    pub(crate) fn has_ties(&self) -> bool {
        let ranks = || self.order.iter().map(|&i| self.ranks[i as usize]);
        ranks().zip(ranks().skip(1)).any(|(a, b)| a == b)
    }

    /// Sorts what is tied by features (of all samples, labeled or not).
    #[must_use]
    pub(crate) fn by_features(self, features: ArrayView2<'_, f32>) -> Self {
        let rows = self.labeled.rows();
        self.sorted(|a, b| compare(features, rows[a], rows[b]))
    }

    fn sorted(mut self, compare: impl Fn(usize, usize) -> Ordering + Sync) -> Self {
        let Self { order, ranks, .. } = &mut self;
        let refined = |a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            ranks[a].cmp(&ranks[b]).then_with(|| compare(a, b))
        };
        order.par_sort_by(|&a, &b| refined(a, b));
        let same = order.par_windows(2);
        let same: Vec<bool> = same.map(|w| refined(w[0], w[1]).is_eq()).collect();
        let mut rank = 0;
        for (at, &i) in order.iter().enumerate() {
            if at > 0 && !same[at - 1] {
                rank = at as u32;
            }
            ranks[i as usize] = rank;
        }
        self
    }

    /// The samples in their order.
    pub(crate) fn finish(self) -> Labeled {
        let mut all = self;
        if all.has_ties() {
            let classes = all.labeled.indices().to_vec();
            all = all.sorted(|a, b| classes[a].cmp(&classes[b]));
        }
        let mut order: Vec<usize> = all.order.iter().map(|&i| i as usize).collect();
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        for i in (1..order.len()).rev() {
            order.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        all.labeled.reordered(&order)
    }
}

/// Compares two rows of finite values, from the middle on: at their begin, images have only background.
fn compare(features: ArrayView2<'_, f32>, a: usize, b: usize) -> Ordering {
    let (a, b) = (features.row(a), features.row(b));
    let pairs = || a.iter().zip(b);
    let middle = a.len() / 2;
    let mut pairs = pairs().skip(middle).chain(pairs().take(middle));
    let differ = pairs.find_map(|(x, y)| x.partial_cmp(y).filter(|order| order.is_ne()));
    differ.unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Labels, UNLABELED};
    use ndarray::{Array2, Axis};

    fn arranged(features: &Array2<f32>, classes: &[u16]) -> (Array2<f32>, Vec<u16>) {
        let names = vec!["a".into(), "b".into()];
        let labeled = Labeled::new(&Labels::new(names, classes.to_vec()).unwrap());
        let labeled = labeled.in_canonical_order(features.view());
        let rows = labeled.subset(features.view()).unwrap();
        for (i, &class) in labeled.indices().iter().enumerate() {
            assert_eq!(classes[labeled.row(i)], class);
        }
        (rows, labeled.indices().to_vec())
    }

    #[test]
    fn no_order_of_the_rows_changes_the_order_of_the_samples() {
        let features = Array2::from_shape_fn((60, 2), |(i, j)| {
            [0.0, -0.0, 1.0, 2.5][(i * 7 + j * 5 + i * i) % 4]
        });
        let mut classes: Vec<u16> = (0..60).map(|i| u16::from(i % 3 == 0)).collect();
        classes[11] = UNLABELED;
        let sorted = arranged(&features, &classes);
        assert_eq!(sorted.0.nrows(), 59);
        for step in [7, 13, 59] {
            let order: Vec<usize> = (0..60).map(|i| (i * step + 3) % 60).collect();
            let mixed: Vec<u16> = order.iter().map(|&i| classes[i]).collect();
            assert_eq!(arranged(&features.select(Axis(0), &order), &mixed), sorted);
        }
    }

    #[test]
    fn further_features_decide_what_the_first_do_not() {
        let labeled = Labeled::new(&Labels::from_integers(&[0; 6]).unwrap());
        let first = ndarray::array![[1.0_f32], [1.0], [0.0], [1.0], [0.0], [2.0]];
        let second = ndarray::array![[3.0_f32], [2.0], [9.0], [1.0], [8.0], [0.0]];
        let part = CanonicalOrder::new(labeled).by_features(first.view());
        assert!(part.has_ties());
        let all = part.by_features(second.view());
        assert!(!all.has_ties());
        assert_eq!(all.order, [4, 2, 3, 1, 0, 5]);
    }
}
