//! Parameters of the optimization, with the field's defaults, and the schedule.

use serde::{Deserialize, Serialize};

use super::repulsion::RepulsionMethod;
use crate::error::{Error, Result};

/// From this number of samples on, the optimization takes fewer iterations.
const SEVERAL: usize = 1_500;
/// From this number of samples on, it takes a faster schedule.
const MANY: usize = 5_000;
/// From this number of samples on, the momentum is higher still.
const VERY_MANY: usize = 20_000;

/// Parameters of the optimization. The defaults are common practice (250 iterations of
/// early exaggeration, momentum 0.8); [`for_samples`](Self::for_samples) reaches the same
/// divergence in fewer iterations from 1,500 samples on.
///
/// ```
/// let params = disentangle::tsne::TsneParams::default();
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
    /// Factor on P after early exaggeration; 1 is standard t-SNE.
    pub exaggeration: f64,
    /// Degrees of freedom ν of the map's kernel (1 + d²/ν)^−ν; 1 is standard t-SNE, less has heavier
    /// tails and shows finer clusters (Kobak et al. 2019).
    pub degrees_of_freedom: f64,
    /// Learning rate; `None` for n / exaggeration in each phase (Belkina et al. 2019).
    pub learning_rate: Option<f64>,
    /// Momentum during early exaggeration.
    pub early_momentum: f64,
    /// Momentum after early exaggeration.
    pub momentum: f64,
    /// Longest movement of a point in one iteration (map units).
    pub largest_step: f64,
    /// Iterations after early exaggeration with a coarser grid for the repulsion; unless this is 0,
    /// the grid is coarser during early exaggeration, too.
    pub coarse_iterations: usize,
    /// How repulsion is computed.
    pub repulsion: RepulsionMethod,
}

impl Default for TsneParams {
    fn default() -> Self {
        Self {
            early_exaggeration: 12.0,
            early_iterations: 250,
            exaggeration: 1.0,
            degrees_of_freedom: 1.0,
            learning_rate: None,
            early_momentum: 0.5,
            momentum: 0.8,
            largest_step: 5.0,
            coarse_iterations: 0,
            repulsion: RepulsionMethod::Auto,
        }
    }
}

/// The settings of one iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Phase {
    pub(super) exaggeration: f64,
    pub(super) learning_rate: f64,
    pub(super) momentum: f64,
    pub(super) coarse: bool,
}

impl TsneParams {
    /// Parameters that reach, in [`iterations_for`](Self::iterations_for) iterations, a
    /// divergence below that of the default ones in 750.
    ///
    /// From 5,000 samples on the early exaggeration is 4 for 60 iterations, which leaves less to
    /// undo than 12; then the momentum is 0.96 (0.97 from 20,000 samples on), and the first 120
    /// iterations use a coarser grid. On fewer samples a momentum this high was measured to cost
    /// neighbors and trustworthiness. Below 1,500 samples, where all iterations take a moment, only
    /// the early momentum, 0.8, differs from the defaults.
    ///
    /// ```
    /// let params = disentangle::tsne::TsneParams::for_samples(70_000);
    /// assert_eq!(params.early_iterations, 60);
    /// ```
    pub fn for_samples(samples: usize) -> Self {
        let is_fast = samples >= MANY;
        let (early_iterations, early_exaggeration) = match samples {
            0..SEVERAL => (250, 12.0),
            SEVERAL..MANY => (80, 12.0),
            _ => (60, 4.0),
        };
        Self {
            early_iterations,
            early_exaggeration,
            early_momentum: if is_fast { 0.5 } else { 0.8 },
            momentum: match samples {
                0..MANY => 0.8,
                MANY..VERY_MANY => 0.96,
                _ => 0.97,
            },
            coarse_iterations: if is_fast { 60 } else { 0 },
            ..Self::default()
        }
    }

    /// Number of iterations that suffice with [`for_samples`](Self::for_samples).
    pub fn iterations_for(samples: usize) -> usize {
        match samples {
            0..SEVERAL => 750,
            SEVERAL..MANY => 350,
            _ => 200,
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Option`] that names the first parameter out of range.
    pub fn validate(&self) -> Result<()> {
        let positive = [
            ("early_exaggeration", self.early_exaggeration),
            ("exaggeration", self.exaggeration),
            ("learning_rate", self.learning_rate.unwrap_or(1.0)),
            ("largest_step", self.largest_step),
        ];
        for (field, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::option(field, value, "must be a positive number"));
            }
        }
        if !(0.1..=100.0).contains(&self.degrees_of_freedom) {
            return Err(Error::option(
                "degrees_of_freedom",
                self.degrees_of_freedom,
                "must be between 0.1 and 100 (1: standard t-SNE)",
            ));
        }
        for (field, value) in [
            ("early_momentum", self.early_momentum),
            ("momentum", self.momentum),
        ] {
            if !(0.0..1.0).contains(&value) {
                return Err(Error::option(
                    field,
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
        let early_iterations = if exaggerates {
            self.early_iterations
        } else {
            0
        };
        Phase {
            coarse: self.coarse_iterations > 0 && since < early_iterations + self.coarse_iterations,
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
