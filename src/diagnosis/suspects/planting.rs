//! How reliable the order of suspicion is on these very data: errors are planted and looked for.
//!
//! In: a court and its ranking. Out: how suspicious each sample would be with a wrong tag. In each
//! of 20 rounds a twentieth of the samples gets a wrong tag, half of them any other class, half
//! the class that theirs is most easily taken for; ridge probes and votes follow, weights, λ and the
//! logistic probe (which has not seen the tag) stay.
//! Every sample is planted once, so that there are n known errors for the cost of one ranking.
//!
//! From them F(t), the share of errors that are more suspicious than t, and with N(t) samples that
//! suspicious as they stand, π n F(t) ≤ N(t) bounds the share π of wrong tags from above (all
//! that are so suspicious would be wrong). From below there is the share under which the labels are
//! most likely. Where the data leave room between the two, a share of 5 % is assumed, but not more than
//! three quarters of the way up: at its end no right tag is as suspicious as a wrong one, which classes
//! that overlap do not bear out (measured; see docs/statistics.md). Of the m most suspicious π n F(t_m) are expected to be wrong; the probability at a rank is the slope of the
//! least concave majorant of that, at most 1.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::ranking::{Court, Ranking};
use crate::error::Result;
use crate::progress::{Progress, check};

/// Rounds of planting.
const ROUNDS: usize = 20;
/// Rows per task.
const ROWS: usize = 512;
/// Shares of the planted errors at whose suspicion the bound is read.
const BOUND_FROM: f64 = 0.3;
const BOUND_TO: f64 = 0.9;
const BOUND_STEPS: usize = 13;
/// How far from the lower to the upper bound the share may be assumed.
const REACH: f64 = 0.75;

/// Suspicions of planted errors: logarithms of the support of the wrong tag, ascending.
pub(super) struct Planted {
    own: Vec<f64>,
}

/// A share of wrong tags, and between which it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Planted {
    /// Plants an error at every sample of `rows` once.
    pub(super) fn new(
        court: &Court<'_, '_>,
        ranking: &Ranking,
        rows: &[usize],
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        use rayon::prelude::*;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut order = rows.to_vec();
        for i in (1..order.len()).rev() {
            order.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        let occupied: Vec<u16> = (0..court.counts.len() as u16)
            .filter(|&c| court.counts[usize::from(c)] > 0)
            .collect();
        let near: Vec<u16> = (0..court.counts.len())
            .map(|class| nearest(ranking, &occupied, class as u16))
            .collect();
        let per_round = order.len().div_ceil(ROUNDS).max(1);
        let mut own = Vec::with_capacity(order.len());
        for part in order.chunks(per_round) {
            check(progress)?;
            let changes: Vec<(usize, u16)> = part
                .iter()
                .map(|&row| {
                    let tag = court.labels[row];
                    let others = occupied.len() as u64 - 1;
                    let (coin, any) = (random.next_u64(), random.next_u64() % others);
                    let wrong = if coin % 2 == 0 {
                        near[usize::from(tag)]
                    } else {
                        let place = occupied.iter().filter(|&&c| c != tag);
                        place.copied().nth(any as usize).unwrap_or(tag)
                    };
                    (row, wrong)
                })
                .collect();
            let planted = court.relabeled(&changes);
            let winners: Vec<bool> = part
                .par_chunks(ROWS)
                .flat_map_iter(|rows| planted.winners(rows, &ranking.first))
                .collect();
            let mut trusted = ranking.trusted.clone();
            for (&row, wins) in part.iter().zip(winners) {
                trusted[row] = wins;
            }
            let found: Vec<f64> = part
                .par_chunks(ROWS)
                .flat_map_iter(|rows| planted.own(rows, &ranking.second, &trusted))
                .collect();
            own.extend(found);
        }
        own.sort_by(f64::total_cmp);
        Ok(Self { own })
    }

    /// Share of the planted errors that are at least so suspicious.
    pub(super) fn found(&self, own: f64) -> f64 {
        self.own.partition_point(|&o| o <= own) as f64 / self.own.len().max(1) as f64
    }

    /// The share of wrong tags among samples with these suspicions (ascending).
    pub(super) fn share(&self, suspicions: &[f64], likely: f64, assumed: f64) -> Share {
        let n = suspicions.len() as f64;
        let bounds = (0..BOUND_STEPS).map(|step| {
            let part = step as f64 / (BOUND_STEPS - 1) as f64;
            let found = BOUND_FROM + part * (BOUND_TO - BOUND_FROM);
            let at = ((found * self.own.len() as f64) as usize).min(self.own.len() - 1);
            let beyond = suspicions.partition_point(|&s| s <= self.own[at]) as f64;
            (beyond + 1.0) / (n * found)
        });
        let high = bounds.fold(1.0, f64::min);
        let low = likely.min(high);
        Share {
            value: assumed.clamp(low, low + REACH * (high - low)),
            low,
            high,
        }
    }

    /// The probability that a tag is wrong at each rank, if so many are.
    pub(super) fn probabilities(&self, suspicions: &[f64], share: f64) -> Vec<f64> {
        let n = suspicions.len();
        let wrong = share * n as f64;
        // Stretches of ranks with one slope; a steeper one swallows those before it.
        let mut stretches: Vec<(usize, f64)> = Vec::new();
        let mut before = 0.0;
        for &s in suspicions {
            let expected = wrong * self.found(s);
            stretches.push((1, expected - before));
            before = expected;
            while let [.., (n1, e1), (n2, e2)] = stretches[..] {
                if e1 * n2 as f64 >= e2 * n1 as f64 {
                    break;
                }
                stretches.truncate(stretches.len() - 2);
                stretches.push((n1 + n2, e1 + e2));
            }
        }
        let slopes = stretches.into_iter();
        slopes
            .flat_map(|(length, expected)| {
                std::iter::repeat_n((expected / length as f64).clamp(0.0, 1.0), length)
            })
            .collect()
    }
}

