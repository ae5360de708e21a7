//! The geometry of the classes: figures from class means and scatters alone.
//!
//! In: the features of the labeled samples. Out: [`Geometry`]: silhouettes of squared distances
//! (the closed form of Spark ML's `ClusteringMetrics`; larger than the Euclidean ones and never
//! mixed with them), class separation R² (Kornblith et al. 2021), NC1 (Papyan, Han & Donoho
//! 2020), the class-distance normalized variance of each pair (CDNV; Galanti, György & Hutter
//! 2021), and distance consistency (Sips et al. 2009). Two passes over the features, in 64 bits:
//! sums by class, then the n × C products with the class means. O(nCd) time, O(Cd + C²) memory.
//! Standard errors are over samples, to first order in each sample's influence on the means and
//! variances (delta method); that of NC1 takes the means as given.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::Labeled;
use super::blocks::{centered, fold};
use super::estimate::Estimate;
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::Progress;
use crate::reduce::column_means;

mod sums;

use sums::Sums;

/// Eigenvalues of the class means' scatter below this share of the largest are none.
const RANK_TOLERANCE: f64 = 1e-10;

/// Figures from class means and scatters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Geometry {
    /// Mean over all samples of the silhouette with squared Euclidean distances.
    pub(crate) silhouette_squared: Estimate,
    /// By class; `None` for an empty class.
    pub(crate) class_silhouette_squared: Vec<Option<Estimate>>,
    /// 1 − mean cosine distance within classes / mean cosine distance overall, classes alike.
    pub(crate) class_separation_r2: Option<Estimate>,
    /// tr(Σ_W Σ_B⁺)/C.
    pub(crate) nc1: Option<Estimate>,
    /// Share of the samples that are nearest to their own class's mean.
    pub(crate) distance_consistency: Estimate,
    /// By class; `None` for an empty class.
    pub(crate) class_distance_consistency: Vec<Option<Estimate>>,
    /// CDNV of each pair (classes × classes, symmetric; not a number where a class is empty or two
    /// means coincide).
    pub(crate) cdnv: Vec<f64>,
    /// Its standard errors.
    pub(crate) cdnv_standard_error: Vec<f64>,
    /// Mean over the pairs that have one.
    pub(crate) mean_cdnv: Option<Estimate>,
    /// Mean over each class's pairs.
    pub(crate) class_cdnv: Vec<Option<Estimate>>,
}

/// Means and scatters of the classes.
struct Means {
    /// Mean of all samples (d).
    center: Array1<f64>,
    /// Class means less `center` (C × d).
    by_class: Array2<f64>,
    /// Mean squared distance from the class mean (C).
    variances: Vec<f64>,
    /// Mean of the unit vectors of each class (C × d).
    directions: Array2<f64>,
    /// Squared distances between class means (C × C).
    gaps: Array2<f64>,
}

impl Means {
    fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (classes, d) = (labeled.counts().len(), features.ncols());
        let center = column_means(features);
        let mut means = Array2::<f64>::zeros((classes, d));
        let mut directions = Array2::<f64>::zeros((classes, d));
        let mut squares = vec![0.0; classes];
        let each = |first: usize, block: ArrayView2<'_, f32>| {
            let x = centered(block, &center);
            let mut sums = (
                Array2::<f64>::zeros((classes, d)),
                Array2::<f64>::zeros((classes, d)),
                vec![0.0; classes],
            );
            let rows = x.outer_iter().zip(block.outer_iter());
            for ((row, raw), &class) in rows.zip(&labeled.indices()[first..]) {
                let class = usize::from(class);
                let mut sum = sums.0.row_mut(class);
                sum += &row;
                sums.2[class] += row.dot(&row);
                let length = raw
                    .iter()
                    .map(|&v| f64::from(v).powi(2))
                    .sum::<f64>()
                    .sqrt();
                if length > 0.0 {
                    let mut sum = sums.1.row_mut(class);
                    sum.zip_mut_with(&raw, |s, &v| *s += f64::from(v) / length);
                }
            }
            sums
        };
        fold(features, progress, each, |part| {
            means += &part.0;
            directions += &part.1;
            squares.iter_mut().zip(&part.2).for_each(|(s, p)| *s += p);
        })?;
        let mut variances = Vec::with_capacity(classes);
        for c in 0..classes {
            let size = labeled.counts()[c].max(1) as f64;
            let mut mean = means.row_mut(c);
            mean /= size;
            let mut direction = directions.row_mut(c);
            direction /= size;
            variances.push((squares[c] / size - means.row(c).dot(&means.row(c))).max(0.0));
        }
        let gaps = squared_gaps(&means);
        Ok(Self {
            center,
            by_class: means,
            variances,
            directions,
            gaps,
        })
    }
}

