//! Options of a diagnosis.

use super::{MixingThresholds, ReadingThresholds, StandingThresholds};

/// Options of a diagnosis: sizes, and the thresholds of its statements.
///
/// ```
/// let options = disentangle::diagnosis::DiagnosisOptions::default();
/// assert_eq!((options.k, options.mixing.least_overlap), (10, 0.015));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiagnosisOptions {
    /// Neighbors per sample in the tables. Default 10.
    pub k: usize,
    /// When there is evidence of separation, and when a class stands apart.
    pub standing: StandingThresholds,
    /// When a pair of classes is called mixed.
    pub mixing: MixingThresholds,
    /// When the reading mentions something.
    pub reading: ReadingThresholds,
}

impl Default for DiagnosisOptions {
    fn default() -> Self {
        Self {
            k: 10,
            standing: StandingThresholds::default(),
            mixing: MixingThresholds::default(),
            reading: ReadingThresholds::default(),
        }
    }
}
