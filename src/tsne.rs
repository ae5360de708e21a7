//! t-SNE step by step: an [`Embedding`] that its owner advances, clones, saves and re-targets.
//!
//! In: [`Affinities`] and starting positions. Out: positions in the plane whose heavy-tailed
//! neighbor distribution Q comes close to P (van der Maaten & Hinton 2008). Each step moves every
//! point along the gradient of the Kullback-Leibler divergence: attraction along the edges of P,
//! repulsion from all other points. Repulsion is exact for few points and interpolated on a grid
//! with Fourier transforms for many (see `repulsion.rs`). The schedule of [`TsneParams::default`]
//! is common practice: early exaggeration 12 for 250 iterations, learning rate n/exaggeration
//! (Belkina et al. 2019); [`TsneParams::for_samples`] has a shorter one. Maps usually start from
//! principal components (Kobak & Berens 2019).
//!
//! Internally the points are numbered along a space-filling curve of the map and renumbered now and
//! then, so that neighbors in the map are neighbors in memory; callers see the order of the samples.
//! The same seed gives the same positions, bit for bit, for any number of threads.

use std::sync::Arc;

use rayon::prelude::*;

use crate::affinities::Affinities;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::{Stage, check};

mod attraction;
mod curve;
mod exact;
mod far;
mod grid;
mod initialization;
mod params;
mod repulsion;
mod spectral;
mod spectrum;
mod state;
mod stillness;
mod tail;
#[cfg(test)]
mod tests;
mod transform;

pub use grid::GridFit;
pub use initialization::{Initialization, initial_positions};
pub use params::TsneParams;
pub use repulsion::RepulsionMethod;
pub use spectral::spectral_positions;
pub use state::EmbeddingState;
use state::inner_order;
pub use stillness::is_still;
pub use transform::{TransformParams, transform};

use attraction::Move;
use repulsion::Repulsion;
pub(crate) use stillness::DIVERGENCE_EVERY;
use tail::Tail;

/// Iterations at which the points are renumbered, and the interval after these.
const RENUMBER_AT: [usize; 3] = [30, 100, 300];
const RENUMBER_EVERY: usize = 500;
/// A map smaller than this (map units) is magnified.
const SMALLEST_EXTENT: f32 = 1e-5;
/// The same, relative to the distance from the origin, where single precision is coarse.
const SMALLEST_SHARE: f32 = 1e-4;
/// The size that a map is magnified to.
const MAGNIFIED_EXTENT: f32 = 1e-4;
/// Points per parallel task.
const CHUNK: usize = 256;
/// Attempts at a step, each with a tenth of the learning rate.
const MOST_ATTEMPTS: usize = 40;
/// Mean movement, relative to the largest step, from which the learning rate is far too large.
const OVERSHOT: f64 = 0.9;
/// Larger learning rates are reduced to this, which single precision can hold.
const LARGEST_RATE: f64 = 1e30;

/// A t-SNE map that can be advanced one iteration at a time.
///
/// ```
/// use disentangle::{ndarray::Array2, affinities::Affinities, neighbors::Neighbors, prelude::*};
/// let data = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let execution = Execution::default();
/// let neighbors = Neighbors::exact(data.view(), 30, &execution)?;
/// let p = Affinities::new(&neighbors, 10.0, &execution)?;
/// let start = (0..60).map(|i| [i as f32 * 1e-5, (i * i % 7) as f32 * 1e-5]).collect();
/// let mut map = Embedding::start(p, start, TsneParams::default(), &execution)?;
/// let before = map.kl_divergence();
/// map.advance(100)?;
/// assert_eq!(map.iteration(), 100);
/// assert!(map.kl_divergence() < before);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Clone)]
pub struct Embedding {
    params: TsneParams,
    execution: Execution,
    /// P in the order of the samples.
    affinities: Arc<Affinities>,
    /// P in the current inner order.
    inner: Affinities,
    /// Sample at each inner place.
    order: Vec<u32>,
    /// Inner place of each sample.
    rank: Vec<u32>,
    /// Positions, in inner order (n × 2).
    positions: Vec<[f32; 2]>,
    /// Last movement of each coordinate.
    updates: Vec<[f32; 2]>,
    /// Adaptive gain of each coordinate (Jacobs 1988).
    gains: Vec<[f32; 2]>,
    /// Iterations done.
    iteration: usize,
    /// Iteration at which the current schedule started (re-targeting starts a new one).
    schedule_start: usize,
    /// True if the current schedule has an early exaggeration.
    exaggerates: bool,
    /// Factor on the learning rate; below 1 once it proved too large.
    damping: f64,
    scratch: Scratch,
}

