//! What may be chosen of a diagnosis.

use super::{MixingThresholds, ReadingThresholds, StandingThresholds};

/// How a diagnosis is made: sizes, and from where on its statements hold.
///
/// ```
/// let options = disentangle::diagnosis::DiagnosisOptions::default();
/// assert_eq!((options.k, options.mixing.least_overlap), (10, 0.015));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiagnosisOptions {
    /// Neighbors per sample in the tables. Default 10.
    pub k: usize,
    /// From where on there is evidence of separation, and a class stands apart.
    pub standing: StandingThresholds,
    /// From where on a pair of classes is called mixed.
    pub mixing: MixingThresholds,
    /// From where on something is worth a sentence.
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
