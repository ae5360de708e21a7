//! The ridge probes among the detectors: leave-one-out scores under many labelings of the same samples.
//!
//! In: a design matrix (n × m), and labels. Out: for any sample the scores of all classes by the
//! classifier that was fitted without it (`statistics/ridge.rs`). The design is rotated once, O(nm² + m³),
//! and kept; another labeling then costs one pass for the sums of each class, and a changed label only
//! two rows. Calibration plants errors into the labels hundreds of times, hence the stored factors. λ is
//! the one with the least squared leave-one-out error.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::blocks::{BLOCK, fold};
use crate::statistics::ridge::{RidgeFit, Spectrum, squared_error};

/// Samples that λ is chosen by, evenly spaced.
const VALIDATED: usize = 4096;
/// Smallest λ, as a share of the largest eigenvalue: below that 32 bits hold only noise.
const LEAST: f64 = 1e-6;
/// Steps of λ from the total variance times 10⁻⁶ up to 10³ times it.
const STEPS: i32 = 19;

/// A design, rotated.
pub(super) struct Ridge {
    /// The centered design in the eigenvectors of its Gram matrix (n × m).
    rotated: Array2<f32>,
    /// Its eigenvalues (m).
    eigenvalues: Vec<f64>,
}

impl Ridge {
    /// Rotates a design, which is centered here.
    pub(super) fn new(mut design: Array2<f32>, progress: &dyn Progress) -> Result<Self> {
        center(&mut design);
        let m = design.ncols();
        let mut gram = Array2::<f64>::zeros((m, m));
        let product = |_, block: ArrayView2<'_, f32>| block.t().dot(&block);
        fold(design.view(), progress, product, |product: Array2<f32>| {
            gram.zip_mut_with(&product, |g, &p| *g += f64::from(p));
        })?;
        let spectrum = Spectrum::of(&gram);
        check(progress)?;
        let vectors = spectrum.vectors.mapv(|v| v as f32);
        let parts: Vec<_> = design.axis_chunks_iter_mut(Axis(0), BLOCK).collect();
        parts.into_par_iter().for_each(|mut block| {
            let rotated = block.dot(&vectors);
            block.assign(&rotated);
        });
        Ok(Self {
            rotated: design,
            eigenvalues: spectrum.values,
        })
    }

    /// Sum of the rotated rows of each class (C × m).
    pub(super) fn class_sums(&self, labels: &[u16], classes: usize) -> Array2<f64> {
        let mut sums = Array2::zeros((classes, self.rotated.ncols()));
        for (row, &class) in self.rotated.outer_iter().zip(labels) {
            change(&mut sums, class, row, |sum, v| *sum += v);
        }
        sums
    }

    /// Moves a sample from one class to another.
    pub(super) fn relabel(&self, sums: &mut Array2<f64>, row: usize, from: u16, to: u16) {
        let row = self.rotated.row(row);
        change(sums, from, row, |sum, v| *sum -= v);
        change(sums, to, row, |sum, v| *sum += v);
    }

    /// The classifier of a labeling, given the sums and sizes of its classes.
    pub(super) fn fit(&self, sums: &Array2<f64>, counts: &[usize], lambda: f64) -> RidgeFit<f32> {
        RidgeFit::new(&self.eigenvalues, sums.t(), counts, lambda)
    }

    /// The λ with the least squared leave-one-out error of up to 4,096 samples.
    pub(super) fn choose_lambda(
        &self,
        sums: &Array2<f64>,
        counts: &[usize],
        labels: &[u16],
    ) -> f64 {
        let n = labels.len();
        let total: f64 = self.eigenvalues.iter().sum::<f64>() / n as f64;
        let largest = self.eigenvalues.iter().fold(0.0_f64, |a, &b| a.max(b));
        let validated = n.min(VALIDATED);
        let rows: Vec<usize> = (0..validated).map(|j| j * n / validated).collect();
        let mut best = (f64::INFINITY, 1.0);
        for step in 0..STEPS {
            let lambda = (total * 10_f64.powf(f64::from(step) * 0.5 - 6.0)).max(largest * LEAST);
            if lambda <= 0.0 || !lambda.is_finite() {
                continue;
            }
            let fit = self.fit(sums, counts, lambda);
            let errors: Vec<f64> = rows
                .par_chunks(256)
                .map(|part| {
                    let scores = self.scores(&fit, part, labels);
                    squared_error(&scores, part.iter().map(|&i| labels[i]))
                })
                .collect();
            let error: f64 = errors.iter().sum();
            if error < best.0 {
                best = (error, lambda);
            }
        }
        best.1
    }

