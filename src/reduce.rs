//! Principal components: fewer columns for the neighbor search, and starting positions of the map.
//!
//! In: features (n × d). Out: a [`Reduction`] with the scores of the leading components. Exact
//! through the d × d covariance (or the n × n Gram matrix) while the smaller side is at most
//! 1024; beyond that by randomized subspace iteration (Halko, Martinsson & Tropp 2011).
//! The sign of each component is fixed so that its largest entry is positive, which makes the
//! result the same on every run. Sums over samples run over fixed blocks in a fixed order, so that
//! the result does not depend on the number of threads.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis, linalg::general_mat_mul, s};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::{Progress, Silent, Stage, check};

/// The largest smaller side (samples or features) whose eigenproblem is solved exactly.
pub(crate) const EXACT_LIMIT: usize = 1024;
/// Rows per block of the sums over samples.
const BLOCK: usize = 2048;
/// Additional directions of the randomized range finder.
const OVERSAMPLING: usize = 10;
/// Passes of the randomized subspace iteration.
const POWER_ITERATIONS: usize = 5;

/// Features expressed in their leading principal components.
#[derive(Clone)]
pub struct Reduction {
    /// Centered features in the basis of the components (n × c).
    pub scores: Array2<f32>,
    /// Mean of each feature (d).
    pub mean: Array1<f32>,
    /// Unit vectors of the components, one per row (c × d).
    pub components: Array2<f32>,
    /// Share of the total variance along each component, descending (c).
    pub explained_variance_ratio: Vec<f64>,
}

impl Reduction {
    /// Scores of other samples (m × d) on the same components (m × c).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if they have another number of features.
    pub fn project(&self, features: ArrayView2<'_, f32>) -> Result<Array2<f32>> {
        if features.ncols() != self.mean.len() {
            return Err(Error::Mismatch {
                what: "features of the new samples".into(),
                expected: self.mean.len(),
                found: features.ncols(),
            });
        }
        let mean = self.mean.mapv(f64::from);
        project(features, &mean, &self.components, &Silent)
    }

    /// The first two scores of every sample as positions, scaled so that the first has the given
    /// standard deviation; the second is 0 if there is only one component.
    pub fn picture(&self, standard_deviation: f64) -> Vec<[f32; 2]> {
        let first = self.scores.column(0);
        let n = first.len() as f64;
        let variance = first.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / n;
        let scale = if variance > 0.0 {
            standard_deviation / variance.sqrt()
        } else {
            0.0
        };
        self.scores
            .outer_iter()
            .map(|row| {
                let second = row.get(1).copied().unwrap_or(0.0);
                [
                    (f64::from(row[0]) * scale) as f32,
                    (f64::from(second) * scale) as f32,
                ]
            })
            .collect()
    }
}

/// The leading `components` principal components (fewer if the data has fewer columns or rows).
///
/// `seed` matters only if the iteration is randomized (both sides beyond 1024).
///
/// # Errors
/// [`Error::Option`] if `components` is 0, [`Error::Interrupted`] if cancelled.
///
/// ```
/// use disentangle::{ndarray::array, Execution, reduce::principal_components};
/// let line = array![[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]];
/// let reduction = principal_components(line.view(), 2, 1, &Execution::default().threads(1))?;
/// assert!((reduction.explained_variance_ratio[0] - 1.0).abs() < 1e-6);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn principal_components(
    features: ArrayView2<'_, f32>,
    components: usize,
    seed: u64,
    execution: &Execution,
) -> Result<Reduction> {
    if components == 0 {
        return Err(Error::option("components", 0, "must be at least 1"));
    }
    let count = components.min(features.ncols()).min(features.nrows());
    execution.run(|progress| {
        progress.report(Stage::Reducing, 0.0);
        let mean = column_means(features);
        let basis = if features.ncols() <= EXACT_LIMIT {
            from_covariance(features, &mean, count, progress)?
        } else if features.nrows() <= EXACT_LIMIT {
            from_gram(features, &mean, count, progress)?
        } else {
            randomized(features, &mean, count, seed, progress)?
        };
        let scores = project(features, &mean, &basis, progress)?;
        let total = total_variance(features, &mean);
        let explained_variance_ratio = scores
            .axis_iter(Axis(1))
            .map(|c| {
                let sum: f64 = c.iter().map(|&v| f64::from(v).powi(2)).sum();
                if total > 0.0 { sum / total } else { 0.0 }
            })
            .collect();
        progress.report(Stage::Reducing, 1.0);
        Ok(Reduction {
            scores,
            mean: mean.mapv(|m| m as f32),
            components: basis,
            explained_variance_ratio,
        })
    })
}

