//! Which pairs of classes mix, how much, and whether the classifier confuses them.
//!
//! In: the votes of the neighbors, the linear overlaps, and what else is known. Out: [`Pairs`],
//! ranked. A pair's overlap is the share of its samples, both classes weighted equally, that lie on
//! the other's side. Two rules estimate it, each on samples that it has not seen: the neighbors'
//! votes, which follow any shape, and a linear rule, which copes with many dimensions. Neither can be
//! better than the true overlap (the Bayes error) except by chance, so the smaller of the two is
//! used: a pair counts as mixed only if neither rule separates it. The overlap must reach
//! [`MixingThresholds::least_overlap`], and both rules' tests must show that it exceeds the tolerated
//! one (they count samples, not arcs, so that shared neighbors do not count twice), corrected over
//! all pairs (Benjamini & Hochberg 1995).

use serde::{Deserialize, Serialize};

use super::MixingThresholds;
use super::evidence::Evidence;
use super::structure::{Pair, Structure};
use crate::statistics::Estimate;
use crate::statistics::Labeled;
use crate::statistics::inference::{benjamini_hochberg, binomial_tail};

/// Pairs that are listed besides the mixed ones.
const MOST_LISTED: usize = 1000;

/// One direction of a pair: how neighbors, linear rule and classifier assign the samples of one
/// class to the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixingDirection {
    /// Class of the samples.
    pub from: String,
    /// The other class.
    pub to: String,
    /// Share of their neighbors with the other label.
    pub share: Estimate,
    /// The same in the map.
    pub map_share: Option<Estimate>,
    /// Share of their conditional probability that goes to the other class.
    pub soft_share: Option<f64>,
    /// How much more often a foreign neighbor has the other label than that class's share of the
    /// foreign samples.
    pub enrichment: Option<Estimate>,
    /// Share that lies on the other's side by the votes of the neighbors.
    pub neighbor_overlap: Estimate,
    /// The same by the linear rule.
    pub linear_overlap: Option<Estimate>,
    /// Share that the closed-form probe takes for the other class (among all classes).
    pub probe_confusion: Option<Estimate>,
    /// Share that the classifier takes for the other class, where its predictions are given.
    pub head_confusion: Option<Estimate>,
    /// Whether the pair is mixed and this direction's overlap reaches
    /// [`MixingThresholds::least_overlap`].
    pub mixed: bool,
}

/// How the classifier handles a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeadVerdict {
    /// It confuses classes that the features mix.
    ConfusesMixed,
    /// It confuses classes that the features separate.
    WastesSeparation,
    /// It confuses fewer samples than neighbors and linear rule do.
    SeparatesMixed,
    /// Nothing of note.
    Agrees,
}

/// Two classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairMixing {
    /// One class.
    pub first: String,
    /// The other.
    pub second: String,
    /// Numbers of the two classes, in display order.
    pub classes: (usize, usize),
    /// Whether they are mixed.
    pub mixed: bool,
    /// The smaller of the two overlaps, 0 to about 0.5.
    pub overlap: f64,
    /// Corrected p-value of the hypothesis that the overlap is at most
    /// [`MixingThresholds::tolerated_overlap`].
    pub p_value: f64,
    /// Mean over the two classes of the share on the other's side, by the neighbors' votes.
    pub neighbor_overlap: Estimate,
    /// The same in the map.
    pub map_neighbor_overlap: Option<Estimate>,
    /// The same in the features by the linear rule.
    pub linear_overlap: Option<Estimate>,
    /// Φ(−Δ/2): overlap of two Gaussians at the classes' Mahalanobis distance.
    pub gaussian_overlap: Option<f64>,
    /// Class-distance normalized variance.
    pub cdnv: Option<Estimate>,
    /// Mean over the two classes of the share that the classifier takes for the other.
    pub head_confusion: Option<Estimate>,
    /// How the classifier handles the pair, if its predictions are given.
    pub head: Option<HeadVerdict>,
    /// From the first class to the second, and from the second to the first.
    pub directions: [MixingDirection; 2],
}

