//! The linear probe by maximum likelihood: multinomial logistic regression over stratified folds.
//!
//! In: the features of the labeled samples. Out: each sample's class as predicted by a regression
//! fitted to the other folds. Slower than the closed-form probe and usually better, since it does
//! not mind how far beyond the boundary a sample lies. Features are standardized within the
//! training folds; the penalty is that of scikit-learn's `LogisticRegression(C=1)`, ½|W|² beside
//! the summed loss, the intercept free. The minimum is found by L-BFGS (Liu & Nocedal 1989) in
//! 64 bits. Folds and the sample taken where all would be too dear are drawn with a fixed seed.
//! O(ndC) per pass, some 50 passes per fold.

use std::collections::VecDeque;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::Labeled;
use super::argmax;
use super::blocks::BLOCK;
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, check};
use crate::reduce::{EXACT_LIMIT, principal_components};

/// Number of folds.
const FOLDS: usize = 5;
/// Seed of the folds and of the sample.
const SEED: u64 = 1;
/// Samples × features × classes up to which all samples take part.
const WORK: f64 = 2e7;
/// And no more samples than this: an interval of the accuracy is ± 1 % then, or narrower.
const MOST_SAMPLES: f64 = 1e4;
/// Fewest samples of a class that are taken, if it has so many.
const FEWEST: usize = 20;
/// Columns that stand for more than [`EXACT_LIMIT`].
const COMPONENTS: usize = 256;
/// Steps that the curvature is estimated from.
const MEMORY: usize = 10;
/// Most iterations.
const MOST_ITERATIONS: usize = 300;
/// Largest entry of the mean loss's gradient at which the search ends.
const GRADIENT: f64 = 1e-6;

/// A logistic probe's answers on held-out folds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogisticProbe {
    /// Samples of each class (row) by predicted class (column).
    pub(crate) confusion: Vec<Vec<u32>>,
    /// Samples that took part.
    pub(crate) samples: usize,
    /// Principal components that stood for the features, if those are too many.
    pub(crate) components: Option<usize>,
    /// Inverse of scikit-learn's C.
    pub(crate) penalty: f64,
}

impl LogisticProbe {
    /// Fits and scores the probe; `None` if fewer than two classes have two members.
    pub(crate) fn new(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if labeled.counts().iter().filter(|&&c| c > 1).count() < 2 {
            return Ok(None);
        }
        let reduction = if features.ncols() > EXACT_LIMIT {
            Some(principal_components(features, COMPONENTS, SEED, execution)?)
        } else {
            None
        };
        let components = reduction.as_ref().map(|r| r.scores.ncols());
        let features = reduction.as_ref().map_or(features, |r| r.scores.view());
        let (chosen, folds) = draw(labeled, features.ncols());
        let chosen_features = features.select(Axis(0), &chosen);
        let classes: Vec<u16> = chosen.iter().map(|&i| labeled.indices()[i]).collect();
        let count = labeled.counts().len();
        let scale = Scale::of(components.is_none());
        let mut confusion = vec![vec![0_u32; count]; count];
        for fold in 0..FOLDS {
            let held: Vec<usize> = (0..chosen.len()).filter(|&i| folds[i] == fold).collect();
            let kept: Vec<usize> = (0..chosen.len()).filter(|&i| folds[i] != fold).collect();
            let answers = hold_out(
                chosen_features.view(),
                &classes,
                count,
                &kept,
                &held,
                scale,
                execution,
            )?;
            for (&i, answer) in held.iter().zip(answers) {
                confusion[usize::from(classes[i])][answer] += 1;
            }
        }
        Ok(Some(Self {
            confusion,
            samples: chosen.len(),
            components,
            penalty: 1.0,
        }))
    }
}

/// Whether each column is scaled by itself, or all by the largest deviation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scale {
    Each,
    Largest,
}

impl Scale {
    pub(crate) fn of(each: bool) -> Self {
        if each { Self::Each } else { Self::Largest }
    }
}

