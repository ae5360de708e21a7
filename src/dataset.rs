//! The samples: their features, and what is known about each of them.
//!
//! In: arrays, or files through [`read`]. Out: a [`Dataset`] whose invariants were checked once:
//! every value is finite, every aligned array has as many rows as the features, every label
//! names a class. All later stages rely on that and check nothing again.
//!
//! A file is read in stages, each of which knows only those before it: `raw` (bytes), `formats`
//! (columns), `roles` (which column is what), `parts` (values), `classes`, `assemble`. `read.rs` and
//! `inspect.rs` run them.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result, printable};

mod alike;
mod assemble;
mod bounded;
mod classes;
mod column;
mod column_role;
mod compression;
mod condition;
mod content;
mod correspondence;
mod determined;
mod digest;
mod duplicates;
mod formats;
mod inspect;
mod labels;
mod matched;
mod measured;
mod metadata;
mod metric;
mod missing;
mod options;
mod parts;
mod positions;
mod raw;
mod read;
mod roles;
mod transposed;
mod unusual;
mod validity;

pub(crate) use assemble::KeptRows;
pub use column_role::{ColumnRole, ColumnUse};
pub(crate) use digest::{digest_of, hex};
pub(crate) use formats::{MOST_HEADER, npz_array};
pub use inspect::{Inspection, inspect};
pub use labels::{Labels, UNLABELED};
pub use metadata::Metadata;
pub use metric::Metric;
pub(crate) use missing::unreadable;
pub use options::ReadOptions;
#[cfg(feature = "tui")]
pub(crate) use positions::read_map;
pub use positions::read_positions;
#[cfg(feature = "tui")]
pub(crate) use raw::keep_streams;
pub(crate) use raw::without_member;
#[cfg(feature = "tui")]
pub(crate) use read::glance;
pub(crate) use read::{feature_sets, is_table_or_names_classes, read_rows};
pub use read::{read, read_bytes};
#[cfg(feature = "tui")]
pub(crate) use roles::{Glance, Role};

/// A file that part of the dataset came from, for provenance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InputFile {
    /// What it held: "features", "labels", …
    pub role: String,
    /// The file as the user named it.
    pub path: String,
    /// Member or column within the file, if it has several.
    pub member: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// Values that one thread looks at at a time.
const BLOCK: usize = 1 << 14;

/// Features of n samples and what is known about each of them.
#[derive(Clone)]
pub struct Dataset {
    name: String,
    /// Shared, so that a clone is cheap.
    features: Arc<Array2<f32>>,
    metric: Metric,
    labels: Option<Labels>,
    predictions: Option<Vec<u16>>,
    probabilities: Option<Array2<f32>>,
    /// Probabilities of all models of the study, by name.
    models: Vec<(String, Arc<Array2<f32>>)>,
    ids: Option<Vec<String>>,
    metadata: Vec<Metadata>,
    columns: Vec<ColumnRole>,
    possible_labels: Vec<String>,
    is_shifted: bool,
    notes: Vec<String>,
    sources: Vec<InputFile>,
}

