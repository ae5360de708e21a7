//! The logistic probe: multinomial regression, cross-validated over stratified folds.
//!
//! In: the features of the labeled samples. Out: each sample's class as predicted by a regression
//! fitted to the other folds. Slower than the closed-form probe and usually better, because its
//! loss does not penalize samples that are far on the right side of a boundary. Features are
//! standardized within the training folds; the penalty is that of scikit-learn's
//! `LogisticRegression(C=1)`, ½|W|² beside the summed loss, the intercept free. The minimum is
//! found by L-BFGS (`minimize.rs`). Folds are drawn with a fixed seed, and so is the subset of
//! samples that is used if all would take too long. O(ndC) per pass, about 50 passes per fold.

use ndarray::{Array1, Array2, ArrayView2, Axis, Ix2};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::Labeled;
use super::argmax;
use super::blocks::BLOCK;
use super::minimize::{Limits, Value, lbfgs};
use super::shuffle::shuffle;
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::Progress;
use crate::reduce::{EXACT_LIMIT, principal_components};

/// Number of folds.
const FOLDS: usize = 5;
/// Seed of the folds and of the subset.
const SEED: u64 = 1;
/// Up to this product of samples, features and classes, all samples are used.
const WORK: f64 = 2e7;
/// At most this many samples are used; the accuracy's interval is then ± 1% or narrower.
const MOST_SAMPLES: f64 = 1e4;
/// At least this many samples of each class are used, if it has as many.
const FEWEST: usize = 20;
/// Principal components that replace more than [`EXACT_LIMIT`] columns.
const COMPONENTS: usize = 256;
/// Iterations at most.
const MOST_ITERATIONS: usize = 300;
/// The search ends when no entry of the mean loss's gradient is larger.
const GRADIENT: f64 = 1e-6;

/// A logistic probe's predictions on held-out folds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogisticProbe {
    /// Samples of each class (row) by predicted class (column).
    pub(crate) confusion: Vec<Vec<u32>>,
    /// Samples used.
    pub(crate) samples: usize,
    /// Number of principal components that replaced the features; `None` if there are few enough
    /// features.
    pub(crate) components: Option<usize>,
    /// The penalty: 1/C in scikit-learn's terms.
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
        let drawn = Drawn::new(labeled, features.ncols());
        let count = labeled.counts().len();
        let training = Training {
            features: features.select(Axis(0), &drawn.samples),
            classes: drawn
                .samples
                .iter()
                .map(|&i| labeled.indices()[i])
                .collect(),
            count,
            scale: if components.is_none() {
                Scale::Each
            } else {
                Scale::Largest
            },
        };
        let mut confusion = vec![vec![0_u32; count]; count];
        for fold in 0..FOLDS {
            let (held, kept) = drawn.split(fold);
            let predictions = training.predict(&kept, &held, execution)?;
            for (&i, predicted) in held.iter().zip(predictions) {
                confusion[usize::from(training.classes[i])][predicted] += 1;
            }
        }
        Ok(Some(Self {
            confusion,
            samples: drawn.samples.len(),
            components,
            penalty: 1.0,
        }))
    }
}

/// How columns are scaled.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scale {
    /// Each by its own standard deviation.
    Each,
    /// All by the largest standard deviation.
    Largest,
}

/// The samples used, ascending, and their folds.
struct Drawn {
    samples: Vec<usize>,
    folds: Vec<usize>,
}

impl Drawn {
    fn new(labeled: &Labeled, d: usize) -> Self {
        let occupied = labeled.occupied();
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
            shuffle(&mut of_class, |n| random.next_u64() % n);
            let wanted = (share * of_class.len() as f64).ceil() as usize;
            of_class.truncate(wanted.max(FEWEST));
            for i in of_class {
                taken.push((i, next % FOLDS));
                next += 1;
            }
        }
        taken.sort_unstable();
        let (samples, folds) = taken.into_iter().unzip();
        Self { samples, folds }
    }

    /// The samples of a fold, and all others, as positions among the samples used.
    fn split(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.folds.len()).partition(|&i| self.folds[i] == fold)
    }
}

/// The samples that regressions are fitted to and that they predict.
struct Training {
    features: Array2<f32>,
    classes: Vec<u16>,
    /// Number of classes.
    count: usize,
    scale: Scale,
}

impl Training {
    /// The classes of the held-out samples as predicted by a regression on the kept ones.
    fn predict(
        &self,
        kept: &[usize],
        held: &[usize],
        progress: &dyn Progress,
    ) -> Result<Vec<usize>> {
        let features = self.features.view();
        let problem = Problem::new(features, &self.classes, self.count, kept, self.scale);
        let weights = problem.solve(None, MOST_ITERATIONS, progress)?;
        let scores = problem.scores(problem.standardized(features, held).view(), &weights);
        Ok(scores.outer_iter().map(argmax).collect())
    }
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
    /// Share ε of the labels that is assumed to be noise: the loss of a sample is −ln((1 − ε) q +
    /// ε/C), which bounds the influence of a single label. 0 is the usual loss.
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
        // A class without a sample in the training folds is not predicted.
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

    /// Scores of rows (n × C); −∞ for a class without training samples.
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
    fn evaluate(&self, weights: &Weights) -> Value<Ix2> {
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
        Value {
            value: loss / n,
            gradient: gradient / n,
        }
    }

    /// The minimum, searched from `start` or from 0.
    pub(crate) fn solve(
        &self,
        start: Option<Weights>,
        iterations: usize,
        progress: &dyn Progress,
    ) -> Result<Weights> {
        let start =
            start.unwrap_or_else(|| Weights::zeros((self.x.ncols() + 1, self.present.len())));
        let limits = Limits {
            iterations,
            gradient: GRADIENT,
        };
        lbfgs(start, limits, progress, |weights| self.evaluate(weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Dataset, Labels};
    use crate::progress::Silent;

    #[test]
    fn predictions_are_scikit_learns_on_the_same_folds() {
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
            let training = Training {
                features: data.features().to_owned(),
                classes: labels.to_vec(),
                count: 10,
                scale: Scale::Each,
            };
            let mut different = 0;
            for fold in 0..FOLDS {
                let (held, kept): (Vec<usize>, Vec<usize>) =
                    (0..folds.len()).partition(|&i| folds[i] == fold);
                let predictions = training.predict(&kept, &held, &Silent);
                let pairs = held.iter().zip(predictions.unwrap());
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
        let Drawn { samples, folds } = Drawn::new(&labeled, 200_000);
        assert!(samples.len() < 200, "{}", samples.len());
        assert_eq!(samples.iter().filter(|&&i| labels[i] == 1).count(), 10);
        assert!(samples.contains(&7));
        for fold in 0..FOLDS {
            let members = samples
                .iter()
                .zip(&folds)
                .filter(|(i, f)| **f == fold && labels[**i] == 1);
            assert_eq!(members.count(), 2);
        }
    }

    #[test]
    fn a_lone_sample_is_predicted_wrong_without_a_panic() {
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
