//! Whether models err on different samples, so that together they know more than each alone.
//!
//! In: which samples each model gets right. Out: the pairwise measures of diversity, overall and by
//! class, what an oracle over all models would get right, and each model's unique saves: samples
//! that it alone gets right.

use serde::{Deserialize, Serialize};

use super::agreement::{Agreement, Outcomes};
use super::bits::Bits;
use super::{ComparisonOptions, proportion};
use crate::statistics::Estimate;
use crate::statistics::Labeled;

/// How models complement each other.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Complementarity {
    /// All pairs of models.
    pub pairs: Vec<PairAgreement>,
    /// Share of samples that at least one model gets right, with its Wilson interval.
    pub oracle: Estimate,
    /// Samples that no model gets right, by class.
    pub none_right: Vec<usize>,
    /// What each model alone gets right.
    pub saves: Vec<Saves>,
}

/// Two models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairAgreement {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// Over all samples.
    pub overall: Agreement,
    /// By class; `None` for an empty class.
    pub classes: Vec<Option<Agreement>>,
}

/// The samples that one model alone gets right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saves {
    /// The model.
    pub model: String,
    /// How many in total.
    pub total: usize,
    /// By class.
    pub classes: Vec<usize>,
}

/// Measures the models; `None` for fewer than two or without samples.
pub(super) fn complementarity(
    names: &[&str],
    right: &[&Bits],
    labeled: &Labeled,
    options: &ComparisonOptions,
) -> Option<Complementarity> {
    let n = labeled.samples();
    if names.len() < 2 || n == 0 {
        return None;
    }
    let classes = labeled.indices();
    let members: Vec<Bits> = (0..labeled.counts().len())
        .map(|c| Bits::new(n, |i| usize::from(classes[i]) == c))
        .collect();
    let all = Bits::new(n, |_| true);
    let mut pairs = Vec::new();
    for a in 0..names.len() {
        for b in a + 1..names.len() {
            let agreement = |among: &Bits| {
                let outcomes = Outcomes::of(right[a], right[b], among);
                Agreement::new(outcomes, options.replicates, options.seed)
            };
            pairs.push(PairAgreement {
                first: names[a].into(),
                second: names[b].into(),
                overall: agreement(&all)?,
                classes: members.iter().map(agreement).collect(),
            });
        }
    }
    let any = Bits::any(n, right.iter().copied());
    let saves = |m: usize| {
        let others = (0..names.len()).filter(|&o| o != m).map(|o| right[o]);
        let others = Bits::any(n, others);
        Saves {
            model: names[m].into(),
            total: right[m].count_without(&others, &all),
            classes: members
                .iter()
                .map(|class| right[m].count_without(&others, class))
                .collect(),
        }
    };
    Some(Complementarity {
        pairs,
        oracle: proportion(any.count(), n),
        none_right: members
            .iter()
            .map(|c| c.count_without(&any, &all))
            .collect(),
        saves: (0..names.len()).map(saves).collect(),
    })
}
