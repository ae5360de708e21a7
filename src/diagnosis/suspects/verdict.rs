//! What is probably the matter with a sample: the tag, the classes, the model's head, or itself.
//!
//! In: a sample's findings and the probability that its tag is wrong. Out: one [`Verdict`], by
//! named thresholds in this order: a tag that is probably wrong; a sample far from everything; a
//! model that is wrong although neighbors and probe agree with the tag; classes that overlap
//! there; no doubt.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::ranking::Finding;
use super::{Models, SuspectOptions};
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;

/// The neighbor whose distance tells how far a sample is from everything.
const FAR_NEIGHBOR: usize = 10;
/// Neighbors among which near-duplicates are looked for.
const DUPLICATE_NEIGHBORS: usize = 10;

/// What is probably the matter with a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The tag is probably wrong.
    TaggingErrorLikely,
    /// Neighbors are mixed or the probe is near its boundary: the limit of these features.
    ClassOverlap,
    /// Neighbors and probe agree with the tag, a model does not: its head wastes what the
    /// features hold.
    HeadError,
    /// Far from everything.
    Outlier,
    /// Nothing speaks against the tag.
    NoDoubt,
}

impl Verdict {
    /// The verdict in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::TaggingErrorLikely => "tagging error likely",
            Self::ClassOverlap => "class overlap",
            Self::HeadError => "head error",
            Self::Outlier => "outlier",
            Self::NoDoubt => "no doubt",
        }
    }
}

/// Numbers of samples by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCounts {
    /// The tag is probably wrong.
    pub tagging_error_likely: usize,
    /// The classes overlap there.
    pub class_overlap: usize,
    /// A model is wrong where neighbors and probe are right.
    pub head_error: usize,
    /// Far from everything.
    pub outlier: usize,
    /// Nothing speaks against the tag.
    pub no_doubt: usize,
}

impl VerdictCounts {
    pub(super) fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::TaggingErrorLikely => &mut self.tagging_error_likely,
            Verdict::ClassOverlap => &mut self.class_overlap,
            Verdict::HeadError => &mut self.head_error,
            Verdict::Outlier => &mut self.outlier,
            Verdict::NoDoubt => &mut self.no_doubt,
        } += 1;
    }
}

/// The thresholds, and what is needed of all samples to apply them to one.
pub(super) struct Judge<'a> {
    labeled: &'a Labeled,
    models: &'a Models,
    options: &'a SuspectOptions,
    reliable: bool,
    /// Distance to the 10th neighbor over the median of the class.
    ratios: Vec<f32>,
    /// Near-duplicates with another tag.
    duplicates: HashMap<usize, Vec<usize>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        labeled: &'a Labeled,
        graph: &Neighbors,
        models: &'a Models,
        options: &'a SuspectOptions,
        reliable: bool,
    ) -> Self {
        Self {
            labeled,
            models,
            options,
            reliable,
            ratios: distance_ratios(labeled, graph),
            duplicates: duplicates(labeled, graph, options.duplicate_ratio),
        }
    }

    pub(super) fn verdict(&self, i: usize, finding: &Finding, wrong: f64) -> Verdict {
        let options = self.options;
        let tag = self.labeled.indices()[i];
        let agrees = finding.best == tag;
        if self.reliable && !agrees && wrong >= options.likely_probability {
            return Verdict::TaggingErrorLikely;
        }
        if f64::from(self.ratios[i]) >= options.outlier_ratio {
            return Verdict::Outlier;
        }
        let mixed = f64::from(finding.neighbors) < options.mixed_neighbors;
        let margin = finding.margins[0].max(finding.margins[1]);
        let near = f64::from(margin) < options.boundary_margin;
        if agrees && !mixed && !near {
            let wasted = self.models.predicted(i).into_iter().any(|p| p != tag);
            return if wasted {
                Verdict::HeadError
            } else {
                Verdict::NoDoubt
            };
        }
        Verdict::ClassOverlap
    }

    /// Distance to the 10th neighbor as a multiple of the class's median.
    pub(super) fn distance_ratio(&self, i: usize) -> f64 {
        f64::from(self.ratios[i])
    }

    /// Near-duplicates with another tag.
    pub(super) fn duplicates(&self, i: usize) -> &[usize] {
        self.duplicates.get(&i).map_or(&[], Vec::as_slice)
    }

    /// Pairs of near-duplicates with different tags.
    pub(super) fn conflicting_duplicates(&self) -> usize {
        let pairs = self.duplicates.iter();
        pairs
            .flat_map(|(&i, others)| others.iter().map(move |&j| (i.min(j), i.max(j))))
            .collect::<std::collections::HashSet<_>>()
            .len()
    }
}

/// Distances to the 10th neighbor over the medians of the classes; 1 where a median is 0.
fn distance_ratios(labeled: &Labeled, graph: &Neighbors) -> Vec<f32> {
    let at = FAR_NEIGHBOR.min(graph.k()) - 1;
    let far: Vec<f32> = (0..labeled.samples())
        .map(|i| graph.squared_distances(i)[at].sqrt())
        .collect();
    let mut by_class = vec![Vec::new(); labeled.counts().len()];
    for (&distance, &class) in far.iter().zip(labeled.indices()) {
        by_class[usize::from(class)].push(distance);
    }
    let medians: Vec<f32> = by_class.iter_mut().map(|d| median(d)).collect();
    let pairs = far.iter().zip(labeled.indices());
    pairs
        .map(|(&distance, &class)| {
            let median = medians[usize::from(class)];
            if median > 0.0 { distance / median } else { 1.0 }
        })
        .collect()
}

/// Neighbors with another tag that are as near as duplicates are.
fn duplicates(labeled: &Labeled, graph: &Neighbors, ratio: f64) -> HashMap<usize, Vec<usize>> {
    let n = labeled.samples();
    let mut nearest: Vec<f32> = (0..n)
        .map(|i| graph.squared_distances(i)[0].sqrt())
        .collect();
    let limit = f64::from(median(&mut nearest)) * ratio;
    let mut found = HashMap::new();
    for i in 0..n {
        let pairs = graph.ids(i).iter().zip(graph.squared_distances(i));
        let near = pairs.take(DUPLICATE_NEIGHBORS).filter(|&(&j, &d)| {
            let differs = labeled.indices()[j as usize] != labeled.indices()[i];
            differs && f64::from(d).sqrt() <= limit
        });
        let near: Vec<usize> = near.map(|(&j, _)| j as usize).collect();
        if !near.is_empty() {
            found.insert(i, near);
        }
    }
    found
}

fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
