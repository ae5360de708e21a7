//! The second thread of a run: statistics of the features once, those of the map again and again.
//!
//! While the map moves it uses one thread of low priority, rests in between, so that the optimizer
//! keeps most of the machine, and estimates silhouettes if all pairs would be slow. Once the map
//! has stopped, it uses all cores, replaces estimates by exact values if these are affordable, and
//! then sleeps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use super::{Activity, Snapshot};
use crate::clusters::{ClusterOptions, Clusters};
use crate::dataset::Dataset;
use crate::diagnosis::{
    Diagnosis, FeatureFigures, Input, MapFigures, PLAN, Stability, StabilityOptions, Step, graph,
};
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::Progress;
use crate::statistics::{Labeled, Silhouettes, SortedRows, exact_neighbors_are_affordable};

/// The shortest rest between two descriptions of a moving map.
const SHORTEST_REST: Duration = Duration::from_millis(150);

/// Which map was described in full, and with how many neighbors per sample in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Measured {
    pub(super) generation: u64,
    pub(super) iteration: usize,
    pub(super) k: usize,
}

pub(super) struct Observer<'a> {
    /// The samples as they were read.
    pub(super) read: &'a Dataset,
    /// The samples, with clusters as labels once these were found.
    pub(super) data: Dataset,
    pub(super) shared: &'a Arc<Shared>,
    /// All rows, sorted by their features.
    pub(super) sorted: SortedRows,
    /// The labeled samples in an order that does not depend on that of the rows.
    pub(super) labeled: Labeled,
    /// Samples with another label than the one that was read.
    pub(super) relabeled: usize,
    /// Statistics of the features, as far as they are known.
    pub(super) known: FeatureFigures,
    /// What maps have in common, and the generations of these maps.
    pub(super) stability: Option<(Vec<u64>, Arc<Stability>)>,
    /// How clusters are looked for, if there are no labels.
    pub(super) cluster_options: Option<ClusterOptions>,
    /// Those that were found.
    pub(super) clusters: Option<Arc<Clusters>>,
    /// Whether the silhouettes of the features are as exact as they will be.
    pub(super) refined: bool,
    /// Which maps were described in full.
    pub(super) measured: BTreeSet<Measured>,
}

/// Gives the optimizer precedence: at this niceness, a thread and the threads that it starts have a
/// tenth of the usual weight on Linux. On other systems, and in the library without the screen,
/// there are only the rests.
fn yield_to_others() {
    #[cfg(all(feature = "tui", target_os = "linux"))]
    {
        // If the system does not allow the change, the priority stays as it is.
        let _ = rustix::process::setpriority_process(None, 10);
    }
}

/// The thread's main function.
pub(super) fn observe(
    data: &Dataset,
    cluster_options: Option<ClusterOptions>,
    shared: &Arc<Shared>,
) -> Result<()> {
    yield_to_others();
    let execution = execution(shared, Until::Labels);
    let sorted = execution.run(|_| SortedRows::of_all(data.features()));
    let mut observer = Observer {
        read: data,
        data: data.clone(),
        shared,
        labeled: Labeled::of(data).in_order_of(&sorted),
        sorted,
        relabeled: 0,
        known: FeatureFigures::default(),
        stability: None,
        cluster_options,
        clusters: None,
        refined: false,
        measured: BTreeSet::new(),
    };
    observer.describe_features()?;
    if observer.awaits_clusters(true) {
        observer.find_clusters(Until::End)?;
        observer.follow_plan(Until::End)?;
    }
    observer.follow()
}

