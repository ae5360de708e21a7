//! Perplexity: from neighbor distances to the symmetric joint probabilities that t-SNE matches.
//!
//! In: [`Neighbors`]. Out: [`Affinities`], a sparse symmetric matrix P whose entries sum to 1.
//! Each sample's Gaussian bandwidth is found so that the entropy of its neighbor distribution is
//! the logarithm of the perplexity (van der Maaten & Hinton 2008), by Newton steps on ln β kept
//! inside a bisection bracket; P = (C + Cᵀ)/2n. Another perplexity reuses the same neighbors. The
//! matrix is never changed afterwards: exaggeration is a factor of the gradient.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::{Stage, check};
use crate::simd::vectorized;

mod calibration;
mod symmetrize;

use calibration::Rows;
use symmetrize::symmetrize;

mod weighting;

pub use weighting::Weighting;

/// Neighbors per sample, as a multiple of the perplexity.
pub(crate) const NEIGHBORS_PER_PERPLEXITY: f64 = 3.0;
/// Rows per parallel task.
const ROWS: usize = 256;

/// The largest perplexity that n samples allow, (n − 1)/3.
///
/// ```
/// assert_eq!(disentangle::affinities::largest_perplexity(100), 33.0);
/// ```
pub fn largest_perplexity(samples: usize) -> f64 {
    samples.saturating_sub(1) as f64 / NEIGHBORS_PER_PERPLEXITY
}

/// Neighbors that a perplexity needs among n samples: 3 × perplexity, at most n − 1.
///
/// ```
/// assert_eq!(disentangle::affinities::neighbors_for(30.0, 1000), 90);
/// ```
pub fn neighbors_for(perplexity: f64, samples: usize) -> usize {
    ((NEIGHBORS_PER_PERPLEXITY * perplexity) as usize)
        .max(1)
        .min(samples.saturating_sub(1))
}

/// Conditional probabilities `p_{j|i}` of each sample's neighbors (n × k; rows sum to 1).
#[derive(Clone, PartialEq)]
pub struct Conditional {
    /// Neighbors used per sample.
    pub k: usize,
    /// Probabilities in the order of the neighbors (n × k, row-major).
    pub probabilities: Vec<f32>,
    /// Precision β = 1/(2σ²) of each sample's Gaussian (inverse squared feature units).
    pub precisions: Vec<f64>,
}

/// The joint probabilities P of t-SNE: sparse, symmetric, summing to 1.
#[derive(Clone, PartialEq)]
pub struct Affinities {
    perplexity: f64,
    /// Recall of the neighbor graph, if that was approximate.
    recall: Option<f64>,
    /// Start of each row in `columns` and `values` (n).
    starts: Vec<usize>,
    /// Entries of each row (n).
    lengths: Vec<u32>,
    /// Column ids: a row's own neighbors, nearest first, then those whose neighbor it is,
    /// ascending.
    columns: Vec<u32>,
    /// `P_ij`.
    values: Vec<f32>,
}

/// Calibrated conditional probabilities.
///
/// # Errors
/// [`Error::Option`] if the perplexity is not at least 1,
/// [`Error::TooFewNeighbors`] if the graph holds fewer than 3 × perplexity neighbors, unless these
/// are all other samples.
pub fn conditional_probabilities(neighbors: &Neighbors, perplexity: f64) -> Result<Conditional> {
    if !(perplexity.is_finite() && perplexity >= 1.0) {
        return Err(Error::option(
            "perplexity",
            perplexity,
            "must be a number of at least 1",
        ));
    }
    let n = neighbors.samples();
    let k = neighbors_for(perplexity, n);
    if k > neighbors.k() {
        return Err(Error::TooFewNeighbors {
            perplexity,
            needed: k,
            found: neighbors.k(),
        });
    }
    Ok(calibrated(neighbors, perplexity, k))
}

/// Conditional probabilities at a perplexity over the k nearest neighbors, which the graph holds.
pub(crate) fn calibrated(neighbors: &Neighbors, perplexity: f64, k: usize) -> Conditional {
    let n = neighbors.samples();
    let target = perplexity.min(k as f64).ln();
    let mut probabilities = vec![0_f32; n * k];
    let mut precisions = vec![0_f64; n];
    probabilities
        .par_chunks_mut(ROWS * k)
        .zip(precisions.par_chunks_mut(ROWS))
        .enumerate()
        .for_each(|(block, (probabilities, precisions))| {
            vectorized(Rows {
                neighbors,
                first: block * ROWS,
                k,
                target,
                probabilities,
                precisions,
            });
        });
    Conditional {
        k,
        probabilities,
        precisions,
    }
}

/// Entries that are processed side by side.
const PADDING: usize = 8;

