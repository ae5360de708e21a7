//! Layers and models over the same samples: what is better, what is noise, and what to keep.
//!
//! In: a [`Study`] with labels. Out: a [`Comparison`]: the curve over the layers of each model, the
//! models side by side by class, the similarity of all feature sets, the complementarity of the
//! models, every ensemble of up to four, and advice on each model. Differences are paired, since
//! all sets describe the same samples, and have intervals and p-values that are adjusted for the
//! number of tests. The same study and seed give the same results for any number of threads. The
//! cost is a neighbor graph and a probe per feature set, with one set in memory at a time, and the
//! bootstrap.

use crate::diagnosis::{Reading, ReadingThresholds};
use crate::error::{Error, Result, printable};
use crate::execution::Execution;
use crate::progress::{Progress, Stage, check};
use crate::statistics::inference::benjamini_hochberg;
use crate::statistics::shuffled::MOST_DISTINCT;
use crate::statistics::{Estimate, Labeled, SortedRows};
use crate::study::{Model, SetId, Study};
use crate::words::join;

mod advice;
mod agreement;
mod bits;
mod complementarity;
mod curve;
mod ensembles;
mod evidence;
mod figures;
mod models;
mod paired;
mod reading;
mod resample;
mod similarity;
mod votes;

pub use advice::{Advice, Recommendation};
pub use agreement::{Agreement, Outcomes};
pub use complementarity::{Complementarity, PairAgreement, Saves};
pub use curve::{ClassStep, Curve, LayerClass, LayerFigures, LayerStep, StepVerdict};
pub use ensembles::{Ensemble, Ensembles, SelectionCheck};
pub use figures::{AnswerSource, COMPARISON_SCHEMA, Comparison, SetPair, SetSimilarity};
pub use models::{ClassPair, ClassRow, Measure, ModelFigure, ModelPair};
pub use paired::McNemar;
pub use resample::Change;
pub use similarity::Cka;

use bits::Bits;
use evidence::{CKA_ROWS, Evidence, OVERLAP_ROWS, Request};
use models::Part;
use resample::{Resampled, Values};
use votes::{Answers, answers, probabilities};

/// How sets are compared. Defaults are in parentheses.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOptions {
    /// Neighbors per sample of the neighborhood hit and of the overlap of neighbors (10).
    pub k: usize,
    /// Perplexity of the soft nearest neighbor loss (30).
    pub perplexity: f64,
    /// Replicates of the bootstrap (1,000; fewer if n × statistics is large).
    pub replicates: usize,
    /// Level of all tests, after adjustment (0.05).
    pub alpha: f64,
    /// Smaller differences are not reported, however certain they are (0.005; twice that for
    /// losses).
    pub least_difference: f64,
    /// Seed of everything random (1).
    pub seed: u64,
}

impl Default for ComparisonOptions {
    fn default() -> Self {
        Self {
            k: 10,
            perplexity: 30.0,
            replicates: 1000,
            alpha: 0.05,
            least_difference: 0.005,
            seed: 1,
        }
    }
}

/// Indices of a set's statistics among those resampled.
struct SetFiguresAt {
    probe: usize,
    hit: usize,
    loss: usize,
    silhouette: Option<usize>,
}

/// Indices of the statistics among those resampled.
struct Figures {
    sets: Vec<SetFiguresAt>,
    /// One per model, if all have predictions.
    predictions: Vec<usize>,
}

