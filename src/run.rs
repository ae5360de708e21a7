//! A whole analysis: in one call ([`embed`]), or in the background ([`Run`]): commands in, the newest
//! snapshot out.
//!
//! [`Run::start`] takes a dataset and returns at once. Its worker thread reduces the features,
//! finds neighbors, calibrates affinities and optimizes the map, publishing a [`Snapshot`] as it
//! goes: first the principal components (so there is a picture at once), then the map as it forms. A
//! second thread, the observer, computes the [`Diagnosis`] of the features once and of the map
//! again and again. A reader takes the newest of both and never waits, and the optimizer never waits
//! for a reader. Only the newest snapshot is kept, so a slow reader costs nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};

use crate::affinities::{Affinities, largest_perplexity};
use crate::clusters::ClusterOptions;
use crate::dataset::{Dataset, Labels};
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::Stage;
use crate::reduce::Reduction;
use crate::tsne::{Initialization, initial_positions, spectral_positions};

mod clustering;
mod embed;
mod kept_maps;
mod observer;
mod options;
mod pacing;
mod relabeling;
mod shared;
mod state;
mod worker;

#[cfg(feature = "tui")]
pub(crate) use embed::embed_along;
pub(crate) use embed::prepare;
pub use embed::{MapOf, PartialMap, embed, embed_from, embed_several, embed_with};
pub use options::RunOptions;
pub(crate) use options::{check_memory, validate};
pub use state::{MapState, RunState};
#[cfg(feature = "tui")]
pub(crate) use worker::DAMPED;
pub(crate) use worker::graph::reduces;

use shared::{Role, Shared, Wish};

/// The fewest samples that a map needs.
pub const FEWEST_SAMPLES: usize = 4;

/// What the worker is doing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Activity {
    /// In a stage before the iterations.
    Preparing {
        /// The stage.
        stage: Stage,
        /// Share of the stage that is done.
        share: f32,
    },
    /// Iterating.
    Running,
    /// Paused, waiting for a command.
    Paused,
    /// All planned iterations are done; idle.
    Finished,
    /// The map no longer moved, so it stopped before the planned iterations were done; idle.
    Still,
    /// The worker ended with an error; the text names it.
    Failed(String),
}

impl Default for Activity {
    fn default() -> Self {
        Self::Preparing {
            stage: Stage::Reducing,
            share: 0.0,
        }
    }
}

/// Where the positions of a map started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapOrigin {
    /// At the principal components.
    #[default]
    Pca,
    /// At random positions.
    Random,
    /// At the leading eigenvectors of the affinities.
    Spectral,
    /// At given positions.
    Given,
    /// At the map of another perplexity, without early exaggeration.
    Continued,
}

impl MapOrigin {
    /// Where these starting positions are.
    pub(crate) fn of(initialization: &Initialization) -> Self {
        match initialization {
            Initialization::Pca => Self::Pca,
            Initialization::Random => Self::Random,
            Initialization::Spectral => Self::Spectral,
            Initialization::Given(_) => Self::Given,
        }
    }

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pca => "pca",
            Self::Random => "random",
            Self::Spectral => "spectral",
            Self::Given => "given",
            Self::Continued => "continued",
        }
    }
}

/// The state of a run at one moment. Cheap to clone. The default is the state before anything is
/// computed: no positions.
#[derive(Clone, Default)]
pub struct Snapshot {
    /// Increases with every snapshot published.
    pub sequence: u64,
    /// Identity of the map: each perplexity and seed has its own number, which a map keeps when it is
    /// shown again.
    pub generation: u64,
    /// What the worker is doing.
    pub activity: Activity,
    /// Position of each sample (n × 2).
    pub positions: Arc<[[f32; 2]]>,
    /// False while the positions are the first two principal components.
    pub is_map: bool,
    /// Perplexity in effect (capped for small n).
    pub perplexity: f64,
    /// Seed in effect.
    pub seed: u64,
    /// Where the positions started.
    pub origin: MapOrigin,
    /// Measured recall of the map's neighbor graph; `None` if that is exact.
    pub neighbor_recall: Option<f64>,
    /// Iterations done.
    pub iteration: usize,
    /// Iterations planned.
    pub iterations: usize,
    /// True during early exaggeration.
    pub exaggerated: bool,
    /// The newest Kullback-Leibler divergence (nats) computed.
    pub kl_divergence: Option<f64>,
    /// Iteration and divergence, oldest first.
    pub kl_history: Arc<[(usize, f64)]>,
    /// Seconds per iteration, averaged over the last ones; 0 before the first.
    pub seconds_per_iteration: f64,
    /// The maps kept, including the current one, by ascending perplexity, then in the order in which
    /// they were started.
    pub visited: Arc<[VisitedMap]>,
    /// The map that is computed in the background, if any.
    pub background: Option<BackgroundMap>,
    /// What the user should know: a capped perplexity, flattened features …
    pub notes: Arc<[String]>,
}

