//! The state of the run: given to whoever asks for it, and gone on from.

use std::sync::Arc;

use super::Worker;
use super::map::{Form, Map};
use crate::error::Result;
use crate::run::options::check_graph;
use crate::run::state::{MapState, RunState};
use crate::tsne::{Embedding, EmbeddingState, Initialization};

impl Map {
    fn state(&self) -> MapState {
        let (optimizer, graph) = match &self.form {
            Form::Live(embedding) => (Arc::new(embedding.state()), Some(self.graph)),
            Form::Kept(state) => (Arc::clone(state), None),
        };
        MapState {
            generation: self.generation,
            perplexity: self.perplexity,
            seed: self.seed,
            origin: self.origin,
            planned: self.planned,
            annealed_at: self.annealed_at,
            is_still: self.still,
            is_paused: self.paused,
            graph,
            kl_history: self.kl_history.clone(),
            history_start: self.history_start,
            orientation: self.orientation,
            optimizer,
        }
    }

    fn of(state: &MapState) -> Self {
        Self {
            generation: state.generation,
            perplexity: state.perplexity,
            seed: state.seed,
            origin: state.origin,
            form: Form::Kept(Arc::clone(&state.optimizer)),
            graph: 0,
            planned: state.planned,
            annealed_at: state.annealed_at,
            history_start: state.history_start,
            still: state.is_still,
            paused: state.is_paused,
            kl_history: state.kl_history.clone(),
            orientation: state.orientation,
        }
    }
}

impl Worker {
    /// The state of all maps.
    pub(super) fn state(&self) -> RunState {
        // One that is not taken up yet is not lost.
        if let Some(state) = &self.resumed {
            return state.as_ref().clone();
        }
        let mut maps: Vec<MapState> = self.kept.iter().map(|(map, _)| map.state()).collect();
        let mut place = |map: &Option<Map>| {
            let state = map.as_ref()?.state();
            maps.push(state);
            Some(maps.len() - 1)
        };
        let (shown, background) = (place(&self.map), place(&self.background));
        RunState {
            maps,
            shown,
            background,
            wanted: self.wanted.iter().copied().collect(),
            is_running: self.running,
            seed: self.options.seed,
            perplexity: self.options.perplexity,
            starts_at_random: self.options.initialization != self.first_initialization,
            graph: self.neighbors.as_ref().map(|graph| graph.k()),
            generations: self.generations,
        }
    }

    /// Goes on from the state that was handed over. If that is interrupted, the state is still there.
    pub(super) fn take_up(&mut self) -> Result<()> {
        let Some(state) = self.resumed.as_ref().map(|state| state.as_ref().clone()) else {
            return Ok(());
        };
        if let Err(error) = state.check(self.data.samples()) {
            self.resumed = None;
            self.note(Some(error.to_string()));
            self.show(self.map.is_some());
            return Ok(());
        }
        let live =
            |place: Option<usize>| Some(state.maps.get(place?)?).filter(|map| map.graph.is_some());
        let (shown, behind) = (live(state.shown), live(state.background));
        let shown = shown.map(|map| self.alive(map)).transpose()?;
        let behind = behind.map(|map| self.alive(map)).transpose()?;
        if let Some(k) = state.graph {
            self.graph_of(k)?;
        }
        self.resumed = None;
        self.shared.forget_diagnoses();
        self.kept.clear();
        for (place, map) in state.maps.iter().enumerate() {
            let place = Some(place);
            if place != state.shown && place != state.background {
                let map = Map::of(map);
                let positions = map.positions().into();
                self.kept.push((map, positions));
            }
        }
        let kept = |place: Option<usize>| Some(Map::of(state.maps.get(place?)?));
        self.map = shown.or_else(|| kept(state.shown));
        self.background = behind.or_else(|| kept(state.background));
        if self.map.is_none() {
            // Interrupted before there was another one.
            self.map = self.kept.pop().map(|(map, _)| map);
        }
        self.wanted = state.wanted.iter().copied().collect();
        self.running = state.is_running;
        self.options.seed = state.seed;
        self.options.perplexity = state.perplexity;
        if state.starts_at_random {
            self.options.initialization = Initialization::Random;
        }
        self.generations = self.generations.max(state.generations);
        self.seconds_per_iteration = 0.0;
        self.show(self.map.as_ref().is_some_and(|map| map.iteration() > 0));
        Ok(())
    }

    /// A map with its affinities as they were.
    fn alive(&mut self, state: &MapState) -> Result<Map> {
        let k = state.graph.unwrap_or(0);
        self.graph_of(k)?;
        // During annealing these are not those of the map's own perplexity.
        let affinities = self.affinities(state.optimizer.perplexity)?;
        let optimizer: EmbeddingState = state.optimizer.as_ref().clone();
        let embedding = Embedding::restore(affinities, optimizer, &self.execution)?;
        Ok(Map {
            form: Form::Live(Box::new(embedding)),
            graph: k,
            ..Map::of(state)
        })
    }