    /// Leave-one-out scores of these samples (rows × C). `labels` are those of all samples.
    pub(super) fn scores(
        &self,
        fit: &RidgeFit<f32>,
        rows: &[usize],
        labels: &[u16],
    ) -> Array2<f32> {
        let part = self.rotated.select(Axis(0), rows);
        fit.left_out(part.view(), rows.iter().map(|&i| labels[i]))
    }
}

/// Changes the sum of a class by each value of a row.
fn change(
    sums: &mut Array2<f64>,
    class: u16,
    row: ArrayView1<'_, f32>,
    by: impl Fn(&mut f64, f64),
) {
    let mut sum = sums.row_mut(usize::from(class));
    for (s, &v) in sum.iter_mut().zip(row) {
        by(s, f64::from(v));
    }
}

/// Subtracts the mean of each column.
fn center(design: &mut Array2<f32>) {
    let n = design.nrows().max(1) as f64;
    let mut means = vec![0.0_f64; design.ncols()];
    for row in design.outer_iter() {
        for (mean, &v) in means.iter_mut().zip(row) {
            *mean += f64::from(v);
        }
    }
    for (column, mean) in means.iter().enumerate() {
        let mean = (mean / n) as f32;
        design.slice_mut(s![.., column]).mapv_inplace(|v| v - mean);
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::progress::Silent;

    fn design(n: usize, m: usize) -> Array2<f32> {
        Array2::from_shape_fn((n, m), |(i, j)| {
            let noise = ((i * 7919 + j * 104_729) % 1009) as f32 / 1009.0;
            noise + ((i % 3) * (j % 2)) as f32 * 0.7
        })
    }

    /// The closed form against fits without the sample, by the normal equations.
    #[test]
    fn leaving_out_in_closed_form_is_leaving_out() {
        let (n, m, lambda) = (30, 4, 0.3);
        let labels: Vec<u16> = (0..n).map(|i| (i % 3) as u16).collect();
        let ridge = Ridge::new(design(n, m), &Silent).unwrap();
        let sums = ridge.class_sums(&labels, 3);
        let fit = ridge.fit(&sums, &[10, 10, 10], lambda);
        let rows: Vec<usize> = (0..n).collect();
        let scores = ridge.scores(&fit, &rows, &labels);
        let x = design(n, m);
        for left in 0..n {
            let others: Vec<usize> = (0..n).filter(|&i| i != left).collect();
            let count = others.len() as f64;
            let mean = |j: usize| others.iter().map(|&i| f64::from(x[(i, j)])).sum::<f64>() / count;
            let means: Vec<f64> = (0..m).map(mean).collect();
            let mut normal = DMatrix::<f64>::identity(m, m) * lambda;
            for &i in &others {
                for a in 0..m {
                    for b in 0..m {
                        normal[(a, b)] +=
                            (f64::from(x[(i, a)]) - means[a]) * (f64::from(x[(i, b)]) - means[b]);
                    }
                }
            }
            for class in 0..3_u16 {
                let target = |i: usize| f64::from(u8::from(labels[i] == class));
                let share = others.iter().map(|&i| target(i)).sum::<f64>() / count;
                let right = nalgebra::DVector::from_fn(m, |a, _| {
                    let terms = others.iter();
                    terms
                        .map(|&i| (f64::from(x[(i, a)]) - means[a]) * (target(i) - share))
                        .sum::<f64>()
                });
                let beta = normal.clone().lu().solve(&right).unwrap();
                let score = share
                    + (0..m)
                        .map(|a| (f64::from(x[(left, a)]) - means[a]) * beta[a])
                        .sum::<f64>();
                let found = f64::from(scores[(left, usize::from(class))]);
                assert!(
                    (score - found).abs() < 1e-4,
                    "{left} {class}: {found} for {score}"
                );
            }
        }
    }

    #[test]
    fn moving_a_sample_is_counting_again() {
        let mut labels: Vec<u16> = (0..40).map(|i| (i % 3) as u16).collect();
        let ridge = Ridge::new(design(40, 5), &Silent).unwrap();
        let mut sums = ridge.class_sums(&labels, 3);
        ridge.relabel(&mut sums, 7, labels[7], 0);
        labels[7] = 0;
        let again = ridge.class_sums(&labels, 3);
        assert!(sums.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn constant_features_give_the_shares() {
        let labels = [0, 0, 0, 1];
        let ridge = Ridge::new(Array2::ones((4, 3)), &Silent).unwrap();
        let sums = ridge.class_sums(&labels, 2);
        let lambda = ridge.choose_lambda(&sums, &[3, 1], &labels);
        let fit = ridge.fit(&sums, &[3, 1], lambda);
        let scores = ridge.scores(&fit, &[0, 3], &labels);
        // Without the sample 2 of 3 are of class 0; without the last one all are.
        assert!((scores[(0, 0)] - 2.0 / 3.0).abs() < 1e-5);
        assert!((scores[(1, 0)] - 1.0).abs() < 1e-5);
    }
}
