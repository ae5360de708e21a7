//! What the witnesses say about each sample, and the order of suspicion.
//!
//! In: the neighbor graph, the probes' designs, models' probabilities, labels. Out: for each sample
//! the pooled probability of its own tag and of the best other class. Two rounds: in the first,
//! neighbors vote with their tags as they stand; in the second, those whose own tag lost the first
//! have no vote, since wrong tags that lie together would confirm each other. The probes are not
//! fitted again without them: a probe that has lost its doubtful samples is sure of itself, and
//! finds less (measured; see docs/statistics.md).

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::pool::{Pool, Testimony};
use super::ridge::{Fit, Ridge};
use crate::affinities::conditional_probabilities;
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, check};

/// Share of the labels that the pool takes for noise.
const NOISE: f64 = 0.1;
/// Added to a share of neighbors before the logarithm.
const NEIGHBOR_FLOOR: f64 = 0.02;
/// Added to a model's probability before the logarithm.
const MODEL_FLOOR: f64 = 1e-6;
/// Samples that the weights of the pool are fitted to.
const FITTED: usize = 5_000;
/// Scores (samples × classes) that they are fitted to at most, and samples at least.
const FITTED_SCORES: usize = 1_000_000;
const FITTED_LEAST: usize = 500;
/// Shares of noise that are tried to estimate the share of wrong tags.
const SHARES: [f64; 11] = [
    0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3,
];
/// Scores per task at most.
const TASK: usize = 1 << 16;

/// Everything that testifies, whatever the labels.
pub(super) struct Witnesses<'a> {
    /// Neighbors' ids, the nearest first, and how many a row there are.
    ids: &'a [u32],
    stride: usize,
    /// Their conditional probabilities (n × k).
    votes: Vec<f32>,
    k: usize,
    /// The linear and the kernel probe.
    ridges: [Ridge; 2],
    /// Probabilities of each model (n × C).
    models: Vec<ArrayView2<'a, f32>>,
    classes: usize,
}

/// The witnesses with one labeling.
pub(super) struct Court<'a, 'b> {
    pub(super) witnesses: &'b Witnesses<'a>,
    pub(super) labels: Vec<u16>,
    pub(super) counts: Vec<usize>,
    pub(super) sums: [Array2<f64>; 2],
    pub(super) lambdas: [f64; 2],
    fits: [Fit; 2],
}

/// What came out for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finding {
    /// Logarithm of the pooled probability of its tag.
    pub(super) own: f64,
    /// The class with the largest pooled probability.
    pub(super) best: u16,
    /// Share of its neighbors that bear its tag.
    pub(super) neighbors: f32,
    /// Leave-one-out score of its tag minus the best other, by the linear and the kernel probe.
    pub(super) margins: [f32; 2],
}

/// Both rounds' weights, and all findings.
pub(super) struct Ranking {
    pub(super) first: Pool,
    pub(super) second: Pool,
    /// Whether a sample's tag won the first round.
    pub(super) trusted: Vec<bool>,
    pub(super) findings: Vec<Finding>,
    /// Mean pooled probability of each class (column) by tag (row), summed over samples.
    pub(super) mass: Array2<f64>,
    /// Share of wrong tags under which the labels are most likely.
    pub(super) likely_share: f64,
}

impl<'a> Witnesses<'a> {
    pub(super) fn new(
        graph: &'a Neighbors,
        designs: [Array2<f32>; 2],
        models: Vec<ArrayView2<'a, f32>>,
        (perplexity, classes): (f64, usize),
        progress: &dyn Progress,
    ) -> Result<Self> {
        // A smaller graph supports a smaller perplexity.
        let feasible = (graph.k() as f64 / 3.0).clamp(1.0, perplexity.max(1.0));
        let conditional = conditional_probabilities(graph, feasible)?;
        let [linear, kernel] = designs;
        Ok(Self {
            ids: graph.all_ids(),
            stride: graph.k(),
            votes: conditional.probabilities,
            k: conditional.k,
            ridges: [Ridge::new(linear, progress)?, Ridge::new(kernel, progress)?],
            models,
            classes,
        })
    }

    /// Neighbors of a sample with their weights.
    fn neighbors(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        let ids = &self.ids[row * self.stride..row * self.stride + self.k];
        let votes = &self.votes[row * self.k..(row + 1) * self.k];
        ids.iter().map(|&id| id as usize).zip(votes.iter().copied())
    }

