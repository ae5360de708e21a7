//! A diagnosis with everything that reproduces it: settings, seed, versions, input digests.
//!
//! In: a dataset, a [`Diagnosis`] and a map's summary. Out: one serializable [`Report`], as JSON
//! (docs/json.md describes its keys) or as text for people. It has no clock in it: the same
//! inputs and settings give the same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::affinities::Weighting;
use crate::clusters::Clusters;
use crate::dataset::{ColumnRole, Dataset, InputFile, Metric};
use crate::diagnosis::{
    ClassDiagnosis, Confusion, Diagnosis, Fidelity, Figure, Pairs, Reading, Separation, Suspects,
};
use crate::encode::json;
use crate::error::Result;

pub(crate) mod comparison;
mod condensed;
mod stability;
mod suspects;
mod text;

pub use condensed::{ConfusionCell, WHOLE_TABLES};
pub use stability::{STABILITY_SCHEMA, StabilityMap, StabilityReport};
#[cfg(feature = "parquet")]
pub use suspects::suspects_to_parquet;
pub use suspects::{SuspectsReport, suspects_to_csv, suspects_to_text};
#[cfg(feature = "tui")]
pub(crate) use text::head_words;
#[cfg(feature = "tui")]
pub(crate) use text::misleading_shares;

/// Version of the JSON's layout. New keys may appear without a new version number; a change of meaning or a
/// removal raises it.
pub const SCHEMA: &str = "disentangle.report/2";
/// Suspects in a report.
const SUSPECTS: usize = 50;

/// How a map was made, and how well it fits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TsneSummary {
    /// Perplexity in effect.
    pub perplexity: Option<f64>,
    /// Iterations done.
    pub iterations: Option<usize>,
    /// Kullback-Leibler divergence in nats.
    pub kl_divergence: Option<f64>,
    /// Seed.
    pub seed: Option<u64>,
    /// "pca", "random", "spectral", "given", or "continued" (from the map of another perplexity).
    pub initialization: Option<String>,
    /// Principal components that neighbors were found in; `None` for the features themselves.
    pub pca_components: Option<usize>,
    /// Measured recall of the map's neighbor graph; `None` if that was exact.
    pub neighbor_recall: Option<f64>,
    /// How neighbors are weighted.
    pub affinities: Option<Weighting>,
    /// The higher perplexity that the map began at; `None` without annealing.
    pub annealing: Option<f64>,
    /// Early exaggeration.
    pub early_exaggeration: Option<f64>,
    /// Iterations of early exaggeration.
    pub early_iterations: Option<usize>,
    /// Momentum during them.
    pub early_momentum: Option<f64>,
    /// Momentum after them.
    pub momentum: Option<f64>,
    /// Exaggeration after them; 1 is standard t-SNE.
    pub exaggeration: Option<f64>,
    /// The learning rate that was given; `None` for the automatic one, n / exaggeration in each phase.
    pub learning_rate: Option<f64>,
    /// Degrees of freedom of the map's kernel; 1 is standard t-SNE.
    pub degrees_of_freedom: Option<f64>,
}