/// The samples that take part, ascending, and their folds.
fn draw(labeled: &Labeled, d: usize) -> (Vec<usize>, Vec<usize>) {
    let occupied = labeled.counts().iter().filter(|&&c| c > 0).count();
    let affordable = WORK / (d as f64 * occupied as f64);
    let share = affordable.min(MOST_SAMPLES) / labeled.samples() as f64;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); labeled.counts().len()];
    for (i, &class) in labeled.indices().iter().enumerate() {
        members[usize::from(class)].push(i);
    }
    let mut taken = Vec::new();
    let mut next = 0;
    for mut of_class in members {
        for i in (1..of_class.len()).rev() {
            of_class.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        let wanted = (share * of_class.len() as f64).ceil() as usize;
        of_class.truncate(wanted.max(FEWEST));
        for i in of_class {
            taken.push((i, next % FOLDS));
            next += 1;
        }
    }
    taken.sort_unstable();
    taken.into_iter().unzip()
}

/// The classes of the held-out samples as a regression on the kept ones predicts them.
fn hold_out(
    features: ArrayView2<'_, f32>,
    classes: &[u16],
    count: usize,
    kept: &[usize],
    held: &[usize],
    scale: Scale,
    progress: &dyn Progress,
) -> Result<Vec<usize>> {
    let problem = Problem::new(features, classes, count, kept, scale);
    let weights = problem.solve(None, MOST_ITERATIONS, progress)?;
    let scores = problem.scores(problem.standardized(features, held).view(), &weights);
    Ok(scores.outer_iter().map(argmax).collect())
}

/// Weights (d + 1 rows, the last of which are the intercepts; C columns).
pub(crate) type Weights = Array2<f64>;

/// The regression of one training set.
pub(crate) struct Problem {
    x: Array2<f64>,
    mean: Array1<f64>,
    deviations: Array1<f64>,
    targets: Vec<u16>,
    present: Vec<bool>,
    /// Share of the labels that is taken for noise: the loss of a sample is −ln((1 − ε) q + ε/C),
    /// so that a single label can pull no more than its share. 0 is the usual loss.
    pub(crate) noise: f64,
}

impl Problem {
    /// The regression of the kept rows on their classes, without noise.
    pub(crate) fn new(
        features: ArrayView2<'_, f32>,
        classes: &[u16],
        count: usize,
        kept: &[usize],
        scale: Scale,
    ) -> Self {
        let mut x = features.select(Axis(0), kept).mapv(f64::from);
        let size = kept.len().max(1) as f64;
        let mean = x.sum_axis(Axis(0)) / size;
        x -= &mean;
        let mut deviations: Array1<f64> = x
            .axis_iter(Axis(1))
            .map(|c| (c.dot(&c) / size).sqrt())
            .collect();
        if matches!(scale, Scale::Largest) {
            let largest = deviations.iter().copied().fold(0.0, f64::max);
            deviations.fill(largest);
        }
        // A constant column stays 0.
        deviations.mapv_inplace(|s| if s > 1e-12 { s } else { 1.0 });
        x /= &deviations;
        let targets: Vec<u16> = kept.iter().map(|&i| classes[i]).collect();
        // A class without a sample in the training folds is no answer.
        let mut present = vec![false; count];
        for &class in &targets {
            present[usize::from(class)] = true;
        }
        Self {
            x,
            mean,
            deviations,
            targets,
            present,
            noise: 0.0,
        }
    }

    /// Rows as the regression sees them.
    pub(crate) fn standardized(
        &self,
        features: ArrayView2<'_, f32>,
        rows: &[usize],
    ) -> Array2<f64> {
        (features.select(Axis(0), rows).mapv(f64::from) - &self.mean) / &self.deviations
    }

    /// Scores of rows (n × C); −∞ for a class that is not there.
    pub(crate) fn scores(&self, x: ArrayView2<'_, f64>, weights: &Weights) -> Array2<f64> {
        let d = x.ncols();
        let mut scores = x.dot(&weights.slice(ndarray::s![..d, ..]));
        scores += &weights.row(d);
        for (c, _) in self.present.iter().enumerate().filter(|(_, p)| !**p) {
            scores.column_mut(c).fill(f64::NEG_INFINITY);
        }
        scores
    }

