//! Ranks all samples by the support that their labels get from the detectors.
//!
//! In: fitted detectors. Out: a [`Ranking`]: for each sample the support of its label and the class that
//! has the most, and which samples' labels won the first round.

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

use super::combiner::Combiner;
use super::detectors::FittedDetectors;
use super::pool::{LabeledScores, Pool};
use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::argmax;

/// Share of the labels that the pools assume to be random.
const NOISE: f64 = 0.1;
/// The weights of the pools are fitted to this many samples at most.
const FITTED: usize = 5_000;
/// And to this many scores (samples × classes) at most, but to this many samples at least.
const FITTED_SCORES: usize = 1_000_000;
const FITTED_LEAST: usize = 500;
/// Scores per task at most.
const TASK: usize = 1 << 16;

/// The detectors' results for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Assessment {
    /// Logarithm of the support of its label.
    pub(super) log_support: f64,
    /// The class with the most support.
    pub(super) best: u16,
    /// Share of its neighbors that have its label.
    pub(super) neighbors: f32,
    /// Leave-one-out score of its label minus the best other, by the linear and the kernel probe.
    pub(super) margins: [f32; 2],
    /// Probability of its label by the logistic probe.
    pub(super) logistic: Option<f32>,
}

/// The assessments of all samples, and the combinations behind them.
pub(super) struct Ranking {
    /// The pool of the first round.
    pub(super) first: Pool,
    /// The combination of the second round.
    pub(super) second: Combiner,
    /// Whether a sample's label won the first round.
    pub(super) trusted: Vec<bool>,
    pub(super) assessments: Vec<Assessment>,
    /// Support of each class (column) by label (row), summed over samples.
    pub(super) confusion: Array2<f64>,
}

impl Ranking {
    /// Ranks the samples that the detectors were fitted to.
    pub(super) fn new(
        detectors: &FittedDetectors<'_, '_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        check(progress)?;
        let classes = detectors.counts.len();
        let sample = fitting_sample(detectors.labels.len(), classes);
        let labels: Vec<u16> = sample.iter().map(|&i| detectors.labels[i]).collect();
        let input = LabeledScores {
            scores: detectors.first_scores(&sample),
            labels: labels.clone(),
        };
        let first = Pool::fit(&input, NOISE, None, progress)?;
        let all: Vec<usize> = (0..detectors.labels.len()).collect();
        let rows_per_task = (TASK / classes).clamp(16, 1024);
        let trusted: Vec<bool> = all
            .par_chunks(rows_per_task)
            .flat_map_iter(|rows| labels_that_win(detectors, rows, &first))
            .collect();
        check(progress)?;
        let second = Combiner::fit(detectors.scores(&sample, &trusted), labels, NOISE, progress)?;
        check(progress)?;
        let parts: Vec<(Vec<Assessment>, Array2<f64>)> = all
            .par_chunks(rows_per_task)
            .map(|rows| assess(detectors, rows, &second, &trusted))
            .collect();
        check(progress)?;
        let mut assessments = Vec::with_capacity(all.len());
        let mut confusion = Array2::zeros((classes, classes));
        for (part, sums) in parts {
            assessments.extend(part);
            confusion += &sums;
        }
        Ok(Self {
            first,
            second,
            trusted,
            assessments,
            confusion,
        })
    }
}

/// Evenly spaced samples that the pools are fitted to.
fn fitting_sample(n: usize, classes: usize) -> Vec<usize> {
    let limit = (FITTED_SCORES / classes).clamp(FITTED_LEAST, FITTED);
    let count = n.min(limit);
    (0..count).map(|j| j * n / count).collect()
}

/// Whether the label of each of these samples wins the first round.
pub(super) fn labels_that_win(
    detectors: &FittedDetectors<'_, '_>,
    rows: &[usize],
    first: &Pool,
) -> Vec<bool> {
    let scores = detectors.first_scores(rows);
    let mut pooled = vec![0.0; detectors.counts.len()];
    (0..rows.len())
        .map(|r| {
            first.log_probabilities(scores.iter().map(|s| s.row(r)), &mut pooled);
            usize::from(detectors.labels[rows[r]]) == argmax(&pooled)
        })
        .collect()
}

/// Logarithms of the supports of these samples' labels in the second round.
pub(super) fn log_supports(
    detectors: &FittedDetectors<'_, '_>,
    rows: &[usize],
    second: &Combiner,
    trusted: &[bool],
) -> Vec<f64> {
    let scores = detectors.scores(rows, trusted);
    let mut support = vec![0.0; detectors.counts.len()];
    let mut scratch = support.clone();
    (0..rows.len())
        .map(|r| {
            second.support(&scores, r, &mut support, &mut scratch);
            finite_ln(support[usize::from(detectors.labels[rows[r]])])
        })
        .collect()
}

/// Assesses these samples, and sums the classes' supports by label.
fn assess(
    detectors: &FittedDetectors<'_, '_>,
    rows: &[usize],
    second: &Combiner,
    trusted: &[bool],
) -> (Vec<Assessment>, Array2<f64>) {
    let classes = detectors.counts.len();
    let scores = detectors.scores(rows, trusted);
    let mut support = vec![0.0; classes];
    let mut scratch = support.clone();
    let mut confusion = Array2::zeros((classes, classes));
    let assessments = rows.iter().enumerate().map(|(r, &row)| {
        second.support(&scores, r, &mut support, &mut scratch);
        let label = usize::from(detectors.labels[row]);
        for (sum, s) in confusion.row_mut(label).iter_mut().zip(&support) {
            *sum += s;
        }
        Assessment {
            log_support: finite_ln(support[label]),
            best: argmax(&support) as u16,
            neighbors: detectors.own_share(row),
            margins: [1, 2].map(|d| margin(scores.pooled[d].row(r), label)),
            logistic: detectors.logistic_probability(row),
        }
    });
    (assessments.collect(), confusion)
}

/// Logarithm of a support, finite even for 0.
fn finite_ln(support: f64) -> f64 {
    support.max(f64::MIN_POSITIVE).ln()
}

/// A class's score minus the best of the others; 0 if there are no others.
pub(super) fn margin(scores: ArrayView1<'_, f32>, class: usize) -> f32 {
    let others = scores.iter().enumerate().filter(|(c, _)| *c != class);
    let best = others.fold(f32::NEG_INFINITY, |a, (_, &v)| a.max(v));
    if best.is_finite() {
        scores[class] - best
    } else {
        0.0
    }
}
