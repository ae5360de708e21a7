//! Every number about separation and mixing: from the features first, from the map beside it.
//!
//! In: features or positions, labels, neighbors. Out: a [`Diagnosis`] that screen, JSON and report
//! show; none of them computes a number of its own. A figure that is not defined (the silhouette
//! of a single class) or was not asked for is `None`. Silhouettes and neighbor tables are separate
//! parts, so that another k never costs a silhouette. Samples without a label are left out of
//! every figure: neighbors are the nearest samples that have one.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis};

use crate::dataset::{Dataset, Labels, UNLABELED};
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::parallel::on_threads;
use crate::progress::Progress;

mod blocks;
mod evidence;
mod fidelity;
mod figures;
mod geometry;
mod inference;
mod linear;
mod logistic;
mod map_neighbors;
mod mixing;
mod options;
mod pairs;
mod per_sample;
mod reading;
mod ridge;
mod sample;
mod separation;
mod silhouette;
mod stability;
mod subset;
mod suspects;
mod votes;

pub use fidelity::{
    ClassFidelity, CurvePoint, Estimate, Fidelity, FidelityOptions, Misleading, MisleadingPair,
    MixingDifference, PointFidelity,
};
pub use figures::{ClassDiagnosis, Confusion, Diagnosis, Figure};
pub use inference::Uncertain;
pub use map_neighbors::MapIndex;
pub use mixing::Mixing;
pub use options::DiagnosisOptions;
pub use pairs::{HeadVerdict, MixingDirection, MixingThresholds, PairMixing, Pairs};
pub use per_sample::PerSample;
pub use reading::{Backing, Reading, ReadingThresholds, Statement, Topic};
pub use ridge::RidgeProbe;
pub use sample::{SampleDiagnosis, SampleNeighbor, map_ranks};
pub use separation::{
    ClassSeparation, NeighborhoodHit, ProbeFigures, Separation, Standing, StandingThresholds,
};
pub use subset::{SubsetClass, SubsetDiagnosis};
pub use suspects::{
    Expected, ExpectedPrecision, ModelEvidence, NeighborEvidence, Suspect, SuspectOptions,
    Suspects, Verdict, VerdictCounts, WitnessEvidence, WitnessWeight,
};

pub(crate) use evidence::{Source, WANTED_NEIGHBORS};
pub(crate) use inference::{benjamini_hochberg, wilson};
pub(crate) use reading::words;
pub(crate) use separation::Evidence;

pub(crate) use fidelity::Known;
pub use silhouette::Silhouettes;
pub use stability::{ClassStability, MapFinding, Stability, StabilityOptions};

/// The labeled samples of a dataset, which all figures are about.
#[derive(Debug, Clone)]
pub struct Labeled {
    /// Class names.
    names: Vec<String>,
    /// Class of each labeled sample.
    classes: Vec<u16>,
    /// Their numbers in the dataset; `None` if all samples are labeled.
    rows: Option<Vec<usize>>,
    counts: Vec<usize>,
    unlabeled: usize,
}

impl Labeled {
    /// The labeled samples among all.
    pub fn new(labels: &Labels) -> Self {
        let unlabeled = labels.indices().iter().filter(|&&c| c == UNLABELED).count();
        let rows = (unlabeled > 0).then(|| {
            let all = 0..labels.indices().len();
            all.filter(|&i| labels.class(i).is_some()).collect()
        });
        let indices = labels.indices().iter().copied();
        Self {
            names: labels.names().to_vec(),
            classes: indices.filter(|&c| c != UNLABELED).collect(),
            rows,
            counts: labels.counts(),
            unlabeled,
        }
    }

    /// Class names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Class of each labeled sample.
    pub(crate) fn indices(&self) -> &[u16] {
        &self.classes
    }

    /// Number of labeled samples of each class.
    pub(crate) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Number of labeled samples.
    pub fn samples(&self) -> usize {
        self.classes.len()
    }

    /// The number in the dataset of a labeled sample.
    pub(crate) fn row(&self, sample: usize) -> usize {
        self.rows.as_ref().map_or(sample, |rows| rows[sample])
    }

    /// Number of classes, with members or without.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Whether every sample of the dataset is labeled.
    pub fn is_complete(&self) -> bool {
        self.rows.is_none()
    }

    /// The features of the labeled samples, if some have no label.
    pub fn subset(&self, features: ArrayView2<'_, f32>) -> Option<Array2<f32>> {
        let rows = self.rows.as_ref()?;
        Some(features.select(Axis(0), rows))
    }

