//! Calibrates the ranking on the same data: errors are planted, and the ranking has to find them.
//!
//! In: fitted detectors and their ranking. Out: how suspicious each sample would be with a wrong label.
//! In each of 20 rounds a twentieth of the samples gets a wrong label: half of them any other class,
//! half the class that theirs is most easily confused with. Ridge probes and votes are fitted again;
//! the weights, λ and the logistic probe (which has not seen the label) stay. Every sample is planted
//! once, so n known errors cost about as much as one ranking.
//!
//! They give F(t), the share of errors that are more suspicious than t, separately for labels of classes
//! of similar size ([`size_groups`]): the label of a rare class has little support whether it is right or
//! wrong, so that among all samples it would look like an error. With N(t) samples that
//! suspicious as they are, π n F(t) ≤ N(t) bounds the share π of wrong labels from above (as if all
//! of the N(t) were wrong). The lower bound is the share of noise under which the labels are most
//! likely. Where these leave room, a share of 5% is assumed, but not more than three quarters of the way
//! up: at the upper bound no right label is as suspicious as a wrong one, which is not so where classes
//! overlap (measured; see docs/statistics.md). Of the m most suspicious samples, π n F(t_m) are
//! expected to be wrong; the probability at a rank is the slope of the least concave majorant of
//! that, at most 1.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::detectors::{FittedDetectors, Relabeling};
use super::ranking::{Ranking, labels_that_win, log_supports};
use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::shuffle::shuffle;

/// Rounds of planting.
const ROUNDS: usize = 20;
/// Rows per task.
const ROWS: usize = 512;
/// Shares of the planted errors at whose suspicion the upper bound is evaluated.
const BOUND_FROM: f64 = 0.3;
const BOUND_TO: f64 = 0.9;
const BOUND_STEPS: usize = 13;
/// How far from the lower to the upper bound the assumed share may lie.
const REACH: f64 = 0.75;

/// Classes of a group have at most this many times as many samples as the smallest. In pure noise, a group
/// of two classes then recovers at most 6 × 5% of the errors, less than makes a list reliable.
const SIMILAR: usize = 6;
/// Small classes get more of the errors than their share; by how much more or less is assumed at most.
const MOST_UNEVEN: f64 = 2.0;
/// Where classes differ in size, F is taken for an average of the planted errors' and, as of this many
/// errors more, that of labels without any information: few errors say little.
const UNINFORMED: f64 = 20.0;

/// The planted errors of each group of classes of similar size.
pub(super) struct Calibrations {
    pub(super) groups: Vec<Calibration>,
    /// The group of each class.
    pub(super) of_class: Vec<usize>,
}

/// Log-supports of planted errors, ascending: the most suspicious first.
pub(super) struct Calibration {
    planted: Vec<f64>,
    /// How many further errors stand for no information.
    uninformed: f64,
}

/// Numbers of groups of classes by class: those with up to [`SIMILAR`] times as many samples as the
/// smallest of a group are in it.
fn size_groups(counts: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&class| counts[class]);
    let mut groups = vec![0; counts.len()];
    let (mut group, mut smallest) = (0, 0);
    for class in order {
        if smallest == 0 {
            smallest = counts[class];
        } else if counts[class] > SIMILAR * smallest {
            group += 1;
            smallest = counts[class];
        }
        groups[class] = group;
    }
    groups
}

impl Calibrations {
    /// Plants an error at every sample of `rows` once.
    pub(super) fn new(
        detectors: &FittedDetectors<'_, '_>,
        ranking: &Ranking,
        rows: &[usize],
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut order = rows.to_vec();
        shuffle(&mut order, |n| random.next_u64() % n);
        let wrong = WrongLabels::new(&detectors.counts, ranking);
        let per_round = order.len().div_ceil(ROUNDS).max(1);
        let of_class = size_groups(&detectors.counts);
        let count = 1 + of_class.iter().max().copied().unwrap_or_default();
        let mut planted: Vec<Vec<f64>> = vec![Vec::new(); count];
        for part in order.chunks(per_round) {
            check(progress)?;
            let changes: Vec<Relabeling> = part
                .iter()
                .map(|&row| {
                    let class = wrong.draw(detectors.labels[row], &mut random);
                    Relabeling { row, class }
                })
                .collect();
            let refitted = detectors.relabeled(&changes);
            let winners: Vec<bool> = part
                .par_chunks(ROWS)
                .flat_map_iter(|rows| labels_that_win(&refitted, rows, &ranking.first))
                .collect();
            let mut trusted = ranking.trusted.clone();
            for (&row, wins) in part.iter().zip(winners) {
                trusted[row] = wins;
            }
            let supports: Vec<f64> = part
                .par_chunks(ROWS)
                .flat_map_iter(|rows| log_supports(&refitted, rows, &ranking.second, &trusted))
                .collect();
            for (change, support) in changes.iter().zip(supports) {
                planted[of_class[usize::from(change.class)]].push(support);
            }
        }
        let uninformed = if count > 1 { UNINFORMED } else { 0.0 };
        let groups = planted.into_iter().map(|mut planted| {
            planted.sort_by(f64::total_cmp);
            Calibration {
                planted,
                uninformed,
            }
        });
        Ok(Self {
            groups: groups.collect(),
            of_class,
        })
    }
}

