//! Combines the detectors' scores into the support of each class.
//!
//! In: the scores of the second round. Out: the support of each class, between 0 and 1; samples are
//! ranked by the support of their label, the lowest first. Up to three combinations enter:
//!
//! - the pool of neighbors, ridge probes and models, which is best at systematic errors (one class
//!   labeled as another);
//! - without models, the same pool with the logistic probe, which accounts for how far beyond a
//!   boundary a sample lies;
//! - the calibrated classifiers by themselves: the mean of the models' probabilities, else the
//!   logistic probe. They are best at random errors among classes that overlap.
//!
//! They are averaged as square roots, between the arithmetic mean, for which a label is suspicious if
//! all combinations agree, and the geometric mean, for which one is enough. The first two count twice.
//! These weights are fixed rather than fitted to the labels, because a combination that has learned
//! the errors explains the labels best. (Measured; see docs/statistics.md.)

use ndarray::Array2;

use super::pool::{LabeledScores, Pool};
use crate::error::Result;
use crate::progress::Progress;

/// Weights of a pool and of the classifiers' own probabilities.
const POOLED: f64 = 2.0;
const DIRECT: f64 = 1.0;
/// Shares of noise that are tried to estimate the share of wrong labels.
const NOISE_SHARES: [f64; 11] = [
    0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3,
];

/// The detectors' scores for some samples (samples × classes each).
#[derive(Debug)]
pub(super) struct Scores {
    /// Scores of neighbors, linear and kernel probe, and models.
    pub(super) pooled: Vec<Array2<f32>>,
    /// Logarithms of the logistic probe's probabilities; `None` if there are models.
    pub(super) logistic: Option<Array2<f32>>,
    /// Mean probabilities of the models, else those of the logistic probe.
    pub(super) direct: Option<Array2<f32>>,
}

/// The fitted pools.
#[derive(Debug)]
pub(super) struct Combiner {
    /// Without the logistic probe.
    narrow: Pool,
    /// With it, unless there are models.
    wide: Option<Pool>,
    has_direct: bool,
    /// The share of noise under which the labels are most likely.
    pub(super) likely_noise: f64,
}

impl Combiner {
    /// Fits the pools to labels, a share `noise` of which is taken for random.
    pub(super) fn fit(
        scores: Scores,
        labels: Vec<u16>,
        noise: f64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut input = LabeledScores {
            scores: scores.pooled,
            labels,
        };
        let narrow = Pool::fit(&input, noise, None, progress)?;
        let likely_noise = likely_noise(&input, &narrow, progress)?;
        let wide = match scores.logistic {
            Some(logistic) => {
                input.scores.push(logistic);
                Some(Pool::fit(&input, noise, None, progress)?)
            }
            None => None,
        };
        Ok(Self {
            narrow,
            wide,
            has_direct: scores.direct.is_some(),
            likely_noise,
        })
    }

    /// Writes the support of each class for row `r` of the scores. `scratch` is overwritten.
    pub(super) fn support(&self, scores: &Scores, r: usize, out: &mut [f64], scratch: &mut [f64]) {
        let pooled = || scores.pooled.iter().map(|s| s.row(r));
        let mut weight = POOLED;
        self.narrow.log_probabilities(pooled(), scratch);
        for (o, l) in out.iter_mut().zip(&*scratch) {
            *o = POOLED * (0.5 * l).exp();
        }
        if let (Some(pool), Some(logistic)) = (&self.wide, &scores.logistic) {
            weight += POOLED;
            let with_logistic = pooled().chain(std::iter::once(logistic.row(r)));
            pool.log_probabilities(with_logistic, scratch);
            for (o, l) in out.iter_mut().zip(&*scratch) {
                *o += POOLED * (0.5 * l).exp();
            }
        }
        if let Some(direct) = &scores.direct {
            weight += DIRECT;
            for (o, &p) in out.iter_mut().zip(direct.row(r)) {
                *o += DIRECT * f64::from(p.max(0.0)).sqrt();
            }
        }
        for o in out {
            *o = (*o / weight).powi(2);
        }
    }

    /// The influence of each detector as shares: neighbors, linear and kernel probe, the logistic
    /// probe if it takes part, then each of the `models`.
    pub(super) fn influences(&self, models: usize) -> Vec<f64> {
        let narrow = self.narrow.influences();
        let mut shares: Vec<f64> = narrow.iter().map(|s| POOLED * s).collect();
        let mut total = POOLED;
        if let Some(wide) = &self.wide {
            let wide = wide.influences();
            for (s, w) in shares.iter_mut().zip(&wide) {
                *s += POOLED * w;
            }
            // Without models the logistic probe is the last.
            shares.push(POOLED * wide[narrow.len()]);
            total += POOLED;
        }
        if self.has_direct {
            let direct = models.max(1);
            let first = shares.len() - direct;
            for s in &mut shares[first..] {
                *s += DIRECT / direct as f64;
            }
            total += DIRECT;
        }
        for s in &mut shares {
            *s /= total;
        }
        shares
    }
}

/// The share of noise under which the labels are most likely.
fn likely_noise(input: &LabeledScores, start: &Pool, progress: &dyn Progress) -> Result<f64> {
    let mut found = (f64::NEG_INFINITY, NOISE_SHARES[0]);
    let mut pool = start.clone();
    // Downwards from about the share that `start` was fitted with, so that each fit begins near its end.
    for &share in NOISE_SHARES.iter().rev() {
        pool = Pool::fit(input, share, Some(&pool), progress)?;
        if pool.likelihood > found.0 {
            found = (pool.likelihood, share);
        }
    }
    Ok(found.1)
}
