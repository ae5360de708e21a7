//! From where on the diagnosis states something, as options.

use clap::Args;

use crate::diagnosis::{DiagnosisOptions, MixingThresholds, ReadingThresholds, StandingThresholds};
use crate::error::{Error, Result};

#[derive(Debug, Args)]
#[command(next_help_heading = "Thresholds")]
pub(super) struct Thresholds {
    /// Separation is stated at this level of significance, corrected over all classes
    #[arg(long, value_name = "P", default_value_t = StandingThresholds::default().evidence_level)]
    evidence_level: f64,
    /// A class has the standing "stands apart" if a probe's recall less the false alarms, or its
    /// neighborhood hit beyond chance, is surely this share of the way to perfect
    #[arg(long, value_name = "S", default_value_t = StandingThresholds::default().least_informedness)]
    least_informedness: f64,
    /// A pair of classes is called mixed, and the classifier to confuse it, from this overlap on
    #[arg(long, value_name = "S", default_value_t = MixingThresholds::default().least_overlap)]
    least_overlap: f64,
    /// The overlap that its test takes for none
    #[arg(long, value_name = "S", default_value_t = MixingThresholds::default().tolerated_overlap)]
    tolerated_overlap: f64,
    /// False discovery rate over the pairs
    #[arg(long, value_name = "Q", default_value_t = MixingThresholds::default().discovery_rate)]
    discovery_rate: f64,
    /// Of a class with that standing the reading says that it stands apart if the intervals of its
    /// recall and its neighborhood hit lie above this
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().apart)]
    apart: f64,
    /// The reading names the classes that one mixes with from this share of its neighbors on
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().least_share)]
    least_share: f64,
    /// The reading warns of looking at single neighbors in the map below this recall
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().low_recall)]
    low_recall: f64,
    /// The reading has so many sentences of a kind at most
    #[arg(long, value_name = "N", default_value_t = ReadingThresholds::default().most_sentences)]
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
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::option(
                    option,
                    value,
                    "must be a share between 0 and 1",
                ));
            }
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
