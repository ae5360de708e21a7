//! The state of an embedding as it is saved and loaded.

use serde::{Deserialize, Serialize};

use super::grid::GridFit;
use super::params::TsneParams;
use crate::error::{Error, Result};

/// An embedding's state without its affinities, for saving and loading.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingState {
    /// Parameters.
    pub params: TsneParams,
    /// Perplexity of the affinities that it belongs to.
    pub perplexity: f64,
    /// Positions by sample (n × 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<[f32; 2]>,
    /// Last movements by sample (n × 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<[f32; 2]>,
    /// Gains by sample (n × 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<[f32; 2]>,
    /// Iterations done.
    pub iteration: usize,
    /// Iteration at which the current schedule started.
    pub schedule_start: usize,
    /// True if the current schedule has an early exaggeration.
    pub exaggerates: bool,
    /// Factor on the learning rate; below 1 once it proved too large.
    #[serde(default = "undamped")]
    pub damping: f64,
    /// Sample at each place of the inner order, which decides how sums are rounded; empty for the order of
    /// the samples. With it, a restored map continues bit for bit as if it had never been saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<u32>,
    /// The map that the grid of the repulsion was made for, which decides rounding as well; `None` without one.
    #[serde(default)]
    pub grid: Option<GridFit>,
}

impl EmbeddingState {
    /// Checks that the order, if there is one, holds each sample once.
    pub(crate) fn check_order(&self) -> Result<()> {
        inner_order(self.order.clone(), self.positions.len()).map(drop)
    }

    /// The same without its arrays.
    #[cfg(feature = "tui")]
    pub(crate) fn without_arrays(&self) -> Self {
        Self {
            params: self.params.clone(),
            perplexity: self.perplexity,
            positions: Vec::new(),
            updates: Vec::new(),
            gains: Vec::new(),
            iteration: self.iteration,
            schedule_start: self.schedule_start,
            exaggerates: self.exaggerates,
            damping: self.damping,
            order: Vec::new(),
            grid: self.grid,
        }
    }
}

fn undamped() -> f64 {
    1.0
}

/// The sample at each inner place, and the place of each sample.
pub(super) fn inner_order(order: Vec<u32>, n: usize) -> Result<(Vec<u32>, Vec<u32>)> {
    let same: Vec<u32> = (0..n as u32).collect();
    if order.is_empty() {
        return Ok((same.clone(), same));
    }
    let mut rank = vec![u32::MAX; n];
    for (place, &sample) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(sample as usize) {
            *rank = place as u32;
        }
    }
    if order.len() != n || rank.contains(&u32::MAX) {
        let problem = "must hold each sample once";
        return Err(Error::option(
            "order",
            format!("{} samples", order.len()),
            problem,
        ));
    }
    Ok((order, rank))
}
