//! Settings of the search for suspects.

use serde::{Deserialize, Serialize};

/// Thresholds and settings of the ranking and the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspectOptions {
    /// Perplexity of the neighbors' votes.
    pub perplexity: f64,
    /// Smallest probability of a wrong label for the verdict *probably mislabeled*.
    pub mislabeled_probability: f64,
    /// Least share of planted errors that must be found for the list to count as reliable.
    pub least_recovery: f64,
    /// Share of wrong labels that is assumed where the data leave it open.
    pub assumed_error_rate: f64,
    /// Least distance to the 10th neighbor, as a multiple of its class's median, of an *outlier*.
    pub outlier_ratio: f64,
    /// Neighbors count as mixed if less than this share has the sample's label.
    pub mixed_neighbors: f64,
    /// A probe settles nothing below this margin of leave-one-out scores.
    pub boundary_margin: f64,
    /// Samples are near-duplicates within this share of the median distance to the nearest
    /// neighbor.
    pub duplicate_ratio: f64,
    /// Classes with fewer samples are not ranked, because too few others confirm their labels.
    pub fewest_samples: usize,
    /// How many of the most suspicious samples are kept with their evidence; the first 50 of each
    /// class are kept in any case.
    pub kept: usize,
    /// Seed of landmarks, folds and planted errors.
    pub seed: u64,
}

impl Default for SuspectOptions {
    fn default() -> Self {
        Self {
            perplexity: 10.0,
            mislabeled_probability: 0.5,
            least_recovery: 0.5,
            assumed_error_rate: 0.05,
            outlier_ratio: 2.5,
            mixed_neighbors: 0.7,
            boundary_margin: 0.2,
            duplicate_ratio: 0.05,
            fewest_samples: 3,
            kept: 500,
            seed: 1,
        }
    }
}