    /// Share of a sample's neighbors that bear its label.
    fn own_share(&self, row: usize, labels: &[u16]) -> f32 {
        let votes = self.neighbors(row);
        votes
            .filter(|&(id, _)| labels[id] == labels[row])
            .map(|(_, vote)| vote)
            .sum()
    }
}

impl<'a, 'b> Court<'a, 'b> {
    pub(super) fn new(witnesses: &'b Witnesses<'a>, labels: &[u16]) -> Self {
        let mut counts = vec![0; witnesses.classes];
        for &label in labels {
            counts[usize::from(label)] += 1;
        }
        let ridges = &witnesses.ridges;
        let sums = [0, 1].map(|r| ridges[r].class_sums(labels, witnesses.classes));
        let lambdas = [0, 1].map(|r| ridges[r].choose_lambda(&sums[r], &counts, labels));
        let fits = [0, 1].map(|r| ridges[r].fit(&sums[r], &counts, lambdas[r]));
        Self {
            witnesses,
            labels: labels.to_vec(),
            counts,
            sums,
            lambdas,
            fits,
        }
    }

    /// The same court, after these samples were tagged anew.
    pub(super) fn relabeled(&self, changes: &[(usize, u16)]) -> Self {
        let mut labels = self.labels.clone();
        let mut counts = self.counts.clone();
        let mut sums = self.sums.clone();
        for &(row, to) in changes {
            let from = labels[row];
            for (ridge, sums) in self.witnesses.ridges.iter().zip(&mut sums) {
                ridge.relabel(sums, row, from, to);
            }
            counts[usize::from(from)] -= 1;
            counts[usize::from(to)] += 1;
            labels[row] = to;
        }
        let ridges = &self.witnesses.ridges;
        let fits = [0, 1].map(|r| ridges[r].fit(&sums[r], &counts, self.lambdas[r]));
        Self {
            witnesses: self.witnesses,
            labels,
            counts,
            sums,
            lambdas: self.lambdas,
            fits,
        }
    }

    /// The scores of these samples by all witnesses: neighbors, probes, and in the second round,
    /// where there are `trusted` samples, the models.
    pub(super) fn hear(&self, rows: &[usize], trusted: Option<&[bool]>) -> Vec<Array2<f32>> {
        let witnesses = self.witnesses;
        let classes = witnesses.classes;
        let mut shares = Array2::<f32>::zeros((rows.len(), classes));
        for (mut line, &row) in shares.outer_iter_mut().zip(rows) {
            let mut total = 0.0;
            for (id, vote) in witnesses.neighbors(row) {
                if trusted.is_none_or(|t| t[id]) {
                    line[usize::from(self.labels[id])] += vote;
                    total += vote;
                }
            }
            if trusted.is_some() {
                // Where nobody has a vote all classes are alike.
                let even = (NEIGHBOR_FLOOR / classes as f64) as f32;
                let scale = 1.0 / (total + NEIGHBOR_FLOOR as f32);
                line.mapv_inplace(|v| (v + even) * scale);
            }
        }
        shares.mapv_inplace(|v| (v + NEIGHBOR_FLOOR as f32).ln());
        let mut scores = vec![shares];
        for (ridge, fit) in witnesses.ridges.iter().zip(&self.fits) {
            scores.push(ridge.scores(fit, rows, &self.labels));
        }
        if trusted.is_some() {
            for model in &witnesses.models {
                let part = model.select(ndarray::Axis(0), rows);
                scores.push(part.mapv(|p| (p.max(0.0) + MODEL_FLOOR as f32).ln()));
            }
        }
        scores
    }

    /// What witnesses say about samples that are spread evenly.
    fn testimony(&self, trusted: Option<&[bool]>) -> Testimony {
        let n = self.labels.len();
        let limit = (FITTED_SCORES / self.witnesses.classes).clamp(FITTED_LEAST, FITTED);
        let count = n.min(limit);
        let rows: Vec<usize> = (0..count).map(|j| j * n / count).collect();
        Testimony {
            scores: self.hear(&rows, trusted),
            labels: rows.iter().map(|&i| self.labels[i]).collect(),
        }
    }

