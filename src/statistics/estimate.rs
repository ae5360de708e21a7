//! The one type for a value with its uncertainty: [`Estimate`].
//!
//! All intervals are 95% intervals. Shares have Wilson's (1927), which also holds near 0 and 1 and
//! for few samples, where the normal one does not. Means have the normal interval, everything else
//! quantiles of draws. An interval that says nothing is not defined ([`meaningful`]).

use std::f64::consts::SQRT_2;

use serde::{Deserialize, Serialize};

/// Half the width of a 95% interval, in standard errors.
pub(crate) const NORMAL_95: f64 = 1.959_963_984_540_054;

/// A smaller standard error means that all values are equal, up to rounding.
pub(crate) const SAME: f64 = 1e-7;

/// A value with its 95% interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error; `None` if the interval was not computed from one, or there is none.
    #[serde(default)]
    pub standard_error: Option<f64>,
    /// Lower end of the 95% interval; `None` if the value is exact, or a single sample leaves the
    /// interval unknown.
    pub low: Option<f64>,
    /// Upper end of the 95% interval.
    pub high: Option<f64>,
}

impl Estimate {
    /// An exact value.
    pub fn exact(value: f64) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }

    /// A value and its interval.
    pub(crate) fn within(value: f64, (low, high): (f64, f64)) -> Self {
        Self {
            value,
            standard_error: None,
            low: Some(low),
            high: Some(high),
        }
    }

    /// A value and half the width of its interval.
    pub(crate) fn around(value: f64, half: f64) -> Self {
        Self::within(value, (value - half, value + half))
    }

    /// A value with the 2.5% and 97.5% quantiles of draws.
    pub(crate) fn from_draws(value: f64, mut draws: Vec<f64>) -> Self {
        draws.sort_by(f64::total_cmp);
        let at = |share: f64| {
            // Linear between the order statistics.
            let place = share * draws.len().saturating_sub(1) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            match (draws.get(below), draws.get(above)) {
                (Some(a), Some(b)) => a + (b - a) * place.fract(),
                _ => value,
            }
        };
        Self::within(value, (at(0.025), at(0.975)))
    }

    /// The estimate times a positive factor.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            value: factor * self.value,
            standard_error: self.standard_error.map(|e| factor * e),
            low: self.low.map(|low| factor * low),
            high: self.high.map(|high| factor * high),
        }
    }

    /// The estimate with the opposite sign.
    pub(crate) fn negated(self) -> Self {
        Self {
            value: -self.value,
            low: self.high.map(|high| -high),
            high: self.low.map(|low| -low),
            ..self
        }
    }

    /// The share `hits`/`n`, with Wilson's interval; `hits` may be half of a whole number.
    ///
    /// ```
    /// let share = disentangle::statistics::Estimate::share(18.0, 20);
    /// assert!((share.low.unwrap() - 0.6990).abs() < 1e-4);
    /// assert!((share.high.unwrap() - 0.9721).abs() < 1e-4);
    /// ```
    pub fn share(hits: f64, n: usize) -> Self {
        let size = n as f64;
        let value = if n == 0 { 0.0 } else { hits / size };
        Self {
            standard_error: (n > 0).then(|| (value * (1.0 - value) / size).max(0.0).sqrt()),
            ..Self::within(value, wilson(hits, n))
        }
    }

    /// The mean of the shares of two classes.
    pub(crate) fn mean_of_two(hits: (f64, f64), sizes: (usize, usize)) -> Self {
        let first = Self::share(hits.0, sizes.0);
        let second = Self::share(hits.1, sizes.1);
        let value = 0.5 * (first.value + second.value);
        let error = first.standard_error.zip(second.standard_error);
        // Wilson's interval of a share with the same standard error has about this many samples.
        let harmonic = 4.0 / (1.0 / sizes.0.max(1) as f64 + 1.0 / sizes.1.max(1) as f64);
        let samples = (harmonic.floor() as usize).max(1);
        Self {
            value,
            standard_error: error.map(|(a, b)| 0.5 * a.hypot(b)),
            ..Self::share(value * samples as f64, samples)
        }
    }

    /// The mean of `n` probabilities, from the sums of their lower bounds, of themselves and of their
    /// upper bounds. Its ends are those of Wilson's intervals around the means of the bounds.
    pub(crate) fn mean_probability((low, value, high): (f64, f64, f64), n: usize) -> Self {
        Self::within(value / n as f64, (wilson(low, n).0, wilson(high, n).1))
    }

    /// The mean of values of neighbors, which depend on each other where arcs go both ways: its
    /// interval is the normal one times √2.
    pub(crate) fn of_neighbors(mean: f64, standard_error: f64) -> Self {
        Self::around(mean, NORMAL_95 * SQRT_2 * standard_error)
    }

    /// A value with a standard error and the normal interval; without both where the error says
    /// nothing.
    pub fn normal(value: f64, standard_error: Option<f64>) -> Self {
        let standard_error = standard_error.filter(|e| meaningful(value, *e));
        Self {
            value,
            standard_error,
            low: standard_error.map(|e| value - NORMAL_95 * e),
            high: standard_error.map(|e| value + NORMAL_95 * e),
        }
    }

    /// The mean of `n` values from their sum and sum of squares.
    pub(crate) fn mean(sum: f64, squares: f64, n: usize) -> Self {
        let size = n as f64;
        let mean = sum / size;
        let error = (n > 1).then(|| {
            let variance = ((squares - size * mean * mean) / (size - 1.0)).max(0.0);
            (variance / size).sqrt()
        });
        Self::normal(mean, error)
    }

    /// The mean of `n` shares, with its standard error: a normal interval, cut at 0 and at `most`, the
    /// largest share that is possible. If all shares are equal, the normal interval has no width,
    /// however few they are; then Wilson's interval for `n` samples is used.
    pub(crate) fn mean_share(value: f64, standard_error: Option<f64>, n: usize, most: f64) -> Self {
        let mean = Self::normal(value, standard_error);
        let (low, high) = match mean.standard_error {
            Some(error) if error < SAME && most > 0.0 => {
                let (low, high) = wilson(value / most * n as f64, n);
                (low * most, high * most)
            }
            _ => (
                mean.low.map_or(0.0, |low| low.max(0.0)),
                mean.high.map_or(most, |high| high.min(most)),
            ),
        };
        Self {
            low: mean.low.map(|_| low),
            high: mean.high.map(|_| high),
            ..mean
        }
    }

    /// The mean of independent estimates with equal weights. Its interval follows from theirs
    /// (MOVER: Zou & Donner 2008), so that parts without a standard error, such as a recall of
    /// 100%, do not make the mean look certain.
    pub(crate) fn balanced(parts: &[Self]) -> Option<Self> {
        if parts.is_empty() {
            return None;
        }
        let size = parts.len() as f64;
        let mean = parts.iter().map(|p| p.value).sum::<f64>() / size;
        let together = |of: fn(&Self) -> Option<f64>| {
            let squares = parts.iter().map(|p| of(p).map(|v| v * v));
            squares.sum::<Option<f64>>().map(|s| s.sqrt() / size)
        };
        Some(Self {
            value: mean,
            standard_error: together(|p| p.standard_error),
            low: together(|p| p.low.map(|low| p.value - low)).map(|reach| mean - reach),
            high: together(|p| p.high.map(|high| high - p.value)).map(|reach| mean + reach),
        })
    }

    /// Both ends of the 95% interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }

    /// The distance from the value to the farther end of the 95% interval, printed after "±".
    pub fn margin(&self) -> Option<f64> {
        let (low, high) = self.interval()?;
        Some((self.value - low).max(high - self.value))
    }
}

