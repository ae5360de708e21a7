//! Every number about separation and mixing: from the features first, from the map beside it.
//!
//! In: features or positions, labels, neighbors. Out: a [`Diagnosis`] that screen, JSON and report
//! show; none of them computes a number of its own. A figure that is not defined (the silhouette
//! of a single class) or was not asked for is `None`. Silhouettes and neighbor tables are separate
//! parts, so that another k never costs a silhouette. Samples without a label are left out of
//! every figure: neighbors are the nearest samples that have one.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::statistics::{
    Estimate, Labeled, MapNeighbors, Mixing, PerSample, Silhouettes, chance, feature_neighbors,
};

mod evidence;
mod fidelity;
mod figures;
mod options;
mod pairs;
mod reading;
mod sample;
mod separation;
mod stability;
mod subset;
mod suspects;

pub use fidelity::{
    ClassFidelity, CurvePoint, Fidelity, FidelityOptions, Misleading, MisleadingPair,
    MixingDifference, PointFidelity,
};
pub use figures::{ClassDiagnosis, Confusion, Diagnosis, Figure};
pub use options::DiagnosisOptions;
pub use pairs::{HeadVerdict, MixingDirection, MixingThresholds, PairMixing, Pairs};
pub use reading::{Backing, Reading, ReadingThresholds, Statement, Topic};
pub use sample::{SampleDiagnosis, SampleNeighbor, map_ranks};
pub use separation::{
    ClassSeparation, NeighborhoodHit, ProbeFigures, Separation, Standing, StandingThresholds,
};
pub use subset::{SubsetClass, SubsetDiagnosis};
pub use suspects::{
    DetectorScores, DetectorWeight, ExpectedPrecision, ModelEvidence, NeighborEvidence, Suspect,
    SuspectOptions, Suspects, Verdict, VerdictCounts,
};

pub(crate) use evidence::{Source, WANTED_NEIGHBORS};
pub(crate) use separation::Evidence;

pub(crate) use fidelity::Known;
pub use stability::{ClassStability, MapFinding, Stability, StabilityOptions};

/// The parts of a diagnosis in one space, each of which may be missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts<'a> {
    /// Silhouettes.
    pub silhouettes: Option<&'a Silhouettes>,
    /// Neighbor labels.
    pub mixing: Option<&'a Mixing>,
}

