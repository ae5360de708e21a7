//! How similar the errors of two classifiers are: measures of diversity (Kuncheva & Whitaker 2003).
//!
//! In: how many samples both got right, one of them, or none. Out: disagreement, double fault,
//! Yule's Q, correlation, Cohen's kappa of being right, and the accuracy of an oracle that picks
//! the right one, each with an interval (Kuncheva & Whitaker 2003, Machine Learning 51:181). The
//! intervals are percentiles of a bootstrap over samples; since only counts matter, a draw is one
//! from the multinomial distribution of the four shares, at no cost per sample.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Binomial, Distribution};
use serde::{Deserialize, Serialize};

use super::bits::Bits;
use crate::statistics::Estimate;

/// Samples by who got them right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Both.
    pub both: usize,
    /// The first alone.
    pub first_only: usize,
    /// The second alone.
    pub second_only: usize,
    /// Neither.
    pub neither: usize,
}

/// How similar the errors of two classifiers are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The counts that everything is computed from.
    pub outcomes: Outcomes,
    /// Share of samples that exactly one of them got right.
    pub disagreement: Estimate,
    /// Share of samples that both got wrong.
    pub double_fault: Estimate,
    /// Yule's Q, −1 to 1: negative if they err on different samples. `None` if undefined because of
    /// zero counts.
    pub q: Option<Estimate>,
    /// Correlation of being right (phi), −1 to 1; `None` if one of them is always right or wrong.
    pub correlation: Option<Estimate>,
    /// Cohen's kappa of being right; `None` if chance agreement is certain.
    pub kappa: Option<Estimate>,
    /// Share of samples that at least one of them got right.
    pub oracle: Estimate,
}

impl Outcomes {
    /// Counts of who got which samples right, among some of them.
    pub(super) fn of(first: &Bits, second: &Bits, among: &Bits) -> Self {
        let first_only = first.count_without(second, among);
        let second_only = second.count_without(first, among);
        let none = Bits::new(first.samples(), |_| false);
        let both = first.count_without(&none, among) - first_only;
        Self {
            both,
            first_only,
            second_only,
            neither: among.count() - both - first_only - second_only,
        }
    }

    /// The second's accuracy minus the first's, with a 95% bootstrap interval.
    pub(super) fn difference(self, replicates: usize, seed: u64) -> Estimate {
        let n = self.total().max(1) as f64;
        let of = |o: Self| (o.second_only as f64 - o.first_only as f64) / n;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let draws = (0..replicates)
            .map(|_| of(self.redrawn(&mut rng)))
            .collect();
        Estimate::from_draws(of(self), draws)
    }

    fn total(self) -> usize {
        self.both + self.first_only + self.second_only + self.neither
    }

    fn cells(self) -> [f64; 4] {
        [self.both, self.first_only, self.second_only, self.neither].map(|c| c as f64)
    }

    /// The same number of samples drawn with replacement.
    fn redrawn(self, rng: &mut ChaCha8Rng) -> Self {
        let mut left = self.total();
        let mut share = 1.0;
        let mut draw = |count: usize, of: usize| {
            let p = count as f64 / of.max(1) as f64;
            let p = if share > 0.0 { p / share } else { 0.0 };
            // A share of shares lies in 0 … 1 up to rounding.
            let drawn =
                Binomial::new(left as u64, p.clamp(0.0, 1.0)).map_or(0, |b| b.sample(rng) as usize);
            share -= count as f64 / of.max(1) as f64;
            left -= drawn;
            drawn
        };
        let n = self.total();
        let both = draw(self.both, n);
        let first_only = draw(self.first_only, n);
        let second_only = draw(self.second_only, n);
        Self {
            both,
            first_only,
            second_only,
            neither: n - both - first_only - second_only,
        }
    }

    /// Yule's Q.
    fn q(self) -> Option<f64> {
        let [a, b, c, d] = self.cells();
        let sum = a * d + b * c;
        (sum > 0.0).then(|| (a * d - b * c) / sum)
    }

    fn correlation(self) -> Option<f64> {
        let [a, b, c, d] = self.cells();
        let product = (a + b) * (c + d) * (a + c) * (b + d);
        (product > 0.0).then(|| (a * d - b * c) / product.sqrt())
    }

    fn kappa(self) -> Option<f64> {
        let [a, b, c, d] = self.cells();
        let n = a + b + c + d;
        let chance = ((a + b) * (a + c) + (c + d) * (b + d)) / (n * n);
        (chance < 1.0).then(|| ((a + d) / n - chance) / (1.0 - chance))
    }
}

impl Agreement {
    /// The measures with 95% intervals from `replicates` draws; `None` without samples.
    pub(super) fn new(outcomes: Outcomes, replicates: usize, seed: u64) -> Option<Self> {
        if outcomes.total() == 0 {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let draws: Vec<Outcomes> = (0..replicates)
            .map(|_| outcomes.redrawn(&mut rng))
            .collect();
        let defined = |of: &dyn Fn(Outcomes) -> Option<f64>| {
            let value = of(outcomes)?;
            let values = draws.iter().filter_map(|&d| of(d)).collect();
            Some(Estimate::from_draws(value, values))
        };
        let n = outcomes.total() as f64;
        let share = |of: &dyn Fn(Outcomes) -> usize| {
            let values = draws.iter().map(|&d| of(d) as f64 / n).collect();
            Estimate::from_draws(of(outcomes) as f64 / n, values)
        };
        Some(Self {
            outcomes,
            disagreement: share(&|o| o.first_only + o.second_only),
            double_fault: share(&|o| o.neither),
            q: defined(&Outcomes::q),
            correlation: defined(&Outcomes::correlation),
            kappa: defined(&Outcomes::kappa),
            oracle: share(&|o| o.total() - o.neither),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(both: usize, first_only: usize, second_only: usize, neither: usize) -> Outcomes {
        Outcomes {
            both,
            first_only,
            second_only,
            neither,
        }
    }

    #[test]
    fn independent_errors_have_no_association() {
        let all = Agreement::new(outcomes(64, 16, 16, 4), 200, 1).unwrap();
        for figure in [all.q, all.correlation, all.kappa] {
            assert!(figure.unwrap().value.abs() < 1e-12);
            assert!(figure.unwrap().low < Some(0.0) && figure.unwrap().high > Some(0.0));
        }
        assert!((all.oracle.value - 0.96).abs() < 1e-12);
    }

    #[test]
    fn what_is_undefined_is_left_out() {
        let perfect = Agreement::new(outcomes(10, 0, 0, 0), 50, 1).unwrap();
        assert_eq!(
            (perfect.q, perfect.correlation, perfect.kappa),
            (None, None, None)
        );
        assert!((perfect.oracle.low.unwrap() - 1.0).abs() < 1e-12);
        assert!(Agreement::new(Outcomes::default(), 50, 1).is_none());
    }

    #[test]
    fn intervals_are_those_of_shares() {
        let all = Agreement::new(outcomes(400, 150, 50, 400), 4000, 3).unwrap();
        let standard_error = (0.2_f64 * 0.8 / 1000.0).sqrt();
        let wide = 1.96 * standard_error;
        assert!((all.disagreement.low.unwrap() - (0.2 - wide)).abs() < 0.1 * wide);
        assert!((all.disagreement.high.unwrap() - (0.2 + wide)).abs() < 0.1 * wide);
    }
}