/// Squared distances between all rows.
pub(super) fn squared_gaps(means: &Array2<f64>) -> Array2<f64> {
    let products = means.dot(&means.t());
    let count = means.nrows();
    Array2::from_shape_fn((count, count), |(a, b)| {
        if a == b {
            0.0
        } else {
            (products[[a, a]] + products[[b, b]] - 2.0 * products[[a, b]]).max(0.0)
        }
    })
}

/// What turns the products of a sample with the centered class means into its coordinates in
/// units of the class means' scatter: `w⁻²Vᵀ` of B Bᵀ = V w² Vᵀ, one coordinate a column.
fn collapse(means: &Means, labeled: &Labeled) -> Option<(Array1<f64>, Array2<f64>)> {
    let occupied: Vec<usize> = (0..labeled.counts().len())
        .filter(|&c| labeled.counts()[c] > 0)
        .collect();
    let count = occupied.len();
    let chosen = means.by_class.select(Axis(0), &occupied);
    let middle = chosen.mean_axis(Axis(0))?;
    let deviations = &chosen - &middle;
    let gram = deviations.dot(&deviations.t()) / count as f64;
    let eigen = SymmetricEigen::new(DMatrix::from_fn(count, count, |i, j| gram[[i, j]]));
    let largest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
    let kept: Vec<usize> = (0..count)
        .filter(|&i| eigen.eigenvalues[i] > RANK_TOLERANCE * largest)
        .collect();
    if kept.is_empty() {
        return None;
    }
    // Rows of empty classes stay 0.
    let mut turn = Array2::<f64>::zeros((labeled.counts().len(), kept.len()));
    for (row, &c) in occupied.iter().enumerate() {
        for (column, &i) in kept.iter().enumerate() {
            turn[[c, column]] =
                eigen.eigenvectors[(row, i)] / eigen.eigenvalues[i] / (count as f64).sqrt();
        }
    }
    Some((middle, turn))
}

impl Geometry {
    /// Computes all figures; `None` if fewer than two classes have members. `features` are those
    /// of the labeled samples.
    pub(crate) fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let occupied = labeled.counts().iter().filter(|&&c| c > 0).count();
        if occupied < 2 {
            return Ok(None);
        }
        let means = Means::new(features, labeled, execution)?;
        let collapse = collapse(&means, labeled);
        let mut sums = Sums::zero(labeled.counts().len());
        fold(
            features,
            execution,
            |first, block| Sums::of(first, block, labeled, &means, collapse.as_ref()),
            |part| sums.add(&part),
        )?;
        Ok(Some(sums.finish(labeled, &means, collapse.is_some())))
    }

    /// CDNV of a pair, if it has one.
    pub(crate) fn pair(&self, a: usize, b: usize) -> Option<Estimate> {
        let classes = self.class_cdnv.len();
        let value = self.cdnv[a * classes + b];
        let error = self.cdnv_standard_error[a * classes + b];
        value
            .is_finite()
            .then(|| Estimate::normal(value, Some(error)))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::dataset::Labels;

    #[test]
    fn two_pairs_by_hand() {
        // Means (0.5, 1) and (4.5, 1), variances 0.25, gap 16.
        let features = ndarray::array![[0.0_f32, 1.0], [1.0, 1.0], [4.0, 1.0], [5.0, 1.0]];
        let labeled = Labeled::new(&Labels::from_integers(&[0, 0, 1, 1]).unwrap());
        let geometry = Geometry::new(features.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        let cdnv = geometry.pair(0, 1).unwrap();
        assert!((cdnv.value - 0.5 / 32.0).abs() < 1e-12);
        assert_eq!(geometry.distance_consistency.value, 1.0);
        // Sample 0: a = 1, b = (16 + 25)/2; sample 1: a = 1, b = (9 + 16)/2.
        let expected = 0.5 * (1.0 - 1.0 / 20.5 + 1.0 - 1.0 / 12.5);
        assert!((geometry.silhouette_squared.value - expected).abs() < 1e-12);
        // tr Σ_W = 0.25 along the axis of the means, whose scatter is 4.
        assert!((geometry.nc1.unwrap().value - 0.25 / 4.0 / 2.0).abs() < 1e-12);
    }

    #[test]
    fn coinciding_means_have_no_cdnv_and_no_nc1() {
        let features = ndarray::array![[-1.0_f32], [1.0], [-2.0], [2.0]];
        let labeled = Labeled::new(&Labels::from_integers(&[0, 0, 1, 1]).unwrap());
        let geometry = Geometry::new(features.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        assert_eq!(geometry.pair(0, 1), None);
        assert_eq!(geometry.mean_cdnv, None);
        assert_eq!(geometry.nc1, None);
    }
}