impl Comparison {
    /// Compares the feature sets of a study; `None` if it has no labels.
    ///
    /// # Errors
    /// As [`Study::dataset`]; [`Error::Interrupted`] if cancelled; [`Error::TooFewSamples`] for
    /// fewer than two labeled samples; [`Error::Option`] for options that cannot be used.
    ///
    /// ```
    /// use disentangle::ndarray::Array2;
    /// use disentangle::{comparison::StepVerdict, prelude::*};
    /// // Two classes that overlap in the first layer and stand apart in the second.
    /// let noise = |i: usize| (i * 7919 % 1013) as f32 / 1013.0;
    /// let layer = |gap: f32| Array2::from_shape_fn((120, 2), |(i, j)| {
    ///     noise(i * 2 + j) + gap * (i % 2) as f32
    /// });
    /// let labels = Labels::from_integers(&(0..120).map(|i| i % 2).collect::<Vec<i64>>())?;
    /// let study = Study::new("two layers", vec![
    ///     ("A".into(), "conv1".into(), Dataset::new(layer(0.2))?.with_labels(labels)?),
    ///     ("A".into(), "conv2".into(), Dataset::new(layer(2.0))?),
    /// ])?;
    /// let options = ComparisonOptions::default();
    /// let comparison = Comparison::of(&study, &options, &Execution::default())?.unwrap();
    /// assert_eq!(comparison.curves[0].steps[0].verdict, StepVerdict::MoreSeparable);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        study: &Study,
        options: &ComparisonOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        validate(options)?;
        let Some(labels) = study.labels() else {
            return Ok(None);
        };
        let labeled = Labeled::new(labels);
        if labeled.samples() < 2 {
            return Err(Error::TooFewSamples {
                stage: "a comparison",
                needed: 2,
                found: labeled.samples(),
            });
        }
        execution.run(|_| {
            let (labeled, distinct) = in_canonical_order(study, labeled)?;
            let mut comparison = compare(study, &labeled, options, execution)?;
            comparison
                .notes
                .extend(remark_on_copies(distinct, &labeled));
            Ok(Some(comparison))
        })
    }
}

/// The samples in one order for all sets, which does not depend on the order of the rows: by the features of
/// the first set, and of the next ones where samples are identical in those before. Also how many samples are
/// distinct in some set.
fn in_canonical_order(study: &Study, labeled: Labeled) -> Result<(Labeled, usize)> {
    let mut sorted = SortedRows::of_labeled(&labeled);
    for id in study.sets() {
        sorted = sorted.by_features(study.dataset(id)?.features());
        if sorted.distinct() == labeled.samples() {
            break;
        }
    }
    Ok((labeled.in_order_of(&sorted), sorted.distinct()))
}

/// A note where many samples are identical in all sets.
fn remark_on_copies(distinct: usize, labeled: &Labeled) -> Option<String> {
    let n = labeled.samples();
    (distinct as f64 <= MOST_DISTINCT * n as f64).then(|| {
        format!(
            "only {distinct} of {n} samples are distinct, the others are identical to one of these in every \
             set: tests and intervals treat all as independent; if some are copies, differences are less \
             certain than stated"
        )
    })
}

fn validate(options: &ComparisonOptions) -> Result<()> {
    if !(options.alpha > 0.0 && options.alpha < 1.0) {
        let problem = "must be a number between 0 and 1";
        return Err(Error::option("alpha", options.alpha, problem));
    }
    if !(options.least_difference >= 0.0 && options.least_difference.is_finite()) {
        let problem = "must be a number of at least 0";
        return Err(Error::option(
            "least_difference",
            options.least_difference,
            problem,
        ));
    }
    Ok(())
}

/// The progress of a part, whose shares are not those of the whole.
struct Within(Execution);

impl Progress for Within {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn pause(&self) {
        self.0.pause();
    }
}

/// The evidence of all sets, one after the other.
fn look(
    study: &Study,
    labeled: &Labeled,
    options: &ComparisonOptions,
    execution: &Execution,
) -> Result<Vec<Evidence>> {
    let sets = study.sets().count();
    let mut evidence = Vec::with_capacity(sets);
    for id in study.sets() {
        let data = study.dataset(id)?;
        let request = Request {
            k: options.k,
            perplexity: options.perplexity,
            scores: id.layer == study.last_features(id.model),
        };
        let quiet = execution.clone().progress(Within(execution.clone()));
        evidence.push(Evidence::of(&data, labeled, request, &quiet)?);
        let share = evidence.len() as f32 / (sets + 2) as f32;
        execution.report(Stage::Diagnosing, share);
    }
    Ok(evidence)
}