/// Pairs of classes, the most mixed first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// Neighbors per sample.
    pub k: usize,
    /// Pairs of classes that have members.
    pub total: usize,
    /// How many of them are mixed.
    pub mixed: usize,
    /// Pairs that are not listed, none of them mixed.
    pub omitted: usize,
    /// Weight of the identity in the shrunk scatter behind the linear overlaps.
    pub shrinkage: Option<f64>,
    /// When a pair is called mixed.
    #[serde(default)]
    pub thresholds: MixingThresholds,
    /// How the mixed pairs are arranged, and whether mixing follows the order of the classes.
    #[serde(default)]
    pub structure: Structure,
    /// The pairs: mixed ones first, each by overlap, descending.
    pub listed: Vec<PairMixing>,
}

impl Pairs {
    /// Drops the statistics of the map.
    pub(super) fn forget_map(&mut self) {
        for pair in &mut self.listed {
            pair.map_neighbor_overlap = None;
            for direction in &mut pair.directions {
                direction.map_share = None;
            }
        }
    }
}

/// What votes and linear overlaps say of the pairs, whatever the map.
#[derive(Debug, Clone)]
pub(super) struct Judgment {
    total: usize,
    mixed: usize,
    structure: Structure,
    /// The pairs to list, in their order.
    listed: Vec<Judged>,
}

/// The two estimates that decide about a pair.
#[derive(Debug, Clone)]
struct Judged {
    pair: (usize, usize),
    /// The smaller of the two.
    overlap: Estimate,
    p_value: f64,
    mixed: bool,
}

impl Evidence {
    /// Puts the pairs together; `None` before votes and linear overlaps are there.
    pub(crate) fn pairs(&self, labeled: &Labeled) -> Option<Pairs> {
        let judgment = self.judgment.as_ref()?;
        Some(Pairs {
            k: self.votes.as_ref()?.k,
            total: judgment.total,
            mixed: judgment.mixed,
            omitted: judgment.total - judgment.listed.len(),
            shrinkage: Some(self.linear.as_ref()?.shrinkage),
            thresholds: self.mixing,
            structure: judgment.structure.clone(),
            listed: (judgment.listed.iter())
                .filter_map(|j| self.describe(j, labeled))
                .collect(),
        })
    }

