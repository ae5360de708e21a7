//! Pairs of classes that the map mixes more, or less, than the features do.
//!
//! In: the differences of [`pairs`](super::pairs). Out: a [`MixingDifference`]. A pair is named if
//! the difference is large enough to matter and significant: all cells that could differ are tested
//! together (Benjamini & Hochberg 1995).

use serde::{Deserialize, Serialize};

use super::FidelityOptions;
use super::pairs;
use crate::neighbors::Neighbors;
use crate::statistics::{Estimate, Labeled};

/// How a pair of classes misleads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misleading {
    /// The map mixes classes that the features keep apart.
    MixedInMap,
    /// The map keeps apart classes that the features mix.
    HiddenInMap,
}

/// A pair of classes that the map mixes more, or less, than the features do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MisleadingPair {
    /// Index of the class whose neighbors are counted.
    pub from: usize,
    /// Index of the class of these neighbors.
    pub to: usize,
    /// In which way.
    pub kind: Misleading,
    /// Share of the neighbors in the features.
    pub features: f64,
    /// Share of the neighbors in the map.
    pub map: f64,
    /// Map minus features.
    pub difference: Estimate,
    /// Two-sided p-value of no difference.
    pub p_value: f64,
}

/// Mixing in the map minus mixing in the features (classes × classes).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MixingDifference {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Share of the neighbors of each class (row) with each label (column), in the map minus in the
    /// features. On the diagonal: the neighborhood hit.
    pub difference: Vec<Vec<f64>>,
    /// Standard errors, which allow for neighbors that share neighbors.
    pub standard_error: Vec<Vec<f64>>,
    /// The pairs of different classes that mislead, the largest difference first.
    pub misleading: Vec<MisleadingPair>,
    /// Classes whose neighborhood hit is too low or too high in the map.
    pub misleading_hits: Vec<MisleadingPair>,
}

impl MixingDifference {
    pub(super) fn new(
        features: &Neighbors,
        map: &Neighbors,
        labeled: &Labeled,
        options: &FidelityOptions,
    ) -> Self {
        let k = options.k.min(features.k()).min(map.k()).max(1);
        let found = pairs::differences(features, map, k, labeled.indices(), labeled.counts());
        let (misleading, misleading_hits) = name_pairs(&found, labeled.counts(), options);
        Self {
            k,
            difference: found.signed,
            standard_error: found.standard_errors,
            misleading,
            misleading_hits,
        }
    }

    /// How the map misleads about a pair of classes (or, on the diagonal, about a class's
    /// neighborhood hit), if it does.
    pub fn of(&self, from: usize, to: usize) -> Option<Misleading> {
        let all = self.misleading.iter().chain(&self.misleading_hits);
        all.clone()
            .find(|pair| pair.from == from && pair.to == to)
            .map(|pair| pair.kind)
    }
}

/// The cells with a large and significant difference: pairs of classes, and hits. The p-values of
/// all cells that could differ are corrected together.
fn name_pairs(
    found: &pairs::Differences,
    counts: &[usize],
    options: &FidelityOptions,
) -> (Vec<MisleadingPair>, Vec<MisleadingPair>) {
    let (classes, shares) = (counts.len(), &found.features);
    let mut cells: Vec<MisleadingPair> = Vec::new();
    for from in 0..classes {
        for to in 0..classes {
            let difference = found.signed[from][to];
            let standard_error = found.standard_errors[from][to];
            // If neither space has such neighbors, there is nothing to test.
            if counts[from] < 2 || (difference == 0.0 && standard_error == 0.0) {
                continue;
            }
            let p_value = pairs::two_sided(difference, standard_error);
            // Mixed in the map: more neighbors of another class there, or fewer of the own.
            let more_mixed = (difference > 0.0) != (from == to);
            cells.push(MisleadingPair {
                from,
                to,
                kind: if more_mixed {
                    Misleading::MixedInMap
                } else {
                    Misleading::HiddenInMap
                },
                features: shares[from][to],
                map: shares[from][to] + difference,
                difference: Estimate::normal(difference, Some(standard_error)),
                p_value,
            });
        }
    }
    cells.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
    let tests = cells.len() as f64;
    let rate = options.false_discovery_rate;
    let passes = |(rank, cell): &(usize, &MisleadingPair)| {
        cell.p_value <= rate * (*rank as f64 + 1.0) / tests
    };
    let passed = cells
        .iter()
        .enumerate()
        .rfind(passes)
        .map_or(0, |(r, _)| r + 1);
    cells.truncate(passed);
    cells.retain(|cell| cell.difference.value.abs() >= options.least_difference);
    cells.sort_by(|a, b| {
        let size = |p: &MisleadingPair| p.difference.value.abs();
        (size(b).total_cmp(&size(a))).then((a.from, a.to).cmp(&(b.from, b.to)))
    });
    cells.into_iter().partition(|cell| cell.from != cell.to)
}
