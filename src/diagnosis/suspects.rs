//! Samples that are probably mislabeled: ranked, each with a verdict, a probability and evidence.
//!
//! In: a labeled dataset, its neighbor graph, probabilities of models if there are any. Out:
//! [`Suspects`]. The samples are scored by detectors that err in different ways (`detectors.rs`):
//! the nearest neighbors (local), a linear probe (global), a kernel probe (in between), a logistic
//! probe, each computed without the sample's own label, and the models. Their scores are pooled
//! with weights fitted to the labels (`pool.rs`) and combined into the support of each class
//! (`combiner.rs`); the less support a label has, the higher its sample ranks (`ranking.rs`). How
//! well wrong labels are found is measured by planting errors into the same data
//! (`calibration.rs`).
//!
//! Cost: the neighbor graph, two factorizations O(nm²) with m = d + 256 columns at most, a few
//! passes O(n m C), regressions on a bounded sample (`logistic.rs`): no step is quadratic in n. Memory:
//! the two designs, n × (2d + 256) floats. docs/statistics.md compares it with other rankings.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::evidence::Gathered;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::check;
use crate::statistics::logistic::Scale;
use crate::statistics::{Estimate, Labeled};
use crate::words::{count, percent, percent_setting, percent_with_interval, short};

mod calibration;
mod combiner;
mod design;
mod detectors;
mod evidence;
mod list;
mod logistic;
mod models;
mod options;
mod pool;
mod ranked;
mod ranking;
mod ridge;
mod verdict;

use calibration::Calibrations;
use detectors::{Detectors, FittedDetectors, NeighborVotes};
use logistic::{LogisticInput, RobustLogistic};
use models::Models;
use ranked::RankedSamples;
use ranking::Ranking;
use ridge::Ridge;

pub use evidence::{DetectorScores, ModelEvidence, NeighborEvidence, Suspect};
pub use options::SuspectOptions;
pub use verdict::{Verdict, VerdictCounts};

/// Columns of a class's name in a sentence.
const NAME: usize = 40;

/// The expected share of wrong labels among the most suspicious samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExpectedPrecision {
    /// Length of the list.
    pub top: usize,
    /// Its share of wrong labels. The ends of the interval are Wilson's around the bounds of the error
    /// rate, so a short list has a wide one.
    pub precision: Estimate,
}

/// How much a detector contributes to the support of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorWeight {
    /// "neighbors", "linear probe", "kernel probe", "logistic probe", or a model's name.
    pub name: String,
    /// Share of the influence; all sum to 1.
    pub weight: f64,
}

/// All samples ranked by suspicion, and the evidence for the first of them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspects {
    /// Thresholds and settings.
    pub options: SuspectOptions,
    /// Number of samples that were ranked.
    pub ranked: usize,
    /// Classes that were not ranked because they have too few samples.
    pub too_small: Vec<String>,
    /// The detectors and how much each contributes.
    pub detectors: Vec<DetectorWeight>,
    /// Share of planted errors that rank among the first 5% (the assumed error rate): how reliably
    /// wrong labels are found in these data. If classes differ in size, there is one such share for each
    /// group of classes of similar size, and this is the smallest of them.
    pub recovery: f64,
    /// Whether that reaches the threshold: whether wrong labels are found reliably in every ranked class.
    pub reliable: bool,
    /// Number of ranked classes in which they are.
    #[serde(default)]
    pub reliable_classes: usize,
    /// Names of those in which they are not. No sample of these is called probably mislabeled; nor is one of
    /// a class that the detectors do not recognize.
    #[serde(default)]
    pub unreliable_classes: Vec<String>,
    /// Share of wrong labels among those ranked. `low` and `high` are bounds: the share under which
    /// the labels are most likely, and the share if all labels that look like errors were errors.
    pub error_rate: Estimate,
    /// By length of the list; empty if wrong labels are not found reliably in any class.
    pub expected_precision: Vec<ExpectedPrecision>,
    /// Expected share of wrong labels among those with the verdict *probably mislabeled*; `None` if
    /// there are none.
    pub mislabeled_precision: Option<Estimate>,
    /// Number of samples by verdict.
    pub verdicts: VerdictCounts,
    /// Pairs of near-duplicates with different labels.
    pub conflicting_duplicates: usize,
    /// The most suspicious samples overall and of each class, by rank, with their evidence.
    pub entries: Vec<Suspect>,
    /// By sample of the dataset: the probability that its label is wrong (0 without a label).
    #[serde(skip)]
    pub probabilities: Vec<f32>,
}

