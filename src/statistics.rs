//! Statistics of labeled samples, each defined in one place.
//!
//! In: labels, and features, a neighbor graph or the positions of a map. Out: statistics by sample,
//! class and pair of classes, with their uncertainty. `diagnosis` and `comparison` draw their
//! conclusions from these and compute none of them again. Samples without a label are left out of
//! all statistics ([`Labeled`]); neighbors are the nearest samples that have a label.

mod argmax;
pub(crate) mod blocks;
mod canonical;
pub(crate) mod estimate;
pub(crate) mod geometry;
mod graph;
pub(crate) mod inference;
mod labeled;
pub(crate) mod linear;
pub(crate) mod logistic;
mod map_neighbors;
pub(crate) mod minimize;
mod mixing;
mod neighbor_labels;
pub(crate) mod order;
mod per_sample;
pub(crate) mod ranks;
pub(crate) mod ridge;
pub(crate) mod ridge_probe;
pub(crate) mod shuffle;
pub(crate) mod shuffled;
mod silhouette;
pub(crate) mod tally;
pub(crate) mod votes;

pub use estimate::Estimate;
pub use labeled::Labeled;
pub use map_neighbors::MapIndex;
pub use mixing::Mixing;
pub use neighbor_labels::NeighborLabels;
pub use order::{OrderTest, test_order};
pub use per_sample::PerSample;
pub use ridge_probe::RidgeProbe;
pub use silhouette::Silhouettes;

pub(crate) use argmax::argmax;
pub(crate) use canonical::SortedRows;
pub(crate) use graph::{exact_neighbors_are_affordable, feature_neighbors, neighbors_of};
pub(crate) use map_neighbors::MapNeighbors;
pub(crate) use mixing::{chance, largest_share};
pub(crate) use silhouette::silhouette;
