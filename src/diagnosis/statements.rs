//! The form of a reading: sentences, each with what it is about and the numbers it is based on.
//!
//! `reading.rs` beside this file writes the sentences of a [`Diagnosis`](super::Diagnosis); a comparison has
//! sentences of the same form.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::words::count;

/// How large an effect must be for a sentence, and how much a sentence lists.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadingThresholds {
    /// A class that stands apart is clearly separated if its recall under a probe and its neighborhood
    /// hit, as a share of the largest that its size allows, both have 95% intervals above this, or are
    /// as large as they can be. Default 0.8.
    pub apart: f64,
    /// A class is said to mix with another if at least this share of its neighbors belongs to the
    /// other. Default 0.02.
    pub least_share: f64,
    /// For a class that mixes, at most this many other classes are named, the most frequent first. Default 3.
    pub most_partners: usize,
    /// At most this many sentences; if there are more, the last one says how many were left out,
    /// unless only one is wanted. Default 8.
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
    /// Clusters that were found in the features.
    Clusters,
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

    fn of_left_out(findings: usize) -> Self {
        let text = format!(
            "{} in the tables.",
            count(findings, "more finding is", "more findings are")
        );
        let figures = vec![Backing::new("reading.left_out", findings as f64)];
        Self::new(Topic::Caution, text, figures)
    }
}

/// The results in sentences.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The thresholds in effect.
    pub thresholds: ReadingThresholds,
    /// The sentences, the most important first.
    pub statements: Vec<Statement>,
    /// Findings without a sentence, because there are too many.
    #[serde(default)]
    pub left_out: usize,
}

impl Reading {
    /// Takes the most important sentences, in their order: the first of each topic, then the second of
    /// each, and so on.
    pub(crate) fn of_most_important(
        mut statements: Vec<Statement>,
        thresholds: &ReadingThresholds,
    ) -> Self {
        let most = thresholds.most_sentences.max(1);
        let mut left_out = 0;
        if statements.len() > most {
            // The last sentence says how many were left out, unless there is room for one only.
            let kept = (most - 1).max(1);
            left_out = statements.len() - kept;
            keep_most_important(&mut statements, kept);
            if most > 1 {
                statements.push(Statement::of_left_out(left_out));
            }
        }
        Self {
            thresholds: *thresholds,
            statements,
            left_out,
        }
    }

    /// All sentences in one paragraph.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.statements.iter().map(|s| &s.text[..]).collect();
        texts.join(" ")
    }
}

fn keep_most_important(statements: &mut Vec<Statement>, kept: usize) {
    let mut earlier: HashMap<Topic, usize> = HashMap::new();
    let turns = statements.iter().enumerate().map(|(at, statement)| {
        let turn = earlier.entry(statement.topic).or_default();
        *turn += 1;
        (*turn, at)
    });
    let mut turns: Vec<(usize, usize)> = turns.collect();
    turns.sort_unstable();
    let kept: BTreeSet<usize> = turns[..kept].iter().map(|&(_, at)| at).collect();
    let mut at = 0..;
    statements.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
}