impl Calibration {
    /// Share of the planted errors that are at least this suspicious.
    pub(super) fn found(&self, log_support: f64) -> f64 {
        let found = self.planted.partition_point(|&p| p <= log_support);
        found as f64 / self.planted.len().max(1) as f64
    }

    /// Share of the planted errors that would be among the `first` of samples with these log-supports
    /// (ascending). Of samples that are equally suspicious, any may come first: the expected share counts.
    pub(super) fn found_among(&self, log_supports: &[f64], first: usize) -> f64 {
        let last = log_supports[first - 1];
        let tolerance = 1e-9 * (1.0 + last.abs());
        let tied = |list: &[f64]| {
            let before = list.partition_point(|&s| s < last - tolerance);
            (
                before,
                list.partition_point(|&s| s <= last + tolerance) - before,
            )
        };
        let (before, ties) = tied(log_supports);
        let share = (first - before) as f64 / ties as f64;
        let (found, maybe) = tied(&self.planted);
        (found as f64 + share * maybe as f64) / self.planted.len().max(1) as f64
    }

    /// The share of wrong labels to assume among `size` samples, if it is `assumed` among all.
    pub(super) fn assumed_rate(&self, size: usize, assumed: f64) -> f64 {
        let planted = self.planted.len() as f64 / size as f64;
        assumed * planted.clamp(1.0 / MOST_UNEVEN, MOST_UNEVEN)
    }

    /// The share of wrong labels among samples with these log-supports (ascending). `likely_noise` is the
    /// share under which the labels are most likely, `assumed` the one that is assumed if possible.
    pub(super) fn error_rate(
        &self,
        log_supports: &[f64],
        likely_noise: f64,
        assumed: f64,
    ) -> ErrorRate {
        let n = log_supports.len() as f64;
        let steps = if self.planted.is_empty() {
            0
        } else {
            BOUND_STEPS
        };
        let bounds = (0..steps).map(|step| {
            let part = step as f64 / (BOUND_STEPS - 1) as f64;
            let found = BOUND_FROM + part * (BOUND_TO - BOUND_FROM);
            let at = ((found * self.planted.len() as f64) as usize).min(self.planted.len() - 1);
            let as_suspicious = log_supports.partition_point(|&s| s <= self.planted[at]) as f64;
            (as_suspicious + 1.0) / (n * found)
        });
        let high = bounds.fold(1.0, f64::min);
        let low = likely_noise.min(high);
        ErrorRate {
            value: assumed.clamp(low, low + REACH * (high - low)),
            low,
            high,
        }
    }

    /// The probability that a label is wrong at each rank, if this share of all labels is.
    pub(super) fn probabilities(&self, log_supports: &[f64], error_rate: f64) -> Vec<f64> {
        let wrong = error_rate * log_supports.len() as f64;
        let uninformed = self.uninformed / (self.planted.len() as f64 + self.uninformed).max(1.0);
        // Stretches of ranks with one slope; a steeper one is merged with those before it.
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut before = 0.0;
        for (rank, &s) in log_supports.iter().enumerate() {
            let share = (rank + 1) as f64 / log_supports.len() as f64;
            let expected = wrong * (self.found(s) * (1.0 - uninformed) + share * uninformed);
            let mut stretch = Stretch {
                ranks: 1,
                errors: expected - before,
            };
            before = expected;
            while let Some(last) = stretches.pop_if(|last| last.is_flatter_than(&stretch)) {
                stretch.ranks += last.ranks;
                stretch.errors += last.errors;
            }
            stretches.push(stretch);
        }
        let slopes = stretches.into_iter();
        slopes
            .flat_map(|s| std::iter::repeat_n(s.slope().clamp(0.0, 1.0), s.ranks))
            .collect()
    }
}

/// A share of wrong labels, and between which it lies.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ErrorRate {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl ErrorRate {
    /// Adds that of a part of the samples.
    pub(super) fn add(&mut self, other: Self, share: f64) {
        self.value += share * other.value;
        self.low += share * other.low;
        self.high += share * other.high;
    }
}

