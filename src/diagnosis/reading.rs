//! What the figures say, in sentences, as the analyst would write them.
//!
//! In: a [`Diagnosis`]. Out: a [`Reading`]: sentences in the order of their weight, each with the
//! figures behind it, named as in the JSON. A sentence stands only where its test and its effect
//! size hold: the tests are those of the parts that it is about; the effect sizes are
//! [`ReadingThresholds`]. Where nothing tells the labels from random ones, that is said, and
//! nothing about separation or mixing besides. No silhouette and no other figure of geometry makes
//! a sentence: they grow where classes gather more tightly, whether or not more samples can be told
//! apart. What the map shows falsely comes after what the features hold. Nothing is computed here.

use serde::{Deserialize, Serialize};

use super::Diagnosis;
use crate::error::printable;

mod cautions;
mod classes;
mod map;
mod suspects;
pub(crate) mod words;

/// The effect sizes from which on something is worth a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadingThresholds {
    /// A class stands apart if the lower ends of the intervals of its recall under a linear probe
    /// and of its neighborhood hit both lie above this. Default 0.8.
    pub apart: f64,
    /// Of the classes that a class mixes with, those are named that bear at least this share of
    /// its neighbors. Default 0.02.
    pub least_share: f64,
    /// At most so many classes are named that one mixes with, the most frequent first. Default 3.
    pub most_partners: usize,
    /// At most so many sentences of a kind; how many are left out is said. Default 8.
    pub most_sentences: usize,
    /// At most so many classes are named in a row; of more their number is told. Default 12.
    pub most_names: usize,
    /// Longer names of classes are cut to so many characters. Default 24.
    pub name_length: usize,
    /// Classes with fewer samples are too small to say something of. Default 3.
    pub fewest_samples: usize,
    /// The map's recall of neighbors below which a look at single neighbors is warned of.
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
    /// Nothing tells the labels from random ones, for all classes or one.
    NoEvidence,
    /// How well the classes are told apart at all.
    Separation,
    /// A class that stands apart.
    Apart,
    /// Classes that are told apart beyond chance, but not reliably.
    BeyondChance,
    /// Classes that mix.
    Mixing,
    /// What the classifier makes of it.
    Head,
    /// Samples that are probably mistagged.
    Suspects,
    /// Where the map misleads.
    Map,
    /// What cannot be said, and what was left out.
    Caution,
    /// From one layer to the next.
    Layers,
    /// Models side by side.
    Models,
    /// Models together.
    Ensemble,
}

impl Topic {
    /// Whether it states that something is separated.
    pub fn states_separation(self) -> bool {
        matches!(self, Self::Separation | Self::Apart | Self::BeyondChance)
    }
}

/// A figure behind a sentence.
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
    /// The sentence. Names from files are escaped and shortened in it.
    pub text: String,
    /// The figures behind it.
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

/// What the figures say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The thresholds in effect.
    pub thresholds: ReadingThresholds,
    /// The sentences, what matters most first.
    pub statements: Vec<Statement>,
}

impl Reading {
    /// Reads a diagnosis. What was not computed is not spoken of.
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
        let names = words::Names::new(diagnosis, thresholds);
        let mut statements = Vec::new();
        if classes::separation(diagnosis, &names, thresholds, &mut statements) {
            classes::mixing(diagnosis, &names, thresholds, &mut statements);
            classes::head(diagnosis, &names, thresholds, &mut statements);
        }
        suspects::suspects(diagnosis, &mut statements);
        map::misleading(diagnosis, &names, thresholds, &mut statements);
        cautions::cautions(diagnosis, &names, thresholds, &mut statements);
        Self {
            thresholds: *thresholds,
            statements,
        }
    }

    /// The sentences one after the other.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.statements.iter().map(|s| &s.text[..]).collect();
        texts.join(" ")
    }
}
