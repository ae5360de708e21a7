//! The thresholds of statements about separation and mixing.

use serde::{Deserialize, Serialize};

/// When there is evidence of separation, and when a class stands apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StandingThresholds {
    /// Level of the tests for evidence of separation, of a class or overall. Default 0.02.
    pub evidence_level: f64,
    /// A class stands apart if the lower end of its recall minus its false positive rate, or of its
    /// neighborhood hit rescaled so that chance is 0 and the largest hit that its size allows is 1,
    /// reaches this. Default 0.5.
    pub least_informedness: f64,
}

impl Default for StandingThresholds {
    fn default() -> Self {
        Self {
            evidence_level: 0.02,
            least_informedness: 0.5,
        }
    }
}

/// When a pair of classes is called mixed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MixingThresholds {
    /// A pair with a smaller overlap is not called mixed, however certain the overlap is. Default
    /// 0.015.
    pub least_overlap: f64,
    /// The largest overlap under the test's null hypothesis. Default 0.0025.
    pub tolerated_overlap: f64,
    /// False discovery rate over the pairs of a data set. Default 0.05.
    pub discovery_rate: f64,
}

impl MixingThresholds {
    /// The least overlap in percent, as it is written.
    pub(crate) fn least_percent(&self) -> f64 {
        (1e4 * self.least_overlap).round() / 1e2
    }
}

impl Default for MixingThresholds {
    fn default() -> Self {
        Self {
            least_overlap: 0.015,
            tolerated_overlap: 0.0025,
            discovery_rate: 0.05,
        }
    }
}
