//! Clusters: groups of samples without labels, found in the features, never in a map.
//!
//! In: features, and the neighbor graph if there is one. Out: [`Clusters`]: the cluster of each sample, or
//! noise, and how stable each cluster is. The method is HDBSCAN (Campello, Moulavi & Sander 2013;
//! `McInnes` & Healy 2017) on the neighbor graph: mutual reachability, minimum spanning tree (`links.rs`),
//! condensed tree and excess of mass (`tree.rs`). It leaves many samples at the rims as noise; those whose
//! neighbors mostly belong to one cluster then join it (`join.rs`). How similar the clusters of random parts
//! of the samples are to each of them says how stable it is (`recurrence.rs`). Everything is computed in an
//! order that does not depend on that of the rows. O(n k log n) beside the neighbors.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Labels, UNLABELED};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;

mod join;
mod links;
mod lists;
mod recurrence;
mod tree;

use links::Points;
use lists::Lists;

/// The smallest size of a cluster is at least this, unless another is asked for.
const FEWEST: usize = 5;

/// Options of [`Clusters::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterOptions {
    /// The smallest size of a cluster. Default half the square root of the number of samples, at least 5.
    pub min_cluster_size: Option<usize>,
    /// The core distance of a sample is that to the last of its nearest `min_samples`, itself included; no
    /// two samples count as nearer than the core distance of either. The larger, the more samples are noise.
    /// Default 5.
    pub min_samples: usize,
    /// Whether samples that HDBSCAN calls noise join the cluster of most of their neighbors. Default true.
    pub join: bool,
    /// Neighbors per sample in the graph. Default 30.
    pub neighbors: usize,
    /// Number of random parts of the samples in which clusters are searched again. Default 20.
    pub resamples: usize,
    /// Seed of these parts. Default 1.
    pub seed: u64,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            min_cluster_size: None,
            min_samples: 5,
            join: true,
            neighbors: 30,
            resamples: 20,
            seed: 1,
        }
    }
}

impl ClusterOptions {
    /// The smallest size of a cluster in effect, for this number of samples.
    pub fn smallest(&self, samples: usize) -> usize {
        let usual = || FEWEST.max(((samples as f64).sqrt() / 2.0).round() as usize);
        self.min_cluster_size.unwrap_or_else(usual).max(2)
    }
}

/// A group of samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// `c1` for the largest, and so on.
    pub name: String,
    /// Number of samples.
    pub size: usize,
    /// Number of those that HDBSCAN itself found; the others joined.
    pub core: usize,
    /// How long the cluster lasts while the density threshold rises, 0 to 1: its excess of mass as a share
    /// of the mass that it would have from the threshold 0 on.
    pub persistence: f64,
    /// Mean Jaccard similarity with the most similar cluster of each random part of the samples, 0 to 1
    /// (Hennig 2007); `None` without resamples.
    pub recurrence: Option<f64>,
}

/// From this recurrence on a cluster is called stable (Hennig 2007).
const STABLE: f64 = 0.75;

impl Cluster {
    /// Whether its recurrence is at least 0.75.
    pub fn is_stable(&self) -> bool {
        self.recurrence.is_some_and(|r| r >= STABLE)
    }
}

/// The clusters of a dataset's samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clusters {
    /// The options, with the smallest size in effect.
    pub options: ClusterOptions,
    /// Number of samples.
    pub samples: usize,
    /// Samples in no cluster.
    pub noise: usize,
    /// The clusters, the largest first.
    pub clusters: Vec<Cluster>,
    /// The cluster of each sample; [`UNLABELED`] for noise.
    #[serde(skip)]
    pub assignment: Vec<u16>,
    /// Whether HDBSCAN itself put the sample into its cluster.
    #[serde(skip)]
    pub core: Vec<bool>,
}

impl Clusters {
    /// Finds the clusters of a dataset's samples, whatever their labels.
    ///
    /// # Errors
    /// [`Error::Option`] for options that cannot be used, [`Error::Input`] for more than 65,534 clusters,
    /// [`Error::TooFewSamples`] for fewer than two samples, [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{clusters::{ClusterOptions, Clusters}, ndarray::Array2, prelude::*};
    /// // Two grids of 5 × 6 points.
    /// let features = Array2::from_shape_fn((60, 2), |(i, j)| (i / 30 * 40 + [i % 5, i % 30 / 5][j]) as f32);
    /// let found = Clusters::of(&Dataset::new(features)?, &ClusterOptions::default(), &Execution::default())?;
    /// assert_eq!((found.clusters.len(), found.clusters[0].size, found.noise), (2, 30, 0));
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(data: &Dataset, options: &ClusterOptions, execution: &Execution) -> Result<Self> {
        let features = data.features();
        let order = execution.run(|_| {
            let all = Labeled::without_classes(data.samples());
            all.in_canonical_order(features).rows()
        });
        let graph = Neighbors::find(features, options.neighbors, execution)?.renumbered(&order);
        Self::from_graph(features, &order, &graph, options, execution)
    }

