//! The linear probe in closed form: what a linear classifier would say of each sample if it had
//! been trained on all others.
//!
//! In: features and classes. Out: leave-one-out scores (n × classes), the largest of which is the
//! probe's answer. Ridge regression on targets of ±1, features and targets centered; with leverage h,
//! the residual of a sample that was left out is its residual divided by 1 − h, so no model is
//! trained n times. The means stay those of all samples: without a sample its own class would be
//! rarer by one, and where features say nothing a probe would then answer with any class but the
//! right one, far below chance, which would look like a difference between two sets. λ is the one of a grid with the least leave-one-out squared error, all from
//! one eigendecomposition. A probe of a layer is Alain & Bengio's (2016, arXiv 1610.01644). Costs
//! O(nd² + d³), and 19 n d (d + classes) for the grid; with more than 1,024 features or fewer
//! samples than features, the leading 1,024 principal components stand for them. Sums over samples
//! run over fixed blocks in a fixed order.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, check};
use crate::reduce::{EXACT_LIMIT, principal_components};

/// Rows of one block.
const ROWS: usize = 1024;
/// λ as multiples of the mean eigenvalue: 10^(−6 … 3) in half steps.
const GRID: std::ops::RangeInclusive<i32> = -12..=6;
/// A leverage of 1 would mean that a sample decides its own fit.
const LARGEST_LEVERAGE: f64 = 1.0 - 1e-9;

/// Leave-one-out scores (n × classes).
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn leave_one_out(
    features: ArrayView2<'_, f32>,
    classes: &[u16],
    width: usize,
    progress: &dyn Progress,
) -> Result<Array2<f64>> {
    let (n, d) = features.dim();
    if d > EXACT_LIMIT || d > n {
        let components = EXACT_LIMIT.min(d).min(n);
        let reduction = principal_components(features, components, 0, 0, progress)?;
        return Ridge::new(reduction.scores.view(), classes, width, progress)?.scores(progress);
    }
    Ridge::new(features, classes, width, progress)?.scores(progress)
}

/// The regression in the basis of the eigenvectors of the Gram matrix.
struct Ridge<'a> {
    features: ArrayView2<'a, f32>,
    classes: &'a [u16],
    mean: Array1<f64>,
    /// Mean of the targets of each class.
    target_mean: Array1<f64>,
    /// Eigenvectors (d × d) and eigenvalues of the centered Gram matrix.
    vectors: Array2<f64>,
    values: Vec<f64>,
    /// Products of features and targets in that basis (d × classes).
    cross: Array2<f64>,
}

impl<'a> Ridge<'a> {
    fn new(
        features: ArrayView2<'a, f32>,
        classes: &'a [u16],
        width: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (n, d) = features.dim();
        let mut mean = Array1::<f64>::zeros(d);
        for row in features.outer_iter() {
            mean.zip_mut_with(&row, |m, &v| *m += f64::from(v) / n as f64);
        }
        let mut target_mean = Array1::from_elem(width, -1.0);
        for &class in classes {
            target_mean[usize::from(class)] += 2.0 / n as f64;
        }
        let mut ridge = Self {
            features,
            classes,
            mean,
            target_mean,
            vectors: Array2::zeros((0, 0)),
            values: Vec::new(),
            cross: Array2::zeros((0, 0)),
        };
        let products = |start: usize| {
            let x = ridge.rows(start);
            let y = ridge.targets(start);
            (x.t().dot(&x), x.t().dot(&y))
        };
        let starts: Vec<usize> = (0..n).step_by(ROWS).collect();
        let mut gram = Array2::<f64>::zeros((d, d));
        let mut cross = Array2::<f64>::zeros((d, width));
        // A few blocks at a time: their products are as large as the sums.
        for starts in starts.chunks(16) {
            check(progress)?;
            let parts: Vec<_> = starts.par_iter().map(|&s| products(s)).collect();
            for (g, c) in parts {
                gram += &g;
                cross += &c;
            }
        }
        let eigen = SymmetricEigen::new(DMatrix::from_fn(d, d, |i, j| gram[[i, j]]));
        check(progress)?;
        ridge.vectors = Array2::from_shape_fn((d, d), |(i, j)| eigen.eigenvectors[(i, j)]);
        ridge.values = eigen.eigenvalues.iter().map(|v| v.max(0.0)).collect();
        ridge.cross = ridge.vectors.t().dot(&cross);
        Ok(ridge)
    }

    /// Centered rows of one block.
    fn rows(&self, start: usize) -> Array2<f64> {
        let end = (start + ROWS).min(self.features.nrows());
        self.features.slice(s![start..end, ..]).mapv(f64::from) - &self.mean
    }

    /// Their centered targets.
    fn targets(&self, start: usize) -> Array2<f64> {
        let end = (start + ROWS).min(self.features.nrows());
        Array2::from_shape_fn((end - start, self.target_mean.len()), |(i, c)| {
            let own = usize::from(self.classes[start + i]) == c;
            f64::from(i8::from(own) * 2 - 1) - self.target_mean[c]
        })
    }

    /// Leave-one-out fits of one block, whose rows `z` are in the basis of the eigenvectors.
    fn fit(&self, lambda: f64, z: &Array2<f64>, targets: &Array2<f64>) -> Array2<f64> {
        let inverse: Vec<f64> = self.values.iter().map(|v| 1.0 / (v + lambda)).collect();
        let mut weights = self.cross.clone();
        for (mut row, &factor) in weights.outer_iter_mut().zip(&inverse) {
            row *= factor;
        }
        let mut fits = z.dot(&weights);
        let rows = fits.outer_iter_mut().zip(z.outer_iter());
        for ((mut fit, z), target) in rows.zip(targets.outer_iter()) {
            let spread: f64 = z.iter().zip(&inverse).map(|(z, i)| z * z * i).sum();
            let leverage = spread.min(LARGEST_LEVERAGE);
            fit.zip_mut_with(&target, |fit, &target| {
                *fit -= (target - *fit) * leverage / (1.0 - leverage);
            });
        }
        fits
    }