/// Consecutive ranks, and how many errors are expected among them.
struct Stretch {
    ranks: usize,
    errors: f64,
}

impl Stretch {
    fn slope(&self) -> f64 {
        self.errors / self.ranks as f64
    }

    fn is_flatter_than(&self, other: &Self) -> bool {
        self.errors * (other.ranks as f64) < other.errors * self.ranks as f64
    }
}

/// Which wrong labels are planted.
struct WrongLabels {
    /// Classes with samples.
    occupied: Vec<u16>,
    /// By class, the one that it is most easily confused with.
    most_confused: Vec<u16>,
}

impl WrongLabels {
    fn new(counts: &[usize], ranking: &Ranking) -> Self {
        let occupied: Vec<u16> = (0..counts.len() as u16)
            .filter(|&c| counts[usize::from(c)] > 0)
            .collect();
        let most_confused = (0..counts.len() as u16)
            .map(|class| most_confused(ranking, &occupied, class))
            .collect();
        Self {
            occupied,
            most_confused,
        }
    }

    /// Another class than `label`.
    fn draw(&self, label: u16, random: &mut ChaCha8Rng) -> u16 {
        let others = self.occupied.len() as u64 - 1;
        let (coin, other) = (random.next_u64(), random.next_u64() % others);
        if coin % 2 == 0 {
            return self.most_confused[usize::from(label)];
        }
        let mut classes = self.occupied.iter().filter(|&&c| c != label);
        classes.nth(other as usize).copied().unwrap_or(label)
    }
}

/// The other class with the most support among samples labeled as this class.
fn most_confused(ranking: &Ranking, occupied: &[u16], class: u16) -> u16 {
    let mut found = (f64::NEG_INFINITY, class);
    for &other in occupied.iter().filter(|&&c| c != class) {
        let support = ranking.confusion[(usize::from(class), usize::from(other))];
        if support > found.0 {
            found = (support, other);
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
        let calibration = Calibration {
            planted: vec![-3.0, -3.0, -2.0, -1.0],
            uninformed: 0.0,
        };
        let log_supports = [-4.0, -3.0, -2.5, -2.0, -0.5, -0.1, 0.0, 0.0];
        let p = calibration.probabilities(&log_supports, 0.25);
        // Two errors: cumulated 0, 1, 1, 1.5, 2, 2, 2, 2; the majorant has slope 1/2, then 1/3 (1
        // over three ranks), and ends.
        let expected = [0.5, 0.5, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0, 0.0, 0.0];
        for (found, expected) in p.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{p:?}");
        }
    }

    #[test]
    fn of_equally_suspicious_samples_the_expected_share_is_found() {
        let calibration = Calibration {
            planted: vec![-3.0, -2.0, -2.0, -1.0],
            uninformed: 0.0,
        };
        let finds = |supports: &[f64], first, expected: f64| {
            (calibration.found_among(supports, first) - expected).abs() < 1e-12
        };
        // Nothing is tied: as many as are at least as suspicious as the last.
        assert!(finds(&[-2.5, -2.0, -0.5], 1, 0.25));
        assert!(finds(&[-2.5, -2.0, -0.5], 2, 0.75));
        // The first of four at −2: a quarter of the two planted there, and the one before.
        assert!(finds(&[-2.0; 4], 1, 0.375));
    }

    #[test]
    fn classes_of_similar_size_are_together() {
        assert_eq!(size_groups(&[200, 150, 300]), [0, 0, 0]);
        assert_eq!(size_groups(&[900, 10, 90, 0, 18, 25]), [2, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn the_error_rate_is_bounded_by_the_number_of_suspicious_samples() {
        let calibration = Calibration {
            planted: (0..100).map(|i| -10.0 + f64::from(i) * 0.01).collect(),
            uninformed: 0.0,
        };
        // 5 of 200 are as suspicious as errors are, the others not at all.
        let mut log_supports = vec![-9.95; 5];
        log_supports.extend(vec![0.0; 195]);
        log_supports[0] = -10.0;
        let rate = calibration.error_rate(&log_supports, 0.002, 0.05);
        assert!((0.025..0.04).contains(&rate.high), "{rate:?}");
        assert!(rate.low <= rate.value && rate.value <= rate.high);
        // All are: the bound leaves room, and the assumption holds.
        let rate = calibration.error_rate(&[-10.0; 200], 0.002, 0.05);
        assert_eq!((rate.value, rate.low, rate.high), (0.05, 0.002, 1.0));
        // Half as many errors as samples were planted, so half the share is assumed.
        assert!((calibration.assumed_rate(200, 0.05) - 0.025).abs() < 1e-12);
    }
}
