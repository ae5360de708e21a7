//! Finds the clusters of data without labels, and describes them as classes from then on.
//!
//! In: the neighbor graph of the run, if it has enough neighbors. Out: an observer whose labels are the
//! clusters. Small data are clustered at once, large ones when the optimizer is idle.

use std::sync::Arc;

use super::observer::{Observer, Until};
use crate::clusters::Clusters;
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;

/// Up to this many samples, clusters are looked for beside the optimizer.
const AT_ONCE: usize = 20_000;

impl Observer<'_> {
    /// Whether clusters are wanted and not found yet; `now`, beside the optimizer.
    pub(super) fn awaits_clusters(&self, now: bool) -> bool {
        let wanted = self.cluster_options.is_some() && self.data.labels().is_none();
        let samples = self.data.samples();
        wanted && self.clusters.is_none() && samples > 1 && (!now || samples <= AT_ONCE)
    }

    /// Looks for clusters again if the options have changed, in data that were read without labels.
    pub(super) fn take_cluster_options(&mut self) -> Result<()> {
        let Some(options) = self.shared.take_cluster_options() else {
            return Ok(());
        };
        if self.read.labels().is_some() {
            return Ok(());
        }
        self.data = self.read.clone();
        self.labeled = Labeled::of(&self.data).in_order_of(&self.sorted);
        self.known = std::mem::take(&mut self.known).relabeled(false);
        (self.cluster_options, self.clusters, self.stability) = (Some(options), None, None);
        self.shared.forget_diagnoses();
        self.take_graph(self.shared.wait_for_feature_neighbors());
        self.find_clusters(Until::End)?;
        self.follow_plan(Until::End)
    }

    /// Finds clusters, if they are wanted, and begins again with these.
    pub(super) fn find_clusters(&mut self, until: Until) -> Result<()> {
        let Some(options) = self.cluster_options else {
            return Ok(());
        };
        let execution = self.execution(until);
        let features = self.data.features();
        let order = self.labeled.rows();
        let needed = options.neighbors.min(order.len() - 1);
        let graph = match &self.known.neighbors {
            Some(graph) if graph.k() >= needed => Arc::clone(graph),
            _ => Arc::new(Neighbors::find(features, needed, &execution)?.renumbered(&order)),
        };
        let found = Clusters::from_graph(features, &order, &graph, &options, &execution)?;
        let labels = found.labels()?;
        let is_empty = found.clusters.is_empty();
        self.clusters = Some(Arc::new(found));
        if !is_empty {
            self.data = self.data.clone().with_labels(labels.clone())?;
            self.begin_again(&labels, 0);
            self.refined = false;
        }
        Ok(())
    }
}
