//! The evidence about one suspect, for a person to decide.

use serde::{Deserialize, Serialize};

use super::models::Models;
use super::ranked::RankedSamples;
use super::ranking::margin;
use super::verdict::{Verdict, VerdictRules};

/// Neighbors listed for each suspect.
const LISTED_NEIGHBORS: usize = 10;

/// A sample whose label may be wrong, with the evidence for and against the label.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// 1 for the most suspicious.
    pub rank: usize,
    /// Its number in the dataset, from 0.
    pub row: usize,
    /// Its id, if there are ids.
    pub id: Option<String>,
    /// Index of its class.
    pub class: usize,
    /// Its label.
    pub label: String,
    /// The class with the most support by all detectors together.
    pub suggested: String,
    /// Probability that the label is wrong.
    pub probability: f64,
    /// Support of the label by all detectors together, 0 to 1; samples are ranked by it.
    pub support: f64,
    /// What is wrong with the sample.
    pub verdict: Verdict,
    /// The detectors one by one.
    pub scores: DetectorScores,
    /// Distance to the 10th neighbor as a multiple of its class's median.
    pub distance_ratio: f64,
    /// Its nearest labeled neighbors.
    pub neighbors: Vec<NeighborEvidence>,
    /// Rows of near-duplicates with another label.
    pub conflicting_duplicates: Vec<usize>,
}

/// Each detector's score for a label, computed without that label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorScores {
    /// Share of the nearest neighbors (Gaussian weights of the perplexity) that have the label.
    pub neighbors: f64,
    /// Leave-one-out score of the label minus the best other class, by a linear ridge probe.
    pub linear_probe: f64,
    /// The same by a Gaussian-kernel probe.
    pub kernel_probe: f64,
    /// Probability of the label by a logistic probe that was fitted to other folds; `None` where
    /// there are models, or too many classes for one.
    pub logistic_probe: Option<f64>,
    /// By model.
    pub models: Vec<ModelEvidence>,
}

/// A model's prediction for a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEvidence {
    /// The model.
    pub model: String,
    /// Its probability of the label; `None` if it gave predictions only.
    pub probability: Option<f64>,
    /// That minus its highest probability of another class.
    pub margin: Option<f64>,
    /// The class that it predicts; `None` for one that no label names.
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
    /// Its label.
    pub label: String,
}

/// The suspect at a rank (from 0).
pub(super) fn suspect(
    samples: &RankedSamples<'_>,
    rules: &VerdictRules<'_>,
    rank: usize,
    verdict: Verdict,
    probability: f64,
) -> Suspect {
    let (labeled, graph) = (samples.labeled, samples.graph);
    let names = labeled.names();
    let i = samples.order[rank];
    let assessment = &samples.ranking.assessments[i];
    let class = usize::from(labeled.indices()[i]);
    let id = |row: usize| samples.data.ids().map(|ids| ids[row].clone());
    let row = labeled.row(i);
    let pairs = graph.ids(i).iter().zip(graph.squared_distances(i));
    let neighbors = pairs.take(LISTED_NEIGHBORS).map(|(&j, &squared)| {
        let class = usize::from(labeled.indices()[j as usize]);
        let row = labeled.row(j as usize);
        NeighborEvidence {
            row,
            id: id(row),
            distance: f64::from(squared).sqrt(),
            class,
            label: names[class].clone(),
        }
    });
    let duplicates = rules.duplicates(i).iter();
    Suspect {
        rank: rank + 1,
        row,
        id: id(row),
        class,
        label: names[class].clone(),
        suggested: names[usize::from(assessment.best)].clone(),
        probability,
        support: assessment.log_support.exp(),
        verdict,
        scores: DetectorScores {
            neighbors: f64::from(assessment.neighbors),
            linear_probe: f64::from(assessment.margins[0]),
            kernel_probe: f64::from(assessment.margins[1]),
            logistic_probe: assessment.logistic.map(f64::from),
            models: models(samples.models, names, i, class),
        },
        distance_ratio: rules.distance_ratio(i),
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
                margin: Some(f64::from(margin(row, class))),
                predicted: names.get(usize::from(predicted)).cloned(),
                probabilities: row.iter().map(|&p| f64::from(p)).collect(),
            }
        })
        .collect()
}
