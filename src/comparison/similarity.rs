//! The similarity of two feature sets of the same samples: linear CKA, and shared neighbors.
//!
//! In: features of the same samples in two spaces, and their neighbors. Out: similarities from 0 to
//! 1 with standard errors. CKA (Kornblith et al. 2019, arXiv 1905.00414) compares all distances at
//! once and ignores rotation and scale; neighbor overlap compares which samples are near each
//! other. The usual CKA is biased upwards if there are many features per sample; the debiased one
//! uses the unbiased estimator of HSIC (Song et al. 2012, JMLR 13:1393) and is 0 on average for
//! unrelated features. With linear kernels both need only products of size d × d: O(n d₁ d₂).

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::Estimate;
use crate::statistics::estimate::jackknife;

/// Groups of the jackknife behind the standard error of CKA.
const GROUPS: usize = 10;
/// Rows of one product, so that sums do not depend on the number of threads.
const ROWS: usize = 1024;

/// Linear CKA of two feature sets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cka {
    /// The usual estimate, biased upwards.
    pub biased: Estimate,
    /// Debiased, which may fall slightly below 0 for unrelated features.
    pub debiased: Estimate,
}

/// Features prepared for CKA: 64 bits, centered.
pub(super) struct Centered(Array2<f64>);

impl Centered {
    /// Takes a copy of some features.
    pub(super) fn new(features: ArrayView2<'_, f32>) -> Self {
        let mut copy = features.mapv(f64::from);
        let mean = copy.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(0));
        copy -= &mean;
        // CKA ignores the scale; without rescaling, fourth powers of extreme values would overflow.
        let largest = copy.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        if largest > 0.0 {
            copy /= largest;
        }
        Self(copy)
    }

    /// Number of samples.
    pub(super) fn samples(&self) -> usize {
        self.0.nrows()
    }
}

/// Linear CKA, with standard errors by the jackknife over ten groups of samples; `None` if there
/// are fewer than four samples or one of the sets has no variance.
pub(super) fn cka(
    first: &Centered,
    second: &Centered,
    progress: &dyn Progress,
) -> Result<Option<Cka>> {
    let n = first.samples();
    if n < 4 || second.samples() != n {
        return Ok(None);
    }
    let groups = if n >= 4 * GROUPS { GROUPS } else { 1 };
    let pairs = [(first, second), (first, first), (second, second)];
    let mut products = Vec::with_capacity(3);
    for (x, y) in pairs {
        check(progress)?;
        products.push(Products::new(x, y, groups));
    }
    let all = |of: Hsic, without| {
        let value = |i: usize| of(&products[i], pairs[i].0, pairs[i].1, without);
        let scale = value(1) * value(2);
        (scale > 0.0).then(|| value(0) / scale.sqrt())
    };
    let estimate = |of: Hsic| {
        let value = all(of, None)?;
        let without: Vec<f64> = (0..groups).filter_map(|g| all(of, Some(g))).collect();
        Some(Estimate::normal(value, jackknife(&without)))
    };
    check(progress)?;
    Ok(estimate(Products::hsic)
        .zip(estimate(Products::unbiased_hsic))
        .map(|(biased, debiased)| Cka { biased, debiased }))
}

/// An estimator of HSIC of two sets, optionally without one group of samples.
type Hsic = fn(&Products, &Centered, &Centered, Option<usize>) -> f64;

/// XᵀY and the sums of rows, by groups of samples.
struct Products {
    /// XᵀY of each group (d₁ × d₂).
    cross: Vec<Array2<f64>>,
    /// Sums of the rows of X and of Y of each group.
    sums: Vec<(Array1<f64>, Array1<f64>)>,
    groups: usize,
}

/// The group of a sample.
fn group(sample: usize, groups: usize) -> usize {
    (sample / 8) % groups
}

impl Products {
    fn new(x: &Centered, y: &Centered, groups: usize) -> Self {
        let n = x.samples();
        let (cross, sums) = (0..groups)
            .into_par_iter()
            .map(|g| {
                let rows: Vec<usize> = (0..n).filter(|&i| group(i, groups) == g).collect();
                let mut cross = Array2::zeros((x.0.ncols(), y.0.ncols()));
                for rows in rows.chunks(ROWS) {
                    let (a, b) = (x.0.select(Axis(0), rows), y.0.select(Axis(0), rows));
                    cross += &a.t().dot(&b);
                }
                let sum = |of: &Array2<f64>| {
                    let mut sum = Array1::zeros(of.ncols());
                    for &row in &rows {
                        sum += &of.row(row);
                    }
                    sum
                };
                (cross, (sum(&x.0), sum(&y.0)))
            })
            .collect::<Vec<_>>()
            .into_iter()
            .unzip();
        Self {
            cross,
            sums,
            groups,
        }
    }

