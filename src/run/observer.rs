//! The second thread of a run: figures of the features once, figures of the map again and again.
//!
//! While the map moves it works on one thread of low priority and rests in between, so that the
//! optimizer keeps most of the machine, and estimates silhouettes where all pairs would be slow.
//! When the map stands still, it works on all cores, computes what was estimated once as well as
//! that is affordable, and then sleeps.

use std::sync::Arc;
use std::time::Duration;

use super::pacing::{Paced, Until};
use super::shared::Shared;
use super::{Activity, Snapshot};
use crate::dataset::Dataset;
use crate::diagnosis::{
    Diagnosis, Evidence, Fidelity, FidelityOptions, Known as Neighborhoods, Parts, Source,
    Stability, StabilityOptions, SuspectOptions, Suspects, WANTED_NEIGHBORS,
};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::statistics::{
    Labeled, MapNeighbors, Mixing, Silhouettes, exact_neighbors_are_affordable, feature_neighbors,
};

/// Neighbors per sample of a graph that the observer builds itself: room for other k's.
const TABLE_NEIGHBORS: usize = WANTED_NEIGHBORS;
/// Samples × features × classes up to which the logistic probe does not wait for the map to stand.
const QUICK_PROBE: f64 = 2e6;
/// The shortest rest between two looks at a moving map.
const SHORTEST_REST: Duration = Duration::from_millis(150);

/// Figures of the features, as far as they are known.
#[derive(Default)]
pub(super) struct Known {
    pub(super) neighbors: Option<Arc<Neighbors>>,
    mixing: Option<Mixing>,
    pub(super) silhouettes: Option<Silhouettes>,
    pub(super) suspects: Option<Arc<Suspects>>,
    evidence: Evidence,
    /// Whether the logistic probe has been computed or found undefined.
    has_logistic: bool,
}

pub(super) struct Observer<'a> {
    pub(super) data: &'a Dataset,
    pub(super) shared: &'a Arc<Shared>,
    pub(super) labeled: Labeled,
    /// Samples whose label is not the one that was read.
    pub(super) relabeled: usize,
    pub(super) known: Known,
    /// What the maps of some generations have in common.
    pub(super) stability: Option<(Vec<u64>, Arc<Stability>)>,
    /// Whether the silhouettes of the features are as exact as they will be.
    pub(super) refined: bool,
}

/// Lets the optimizer go first: at this niceness a thread of Linux has a tenth of the weight of a
/// usual one, and the threads that it starts have, too. Elsewhere, and in the library without the
/// screen, the rests alone must do.
fn yield_to_others() {
    #[cfg(all(feature = "tui", target_os = "linux"))]
    {
        // Without the right to change it, the priority stays as it is.
        let _ = rustix::process::setpriority_process(None, 10);
    }
}

/// The thread's whole life.
pub(super) fn observe(data: &Dataset, shared: &Arc<Shared>) -> Result<()> {
    let _ended = EndedGuard(shared);
    yield_to_others();
    let Some(labels) = data.labels() else {
        return Ok(());
    };
    let mut observer = Observer {
        data,
        shared,
        labeled: Labeled::new(labels),
        relabeled: 0,
        known: Known::default(),
        stability: None,
        refined: false,
    };
    observer.describe_features()?;
    observer.follow()
}