    /// Makes the graph of so many neighbors per sample, unless it is there.
    fn graph_of(&mut self, k: usize) -> Result<()> {
        let k = k.clamp(1, self.data.samples() - 1);
        if self.neighbors.as_ref().is_none_or(|graph| graph.k() != k) {
            check_graph(&self.data, &self.options, k)?;
            self.build_graph(k, &self.execution.clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::Array2;

    use crate::dataset::Dataset;
    use crate::execution::Execution;
    use crate::run::{Command, Run, RunOptions, RunState};
    use crate::tsne::RepulsionMethod;

    /// 1,100 samples in three clouds: enough to be renumbered along a curve.
    fn data() -> Arc<Dataset> {
        let noise = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 1000.0;
        let value =
            |(i, j): (usize, usize)| (i % 3 * 3) as f32 + noise(i * 4 + j) + noise(i + 977 * j);
        Arc::new(Dataset::new(Array2::from_shape_fn((1100, 4), value)).unwrap())
    }

    fn options() -> RunOptions {
        let mut options = RunOptions {
            iterations: 400,
            further_iterations: 100,
            perplexity: 8.0,
            largest_perplexity: 8.0,
            start_paused: true,
            ..RunOptions::default()
        };
        options.tsne.early_iterations = 50;
        options.tsne.coarse_iterations = 60;
        options.tsne.repulsion = RepulsionMethod::Grid;
        options
    }

    fn start(options: &RunOptions, state: Option<RunState>, threads: usize) -> Run {
        let execution = Execution::default().threads(threads);
        Run::start_from(data(), options.clone(), state, Arc::new(|| ()), &execution).unwrap()
    }

    fn steps(run: &Run, count: usize) {
        for _ in 0..count {
            run.send(Command::Step);
        }
        run.wait_until_idle();
    }

    /// Stops the run and lets another one go on from its state, as a session does.
    fn resumed(run: Run, options: &RunOptions) -> Run {
        let state = run.stop().unwrap();
        state.check(1100).unwrap();
        start(options, Some(state), 1)
    }

    fn is_same(a: &Run, b: &Run) {
        let (a, b) = (a.state().unwrap(), b.state().unwrap());
        assert_eq!(a.maps.len(), b.maps.len());
        for (a, b) in a.maps.iter().zip(&b.maps) {
            assert_eq!(a.optimizer.iteration, b.optimizer.iteration);
            assert!(
                a.optimizer == b.optimizer,
                "iteration {}",
                a.optimizer.iteration
            );
            assert!(a.kl_history == b.kl_history);
        }
        assert!(a == b);
    }

    #[test]
    fn a_run_goes_on_as_if_it_had_never_stopped() {
        let annealed = RunOptions {
            annealing: Some(16.0),
            ..options()
        };
        for options in [options(), annealed] {
            // Before the first, in early exaggeration, around its end, with the coarse grid, before and after
            // renumbering and the switch of annealing, and at the end.
            for at in [0, 1, 29, 31, 49, 50, 51, 99, 101, 111, 200, 225, 226] {
                let whole = start(&options, None, 2);
                steps(&whole, 2 * at.max(20));
                let broken = start(&options, None, 2);
                steps(&broken, at);
                let broken = resumed(broken, &options);
                steps(&broken, 2 * at.max(20) - at);
                is_same(&whole, &broken);
            }
        }
    }

    #[test]
    fn all_maps_go_on_after_other_perplexities_and_seeds() {
        let options = RunOptions {
            iterations: 60,
            further_iterations: 40,
            ..options()
        };
        let commands = [
            Command::Resume,
            // The graph gets larger.
            Command::SetPerplexity(30.0),
            Command::AddMap(7),
            Command::ShowMap(1),
            Command::Resume,
            Command::SetPerplexity(30.0),
            Command::SetPerplexity(3.0),
        ];
        let work = |break_at: Option<usize>| {
            let mut run = start(&options, None, 2);
            for (at, command) in commands.iter().enumerate() {
                if break_at == Some(at) {
                    run = resumed(run, &options);
                }
                run.send(command.clone());
                run.wait_until_idle();
            }
            run
        };
        let whole = work(None);
        assert_eq!(whole.snapshot().visited.len(), 4);
        for at in 0..commands.len() {
            is_same(&whole, &work(Some(at)));
        }
    }

    #[test]
    fn a_state_replaces_the_maps_of_a_running_run() {
        let options = options();
        let run = start(&options, None, 2);
        steps(&run, 40);
        let kept = run.state().unwrap();
        steps(&run, 40);
        let other = start(&options, None, 1);
        steps(&other, 5);
        other.take_up(kept.clone().renumbered(1000));
        other.wait_until_idle();
        assert_eq!(other.snapshot().generation, 1001);
        steps(&other, 40);
        let (a, b) = (run.state().unwrap(), other.state().unwrap());
        assert!(a.maps[0].optimizer == b.maps[0].optimizer);
        // One of other data is refused, and the maps stay.
        let mut wrong = kept;
        Arc::make_mut(&mut wrong.maps[0].optimizer).positions.pop();
        other.take_up(wrong);
        other.wait_until_idle();
        assert!(other.state().unwrap() == b);
        assert!(
            other
                .snapshot()
                .notes
                .iter()
                .any(|note| note.contains("positions"))
        );
    }

    #[test]
    fn a_run_that_is_stopped_before_it_goes_on_loses_nothing() {
        let options = options();
        let run = start(&options, None, 2);
        steps(&run, 20);
        let state = run.stop().unwrap();
        for _ in 0..5 {
            let again = start(&options, Some(state.clone()), 2).stop().unwrap();
            assert!(again == state);
        }
    }
}
