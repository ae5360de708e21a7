//! The run that is shown: the samples, the newest that is known of their map, and what was asked of
//! the worker.

use std::sync::Arc;

use super::action::Compared;
use super::ladder::Ladder;
use super::maps::MapId;
use crate::clusters::Clusters;
use crate::dataset::{Dataset, UNLABELED};
use crate::diagnosis::{Diagnosis, Fidelity, MixingDifference};
use crate::picture::outcomes;
use crate::run::{Activity, Snapshot};

/// The numbers of neighbors that the keys lead through.
pub(crate) const TABLE_KS: [usize; 10] = [1, 2, 3, 5, 10, 15, 20, 30, 50, 100];

/// What was asked of the worker and has not shown in a snapshot yet, so that a second key press
/// goes on from the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) perplexity: Option<f64>,
    pub(crate) seed: Option<u64>,
    /// To run or to pause.
    pub(crate) motion: Option<Motion>,
}

/// Whether the map moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// It does, or is about to.
    Run,
    /// It does not.
    Pause,
}

impl Motion {
    /// Whether a worker that is at this iterates or is about to.
    pub(crate) fn of(activity: &Activity) -> Self {
        match activity {
            Activity::Running | Activity::Preparing { .. } => Self::Run,
            _ => Self::Pause,
        }
    }
}

/// True if a worker that is at this does nothing more of itself.
pub(crate) fn is_over(activity: &Activity) -> bool {
    matches!(
        activity,
        Activity::Finished | Activity::Still | Activity::Failed(_)
    )
}

/// The run that is shown.
#[derive(Debug, Clone)]
pub(crate) struct CurrentRun {
    /// The samples.
    pub(crate) data: Arc<Dataset>,
    /// Samples per class, then those without one if there are any.
    pub(crate) counts: Vec<usize>,
    /// Right, wrong or neither per sample; empty without predictions.
    pub(crate) outcomes: Arc<[u16]>,
    /// The newest snapshot.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The newest diagnosis.
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// The perplexities that the keys lead through.
    pub(crate) ladder: Ladder,
    /// A remark about the ladder.
    pub(crate) ladder_remark: Option<String>,
    /// Neighbors per sample in the tables, as asked for.
    pub(crate) table_k: usize,
    /// The clusters that stand in for classes, or that none were found.
    pub(crate) adopted: Option<Arc<Clusters>>,
    /// Layers and models compared.
    pub(crate) compared: Compared,
    /// The map that the last restart left, and how many steps could be undone at that time.
    pub(crate) restarted_from: Option<(MapId, usize)>,
    /// What was asked and is not there yet.
    pub(crate) asked: Asked,
}

impl CurrentRun {
    /// A run as it starts.
    pub(crate) fn new(
        data: Arc<Dataset>,
        snapshot: Arc<Snapshot>,
        ladder: &[f64],
        table_k: usize,
    ) -> Self {
        let counts = counts_of(&data);
        let (ladder, ladder_remark) = Ladder::new(ladder, data.samples());
        Self {
            outcomes: outcomes_of(&data),
            counts,
            data,
            snapshot,
            diagnosis: None,
            ladder,
            ladder_remark,
            table_k,
            adopted: None,
            compared: Compared::Nothing,
            restarted_from: None,
            asked: Asked::default(),
        }
    }

    /// Takes the same samples with other labels.
    pub(crate) fn take_data(&mut self, data: Arc<Dataset>) {
        self.counts = counts_of(&data);
        self.outcomes = outcomes_of(&data);
        self.data = data;
    }

    /// Whether the classes are clusters that were found in the features, not labels.
    pub(crate) fn is_provisional(&self) -> bool {
        (self.data.labels()).is_some_and(crate::dataset::Labels::is_provisional)
    }

