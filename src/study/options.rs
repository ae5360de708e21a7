//! What a study is made of, before anything is read: models, their layers, and files.
//!
//! In: arguments such as `A/conv1=a1.npy`, a study file, or values set in code. Out:
//! [`StudyOptions`] whose names were checked: none empty, none twice.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::manifest;
use crate::dataset::Metric;
use crate::error::{Error, Result, printable};

/// Which files to read as a study, and how.
///
/// ```
/// use disentangle::StudyOptions;
/// let arguments = ["A/conv1=a1.npy", "A/penultimate=a2.npy", "B=b.npy"];
/// let study = StudyOptions::from_arguments(&arguments)?;
/// assert_eq!(study.models[0].layers[1].name, "penultimate");
/// assert_eq!(study.models[1].layers.len(), 1);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyOptions {
    /// Name for display.
    pub name: String,
    /// The labels; by default those in the first features file that holds some.
    pub labels: Option<PathBuf>,
    /// The label column of tables.
    pub label_column: Option<String>,
    /// Class names, one a line or an array of text.
    pub class_names: Option<PathBuf>,
    /// Ids of the samples, in the order of the rows of every file.
    pub ids: Option<PathBuf>,
    /// The metric of all feature spaces.
    pub metric: Metric,
    /// Leave out samples that have NaN or infinite features in any of the sets.
    pub drop_invalid: bool,
    /// The feature set to begin with, as `model/layer` or `model`.
    pub first: Option<String>,
    /// The models, in display order.
    pub models: Vec<ModelSource>,
}

/// A model's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelSource {
    /// Its name.
    pub name: String,
    /// Its predictions for the samples.
    pub predictions: Option<PathBuf>,
    /// Its probabilities (n × classes) for the samples, which it was not trained on.
    pub probabilities: Option<PathBuf>,
    /// Its feature sets, from the input to the output.
    pub layers: Vec<LayerSource>,
}

/// One feature set's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerSource {
    /// The layer's name; empty for an archive whose arrays are layers, each by its own name.
    pub name: String,
    /// The file, with `:member` for one array of an archive.
    pub features: PathBuf,
}

/// `name=path` in two, unless a file of that whole name exists.
fn named(argument: &str) -> Option<(&str, &str)> {
    let (name, path) = argument.split_once('=')?;
    (!Path::new(argument).exists()).then_some((name, path))
}

impl StudyOptions {
    /// Whether arguments name feature sets (`A=a.npy`) or a study file, and not one plain file
    /// of features.
    ///
    /// ```
    /// use disentangle::StudyOptions;
    /// assert!(StudyOptions::is_study(&["A=a.npy"]));
    /// assert!(StudyOptions::is_study(&["study.toml"]));
    /// assert!(!StudyOptions::is_study(&["features.npy"]));
    /// ```
    pub fn is_study<S: AsRef<str>>(arguments: &[S]) -> bool {
        arguments.len() > 1
            || arguments
                .iter()
                .any(|a| named(a.as_ref()).is_some() || is_manifest(a.as_ref()))
    }

    /// A study from arguments: one study file (`study.toml`), or feature sets as
    /// `model=path` and, for several layers of a model, `model/layer=path` in the order of the
    /// layers. A path without a name is a model named by its file.
    ///
    /// # Errors
    /// [`Error::Option`] for an argument without a name or path, and for names that occur twice;
    /// [`Error::Io`] and [`Error::Input`] for a study file that cannot be used.
    pub fn from_arguments<S: AsRef<str>>(arguments: &[S]) -> Result<Self> {
        if let [only] = arguments
            && is_manifest(only.as_ref())
        {
            return manifest::read(Path::new(only.as_ref()));
        }
        let mut options = Self {
            name: "study".into(),
            ..Self::default()
        };
        for argument in arguments {
            options.add(argument.as_ref())?;
        }
        options.check("FEATURES")?;
        Ok(options)
    }

    fn add(&mut self, argument: &str) -> Result<()> {
        let wrong = |problem: &str| Err(Error::option("FEATURES", argument, problem));
        if is_manifest(argument) {
            return wrong("a study file stands alone, without other feature sets");
        }
        let (name, path) = match named(argument) {
            Some(pair) => pair,
            None => (stem(argument), argument),
        };
        if path.is_empty() {
            return wrong("no file stands after the name; write name=file");
        }
        let (model, layer) = match (named(argument), name.split_once('/')) {
            (Some(_), Some((model, layer))) => (model, layer),
            _ => (name, ""),
        };
        if model.is_empty() || name.ends_with('/') {
            return wrong("a name is missing; write model=file or model/layer=file");
        }
        let source = LayerSource {
            name: layer.into(),
            features: path.into(),
        };
        match self.models.iter_mut().find(|m| m.name == model) {
            Some(known) if !layer.is_empty() => known.layers.push(source),
            Some(_) => {
                return wrong(
                    "this model is named twice; write model/layer=file for several layers",
                );
            }
            None => self.models.push(ModelSource {
                name: model.into(),
                layers: vec![source],
                ..ModelSource::default()
            }),
        }
        Ok(())
    }

    /// Predictions or probabilities as `model=path`, for models that are named.
    ///
    /// # Errors
    /// [`Error::Option`] if there is no such model, or the text is not of that form.
    pub fn add_outputs<S: AsRef<str>>(&mut self, option: &'static str, values: &[S]) -> Result<()> {
        for value in values {
            let value = value.as_ref();
            let single = self.models.len() == 1;
            let (name, path) = match named(value) {
                Some((name, path)) => (Some(name), path),
                None => (None, value),
            };
            let known = self.names();
            let model = match name {
                Some(name) => self.models.iter_mut().find(|m| m.name == name),
                None if single => self.models.first_mut(),
                None => None,
            };
            let Some(model) = model else {
                let problem = format!("write model=file with one of the models {known}");
                return Err(Error::option(option, value, problem));
            };
            let slot = if option == "--predictions" {
                &mut model.predictions
            } else {
                &mut model.probabilities
            };
            *slot = Some(path.into());
        }
        Ok(())
    }

    /// The models' names, for people.
    fn names(&self) -> String {
        let names: Vec<String> = self.models.iter().map(|m| printable(&m.name)).collect();
        names.join(", ")
    }

    /// Refuses empty names, and names that occur twice.
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
                    let name = format!("{}/{}", model.name, layer.name);
                    let problem = "two layers have this name; give every layer a name of its own";
                    return Err(Error::option(place, name, problem));
                }
            }
        }
        Ok(())
    }
}

/// Whether a path names a study file.
fn is_manifest(path: &str) -> bool {
    named(path).is_none()
        && Path::new(path)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
}

/// A file's name without folder and extension.
fn stem(path: &str) -> &str {
    let name = Path::new(path)
        .file_stem()
        .and_then(std::ffi::OsStr::to_str);
    name.filter(|n| !n.is_empty()).unwrap_or(path)
}
