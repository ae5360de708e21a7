//! The k nearest neighbors of every sample: the graph that the map and the tables share.
//!
//! In: features or their principal components (n × d). Out: [`Neighbors`], in ascending order of
//! distance: exact, or for many samples approximate with a measured recall. The graph is computed
//! once for the largest perplexity that will be needed; smaller perplexities and the tables read a
//! part of it.

use ndarray::ArrayView2;

use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::{Progress, check};

mod among;
mod approximate;
mod candidates;
mod exact;
mod panels;
mod ties;

pub(crate) use ties::{Groups, Nearest, Ties};

/// From this number of samples on, an approximate search is tried.
const MANY: usize = 20_000;

/// For each of n samples, its k nearest other samples.
#[derive(Clone, PartialEq)]
pub struct Neighbors {
    /// Neighbors per sample.
    k: usize,
    /// Ids (n × k), ascending by distance, ties by id.
    ids: Vec<u32>,
    /// Squared Euclidean distances (n × k), in squared units of the features.
    squared_distances: Vec<f32>,
    /// Share of the true neighbors that were found, where the search was approximate.
    recall: Option<f64>,
    /// Which samples are identical, and what lies at the last distance of each list.
    ties: Ties,
}

impl Neighbors {
    /// The exact k nearest neighbors by Euclidean distance; the sample itself is not among them.
    /// `k` is capped at n − 1.
    ///
    /// Costs n² d multiplications, in blocks of matrix products. Distances of the neighbors found
    /// are recomputed from coordinate differences in 64 bits, and rows for which rounding could
    /// have hidden a neighbor are searched again directly.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] for fewer than 2 samples, [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{ndarray::array, Execution, neighbors::Neighbors};
    /// let line = array![[0.0], [1.0], [3.0], [3.5]];
    /// let neighbors = Neighbors::exact(line.view(), 2, &Execution::default().threads(1))?;
    /// assert_eq!(neighbors.ids(0), [1, 2]);
    /// assert_eq!(neighbors.squared_distances(0), [1.0, 9.0]);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn exact(features: ArrayView2<'_, f32>, k: usize, execution: &Execution) -> Result<Self> {
        let k = feasible(features.nrows(), k, execution)?;
        let (ids, squared_distances, ties) =
            execution.run(|progress| exact::search(features, k, progress))?;
        Ok(Self {
            k,
            ids,
            squared_distances,
            recall: None,
            ties,
        })
    }

    /// The k nearest neighbors: exact below 20,000 samples, from there on by inverted lists, if
    /// these find at least 99.2% of the neighbors of 512 sampled queries at a lower cost.
    /// [`recall`](Self::recall) is the share that was found.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    ///
    /// ```
    /// use disentangle::{ndarray::array, Execution, neighbors::Neighbors};
    /// let line = array![[0.0], [1.0], [3.0], [3.5]];
    /// let neighbors = Neighbors::find(line.view(), 2, &Execution::default().threads(1))?;
    /// assert_eq!(neighbors.recall(), None);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn find(features: ArrayView2<'_, f32>, k: usize, execution: &Execution) -> Result<Self> {
        if features.nrows() < MANY {
            return Self::exact(features, k, execution);
        }
        let k = feasible(features.nrows(), k, execution)?;
        let found = execution.run(|progress| approximate::search(features, k, progress))?;
        match found {
            Some(found) => {
                let ties = execution.run(|_| {
                    let groups = Groups::of_rows(features);
                    let lists = found.ids.chunks(k).zip(found.squared_distances.chunks(k));
                    let ends: Vec<_> = (lists.enumerate())
                        .map(|(i, list)| groups.at_the_end(i, list, &[]))
                        .collect();
                    Ties::new(groups, ends.into_iter())
                });
                Ok(Self {
                    k,
                    ids: found.ids,
                    squared_distances: found.squared_distances,
                    recall: Some(found.recall),
                    ties,
                })
            }
            None => Self::exact(features, k, execution),
        }
    }

    /// The exact k nearest of a reference's samples (n × d) to each of other samples (m × d), by
    /// Euclidean distance: m lists of ids of the reference. `k` is capped at n.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] if either is empty, [`Error::Mismatch`] if they have different
    /// numbers of features, [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{ndarray::array, Execution, neighbors::Neighbors};
    /// let reference = array![[0.0], [1.0], [3.0], [3.5]];
    /// let found = Neighbors::among(reference.view(), array![[2.9]].view(), 2, &Execution::default().threads(1))?;
    /// assert_eq!(found.ids(0), [2, 3]);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn among(
        reference: ArrayView2<'_, f32>,
        queries: ArrayView2<'_, f32>,
        k: usize,
        execution: &Execution,
    ) -> Result<Self> {
        let found = reference.nrows().min(queries.nrows());
        if found < 1 {
            return Err(Error::TooFewSamples {
                stage: "neighbors among other samples",
                needed: 1,
                found,
            });
        }
        let k = k.clamp(1, reference.nrows());
        let (ids, squared_distances) =
            execution.run(|progress| among::search(reference, queries, k, progress))?;
        Ok(Self {
            k,
            ids,
            squared_distances,
            recall: None,
            ties: Ties::default(),
        })
    }

    /// A graph of lists that were found otherwise: n × k ids and squared distances, ascending, and the
    /// groups at the end of each list ([`Groups::at_the_end`]).
    pub(crate) fn of_lists(
        k: usize,
        (ids, squared_distances): (Vec<u32>, Vec<f32>),
        groups: Groups,
        beyond: &[Vec<u32>],
    ) -> Self {
        let lists = ids.chunks(k).zip(squared_distances.chunks(k));
        let ends: Vec<_> = (lists.zip(beyond).enumerate())
            .map(|(i, (list, beyond))| groups.at_the_end(i, list, beyond))
            .collect();
        Self {
            k,
            ties: Ties::new(groups, ends.into_iter()),
            ids,
            squared_distances,
            recall: None,
        }
    }

    /// The graph of the same samples in another order: sample i is the one that was at place `order[i]`.
    pub(crate) fn renumbered(&self, order: &[usize]) -> Self {
        let mut places = vec![0; order.len()];
        for (place, &i) in order.iter().enumerate() {
            places[i] = place as u32;
        }
        let mut ids = Vec::with_capacity(self.ids.len());
        let mut squared_distances = Vec::with_capacity(self.ids.len());
        for &i in order {
            let start = ids.len();
            ids.extend(self.ids(i).iter().map(|&j| places[j as usize]));
            let squared = self.squared_distances(i);
            let mut rest = &mut ids[start..];
            for equal in squared.chunk_by(|a, b| a >= b) {
                let (tied, further) = rest.split_at_mut(equal.len());
                tied.sort_unstable();
                rest = further;
            }
            squared_distances.extend_from_slice(squared);
        }
        Self {
            k: self.k,
            ids,
            squared_distances,
            recall: self.recall,
            ties: self.ties.renumbered(order, &places),
        }
    }

    /// The `k` nearest neighbors of a sample (at most as many as are stored), those at equal distance
    /// with equal weight.
    pub(crate) fn nearest(&self, sample: usize, k: usize) -> Nearest<'_> {
        let (ids, squared) = (self.ids(sample), self.squared_distances(sample));
        self.ties.nearest(sample, ids, squared, k.clamp(1, self.k))
    }

    /// Calls `each` with every one of the `k` nearest neighbors of a sample, and what it counts.
    pub(crate) fn each_nearest(&self, sample: usize, k: usize, mut each: impl FnMut(usize, f64)) {
        let nearest = self.nearest(sample, k);
        nearest.nearer.iter().for_each(|&j| each(j as usize, 1.0));
        let of_groups = (nearest.groups.iter()).flat_map(|&group| self.groups().members(group));
        for &j in nearest.tied.iter().chain(of_groups) {
            if j as usize != sample {
                each(j as usize, nearest.weight);
            }
        }
    }

    /// What another sample counts among the `k` nearest neighbors of one.
    pub(crate) fn weight_of(&self, other: usize, sample: usize, k: usize) -> f64 {
        self.ties.weight_of(other, self.nearest(sample, k))
    }

    /// The groups of identical samples.
    pub(crate) fn groups(&self) -> &Groups {
        self.ties.groups()
    }

    /// Share of the true neighbors that are among those found, as measured on sampled queries;
    /// `None` for an exact graph.
    pub fn recall(&self) -> Option<f64> {
        self.recall
    }

    /// Neighbors per sample.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.ids.len() / self.k
    }

    /// The neighbors of a sample, nearest first (k ids). Empty for a sample that does not exist.
    pub fn ids(&self, sample: usize) -> &[u32] {
        self.ids
            .get(sample * self.k..(sample + 1) * self.k)
            .unwrap_or_default()
    }

    /// Their squared distances, ascending (k).
    pub fn squared_distances(&self, sample: usize) -> &[f32] {
        self.squared_distances
            .get(sample * self.k..(sample + 1) * self.k)
            .unwrap_or_default()
    }

    /// All ids (n × k, row-major).
    pub fn all_ids(&self) -> &[u32] {
        &self.ids
    }
}

/// A number of neighbors that is possible for n samples.
fn feasible(n: usize, k: usize, progress: &dyn Progress) -> Result<usize> {
    if n < 2 {
        return Err(Error::TooFewSamples {
            stage: "a neighbor graph",
            needed: 2,
            found: n,
        });
    }
    check(progress)?;
    Ok(k.clamp(1, n - 1))
}

impl std::fmt::Debug for Neighbors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Neighbors {{ samples: {}, k: {} }}",
            self.samples(),
            self.k
        )
    }
}
