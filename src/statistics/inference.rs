//! Intervals and tests behind the figures: each a few lines, with its source.
//!
//! In: counts, shares, p-values. Out: [`Uncertain`] values and corrected decisions. Intervals
//! are of 95 %. Shares have Wilson's (1927), which holds near 0 and 1 and for few samples, where
//! the normal one does not; means have the normal one.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Gamma, Hypergeometric, Normal};

/// Half the width of a 95 % interval, in standard errors.
pub(crate) const NORMAL_95: f64 = 1.959_963_984_540_054;

/// Standard errors below this are those of figures that are all the same, but for rounding.
pub(crate) const SAME: f64 = 1e-7;

/// A figure with its uncertainty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// The figure.
    pub value: f64,
    /// Its standard error; `None` where one sample tells none.
    pub standard_error: Option<f64>,
    /// Lower end of the 95 % interval; `None` without a standard error.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
}

impl Uncertain {
    /// A share of `n` samples, `hits` of which count (halves are allowed), with Wilson's interval.
    ///
    /// ```
    /// let share = disentangle::statistics::Uncertain::share(18.0, 20);
    /// assert!((share.low.unwrap() - 0.6990).abs() < 1e-4);
    /// assert!((share.high.unwrap() - 0.9721).abs() < 1e-4);
    /// ```
    pub fn share(hits: f64, n: usize) -> Self {
        let size = n as f64;
        let value = if n == 0 { 0.0 } else { hits / size };
        let (low, high) = wilson(hits, n);
        Self {
            value,
            standard_error: (n > 0).then(|| (value * (1.0 - value) / size).max(0.0).sqrt()),
            low: Some(low),
            high: Some(high),
        }
    }

    /// A figure with a standard error and the normal interval.
    pub fn normal(value: f64, standard_error: Option<f64>) -> Self {
        let standard_error = standard_error.filter(|e| e.is_finite());
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

    /// The mean of `n` shares, with its standard error: a normal interval within 0 and 1. Shares that are all
    /// the same would be certain by that, however few: they tell no more than as many samples that count
    /// or do not, so theirs is Wilson's interval.
    pub(crate) fn mean_share(value: f64, standard_error: Option<f64>, n: usize) -> Self {
        let mean = Self::normal(value, standard_error);
        let (low, high) = match mean.standard_error {
            Some(error) if error < SAME => wilson(value * n as f64, n),
            _ => (
                mean.low.map_or(0.0, |low| low.max(0.0)),
                mean.high.map_or(1.0, |high| high.min(1.0)),
            ),
        };
        Self {
            low: mean.low.map(|_| low),
            high: mean.high.map(|_| high),
            ..mean
        }
    }

    /// The mean of independent figures, each counting alike. Its interval follows from theirs (MOVER: Zou &
    /// Donner 2008), so that parts without an error of their own, as a recall of 100 %, do not make the mean
    /// certain.
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

    /// How far the 95 % interval reaches from the figure, to its further end.
    pub(crate) fn reach(&self) -> Option<f64> {
        let (low, high) = self.low.zip(self.high)?;
        Some((self.value - low).max(high - self.value))
    }
}

/// Wilson's 95 % interval of a share: `hits` of `n`; (0, 1) for no samples.
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

/// P-values adjusted by Benjamini & Hochberg (1995): those at most q make a false discovery rate
/// of q. In the order of the input.
pub(crate) fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]).then(a.cmp(&b)));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * p.len() as f64 / (rank + 1) as f64);
        adjusted[i] = least;
    }
    adjusted
}

/// Share of a standard normal beyond z.
pub(crate) fn normal_tail(z: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(1.0, |n| n.sf(z))
}

/// Probability that a count reaches `found`, by the gamma distribution with its mean and variance.
/// Counts of few expected events lean to the right, for which a normal tail is too light and this
/// one too heavy; 1 below the mean.
pub(crate) fn gamma_tail(found: f64, mean: f64, variance: f64) -> f64 {
    if !(variance > 0.0 && mean > 0.0 && found > mean) {
        return 1.0;
    }
    Gamma::new(mean * mean / variance, mean / variance).map_or(1.0, |g| g.sf(found))
}

/// Probability of at least `hits` of `n` if each has probability `p`.
pub(crate) fn binomial_tail(hits: u64, n: u64, p: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    Binomial::new(p, n).map_or(1.0, |b| b.sf(hits - 1))
}

/// Fisher's exact test, one-sided: the probability that at least `hits` of `drawn` samples are
/// among the `marked` of `n`, if drawn at random.
pub(crate) fn hypergeometric_tail(hits: u64, n: u64, marked: u64, drawn: u64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    Hypergeometric::new(n, marked, drawn).map_or(1.0, |h| h.sf(hits - 1))
}

