//! What is to be read, and what was read before it is put together.

use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::labels::Column;
use super::{Metric, Source};

/// Names that labels go by.
pub(super) const LABEL_NAMES: &[&str] = &["labels", "y", "Y", "label", "targets", "target"];
pub(super) const CLASS_NAMES: &[&str] = &["class_names", "classes", "target_names"];
pub(super) const ID_NAMES: &[&str] = &["ids", "id", "names", "paths", "filenames"];
pub(super) const PREDICTION_NAMES: &[&str] = &["predictions", "y_pred", "preds"];
pub(super) const PROBABILITY_NAMES: &[&str] = &["probabilities", "probs", "y_prob"];
/// Names that a map goes by.
pub(super) const POSITION_NAMES: &[&str] = &["map", "embedding", "positions"];
/// Rows with invalid values that are named.
pub(super) const NAMED_ROWS: usize = 5;

/// Which files to read, and how. Paths may name a member of an archive: `file.npz:member`.
///
/// ```
/// use disentangle::ReadOptions;
/// let options = ReadOptions {
///     labels: Some("labels.npy".into()),
///     ..ReadOptions::new("features.npy")
/// };
/// assert!(!options.drop_invalid);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The features: `.npy`, `.npz`, CSV or TSV.
    pub features: PathBuf,
    /// The labels; by default the features file's own.
    pub labels: Option<PathBuf>,
    /// The label column of a table.
    pub label_column: Option<String>,
    /// Class names, one a line or an array of text.
    pub class_names: Option<PathBuf>,
    /// Sample ids, one a line or an array of text or numbers.
    pub ids: Option<PathBuf>,
    /// The classifier's predictions.
    pub predictions: Option<PathBuf>,
    /// The classifier's probabilities (n × classes).
    pub probabilities: Option<PathBuf>,
    /// The metric of the feature space.
    pub metric: Metric,
    /// Drop samples with NaN or infinite features instead of refusing them.
    pub drop_invalid: bool,
}

impl ReadOptions {
    /// Reads the features from `path`, and what it holds besides.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            features: path.as_ref().to_path_buf(),
            ..Self::default()
        }
    }
}

/// What was read, before it is put together.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) features: Option<Array2<f64>>,
    pub(super) single: Option<Array2<f32>>,
    pub(super) labels: Option<(Column, String)>,
    pub(super) class_names: Option<(Vec<String>, String)>,
    pub(super) ids: Option<(Vec<String>, String)>,
    pub(super) predictions: Option<(Column, String)>,
    pub(super) probabilities: Option<(Array2<f32>, String)>,
    pub(super) notes: Vec<String>,
    pub(super) sources: Vec<Source>,
    /// Whether the features are a table that has the column named for the labels.
    pub(super) named_column: bool,
}