/// Whether a standard error says anything about a value. A share, a silhouette or an R² lies within 1 of
/// any other, and a ratio whose error exceeds it has a denominator that cannot be told from 0, so that
/// neither its error nor a normal interval is an approximation of anything.
fn meaningful(value: f64, standard_error: f64) -> bool {
    standard_error <= value.abs().max(1.0)
}

/// The jackknife standard error of a value, from the values that leave out one group of samples
/// each; `None` for fewer than two groups.
pub(crate) fn jackknife(without: &[f64]) -> Option<f64> {
    if without.len() < 2 {
        return None;
    }
    let groups = without.len() as f64;
    let mean = without.iter().sum::<f64>() / groups;
    let squares: f64 = without.iter().map(|v| (v - mean).powi(2)).sum();
    Some(((groups - 1.0) / groups * squares).sqrt())
}

/// Lower end of the 95% interval of each class's recall less the share of the others that are taken for it
/// (Youden's J).
pub(crate) fn informedness(confusion: &[Vec<u32>]) -> Vec<f64> {
    let sum = |values: &mut dyn Iterator<Item = u32>| values.map(|v| v as usize).sum::<usize>();
    let sizes: Vec<usize> = (confusion.iter())
        .map(|row| sum(&mut row.iter().copied()))
        .collect();
    let all: usize = sizes.iter().sum();
    let of_class = |c: usize| {
        let right = confusion[c][c];
        let taken = sum(&mut confusion.iter().map(|row| row[c]));
        let recall = Estimate::share(f64::from(right), sizes[c]);
        let alarms = Estimate::share((taken - right as usize) as f64, all - sizes[c]);
        // Each share's distance to the end of its own interval, added as independent errors are
        // (Newcombe 1998).
        let below = recall.value - recall.low.unwrap_or(0.0);
        let above = alarms.high.unwrap_or(1.0) - alarms.value;
        recall.value - alarms.value - below.hypot(above)
    };
    (0..confusion.len()).map(of_class).collect()
}