/// P-value of at least `matches` agreements between labels and predictions, if the predictions
/// were dealt to the samples at random: normal approximation with the exact mean and variance of
/// that deal (the permutation distribution of Cohen's kappa). `counts` are the sizes of the
/// classes and `predicted` how often each is predicted.
pub(crate) fn agreement_tail(matches: f64, counts: &[usize], predicted: &[usize]) -> f64 {
    let n: usize = counts.iter().sum();
    if n < 2 {
        return 1.0;
    }
    let size = n as f64;
    let (mut both, mut rows, mut columns) = (0.0, 0.0, 0.0);
    for (&c, &p) in counts.iter().zip(predicted) {
        let (c, p) = (c as f64, p as f64);
        both += c * p;
        rows += c * p * p;
        columns += p * c * c;
    }
    let variance = (both - (rows + columns) / size + (both / size).powi(2)) / (size - 1.0);
    if variance <= 0.0 {
        return 1.0;
    }
    // Half a count is taken off: the number of agreements is whole.
    normal_tail((matches - 0.5 - both / size) / variance.sqrt())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn near(ours: f64, theirs: f64) {
        assert!(
            (ours - theirs).abs() < 1e-9 * theirs.abs().max(1e-3),
            "{ours} {theirs}"
        );
    }

    #[test]
    fn tests_and_intervals_are_scipys() {
        let text = std::fs::read_to_string("fixtures/golden/separation.json").unwrap();
        let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows = |key: &str| -> Vec<Vec<f64>> {
            serde_json::from_value(golden["tests"][key].clone()).unwrap()
        };
        for row in rows("wilson") {
            let (low, high) = wilson(row[0], row[1] as usize);
            near(low, row[2]);
            near(high, row[3]);
        }
        for row in rows("binomial_tail") {
            near(binomial_tail(row[0] as u64, row[1] as u64, row[2]), row[3]);
        }
        for row in rows("hypergeometric_tail") {
            let [h, n, m, d] = [row[0] as u64, row[1] as u64, row[2] as u64, row[3] as u64];
            near(hypergeometric_tail(h, n, m, d), row[4]);
        }
        for row in rows("normal_tail") {
            near(normal_tail(row[0]), row[1]);
        }
        for row in rows("gamma_tail") {
            near(gamma_tail(row[0], row[1], row[2]), row[3]);
        }
        let bh = &golden["tests"]["benjamini_hochberg"];
        let list = |key: &str| -> Vec<f64> { serde_json::from_value(bh[key].clone()).unwrap() };
        for (ours, theirs) in benjamini_hochberg(&list("p")).iter().zip(list("adjusted")) {
            near(*ours, theirs);
        }
    }

    #[test]
    fn an_agreement_is_dealt_as_permutations_deal_it() {
        // All 6 orders of the predictions 0 0 1 against the labels 0 1 1: 2, 2, 0 agreements are
        // not in question; the mean is (1·2 + 2·1)/3 and the variance follows from them.
        let orders = [[0, 0, 1], [0, 1, 0], [1, 0, 0]];
        let labels = [0, 1, 1];
        let matches: Vec<f64> = (orders.iter())
            .map(|o| o.iter().zip(&labels).filter(|(a, b)| a == b).count() as f64)
            .collect();
        let mean = matches.iter().sum::<f64>() / 3.0;
        let variance = matches.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 3.0;
        let expected = normal_tail((2.0 - 0.5 - mean) / variance.sqrt());
        near(agreement_tail(2.0, &[1, 2], &[2, 1]), expected);
    }

    #[test]
    fn a_balanced_mean_adds_the_variances() {
        let parts = [
            Uncertain::normal(1.0, Some(3.0)),
            Uncertain::normal(2.0, Some(4.0)),
        ];
        let mean = Uncertain::balanced(&parts).unwrap();
        near(mean.value, 1.5);
        near(mean.standard_error.unwrap(), 2.5);
        assert_eq!(Uncertain::balanced(&[]), None);
        near(mean.low.unwrap(), 1.5 - NORMAL_95 * 2.5);
        near(mean.high.unwrap(), 1.5 + NORMAL_95 * 2.5);
        let alone = [Uncertain::normal(1.0, None)];
        assert_eq!(Uncertain::balanced(&alone).unwrap().low, None);
    }

    #[test]
    fn figures_that_are_all_the_same_are_not_certain() {
        // Both classes of ten are all right: each may be as low as 72 %.
        let all = Uncertain::share(10.0, 10);
        near(all.low.unwrap(), 1.0 / (1.0 + NORMAL_95 * NORMAL_95 / 10.0));
        let mean = Uncertain::balanced(&[all, all]).unwrap();
        near(
            mean.low.unwrap(),
            1.0 - (1.0 - all.low.unwrap()) / 2.0_f64.sqrt(),
        );
        near(mean.high.unwrap(), 1.0);
        near(mean.reach().unwrap(), 1.0 - mean.low.unwrap());
        // Ten shares of 0.9 each, whose variance is one of rounding.
        let squares: f64 = (0..10).map(|_| 0.9 * 0.9).sum();
        let same = Uncertain::mean(9.0, squares, 10);
        let same = Uncertain::mean_share(same.value, same.standard_error, 10);
        let (low, high) = wilson(9.0, 10);
        near(same.low.unwrap(), low);
        near(same.high.unwrap(), high);
        // Others have the normal interval, cut at 1.
        let most = Uncertain::mean_share(0.95, Some(0.05), 10);
        near(most.low.unwrap(), 0.95 - 0.05 * NORMAL_95);
        assert_eq!(most.high, Some(1.0));
        assert_eq!(Uncertain::mean_share(1.0, None, 1).low, None);
    }

    #[test]
    fn nothing_to_count_is_no_evidence() {
        assert_eq!(wilson(0.0, 0), (0.0, 1.0));
        near(binomial_tail(0, 10, 0.1), 1.0);
        near(hypergeometric_tail(0, 10, 3, 4), 1.0);
        near(agreement_tail(1.0, &[1], &[1]), 1.0);
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
