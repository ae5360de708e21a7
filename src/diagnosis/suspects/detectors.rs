//! The detectors of wrong labels: neighbors, two ridge probes, a logistic probe and models.
//!
//! In: the neighbor graph, the probes' designs, probabilities, labels. Out: for each sample the scores
//! of all classes by each detector, none of which has seen the sample's own label. Scores come in two
//! rounds: in the first all neighbors vote; in the second only those whose own label won the first,
//! because wrong labels that lie together would confirm each other. The probes are not refitted without
//! the samples that lost: a probe without its doubtful samples is sure of itself, and finds less
//! (measured; see docs/statistics.md).

use ndarray::{Array2, ArrayView2, Axis};

use super::combiner::Scores;
use super::logistic::RobustLogistic;
use super::ridge::Ridge;
use crate::affinities::conditional_probabilities;
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::statistics::ridge::RidgeFit;
use crate::statistics::tally::Histograms;

/// Added to a share of neighbors before the logarithm.
const NEIGHBOR_FLOOR: f64 = 0.02;
/// Added to a probability of a model or the logistic probe before the logarithm.
const FLOOR: f32 = 1e-6;

/// The neighbors' votes, whatever their labels.
pub(super) struct NeighborVotes<'a> {
    graph: &'a Neighbors,
    /// The conditional probabilities of the first `k` (n × k).
    votes: Vec<f32>,
    k: usize,
}

impl<'a> NeighborVotes<'a> {
    pub(super) fn new(graph: &'a Neighbors, perplexity: f64) -> Result<Self> {
        // A smaller graph supports a smaller perplexity.
        let feasible = (graph.k() as f64 / 3.0).clamp(1.0, perplexity.max(1.0));
        let conditional = conditional_probabilities(graph, feasible)?;
        Ok(Self {
            graph,
            votes: conditional.probabilities,
            k: conditional.k,
        })
    }

    /// Calls `add` with classes and the votes of a sample's neighbors for them; samples that lie as far
    /// as the last neighbor share its vote. Only samples vote that have a `label`; `identical` counts
    /// the labels of these among identical ones.
    fn of(
        &self,
        row: usize,
        label: impl Fn(usize) -> Option<u16>,
        identical: &Histograms,
        mut add: impl FnMut(u16, f32),
    ) {
        let votes = &self.votes[row * self.k..(row + 1) * self.k];
        let nearest = self.graph.nearest(row, self.k);
        for (&j, &vote) in nearest.nearer.iter().zip(votes) {
            if let Some(class) = label(j as usize) {
                add(class, vote);
            }
        }
        let Some(&last) = votes.get(nearest.nearer.len()) else {
            return;
        };
        let part = (nearest.weight * f64::from(last)) as f32;
        let groups = self.graph.groups();
        let singles = nearest
            .groups
            .iter()
            .filter_map(|&group| match groups.members(group) {
                [single] => Some(single),
                _ => None,
            });
        for &j in nearest.tied.iter().chain(singles) {
            if let Some(class) = label(j as usize).filter(|_| j as usize != row) {
                add(class, part);
            }
        }
        for &group in nearest.groups {
            let mut own = label(row).filter(|_| group == groups.of(row));
            for (class, mut count) in identical.of(group) {
                // A sample does not vote for itself.
                count -= u32::from(own.take_if(|own| *own == class).is_some());
                add(class, count as f32 * part);
            }
        }
    }

    /// Counts the labels of identical samples.
    fn identical(&self, classes: usize, label: impl Fn(usize) -> Option<u16>) -> Histograms {
        Histograms::new(self.graph.groups(), classes, label)
    }
}

/// All detectors, before they are fitted to labels.
pub(super) struct Detectors<'a> {
    pub(super) neighbors: NeighborVotes<'a>,
    /// The linear and the kernel probe.
    pub(super) ridges: [Ridge; 2],
    /// The logistic probe, unless there are models or too many classes.
    pub(super) logistic: Option<RobustLogistic>,
    /// Probabilities of each model (n × C).
    pub(super) models: Vec<ArrayView2<'a, f32>>,
    pub(super) classes: usize,
}

/// A sample and its new class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relabeling {
    pub(super) row: usize,
    pub(super) class: u16,
}

/// The detectors fitted to one labeling.
pub(super) struct FittedDetectors<'a, 'b> {
    pub(super) detectors: &'b Detectors<'a>,
    pub(super) labels: Vec<u16>,
    pub(super) counts: Vec<usize>,
    sums: [Array2<f64>; 2],
    lambdas: [f64; 2],
    fits: [RidgeFit<f32>; 2],
    /// The labels of identical samples.
    identical: Histograms,
}

impl<'a, 'b> FittedDetectors<'a, 'b> {
    pub(super) fn new(detectors: &'b Detectors<'a>, labels: &[u16]) -> Self {
        let mut counts = vec![0; detectors.classes];
        for &label in labels {
            counts[usize::from(label)] += 1;
        }
        let ridges = &detectors.ridges;
        let sums = [0, 1].map(|r| ridges[r].class_sums(labels, detectors.classes));
        let lambdas = [0, 1].map(|r| ridges[r].choose_lambda(&sums[r], &counts, labels));
        let fits = [0, 1].map(|r| ridges[r].fit(&sums[r], &counts, lambdas[r]));
        Self {
            detectors,
            labels: labels.to_vec(),
            counts,
            sums,
            lambdas,
            fits,
            identical: (detectors.neighbors).identical(detectors.classes, |i| Some(labels[i])),
        }
    }

