//! Progress and cancellation of long calls, through one small trait.
//!
//! Progress bars, the screen and tests implement it, so the stages do not know who is watching.

use std::sync::Arc;

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

/// Follows a long call, and may ask it to stop.
///
/// All methods are called often and from several threads. [`report`](Self::report) and
/// [`is_cancelled`](Self::is_cancelled) must return at once.
pub trait Progress: Send + Sync {
    /// The given share of a stage is done, from 0 to 1.
    fn report(&self, stage: Stage, share: f32) {
        let _ = (stage, share);
    }

    /// True once the call should end early with [`Error::Interrupted`].
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Called between two pieces of work, while nothing is locked. May block, to leave the machine to
    /// other work for a while; returns at once unless implemented.
    fn pause(&self) {}
}

impl<P: Progress + ?Sized> Progress for Arc<P> {
    fn report(&self, stage: Stage, share: f32) {
        self.as_ref().report(stage, share);
    }

    fn is_cancelled(&self) -> bool {
        self.as_ref().is_cancelled()
    }

    fn pause(&self) {
        self.as_ref().pause();
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Silent;

impl Progress for Silent {}

/// Between two pieces of work: pauses if whoever watches wants that. [`Error::Interrupted`] if the call
/// was cancelled.
pub(crate) fn check(progress: &dyn Progress) -> Result<()> {
    progress.pause();
    if progress.is_cancelled() {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}
