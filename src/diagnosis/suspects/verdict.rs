//! Verdicts: what is wrong with a sample, if anything.
//!
//! In: a sample's assessment and the probability that its label is wrong. Out: one [`Verdict`], by
//! named thresholds in this order: the sample is probably mislabeled; it is far from all others;
//! neighbors are mixed or the probes settle nothing; a model is wrong although they agree with the
//! label; the label fits.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::models::Models;
use super::options::SuspectOptions;
use super::ranking::Assessment;
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;

/// The neighbor whose distance says how far a sample is from all others.
const FAR_NEIGHBOR: usize = 10;
/// Neighbors among which near-duplicates are searched.
const DUPLICATE_NEIGHBORS: usize = 10;

/// What is wrong with a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Its label is probably wrong.
    ProbablyMislabeled,
    /// Neighbors are mixed or the probes settle nothing: the features do not separate the classes here.
    ClassOverlap,
    /// Neighbors and probes agree with the label, a model does not: its head does not use what the
    /// features hold.
    HeadError,
    /// The sample is far from all others.
    Outlier,
    /// Nothing contradicts the label.
    NoDoubt,
}

impl Verdict {
    /// The verdict in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::ProbablyMislabeled => "probably mislabeled",
            Self::ClassOverlap => "class overlap",
            Self::HeadError => "classifier error",
            Self::Outlier => "outlier",
            Self::NoDoubt => "label fits",
        }
    }
}

/// Numbers of samples by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCounts {
    /// Its label is probably wrong.
    pub probably_mislabeled: usize,
    /// Neighbors are mixed or the probes settle nothing.
    pub class_overlap: usize,
    /// A model is wrong where neighbors and probes are right.
    pub head_error: usize,
    /// Far from all others.
    pub outlier: usize,
    /// Nothing contradicts the label.
    pub no_doubt: usize,
}

impl VerdictCounts {
    pub(super) fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::ProbablyMislabeled => &mut self.probably_mislabeled,
            Verdict::ClassOverlap => &mut self.class_overlap,
            Verdict::HeadError => &mut self.head_error,
            Verdict::Outlier => &mut self.outlier,
            Verdict::NoDoubt => &mut self.no_doubt,
        } += 1;
    }
}

/// The thresholds, with what they need to know about all samples.
pub(super) struct VerdictRules<'a> {
    labeled: &'a Labeled,
    models: &'a Models,
    options: &'a SuspectOptions,
    /// By class, whether its labels may be called wrong.
    judged: Vec<bool>,
    /// Distance to the 10th neighbor over the median of the class.
    distance_ratios: Vec<f32>,
    /// Near-duplicates with another label.
    duplicates: HashMap<usize, Vec<usize>>,
    conflicting_duplicates: usize,
}

impl<'a> VerdictRules<'a> {
    pub(super) fn new(
        labeled: &'a Labeled,
        graph: &Neighbors,
        models: &'a Models,
        options: &'a SuspectOptions,
        judged: Vec<bool>,
    ) -> Self {
        let limit = duplicate_distance(graph, options.duplicate_ratio);
        Self {
            labeled,
            models,
            options,
            judged,
            distance_ratios: distance_ratios(labeled, graph),
            duplicates: duplicates(labeled, graph, limit),
            conflicting_duplicates: conflicting_duplicates(labeled, graph, limit),
        }
    }

    /// The verdict on labeled sample `i`, whose label is wrong with this probability.
    pub(super) fn verdict(&self, i: usize, assessment: &Assessment, probability: f64) -> Verdict {
        let options = self.options;
        let label = self.labeled.indices()[i];
        let agrees = assessment.best == label;
        let judged = self.judged[usize::from(label)];
        if judged && !agrees && probability >= options.mislabeled_probability {
            return Verdict::ProbablyMislabeled;
        }
        if self.distance_ratio(i) >= options.outlier_ratio {
            return Verdict::Outlier;
        }
        let is_mixed = f64::from(assessment.neighbors) < options.mixed_neighbors;
        let margin = assessment.margins[0].max(assessment.margins[1]);
        let is_undecided = f64::from(margin) < options.boundary_margin;
        if !agrees || is_mixed || is_undecided {
            return Verdict::ClassOverlap;
        }
        if self.models.predicted(i).into_iter().any(|p| p != label) {
            Verdict::HeadError
        } else {
            Verdict::NoDoubt
        }
    }