/// A map that was computed at some perplexity and is kept.
#[derive(Clone)]
pub struct VisitedMap {
    /// Its identity, as in [`Snapshot::generation`].
    pub generation: u64,
    /// Its perplexity.
    pub perplexity: f64,
    /// Its seed.
    pub seed: u64,
    /// Iterations done.
    pub iteration: usize,
    /// Whether all planned iterations are done, or the map no longer moved.
    pub is_finished: bool,
    /// Its last known divergence (nats). Comparable between maps of one perplexity only.
    pub kl_divergence: Option<f64>,
    /// Positions, rotated (Procrustes) so that maps can be flipped back and forth.
    pub positions: Arc<[[f32; 2]]>,
    /// The diagnosis of this map, if it was computed.
    pub diagnosis: Option<Arc<Diagnosis>>,
}

/// A map that is computed while another one is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackgroundMap {
    /// Its perplexity.
    pub perplexity: f64,
    /// Iterations done.
    pub iteration: usize,
    /// Iterations planned.
    pub iterations: usize,
    /// The number of maps still to be finished, this one included.
    pub left: usize,
}

/// What a [`Run`] can be asked to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Stop iterating until [`Command::Resume`].
    Pause,
    /// Continue iterating; a finished map gets
    /// [`further_iterations`](RunOptions::further_iterations) more.
    Resume,
    /// One iteration, then pause.
    Step,
    /// Start again at the current perplexity from random positions of this seed. The kept maps of the
    /// old seed are dropped.
    Restart(u64),
    /// Make another map at the current perplexity from random positions of this seed. The other maps
    /// are kept, so that seeds can be compared; the current one only if it has been iterated.
    AddMap(u64),
    /// Go back to a kept map, by its [`generation`](VisitedMap::generation); unknown numbers are
    /// ignored.
    ShowMap(u64),
    /// Switch to another perplexity: back to its map if there is one with the current seed, otherwise
    /// on from the current map.
    SetPerplexity(f64),
    /// Compute the maps of these perplexities in the background, one after the other, while the current
    /// map is finished. Each begins where the first map of the seed did. Another command of this kind takes
    /// the place of the one before; no perplexities end it.
    ComputeMaps(Vec<f64>),
    /// Count this many neighbors per sample in the tables (at least 1).
    SetTableK(usize),
    /// Compute the statistics again in the background, with other labels of the same samples, for
    /// example corrected ones. The map stays, and so does the list of suspects, which is about the
    /// labels as they were read. Of several of these commands in a row only the last one counts. Labels
    /// for another number of samples, or for data without labels, are ignored.
    SetLabels(Arc<Labels>),
    /// Look for clusters again, with these options, in data without labels. Of several of these commands in
    /// a row only the last one counts. Data with labels ignore it.
    SetClusters(ClusterOptions),
}

/// What the worker's channel brings.
enum Request {
    Command(Command),
    /// Its state is wanted, between two iterations.
    State(Sender<RunState>),
    /// It is to go on from a state.
    TakeUp(Box<RunState>),
}

/// A running analysis. Dropping it stops its threads.
///
/// ```
/// use std::sync::Arc;
/// use disentangle::{ndarray::Array2, run::Activity, prelude::*};
/// let features = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let options = RunOptions { iterations: 300, ..RunOptions::default() };
/// let run = Run::start(Arc::new(Dataset::new(features)?), options, Arc::new(|| ()), &Execution::default())?;
/// run.wait_until_idle();
/// let snapshot = run.snapshot();
/// assert_eq!(snapshot.activity, Activity::Finished);
/// assert_eq!(snapshot.positions.len(), 60);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub struct Run {
    shared: Arc<Shared>,
    commands: Sender<Request>,
    threads: Vec<JoinHandle<()>>,
}