/// The class that a class is most easily taken for.
fn nearest(ranking: &Ranking, occupied: &[u16], class: u16) -> u16 {
    let mut found = (f64::NEG_INFINITY, class);
    for &other in occupied.iter().filter(|&&c| c != class) {
        let mass = ranking.mass[(usize::from(class), usize::from(other))];
        if mass > found.0 {
            found = (mass, other);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_least_concave_majorant() {
        // Errors at −3, −3, −2, −1: F is 0 at −4, 1/2 at −3, 3/4 at −2.
        let planted = Planted {
            own: vec![-3.0, -3.0, -2.0, -1.0],
        };
        let suspicions = [-4.0, -3.0, -2.5, -2.0, -0.5, -0.1, 0.0, 0.0];
        let p = planted.probabilities(&suspicions, 0.25);
        // Two errors: cumulated 0, 1, 1, 1.5, 2, 2, 2, 2; the majorant has slope 1/2, then 1/3 (1
        // over three ranks), and ends.
        let expected = [0.5, 0.5, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0, 0.0, 0.0];
        for (found, expected) in p.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{p:?}");
        }
    }

    #[test]
    fn the_share_is_bounded_by_what_is_so_suspicious() {
        let planted = Planted {
            own: (0..100).map(|i| -10.0 + f64::from(i) * 0.01).collect(),
        };
        // 5 of 200 are as suspicious as errors are, the others not at all.
        let mut suspicions = vec![-9.95; 5];
        suspicions.extend(vec![0.0; 195]);
        suspicions[0] = -10.0;
        let share = planted.share(&suspicions, 0.002, 0.05);
        assert!((0.025..0.04).contains(&share.high), "{share:?}");
        assert!(share.low <= share.value && share.value <= share.high);
        // All are: the bound leaves room, and the assumption stands.
        let share = planted.share(&[-10.0; 200], 0.002, 0.05);
        assert_eq!((share.value, share.low, share.high), (0.05, 0.002, 1.0));
    }
}