    /// Distance to the 10th neighbor as a multiple of the class's median.
    pub(super) fn distance_ratio(&self, i: usize) -> f64 {
        f64::from(self.distance_ratios[i])
    }

    /// Near-duplicates with another label.
    pub(super) fn duplicates(&self, i: usize) -> &[usize] {
        self.duplicates.get(&i).map_or(&[], Vec::as_slice)
    }

    /// Pairs of near-duplicates with different labels.
    pub(super) fn conflicting_duplicates(&self) -> usize {
        self.conflicting_duplicates
    }
}

/// Distances to the 10th neighbor over the medians of the classes; 1 where a median is 0.
fn distance_ratios(labeled: &Labeled, graph: &Neighbors) -> Vec<f32> {
    let at = FAR_NEIGHBOR.min(graph.k()) - 1;
    let far: Vec<f32> = (0..labeled.samples())
        .map(|i| graph.squared_distances(i)[at].sqrt())
        .collect();
    let classes = labeled.indices();
    let mut by_class = vec![Vec::new(); labeled.counts().len()];
    for (&distance, &class) in far.iter().zip(classes) {
        by_class[usize::from(class)].push(distance);
    }
    let medians: Vec<f32> = by_class.iter_mut().map(|d| median(d)).collect();
    let pairs = far.iter().zip(classes);
    pairs
        .map(|(&distance, &class)| {
            let median = medians[usize::from(class)];
            if median > 0.0 { distance / median } else { 1.0 }
        })
        .collect()
}

/// Samples up to this distance are near-duplicates.
fn duplicate_distance(graph: &Neighbors, ratio: f64) -> f64 {
    let mut nearest: Vec<f32> = (0..graph.samples())
        .map(|i| graph.squared_distances(i)[0].sqrt())
        .collect();
    f64::from(median(&mut nearest)) * ratio
}

/// The neighbors of a sample up to a distance that have another label: those that come first, and all that
/// are as far as the last of these.
fn near_others(
    labeled: &Labeled,
    graph: &Neighbors,
    sample: usize,
    limit: f64,
) -> impl Iterator<Item = usize> {
    let (classes, squared) = (labeled.indices(), graph.squared_distances(sample));
    let last = squared[DUPLICATE_NEIGHBORS.min(graph.k()) - 1];
    let pairs = graph.ids(sample).iter().zip(squared);
    let near = pairs.take_while(move |(_, d)| **d <= last && f64::from(**d).sqrt() <= limit);
    near.map(|(&j, _)| j as usize)
        .filter(move |&j| classes[j] != classes[sample])
}

/// By sample, the first neighbors with another label that are as near as duplicates.
fn duplicates(labeled: &Labeled, graph: &Neighbors, limit: f64) -> HashMap<usize, Vec<usize>> {
    let of = |i: usize| {
        let near = near_others(labeled, graph, i, limit).take(DUPLICATE_NEIGHBORS);
        let near: Vec<usize> = near.collect();
        (!near.is_empty()).then_some((i, near))
    };
    (0..labeled.samples()).filter_map(of).collect()
}

/// Pairs of near-duplicates with different labels: all pairs of identical samples, and others among the
/// nearest.
fn conflicting_duplicates(labeled: &Labeled, graph: &Neighbors, limit: f64) -> usize {
    let (classes, groups) = (labeled.indices(), graph.groups());
    let mut counts = vec![0_usize; labeled.classes()];
    let mut pairs = 0;
    for group in groups.repeated() {
        for (before, &i) in groups.members(group).iter().enumerate() {
            let same = &mut counts[usize::from(classes[i as usize])];
            pairs += before - *same;
            *same += 1;
        }
        for &i in groups.members(group) {
            counts[usize::from(classes[i as usize])] = 0;
        }
    }
    for i in 0..labeled.samples() {
        let different = |&j: &usize| groups.of(i) != groups.of(j);
        // A pair that either lists counts once.
        let lists = |j: usize| near_others(labeled, graph, j, limit).any(|other| other == i);
        let near = near_others(labeled, graph, i, limit).filter(different);
        pairs += near.filter(|&j| i < j || !lists(j)).count();
    }
    pairs
}

fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
