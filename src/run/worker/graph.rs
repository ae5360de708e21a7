//! The graph of nearest neighbors that a run's maps share, and the affinities of each map from it.
//!
//! The graph is the slowest stage before the first iteration. It is built once, with as many neighbors as the largest
//! perplexity of the list needs, and again only when a map needs more.

use std::sync::Arc;

use super::{Worker, same};
use crate::affinities::Affinities;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::run::capped_perplexity;
use crate::run::shared::{UntilOvertaken, Wish};

impl Worker {
    /// Affinities at a perplexity; the graph is built anew when it holds too few neighbors.
    pub(super) fn affinities(&mut self, perplexity: f64) -> Result<Affinities> {
        let n = self.data.samples();
        let needed = self.options.weighting.neighbors_for(perplexity, n);
        let graph = match &self.neighbors {
            Some(graph) if graph.k() >= needed => Arc::clone(graph),
            _ => self.find_neighbors(perplexity)?,
        };
        let another = move |wish: Wish| !matches!(wish, Wish::Perplexity(p) if same(p, perplexity));
        let execution = self.until_overtaken(another);
        Affinities::weighted(&graph, perplexity, &self.options.weighting, &execution)
    }

    /// Neighbors per sample of the graph.
    pub(super) fn graph_k(&self) -> usize {
        self.neighbors.as_ref().map_or(0, |graph| graph.k())
    }

    /// An execution that a newer request cancels if it makes the call pointless.
    pub(super) fn until_overtaken(
        &self,
        is_pointless_for: impl Fn(Wish) -> bool + Send + Sync + 'static,
    ) -> Execution {
        let goes_on = self.resumed.is_some();
        self.execution.clone().progress(UntilOvertaken {
            shared: Arc::clone(&self.shared),
            is_pointless_for: Box::new(move |wish| !goes_on && is_pointless_for(wish)),
            is_quiet: self.is_quiet,
        })
    }

    /// The graph for a perplexity, with as many neighbors as any perplexity of the list needs.
    fn find_neighbors(&mut self, perplexity: f64) -> Result<Arc<Neighbors>> {
        let n = self.data.samples();
        let weighting = self.options.weighting.clone();
        let k = weighting.neighbors_for(perplexity.max(self.options.largest_perplexity), n);
        // Stops building a graph that is too small for the newest request, or not needed for it.
        let has = self.neighbors.as_ref().map_or(0, |graph| graph.k());
        let execution = self.until_overtaken(move |wish| match wish {
            Wish::Restart => has > 0,
            Wish::Perplexity(p) => {
                let needed = weighting.neighbors_for(capped_perplexity(p, n).0, n);
                needed > k || needed <= has
            }
        });
        self.build_graph(k, &execution)
    }

    /// Finds the neighbors, so many per sample.
    pub(super) fn build_graph(
        &mut self,
        k: usize,
        execution: &Execution,
    ) -> Result<Arc<Neighbors>> {
        let reduced = self
            .reduction
            .as_ref()
            .filter(|_| reduces(&self.data, self.options.components));
        let graph = match reduced {
            Some(reduction) => Neighbors::find(reduction.scores.view(), k, execution)?,
            None => Neighbors::find(self.data.features(), k, execution)?,
        };
        let graph = Arc::new(graph);
        let of_features = reduced.is_none().then(|| Arc::clone(&graph));
        let serves_statistics = of_features.is_some();
        self.shared.settle_feature_neighbors(of_features);
        let recall = graph.recall();
        self.shared.publish(|s| s.neighbor_recall = recall);
        if let Some(recall) = recall {
            let statistics = if serves_statistics {
                "; until the map stops moving, the neighbor statistics use them, too"
            } else {
                ""
            };
            self.note(Some(format!(
                "the map's neighbors are approximate: {:.1}% of the true ones were found, measured on 512 \
                 samples{statistics}",
                100.0 * recall
            )));
        }
        self.neighbors = Some(Arc::clone(&graph));
        Ok(graph)
    }
}

/// True if the features are reduced before the neighbor search.
pub(crate) fn reduces(data: &Dataset, components: Option<usize>) -> bool {
    components.is_some_and(|c| c < data.dimensions())
}
