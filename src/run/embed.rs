//! From a dataset to a finished map in one call, for scripts and batch jobs.

use crate::affinities::Affinities;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, Stage, check};
use crate::reduce::{Reduction, principal_components};
use crate::run::{RunOptions, capped_perplexity, reduces, starting_positions, validate};
use crate::tsne::{DIVERGENCE_EVERY, Embedding, EmbeddingState, is_still};

/// Computes a map: reduces the features, finds neighbors, calibrates and runs all iterations. A
/// perplexity that is too large for the number of samples is capped at (n − 1)/3; the result's
/// [`affinities().perplexity()`](Embedding::affinities) is the one used.
///
/// # Errors
/// As [`Run::start`](crate::run::Run::start), and [`Error::Interrupted`](crate::Error::Interrupted) if
/// cancelled.
///
/// ```
/// use disentangle::{ndarray::Array2, prelude::*};
/// let features = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let options = RunOptions { iterations: 300, ..RunOptions::default() };
/// let map = embed(&Dataset::new(features)?, &options, &Execution::default())?;
/// assert_eq!(map.positions().len(), 60);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn embed(data: &Dataset, options: &RunOptions, execution: &Execution) -> Result<Embedding> {
    embed_with(data, options, &mut |_| {}, execution)
}

/// As [`embed`]; calls `watch` with the embedding at the start and after each iteration, for example
/// to record it.
///
/// # Errors
/// As [`embed`].
pub fn embed_with(
    data: &Dataset,
    options: &RunOptions,
    watch: &mut (dyn FnMut(&Embedding) + Send),
    execution: &Execution,
) -> Result<Embedding> {
    embed_from(data, options, None, &mut |map, _| watch(map), execution)
}

/// How far the computation of a map has got: what [`embed_from`] continues from.
#[derive(Debug, Clone, PartialEq)]
pub struct PartialMap {
    /// The optimizer.
    pub state: EmbeddingState,
    /// Iterations and divergences by which [`RunOptions::stop_when_still`] decides.
    pub divergences: Vec<(usize, f64)>,
}

/// As [`embed_with`], from a map that was computed in part with the same data and options: the result is, bit for
/// bit, that of a computation without a break. `watch` gets the divergences so far, too, and is called once more
/// before the call ends because it was cancelled.
///
/// # Errors
/// As [`embed`], and [`Error::Mismatch`](crate::Error::Mismatch) or [`Error::Option`](crate::Error::Option) if the
/// partial map is not one of these data.
///
/// ```
/// use disentangle::{ndarray::Array2, run::{PartialMap, embed_from}, prelude::*};
/// let features = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let data = Dataset::new(features)?;
/// let (options, execution) = (RunOptions { iterations: 90, ..RunOptions::default() }, Execution::default());
/// let mut partial = None;
/// let mut watch = |map: &Embedding, divergences: &[(usize, f64)]| {
///     if map.iteration() == 40 {
///         partial = Some(PartialMap { state: map.state(), divergences: divergences.to_vec() });
///     }
/// };
/// let whole = embed_from(&data, &options, None, &mut watch, &execution)?;
/// let continued = embed_from(&data, &options, partial, &mut |_, _| {}, &execution)?;
/// assert_eq!(whole.positions(), continued.positions());
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn embed_from(
    data: &Dataset,
    options: &RunOptions,
    from: Option<PartialMap>,
    watch: &mut WatchMap<'_>,
    execution: &Execution,
) -> Result<Embedding> {
    validate(data, options)?;
    execution.run(|progress| {
        let k = neighbors_for(options, options.perplexity, data.samples());
        let (reduction, neighbors) = prepare(data, options, k, execution)?;
        let (first, mut target) = affinities(&neighbors, options, options.perplexity, execution)?;
        drop(neighbors);
        let (mut map, divergences) = if let Some(partial) = from {
            // The switch at an iteration comes before its step.
            let is_past = |at: usize| partial.state.iteration > at;
            let first = target
                .take_if(|(at, _)| is_past(*at))
                .map_or(first, |(_, target)| target);
            let map = Embedding::restore(first, partial.state, execution)?;
            (map, partial.divergences)
        } else {
            let start = starting_positions(
                &options.initialization,
                &reduction,
                &first,
                options.seed,
                execution,
            )?;
            let map = Embedding::start(first, start, options.tsne.clone(), execution)?;
            (map, Vec::new())
        };
        watch(&map, &divergences);
        iterate(&mut map, options, target, divergences, progress, watch)?;
        Ok(map)
    })
}

