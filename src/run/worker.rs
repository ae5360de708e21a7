//! The optimizer's thread: it prepares the stages, iterates, and handles commands in between.

mod background;
pub(super) mod graph;
mod map;
mod maps;
mod state;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use self::map::{Form, Map};
use super::shared::Shared;
use super::{
    Activity, Command, MapOrigin, Request, RunOptions, RunState, VisitedMap, capped_perplexity,
    starting_positions,
};
use crate::alignment::Orientation;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::reduce::{Reduction, principal_components};
use crate::tsne::{DIVERGENCE_EVERY, Embedding, Initialization, is_still};

/// Time between two snapshots of a running map.
const PICTURE_INTERVAL: Duration = Duration::from_millis(16);
/// Time between two looks whether the statistics of the map are known.
const STATISTICS_INTERVAL: Duration = Duration::from_millis(50);
/// Weight of the old value in the running mean of the time per iteration.
const SMOOTHING: f64 = 0.9;
/// Standard deviation of the principal components on the screen (map units).
const PICTURE_DEVIATION: f64 = 1.0;

/// The note once the learning rate had to be lowered.
pub(crate) const DAMPED: &str =
    "the learning rate was too large for this map and was lowered: set a smaller one";

pub(super) struct Worker {
    data: Arc<Dataset>,
    options: RunOptions,
    shared: Arc<Shared>,
    /// The run's threads; progress goes into the snapshots.
    execution: Execution,
    inbox: Receiver<Request>,
    /// What is to be gone on from, until that is done.
    resumed: Option<Box<RunState>>,
    reduction: Option<Reduction>,
    neighbors: Option<Arc<Neighbors>>,
    /// The current map.
    map: Option<Map>,
    /// Maps at other perplexities, put aside, with the positions that were shown.
    kept: Vec<(Map, Arc<[[f32; 2]]>)>,
    /// The map that is computed while the current one is finished, and what comes after it.
    background: Option<Map>,
    /// The perplexities and seeds of the maps that are wanted, that one first.
    wanted: VecDeque<(f64, u64)>,
    /// Progress is not shown: it is that of the background.
    is_quiet: bool,
    /// Seed and starting positions of the first map.
    first_seed: u64,
    first_initialization: Initialization,
    generations: u64,
    running: bool,
    stopped: bool,
    seconds_per_iteration: f64,
    last_picture: Instant,
    /// When the next iteration may start.
    next_iteration: Instant,
    /// A command that was taken from the channel before its turn.
    postponed: Option<Request>,
}

impl Worker {
    pub(super) fn new(
        data: Arc<Dataset>,
        options: RunOptions,
        resumed: Option<RunState>,
        shared: Arc<Shared>,
        inbox: Receiver<Request>,
        execution: &Execution,
    ) -> Self {
        Self {
            resumed: resumed.map(Box::new),
            execution: execution.clone().progress(Arc::clone(&shared)),
            running: !options.start_paused,
            first_seed: options.seed,
            first_initialization: options.initialization.clone(),
            background: None,
            wanted: VecDeque::new(),
            is_quiet: false,
            data,
            options,
            shared,
            inbox,
            reduction: None,
            neighbors: None,
            map: None,
            kept: Vec::new(),
            generations: 0,
            stopped: false,
            seconds_per_iteration: 0.0,
            last_picture: Instant::now(),
            next_iteration: Instant::now(),
            postponed: None,
        }
    }

    /// The thread's main function.
    pub(super) fn run(mut self) -> Result<()> {
        let execution = self.execution.clone();
        execution.run(move |_| {
            let outcome = self.work();
            self.shared.leave(self.state());
            outcome
        })
    }

    /// Prepares, iterates and obeys until the end.
    fn work(&mut self) -> Result<()> {
        self.prepare()?;
        while !self.stopped {
            self.obey()?;
            if self.running && !self.stopped && self.map.is_some() {
                let outcome = self.iterate();
                self.shared.unless_overtaken(outcome)?;
            }
        }
        Ok(())
    }

