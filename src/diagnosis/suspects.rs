//! Samples whose tag is probably wrong: ranked, with a verdict, a probability and the evidence.
//!
//! In: a labeled dataset, its neighbor graph, probabilities of models where there are any. Out:
//! [`Suspects`]. Witnesses that err differently are heard: the nearest neighbors (local), a linear
//! probe (global), a kernel probe (in between), a logistic probe, each without the sample's own tag,
//! and the models. They are pooled with weights that the labels themselves give (`pool.rs`), and
//! heard in up to three ways (`bench.rs`); the less support a tag has, the higher its rank. How far the order can be trusted is measured by planting
//! errors into the same data (`planting.rs`).
//!
//! Cost: the neighbor graph, two factorizations O(nm²) with m = d + 256 columns at most, a few
//! passes O(n m C), regressions on a bounded sample (`logistic.rs`): no step is quadratic in n. Memory: the two designs, n × (2d + 256) floats.
//! Measured against other rankings in docs/statistics.md.

use std::collections::BTreeSet;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, UNLABELED};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::check;
use crate::statistics::inference::wilson;
use crate::statistics::logistic::Scale;
use crate::statistics::{Labeled, feature_neighbors};

mod bench;
mod design;
mod evidence;
mod logistic;
mod planting;
mod pool;
mod ranking;
mod ridge;
mod verdict;

use planting::{Planted, Share};
use ranking::{Court, Ranking, Witnesses};
use verdict::Judge;

pub use evidence::{ModelEvidence, NeighborEvidence, Suspect, WitnessEvidence};
pub use verdict::{Verdict, VerdictCounts};

/// The suspects of each class of which evidence is kept, besides the first of all.
const KEPT_BY_CLASS: usize = 50;
/// And of all classes together.
const KEPT_BY_CLASSES: usize = 5_000;
/// Lengths of lists whose precision is told.
const LENGTHS: [usize; 7] = [10, 20, 50, 100, 200, 500, 1_000];

/// Thresholds and settings of the ranking, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspectOptions {
    /// Perplexity of the neighbors' votes.
    pub perplexity: f64,
    /// *Tagging error likely* from this probability on.
    pub likely_probability: f64,
    /// And only where at least this share of planted errors is found among as many suspects.
    pub least_recovery: f64,
    /// Share of wrong tags that is assumed where the data leave it open.
    pub assumed_error_rate: f64,
    /// *Outlier* from this distance to the 10th neighbor on, as a multiple of its class's median.
    pub outlier_ratio: f64,
    /// Neighbors are mixed if less than this share bears the tag.
    pub mixed_neighbors: f64,
    /// The probe is near its boundary below this margin of leave-one-out scores.
    pub boundary_margin: f64,
    /// Samples are near-duplicates within this share of the median distance to the nearest
    /// neighbor.
    pub duplicate_ratio: f64,
    /// Classes with fewer samples are not ranked: nothing vouches for their tags.
    pub fewest_samples: usize,
    /// So many of the most suspicious samples are kept with their evidence, and the first 50 of
    /// each class besides.
    pub kept: usize,
    /// Seed of landmarks and planted errors.
    pub seed: u64,
}

impl Default for SuspectOptions {
    fn default() -> Self {
        Self {
            perplexity: 10.0,
            likely_probability: 0.5,
            least_recovery: 0.5,
            assumed_error_rate: 0.05,
            outlier_ratio: 2.5,
            mixed_neighbors: 0.7,
            boundary_margin: 0.2,
            duplicate_ratio: 0.05,
            fewest_samples: 3,
            kept: 500,
            seed: 1,
        }
    }
}

/// A share with what it may be at least and at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The estimate.
    pub value: f64,
    /// If only as many tags are wrong as the labels' own likelihood demands.
    pub low: f64,
    /// If all are that are as suspicious as errors would be.
    pub high: f64,
}

/// The expected share of wrong tags among the most suspicious samples. Its bounds are Wilson's 95 %
/// interval about those of the whole, so that a list of few samples has a wide one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExpectedPrecision {
    /// Length of the list.
    pub top: usize,
    /// Share of it.
    pub precision: Expected,
}

/// How much a witness counts in the pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WitnessWeight {
    /// "neighbors", "linear probe", "kernel probe", "logistic probe", or a model's name.
    pub witness: String,
    /// Share of the influence; all sum to 1.
    pub weight: f64,
}

