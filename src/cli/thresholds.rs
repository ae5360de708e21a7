//! Thresholds of a diagnosis, as options.

use clap::Args;

use crate::diagnosis::{DiagnosisOptions, MixingThresholds, ReadingThresholds, StandingThresholds};
use crate::error::{Error, Result};
use crate::text::{any_number, whole};

#[derive(Debug, Args)]
#[command(next_help_heading = "Thresholds")]
pub(super) struct Thresholds {
    /// Largest p-value, corrected for the number of tests, that counts as evidence of separation
    #[arg(long, value_name = "P", default_value_t = StandingThresholds::default().evidence_level, value_parser = any_number)]
    evidence_level: f64,
    /// A class "stands apart" only if a probe's informedness for it (recall minus false-alarm rate), or its share of
    /// same-class neighbors (rescaled so that chance is 0 and the maximum 1), has a 95% interval that starts at this
    /// value or above
    #[arg(long, value_name = "S", default_value_t = StandingThresholds::default().least_informedness, value_parser = any_number)]
    least_informedness: f64,
    /// Smallest overlap for a pair of classes to be called mixed, or confused by the classifier
    #[arg(long, value_name = "S", default_value_t = MixingThresholds::default().least_overlap, value_parser = any_number)]
    least_overlap: f64,
    /// Overlaps up to this size count as none when a pair is tested
    #[arg(long, value_name = "S", default_value_t = MixingThresholds::default().tolerated_overlap, value_parser = any_number)]
    tolerated_overlap: f64,
    /// False discovery rate over all pairs
    #[arg(long, value_name = "Q", default_value_t = MixingThresholds::default().discovery_rate, value_parser = any_number)]
    discovery_rate: f64,
    /// In the reading, a class that stands apart is "clearly separated" if both its recall and its share of same-class
    /// neighbors pass: each must be at its maximum, or have an interval above this fraction of the maximum. Otherwise
    /// it is "mostly separated"
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().apart, value_parser = any_number)]
    apart: f64,
    /// The reading says that class A mixes with class B only if at least this share of A's neighbors is of
    /// class B
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().least_share, value_parser = any_number)]
    least_share: f64,
    /// The reading warns against trusting single neighbors if the map keeps less than this share of
    /// each sample's neighbors
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().low_recall, value_parser = any_number)]
    low_recall: f64,
    /// Largest number of sentences in the reading
    #[arg(long, value_name = "N", default_value_t = ReadingThresholds::default().most_sentences, value_parser = whole::<usize>(..))]
    most_sentences: usize,
}

impl Thresholds {
    /// The options of a diagnosis, checked.
    pub(super) fn checked(&self, k: usize) -> Result<DiagnosisOptions> {
        for (option, value) in [
            ("--evidence-level", self.evidence_level),
            ("--least-informedness", self.least_informedness),
            ("--least-overlap", self.least_overlap),
            ("--tolerated-overlap", self.tolerated_overlap),
            ("--discovery-rate", self.discovery_rate),
            ("--apart", self.apart),
            ("--least-share", self.least_share),
            ("--low-recall", self.low_recall),
        ] {
            share(option, value)?;
        }
        Ok(DiagnosisOptions {
            k,
            standing: StandingThresholds {
                evidence_level: self.evidence_level,
                least_informedness: self.least_informedness,
            },
            mixing: MixingThresholds {
                least_overlap: self.least_overlap,
                tolerated_overlap: self.tolerated_overlap,
                discovery_rate: self.discovery_rate,
            },
            reading: ReadingThresholds {
                apart: self.apart,
                least_share: self.least_share,
                low_recall: self.low_recall,
                most_sentences: self.most_sentences,
                ..ReadingThresholds::default()
            },
        })
    }
}

/// A share that was given for an option, checked.
pub(super) fn share(option: &'static str, value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Error::option(
        option,
        value,
        "must be a share between 0 and 1",
    ))
}
