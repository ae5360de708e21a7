//! Feature sets as arguments: `A/conv1=a1.npy`, or the name of a study file.
//!
//! In: arguments. Out: [`StudyOptions`] whose names were checked.

use std::path::{Path, PathBuf};

use super::manifest;
use super::options::{LayerSource, ModelSource, StudyOptions};
use crate::error::{Error, Result};

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
    /// use disentangle::prelude::*;
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
        options.check("features")?;
        Ok(options)
    }

    fn add(&mut self, argument: &str) -> Result<()> {
        let wrong = |problem: &str| Err(Error::option("features", argument, problem));
        if is_manifest(argument) {
            return wrong("name a study file alone, without other feature sets");
        }
        let (name, path) = match named(argument) {
            Some(pair) => pair,
            None => (stem(argument), argument),
        };
        if path.is_empty() {
            return wrong("no file is named; write name=file");
        }
        let (model, layer) = match (named(argument), name.split_once('/')) {
            (Some(_), Some((model, layer))) => (model, layer),
            _ => (name, ""),
        };
        if model.is_empty() || name.ends_with('/') {
            return wrong("a name is missing; write model=file or model/layer=file");
        }
        if layer.is_empty() && self.models.iter().any(|m| m.name == model) {
            return wrong("this model is named twice; write model/layer=file for several layers");
        }
        let source = LayerSource {
            name: layer.into(),
            features: path.into(),
        };
        self.add_layer(model, source);
        Ok(())
    }

    /// Predictions of models as `model=path`; a study of one model also takes the path alone.
    ///
    /// # Errors
    /// [`Error::Option`] if there is no such model.
    pub fn add_predictions<S: AsRef<str>>(&mut self, values: &[S]) -> Result<()> {
        self.add_outputs("predictions", values, |model| &mut model.predictions)
    }

    /// Probabilities of models, given as [predictions](Self::add_predictions) are.
    ///
    /// # Errors
    /// [`Error::Option`] if there is no such model.
    pub fn add_probabilities<S: AsRef<str>>(&mut self, values: &[S]) -> Result<()> {
        self.add_outputs("probabilities", values, |model| &mut model.probabilities)
    }

    fn add_outputs<S: AsRef<str>>(
        &mut self,
        field: &'static str,
        values: &[S],
        output: fn(&mut ModelSource) -> &mut Option<PathBuf>,
    ) -> Result<()> {
        for value in values {
            let value = value.as_ref();
            let (model, path) = match named(value) {
                Some((name, path)) => (self.models.iter_mut().find(|m| m.name == name), path),
                None if self.models.len() == 1 => (self.models.first_mut(), value),
                None => (None, value),
            };
            let Some(model) = model else {
                return Err(self.whose(field, value));
            };
            *output(model) = Some(path.into());
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
