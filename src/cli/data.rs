//! What commands read: one feature set or several of the same samples, and what is known about the
//! samples.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, Args};

use super::output::ends_in;
use crate::dataset::{Dataset, Metric, ReadOptions, read, without_member};
use crate::error::{Error, Result};
use crate::export::Inputs;
use crate::study::{LayerSource, ModelSource, Study, StudyOptions};

/// What is known about the samples of a map or of features.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct Knowledge {
    /// Labels: a text file with one label per line, an array, a table, or file:member (table.csv:NAME
    /// for a column)
    #[arg(short, long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Column of a table or array that holds the labels: name or number
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Class names, one per line: line v (from 0) names label v
    #[arg(long, value_name = "FILE")]
    class_names: Option<PathBuf>,
    /// The classifier's predictions
    #[arg(long, value_name = "FILE")]
    predictions: Vec<PathBuf>,
    /// The classifier's probabilities (n × classes)
    #[arg(long, value_name = "FILE")]
    probabilities: Vec<PathBuf>,
    /// Classes of the columns of the probabilities, in order: a,b,c
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    probability_classes: Vec<String>,
}

impl Knowledge {
    /// The files that it names.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let files = [&self.labels, &self.class_names].into_iter().flatten();
        files.chain(&self.predictions).chain(&self.probabilities)
    }

    /// The options to read one set.
    pub(super) fn of_one(self) -> Result<ReadOptions> {
        Ok(ReadOptions {
            labels: self.labels,
            label_column: self.label_column,
            class_names: self.class_names,
            probability_classes: self.probability_classes,
            predictions: only_one("--predictions", self.predictions)?,
            probabilities: only_one("--probabilities", self.probabilities)?,
            ..ReadOptions::default()
        })
    }
}

/// What the columns of a table are, where their values do not show it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Tables")]
struct Columns {
    /// Columns that are features: names, or patterns such as gene*
    #[arg(
        id = "feature_columns",
        long = "features",
        value_name = "NAMES",
        value_delimiter = ','
    )]
    features: Vec<String>,
    /// Columns that are not features
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    not_features: Vec<String>,
    /// Column of a table that holds the ids
    #[arg(long, value_name = "NAME")]
    ids_column: Option<String>,
    /// The first line names the columns
    #[arg(long, conflicts_with = "no_header")]
    header: bool,
    /// The first line is a sample
    #[arg(long)]
    no_header: bool,
    /// Rows are features and columns are samples
    #[arg(long)]
    transpose: bool,
}

impl Columns {
    /// Replaces what the options say by what was given here.
    fn override_in(self, options: &mut ReadOptions) {
        for (given, option) in [
            (self.features, &mut options.feature_columns),
            (self.not_features, &mut options.not_features),
        ] {
            if !given.is_empty() {
                *option = given;
            }
        }
        options.ids_column = self.ids_column.or_else(|| options.ids_column.take());
        if self.header || self.no_header {
            options.header = Some(self.header);
        }
        options.transpose |= self.transpose;
    }
}

/// How features are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct Input {
    #[command(flatten)]
    knowledge: Knowledge,
    /// Sample ids: an array, or a text file with one id per line
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// Distance between samples; cosine scales each row to unit length [default: euclidean]
    #[arg(long, value_name = "METRIC", value_enum)]
    metric: Option<Metric>,
    /// Leave out samples with NaN or infinite values
    #[arg(long)]
    drop_invalid: bool,
    #[command(flatten)]
    columns: Columns,
}

impl Input {
    /// The files that it names.
    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.knowledge.files().chain(&self.ids)
    }

    /// The options to read one set.
    pub(super) fn of_one(self) -> Result<ReadOptions> {
        let mut options = ReadOptions {
            ids: self.ids,
            metric: self.metric.unwrap_or_default(),
            drop_invalid: self.drop_invalid,
            ..self.knowledge.of_one()?
        };
        self.columns.override_in(&mut options);
        Ok(options)
    }

    fn read(self, features: &Path) -> Result<Dataset> {
        one_set("FEATURES", features)?;
        read(features, &self.of_one()?)
    }

    /// Reads a study; what is given here overrides what its file says.
    fn read_study(self, features: &[PathBuf]) -> Result<Study> {
        Study::read(&self.of_study(features)?)
    }

    /// The options to read a study.
    pub(super) fn of_study(self, features: &[PathBuf]) -> Result<StudyOptions> {
        let mut options = StudyOptions::from_arguments(&texts(features))?;
        let (known, read) = (self.knowledge, &mut options.read);
        read.labels = known.labels.or_else(|| read.labels.take());
        read.label_column = known.label_column.or_else(|| read.label_column.take());
        read.class_names = known.class_names.or_else(|| read.class_names.take());
        read.ids = self.ids.or_else(|| read.ids.take());
        self.columns.override_in(read);
        if !known.probability_classes.is_empty() {
            read.probability_classes = known.probability_classes;
        }
        read.metric = self.metric.unwrap_or(read.metric);
        read.drop_invalid |= self.drop_invalid;
        options.add_predictions(&texts(&known.predictions))?;
        options.add_probabilities(&texts(&known.probabilities))?;
        Ok(options)
    }
}

/// One feature set.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct Data {
    /// Features: .npy, .npz, .pt, CSV, Parquet … or file:member; one row per sample
    #[arg(help_heading = "Arguments")]
    pub(super) features: PathBuf,
    #[command(flatten)]
    input: Input,
}