/// Mean of each column (d), summed in 64 bits.
pub(crate) fn column_means(features: ArrayView2<'_, f32>) -> Array1<f64> {
    let blocks: Vec<Array1<f64>> = features
        .axis_chunks_iter(Axis(0), BLOCK)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|block| {
            let mut sum = Array1::<f64>::zeros(block.ncols());
            for row in block.outer_iter() {
                sum.zip_mut_with(&row, |s, &v| *s += f64::from(v));
            }
            sum
        })
        .collect();
    let mut mean = Array1::<f64>::zeros(features.ncols());
    for block in &blocks {
        mean += block;
    }
    mean / features.nrows() as f64
}

/// Sum of the squared centered features.
fn total_variance(features: ArrayView2<'_, f32>, mean: &Array1<f64>) -> f64 {
    let blocks: Vec<f64> = features
        .axis_chunks_iter(Axis(0), BLOCK)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|block| {
            let mut sum = 0.0;
            for row in block.outer_iter() {
                for (&v, m) in row.iter().zip(mean) {
                    sum += (f64::from(v) - m).powi(2);
                }
            }
            sum
        })
        .collect();
    blocks.iter().sum()
}

/// A block of rows with the means subtracted (f32, row-major).
fn centered(block: ArrayView2<'_, f32>, mean: &Array1<f64>) -> Array2<f32> {
    let mut out = Array2::<f32>::zeros(block.raw_dim());
    for (mut to, from) in out.outer_iter_mut().zip(block.outer_iter()) {
        for ((t, &f), m) in to.iter_mut().zip(from).zip(mean) {
            *t = (f64::from(f) - m) as f32;
        }
    }
    out
}

/// Sums a product over the blocks of rows (rows × columns, f64), in the same order for any number
/// of threads. `from` and `to` are the shares of progress reported.
fn fold_blocks(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    shape: (usize, usize),
    (from, to): (f32, f32),
    progress: &dyn Progress,
    product: impl Fn(usize, &Array2<f32>) -> Array2<f32> + Sync,
) -> Result<Array2<f64>> {
    let mut sum = Array2::<f64>::zeros(shape);
    let blocks: Vec<_> = features.axis_chunks_iter(Axis(0), BLOCK).collect();
    let group = rayon::current_num_threads().max(1) * 2;
    for (g, some) in blocks.chunks(group).enumerate() {
        check(progress)?;
        let parts: Vec<Array2<f32>> = some
            .par_iter()
            .enumerate()
            .map(|(b, block)| product((g * group + b) * BLOCK, &centered(*block, mean)))
            .collect();
        for part in &parts {
            sum.zip_mut_with(part, |s, &p| *s += f64::from(p));
        }
        let share = ((g + 1) * group).min(blocks.len()) as f32 / blocks.len() as f32;
        progress.report(Stage::Reducing, from + (to - from) * share);
    }
    Ok(sum)
}

fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut c = Array2::<f32>::zeros((a.nrows(), b.ncols()));
    general_mat_mul(1.0, &a, &b, 0.0, &mut c);
    c
}

/// Eigenvectors of the covariance, as rows (c × d).
fn from_covariance(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    count: usize,
    progress: &dyn Progress,
) -> Result<Array2<f32>> {
    let d = features.ncols();
    let covariance = fold_blocks(features, mean, (d, d), (0.0, 0.6), progress, |_, x| {
        product(x.t(), x.view())
    })?;
    Ok(leading_eigenvectors(&covariance, count))
}

