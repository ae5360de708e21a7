//! The types of a diagnosis: each statistic in the features and, beside it, in the map.
//!
//! In: the results of the files beside this one. Out: a [`Diagnosis`]. Nothing is computed here.
//! All fields are public, so that screen, JSON and report show the same numbers; what was not
//! computed is `None`, not zero.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Fidelity, Pairs, PerSample, Reading, Separation, Stability, Suspects};
use crate::clusters::Clusters;
use crate::statistics::{Estimate, NeighborLabels};

/// A statistic in the feature space and in the map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// In the feature space: the value that applies to the classifier.
    pub features: Option<Estimate>,
    /// In the map: the value that the picture shows.
    pub map: Option<Estimate>,
}

impl Figure {
    /// The value in the feature space.
    pub fn in_features(&self) -> Option<f64> {
        self.features.map(|figure| figure.value)
    }

    /// The value in the map.
    pub fn in_map(&self) -> Option<f64> {
        self.map.map(|figure| figure.value)
    }
}

/// The statistics of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassDiagnosis {
    /// The class's name as in the files, not escaped.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Mean silhouette (Rousseeuw 1987, Euclidean), −1 to 1. Its interval is over the class's
    /// samples and, if silhouettes are estimates, over the references.
    pub silhouette: Figure,
    /// Mean share of the k nearest neighbors with the same label, 0 to 1.
    pub neighborhood_hit: Figure,
    /// The neighborhood hit that random labels would have: (`N_c` − 1)/(n − 1).
    pub neighborhood_hit_chance: f64,
    /// The largest neighborhood hit that is possible: (`N_c` − 1)/k, at most 1.
    pub neighborhood_hit_maximum: f64,
}

/// Which labels the neighbors of each class have.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Class names, for rows and columns.
    pub labels: Vec<String>,
    /// Share of the neighbors (in the features) of each class (row) with each label
    /// (column); rows sum to 1. `None` if not computed.
    pub features: Option<Vec<Vec<f64>>>,
    /// The same in the map.
    pub map: Option<Vec<Vec<f64>>>,
    /// Standard errors of `features`, over the samples of each row's class.
    pub features_standard_error: Option<Vec<Vec<f64>>>,
    /// Standard errors of `map`.
    pub map_standard_error: Option<Vec<Vec<f64>>>,
    /// Shares that random labels would have.
    pub chance: Vec<Vec<f64>>,
    /// Cells of `features` that are higher than random labels explain.
    pub features_above_chance: Option<Vec<Vec<bool>>>,
    /// Cells of `map` that are higher than random labels explain.
    pub map_above_chance: Option<Vec<Vec<bool>>>,
}

/// All statistics of a set of features, and of a map of them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Samples with a label.
    pub labeled: usize,
    /// Samples without one, which are left out of all statistics but the map's fidelity.
    pub unlabeled: usize,
    /// Mean silhouette over all labeled samples, with an interval like that of a class.
    pub silhouette: Figure,
    /// Mean neighborhood hit over the classes, with equal weights.
    pub neighborhood_hit: Figure,
    /// How many of the labeled samples differ from all before them; `None` if that was not computed.
    #[serde(default)]
    pub distinct_samples: Option<usize>,
    /// Share of the true neighbors that the graph behind the statistics of the features contains,
    /// measured on 512 samples; `None` if it is exact.
    #[serde(default)]
    pub neighbor_recall: Option<f64>,
    /// References per class of the silhouettes in the features, if they are estimates.
    pub silhouette_references: Option<usize>,
    /// References per class of the silhouettes in the map, if they are estimates.
    pub map_silhouette_references: Option<usize>,
    /// By class, in display order.
    pub classes: Vec<ClassDiagnosis>,
    /// Which labels the neighbors of each class have.
    pub confusion: Confusion,
    /// The map's fidelity; `None` without a map.
    #[serde(default)]
    pub fidelity: Option<Fidelity>,
    /// What this map and others of the same samples have in common; `None` if there is only one.
    #[serde(default)]
    pub stability: Option<Arc<Stability>>,
    /// The samples whose labels are most suspicious; `None` if not computed, or if there are no two
    /// classes with three samples.
    pub suspects: Option<Arc<Suspects>>,
    /// The results in sentences.
    #[serde(default)]
    pub reading: Option<Reading>,
    /// How well the classes are separated in the features, with intervals.
    #[serde(default)]
    pub separation: Option<Separation>,
    /// Which pairs of classes mix.
    #[serde(default)]
    pub pairs: Option<Pairs>,
    /// Silhouette of each sample of the dataset.
    #[serde(skip)]
    pub sample_silhouettes: PerSample,
    /// The clusters that were found in the features and stand in for the classes; `None` with labels.
    #[serde(default)]
    pub clusters: Option<Arc<Clusters>>,
    /// Labels of the neighbors of each sample of the dataset, in the features and in the map.
    #[serde(skip)]
    pub neighbor_labels: [Option<Arc<NeighborLabels>>; 2],
    /// Samples whose label was corrected ([`Command::SetLabels`](crate::run::Command::SetLabels)).
    #[serde(default)]
    pub relabeled: usize,
    /// Identity of the map ([`Snapshot::generation`](crate::run::Snapshot)).
    pub map_generation: Option<u64>,
    /// Iteration of the map.
    pub map_iteration: Option<usize>,
}

impl Diagnosis {
    /// Drops the statistics of the map; the reading still mentions them.
    pub(super) fn forget_map(&mut self) {
        self.silhouette.map = None;
        self.neighborhood_hit.map = None;
        self.map_silhouette_references = None;
        self.sample_silhouettes.map = None;
        self.neighbor_labels[1] = None;
        for class in &mut self.classes {
            class.silhouette.map = None;
            class.neighborhood_hit.map = None;
        }
        self.confusion.map = None;
        self.confusion.map_standard_error = None;
        self.confusion.map_above_chance = None;
        self.fidelity = None;
        self.stability = None;
        if let Some(pairs) = &mut self.pairs {
            pairs.forget_map();
        }
        self.map_generation = None;
        self.map_iteration = None;
    }
}
