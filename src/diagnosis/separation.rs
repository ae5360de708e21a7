//! Separation per class and overall, with intervals, and whether there is evidence of any.
//!
//! In: the parts, each computed by a file of its own. Out: [`Separation`]. What counts first is how
//! well a probe or the neighbors predict samples that they have not seen; geometry is a second
//! opinion. A class counts as separated if its neighborhood hit or its recall under the closed-form
//! probe exceeds what random labels give. All these tests are corrected together (Benjamini & Hochberg
//! 1995), so that nominally, a share of at most [`StandingThresholds::evidence_level`] of data sets with
//! random labels is said to show any separation (docs/statistics.md has the measured rate).

use serde::{Deserialize, Serialize};

use super::StandingThresholds;
use super::evidence::Evidence;
use crate::statistics::Estimate;
use crate::statistics::estimate::informedness;
use crate::statistics::inference::{agreement_tail, benjamini_hochberg, hypergeometric_tail};
use crate::statistics::votes::{Hits, TESTED_K};
use crate::statistics::{Labeled, largest_share};

/// A linear probe's results on held-out samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeFigures {
    /// Share of the samples that it gets right.
    pub accuracy: Estimate,
    /// Mean of the classes' recalls.
    pub balanced_accuracy: Estimate,
    /// The expected accuracy if the same answers were assigned to the samples at random.
    pub chance: f64,
    /// p-value of the accuracy against `chance`.
    pub p_value: f64,
    /// Samples used; fewer than all if all would take too long.
    pub samples: usize,
    /// Number of principal components that replaced the features; `None` if there are few enough
    /// features.
    pub components: Option<usize>,
    /// Strength of the penalty: λ/n, chosen by leave-one-out error, for the closed-form probe; 1/C,
    /// fixed, for the logistic one.
    pub penalty: f64,
}

/// The neighborhood hit at one k.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeighborhoodHit {
    /// Neighbors per sample.
    pub k: usize,
    /// Mean over the classes of the share of neighbors with the same label.
    pub hit: Estimate,
    /// Mean over the classes of what random labels would give.
    pub chance: f64,
    /// Mean over the classes of what is possible: a class of no more than k samples cannot fill the
    /// places.
    pub maximum: f64,
}

/// What can be said about a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// It cannot be distinguished from random labels: no evidence of separation.
    NoEvidence,
    /// Separated better than chance, but not reliably.
    BeyondChance,
    /// Separated: the whole interval of a probe or of the neighbors lies above
    /// [`StandingThresholds::least_informedness`], where 1 is perfect.
    StandsApart,
}

impl Standing {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::NoEvidence => "no evidence",
            Self::BeyondChance => "beyond chance",
            Self::StandsApart => "stands apart",
        }
    }
}

/// How well one class stands apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassSeparation {
    /// The class's name.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Its standing; `None` if that was not computed, or the class has fewer than two samples.
    pub standing: Option<Standing>,
    /// The smaller of the corrected p-values of its neighborhood hit and its recall.
    pub p_value: Option<f64>,
    /// Share that the closed-form probe gets right, leave-one-out.
    pub probe_recall: Option<Estimate>,
    /// Share that the logistic probe gets right, cross-validated.
    pub logistic_recall: Option<Estimate>,
    /// Share of the neighbors with the same label, at each k of
    /// [`Separation::neighborhood_hits`].
    pub neighborhood_hits: Vec<Option<Estimate>>,
    /// The largest share that is possible at each of these k: (`N_c` − 1)/k, at most 1.
    pub neighborhood_hit_maxima: Vec<f64>,
    /// Mean of −ln of the conditional probability of neighbors with the same label.
    pub soft_nearest_neighbor_loss: Option<Estimate>,
    /// Mean conditional probability of neighbors with the same label.
    pub soft_neighborhood_hit: Option<f64>,
    /// Mean silhouette of squared Euclidean distances (not the Euclidean one).
    pub silhouette_squared: Option<Estimate>,
    /// Mean CDNV over the pairs with this class.
    pub cdnv: Option<Estimate>,
    /// Share of the samples nearest to their own class's mean.
    pub distance_consistency: Option<Estimate>,
}

