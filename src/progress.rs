//! One small door for progress and cancellation, handed down to every long stage.
//!
//! A progress bar, the terminal screen and a test use the same trait, so that the stages know
//! nothing of whoever is watching.

use crate::error::{Error, Result};

/// A stage of the work, for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Reading the input files.
    Reading,
    /// Principal component analysis.
    Reducing,
    /// Nearest neighbors for the map.
    Neighbors,
    /// Perplexity calibration and symmetrization.
    Affinities,
    /// Gradient descent on the positions.
    Optimizing,
    /// Statistics of classes and neighbors.
    Diagnosing,
}

impl Stage {
    /// The stage in words, for progress bars and the status line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Reducing => "principal components",
            Self::Neighbors => "nearest neighbors",
            Self::Affinities => "affinities",
            Self::Optimizing => "optimizing",
            Self::Diagnosing => "statistics",
        }
    }
}

/// Whoever watches a long computation: hears how far it is, and may ask it to stop.
///
/// Both methods are called from worker threads, often; they must return at once.
pub trait Progress: Sync {
    /// The stage is done to the given share, 0 to 1.
    fn report(&self, stage: Stage, share: f32) {
        let _ = (stage, share);
    }

    /// True as soon as the computation should end early with [`Error::Interrupted`].
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
///
/// ```
/// use disentangle::{Progress, Silent};
/// assert!(!Silent.is_cancelled());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

/// The error of a cancelled stage, if it was cancelled.
pub(crate) fn check(progress: &dyn Progress) -> Result<()> {
    if progress.is_cancelled() {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}