fn compare(
    study: &Study,
    labeled: &Labeled,
    options: &ComparisonOptions,
    execution: &Execution,
) -> Result<Comparison> {
    let own = answers(study, labeled);
    let evidence = look(study, labeled, options, execution)?;
    let similarity = similarity(&evidence, labeled.samples(), execution)?;
    let (figures, values) = layout(&evidence, own.as_deref().unwrap_or_default());
    let (classes, counts) = (labeled.indices(), labeled.counts());
    let (replicates, seed) = (options.replicates, options.seed);
    let drawn = Resampled::new(&values, classes, counts, replicates, seed, execution)?;
    let models: Vec<&str> = study.models().iter().map(Model::name).collect();
    let ids: Vec<SetId> = study.sets().collect();
    let of_model = |m: usize| -> Vec<usize> {
        let all = 0..ids.len();
        all.filter(|&s| ids[s].model == m).collect()
    };
    let curve = |m: usize| {
        let sets = of_model(m);
        curve::curve(models[m], &sets, &evidence, &drawn, &figures, labeled)
    };
    let mut curves: Vec<Curve> = (0..models.len()).map(curve).collect();
    let stand_for: Vec<usize> = (0..models.len())
        .map(|m| of_model(m)[study.last_features(m)])
        .collect();
    let answers = own.as_deref();
    let mut measures = measures(
        &models, &stand_for, &evidence, answers, &drawn, &figures, labeled,
    );
    let at_chance = evidence.iter().filter(|e| e.at_chance);
    let at_chance: Vec<&str> = at_chance.map(|e| e.name.as_str()).collect();
    decide(&mut curves, &mut measures, &at_chance, options);
    let right: Vec<&Bits> = match &own {
        Some(answers) => answers.iter().map(|a| &a.right).collect(),
        None => stand_for.iter().map(|&s| &evidence[s].right).collect(),
    };
    let mut notes = study.notes().to_vec();
    let without = without_predictions(study);
    notes.extend(remarks(&evidence, &without, models.len(), labeled));
    let votes = probabilities(study, labeled, &stand_for, &evidence, &mut notes);
    let mut ensembles = ensembles::ensembles(&models, &votes, classes, counts, options, execution)?;
    if let Some(ensembles) = &mut ensembles
        && study.models().iter().any(|m| m.probabilities().is_none())
    {
        let of_probe = measures.iter().find(|m| m.name == "probe");
        ensembles.silence_noise(&of_probe.map_or_else(Vec::new, |m| models::noise(m, &at_chance)));
    }
    execution.report(Stage::Diagnosing, 1.0);
    let mut comparison = Comparison {
        schema: COMPARISON_SCHEMA.into(),
        crate_version: env!("CARGO_PKG_VERSION").into(),
        name: study.name().into(),
        labeled: labeled.samples(),
        unlabeled: study.samples() - labeled.samples(),
        labels: labeled.names().to_vec(),
        counts: counts.to_vec(),
        inputs: study.sources().to_vec(),
        notes,
        k: evidence.first().map_or(options.k, |e| e.k),
        perplexity: options.perplexity,
        alpha: options.alpha,
        least_difference: options.least_difference,
        seed,
        reading: Reading::default(),
        curves,
        answers: match &own {
            Some(_) => AnswerSource::Predictions,
            None => AnswerSource::Probe,
        },
        without_predictions: without,
        recommendations: advice::advice(&measures[0], ensembles.as_ref(), options.least_difference),
        measures,
        similarity,
        complementarity: complementarity::complementarity(&models, &right, labeled, options),
        ensembles,
    };
    comparison.reading = comparison.read(&ReadingThresholds::default());
    Ok(comparison)
}

/// All per-sample values, one row per statistic, and their indices.
fn layout<'a>(evidence: &'a [Evidence], answers: &'a [Answers]) -> (Figures, Vec<Values<'a>>) {
    let mut all: Vec<Values<'a>> = Vec::new();
    let mut place = |values: &'a [f32], of_neighbors: bool| {
        all.push(Values {
            values,
            of_neighbors,
        });
        all.len() - 1
    };
    let sets = evidence
        .iter()
        .map(|e| SetFiguresAt {
            probe: place(&e.hits_of_probe, false),
            hit: place(&e.neighborhood_hits, true),
            loss: place(&e.losses, true),
            silhouette: e.geometry.as_ref().map(|g| place(&g.silhouettes, false)),
        })
        .collect();
    let predictions = answers.iter().map(|a| place(&a.numbers, false)).collect();
    (Figures { sets, predictions }, all)
}

