//! Several feature sets of the same samples: layers of one model, or several models.
//!
//! In: [`StudyOptions`] (from arguments or a study file) or datasets. Out: a [`Study`] in which row
//! i of every set is sample i, with one list of labels and ids. Everything is read and checked
//! once at the start. Sets stay in memory up to a limit in total; those beyond it are read again
//! when needed and freed when no longer used.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ndarray::Array2;

use crate::dataset::{Dataset, InputFile, Labels, ReadOptions, read_rows};
use crate::error::{Error, Result};

mod align;
mod arguments;
#[cfg(feature = "tui")]
mod found;
#[cfg(feature = "tui")]
mod layers;
mod load;
mod manifest;
mod options;
#[cfg(feature = "tui")]
mod written;

#[cfg(feature = "tui")]
pub(crate) use found::find;
pub(crate) use options::set_name;
pub use options::{LayerSource, ModelSource, StudyOptions};
#[cfg(feature = "tui")]
pub(crate) use written::study_file;

/// The number of a model, and of one of its layers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId {
    /// Index into [`Study::models`].
    pub model: usize,
    /// Index into [`Model::layers`].
    pub layer: usize,
}

/// Feature sets of the same samples.
///
/// ```
/// use disentangle::{ndarray::array, study::SetId, prelude::*};
/// let labels = Labels::from_integers(&[0, 0, 1])?;
/// let first = Dataset::new(array![[0.0], [0.1], [0.2]])?.with_labels(labels)?;
/// let second = Dataset::new(array![[0.0, 1.0], [0.1, 1.0], [7.0, 2.0]])?;
/// let study = Study::new(
///     "two layers",
///     vec![
///         ("A".into(), "conv1".into(), first),
///         ("A".into(), "conv2".into(), second),
///     ],
/// )?;
/// let ids: Vec<SetId> = study.sets().collect();
/// assert_eq!(study.set_name(ids[1]), "A/conv2");
/// assert_eq!(study.dataset(ids[1])?.labels().unwrap().counts(), [2, 1]);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub struct Study {
    name: String,
    samples: usize,
    labels: Option<Labels>,
    ids: Option<Vec<String>>,
    models: Vec<Model>,
    first: SetId,
    notes: Vec<String>,
    sources: Vec<InputFile>,
}

/// A model: its layers, and its output for the samples.
pub struct Model {
    name: String,
    layers: Vec<Layer>,
    predictions: Option<Vec<u16>>,
    probabilities: Option<Arc<Array2<f32>>>,
}

/// One feature set of a model.
#[derive(Debug)]
pub struct Layer {
    name: String,
    dimensions: usize,
    /// The whole set, while it may stay in memory.
    kept: Option<Arc<Dataset>>,
    /// How to read it again.
    origin: Option<Origin>,
    /// The set that was read again, while it is in use.
    recent: Mutex<Weak<Dataset>>,
}

/// Where a set came from, and its rows in the order of the samples.
#[derive(Debug, Clone)]
struct Origin {
    features: PathBuf,
    options: ReadOptions,
    rows: Option<Vec<usize>>,
}

impl Layer {
    /// Its name, from a file; empty if the model has a single unnamed set. Print it
    /// through [`printable`](crate::printable).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of features d.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }
}

impl Model {
    /// Its name, from a file or argument: print it through [`printable`](crate::printable).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its layers, from the input to the output.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Its predictions as indices of the study's classes, if given;
    /// [`UNLABELED`](crate::dataset::UNLABELED) where it predicts none of them.
    pub fn predictions(&self) -> Option<&[u16]> {
        self.predictions.as_deref()
    }

    /// Its probabilities (n × classes), if given.
    pub fn probabilities(&self) -> Option<ndarray::ArrayView2<'_, f32>> {
        self.probabilities.as_ref().map(|p| p.view())
    }
}

impl Study {
    /// A study of datasets in memory: model, layer and features of each, layers of a model in
    /// order. Labels, ids, predictions and probabilities are taken from the first set of the
    /// study or model that has them; where every set has ids, rows are matched by them.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for sets with different numbers of samples, [`Error::Input`] for
    /// different labels or ids, [`Error::Option`] for names that are empty or occur twice.
    pub fn new(name: impl Into<String>, sets: Vec<(String, String, Dataset)>) -> Result<Self> {
        load::from_datasets(name.into(), sets)
    }

    /// Reads a study from files. Every set is read once, to be checked.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Input`], [`Error::Mismatch`] and [`Error::Option`], as
    /// [`read`](crate::dataset::read) and [`new`](Self::new); the message names the set.
    pub fn read(options: &StudyOptions) -> Result<Self> {
        load::from_files(options)
    }