/// What is called with a map and its divergences as it forms.
type WatchMap<'a> = dyn FnMut(&Embedding, &[(usize, f64)]) + Send + 'a;

/// Neighbors per sample for a map at a perplexity, including annealing.
fn neighbors_for(options: &RunOptions, perplexity: f64, samples: usize) -> usize {
    let (perplexity, _) = capped_perplexity(perplexity, samples);
    let annealed = options.annealed(perplexity, samples);
    let first = annealed.map_or(perplexity, |(high, _)| high);
    let weighting = &options.weighting;
    weighting.neighbors_for(first.max(perplexity), samples)
}

/// Components and the neighbor graph.
pub(crate) fn prepare(
    data: &Dataset,
    options: &RunOptions,
    k: usize,
    execution: &Execution,
) -> Result<(Reduction, Neighbors)> {
    let wanted = options.components.unwrap_or(2).max(2);
    let reduction = principal_components(data.features(), wanted, options.seed, execution)?;
    let neighbors = if reduces(data, options.components) {
        Neighbors::find(reduction.scores.view(), k, execution)?
    } else {
        Neighbors::find(data.features(), k, execution)?
    };
    Ok((reduction, neighbors))
}

/// The affinities that a map starts with; with annealing also those it ends with, and the iteration
/// at which they are due.
fn affinities(
    neighbors: &Neighbors,
    options: &RunOptions,
    perplexity: f64,
    execution: &Execution,
) -> Result<(Affinities, Option<(usize, Affinities)>)> {
    let n = neighbors.samples();
    let (perplexity, _) = capped_perplexity(perplexity, n);
    let at = |p: f64| Affinities::weighted(neighbors, p, &options.weighting, execution);
    match options.annealed(perplexity, n) {
        Some((high, iteration)) => Ok((at(high)?, Some((iteration, at(perplexity)?)))),
        None => Ok((at(perplexity)?, None)),
    }
}

/// One of several finished maps.
#[derive(Clone, PartialEq)]
pub struct MapOf {
    /// Perplexity in effect.
    pub perplexity: f64,
    /// Seed.
    pub seed: u64,
    /// Iterations done.
    pub iterations: usize,
    /// Divergence in nats.
    pub kl_divergence: f64,
    /// Positions (n × 2).
    pub positions: Vec<[f32; 2]>,
}

/// One map for each of these pairs (perplexity, seed), in their order; the options' own perplexity and seed
/// are not used for them. Otherwise as [`embed`]. Components and neighbors are computed once, with the
/// options' seed.
///
/// # Errors
/// As [`embed`].
///
/// ```
/// use disentangle::{ndarray::Array2, run::embed_several, prelude::*};
/// let features = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let options = RunOptions { iterations: 50, ..RunOptions::default() };
/// let data = Dataset::new(features)?;
/// let maps = embed_several(&data, &options, &[(5.0, 1), (5.0, 2), (15.0, 1)], &Execution::default())?;
/// assert_eq!(maps.len(), 3);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn embed_several(
    data: &Dataset,
    options: &RunOptions,
    maps: &[(f64, u64)],
    execution: &Execution,
) -> Result<Vec<MapOf>> {
    let n = data.samples();
    let mut k = 1;
    for &(perplexity, seed) in maps {
        let of_map = RunOptions {
            perplexity,
            seed,
            ..options.clone()
        };
        validate(data, &of_map)?;
        k = k.max(neighbors_for(options, perplexity, n));
    }
    execution.run(|progress| {
        let (reduction, neighbors) = prepare(data, options, k, execution)?;
        let one = |&(perplexity, seed): &(f64, u64)| -> Result<MapOf> {
            let (first, target) = affinities(&neighbors, options, perplexity, execution)?;
            let start =
                starting_positions(&options.initialization, &reduction, &first, seed, execution)?;
            let mut map = Embedding::start(first, start, options.tsne.clone(), execution)?;
            iterate(
                &mut map,
                options,
                target,
                Vec::new(),
                progress,
                &mut |_, _| {},
            )?;
            Ok(MapOf {
                perplexity: capped_perplexity(perplexity, n).0,
                seed,
                iterations: map.iteration(),
                kl_divergence: map.kl_divergence(),
                positions: map.positions(),
            })
        };
        maps.iter().map(one).collect()
    })
}