    /// Everything before the first iteration.
    fn prepare(&mut self) -> Result<()> {
        let notes: Arc<[String]> = self.data.notes().into();
        let (perplexity, note) = capped_perplexity(self.options.perplexity, self.data.samples());
        let seed = self.options.seed;
        self.shared.publish(|s| {
            s.notes = notes;
            s.perplexity = perplexity;
            s.seed = seed;
            s.iterations = self.options.iterations;
        });
        self.note(note);
        let wanted = self.options.components.unwrap_or(2).max(2);
        let reduction = principal_components(
            self.data.features(),
            wanted,
            self.options.seed,
            &self.execution,
        )?;
        let picture: Arc<[[f32; 2]]> = reduction.picture(PICTURE_DEVIATION).into();
        self.shared.publish(|s| s.positions = picture);
        self.reduction = Some(reduction);
        let outcome = if self.resumed.is_some() {
            self.take_up()
        } else {
            self.begin(perplexity, seed)
        };
        self.shared.unless_overtaken(outcome).map(|_| ())
    }

    /// Starts a new map and shows it.
    fn begin(&mut self, perplexity: f64, seed: u64) -> Result<()> {
        let initialization = self.options.initialization.clone();
        self.map = Some(self.new_map(perplexity, seed, &initialization)?);
        self.seconds_per_iteration = 0.0;
        if let Some((high, at)) = self.options.annealed(perplexity, self.data.samples()) {
            self.note(Some(format!(
                "perplexity annealing: {high} until iteration {at}, then {perplexity}"
            )));
        }
        // The principal components stay on screen until there is a map to see.
        self.show(false);
        Ok(())
    }

    fn new_map(
        &mut self,
        perplexity: f64,
        seed: u64,
        initialization: &Initialization,
    ) -> Result<Map> {
        let annealed = self.options.annealed(perplexity, self.data.samples());
        let affinities = self.affinities(annealed.map_or(perplexity, |(high, _)| high))?;
        let Some(reduction) = &self.reduction else {
            return Err(Error::WorkerStopped {
                reason: "there are no principal components".into(),
            });
        };
        let execution = self.until_overtaken(|_| false);
        let start = starting_positions(initialization, reduction, &affinities, seed, &execution)?;
        let params = self.options.tsne.clone();
        let embedding = Embedding::start(affinities, start, params, &self.execution)?;
        self.generations += 1;
        Ok(Map {
            generation: self.generations,
            perplexity,
            seed,
            origin: MapOrigin::of(initialization),
            form: Form::Live(Box::new(embedding)),
            graph: self.graph_k(),
            planned: self.options.iterations,
            annealed_at: annealed.map(|(_, at)| at),
            history_start: 0,
            still: false,
            paused: !self.running,
            kl_history: Vec::new(),
            orientation: Orientation::identity(),
        })
    }