    /// XᵀY, and the sums, without one group.
    fn total(&self, without: Option<usize>) -> (Array2<f64>, Array1<f64>, Array1<f64>) {
        let mut cross = Array2::zeros(self.cross[0].dim());
        let (mut a, mut b) = (Array1::zeros(cross.nrows()), Array1::zeros(cross.ncols()));
        for g in (0..self.groups).filter(|&g| Some(g) != without) {
            cross += &self.cross[g];
            a += &self.sums[g].0;
            b += &self.sums[g].1;
        }
        (cross, a, b)
    }

    fn rows(&self, n: usize, without: Option<usize>) -> Vec<usize> {
        let kept = |&i: &usize| Some(group(i, self.groups)) != without;
        (0..n).filter(kept).collect()
    }

    /// ‖XᵀY‖² of centered features: n² times the usual HSIC.
    fn hsic(&self, x: &Centered, _: &Centered, without: Option<usize>) -> f64 {
        let (mut cross, a, b) = self.total(without);
        let n = self.rows(x.samples(), without).len() as f64;
        for (mut row, &sum) in cross.outer_iter_mut().zip(&a) {
            row.scaled_add(-sum / n, &b);
        }
        cross.iter().map(|v| v * v).sum::<f64>() / (n * n)
    }

    /// The unbiased estimator: of kernels K = XXᵀ and L = YYᵀ without their diagonals,
    /// [tr KL + 1ᵀK1 1ᵀL1/((n−1)(n−2)) − 2/(n−2) 1ᵀKL1] / (n(n−3)).
    fn unbiased_hsic(&self, x: &Centered, y: &Centered, without: Option<usize>) -> f64 {
        let (cross, a, b) = self.total(without);
        let rows = self.rows(x.samples(), without);
        let n = rows.len() as f64;
        // K1 = X(Xᵀ1) − diagonal, one entry per sample, and L1 likewise.
        let (mut trace, mut k_sum, mut l_sum, mut kl_sum) = (0.0, 0.0, 0.0, 0.0);
        for &i in &rows {
            let (p, q) = (x.0.slice(s![i, ..]), y.0.slice(s![i, ..]));
            let (kii, lii) = (p.dot(&p), q.dot(&q));
            let (k1, l1) = (p.dot(&a) - kii, q.dot(&b) - lii);
            trace += kii * lii;
            k_sum += k1;
            l_sum += l1;
            kl_sum += k1 * l1;
        }
        let trace = cross.iter().map(|v| v * v).sum::<f64>() - trace;
        let mean = k_sum * l_sum / ((n - 1.0) * (n - 2.0));
        (trace + mean - 2.0 / (n - 2.0) * kl_sum) / (n * (n - 3.0))
    }
}

/// Mean Jaccard index of the samples' sets of neighbors in two spaces (each n × k, row-major).
pub(super) fn neighbor_overlap(first: &[u32], second: &[u32], k: usize) -> Option<Estimate> {
    if k == 0 || first.len() != second.len() || first.len() < k {
        return None;
    }
    let index = |(a, b): (&[u32], &[u32])| {
        let shared = a.iter().filter(|id| b.contains(id)).count();
        shared as f64 / (2 * k - shared) as f64
    };
    let values: Vec<f64> = first
        .chunks_exact(k)
        .zip(second.chunks_exact(k))
        .map(index)
        .collect();
    let (sum, squares) = values
        .iter()
        .fold((0.0, 0.0), |t, v| (t.0 + v, t.1 + v * v));
    Some(Estimate::mean(sum, squares, values.len()))
}

