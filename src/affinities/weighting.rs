//! How the neighbors of a sample are weighted: by one perplexity, by several, or equally.
//!
//! In: [`Neighbors`] and a [`Weighting`]. Out: conditional probabilities. Several perplexities
//! are averaged (openTSNE's `Multiscale`; Kobak & Berens 2019 combine 30 and n/100 on large data):
//! the high ones see the arrangement of the clusters, the low ones what is within. Uniform
//! weights over few neighbors give nearly the same map for a fraction of the edges (openTSNE's
//! `Uniform`; Böhm, Berens & Kobak 2022).

use serde::{Deserialize, Serialize};

use super::{Conditional, calibrated, largest_perplexity, neighbors_for};
use crate::error::{Error, Result};
use crate::neighbors::Neighbors;

/// How the neighbors of a sample are weighted.
///
/// ```
/// use disentangle::affinities::Weighting;
/// assert_eq!(Weighting::Gaussian.neighbors_for(30.0, 1000), 90);
/// assert_eq!(Weighting::Uniform.neighbors_for(30.0, 1000), 30);
/// assert_eq!(Weighting::Combined(vec![100.0]).neighbors_for(30.0, 1000), 300);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// A Gaussian whose entropy is the logarithm of the perplexity, over 3 × perplexity neighbors.
    #[default]
    Gaussian,
    /// Equal weights for the k nearest neighbors, where k is the perplexity.
    Uniform,
    /// The mean of the Gaussians of the perplexity and of these perplexities. All are over the same
    /// number of neighbors, 3 × the largest perplexity. Perplexities that the samples do not allow are
    /// lowered to (n − 1)/3.
    Combined(Vec<f64>),
}

impl Weighting {
    /// Neighbors that a perplexity needs among n samples, at most n − 1.
    pub fn neighbors_for(&self, perplexity: f64, samples: usize) -> usize {
        match self {
            Self::Gaussian => neighbors_for(perplexity, samples),
            Self::Uniform => {
                (perplexity.round() as usize).clamp(1, samples.saturating_sub(1).max(1))
            }
            Self::Combined(_) => {
                let largest = self.perplexities(perplexity, samples).into_iter();
                neighbors_for(largest.fold(perplexity, f64::max), samples)
            }
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Option`] if a perplexity to be combined is not a number of at least 1.
    pub fn validate(&self) -> Result<()> {
        if let Self::Combined(others) = self {
            for &perplexity in others {
                if !(perplexity.is_finite() && perplexity >= 1.0) {
                    return Err(Error::option(
                        "combined",
                        perplexity,
                        "must be numbers of at least 1",
                    ));
                }
            }
        }
        Ok(())
    }

    /// The perplexities that are averaged, each once, ascending.
    fn perplexities(&self, perplexity: f64, samples: usize) -> Vec<f64> {
        let mut all = vec![perplexity];
        if let Self::Combined(others) = self {
            let most = largest_perplexity(samples).max(1.0);
            all.extend(others.iter().map(|p| p.min(most)));
        }
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    /// Conditional probabilities of the neighbors.
    pub(super) fn conditional(
        &self,
        neighbors: &Neighbors,
        perplexity: f64,
    ) -> Result<Conditional> {
        let n = neighbors.samples();
        let k = self.neighbors_for(perplexity, n);
        if k > neighbors.k() {
            return Err(Error::TooFewNeighbors {
                perplexity,
                needed: k,
                found: neighbors.k(),
            });
        }
        if *self == Self::Uniform {
            return Ok(Conditional {
                k,
                probabilities: vec![1.0 / k as f32; n * k],
                precisions: vec![0.0; n],
            });
        }
        let perplexities = self.perplexities(perplexity, n);
        let share = 1.0 / perplexities.len() as f32;
        let mut whole: Option<Conditional> = None;
        for perplexity in perplexities {
            let mut part = calibrated(neighbors, perplexity, k);
            if share < 1.0 {
                part.probabilities.iter_mut().for_each(|p| *p *= share);
            }
            match &mut whole {
                None => whole = Some(part),
                Some(whole) => {
                    let sums = whole.probabilities.iter_mut().zip(&part.probabilities);
                    sums.for_each(|(sum, p)| *sum += p);
                }
            }
        }
        whole.ok_or(Error::TooFewNeighbors {
            perplexity,
            needed: k,
            found: 0,
        })
    }
}