impl Diagnosis {
    /// Puts the parts together. `k` stands where there are no neighbor labels.
    pub fn assemble(labeled: &Labeled, k: usize, features: Parts<'_>, map: Parts<'_>) -> Self {
        let both = |of: &dyn Fn(&Parts<'_>) -> Option<Estimate>| Figure {
            features: of(&features),
            map: of(&map),
        };
        let chance = chance(labeled.counts());
        let classes = (0..labeled.names().len()).map(|c| ClassDiagnosis {
            label: labeled.names()[c].clone(),
            count: labeled.counts()[c],
            silhouette: both(&|p| p.silhouettes?.classes[c]),
            neighborhood_hit: both(&|p| p.mixing?.share(labeled, c, c)),
            neighborhood_hit_chance: chance[c][c],
        });
        let mean_hit = |p: &Parts<'_>| {
            let hit = |c: usize| p.mixing?.share(labeled, c, c);
            let hits: Vec<Estimate> = (0..labeled.classes()).filter_map(hit).collect();
            Estimate::balanced(&hits)
        };
        let table = |p: &Parts<'_>| p.mixing.map(|m| m.shares.clone());
        let errors = |p: &Parts<'_>| p.mixing.map(|m| m.standard_errors.clone());
        let marks = |p: &Parts<'_>| p.mixing.map(|m| m.above_chance.clone());
        Self {
            labeled: labeled.samples(),
            unlabeled: labeled.unlabeled(),
            silhouette: both(&|p| p.silhouettes.map(|s| s.mean)),
            neighborhood_hit: both(&mean_hit),
            neighbor_recall: None,
            silhouette_references: features.silhouettes.and_then(|s| s.references),
            map_silhouette_references: map.silhouettes.and_then(|s| s.references),
            classes: classes.collect(),
            confusion: Confusion {
                k: features.mixing.or(map.mixing).map_or(k, |m| m.k),
                labels: labeled.names().to_vec(),
                features: table(&features),
                map: table(&map),
                features_standard_error: errors(&features),
                map_standard_error: errors(&map),
                features_above_chance: marks(&features),
                map_above_chance: marks(&map),
                chance,
            },
            fidelity: None,
            stability: None,
            suspects: None,
            reading: None,
            separation: None,
            pairs: None,
            sample_silhouettes: PerSample::silhouettes(
                labeled,
                features.silhouettes,
                map.silhouettes,
            ),
            relabeled: 0,
            map_generation: None,
            map_iteration: None,
        }
    }

    /// Everything about a labeled dataset, and about a map of it if there is one; `None` if the
    /// dataset has no labels.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the map is of another number of samples,
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    ///
    /// ```
    /// use disentangle::{ndarray::array, prelude::*};
    /// let data = Dataset::new(array![[0.0], [0.1], [0.3], [7.0], [7.1], [7.3]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 0, 1, 1, 1])?)?;
    /// let diagnosis = Diagnosis::of(&data, None, 2, &Execution::default().threads(1))?.unwrap();
    /// assert_eq!(diagnosis.classes[0].neighborhood_hit.features, Some(1.0));
    /// assert!(diagnosis.silhouette.features.unwrap() > 0.9);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        data: &Dataset,
        map: Option<&[[f32; 2]]>,
        k: usize,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let options = DiagnosisOptions {
            k,
            ..DiagnosisOptions::default()
        };
        Self::with_options(data, map, &options, execution)
    }

    /// As [`of`](Self::of), with thresholds of one's own.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    ///
    /// ```
    /// use disentangle::{ndarray::array, diagnosis::DiagnosisOptions, prelude::*};
    /// let data = Dataset::new(array![[0.0], [0.1], [0.3], [7.0], [7.1], [7.3]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 0, 1, 1, 1])?)?;
    /// let mut options = DiagnosisOptions { k: 2, ..DiagnosisOptions::default() };
    /// options.mixing.least_overlap = 0.1;
    /// let diagnosis = Diagnosis::with_options(&data, None, &options, &Execution::default())?.unwrap();
    /// assert_eq!(diagnosis.pairs.unwrap().thresholds.least_overlap, 0.1);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn with_options(
        data: &Dataset,
        map: Option<&[[f32; 2]]>,
        options: &DiagnosisOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let k = options.k.max(1);
        if let Some(map) = map.filter(|m| m.len() != data.samples()) {
            return Err(crate::Error::Mismatch {
                what: "map".into(),
                expected: data.samples(),
                found: map.len(),
            });
        }
        let Some(labels) = data.labels() else {
            return Ok(None);
        };
        let labeled = Labeled::new(labels);
        let neighbors = feature_neighbors(data, &labeled, k.max(WANTED_NEIGHBORS), execution)?;
        let mixing = (neighbors.as_ref()).and_then(|n| Mixing::in_features(n, &labeled, k));
        let suspects = match &neighbors {
            Some(graph) => {
                let defaults = SuspectOptions::default();
                Suspects::from_graph(data, &labeled, graph, &defaults, execution)?.map(Arc::new)
            }
            None => None,
        };
        let mut evidence = Evidence {
            standing: options.standing,
            mixing: options.mixing,
            ..Evidence::default()
        };
        if let Some(neighbors) = &neighbors {
            evidence.read_graph(neighbors, &labeled, k, execution);
        }
        evidence.read_predictions(data, &labeled);
        let source = Source {
            features: data.features(),
            labeled: &labeled,
            execution,
        };
        evidence.read_probe(source)?;
        evidence.read_linear(source)?;
        evidence.read_geometry(source)?;
        evidence.read_logistic(source)?;
        let silhouettes = Silhouettes::in_features(data.features(), &labeled, true, execution)?;
        let features = Parts {
            silhouettes: silhouettes.as_ref(),
            mixing: mixing.as_ref(),
        };
        let recall = neighbors.as_ref().and_then(Neighbors::recall);
        let Some(map) = map else {
            let mut diagnosis = Self::assemble(&labeled, k, features, Parts::default());
            diagnosis.neighbor_recall = recall;
            diagnosis.suspects = suspects;
            let diagnosis = diagnosis.with_evidence(&evidence, &labeled, data);
            return Ok(Some(diagnosis.read_with(&options.reading)));
        };
        let in_map = MapNeighbors::find(map, &labeled, k, execution)?;
        let map_mixing = in_map.as_ref().map(|n| Mixing::of_map(n, &labeled));
        if let Some(in_map) = &in_map {
            evidence.read_map(&in_map.ids, in_map.k, &labeled);
        }
        let map_silhouettes = Silhouettes::in_map(map, &labeled, true, execution)?;
        let parts = Parts {
            silhouettes: map_silhouettes.as_ref(),
            mixing: map_mixing.as_ref(),
        };
        let mut diagnosis = Self::assemble(&labeled, k, features, parts);
        diagnosis.neighbor_recall = recall;
        let known = Known::new(neighbors.as_ref(), in_map.as_ref());
        let fidelity = FidelityOptions {
            k,
            ..FidelityOptions::default()
        };
        diagnosis.fidelity = execution
            .run(|_| Fidelity::measure(data, Some(&labeled), map, known, &fidelity, execution))?;
        diagnosis.suspects = suspects;
        let diagnosis = diagnosis.with_evidence(&evidence, &labeled, data);
        Ok(Some(diagnosis.read_with(&options.reading)))
    }

    /// The same with what its figures say in sentences.
    pub(crate) fn with_reading(self) -> Self {
        self.read_with(&ReadingThresholds::default())
    }

    fn read_with(mut self, thresholds: &ReadingThresholds) -> Self {
        self.reading = Some(Reading::of(&self, thresholds));
        self
    }

    /// The same with the figures of separation and mixing that are known.
    pub(crate) fn with_evidence(
        mut self,
        evidence: &Evidence,
        labeled: &Labeled,
        data: &Dataset,
    ) -> Self {
        self.separation = Some(evidence.separation(labeled, data.dimensions()));
        self.pairs = evidence.pairs(labeled);
        self
    }
}
