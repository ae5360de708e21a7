//! What a comparison consists of, as JSON, text and screen show it.
//!
//! In: the results of the files beside this one. Out: a [`Comparison`], which is written as JSON
//! and tables and read back from JSON. All fields are public, so that no output computes anything
//! again. The order of the fields is that of the JSON.

use serde::{Deserialize, Serialize};

use super::{Cka, Complementarity, Curve, Ensembles, Measure, Recommendation};
use crate::diagnosis::Reading;
use crate::encode::json;
use crate::error::Result;
use crate::statistics::Estimate;

/// Version of the JSON's layout. New keys may appear without a new version number; a change of meaning or a
/// removal raises it.
pub const COMPARISON_SCHEMA: &str = "disentangle.comparison/2";

/// Where the models' answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerSource {
    /// The classifiers' own predictions or probabilities.
    Predictions,
    /// Votes of the leave-one-out probe of each model's features, if some model has no predictions.
    Probe,
}

/// Two feature sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetPair {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// Linear CKA; `None` if it is not defined.
    pub cka: Option<Cka>,
    /// Mean Jaccard index of the sets of k neighbors.
    pub neighbor_overlap: Option<Estimate>,
}

/// How similar the feature sets are.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SetSimilarity {
    /// Samples that CKA was computed from.
    pub cka_samples: usize,
    /// Samples whose neighbors were compared.
    pub overlap_samples: usize,
    /// The overlap that unrelated sets would have.
    pub chance_overlap: f64,
    /// All pairs of sets.
    pub pairs: Vec<SetPair>,
}

/// Everything about the feature sets of a study.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub crate_version: String,
    /// Name of the study.
    pub name: String,
    /// Samples with a label; all results are about these.
    pub labeled: usize,
    /// Samples without one.
    pub unlabeled: usize,
    /// Class names.
    pub labels: Vec<String>,
    /// Samples by class.
    pub counts: Vec<usize>,
    /// The files that were read.
    pub inputs: Vec<crate::dataset::InputFile>,
    /// Notes from reading and comparing.
    pub notes: Vec<String>,
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Perplexity of the losses.
    pub perplexity: f64,
    /// Level of the tests.
    pub alpha: f64,
    /// Least difference that is reported.
    pub least_difference: f64,
    /// Seed.
    pub seed: u64,
    /// What the results say, in sentences.
    #[serde(default)]
    pub reading: Reading,
    /// The curve over the layers of each model.
    pub curves: Vec<Curve>,
    /// What `complementarity`, `ensembles` and `recommendations` are about.
    pub answers: AnswerSource,
    /// Models without predictions and probabilities. If there is one, no model is compared by its predictions.
    #[serde(default)]
    pub without_predictions: Vec<String>,
    /// Models side by side: "predictions" (where all models have them), "probe" and
    /// "neighborhood_hit".
    pub measures: Vec<Measure>,
    /// How similar the feature sets are.
    pub similarity: SetSimilarity,
    /// Whether models err on different samples; `None` for a single model.
    pub complementarity: Option<Complementarity>,
    /// All ensembles; `None` for a single model.
    pub ensembles: Option<Ensembles>,
    /// What to do with each model.
    pub recommendations: Vec<Recommendation>,
}

impl Comparison {
    /// The comparison as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if a value cannot be written as JSON; none is known.
    pub fn to_json(&self) -> Result<String> {
        json("comparison", self)
    }
}