/// Wilson's 95% interval of a share: `hits` of `n`; (0, 1) for no samples.
pub(crate) fn wilson(hits: f64, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, z2) = (n as f64, NORMAL_95 * NORMAL_95);
    let p = hits / n;
    let center = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half =
        NORMAL_95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).max(0.0).sqrt();
    ((center - half).max(0.0), (center + half).min(1.0))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn near(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }

    #[test]
    fn a_balanced_mean_adds_the_variances() {
        let parts = [
            Estimate::normal(10.0, Some(3.0)),
            Estimate::normal(20.0, Some(4.0)),
        ];
        let mean = Estimate::balanced(&parts).unwrap();
        near(mean.value, 15.0);
        near(mean.standard_error.unwrap(), 2.5);
        assert_eq!(Estimate::balanced(&[]), None);
        near(mean.low.unwrap(), 15.0 - NORMAL_95 * 2.5);
        near(mean.high.unwrap(), 15.0 + NORMAL_95 * 2.5);
        let alone = [Estimate::normal(1.0, None)];
        assert_eq!(Estimate::balanced(&alone).unwrap().low, None);
    }

    #[test]
    fn an_error_that_says_nothing_is_not_given() {
        for (value, error) in [(0.5, 16_314_707.0), (-0.2, f64::NAN), (3.0, 3.5)] {
            let figure = Estimate::normal(value, Some(error));
            assert_eq!((figure.value, figure.standard_error), (value, None));
            assert_eq!((figure.low, figure.high), (None, None));
        }
        assert_eq!(Estimate::normal(0.0, Some(0.9)).standard_error, Some(0.9));
        assert_eq!(
            Estimate::normal(40.0, Some(30.0)).standard_error,
            Some(30.0)
        );
    }

    #[test]
    fn figures_that_are_all_the_same_are_not_certain() {
        // All ten samples of both classes are right: each recall may be as low as 72%.
        let all = Estimate::share(10.0, 10);
        near(all.low.unwrap(), 1.0 / (1.0 + NORMAL_95 * NORMAL_95 / 10.0));
        let mean = Estimate::balanced(&[all, all]).unwrap();
        near(
            mean.low.unwrap(),
            1.0 - (1.0 - all.low.unwrap()) / 2.0_f64.sqrt(),
        );
        near(mean.high.unwrap(), 1.0);
        near(mean.margin().unwrap(), 1.0 - mean.low.unwrap());
        // Ten shares of 0.9 each: their variance is rounding error.
        let squares: f64 = (0..10).map(|_| 0.9 * 0.9).sum();
        let same = Estimate::mean(9.0, squares, 10);
        let same = Estimate::mean_share(same.value, same.standard_error, 10, 1.0);
        let (low, high) = wilson(9.0, 10);
        near(same.low.unwrap(), low);
        near(same.high.unwrap(), high);
        // Others have the normal interval, cut at 1.
        let most = Estimate::mean_share(0.95, Some(0.05), 10, 1.0);
        near(most.low.unwrap(), 0.95 - 0.05 * NORMAL_95);
        assert_eq!(most.high, Some(1.0));
        assert_eq!(Estimate::mean_share(1.0, None, 1, 1.0).low, None);
        // Six times one half, where more is not possible.
        let reached = Estimate::mean_share(0.5, Some(0.0), 6, 0.5);
        near(reached.low.unwrap(), 0.5 * wilson(6.0, 6).0);
        near(reached.high.unwrap(), 0.5);
    }
}
