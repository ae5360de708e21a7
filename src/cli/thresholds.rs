//! The effect sizes of the reading, as options.

use clap::Args;

use crate::diagnosis::ReadingThresholds;
use crate::error::{Error, Result};

#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct Thresholds {
    /// A class stands apart if the intervals of its recall and its neighborhood hit lie above this
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().apart)]
    apart: f64,
    /// Classes that one mixes with are named from this share of its neighbors on
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().least_share)]
    least_share: f64,
    /// Single neighbors in the map are warned of below this recall
    #[arg(long, value_name = "S", default_value_t = ReadingThresholds::default().low_recall)]
    low_recall: f64,
    /// Sentences of a kind
    #[arg(long, value_name = "N", default_value_t = ReadingThresholds::default().most_sentences)]
    most_sentences: usize,
}

impl Thresholds {
    /// The thresholds, checked.
    pub(super) fn checked(&self) -> Result<ReadingThresholds> {
        for (option, value) in [
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
        Ok(ReadingThresholds {
            apart: self.apart,
            least_share: self.least_share,
            low_recall: self.low_recall,
            most_sentences: self.most_sentences,
            ..ReadingThresholds::default()
        })
    }
}