    /// Mean penalized loss and its gradient.
    fn evaluate(&self, weights: &Weights) -> (f64, Weights) {
        let (d, count) = (self.x.ncols(), self.present.len());
        let even = self.noise / self.present.iter().filter(|p| **p).count().max(1) as f64;
        let blocks: Vec<_> = self.x.axis_chunks_iter(Axis(0), BLOCK).collect();
        let parts: Vec<(f64, Array2<f64>)> = blocks
            .into_par_iter()
            .enumerate()
            .map(|(b, x)| {
                let mut scores = self.scores(x, weights);
                let mut loss = 0.0;
                for (mut row, &target) in scores.outer_iter_mut().zip(&self.targets[b * BLOCK..]) {
                    let target = usize::from(target);
                    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let own = row[target] - largest;
                    row.mapv_inplace(|s| (s - largest).exp());
                    let sum = row.sum();
                    row /= sum;
                    if self.noise > 0.0 {
                        let right = (1.0 - self.noise) * row[target];
                        let mixed = right + even;
                        loss -= mixed.ln();
                        row[target] -= 1.0;
                        row *= right / mixed;
                    } else {
                        loss += sum.ln() - own;
                        row[target] -= 1.0;
                    }
                }
                let mut gradient = Array2::<f64>::zeros((d + 1, count));
                gradient
                    .slice_mut(ndarray::s![..d, ..])
                    .assign(&x.t().dot(&scores));
                gradient.row_mut(d).assign(&scores.sum_axis(Axis(0)));
                (loss, gradient)
            })
            .collect();
        let (mut loss, mut gradient) = (0.0, Array2::<f64>::zeros((d + 1, count)));
        for (l, g) in &parts {
            loss += l;
            gradient += g;
        }
        let slopes = weights.slice(ndarray::s![..d, ..]);
        loss += 0.5 * slopes.iter().map(|w| w * w).sum::<f64>();
        let mut penalized = gradient.slice_mut(ndarray::s![..d, ..]);
        penalized += &slopes;
        let n = self.targets.len().max(1) as f64;
        (loss / n, gradient / n)
    }

    /// The minimum near the start (0, if there is none), by L-BFGS with a step halved until the
    /// loss falls enough.
    pub(crate) fn solve(
        &self,
        start: Option<Weights>,
        iterations: usize,
        progress: &dyn Progress,
    ) -> Result<Weights> {
        let mut weights =
            start.unwrap_or_else(|| Weights::zeros((self.x.ncols() + 1, self.present.len())));
        let (mut loss, mut gradient) = self.evaluate(&weights);
        let mut past: VecDeque<(Weights, Weights)> = VecDeque::new();
        for _ in 0..iterations {
            check(progress)?;
            if gradient.iter().all(|g| g.abs() <= GRADIENT) {
                break;
            }
            let mut direction = downhill(&gradient, &past);
            let mut slope = inner(&direction, &gradient);
            if slope >= 0.0 {
                past.clear();
                direction = -&gradient;
                slope = -inner(&gradient, &gradient);
            }
            let mut step = if past.is_empty() {
                1.0 / (1.0 + inner(&gradient, &gradient).sqrt())
            } else {
                1.0
            };
            let mut found = None;
            for _ in 0..30 {
                let next = &weights + &(&direction * step);
                let (next_loss, next_gradient) = self.evaluate(&next);
                if next_loss <= loss + 1e-4 * step * slope {
                    found = Some((next, next_loss, next_gradient));
                    break;
                }
                step *= 0.5;
            }
            // No step helps: rounding is all that is left.
            let Some((next, next_loss, next_gradient)) = found else {
                break;
            };
            let moved = &next - &weights;
            let turned = &next_gradient - &gradient;
            if inner(&moved, &turned) > 1e-12 * inner(&moved, &moved) {
                past.push_back((moved, turned));
                if past.len() > MEMORY {
                    past.pop_front();
                }
            }
            (weights, loss, gradient) = (next, next_loss, next_gradient);
        }
        Ok(weights)
    }
}