impl Run {
    /// Starts the analysis. `notify` is called from the run's threads whenever there is a new
    /// snapshot or diagnosis; it must return at once. Of the execution only the number of threads
    /// counts: snapshots show the progress, and dropping the run cancels it.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] below [`FEWEST_SAMPLES`] samples, [`Error::Option`] if an option
    /// is out of range, [`Error::Mismatch`] if given starting positions do not fit,
    /// [`Error::WorkerStopped`] if no thread can be started.
    pub fn start(
        data: Arc<Dataset>,
        options: RunOptions,
        notify: Arc<dyn Fn() + Send + Sync>,
        execution: &Execution,
    ) -> Result<Self> {
        Self::start_from(data, options, None, notify, execution)
    }

    /// As [`start`](Self::start), but goes on from the [`state`](Self::state) of another run of the same data and
    /// options: all maps are those that the other run would have made, bit for bit.
    ///
    /// # Errors
    /// As [`start`](Self::start), and what [`RunState::check`] returns.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use disentangle::{ndarray::Array2, prelude::*, run::Command};
    /// let features = Array2::from_shape_fn((40, 3), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
    /// let data = Arc::new(Dataset::new(features)?);
    /// let options = RunOptions { iterations: 120, ..RunOptions::default() };
    /// let start = |state| {
    ///     Run::start_from(Arc::clone(&data), options.clone(), state, Arc::new(|| ()), &Execution::default())
    /// };
    /// let run = start(None)?;
    /// run.wait_until_idle();
    /// let state = run.stop();
    /// let run = start(state)?;
    /// run.wait_until_idle();
    /// assert_eq!(run.snapshot().iteration, 120);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn start_from(
        data: Arc<Dataset>,
        options: RunOptions,
        state: Option<RunState>,
        notify: Arc<dyn Fn() + Send + Sync>,
        execution: &Execution,
    ) -> Result<Self> {
        validate(&data, &options)?;
        state
            .as_ref()
            .map_or(Ok(()), |state| state.check(data.samples()))?;
        // Without maps there is nothing to go on from.
        let state = state.filter(|state| !state.maps.is_empty());
        let shared = Arc::new(Shared::new(notify, options.table_k, execution.limit()));
        let clusters = options.clusters;
        let (commands, inbox) = channel();
        let worker = worker::Worker::new(
            Arc::clone(&data),
            options,
            state,
            Arc::clone(&shared),
            inbox,
            execution,
        );
        let for_worker = Arc::clone(&shared);
        let for_observer = Arc::clone(&shared);
        let optimizer = spawn("optimizer", move || {
            guard(&for_worker, Role::Worker, || worker.run());
        })?;
        let mut run = Self {
            shared,
            commands,
            threads: vec![optimizer],
        };
        run.threads.push(spawn("observer", move || {
            guard(&for_observer, Role::Observer, || {
                observer::observe(&data, clusters, &for_observer)
            });
        })?);
        Ok(run)
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.latest()
    }

    /// The newest diagnosis; its `map_generation` and `map_iteration` say which map it is of.
    pub fn diagnosis(&self) -> Option<Arc<Diagnosis>> {
        self.shared.diagnosis()
    }

    /// Asks the worker for something; returns at once.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use disentangle::{ndarray::Array2, prelude::*, run::Command};
    /// let features = Array2::from_shape_fn((40, 3), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
    /// let options = RunOptions { iterations: 120, ..RunOptions::default() };
    /// let run = Run::start(Arc::new(Dataset::new(features)?), options, Arc::new(|| ()), &Execution::default())?;
    /// run.wait_until_idle();
    /// run.send(Command::AddMap(7));
    /// run.wait_until_idle();
    /// let visited = run.snapshot().visited.clone();
    /// assert_eq!(visited.iter().map(|map| map.seed).collect::<Vec<_>>(), [1, 7]);
    /// run.send(Command::ShowMap(visited[0].generation));
    /// run.wait_until_idle();
    /// assert_eq!(run.snapshot().seed, 1);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn send(&self, command: Command) {
        match command {
            Command::SetTableK(k) => return self.shared.set_table_k(k.max(1)),
            Command::SetLabels(labels) => return self.shared.set_labels(labels),
            Command::SetClusters(options) => return self.shared.set_cluster_options(options),
            Command::Restart(_) | Command::AddMap(_) => self.shared.wish(Wish::Restart),
            Command::SetPerplexity(perplexity) => self.shared.wish(Wish::Perplexity(perplexity)),
            Command::Pause
            | Command::Resume
            | Command::Step
            | Command::ShowMap(_)
            | Command::ComputeMaps(_) => {}
        }
        self.demand(Request::Command(command));
    }

    fn demand(&self, request: Request) {
        self.shared.expect_command();
        if self.commands.send(request).is_err() {
            self.shared.command_done();
        }
    }

    /// Lets all maps be those of another run's state, in place of its own; returns at once. A state that
    /// [`RunState::check`] refuses is not taken up, and a note says so.
    pub fn take_up(&self, state: RunState) {
        if !state.maps.is_empty() {
            self.demand(Request::TakeUp(Box::new(state)));
        }
    }

    /// The state of all maps between two iterations; `None` if the worker has ended. Waits for the iteration, or for
    /// the stage before the iterations.
    pub fn state(&self) -> Option<RunState> {
        self.ask_state().recv().ok()
    }

    /// The same, without waiting: the receiver gets it.
    pub(crate) fn ask_state(&self) -> Receiver<RunState> {
        let (reply, state) = channel();
        // If the worker has ended, the receiver gets nothing.
        let _ = self.commands.send(Request::State(reply));
        state
    }

    /// Ends the run and returns the state of its maps, from which another run can go on; `None` if the worker panicked.
    pub fn stop(mut self) -> Option<RunState> {
        self.end();
        self.shared.take_left()
    }

    fn end(&mut self) {
        self.shared.stop();
        // The worker ends when its channel does.
        self.commands = channel().0;
        for thread in self.threads.drain(..) {
            // A panic in the thread was already turned into a snapshot.
            let _ = thread.join();
        }
    }

    /// Blocks until no command is pending and the worker is paused, finished or failed.
    pub fn wait_until_idle(&self) {
        self.shared.wait_until_idle();
    }

    /// Blocks until the worker is idle and the diagnosis describes the current map, or until the
    /// observer has ended.
    pub fn wait_until_diagnosed(&self) {
        self.shared.wait_until_idle();
        self.shared.wait_until_diagnosed();
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let snapshot = self.snapshot();
        write!(
            f,
            "Run {{ perplexity: {}, iteration: {}, activity: {:?} }}",
            snapshot.perplexity, snapshot.iteration, snapshot.activity
        )
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starting positions of a map.
pub(crate) fn starting_positions(
    initialization: &Initialization,
    reduction: &Reduction,
    affinities: &Affinities,
    seed: u64,
    execution: &Execution,
) -> Result<Vec<[f32; 2]>> {
    match initialization {
        Initialization::Spectral => spectral_positions(affinities, seed, execution),
        other => initial_positions(other, reduction, seed),
    }
}

/// The requested perplexity or the largest that n samples allow, with a note if that is less.
pub(crate) fn capped_perplexity(asked: f64, samples: usize) -> (f64, Option<String>) {
    let largest = largest_perplexity(samples).max(1.0);
    if asked > largest {
        let using = if largest > 1.0 {
            format!("{largest:.1} = (n − 1)/3")
        } else {
            "1, the smallest".into()
        };
        let note = format!("perplexity {asked} is too large for {samples} samples; using {using}");
        (largest, Some(note))
    } else {
        (asked, None)
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new()
        .name(format!("disentangle-{name}"))
        .spawn(work)
        .map_err(|source| Error::WorkerStopped {
            reason: format!("the system could not start a thread ({source})"),
        })
}

/// Runs a thread's work; an error or panic becomes the run's state.
fn guard(shared: &Shared, role: Role, work: impl FnOnce() -> Result<()>) {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let reason = match outcome {
        Ok(Ok(()) | Err(Error::Interrupted)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => {
            let text = (panic.downcast_ref::<&str>().copied())
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no reason given");
            let what = match role {
                Role::Worker => "the optimizer",
                Role::Observer => "the statistics",
            };
            Some(format!("{what} failed: {text}"))
        }
    };
    shared.ended(role, reason);
}
