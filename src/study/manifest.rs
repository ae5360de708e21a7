//! The study file: names models, their layers in order and what is known about the samples.
//!
//! In: a TOML file (docs/formats.md describes its keys). Out: [`StudyOptions`], with paths taken
//! relative to the file's folder. An unknown key is refused, so that a slip of the pen is not
//! overlooked.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::options::{LayerSource, ModelSource, StudyOptions};
use crate::dataset::Metric;
use crate::error::{Error, Result, printable};

/// Larger files are no study files.
const LARGEST: u64 = 16 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: Option<String>,
    labels: Option<PathBuf>,
    label_column: Option<String>,
    class_names: Option<PathBuf>,
    ids: Option<PathBuf>,
    #[serde(default)]
    metric: Metric,
    #[serde(default)]
    drop_invalid: bool,
    first: Option<String>,
    models: Vec<ManifestModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestModel {
    name: String,
    features: Option<PathBuf>,
    #[serde(default)]
    layers: Vec<ManifestLayer>,
    predictions: Option<PathBuf>,
    probabilities: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestLayer {
    name: String,
    features: PathBuf,
}

/// Reads a study file.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`Error::Input`] with the line if it cannot be used.
pub(super) fn read(path: &Path) -> Result<StudyOptions> {
    let io = |source| Error::io("read", path, source);
    let file = path.display().to_string();
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > LARGEST {
        let problem = format!("{size} bytes are too many for a study file");
        return Err(Error::input(file, problem, "name a study file"));
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&text, &file, folder, &stem)
}

fn parse(text: &str, file: &str, folder: &Path, stem: &str) -> Result<StudyOptions> {
    let manifest: Manifest = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or_else(String::new, |span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: ", before.matches('\n').count() + 1)
        });
        let said = error.message().trim_end().replace('\n', ", ");
        let problem = format!("{line}{}", printable(&said));
        Error::input(file, problem, "docs/formats.md shows a study file")
    })?;
    let place = |path: PathBuf| folder.join(path);
    let mut models = Vec::new();
    for model in manifest.models {
        let layers = match (model.features, model.layers) {
            (Some(features), layers) if layers.is_empty() => vec![LayerSource {
                name: String::new(),
                features: place(features),
            }],
            (None, layers) if !layers.is_empty() => layers
                .into_iter()
                .map(|layer| LayerSource {
                    name: layer.name,
                    features: place(layer.features),
                })
                .collect(),
            _ => {
                let name = printable(&model.name);
                let problem = format!("model {name} has no feature set of its own");
                let remedy = "give it either `features` (one file) or `layers` (a list of them)";
                return Err(Error::input(file, problem, remedy));
            }
        };
        if layers.len() > 1 && layers.iter().any(|l| l.name.is_empty()) {
            let problem = format!("a layer of model {} has no name", printable(&model.name));
            return Err(Error::input(file, problem, "name every layer"));
        }
        models.push(ModelSource {
            name: model.name,
            predictions: model.predictions.map(place),
            probabilities: model.probabilities.map(place),
            layers,
        });
    }
    let options = StudyOptions {
        name: manifest.name.unwrap_or_else(|| stem.to_string()),
        labels: manifest.labels.map(place),
        label_column: manifest.label_column,
        class_names: manifest.class_names.map(place),
        ids: manifest.ids.map(place),
        metric: manifest.metric,
        drop_invalid: manifest.drop_invalid,
        first: manifest.first,
        models,
    };
    let checked = options.check("models");
    checked.map_err(|error| Error::input(file, error.to_string(), "mend the study file"))?;
    Ok(options)
}
