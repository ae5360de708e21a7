//! What to read besides the features, and how: the options that the command line, a study file and
//! the library share.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Metric;

/// Which files to read beside the features, and how. Paths may name a member of an archive
/// (`file.npz:member`) or a column of a table (`file.csv:column`).
///
/// A [study file](crate::study::StudyOptions) holds these options under the same names.
///
/// ```
/// use disentangle::dataset::ReadOptions;
/// let options = ReadOptions {
///     labels: Some("labels.npy".into()),
///     ..ReadOptions::default()
/// };
/// assert!(!options.drop_invalid);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// The labels; by default those in the features file.
    pub labels: Option<PathBuf>,
    /// The label column of a table, the array of labels in an archive, or the column of an array of features
    /// that holds the labels, by its number from 1.
    pub label_column: Option<String>,
    /// The columns of a table that are features, if not all columns of numbers are: names, or
    /// patterns with `*`.
    pub feature_columns: Vec<String>,
    /// Columns of a table that are not features: names, or patterns with `*`.
    pub not_features: Vec<String>,
    /// The column of a table that holds the ids.
    pub ids_column: Option<String>,
    /// Whether the first line of the table of features names its columns; by default the values
    /// decide.
    pub header: Option<bool>,
    /// Whether rows are features and columns are samples.
    pub transpose: bool,
    /// The class of each column of the probabilities, if that is not the order of the classes.
    pub probability_classes: Vec<String>,
    /// Class names, one per line or an array of text.
    pub class_names: Option<PathBuf>,
    /// Sample ids, one per line or an array of text or numbers, in the order of the samples.
    pub ids: Option<PathBuf>,
    /// The classifier's predictions. In a study of several models, each
    /// [`ModelSource`](crate::study::ModelSource) has its own.
    pub predictions: Option<PathBuf>,
    /// The classifier's probabilities (n × classes), as for the predictions.
    pub probabilities: Option<PathBuf>,
    /// The metric of the feature space.
    pub metric: Metric,
    /// Drop samples with NaN or infinite features instead of refusing the file.
    pub drop_invalid: bool,
}

impl ReadOptions {
    /// The files that they name.
    #[cfg(feature = "tui")]
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let files = [
            &self.labels,
            &self.class_names,
            &self.ids,
            &self.predictions,
            &self.probabilities,
        ];
        files.into_iter().flatten()
    }

    /// The same options with relative paths taken from a folder.
    pub(crate) fn in_folder(self, folder: &Path) -> Self {
        let place = |path: Option<PathBuf>| path.map(|path| folder.join(path));
        Self {
            labels: place(self.labels),
            class_names: place(self.class_names),
            ids: place(self.ids),
            predictions: place(self.predictions),
            probabilities: place(self.probabilities),
            ..self
        }
    }
}
