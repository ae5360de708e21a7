//! One feature set or several of the same samples: what `disentangle` and `disentangle compare`
//! read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::metric;
use crate::dataset::{Dataset, Metric, ReadOptions, read, without_member};
use crate::error::{Error, Result};
use crate::study::{Study, StudyOptions};

/// What to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct Sets {
    /// Features: .npy, .npz (or file.npz:member), CSV or TSV; one row per sample. Several sets of
    /// the same samples: model=FILE or model/layer=FILE each, or a study file (study.toml)
    #[arg(help_heading = "Arguments", required = true)]
    features: Vec<PathBuf>,
    /// Labels: an array, a text file with one label a line, or file.npz:member
    #[arg(short, long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The label column of a table
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Class names, one a line; name v stands for label v
    #[arg(long, value_name = "FILE")]
    class_names: Option<PathBuf>,
    /// Sample ids, one a line or an array
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// The classifier's predictions; of several models, model=FILE each
    #[arg(long, value_name = "FILE")]
    predictions: Vec<PathBuf>,
    /// The classifier's probabilities (n × classes); of several models, model=FILE each
    #[arg(long, value_name = "FILE")]
    probabilities: Vec<PathBuf>,
    /// Distance between samples: euclidean, or cosine (of rows scaled to unit length)
    /// [default: euclidean]
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    metric: Option<Metric>,
    /// Leave out samples with NaN or infinite values
    #[arg(long)]
    drop_invalid: bool,
}

/// Arguments as text; what is no Unicode cannot hold a name.
fn texts(paths: &[PathBuf]) -> Vec<String> {
    let text = |p: &PathBuf| p.to_string_lossy().into_owned();
    paths.iter().map(text).collect()
}

impl Sets {
    /// Whether several sets are named, and not one plain file.
    pub(super) fn is_study(&self) -> bool {
        StudyOptions::is_study(&texts(&self.features))
    }

    /// All the sets, as a study. A plain file is a study of the arrays that it holds.
    pub(super) fn study(self) -> Result<Study> {
        let mut options = StudyOptions::from_arguments(&texts(&self.features))?;
        let read = &mut options.read;
        read.labels = self.labels.or(read.labels.take());
        read.label_column = self.label_column.or(read.label_column.take());
        read.class_names = self.class_names.or(read.class_names.take());
        read.ids = self.ids.or(read.ids.take());
        read.metric = self.metric.unwrap_or(read.metric);
        read.drop_invalid |= self.drop_invalid;
        options.add_predictions(&texts(&self.predictions))?;
        options.add_probabilities(&texts(&self.probabilities))?;
        Study::read(&options)
    }

    /// The one set of a plain file.
    pub(super) fn dataset(self) -> Result<Dataset> {
        let one = |option: &'static str, mut paths: Vec<PathBuf>| -> Result<Option<PathBuf>> {
            if paths.len() > 1 {
                return Err(Error::option(
                    option,
                    paths.len(),
                    "files were named, but there is one set of features; name one",
                ));
            }
            one_set(option, paths.first())?;
            Ok(paths.pop())
        };
        let features = self.features.into_iter().next().unwrap_or_default();
        let options = ReadOptions {
            labels: self.labels,
            label_column: self.label_column,
            class_names: self.class_names,
            ids: self.ids,
            predictions: one("--predictions", self.predictions)?,
            probabilities: one("--probabilities", self.probabilities)?,
            metric: self.metric.unwrap_or_default(),
            drop_invalid: self.drop_invalid,
        };
        read(features, &options)
    }

    /// What the screen shows.
    pub(super) fn shown(self) -> Result<Shown> {
        if self.is_study() {
            self.study().map(|study| Shown::Study(Arc::new(study)))
        } else {
            self.dataset().map(|data| Shown::One(Arc::new(data)))
        }
    }
}

/// Refuses `name=file` where a command takes one set, unless a file of that whole name exists.
pub(super) fn one_set(option: &'static str, path: Option<&PathBuf>) -> Result<()> {
    let Some(path) = path.filter(|path| !without_member(path).exists()) else {
        return Ok(());
    };
    match path.to_string_lossy().split_once('=') {
        Some((_, file)) if without_member(Path::new(file)).exists() => Err(Error::option(
            option,
            path.display(),
            "one set is taken here: give the file alone, or use `disentangle compare` for several",
        )),
        _ => Ok(()),
    }
}

/// What the screen shows: one feature set, or several of the same samples.
pub(super) enum Shown {
    /// One.
    One(Arc<Dataset>),
    /// Several.
    Study(Arc<Study>),
}

impl Shown {
    /// Number of samples.
    pub(super) fn samples(&self) -> usize {
        match self {
            Self::One(data) => data.samples(),
            Self::Study(study) => study.samples(),
        }
    }
}
