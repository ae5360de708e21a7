//! What a run's threads and its owner share: the newest snapshot and diagnosis, and ways to wait
//! for them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::pacing::Pace;
use super::{Activity, RunState, Snapshot};
use crate::clusters::ClusterOptions;
use crate::dataset::Labels;
use crate::diagnosis::{Diagnosis, Fidelity, ReadingThresholds};
use crate::error::{Error, Result};
use crate::neighbors::Neighbors;
use crate::progress::{Progress, Stage};

/// The state behind one lock, which nobody holds for longer than a few assignments.
#[derive(Default)]
struct State {
    snapshot: Arc<Snapshot>,
    diagnosis: Option<Arc<Diagnosis>>,
    /// Newest diagnosis of each map, by generation.
    by_generation: BTreeMap<u64, Arc<Diagnosis>>,
    /// The neighbors in the feature space, if the map's graph is of the features themselves.
    feature_neighbors: Option<Arc<Neighbors>>,
    /// Whether the worker has found that it cannot provide these.
    feature_neighbors_settled: bool,
    pending_commands: usize,
    /// Commands that were not begun yet and that make the work for earlier ones pointless.
    wishes: VecDeque<Wish>,
    worker_idle: bool,
    /// The worker waits for the statistics of the map that is shown.
    worker_waits: bool,
    /// The map of which all statistics are known: its generation and iteration.
    settled: Option<(u64, usize)>,
    worker_ended: bool,
    observer_ended: bool,
    /// Sequence of the last snapshot that the observer has described in full.
    described: u64,
    /// The newest labels, until the observer takes them.
    labels: Option<Arc<Labels>>,
    /// The maps as the worker left them when it ended.
    left: Option<RunState>,
    /// How clusters are to be looked for from now on, until the observer takes it.
    clusters: Option<ClusterOptions>,
}

impl State {
    fn is_worker_idle(&self) -> bool {
        self.worker_idle || self.worker_waits || self.worker_ended
    }

    /// Attaches a diagnosis to its map, if that is kept.
    fn attach(&mut self, diagnosis: &Arc<Diagnosis>) {
        let Some(generation) = diagnosis.map_generation else {
            return;
        };
        self.by_generation.insert(generation, Arc::clone(diagnosis));
        let mut snapshot = self.snapshot.as_ref().clone();
        let kept = Arc::make_mut(&mut snapshot.visited).iter_mut();
        for map in kept.filter(|map| map.generation == generation) {
            map.diagnosis = Some(Arc::clone(diagnosis));
        }
        self.snapshot = Arc::new(snapshot);
    }
}

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    stopping: AtomicBool,
    table_k: AtomicUsize,
    /// The most threads of a computation; 0 for all that the process was given.
    threads: usize,
    pace: Pace,
    notify: Arc<dyn Fn() + Send + Sync>,
}

/// A diagnosis with its reading, and with the fidelity that was measured of the very same map in place of a
/// quick description: a map that is about to be left is described again.
fn completed(new: Diagnosis, before: Option<&Diagnosis>) -> Diagnosis {
    keeping_measured(new, before).with_reading(&ReadingThresholds::default())
}

fn keeping_measured(new: Diagnosis, before: Option<&Diagnosis>) -> Diagnosis {
    let measured = before.filter(|old| {
        let same_map = old.map_iteration.is_some() && old.map_iteration == new.map_iteration;
        same_map && old.relabeled == new.relabeled
    });
    let measured = measured.and_then(|old| old.fidelity.as_ref());
    let is_better = |old: &&Fidelity| {
        let new = new.fidelity.as_ref();
        old.trustworthiness.is_some()
            && new.is_none_or(|new| new.trustworthiness.is_none() && new.k == old.k)
    };
    match measured.filter(is_better).cloned() {
        Some(fidelity) => Diagnosis {
            fidelity: Some(fidelity),
            ..new
        },
        None => new,
    }
}

