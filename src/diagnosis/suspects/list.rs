//! The list of suspects: verdicts, estimates and evidence from the ranking and its calibration.

use std::collections::BTreeSet;

use super::calibration::{Calibrations, ErrorRate};
use super::evidence::{Suspect, suspect};
use super::options::SuspectOptions;
use super::ranked::RankedSamples;
use super::verdict::{Verdict, VerdictCounts, VerdictRules};
use super::{DetectorWeight, ExpectedPrecision, Suspects};
use crate::statistics::Estimate;
use crate::statistics::estimate::informedness;

/// So many suspects of each class keep their evidence, besides the first overall,
const KEPT_BY_CLASS: usize = 50;
/// and so many of all classes together.
const KEPT_BY_CLASSES: usize = 5_000;
/// Of the samples of few classes at least so many, or a quarter, are the first.
const FEWEST_FIRST: usize = 3;
/// Lengths of lists whose precision is estimated.
const LENGTHS: [usize; 7] = [10, 20, 50, 100, 200, 500, 1_000];

impl RankedSamples<'_> {
    /// Draws the conclusions.
    pub(super) fn suspects(
        &self,
        calibrations: &Calibrations,
        options: &SuspectOptions,
    ) -> Suspects {
        let assessments = &self.ranking.assessments;
        let ranked = self.order.len();
        let estimates = self.estimates(calibrations, options);
        let Estimates {
            recovery,
            error_rate,
            ..
        } = estimates;
        let (reliable_classes, unreliable_classes) =
            self.reliable_classes(calibrations, &estimates.unreliable);
        let judged = self.judged(calibrations, &estimates.unreliable);
        let rules = VerdictRules::new(self.labeled, self.graph, self.models, options, judged);
        let (mut counts, mut likely) = (VerdictCounts::default(), Vec::new());
        let mut verdicts = Vec::with_capacity(ranked);
        let mut probabilities = vec![0.0; self.data.samples()];
        for (rank, &i) in self.order.iter().enumerate() {
            let probability = estimates.value[rank];
            let verdict = rules.verdict(i, &assessments[i], probability);
            counts.count(verdict);
            if verdict == Verdict::ProbablyMislabeled {
                likely.push(rank);
            }
            verdicts.push(verdict);
            probabilities[self.labeled.row(i)] = probability as f32;
        }
        // Where wrong labels are not found reliably, what is expected of the list means nothing.
        let most = if reliable_classes > 0 { ranked } else { 0 };
        let lengths = LENGTHS.iter().filter(|&&top| top <= most);
        let expected_precision = lengths.map(|&top| ExpectedPrecision {
            top,
            precision: estimates.mean(0..top, top),
        });
        Suspects {
            options: *options,
            ranked,
            too_small: self.too_small(options.fewest_samples),
            detectors: self.detector_weights(),
            recovery,
            reliable: unreliable_classes.is_empty(),
            reliable_classes,
            unreliable_classes,
            error_rate: Estimate::within(error_rate.value, (error_rate.low, error_rate.high)),
            expected_precision: expected_precision.collect(),
            mislabeled_precision: (!likely.is_empty())
                .then(|| estimates.mean(likely.iter().copied(), likely.len())),
            verdicts: counts,
            conflicting_duplicates: rules.conflicting_duplicates(),
            entries: self.entries(&rules, &verdicts, &estimates.value, options.kept),
            probabilities,
        }
    }

    /// Probabilities and error rates, from the samples of each group of classes of similar size.
    fn estimates(&self, calibrations: &Calibrations, options: &SuspectOptions) -> Estimates {
        let ranked = self.order.len();
        let zero = || vec![0.0; ranked];
        let mut all = Estimates {
            value: zero(),
            low: zero(),
            high: zero(),
            error_rate: ErrorRate::default(),
            recovery: 1.0,
            unreliable: vec![false; calibrations.groups.len()],
        };
        let classes = self.labeled.indices();
        let assumed = options.assumed_error_rate;
        let likely_noise = self.ranking.second.likely_noise;
        for (group, calibration) in calibrations.groups.iter().enumerate() {
            let is_of_group = |&rank: &usize| {
                let class = classes[self.order[rank]];
                calibrations.of_class[usize::from(class)] == group
            };
            let ranks: Vec<usize> = (0..ranked).filter(is_of_group).collect();
            if ranks.is_empty() {
                continue;
            }
            let support = |&rank: &usize| self.ranking.assessments[self.order[rank]].log_support;
            let log_supports: Vec<f64> = ranks.iter().map(support).collect();
            let size = ranks.len();
            let assumed = calibration.assumed_rate(size, assumed);
            let rate = calibration.error_rate(&log_supports, likely_noise, assumed);
            let mut as_many = ((assumed * size as f64).round() as usize).clamp(1, size);
            if size < ranked {
                // The first of a few samples by itself says little.
                as_many = as_many.max(size.div_ceil(4).min(FEWEST_FIRST));
            }
            let recovery = calibration.found_among(&log_supports, as_many);
            all.recovery = all.recovery.min(recovery);
            all.unreliable[group] = recovery < options.least_recovery;
            all.error_rate.add(rate, size as f64 / ranked as f64);
            for (rate, into) in [
                (rate.value, &mut all.value),
                (rate.low, &mut all.low),
                (rate.high, &mut all.high),
            ] {
                let of_group = calibration.probabilities(&log_supports, rate);
                for (&rank, p) in ranks.iter().zip(of_group) {
                    into[rank] = p;
                }
            }
        }
        all
    }

    /// By class, whether its labels may be called wrong: wrong labels are found reliably among classes of its
    /// size, and the detectors together give its own samples to it more often than others, at the lower end
    /// of the 95% interval.
    fn judged(&self, calibrations: &Calibrations, unreliable: &[bool]) -> Vec<bool> {
        let classes = self.labeled.counts().len();
        let mut confusion = vec![vec![0_u32; classes]; classes];
        let assessments = self.ranking.assessments.iter();
        for (assessment, &class) in assessments.zip(self.labeled.indices()) {
            confusion[usize::from(class)][usize::from(assessment.best)] += 1;
        }
        let informed = informedness(&confusion).into_iter().enumerate();
        informed
            .map(|(class, informed)| !unreliable[calibrations.of_class[class]] && informed > 0.0)
            .collect()
    }

    /// How many ranked classes are in none of these groups, and the names of those that are.
    fn reliable_classes(
        &self,
        calibrations: &Calibrations,
        unreliable: &[bool],
    ) -> (usize, Vec<String>) {
        let mut ranked = vec![false; self.labeled.names().len()];
        for &i in self.order {
            ranked[usize::from(self.labeled.indices()[i])] = true;
        }
        let classes = (0..ranked.len()).filter(|&class| ranked[class]);
        let (not, are): (Vec<usize>, Vec<usize>) =
            classes.partition(|&class| unreliable[calibrations.of_class[class]]);
        let names = self.labeled.names();
        let not = not.into_iter().map(|class| names[class].clone());
        (are.len(), not.collect())
    }

    fn too_small(&self, fewest_samples: usize) -> Vec<String> {
        let classes = self.labeled.names().iter().zip(self.labeled.counts());
        classes
            .filter(|&(_, &count)| count > 0 && count < fewest_samples)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn detector_weights(&self) -> Vec<DetectorWeight> {
        let models = &self.models.names;
        let has_logistic = (self.ranking.assessments.iter()).any(|a| a.logistic.is_some());
        ["neighbors", "linear probe", "kernel probe"]
            .into_iter()
            .chain(has_logistic.then_some("logistic probe"))
            .chain(models.iter().map(String::as_str))
            .zip(self.ranking.second.influences(models.len()))
            .map(|(name, weight)| DetectorWeight {
                name: name.to_owned(),
                weight,
            })
            .collect()
    }

    /// Evidence of the most suspicious samples, overall and by class.
    fn entries(
        &self,
        rules: &VerdictRules<'_>,
        verdicts: &[Verdict],
        probabilities: &[f64],
        most: usize,
    ) -> Vec<Suspect> {
        let classes = self.labeled.counts().len();
        let by_class = KEPT_BY_CLASS.min(KEPT_BY_CLASSES / classes.max(1)).max(1);
        let mut seen = vec![0; classes];
        let mut kept = BTreeSet::new();
        for (rank, &i) in self.order.iter().enumerate() {
            let seen = &mut seen[usize::from(self.labeled.indices()[i])];
            if rank < most || *seen < by_class {
                kept.insert(rank);
            }
            *seen += 1;
        }
        let kept = kept.into_iter();
        kept.map(|rank| suspect(self, rules, rank, verdicts[rank], probabilities[rank]))
            .collect()
    }
}

/// Probabilities that a label is wrong by rank, for three shares of wrong labels.
struct Estimates {
    value: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    /// Over all classes.
    error_rate: ErrorRate,
    /// The least of any group.
    recovery: f64,
    /// By group, whether too few of its wrong labels are found.
    unreliable: Vec<bool>,
}

impl Estimates {
    /// The mean over `count` ranks, whose bounds are those for the low and the high error rate.
    fn mean(&self, ranks: impl Iterator<Item = usize> + Clone, count: usize) -> Estimate {
        let sum = |p: &[f64]| ranks.clone().map(|rank| p[rank]).sum::<f64>();
        let sums = (sum(&self.low), sum(&self.value), sum(&self.high));
        Estimate::mean_probability(sums, count)
    }
}