/// Leading components of few, wide samples through their inner products.
fn from_gram(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    count: usize,
    progress: &dyn Progress,
) -> Result<Array2<f32>> {
    let x = centered(features, mean);
    check(progress)?;
    let gram = product(x.view(), x.t()).mapv(f64::from);
    let weights = leading_eigenvectors(&gram, count);
    progress.report(Stage::Reducing, 0.6);
    let mut basis = product(weights.view(), x.view());
    for mut row in basis.outer_iter_mut() {
        let norm = row
            .iter()
            .map(|&v| f64::from(v).powi(2))
            .sum::<f64>()
            .sqrt();
        if norm > 0.0 {
            row.mapv_inplace(|v| (f64::from(v) / norm) as f32);
        }
    }
    fix_signs(&mut basis);
    Ok(basis)
}

/// Randomized subspace iteration for data that is both long and wide.
fn randomized(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    count: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Array2<f32>> {
    let d = features.ncols();
    let width = (count + OVERSAMPLING).min(d);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut basis = Array2::from_shape_simple_fn((d, width), || {
        let v: f64 = StandardNormal.sample(&mut random);
        v as f32
    });
    let mut inner = Array2::<f64>::zeros((width, width));
    for pass in 0..=POWER_ITERATIONS {
        let range = |p: usize| 0.8 * p as f32 / (POWER_ITERATIONS + 1) as f32;
        let span = (range(pass), range(pass + 1));
        // One pass over the data: basis ← XᵀX basis.
        let image = fold_blocks(features, mean, (d, width), span, progress, |_, x| {
            let scores = product(x.view(), basis.view());
            product(x.t(), scores.view())
        })?;
        // Rayleigh quotient of the current (orthonormal) basis.
        inner = basis.mapv(f64::from).t().dot(&image);
        if pass < POWER_ITERATIONS {
            basis = orthonormal(&image);
        }
    }
    // Rotate the basis to the eigenvectors within it.
    let inside = leading_eigenvectors(&inner, count);
    let mut components = product(inside.view(), basis.t());
    fix_signs(&mut components);
    Ok(components)
}

/// An orthonormal basis of the columns.
fn orthonormal(columns: &Array2<f64>) -> Array2<f32> {
    let matrix = DMatrix::from_fn(columns.nrows(), columns.ncols(), |i, j| columns[[i, j]]);
    let q = matrix.qr().q();
    Array2::from_shape_fn((q.nrows(), q.ncols()), |(i, j)| q[(i, j)] as f32)
}

/// Eigenvectors of the largest eigenvalues of a symmetric matrix, as rows, signs fixed.
fn leading_eigenvectors(symmetric: &Array2<f64>, count: usize) -> Array2<f32> {
    let n = symmetric.nrows();
    let matrix = DMatrix::from_fn(n, n, |i, j| 0.5 * (symmetric[[i, j]] + symmetric[[j, i]]));
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| {
        eigen.eigenvalues[b]
            .total_cmp(&eigen.eigenvalues[a])
            .then(a.cmp(&b))
    });
    let mut vectors = Array2::from_shape_fn((count.min(n), n), |(i, j)| {
        eigen.eigenvectors[(j, order[i])] as f32
    });
    fix_signs(&mut vectors);
    vectors
}

/// Makes each row's entry of largest magnitude positive.
fn fix_signs(rows: &mut Array2<f32>) {
    for mut row in rows.outer_iter_mut() {
        let largest = row
            .iter()
            .fold(0.0_f32, |m, &v| if v.abs() > m.abs() { v } else { m });
        if largest < 0.0 {
            row.mapv_inplace(|v| -v);
        }
    }
}

/// Scores of every sample (n × c).
fn project(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    basis: &Array2<f32>,
    progress: &dyn Progress,
) -> Result<Array2<f32>> {
    check(progress)?;
    let mut scores = Array2::<f32>::zeros((features.nrows(), basis.nrows()));
    scores
        .axis_chunks_iter_mut(Axis(0), BLOCK)
        .collect::<Vec<_>>()
        .into_par_iter()
        .enumerate()
        .for_each(|(b, mut out)| {
            let rows = features.slice(s![b * BLOCK..b * BLOCK + out.nrows(), ..]);
            general_mat_mul(1.0, &centered(rows, mean), &basis.t(), 0.0, &mut out);
        });
    progress.report(Stage::Reducing, 0.95);
    Ok(scores)
}
