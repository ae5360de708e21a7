//! Options of a diagnosis.

use crate::dataset::Labels;

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

/// Neighbors per sample where no number is asked for.
const USUAL: usize = 10;
/// The fewest.
const FEWEST: usize = 3;

/// Neighbors per sample by default: 10, or one less than the smallest class has samples, so that all
/// neighbors can be of its class, but at least 3. Classes of fewer than 3 samples, which are not judged,
/// do not count.
///
/// ```
/// use disentangle::{dataset::Labels, diagnosis::usual_neighbors};
/// let labels = Labels::from_integers(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2])?;
/// assert_eq!(usual_neighbors(Some(&labels)), 5);
/// assert_eq!(usual_neighbors(None), 10);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn usual_neighbors(labels: Option<&Labels>) -> usize {
    let counts = labels.map(Labels::counts).unwrap_or_default();
    let smallest = counts.into_iter().filter(|&count| count >= FEWEST).min();
    smallest.map_or(USUAL, |count| (count - 1).clamp(FEWEST, USUAL))
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
