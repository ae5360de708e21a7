//! What can be set about the optimization, with the field's defaults, and its schedule.

use serde::{Deserialize, Serialize};

use super::repulsion::RepulsionMethod;
use crate::error::{Error, Result};
use crate::parallel::MOST_THREADS;

/// Parameters of the optimization. The defaults are today's common practice.
///
/// ```
/// let params = disentangle::TsneParams::default();
/// assert_eq!(params.early_exaggeration, 12.0);
/// assert_eq!(params.early_iterations, 250);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TsneParams {
    /// Factor on P during the first iterations.
    pub early_exaggeration: f64,
    /// Number of iterations with early exaggeration.
    pub early_iterations: usize,
    /// Factor on P afterwards; 1 is t-SNE proper.
    pub exaggeration: f64,
    /// Learning rate; `None` for n / exaggeration in each phase (Belkina et al. 2019).
    pub learning_rate: Option<f64>,
    /// Momentum during early exaggeration.
    pub early_momentum: f64,
    /// Momentum afterwards.
    pub momentum: f64,
    /// Longest movement of a point in one iteration (map units).
    pub largest_step: f64,
    /// How repulsion is computed.
    pub repulsion: RepulsionMethod,
    /// Threads; 0 for one per core. They change the time, never the result.
    pub threads: usize,
}

impl Default for TsneParams {
    fn default() -> Self {
        Self {
            early_exaggeration: 12.0,
            early_iterations: 250,
            exaggeration: 1.0,
            learning_rate: None,
            early_momentum: 0.5,
            momentum: 0.8,
            largest_step: 5.0,
            repulsion: RepulsionMethod::Auto,
            threads: 0,
        }
    }
}

/// The settings of one iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Phase {
    pub(super) exaggeration: f64,
    pub(super) learning_rate: f64,
    pub(super) momentum: f64,
}

impl TsneParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Option`] that names the first parameter out of range.
    pub fn validate(&self) -> Result<()> {
        let positive = [
            ("--early-exaggeration", self.early_exaggeration),
            ("--exaggeration", self.exaggeration),
            ("--learning-rate", self.learning_rate.unwrap_or(1.0)),
            ("largest step", self.largest_step),
        ];
        for (option, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::option(option, value, "must be a positive number"));
            }
        }
        if self.threads > MOST_THREADS {
            let problem = format!("at most {MOST_THREADS} are possible (0: one per core)");
            return Err(Error::option("--threads", self.threads, problem));
        }
        for (option, value) in [
            ("early momentum", self.early_momentum),
            ("momentum", self.momentum),
        ] {
            if !(0.0..1.0).contains(&value) {
                return Err(Error::option(
                    option,
                    value,
                    "must be at least 0 and below 1",
                ));
            }
        }
        Ok(())
    }

    /// Settings of the iteration that follows `since` iterations of a schedule over n samples.
    pub(super) fn phase(&self, since: usize, exaggerates: bool, n: usize) -> Phase {
        let early = exaggerates && since < self.early_iterations;
        let exaggeration = if early {
            self.early_exaggeration
        } else {
            self.exaggeration
        };
        Phase {
            exaggeration,
            learning_rate: self
                .learning_rate
                .unwrap_or_else(|| n as f64 / exaggeration.max(1.0)),
            momentum: if early {
                self.early_momentum
            } else {
                self.momentum
            },
        }
    }
}