impl Affinities {
    /// Joint probabilities at a perplexity, from a graph with at least 3 × perplexity neighbors.
    ///
    /// # Errors
    /// As [`conditional_probabilities`]; [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{ndarray::Array2, Execution, affinities::Affinities, neighbors::Neighbors};
    /// let data = Array2::from_shape_fn((40, 3), |(i, j)| ((i * 7 + j * 5) % 11) as f32);
    /// let neighbors = Neighbors::exact(data.view(), 30, &Execution::default().threads(1))?;
    /// let p = Affinities::new(&neighbors, 10.0, &Execution::default().threads(1))?;
    /// assert!((p.sum() - 1.0).abs() < 1e-6);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn new(neighbors: &Neighbors, perplexity: f64, execution: &Execution) -> Result<Self> {
        Self::weighted(neighbors, perplexity, &Weighting::Gaussian, execution)
    }

    /// Joint probabilities with this weighting of neighbors, from a graph with at least
    /// [`Weighting::neighbors_for`] neighbors.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn weighted(
        neighbors: &Neighbors,
        perplexity: f64,
        weighting: &Weighting,
        execution: &Execution,
    ) -> Result<Self> {
        weighting.validate()?;
        execution.run(|progress| {
            check(progress)?;
            progress.report(Stage::Affinities, 0.0);
            let conditional = match weighting {
                Weighting::Gaussian => conditional_probabilities(neighbors, perplexity)?,
                other => other.conditional(neighbors, perplexity)?,
            };
            check(progress)?;
            progress.report(Stage::Affinities, 0.6);
            let joint = symmetrize(neighbors, &conditional);
            progress.report(Stage::Affinities, 1.0);
            Ok(Self {
                perplexity,
                recall: neighbors.recall(),
                starts: joint.starts,
                lengths: joint.lengths,
                columns: joint.columns,
                values: joint.values,
            })
        })
    }

    /// The perplexity that they were calibrated to.
    pub fn perplexity(&self) -> f64 {
        self.perplexity
    }

    /// Recall of the neighbor graph that they were made from, as
    /// [`Neighbors::recall`]; `None` if it was exact.
    pub fn recall(&self) -> Option<f64> {
        self.recall
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.starts.len()
    }

    /// Number of stored entries.
    pub fn entries(&self) -> usize {
        self.lengths.iter().map(|&length| length as usize).sum()
    }

    /// Columns and values `P_ij` of a row: first the sample's own neighbors, nearest first, then the
    /// other samples that it is a neighbor of, ascending.
    pub fn row(&self, sample: usize) -> (&[u32], &[f32]) {
        let start = self.starts[sample];
        let range = start..start + self.lengths[sample] as usize;
        (&self.columns[range.clone()], &self.values[range])
    }

    /// Sum of all entries: 1 up to rounding.
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|&v| f64::from(v)).sum()
    }

    /// The same matrix with samples renumbered: row `r` of the result is row `order[r]` of this
    /// one, and `rank` is the inverse of `order`. Rows are padded to a multiple of 8 with
    /// zeros on the diagonal, so that loops over them have no remainder. The memory of `former`, which
    /// is no longer needed, is reused.
    pub(crate) fn permuted(&self, order: &[u32], rank: &[u32], recycled: Self) -> Self {
        let mut end = 0;
        let rows = order.iter().map(|&old| {
            let length = self.lengths[old as usize].next_multiple_of(PADDING as u32);
            let start = end;
            end += length as usize;
            (start, length)
        });
        let (starts, lengths): (Vec<usize>, Vec<u32>) = rows.unzip();
        let (mut columns, mut values) = (recycled.columns, recycled.values);
        columns.resize(end, 0);
        values.resize(end, 0.0);
        let mut tasks = Vec::with_capacity(order.len() / ROWS + 1);
        let (mut c_rest, mut v_rest) = (columns.as_mut_slice(), values.as_mut_slice());
        let chunks = order.chunks(ROWS).zip(lengths.chunks(ROWS));
        for (b, (rows, lengths)) in chunks.enumerate() {
            let first = b * ROWS;
            let length = lengths.iter().map(|&length| length as usize).sum();
            let (c, c_after) = c_rest.split_at_mut(length);
            let (v, v_after) = v_rest.split_at_mut(length);
            (c_rest, v_rest) = (c_after, v_after);
            tasks.push((first, rows, c, v));
        }
        tasks.into_par_iter().for_each(|(first, rows, c, v)| {
            let mut at = 0;
            for (r, &old) in rows.iter().enumerate() {
                let (from_columns, from_values) = self.row(old as usize);
                let end = at + from_columns.len();
                for (to, &from) in c[at..end].iter_mut().zip(from_columns) {
                    *to = rank[from as usize];
                }
                v[at..end].copy_from_slice(from_values);
                at += from_columns.len().next_multiple_of(PADDING);
                c[end..at].fill((first + r) as u32);
                v[end..at].fill(0.0);
            }
        });
        Self {
            perplexity: self.perplexity,
            recall: self.recall,
            starts,
            lengths,
            columns,
            values,
        }
    }

    /// No rows, of no perplexity, and no memory.
    pub(crate) fn empty() -> Self {
        Self {
            perplexity: 0.0,
            recall: None,
            starts: Vec::new(),
            lengths: Vec::new(),
            columns: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Affinities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Affinities {{ samples: {}, perplexity: {}, entries: {} }}",
            self.samples(),
            self.perplexity,
            self.entries()
        )
    }
}
