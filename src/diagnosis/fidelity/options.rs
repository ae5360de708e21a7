//! How fidelity is measured.

use serde::{Deserialize, Serialize};

/// How fidelity is measured, and what is called misleading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FidelityOptions {
    /// Neighbors per sample; capped at n − 2. Default 10.
    pub k: usize,
    /// Up to this many samples ranks are exact. Default 3,000.
    pub exact_samples: usize,
    /// Beyond that, the number of anchors. Default 1,000.
    pub anchors: usize,
    /// Beyond that, the fewest anchors of each class (fewer with many classes, so that these
    /// anchors do not outnumber the others). Default 50.
    pub anchors_per_class: usize,
    /// Random pairs whose distances are correlated. Default 100,000.
    pub distance_pairs: usize,
    /// The least difference of a share (map minus features) that is called misleading.
    /// Default 0.05.
    pub least_difference: f64,
    /// The largest false discovery rate (Benjamini & Hochberg 1995) of the pairs called
    /// misleading. Default 0.01.
    pub false_discovery_rate: f64,
    /// Seed of anchors, references and pairs. Default 1.
    pub seed: u64,
}

impl Default for FidelityOptions {
    fn default() -> Self {
        Self {
            k: 10,
            exact_samples: 3000,
            anchors: 1000,
            anchors_per_class: 50,
            distance_pairs: 100_000,
            least_difference: 0.05,
            false_discovery_rate: 0.01,
            seed: 1,
        }
    }
}
