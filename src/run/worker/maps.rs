//! Switching between maps: to other perplexities and seeds, and back to kept maps.

use std::sync::Arc;

use super::map::{Form, Map};
use super::{Worker, same};
use crate::alignment::{Orientation, procrustes};
use crate::error::Result;
use crate::run::{MapOrigin, capped_perplexity, check_memory};
use crate::tsne::{Embedding, Initialization};

impl Worker {
    pub(super) fn restart(&mut self, seed: u64) -> Result<()> {
        self.kept.clear();
        self.shared.forget_diagnoses();
        self.wanted.clear();
        let current = self.map.take();
        let perplexity = current.map_or(self.options.perplexity, |map| map.perplexity);
        self.begin_at_random(perplexity, seed)
    }

    /// A map at the current perplexity from random positions of another seed; the current map is kept.
    pub(super) fn add_map(&mut self, seed: u64) -> Result<()> {
        let perplexity = match self.map.take() {
            Some(current) if current.iteration() == 0 => current.perplexity,
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
        self.running = !map.is_finished() && !map.paused;
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
            paused: false,
            form: Form::Live(live),
            graph: self.graph_k(),
            kl_history: Vec::new(),
            orientation: current.orientation,
        });
        self.kept.push((current, shown.into()));
        self.running = true;
        self.show(true);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ndarray::Array2;

    use super::*;
    use crate::dataset::Dataset;
    use crate::execution::Execution;
    use crate::run::{Activity, Command, Run, RunOptions};

    /// A run on 60 samples in three groups, slow enough to be interrupted.
    fn slow_run() -> Run {
        slow_run_at(5.0)
    }

    fn slow_run_at(perplexity: f64) -> Run {
        let features =
            Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
        let options = RunOptions {
            perplexity,
            largest_perplexity: 15.0,
            iterations: 150,
            further_iterations: 60,
            pace: Duration::from_millis(2),
            ..RunOptions::default()
        };
        let data = Arc::new(Dataset::new(features).unwrap());
        let execution = Execution::default().threads(1);
        Run::start(data, options, Arc::new(|| ()), &execution).unwrap()
    }

    fn wait_for_iteration(run: &Run, iteration: usize) {
        while run.snapshot().iteration < iteration {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_map_that_was_left_running_goes_on_and_a_paused_one_does_not() {
        let run = slow_run();
        wait_for_iteration(&run, 5);
        let first = run.snapshot().generation;
        run.send(Command::SetPerplexity(10.0));
        run.wait_until_idle();
        let left = run.snapshot().visited[0].iteration;
        assert!(left < 150, "{left}");
        assert_eq!(run.snapshot().activity, Activity::Finished);
        run.send(Command::ShowMap(first));
        run.wait_until_idle();
        let shown = run.snapshot();
        assert_eq!((shown.iteration, shown.perplexity), (150, 5.0));
        assert_eq!(shown.activity, Activity::Finished);
        // Paused before it is left: paused when it is back.
        run.send(Command::AddMap(2));
        run.send(Command::Step);
        run.wait_until_idle();
        let second = run.snapshot().generation;
        run.send(Command::ShowMap(first));
        run.send(Command::ShowMap(second));
        run.wait_until_idle();
        assert_eq!(run.snapshot().activity, Activity::Paused);
        assert_eq!(run.snapshot().iteration, 1);
    }

    #[test]
    fn maps_are_computed_in_the_background_on_one_schedule_and_measured() {
        let run = slow_run();
        wait_for_iteration(&run, 5);
        run.send(Command::ComputeMaps(vec![3.0, 8.0]));
        // Something else comes between.
        wait_for_background(&run, 3.0);
        run.send(Command::SetPerplexity(5.0));
        run.wait_until_diagnosed();
        let shown = run.snapshot();
        assert_eq!((shown.perplexity, shown.background), (5.0, None));
        let maps: Vec<_> = (shown.visited.iter())
            .map(|map| (map.perplexity, map.iteration, map.is_finished))
            .collect();
        assert_eq!(maps, [(3.0, 150, true), (5.0, 150, true), (8.0, 150, true)]);
        let is_measured = |map: &crate::run::VisitedMap| {
            let fidelity = map.diagnosis.as_ref().and_then(|d| d.fidelity.as_ref());
            fidelity.is_some_and(|f| f.trustworthiness.is_some() && f.knn_recall.is_some())
        };
        while !run.snapshot().visited.iter().all(is_measured) {
            std::thread::sleep(Duration::from_millis(5));
        }
        // The map is the one that a run of this perplexity makes.
        let alone = slow_run_at(8.0);
        alone.wait_until_idle();
        let kept = &shown.visited[2].positions;
        let distance = |map: &[[f32; 2]]| {
            f64::from(map[0][0] - map[30][0]).hypot(f64::from(map[0][1] - map[30][1]))
        };
        assert!((distance(kept) - distance(&alone.snapshot().positions)).abs() < 1e-3);
        // An empty list withdraws them. While the shown map is paused nothing begins in the background.
        run.send(Command::Restart(3));
        run.send(Command::Pause);
        run.send(Command::ComputeMaps(vec![12.0]));
        run.send(Command::ComputeMaps(Vec::new()));
        run.send(Command::Resume);
        run.wait_until_idle();
        assert!(
            !run.snapshot()
                .visited
                .iter()
                .any(|map| map.is_finished && map.perplexity > 11.0)
        );
        assert_eq!(run.snapshot().background, None);
    }

    #[test]
    fn the_statistics_of_the_shown_map_come_before_maps_in_the_background() {
        let run = slow_run();
        run.send(Command::ComputeMaps(vec![3.0, 8.0]));
        // A map in the background is soon finished, too.
        let has_begun = |run: &Run| {
            let now = run.snapshot();
            now.visited.len() > 1 || now.background.is_some_and(|map| map.iteration > 0)
        };
        while !has_begun(&run) {
            std::thread::sleep(Duration::from_millis(1));
        }
        // By then, the map that is shown is described in full.
        let shown = run.diagnosis().unwrap();
        assert_eq!(shown.map_iteration, Some(150));
        assert!(shown.fidelity.as_ref().unwrap().trustworthiness.is_some());
        run.wait_until_idle();
        assert_eq!(run.snapshot().background, None);
    }

    fn wait_for_background(run: &Run, perplexity: f64) {
        while run
            .snapshot()
            .background
            .is_none_or(|map| map.perplexity < perplexity)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
