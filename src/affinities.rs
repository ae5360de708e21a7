//! Perplexity: from neighbor distances to the symmetric joint probabilities that t-SNE matches.
//!
//! In: [`Neighbors`]. Out: [`Affinities`], a sparse symmetric matrix P whose entries sum to 1.
//! Each sample's Gaussian bandwidth is found so that the entropy of its neighbor distribution is
//! the logarithm of the perplexity (van der Maaten & Hinton 2008), by Newton steps on ln β kept
//! inside a bisection bracket; P = (C + Cᵀ)/2n. Another perplexity reuses the same neighbors. The
//! matrix is never changed afterwards: exaggeration is a factor of the gradient.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::neighbors::Neighbors;
use crate::parallel::on_threads;
use crate::progress::{Progress, Stage, check};

/// Neighbors per sample, as a multiple of the perplexity.
pub(crate) const NEIGHBORS_PER_PERPLEXITY: f64 = 3.0;
/// Entropies are matched to this many nats.
const ENTROPY_TOLERANCE: f64 = 1e-10;
/// Steps after which a bandwidth is taken as it is (identical distances have no solution).
const MAX_STEPS: usize = 100;
/// Rows per parallel task.
const ROWS: usize = 512;
/// Column ranges that are transposed independently; fixed, so that results never depend on the
/// number of threads.
const STRIPES: usize = 16;

/// The largest perplexity that n samples support, (n − 1)/3.
///
/// ```
/// assert_eq!(disentangle::largest_perplexity(100), 33.0);
/// ```
pub fn largest_perplexity(samples: usize) -> f64 {
    samples.saturating_sub(1) as f64 / NEIGHBORS_PER_PERPLEXITY
}

/// Neighbors that a perplexity needs among n samples: 3 × perplexity, at most n − 1.
///
/// ```
/// assert_eq!(disentangle::neighbors_for(30.0, 1000), 90);
/// ```
pub fn neighbors_for(perplexity: f64, samples: usize) -> usize {
    ((NEIGHBORS_PER_PERPLEXITY * perplexity) as usize)
        .max(1)
        .min(samples.saturating_sub(1))
}

/// Conditional probabilities `p_{j|i}` of each sample's neighbors (n × k; rows sum to 1).
#[derive(Debug, Clone, PartialEq)]
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
    /// Start of each row in `columns` and `values` (n + 1).
    offsets: Vec<usize>,
    /// Column ids, ascending within a row.
    columns: Vec<u32>,
    /// `P_ij`.
    values: Vec<f32>,
}