    /// The scores with the best λ.
    fn scores(&self, progress: &dyn Progress) -> Result<Array2<f64>> {
        let n = self.features.nrows();
        let scale = self.values.iter().sum::<f64>() / self.values.len() as f64;
        // Constant features have no eigenvalue; any λ then gives the mean.
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let grid: Vec<f64> = GRID
            .map(|e| scale * 10_f64.powf(f64::from(e) / 2.0))
            .collect();
        let starts: Vec<usize> = (0..n).step_by(ROWS).collect();
        let errors: Result<Vec<Vec<f64>>> = starts
            .par_iter()
            .map(|&start| {
                check(progress)?;
                let (z, targets) = (self.rows(start).dot(&self.vectors), self.targets(start));
                let error = |&lambda: &f64| {
                    let miss = self.fit(lambda, &z, &targets) - &targets;
                    miss.iter().map(|v| v * v).sum()
                };
                Ok(grid.iter().map(error).collect())
            })
            .collect();
        let errors = errors?;
        let total = |l: usize| errors.iter().map(|e| e[l]).sum::<f64>();
        let best = (0..grid.len())
            .map(|l| (grid[l], total(l)))
            .reduce(|a, b| if b.1 < a.1 { b } else { a })
            .map_or(scale, |best| best.0);
        let blocks: Vec<Array2<f64>> = starts
            .par_iter()
            .map(|&start| {
                let (z, targets) = (self.rows(start).dot(&self.vectors), self.targets(start));
                self.fit(best, &z, &targets) + &self.target_mean
            })
            .collect();
        let mut scores = Array2::zeros((n, self.target_mean.len()));
        let mut parts = scores.axis_chunks_iter_mut(Axis(0), ROWS);
        for block in &blocks {
            if let Some(mut part) = parts.next() {
                part.assign(block);
            }
        }
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    fn example(n: usize, d: usize) -> (Array2<f32>, Vec<u16>) {
        let classes: Vec<u16> = (0..n).map(|i| (i % 3) as u16).collect();
        let features = Array2::from_shape_fn((n, d), |(i, j)| {
            let noise = ((i * 7919 + j * 104_729 + i * j * 31) % 1009) as f32 / 1009.0;
            noise + if j == i % 3 { 0.4 } else { 0.0 }
        });
        (features, classes)
    }

    /// The ridge regression without one sample, solved directly.
    fn without(ridge: &Ridge<'_>, lambda: f64, sample: usize) -> Vec<f64> {
        let (x, y) = (ridge.rows(0), ridge.targets(0));
        let rows: Vec<usize> = (0..x.nrows()).filter(|&i| i != sample).collect();
        let (xs, ys) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
        let d = x.ncols();
        let mut gram = DMatrix::from_fn(d, d, |i, j| xs.column(i).dot(&xs.column(j)));
        for i in 0..d {
            gram[(i, i)] += lambda;
        }
        let cross = xs.t().dot(&ys);
        let right = DMatrix::from_fn(d, y.ncols(), |i, j| cross[[i, j]]);
        let weights = gram.lu().solve(&right).unwrap();
        let row = x.row(sample);
        (0..y.ncols())
            .map(|c| (0..d).map(|j| row[j] * weights[(j, c)]).sum::<f64>())
            .collect()
    }

    #[test]
    fn it_equals_training_without_each_sample() {
        let (features, classes) = example(40, 5);
        let ridge = Ridge::new(features.view(), &classes, 3, &Silent).unwrap();
        let lambda = 0.7;
        let z = ridge.rows(0).dot(&ridge.vectors);
        let fits = ridge.fit(lambda, &z, &ridge.targets(0));
        for sample in [0, 7, 39] {
            let expected = without(&ridge, lambda, sample);
            for (c, e) in expected.iter().enumerate() {
                assert!((fits[[sample, c]] - e).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn where_features_say_nothing_it_is_at_chance() {
        let right: usize = (0..40)
            .map(|seed: usize| {
                let features = Array2::from_shape_fn((90, 4), |(i, j)| {
                    let mut x = ((seed * 90 + i) * 4 + j + 1) as u64;
                    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    ((x ^ (x >> 27)) % 10_007) as f32 / 10_007.0
                });
                let classes: Vec<u16> = (0..90).map(|i| i % 3).collect();
                let scores = leave_one_out(features.view(), &classes, 3, &Silent).unwrap();
                let largest =
                    |i: usize| (0..3).max_by(|&a, &b| scores[[i, a]].total_cmp(&scores[[i, b]]));
                (0..90).filter(|&i| largest(i) == Some(i % 3)).count()
            })
            .sum();
        let share = right as f64 / 3600.0;
        // Four standard errors.
        assert!((share - 1.0 / 3.0).abs() < 0.032, "{share}");
    }

    #[test]
    fn more_features_than_samples_are_no_obstacle() {
        let (features, classes) = example(30, 90);
        let scores = leave_one_out(features.view(), &classes, 3, &Silent).unwrap();
        assert!(scores.iter().all(|v| v.is_finite()));
        let constant = Array2::ones((30, 4));
        let scores = leave_one_out(constant.view(), &classes, 3, &Silent).unwrap();
        assert!(scores.iter().all(|v| v.is_finite()));
    }
}