/// Sum of the products of all entries.
fn inner(a: &Weights, b: &Weights) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The two-loop recursion: minus the gradient in the metric that the past steps tell.
fn downhill(gradient: &Weights, past: &VecDeque<(Weights, Weights)>) -> Weights {
    let mut direction = -gradient;
    let mut amounts = Vec::with_capacity(past.len());
    for (moved, turned) in past.iter().rev() {
        let amount = inner(moved, &direction) / inner(moved, turned);
        direction.scaled_add(-amount, turned);
        amounts.push(amount);
    }
    if let Some((moved, turned)) = past.back() {
        direction *= inner(moved, turned) / inner(turned, turned);
    }
    for ((moved, turned), amount) in past.iter().zip(amounts.iter().rev()) {
        let back = inner(turned, &direction) / inner(moved, turned);
        direction.scaled_add(amount - back, moved);
    }
    direction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Dataset, Labels};
    use crate::progress::Silent;

    #[test]
    fn answers_are_scikit_learns_on_the_same_folds() {
        let text = std::fs::read_to_string("fixtures/golden/separation.json").unwrap();
        let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (name, file) in [
            ("digits_cnn:features", "fixtures/digits_cnn.npz"),
            (
                "digits_cnn_layers:conv2",
                "fixtures/digits_cnn_layers.npz:conv2",
            ),
        ] {
            let data = Dataset::load(file).unwrap();
            let labels = data.labels().unwrap().indices();
            let numbers = |key: &str| -> Vec<usize> {
                let list = golden[name]["logistic"][key].as_array().unwrap();
                list.iter().map(|v| v.as_u64().unwrap() as usize).collect()
            };
            let (folds, expected) = (numbers("folds"), numbers("predictions"));
            let mut different = 0;
            for fold in 0..FOLDS {
                let (held, kept): (Vec<usize>, Vec<usize>) =
                    (0..folds.len()).partition(|&i| folds[i] == fold);
                let answers = hold_out(
                    data.features(),
                    labels,
                    10,
                    &kept,
                    &held,
                    Scale::Each,
                    &Silent,
                );
                let pairs = held.iter().zip(answers.unwrap());
                different += pairs.filter(|(i, a)| expected[**i] != *a).count();
            }
            assert_eq!(different, 0, "{name}");
        }
    }

    #[test]
    fn folds_are_stratified_and_small_classes_kept_whole() {
        let labels: Vec<i64> = (0..1000)
            .map(|i| i64::from(i % 100 == 0) + i64::from(i == 7) * 2)
            .collect();
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let (chosen, folds) = draw(&labeled, 200_000);
        assert!(chosen.len() < 200, "{}", chosen.len());
        assert_eq!(chosen.iter().filter(|&&i| labels[i] == 1).count(), 10);
        assert!(chosen.contains(&7));
        for fold in 0..FOLDS {
            let members = chosen
                .iter()
                .zip(&folds)
                .filter(|(i, f)| **f == fold && labels[**i] == 1);
            assert_eq!(members.count(), 2);
        }
    }

    #[test]
    fn a_lone_sample_is_answered_wrong_and_not_with_a_panic() {
        let features = Array2::from_shape_fn((13, 2), |(i, j)| (i / 6 * 5 + j + i % 3) as f32);
        let mut labels: Vec<i64> = (0..13).map(|i| i / 6).collect();
        labels[12] = 9;
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let probe = LogisticProbe::new(features.view(), &labeled, &Execution::default())
            .unwrap()
            .unwrap();
        assert_eq!(probe.confusion[2], [0, 1, 0]);
        let alone = Labeled::new(&Labels::from_integers(&[1; 13]).unwrap());
        assert_eq!(
            LogisticProbe::new(features.view(), &alone, &Execution::default()).unwrap(),
            None
        );
    }
}