/// All samples in the order of suspicion, and the evidence of the first of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspects {
    /// Thresholds and settings.
    pub options: SuspectOptions,
    /// Samples that were ranked.
    pub ranked: usize,
    /// Classes that were not, because they have too few samples.
    pub too_small: Vec<String>,
    /// The witnesses and how much each counts.
    pub witnesses: Vec<WitnessWeight>,
    /// Share of planted errors that rank among the first 5 % (the assumed error rate): how
    /// reliably wrong tags are found in these data.
    pub recovery: f64,
    /// Whether that reaches the threshold. Where it does not, no tag is called likely wrong.
    pub reliable: bool,
    /// Share of wrong tags among those ranked.
    pub error_rate: Expected,
    /// By length of the list.
    pub expected_precision: Vec<ExpectedPrecision>,
    /// Expected share of wrong tags among those called *tagging error likely*; `None` if there
    /// are none.
    pub likely_precision: Option<Expected>,
    /// Samples by verdict.
    pub verdicts: VerdictCounts,
    /// Pairs of near-duplicates with different tags.
    pub conflicting_duplicates: usize,
    /// The most suspicious samples overall and of each class, by rank, with their evidence.
    pub entries: Vec<Suspect>,
    /// By sample of the dataset: the probability that its tag is wrong (0 without a tag).
    #[serde(skip)]
    pub probabilities: Vec<f32>,
}

