//! The study file: names models, their layers in order and what is known about the samples.
//!
//! In: a TOML file (docs/formats.md describes its keys). Out: [`StudyOptions`], with paths taken
//! relative to the file's folder. An unknown key is refused, so that a typing error does not go
//! unnoticed.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::DeTable;

use super::options::{LayerSource, ModelSource, StudyOptions};
use crate::dataset::{ReadOptions, unreadable};
use crate::error::{Error, Result, printable};
use crate::text::did_you_mean;

/// Larger files are refused.
const LARGEST: u64 = 16 << 20;

/// Keys of a study file that are not read options.
const OWN_KEYS: &[&str] = &["name", "first", "models"];

#[derive(Deserialize)]
struct Manifest {
    name: Option<String>,
    first: Option<String>,
    models: Vec<ManifestModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestModel {
    name: String,
    features: Option<PathBuf>,
    #[serde(default)]
    layers: Vec<LayerSource>,
    predictions: Option<PathBuf>,
    probabilities: Option<PathBuf>,
}

/// Reads a study file.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`Error::Input`] with the line if it cannot be used.
pub(super) fn read(path: &Path) -> Result<StudyOptions> {
    let io = |source| Error::io("read", path, source);
    let file = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source));
    let size = metadata?.len();
    if size > LARGEST {
        let problem = format!("{size} bytes is too large for a study file");
        return Err(Error::input(file, problem, "name a study file"));
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&text, &file, folder, &stem)
}

fn parse(text: &str, file: &str, folder: &Path, stem: &str) -> Result<StudyOptions> {
    let (manifest, read) = tables(text).map_err(|error| {
        let line = error.span().map_or_else(String::new, |span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: ", before.matches('\n').count() + 1)
        });
        let said = error.message().trim_end().replace('\n', ", ");
        let said = unknown_key(&said).unwrap_or(said);
        let problem = format!("{line}{}", printable(&said));
        Error::input(file, problem, "docs/formats.md shows a study file")
    })?;
    let models: Result<Vec<ModelSource>> = (manifest.models.into_iter())
        .map(|model| model_source(model, file, folder))
        .collect();
    let options = StudyOptions {
        name: manifest.name.unwrap_or_else(|| stem.to_string()),
        read: read.in_folder(folder),
        first: manifest.first,
        models: models?,
    };
    let checked = options.check("models");
    checked.map_err(|error| Error::input(file, error.to_string(), "correct the study file"))?;
    Ok(options)
}

/// What to say of an unknown key: the one that was probably meant, else all that there are.
fn unknown_key(said: &str) -> Option<String> {
    let unknown = said.strip_prefix("unknown field `")?;
    let (key, expected) = unknown.split_once("`, expected ")?;
    let mut keys: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    if keys.contains(&"drop_invalid") {
        // These keys are read apart from those in the list.
        keys.splice(..0, OWN_KEYS.iter().copied());
    }
    let meant = match did_you_mean(key, &keys) {
        meant if meant.is_empty() => format!("; the keys are {}", keys.join(", ")),
        meant => meant,
    };
    Some(format!("there is no key {key} here{meant}"))
}

/// The keys of the study itself, and the read options beside them. (Serde's `flatten` would lose
/// the lines and accept unknown keys.)
fn tables(text: &str) -> Result<(Manifest, ReadOptions), toml::de::Error> {
    let table = DeTable::parse(text)?;
    let span = table.span();
    let (own, read): (DeTable<'_>, DeTable<'_>) = (table.into_inner().into_iter())
        .partition(|(key, _)| OWN_KEYS.contains(&key.get_ref().as_ref()));
    let whole = |table| Spanned::new(span.clone(), table).into_deserializer();
    let manifest = Manifest::deserialize(whole(own));
    let read = ReadOptions::deserialize(whole(read))?;
    Ok((manifest?, read))
}

fn model_source(model: ManifestModel, file: &str, folder: &Path) -> Result<ModelSource> {
    let name = printable(&model.name);
    let mut layers = match (model.features, model.layers) {
        (Some(features), layers) if layers.is_empty() => vec![LayerSource {
            name: String::new(),
            features,
        }],
        (None, layers) if !layers.is_empty() => layers,
        (features, _) => {
            let problem = match features {
                Some(_) => format!("model {name} has both `features` and `layers`"),
                None => format!("model {name} has no features"),
            };
            let remedy = "give it either `features` (one file) or `layers` (a list of them)";
            return Err(Error::input(file, problem, remedy));
        }
    };
    if layers.len() > 1 && layers.iter().any(|l| l.name.is_empty()) {
        let problem = format!("a layer of model {name} has no name");
        return Err(Error::input(file, problem, "name every layer"));
    }
    for layer in &mut layers {
        layer.features = folder.join(&layer.features);
    }
    let place = |path: Option<PathBuf>| path.map(|path| folder.join(path));
    Ok(ModelSource {
        name: model.name,
        predictions: place(model.predictions),
        probabilities: place(model.probabilities),
        layers,
    })
}