impl Suspects {
    /// Ranks the labeled samples of a dataset; `None` without labels, or without two classes of at
    /// least three samples. `models` are names of models and their probabilities (n × classes, n
    /// all samples). If there are none, those of the models of the study that the data come from
    /// are used; if there are none either, the dataset's own probabilities, under the name "model".
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if probabilities have another number of samples,
    /// [`Error::Input`](crate::Error::Input) if they have other classes than the labels,
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    ///
    /// ```
    /// use disentangle::ndarray::Array2;
    /// use disentangle::prelude::*;
    /// // Two classes of 30 far apart; sample 4 has the wrong label.
    /// let features = Array2::from_shape_fn((60, 2), |(i, j)| {
    ///     (i % 2 * 9) as f32 + ((i * 7 + j * 5) % 11) as f32 * 0.2
    /// });
    /// let mut labels: Vec<i64> = (0..60).map(|i| i % 2).collect();
    /// labels[4] = 1;
    /// let data = Dataset::new(features)?.with_labels(Labels::from_integers(&labels)?)?;
    /// let suspects = Suspects::of(&data, &[], &SuspectOptions::default(), &Execution::default())?.unwrap();
    /// assert_eq!(suspects.entries[0].row, 4);
    /// assert_eq!(suspects.entries[0].suggested, "0");
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        data: &Dataset,
        models: &[(&str, ArrayView2<'_, f32>)],
        options: &SuspectOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let Some(labels) = data.labels() else {
            return Ok(None);
        };
        let labeled = execution.run(|_| Labeled::new(labels).in_canonical_order(data.features()));
        let models = Models::new(data, &labeled, models)?;
        let k = (options.perplexity * 3.0).ceil().max(10.0) as usize;
        let gathered = Gathered::new(data.features(), &labeled);
        let Some(graph) = gathered.neighbors(k, execution)? else {
            return Ok(None);
        };
        let input = Input {
            data,
            labeled: &labeled,
            graph: &graph,
            models: &models,
        };
        input.suspects(gathered, options, execution)
    }

    /// The same from a neighbor graph of the labeled samples, with the dataset's own models and the usual options.
    pub(crate) fn from_graph(
        data: &Dataset,
        labeled: &Labeled,
        graph: &Neighbors,
        gathered: Gathered,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let input = Input {
            data,
            labeled,
            graph,
            models: &Models::new(data, labeled, &[])?,
        };
        input.suspects(gathered, &SuspectOptions::default(), execution)
    }

    /// The suspects labeled as this class, the most suspicious first.
    pub fn of_class(&self, class: usize) -> impl Iterator<Item = &Suspect> {
        self.entries.iter().filter(move |s| s.class == class)
    }

    /// The same with the evidence of the first `top` only.
    #[must_use]
    pub fn top(&self, top: usize) -> Self {
        Self {
            entries: self
                .entries
                .iter()
                .filter(|s| s.rank <= top)
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// "899 samples ranked: probably mislabeled 1, class overlap 45, classifier error 4, outlier 0; 849 labels fit".
    pub(crate) fn verdict_counts(&self) -> String {
        let counts = self.verdicts;
        let doubted =
            counts.probably_mislabeled + counts.class_overlap + counts.head_error + counts.outlier;
        format!(
            "{} samples ranked: probably mislabeled {}, class overlap {}, classifier error {}, outlier {}; {} labels fit",
            self.ranked,
            counts.probably_mislabeled,
            counts.class_overlap,
            counts.head_error,
            counts.outlier,
            self.ranked.saturating_sub(doubted)
        )
    }

    /// "2 pairs of near-duplicates have different labels.", if there are any.
    pub(crate) fn duplicates(&self) -> Option<String> {
        let pairs = count(
            self.conflicting_duplicates,
            "pair of near-duplicates has",
            "pairs of near-duplicates have",
        );
        (self.conflicting_duplicates > 0).then(|| format!("{pairs} different labels."))
    }

    /// Whether wrong labels are found reliably among the labels of this name.
    pub(crate) fn is_reliable(&self, label: &str) -> bool {
        self.unreliable_classes.iter().all(|name| name != label)
    }

    /// How many samples are probably mislabeled, if any are, and of which classes that is unknown.
    pub(crate) fn finding(&self) -> Option<String> {
        if self.reliable_classes == 0 {
            return Some(format!(
                "Wrong labels cannot be found reliably in this data: of wrong labels planted in copies of it as \
                 a test, {} rank among the {} most suspicious samples.",
                if self.recovery > 0.0 {
                    format!("only {}", percent(self.recovery))
                } else {
                    "none".into()
                },
                percent_setting(self.options.assumed_error_rate)
            ));
        }
        let sentences: Vec<String> = self.claim().into_iter().chain(self.limit()).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    fn claim(&self) -> Option<String> {
        let share = percent_with_interval(self.mislabeled_precision.as_ref()?);
        Some(match self.verdicts.probably_mislabeled {
            1 => format!(
                "1 sample is probably mislabeled; the probability that its label is wrong is {share}."
            ),
            many => format!(
                "{many} samples are probably mislabeled: an estimated {share} of these labels are wrong."
            ),
        })
    }

    /// "Wrong labels cannot be found reliably in class T and 2 other classes.", unless they can everywhere. A name
    /// that is a number is in quotes, so that it is not read as a count.
    pub(crate) fn limit(&self) -> Option<String> {
        let (first, others) = self.unreliable_classes.split_first()?;
        let others = match others.len() {
            0 => String::new(),
            more => format!(" and {}", count(more, "other class", "other classes")),
        };
        Some(format!(
            "Wrong labels cannot be found reliably in class {}{others}.",
            named(first)
        ))
    }

    /// How far the list can be trusted, in two sentences.
    pub fn reliability(&self) -> String {
        let found = self.finding();
        let found = found.unwrap_or_else(|| "No sample is probably mislabeled.".to_owned());
        if !self.reliable {
            return found;
        }
        format!(
            "{found} Of wrong labels planted in copies of the data as a test, {} rank among the {} most \
             suspicious samples.",
            percent(self.recovery),
            percent_setting(self.options.assumed_error_rate)
        )
    }
}

/// A class's name in a sentence that also has counts.
fn named(class: &str) -> String {
    let name = short(class, NAME);
    if name.parse::<f64>().is_ok() {
        format!("\"{name}\"")
    } else {
        name
    }
}

/// The input of the search for suspects.
struct Input<'a> {
    data: &'a Dataset,
    labeled: &'a Labeled,
    /// Neighbors of the labeled samples.
    graph: &'a Neighbors,
    models: &'a Models,
}

impl Input<'_> {
    fn suspects(
        &self,
        gathered: Gathered,
        options: &SuspectOptions,
        execution: &Execution,
    ) -> Result<Option<Suspects>> {
        let labeled = self.labeled;
        let counts = labeled.counts().iter();
        let large = counts.filter(|&&c| c >= options.fewest_samples.max(1));
        if large.count() < 2 || self.graph.samples() != labeled.samples() {
            return Ok(None);
        }
        execution.run(|progress| {
            let detectors = self.detectors(gathered.into_features(), options, execution)?;
            let fitted = FittedDetectors::new(&detectors, labeled.indices());
            let ranking = Ranking::new(&fitted, progress)?;
            let order = ranked::order(&ranking, labeled, options.fewest_samples);
            let calibrations =
                Calibrations::new(&fitted, &ranking, &order, options.seed, progress)?;
            let samples = RankedSamples {
                data: self.data,
                labeled,
                graph: self.graph,
                models: self.models,
                ranking: &ranking,
                order: &order,
            };
            Ok(Some(samples.suspects(&calibrations, options)))
        })
    }

    /// `features` are those of the labeled samples.
    fn detectors(
        &self,
        features: Array2<f32>,
        options: &SuspectOptions,
        execution: &Execution,
    ) -> Result<Detectors<'_>> {
        let labeled = self.labeled;
        let linear = design::linear(features, options.seed, execution)?;
        let scale = if linear.ncols() == self.data.dimensions() {
            Scale::Each
        } else {
            Scale::Largest
        };
        let models: Vec<_> = self.models.probabilities.iter().map(|p| p.view()).collect();
        // Models replace the logistic probe: they are fitted to more data.
        let logistic = if models.is_empty() {
            let input = LogisticInput {
                design: &linear,
                labels: labeled.indices(),
                counts: labeled.counts(),
                scale,
                seed: options.seed,
            };
            RobustLogistic::fit(&input, execution)?
        } else {
            None
        };
        let kernel = design::kernel(&linear, options.seed);
        check(execution)?;
        Ok(Detectors {
            neighbors: NeighborVotes::new(self.graph, options.perplexity)?,
            ridges: [
                Ridge::new(linear, execution)?,
                Ridge::new(kernel, execution)?,
            ],
            logistic,
            models,
            classes: labeled.counts().len(),
        })
    }
}
