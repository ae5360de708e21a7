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
use super::shuffle::shuffle;

/// Seed of the shuffle.
const SEED: u64 = 1;

impl Labeled {
    /// The same samples in an order that depends only on their features (of all samples, labeled or not)
    /// and classes, not on the order of the rows.
    #[must_use]
    pub fn in_canonical_order(self, features: ArrayView2<'_, f32>) -> Self {
        let sorted = SortedRows::of_labeled(&self).by_features(features);
        self.in_order_of(&sorted)
    }

    /// The same samples in an order that depends only on their features and classes; `sorted` holds all
    /// labeled rows.
    pub(crate) fn in_order_of(self, sorted: &SortedRows) -> Self {
        let classes = self.class_by_row();
        let rows = sorted.rows.iter();
        let mut rows: Vec<(Ranked, u16)> = rows
            .filter_map(|&ranked| Some((ranked, classes[ranked.row as usize]?)))
            .collect();
        rows.sort_by_key(|(ranked, class)| (ranked.rank, *class));
        let rows = rows
            .iter()
            .map(|(ranked, class)| (ranked.row as usize, *class));
        let mut rows: Vec<(usize, u16)> = rows.collect();
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        shuffle(&mut rows, |n| random.next_u64() % n);
        self.reordered(rows)
    }
}

/// A row with its place in the order.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    /// The same for rows that could not be told apart.
    rank: u32,
    row: u32,
}

/// Rows of features, sorted as far as they could be told apart.
#[derive(Debug, Clone)]
pub(crate) struct SortedRows {
    rows: Vec<Ranked>,
}

impl SortedRows {
    /// The labeled rows, none of which is told apart yet.
    pub(crate) fn of_labeled(labeled: &Labeled) -> Self {
        let rows = labeled.rows().into_iter().map(|row| row as u32);
        Self {
            rows: rows.map(|row| Ranked { rank: 0, row }).collect(),
        }
    }

    /// All rows of features.
    pub(crate) fn of_all(features: ArrayView2<'_, f32>) -> Self {
        let rows = 0..features.nrows() as u32;
        let rows = rows.map(|row| Ranked { rank: 0, row }).collect();
        Self { rows }.by_features(features)
    }

    /// How many rows could be told apart so far.
    pub(crate) fn distinct(&self) -> usize {
        self.rows.chunk_by(|a, b| a.rank == b.rank).count()
    }

    /// Sorts what is tied by features (of all samples, labeled or not).
    #[must_use]
    pub(crate) fn by_features(mut self, features: ArrayView2<'_, f32>) -> Self {
        let order = |a: &Ranked, b: &Ranked| {
            let by_features = || compare(features, a.row as usize, b.row as usize);
            a.rank.cmp(&b.rank).then_with(by_features)
        };
        self.rows.par_sort_by(order);
        let same = self.rows.par_windows(2);
        let same: Vec<bool> = same.map(|w| order(&w[0], &w[1]).is_eq()).collect();
        let mut rank = 0;
        for (at, row) in self.rows.iter_mut().enumerate() {
            if at > 0 && !same[at - 1] {
                rank = at as u32;
            }
            row.rank = rank;
        }
        self
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
        let part = SortedRows::of_labeled(&labeled).by_features(first.view());
        assert_eq!(part.distinct(), 3);
        let all = part.by_features(second.view());
        assert_eq!(all.distinct(), 6);
        let rows: Vec<u32> = all.rows.iter().map(|r| r.row).collect();
        assert_eq!(rows, [4, 2, 3, 1, 0, 5]);
    }

    #[test]
    fn rows_sorted_once_serve_for_all_labels() {
        let features = Array2::from_shape_fn((60, 1), |(i, _)| (i * 7 % 20) as f32);
        let sorted = SortedRows::of_all(features.view());
        for unlabeled in [0, 1, 30] {
            let class = |i: u16| if i < unlabeled { UNLABELED } else { i % 3 / 2 };
            let names = vec!["a".into(), "b".into()];
            let labels = Labels::new(names, (0..60).map(class).collect()).unwrap();
            let alone = Labeled::new(&labels).in_canonical_order(features.view());
            let shared = Labeled::new(&labels).in_order_of(&sorted);
            assert_eq!(alone.rows(), shared.rows());
            assert_eq!(alone.indices(), shared.indices());
        }
        // Without labels all rows are samples.
        let plain = Labeled::without_classes(60).in_order_of(&sorted);
        assert_eq!(plain.rows().len(), 60);
    }
}
