//! The bootstrap over samples, for many statistics and their differences at once.
//!
//! In: per-sample values of several statistics (hits, losses, right or wrong), all of the same
//! samples. Out: intervals and p-values of class means, of their balanced mean, and of differences
//! between two statistics. Samples are drawn with replacement within each class, since the sizes of
//! the classes are given (Efron & Tibshirani 1993, stratified). All statistics use the same draws,
//! so that differences are paired. Costs replicates × n × statistics additions, with replicates in
//! parallel.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::Estimate;

/// Up to this many additions, all replicates are drawn.
const MOST_WORK: f64 = 6e9;
/// Fewest replicates.
const FEWEST: usize = 200;
/// Classes with fewer samples have intervals, but no test by a standard error.
const FEWEST_FOR_TEST: usize = 10;

/// A difference between two statistics of the same samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The second minus the first, with its interval.
    pub difference: Estimate,
    /// Two-sided p-value; `None` if there are too few samples.
    pub p: Option<f64>,
    /// The p-value adjusted for all tests of its family (Benjamini & Hochberg 1995).
    pub p_adjusted: Option<f64>,
    /// Whether the difference is shown: by the adjusted p-value and by its size.
    pub shown: bool,
}

/// One value per sample, and whether it depends on the sample's neighbors.
///
/// If it does, the values of nearby samples are correlated: an arc that goes both ways counts for
/// two samples. Under random labels the variance of the mean is then up to twice as large (1 plus
/// the share of such arcs), so all deviations are multiplied by √2.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) values: &'a [f32],
    pub(super) of_neighbors: bool,
}

impl Values<'_> {
    fn factor(&self) -> f64 {
        if self.of_neighbors {
            std::f64::consts::SQRT_2
        } else {
            1.0
        }
    }
}

/// What a mean is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The samples of one class.
    Class(usize),
    /// The classes, with equal weights.
    Classes,
    /// All samples.
    Samples,
}

/// Class means of every statistic in every replicate.
pub(super) struct Resampled {
    figures: usize,
    /// Factor on the deviations of each statistic.
    factors: Vec<f64>,
    counts: Vec<usize>,
    /// The means of the samples themselves (statistics × classes).
    means: Vec<f64>,
    /// The means of the replicates (replicates × statistics × classes).
    drawn: Vec<f64>,
}