    /// The positions of the labeled samples.
    fn positions<'a>(&self, positions: &'a [[f32; 2]]) -> std::borrow::Cow<'a, [[f32; 2]]> {
        match &self.rows {
            None => positions.into(),
            Some(rows) => rows.iter().map(|&i| positions[i]).collect(),
        }
    }

    /// Number of classes with members.
    fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&c| c > 0).count()
    }

    /// Whether silhouettes exist: at least two classes have members, and some class two.
    fn has_silhouettes(&self) -> bool {
        self.occupied() >= 2 && self.occupied() < self.samples()
    }
}

impl Mixing {
    /// Neighbor labels in the feature space, from a graph of the labeled samples; `None` if there
    /// are no two of them.
    pub fn in_features(neighbors: &Neighbors, labeled: &Labeled, k: usize) -> Option<Self> {
        (labeled.samples() >= 2 && neighbors.samples() == labeled.samples()).then(|| {
            let ids = neighbors.all_ids();
            mixing::mixing(ids, neighbors.k(), k, &labeled.classes, &labeled.counts)
        })
    }

    /// Neighbor labels in the map; `None` if there are no two labeled samples.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn in_map(
        positions: &[[f32; 2]],
        labeled: &Labeled,
        k: usize,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        let found = MapNeighbors::find(positions, labeled, k, threads, progress)?;
        Ok(found.map(|neighbors| Self::of_map(&neighbors, labeled)))
    }

    /// Neighbor labels in the map, from neighbors that are known.
    pub(crate) fn of_map(neighbors: &MapNeighbors, labeled: &Labeled) -> Self {
        let MapNeighbors { ids, k } = neighbors;
        mixing::mixing(ids, *k, *k, &labeled.classes, &labeled.counts)
    }
}

/// The nearest labeled samples of each labeled sample in the map.
pub(crate) struct MapNeighbors {
    /// Ids among the labeled samples (n × k).
    pub(crate) ids: Vec<u32>,
    /// Neighbors per sample.
    pub(crate) k: usize,
}