    /// Handles all pending commands; waits for one when there is nothing to do.
    fn obey(&mut self) -> Result<()> {
        loop {
            if self.running && self.map.as_ref().is_some_and(Map::is_finished) {
                self.running = false;
                self.show(true);
            }
            let waits = self.works_in_background() && !self.has_statistics();
            self.shared.set_worker_waits(waits);
            let request = if let Some(request) = self.postponed.take() {
                request
            } else if self.running {
                let wait = self.next_iteration.duration_since(Instant::now());
                match self.inbox.recv_timeout(wait) {
                    Ok(request) => request,
                    Err(RecvTimeoutError::Timeout) => return Ok(()),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            } else if waits {
                match self.inbox.recv_timeout(STATISTICS_INTERVAL) {
                    Ok(request) => request,
                    Err(RecvTimeoutError::Timeout) => continue,
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            } else if self.works_in_background() {
                match self.inbox.try_recv() {
                    Ok(request) => request,
                    Err(TryRecvError::Empty) => {
                        self.work_in_background()?;
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => break,
                }
            } else {
                self.shared.set_worker_idle(true);
                let request = self.inbox.recv();
                self.shared.set_worker_idle(false);
                match request {
                    Ok(request) => request,
                    Err(_) => break,
                }
            };
            let outcome = match self.skip_overtaken(request) {
                Request::State(reply) => {
                    // Whoever asked may have gone.
                    let _ = reply.send(self.state());
                    continue;
                }
                Request::Command(command) => self.handle(command),
                Request::TakeUp(state) => {
                    self.resumed = Some(state);
                    self.take_up()
                }
            };
            self.shared.command_done();
            self.shared.unless_overtaken(outcome)?;
        }
        // The owner is gone.
        self.stopped = true;
        Ok(())
    }

    /// Of several perplexities in a row only the last is computed.
    fn skip_overtaken(&mut self, mut request: Request) -> Request {
        while matches!(request, Request::Command(Command::SetPerplexity(_))) {
            match self.inbox.try_recv() {
                Ok(next @ Request::Command(Command::SetPerplexity(_))) => {
                    self.shared.wish_taken();
                    self.shared.command_done();
                    request = next;
                }
                Ok(other) => {
                    self.postponed = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        request
    }

    fn handle(&mut self, command: Command) -> Result<()> {
        self.suspend_background();
        match command {
            Command::Pause => {
                self.pause();
                self.show(true);
            }
            Command::Resume => {
                if let Some(map) = self.map.as_mut().filter(|m| m.is_finished()) {
                    if map.iteration() >= map.planned {
                        map.planned += self.options.further_iterations.max(1);
                    }
                    // After resuming, it counts as still only if it no longer moves from then on.
                    map.still = false;
                    map.history_start = map.kl_history.len();
                }
                self.resume();
                self.show(true);
            }
            Command::Step => {
                self.pause();
                self.wake()?;
                self.advance()?;
                self.show(true);
            }
            Command::Restart(seed) => {
                self.shared.wish_taken();
                self.restart(seed)?;
            }
            Command::AddMap(seed) => {
                self.shared.wish_taken();
                self.add_map(seed)?;
            }
            Command::ShowMap(generation) => self.show_map(generation),
            Command::ComputeMaps(perplexities) => self.compute_maps(&perplexities),
            Command::SetPerplexity(perplexity) => {
                self.shared.wish_taken();
                self.go_to(perplexity)?;
            }
            // `Run::send` hands these to the observer.
            Command::SetTableK(_) | Command::SetLabels(_) | Command::SetClusters(_) => {}
        }
        Ok(())
    }

    fn pause(&mut self) {
        self.running = false;
        if let Some(map) = &mut self.map {
            map.paused = true;
        }
    }

    fn resume(&mut self) {
        self.running = true;
        if let Some(map) = &mut self.map {
            map.paused = false;
        }
    }

    /// Makes the current map live if it was put aside: computes its affinities again.
    fn wake(&mut self) -> Result<()> {
        let Some(map) = &self.map else {
            return Ok(());
        };
        let Form::Kept(state) = &map.form else {
            return Ok(());
        };
        let (perplexity, state) = (map.perplexity, state.as_ref().clone());
        let affinities = self.affinities(perplexity)?;
        let embedding = Embedding::restore(affinities, state, &self.execution)?;
        let graph = self.graph_k();
        if let Some(map) = &mut self.map {
            map.form = Form::Live(Box::new(embedding));
            map.graph = graph;
            map.annealed_at = None;
        }
        Ok(())
    }

    fn iterate(&mut self) -> Result<()> {
        self.wake()?;
        self.next_iteration = Instant::now() + self.options.pace;
        self.anneal()?;
        let first = self.map.as_ref().is_some_and(|m| m.kl_history.is_empty());
        self.advance()?;
        if first || self.last_picture.elapsed() >= PICTURE_INTERVAL {
            self.show(true);
        }
        Ok(())
    }

    /// Switches from the higher perplexity of annealing to the map's own when it is due.
    fn anneal(&mut self) -> Result<()> {
        let due = |map: &&Map| map.annealed_at.is_some_and(|at| map.iteration() >= at);
        let Some(map) = self.map.as_ref().filter(due) else {
            return Ok(());
        };
        let affinities = self.affinities(map.perplexity)?;
        let graph = self.graph_k();
        if let Some(map) = &mut self.map
            && let Form::Live(embedding) = &mut map.form
        {
            embedding.retarget(affinities)?;
            map.graph = graph;
            map.annealed_at = None;
            // Divergences from another P cannot be compared.
            map.kl_history.clear();
        }
        Ok(())
    }

    /// One iteration, timed; the divergence every few iterations.
    fn advance(&mut self) -> Result<()> {
        let Some(map) = &mut self.map else {
            return Ok(());
        };
        let Form::Live(embedding) = &mut map.form else {
            return Ok(());
        };
        let started = Instant::now();
        let step = embedding.step()?;
        let seconds = started.elapsed().as_secs_f64();
        self.seconds_per_iteration = if self.seconds_per_iteration > 0.0 {
            SMOOTHING * self.seconds_per_iteration + (1.0 - SMOOTHING) * seconds
        } else {
            seconds
        };
        let due = step.iteration % DIVERGENCE_EVERY == 0 || step.iteration >= map.planned;
        if due || map.kl_history.is_empty() {
            map.kl_history
                .push((step.iteration, embedding.kl_divergence()));
            if !embedding.is_settled() {
                map.history_start = map.kl_history.len();
            }
            map.still = self.options.stop_when_still
                && map.annealed_at.is_none()
                && is_still(&map.kl_history[map.history_start..]);
        }
        let damping = embedding.damping();
        if damping < 1.0 && due {
            self.note(Some(DAMPED.into()));
        }
        Ok(())
    }

    /// Publishes the current state.
    fn show(&mut self, is_map: bool) {
        let Some(map) = &self.map else {
            return;
        };
        let positions: Option<Arc<[[f32; 2]]>> = is_map.then(|| map.positions().into());
        let activity = if map.still && !self.running {
            Activity::Still
        } else if map.is_finished() && !self.running {
            Activity::Finished
        } else if self.running {
            Activity::Running
        } else {
            Activity::Paused
        };
        let exaggerated = match &map.form {
            Form::Live(embedding) => embedding.exaggeration() > 1.0,
            Form::Kept(_) => false,
        };
        let visited = self.visited(map, positions.as_ref());
        let seconds = self.seconds_per_iteration;
        self.shared.publish(|s| {
            s.generation = map.generation;
            s.activity = activity;
            if let Some(positions) = positions {
                s.positions = positions;
                s.is_map = true;
            } else {
                s.is_map = false;
            }
            s.perplexity = map.perplexity;
            s.seed = map.seed;
            s.origin = map.origin;
            s.iteration = map.iteration();
            s.iterations = map.planned;
            s.exaggerated = exaggerated;
            s.kl_divergence = map.kl_history.last().map(|h| h.1);
            s.kl_history = map.kl_history.as_slice().into();
            s.seconds_per_iteration = seconds;
            s.visited = visited;
        });
        self.last_picture = Instant::now();
    }

    /// The kept maps and the current one, by perplexity.
    fn visited(&self, map: &Map, positions: Option<&Arc<[[f32; 2]]>>) -> Arc<[VisitedMap]> {
        let describe = |map: &Map, positions: &Arc<[[f32; 2]]>| VisitedMap {
            generation: map.generation,
            perplexity: map.perplexity,
            seed: map.seed,
            iteration: map.iteration(),
            is_finished: map.is_finished(),
            kl_divergence: map.kl_history.last().map(|h| h.1),
            positions: Arc::clone(positions),
            diagnosis: self.shared.diagnosis_of(map.generation),
        };
        let mut all: Vec<VisitedMap> = self.kept.iter().map(|(m, p)| describe(m, p)).collect();
        if let Some(positions) = positions {
            all.push(describe(map, positions));
        }
        all.sort_by(|a, b| {
            let by_perplexity = a.perplexity.total_cmp(&b.perplexity);
            by_perplexity.then(a.generation.cmp(&b.generation))
        });
        all.into()
    }

    fn note(&self, note: Option<String>) {
        let Some(note) = note else {
            return;
        };
        self.shared.publish(|s| {
            if !s.notes.contains(&note) {
                s.notes = s.notes.iter().cloned().chain([note]).collect();
            }
        });
    }
}

/// True if perplexities differ only by rounding.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9 * a.abs().max(1.0)
}