impl Data {
    /// The files that are read.
    pub(super) fn inputs(&self) -> Inputs {
        self.input.files().chain([&self.features]).collect()
    }

    pub(super) fn read(self) -> Result<Dataset> {
        self.input.read(&self.features)
    }
}

/// One feature set, or several of the same samples.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[command(mut_args(of_several_models))]
pub(super) struct Sets {
    /// Features: .npy, .npz, .pt, CSV, Parquet … or file:member; one row per sample. For several
    /// sets of the same samples: model=FILE or model/layer=FILE each, or a study file (study.toml)
    #[arg(help_heading = "Arguments", required = true)]
    features: Vec<PathBuf>,
    #[command(flatten)]
    input: Input,
}

impl Sets {
    /// True if several sets are named, and not one plain file.
    fn is_study(&self) -> bool {
        StudyOptions::is_study(&texts(&self.features))
    }

    /// The files that are read, those that a study file names included.
    pub(super) fn inputs(&self) -> Inputs {
        let mut inputs: Inputs = self.input.files().chain(&self.features).collect();
        // What is wrong with a study is said when it is read.
        let study = StudyOptions::from_arguments(&texts(&self.features));
        for file in study.iter().flat_map(StudyOptions::files) {
            inputs.add(file);
        }
        inputs
    }

    /// What the screen is opened on; what is wrong with it is said when it is read.
    pub(super) fn origin(&self) -> Origin {
        let is_single = !self.is_study();
        let data = if is_single {
            let features = self.features.first().cloned().unwrap_or_default();
            self.input
                .clone()
                .of_one()
                .map(|read| single(features, read))
        } else {
            self.input.clone().of_study(&self.features)
        };
        let study_file = match self.features.as_slice() {
            [only] if !is_single && ends_in(Some(only), "toml") => Some(only.clone()),
            _ => None,
        };
        Origin {
            study_file,
            data: data.ok(),
            is_single,
        }
    }

    /// All the sets, as a study. A plain file is a study of the arrays that it holds.
    pub(super) fn study(self) -> Result<Study> {
        self.input.read_study(&self.features)
    }

    /// The set that is shown first.
    pub(super) fn first(self) -> Result<Arc<Dataset>> {
        self.shown()?.first()
    }

    /// What the screen shows.
    pub(super) fn shown(self) -> Result<Shown> {
        if self.is_study() {
            return self.study().map(|study| Shown::Study(Arc::new(study)));
        }
        let features = self.features.into_iter().next().unwrap_or_default();
        let data = self.input.read(&features)?;
        Ok(Shown::One(Arc::new(data)))
    }
}

/// What the screen was opened on.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// The study file, if there is one.
    pub(super) study_file: Option<PathBuf>,
    /// What is read; nothing for the demo.
    pub(super) data: Option<StudyOptions>,
    /// It is one file of features.
    pub(super) is_single: bool,
}

/// One file of features as a study of one model.
fn single(features: PathBuf, read: ReadOptions) -> StudyOptions {
    let layers = vec![LayerSource {
        name: String::new(),
        features,
    }];
    let model = ModelSource {
        layers,
        ..ModelSource::default()
    };
    StudyOptions {
        read,
        models: vec![model],
        ..StudyOptions::default()
    }
}

/// Arguments as text; a path that is not Unicode cannot hold a name.
fn texts(paths: &[PathBuf]) -> Vec<String> {
    let text = |p: &PathBuf| p.to_string_lossy().into_owned();
    paths.iter().map(text).collect()
}

/// The file of an option that is given at most once where there is one set.
fn only_one(option: &'static str, mut paths: Vec<PathBuf>) -> Result<Option<PathBuf>> {
    if paths.len() > 1 {
        return Err(Error::option(
            option,
            texts(&paths).join(" "),
            "there is only one set of features; give only one of these files",
        ));
    }
    let path = paths.pop();
    if let Some(path) = &path {
        one_set(option, path)?;
    }
    Ok(path)
}

/// Refuses `name=file` where a command takes one set, unless a file of that whole name exists; and a study
/// file.
pub(super) fn one_set(option: &'static str, path: &Path) -> Result<()> {
    if without_member(path).exists() {
        let is_study = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("toml"));
        let problem = "this is a study file, but only one set can be given here: name one of its files, or \
                       use `disentangle compare`";
        return if is_study {
            Err(Error::option(option, path.display(), problem))
        } else {
            Ok(())
        };
    }
    match path.to_string_lossy().split_once('=') {
        Some((_, file)) if without_member(Path::new(file)).exists() => Err(Error::option(
            option,
            path.display(),
            "only one set can be given here: name the file alone, or use `disentangle compare` for \
             several",
        )),
        _ => Ok(()),
    }
}

/// Adds to the help of the classifier's output that it can be given for each of several models.
fn of_several_models(option: Arg) -> Arg {
    if !["predictions", "probabilities"].contains(&option.get_id().as_str()) {
        return option;
    }
    let help = option.get_help().map(ToString::to_string);
    option.help(format!(
        "{}; for several models, model=FILE each",
        help.unwrap_or_default()
    ))
}

/// What the screen shows: one feature set, or several of the same samples.
pub(super) enum Shown {
    One(Arc<Dataset>),
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

    /// The set that is shown first.
    pub(super) fn first(&self) -> Result<Arc<Dataset>> {
        match self {
            Self::One(data) => Ok(Arc::clone(data)),
            Self::Study(study) => study.dataset(study.first()),
        }
    }
}
