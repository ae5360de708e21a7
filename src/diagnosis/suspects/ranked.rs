//! The labeled samples by rank, with the input of verdicts and evidence.

use super::models::Models;
use super::ranking::Ranking;
use crate::dataset::Dataset;
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;

/// The ranked samples, and what is known about them.
pub(super) struct RankedSamples<'a> {
    pub(super) data: &'a Dataset,
    pub(super) labeled: &'a Labeled,
    pub(super) graph: &'a Neighbors,
    pub(super) models: &'a Models,
    pub(super) ranking: &'a Ranking,
    /// Labeled samples by rank, the most suspicious first.
    pub(super) order: &'a [usize],
}

/// Labeled samples of the classes that are large enough, the most suspicious first.
pub(super) fn order(ranking: &Ranking, labeled: &Labeled, fewest_samples: usize) -> Vec<usize> {
    let size = |i: usize| labeled.counts()[usize::from(labeled.indices()[i])];
    let mut order: Vec<usize> = (0..labeled.samples())
        .filter(|&i| size(i) >= fewest_samples)
        .collect();
    order.sort_by(|&a, &b| {
        let log_support = |i: usize| ranking.assessments[i].log_support;
        log_support(a).total_cmp(&log_support(b)).then(a.cmp(&b))
    });
    order
}
