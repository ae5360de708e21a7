//! The overlap of each pair of classes under a linear rule.
//!
//! In: the features of the labeled samples. Out: for each pair of classes how many samples of each
//! lie on the other's side of Fisher's linear discriminant (with equal priors, so that a large
//! class does not dominate a small one), each judged by means and scatter without the sample
//! itself; and the overlap Φ(−Δ/2) of two Gaussians at the Mahalanobis distance Δ of the means. All
//! pairs share the scatter within classes, so one Cholesky factor and the n × C distances in its
//! metric suffice; leaving a sample out is a rank-one change in closed form (Lachenbruch & Mickey
//! 1968). The scatter is shrunk toward a multiple of the identity (oracle approximating shrinkage,
//! Chen et al. 2010), which makes it invertible even with more features than samples. O(nd² + d³ +
//! nCd). Beyond 1,024 columns the leading 256 principal components replace the features.

use nalgebra::DMatrix;
use ndarray::{Array1, Array2, ArrayView2};

use super::Labeled;
use super::blocks::{centered, fold};
use super::geometry::squared_gaps;
use super::inference::normal_tail;
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, check};
use crate::reduce::{EXACT_LIMIT, column_means, principal_components};

/// Principal components that replace more than [`EXACT_LIMIT`] columns.
const COMPONENTS: usize = 256;

/// Overlaps of all pairs of classes under a linear rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearOverlaps {
    classes: usize,
    /// Samples of class a (row) on b's side (column); halves for ties.
    astray: Vec<f64>,
    /// Squared Mahalanobis distances of the class means.
    distances: Array2<f64>,
    /// Weight of the identity in the shrunk scatter, 0 to 1.
    pub(crate) shrinkage: f64,
    /// Number of principal components that replaced the features; `None` if there are few enough
    /// features.
    pub(crate) components: Option<usize>,
}

/// The metric of the scatter within classes.
struct Metric {
    mean: Array1<f64>,
    scale: Vec<f64>,
    /// Maps centered, scaled features to coordinates in which the scatter is the identity.
    whiten: Array2<f64>,
    /// Class means in those coordinates (C × d).
    means: Array2<f64>,
    gaps: Array2<f64>,
    shrinkage: f64,
    /// Degrees of freedom of the scatter.
    freedom: f64,
}

impl LinearOverlaps {
    /// Counts all pairs; `None` if fewer than two classes have two members.
    pub(crate) fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if labeled.counts().iter().filter(|&&c| c > 1).count() < 2 {
            return Ok(None);
        }
        if features.ncols() <= EXACT_LIMIT {
            return Self::count(features, labeled, None, execution).map(Some);
        }
        let reduction = principal_components(features, COMPONENTS, 1, execution)?;
        let scores = reduction.scores.view();
        Self::count(scores, labeled, Some(scores.ncols()), execution).map(Some)
    }

    fn count(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        components: Option<usize>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let metric = Metric::new(features, labeled, components.is_none(), progress)?;
        let classes = labeled.counts().len();
        let mut astray = vec![0.0; classes * classes];
        fold(
            features,
            progress,
            |first, block| metric.astray(first, block, labeled),
            |part| astray.iter_mut().zip(&part).for_each(|(a, p)| *a += p),
        )?;
        Ok(Self {
            classes,
            astray,
            distances: metric.gaps * metric.freedom,
            shrinkage: metric.shrinkage,
            components,
        })
    }

    /// How many samples of `a` lie on the side of `b`.
    pub(crate) fn astray(&self, a: usize, b: usize) -> f64 {
        self.astray[a * self.classes + b]
    }

    /// Φ(−Δ/2).
    pub(crate) fn gaussian(&self, a: usize, b: usize) -> f64 {
        normal_tail(0.5 * self.distances[[a, b]].sqrt())
    }
}