/// The models by their own answers, their probes and their neighbors.
fn measures<'a>(
    models: &[&'a str],
    stand_for: &[usize],
    evidence: &'a [Evidence],
    answers: Option<&'a [Answers]>,
    drawn: &Resampled,
    figures: &Figures,
    labeled: &Labeled,
) -> Vec<Measure> {
    let mut measures = Vec::new();
    let mut add = |name: &str, part: &dyn Fn(usize) -> Part<'a>| {
        let parts: Vec<Part<'a>> = (0..models.len()).map(part).collect();
        measures.push(models::measure(name, &parts, drawn, labeled));
    };
    if let Some(answers) = answers {
        add("predictions", &|m| Part {
            model: models[m],
            set: None,
            figure: figures.predictions[m],
            right: Some((&answers[m].right, &answers[m].classes)),
            values: &answers[m].numbers,
        });
    }
    add("probe", &|m| {
        let set = &evidence[stand_for[m]];
        Part {
            model: models[m],
            set: Some(&set.name),
            figure: figures.sets[stand_for[m]].probe,
            right: Some((&set.right, &set.answers)),
            values: &set.hits_of_probe,
        }
    });
    add("neighborhood_hit", &|m| {
        let set = &evidence[stand_for[m]];
        Part {
            model: models[m],
            set: Some(&set.name),
            figure: figures.sets[stand_for[m]].hit,
            right: None,
            values: &set.neighborhood_hits,
        }
    });
    measures
}

/// Adjusts all tests of layers and models for their number, and draws the conclusions. Tests over
/// all classes are one family and those of single classes another, at half the level each, so that
/// without any true difference the chance of a finding is the level. The statistics of geometry,
/// which say nothing about separability, are a third family.
fn decide(
    curves: &mut [Curve],
    measures: &mut [Measure],
    at_chance: &[&str],
    options: &ComparisonOptions,
) {
    let (mut overall, mut classes, mut geometry) = (Vec::new(), Vec::new(), Vec::new());
    for curve in &mut *curves {
        curve::tests(curve, options, &mut overall, &mut classes, &mut geometry);
    }
    for measure in &mut *measures {
        models::tests(measure, options, &mut overall, &mut classes);
    }
    adjust(&mut overall, options.alpha / 2.0);
    adjust(&mut classes, options.alpha / 2.0);
    adjust(&mut geometry, options.alpha);
    for curve in curves {
        curve::silence_noise(curve, at_chance);
        curve::conclude(curve);
    }
    for measure in measures {
        models::silence_noise(measure, at_chance);
        models::conclude(measure);
    }
}

/// Whether a balanced accuracy is shown to lie above chance, 1/C.
///
/// On pure noise, the answers of a leave-one-out probe depend on each other: over 150 draws at five
/// sizes the standard deviation of their share was up to 1.35 times that of a proportion. So the
/// deviation is multiplied by 1.4, and the level is 0.01: 2.58 deviations instead of 1.96.
fn is_above_chance(figure: &Estimate, classes: usize) -> bool {
    let chance = 1.0 / classes.max(1) as f64;
    let below = figure.low.map_or(f64::INFINITY, |low| figure.value - low);
    figure.value - chance > 1.4 * 2.58 / 1.96 * below
}

