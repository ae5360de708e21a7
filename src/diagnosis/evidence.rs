//! Gathers the parts of separation and mixing, each as soon as it is computed.
//!
//! In: the features and the neighbor graph of the labeled samples. Out: an [`Evidence`] that fills
//! up in the order of the plan.

use ndarray::{Array2, ArrayView2};

use super::judgment::Judgment;
use super::{MixingThresholds, StandingThresholds};
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::statistics::geometry::Geometry;
use crate::statistics::linear::LinearOverlaps;
use crate::statistics::logistic::LogisticProbe;
use crate::statistics::shuffled::Shuffled;
use crate::statistics::votes::{Hits, PERPLEXITY, Soft, Votes, hits, soft};
use crate::statistics::{Labeled, RidgeProbe, argmax, neighbors_of};

/// What is kept of the closed-form probe.
#[derive(Debug, Clone)]
pub(crate) struct ClosedForm {
    pub(crate) confusion: Vec<Vec<u32>>,
    pub(crate) penalty: f64,
    pub(crate) components: Option<usize>,
}

/// Tests by shuffled labels, which are needed if many samples are identical.
#[derive(Debug, Clone, Default)]
enum Shuffles {
    #[default]
    NotNeeded,
    Awaited,
    /// The formulas for other data have to do.
    TooMuchWork,
    Tested(Shuffled),
}

/// The parts that separation and mixing are computed from; each is `None` until it is computed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// When there is evidence, and when a class stands apart.
    pub(crate) standing: StandingThresholds,
    /// When a pair is called mixed.
    pub(crate) mixing: MixingThresholds,
    pub(crate) hits: Option<Vec<Hits>>,
    pub(crate) soft: Option<Soft>,
    pub(crate) votes: Option<Votes>,
    pub(crate) geometry: Option<Geometry>,
    pub(crate) probe: Option<ClosedForm>,
    shuffles: Shuffles,
    pub(crate) logistic: Option<LogisticProbe>,
    pub(super) linear: Option<LinearOverlaps>,
    /// What votes and linear overlaps say of the pairs.
    pub(super) judgment: Option<Judgment>,
    pub(crate) map_votes: Option<Votes>,
    /// Predictions of the classifier for the labeled samples: counts by class and prediction.
    pub(crate) head: Option<Vec<Vec<u32>>>,
}

/// Neighbors needed for the statistics at several k and for the soft ones.
pub(crate) const WANTED_NEIGHBORS: usize = 90;

impl Evidence {
    /// Adds the votes of the neighbors; `k` is that of the tables.
    pub(crate) fn read_graph(
        &mut self,
        graph: &Neighbors,
        labeled: &Labeled,
        k: usize,
        execution: &Execution,
    ) {
        if graph.samples() != labeled.samples() {
            return;
        }
        if self.hits.is_none() {
            self.hits = Some(hits(graph, labeled));
            self.shuffles = if Shuffled::is_needed(graph) {
                Shuffles::Awaited
            } else {
                Shuffles::NotNeeded
            };
        }
        if self.soft.is_none() && graph.k() >= 3.min(labeled.samples() - 1) {
            self.soft = execution.run(|_| soft(graph, labeled, PERPLEXITY)).ok();
        }
        self.votes = Some(Votes::count(graph, k, labeled));
        self.judge(labeled);
    }

    /// Adds the linear overlaps.
    pub(crate) fn read_linear(&mut self, linear: Option<LinearOverlaps>, labeled: &Labeled) {
        self.linear = linear;
        self.judge(labeled);
    }

    fn judge(&mut self, labeled: &Labeled) {
        let known = self.votes.as_ref().zip(self.linear.as_ref());
        self.judgment =
            known.map(|(votes, linear)| Judgment::of(votes, linear, &self.mixing, labeled));
    }

    /// Adds the votes of the neighbors in the map.
    pub(crate) fn read_map(&mut self, graph: &Neighbors, labeled: &Labeled) {
        let is_theirs = graph.samples() == labeled.samples();
        self.map_votes = is_theirs.then(|| Votes::count(graph, graph.k(), labeled));
    }