impl Dataset {
    /// A dataset of features alone (n samples × d features).
    ///
    /// # Errors
    /// [`Error::Input`] if there are no rows or columns, or a value is NaN or infinite.
    ///
    /// ```
    /// use disentangle::{ndarray::array, prelude::*};
    /// let data = Dataset::new(array![[0.0, 1.0], [2.0, 3.0]])?
    ///     .with_labels(Labels::from_integers(&[7, -2])?)?;
    /// assert_eq!(data.labels().unwrap().names(), ["-2", "7"]);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn new(features: Array2<f32>) -> Result<Self> {
        if features.nrows() == 0 || features.ncols() == 0 {
            return Err(Error::input(
                "features",
                format!(
                    "the array is empty ({} × {})",
                    features.nrows(),
                    features.ncols()
                ),
                "pass one row per sample and one column per feature",
            ));
        }
        let features = if features.is_standard_layout() {
            features
        } else {
            features.as_standard_layout().into_owned()
        };
        let d = features.ncols();
        let are_finite = |block: &[f32]| block.iter().fold(true, |all, v| all & v.is_finite());
        let values = features.as_slice().unwrap_or_default();
        if !values.par_chunks(BLOCK).all(are_finite)
            && let Some(at) = features.iter().position(|v| !v.is_finite())
        {
            return Err(Error::input(
                "features",
                format!("row {}, column {} is NaN or infinite", at / d, at % d),
                "remove or repair these rows first",
            ));
        }
        Ok(Self {
            name: "features".into(),
            features: Arc::new(features),
            metric: Metric::Euclidean,
            labels: None,
            predictions: None,
            probabilities: None,
            models: Vec::new(),
            ids: None,
            metadata: Vec::new(),
            columns: Vec::new(),
            possible_labels: Vec::new(),
            is_shifted: false,
            notes: Vec::new(),
            sources: Vec::new(),
        })
    }

    /// Reads a file of any supported format (docs/formats.md), with labels if the file holds them.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Input`], as [`read`].
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self> {
        read(path, &ReadOptions::default())
    }

    /// Adds labels.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if their number differs from the number of samples.
    pub fn with_labels(mut self, labels: Labels) -> Result<Self> {
        self.check_rows("labels", labels.indices().len())?;
        self.labels = Some(labels);
        Ok(self)
    }

    /// The same samples without labels.
    #[cfg(feature = "tui")]
    pub(crate) fn without_labels(mut self) -> Self {
        self.labels = None;
        self
    }

    /// Adds the classifier's predictions as indices of the labels' classes ([`UNLABELED`] for any
    /// other class).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if their number differs from the number of samples.
    pub fn with_predictions(mut self, predictions: Vec<u16>) -> Result<Self> {
        self.check_rows("predictions", predictions.len())?;
        self.predictions = Some(predictions);
        Ok(self)
    }

    /// Adds the classifier's probabilities (n × classes).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the number of rows differs from the number of samples.
    pub fn with_probabilities(mut self, probabilities: Array2<f32>) -> Result<Self> {
        self.check_rows("probabilities", probabilities.nrows())?;
        self.probabilities = Some(probabilities);
        Ok(self)
    }

    /// Adds the probabilities (n × classes) of all models of the study.
    pub(crate) fn with_models(mut self, models: Vec<(String, Arc<Array2<f32>>)>) -> Result<Self> {
        for (name, probabilities) in &models {
            self.check_rows(&format!("probabilities of {name}"), probabilities.nrows())?;
        }
        self.models = models;
        Ok(self)
    }

    /// Probabilities of all models of the study, by name.
    pub(crate) fn models(&self) -> &[(String, Arc<Array2<f32>>)] {
        &self.models
    }

    /// Adds the samples' ids, for example file names.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if their number differs from the number of samples.
    pub fn with_ids(mut self, ids: Vec<String>) -> Result<Self> {
        self.check_rows("ids", ids.len())?;
        self.ids = Some(ids);
        Ok(self)
    }

    /// Adds what is known about the samples beside labels and ids.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if a column does not have one value for each sample.
    pub fn with_metadata(mut self, metadata: Vec<Metadata>) -> Result<Self> {
        for column in &metadata {
            self.check_rows(&printable(&column.name), column.values.len())?;
        }
        self.metadata = metadata;
        Ok(self)
    }

    /// Changes the metric. For the cosine, the rows are scaled to unit length, and everything that
    /// follows works on the scaled rows. Rows of zeros have no direction and stay as they are; a
    /// note gives their number. The lengths are lost, so this cannot be undone. The reader may have
    /// shifted columns of 64-bit numbers, which changes angles: for files, set
    /// [`ReadOptions::metric`] instead.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        if metric == Metric::Cosine && self.metric != metric {
            let zero = metric::normalize(Arc::make_mut(&mut self.features));
            self.notes.extend(metric::note(zero, self.samples()));
            self.metric = metric;
        }
        self
    }

    /// Gives the dataset a name for display.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The samples of these rows, in this order, with everything known about them.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let labels = self.labels.as_ref().map(|labels| labels.select(rows));
        let (predictions, ids) = (self.predictions.as_ref(), self.ids.as_ref());
        let probabilities = self.probabilities.as_ref();
        Self {
            name: self.name.clone(),
            features: Arc::new(self.features.select(Axis(0), rows)),
            metric: self.metric,
            labels,
            predictions: predictions.map(|p| rows.iter().map(|&r| p[r]).collect()),
            probabilities: probabilities.map(|p| p.select(Axis(0), rows)),
            models: (self.models.iter())
                .map(|(name, p)| (name.clone(), Arc::new(p.select(Axis(0), rows))))
                .collect(),
            ids: ids.map(|ids| rows.iter().map(|&r| ids[r].clone()).collect()),
            metadata: self.metadata.iter().map(|m| m.select(rows)).collect(),
            columns: self.columns.clone(),
            possible_labels: self.possible_labels.clone(),
            is_shifted: self.is_shifted,
            notes: self.notes.clone(),
            sources: self.sources.clone(),
        }
    }

    /// Frees the memory of the features, for sets that will be read again.
    pub(crate) fn forget_features(&mut self) {
        self.features = Arc::new(Array2::zeros((self.samples(), 0)));
    }

    /// Adds a note about how the data was read, shown to the user.
    pub fn add_note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn check_rows(&self, what: &str, found: usize) -> Result<()> {
        if found == self.samples() {
            Ok(())
        } else {
            Err(Error::Mismatch {
                what: what.into(),
                expected: self.samples(),
                found,
            })
        }
    }

    /// Name for display. It comes from a file name: print it through [`printable`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of samples n.
    pub fn samples(&self) -> usize {
        self.features.nrows()
    }

    /// Number of features d.
    pub fn dimensions(&self) -> usize {
        self.features.ncols()
    }

    /// The features (n × d, row-major).
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.features.view()
    }

    /// The metric of the feature space.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The labels, if any.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// The classifier's predictions as indices of the labels' classes, if any.
    pub fn predictions(&self) -> Option<&[u16]> {
        self.predictions.as_deref()
    }

    /// The classifier's probabilities (n × classes), if any.
    pub fn probabilities(&self) -> Option<ArrayView2<'_, f32>> {
        self.probabilities.as_ref().map(|p| p.view())
    }

    /// The samples' ids, if any. They come from files: print them through [`printable`].
    pub fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// What is known about the samples beside labels and ids, column by column.
    pub fn metadata(&self) -> &[Metadata] {
        &self.metadata
    }

    /// What each column of the table is used for, if the features come from a table.
    pub fn columns(&self) -> &[ColumnRole] {
        &self.columns
    }

    /// The columns of a table that could be the label, where none was taken.
    #[cfg(feature = "tui")]
    pub(crate) fn possible_labels(&self) -> &[String] {
        &self.possible_labels
    }

    /// Whether the reader shifted or scaled the features, so that they cannot be compared with
    /// those of another file.
    #[cfg(feature = "tui")]
    pub(crate) fn is_shifted(&self) -> bool {
        self.is_shifted
    }

    /// Notes about how the data was read, for example that images were flattened.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The files that the data came from.
    pub fn sources(&self) -> &[InputFile] {
        &self.sources
    }
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Dataset {{ name: {}, samples: {}, dimensions: {}, classes: {} }}",
            printable(&self.name),
            self.samples(),
            self.dimensions(),
            self.labels.as_ref().map_or(0, Labels::classes)
        )
    }
}
