//! Settings of an analysis, and whether they are possible for the data.

use std::time::Duration;

use super::{FEWEST_SAMPLES, capped_perplexity};
use crate::affinities::Weighting;
use crate::clusters::ClusterOptions;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::tsne::{Initialization, TsneParams};

/// Settings of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOptions {
    /// The first perplexity.
    pub perplexity: f64,
    /// The largest perplexity to prepare for: the neighbor graph is built for it, and built again if a
    /// larger one is requested later.
    pub largest_perplexity: f64,
    /// Iterations of the first map, including early exaggeration.
    pub iterations: usize,
    /// Iterations of a map that starts from another perplexity's, and of one that is resumed after it
    /// has finished.
    pub further_iterations: usize,
    /// Seed of the random numbers.
    pub seed: u64,
    /// How neighbors are weighted.
    pub weighting: Weighting,
    /// Annealing: a perplexity above the requested one, which the first map uses for half of the
    /// iterations after its early exaggeration, for a better global arrangement.
    pub annealing: Option<f64>,
    /// Stop before the planned iterations are done if the map no longer moves: see
    /// [`is_still`](crate::tsne::is_still).
    pub stop_when_still: bool,
    /// The starting positions.
    pub initialization: Initialization,
    /// Number of principal components to keep; `None` keeps the features as they are.
    pub components: Option<usize>,
    /// Parameters of the optimizer.
    pub tsne: TsneParams,
    /// Neighbors per sample in the neighbor tables.
    pub table_k: usize,
    /// How clusters are found in data without labels; they are then described in place of classes. `None`,
    /// the default, does not look for clusters.
    pub clusters: Option<ClusterOptions>,
    /// Wait for [`Command::Resume`](super::Command::Resume) before the first iteration.
    pub start_paused: bool,
    /// The shortest time from one iteration to the next, so that a small map can be watched as it
    /// forms. It does not change the result.
    pub pace: Duration,
}

impl RunOptions {
    /// The default options with the schedule of [`TsneParams::for_samples`], which needs fewer
    /// iterations from 1,500 samples on.
    pub fn for_samples(samples: usize) -> Self {
        let iterations = TsneParams::iterations_for(samples);
        let tsne = TsneParams::for_samples(samples);
        Self {
            iterations,
            further_iterations: iterations - tsne.early_iterations,
            tsne,
            ..Self::default()
        }
    }

    /// The same options with random starting positions.
    #[cfg(feature = "tui")]
    pub(crate) fn with_random_start(self) -> Self {
        Self {
            initialization: Initialization::Random,
            ..self
        }
    }

    /// The same options with this many iterations. With fewer than planned, the early exaggeration is
    /// shortened in proportion, so that no map ends within it.
    ///
    /// ```
    /// let options = disentangle::run::RunOptions::for_samples(70_000).with_iterations(100);
    /// assert_eq!((options.iterations, options.tsne.early_iterations), (100, 30));
    /// ```
    #[must_use]
    pub fn with_iterations(mut self, iterations: usize) -> Self {
        let early = self.tsne.early_iterations;
        let share = iterations.saturating_mul(early) / self.iterations.max(1);
        self.tsne.early_iterations = early.min(share);
        self.iterations = iterations;
        self
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            largest_perplexity: 50.0,
            iterations: 750,
            further_iterations: 500,
            seed: 1,
            weighting: Weighting::Gaussian,
            annealing: None,
            stop_when_still: false,
            initialization: Initialization::Pca,
            components: Some(50),
            tsne: TsneParams::default(),
            table_k: 10,
            clusters: None,
            start_paused: false,
            pace: Duration::ZERO,
        }
    }
}

pub(crate) fn validate(data: &Dataset, options: &RunOptions) -> Result<()> {
    if data.samples() < FEWEST_SAMPLES {
        return Err(Error::TooFewSamples {
            stage: "a t-SNE map",
            needed: FEWEST_SAMPLES,
            found: data.samples(),
        });
    }
    let check = |option, perplexity: f64| match perplexity {
        1.0..f64::INFINITY => Ok(()),
        _ => Err(Error::option(
            option,
            perplexity,
            "must be a number of at least 1",
        )),
    };
    check("perplexity", options.perplexity)?;
    check("perplexity", options.largest_perplexity)?;
    options.weighting.validate()?;
    options
        .annealing
        .map_or(Ok(()), |p| check("annealing", p))?;
    if options.components == Some(0) {
        return Err(Error::option("components", 0, "must be at least 1"));
    }
    if let Initialization::Given(positions) = &options.initialization
        && positions.len() != data.samples()
    {
        return Err(Error::Mismatch {
            what: "initial positions".into(),
            expected: data.samples(),
            found: positions.len(),
        });
    }
    options.tsne.validate()?;
    let perplexity = options
        .perplexity
        .max(options.largest_perplexity)
        .max(options.annealing.unwrap_or(1.0));
    check_memory(data, options, perplexity)
}

/// Refuses a perplexity whose neighbor graph and affinities would not fit into memory.
pub(crate) fn check_memory(data: &Dataset, options: &RunOptions, perplexity: f64) -> Result<()> {
    let n = data.samples();
    let k = options.weighting.neighbors_for(perplexity, n);
    let what = format!("a map of {n} samples at perplexity {perplexity}");
    check_room(&what, data, options, k)
}

/// Refuses a neighbor graph of so many neighbors per sample that would not fit into memory.
pub(super) fn check_graph(data: &Dataset, options: &RunOptions, k: usize) -> Result<()> {
    let what = format!(
        "a graph of {k} neighbors for each of {} samples",
        data.samples()
    );
    check_room(&what, data, options, k)
}

fn check_room(what: &str, data: &Dataset, options: &RunOptions, k: usize) -> Result<()> {
    let n = data.samples();
    let dimensions = options
        .components
        .unwrap_or(usize::MAX)
        .min(data.dimensions());
    let fitting = crate::memory::largest_k(n, dimensions).map(|most| match options.weighting {
        Weighting::Uniform => most,
        _ => most / 3,
    });
    let remedy = match fitting {
        Some(most) if most >= 5 => format!(
            "a perplexity up to {most} would fit; or take fewer samples or fewer principal components"
        ),
        _ => "take fewer samples or fewer principal components".into(),
    };
    crate::memory::check(what, crate::memory::of_map(n, dimensions, k), &remedy)
}

impl RunOptions {
    /// The perplexity at which annealing starts, and the iteration at which it switches to the
    /// requested one; `None` without annealing.
    pub(crate) fn annealed(&self, perplexity: f64, samples: usize) -> Option<(f64, usize)> {
        let high = capped_perplexity(self.annealing?, samples).0;
        let early = self.tsne.early_iterations.min(self.iterations);
        (high > perplexity).then(|| (high, early + (self.iterations - early) / 2))
    }
}
