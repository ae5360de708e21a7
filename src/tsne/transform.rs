//! Placing new samples into a finished map.
//!
//! In: the neighbors of new samples among those of a map, and the map. Out: positions of the new
//! samples (m × 2); the map stays as it is. Each new sample starts at the median of its nearest
//! neighbors' positions and descends KL(p_i‖q_i), where q_i is its own distribution over the
//! samples of the map: new samples do not affect each other, so each could be placed on its
//! own. Settings are those of openTSNE's `transform` (Poličar, Stražar & Zupan 2021). Cost:
//! n × m pairs per iteration.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tail::Tail;
use crate::affinities::calibrated;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::{Stage, check};
use crate::simd::{Kernel, vectorized};

/// Samples per task.
const TOGETHER: usize = 16;
/// The least gain, so that a coordinate never freezes.
const LEAST_GAIN: f32 = 0.01;

/// How new samples are placed.
///
/// ```
/// assert_eq!(disentangle::tsne::TransformParams::default().neighbors(), 25);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransformParams {
    /// Perplexity of the new samples over those of the map.
    pub perplexity: f64,
    /// Nearest neighbors whose median position is the start.
    pub start_neighbors: usize,
    /// Iterations.
    pub iterations: usize,
    /// Learning rate.
    pub learning_rate: f64,
    /// Factor on the attraction.
    pub exaggeration: f64,
    /// Momentum.
    pub momentum: f64,
    /// Longest gradient; longer ones are shortened to it, so that no sample flies off.
    pub largest_gradient: f64,
    /// Degrees of freedom that the map was computed with.
    pub degrees_of_freedom: f64,
}

impl Default for TransformParams {
    fn default() -> Self {
        Self {
            perplexity: 5.0,
            start_neighbors: 25,
            iterations: 250,
            learning_rate: 0.1,
            exaggeration: 1.5,
            momentum: 0.8,
            largest_gradient: 0.25,
            degrees_of_freedom: 1.0,
        }
    }
}

impl TransformParams {
    /// Neighbors per new sample that these settings need.
    pub fn neighbors(&self) -> usize {
        ((3.0 * self.perplexity) as usize)
            .max(self.start_neighbors)
            .max(1)
    }

    fn validate(&self) -> Result<()> {
        let positive = [
            ("learning_rate", self.learning_rate),
            ("exaggeration", self.exaggeration),
            ("largest_gradient", self.largest_gradient),
            ("degrees_of_freedom", self.degrees_of_freedom),
        ];
        for (field, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::option(field, value, "must be a positive number"));
            }
        }
        if !(self.perplexity.is_finite() && self.perplexity >= 1.0) {
            let problem = "must be a number of at least 1";
            return Err(Error::option("perplexity", self.perplexity, problem));
        }
        if !(0.0..1.0).contains(&self.momentum) {
            let problem = "must be at least 0 and below 1";
            return Err(Error::option("momentum", self.momentum, problem));
        }
        Ok(())
    }
}

