//! Switching between maps: to other perplexities and seeds, and back to kept maps.

use std::sync::Arc;

use super::{Form, Map, Worker, same};
use crate::alignment::{Orientation, procrustes};
use crate::error::Result;
use crate::run::{MapOrigin, capped_perplexity, check_memory};
use crate::tsne::{Embedding, Initialization};

impl Worker {
    pub(super) fn restart(&mut self, seed: u64) -> Result<()> {
        self.kept.clear();
        self.shared.forget_diagnoses();
        let current = self.map.take();
        let perplexity = current.map_or(self.options.perplexity, |map| map.perplexity);
        self.begin_at_random(perplexity, seed)
    }

    /// A map at the current perplexity from random positions of another seed; the current map is kept.
    pub(super) fn add_map(&mut self, seed: u64) -> Result<()> {
        let perplexity = match self.map.take() {
            Some(mut current) => {
                let shown: Arc<[[f32; 2]]> = current.positions().into();
                current.keep();
                let perplexity = current.perplexity;
                self.kept.push((current, shown));
                perplexity
            }
            None => self.options.perplexity,
        };
        self.begin_at_random(perplexity, seed)
    }

    fn begin_at_random(&mut self, perplexity: f64, seed: u64) -> Result<()> {
        self.options.initialization = Initialization::Random;
        self.options.seed = seed;
        self.options.perplexity = perplexity;
        self.running = true;
        self.begin(perplexity, seed)
    }

    /// Back to a kept map; unknown numbers are ignored.
    pub(super) fn show_map(&mut self, generation: u64) {
        let kept = |(map, _): &(Map, _)| map.generation == generation;
        let Some(at) = self.kept.iter().position(kept) else {
            self.show(self.map.is_some());
            return;
        };
        if let Some(current) = self.map.take() {
            let shown = current.positions();
            self.bring_back(at, current, &shown);
            return;
        }
        let (map, _) = self.kept.swap_remove(at);
        self.map = Some(map);
        self.show(true);
    }

    /// Puts the current map aside and shows a kept one, rotated to match it.
    fn bring_back(&mut self, at: usize, mut current: Map, shown: &[[f32; 2]]) {
        let (mut map, _) = self.kept.swap_remove(at);
        current.keep();
        self.kept.push((current, shown.into()));
        map.orientation = Orientation::identity();
        map.orientation = procrustes(shown, &map.positions());
        self.running &= !map.is_finished();
        self.map = Some(map);
        self.show(true);
    }

    pub(super) fn go_to(&mut self, asked: f64) -> Result<()> {
        if !(asked.is_finite() && asked >= 1.0) {
            self.note(Some(format!("perplexity {asked} is not possible")));
            self.show(true);
            return Ok(());
        }
        let (perplexity, note) = capped_perplexity(asked, self.data.samples());
        self.note(note);
        let Some(current) = self.map.take() else {
            // The first map was cancelled.
            self.options.perplexity = perplexity;
            return self.begin(perplexity, self.options.seed);
        };
        if same(current.perplexity, perplexity) {
            self.map = Some(current);
            self.show(true);
            return Ok(());
        }
        let shown = current.positions();
        let of_seed =
            |(map, _): &(Map, _)| map.seed == current.seed && same(map.perplexity, perplexity);
        if let Some(at) = self.kept.iter().position(of_seed) {
            self.bring_back(at, current, &shown);
            return Ok(());
        }
        if let Err(error) = check_memory(&self.data, &self.options, perplexity) {
            self.map = Some(current);
            self.note(Some(error.to_string()));
            self.show(true);
            return Ok(());
        }
        self.continue_at(current, &shown, perplexity)
    }

    /// Continues from the current map at a new perplexity.
    fn continue_at(&mut self, mut current: Map, shown: &[[f32; 2]], perplexity: f64) -> Result<()> {
        let affinities = match self.affinities(perplexity) {
            Ok(affinities) => affinities,
            Err(error) => {
                self.map = Some(current);
                return Err(error);
            }
        };
        let mut live = match &current.form {
            Form::Live(embedding) => embedding.clone(),
            Form::Kept(state) => Box::new(Embedding::restore(
                Arc::new(affinities.clone()),
                state.as_ref().clone(),
                &self.execution,
            )?),
        };
        current.keep();
        live.retarget(affinities)?;
        self.generations += 1;
        self.map = Some(Map {
            generation: self.generations,
            perplexity,
            seed: current.seed,
            origin: MapOrigin::Continued,
            planned: live.iteration() + self.options.further_iterations,
            annealed_at: None,
            history_start: 0,
            still: false,
            form: Form::Live(live),
            kl_history: Vec::new(),
            orientation: current.orientation,
        });
        self.kept.push((current, shown.into()));
        self.running = true;
        self.show(true);
        Ok(())
    }
}