/// How well the classes are separated in the feature space.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// Whether there is evidence of any separation; `None` if that was not computed or there are
    /// not two classes.
    pub evidence: Option<bool>,
    /// Number of features.
    pub dimensions: usize,
    /// Labeled samples per feature. Below about 10, results of a linear rule on the samples that it
    /// was fitted to would mean nothing; all results here are of held-out samples.
    pub samples_per_dimension: f64,
    /// The closed-form probe.
    pub probe: Option<ProbeFigures>,
    /// The multinomial logistic probe.
    pub logistic: Option<ProbeFigures>,
    /// Neighborhood hits at several k.
    pub neighborhood_hits: Vec<NeighborhoodHit>,
    /// Soft nearest neighbor loss in nats, mean over samples; lower is more separate.
    pub soft_nearest_neighbor_loss: Option<Estimate>,
    /// Mean over the classes of the conditional probability of neighbors with the same label.
    pub soft_neighborhood_hit: Option<f64>,
    /// Perplexity of the soft statistics.
    pub perplexity: Option<f64>,
    /// Mean silhouette of squared Euclidean distances (not the Euclidean one).
    pub silhouette_squared: Option<Estimate>,
    /// Class separation R² of cosine distances, with equal weights for the classes.
    pub class_separation_r2: Option<Estimate>,
    /// Within-class variability collapse, tr(Σ_W Σ_B⁺)/C; lower is tighter.
    pub nc1: Option<Estimate>,
    /// Mean CDNV over pairs; lower is tighter.
    pub cdnv: Option<Estimate>,
    /// Share of the samples nearest to their own class's mean.
    pub distance_consistency: Option<Estimate>,
    /// When there is evidence, and when a class stands apart.
    #[serde(default)]
    pub thresholds: StandingThresholds,
    /// By class, in display order.
    pub classes: Vec<ClassSeparation>,
}

impl Evidence {
    /// Puts the parts together.
    pub(crate) fn separation(&self, labeled: &Labeled, dimensions: usize) -> Separation {
        let p_values = self.p_values(labeled);
        let hits = self.hits.as_deref().unwrap_or_default();
        let soft = self.soft.as_ref();
        let geometry = self.geometry.as_ref();
        let probes = self.probe.iter().map(|p| &p.confusion);
        let probes = probes.chain(self.logistic.iter().map(|p| &p.confusion));
        let informed: Vec<Vec<f64>> = probes.map(|confusion| informedness(confusion)).collect();
        let classes: Vec<ClassSeparation> = (0..labeled.counts().len())
            .map(|c| {
                let p_value = p_values.as_ref().map(|p| p.classes[c]);
                let informed = informed.iter().map(|by_class| by_class[c]);
                self.class(c, labeled, p_value, informed.fold(f64::MIN, f64::max))
            })
            .collect();
        let occupied: Vec<usize> = (0..labeled.counts().len())
            .filter(|&c| labeled.counts()[c] > 0)
            .collect();
        let size = occupied.len().max(1) as f64;
        let soft_hit = soft.map(|s| {
            let own = |&c: &usize| s.shares[c * labeled.counts().len() + c];
            occupied.iter().map(own).sum::<f64>() / size
        });
        let scale = |h: &Hits| {
            let parts: Vec<Estimate> = h.classes.iter().flatten().copied().collect();
            let others = (labeled.samples() - 1).max(1) as f64;
            let chance = |&c: &usize| (labeled.counts()[c] - 1) as f64 / others;
            let most = |&c: &usize| largest_share(labeled.counts(), c, c, h.k);
            Estimate::balanced(&parts).map(|hit| NeighborhoodHit {
                k: h.k,
                hit,
                chance: occupied.iter().map(chance).sum::<f64>() / size,
                maximum: occupied.iter().map(most).sum::<f64>() / size,
            })
        };
        Separation {
            evidence: p_values.map(|p| {
                let level = self.standing.evidence_level;
                p.overall <= level || p.classes.iter().any(|&p| p <= level)
            }),
            dimensions,
            samples_per_dimension: labeled.samples() as f64 / dimensions.max(1) as f64,
            probe: self.probe.as_ref().map(|p| {
                let samples = labeled.samples();
                let mut probe = figures(&p.confusion, samples, p.components, p.penalty);
                if let Some(shuffled) = self.shuffled() {
                    probe.p_value = shuffled.accuracy;
                }
                probe
            }),
            logistic: self
                .logistic
                .as_ref()
                .map(|p| figures(&p.confusion, p.samples, p.components, p.penalty)),
            neighborhood_hits: hits.iter().filter_map(scale).collect(),
            soft_nearest_neighbor_loss: soft.map(|s| s.loss),
            soft_neighborhood_hit: soft_hit,
            perplexity: soft.map(|s| s.perplexity),
            silhouette_squared: geometry.map(|g| g.silhouette_squared),
            class_separation_r2: geometry.and_then(|g| g.class_separation_r2),
            nc1: geometry.and_then(|g| g.nc1),
            cdnv: geometry.and_then(|g| g.mean_cdnv),
            distance_consistency: geometry.map(|g| g.distance_consistency),
            thresholds: self.standing,
            classes,
        }
    }