impl Observer<'_> {
    /// The statistics of the features, each shown as soon as it is computed.
    fn describe_features(&mut self) -> Result<()> {
        self.publish(None, None, None);
        let shared_graph = self.shared.wait_for_feature_neighbors();
        self.shared.begin_work();
        self.take_graph(shared_graph);
        self.follow_plan(Until::End)
    }

    /// Takes the neighbors that the map was made of, if they are enough.
    pub(super) fn take_graph(&mut self, shared: Option<Arc<Neighbors>>) {
        self.known.neighbors = shared.filter(|graph| {
            let most = self.labeled.samples().saturating_sub(1);
            self.labeled.is_complete() && graph.k() >= self.shared.table_k().min(most)
        });
        let rows = self.labeled.rows();
        let graph = self.known.neighbors.take();
        self.known.neighbors = graph.map(|graph| Arc::new(graph.renumbered(&rows)));
    }

    /// Computes and shows the missing parts, except those that wait for the optimizer.
    pub(super) fn follow_plan(&mut self, until: Until) -> Result<()> {
        for step in &PLAN {
            if !step.waits(&self.data, &self.labeled) {
                self.compute(step, until)?;
                self.publish(None, None, None);
            }
        }
        self.known.forget_gathered();
        self.refined = self.is_refined();
        Ok(())
    }

    fn compute(&mut self, step: &Step, until: Until) -> Result<()> {
        let execution = self.execution(until);
        let input = quick(&self.data, &self.labeled, self.shared);
        self.known.compute(step, input, &execution)
    }

    /// Whether no statistic of the features is an estimate.
    fn is_refined(&self) -> bool {
        let silhouettes = self.known.silhouettes.as_ref();
        silhouettes.is_none_or(|s| s.references.is_none()) && !self.wants_exact_neighbors()
    }

    /// Computes the parts that waited for the optimizer, unless something new comes up.
    fn compute_when_idle(&mut self, seen: u64, k: usize) -> Result<()> {
        let steps = PLAN.iter();
        let mut outcomes = steps.map(|step| self.compute(step, Until::News { seen, k }));
        let outcome = outcomes.find(Result::is_err).unwrap_or(Ok(()));
        self.known.forget_gathered();
        self.shared.unless_overtaken(outcome).map(|_| ())
    }

    /// Replaces estimates by exact statistics of the features, unless something new comes up.
    fn refine(&mut self, seen: u64, k: usize) -> Result<()> {
        if self.refined {
            return Ok(());
        }
        let idle = self.execution(Until::News { seen, k });
        let outcome = self.replace_estimates(&idle);
        self.known.forget_gathered();
        self.refined = self.shared.unless_overtaken(outcome)?.is_some();
        Ok(())
    }

    /// Whether the neighbors are approximate and exact ones are affordable.
    fn wants_exact_neighbors(&self) -> bool {
        let graph = self.known.neighbors.as_deref();
        graph.is_some_and(|g| g.recall().is_some())
            && exact_neighbors_are_affordable(self.labeled.samples(), self.data.dimensions())
    }

    pub(super) fn execution(&self, until: Until) -> Execution {
        execution(self.shared, until)
    }

    /// The same execution, cancelled by anything newer than a snapshot.
    fn while_idle(&self, snapshot: &Snapshot, k: usize) -> Execution {
        let seen = snapshot.sequence;
        self.execution(Until::News { seen, k })
    }

    /// Makes neighbors and silhouettes of the features exact if that is affordable.
    fn replace_estimates(&mut self, execution: &Execution) -> Result<()> {
        let input = quick(&self.data, &self.labeled, self.shared);
        if self.wants_exact_neighbors()
            && let Some(exact) = graph(input, execution)?
        {
            self.known.replace_graph(exact, input, execution)?;
        }
        let silhouettes = self.known.silhouettes.as_ref();
        if silhouettes.is_some_and(|estimated| estimated.references.is_some()) {
            let features = self.data.features();
            self.known.silhouettes =
                Silhouettes::in_features(features, &self.labeled, true, execution)?;
        }
        Ok(())
    }

    fn input(&self) -> Input<'_> {
        quick(&self.data, &self.labeled, self.shared)
    }

    /// Neighbor labels at the current k.
    fn tabulate(&mut self) {
        let execution = self.execution(Until::End);
        let input = quick(&self.data, &self.labeled, self.shared);
        self.known.tabulate(input, &execution);
    }

    /// Describes the newest map until the run ends.
    fn follow(&mut self) -> Result<()> {
        let (mut seen, mut k) = (0, self.shared.table_k());
        while let Some(snapshot) = self.shared.wait_for_news(seen, k) {
            self.shared.begin_work();
            self.take_labels()?;
            self.take_cluster_options()?;
            if self.shared.table_k() != k {
                k = self.shared.table_k();
                let most = self.labeled.samples().saturating_sub(1);
                if self
                    .known
                    .neighbors
                    .as_ref()
                    .is_some_and(|g| g.k() < k.min(most))
                {
                    self.known.neighbors = graph(self.input(), &self.execution(Until::End))?;
                }
                self.tabulate();
            }
            seen = snapshot.sequence;
            self.describe_map(&snapshot, k)?;
            self.measure_kept(&snapshot, k)?;
            if snapshot.activity == Activity::Running {
                self.shared.rest(SHORTEST_REST);
            }
        }
        Ok(())
    }

    fn describe_map(&mut self, snapshot: &Snapshot, k: usize) -> Result<()> {
        let idle = is_idle(snapshot);
        if !snapshot.is_map {
            self.known.evidence.map_votes = None;
            if idle {
                self.compute_when_idle(snapshot.sequence, k)?;
                self.refine(snapshot.sequence, k)?;
            }
            self.publish(None, None, idle.then_some(snapshot.sequence));
            return Ok(());
        }
        let positions = &snapshot.positions;
        let execution = self.execution(Until::End);
        let quick = quick(&self.data, &self.labeled, self.shared);
        let input = Input {
            k,
            exact: idle,
            ..quick
        };
        let mut map = self.known.describe_map(positions, input, &execution)?;
        map.fidelity = self.known.quick_fidelity(&map, input);
        if !idle {
            self.publish(Some(snapshot), Some(&map), Some(snapshot.sequence));
            return Ok(());
        }
        self.publish(Some(snapshot), Some(&map), None);
        self.compute_when_idle(snapshot.sequence, k)?;
        self.publish(Some(snapshot), Some(&map), None);
        self.refine(snapshot.sequence, k)?;
        let input = Input { k, ..self.input() };
        map.fidelity = self.known.quick_fidelity(&map, input);
        self.publish(Some(snapshot), Some(&map), None);
        let measured = Measured {
            generation: snapshot.generation,
            iteration: snapshot.iteration,
            k,
        };
        let while_idle = self.while_idle(snapshot, k);
        let fidelity = self.known.fidelity(positions, &map, input, &while_idle);
        if let Some(fidelity) = self.shared.unless_overtaken(fidelity)? {
            map.fidelity = fidelity;
            self.measured.insert(measured);
        }
        self.compare_maps(snapshot, k)?;
        if self.cluster_when_idle(snapshot, k)? {
            return self.describe_map(snapshot, k);
        }
        self.publish(Some(snapshot), Some(&map), Some(snapshot.sequence));
        if self.measured.contains(&measured) {
            self.shared
                .settle((measured.generation, measured.iteration));
        }
        Ok(())
    }

    /// Finds the clusters of large data, unless something new comes up; returns whether there are any.
    fn cluster_when_idle(&mut self, snapshot: &Snapshot, k: usize) -> Result<bool> {
        if !self.awaits_clusters(false) {
            return Ok(false);
        }
        let seen = snapshot.sequence;
        let found = self.find_clusters(Until::News { seen, k });
        self.shared.unless_overtaken(found)?;
        Ok(self.data.labels().is_some())
    }

    /// Computes what the maps of all visited perplexities have in common, unless something new
    /// comes up.
    fn compare_maps(&mut self, snapshot: &Snapshot, k: usize) -> Result<()> {
        let maps: Vec<&[[f32; 2]]> = snapshot.visited.iter().map(|m| &m.positions[..]).collect();
        let idle = self.while_idle(snapshot, k);
        let options = StabilityOptions {
            k,
            ..StabilityOptions::default()
        };
        let found = Stability::of(self.data.labels(), &maps, &options, &idle);
        let found = self.shared.unless_overtaken(found)?.flatten();
        self.stability = found.map(|s| (maps_of(snapshot), Arc::new(s)));
        Ok(())
    }

    /// The diagnosis of the features and of a map, which is that of a generation and an iteration.
    pub(super) fn described(&self, map: Option<(&MapFigures, (u64, usize))>) -> Diagnosis {
        let mut diagnosis = self.known.diagnosis(self.input(), map.map(|(map, _)| map));
        diagnosis.clusters.clone_from(&self.clusters);
        diagnosis.relabeled = self.relabeled;
        diagnosis.map_generation = map.map(|(_, (generation, _))| generation);
        diagnosis.map_iteration = map.map(|(_, (_, iteration))| iteration);
        diagnosis
    }

    fn publish(
        &self,
        snapshot: Option<&Snapshot>,
        map: Option<&MapFigures>,
        described: Option<u64>,
    ) {
        let map = map.zip(snapshot.map(|s| (s.generation, s.iteration)));
        let mut diagnosis = self.described(map);
        let stability = self.stability.as_ref();
        let of_this = stability
            .filter(|(generations, _)| snapshot.is_some_and(|s| &maps_of(s) == generations));
        diagnosis.stability = of_this.map(|(_, stability)| Arc::clone(stability));
        self.shared.publish_diagnosis(diagnosis, described);
        self.shared.rest_if_due();
    }
}

