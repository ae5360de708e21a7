//! The linear probe: a ridge classifier scored on samples that it has not seen.
//!
//! In: the features of the labeled samples and their classes. Out: for every sample the scores of
//! all classes by the probe fitted to all other samples (leave-one-out, in closed form:
//! `ridge.rs`), with predictions, margins, accuracy and confusions. The idea of probing frozen
//! features is Alain & Bengio's (2016). Columns are standardized; the penalty is the one of a fixed
//! list with the least squared leave-one-out error (PRESS). Cost O(nd² + d³); memory O(nd) for the
//! features, O(nC) for the scores. Features of more than 1,024 columns are reduced to 512 principal
//! components.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis};
use rayon::prelude::*;

use super::Labeled;
use super::blocks::{BLOCK, fold};
use super::ridge::{RidgeFit, Spectrum, squared_error, target};
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, check};
use crate::reduce::{EXACT_LIMIT, column_means, principal_components};

/// Principal components that replace more than [`EXACT_LIMIT`] columns.
const COMPONENTS: usize = 512;
/// The penalties tried, as shares of the number of samples (the columns have variance 1).
pub(super) const PENALTIES: [f64; 9] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0];

/// A linear probe's leave-one-out scores, and what follows from them.
///
/// Leaving a sample out makes its own class rarer by one, so a probe without information would
/// predict any class but the right one and score far below chance. The scores correct for this:
/// they are those of a probe with the intercept of all samples.
///
/// ```
/// use disentangle::{ndarray::array, statistics::{Labeled, RidgeProbe}, prelude::*};
/// let features = array![[0.0], [0.2], [0.1], [5.0], [5.1], [5.2]];
/// let labeled = Labeled::new(&Labels::from_integers(&[0, 0, 0, 1, 1, 1])?);
/// let probe = RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(1))?.unwrap();
/// assert_eq!(probe.predictions, [0, 0, 0, 1, 1, 1]);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct RidgeProbe {
    /// Leave-one-out scores (labeled samples × classes), near 1 for the class that fits and near 0 for
    /// the others. The classes' shares are those of all samples.
    pub scores: Array2<f32>,
    /// The class with the highest score, per labeled sample; ties to the first.
    pub predictions: Vec<u16>,
    /// Score of the sample's own class minus the highest of the others.
    pub margins: Vec<f32>,
    /// Share of the samples whose own class has the highest score.
    pub accuracy: f64,
    /// Mean recall of the classes that have members.
    pub balanced_accuracy: f64,
    /// Share of each class that is predicted as such; `None` for an empty class.
    pub recall: Vec<Option<f64>>,
    /// Samples of each class (row) by predicted class (column).
    pub confusion: Vec<Vec<u32>>,
    /// The penalty chosen, as a share of the number of samples.
    pub penalty: f64,
    /// Principal components that replaced the features, if those are too many.
    pub components: Option<usize>,
}

impl RidgeProbe {
    /// Fits and scores the probe; `None` if fewer than two classes have members or there are
    /// fewer than three samples. `features` are those of all samples, labeled or not.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let occupied = labeled.occupied();
        if occupied < 2 || labeled.samples() < 3 {
            return Ok(None);
        }
        execution.run(|progress| {
            let part = labeled.subset(features);
            let features = part.as_ref().map_or(features, |p| p.view());
            if features.ncols() <= EXACT_LIMIT {
                let scale = deviations(features);
                return fit(features, &scale, None, labeled, progress).map(Some);
            }
            let reduction = principal_components(features, COMPONENTS, 1, execution)?;
            let scores = reduction.scores.view();
            // One factor for all, which keeps the small components small.
            let largest = deviations(scores).into_iter().fold(0.0, f64::max);
            let scale = vec![largest; scores.ncols()];
            fit(scores, &scale, Some(scores.ncols()), labeled, progress).map(Some)
        })
    }
}

/// Standard deviation of each column; 0 if it is constant.
pub(super) fn deviations(features: ArrayView2<'_, f32>) -> Vec<f64> {
    let mean = column_means(features);
    let blocks: Vec<_> = features.axis_chunks_iter(Axis(0), BLOCK).collect();
    let blocks: Vec<Array1<f64>> = blocks
        .into_par_iter()
        .map(|block| {
            let mut sums = Array1::zeros(block.ncols());
            for row in block.outer_iter() {
                for ((s, &v), m) in sums.iter_mut().zip(row).zip(&mean) {
                    *s += (f64::from(v) - m).powi(2);
                }
            }
            sums
        })
        .collect();
    let mut total = Array1::zeros(features.ncols());
    for block in &blocks {
        total += block;
    }
    let n = features.nrows() as f64;
    total.mapv_into(|sum| (sum / n).sqrt()).to_vec()
}

