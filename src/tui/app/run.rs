//! The run that is shown: the samples, the newest that is known of their map, and what was asked of
//! the worker.

use std::sync::Arc;

use super::ladder::Ladder;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::picture::outcomes;
use crate::run::Snapshot;
use crate::tui::session::comparing::Compared;

/// What was asked of the worker and has not shown in a snapshot yet, so that a second key press
/// goes on from the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Asked {
    /// A perplexity.
    pub(super) perplexity: Option<f64>,
    /// A seed.
    pub(super) seed: Option<u64>,
    /// To run (true) or pause (false).
    pub(super) running: Option<bool>,
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
    /// Layers and models compared.
    pub(crate) compared: Compared,
    /// What was asked and is not there yet.
    pub(super) asked: Asked,
}

impl CurrentRun {
    /// A run as it starts.
    pub(super) fn new(
        data: Arc<Dataset>,
        snapshot: Arc<Snapshot>,
        ladder: &[f64],
        table_k: usize,
    ) -> Self {
        let mut counts = data
            .labels()
            .map_or_else(Vec::new, crate::dataset::Labels::counts);
        let unlabeled = data.samples() - counts.iter().sum::<usize>();
        if unlabeled > 0 && !counts.is_empty() {
            counts.push(unlabeled);
        }
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
            compared: Compared::Nothing,
            asked: Asked::default(),
        }
    }
}

/// Right, wrong or neither per sample; empty without predictions.
pub(super) fn outcomes_of(data: &Dataset) -> Arc<[u16]> {
    match (data.labels(), data.predictions()) {
        (Some(labels), Some(predictions)) => outcomes(labels.indices(), predictions).into(),
        _ => Arc::default(),
    }
}