/// Positions (m × 2) of new samples in a map (n × 2), from their neighbors among its samples
/// ([`Neighbors::among`]). Fewer neighbors than 3 × perplexity lower the perplexity.
///
/// # Errors
/// [`Error::Option`] if a parameter is out of range, [`Error::Mismatch`] if the neighbors are not
/// those of the map's samples, [`Error::Diverged`] if the map holds no finite positions,
/// [`Error::Interrupted`] if cancelled.
///
/// ```
/// use disentangle::{ndarray::array, Execution, neighbors::Neighbors, tsne::{TransformParams, transform}};
/// let reference = array![[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]];
/// let map = [[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [9.0, 0.0], [9.0, 1.0], [9.0, 2.0]];
/// let new = array![[0.9], [11.2]];
/// let params = TransformParams { perplexity: 1.0, start_neighbors: 3, ..Default::default() };
/// let neighbors = Neighbors::among(reference.view(), new.view(), 3, &Execution::default().threads(1))?;
/// let placed = transform(&neighbors, &map, &params, &Execution::default())?;
/// assert!(placed[0][0] < 4.0 && placed[1][0] > 5.0);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn transform(
    neighbors: &Neighbors,
    map: &[[f32; 2]],
    params: &TransformParams,
    execution: &Execution,
) -> Result<Vec<[f32; 2]>> {
    params.validate()?;
    if neighbors.all_ids().iter().any(|&j| j as usize >= map.len()) {
        return Err(Error::Mismatch {
            what: "positions of the map".into(),
            expected: neighbors
                .all_ids()
                .iter()
                .max()
                .map_or(0, |&j| j as usize + 1),
            found: map.len(),
        });
    }
    if map.iter().flatten().any(|v| !v.is_finite()) {
        return Err(Error::Diverged { iteration: 0 });
    }
    execution.run(|progress| {
        let k = ((3.0 * params.perplexity) as usize).clamp(1, neighbors.k());
        let conditional = calibrated(neighbors, params.perplexity, k);
        let x: Vec<f32> = map.iter().map(|p| p[0]).collect();
        let y: Vec<f32> = map.iter().map(|p| p[1]).collect();
        let mut positions = vec![[0.0; 2]; neighbors.samples()];
        let done = std::sync::atomic::AtomicUsize::new(0);
        let total = positions.len().div_ceil(TOGETHER);
        let tasks: Result<Vec<()>> = positions
            .par_chunks_mut(TOGETHER)
            .enumerate()
            .map(|(task, positions)| {
                for (r, position) in positions.iter_mut().enumerate() {
                    check(progress)?;
                    let i = task * TOGETHER + r;
                    let ids = neighbors.ids(i);
                    *position = vectorized(Placing {
                        start: median(map, &ids[..params.start_neighbors.clamp(1, ids.len())]),
                        columns: &ids[..k],
                        values: &conditional.probabilities[i * k..(i + 1) * k],
                        map,
                        x: &x,
                        y: &y,
                        params,
                    });
                }
                let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                progress.report(Stage::Optimizing, done as f32 / total as f32);
                Ok(())
            })
            .collect();
        tasks.map(|_| positions)
    })
}

/// The median of each coordinate.
fn median(map: &[[f32; 2]], ids: &[u32]) -> [f32; 2] {
    [0, 1].map(|axis| {
        let mut values: Vec<f32> = ids.iter().map(|&j| map[j as usize][axis]).collect();
        values.sort_unstable_by(f32::total_cmp);
        let middle = values.len() / 2;
        if values.len().is_multiple_of(2) {
            f32::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        }
    })
}

/// One new sample and the map.
struct Placing<'a> {
    start: [f32; 2],
    columns: &'a [u32],
    values: &'a [f32],
    map: &'a [[f32; 2]],
    x: &'a [f32],
    y: &'a [f32],
    params: &'a TransformParams,
}

impl Kernel for Placing<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn run(self) -> [f32; 2] {
        let params = self.params;
        let tail = Tail::new(params.degrees_of_freedom);
        let inverse = (1.0 / params.degrees_of_freedom) as f32;
        let (exaggeration, momentum) = (params.exaggeration as f32, params.momentum as f32);
        let (rate, longest) = (params.learning_rate as f32, params.largest_gradient as f32);
        let (mut at, mut update, mut gain) = (self.start, [0.0_f32; 2], [1.0_f32; 2]);
        for _ in 0..params.iterations {
            let (push, z) = tail.push(at, self.x, self.y);
            let normalization = 1.0 / z.max(f64::from(f32::MIN_POSITIVE)) as f32;
            let mut gradient = push.map(|p| -p * normalization);
            for (&j, &p) in self.columns.iter().zip(self.values) {
                let other = self.map[j as usize];
                let (dx, dy) = (at[0] - other[0], at[1] - other[1]);
                let weight = exaggeration * p / (1.0 + inverse * (dx * dx + dy * dy));
                gradient[0] += weight * dx;
                gradient[1] += weight * dy;
            }
            let length = gradient[0].hypot(gradient[1]);
            if length > longest {
                gradient = gradient.map(|g| g * (longest / length));
            }
            for a in 0..2 {
                let same_direction = (update[a] > 0.0) == (gradient[a] > 0.0);
                gain[a] = if same_direction {
                    gain[a] * 0.8 + LEAST_GAIN
                } else {
                    gain[a] + 0.2
                };
                update[a] = momentum * update[a] - rate * gain[a] * gradient[a];
                at[a] += update[a];
            }
        }
        at
    }
}
