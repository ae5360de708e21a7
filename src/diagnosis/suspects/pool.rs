//! Pools the detectors' scores into one probability of each class: a logarithmic opinion pool.
//!
//! In: scores (samples × classes) of each detector, computed without the sample's own label. Out: the
//! weights w of q(c|i) ∝ exp(Σ_k w_k s_k(i, c)) under which the labels are most likely, if a share ε
//! of them is random: maximize Σ_i ln((1 − ε) q(y_i|i) + ε/C). ε bounds the influence of a single
//! label, so that wrong ones are not learned. There is one weight per detector and none per class: a
//! pool with more freedom learns which classes are labeled as each other, and then takes these labels
//! for right. A detector without information gets a weight near 0, which a mean of ranks cannot give
//! it. (Genest & Zidek 1986; the bounded likelihood is that of a mixture with uniform noise.)

use ndarray::{Array1, Array2, ArrayView1};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::Progress;
use crate::statistics::minimize::{Value, bfgs};

/// Rows per task.
const ROWS: usize = 256;
/// Steps of the search for weights at most.
const STEPS: usize = 60;
/// The search ends when a step gains less than this (mean log-likelihood).
const GAIN: f64 = 1e-7;
/// Penalty on the logarithms of the weights, so that the weight of a useless detector stays finite.
const PENALTY: f64 = 1e-4;

/// Weights of the detectors.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    /// On the scores as they are.
    pub(super) weights: Vec<f64>,
    /// Mean log-likelihood of the labels.
    pub(super) likelihood: f64,
    /// Logarithms of the weights on scores of unit deviation.
    logarithms: Array1<f64>,
}

/// Scores of some samples by all detectors, with the samples' labels.
pub(super) struct LabeledScores {
    /// By detector, samples × classes.
    pub(super) scores: Vec<Array2<f32>>,
    /// The label of each sample.
    pub(super) labels: Vec<u16>,
}

impl Pool {
    /// The weights under which the labels are most likely, if a share of them is noise.
    pub(super) fn fit(
        input: &LabeledScores,
        share: f64,
        start: Option<&Self>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let scales: Vec<f64> = input.scores.iter().map(deviation).collect();
        let weights_of = |logarithms: &Array1<f64>| -> Vec<f64> {
            let pairs = logarithms.iter().zip(&scales);
            pairs.map(|(l, scale)| l.exp() / scale).collect()
        };
        let evaluate = |logarithms: &Array1<f64>| {
            let weights = weights_of(logarithms);
            let (sum, slopes) = likelihood(input, &weights, share);
            let slopes = slopes.iter().zip(logarithms).zip(&weights);
            let penalty: f64 = logarithms.iter().map(|l| l * l).sum();
            Value {
                value: PENALTY * penalty - sum,
                gradient: slopes
                    .map(|((g, l), w)| 2.0 * PENALTY * l - g * w)
                    .collect(),
            }
        };
        let begin = start.map_or_else(
            || Array1::zeros(scales.len()),
            |pool| pool.logarithms.clone(),
        );
        let logarithms = bfgs(begin, STEPS, GAIN, progress, evaluate)?;
        let weights = weights_of(&logarithms);
        Ok(Self {
            likelihood: likelihood(input, &weights, share).0,
            weights,
            logarithms,
        })
    }

    /// The influence of each detector: weight times the deviation of its scores, as shares.
    pub(super) fn influences(&self) -> Vec<f64> {
        let influence: Vec<f64> = self.logarithms.iter().map(|l| l.exp()).collect();
        let total: f64 = influence.iter().sum();
        influence.iter().map(|i| i / total).collect()
    }

    /// Logarithms of the pooled probabilities of a sample's classes.
    pub(super) fn log_probabilities<'a>(
        &self,
        rows: impl Iterator<Item = ArrayView1<'a, f32>>,
        out: &mut [f64],
    ) {
        out.fill(0.0);
        for (row, &weight) in rows.zip(&self.weights) {
            for (o, &s) in out.iter_mut().zip(row) {
                *o += weight * f64::from(s);
            }
        }
        let largest = out.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let sum: f64 = out.iter().map(|o| (o - largest).exp()).sum();
        let shift = largest + sum.ln();
        for o in out {
            *o -= shift;
        }
    }
}

