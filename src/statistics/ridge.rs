//! Ridge classifiers in closed form, and their scores on samples that they were not fitted to.
//!
//! In: the Gram matrix of a centered design, sums of its rows by class, a penalty λ. Out: for any
//! rows the scores of all classes by the classifier that was fitted to all other samples. No
//! refits: with the fitted score ŷ, the target y (1 for the sample's class, else 0) and the
//! leverage h, the score of a sample left out is y − (y − ŷ)/(1 − h) (Allen 1974). In the basis of
//! the Gram matrix's eigenvectors one decomposition, O(m³), is enough for all samples, penalties
//! and labelings; a fit costs O(mC), and so do the scores of a row. The intercept is not penalized.
//!
//! Rows are given in that basis, in 32 or 64 bits: the linear probe of a diagnosis
//! (`ridge_probe.rs`) rotates rows block by block in 64 bits; the detectors of suspects keep
//! rotated rows in 32 bits, because they score them under many labelings.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayView1, ArrayView2, LinalgScalar};

/// The precision of rotated rows.
pub(crate) trait Real: LinalgScalar + Into<f64> {
    /// Lower bound of 1 − leverage: near 0, the fit reproduces a sample whatever its label is.
    const LEAST_REST: f64;

    fn rounded(value: f64) -> Self;
}

impl Real for f32 {
    const LEAST_REST: f64 = 1e-6;

    fn rounded(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    const LEAST_REST: Self = 1e-9;

    fn rounded(value: f64) -> Self {
        value
    }
}

/// The eigendecomposition of a Gram matrix.
pub(crate) struct Spectrum {
    /// Eigenvectors, one per column (m × m); multiplying rows by them rotates the rows.
    pub(crate) vectors: Array2<f64>,
    /// Eigenvalues (m), none negative.
    pub(crate) values: Vec<f64>,
}

impl Spectrum {
    /// Decomposes a Gram matrix, which rounding may have left slightly asymmetric.
    pub(crate) fn of(gram: &Array2<f64>) -> Self {
        let (m, _) = gram.dim();
        let symmetric = |i, j| 0.5 * (gram[[i, j]] + gram[[j, i]]);
        let eigen = SymmetricEigen::new(DMatrix::from_fn(m, m, symmetric));
        Self {
            vectors: Array2::from_shape_fn((m, m), |(i, j)| eigen.eigenvectors[(i, j)]),
            values: eigen.eigenvalues.iter().map(|v| v.max(0.0)).collect(),
        }
    }
}

/// A classifier fitted to one labeling with one penalty.
pub(crate) struct RidgeFit<F> {
    /// In the rotated basis (m × C).
    coefficients: Array2<F>,
    /// Share of each class among the samples.
    priors: Vec<f64>,
    /// 1/(eigenvalue + λ).
    inverse: Vec<f64>,
    /// Samples.
    n: f64,
}

impl<F: Real> RidgeFit<F> {
    /// Fits to classes of these sizes; `sums` are the sums of the rotated rows of each class (m × C).
    pub(crate) fn new(
        eigenvalues: &[f64],
        sums: ArrayView2<'_, f64>,
        counts: &[usize],
        lambda: f64,
    ) -> Self {
        let n = counts.iter().sum::<usize>() as f64;
        let inverse: Vec<f64> = eigenvalues
            .iter()
            .map(|value| {
                let sum = value + lambda;
                if sum > 0.0 { 1.0 / sum } else { 0.0 }
            })
            .collect();
        Self {
            coefficients: Array2::from_shape_fn(sums.raw_dim(), |(k, c)| {
                F::rounded(sums[(k, c)] * inverse[k])
            }),
            priors: counts.iter().map(|&count| count as f64 / n).collect(),
            inverse,
            n,
        }
    }

    /// Scores (rows × C) of rotated rows of these classes, each by the fit without that row.
    pub(crate) fn left_out(
        &self,
        rotated: ArrayView2<'_, F>,
        classes: impl Iterator<Item = u16>,
    ) -> Array2<F> {
        let mut scores = rotated.dot(&self.coefficients);
        let rows = scores.outer_iter_mut().zip(rotated.outer_iter());
        for ((mut scores, row), class) in rows.zip(classes) {
            let squares = row.iter().zip(&self.inverse);
            let leverage: f64 = squares.map(|(&z, w)| z.into().powi(2) * w).sum();
            let rest = (1.0 - 1.0 / self.n - leverage).max(F::LEAST_REST);
            for (c, (score, prior)) in scores.iter_mut().zip(&self.priors).enumerate() {
                let target = target(c, class);
                let fitted = (*score).into() + prior;
                *score = F::rounded(target - (target - fitted) / rest);
            }
        }
        scores
    }
}

/// 1 for the sample's class, else 0.
pub(crate) fn target(column: usize, class: u16) -> f64 {
    f64::from(u8::from(column == usize::from(class)))
}

/// Sum of the squared differences of scores (rows × C) from the targets of these classes.
pub(crate) fn squared_error<F: Real>(
    scores: &Array2<F>,
    classes: impl Iterator<Item = u16>,
) -> f64 {
    let rows = scores.outer_iter().zip(classes);
    rows.map(|(row, class)| squared_error_of_row(row, class))
        .sum()
}

/// The same of one row.
pub(crate) fn squared_error_of_row<F: Real>(row: ArrayView1<'_, F>, class: u16) -> f64 {
    let columns = row.iter().enumerate();
    columns
        .map(|(c, &score)| (target(c, class) - score.into()).powi(2))
        .sum()
}