/// Buffers that live as long as the embedding, so that a step allocates nothing.
#[derive(Clone, Default)]
struct Scratch {
    repulsion: Repulsion,
    moved: Vec<[f32; 2]>,
    chunks: Vec<Move>,
}

/// What one iteration did.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// Iterations done so far.
    pub iteration: usize,
    /// Exaggeration in effect.
    pub exaggeration: f64,
    /// Largest movement of a point (map units).
    pub largest_move: f64,
    /// Mean movement of the points (map units).
    pub mean_move: f64,
    /// Larger side of the map's bounding box (map units).
    pub extent: f64,
}

impl Embedding {
    /// Starts at the given positions (n × 2, by sample). The embedding keeps the execution, for
    /// [`advance`](Self::advance) and all other steps.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] below 2 samples, [`Error::Mismatch`] if the number of positions
    /// differs, [`Error::Option`] if a parameter is out of range, [`Error::Diverged`] if a
    /// position is not finite.
    pub fn start(
        affinities: impl Into<Arc<Affinities>>,
        positions: Vec<[f32; 2]>,
        params: TsneParams,
        execution: &Execution,
    ) -> Result<Self> {
        let state = EmbeddingState {
            params,
            perplexity: 0.0,
            updates: vec![[0.0; 2]; positions.len()],
            gains: vec![[1.0; 2]; positions.len()],
            positions,
            iteration: 0,
            schedule_start: 0,
            exaggerates: true,
            damping: 1.0,
            order: Vec::new(),
            grid: None,
        };
        Self::restore(affinities, state, execution)
    }

    /// Continues from a saved state.
    ///
    /// # Errors
    /// As [`start`](Self::start); [`Error::Option`] if the schedule started after the last iteration, or the order
    /// is not one of the samples.
    pub fn restore(
        affinities: impl Into<Arc<Affinities>>,
        state: EmbeddingState,
        execution: &Execution,
    ) -> Result<Self> {
        let affinities = affinities.into();
        let n = affinities.samples();
        if n < 2 {
            return Err(Error::TooFewSamples {
                stage: "t-SNE",
                needed: 2,
                found: n,
            });
        }
        state.params.validate()?;
        for (what, found) in [
            ("initial positions", state.positions.len()),
            ("last movements", state.updates.len()),
            ("gains", state.gains.len()),
        ] {
            if found != n {
                return Err(Error::Mismatch {
                    what: what.into(),
                    expected: n,
                    found,
                });
            }
        }
        if state.positions.iter().flatten().any(|v| !v.is_finite()) {
            return Err(Error::Diverged {
                iteration: state.iteration,
            });
        }
        if state.schedule_start > state.iteration {
            let problem = "must not be greater than the iteration";
            return Err(Error::option(
                "schedule_start",
                state.schedule_start,
                problem,
            ));
        }
        let (order, rank) = inner_order(state.order, n)?;
        let pick = |by_sample: Vec<[f32; 2]>| -> Vec<[f32; 2]> {
            order
                .iter()
                .map(|&sample| by_sample[sample as usize])
                .collect()
        };
        let inner = execution.run(|_| affinities.permuted(&order, &rank, Affinities::empty()));
        Ok(Self {
            inner,
            affinities,
            params: state.params,
            execution: execution.clone(),
            positions: pick(state.positions),
            updates: pick(state.updates),
            gains: pick(state.gains),
            order,
            rank,
            iteration: state.iteration,
            schedule_start: state.schedule_start,
            exaggerates: state.exaggerates,
            damping: state.damping.clamp(f64::MIN_POSITIVE, 1.0),
            scratch: Scratch {
                repulsion: Repulsion::with_grid(state.grid.filter(|grid| grid.is_possible())),
                ..Scratch::default()
            },
        })
    }

    /// The state by sample, for saving.
    pub fn state(&self) -> EmbeddingState {
        EmbeddingState {
            params: self.params.clone(),
            perplexity: self.affinities.perplexity(),
            positions: self.by_sample(&self.positions),
            updates: self.by_sample(&self.updates),
            gains: self.by_sample(&self.gains),
            iteration: self.iteration,
            schedule_start: self.schedule_start,
            exaggerates: self.exaggerates,
            damping: self.damping,
            order: self.order.clone(),
            grid: self.scratch.repulsion.grid_fit(),
        }
    }

    /// Advances by one iteration.
    ///
    /// # Errors
    /// [`Error::Diverged`] if no learning rate kept the positions finite; they are then the last
    /// finite ones.
    pub fn step(&mut self) -> Result<Step> {
        self.execution.clone().run(|_| self.iterate())
    }