/// Mean deviation of a detector's scores from each sample's mean score; 1 if there is none.
fn deviation(scores: &Array2<f32>) -> f64 {
    let mut squares = 0.0;
    for row in scores.outer_iter() {
        let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / row.len() as f64;
        squares += row
            .iter()
            .map(|&v| (f64::from(v) - mean).powi(2))
            .sum::<f64>();
    }
    let deviation = (squares / scores.len().max(1) as f64).sqrt();
    if deviation > 0.0 { deviation } else { 1.0 }
}

/// Mean log-likelihood of the labels and its derivatives by the weights.
fn likelihood(input: &LabeledScores, weights: &[f64], share: f64) -> (f64, Vec<f64>) {
    let classes = input.scores.first().map_or(1, Array2::ncols);
    let noise = share / classes as f64;
    let parts: Vec<(f64, Vec<f64>)> = input
        .labels
        .par_chunks(ROWS)
        .enumerate()
        .map(|(chunk, labels)| {
            let mut probabilities = vec![0.0; classes];
            let (mut sum, mut gradient) = (0.0, vec![0.0; weights.len()]);
            for (r, &label) in labels.iter().enumerate() {
                let i = chunk * ROWS + r;
                probabilities.fill(0.0);
                for (scores, weight) in input.scores.iter().zip(weights) {
                    for (p, &s) in probabilities.iter_mut().zip(scores.row(i)) {
                        *p += weight * f64::from(s);
                    }
                }
                let largest = probabilities
                    .iter()
                    .fold(f64::NEG_INFINITY, |a, &b| a.max(b));
                let mut total = 0.0;
                for p in &mut probabilities {
                    *p = (*p - largest).exp();
                    total += *p;
                }
                let own = usize::from(label);
                let right = probabilities[own] / total;
                let mixed = (1.0 - share) * right + noise;
                sum += mixed.ln();
                let trust = (1.0 - share) * right / mixed;
                for (g, scores) in gradient.iter_mut().zip(&input.scores) {
                    let row = scores.row(i);
                    let terms = probabilities.iter().zip(row);
                    let mean: f64 = terms.map(|(p, &s)| p * f64::from(s)).sum::<f64>() / total;
                    *g += trust * (f64::from(row[own]) - mean);
                }
            }
            (sum, gradient)
        })
        .collect();
    let n = input.labels.len().max(1) as f64;
    let (mut sum, mut gradient) = (0.0, vec![0.0; weights.len()]);
    for (part, slopes) in parts {
        sum += part / n;
        for (g, slope) in gradient.iter_mut().zip(slopes) {
            *g += slope / n;
        }
    }
    (sum, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    /// Scores of a detector that knows the class, and of one that is random.
    fn scores(n: usize) -> LabeledScores {
        let mut state = 9_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let labels: Vec<u16> = (0..n).map(|i| (i % 3) as u16).collect();
        let mut informed = Array2::zeros((n, 3));
        let mut random_scores = Array2::zeros((n, 3));
        for i in 0..n {
            for c in 0..3 {
                let own = f64::from(u8::from(c == i % 3));
                informed[(i, c)] = (own + 0.8 * (random() + random() - 1.0)) as f32;
                random_scores[(i, c)] = random() as f32;
            }
        }
        LabeledScores {
            scores: vec![informed, random_scores],
            labels,
        }
    }

    #[test]
    fn derivatives_are_differences() {
        let input = scores(50);
        let weights = [1.3, 0.4];
        let (_, gradient) = likelihood(&input, &weights, 0.1);
        for k in 0..2 {
            let mut moved = weights;
            moved[k] += 1e-5;
            let up = likelihood(&input, &moved, 0.1).0;
            moved[k] -= 2e-5;
            let down = likelihood(&input, &moved, 0.1).0;
            assert!((gradient[k] - (up - down) / 2e-5).abs() < 1e-6);
        }
    }

    #[test]
    fn a_detector_without_information_gets_no_weight() {
        let pool = Pool::fit(&scores(600), 0.1, None, &Silent).unwrap();
        let shares = pool.influences();
        assert!(shares[0] > 0.9, "{shares:?}");
        // No other weights are better.
        let here = likelihood(&scores(600), &pool.weights, 0.1).0;
        for factor in [0.8, 0.9, 1.1, 1.25] {
            let other = [pool.weights[0] * factor, pool.weights[1]];
            assert!(likelihood(&scores(600), &other, 0.1).0 < here + 1e-5);
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        let input = scores(3);
        let pool = Pool::fit(&input, 0.1, None, &Silent).unwrap();
        let mut out = [0.0; 3];
        pool.log_probabilities(input.scores.iter().map(|s| s.row(1)), &mut out);
        assert!((out.iter().map(|l| l.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