/// A block of rows, centered and scaled, in 64 bits.
pub(super) fn standardized(
    block: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    scale: &[f64],
) -> Array2<f64> {
    let mut out = Array2::<f64>::zeros(block.raw_dim());
    for (mut to, from) in out.outer_iter_mut().zip(block.outer_iter()) {
        for (((t, &f), m), s) in to.iter_mut().zip(from).zip(mean).zip(scale) {
            // A constant column carries no information.
            *t = if *s > 0.0 {
                (f64::from(f) - m) / s
            } else {
                0.0
            };
        }
    }
    out
}

/// The standardized features in the basis of their Gram matrix's eigenvectors.
struct Basis<'a> {
    features: ArrayView2<'a, f32>,
    labeled: &'a Labeled,
    mean: Array1<f64>,
    scale: &'a [f64],
    spectrum: Spectrum,
    /// Sums of the rotated rows of each class (d × C).
    sums: Array2<f64>,
}

fn fit(
    features: ArrayView2<'_, f32>,
    scale: &[f64],
    components: Option<usize>,
    labeled: &Labeled,
    progress: &dyn Progress,
) -> Result<RidgeProbe> {
    let basis = Basis::new(features, scale, labeled, progress)?;
    let errors = basis.press(progress)?;
    let best = (0..PENALTIES.len())
        .min_by(|&a, &b| errors[a].total_cmp(&errors[b]))
        .unwrap_or(0);
    let scores = basis.left_out(PENALTIES[best], progress)?;
    Ok(summarize(scores, labeled, PENALTIES[best], components))
}

impl<'a> Basis<'a> {
    fn new(
        features: ArrayView2<'a, f32>,
        scale: &'a [f64],
        labeled: &'a Labeled,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (d, classes) = (features.ncols(), labeled.counts().len());
        let mean = column_means(features);
        let mut gram = Array2::<f64>::zeros((d, d));
        let mut sums = Array2::<f64>::zeros((d, classes));
        let products = |first: usize, block: ArrayView2<'_, f32>| {
            let x = standardized(block, &mean, scale);
            let mut sums = Array2::<f64>::zeros((d, classes));
            for (row, &class) in x.outer_iter().zip(&labeled.indices()[first..]) {
                let mut column = sums.column_mut(usize::from(class));
                column += &row;
            }
            (x.t().dot(&x), sums)
        };
        fold(features, progress, products, |(products, part)| {
            gram += &products;
            sums += &part;
        })?;
        check(progress)?;
        let spectrum = Spectrum::of(&gram);
        Ok(Self {
            sums: spectrum.vectors.t().dot(&sums),
            spectrum,
            features,
            labeled,
            mean,
            scale,
        })
    }

    /// The classifiers with these penalties.
    fn fits(&self, penalties: &[f64]) -> Vec<RidgeFit<f64>> {
        let counts = self.labeled.counts();
        let n = self.features.nrows() as f64;
        let of_penalty =
            |penalty| RidgeFit::new(&self.spectrum.values, self.sums.view(), counts, penalty * n);
        penalties.iter().map(of_penalty).collect()
    }

    /// Calls `each` with the leave-one-out scores of each block of rows, and the rows' classes, for
    /// each fit.
    fn blocks<T: Send>(
        &self,
        fits: &[RidgeFit<f64>],
        progress: &dyn Progress,
        each: impl Fn(Array2<f64>, &[u16]) -> T + Sync,
    ) -> Result<Vec<Vec<T>>> {
        let blocks: Vec<_> = self.features.axis_chunks_iter(Axis(0), BLOCK).collect();
        let results: Vec<Option<Vec<T>>> = blocks
            .into_par_iter()
            .enumerate()
            .map(|(b, block)| {
                check(progress).ok()?;
                let x = standardized(block, &self.mean, self.scale);
                let rotated = x.dot(&self.spectrum.vectors);
                let classes = &self.labeled.indices()[b * BLOCK..][..block.nrows()];
                let of_fit = |fit: &RidgeFit<f64>| {
                    let scores = fit.left_out(rotated.view(), classes.iter().copied());
                    each(scores, classes)
                };
                Some(fits.iter().map(of_fit).collect())
            })
            .collect();
        check(progress)?;
        Ok(results.into_iter().flatten().collect())
    }

    /// Sum of the squared leave-one-out errors at each penalty.
    fn press(&self, progress: &dyn Progress) -> Result<Vec<f64>> {
        let fits = self.fits(&PENALTIES);
        let sums = self.blocks(&fits, progress, |scores, classes| {
            squared_error(&scores, classes.iter().copied())
        })?;
        let of_penalty = |p: usize| sums.iter().map(|block| block[p]).sum();
        Ok((0..PENALTIES.len()).map(of_penalty).collect())
    }

    /// Leave-one-out scores of all rows, with the classes' shares of all samples.
    fn left_out(&self, penalty: f64, progress: &dyn Progress) -> Result<Array2<f32>> {
        let counts = self.labeled.counts();
        let fits = self.fits(&[penalty]);
        let blocks = self.blocks(&fits, progress, |mut scores, classes| {
            for (row, &class) in scores.outer_iter_mut().zip(classes) {
                add_own_share(row, class, counts);
            }
            scores.mapv(|s| s as f32)
        })?;
        let mut all = Array2::<f32>::zeros((self.features.nrows(), counts.len()));
        let parts = all.axis_chunks_iter_mut(Axis(0), BLOCK);
        for (mut to, from) in parts.zip(blocks.iter().flatten()) {
            to.assign(from);
        }
        Ok(all)
    }
}

