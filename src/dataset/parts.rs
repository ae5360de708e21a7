//! What is to be read, and what was read before it is put together.

use ndarray::Array2;

use super::Source;
use super::labels::Column;

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
