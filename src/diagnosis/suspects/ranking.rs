//! What the witnesses say about each sample, and the order of suspicion.
//!
//! In: the neighbor graph, the probes' designs, models' probabilities, labels. Out: for each sample
//! the support of its own tag and the class that has the most. Two rounds: in the first,
//! neighbors vote with their tags as they stand; in the second, those whose own tag lost the first
//! have no vote, since wrong tags that lie together would confirm each other. The probes are not
//! fitted again without them: a probe that has lost its doubtful samples is sure of itself, and
//! finds less (measured; see docs/statistics.md).

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::bench::{Bench, Heard};
use super::logistic::Logistic;
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
/// Added to a probability of a model or the logistic probe before the logarithm.
const FLOOR: f64 = 1e-6;
/// Samples that the weights of the pool are fitted to.
const FITTED: usize = 5_000;
/// Scores (samples × classes) that they are fitted to at most, and samples at least.
const FITTED_SCORES: usize = 1_000_000;
const FITTED_LEAST: usize = 500;
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
    /// The logistic probe, if there is one.
    logistic: Option<Logistic>,
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
    /// Logarithm of the support of its tag.
    pub(super) own: f64,
    /// The class with the most support.
    pub(super) best: u16,
    /// Share of its neighbors that bear its tag.
    pub(super) neighbors: f32,
    /// Leave-one-out score of its tag minus the best other, by the linear and the kernel probe.
    pub(super) margins: [f32; 2],
    /// Probability of its tag by the logistic probe.
    pub(super) logistic: Option<f32>,
}

/// Both rounds' weights, and all findings.
pub(super) struct Ranking {
    pub(super) first: Pool,
    pub(super) second: Bench,
    /// Whether a sample's tag won the first round.
    pub(super) trusted: Vec<bool>,
    pub(super) findings: Vec<Finding>,
    /// Support of each class (column) by tag (row), summed over samples.
    pub(super) mass: Array2<f64>,
    /// Share of wrong tags under which the labels are most likely.
    pub(super) likely_share: f64,
}

impl<'a> Witnesses<'a> {
    pub(super) fn new(
        graph: &'a Neighbors,
        (designs, logistic): ([Array2<f32>; 2], Option<Logistic>),
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
            logistic,
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

    /// The scores of these samples: by neighbors and ridge probes, and in the second round, where
    /// there are `trusted` samples, by all others.
    pub(super) fn hear(&self, rows: &[usize], trusted: Option<&[bool]>) -> Heard {
        let witnesses = self.witnesses;
        let mut pooled = vec![self.hear_neighbors(rows, trusted)];
        for (ridge, fit) in witnesses.ridges.iter().zip(&self.fits) {
            pooled.push(ridge.scores(fit, rows, &self.labels));
        }
        let mut heard = Heard {
            pooled,
            logistic: None,
            direct: None,
        };
        if trusted.is_none() {
            return heard;
        }
        let part = |given: ArrayView2<'_, f32>| given.select(ndarray::Axis(0), rows);
        let logarithms = |part: &Array2<f32>| part.mapv(|p| (p.max(0.0) + FLOOR as f32).ln());
        if !witnesses.models.is_empty() {
            let mut mean = Array2::<f32>::zeros((rows.len(), witnesses.classes));
            for model in &witnesses.models {
                let said = part(*model);
                heard.pooled.push(logarithms(&said));
                mean += &said;
            }
            mean /= witnesses.models.len() as f32;
            heard.direct = Some(mean);
        } else if let Some(logistic) = &witnesses.logistic {
            heard.logistic = Some(logarithms(&part(logistic.fifth.view())));
            heard.direct = Some(part(logistic.tenth.view()));
        }
        heard
    }

    /// Logarithms of the classes' shares of the neighbors.
    fn hear_neighbors(&self, rows: &[usize], trusted: Option<&[bool]>) -> Array2<f32> {
        let classes = self.witnesses.classes;
        let mut shares = Array2::<f32>::zeros((rows.len(), classes));
        for (mut line, &row) in shares.outer_iter_mut().zip(rows) {
            let mut total = 0.0;
            for (id, vote) in self.witnesses.neighbors(row) {
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
        shares
    }

    /// Samples that are spread evenly, by which the pools are fitted.
    fn jury(&self) -> Vec<usize> {
        let n = self.labels.len();
        let limit = (FITTED_SCORES / self.witnesses.classes).clamp(FITTED_LEAST, FITTED);
        let count = n.min(limit);
        (0..count).map(|j| j * n / count).collect()
    }

    /// Ranks all samples.
    pub(super) fn rank(&self, progress: &dyn Progress) -> Result<Ranking> {
        check(progress)?;
        let jury = self.jury();
        let labels: Vec<u16> = jury.iter().map(|&i| self.labels[i]).collect();
        let testimony = Testimony {
            scores: self.hear(&jury, None).pooled,
            labels: labels.clone(),
        };
        let first = Pool::fit(&testimony, NOISE, None);
        let n = self.labels.len();
        let all: Vec<usize> = (0..n).collect();
        let rows_per_task = (TASK / self.witnesses.classes).clamp(16, 1024);
        let trusted: Vec<bool> = all
            .par_chunks(rows_per_task)
            .flat_map_iter(|rows| self.winners(rows, &first))
            .collect();
        check(progress)?;
        let (second, likely_share) = Bench::fit(self.hear(&jury, Some(&trusted)), labels, NOISE);
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
        let scores = self.hear(rows, None).pooled;
        let mut pooled = vec![0.0; self.witnesses.classes];
        (0..rows.len())
            .map(|r| {
                first.log_probabilities(scores.iter().map(|s| s.row(r)), &mut pooled);
                usize::from(self.labels[rows[r]]) == best(&pooled)
            })
            .collect()
    }

    /// Logarithms of the supports of these samples' tags in the second round.
    pub(super) fn own(&self, rows: &[usize], second: &Bench, trusted: &[bool]) -> Vec<f64> {
        let heard = self.hear(rows, Some(trusted));
        let mut supports = vec![0.0; self.witnesses.classes];
        let mut room = supports.clone();
        (0..rows.len())
            .map(|r| {
                second.supports(&heard, r, &mut supports, &mut room);
                logarithm(supports[usize::from(self.labels[rows[r]])])
            })
            .collect()
    }

    fn judge(
        &self,
        rows: &[usize],
        second: &Bench,
        trusted: &[bool],
    ) -> (Vec<Finding>, Array2<f64>) {
        let classes = self.witnesses.classes;
        let heard = self.hear(rows, Some(trusted));
        let mut supports = vec![0.0; classes];
        let mut room = supports.clone();
        let mut mass = Array2::zeros((classes, classes));
        let findings = rows.iter().enumerate().map(|(r, &row)| {
            second.supports(&heard, r, &mut supports, &mut room);
            let label = usize::from(self.labels[row]);
            for (m, p) in mass.row_mut(label).iter_mut().zip(&supports) {
                *m += p;
            }
            let logistic = self.witnesses.logistic.as_ref();
            Finding {
                own: logarithm(supports[label]),
                best: best(&supports) as u16,
                neighbors: self.witnesses.own_share(row, &self.labels),
                margins: [1, 2].map(|w| margin(heard.pooled[w].row(r), label)),
                logistic: logistic.map(|probe| probe.tenth[(row, label)]),
            }
        });
        (findings.collect(), mass)
    }
}

/// Logarithm of a support, which stays finite where there is none.
fn logarithm(support: f64) -> f64 {
    support.max(f64::MIN_POSITIVE).ln()
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