impl Observer<'_> {
    /// The figures of the features, each shown as soon as it is there.
    fn describe_features(&mut self) -> Result<()> {
        self.publish(None, Parts::default(), None);
        let shared_graph = self.shared.wait_for_feature_neighbors();
        self.shared.begin_work();
        let usable = shared_graph.filter(|graph| {
            let enough = self
                .shared
                .table_k()
                .min(self.labeled.samples().saturating_sub(1));
            self.labeled.is_complete() && graph.k() >= enough
        });
        self.known.neighbors = match usable {
            Some(graph) => Some(graph),
            None => self.own_graph(self.shared.table_k())?,
        };
        self.tabulate();
        self.publish(None, Parts::default(), None);
        self.known.silhouettes = Silhouettes::in_features(
            self.data.features(),
            &self.labeled,
            false,
            &self.execution(Until::End),
        )?;
        self.refined = self.is_refined();
        self.publish(None, Parts::default(), None);
        self.gather_evidence(Until::End)?;
        self.known.suspects = self.suspects(&self.execution(Until::End))?;
        self.publish(None, Parts::default(), None);
        Ok(())
    }

    /// Whether nothing of the features is an estimate.
    pub(super) fn is_refined(&self) -> bool {
        let silhouettes = self.known.silhouettes.as_ref();
        silhouettes.is_none_or(|s| s.references.is_none()) && !self.wants_exact_neighbors()
    }

    /// Samples whose label is probably wrong.
    fn suspects(&self, execution: &Execution) -> Result<Option<Arc<Suspects>>> {
        let Some(graph) = &self.known.neighbors else {
            return Ok(None);
        };
        let options = SuspectOptions::default();
        let found = Suspects::from_graph(self.data, &self.labeled, graph, &options, execution)?;
        Ok(found.map(Arc::new))
    }

    /// Figures of separation and mixed pairs, each shown as soon as it is there.
    pub(super) fn gather_evidence(&mut self, until: Until) -> Result<()> {
        self.known
            .evidence
            .read_predictions(self.data, &self.labeled);
        for read in [
            Evidence::read_probe,
            Evidence::read_linear,
            Evidence::read_geometry,
        ] {
            let source = Source {
                features: self.data.features(),
                labeled: &self.labeled,
                execution: &self.execution(until),
            };
            read(&mut self.known.evidence, source)?;
            self.publish(None, Parts::default(), None);
        }
        let work = self.data.dimensions() as f64 * self.labeled.samples() as f64;
        if work * self.labeled.classes() as f64 <= QUICK_PROBE {
            self.fit_logistic(&self.execution(until))?;
            self.publish(None, Parts::default(), None);
        }
        Ok(())
    }

    fn fit_logistic(&mut self, execution: &Execution) -> Result<()> {
        if self.known.has_logistic {
            return Ok(());
        }
        self.known.evidence.read_logistic(Source {
            features: self.data.features(),
            labeled: &self.labeled,
            execution,
        })?;
        self.known.has_logistic = true;
        Ok(())
    }

    /// The slow figures, unless something new comes up meanwhile.
    fn fit_when_idle(&mut self, seen: u64, k: usize) -> Result<()> {
        let idle = self.execution(Until::News { seen, k });
        match self.fit_logistic(&idle) {
            Err(Error::Interrupted) if !self.shared.is_stopping() => Ok(()),
            other => other,
        }
    }

    /// Exact figures of the features in the place of estimates, unless something new comes up
    /// meanwhile.
    fn refine(&mut self, seen: u64, k: usize) -> Result<()> {
        if self.refined {
            return Ok(());
        }
        let idle = self.execution(Until::News { seen, k });
        match self.exactly(&idle) {
            Ok((neighbors, silhouettes)) => {
                self.known.neighbors = neighbors;
                self.known.silhouettes = silhouettes;
                self.known.evidence.forget_graph();
                self.tabulate();
                self.refined = true;
                Ok(())
            }
            Err(Error::Interrupted) if !self.shared.is_stopping() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the neighbors are approximate and exact ones are affordable.
    fn wants_exact_neighbors(&self) -> bool {
        let graph = self.known.neighbors.as_deref();
        graph.is_some_and(|g| g.recall().is_some())
            && exact_neighbors_are_affordable(self.labeled.samples(), self.data.dimensions())
    }

    /// Threads of the observer: all cores while the optimizer sleeps, one beside it.
    pub(super) fn execution(&self, until: Until) -> Execution {
        // 0 stands for all.
        let threads = usize::from(!self.shared.is_worker_idle());
        let shared = Arc::clone(self.shared);
        let paced = Paced { shared, until };
        Execution::default().threads(threads).progress(paced)
    }

    /// The same, until something newer than a snapshot comes up.
    fn while_idle(&self, snapshot: &Snapshot, k: usize) -> Execution {
        let seen = snapshot.sequence;
        self.execution(Until::News { seen, k })
    }

    /// Neighbors and silhouettes of the features, exact where that is affordable.
    fn exactly(
        &self,
        execution: &Execution,
    ) -> Result<(Option<Arc<Neighbors>>, Option<Silhouettes>)> {
        let known = &self.known;
        let neighbors = if self.wants_exact_neighbors() {
            let k = self.shared.table_k().max(TABLE_NEIGHBORS);
            feature_neighbors(self.data, &self.labeled, k, execution)?.map(Arc::new)
        } else {
            known.neighbors.clone()
        };
        let silhouettes = match &known.silhouettes {
            Some(estimated) if estimated.references.is_some() => {
                let features = self.data.features();
                Silhouettes::in_features(features, &self.labeled, true, execution)?
            }
            exact => exact.clone(),
        };
        Ok((neighbors, silhouettes))
    }

    pub(super) fn own_graph(&self, k: usize) -> Result<Option<Arc<Neighbors>>> {
        let k = k.max(TABLE_NEIGHBORS);
        let graph = feature_neighbors(self.data, &self.labeled, k, &self.execution(Until::End))?;
        Ok(graph.map(Arc::new))
    }

    /// Neighbor labels at the present k.
    pub(super) fn tabulate(&mut self) {
        let k = self.shared.table_k();
        let graph = self.known.neighbors.clone();
        self.known.mixing = graph
            .as_ref()
            .and_then(|g| Mixing::in_features(g, &self.labeled, k));
        if let Some(graph) = &graph {
            let quiet = self.execution(Until::End);
            let evidence = &mut self.known.evidence;
            evidence.read_graph(graph, &self.labeled, k, &quiet);
        }
    }

    /// Describes the newest map until the run ends.
    fn follow(&mut self) -> Result<()> {
        let (mut seen, mut k) = (0, self.shared.table_k());
        while let Some(snapshot) = self.shared.wait_for_news(seen, k) {
            self.shared.begin_work();
            self.take_labels()?;
            if self.shared.table_k() != k {
                k = self.shared.table_k();
                let most = self.labeled.samples().saturating_sub(1);
                if self
                    .known
                    .neighbors
                    .as_ref()
                    .is_some_and(|g| g.k() < k.min(most))
                {
                    self.known.neighbors = self.own_graph(k)?;
                }
                self.tabulate();
            }
            seen = snapshot.sequence;
            self.describe_map(&snapshot, k)?;
            if snapshot.activity == Activity::Running {
                self.shared.rest(SHORTEST_REST);
            }
        }
        Ok(())
    }

    fn describe_map(&mut self, snapshot: &Snapshot, k: usize) -> Result<()> {
        let idle = matches!(
            snapshot.activity,
            Activity::Paused | Activity::Finished | Activity::Still
        );
        if !snapshot.is_map {
            self.known.evidence.map_votes = None;
            if idle {
                self.fit_when_idle(snapshot.sequence, k)?;
                self.refine(snapshot.sequence, k)?;
            }
            self.publish(None, Parts::default(), idle.then_some(snapshot.sequence));
            return Ok(());
        }
        let quiet = self.execution(Until::End);
        let positions = &snapshot.positions;
        let in_map = MapNeighbors::find(positions, &self.labeled, k, &quiet)?;
        let mixing = in_map.as_ref().map(|n| Mixing::of_map(n, &self.labeled));
        if let Some(found) = &in_map {
            self.known
                .evidence
                .read_map(&found.ids, found.k, &self.labeled);
        }
        let silhouettes = Silhouettes::in_map(positions, &self.labeled, idle, &quiet)?;
        let map = Parts {
            silhouettes: silhouettes.as_ref(),
            mixing: mixing.as_ref(),
        };
        let quick = self.quick_fidelity(in_map.as_ref(), k);
        if !idle {
            self.publish_with(Some(snapshot), map, quick, Some(snapshot.sequence));
            return Ok(());
        }
        self.publish_with(Some(snapshot), map, quick.clone(), None);
        self.fit_when_idle(snapshot.sequence, k)?;
        self.publish_with(Some(snapshot), map, quick, None);
        self.refine(snapshot.sequence, k)?;
        let quick = self.quick_fidelity(in_map.as_ref(), k);
        self.publish_with(Some(snapshot), map, quick, None);
        let fidelity = self.fidelity(snapshot, in_map.as_ref(), k)?;
        self.compare_maps(snapshot, k)?;
        self.publish_with(Some(snapshot), map, fidelity, Some(snapshot.sequence));
        Ok(())
    }

    /// What the maps of all perplexities that were visited have in common, unless something new comes
    /// up meanwhile.
    fn compare_maps(&mut self, snapshot: &Snapshot, k: usize) -> Result<()> {
        let maps: Vec<&[[f32; 2]]> = snapshot.visited.iter().map(|m| &m.positions[..]).collect();
        self.stability = None;
        let idle = self.while_idle(snapshot, k);
        let options = StabilityOptions {
            k,
            ..StabilityOptions::default()
        };
        match Stability::of(self.data.labels(), &maps, &options, &idle) {
            Ok(found) => {
                self.stability = found.map(|s| (maps_of(snapshot), Arc::new(s)));
                Ok(())
            }
            Err(Error::Interrupted) if !self.shared.is_stopping() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What the neighbors alone tell of a map's fidelity.
    fn quick_fidelity(&self, in_map: Option<&MapNeighbors>, k: usize) -> Option<Fidelity> {
        let known = Neighborhoods::new(self.known.neighbors.as_deref(), in_map);
        Fidelity::quick(&self.labeled, known, &fidelity_options(k))
    }

    /// The fidelity of a map that stands still, unless something new comes up meanwhile.
    fn fidelity(
        &self,
        snapshot: &Snapshot,
        in_map: Option<&MapNeighbors>,
        k: usize,
    ) -> Result<Option<Fidelity>> {
        let known = Neighborhoods::new(self.known.neighbors.as_deref(), in_map);
        let (labeled, positions) = (Some(&self.labeled), &snapshot.positions);
        let idle = self.while_idle(snapshot, k);
        let options = fidelity_options(k);
        let measured =
            idle.run(|_| Fidelity::measure(self.data, labeled, positions, known, &options, &idle));
        match measured {
            Err(Error::Interrupted) if !self.shared.is_stopping() => {
                Ok(self.quick_fidelity(in_map, k))
            }
            other => other,
        }
    }

    fn publish(&self, snapshot: Option<&Snapshot>, map: Parts<'_>, described: Option<u64>) {
        self.publish_with(snapshot, map, None, described);
    }

    fn publish_with(
        &self,
        snapshot: Option<&Snapshot>,
        map: Parts<'_>,
        fidelity: Option<Fidelity>,
        described: Option<u64>,
    ) {
        let features = Parts {
            silhouettes: self.known.silhouettes.as_ref(),
            mixing: self.known.mixing.as_ref(),
        };
        let k = self.shared.table_k();
        let mut diagnosis = Diagnosis::assemble(&self.labeled, k, features, map);
        diagnosis = diagnosis.with_evidence(&self.known.evidence, &self.labeled, self.data);
        diagnosis.neighbor_recall = self.known.neighbors.as_ref().and_then(|g| g.recall());
        diagnosis.fidelity = fidelity;
        let stability = self.stability.as_ref();
        let of_this = stability
            .filter(|(generations, _)| snapshot.is_some_and(|s| &maps_of(s) == generations));
        diagnosis.stability = of_this.map(|(_, stability)| Arc::clone(stability));
        diagnosis.suspects.clone_from(&self.known.suspects);
        diagnosis.relabeled = self.relabeled;
        diagnosis.map_generation = snapshot.map(|s| s.generation);
        diagnosis.map_iteration = snapshot.map(|s| s.iteration);
        self.shared
            .publish_diagnosis(diagnosis.with_reading(), described);
        self.shared.rest_if_due();
    }
}

/// The maps that are kept, by their generations.
fn maps_of(snapshot: &Snapshot) -> Vec<u64> {
    snapshot.visited.iter().map(|m| m.generation).collect()
}

fn fidelity_options(k: usize) -> FidelityOptions {
    FidelityOptions {
        k,
        ..FidelityOptions::default()
    }
}

/// Marks the observer as ended, also when it panics or is interrupted.
struct EndedGuard<'a>(&'a Shared);

impl Drop for EndedGuard<'_> {
    fn drop(&mut self) {
        self.0.observer_ended();
    }
}
