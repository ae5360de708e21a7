//! One map of a run, as the worker keeps it.

use std::sync::Arc;

use crate::alignment::Orientation;
use crate::run::MapOrigin;
use crate::tsne::{Embedding, EmbeddingState};

/// A map with everything that belongs to it.
pub(super) struct Map {
    pub(super) generation: u64,
    pub(super) perplexity: f64,
    pub(super) seed: u64,
    pub(super) origin: MapOrigin,
    /// The live embedding, or its state while another map is shown.
    pub(super) form: Form,
    /// Neighbors per sample of the graph that its affinities, if it is live, were made from.
    pub(super) graph: usize,
    pub(super) planned: usize,
    /// Iteration at which annealing switches to the map's own perplexity.
    pub(super) annealed_at: Option<usize>,
    /// Length of the history before the current schedule.
    pub(super) history_start: usize,
    /// Whether it stopped moving before the planned iterations were done.
    pub(super) still: bool,
    /// Whether it was paused: otherwise it goes on when it is shown again.
    pub(super) paused: bool,
    pub(super) kl_history: Vec<(usize, f64)>,
    pub(super) orientation: Orientation,
}

pub(super) enum Form {
    Live(Box<Embedding>),
    Kept(Arc<EmbeddingState>),
}

impl Map {
    pub(super) fn iteration(&self) -> usize {
        match &self.form {
            Form::Live(embedding) => embedding.iteration(),
            Form::Kept(state) => state.iteration,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.still || self.iteration() >= self.planned
    }

    /// Positions by sample, as displayed.
    pub(super) fn positions(&self) -> Vec<[f32; 2]> {
        let positions = match &self.form {
            Form::Live(embedding) => embedding.positions(),
            Form::Kept(state) => state.positions.clone(),
        };
        self.orientation.apply(&positions)
    }

    /// Puts the map aside: drops its affinities and keeps everything else.
    pub(super) fn keep(&mut self) {
        if let Form::Live(embedding) = &self.form {
            self.form = Form::Kept(Arc::new(embedding.state()));
        }
    }
}