/// CKA and the overlap of neighbors of all pairs of sets.
fn similarity(
    evidence: &[Evidence],
    samples: usize,
    progress: &dyn Progress,
) -> Result<SetSimilarity> {
    let mut pairs = Vec::new();
    for (i, first) in evidence.iter().enumerate() {
        for second in &evidence[i + 1..] {
            check(progress)?;
            pairs.push(SetPair {
                first: first.name.clone(),
                second: second.name.clone(),
                cka: similarity::cka(&first.rows, &second.rows, progress)?,
                neighbor_overlap: similarity::neighbor_overlap(
                    &first.neighbor_ids,
                    &second.neighbor_ids,
                    first.k,
                ),
            });
        }
    }
    let k = evidence.first().map_or(1, |e| e.k);
    Ok(SetSimilarity {
        cka_samples: samples.min(CKA_ROWS),
        overlap_samples: samples.min(OVERLAP_ROWS),
        chance_overlap: similarity::chance_overlap(k, samples),
        pairs,
    })
}

/// The models that have neither predictions nor probabilities.
fn without_predictions(study: &Study) -> Vec<String> {
    let has_none = |m: &&Model| m.predictions().is_none() && m.probabilities().is_none();
    let models = study.models().iter().filter(has_none);
    models.map(|m| m.name().to_owned()).collect()
}

/// What a reader should know about the results.
fn remarks(
    evidence: &[Evidence],
    without_predictions: &[String],
    models: usize,
    labeled: &Labeled,
) -> Vec<String> {
    let mut notes = Vec::new();
    let missing = without_predictions.len();
    if models > 1 && missing == models {
        notes.push(
            "no model has predictions: the models are compared by the leave-one-out probes of \
             their features"
                .into(),
        );
    } else if models > 1 && missing > 0 {
        let names: Vec<String> = without_predictions.iter().map(|n| printable(n)).collect();
        let (have, them) = if missing == 1 {
            ("has", "it")
        } else {
            ("have", "them")
        };
        notes.push(format!(
            "{} {have} no predictions: all models are compared by the leave-one-out probes of their \
             features; leave {them} out to compare the others by their predictions",
            join(&names)
        ));
    }
    if labeled.occupied() < 2 {
        notes.push("there is only one class: nothing can be separated".into());
    }
    let n = labeled.samples();
    for set in evidence.iter().filter(|e| e.dimensions >= n) {
        notes.push(format!(
            "{} has {} features for {n} samples: with so few samples, probes are unreliable",
            printable(&set.name),
            set.dimensions
        ));
    }
    let recall = evidence.iter().filter_map(|e| e.recall);
    if let Some(least) = recall.reduce(f64::min) {
        notes.push(format!(
            "neighbors are approximate: at least {:.1}% of the true ones were found",
            100.0 * least
        ));
    }
    notes
}

/// A share with its interval only.
fn proportion(right: usize, of: usize) -> Estimate {
    Estimate {
        standard_error: None,
        ..Estimate::share(right as f64, of)
    }
}

/// Mean share over the classes that have samples.
fn balanced(hits: &[usize], counts: &[usize]) -> f64 {
    let shares: Vec<f64> = hits
        .iter()
        .zip(counts)
        .filter(|(_, c)| **c > 0)
        .map(|(&h, &c)| h as f64 / c as f64)
        .collect();
    shares.iter().sum::<f64>() / shares.len().max(1) as f64
}

/// A change with the least difference that is reported.
type Tested<'a> = (&'a mut Change, f64);

/// Adjusts one family of changes, and decides which are shown, by the test and by their size.
fn adjust(family: &mut [Tested<'_>], alpha: f64) {
    let tested: Vec<usize> = (0..family.len())
        .filter(|&i| family[i].0.p.is_some())
        .collect();
    let p: Vec<f64> = tested.iter().filter_map(|&i| family[i].0.p).collect();
    for (&i, p) in tested.iter().zip(benjamini_hochberg(&p)) {
        let (change, least) = &mut family[i];
        change.p_adjusted = Some(p);
        change.shown = p <= alpha && change.difference.value.abs() >= *least;
    }
}

/// A balanced difference is shown only if McNemar's test over all samples agrees with it.
fn with_test(change: Change, test: &McNemar) -> Change {
    let direction = test.second_only as f64 - test.first_only as f64;
    let agrees = direction * change.difference.value > 0.0;
    let p = change.p.map(|p| if agrees { p.max(test.p) } else { 1.0 });
    Change { p, ..change }
}
