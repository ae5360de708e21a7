//! The geometry of the classes in a feature set: a second opinion, never a verdict.
//!
//! In: features and classes. Out: silhouettes by squared distances, class separation R², the ratio
//! of within to between class variance, and the mean CDNV. All of them rise or fall with how
//! tightly classes gather, which is not how well they can be told apart: from a penultimate layer to
//! its logits they improve while no classifier or neighbor does better. Sums over 20 groups of samples
//! give the jackknife behind the standard errors of the last three, and of their differences
//! between two sets. O(nd + nCd).
//!
//! Sources: silhouettes by squared distances as in Spark ML's clustering metrics; R² from cosine
//! distances, classes weighted alike (Kornblith et al. 2021, arXiv 2010.16402); the variance ratio
//! is the trace form of NC1 (Papyan, Han & Donoho 2020; Tirer et al. 2023); CDNV after Galanti,
//! György & Hutter 2021.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// Groups of the jackknife.
const GROUPS: usize = 20;
/// Rows of one task.
const ROWS: usize = 512;

/// Values with all samples, and without one group each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Jackknifed {
    pub(super) value: f64,
    pub(super) without: Vec<f64>,
}

impl Jackknifed {
    /// Standard error of the value.
    pub(super) fn standard_error(&self) -> f64 {
        spread(&self.without)
    }

    /// Another set's value minus this one's, and the standard error of that; both must be of the
    /// same samples.
    pub(super) fn until(&self, other: &Self) -> (f64, f64) {
        let pairs = self.without.iter().zip(&other.without);
        let differences: Vec<f64> = pairs.map(|(a, b)| b - a).collect();
        (other.value - self.value, spread(&differences))
    }
}

fn spread(without: &[f64]) -> f64 {
    let g = without.len() as f64;
    let mean = without.iter().sum::<f64>() / g.max(1.0);
    let squares: f64 = without.iter().map(|v| (v - mean).powi(2)).sum();
    ((g - 1.0) / g.max(1.0) * squares).max(0.0).sqrt()
}

/// The geometry of one feature set; `None` where it is not defined (one class, no variance).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Geometry {
    /// Silhouette by squared distances of each sample.
    pub(super) silhouettes: Option<Vec<f32>>,
    /// Class separation R².
    pub(super) r2: Option<Jackknifed>,
    /// tr Σ_W / tr Σ_B.
    pub(super) variance_ratio: Option<Jackknifed>,
    /// Mean CDNV over pairs of classes.
    pub(super) cdnv: Option<Jackknifed>,
}

/// Sums over some samples, by class.
#[derive(Clone)]
struct Sums {
    counts: Vec<f64>,
    /// Σ x (classes × d), x from the mean of all.
    sum: Array2<f64>,
    /// Σ |x|².
    squares: Vec<f64>,
    /// Σ x/|x| (classes × d), x as it is.
    units: Array2<f64>,
}

impl Sums {
    fn zero(classes: usize, d: usize) -> Self {
        Self {
            counts: vec![0.0; classes],
            sum: Array2::zeros((classes, d)),
            squares: vec![0.0; classes],
            units: Array2::zeros((classes, d)),
        }
    }

    fn combine(&mut self, other: &Self, sign: f64) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += sign * b;
        }
        for (a, b) in self.squares.iter_mut().zip(&other.squares) {
            *a += sign * b;
        }
        self.sum.scaled_add(sign, &other.sum);
        self.units.scaled_add(sign, &other.units);
    }

    fn occupied(&self) -> Vec<usize> {
        (0..self.counts.len())
            .filter(|&c| self.counts[c] > 0.5)
            .collect()
    }

    fn means(&self) -> Array2<f64> {
        let mut means = self.sum.clone();
        for (mut row, &count) in means.outer_iter_mut().zip(&self.counts) {
            row /= count.max(1.0);
        }
        means
    }

    /// Mean squared distance of a class's samples from its mean.
    fn variance(&self, class: usize, means: &Array2<f64>) -> f64 {
        let mean = means.row(class);
        (self.squares[class] / self.counts[class] - mean.dot(&mean)).max(0.0)
    }

    fn r2(&self) -> Option<f64> {
        let classes = self.occupied();
        let c = classes.len() as f64;
        let mut total = Array1::<f64>::zeros(self.units.ncols());
        let mut within = 0.0;
        for &class in &classes {
            let mean = &self.units.row(class) / self.counts[class];
            within += (1.0 - mean.dot(&mean)) / c;
            total.scaled_add(1.0 / c, &mean);
        }
        let total = 1.0 - total.dot(&total);
        (classes.len() > 1 && total > 0.0).then(|| 1.0 - within / total)
    }

    fn variance_ratio(&self) -> Option<f64> {
        let classes = self.occupied();
        let means = self.means();
        let n: f64 = self.counts.iter().sum();
        let within: f64 = classes
            .iter()
            .map(|&c| self.counts[c] / n * self.variance(c, &means))
            .sum();
        let center = means.select(Axis(0), &classes).mean_axis(Axis(0))?;
        let spread = |&c: &usize| {
            let away = &means.row(c) - &center;
            away.dot(&away)
        };
        let between = classes.iter().map(spread).sum::<f64>() / classes.len() as f64;
        (between > 0.0).then(|| within / between)
    }

    fn cdnv(&self) -> Option<f64> {
        let classes = self.occupied();
        let means = self.means();
        let variances: Vec<f64> = (0..self.counts.len())
            .map(|c| {
                if self.counts[c] > 0.5 {
                    self.variance(c, &means)
                } else {
                    0.0
                }
            })
            .collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        for (i, &a) in classes.iter().enumerate() {
            for &b in &classes[..i] {
                let apart = &means.row(a) - &means.row(b);
                sum += (variances[a] + variances[b]) / (2.0 * apart.dot(&apart));
                pairs += 1.0;
            }
        }
        let mean = sum / pairs;
        mean.is_finite().then_some(mean)
    }
}

