//! Everything about separation and mixing, in the features and, beside it, in the map.
//!
//! In: features or positions, labels, neighbors. Out: a [`Diagnosis`] that screen, JSON and report
//! show; none of them computes a number of its own. A statistic that is not defined (the silhouette
//! of a single class) or was not requested is `None`. Silhouettes and neighbor tables are separate
//! parts, so that another k never costs a silhouette. Samples without a label are left out of all
//! statistics but the map's fidelity; otherwise neighbors are the nearest samples that have a
//! label.

use std::sync::Arc;

use crate::clusters::Clusters;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::execution::Execution;
use crate::statistics::{Labeled, PerSample};

mod class_verdict;
mod evidence;
mod fidelity;
mod figures;
mod judgment;
mod options;
mod pairs;
mod plan;
mod reading;
mod sample;
mod separation;
mod stability;
mod statements;
mod structure;
mod subset;
mod suspects;
mod thresholds;

pub use class_verdict::ClassVerdict;
pub use fidelity::{
    ClassFidelity, CurvePoint, Fidelity, FidelityOptions, Misleading, MisleadingPair,
    MixingDifference, PointFidelity,
};
pub use figures::{ClassDiagnosis, Confusion, Diagnosis, Figure};
pub use options::{DiagnosisOptions, usual_neighbors};
pub use pairs::{HeadVerdict, MixingDirection, PairMixing, Pairs};
pub use sample::{SampleDiagnosis, SampleNeighbor, map_ranks};
pub use separation::{ClassSeparation, NeighborhoodHit, ProbeFigures, Separation, Standing};
pub use statements::{Backing, Reading, ReadingThresholds, Statement, Topic};
pub use structure::{Arrangement, Between, Order, Structure};
pub use subset::{SubsetClass, SubsetDiagnosis};
pub use suspects::{
    DetectorScores, DetectorWeight, ExpectedPrecision, ModelEvidence, NeighborEvidence, Suspect,
    SuspectOptions, Suspects, Verdict, VerdictCounts,
};
pub use thresholds::{MixingThresholds, StandingThresholds};

#[cfg(feature = "tui")]
pub(crate) use class_verdict::mixed_with;
pub(crate) use plan::{FeatureFigures, Input, MapFigures, PLAN, Step, graph};

pub use stability::{ClassStability, MapFinding, Stability, StabilityOptions};

impl Diagnosis {
    /// Everything about a labeled dataset, and about a map of it if there is one. Without labels, the
    /// fidelity of the map; `None` if there is no map either.
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
    /// assert_eq!(diagnosis.classes[0].neighborhood_hit.features.unwrap().value, 1.0);
    /// assert!(diagnosis.silhouette.features.unwrap().value > 0.9);
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

    /// As [`of`](Self::of), with other thresholds.
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
        if data.labels().is_none() && map.is_none() {
            return Ok(None);
        }
        let labeled = execution.run(|_| Labeled::of(data).in_canonical_order(data.features()));
        let input = Input {
            data,
            labeled: &labeled,
            k,
            exact: true,
        };
        let mut features = FeatureFigures::default();
        features.evidence.standing = options.standing;
        features.evidence.mixing = options.mixing;
        for step in &PLAN {
            features.compute(step, input, execution)?;
        }
        features.forget_gathered();
        let map = match map {
            None => None,
            Some(positions) => {
                let mut map = features.describe_map(positions, input, execution)?;
                map.fidelity = features.fidelity(positions, &map, input, execution)?;
                Some(map)
            }
        };
        let diagnosis = features.diagnosis(input, map.as_ref());
        Ok(Some(diagnosis.with_reading(&options.reading)))
    }

    /// The diagnosis without the map.
    #[must_use]
    pub fn without_map(mut self) -> Self {
        self.forget_map();
        match self.reading.take() {
            Some(reading) => self.with_reading(&reading.thresholds),
            None => self,
        }
    }

    /// The diagnosis of data whose labels are clusters ([`Clusters::labels`]). Its reading then describes them
    /// as clusters.
    #[must_use]
    pub fn with_clusters(mut self, clusters: Arc<Clusters>) -> Self {
        self.clusters = Some(clusters);
        match self.reading.take() {
            Some(reading) => self.with_reading(&reading.thresholds),
            None => self,
        }
    }

    /// The same with its reading.
    pub(crate) fn with_reading(mut self, thresholds: &ReadingThresholds) -> Self {
        self.reading = Some(Reading::of(&self, thresholds));
        self
    }
}