/// Gives leave-one-out scores of a sample the classes' shares of all samples.
pub(super) fn add_own_share(mut scores: ArrayViewMut1<'_, f64>, class: u16, counts: &[usize]) {
    let n = counts.iter().sum::<usize>() as f64;
    for (c, (score, &count)) in scores.iter_mut().zip(counts).enumerate() {
        // The share of all samples minus that of the others.
        *score += (target(c, class) - count as f64 / n) / (n - 1.0);
    }
}

/// The class with the highest score, ties to the first; an empty class is not predicted.
pub(super) fn predicted(scores: ArrayView1<'_, f32>, own: u16, counts: &[usize]) -> usize {
    let mut best = usize::from(own);
    for (c, &score) in scores.iter().enumerate() {
        let is_candidate = c != best && counts[c] > 0;
        if is_candidate && (score > scores[best] || (score >= scores[best] && c < best)) {
            best = c;
        }
    }
    best
}

fn summarize(
    scores: Array2<f32>,
    labeled: &Labeled,
    penalty: f64,
    components: Option<usize>,
) -> RidgeProbe {
    let classes = labeled.counts().len();
    let mut predictions = Vec::with_capacity(scores.nrows());
    let mut margins = Vec::with_capacity(scores.nrows());
    let mut confusion = vec![vec![0_u32; classes]; classes];
    for (row, &own) in scores.outer_iter().zip(labeled.indices()) {
        let best = predicted(row, own, labeled.counts());
        let own = usize::from(own);
        let others = row.iter().zip(labeled.counts()).enumerate();
        let others = others.filter(|(c, (_, count))| *c != own && **count > 0);
        let other = others.fold(f32::NEG_INFINITY, |most, (_, (&score, _))| most.max(score));
        predictions.push(best as u16);
        margins.push(row[own] - other);
        confusion[own][best] += 1;
    }
    let right = |c: usize| f64::from(confusion[c][c]);
    let recall: Vec<Option<f64>> = (0..classes)
        .map(|c| (labeled.counts()[c] > 0).then(|| right(c) / labeled.counts()[c] as f64))
        .collect();
    let present: Vec<f64> = recall.iter().flatten().copied().collect();
    RidgeProbe {
        accuracy: (0..classes).map(right).sum::<f64>() / labeled.samples() as f64,
        balanced_accuracy: present.iter().sum::<f64>() / present.len().max(1) as f64,
        scores,
        predictions,
        margins,
        recall,
        confusion,
        penalty,
        components,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Labels;

    use nalgebra::DMatrix;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    use rand_distr::{Distribution, StandardNormal};

    /// Reproducible pseudo-random numbers, about −1 to 1.
    fn noise(i: usize, j: usize) -> f32 {
        let x = ((i * 31 + j) as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(31)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn data(n: usize, d: usize, classes: usize) -> (Array2<f32>, Labeled) {
        let features = Array2::from_shape_fn((n, d), |(i, j)| {
            let center = if j % classes == i % classes { 0.8 } else { 0.0 };
            (center + noise(i, j)) * (1 + j) as f32 + 100.0
        });
        let labels: Vec<i64> = (0..n).map(|i| (i % classes) as i64).collect();
        (
            features,
            Labeled::new(&Labels::from_integers(&labels).unwrap()),
        )
    }

    /// Fits to all other samples by normal equations with an intercept, and scores this one.
    fn refitted(x: &Array2<f64>, classes: &[u16], out: usize, class: u16, penalty: f64) -> f64 {
        let (n, d) = x.dim();
        let mut a = DMatrix::<f64>::zeros(d + 1, d + 1);
        let mut b = nalgebra::DVector::<f64>::zeros(d + 1);
        let row = |i: usize, j: usize| if j < d { x[[i, j]] } else { 1.0 };
        for i in (0..n).filter(|i| *i != out) {
            for j in 0..=d {
                for k in 0..=d {
                    a[(j, k)] += row(i, j) * row(i, k);
                }
                b[j] += row(i, j) * f64::from(u8::from(classes[i] == class));
            }
        }
        for j in 0..d {
            a[(j, j)] += penalty * n as f64;
        }
        let w = a.lu().solve(&b).unwrap();
        (0..=d).map(|j| w[j] * row(out, j)).sum()
    }

    #[test]
    fn left_out_scores_are_those_of_a_probe_fitted_without_the_sample() {
        let (features, labeled) = data(42, 5, 3);
        let probe = RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(1))
            .unwrap()
            .unwrap();
        let mean = column_means(features.view());
        let x = standardized(features.view(), &mean, &deviations(features.view()));
        for out in [0, 1, 20, 41] {
            for class in 0..3 {
                let own = f64::from(u8::from(labeled.indices()[out] == class));
                let given_back = (own - 1.0 / 3.0) / 41.0;
                let expected =
                    refitted(&x, labeled.indices(), out, class, probe.penalty) + given_back;
                let found = f64::from(probe.scores[[out, usize::from(class)]]);
                assert!(
                    (expected - found).abs() < 1e-6,
                    "{out} {class}: {expected} {found}"
                );
            }
        }
    }

    #[test]
    fn more_features_than_samples_are_no_obstacle_and_no_gift() {
        let (mut features, labeled) = data(40, 90, 2);
        features.mapv_inplace(|v| (v * 37.0).sin());
        let probe = RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(1))
            .unwrap()
            .unwrap();
        assert!(probe.scores.iter().all(|s| s.is_finite()));
        assert!(probe.accuracy < 0.75, "{}", probe.accuracy);
        let (wide, labeled) = data(60, EXACT_LIMIT + 40, 3);
        let probe = RidgeProbe::new(wide.view(), &labeled, &Execution::default().threads(1))
            .unwrap()
            .unwrap();
        assert_eq!(probe.components, Some(60));
        assert!(probe.accuracy > 0.9, "{}", probe.accuracy);
    }

    #[test]
    fn where_features_say_nothing_it_is_at_chance() {
        for (n, d, classes) in [(90, 4, 3), (60, 100, 3), (100, 5, 5)] {
            let right: f64 = (0..40)
                .map(|seed| {
                    let mut random = ChaCha8Rng::seed_from_u64(seed);
                    let draw = |_| StandardNormal.sample(&mut random);
                    let features = Array2::<f32>::from_shape_fn((n, d), draw);
                    let labels: Vec<i64> = (0..n).map(|i| (i % classes) as i64).collect();
                    let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
                    let probe = RidgeProbe::new(
                        features.view(),
                        &labeled,
                        &Execution::default().threads(1),
                    );
                    probe.unwrap().unwrap().accuracy
                })
                .sum();
            let (share, chance) = (right / 40.0, 1.0 / classes as f64);
            // Wide: the answers of one fit are not independent.
            let bound = 6.0 * (chance * (1.0 - chance) / (40 * n) as f64).sqrt();
            assert!((share - chance).abs() < bound, "{n} {d}: {share}");
        }
    }

    #[test]
    fn constant_columns_single_members_and_one_class_are_handled() {
        let (mut features, _) = data(20, 3, 2);
        features.column_mut(1).fill(7.0);
        let mut labels = vec![0_i64; 20];
        labels[10..].fill(1);
        labels[19] = 5;
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let probe = RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(1))
            .unwrap()
            .unwrap();
        assert_eq!(
            probe.recall[2],
            Some(0.0),
            "a lone sample has nobody to learn from"
        );
        let alone = Labeled::new(&Labels::from_integers(&[3; 20]).unwrap());
        assert_eq!(
            RidgeProbe::new(features.view(), &alone, &Execution::default().threads(1)).unwrap(),
            None
        );
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let (features, labeled) = data(5000, 7, 4);
        let one =
            RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(1)).unwrap();
        let four =
            RidgeProbe::new(features.view(), &labeled, &Execution::default().threads(4)).unwrap();
        assert_eq!(one, four);
    }
}