/// The geometry of the classes.
pub(super) fn geometry(
    features: ArrayView2<'_, f32>,
    classes: &[u16],
    counts: &[usize],
) -> Geometry {
    let (n, d) = features.dim();
    let mut mean = Array1::<f64>::zeros(d);
    for row in features.outer_iter() {
        mean.zip_mut_with(&row, |m, &v| *m += f64::from(v) / n as f64);
    }
    let mut groups = vec![Sums::zero(counts.len(), d); GROUPS];
    groups.par_iter_mut().enumerate().for_each(|(g, sums)| {
        for i in (0..n).filter(|i| (i / 8) % GROUPS == g) {
            let class = usize::from(classes[i]);
            let row = features.row(i).mapv(f64::from);
            let norm = row.dot(&row).sqrt();
            if norm > 0.0 {
                sums.units.row_mut(class).scaled_add(1.0 / norm, &row);
            }
            let row = row - &mean;
            sums.counts[class] += 1.0;
            sums.squares[class] += row.dot(&row);
            sums.sum.row_mut(class).scaled_add(1.0, &row);
        }
    });
    let mut all = Sums::zero(counts.len(), d);
    for group in &groups {
        all.combine(group, 1.0);
    }
    let without: Vec<Sums> = groups
        .iter()
        .map(|group| {
            let mut rest = all.clone();
            rest.combine(group, -1.0);
            rest
        })
        .collect();
    let figure = |of: &dyn Fn(&Sums) -> Option<f64>| {
        let value = of(&all)?;
        // Where a class disappears with a group, the value of all stands in.
        let without = without.iter().map(|s| of(s).unwrap_or(value)).collect();
        Some(Jackknifed { value, without })
    };
    Geometry {
        silhouettes: silhouettes(features, &mean, classes, &all),
        r2: figure(&Sums::r2),
        variance_ratio: figure(&Sums::variance_ratio),
        cdnv: figure(&Sums::cdnv),
    }
}

/// The silhouette of each sample, with squared distances: the mean squared distance of x to the
/// samples of a class is |x|² + mean |y|² − 2 x·mean y.
fn silhouettes(
    features: ArrayView2<'_, f32>,
    mean: &Array1<f64>,
    classes: &[u16],
    all: &Sums,
) -> Option<Vec<f32>> {
    let occupied = all.occupied();
    if occupied.len() < 2 {
        return None;
    }
    let means = all.means();
    let tasks: Vec<Vec<f32>> = (0..features.nrows())
        .collect::<Vec<usize>>()
        .par_chunks(ROWS)
        .map(|rows| {
            let mut block = features.select(Axis(0), rows).mapv(f64::from);
            block -= mean;
            let products = block.dot(&means.t());
            let one = |(at, &sample): (usize, &usize)| {
                let own = usize::from(classes[sample]);
                let count = all.counts[own];
                if count < 1.5 {
                    return 0.0;
                }
                let norm = block.row(at).dot(&block.row(at));
                let distance =
                    |c: usize| norm + all.squares[c] / all.counts[c] - 2.0 * products[[at, c]];
                let a = (distance(own) * count / (count - 1.0)).max(0.0);
                let others = occupied.iter().filter(|&&c| c != own);
                let b = others
                    .map(|&c| distance(c))
                    .fold(f64::INFINITY, f64::min)
                    .max(0.0);
                let larger = a.max(b);
                if larger > 0.0 {
                    ((b - a) / larger) as f32
                } else {
                    0.0
                }
            };
            rows.iter().enumerate().map(one).collect()
        })
        .collect();
    Some(tasks.concat())
}
