//! The judges' bench: up to three opinions on each sample, and how they become one support.
//!
//! In: what the witnesses of the second round said. Out: the support of each class, between 0 and 1:
//! the order of suspicion is that of the tags' supports. The opinions are
//!
//! - the pool of neighbors, ridge probes and models, which is best at errors that go one way;
//! - where there are no models, the same pool with the logistic probe, which takes in how far beyond
//!   a boundary a sample lies;
//! - the calibrated classifiers by themselves: the mean of the models' probabilities, else the
//!   logistic probe. They are best at errors that go anywhere among classes that overlap.
//!
//! They are averaged as square roots, between the arithmetic mean, for which a tag is suspicious if
//! all agree, and the geometric, for which one is enough. The first two count twice. No weights that
//! are fitted to the labels make this choice: under the labels as they stand an opinion that has
//! learned the errors is the most likely one. (Measured; see docs/statistics.md.)

use ndarray::Array2;

use super::pool::{Pool, Testimony};

/// Weight of a pooled opinion and of the classifiers' own.
const POOLED: f64 = 2.0;
const DIRECT: f64 = 1.0;
/// Shares of noise that are tried to estimate the share of wrong tags.
const SHARES: [f64; 11] = [
    0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3,
];

/// What witnesses said about some samples (samples × classes each).
#[derive(Debug)]
pub(super) struct Heard {
    /// Scores of neighbors, linear and kernel probe, and models.
    pub(super) pooled: Vec<Array2<f32>>,
    /// Logarithms of the logistic probe's probabilities, where there are no models.
    pub(super) logistic: Option<Array2<f32>>,
    /// Probabilities of the models on average, else of the logistic probe.
    pub(super) direct: Option<Array2<f32>>,
}

/// The opinions' weights.
#[derive(Debug)]
pub(super) struct Bench {
    narrow: Pool,
    wide: Option<Pool>,
    has_direct: bool,
}

impl Bench {
    /// The opinions under which the labels are most likely if a share of them is noise, and the
    /// share under which they are most likely at all.
    pub(super) fn fit(heard: Heard, labels: Vec<u16>, noise: f64) -> (Self, f64) {
        let has_direct = heard.direct.is_some();
        let mut testimony = Testimony {
            scores: heard.pooled,
            labels,
        };
        let narrow = Pool::fit(&testimony, noise, None);
        let likely = likely_share(&testimony, &narrow);
        let wide = heard.logistic.map(|scores| {
            testimony.scores.push(scores);
            Pool::fit(&testimony, noise, None)
        });
        let bench = Self {
            narrow,
            wide,
            has_direct,
        };
        (bench, likely)
    }

    /// The supports of a sample's classes. `room` is overwritten.
    pub(super) fn supports(&self, heard: &Heard, r: usize, out: &mut [f64], room: &mut [f64]) {
        let scores = || heard.pooled.iter().map(|s| s.row(r));
        let mut weight = POOLED;
        self.narrow.log_probabilities(scores(), room);
        for (o, l) in out.iter_mut().zip(&*room) {
            *o = POOLED * (0.5 * l).exp();
        }
        if let (Some(pool), Some(logistic)) = (&self.wide, &heard.logistic) {
            weight += POOLED;
            let further = std::iter::once(logistic.row(r));
            pool.log_probabilities(scores().chain(further), room);
            for (o, l) in out.iter_mut().zip(&*room) {
                *o += POOLED * (0.5 * l).exp();
            }
        }
        if let Some(direct) = &heard.direct {
            weight += DIRECT;
            for (o, &p) in out.iter_mut().zip(direct.row(r)) {
                *o += DIRECT * f64::from(p.max(0.0)).sqrt();
            }
        }
        for o in out {
            *o = (*o / weight).powi(2);
        }
    }

    /// How much each witness counts for, as shares: neighbors, linear and kernel probe, the logistic
    /// probe if it is heard, and each of so many models.
    pub(super) fn shares(&self, models: usize) -> Vec<f64> {
        let narrow = self.narrow.shares();
        let mut shares = narrow.clone();
        let mut total = POOLED;
        for s in &mut shares {
            *s *= POOLED;
        }
        if let Some(wide) = &self.wide {
            let wide = wide.shares();
            for (s, w) in shares.iter_mut().zip(&wide) {
                *s += POOLED * w;
            }
            // Without models the logistic probe is the last.
            shares.push(POOLED * wide[narrow.len()]);
            total += POOLED;
        }
        if self.has_direct {
            let last = models.max(1);
            let from = shares.len() - last;
            for s in &mut shares[from..] {
                *s += DIRECT / last as f64;
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
