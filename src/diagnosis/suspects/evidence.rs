//! What a person looks at to decide about one suspect.

use serde::{Deserialize, Serialize};

use super::verdict::{Judge, Verdict};
use super::{Case, Models};

/// Neighbors shown with each suspect.
const SHOWN_NEIGHBORS: usize = 10;

/// A sample whose tag may be wrong, with what speaks for and against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// 1 for the most suspicious.
    pub rank: usize,
    /// Its number in the dataset, from 0.
    pub row: usize,
    /// Its id, if there are ids.
    pub id: Option<String>,
    /// Index of its class.
    pub class: usize,
    /// Its tag.
    pub label: String,
    /// The class with the most support by the witnesses together.
    pub suggested: String,
    /// Probability that the tag is wrong.
    pub probability: f64,
    /// How far the witnesses together support the tag (0 to 1); the order of suspicion.
    pub support: f64,
    /// What is probably the matter.
    pub verdict: Verdict,
    /// Each witness by itself.
    pub witnesses: WitnessEvidence,
    /// Distance to the 10th neighbor as a multiple of its class's median.
    pub distance_ratio: f64,
    /// Its nearest labeled neighbors.
    pub neighbors: Vec<NeighborEvidence>,
    /// Rows of near-duplicates with another tag.
    pub conflicting_duplicates: Vec<usize>,
}

/// What each witness says about a tag, without having seen it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WitnessEvidence {
    /// Share of the nearest neighbors (Gaussian weights of the perplexity) that bear the tag.
    pub neighbors: f64,
    /// Leave-one-out score of the tag minus the best other class, by a linear ridge probe.
    pub linear_probe: f64,
    /// The same by a Gaussian-kernel probe.
    pub kernel_probe: f64,
    /// Probability of the tag by a logistic probe that was fitted to other folds; `None` where
    /// there are too many classes for one.
    pub logistic_probe: Option<f64>,
    /// By model.
    pub models: Vec<ModelEvidence>,
}

/// What a model says about a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEvidence {
    /// The model.
    pub model: String,
    /// Its probability of the tag; `None` if it gave predictions only.
    pub probability: Option<f64>,
    /// That minus its highest probability of another class.
    pub margin: Option<f64>,
    /// The class that it predicts; `None` for one that has no label.
    pub predicted: Option<String>,
    /// Its probabilities by class; empty if it gave predictions only.
    pub probabilities: Vec<f64>,
}

/// A neighbor of a suspect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeighborEvidence {
    /// Its number in the dataset, from 0.
    pub row: usize,
    /// Its id, if there are ids.
    pub id: Option<String>,
    /// Euclidean distance in the features.
    pub distance: f64,
    /// Index of its class.
    pub class: usize,
    /// Its tag.
    pub label: String,
}

/// The evidence of a labeled sample `i` at a rank (from 0).
pub(super) fn suspect(
    case: &Case<'_>,
    judge: &Judge<'_>,
    (rank, i): (usize, usize),
    (verdict, probability): (Verdict, f64),
) -> Suspect {
    let labeled = case.labeled;
    let finding = &case.ranking.findings[i];
    let class = usize::from(labeled.indices()[i]);
    let id = |row: usize| case.data.ids().map(|ids| ids[row].clone());
    let row = labeled.row(i);
    let pairs = case
        .graph
        .ids(i)
        .iter()
        .zip(case.graph.squared_distances(i));
    let neighbors = pairs.take(SHOWN_NEIGHBORS).map(|(&j, &squared)| {
        let class = usize::from(labeled.indices()[j as usize]);
        let row = labeled.row(j as usize);
        NeighborEvidence {
            row,
            id: id(row),
            distance: f64::from(squared).sqrt(),
            class,
            label: labeled.names()[class].clone(),
        }
    });
    let duplicates = judge.duplicates(i).iter();
    Suspect {
        rank: rank + 1,
        row,
        id: id(row),
        class,
        label: labeled.names()[class].clone(),
        suggested: labeled.names()[usize::from(finding.best)].clone(),
        probability,
        support: finding.own.exp(),
        verdict,
        witnesses: WitnessEvidence {
            neighbors: f64::from(finding.neighbors),
            linear_probe: f64::from(finding.margins[0]),
            kernel_probe: f64::from(finding.margins[1]),
            logistic_probe: finding.logistic.map(f64::from),
            models: models(case.models, labeled.names(), i, class),
        },
        distance_ratio: judge.distance_ratio(i),
        neighbors: neighbors.collect(),
        conflicting_duplicates: duplicates.map(|&j| labeled.row(j)).collect(),
    }
}

fn models(models: &Models, names: &[String], i: usize, class: usize) -> Vec<ModelEvidence> {
    let predicted = models.predicted(i);
    if models.predictions.is_some() {
        return vec![ModelEvidence {
            model: "model".into(),
            probability: None,
            margin: None,
            predicted: names.get(usize::from(predicted[0])).cloned(),
            probabilities: Vec::new(),
        }];
    }
    let parts = models
        .names
        .iter()
        .zip(&models.probabilities)
        .zip(predicted);
    parts
        .map(|((name, matrix), predicted)| {
            let row = matrix.row(i);
            ModelEvidence {
                model: name.clone(),
                probability: Some(f64::from(row[class])),
                margin: Some(f64::from(super::ranking::margin(row, class))),
                predicted: names.get(usize::from(predicted)).cloned(),
                probabilities: row.iter().map(|&p| f64::from(p)).collect(),
            }
        })
        .collect()
}
