//! The parts of a map's fidelity: by neighborhood size, by class, around each sample.

use serde::{Deserialize, Serialize};

use super::ranks::Anchor;
use crate::statistics::Estimate;

/// R_NX at one neighborhood size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Neighborhood size K.
    pub k: usize,
    /// R_NX(K): 1 if the map keeps all K neighbors, 0 if it keeps as many as a random map.
    pub rnx: Estimate,
}

/// Fidelity around the samples of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFidelity {
    /// The class's name as in the files, not escaped.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Number of them that are used as anchors.
    pub anchors: usize,
    /// As in [`Fidelity`](super::Fidelity), over the class.
    pub trustworthiness: Option<Estimate>,
    /// As in [`Fidelity`](super::Fidelity), over the class.
    pub continuity: Option<Estimate>,
    /// As in [`Fidelity`](super::Fidelity), over the class.
    pub knn_recall: Option<Estimate>,
    /// As in [`Fidelity`](super::Fidelity), over the class.
    pub rnx_area: Option<Estimate>,
}

/// Fidelity around each sample of the dataset, for coloring and picking.
#[derive(Clone, PartialEq)]
pub struct PointFidelity {
    /// 1 if none of the sample's neighbors in the map is false; the lower, the farther away they
    /// are in the features; 0 at worst.
    pub trustworthiness: Vec<f32>,
    /// 1 if none of its neighbors in the features is lost in the map, 0 at worst.
    pub continuity: Vec<f32>,
    /// Share of its k neighbors that the map keeps.
    pub knn_recall: Vec<f32>,
    /// Whether trustworthiness and continuity are estimates.
    pub estimated: bool,
    /// Standard error of the mean trustworthiness, the samples taken as drawn at random.
    pub trustworthiness_error: f64,
    /// The same of the mean share of neighbors kept.
    pub knn_recall_error: f64,
}

impl PointFidelity {
    pub(super) fn new(
        trustworthiness: Vec<f32>,
        continuity: Vec<f32>,
        knn_recall: Vec<f32>,
        estimated: bool,
    ) -> Self {
        Self {
            trustworthiness_error: error_of_mean(&trustworthiness),
            knn_recall_error: error_of_mean(&knn_recall),
            trustworthiness,
            continuity,
            knn_recall,
            estimated,
        }
    }

    pub(super) fn from_anchors(found: &[Anchor]) -> Self {
        let all = |of: fn(&Anchor) -> f64| found.iter().map(|a| of(a) as f32).collect();
        Self::new(
            all(|a| a.trustworthiness),
            all(|a| a.continuity),
            all(|a| a.recall),
            false,
        )
    }
}

/// s/√n; 0 for fewer than two values.
fn error_of_mean(values: &[f32]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    let squares = values.iter().map(|v| (f64::from(*v) - mean).powi(2));
    (squares.sum::<f64>() / (n - 1.0) / n).sqrt()
}