    /// As [`of`](Self::of), from a graph of all samples in the order of these rows.
    pub(crate) fn from_graph(
        features: ArrayView2<'_, f32>,
        order: &[usize],
        graph: &Neighbors,
        options: &ClusterOptions,
        execution: &Execution,
    ) -> Result<Self> {
        check(options)?;
        let n = order.len();
        let smallest = options.smallest(n);
        let options = ClusterOptions {
            min_cluster_size: Some(smallest),
            ..*options
        };
        execution.run(|progress| {
            let points = Points { features, order };
            let lists = Lists::of(graph, options.neighbors);
            let found = search(&lists, &points, &options, smallest);
            crate::progress::check(progress)?;
            let recurrence = recurrence::of(&found, &lists, &points, &options, progress)?;
            found.finish(order, &options, &recurrence)
        })
    }

    /// The clusters as labels, noise without one.
    ///
    /// # Errors
    /// [`Error::Input`] for more than 65,534 clusters.
    pub fn labels(&self) -> Result<Labels> {
        let names = self.clusters.iter().map(|c| c.name.clone()).collect();
        Ok(Labels::new(names, self.assignment.clone())?.into_provisional())
    }

    /// Number of clusters whose recurrence is at least 0.75.
    pub fn stable(&self) -> usize {
        self.clusters.iter().filter(|c| c.is_stable()).count()
    }
}

fn check(options: &ClusterOptions) -> Result<()> {
    for (name, value) in [
        ("min_cluster_size", options.min_cluster_size.unwrap_or(2)),
        ("min_samples", options.min_samples),
    ] {
        let least = if name == "min_samples" { 1 } else { 2 };
        if value < least {
            let problem = format!("must be at least {least}");
            return Err(Error::option(name, value, problem));
        }
    }
    Ok(())
}

/// Clusters of samples in some order.
struct Found {
    /// The cluster of each sample, the largest cluster first.
    assignment: Vec<Option<u32>>,
    core: Vec<bool>,
    /// By cluster.
    persistence: Vec<f64>,
}

/// All steps but recurrence.
fn search(lists: &Lists, points: &Points<'_>, options: &ClusterOptions, smallest: usize) -> Found {
    let links = links::spanning_tree(lists, points, options.min_samples, smallest);
    let found = tree::clusters(lists.samples(), &links, smallest);
    let core: Vec<bool> = found.assignment.iter().map(Option::is_some).collect();
    let mut assignment = found.assignment;
    if options.join {
        join::join(lists, &mut assignment);
    }
    Found {
        assignment,
        core,
        persistence: found.persistence,
    }
    .largest_first()
}

impl Found {
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.persistence.len()];
        for &cluster in self.assignment.iter().flatten() {
            sizes[cluster as usize] += 1;
        }
        sizes
    }

    /// Numbers the clusters by size.
    fn largest_first(self) -> Self {
        let sizes = self.sizes();
        let mut by_size: Vec<usize> = (0..sizes.len()).collect();
        by_size.sort_by_key(|&c| std::cmp::Reverse(sizes[c]));
        let mut place = vec![0; sizes.len()];
        for (at, &cluster) in by_size.iter().enumerate() {
            place[cluster] = at as u32;
        }
        let renamed = |c: Option<u32>| c.map(|c| place[c as usize]);
        Self {
            assignment: self.assignment.into_iter().map(renamed).collect(),
            core: self.core,
            persistence: by_size.iter().map(|&c| self.persistence[c]).collect(),
        }
    }

    /// The result in the order of the dataset's rows.
    fn finish(
        self,
        order: &[usize],
        options: &ClusterOptions,
        recurrence: &[Option<f64>],
    ) -> Result<Clusters> {
        let sizes = self.sizes();
        if sizes.len() >= usize::from(UNLABELED) {
            let problem = format!("{} clusters", sizes.len());
            return Err(Error::input("clusters", problem, "ask for larger clusters")
                .with("min_cluster_size"));
        }
        let mut cores = vec![0; sizes.len()];
        let (mut assignment, mut core) = (vec![UNLABELED; order.len()], vec![false; order.len()]);
        for (i, &row) in order.iter().enumerate() {
            if let Some(cluster) = self.assignment[i] {
                assignment[row] = cluster as u16;
                core[row] = self.core[i];
                cores[cluster as usize] += usize::from(self.core[i]);
            }
        }
        let clusters = (0..sizes.len()).map(|c| Cluster {
            name: format!("c{}", c + 1),
            size: sizes[c],
            core: cores[c],
            persistence: self.persistence[c],
            recurrence: recurrence[c],
        });
        Ok(Clusters {
            options: *options,
            samples: order.len(),
            noise: order.len() - sizes.iter().sum::<usize>(),
            clusters: clusters.collect(),
            assignment,
            core,
        })
    }
}
