//! The state of a whole run: what another run of the same data and options goes on from, bit for bit.
//!
//! It holds every map with the whole state of its optimizer, but no neighbor graph and no affinities: these are made
//! again, with as many neighbors as before, so that they are the same.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::MapOrigin;
use crate::alignment::Orientation;
use crate::error::{Error, Result};
use crate::tsne::EmbeddingState;

/// Larger counts of iterations are refused.
const MOST_ITERATIONS: usize = u32::MAX as usize;
/// Larger numbers of maps are refused.
const LARGEST_GENERATION: u64 = 1 << 48;

/// The state of a run, as [`Run::state`](super::Run::state) returns it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunState {
    /// All maps that are kept, with the one that is shown.
    pub maps: Vec<MapState>,
    /// The map that is shown, by its place among them.
    pub shown: Option<usize>,
    /// The map that is computed in the background, by its place.
    pub background: Option<usize>,
    /// Perplexities and seeds of the maps that are to be computed in the background.
    pub wanted: Vec<(f64, u64)>,
    /// Whether the map that is shown iterates.
    pub is_running: bool,
    /// Seed of the newest map that did not begin at another one.
    pub seed: u64,
    /// Perplexity that it began with.
    pub perplexity: f64,
    /// Whether it began at random positions, in place of those that the options say.
    pub starts_at_random: bool,
    /// Neighbors per sample of the graph, if there is one.
    pub graph: Option<usize>,
    /// The number of the newest map.
    pub generations: u64,
}

/// The state of one map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapState {
    /// Its identity, as in [`Snapshot::generation`](super::Snapshot::generation).
    pub generation: u64,
    /// Its perplexity.
    pub perplexity: f64,
    /// Its seed.
    pub seed: u64,
    /// Where it started.
    pub origin: MapOrigin,
    /// Iterations planned.
    pub planned: usize,
    /// Iteration at which annealing switches to the map's own perplexity.
    pub annealed_at: Option<usize>,
    /// Whether it stopped moving before the planned iterations were done.
    pub is_still: bool,
    /// Whether it was paused.
    pub is_paused: bool,
    /// Whether its affinities were in use: they are then made again from a graph of so many neighbors per sample.
    pub graph: Option<usize>,
    /// Iterations and divergences, oldest first.
    pub kl_history: Vec<(usize, f64)>,
    /// Length of that history before the current schedule.
    pub history_start: usize,
    /// How it is turned on the screen.
    pub orientation: Orientation,
    /// The optimizer.
    pub optimizer: Arc<EmbeddingState>,
}

impl RunState {
    /// Checks that it is possible, and of so many samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another number of samples, [`Error::Option`] for a value that is not possible.
    pub fn check(&self, samples: usize) -> Result<()> {
        let wrong = |what| Err(Error::option("state", what, "is damaged"));
        let is_place = |place: Option<usize>| place.is_none_or(|at| at < self.maps.len());
        if !is_place(self.shown) || !is_place(self.background) {
            return wrong("the map that is shown");
        }
        if self.background.is_some() && self.background == self.shown {
            return wrong("the map in the background");
        }
        let mut generations: Vec<u64> = self.maps.iter().map(|map| map.generation).collect();
        generations.sort_unstable();
        generations.dedup();
        let newest = generations.last().copied().unwrap_or(0);
        if generations.len() < self.maps.len()
            || newest > self.generations
            || self.generations > LARGEST_GENERATION
        {
            return wrong("the numbers of its maps");
        }
        let mut perplexities = self.wanted.iter().map(|(perplexity, _)| *perplexity);
        if !perplexities.all(is_perplexity)
            || !(self.maps.is_empty() || is_perplexity(self.perplexity))
        {
            return wrong("a perplexity");
        }
        self.maps.iter().try_for_each(|map| map.check(samples))
    }

    /// The same maps with numbers that are higher by this much.
    #[must_use]
    pub fn renumbered(mut self, by: u64) -> Self {
        for map in &mut self.maps {
            map.generation += by;
        }
        self.generations += by;
        self
    }
}

fn is_perplexity(perplexity: f64) -> bool {
    perplexity.is_finite() && perplexity >= 1.0
}

impl MapState {
    /// Checks that it is possible, and of so many samples.
    ///
    /// # Errors
    /// As [`RunState::check`].
    pub fn check(&self, samples: usize) -> Result<()> {
        let wrong = |what| Err(Error::option("state", what, "is damaged"));
        let optimizer = &self.optimizer;
        for (what, found) in [
            ("positions", optimizer.positions.len()),
            ("last movements", optimizer.updates.len()),
            ("gains", optimizer.gains.len()),
        ] {
            if found != samples {
                return Err(Error::Mismatch {
                    what: what.into(),
                    expected: samples,
                    found,
                });
            }
        }
        let values = [&optimizer.positions, &optimizer.updates, &optimizer.gains];
        let mut values = values.into_iter().flat_map(|pairs| pairs.as_flattened());
        if !values.all(|value| value.is_finite()) {
            return wrong("a position, movement or gain");
        }
        optimizer.check_order()?;
        optimizer.params.validate()?;
        if !(is_perplexity(self.perplexity) && is_perplexity(optimizer.perplexity)) {
            return wrong("a perplexity");
        }
        let counts = [optimizer.iteration, optimizer.schedule_start, self.planned];
        if counts.into_iter().any(|count| count > MOST_ITERATIONS)
            || optimizer.schedule_start > optimizer.iteration
            || self.history_start > self.kl_history.len()
        {
            return wrong("a number of iterations");
        }
        let is_finite = |(_, divergence): &(usize, f64)| divergence.is_finite();
        if !(self.kl_history.iter().all(is_finite) && self.orientation.is_possible()) {
            return wrong("a divergence or the orientation");
        }
        Ok(())
    }
}
