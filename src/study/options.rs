//! What a study consists of, before anything is read: models, their layers, and files.
//!
//! [`StudyOptions`] come from arguments (`arguments.rs`), from a study file (`manifest.rs`) or from
//! code. Names are checked here: none empty, none twice.

use std::collections::HashSet;
#[cfg(feature = "tui")]
use std::path::Path;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::dataset::ReadOptions;
use crate::error::{Error, Result, printable};

/// Which files to read as a study, and how.
///
/// ```
/// use disentangle::prelude::*;
/// let arguments = ["A/conv1=a1.npy", "A/penultimate=a2.npy", "B=b.npy"];
/// let study = StudyOptions::from_arguments(&arguments)?;
/// assert_eq!(study.models[0].layers[1].name, "penultimate");
/// assert_eq!(study.models[1].layers.len(), 1);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StudyOptions {
    /// Name for display.
    pub name: String,
    /// What to read beside the features, and how: the same for every set. Labels are by default
    /// those in the first features file that has some.
    pub read: ReadOptions,
    /// The feature set to begin with, as `model/layer` or `model`.
    pub first: Option<String>,
    /// The models, in display order.
    pub models: Vec<ModelSource>,
}

/// A model's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSource {
    /// Its name.
    pub name: String,
    /// Its predictions for the samples.
    pub predictions: Option<PathBuf>,
    /// Its probabilities (n × classes) for the samples, on which it was not trained.
    pub probabilities: Option<PathBuf>,
    /// Its feature sets, from the input to the output.
    pub layers: Vec<LayerSource>,
}

impl ModelSource {
    #[cfg(feature = "tui")]
    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let outputs = [&self.predictions, &self.probabilities];
        let layers = self.layers.iter().map(|layer| &layer.features);
        outputs.into_iter().flatten().chain(layers)
    }
}

/// One feature set's file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSource {
    /// The layer's name; empty for an archive whose arrays are layers, each by its own name.
    pub name: String,
    /// The file, with `:member` for one array of an archive.
    pub features: PathBuf,
}

/// The name of a set: `model/layer`, or the model's for an unnamed layer.
pub(crate) fn set_name(model: &str, layer: &str) -> String {
    if layer.is_empty() {
        model.to_owned()
    } else {
        format!("{model}/{layer}")
    }
}

impl StudyOptions {
    /// The files that it names.
    #[cfg(feature = "tui")]
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.read
            .files()
            .chain(self.models.iter().flat_map(ModelSource::files))
    }

    /// The same options with relative paths taken from a folder.
    #[cfg(feature = "tui")]
    pub(crate) fn in_folder(self, folder: &Path) -> Self {
        self.with_paths(|path| folder.join(path))
    }

    /// The same options with paths relative to a folder, of files that lie in it; other paths are absolute.
    #[cfg(feature = "tui")]
    pub(crate) fn seen_from(self, folder: &Path) -> Self {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // The folder of a plain file name is empty, and is the current one.
        let folder = whole(&Path::new(".").join(folder));
        self.with_paths(|path| {
            let path = whole(path);
            path.strip_prefix(&folder)
                .map_or_else(|_| path.clone(), Path::to_owned)
        })
    }

    #[cfg(feature = "tui")]
    fn with_paths(mut self, change: impl Fn(&Path) -> PathBuf) -> Self {
        let read = &mut self.read;
        let beside = [
            &mut read.labels,
            &mut read.class_names,
            &mut read.ids,
            &mut read.predictions,
            &mut read.probabilities,
        ];
        beside
            .into_iter()
            .flatten()
            .for_each(|path| *path = change(path));
        for model in &mut self.models {
            let outputs = [&mut model.predictions, &mut model.probabilities];
            outputs
                .into_iter()
                .flatten()
                .for_each(|path| *path = change(path));
            for layer in &mut model.layers {
                layer.features = change(&layer.features);
            }
        }
        self
    }

    /// Adds a layer to the model of this name, which is added if there is none; returns the
    /// model's number.
    pub(super) fn add_layer(&mut self, model: &str, layer: LayerSource) -> usize {
        let known = self.models.iter().position(|m| m.name == model);
        let number = known.unwrap_or_else(|| {
            self.models.push(ModelSource {
                name: model.into(),
                ..ModelSource::default()
            });
            self.models.len() - 1
        });
        self.models[number].layers.push(layer);
        number
    }

    /// The error of an output that belongs to none of the models, or to any of several.
    pub(super) fn whose(&self, field: &'static str, value: &str) -> Error {
        let names: Vec<String> = self.models.iter().map(|m| printable(&m.name)).collect();
        let problem = format!(
            "this names no model of the study: write MODEL=FILE, with one of these models: {}",
            names.join(", ")
        );
        Error::option(field, value, problem)
    }

    /// Refuses empty names and names that occur twice. `place` names the field in messages.
    pub(super) fn check(&self, place: &'static str) -> Result<()> {
        if self.models.is_empty() {
            return Err(Error::option(
                place,
                "(none)",
                "no model is named; write model=file, or name a study file",
            ));
        }
        let mut models = HashSet::new();
        for model in &self.models {
            if !models.insert(model.name.as_str()) {
                let problem = "two models have this name; give every model a name of its own";
                return Err(Error::option(place, &model.name, problem));
            }
            if model.name.is_empty() || model.layers.is_empty() {
                let problem = "a model needs a name and at least one feature set";
                return Err(Error::option(place, &model.name, problem));
            }
            let mut layers = HashSet::new();
            for layer in &model.layers {
                if !layers.insert(layer.name.as_str()) {
                    let name = set_name(&model.name, &layer.name);
                    let problem = "two layers have this name; give every layer a name of its own";
                    return Err(Error::option(place, name, problem));
                }
            }
        }
        Ok(())
    }
}
