//! Starting positions: principal components, random, or given.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::reduce::Reduction;

/// Standard deviation of the starting positions (map units).
pub(crate) const START_DEVIATION: f64 = 1e-4;
/// Jitter, relative to that, which separates identical samples.
const JITTER: f64 = 0.01;

/// How starting positions are chosen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initialization {
    /// The first two principal components, scaled to a standard deviation of 1e-4: keeps the
    /// global arrangement (Kobak & Berens 2019).
    #[default]
    Pca,
    /// Normal variates with a standard deviation of 1e-4.
    Random,
    /// The leading eigenvectors of the affinities ([`spectral_positions`](crate::tsne::spectral_positions)):
    /// the arrangement of the neighbor graph rather than of the features.
    Spectral,
    /// These positions, as they are (n × 2).
    Given(Vec<[f32; 2]>),
}

/// Starting positions (n × 2). The seed decides random positions and the jitter (1% of the
/// deviation) that separates identical samples.
///
/// # Errors
/// [`Error::Mismatch`] if given positions are of another number of samples, [`Error::Option`] for
/// a spectral start, which needs affinities: [`spectral_positions`](crate::tsne::spectral_positions).
pub fn initial_positions(
    initialization: &Initialization,
    reduction: &Reduction,
    seed: u64,
) -> Result<Vec<[f32; 2]>> {
    let n = reduction.scores.nrows();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = |deviation: f64| -> f32 {
        let v: f64 = StandardNormal.sample(&mut random);
        (v * deviation) as f32
    };
    match initialization {
        Initialization::Pca => {
            let mut positions = reduction.picture(START_DEVIATION);
            for point in positions.iter_mut().flatten() {
                *point += normal(START_DEVIATION * JITTER);
            }
            Ok(positions)
        }
        Initialization::Random => Ok((0..n)
            .map(|_| [normal(START_DEVIATION), normal(START_DEVIATION)])
            .collect()),
        Initialization::Spectral => Err(Error::option(
            "initialization",
            "spectral",
            "comes from affinities: see `spectral_positions`",
        )),
        Initialization::Given(positions) if positions.len() == n => Ok(positions.clone()),
        Initialization::Given(positions) => Err(Error::Mismatch {
            what: "initial positions".into(),
            expected: n,
            found: positions.len(),
        }),
    }
}