/// Calibrated conditional probabilities.
///
/// # Errors
/// [`Error::Option`] if the perplexity is not at least 1,
/// [`Error::TooFewNeighbors`] if the graph holds less than 3 × perplexity neighbors (unless these
/// are all other samples).
pub fn conditional_probabilities(neighbors: &Neighbors, perplexity: f64) -> Result<Conditional> {
    if !(perplexity.is_finite() && perplexity >= 1.0) {
        return Err(Error::option(
            "--perplexity",
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
    let target = perplexity.min(k as f64).ln();
    let mut probabilities = vec![0_f32; n * k];
    let mut precisions = vec![0_f64; n];
    probabilities
        .par_chunks_mut(ROWS * k)
        .zip(precisions.par_chunks_mut(ROWS))
        .enumerate()
        .for_each(|(block, (rows, precisions))| {
            let mut weights = vec![0.0; k];
            // Neighboring rows have similar bandwidths: each starts from the one before.
            let mut guess = None;
            for (r, (row, precision)) in rows.chunks_mut(k).zip(precisions).enumerate() {
                let squared = &neighbors.squared_distances(block * ROWS + r)[..k];
                *precision = calibrate(squared, target, guess, &mut weights);
                guess = (*precision > 0.0 && precision.is_finite()).then_some(*precision);
                let sum: f64 = weights.iter().sum();
                for (p, w) in row.iter_mut().zip(&weights) {
                    *p = (w / sum) as f32;
                }
            }
        });
    Ok(Conditional {
        k,
        probabilities,
        precisions,
    })
}

/// Finds β such that the entropy of exp(−β (d² − d²₀)) is `target`; leaves those weights in
/// `weights`.
fn calibrate(squared: &[f32], target: f64, guess: Option<f64>, weights: &mut [f64]) -> f64 {
    let nearest = f64::from(squared[0]);
    let mean = squared.iter().map(|&d| f64::from(d) - nearest).sum::<f64>() / squared.len() as f64;
    if mean <= 0.0 {
        weights.fill(1.0);
        return 0.0;
    }
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut beta = guess.unwrap_or(1.0 / mean);
    for _ in 0..MAX_STEPS {
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for (w, &d) in weights.iter_mut().zip(squared) {
            let d = f64::from(d) - nearest;
            *w = (-beta * d).exp();
            sum += *w;
            first += *w * d;
            second += *w * d * d;
        }
        let mean = first / sum;
        let entropy = sum.ln() + beta * mean;
        let excess = entropy - target;
        if excess.abs() < ENTROPY_TOLERANCE {
            break;
        }
        if excess > 0.0 {
            low = beta;
        } else {
            high = beta;
        }
        // dH/d ln β = −β² Var(d²).
        let slope = -beta * beta * (second / sum - mean * mean);
        let newton = beta * (-(excess / slope)).clamp(-2.0, 2.0).exp();
        beta = if slope < 0.0 && newton > low && newton < high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            beta * 2.0
        };
        if !(beta.is_finite() && beta * mean_scale(squared) < 1e18) {
            // More identical nearest neighbors than the perplexity: no bandwidth is small enough.
            break;
        }
    }
    beta
}

/// The largest squared distance beyond the nearest.
fn mean_scale(squared: &[f32]) -> f64 {
    f64::from(squared[squared.len() - 1]) - f64::from(squared[0])
}

/// Entries that are handled side by side.
const PADDING: usize = 8;

impl Affinities {
    /// Joint probabilities at a perplexity, from a graph with at least 3 × perplexity neighbors.
    ///
    /// # Errors
    /// As [`conditional_probabilities`]; [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{Affinities, Neighbors, Silent, ndarray::Array2};
    /// let data = Array2::from_shape_fn((40, 3), |(i, j)| ((i * 7 + j * 5) % 11) as f32);
    /// let neighbors = Neighbors::exact(data.view(), 30, 1, &Silent)?;
    /// let p = Affinities::new(&neighbors, 10.0, 1, &Silent)?;
    /// assert!((p.sum() - 1.0).abs() < 1e-6);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn new(
        neighbors: &Neighbors,
        perplexity: f64,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        on_threads(threads, || {
            progress.report(Stage::Affinities, 0.0);
            let conditional = conditional_probabilities(neighbors, perplexity)?;
            check(progress)?;
            progress.report(Stage::Affinities, 0.6);
            let p = symmetrize(neighbors, &conditional, perplexity);
            progress.report(Stage::Affinities, 1.0);
            Ok(p)
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
        self.offsets.len() - 1
    }

    /// Number of stored entries.
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// Columns (ascending) and values `P_ij` of a row.
    pub fn row(&self, sample: usize) -> (&[u32], &[f32]) {
        let range = self.offsets[sample]..self.offsets[sample + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    /// Sum of all entries: 1 but for rounding.
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|&v| f64::from(v)).sum()
    }

    /// The same matrix with samples renumbered: row `r` of the result is row `order[r]` of this
    /// one, and `rank` is the inverse of `order`. Rows are filled up to a multiple of
    /// 8 with entries of 0 on the diagonal, so that loops over them have no rest.
    pub(crate) fn permuted(&self, order: &[u32], rank: &[u32]) -> Self {
        let mut offsets = Vec::with_capacity(order.len() + 1);
        let mut end = 0;
        offsets.push(0);
        for &old in order {
            end += self.row(old as usize).0.len().next_multiple_of(PADDING);
            offsets.push(end);
        }
        let mut columns = vec![0_u32; end];
        let mut values = vec![0_f32; end];
        let mut tasks = Vec::with_capacity(order.len() / ROWS + 1);
        let (mut c_rest, mut v_rest) = (columns.as_mut_slice(), values.as_mut_slice());
        for (b, rows) in order.chunks(ROWS).enumerate() {
            let first = b * ROWS;
            let length = offsets[b * ROWS + rows.len()] - offsets[b * ROWS];
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
            }
        });
        Self {
            perplexity: self.perplexity,
            recall: self.recall,
            offsets,
            columns,
            values,
        }
    }

    /// Row starts, columns and values.
    pub(crate) fn parts(&self) -> (&[usize], &[u32], &[f32]) {
        (&self.offsets, &self.columns, &self.values)
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

/// One directed edge, for merging.
type Edge = (u32, f32);

/// P = (C + Cᵀ)/2n as sorted rows.
fn symmetrize(neighbors: &Neighbors, conditional: &Conditional, perplexity: f64) -> Affinities {
    let n = neighbors.samples();
    let scale = 0.5 / n as f64;
    let stripe = n.div_ceil(STRIPES).max(1);
    let parts: Vec<(Vec<usize>, Vec<u32>, Vec<f32>)> = (0..n.div_ceil(stripe))
        .into_par_iter()
        .map(|s| {
            let rows = s * stripe..((s + 1) * stripe).min(n);
            let (starts, incoming) = transposed(neighbors, conditional, rows.clone());
            let mut lengths = Vec::with_capacity(rows.len());
            let mut columns = Vec::with_capacity(incoming.len() * 3 / 2);
            let mut values = Vec::with_capacity(incoming.len() * 3 / 2);
            let mut own: Vec<Edge> = Vec::with_capacity(conditional.k);
            for (r, i) in rows.enumerate() {
                own.clear();
                let p = &conditional.probabilities[i * conditional.k..(i + 1) * conditional.k];
                own.extend(neighbors.ids(i).iter().copied().zip(p.iter().copied()));
                own.sort_unstable_by_key(|e| e.0);
                let before = columns.len();
                merge(&own, &incoming[starts[r]..starts[r + 1]], |j, p| {
                    columns.push(j);
                    values.push((p * scale) as f32);
                });
                lengths.push(columns.len() - before);
            }
            (lengths, columns, values)
        })
        .collect();
    let total = parts.iter().map(|p| p.1.len()).sum();
    let mut offsets = Vec::with_capacity(n + 1);
    offsets.push(0);
    let mut columns = Vec::with_capacity(total);
    let mut values = Vec::with_capacity(total);
    let mut end = 0;
    for (lengths, c, v) in parts {
        for length in lengths {
            end += length;
            offsets.push(end);
        }
        columns.extend(c);
        values.extend(v);
    }
    Affinities {
        perplexity,
        recall: neighbors.recall(),
        offsets,
        columns,
        values,
    }
}

/// For each sample in `rows`, the samples that have it as a neighbor, ascending.
fn transposed(
    neighbors: &Neighbors,
    conditional: &Conditional,
    rows: std::ops::Range<usize>,
) -> (Vec<usize>, Vec<Edge>) {
    let k = conditional.k;
    let within = |j: u32| {
        rows.contains(&(j as usize))
            .then(|| j as usize - rows.start)
    };
    let mut starts = vec![0_usize; rows.len() + 1];
    for i in 0..neighbors.samples() {
        for &j in &neighbors.ids(i)[..k] {
            if let Some(r) = within(j) {
                starts[r + 1] += 1;
            }
        }
    }
    for r in 0..rows.len() {
        starts[r + 1] += starts[r];
    }
    let mut next = starts.clone();
    let mut incoming = vec![(0_u32, 0_f32); starts[rows.len()]];
    for i in 0..neighbors.samples() {
        let p = &conditional.probabilities[i * k..(i + 1) * k];
        for (&j, &p) in neighbors.ids(i).iter().zip(p) {
            if let Some(r) = within(j) {
                incoming[next[r]] = (i as u32, p);
                next[r] += 1;
            }
        }
    }
    (starts, incoming)
}

/// Walks two ascending edge lists, adding probabilities of equal columns.
fn merge(a: &[Edge], b: &[Edge], mut emit: impl FnMut(u32, f64)) {
    let (mut x, mut y) = (0, 0);
    while x < a.len() || y < b.len() {
        let left = a.get(x).map_or(u32::MAX, |e| e.0);
        let right = b.get(y).map_or(u32::MAX, |e| e.0);
        let mut p = 0.0;
        if left <= right {
            p += f64::from(a[x].1);
            x += 1;
        }
        if right <= left {
            p += f64::from(b[y].1);
            y += 1;
        }
        emit(left.min(right), p);
    }
}