impl Shared {
    pub(super) fn new(notify: Arc<dyn Fn() + Send + Sync>, table_k: usize, threads: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
            table_k: AtomicUsize::new(table_k.max(1)),
            threads,
            pace: Pace::new(),
            notify,
        }
    }

    /// The state. A panic elsewhere leaves it usable, because every change is a whole assignment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.lock().snapshot)
    }

    pub(super) fn diagnosis(&self) -> Option<Arc<Diagnosis>> {
        self.lock().diagnosis.clone()
    }

    /// Keeps the maps as the worker leaves them.
    pub(super) fn leave(&self, state: RunState) {
        self.lock().left = Some(state);
    }

    /// The maps as the worker has left them.
    pub(super) fn take_left(&self) -> Option<RunState> {
        self.lock().left.take()
    }

    /// Publishes a changed copy of the current snapshot.
    pub(super) fn publish(&self, change: impl FnOnce(&mut Snapshot)) {
        {
            let mut state = self.lock();
            let mut snapshot = state.snapshot.as_ref().clone();
            change(&mut snapshot);
            snapshot.sequence += 1;
            for map in snapshot.visited.iter() {
                debug_assert!(map.positions.len() == snapshot.positions.len());
            }
            state.snapshot = Arc::new(snapshot);
            self.changed.notify_all();
        }
        (self.notify)();
    }

    /// Changes what does not describe the map that is shown: the observer does not look at it again.
    pub(super) fn publish_beside(&self, change: impl FnOnce(&mut Snapshot)) {
        {
            let mut state = self.lock();
            let mut snapshot = state.snapshot.as_ref().clone();
            change(&mut snapshot);
            state.snapshot = Arc::new(snapshot);
        }
        (self.notify)();
    }

    /// Attaches the diagnosis of a map that is not shown.
    pub(super) fn attach_diagnosis(&self, diagnosis: Diagnosis) {
        let diagnosis = Arc::new(diagnosis.with_reading(&ReadingThresholds::default()));
        self.lock().attach(&diagnosis);
        (self.notify)();
    }

    /// Completes a diagnosis, publishes it and attaches it to its map, if that is kept.
    pub(super) fn publish_diagnosis(&self, diagnosis: Diagnosis, described: Option<u64>) {
        let before = (diagnosis.map_generation).and_then(|map| self.diagnosis_of(map));
        let diagnosis = Arc::new(completed(diagnosis, before.as_deref()));
        {
            let mut state = self.lock();
            state.attach(&diagnosis);
            state.diagnosis = Some(diagnosis);
            if let Some(sequence) = described {
                state.described = sequence;
            }
            self.changed.notify_all();
        }
        (self.notify)();
    }

    /// The newest diagnosis of a map.
    pub(super) fn diagnosis_of(&self, generation: u64) -> Option<Arc<Diagnosis>> {
        self.lock().by_generation.get(&generation).cloned()
    }

    /// Drops the diagnoses of maps that are no longer kept.
    pub(super) fn forget_diagnoses(&self) {
        self.lock().by_generation.clear();
    }

    /// Tells the observer whether the map's neighbor graph is that of the features themselves.
    pub(super) fn settle_feature_neighbors(&self, neighbors: Option<Arc<Neighbors>>) {
        let mut state = self.lock();
        state.feature_neighbors = neighbors;
        state.feature_neighbors_settled = true;
        self.changed.notify_all();
    }

    /// The graph of the features, once the worker has built or declined it; `None` also when the
    /// run ends.
    pub(super) fn wait_for_feature_neighbors(&self) -> Option<Arc<Neighbors>> {
        let mut state = self.lock();
        while !state.feature_neighbors_settled && !state.worker_ended && !self.is_stopping() {
            state = self.wait(state);
        }
        state.feature_neighbors.clone()
    }

    /// Waits for a snapshot newer than `seen` or another k than `k`; `None` when the run ends.
    pub(super) fn wait_for_news(&self, seen: u64, k: usize) -> Option<Arc<Snapshot>> {
        let mut state = self.lock();
        loop {
            if self.is_stopping() {
                return None;
            }
            if state.snapshot.sequence != seen || self.table_k() != k {
                return Some(Arc::clone(&state.snapshot));
            }
            state = self.wait(state);
        }
    }

    /// Sleeps, but wakes up when the run ends or the worker becomes idle.
    pub(super) fn rest(&self, time: Duration) {
        let until = std::time::Instant::now() + time;
        let mut state = self.lock();
        while !self.is_stopping() && !state.is_worker_idle() {
            let Some(left) = until.checked_duration_since(std::time::Instant::now()) else {
                return;
            };
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Lets the observer rest if a rest is due.
    pub(super) fn rest_if_due(&self) {
        if let Some(time) = self.pace.due() {
            self.rest(time);
            self.pace.begin();
        }
    }

    /// Notes that the observer begins to work after waiting.
    pub(super) fn begin_work(&self) {
        self.pace.begin();
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn table_k(&self) -> usize {
        self.table_k.load(Ordering::Relaxed)
    }

    pub(super) fn set_table_k(&self, k: usize) {
        self.table_k.store(k, Ordering::Relaxed);
        let _state = self.lock();
        self.changed.notify_all();
    }

    /// Sets the labels for the statistics; of several in a row only the last are used.
    pub(super) fn set_labels(&self, labels: Arc<Labels>) {
        self.lock().labels = Some(labels);
        // The current map has to be described again.
        self.publish(|_| ());
    }

    /// Sets how clusters are looked for; of several in a row only the last are used.
    pub(super) fn set_cluster_options(&self, options: ClusterOptions) {
        self.lock().clusters = Some(options);
        // The current map has to be described again.
        self.publish(|_| ());
    }

    /// The newest options of clusters that the observer has not seen.
    pub(super) fn take_cluster_options(&self) -> Option<ClusterOptions> {
        self.lock().clusters.take()
    }

    /// The newest labels that the observer has not seen.
    pub(super) fn take_labels(&self) -> Option<Arc<Labels>> {
        self.lock().labels.take()
    }

    /// Whether there are labels that the observer has not seen.
    pub(super) fn has_labels(&self) -> bool {
        self.lock().labels.is_some()
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let _state = self.lock();
        self.changed.notify_all();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The result of work; `None` if it was cancelled for something newer, which is not a failure.
    pub(super) fn unless_overtaken<T>(&self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Err(Error::Interrupted) if !self.is_stopping() => Ok(None),
            other => other.map(Some),
        }
    }

    /// Notes a command that makes the work for earlier ones pointless.
    pub(super) fn wish(&self, wish: Wish) {
        self.lock().wishes.push_back(wish);
    }

    /// Notes that the worker begins with the oldest request, or skips it.
    pub(super) fn wish_taken(&self) {
        self.lock().wishes.pop_front();
    }

    /// The newest request that the worker has not begun.
    pub(super) fn newest_wish(&self) -> Option<Wish> {
        self.lock().wishes.back().copied()
    }

    pub(super) fn expect_command(&self) {
        self.lock().pending_commands += 1;
    }

    /// Whether a command waits for the worker.
    fn has_commands(&self) -> bool {
        self.lock().pending_commands > 0
    }

    pub(super) fn command_done(&self) {
        let mut state = self.lock();
        state.pending_commands = state.pending_commands.saturating_sub(1);
        self.changed.notify_all();
    }

    pub(super) fn set_worker_idle(&self, idle: bool) {
        self.lock().worker_idle = idle;
        self.changed.notify_all();
    }

    /// The most threads of the observer now: all of the run's while the optimizer sleeps, one beside it.
    pub(super) fn observer_threads(&self) -> usize {
        if self.is_worker_idle() {
            self.threads
        } else {
            1
        }
    }

    /// Whether the worker leaves the machine to the observer.
    pub(super) fn is_worker_idle(&self) -> bool {
        self.lock().is_worker_idle()
    }

    pub(super) fn set_worker_waits(&self, waits: bool) {
        let before = std::mem::replace(&mut self.lock().worker_waits, waits);
        if before != waits {
            self.changed.notify_all();
        }
    }

    /// Notes that all statistics of a map, which does not move, are known.
    pub(super) fn settle(&self, map: (u64, usize)) {
        self.lock().settled = Some(map);
    }

    /// Whether all statistics of a map are known, or none will be.
    pub(super) fn has_settled(&self, map: (u64, usize)) -> bool {
        let state = self.lock();
        state.settled == Some(map) || state.observer_ended
    }

    pub(super) fn wait_until_idle(&self) {
        let mut state = self.lock();
        while !(state.worker_ended || state.worker_idle && state.pending_commands == 0) {
            state = self.wait(state);
        }
    }

    pub(super) fn wait_until_diagnosed(&self) {
        let mut state = self.lock();
        while !(state.observer_ended || state.described >= state.snapshot.sequence) {
            state = self.wait(state);
        }
    }

    /// Notes that a thread has ended; with a reason if it should not have.
    pub(super) fn ended(&self, role: Role, reason: Option<String>) {
        match role {
            Role::Worker => self.lock().worker_ended = true,
            Role::Observer => self.lock().observer_ended = true,
        }
        self.changed.notify_all();
        if let Some(reason) = reason {
            self.publish(|s| s.activity = Activity::Failed(reason));
        }
    }
}

/// Publishes the worker's progress as part of the snapshot.
impl Progress for Shared {
    fn report(&self, stage: Stage, share: f32) {
        let worth_showing = match &self.latest().activity {
            Activity::Preparing {
                stage: old,
                share: before,
            } => *old != stage || (share - before).abs() >= 0.01 || share >= 1.0,
            _ => true,
        };
        if worth_showing {
            self.publish(|s| s.activity = Activity::Preparing { stage, share });
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_stopping()
    }
}

/// The threads of a run.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// It optimizes the map.
    Worker,
    /// It computes the statistics.
    Observer,
}

/// What is requested instead of what the worker is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wish {
    /// The map of another perplexity.
    Perplexity(f64),
    /// A new beginning.
    Restart,
}

/// Cancels a costly stage of the worker that a newer request has made pointless.
pub(super) struct UntilOvertaken {
    pub(super) shared: Arc<Shared>,
    /// Whether the stage is useless for a request.
    pub(super) is_pointless_for: Box<dyn Fn(Wish) -> bool + Send + Sync>,
    /// Whether it works in the background: it shows no progress, and any command cancels it.
    pub(super) is_quiet: bool,
}

impl Progress for UntilOvertaken {
    fn report(&self, stage: Stage, share: f32) {
        if !self.is_quiet {
            self.shared.report(stage, share);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.shared.is_stopping()
            || (self.is_quiet && self.shared.has_commands())
            || self
                .shared
                .newest_wish()
                .is_some_and(&self.is_pointless_for)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::dataset::{Dataset, Labels};
    use crate::execution::Execution;

    #[test]
    fn the_observer_takes_no_more_threads_than_the_run_may() {
        let shared = Shared::new(Arc::new(|| {}), 5, 3);
        assert_eq!(shared.observer_threads(), 1);
        shared.set_worker_waits(true);
        assert_eq!(shared.observer_threads(), 3);
    }

    #[test]
    fn what_was_measured_of_a_map_stays_while_the_map_is_the_same() {
        let features = Array2::from_shape_fn((40, 3), |(i, j)| (i * (j + 3) % 17) as f32);
        let labels: Vec<i64> = (0..40).map(|i| i % 2).collect();
        let labels = Labels::from_integers(&labels).unwrap();
        let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
        let map: Vec<[f32; 2]> = (0..40u8).map(|i| [f32::from(i), 0.0]).collect();
        let execution = Execution::default().threads(1);
        let of = |iteration, measured: bool| {
            let mut found = Diagnosis::of(&data, Some(&map), 5, &execution)
                .unwrap()
                .unwrap();
            found.map_iteration = Some(iteration);
            let fidelity = found.fidelity.as_mut().unwrap();
            fidelity.trustworthiness = fidelity.trustworthiness.filter(|_| measured);
            found
        };
        let is_measured = |found: Diagnosis| found.fidelity.unwrap().trustworthiness.is_some();
        let measured = of(750, true);
        assert!(is_measured(completed(of(750, false), Some(&measured))));
        // Another iteration is another map; nothing is made up.
        assert!(!is_measured(completed(of(760, false), Some(&measured))));
        assert!(!is_measured(completed(of(750, false), None)));
        // The reading is of the numbers that are kept.
        let mut measured = measured;
        let recall = measured.fidelity.as_mut().unwrap().knn_recall.as_mut();
        recall.unwrap().value = 0.125;
        let quoted = |found: Diagnosis| {
            let statements = found.reading.unwrap().statements.into_iter();
            let mut figures = statements.flat_map(|statement| statement.figures);
            let recall = figures.find(|figure| figure.field == "fidelity.knn_recall.value");
            recall.map(|figure| figure.value)
        };
        assert_eq!(
            quoted(completed(of(750, false), Some(&measured))),
            Some(0.125)
        );
        assert_ne!(
            quoted(completed(of(760, false), Some(&measured))),
            Some(0.125)
        );
    }
}
