//! Which samples are anchors, and the error of their mean.
//!
//! Anchors are the first of a seeded permutation. A class gets more anchors, the first of its own
//! members in the same order, until it has enough for the errors of small classes to be known. The
//! overall statistics use only the first ones: a simple random sample. Errors are those of a mean
//! of a sample drawn without replacement.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::dataset::UNLABELED;
use crate::statistics::Estimate;
use crate::statistics::shuffle::shuffle;

/// The samples that ranks are computed around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchors {
    /// Sample ids.
    pub(super) ids: Vec<u32>,
    /// This many of the first represent all samples.
    pub(super) overall: usize,
    /// For each class, which of `ids` represent it.
    pub(super) by_class: Vec<Vec<u32>>,
}

impl Anchors {
    /// All samples, in order.
    pub(super) fn all(samples: usize, labels: &[u16], classes: usize) -> Self {
        let mut by_class = vec![Vec::new(); classes];
        for (i, &class) in labels.iter().enumerate() {
            if let Some(members) = by_class.get_mut(usize::from(class)) {
                members.push(i as u32);
            }
        }
        Self {
            ids: (0..samples as u32).collect(),
            overall: samples,
            by_class,
        }
    }

    /// `wanted` random samples, and at least `per_class` of each class that has as many.
    pub(super) fn draw(
        samples: usize,
        labels: &[u16],
        classes: usize,
        (wanted, per_class): (usize, usize),
        seed: u64,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let order = permutation(samples, &mut random);
        let overall = wanted.min(samples);
        let mut ids = order[..overall].to_vec();
        let mut by_class: Vec<Vec<u32>> = vec![Vec::new(); classes];
        for (at, &i) in order.iter().enumerate() {
            let class = labels.get(i as usize).copied().unwrap_or(UNLABELED);
            let Some(members) = by_class.get_mut(usize::from(class)) else {
                continue;
            };
            if at < overall {
                members.push(at as u32);
            } else if members.len() < per_class {
                members.push(ids.len() as u32);
                ids.push(i);
            }
        }
        Self {
            ids,
            overall,
            by_class,
        }
    }
}

/// A random order of 0 to n − 1.
pub(super) fn permutation(n: usize, random: &mut ChaCha8Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    shuffle(&mut order, |n| random.next_u64() % n);
    order
}

/// The mean of a statistic over all of `population`, from some or all of its members.
pub(super) fn mean(
    values: impl Iterator<Item = f64> + Clone,
    population: usize,
) -> Option<Estimate> {
    let count = values.clone().count();
    if count == 0 {
        return None;
    }
    let size = count as f64;
    let mean = values.clone().sum::<f64>() / size;
    let standard_error = (count < population && count > 1).then(|| {
        let squares: f64 = values.map(|v| (v - mean).powi(2)).sum();
        let left = 1.0 - size / population as f64;
        (squares / (size - 1.0) / size * left).sqrt()
    });
    Some(Estimate::normal(mean, standard_error))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    #[test]
    fn small_classes_get_their_share_and_nobody_twice() {
        let labels: Vec<u16> = (0..1000).map(|i| u16::from(i % 100 == 0)).collect();
        let anchors = Anchors::draw(1000, &labels, 2, (50, 8), 3);
        assert_eq!(anchors.overall, 50);
        assert!(anchors.by_class[1].len() >= 8);
        let of_class = |c: u16| {
            let ids = anchors.by_class[usize::from(c)].iter();
            ids.map(|&at| anchors.ids[at as usize])
                .all(|i| labels[i as usize] == c)
        };
        assert!(of_class(0) && of_class(1));
        let mut ids = anchors.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), anchors.ids.len());
    }

    #[test]
    fn the_error_vanishes_where_all_are_counted() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!(
            mean(values.iter().copied(), 3).unwrap().standard_error,
            None
        );
        // sd² = 7/3, over 3 of 12: √(7/9 · 3/4).
        let error = mean(values.iter().copied(), 12).unwrap().standard_error;
        assert!((error.unwrap() - (7.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert_eq!(mean([].into_iter(), 3), None);
    }
}
