//! A whole analysis on threads of its own: commands in, the newest snapshot out.
//!
//! [`Run::start`] takes a dataset and returns at once. Its worker thread reduces the features,
//! finds neighbors, calibrates affinities and optimizes the map, publishing a [`Snapshot`] as it
//! goes: first the principal components (a picture within a moment), then the forming map. A
//! second thread computes the [`Diagnosis`] of the features once and of the map again and again.
//! Whoever draws takes the newest of both and never waits; the optimizer never waits for whoever
//! draws.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result};
use crate::progress::Stage;

/// What to run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// The perplexity to begin with.
    pub perplexity: f64,
    /// The largest perplexity that will be asked for: the neighbor graph is built for it.
    pub largest_perplexity: f64,
    /// Iterations of the first map, early exaggeration included.
    pub iterations: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Number of principal components to keep; `None` keeps the features as they are.
    pub components: Option<usize>,
    /// Threads of the optimizer; 0 for one per core.
    pub threads: usize,
    /// Neighbors per sample in the neighbor tables.
    pub table_k: usize,
    /// Do not begin optimizing until told to.
    pub start_paused: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            largest_perplexity: 50.0,
            iterations: 750,
            seed: 1,
            components: Some(50),
            threads: 0,
            table_k: 10,
            start_paused: false,
        }
    }
}

/// What the worker is doing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Activity {
    /// In a stage before the iterations, done to the given share (0 to 1).
    Preparing {
        /// The stage.
        stage: Stage,
        /// Share of the stage that is done.
        share: f32,
    },
    /// Iterating.
    Running,
    /// Waiting for a command in the midst of an optimization.
    Paused,
    /// All planned iterations are done; idle.
    Finished,
    /// The worker ended with an error; the text names it.
    Failed(String),
}

/// The state of a run at one moment. Cheap to clone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// Grows with every snapshot published.
    pub sequence: u64,
    /// Grows when the map is replaced (other perplexity, other seed): figures of another
    /// generation do not belong to this map.
    pub generation: u64,
    /// What the worker is doing.
    pub activity: Activity,
    /// Position of each sample (n × 2).
    pub positions: Arc<[[f32; 2]]>,
    /// False while the positions are the first two principal components.
    pub is_map: bool,
    /// Perplexity in effect (capped for small n).
    pub perplexity: f64,
    /// Seed in effect.
    pub seed: u64,
    /// Iterations done.
    pub iteration: usize,
    /// Iterations planned.
    pub iterations: usize,
    /// True during early exaggeration.
    pub exaggerated: bool,
    /// The newest Kullback-Leibler divergence (nats) computed.
    pub kl_divergence: Option<f64>,
    /// Iteration and divergence, oldest first.
    pub kl_history: Arc<[(usize, f64)]>,
    /// Seconds per iteration, averaged over the last ones; 0 before the first.
    pub seconds_per_iteration: f64,
    /// The maps kept, by ascending perplexity, the present one included.
    pub visited: Arc<[VisitedMap]>,
    /// What the user should know: a capped perplexity, flattened features …
    pub notes: Arc<[String]>,
}

/// A map that was computed at some perplexity and is kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VisitedMap {
    /// Its perplexity.
    pub perplexity: f64,
    /// Its seed.
    pub seed: u64,
    /// Iterations done.
    pub iteration: usize,
    /// Its last known divergence (nats). Comparable between maps of one perplexity only.
    pub kl_divergence: Option<f64>,
    /// Positions, rotated (Procrustes) so that maps can be flipped back and forth.
    pub positions: Arc<[[f32; 2]]>,
    /// The diagnosis of this map, if it was computed.
    pub diagnosis: Option<Arc<Diagnosis>>,
}

/// A running analysis. Dropping it stops its threads.
pub struct Run {}

impl Run {
    /// Starts the analysis. `notify` is called from the run's threads whenever there is a new
    /// snapshot or diagnosis; it must return at once.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] and [`Error::Option`] if the options do not fit the data.
    pub fn start(
        data: Arc<Dataset>,
        options: RunOptions,
        notify: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Self> {
        let _ = (data, options, notify);
        Err(Error::Interrupted)
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        unreachable!()
    }

    /// The newest diagnosis, with the generation and iteration of the map that it belongs to
    /// inside.
    pub fn diagnosis(&self) -> Option<Arc<Diagnosis>> {
        None
    }

    /// Stops iterating until [`resume`](Self::resume).
    pub fn pause(&self) {}

    /// Goes on iterating; a finished map gets as many iterations again.
    pub fn resume(&self) {}

    /// One iteration, then pause.
    pub fn step(&self) {}

    /// Begins again from the start with another seed (random initialization, so that the map
    /// can differ), dropping the kept maps.
    pub fn restart(&self, seed: u64) {
        let _ = seed;
    }

    /// Goes to another perplexity: back to its map if it was visited, otherwise on from the
    /// present map.
    pub fn set_perplexity(&self, perplexity: f64) {
        let _ = perplexity;
    }

    /// Neighbors per sample in the tables.
    pub fn set_table_k(&self, k: usize) {
        let _ = k;
    }

    /// Blocks until no command is pending and the worker is paused, finished or failed.
    pub fn wait_until_idle(&self) {}
}