    /// Ranks all samples.
    pub(super) fn rank(&self, progress: &dyn Progress) -> Result<Ranking> {
        check(progress)?;
        let first = Pool::fit(&self.testimony(None), NOISE, None);
        let n = self.labels.len();
        let all: Vec<usize> = (0..n).collect();
        let rows_per_task = (TASK / self.witnesses.classes).clamp(16, 1024);
        let trusted: Vec<bool> = all
            .par_chunks(rows_per_task)
            .flat_map_iter(|rows| self.winners(rows, &first))
            .collect();
        check(progress)?;
        let testimony = self.testimony(Some(&trusted));
        let second = Pool::fit(&testimony, NOISE, None);
        let likely_share = likely_share(&testimony, &second);
        check(progress)?;
        let parts: Vec<(Vec<Finding>, Array2<f64>)> = all
            .par_chunks(rows_per_task)
            .map(|rows| self.judge(rows, &second, &trusted))
            .collect();
        check(progress)?;
        let mut findings = Vec::with_capacity(n);
        let classes = self.witnesses.classes;
        let mut mass = Array2::zeros((classes, classes));
        for (part, sums) in parts {
            findings.extend(part);
            mass += &sums;
        }
        Ok(Ranking {
            first,
            second,
            trusted,
            findings,
            mass,
            likely_share,
        })
    }

    /// Whether each of these samples' tag wins the first round.
    pub(super) fn winners(&self, rows: &[usize], first: &Pool) -> Vec<bool> {
        let scores = self.hear(rows, None);
        let mut pooled = vec![0.0; self.witnesses.classes];
        (0..rows.len())
            .map(|r| {
                first.log_probabilities(scores.iter().map(|s| s.row(r)), &mut pooled);
                usize::from(self.labels[rows[r]]) == best(&pooled)
            })
            .collect()
    }

    /// Logarithms of the pooled probabilities of these samples' tags in the second round.
    pub(super) fn own(&self, rows: &[usize], second: &Pool, trusted: &[bool]) -> Vec<f64> {
        let scores = self.hear(rows, Some(trusted));
        let mut pooled = vec![0.0; self.witnesses.classes];
        (0..rows.len())
            .map(|r| {
                second.log_probabilities(scores.iter().map(|s| s.row(r)), &mut pooled);
                pooled[usize::from(self.labels[rows[r]])]
            })
            .collect()
    }

    fn judge(
        &self,
        rows: &[usize],
        second: &Pool,
        trusted: &[bool],
    ) -> (Vec<Finding>, Array2<f64>) {
        let classes = self.witnesses.classes;
        let scores = self.hear(rows, Some(trusted));
        let mut pooled = vec![0.0; classes];
        let mut mass = Array2::zeros((classes, classes));
        let findings = rows.iter().enumerate().map(|(r, &row)| {
            second.log_probabilities(scores.iter().map(|s| s.row(r)), &mut pooled);
            let label = usize::from(self.labels[row]);
            for (m, p) in mass.row_mut(label).iter_mut().zip(&pooled) {
                *m += p.exp();
            }
            Finding {
                own: pooled[label],
                best: best(&pooled) as u16,
                neighbors: self.witnesses.own_share(row, &self.labels),
                margins: [1, 2].map(|w| margin(scores[w].row(r), label)),
            }
        });
        (findings.collect(), mass)
    }
}

/// The share of noise under which the labels are most likely.
fn likely_share(testimony: &Testimony, start: &Pool) -> f64 {
    let mut found = (f64::NEG_INFINITY, SHARES[0]);
    let mut pool = start.clone();
    // From the share that the pool was fitted with, so that each fit starts from a near one.
    for &share in SHARES.iter().rev() {
        pool = Pool::fit(testimony, share, Some(&pool));
        if pool.likelihood > found.0 {
            found = (pool.likelihood, share);
        }
    }
    found.1
}

/// The first class with the largest value.
fn best(values: &[f64]) -> usize {
    let mut best = 0;
    for (c, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = c;
        }
    }
    best
}

/// A class's score minus the best of the others.
pub(super) fn margin(scores: ndarray::ArrayView1<'_, f32>, class: usize) -> f32 {
    let others = scores.iter().enumerate().filter(|(c, _)| *c != class);
    let best = others.fold(f32::NEG_INFINITY, |a, (_, &v)| a.max(v));
    if best.is_finite() {
        scores[class] - best
    } else {
        0.0
    }
}
