//! McNemar's test: whether two classifiers are right equally often on the same samples.
//!
//! In: for each sample, whether each of the two gets it right. Out: the discordant counts and the
//! p-values. Only samples on which the two differ matter; under the null hypothesis each of them is
//! a fair coin (McNemar 1947). The mid-p version is used: it nearly always keeps its level and is
//! less conservative than the exact one (Fagerland, Lydersen & Laake 2013, BMC Medical Research
//! Methodology 13:91).

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete, DiscreteCDF};

use super::bits::Bits;
use super::resample::{Change, two_sided};

/// McNemar's test of two classifiers on the same samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct McNemar {
    /// Samples that the first got right and the second wrong.
    pub first_only: usize,
    /// Samples that the second got right and the first wrong.
    pub second_only: usize,
    /// Two-sided mid-p value, which decides.
    pub p: f64,
    /// Two-sided exact p-value.
    pub p_exact: f64,
    /// (|b − c| − 1)²/(b + c), with Edwards' correction for continuity, at least 0.
    pub chi_squared: f64,
    /// Its p-value, one degree of freedom.
    pub p_chi_squared: f64,
}

impl McNemar {
    /// The test from the discordant counts. Without any, all p-values are 1.
    ///
    /// ```
    /// use disentangle::comparison::McNemar;
    /// let test = McNemar::from_counts(25, 9);
    /// assert!((test.p_exact - 0.009_042).abs() < 1e-6);
    /// assert!(test.p < test.p_exact);
    /// ```
    pub fn from_counts(first_only: usize, second_only: usize) -> Self {
        let (b, c) = (first_only as u64, second_only as u64);
        let test = Self {
            first_only,
            second_only,
            p: 1.0,
            p_exact: 1.0,
            chi_squared: 0.0,
            p_chi_squared: 1.0,
        };
        // The distributions refuse only what cannot occur: a half is a probability.
        let (Ok(coins), Ok(chi)) = (Binomial::new(0.5, b + c), ChiSquared::new(1.0)) else {
            return test;
        };
        if b + c == 0 {
            return test;
        }
        let fewer = b.min(c);
        let tail = 2.0 * coins.cdf(fewer);
        let chi_squared = (b.abs_diff(c) as f64 - 1.0).max(0.0).powi(2) / (b + c) as f64;
        Self {
            p: (tail - coins.pmf(fewer)).clamp(0.0, 1.0),
            p_exact: tail.clamp(0.0, 1.0),
            chi_squared,
            p_chi_squared: chi.sf(chi_squared),
            ..test
        }
    }

    /// The test from what each got right; the samples of `among` only.
    pub(super) fn of(first: &Bits, second: &Bits, among: impl Fn(usize) -> bool) -> Self {
        let among = Bits::new(first.samples(), among);
        Self::from_counts(
            first.count_without(second, &among),
            second.count_without(first, &among),
        )
    }
}

/// The difference between two classifiers in separating one class from the rest.
///
/// A recall also rises where a classifier answers with that class more often, at the expense of the
/// others. The mean of recall and specificity (the balanced accuracy of one class against the rest)
/// does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OneAgainstRest {
    /// The second's balanced accuracy minus the first's.
    pub(super) difference: f64,
    /// Two-sided p-value of the paired difference, by its standard error.
    pub(super) p: f64,
}

/// For each class, the difference between two classifiers in separating it from the rest; `None` if
/// no samples are in it or none outside.
pub(super) fn one_against_rest(
    first: &[u16],
    second: &[u16],
    classes: &[u16],
    counts: &[usize],
) -> Vec<Option<OneAgainstRest>> {
    // By class: how many of its samples only one of the two gets right, and how many others only
    // one of the two wrongly assigns to it.
    let mut won = vec![[0.0_f64; 2]; counts.len()];
    let mut drawn = vec![[0.0_f64; 2]; counts.len()];
    for ((&a, &b), &class) in first.iter().zip(second).zip(classes) {
        if a == b {
            continue;
        }
        for (side, answer) in [a, b].into_iter().enumerate() {
            let Some(slot) = won.get_mut(usize::from(answer)) else {
                continue;
            };
            if answer == class {
                slot[side] += 1.0;
            } else {
                drawn[usize::from(answer)][side] += 1.0;
            }
        }
    }
    let n: usize = counts.iter().sum();
    let one = |c: usize| {
        let (inside, outside) = (counts[c] as f64, (n - counts[c]) as f64);
        if inside < 1.0 || outside < 1.0 {
            return None;
        }
        // A share of ±1 among zeros: its mean, and the variance of that.
        let part = |[minus, plus]: [f64; 2], size: f64| {
            let mean = (plus - minus) / size;
            (mean, ((plus + minus) / size - mean * mean) / size)
        };
        let (recall, recall_variance) = part(won[c], inside);
        let (false_alarms, false_variance) = part(drawn[c], outside);
        let difference = 0.5 * (recall - false_alarms);
        let error = 0.5 * (recall_variance + false_variance).max(0.0).sqrt();
        Some(OneAgainstRest {
            difference,
            p: two_sided(difference, error),
        })
    };
    (0..counts.len()).map(one).collect()
}

/// A change of a class's recall with McNemar's p-value, or the larger one of that and of separating
/// the class from the rest; 1 if the two differences do not have the same direction.
pub(super) fn with_class_test(
    change: Change,
    test: &McNemar,
    rest: Option<OneAgainstRest>,
) -> Change {
    let p = match rest {
        Some(rest) if rest.difference * change.difference.value > 0.0 => test.p.max(rest.p),
        Some(_) => 1.0,
        None => test.p,
    };
    Change {
        p: Some(p),
        ..change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_discordant_sample_says_nothing() {
        let test = McNemar::from_counts(0, 0);
        assert!((test.p - 1.0).abs() < 1e-12 && (test.p_chi_squared - 1.0).abs() < 1e-12);
        let even = McNemar::from_counts(7, 7);
        assert!((even.p - 1.0).abs() < 1e-12 && (even.p_exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_does_not_matter_who_is_first() {
        for (b, c) in [(3, 1), (40, 17), (1000, 900)] {
            let (x, y) = (McNemar::from_counts(b, c), McNemar::from_counts(c, b));
            assert!((x.p - y.p).abs() < 1e-12);
            assert!(x.p <= x.p_exact);
        }
    }

    #[test]
    fn answering_with_a_class_more_often_does_not_tell_it_apart() {
        let classes: Vec<u16> = (0..300).map(|i| i % 3).collect();
        // One always answers 0, the other answers by the row alone.
        let always = vec![0_u16; 300];
        let any: Vec<u16> = (0..300).map(|i| (i / 3) % 3).collect();
        let counts = [100, 100, 100];
        let rest = one_against_rest(&any, &always, &classes, &counts);
        let first = rest[0].unwrap();
        assert!(first.difference.abs() < 0.01 && first.p > 0.5, "{first:?}");
        // One that knows them.
        let rest = one_against_rest(&any, &classes, &classes, &counts);
        assert!(
            rest.iter()
                .all(|r| r.unwrap().difference > 0.4 && r.unwrap().p < 1e-9)
        );
    }

    #[test]
    fn samples_left_out_do_not_count() {
        let first = Bits::new(4, |i| i != 2);
        let second = Bits::new(4, |i| i == 1 || i == 2);
        let test = McNemar::of(&first, &second, |i| i < 3);
        assert_eq!((test.first_only, test.second_only), (1, 1));
    }
}
