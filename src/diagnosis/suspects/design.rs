//! The design matrices of the linear and the kernel probe.
//!
//! In: features (n × d). Out: columns for [`Ridge`](super::ridge::Ridge). The linear probe uses the
//! standardized features, or the leading principal components if there are more than 384. The kernel
//! probe adds up to 256 columns that approximate a Gaussian kernel (Nyström: Williams & Seeger 2001):
//! kernel values at landmarks, which are samples, whitened by the kernel among the landmarks. The
//! bandwidth is the median distance between landmarks. The kernel probe also separates classes that no
//! plane separates, such as a ring around another class.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayView2, Axis, s};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::error::Result;
use crate::execution::Execution;
use crate::reduce::principal_components;

/// Columns of the linear design at most.
const MOST_COLUMNS: usize = 384;
/// Landmarks of the kernel at most.
const LANDMARKS: usize = 256;
/// Directions of the kernel with less than this share of the largest eigenvalue are left out.
const LEAST_EIGENVALUE: f64 = 1e-6;
/// Rows per block.
const BLOCK: usize = 1024;

/// Standardized features, at most 384 columns; the mean squared norm of a row is 1.
pub(super) fn linear(
    features: Array2<f32>,
    seed: u64,
    execution: &Execution,
) -> Result<Array2<f32>> {
    let mut design = features;
    for mut column in design.columns_mut() {
        let n = column.len() as f64;
        let mean = column.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        let squares = column.iter().map(|&v| (f64::from(v) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / n).sqrt();
        // A column that is constant up to rounding carries no information.
        let scale = if deviation > 1e-6 * mean.abs() {
            1.0 / deviation
        } else {
            0.0
        };
        column.mapv_inplace(|v| ((f64::from(v) - mean) * scale) as f32);
    }
    if design.ncols() > MOST_COLUMNS {
        design = principal_components(design.view(), MOST_COLUMNS, seed, execution)?.scores;
    }
    let squares: f64 = design.iter().map(|&v| f64::from(v).powi(2)).sum();
    let norm = (squares / design.nrows() as f64).sqrt();
    if norm > 0.0 {
        design.mapv_inplace(|v| (f64::from(v) / norm) as f32);
    }
    Ok(design)
}

/// The linear design with the columns of a Gaussian kernel beside it.
pub(super) fn kernel(linear: &Array2<f32>, seed: u64) -> Array2<f32> {
    let landmarks = linear.select(Axis(0), &landmarks(linear.nrows(), seed));
    let among = squared_distances(landmarks.view(), &landmarks);
    let mut pairs: Vec<f32> = among.iter().copied().filter(|&d| d > 1e-9).collect();
    if pairs.is_empty() {
        return linear.clone();
    }
    let middle = pairs.len() / 2;
    let (_, &mut median, _) = pairs.select_nth_unstable_by(middle, f32::total_cmp);
    let weight = -1.0 / f64::from(median);
    let bump = |d: f32| (f64::from(d) * weight).exp();

    let count = landmarks.nrows();
    let matrix = DMatrix::from_fn(count, count, |i, j| {
        // Rounding must not make it asymmetric.
        bump(0.5 * (among[(i, j)] + among[(j, i)]))
    });
    let eigen = SymmetricEigen::new(matrix);
    let largest = eigen.eigenvalues.iter().fold(0.0_f64, |a, &b| a.max(b));
    let kept: Vec<usize> = (0..count)
        .filter(|&k| eigen.eigenvalues[k] > LEAST_EIGENVALUE * largest)
        .collect();
    let whitening = Array2::from_shape_fn((count, kept.len()), |(i, k)| {
        (eigen.eigenvectors[(i, kept[k])] / eigen.eigenvalues[kept[k]].sqrt()) as f32
    });

    let d = linear.ncols();
    let mut design = Array2::zeros((linear.nrows(), d + kept.len()));
    let parts: Vec<_> = design
        .axis_chunks_iter_mut(Axis(0), BLOCK)
        .zip(linear.axis_chunks_iter(Axis(0), BLOCK))
        .collect();
    parts.into_par_iter().for_each(|(mut rows, part)| {
        let mut near = squared_distances(part, &landmarks);
        near.mapv_inplace(|d| bump(d) as f32);
        rows.slice_mut(s![.., ..d]).assign(&part);
        rows.slice_mut(s![.., d..]).assign(&near.dot(&whitening));
    });
    design
}

/// Squared distances of rows to landmarks.
fn squared_distances(rows: ArrayView2<'_, f32>, landmarks: &Array2<f32>) -> Array2<f32> {
    let norm = |row: ndarray::ArrayView1<'_, f32>| row.iter().map(|v| v * v).sum::<f32>();
    let ends: Vec<f32> = landmarks.outer_iter().map(norm).collect();
    let mut distances = rows.dot(&landmarks.t());
    for (mut line, row) in distances.outer_iter_mut().zip(rows.outer_iter()) {
        let start = norm(row);
        for (d, end) in line.iter_mut().zip(&ends) {
            *d = (start + end - 2.0 * *d).max(0.0);
        }
    }
    distances
}

/// Samples drawn without replacement, in ascending order.
fn landmarks(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let count = n.min(LANDMARKS);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for i in 0..count {
        let j = i + (random.next_u64() % (n - i) as u64) as usize;
        order.swap(i, j);
    }
    order.truncate(count);
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Execution;

    #[test]
    fn inner_products_of_the_kernel_columns_are_the_kernel() {
        // With all samples as landmarks the approximation is exact.
        let features = Array2::from_shape_fn((40, 3), |(i, j)| ((i * 31 + j * 17) % 23) as f32);
        let linear = linear(features, 1, &Execution::default()).unwrap();
        let design = kernel(&linear, 1);
        let distances = squared_distances(linear.view(), &linear);
        let mut pairs: Vec<f32> = distances.iter().copied().filter(|&d| d > 1e-9).collect();
        pairs.sort_by(f32::total_cmp);
        let median = pairs[pairs.len() / 2];
        let columns = design.slice(s![.., 3..]);
        let products = columns.dot(&columns.t());
        for ((i, j), &p) in products.indexed_iter() {
            let expected = (-distances[(i, j)] / median).exp();
            assert!((p - expected).abs() < 1e-3, "{i} {j}: {p} for {expected}");
        }
    }

    #[test]
    fn constant_columns_and_equal_samples_are_harmless() {
        let equal = linear(Array2::ones((5, 2)), 1, &Execution::default()).unwrap();
        assert!(equal.iter().all(|&v| v == 0.0));
        assert_eq!(kernel(&equal, 1).ncols(), 2);
    }

    #[test]
    fn many_features_become_components() {
        let wide = Array2::from_shape_fn((30, 500), |(i, j)| ((i * 7 + j * 13) % 101) as f32);
        let design = linear(wide, 1, &Execution::default()).unwrap();
        assert!(design.ncols() <= MOST_COLUMNS);
        assert!(design.iter().all(|v| v.is_finite()));
    }
}