    /// Advances by several iterations.
    ///
    /// # Errors
    /// As [`step`](Self::step), and [`Error::Interrupted`] if cancelled; the iterations done so far
    /// stay.
    pub fn advance(&mut self, iterations: usize) -> Result<Step> {
        self.execution.clone().run(|progress| {
            let mut last = self.present();
            for done in 1..=iterations {
                check(progress)?;
                last = self.iterate()?;
                progress.report(Stage::Optimizing, done as f32 / iterations as f32);
            }
            Ok(last)
        })
    }

    /// A step that did nothing.
    fn present(&self) -> Step {
        Step {
            iteration: self.iteration,
            exaggeration: self.exaggeration(),
            largest_move: 0.0,
            mean_move: 0.0,
            extent: 0.0,
        }
    }

    fn iterate(&mut self) -> Result<Step> {
        self.renumber_when_due();
        let phase = self.phase();
        let n = self.positions.len();
        let step = if phase.coarse {
            grid::COARSE_STEP
        } else {
            grid::FINE_STEP
        };
        let repulsion = &mut self.scratch.repulsion;
        repulsion.tail = Tail::new(self.params.degrees_of_freedom);
        let z = repulsion.compute_at(&self.positions, self.params.repulsion, step);
        let mut whole = self.descend(&phase, z);
        let mut attempts = 0;
        while !whole.is_finite() {
            attempts += 1;
            if attempts > MOST_ATTEMPTS {
                return Err(Error::Diverged {
                    iteration: self.iteration + 1,
                });
            }
            // Again from the old positions, without momentum and with a lower learning rate.
            self.updates.fill([0.0; 2]);
            self.gains.fill([1.0; 2]);
            self.damping *= 0.1;
            whole = self.descend(&phase, z);
        }
        std::mem::swap(&mut self.positions, &mut self.scratch.moved);
        self.iteration += 1;
        let mean_move = whole.sum / n as f64;
        if mean_move > OVERSHOT * self.params.largest_step && self.params.largest_step >= 1.0 {
            self.damping *= 0.1;
        }
        let smallest = SMALLEST_EXTENT.max(SMALLEST_SHARE * whole.remoteness());
        if whole.extent() < smallest {
            self.magnify(whole.extent());
        }
        Ok(Step {
            iteration: self.iteration,
            exaggeration: phase.exaggeration,
            largest_move: f64::from(whole.largest),
            mean_move,
            extent: f64::from(whole.extent()),
        })
    }

    /// Writes new positions to the buffer; updates movements and gains in place.
    fn descend(&mut self, phase: &params::Phase, z: f64) -> Move {
        let n = self.positions.len();
        let rate = phase.learning_rate.min(LARGEST_RATE) * self.damping;
        let Scratch {
            repulsion,
            moved,
            chunks,
        } = &mut self.scratch;
        moved.resize(n, [0.0; 2]);
        chunks.resize(n.div_ceil(CHUNK), Move::default());
        let descent = attraction::Descent {
            affinities: &self.inner,
            positions: &self.positions,
            forces: repulsion.forces(),
            normalization: (1.0 / z) as f32,
            exaggeration: phase.exaggeration as f32,
            learning_rate: rate as f32,
            momentum: phase.momentum as f32,
            largest_step: self.params.largest_step as f32,
            tail: repulsion.tail,
        };
        moved
            .par_chunks_mut(CHUNK)
            .zip(self.updates.par_chunks_mut(CHUNK))
            .zip(self.gains.par_chunks_mut(CHUNK))
            .zip(chunks.par_iter_mut())
            .enumerate()
            .for_each(|(c, (((moved, updates), gains), summary))| {
                *summary = descent.apply(c * CHUNK, moved, updates, gains);
            });
        Move::combine(chunks)
    }

    /// Factor on the learning rate: 1, or less after positions were not finite or nearly all points
    /// moved by the largest step.
    pub fn damping(&self) -> f64 {
        self.damping
    }