    /// Judges all pairs; `None` before votes and linear overlaps are there.
    pub(super) fn judgment(&self, labeled: &Labeled) -> Option<Judgment> {
        let occupied: Vec<usize> = (0..labeled.counts().len())
            .filter(|&c| labeled.counts()[c] > 0)
            .collect();
        let mut judged = Vec::new();
        for (i, &a) in occupied.iter().enumerate() {
            for &b in &occupied[i + 1..] {
                judged.push(self.judge(a, b, labeled)?);
            }
        }
        let p_values: Vec<f64> = judged.iter().map(|j| j.p_value).collect();
        for (pair, p) in judged.iter_mut().zip(benjamini_hochberg(&p_values)) {
            pair.p_value = p;
            // A class of one is never called mixed: without its only sample nothing is known about
            // it.
            let (a, b) = pair.pair;
            pair.mixed = labeled.counts()[a].min(labeled.counts()[b]) > 1
                && p <= self.mixing.discovery_rate
                && pair.overlap.value >= self.mixing.least_overlap;
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
        Some(Judgment {
            total,
            mixed,
            structure,
            listed: judged,
        })
    }

    fn judge(&self, a: usize, b: usize, labeled: &Labeled) -> Option<Judged> {
        let (votes, linear) = (self.votes.as_ref()?, self.linear.as_ref()?);
        let sizes = (labeled.counts()[a], labeled.counts()[b]);
        let by_neighbors = (votes.astray(a, b), votes.astray(b, a));
        let mut overlap = Estimate::mean_of_two(by_neighbors, sizes);
        let tolerated = self.mixing.tolerated_overlap;
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
        Some(Judged {
            pair: (a, b),
            overlap,
            p_value,
            mixed: false,
        })
    }

    fn describe(&self, judged: &Judged, labeled: &Labeled) -> Option<PairMixing> {
        let (a, b) = judged.pair;
        let votes = self.votes.as_ref()?;
        let sizes = (labeled.counts()[a], labeled.counts()[b]);
        let linear = self.linear.as_ref().filter(|_| sizes.0 > 1 && sizes.1 > 1);
        let linear_overlap =
            linear.map(|l| Estimate::mean_of_two((l.astray(a, b), l.astray(b, a)), sizes));
        let neighbor_overlap =
            Estimate::mean_of_two((votes.astray(a, b), votes.astray(b, a)), sizes);
        let of = |table: &Vec<Vec<u32>>| {
            Estimate::mean_of_two((f64::from(table[a][b]), f64::from(table[b][a])), sizes)
        };
        let head_confusion = self.head.as_ref().map(of);
        Some(PairMixing {
            first: labeled.names()[a].clone(),
            second: labeled.names()[b].clone(),
            classes: judged.pair,
            mixed: judged.mixed,
            overlap: judged.overlap.value,
            p_value: judged.p_value,
            neighbor_overlap,
            map_neighbor_overlap: (self.map_votes.as_ref())
                .map(|m| Estimate::mean_of_two((m.astray(a, b), m.astray(b, a)), sizes)),
            linear_overlap,
            gaussian_overlap: linear.map(|l| l.gaussian(a, b)),
            cdnv: self.geometry.as_ref().and_then(|g| g.pair(a, b)),
            head: head_confusion
                .map(|h| verdict(judged.mixed, judged.overlap, h, self.mixing.least_overlap)),
            head_confusion,
            directions: [
                self.direction(a, b, judged.mixed, labeled)?,
                self.direction(b, a, judged.mixed, labeled)?,
            ],
        })
    }

    fn direction(
        &self,
        a: usize,
        b: usize,
        mixed: bool,
        labeled: &Labeled,
    ) -> Option<MixingDirection> {
        let votes = self.votes.as_ref()?;
        let (size, classes) = (labeled.counts()[a], labeled.counts().len());
        let usable = size > 1 && labeled.counts()[b] > 1;
        let linear = self.linear.as_ref().filter(|_| usable);
        let neighbor_overlap = Estimate::share(votes.astray(a, b), size);
        let linear_overlap = linear.map(|l| Estimate::share(l.astray(a, b), size));
        let smaller = linear_overlap.map_or(neighbor_overlap.value, |l| {
            l.value.min(neighbor_overlap.value)
        });
        let table = |t: &Vec<Vec<u32>>| Estimate::share(f64::from(t[a][b]), size);
        Some(MixingDirection {
            from: labeled.names()[a].clone(),
            to: labeled.names()[b].clone(),
            share: votes.share(a, b, labeled),
            map_share: self.map_votes.as_ref().map(|m| m.share(a, b, labeled)),
            soft_share: self.soft.as_ref().map(|s| s.shares[a * classes + b]),
            enrichment: votes.enrichment(a, b, labeled),
            neighbor_overlap,
            linear_overlap,
            probe_confusion: self.probe.as_ref().map(|p| table(&p.confusion)),
            head_confusion: self.head.as_ref().map(table),
            mixed: mixed && smaller >= self.mixing.least_overlap,
        })
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

fn verdict(mixed: bool, features: Estimate, head: Estimate, least: f64) -> HeadVerdict {
    let above = |x: Estimate, y: Estimate| x.low > y.high;
    if mixed {
        if above(features, head) {
            HeadVerdict::SeparatesMixed
        } else if head.value >= least {
            HeadVerdict::ConfusesMixed
        } else {
            HeadVerdict::Agrees
        }
    } else if head.value >= least && above(head, features) {
        HeadVerdict::WastesSeparation
    } else {
        HeadVerdict::Agrees
    }
}

#[cfg(test)]
mod tests;