impl Metric {
    fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        standardize: bool,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let d = features.ncols();
        let mean = column_means(features);
        let (means, scatter) = Self::scatter(features, labeled, &mean, progress)?;
        check(progress)?;
        // Features are scaled by their spread within classes, so that shrinking does not depend on
        // units.
        let largest = (0..d).map(|j| scatter[[j, j]]).fold(0.0, f64::max);
        let scale: Vec<f64> = (0..d)
            .map(|j| {
                let own = if standardize {
                    scatter[[j, j]]
                } else {
                    largest
                };
                if own > 1e-12 * largest {
                    own.sqrt()
                } else {
                    largest.sqrt()
                }
            })
            .map(|s| if s > 0.0 { s } else { 1.0 })
            .collect();
        let occupied = labeled.occupied();
        let freedom = (labeled.samples() - occupied).max(1) as f64;
        let scaled = Array2::from_shape_fn((d, d), |(i, j)| scatter[[i, j]] / scale[i] / scale[j]);
        let shrinkage = shrinkage(&scaled, freedom);
        let level = (0..d).map(|j| scaled[[j, j]]).sum::<f64>() / d as f64;
        // Classes of identical samples have no scatter: any metric separates them.
        let level = if level > 0.0 { level } else { 1.0 };
        let regular = DMatrix::from_fn(d, d, |i, j| {
            let own = if i == j {
                (shrinkage * level).max(1e-9 * level)
            } else {
                0.0
            };
            (1.0 - shrinkage) * 0.5 * (scaled[[i, j]] + scaled[[j, i]]) + own
        });
        let whiten = match regular.cholesky() {
            Some(factor) => {
                let inverse = factor
                    .l()
                    .solve_lower_triangular(&DMatrix::identity(d, d))
                    .unwrap_or_else(|| DMatrix::identity(d, d));
                Array2::from_shape_fn((d, d), |(i, j)| inverse[(j, i)])
            }
            None => Array2::eye(d),
        };
        let scaled_means =
            Array2::from_shape_fn(means.raw_dim(), |(c, j)| means[[c, j]] / scale[j]);
        let means = scaled_means.dot(&whiten);
        Ok(Self {
            gaps: squared_gaps(&means),
            mean,
            scale,
            whiten,
            means,
            shrinkage,
            freedom,
        })
    }

    /// Class means less the mean of all, and the sum over samples of the products of their
    /// deviations from their class's mean.
    fn scatter(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        mean: &Array1<f64>,
        progress: &dyn Progress,
    ) -> Result<(Array2<f64>, Array2<f64>)> {
        let (classes, d) = (labeled.counts().len(), features.ncols());
        let mut sums = Array2::<f64>::zeros((classes, d));
        let each = |first: usize, block: ArrayView2<'_, f32>| {
            let mut sums = Array2::<f64>::zeros((classes, d));
            let x = centered(block, mean);
            for (row, &class) in x.outer_iter().zip(&labeled.indices()[first..]) {
                let mut sum = sums.row_mut(usize::from(class));
                sum += &row;
            }
            sums
        };
        fold(features, progress, each, |part| sums += &part)?;
        for (mut row, &count) in sums.outer_iter_mut().zip(labeled.counts()) {
            row /= count.max(1) as f64;
        }
        let means = sums;
        let mut scatter = Array2::<f64>::zeros((d, d));
        let each = |first: usize, block: ArrayView2<'_, f32>| {
            let mut x = centered(block, mean);
            for (mut row, &class) in x.outer_iter_mut().zip(&labeled.indices()[first..]) {
                row -= &means.row(usize::from(class));
            }
            x.t().dot(&x)
        };
        fold(features, progress, each, |part| scatter += &part)?;
        Ok((means, scatter))
    }

    /// Samples on the other side, by own class (row) and other class (column), in a block.
    fn astray(&self, first: usize, block: ArrayView2<'_, f32>, labeled: &Labeled) -> Vec<f64> {
        let classes = labeled.counts().len();
        let mut astray = vec![0.0; classes * classes];
        let mut x = centered(block, &self.mean);
        for mut row in x.outer_iter_mut() {
            row.iter_mut().zip(&self.scale).for_each(|(v, s)| *v /= s);
        }
        let z = x.dot(&self.whiten);
        let products = z.dot(&self.means.t());
        let norms: Vec<f64> = self.means.outer_iter().map(|m| m.dot(&m)).collect();
        let rows = z.outer_iter().zip(products.outer_iter());
        for ((row, products), &class) in rows.zip(&labeled.indices()[first..]) {
            let a = usize::from(class);
            if labeled.counts()[a] < 2 {
                continue;
            }
            let length = row.dot(&row);
            let squared = |b: usize| (length + norms[b] - 2.0 * products[b]).max(0.0);
            let size = labeled.counts()[a] as f64;
            let growth = size / (size - 1.0);
            let own = squared(a);
            // What leaving the sample out removes from the scatter along its deviation.
            let lost = (1.0 - self.shrinkage) * growth;
            let kept = (1.0 - lost * own).max(1e-12);
            let own_left_out = growth * growth * own / kept;
            for b in (0..classes).filter(|&b| b != a && labeled.counts()[b] > 0) {
                let other = squared(b);
                let along = 0.5 * (own + other - self.gaps[[a, b]]);
                let other = other + lost * along * along / kept;
                if other < own_left_out {
                    astray[a * classes + b] += 1.0;
                } else if other <= own_left_out {
                    astray[a * classes + b] += 0.5;
                }
            }
        }
        astray
    }
}