    /// What the classes are called.
    pub(crate) fn class_word(&self) -> &'static str {
        if self.is_provisional() {
            "cluster"
        } else {
            "class"
        }
    }

    /// The same of several.
    pub(crate) fn classes_word(&self) -> &'static str {
        if self.is_provisional() {
            "clusters"
        } else {
            "classes"
        }
    }

    /// Whether the samples have labels of their own.
    pub(crate) fn has_labels(&self) -> bool {
        self.classes() > 0 && !self.is_provisional()
    }

    /// The perplexity in effect, or the one asked for.
    pub(crate) fn perplexity(&self) -> f64 {
        self.asked.perplexity.unwrap_or(self.snapshot.perplexity)
    }

    /// The seed in effect, or the one asked for.
    pub(crate) fn seed(&self) -> u64 {
        self.asked.seed.unwrap_or(self.snapshot.seed)
    }

    /// The map that is shown.
    pub(crate) fn map_id(&self) -> MapId {
        let (perplexity, seed) = (self.snapshot.perplexity, self.snapshot.seed);
        MapId { perplexity, seed }
    }

    /// True if the worker iterates or is about to.
    pub(crate) fn is_running(&self) -> bool {
        let reported = Motion::of(&self.snapshot.activity);
        self.asked.motion.unwrap_or(reported) == Motion::Run
    }

    /// All perplexities worth a row: the ladder's, the visited ones and the current one.
    pub(crate) fn rungs(&self) -> Vec<f64> {
        let mut ladder = self.ladder.clone();
        for visited in self.snapshot.visited.iter() {
            ladder.insert(visited.perplexity);
        }
        ladder.insert(self.snapshot.perplexity);
        ladder.rungs().to_vec()
    }

    /// True if a perplexity has a map of the current seed.
    pub(crate) fn is_visited(&self, perplexity: f64) -> bool {
        let seed = self.snapshot.seed;
        let mut visited = self.snapshot.visited.iter().map(MapId::from);
        visited.any(|map| map == MapId { perplexity, seed })
    }

    /// True if the diagnosis's statistics of the map are those of the current map.
    pub(crate) fn map_figures_hold(&self) -> bool {
        let generation = self.diagnosis.as_ref().and_then(|d| d.map_generation);
        self.snapshot.is_map && generation == Some(self.snapshot.generation)
    }

    /// The fidelity of the current map.
    pub(crate) fn fidelity(&self) -> Option<&Fidelity> {
        let diagnosis = self
            .diagnosis
            .as_deref()
            .filter(|_| self.map_figures_hold());
        diagnosis?.fidelity.as_ref()
    }

    /// How the current map mixes the classes otherwise than the features do.
    pub(crate) fn mixing(&self) -> Option<&MixingDifference> {
        self.fidelity()?.mixing.as_ref()
    }

    /// Neighbors per sample in the tables, as computed.
    pub(crate) fn counted_k(&self) -> usize {
        let diagnosis = self.diagnosis.as_ref();
        diagnosis.map_or(self.table_k, |d| d.confusion.k)
    }

    /// A statistic of the map, if it is one of the current map.
    pub(crate) fn of_map<T>(&self, figure: Option<T>) -> Option<T> {
        figure.filter(|_| self.map_figures_hold())
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.data
            .labels()
            .map_or(0, crate::dataset::Labels::classes)
    }

    /// The class of an entry of the legend.
    pub(crate) fn class_of(&self, entry: usize) -> u16 {
        if entry < self.classes() {
            entry as u16
        } else {
            UNLABELED
        }
    }

    /// The most neighbors that the tables can count.
    pub(crate) fn most_neighbors(&self) -> usize {
        let others = self.data.samples().saturating_sub(1);
        others.min((3.0 * self.ladder.highest()) as usize).max(1)
    }

    /// The numbers of neighbors that the keys lead through, as far as the data allows.
    pub(crate) fn possible_ks(&self) -> impl Iterator<Item = usize> {
        let most = self.most_neighbors();
        TABLE_KS.into_iter().filter(move |k| *k <= most)
    }
}

/// Samples per class, then those without one if there are any; empty without labels.
fn counts_of(data: &Dataset) -> Vec<usize> {
    let mut counts = data
        .labels()
        .map_or_else(Vec::new, crate::dataset::Labels::counts);
    let unlabeled = data.samples() - counts.iter().sum::<usize>();
    if unlabeled > 0 && !counts.is_empty() {
        counts.push(unlabeled);
    }
    counts
}

/// Right, wrong or neither per sample; empty without predictions.
pub(crate) fn outcomes_of(data: &Dataset) -> Arc<[u16]> {
    match (data.labels(), data.predictions()) {
        (Some(labels), Some(predictions)) => outcomes(labels.indices(), predictions).into(),
        _ => Arc::default(),
    }
}
