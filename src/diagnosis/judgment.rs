//! Which pairs of classes mix, in the features.
//!
//! In: the votes of the neighbors and the linear overlaps. Out: a [`Judgment`]. A pair's overlap is the share
//! of its samples, both classes weighted equally, that lie on the other's side. Two rules estimate it, each on
//! samples that it has not seen: the neighbors' votes, which follow any shape, and a linear rule, which copes
//! with many dimensions. Neither can be better than the true overlap (the Bayes error) except by chance, so the
//! smaller of the two is used: a pair counts as mixed only if neither rule separates it. The overlap must reach
//! [`MixingThresholds::least_overlap`], and both rules' tests must show that it exceeds the tolerated one (they
//! count samples, not arcs, so that shared neighbors do not count twice), corrected over all pairs (Benjamini &
//! Hochberg 1995). Cost: C² pairs, and the test of the order of the classes (`statistics/order.rs`), so it is
//! made once and not for every map.

use super::MixingThresholds;
use super::structure::{Pair, Structure};
use crate::statistics::inference::{benjamini_hochberg, binomial_tail};
use crate::statistics::linear::LinearOverlaps;
use crate::statistics::votes::Votes;
use crate::statistics::{Estimate, Labeled};

/// Pairs that are listed besides the mixed ones.
const MOST_LISTED: usize = 1000;

/// What votes and linear overlaps say of the pairs.
#[derive(Debug, Clone)]
pub(super) struct Judgment {
    /// Pairs of classes that have members.
    pub(super) total: usize,
    /// How many of them are mixed.
    pub(super) mixed: usize,
    pub(super) structure: Structure,
    /// The pairs to list: mixed ones first, each by overlap, descending.
    pub(super) listed: Vec<Judged>,
}

/// The two estimates that decide about a pair.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) pair: (usize, usize),
    /// The smaller of the two.
    pub(super) overlap: Estimate,
    pub(super) p_value: f64,
    pub(super) mixed: bool,
}

impl Judgment {
    pub(super) fn of(
        votes: &Votes,
        linear: &LinearOverlaps,
        thresholds: &MixingThresholds,
        labeled: &Labeled,
    ) -> Self {
        let counts = labeled.counts();
        let occupied: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 0).collect();
        let pairs = occupied.iter().enumerate();
        let pairs = pairs.flat_map(|(i, &a)| occupied[i + 1..].iter().map(move |&b| (a, b)));
        let mut judged: Vec<Judged> = pairs
            .map(|pair| judge(pair, votes, linear, thresholds.tolerated_overlap, labeled))
            .collect();
        let p_values: Vec<f64> = judged.iter().map(|j| j.p_value).collect();
        for (pair, p) in judged.iter_mut().zip(benjamini_hochberg(&p_values)) {
            pair.p_value = p;
            // A class of one is never called mixed: without its only sample nothing is known about
            // it.
            let (a, b) = pair.pair;
            pair.mixed = counts[a].min(counts[b]) > 1
                && p <= thresholds.discovery_rate
                && pair.overlap.value >= thresholds.least_overlap;
        }
        let total = judged.len();
        let mixed = judged.iter().filter(|j| j.mixed).count();
        let structure = structure(&judged, labeled);
        judged.sort_by(|x, y| {
            (y.mixed.cmp(&x.mixed))
                .then(y.overlap.value.total_cmp(&x.overlap.value))
                .then(x.pair.cmp(&y.pair))
        });
        judged.truncate(mixed.max(MOST_LISTED));
        Self {
            total,
            mixed,
            structure,
            listed: judged,
        }
    }
}

fn judge(
    (a, b): (usize, usize),
    votes: &Votes,
    linear: &LinearOverlaps,
    tolerated: f64,
    labeled: &Labeled,
) -> Judged {
    let sizes = (labeled.counts()[a], labeled.counts()[b]);
    let by_neighbors = (votes.astray(a, b), votes.astray(b, a));
    let mut overlap = Estimate::mean_of_two(by_neighbors, sizes);
    let mut p_value = excess(by_neighbors, sizes, tolerated);
    if sizes.0 < 2 || sizes.1 < 2 {
        p_value = 1.0;
    } else {
        let by_rule = (linear.astray(a, b), linear.astray(b, a));
        let by_rule_overlap = Estimate::mean_of_two(by_rule, sizes);
        if by_rule_overlap.value < overlap.value {
            overlap = by_rule_overlap;
        }
        p_value = p_value.max(excess(by_rule, sizes, tolerated));
    }
    Judged {
        pair: (a, b),
        overlap,
        p_value,
        mixed: false,
    }
}

/// The structure of the mixing among the classes of at least two samples.
fn structure(judged: &[Judged], labeled: &Labeled) -> Structure {
    let counts = labeled.counts();
    let members: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 1).collect();
    let pairs: Vec<Pair> = (judged.iter())
        .map(|j| Pair {
            classes: j.pair,
            overlap: j.overlap,
            mixed: j.mixed,
        })
        .collect();
    Structure::of(&members, &pairs, labeled.order())
}

/// p-value of this many samples on the other side if the share were the tolerated one: the smallest
/// of either class's and that of both together, corrected for the three tests.
fn excess(astray: (f64, f64), sizes: (usize, usize), tolerated: f64) -> f64 {
    let tail = |found: f64, n: usize| binomial_tail(found as u64, n as u64, tolerated);
    let both = tail(astray.0 + astray.1, sizes.0 + sizes.1);
    (3.0 * both
        .min(tail(astray.0, sizes.0))
        .min(tail(astray.1, sizes.1)))
    .min(1.0)
}