impl MapNeighbors {
    /// Finds them; `None` if there are no two labeled samples.
    pub(crate) fn find(
        positions: &[[f32; 2]],
        labeled: &Labeled,
        k: usize,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        if labeled.samples() < 2 {
            return Ok(None);
        }
        let k = k.clamp(1, labeled.samples() - 1);
        let index = MapIndex::new(&labeled.positions(positions));
        let ids = on_threads(threads, || index.all_neighbors(k, progress))?;
        Ok(Some(Self { ids, k }))
    }
}

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
        let both = |of: &dyn Fn(&Parts<'_>) -> Option<f64>| Figure {
            features: of(&features),
            map: of(&map),
        };
        let chance = mixing::chance(&labeled.counts);
        let classes = (0..labeled.names.len()).map(|c| ClassDiagnosis {
            label: labeled.names[c].clone(),
            count: labeled.counts[c],
            silhouette: both(&|p| p.silhouettes?.means[c]),
            silhouette_standard_error: both(&|p| p.silhouettes?.standard_errors[c]),
            neighborhood_hit: both(&|p| hit(p, labeled, c)),
            neighborhood_hit_standard_error: both(&|p| {
                let errors = &p.mixing?.standard_errors;
                (labeled.counts[c] >= 2).then(|| errors[c][c])
            }),
            neighborhood_hit_chance: chance[c][c],
        });
        let mean_hit = |p: &Parts<'_>| {
            let hits: Vec<f64> = (0..labeled.names.len())
                .filter_map(|c| hit(p, labeled, c))
                .collect();
            (!hits.is_empty()).then(|| hits.iter().sum::<f64>() / hits.len() as f64)
        };
        let table = |p: &Parts<'_>| p.mixing.map(|m| m.shares.clone());
        let errors = |p: &Parts<'_>| p.mixing.map(|m| m.standard_errors.clone());
        let marks = |p: &Parts<'_>| p.mixing.map(|m| m.above_chance.clone());
        Self {
            labeled: labeled.samples(),
            unlabeled: labeled.unlabeled,
            silhouette: both(&|p| p.silhouettes.map(|s| s.mean)),
            silhouette_standard_error: both(&|p| p.silhouettes.map(|s| s.standard_error)),
            neighborhood_hit: both(&mean_hit),
            neighbor_recall: None,
            silhouette_references: features.silhouettes.and_then(|s| s.references),
            map_silhouette_references: map.silhouettes.and_then(|s| s.references),
            classes: classes.collect(),
            confusion: Confusion {
                k: features.mixing.or(map.mixing).map_or(k, |m| m.k),
                labels: labeled.names.clone(),
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
    /// use disentangle::{Dataset, Diagnosis, Labels, Silent, ndarray::array};
    /// let data = Dataset::new(array![[0.0], [0.1], [0.3], [7.0], [7.1], [7.3]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 0, 1, 1, 1])?)?;
    /// let diagnosis = Diagnosis::of(&data, None, 2, 1, &Silent)?.unwrap();
    /// assert_eq!(diagnosis.classes[0].neighborhood_hit.features, Some(1.0));
    /// assert!(diagnosis.silhouette.features.unwrap() > 0.9);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        data: &Dataset,
        map: Option<&[[f32; 2]]>,
        k: usize,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        let options = DiagnosisOptions {
            k,
            threads,
            ..DiagnosisOptions::default()
        };
        Self::with_options(data, map, &options, progress)
    }

    /// As [`of`](Self::of), with thresholds of one's own.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    ///
    /// ```
    /// use disentangle::{Dataset, Diagnosis, DiagnosisOptions, Labels, Silent, ndarray::array};
    /// let data = Dataset::new(array![[0.0], [0.1], [0.3], [7.0], [7.1], [7.3]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 0, 1, 1, 1])?)?;
    /// let mut options = DiagnosisOptions { k: 2, ..DiagnosisOptions::default() };
    /// options.mixing.least_overlap = 0.1;
    /// let diagnosis = Diagnosis::with_options(&data, None, &options, &Silent)?.unwrap();
    /// assert_eq!(diagnosis.pairs.unwrap().thresholds.least_overlap, 0.1);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn with_options(
        data: &Dataset,
        map: Option<&[[f32; 2]]>,
        options: &DiagnosisOptions,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        let (k, threads) = (options.k.max(1), options.threads);
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
        let neighbors =
            feature_neighbors(data, &labeled, k.max(WANTED_NEIGHBORS), threads, progress)?;
        let mixing = (neighbors.as_ref()).and_then(|n| Mixing::in_features(n, &labeled, k));
        let suspects = match &neighbors {
            Some(graph) => {
                let defaults = SuspectOptions::default();
                let graph = (&labeled, graph);
                Suspects::from_graph(data, graph, &[], &defaults, threads, progress)?.map(Arc::new)
            }
            None => None,
        };
        let mut evidence = Evidence {
            standing: options.standing,
            mixing: options.mixing,
            ..Evidence::default()
        };
        if let Some(neighbors) = &neighbors {
            evidence.read_graph(neighbors, &labeled, k, threads);
        }
        evidence.read_predictions(data, &labeled);
        let source = Source {
            features: data.features(),
            labeled: &labeled,
            threads,
            progress,
        };
        evidence.read_probe(source)?;
        evidence.read_linear(source)?;
        evidence.read_geometry(source)?;
        evidence.read_logistic(source)?;
        let silhouettes =
            Silhouettes::in_features(data.features(), &labeled, true, threads, progress)?;
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
        let in_map = MapNeighbors::find(map, &labeled, k, threads, progress)?;
        let map_mixing = in_map.as_ref().map(|n| Mixing::of_map(n, &labeled));
        if let Some(in_map) = &in_map {
            evidence.read_map(&in_map.ids, in_map.k, &labeled);
        }
        let map_silhouettes = Silhouettes::in_map(map, &labeled, true, threads, progress)?;
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
        diagnosis.fidelity = on_threads(threads, || {
            Fidelity::measure(data, Some(&labeled), map, known, &fidelity, progress)
        })?;
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

/// Neighborhood hit of a class.
fn hit(parts: &Parts<'_>, labeled: &Labeled, class: usize) -> Option<f64> {
    let mixing = parts.mixing?;
    (labeled.counts[class] > 0).then(|| mixing.shares[class][class])
}

/// Multiplications up to which the neighbors behind the figures are exact.
const EXACT_NEIGHBOR_WORK: f64 = 1e11;

/// Whether the exact neighbors of so many samples in so many dimensions are found in a moment.
pub(crate) fn exact_neighbors_are_affordable(samples: usize, dimensions: usize) -> bool {
    samples as f64 * samples as f64 * dimensions as f64 <= EXACT_NEIGHBOR_WORK
}

/// The graph of the labeled samples in the full feature space, exact where that is affordable;
/// `None` if there are fewer than two.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(crate) fn feature_neighbors(
    data: &Dataset,
    labeled: &Labeled,
    k: usize,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<Neighbors>> {
    if labeled.samples() < 2 {
        return Ok(None);
    }
    let part = labeled.subset(data.features());
    let features = part.as_ref().map_or_else(|| data.features(), |p| p.view());
    if exact_neighbors_are_affordable(labeled.samples(), data.dimensions()) {
        Neighbors::exact(features, k, threads, progress)
    } else {
        Neighbors::find(features, k, threads, progress)
    }
    .map(Some)
}