/// The Jaccard index of two random sets of k among n − 1, by the expected number that they share.
pub(super) fn chance_overlap(k: usize, n: usize) -> f64 {
    let shared = (k * k) as f64 / (n.max(2) - 1) as f64;
    (shared / (2.0 * k as f64 - shared)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    /// A reproducible cloud.
    fn cloud(n: usize, d: usize, seed: u64) -> Array2<f32> {
        Array2::from_shape_fn((n, d), |(i, j)| {
            let mut x =
                seed ^ ((i * 1009 + j * 9176 + 1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            x ^= x >> 29;
            x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x ^= x >> 32;
            (x % 10_007) as f32 / 10_007.0 - 0.5
        })
    }

    /// The definition by n × n kernels.
    fn debiased_by_kernels(x: &Array2<f64>, y: &Array2<f64>) -> f64 {
        let hsic = |x: &Array2<f64>, y: &Array2<f64>| {
            let (mut k, mut l) = (x.dot(&x.t()), y.dot(&y.t()));
            k.diag_mut().fill(0.0);
            l.diag_mut().fill(0.0);
            let n = k.nrows() as f64;
            let one = Array1::<f64>::ones(k.nrows());
            let (k1, l1) = (k.dot(&one), l.dot(&one));
            let trace = (&k * &l).sum();
            (trace + k1.sum() * l1.sum() / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * k1.dot(&l1))
                / (n * (n - 3.0))
        };
        hsic(x, y) / (hsic(x, x) * hsic(y, y)).sqrt()
    }

    #[test]
    fn it_equals_its_definition_by_kernels() {
        let (x, y) = (cloud(60, 5, 1), cloud(60, 7, 2));
        let mut mixed = y.clone();
        mixed
            .slice_mut(s![.., ..5])
            .zip_mut_with(&x, |m, &v| *m += 2.0 * v);
        let (a, b) = (Centered::new(x.view()), Centered::new(mixed.view()));
        let cka = cka(&a, &b, &Silent).unwrap().unwrap();
        let expected = debiased_by_kernels(&a.0, &b.0);
        assert!((cka.debiased.value - expected).abs() < 1e-10);
        let product = |x: &Array2<f64>, y: &Array2<f64>| x.t().dot(y).mapv(|v| v * v).sum();
        let expected = product(&a.0, &b.0) / (product(&a.0, &a.0) * product(&b.0, &b.0)).sqrt();
        assert!((cka.biased.value - expected).abs() < 1e-10);
    }

    #[test]
    fn rotation_and_scale_do_not_matter() {
        let x = cloud(200, 2, 3);
        let (sin, cos) = 0.7_f32.sin_cos();
        let turned = Array2::from_shape_fn((200, 2), |(i, j)| {
            let [a, b] = [x[[i, 0]], x[[i, 1]]];
            1e3 * if j == 0 {
                cos * a - sin * b
            } else {
                sin * a + cos * b
            }
        });
        let cka = cka(
            &Centered::new(x.view()),
            &Centered::new(turned.view()),
            &Silent,
        );
        let cka = cka.unwrap().unwrap();
        assert!((cka.biased.value - 1.0).abs() < 1e-6 && (cka.debiased.value - 1.0).abs() < 1e-6);
        assert!(cka.debiased.standard_error.unwrap() < 1e-6);
    }

    #[test]
    fn unrelated_features_have_none_when_debiased() {
        let (x, y) = (cloud(300, 60, 4), cloud(300, 60, 5));
        let cka = cka(&Centered::new(x.view()), &Centered::new(y.view()), &Silent);
        let cka = cka.unwrap().unwrap();
        assert!(cka.biased.value > 0.12, "{cka:?}");
        assert!(
            cka.debiased.value.abs() < 4.0 * cka.debiased.standard_error.unwrap(),
            "{cka:?}"
        );
    }

    #[test]
    fn constant_features_have_none() {
        let x = Centered::new(Array2::ones((50, 3)).view());
        let y = Centered::new(cloud(50, 3, 1).view());
        assert!(cka(&x, &y, &Silent).unwrap().is_none());
    }

    #[test]
    fn overlap_of_neighbors() {
        let overlap = neighbor_overlap(&[1, 2, 0, 2], &[1, 2, 2, 3], 2).unwrap();
        assert!((overlap.value - 0.5 * (1.0 + 1.0 / 3.0)).abs() < 1e-12);
        assert!((chance_overlap(10, 11) - 1.0).abs() < 1e-12);
        assert!(chance_overlap(10, 10_001) < 0.001);
    }
}
