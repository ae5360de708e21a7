//! The geometry of the classes: statistics of class means and scatters.
//!
//! In: the features of the labeled samples. Out: [`Geometry`]: silhouettes of squared distances
//! (the closed form of Spark ML's `ClusteringMetrics`; larger than the Euclidean ones and never
//! mixed with them), class separation R² (Kornblith et al. 2021), NC1 (Papyan, Han & Donoho 2020),
//! the class-distance normalized variance of each pair (CDNV; Galanti, György & Hutter 2021), and
//! distance consistency (Sips et al. 2009). Makes two passes over the features, in 64 bits: sums by
//! class, then the n × C products with the class means. O(nCd) time, O(Cd + C²) memory. Standard
//! errors are over samples, to first order in each sample's influence on the means and variances
//! (delta method); that of NC1 takes the means as given.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::Labeled;
use super::blocks::{centered, fold};
use super::estimate::Estimate;
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::Progress;
use crate::reduce::column_means;

mod jackknifed;
mod sums;

pub(crate) use jackknifed::{Jackknifed, JackknifedFigures, jackknifed};
use sums::Sums;

/// Eigenvalues of the class means' scatter below this share of the largest count as 0.
const RANK_TOLERANCE: f64 = 1e-10;
/// Mean cosine distances up to this are those of rows of one direction, but for rounding.
const LEAST_TOTAL: f64 = 1e-12;
/// Squared distances of means up to this share of their squared lengths are those of means that
/// coincide, but for rounding.
const COINCIDING: f64 = 1e-14;

/// Statistics of class means and scatters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Geometry {
    /// Silhouette of each sample with squared Euclidean distances.
    pub(crate) silhouettes: Vec<f32>,
    /// Its mean over all samples.
    pub(crate) silhouette_squared: Estimate,
    /// By class; `None` for an empty class.
    pub(crate) class_silhouette_squared: Vec<Option<Estimate>>,
    /// 1 − mean cosine distance within classes / mean cosine distance overall, with equal weights
    /// for the classes.
    pub(crate) class_separation_r2: Option<Estimate>,
    /// tr(Σ_W Σ_B⁺)/C.
    pub(crate) nc1: Option<Estimate>,
    /// Share of the samples that are nearest to their own class's mean.
    pub(crate) distance_consistency: Estimate,
    /// By class; `None` for an empty class.
    pub(crate) class_distance_consistency: Vec<Option<Estimate>>,
    /// CDNV of each pair (classes × classes, symmetric; NaN if a class is empty or two means
    /// coincide).
    pub(crate) cdnv: Vec<f64>,
    /// Its standard errors.
    pub(crate) cdnv_standard_error: Vec<f64>,
    /// Mean over the pairs for which it is defined.
    pub(crate) mean_cdnv: Option<Estimate>,
    /// Mean over each class's pairs.
    pub(crate) class_cdnv: Vec<Option<Estimate>>,
}

/// Sums over samples, by class.
#[derive(Clone)]
struct ClassSums {
    counts: Vec<usize>,
    /// Σ x (C × d), x from the mean of all samples.
    sum: Array2<f64>,
    /// Σ |x|² (C).
    squares: Vec<f64>,
    /// Σ of the unit vectors (C × d).
    directions: Array2<f64>,
}

impl ClassSums {
    fn zero(classes: usize, d: usize) -> Self {
        Self {
            counts: vec![0; classes],
            sum: Array2::zeros((classes, d)),
            squares: vec![0.0; classes],
            directions: Array2::zeros((classes, d)),
        }
    }

    /// Adds a sample: as it is, and centered.
    fn push(&mut self, class: usize, raw: ArrayView1<'_, f32>, centered: ArrayView1<'_, f64>) {
        self.counts[class] += 1;
        let mut sum = self.sum.row_mut(class);
        sum += &centered;
        self.squares[class] += centered.dot(&centered);
        let length = raw
            .iter()
            .map(|&v| f64::from(v).powi(2))
            .sum::<f64>()
            .sqrt();
        if length > 0.0 {
            let mut sum = self.directions.row_mut(class);
            sum.zip_mut_with(&raw, |s, &v| *s += f64::from(v) / length);
        }
    }

    fn add(&mut self, other: &Self) {
        self.sum += &other.sum;
        self.directions += &other.directions;
        for (a, b) in self.squares.iter_mut().zip(&other.squares) {
            *a += b;
        }
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += b;
        }
    }

    /// The sums without some of the samples.
    fn without(&self, part: &Self) -> Self {
        Self {
            counts: std::iter::zip(&self.counts, &part.counts)
                .map(|(a, b)| a - b)
                .collect(),
            sum: &self.sum - &part.sum,
            squares: std::iter::zip(&self.squares, &part.squares)
                .map(|(a, b)| a - b)
                .collect(),
            directions: &self.directions - &part.directions,
        }
    }

    fn means(mut self, center: &Array1<f64>) -> Means {
        let mut variances = Vec::with_capacity(self.counts.len());
        for (c, &count) in self.counts.iter().enumerate() {
            let size = count.max(1) as f64;
            let mut mean = self.sum.row_mut(c);
            mean /= size;
            variances.push((self.squares[c] / size - mean.dot(&mean)).max(0.0));
            let mut direction = self.directions.row_mut(c);
            direction /= size;
        }
        Means {
            center: center.clone(),
            gaps: squared_gaps(&self.sum),
            counts: self.counts,
            by_class: self.sum,
            variances,
            directions: self.directions,
        }
    }
}

