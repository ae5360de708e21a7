//! Which pairs of classes mix, how much, and whether the classifier confuses them.
//!
//! In: the judgment of the pairs (`judgment.rs`), and what else is known of them. Out: [`Pairs`], ranked.

use serde::{Deserialize, Serialize};

use super::MixingThresholds;
use super::evidence::Evidence;
use super::judgment::Judged;
use super::structure::Structure;
use crate::statistics::Estimate;
use crate::statistics::Labeled;

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
    /// How many times larger the other class's share of the foreign neighbors is than its share of
    /// the foreign samples.
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
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
