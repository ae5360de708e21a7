//! Maps that are computed in the background, while the map that is shown is finished.
//!
//! In: perplexities. Out: a kept map of each with the seed of the map that was shown at the request. All have the
//! same schedule: each begins where the first map of the seed did, not at the map of another perplexity. A map of a
//! wanted perplexity that was left unfinished is finished instead.

use std::sync::Arc;
use std::time::Instant;

use super::map::Map;
use super::{PICTURE_INTERVAL, Worker, same};
use crate::alignment::{Orientation, procrustes};
use crate::error::{Error, Result};
use crate::run::{BackgroundMap, capped_perplexity, check_memory};
use crate::tsne::Initialization;

/// Time between two reports, as a multiple of that between two pictures.
const REPORT_EVERY: u32 = 12;

impl Worker {
    /// Takes the perplexities whose maps are wanted, in place of those that were wanted before.
    pub(super) fn compute_maps(&mut self, perplexities: &[f64]) {
        let seed = self.map.as_ref().map_or(self.options.seed, |map| map.seed);
        let samples = self.data.samples();
        let possible = perplexities.iter().filter(|p| p.is_finite() && **p >= 1.0);
        let capped = possible.map(|p| (capped_perplexity(*p, samples).0, seed));
        self.wanted = capped.collect();
        self.report_background();
    }

    /// Whether there is something to compute and the map that is shown does not need the time.
    pub(super) fn works_in_background(&self) -> bool {
        let is_idle = self.map.as_ref().is_some_and(Map::is_finished);
        is_idle && !self.wanted.is_empty()
    }

    /// Whether all statistics of the map that is shown are known: they come before other maps.
    pub(super) fn has_statistics(&self) -> bool {
        let snapshot = self.shared.latest();
        let map = (snapshot.generation, snapshot.iteration);
        self.shared.has_settled(map)
    }

    /// An iteration of the map in the background; of none, the next one is begun.
    pub(super) fn work_in_background(&mut self) -> Result<()> {
        self.is_quiet = true;
        let outcome = match &self.background {
            Some(map) if map.is_finished() => {
                self.finish_background();
                Ok(())
            }
            Some(_) => self.iterate_in_background(),
            None => self.begin_in_background(),
        };
        self.is_quiet = false;
        match outcome {
            // Something else was asked for; this is tried again later.
            Ok(()) | Err(Error::Interrupted) => Ok(()),
            Err(error) if self.shared.is_stopping() => Err(error),
            Err(error) => {
                self.background = None;
                self.wanted.pop_front();
                self.note(Some(error.to_string()));
                self.report_background();
                Ok(())
            }
        }
    }

    /// Puts the map in the background aside, so that a command finds it among the kept ones.
    pub(super) fn suspend_background(&mut self) {
        if let Some(map) = self.background.take() {
            self.keep_aligned(map);
        }
    }

    fn iterate_in_background(&mut self) -> Result<()> {
        let seconds = self.seconds_per_iteration;
        std::mem::swap(&mut self.map, &mut self.background);
        let outcome = self.anneal().and_then(|()| self.advance());
        std::mem::swap(&mut self.map, &mut self.background);
        self.seconds_per_iteration = seconds;
        if self.last_picture.elapsed() >= PICTURE_INTERVAL * REPORT_EVERY {
            self.report_background();
        }
        outcome
    }

    fn begin_in_background(&mut self) -> Result<()> {
        let Some(&(perplexity, seed)) = self.wanted.front() else {
            return Ok(());
        };
        let is_it = |map: &Map| map.seed == seed && same(map.perplexity, perplexity);
        if self.map.as_ref().is_some_and(is_it) {
            self.wanted.pop_front();
            return Ok(());
        }
        if let Some(at) = self.kept.iter().position(|(map, _)| is_it(map)) {
            self.background = Some(self.kept.swap_remove(at).0);
            std::mem::swap(&mut self.map, &mut self.background);
            let outcome = self.wake();
            std::mem::swap(&mut self.map, &mut self.background);
            if outcome.is_err() {
                self.suspend_background();
            }
            return outcome;
        }
        check_memory(&self.data, &self.options, perplexity)?;
        let initialization = if seed == self.first_seed {
            self.first_initialization.clone()
        } else {
            Initialization::Random
        };
        self.background = Some(self.new_map(perplexity, seed, &initialization)?);
        Ok(())
    }

    fn finish_background(&mut self) {
        self.wanted.pop_front();
        self.suspend_background();
        self.report_background();
        self.show(true);
    }

    fn keep_aligned(&mut self, mut map: Map) {
        map.keep();
        if let Some(current) = &self.map {
            map.orientation = Orientation::identity();
            map.orientation = procrustes(&current.positions(), &map.positions());
        }
        let shown: Arc<[[f32; 2]]> = map.positions().into();
        if map.iteration() > 0 {
            self.kept.push((map, shown));
        }
    }

    /// Publishes how far the map in the background is, which is not news of the map that is shown.
    fn report_background(&mut self) {
        let left = self.wanted.len();
        let perplexity = self.wanted.front().map(|(perplexity, _)| *perplexity);
        let map = self.background.as_ref();
        let background = perplexity.map(|perplexity| BackgroundMap {
            perplexity,
            iteration: map.map_or(0, Map::iteration),
            iterations: map.map_or(self.options.iterations, |map| map.planned),
            left,
        });
        self.shared.publish_beside(|s| s.background = background);
        self.last_picture = Instant::now();
    }
}