/// Whether the map does not move.
pub(super) fn is_idle(snapshot: &Snapshot) -> bool {
    matches!(
        snapshot.activity,
        Activity::Paused | Activity::Finished | Activity::Still
    )
}

/// How the observer computes, as long as nothing newer comes up.
fn execution(shared: &Arc<Shared>, until: Until) -> Execution {
    let threads = shared.observer_threads();
    let shared = Arc::clone(shared);
    let paced = Paced { shared, until };
    Execution::default().threads(threads).progress(paced)
}

/// The input of quick statistics.
fn quick<'a>(data: &'a Dataset, labeled: &'a Labeled, shared: &Shared) -> Input<'a> {
    Input {
        data,
        labeled,
        k: shared.table_k(),
        exact: false,
    }
}

/// The generations of the kept maps.
fn maps_of(snapshot: &Snapshot) -> Vec<u64> {
    snapshot.visited.iter().map(|m| m.generation).collect()
}

/// What cancels a computation of the observer, besides the end of the run.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// Nothing.
    End,
    /// A snapshot newer than `seen`, or another k of the tables: for computations that are only
    /// worthwhile while nothing else is to do.
    News { seen: u64, k: usize },
    /// Labels newer than those in use.
    Labels,
}

/// The progress of the observer's computations: not shown, with rests while the optimizer works.
pub(super) struct Paced {
    pub(super) shared: Arc<Shared>,
    pub(super) until: Until,
}

impl Progress for Paced {
    fn is_cancelled(&self) -> bool {
        let is_over = match self.until {
            Until::End => false,
            Until::News { seen, k } => {
                self.shared.latest().sequence != seen || self.shared.table_k() != k
            }
            Until::Labels => self.shared.has_labels(),
        };
        is_over || self.shared.is_stopping()
    }

    fn pause(&self) {
        self.shared.rest_if_due();
    }
}