/// Statistics with their provenance.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub crate_version: String,
    /// Name of the dataset.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Number of features.
    pub dimensions: usize,
    /// Metric of the feature space, for neighbors and all statistics of the features.
    pub metric: Metric,
    /// Samples with a label.
    pub labeled: usize,
    /// Samples without one.
    pub unlabeled: usize,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// What each column of the table of features is used for; empty if the features are not a table.
    #[serde(default)]
    pub columns: Vec<ColumnRole>,
    /// Notes from reading and running.
    pub notes: Vec<String>,
    /// The results in sentences; null if there is nothing to describe.
    #[serde(default)]
    pub reading: Option<Reading>,
    /// Mean silhouette over all labeled samples.
    pub silhouette: Figure,
    /// Mean neighborhood hit over the classes.
    pub neighborhood_hit: Figure,
    /// The labeled samples (all samples without labels), with identical ones counted once; null if neighbors
    /// were not searched.
    #[serde(default)]
    pub distinct_samples: Option<usize>,
    /// Share of the true neighbors that the statistics of the features use; null if all.
    #[serde(default)]
    pub neighbor_recall: Option<f64>,
    /// References per class of the silhouettes, where they are estimates.
    pub silhouette_references: References,
    /// By class.
    pub classes: Vec<ClassDiagnosis>,
    /// Which labels the neighbors of each class have.
    pub confusion: Confusion,
    /// With more than [`WHOLE_TABLES`] classes, the cells that matter, instead of the tables: the
    /// diagonal, those above chance, the five largest others of each row.
    #[serde(default)]
    pub confusion_cells: Option<Vec<ConfusionCell>>,
    /// How far the map can be trusted; null without a map.
    #[serde(default)]
    pub fidelity: Option<Fidelity>,
    /// The clusters that were found in the features and stand in for the classes; null with labels.
    #[serde(default)]
    pub clusters: Option<Arc<Clusters>>,
    /// The samples whose labels are most suspicious, the first 50; null without labels.
    pub suspects: Option<Suspects>,
    /// How well the classes are separated in the features; null without labels.
    #[serde(default)]
    pub separation: Option<Separation>,
    /// Which pairs of classes mix; null without labels or with fewer than two classes of two.
    #[serde(default)]
    pub pairs: Option<Pairs>,
    /// How the map was made.
    pub tsne: TsneSummary,
    /// Selections that were given names on the screen: the rows of their samples.
    #[serde(default)]
    pub selections: BTreeMap<String, Vec<usize>>,
}

/// References per class of sampled silhouettes; null where silhouettes are exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct References {
    /// In the feature space.
    pub features: Option<usize>,
    /// In the map.
    pub map: Option<usize>,
}

impl Report {
    /// Puts a report together. Without a diagnosis (no labels) the statistics are empty.
    pub fn new(data: &Dataset, diagnosis: Option<&Diagnosis>, k: usize, tsne: TsneSummary) -> Self {
        let empty = Confusion {
            k,
            ..Confusion::default()
        };
        let mut confusion = diagnosis.map_or(empty, |d| d.confusion.clone());
        let confusion_cells = condensed::condense(&mut confusion);
        let mut fidelity = diagnosis.and_then(|d| d.fidelity.clone());
        let mixing = fidelity.as_mut().and_then(|f| f.mixing.as_mut());
        if let Some(mixing) = mixing.filter(|_| confusion_cells.is_some()) {
            (mixing.difference, mixing.standard_error) = (Vec::new(), Vec::new());
        }
        Self {
            schema: SCHEMA.into(),
            crate_version: env!("CARGO_PKG_VERSION").into(),
            name: data.name().into(),
            samples: data.samples(),
            dimensions: data.dimensions(),
            metric: data.metric(),
            labeled: diagnosis.map_or(0, |d| d.labeled),
            unlabeled: diagnosis.map_or_else(|| data.samples(), |d| d.unlabeled),
            inputs: data.sources().to_vec(),
            columns: data.columns().to_vec(),
            notes: data.notes().to_vec(),
            reading: diagnosis.and_then(|d| d.reading.clone()),
            silhouette: diagnosis.map_or_else(Figure::default, |d| d.silhouette),
            neighborhood_hit: diagnosis.map_or_else(Figure::default, |d| d.neighborhood_hit),
            distinct_samples: diagnosis.and_then(|d| d.distinct_samples),
            neighbor_recall: diagnosis.and_then(|d| d.neighbor_recall),
            silhouette_references: References {
                features: diagnosis.and_then(|d| d.silhouette_references),
                map: diagnosis.and_then(|d| d.map_silhouette_references),
            },
            classes: diagnosis.map_or_else(Vec::new, |d| d.classes.clone()),
            confusion,
            confusion_cells,
            fidelity,
            clusters: diagnosis.and_then(|d| d.clusters.clone()),
            suspects: diagnosis
                .and_then(|d| d.suspects.as_deref())
                .map(|s| s.top(SUSPECTS)),
            separation: diagnosis.and_then(|d| d.separation.clone()),
            pairs: diagnosis.and_then(|d| d.pairs.clone()),
            tsne,
            selections: BTreeMap::new(),
        }
    }

    /// The report as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if a value cannot be written as JSON; none is known.
    pub fn to_json(&self) -> Result<String> {
        json("report", self)
    }

    /// The report as text for people, at most `width` columns where that is possible.
    pub fn to_text(&self, width: usize) -> String {
        text::text(self, width)
    }
}