/// Oracle approximating shrinkage of a covariance estimated with that many degrees of freedom, 0 to
/// 1; the covariance may be scaled by any factor.
fn shrinkage(covariance: &Array2<f64>, freedom: f64) -> f64 {
    let d = covariance.nrows() as f64;
    let trace: f64 = covariance.diag().sum();
    let squares: f64 = covariance.iter().map(|v| v * v).sum();
    let denominator = (freedom + 1.0 - 2.0 / d) * (squares - trace * trace / d);
    if denominator <= 0.0 {
        return 1.0;
    }
    (((1.0 - 2.0 / d) * squares + trace * trace) / denominator).clamp(0.0, 1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::dataset::Labels;
    use crate::progress::Silent;

    fn data(n: usize, d: usize) -> (Array2<f32>, Vec<i64>) {
        let noise = |i: usize, j: usize| {
            let x = ((i * 131 + j * 7 + 3) as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(31)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (x >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        };
        let labels: Vec<i64> = (0..n).map(|i| (i % 3) as i64).collect();
        let features = Array2::from_shape_fn((n, d), |(i, j)| {
            let center = if j == i % 3 { 0.9 } else { 0.0 };
            (center + noise(i, j) + 0.3 * noise(i, j + 1)) * (j + 1) as f32 + 7.0
        });
        (features, labels)
    }

    /// The rule, fitted directly to the other samples.
    fn refitted(
        metric: &Metric,
        features: &Array2<f32>,
        labels: &[i64],
        out: usize,
        b: i64,
    ) -> f64 {
        let (n, d) = features.dim();
        let row = |i: usize| -> Vec<f64> {
            (0..d)
                .map(|j| (f64::from(features[[i, j]]) - metric.mean[j]) / metric.scale[j])
                .collect()
        };
        let mean = |class: i64, skip: usize| -> Vec<f64> {
            let members: Vec<usize> = (0..n)
                .filter(|&i| labels[i] == class && i != skip)
                .collect();
            (0..d)
                .map(|j| members.iter().map(|&i| row(i)[j]).sum::<f64>() / members.len() as f64)
                .collect()
        };
        let mut all = DMatrix::<f64>::zeros(d, d);
        let mut without = DMatrix::<f64>::zeros(d, d);
        for i in 0..n {
            for (target, skip) in [(&mut all, n), (&mut without, out)] {
                if i == skip {
                    continue;
                }
                let m = mean(labels[i], skip);
                let u = nalgebra::DVector::from_fn(d, |j, _| row(i)[j] - m[j]);
                *target += &u * u.transpose();
            }
        }
        let level = all.trace() / d as f64;
        let s = metric.shrinkage;
        let regular = without * (1.0 - s) + DMatrix::identity(d, d) * (s * level);
        let inverse = regular.try_inverse().unwrap();
        let squared = |class: i64| {
            let m = mean(class, out);
            let u = nalgebra::DVector::from_fn(d, |j, _| row(out)[j] - m[j]);
            (u.transpose() * &inverse * u)[0]
        };
        squared(labels[out]) - squared(b)
    }

    #[test]
    fn sides_are_those_of_a_rule_fitted_without_the_sample() {
        let (features, labels) = data(60, 4);
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let metric = Metric::new(features.view(), &labeled, true, &Silent).unwrap();
        let overlaps = LinearOverlaps::new(features.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        assert_eq!(overlaps.shrinkage, metric.shrinkage);
        for a in 0..3_i64 {
            for b in (0..3).filter(|b| *b != a) {
                let expected = (0..60)
                    .filter(|&i| {
                        labels[i] == a && refitted(&metric, &features, &labels, i, b) > 0.0
                    })
                    .count() as f64;
                assert_eq!(overlaps.astray(a as usize, b as usize), expected, "{a} {b}");
            }
        }
        let wrong: f64 = (0..3)
            .flat_map(|a| (0..3).map(move |b| (a, b)))
            .map(|(a, b)| overlaps.astray(a, b))
            .sum();
        assert!(
            wrong > 3.0,
            "the classes must overlap for the test to say anything"
        );
    }

    #[test]
    fn shrinkage_follows_its_formula() {
        let x = ndarray::array![
            [1.0, 2.0, 0.0],
            [-1.0, -1.9, 0.1],
            [0.5, 1.2, 0.0],
            [-0.5, -0.8, -0.1],
            [2.0, 4.1, 0.3],
            [-2.0, -4.0, -0.3],
            [3.0, 6.0, 0.0],
            [-3.0, -6.2, 0.1]
        ];
        // ((1 − 2/p) tr S² + tr² S)/((n + 1 − 2/p)(tr S² − tr² S/p)) with NumPy; a factor is free.
        let covariance: Array2<f64> = x.t().dot(&x);
        assert!((shrinkage(&covariance, 8.0) - 0.240_864_378_042_873_5).abs() < 1e-9);
        assert_eq!(shrinkage(&Array2::eye(3), 8.0), 1.0);
    }

    #[test]
    fn more_features_than_samples_still_tell_classes_apart() {
        let (mut features, labels) = data(30, 80);
        for (mut row, label) in features.outer_iter_mut().zip(&labels) {
            row[0] += 40.0 * *label as f32;
        }
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let overlaps = LinearOverlaps::new(features.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        assert!(overlaps.shrinkage > 0.1);
        assert!(overlaps.astray(0, 2) + overlaps.astray(2, 0) <= 2.0);
        let same = Array2::<f32>::from_elem((9, 2), 1.0);
        let labeled = Labeled::new(&Labels::from_integers(&[0, 0, 0, 1, 1, 1, 2, 2, 2]).unwrap());
        let overlaps = LinearOverlaps::new(same.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        assert_eq!(
            overlaps.astray(0, 1),
            1.5,
            "identical samples lie on no side"
        );
        assert_eq!(overlaps.gaussian(0, 1), 0.5);
    }
}