impl Suspects {
    /// Ranks the labeled samples of a dataset; `None` without labels or if there are no two
    /// classes with three samples. `models` are models with names and their probabilities (n ×
    /// classes, n all samples); if there are none, those of the models of the study that the data
    /// are from count, else the dataset's own probabilities as those of "model".
    ///
    /// # Errors
    /// [`Error::Mismatch`] if probabilities are of another number of samples,
    /// [`Error::Input`] if they have other classes than the labels,
    /// [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::ndarray::Array2;
    /// use disentangle::prelude::*;
    /// // Two classes of 30 far apart; sample 4 bears the wrong tag.
    /// let features = Array2::from_shape_fn((60, 2), |(i, j)| {
    ///     (i % 2 * 9) as f32 + ((i * 7 + j * 5) % 11) as f32 * 0.2
    /// });
    /// let mut tags: Vec<i64> = (0..60).map(|i| i % 2).collect();
    /// tags[4] = 1;
    /// let data = Dataset::new(features)?.with_labels(Labels::from_integers(&tags)?)?;
    /// let suspects = Suspects::of(&data, &[], &SuspectOptions::default(), &Execution::default().threads(1))?.unwrap();
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
        let labeled = Labeled::new(labels);
        let k = (options.perplexity * 3.0).ceil().max(10.0) as usize;
        match feature_neighbors(data, &labeled, k, execution)? {
            Some(graph) => Self::from_graph(data, (&labeled, &graph), models, options, execution),
            None => Ok(None),
        }
    }

    /// The same from a neighbor graph of the labeled samples.
    pub(crate) fn from_graph(
        data: &Dataset,
        (labeled, graph): (&Labeled, &Neighbors),
        models: &[(&str, ArrayView2<'_, f32>)],
        options: &SuspectOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let enough = labeled
            .counts()
            .iter()
            .filter(|&&c| c >= options.fewest_samples.max(1));
        if enough.count() < 2 || graph.samples() != labeled.samples() {
            return Ok(None);
        }
        let models = Models::new(data, labeled, models)?;
        execution.run(|progress| {
            let part = labeled.subset(data.features());
            let features = part.as_ref().map_or_else(|| data.features(), |p| p.view());
            let linear = design::linear(features, options.seed, execution)?;
            let scale = Scale::of(linear.ncols() == features.ncols());
            drop(part);
            // Models are such probes themselves, with more to go by.
            let logistic = if models.probabilities.is_empty() {
                let labels = (&labeled.indices()[..], &labeled.counts()[..]);
                logistic::held_out(&linear, labels, (scale, options.seed), progress)?
            } else {
                None
            };
            let kernel = design::kernel(&linear, options.seed);
            check(progress)?;
            let views = models.probabilities.iter().map(|p| p.view()).collect();
            let size = (options.perplexity, labeled.counts().len());
            let witnesses =
                Witnesses::new(graph, ([linear, kernel], logistic), views, size, progress)?;
            let court = Court::new(&witnesses, labeled.indices());
            let ranking = court.rank(progress)?;
            let order = order(&ranking, labeled, options);
            let planted = Planted::new(&court, &ranking, &order, options.seed, progress)?;
            let case = Case {
                data,
                labeled,
                graph,
                models: &models,
                ranking: &ranking,
                order: &order,
            };
            Ok(Some(case.conclude(&planted, options)))
        })
    }

    /// The suspects whose tag is this class, the worst first.
    pub fn of_class(&self, class: usize) -> impl Iterator<Item = &Suspect> {
        self.entries.iter().filter(move |s| s.class == class)
    }

    /// The same with the evidence of the first so many only.
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

    /// How far the list can be trusted, in a sentence or two.
    pub fn reliability(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let assumed = percent(self.options.assumed_error_rate);
        if !self.reliable {
            return format!(
                "wrong tags are not found reliably in these features: if {assumed} of the tags \
                 were wrong, {} of the first {assumed} of this list would be",
                percent(self.recovery)
            );
        }
        match self.likely_precision {
            None => format!(
                "no tag is probably wrong; if {assumed} were, {} of the first {assumed} of this list would \
                 be",
                percent(self.recovery)
            ),
            Some(precision) => format!(
                "{} probably wrong, of which {} are expected to be ({} to {}); if {assumed} of the tags \
                 were wrong, {} of the first {assumed} of this list would be",
                self.verdicts.tagging_error_likely,
                percent(precision.value),
                percent(precision.low),
                percent(precision.high),
                percent(self.recovery)
            ),
        }
    }
}

/// The models' probabilities of the labeled samples.
struct Models {
    names: Vec<String>,
    probabilities: Vec<ndarray::Array2<f32>>,
    /// Predicted classes where there are predictions but no probabilities.
    predictions: Option<Vec<u16>>,
}

impl Models {
    fn new(
        data: &Dataset,
        labeled: &Labeled,
        further: &[(&str, ArrayView2<'_, f32>)],
    ) -> Result<Self> {
        let mut given = further.to_vec();
        if given.is_empty() {
            let models = data.models().iter();
            given.extend(models.map(|(name, p)| (name.as_str(), p.view())));
        }
        if given.is_empty() {
            given.extend(data.probabilities().map(|p| ("model", p)));
        }
        let mut names = Vec::new();
        let mut probabilities = Vec::new();
        for (name, matrix) in given {
            if matrix.nrows() != data.samples() {
                return Err(Error::Mismatch {
                    what: format!("probabilities of {name}"),
                    expected: data.samples(),
                    found: matrix.nrows(),
                });
            }
            if matrix.ncols() != labeled.counts().len() {
                return Err(Error::input(
                    format!("probabilities of {name}"),
                    format!(
                        "{} columns for {} classes",
                        matrix.ncols(),
                        labeled.counts().len()
                    ),
                    "give one column per class, in the order of the classes",
                ));
            }
            names.push(name.to_owned());
            probabilities.push(labeled.subset(matrix).unwrap_or_else(|| matrix.to_owned()));
        }
        let predictions = data.predictions().filter(|_| names.is_empty());
        Ok(Self {
            names,
            probabilities,
            predictions: predictions.map(|p| {
                let rows = 0..labeled.samples();
                rows.map(|i| p[labeled.row(i)]).collect()
            }),
        })
    }

    /// The class that each model predicts for a labeled sample.
    fn predicted(&self, i: usize) -> Vec<u16> {
        if let Some(predictions) = &self.predictions {
            return vec![predictions[i]];
        }
        let matrices = self.probabilities.iter();
        matrices
            .map(|matrix| {
                let row = matrix.row(i);
                let mut best = 0;
                for (c, p) in row.iter().enumerate() {
                    if *p > row[best] {
                        best = c;
                    }
                }
                best as u16
            })
            .filter(|&class| class != UNLABELED)
            .collect()
    }
}

/// Labeled samples of the classes that are ranked, the most suspicious first.
fn order(ranking: &Ranking, labeled: &Labeled, options: &SuspectOptions) -> Vec<usize> {
    let size = |i: usize| labeled.counts()[usize::from(labeled.indices()[i])];
    let mut order: Vec<usize> = (0..labeled.samples())
        .filter(|&i| size(i) >= options.fewest_samples)
        .collect();
    order.sort_by(|&a, &b| {
        let own = |i: usize| ranking.findings[i].own;
        own(a).total_cmp(&own(b)).then(a.cmp(&b))
    });
    order
}

/// Everything that a conclusion is drawn from.
struct Case<'a> {
    data: &'a Dataset,
    labeled: &'a Labeled,
    graph: &'a Neighbors,
    models: &'a Models,
    ranking: &'a Ranking,
    /// Labeled samples by rank.
    order: &'a [usize],
}

impl Case<'_> {
    fn conclude(&self, planted: &Planted, options: &SuspectOptions) -> Suspects {
        let findings = &self.ranking.findings;
        let own: Vec<f64> = self.order.iter().map(|&i| findings[i].own).collect();
        let assumed = options.assumed_error_rate;
        let share = planted.share(&own, self.ranking.likely_share, assumed);
        let as_many = ((assumed * own.len() as f64).round() as usize).clamp(1, own.len());
        let recovery = planted.found(own[as_many - 1]);
        let reliable = recovery >= options.least_recovery;
        let estimates = Estimates::new(planted, &own, share);
        let judge = Judge::new(self.labeled, self.graph, self.models, options, reliable);
        let mut verdicts = VerdictCounts::default();
        let (mut likely, mut all) = (Vec::new(), Vec::with_capacity(own.len()));
        for (rank, &i) in self.order.iter().enumerate() {
            let verdict = judge.verdict(i, &findings[i], estimates.value[rank]);
            verdicts.count(verdict);
            if verdict == Verdict::TaggingErrorLikely {
                likely.push(rank);
            }
            all.push(verdict);
        }
        let mut probabilities = vec![0.0; self.data.samples()];
        for (rank, &i) in self.order.iter().enumerate() {
            probabilities[self.labeled.row(i)] = estimates.value[rank] as f32;
        }
        Suspects {
            options: *options,
            ranked: own.len(),
            too_small: self.too_small(options),
            witnesses: self.weights(),
            recovery,
            reliable,
            error_rate: Expected {
                value: share.value,
                low: share.low,
                high: share.high,
            },
            expected_precision: LENGTHS
                .iter()
                .filter(|&&top| top <= own.len())
                .map(|&top| ExpectedPrecision {
                    top,
                    precision: estimates.mean(0..top, top),
                })
                .collect(),
            likely_precision: (!likely.is_empty())
                .then(|| estimates.mean(likely.iter().copied(), likely.len())),
            verdicts,
            conflicting_duplicates: judge.conflicting_duplicates(),
            entries: self.entries(&judge, &all, &estimates.value, options.kept),
            probabilities,
        }
    }

    fn too_small(&self, options: &SuspectOptions) -> Vec<String> {
        let classes = self.labeled.names().iter().zip(self.labeled.counts());
        classes
            .filter(|&(_, &count)| count > 0 && count < options.fewest_samples)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn weights(&self) -> Vec<WitnessWeight> {
        let models = self.models.names.len();
        let logistic = self.ranking.findings.iter().any(|f| f.logistic.is_some());
        let names = ["neighbors", "linear probe", "kernel probe"].map(String::from);
        let names = names.into_iter();
        names
            .chain(logistic.then(|| "logistic probe".into()))
            .chain(self.models.names.iter().cloned())
            .zip(self.ranking.second.shares(models))
            .map(|(witness, weight)| WitnessWeight { witness, weight })
            .collect()
    }

    /// Evidence of the most suspicious samples, overall and by class.
    fn entries(
        &self,
        judge: &Judge<'_>,
        verdicts: &[Verdict],
        wrong: &[f64],
        most: usize,
    ) -> Vec<Suspect> {
        let classes = self.labeled.counts().len();
        let by_class = KEPT_BY_CLASS.min(KEPT_BY_CLASSES / classes.max(1)).max(1);
        let mut seen = vec![0; classes];
        let mut kept = BTreeSet::new();
        for (rank, &i) in self.order.iter().enumerate() {
            let seen = &mut seen[usize::from(self.labeled.indices()[i])];
            if rank < most || *seen < by_class {
                kept.insert(rank);
            }
            *seen += 1;
        }
        kept.into_iter()
            .map(|rank| {
                let i = self.order[rank];
                evidence::suspect(self, judge, (rank, i), (verdicts[rank], wrong[rank]))
            })
            .collect()
    }
}

/// Probabilities that a tag is wrong by rank, for three shares of wrong tags.
struct Estimates {
    value: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Estimates {
    fn new(planted: &Planted, own: &[f64], share: Share) -> Self {
        Self {
            value: planted.probabilities(own, share.value),
            low: planted.probabilities(own, share.low),
            high: planted.probabilities(own, share.high),
        }
    }

    /// Means over so many ranks. The bounds are Wilson's about those of the share: of a few
    /// samples, more or fewer may be wrong than would be of many.
    fn mean(&self, ranks: impl Iterator<Item = usize> + Clone, count: usize) -> Expected {
        let sum = |p: &[f64]| ranks.clone().map(|rank| p[rank]).sum::<f64>();
        Expected {
            value: sum(&self.value) / count as f64,
            low: wilson(sum(&self.low), count).0,
            high: wilson(sum(&self.high), count).1,
        }
    }
}
