//! From a dataset to a finished map in one call, for scripts and batch jobs.

use crate::affinities::{Affinities, neighbors_for};
use crate::dataset::Dataset;
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, Stage, check};
use crate::reduce::principal_components;
use crate::run::{RunOptions, capped_perplexity, reduces, validate};
use crate::tsne::{Embedding, initial_positions};

/// Reduces, finds neighbors, calibrates and runs all iterations. A perplexity that is too large
/// for the number of samples is capped at (n − 1)/3: see
/// [`affinities().perplexity()`](Embedding::affinities) of the result.
///
/// # Errors
/// As [`Run::start`](crate::Run::start), and [`Error::Interrupted`](crate::Error::Interrupted) if
/// cancelled.
///
/// ```
/// use disentangle::{Dataset, RunOptions, Silent, embed, ndarray::Array2};
/// let features = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let options = RunOptions { iterations: 300, ..RunOptions::default() };
/// let map = embed(&Dataset::new(features)?, &options, &Silent)?;
/// assert_eq!(map.positions().len(), 60);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn embed(data: &Dataset, options: &RunOptions, progress: &dyn Progress) -> Result<Embedding> {
    validate(data, options)?;
    crate::parallel::on_threads(options.tsne.threads, || {
        let wanted = options.components.unwrap_or(2).max(2);
        let reduction = principal_components(data.features(), wanted, options.seed, 0, progress)?;
        let (perplexity, _) = capped_perplexity(options.perplexity, data.samples());
        let k = neighbors_for(perplexity, data.samples());
        let neighbors = if reduces(data, options.components) {
            Neighbors::find(reduction.scores.view(), k, 0, progress)?
        } else {
            Neighbors::find(data.features(), k, 0, progress)?
        };
        let affinities = Affinities::new(&neighbors, perplexity, 0, progress)?;
        drop(neighbors);
        let start = initial_positions(&options.initialization, &reduction, options.seed)?;
        let mut map = Embedding::start(affinities, start, options.tsne.clone())?;
        for iteration in 0..options.iterations {
            check(progress)?;
            map.step()?;
            let share = (iteration + 1) as f32 / options.iterations as f32;
            progress.report(Stage::Optimizing, share);
        }
        Ok(map)
    })
}
