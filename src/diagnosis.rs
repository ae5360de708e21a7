//! Every number about separation and mixing: from the features first, from the map beside it.
//!
//! In: features or positions, labels. Out: a [`Diagnosis`] that screen, JSON and report show;
//! none of them computes a number of its own. A figure that is not defined (a class without
//! other classes) or was not asked for is `None`.

use serde::{Deserialize, Serialize};

/// The same figure in the feature space and in the map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// In the feature space: this is what holds.
    pub features: Option<f64>,
    /// In the map: this is what the picture shows.
    pub map: Option<f64>,
}

/// What is known about one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassDiagnosis {
    /// The class's name.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Mean silhouette (Rousseeuw 1987, Euclidean), −1 to 1.
    pub silhouette: Figure,
    /// Standard error of the mean silhouette.
    pub silhouette_standard_error: Figure,
    /// Mean share of the k nearest neighbors that bear the same label, 0 to 1.
    pub neighborhood_hit: Figure,
    /// Standard error of the neighborhood hit (between the class's samples).
    pub neighborhood_hit_standard_error: Figure,
    /// The neighborhood hit that random labels would have: (`N_c` − 1)/(n − 1).
    pub neighborhood_hit_chance: f64,
}

/// Whose neighbors bear which labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// Neighbors per sample.
    pub k: usize,
    /// Class names, for rows and columns.
    pub labels: Vec<String>,
    /// Share of the neighbors (in the features) of each class (row) that bear each label
    /// (column); rows sum to 1. `None` if not computed.
    pub features: Option<Vec<Vec<f64>>>,
    /// The same in the map.
    pub map: Option<Vec<Vec<f64>>>,
    /// Shares that random labels would have.
    pub chance: Vec<Vec<f64>>,
    /// Cells of `features` that lie above chance by more than random labels explain.
    pub features_above_chance: Option<Vec<Vec<bool>>>,
    /// Cells of `map` that lie above chance by more than random labels explain.
    pub map_above_chance: Option<Vec<Vec<bool>>>,
}

/// Everything that is known about a set of features, and about a map of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Samples with a label.
    pub labeled: usize,
    /// Samples without one, which no figure counts.
    pub unlabeled: usize,
    /// Mean silhouette over all labeled samples.
    pub silhouette: Figure,
    /// Mean neighborhood hit over the classes (each class counts alike).
    pub neighborhood_hit: Figure,
    /// Number of reference samples of the silhouettes in the features if they were sampled.
    pub silhouette_sampled: Option<usize>,
    /// Number of reference samples of the silhouettes in the map if they were sampled.
    pub map_silhouette_sampled: Option<usize>,
    /// By class, in display order.
    pub classes: Vec<ClassDiagnosis>,
    /// Whose neighbors bear which labels.
    pub confusion: Confusion,
    /// Generation of the map's figures ([`Snapshot::generation`](crate::Snapshot)).
    pub map_generation: Option<u64>,
    /// Iteration of the map's figures.
    pub map_iteration: Option<usize>,
}
