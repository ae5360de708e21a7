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
        self.options.initialization = Initialization::Random;
        self.options.seed = seed;
        let perplexity = self
            .map
            .as_ref()
            .map_or(self.options.perplexity, |m| m.perplexity);
        self.options.perplexity = perplexity;
        self.running = true;
        self.map = None;
        self.begin(perplexity, seed)
    }

    /// A map at the current perplexity from random positions of another seed; the current map is kept.
    pub(super) fn add_map(&mut self, seed: u64) -> Result<()> {
        let perplexity = match self.map.take() {
            Some(mut present) => {
                let shown: Arc<[[f32; 2]]> = present.positions().into();
                present.keep();
                let perplexity = present.perplexity;
                self.kept.push((present, shown));
                perplexity
            }
            None => self.options.perplexity,
        };
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
        if let Some(present) = self.map.take() {
            let shown = present.positions();
            self.bring_back(at, present, &shown);
            return;
        }
        let (map, _) = self.kept.swap_remove(at);
        self.map = Some(map);
        self.show(true);
    }

    /// Puts the current map aside and shows a kept one, rotated to match it.
    fn bring_back(&mut self, at: usize, mut present: Map, shown: &[[f32; 2]]) {
        let (mut map, _) = self.kept.swap_remove(at);
        present.keep();
        self.kept.push((present, shown.into()));
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
        let Some(present) = self.map.take() else {
            // The first map was cancelled.
            self.options.perplexity = perplexity;
            return self.begin(perplexity, self.options.seed);
        };
        if same(present.perplexity, perplexity) {
            self.map = Some(present);
            self.show(true);
            return Ok(());
        }
        let shown = present.positions();
        let of_seed =
            |(map, _): &(Map, _)| map.seed == present.seed && same(map.perplexity, perplexity);
        if let Some(at) = self.kept.iter().position(of_seed) {
            self.bring_back(at, present, &shown);
            return Ok(());
        }
        if let Err(error) = check_memory(&self.data, &self.options, perplexity) {
            self.map = Some(present);
            self.note(Some(error.to_string()));
            self.show(true);
            return Ok(());
        }
        self.continue_at(present, &shown, perplexity)
    }

    /// Continues from the current map at a new perplexity.
    fn continue_at(&mut self, mut present: Map, shown: &[[f32; 2]], perplexity: f64) -> Result<()> {
        let affinities = match self.affinities(perplexity) {
            Ok(affinities) => affinities,
            Err(error) => {
                self.map = Some(present);
                return Err(error);
            }
        };
        let mut live = match &present.form {
            Form::Live(embedding) => embedding.clone(),
            Form::Kept(state) => Box::new(Embedding::restore(
                Arc::new(affinities.clone()),
                state.as_ref().clone(),
                &self.execution,
            )?),
        };
        present.keep();
        live.retarget(affinities)?;
        self.generations += 1;
        self.map = Some(Map {
            generation: self.generations,
            perplexity,
            seed: present.seed,
            origin: MapOrigin::Continued,
            planned: live.iteration() + self.options.further_iterations,
            annealed_at: None,
            history_start: 0,
            still: false,
            form: Form::Live(live),
            kl_history: Vec::new(),
            orientation: present.orientation,
        });
        self.kept.push((present, shown.into()));
        self.running = true;
        self.show(true);
        Ok(())
    }
}