    /// The detectors fitted to the same labels but for these; penalties stay.
    pub(super) fn relabeled(&self, changes: &[Relabeling]) -> Self {
        let mut labels = self.labels.clone();
        let mut counts = self.counts.clone();
        let mut sums = self.sums.clone();
        let ridges = &self.detectors.ridges;
        for &Relabeling { row, class } in changes {
            let from = std::mem::replace(&mut labels[row], class);
            for (ridge, sums) in ridges.iter().zip(&mut sums) {
                ridge.relabel(sums, row, from, class);
            }
            counts[usize::from(from)] -= 1;
            counts[usize::from(class)] += 1;
        }
        let fits = [0, 1].map(|r| ridges[r].fit(&sums[r], &counts, self.lambdas[r]));
        let neighbors = &self.detectors.neighbors;
        Self {
            detectors: self.detectors,
            identical: neighbors.identical(self.detectors.classes, |i| Some(labels[i])),
            labels,
            counts,
            sums,
            lambdas: self.lambdas,
            fits,
        }
    }

    /// Scores of the first round: neighbors, linear and kernel probe.
    pub(super) fn first_scores(&self, rows: &[usize]) -> Vec<Array2<f32>> {
        let mut scores = vec![self.neighbor_scores(rows, None)];
        for (ridge, fit) in self.detectors.ridges.iter().zip(&self.fits) {
            scores.push(ridge.scores(fit, rows, &self.labels));
        }
        scores
    }

    /// Scores of the second round, by all detectors; only `trusted` neighbors vote.
    pub(super) fn scores(&self, rows: &[usize], trusted: &[bool]) -> Scores {
        let detectors = self.detectors;
        let mut pooled = vec![self.neighbor_scores(rows, Some(trusted))];
        for (ridge, fit) in detectors.ridges.iter().zip(&self.fits) {
            pooled.push(ridge.scores(fit, rows, &self.labels));
        }
        let part = |all: ArrayView2<'_, f32>| all.select(Axis(0), rows);
        let logarithms = |part: &Array2<f32>| part.mapv(|p| (p.max(0.0) + FLOOR).ln());
        if !detectors.models.is_empty() {
            let mut mean = Array2::<f32>::zeros((rows.len(), detectors.classes));
            for model in &detectors.models {
                let probabilities = part(*model);
                pooled.push(logarithms(&probabilities));
                mean += &probabilities;
            }
            mean /= detectors.models.len() as f32;
            return Scores {
                pooled,
                logistic: None,
                direct: Some(mean),
            };
        }
        let logistic = detectors.logistic.as_ref();
        Scores {
            pooled,
            logistic: logistic.map(|probe| logarithms(&part(probe.fifth.view()))),
            direct: logistic.map(|probe| part(probe.tenth.view())),
        }
    }

    /// Logarithms of the classes' shares of the neighbors.
    fn neighbor_scores(&self, rows: &[usize], trusted: Option<&[bool]>) -> Array2<f32> {
        let classes = self.detectors.classes;
        let mut shares = Array2::<f32>::zeros((rows.len(), classes));
        let neighbors = &self.detectors.neighbors;
        let label = |i: usize| trusted.is_none_or(|t| t[i]).then(|| self.labels[i]);
        let of_trusted = trusted.map(|_| neighbors.identical(classes, label));
        let identical = of_trusted.as_ref().unwrap_or(&self.identical);
        for (mut line, &row) in shares.outer_iter_mut().zip(rows) {
            let mut total = 0.0;
            neighbors.of(row, label, identical, |class, vote| {
                line[usize::from(class)] += vote;
                total += vote;
            });
            if trusted.is_some() {
                // Without any vote all classes are equal.
                let even = (NEIGHBOR_FLOOR / classes as f64) as f32;
                let scale = 1.0 / (total + NEIGHBOR_FLOOR as f32);
                line.mapv_inplace(|v| (v + even) * scale);
            }
        }
        shares.mapv_inplace(|v| (v + NEIGHBOR_FLOOR as f32).ln());
        shares
    }

    /// Share of a sample's neighbors that have its label.
    pub(super) fn own_share(&self, row: usize) -> f32 {
        let mut share = 0.0;
        let label = |i: usize| Some(self.labels[i]);
        let neighbors = &self.detectors.neighbors;
        neighbors.of(row, label, &self.identical, |class, vote| {
            if class == self.labels[row] {
                share += vote;
            }
        });
        share
    }

    /// Probability of a sample's label by the logistic probe.
    pub(super) fn logistic_probability(&self, row: usize) -> Option<f32> {
        let label = usize::from(self.labels[row]);
        let logistic = self.detectors.logistic.as_ref();
        logistic.map(|probe| probe.tenth[(row, label)])
    }
}