/// Means and scatters of the classes, and statistics that need nothing else.
struct Means {
    /// Mean of all samples (d).
    center: Array1<f64>,
    counts: Vec<usize>,
    /// Class means, from the mean of all samples (C × d).
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
        let center = column_means(features);
        let size = (labeled.classes(), features.ncols());
        let mut all = ClassSums::zero(size.0, size.1);
        let each = |first: usize, block: ArrayView2<'_, f32>| {
            let x = centered(block, &center);
            let mut sums = ClassSums::zero(size.0, size.1);
            let rows = x.outer_iter().zip(block.outer_iter());
            for ((row, raw), &class) in rows.zip(&labeled.indices()[first..]) {
                sums.push(usize::from(class), raw, row);
            }
            sums
        };
        fold(features, progress, each, |part| all.add(&part))?;
        Ok(all.means(&center))
    }

    /// Indices of the classes that have members.
    fn occupied(&self) -> Vec<usize> {
        (0..self.counts.len())
            .filter(|&c| self.counts[c] > 0)
            .collect()
    }

    /// Mean over the classes of their mean unit vectors.
    fn mean_direction(&self) -> Array1<f64> {
        // Empty classes have rows of zeros.
        self.directions.sum_axis(Axis(0)) / self.occupied().len().max(1) as f64
    }

    /// Mean cosine distances within classes and overall, with equal weights for the classes.
    fn cosine_distances(&self) -> (f64, f64) {
        let occupied = self.occupied();
        let own = |&c: &usize| self.directions.row(c).dot(&self.directions.row(c));
        let within = 1.0 - occupied.iter().map(own).sum::<f64>() / occupied.len() as f64;
        let overall = self.mean_direction();
        (within, 1.0 - overall.dot(&overall))
    }

    /// Class separation R².
    fn class_separation_r2(&self) -> Option<f64> {
        let (within, total) = self.cosine_distances();
        // Below that, all directions are the same but for rounding.
        (total > LEAST_TOTAL).then(|| 1.0 - within / total)
    }

    /// CDNV of two classes; `None` if one is empty or their means coincide.
    fn cdnv(&self, a: usize, b: usize) -> Option<f64> {
        let gap = self.gaps[[a, b]];
        let defined = a != b && gap > 0.0 && self.counts[a] > 0 && self.counts[b] > 0;
        defined.then(|| (self.variances[a] + self.variances[b]) / (2.0 * gap))
    }

    /// Mean CDNV over the pairs of classes for which it is defined.
    fn mean_cdnv(&self) -> Option<f64> {
        let all = 0..self.counts.len();
        let pairs = all.clone().flat_map(|a| all.clone().map(move |b| (a, b)));
        let defined: Vec<f64> = pairs.filter_map(|(a, b)| self.cdnv(a, b)).collect();
        (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
    }

    /// tr Σ_W / tr Σ_B: Σ_W over the samples, Σ_B over the classes.
    fn variance_ratio(&self) -> Option<f64> {
        let occupied = self.occupied();
        let n = self.counts.iter().sum::<usize>() as f64;
        let share = |&c: &usize| self.counts[c] as f64 / n * self.variances[c];
        let within: f64 = occupied.iter().map(share).sum();
        let means = self.by_class.select(Axis(0), &occupied);
        let apart = &means - &means.mean_axis(Axis(0))?;
        let between = apart.iter().map(|v| v * v).sum::<f64>() / occupied.len() as f64;
        (between > 0.0).then(|| within / between)
    }
}

/// Squared distances between all rows; 0 where they coincide but for rounding.
pub(super) fn squared_gaps(means: &Array2<f64>) -> Array2<f64> {
    let products = means.dot(&means.t());
    let count = means.nrows();
    Array2::from_shape_fn((count, count), |(a, b)| {
        let lengths = products[[a, a]] + products[[b, b]];
        let gap = lengths - 2.0 * products[[a, b]];
        if a == b || gap <= COINCIDING * lengths {
            0.0
        } else {
            gap
        }
    })
}

/// The matrix that turns the products of a sample with the centered class means into coordinates in
/// units of the class means' scatter: `w⁻²Vᵀ` of B Bᵀ = V w² Vᵀ, one coordinate per column.
fn collapse(means: &Means) -> Option<(Array1<f64>, Array2<f64>)> {
    let occupied = means.occupied();
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
    let mut turn = Array2::<f64>::zeros((means.counts.len(), kept.len()));
    for (row, &c) in occupied.iter().enumerate() {
        for (column, &i) in kept.iter().enumerate() {
            turn[[c, column]] =
                eigen.eigenvectors[(row, i)] / eigen.eigenvalues[i] / (count as f64).sqrt();
        }
    }
    Some((middle, turn))
}

impl Geometry {
    /// Computes all statistics; `None` if fewer than two classes have members. `features` are those
    /// of the labeled samples.
    pub(crate) fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if labeled.occupied() < 2 {
            return Ok(None);
        }
        let means = Means::new(features, labeled, execution)?;
        let collapse = collapse(&means);
        let mut sums = Sums::zero(labeled.counts().len());
        fold(
            features,
            execution,
            |first, block| Sums::of(first, block, labeled, &means, collapse.as_ref()),
            |part| sums.add(&part),
        )?;
        Ok(Some(sums.finish(labeled, &means, collapse.is_some())))
    }

    /// CDNV of a pair, if it is defined.
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
    fn rows_of_one_direction_have_no_r2() {
        let features =
            Array2::from_shape_fn((12, 3), |(i, j)| (i % 4 + 1) as f32 * [0.3, 0.7, 1.1][j]);
        let labeled = Labeled::new(&Labels::from_integers(&[0, 1, 2].repeat(4)).unwrap());
        let geometry = Geometry::new(features.view(), &labeled, &Execution::default());
        assert_eq!(geometry.unwrap().unwrap().class_separation_r2, None);
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