    /// Name for display; print it through [`printable`](crate::printable).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of samples n.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The labels that all sets share, if any.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// The ids that all sets share, if any; print them through [`printable`](crate::printable).
    pub fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// The models in order.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// All feature sets: the layers of the first model, then those of the next.
    pub fn sets(&self) -> impl Iterator<Item = SetId> + '_ {
        self.models
            .iter()
            .enumerate()
            .flat_map(|(model, m)| (0..m.layers.len()).map(move |layer| SetId { model, layer }))
    }

    /// Whether there is more than one feature set.
    pub fn has_several(&self) -> bool {
        self.sets().nth(1).is_some()
    }

    /// The set to show first: the one named in the options, or else the first model's last layer
    /// with more features than classes (usually the layer before the logits).
    pub fn first(&self) -> SetId {
        self.first
    }

    /// `model/layer`, or the model's name for an unnamed layer. Empty for a set that does not
    /// exist.
    pub fn set_name(&self, id: SetId) -> String {
        match self.layer(id) {
            Some((model, layer)) => set_name(&model.name, &layer.name),
            None => String::new(),
        }
    }

    /// The set with this [name](Self::set_name), or the main layer of the model with this name.
    pub fn find(&self, name: &str) -> Option<SetId> {
        self.sets()
            .find(|&id| self.set_name(id) == name)
            .or_else(|| {
                let model = self.models.iter().position(|m| m.name == name)?;
                let layer = self.last_features(model);
                Some(SetId { model, layer })
            })
    }

    /// The layer that represents a model: the last one with more features than there are classes,
    /// or else the last.
    pub fn last_features(&self, model: usize) -> usize {
        let classes = self.labels.as_ref().map_or(0, Labels::classes);
        let Some(model) = self.models.get(model) else {
            return 0;
        };
        let wide = model.layers.iter().rposition(|l| l.dimensions > classes);
        wide.unwrap_or(model.layers.len() - 1)
    }

    /// Notes about how the study was read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The files that the study came from.
    pub fn sources(&self) -> &[InputFile] {
        &self.sources
    }

    fn layer(&self, id: SetId) -> Option<(&Model, &Layer)> {
        let model = self.models.get(id.model)?;
        Some((model, model.layers.get(id.layer)?))
    }

    /// A feature set with the study's labels and ids and its model's predictions and
    /// probabilities. It is read from its file if it is not in memory.
    ///
    /// # Errors
    /// As [`read`](crate::dataset::read) if the file can no longer be read or has changed;
    /// [`Error::Option`] for a set that does not exist.
    pub fn dataset(&self, id: SetId) -> Result<Arc<Dataset>> {
        let Some((_, layer)) = self.layer(id) else {
            let number = format!("{}/{}", id.model, id.layer);
            return Err(Error::option(
                "set",
                number,
                "this feature set does not exist",
            ));
        };
        if let Some(kept) = &layer.kept {
            return Ok(Arc::clone(kept));
        }
        let mut recent = layer.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = recent.upgrade() {
            return Ok(held);
        }
        let Some(origin) = &layer.origin else {
            let name = self.set_name(id);
            return Err(Error::option("set", name, "its features are not in memory"));
        };
        let (data, _) = read_rows(&origin.features, &origin.options)?;
        let data = match &origin.rows {
            Some(rows) if rows.iter().all(|&r| r < data.samples()) => data.select(rows),
            _ => data,
        };
        let data = Arc::new(self.dressed(data, id)?);
        *recent = Arc::downgrade(&data);
        Ok(data)
    }

    /// Features with what is known about the samples.
    fn dressed(&self, data: Dataset, id: SetId) -> Result<Dataset> {
        let mut data = data.with_name(self.set_name(id));
        if let Some(labels) = &self.labels {
            data = data.with_labels(labels.clone())?;
        }
        if let Some(ids) = &self.ids {
            data = data.with_ids(ids.clone())?;
        }
        let model = &self.models[id.model];
        if let Some(predictions) = &model.predictions {
            data = data.with_predictions(predictions.clone())?;
        }
        if let Some(probabilities) = &model.probabilities {
            data = data.with_probabilities(probabilities.as_ref().clone())?;
        }
        let models = self.models.iter();
        let given =
            models.filter_map(|m| Some((m.name.clone(), Arc::clone(m.probabilities.as_ref()?))));
        data = data.with_models(given.collect())?;
        // The file may have changed, and nothing above checks features without labels or ids.
        if data.samples() != self.samples {
            return Err(Error::Mismatch {
                what: self.set_name(id),
                expected: self.samples,
                found: data.samples(),
            });
        }
        Ok(data)
    }
}