    /// Centers and enlarges a map that contracts to a point, before its points coincide in single
    /// precision and can no longer separate.
    ///
    /// Few samples with nearly uniform affinities contract under exaggeration. While all points
    /// are close together the forces are linear in the positions, so a common factor on positions and
    /// movements changes only the scale: the optimization continues as it would with more digits.
    fn magnify(&mut self, extent: f32) {
        let n = self.positions.len() as f64;
        let mean = [0, 1].map(|axis| {
            let sum: f64 = self.positions.iter().map(|p| f64::from(p[axis])).sum();
            (sum / n) as f32
        });
        let factor = if extent > 0.0 {
            (MAGNIFIED_EXTENT / extent).max(1.0)
        } else {
            1.0
        };
        for (position, update) in self.positions.iter_mut().zip(&mut self.updates) {
            for axis in 0..2 {
                position[axis] = (position[axis] - mean[axis]) * factor;
                update[axis] *= factor;
            }
        }
    }

    fn phase(&self) -> params::Phase {
        let since = self.iteration - self.schedule_start;
        self.params
            .phase(since, self.exaggerates, self.positions.len())
    }

    /// The exaggeration that the next iteration will use.
    pub fn exaggeration(&self) -> f64 {
        self.phase().exaggeration
    }

    /// True once early exaggeration and the coarse grid are over, so that the divergence shows whether
    /// the map still moves.
    pub fn is_settled(&self) -> bool {
        let early = if self.exaggerates {
            self.params.early_iterations
        } else {
            0
        };
        self.iteration - self.schedule_start >= early + self.params.coarse_iterations
    }

    /// Renumbers the points along a space-filling curve of the current map, at certain iterations.
    fn renumber_when_due(&mut self) {
        let since = self.iteration - self.schedule_start;
        let due =
            RENUMBER_AT.contains(&since) || (since > 0 && since.is_multiple_of(RENUMBER_EVERY));
        if !due || self.positions.len() < 4 * CHUNK {
            return;
        }
        let along = curve::order(&self.positions);
        let pick = |from: &[[f32; 2]]| -> Vec<[f32; 2]> {
            along.par_iter().map(|&i| from[i as usize]).collect()
        };
        self.updates = pick(&self.updates);
        self.gains = pick(&self.gains);
        self.positions = pick(&self.positions);
        self.order = along.iter().map(|&i| self.order[i as usize]).collect();
        for (place, &sample) in self.order.iter().enumerate() {
            self.rank[sample as usize] = place as u32;
        }
        let former = std::mem::replace(&mut self.inner, Affinities::empty());
        self.inner = self.affinities.permuted(&self.order, &self.rank, former);
    }

    /// Switches to other affinities of the same samples (another perplexity) and continues from the
    /// current positions, without exaggeration.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if they are of another number of samples.
    pub fn retarget(&mut self, affinities: impl Into<Arc<Affinities>>) -> Result<()> {
        let affinities = affinities.into();
        if affinities.samples() != self.positions.len() {
            return Err(Error::Mismatch {
                what: "affinities".into(),
                expected: self.positions.len(),
                found: affinities.samples(),
            });
        }
        let former = std::mem::replace(&mut self.inner, Affinities::empty());
        self.inner = self
            .execution
            .run(|_| affinities.permuted(&self.order, &self.rank, former));
        self.affinities = affinities;
        self.updates.fill([0.0; 2]);
        self.gains.fill([1.0; 2]);
        self.schedule_start = self.iteration;
        self.exaggerates = false;
        Ok(())
    }

    /// Positions by sample (n × 2).
    pub fn positions(&self) -> Vec<[f32; 2]> {
        self.by_sample(&self.positions)
    }

    fn by_sample(&self, inner: &[[f32; 2]]) -> Vec<[f32; 2]> {
        self.rank
            .iter()
            .map(|&place| inner[place as usize])
            .collect()
    }

    /// Iterations done.
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.positions.len()
    }

    /// The affinities that the map follows.
    pub fn affinities(&self) -> Arc<Affinities> {
        Arc::clone(&self.affinities)
    }

    /// The parameters.
    pub fn params(&self) -> &TsneParams {
        &self.params
    }

    /// The Kullback-Leibler divergence KL(P‖Q) in nats, without exaggeration.
    ///
    /// Q's normalization comes from the same repulsion method as the steps (on the grid, its
    /// relative error is about 1e-4, and so is the absolute error of the divergence).
    pub fn kl_divergence(&self) -> f64 {
        self.execution.run(|_| {
            let mut repulsion = Repulsion::default();
            repulsion.tail = Tail::new(self.params.degrees_of_freedom);
            let z = repulsion.compute(&self.positions, self.params.repulsion);
            attraction::kl_divergence(&self.inner, &self.positions, repulsion.tail, z)
        })
    }
}

impl std::fmt::Debug for Embedding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Embedding {{ samples: {}, perplexity: {}, iteration: {} }}",
            self.samples(),
            self.affinities.perplexity(),
            self.iteration
        )
    }
}
