//! Statistical tests: each a few lines, with its source.
//!
//! In: counts, differences, p-values. Out: p-values, adjusted for their number where there are many.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Gamma, Hypergeometric, Normal};

/// Counts that are less skewed are taken for normal.
const LEAST_SKEWNESS: f64 = 0.01;

/// P-values adjusted by Benjamini & Hochberg (1995), in the order of the input: rejecting those up
/// to q has a false discovery rate of q.
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

/// Probability that a standard normal variable exceeds z.
pub(crate) fn normal_tail(z: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(1.0, |n| n.sf(z))
}

/// Probability that a count reaches `found`, by the gamma distribution with its mean and variance;
/// 1 below the mean. Counts of rare events are skewed to the right: a normal tail would be too
/// light for them, this one is too heavy.
pub(crate) fn gamma_tail(found: f64, mean: f64, variance: f64) -> f64 {
    if !(variance > 0.0 && mean > 0.0 && found > mean) {
        return 1.0;
    }
    Gamma::new(mean * mean / variance, mean / variance).map_or(1.0, |g| g.sf(found))
}

/// Probability that a count reaches `found`, by the gamma distribution (Pearson's type III) with the mean, the
/// variance and the skewness of such counts; the normal one if they are skewed to the left, where that would
/// be bounded.
pub(crate) fn skewed_tail(found: f64, counts: &[f64]) -> f64 {
    let size = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / size;
    let moment = |power: i32| counts.iter().map(|c| (c - mean).powi(power)).sum::<f64>() / size;
    let variance = moment(2);
    if variance <= 0.0 || found <= mean {
        return 1.0;
    }
    let z = (found - mean) / variance.sqrt();
    let skewness = moment(3) / variance.powf(1.5);
    if skewness < LEAST_SKEWNESS {
        return normal_tail(z);
    }
    let shape = 4.0 / (skewness * skewness);
    Gamma::new(shape, 1.0).map_or(1.0, |g| g.sf(shape + z * shape.sqrt()))
}

/// Probability of at least `hits` of `n` if each has probability `p`.
pub(crate) fn binomial_tail(hits: u64, n: u64, p: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    Binomial::new(p, n).map_or(1.0, |b| b.sf(hits - 1))
}

/// Fisher's exact test, one-sided: the probability that at least `hits` of `drawn` samples, drawn
/// at random from `n`, are among the `marked` ones.
pub(crate) fn hypergeometric_tail(hits: u64, n: u64, marked: u64, drawn: u64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    Hypergeometric::new(n, marked, drawn).map_or(1.0, |h| h.sf(hits - 1))
}

/// P-value of at least `matches` agreements between labels and predictions, if the predictions were
/// assigned to the samples at random: normal approximation with the exact mean and variance (the
/// permutation distribution of Cohen's kappa). `counts` are the sizes of the classes and
/// `predicted` how often each is predicted.
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
    // Continuity correction: the number of agreements is whole.
    normal_tail((matches - 0.5 - both / size) / variance.sqrt())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::statistics::estimate::wilson;

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
        // The predictions 0 0 1 in all 6 orders against the labels 0 1 1; the mean is (1·2 +
        // 2·1)/3.
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
    fn nothing_to_count_is_no_evidence() {
        assert_eq!(wilson(0.0, 0), (0.0, 1.0));
        near(binomial_tail(0, 10, 0.1), 1.0);
        near(hypergeometric_tail(0, 10, 3, 4), 1.0);
        near(agreement_tail(1.0, &[1], &[1]), 1.0);
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