impl Resampled {
    /// Draws the replicates. Each statistic has one value per sample.
    pub(super) fn new(
        figures: &[Values<'_>],
        classes: &[u16],
        counts: &[usize],
        replicates: usize,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (n, f) = (classes.len(), figures.len());
        // Values of all statistics, one row per sample, sorted by class.
        let mut starts = vec![0; counts.len() + 1];
        for (class, &count) in counts.iter().enumerate() {
            starts[class + 1] = starts[class] + count;
        }
        let mut next = starts.clone();
        let mut rows = vec![0_f32; n * f];
        for (sample, &class) in classes.iter().enumerate() {
            let at = next[usize::from(class)];
            next[usize::from(class)] += 1;
            for (slot, figure) in rows[at * f..(at + 1) * f].iter_mut().zip(figures) {
                *slot = figure.values[sample];
            }
        }
        let work = (n * f) as f64;
        let affordable = (MOST_WORK / work.max(1.0)) as usize;
        let replicates = replicates.min(affordable.max(FEWEST));
        let means = class_means(f, &starts, &rows, |at, _| at);
        let drawn: Result<Vec<Vec<f64>>> = (0..replicates)
            .into_par_iter()
            .map(|replicate| {
                check(progress)?;
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(replicate as u64);
                Ok(class_means(f, &starts, &rows, |_, (start, count)| {
                    // The bias of this is below 2⁻³² × count.
                    let drawn = (u64::from(rng.next_u32()) * count as u64) >> 32;
                    start + drawn as usize
                }))
            })
            .collect();
        Ok(Self {
            figures: f,
            factors: figures.iter().map(Values::factor).collect(),
            counts: counts.to_vec(),
            means,
            drawn: drawn?.concat(),
        })
    }

    /// Number of samples that a mean is over.
    fn samples(&self, over: Over) -> usize {
        match over {
            Over::Class(class) => self.counts[class],
            Over::Classes | Over::Samples => self.counts.iter().sum(),
        }
    }

    /// The mean of a linear combination of statistics, for the samples themselves and in every
    /// replicate.
    fn values(&self, terms: &[(usize, f64)], over: Over) -> (f64, Vec<f64>) {
        let c = self.counts.len();
        let occupied: Vec<usize> = (0..c).filter(|&c| self.counts[c] > 0).collect();
        let samples = self.samples(Over::Samples).max(1);
        let of = |means: &[f64]| -> f64 {
            let at = |class: usize| -> f64 {
                terms.iter().map(|&(f, w)| w * means[f * c + class]).sum()
            };
            let all = occupied.iter();
            match over {
                Over::Class(class) => at(class),
                Over::Classes => all.map(|&c| at(c)).sum::<f64>() / occupied.len().max(1) as f64,
                Over::Samples => {
                    let sum: f64 = all.map(|&c| self.counts[c] as f64 * at(c)).sum();
                    sum / samples as f64
                }
            }
        };
        let size = self.figures * c;
        let value = of(&self.means);
        let factors = terms.iter().map(|t| self.factors[t.0]);
        let factor = factors.fold(1.0, f64::max);
        let away = |means: &[f64]| value + factor * (of(means) - value);
        let drawn = self.drawn.chunks_exact(size.max(1)).map(away).collect();
        (value, drawn)
    }

    /// Mean of a statistic with a 95% interval; `None` without samples.
    pub(super) fn mean(&self, figure: usize, over: Over) -> Option<Estimate> {
        if self.samples(over) == 0 {
            return None;
        }
        let (value, drawn) = self.values(&[(figure, 1.0)], over);
        Some(Estimate::from_draws(value, drawn))
    }

    /// The second statistic's mean minus the first's; `None` without samples. The p-value is that
    /// of the difference divided by its bootstrap standard error, because percentiles are too
    /// coarse to be adjusted for many tests.
    pub(super) fn change(&self, first: usize, second: usize, over: Over) -> Option<Change> {
        let smallest = self.samples(over);
        if smallest == 0 {
            return None;
        }
        let (value, drawn) = self.values(&[(second, 1.0), (first, -1.0)], over);
        let b = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / b;
        let variance = drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (b - 1.0).max(1.0);
        let p = (smallest >= FEWEST_FOR_TEST).then(|| two_sided(value, variance.sqrt()));
        Some(Change {
            difference: Estimate::from_draws(value, drawn),
            p,
            p_adjusted: None,
            shown: false,
        })
    }
}

/// Two-sided p-value of a difference that is normal with this standard error.
pub(super) fn two_sided(difference: f64, standard_error: f64) -> f64 {
    // Without any variation there are too few distinct values for a test.
    if difference.abs() < 1e-12 || standard_error <= 0.0 {
        return 1.0;
    }
    let z = difference.abs() / standard_error;
    Normal::standard().sf(z) * 2.0
}

/// Means of every statistic by class (statistics × classes), over the rows that `choose` picks.
fn class_means(
    figures: usize,
    starts: &[usize],
    rows: &[f32],
    mut choose: impl FnMut(usize, (usize, usize)) -> usize,
) -> Vec<f64> {
    let classes = starts.len() - 1;
    let mut means = vec![0.0; figures * classes];
    let mut sums = vec![0.0_f64; figures];
    for class in 0..classes {
        let (start, end) = (starts[class], starts[class + 1]);
        sums.fill(0.0);
        for at in start..end {
            let row = choose(at, (start, end - start));
            let values = &rows[row * figures..(row + 1) * figures];
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += f64::from(value);
            }
        }
        for (figure, sum) in sums.iter().enumerate() {
            means[figure * classes + class] = sum / (end - start).max(1) as f64;
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    /// Two statistics of two classes; the second is higher by a constant in the second class.
    fn example() -> (Vec<f32>, Vec<f32>, Vec<u16>) {
        let classes: Vec<u16> = (0..300).map(|i| u16::from(i >= 100)).collect();
        let first: Vec<f32> = (0..300).map(|i| (i * 7919 % 101) as f32 / 101.0).collect();
        let second = first.iter().zip(&classes);
        let second = second
            .enumerate()
            .map(|(i, (v, &c))| v + f32::from(c) * 0.2 + (i * 31 % 11) as f32 * 0.001)
            .collect();
        (first, second, classes)
    }

    fn own(values: &[f32]) -> Values<'_> {
        Values {
            values,
            of_neighbors: false,
        }
    }

    #[test]
    fn figures_of_neighbors_are_less_sure() {
        let (first, _, classes) = example();
        let near = Values {
            values: &first,
            of_neighbors: true,
        };
        let drawn =
            Resampled::new(&[own(&first), near], &classes, &[100, 200], 300, 7, &Silent).unwrap();
        let width = |figure: usize| {
            let mean = drawn.mean(figure, Over::Classes).unwrap();
            mean.high.unwrap() - mean.low.unwrap()
        };
        assert!((width(1) / width(0) - 2_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn intervals_are_those_of_means() {
        let (first, second, classes) = example();
        let drawn = Resampled::new(
            &[own(&first), own(&second)],
            &classes,
            &[100, 200],
            2000,
            7,
            &Silent,
        )
        .unwrap();
        let mean = drawn.mean(0, Over::Class(1)).unwrap();
        let values: Vec<f64> = first[100..].iter().map(|&v| f64::from(v)).collect();
        let expected = values.iter().sum::<f64>() / 200.0;
        let variance = values.iter().map(|v| (v - expected).powi(2)).sum::<f64>() / 199.0;
        let half = 1.96 * (variance / 200.0).sqrt();
        assert!((mean.value - expected).abs() < 1e-9);
        assert!((mean.high.unwrap() - mean.value - half).abs() < 0.15 * half);
        // The balanced mean gives both classes the same weight.
        let balanced = drawn.mean(0, Over::Classes).unwrap().value;
        let both = drawn.mean(0, Over::Class(0)).unwrap().value + mean.value;
        assert!((balanced - both / 2.0).abs() < 1e-12);
    }

    #[test]
    fn differences_are_paired() {
        let (first, second, classes) = example();
        let drawn = Resampled::new(
            &[own(&first), own(&second)],
            &classes,
            &[100, 200],
            500,
            7,
            &Silent,
        )
        .unwrap();
        let change = drawn.change(0, 1, Over::Class(1)).unwrap();
        assert!((change.difference.value - 0.205).abs() < 1e-3);
        // Far narrower than the intervals of the statistics themselves.
        assert!(change.difference.margin().unwrap() < 0.001);
        assert!(change.p.unwrap() < 1e-10);
        let same = drawn.change(0, 0, Over::Classes).unwrap();
        assert!((same.p.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_samples_have_no_test() {
        let values = [0.0, 1.0, 2.0];
        let other = [1.0, 2.0, 3.0];
        let drawn = Resampled::new(
            &[own(&values), own(&other)],
            &[0, 0, 0],
            &[3, 0],
            50,
            1,
            &Silent,
        )
        .unwrap();
        let change = drawn.change(0, 1, Over::Class(0)).unwrap();
        assert!((change.difference.value - 1.0).abs() < 1e-9 && change.p.is_none());
        assert!(drawn.mean(0, Over::Class(1)).is_none());
    }
}
