//! The results of a diagnosis in sentences, as an analyst would write them.
//!
//! In: a [`Diagnosis`]. Out: a [`Reading`]: sentences, the most important first, each with the numbers
//! it is based on, named as in the JSON. A sentence is written only if its statistical test is
//! significant and its effect is large enough; the tests belong to the parts of the diagnosis, the
//! effect sizes are [`ReadingThresholds`]. If the labels cannot be distinguished from random ones, the
//! reading says so and says nothing more about separation or mixing. Silhouettes and other measures of
//! compactness never make a sentence: they also grow when classes become more compact without
//! becoming easier to separate. Errors of the map come after the findings in the features. Nothing is
//! computed here.

use serde::{Deserialize, Serialize};

use super::Diagnosis;

mod cautions;
mod map;
mod mixing;
mod names;
mod separation;
mod suspects;

/// How large effects must be to be mentioned, and how much is listed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadingThresholds {
    /// A class stands apart if its recall under a probe and its neighborhood hit both have 95%
    /// intervals above this. Default 0.8.
    pub apart: f64,
    /// A class is named as mixing with another if at least this share of its neighbors belongs to
    /// the other. Default 0.02.
    pub least_share: f64,
    /// At most this many classes are named that a class mixes with, the most frequent first. Default 3.
    pub most_partners: usize,
    /// At most this many sentences of one kind; a last one says how many were left out. Default 8.
    pub most_sentences: usize,
    /// At most this many classes are named in one list; a longer list is replaced by its length.
    /// Default 12.
    pub most_names: usize,
    /// Longer class names are cut to this many characters. Default 24.
    pub name_length: usize,
    /// Classes with fewer samples are too small to say anything about. Default 3.
    pub fewest_samples: usize,
    /// Below this recall of neighbors, the reading warns against judging single samples by the map.
    /// Default 0.75.
    pub low_recall: f64,
}

impl Default for ReadingThresholds {
    fn default() -> Self {
        Self {
            apart: 0.8,
            least_share: 0.02,
            most_partners: 3,
            most_sentences: 8,
            most_names: 12,
            name_length: 24,
            fewest_samples: 3,
            low_recall: 0.75,
        }
    }
}

/// What a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// Labels that cannot be distinguished from random ones, for all classes or some.
    NoEvidence,
    /// How well the classes are separated overall.
    Separation,
    /// Classes that stand apart.
    Apart,
    /// Classes that are separated better than chance, but not reliably.
    BeyondChance,
    /// Classes that mix.
    Mixing,
    /// How the classifier's predictions compare with the features.
    Head,
    /// Samples that are probably mislabeled.
    Suspects,
    /// Where the map misleads.
    Map,
    /// What could not be judged, and what was left out.
    Caution,
    /// Changes from one layer to the next.
    Layers,
    /// Differences between models.
    Models,
    /// Combinations of models.
    Ensemble,
}

impl Topic {
    /// Whether sentences on this topic claim separation.
    pub fn states_separation(self) -> bool {
        matches!(self, Self::Separation | Self::Apart | Self::BeyondChance)
    }
}

/// A number that a sentence is based on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backing {
    /// Its name in the JSON, as a path: `separation.classes[2].probe_recall.value`.
    pub field: String,
    /// Its value.
    pub value: f64,
}

impl Backing {
    pub(crate) fn new(field: impl Into<String>, value: f64) -> Self {
        Self {
            field: field.into(),
            value,
        }
    }
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// What it is about.
    pub topic: Topic,
    /// The sentence, with names from files escaped and shortened.
    pub text: String,
    /// The numbers it is based on.
    pub figures: Vec<Backing>,
}

impl Statement {
    pub(crate) fn new(topic: Topic, text: impl Into<String>, figures: Vec<Backing>) -> Self {
        Self {
            topic,
            text: text.into(),
            figures,
        }
    }
}

/// The results in sentences.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The thresholds in effect.
    pub thresholds: ReadingThresholds,
    /// The sentences, the most important first.
    pub statements: Vec<Statement>,
}

impl Reading {
    /// Describes a diagnosis; parts that were not computed are skipped.
    ///
    /// ```
    /// use disentangle::{diagnosis::{Reading, ReadingThresholds, Topic}, prelude::*};
    /// use disentangle::ndarray::Array2;
    /// let features = Array2::from_shape_fn((80, 3), |(i, j)| {
    ///     (i % 2 * 20) as f32 + ((i * 7 + j * 5) % 11) as f32
    /// });
    /// let labels = Labels::from_integers(&(0..80).map(|i| i % 2).collect::<Vec<i64>>())?;
    /// let data = Dataset::new(features)?.with_labels(labels)?;
    /// let diagnosis = Diagnosis::of(&data, None, 5, &Execution::default().threads(1))?.unwrap();
    /// let reading = Reading::of(&diagnosis, &ReadingThresholds::default());
    /// assert!(reading.statements.iter().any(|s| s.topic == Topic::Apart));
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(diagnosis: &Diagnosis, thresholds: &ReadingThresholds) -> Self {
        let names = names::Names::new(diagnosis, thresholds);
        let mut statements = Vec::new();
        if separation::separation(diagnosis, &names, thresholds, &mut statements) {
            mixing::mixing(diagnosis, &names, thresholds, &mut statements);
            mixing::head(diagnosis, &names, thresholds, &mut statements);
        }
        suspects::suspects(diagnosis, &mut statements);
        map::misleading(diagnosis, &names, thresholds, &mut statements);
        cautions::cautions(diagnosis, &names, thresholds, &mut statements);
        Self {
            thresholds: *thresholds,
            statements,
        }
    }

    /// All sentences in one paragraph.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.statements.iter().map(|s| &s.text[..]).collect();
        texts.join(" ")
    }
}