    /// One class; `informed` is the lower end of its informedness under the better probe.
    fn class(
        &self,
        c: usize,
        labeled: &Labeled,
        p_value: Option<f64>,
        informed: f64,
    ) -> ClassSeparation {
        let count = labeled.counts()[c];
        let recall = |confusion: &[Vec<u32>]| {
            let size: u32 = confusion[c].iter().sum();
            (size > 0).then(|| Estimate::share(f64::from(confusion[c][c]), size as usize))
        };
        let p_value = p_value.filter(|_| count > 1);
        let soft = self.soft.as_ref();
        let geometry = self.geometry.as_ref();
        let scales = self.hits.as_deref().unwrap_or_default();
        ClassSeparation {
            label: labeled.names()[c].clone(),
            count,
            standing: p_value.map(|p| self.standing(c, labeled, p, informed)),
            p_value,
            probe_recall: self.probe.as_ref().and_then(|p| recall(&p.confusion)),
            logistic_recall: self.logistic.as_ref().and_then(|p| recall(&p.confusion)),
            neighborhood_hits: scales.iter().map(|h| h.classes[c]).collect(),
            neighborhood_hit_maxima: (scales.iter())
                .map(|h| largest_share(labeled.counts(), c, c, h.k))
                .collect(),
            soft_nearest_neighbor_loss: soft.and_then(|s| s.class_loss[c]),
            soft_neighborhood_hit: (soft.filter(|_| count > 0))
                .map(|s| s.shares[c * labeled.counts().len() + c]),
            silhouette_squared: geometry.and_then(|g| g.class_silhouette_squared[c]),
            cdnv: geometry.and_then(|g| g.class_cdnv[c]),
            distance_consistency: geometry.and_then(|g| g.class_distance_consistency[c]),
        }
    }

    fn standing(&self, c: usize, labeled: &Labeled, p_value: f64, informed: f64) -> Standing {
        let StandingThresholds {
            evidence_level,
            least_informedness: least,
        } = self.standing;
        if p_value > evidence_level {
            return Standing::NoEvidence;
        }
        let chance = (labeled.counts()[c] - 1) as f64 / (labeled.samples() - 1) as f64;
        let hit = (self.hits.iter().flatten())
            .rfind(|h| h.k <= TESTED_K)
            .and_then(|h| h.classes[c]?.low.zip(Some(h.k)))
            .is_some_and(|(low, k)| {
                let most = largest_share(labeled.counts(), c, c, k);
                chance < most && (low - chance) / (most - chance) >= least
            });
        if informed >= least || hit {
            Standing::StandsApart
        } else {
            Standing::BeyondChance
        }
    }

    /// Corrected p-values; `None` until hits and probe are computed.
    fn p_values(&self, labeled: &Labeled) -> Option<PValues> {
        let hits = self.hits.as_ref()?;
        let tested = hits.iter().find_map(|h| h.p_values.as_ref())?;
        let confusion = &self.probe.as_ref()?.confusion;
        if self.awaits_shuffles() {
            return None;
        }
        let classes = labeled.classes();
        let all = if let Some(shuffled) = self.shuffled() {
            let overall = [shuffled.accuracy];
            [&shuffled.hits[..], &shuffled.recalls[..], &overall[..]].concat()
        } else {
            let predicted = predicted(confusion);
            let n = labeled.samples() as u64;
            let matches: f64 = (0..classes).map(|c| f64::from(confusion[c][c])).sum();
            let recalls = (0..classes).map(|c| {
                let right = u64::from(confusion[c][c]);
                hypergeometric_tail(right, n, labeled.counts()[c] as u64, predicted[c] as u64)
            });
            let overall = agreement_tail(matches, labeled.counts(), &predicted);
            tested
                .iter()
                .copied()
                .chain(recalls)
                .chain([overall])
                .collect()
        };
        let adjusted = benjamini_hochberg(&all);
        Some(PValues {
            classes: (0..classes)
                .map(|c| adjusted[c].min(adjusted[classes + c]))
                .collect(),
            overall: adjusted[2 * classes],
        })
    }
}

/// Corrected p-values.
struct PValues {
    classes: Vec<f64>,
    overall: f64,
}

/// How often each class was predicted.
fn predicted(confusion: &[Vec<u32>]) -> Vec<usize> {
    (0..confusion.len())
        .map(|c| confusion.iter().map(|row| row[c] as usize).sum())
        .collect()
}

/// A probe's results, from its confusions.
fn figures(
    confusion: &[Vec<u32>],
    samples: usize,
    components: Option<usize>,
    penalty: f64,
) -> ProbeFigures {
    let counts: Vec<usize> = confusion
        .iter()
        .map(|r| r.iter().map(|&v| v as usize).sum())
        .collect();
    let predicted = predicted(confusion);
    let right = |c: usize| f64::from(confusion[c][c]);
    let matches: f64 = (0..counts.len()).map(right).sum();
    let recalls: Vec<Estimate> = (0..counts.len())
        .filter(|&c| counts[c] > 0)
        .map(|c| Estimate::share(right(c), counts[c]))
        .collect();
    let size = samples.max(1) as f64;
    let by_chance = |(&c, &p): (&usize, &usize)| c as f64 / size * (p as f64 / size);
    ProbeFigures {
        accuracy: Estimate::share(matches, samples),
        balanced_accuracy: Estimate::balanced(&recalls).unwrap_or_default(),
        chance: counts.iter().zip(&predicted).map(by_chance).sum(),
        p_value: agreement_tail(matches, &counts, &predicted),
        samples,
        components,
        penalty,
    }
}