/// A map that goes through several perplexities, as on the screen: each with the iteration up to which it is used.
/// The options' own perplexity is not used; `seed` is that of the starting positions.
///
/// # Errors
/// As [`embed`].
#[cfg(feature = "tui")]
pub(crate) fn embed_along(
    data: &Dataset,
    options: &RunOptions,
    seed: u64,
    path: &[(f64, usize)],
    execution: &Execution,
) -> Result<Embedding> {
    let largest = path.iter().map(|(p, _)| *p).fold(1.0, f64::max);
    let first = path.first().map_or(largest, |(p, _)| *p);
    let of_largest = RunOptions {
        perplexity: largest,
        ..options.clone()
    };
    validate(data, &of_largest)?;
    execution.run(|progress| {
        let n = data.samples();
        let k = neighbors_for(options, largest, n).max(neighbors_for(options, first, n));
        let (reduction, neighbors) = prepare(data, options, k, execution)?;
        let (start, mut target) = affinities(&neighbors, options, first, execution)?;
        let positions =
            starting_positions(&options.initialization, &reduction, &start, seed, execution)?;
        let mut map = Embedding::start(start, positions, options.tsne.clone(), execution)?;
        for (at, &(perplexity, until)) in path.iter().enumerate() {
            if at > 0 {
                target = None;
                let weighting = &options.weighting;
                let next = Affinities::weighted(&neighbors, perplexity, weighting, execution)?;
                map.retarget(next)?;
            }
            while map.iteration() < until {
                check(progress)?;
                let iteration = map.iteration();
                if let Some((_, affinities)) = target.take_if(|(at, _)| *at == iteration) {
                    map.retarget(affinities)?;
                }
                map.step()?;
                progress.report(Stage::Optimizing, map.iteration() as f32 / until as f32);
            }
        }
        Ok(map)
    })
}

/// Runs the remaining iterations, switches to the target affinities when they are due, and stops early if asked
/// to.
fn iterate(
    map: &mut Embedding,
    options: &RunOptions,
    mut target: Option<(usize, Affinities)>,
    mut divergences: Vec<(usize, f64)>,
    progress: &dyn Progress,
    watch: &mut WatchMap<'_>,
) -> Result<()> {
    for iteration in map.iteration()..options.iterations {
        if options.stop_when_still && target.is_none() && is_still(&divergences) {
            break;
        }
        if let Err(error) = check(progress) {
            watch(map, &divergences);
            return Err(error);
        }
        if let Some((_, affinities)) = target.take_if(|(at, _)| *at == iteration) {
            map.retarget(affinities)?;
            divergences.clear();
        }
        map.step()?;
        let due = (iteration + 1).is_multiple_of(DIVERGENCE_EVERY);
        if options.stop_when_still && due && map.is_settled() && target.is_none() {
            divergences.push((iteration + 1, map.kl_divergence()));
        }
        watch(map, &divergences);
        let share = (iteration + 1) as f32 / options.iterations as f32;
        progress.report(Stage::Optimizing, share);
    }
    Ok(())
}