    /// Adds the classifier's answers, if its predictions or probabilities are given.
    pub(crate) fn read_predictions(&mut self, data: &Dataset, labeled: &Labeled) {
        let answers: Option<Vec<u16>> = match (data.predictions(), data.probabilities()) {
            (Some(predictions), _) => Some(predictions.to_vec()),
            (None, Some(table)) => Some(table.outer_iter().map(|row| argmax(row) as u16).collect()),
            (None, None) => None,
        };
        let classes = labeled.counts().len();
        self.head = answers.map(|answers| {
            let mut table = vec![vec![0_u32; classes]; classes];
            for (i, &class) in labeled.indices().iter().enumerate() {
                let row = labeled.row(i);
                // A prediction of a class that no sample has belongs to no pair.
                if let Some(cell) = table[usize::from(class)].get_mut(usize::from(answers[row])) {
                    *cell += 1;
                }
            }
            table
        });
    }

    /// Whether tests by shuffled labels are needed but not computed.
    pub(crate) fn awaits_shuffles(&self) -> bool {
        matches!(self.shuffles, Shuffles::Awaited)
    }

    /// The tests by shuffled labels, if they were computed.
    pub(crate) fn shuffled(&self) -> Option<&Shuffled> {
        match &self.shuffles {
            Shuffles::Tested(shuffled) => Some(shuffled),
            _ => None,
        }
    }

    /// Adds the tests by shuffled labels; `None` if they would be too much work.
    pub(crate) fn read_shuffles(&mut self, shuffled: Option<Shuffled>) {
        self.shuffles = shuffled.map_or(Shuffles::TooMuchWork, Shuffles::Tested);
    }

    /// Drops what is known of the graph, because it has changed; tests by shuffled labels are awaited again if
    /// the new one needs them.
    pub(crate) fn forget_graph(&mut self) {
        (self.hits, self.soft, self.votes) = (None, None, None);
        self.judgment = None;
    }

    /// Adds the closed-form probe.
    pub(crate) fn read_probe(&mut self, probe: Option<RidgeProbe>) {
        self.probe = probe.map(|probe| ClosedForm {
            confusion: probe.confusion,
            penalty: probe.penalty,
            components: probe.components,
        });
    }
}

/// The labeled samples by themselves, gathered once for all parts.
pub(crate) struct Gathered {
    /// Their features, in their order.
    features: Array2<f32>,
    /// All rows of these.
    labeled: Labeled,
}

impl Gathered {
    /// `features` are those of all samples, labeled or not.
    pub(crate) fn new(features: ArrayView2<'_, f32>, labeled: &Labeled) -> Self {
        let own = labeled.subset(features);
        Self {
            features: own.unwrap_or_else(|| features.to_owned()),
            labeled: labeled.alone(),
        }
    }

    /// Their neighbor graph; `None` if there are fewer than two.
    pub(crate) fn neighbors(&self, k: usize, execution: &Execution) -> Result<Option<Neighbors>> {
        self.compute(execution, |features, _, execution| {
            neighbors_of(features, k, execution)
        })
    }

    /// Tests by shuffled labels; `None` if they would be too much work.
    pub(crate) fn test_by_shuffles(
        &self,
        graph: &Neighbors,
        execution: &Execution,
    ) -> Result<Option<Shuffled>> {
        self.compute(execution, |features, labeled, execution| {
            Shuffled::test(features, labeled, graph, execution)
        })
    }

    /// Computes a part.
    pub(crate) fn compute<T: Send>(
        &self,
        execution: &Execution,
        part: impl Fn(ArrayView2<'_, f32>, &Labeled, &Execution) -> Result<T> + Send + Sync,
    ) -> Result<T> {
        execution.run(|_| part(self.features.view(), &self.labeled, execution))
    }

    pub(crate) fn into_features(self) -> Array2<f32> {
        self.features
    }
}
