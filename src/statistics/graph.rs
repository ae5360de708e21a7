//! The neighbor graph that the statistics of the features are computed from.

use ndarray::ArrayView2;

use super::Labeled;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;

/// Up to this many multiplications the neighbors are exact.
const EXACT_NEIGHBOR_WORK: f64 = 1e11;

/// Whether an exact search among this many samples and dimensions is fast enough.
pub(crate) fn exact_neighbors_are_affordable(samples: usize, dimensions: usize) -> bool {
    samples as f64 * samples as f64 * dimensions as f64 <= EXACT_NEIGHBOR_WORK
}

/// The graph of the labeled samples in the full feature space, exact if that is fast enough; `None`
/// if there are fewer than two.
pub(crate) fn feature_neighbors(
    data: &Dataset,
    labeled: &Labeled,
    k: usize,
    execution: &Execution,
) -> Result<Option<Neighbors>> {
    if labeled.samples() < 2 {
        return Ok(None);
    }
    let part = labeled.subset(data.features());
    let features = part.as_ref().map_or_else(|| data.features(), |p| p.view());
    neighbors_of(features, k, execution)
}

/// The same from the features of the labeled samples.
pub(crate) fn neighbors_of(
    features: ArrayView2<'_, f32>,
    k: usize,
    execution: &Execution,
) -> Result<Option<Neighbors>> {
    if features.nrows() < 2 {
        return Ok(None);
    }
    if exact_neighbors_are_affordable(features.nrows(), features.ncols()) {
        Neighbors::exact(features, k, execution)
    } else {
        Neighbors::find(features, k, execution)
    }
    .map(Some)
}
