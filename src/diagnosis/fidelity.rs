//! Fidelity of the map: whether it keeps the neighbors, and whether it mixes the classes as the
//! features do.
//!
//! In: features (n × d), a map of them (n × 2), and labels where there are some. Out: a
//! [`Fidelity`]: trustworthiness and continuity (Venna & Kaski 2001), k-NN recall, R_NX and its
//! area (Lee, Peluffo-Ordóñez & Verleysen 2015) overall, by class and around each sample; the
//! correlation of distances; and, by pair of classes, the mixing in the map minus that in the
//! features. Ranks are exact around all samples up to some thousands; beyond that around a random
//! sample of anchors, with the standard error. All samples count, with a label or without; only the
//! mixing of classes is about the labeled ones.

use std::sync::Arc;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, check};
use crate::statistics::{Estimate, Labeled, MapIndex, feature_neighbors};

mod distances;
mod figures;
mod local;
mod mixing;
mod options;
mod pairs;
mod ranks;
mod sampling;

pub use figures::{ClassFidelity, CurvePoint, PointFidelity};
pub use mixing::{Misleading, MisleadingPair, MixingDifference};
pub use options::FidelityOptions;

pub(crate) use pairs::Known;
use pairs::{graphs, recall_of};
use ranks::{Anchor, Ranking, contiguous};
use sampling::Anchors;

/// The fewest samples for which ranks are meaningful.
const FEWEST: usize = 3;
/// Sizes of the curve per factor of ten, beyond the first ten.
const SIZES_PER_DECADE: f64 = 10.0;

/// How far a map can be trusted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Number of samples.
    pub samples: usize,
    /// Number of anchors behind the overall statistics; `None` if all samples are used.
    pub anchors: Option<usize>,
    /// T(k): 1 if no neighbor in the map is false. `None` in a quick description.
    pub trustworthiness: Option<Estimate>,
    /// C(k): 1 if no neighbor in the features is lost. `None` in a quick description.
    pub continuity: Option<Estimate>,
    /// Mean share of the k neighbors in the features that are among the k in the map, Q_NX(k).
    pub knn_recall: Option<Estimate>,
    /// Area under R_NX over log K: 1 for a perfect map, 0 for a random one. `None` in a quick
    /// description.
    pub rnx_area: Option<Estimate>,
    /// R_NX by neighborhood size; empty in a quick description.
    pub rnx_curve: Vec<CurvePoint>,
    /// Spearman's correlation of distances in the features and in the map.
    pub distance_correlation: Option<Estimate>,
    /// Number of pairs behind it.
    pub distance_pairs: usize,
    /// By class, in display order; empty without labels.
    pub classes: Vec<ClassFidelity>,
    /// Where the map mixes classes more or less than the features.
    pub mixing: Option<MixingDifference>,
    /// Around each sample. Not part of the JSON.
    #[serde(skip)]
    pub points: Option<Arc<PointFidelity>>,
}

impl Fidelity {
    /// Measures a map of a dataset; `None` for fewer than three samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the map is of another number of samples,
    /// [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{ndarray::Array2, diagnosis::{Fidelity, FidelityOptions}, prelude::*};
    /// // Points of a plane, and the plane itself as the map.
    /// let features = Array2::from_shape_fn((50, 2), |(i, j)| (i * i % 47 + 3 * i * j) as f32);
    /// let map: Vec<[f32; 2]> = features.rows().into_iter().map(|r| [r[0], r[1]]).collect();
    /// let options = FidelityOptions { k: 5, ..FidelityOptions::default() };
    /// let fidelity = Fidelity::of(&Dataset::new(features)?, &map, &options, &Execution::default().threads(1))?.unwrap();
    /// assert_eq!(fidelity.trustworthiness.unwrap().value, 1.0);
    /// assert_eq!(fidelity.knn_recall.unwrap().value, 1.0);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        data: &Dataset,
        map: &[[f32; 2]],
        options: &FidelityOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if map.len() != data.samples() {
            return Err(Error::Mismatch {
                what: "map".into(),
                expected: data.samples(),
                found: map.len(),
            });
        }
        let labeled = data.labels().map(Labeled::new);
        execution.run(|_| {
            let graph = match &labeled {
                Some(labeled) => {
                    let k = options.k.clamp(1, labeled.samples().max(2) - 1);
                    feature_neighbors(data, labeled, k, execution)?
                }
                None => None,
            };
            let known = Known {
                in_features: graph.as_ref(),
                in_map: None,
            };
            Self::measure(data, labeled.as_ref(), map, known, options, execution)
        })
    }

    /// Standard errors of trustworthiness and of the share of neighbors kept: of the estimate where it is
    /// one, otherwise of the mean over samples drawn at random. With them maps of one dataset can be
    /// compared. `None` where it is not known.
    pub fn standard_errors(&self) -> [Option<f64>; 2] {
        let points = self.points.as_deref();
        let of = |estimate: Option<Estimate>, over_samples: Option<f64>| {
            estimate.and_then(|e| e.standard_error).or(over_samples)
        };
        [
            of(
                self.trustworthiness,
                points.map(|p| p.trustworthiness_error),
            ),
            of(self.knn_recall, points.map(|p| p.knn_recall_error)),
        ]
    }

    /// As [`of`](Self::of), on the current threads and with neighbors that are already known.
    pub(crate) fn measure(
        data: &Dataset,
        labeled: Option<&Labeled>,
        map: &[[f32; 2]],
        known: Known<'_>,
        options: &FidelityOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let n = data.samples();
        if n < FEWEST {
            return Ok(None);
        }
        let features = data.features();
        let rows = contiguous(&features);
        let k = options.k.clamp(1, n - 2);
        let mut fidelity = Self::empty(n, k);
        let (labels, names, counts) = classes_of(data, labeled);
        let per_class = options
            .anchors_per_class
            .min(options.anchors / names.len().max(1));
        let exact = n <= options.exact_samples;
        let anchors = if exact {
            Anchors::all(n, labels, names.len())
        } else {
            let wanted = (options.anchors.max(2), per_class);
            Anchors::draw(n, labels, names.len(), wanted, options.seed)
        };
        let sizes = curve_sizes(n);
        let found = Ranking::new(&rows, map, k, &sizes).describe(&anchors.ids, execution)?;
        fidelity.take_anchors(&anchors, &found, &sizes, (names, counts));
        check(execution)?;
        if let Some((estimate, pairs)) =
            distances::correlation(&rows, map, options.distance_pairs, options.seed)
        {
            fidelity.distance_correlation = Some(estimate);
            fidelity.distance_pairs = pairs;
        }
        if exact {
            fidelity.points = Some(Arc::new(PointFidelity::from_anchors(&found)));
        }
        if let Some(labeled) = labeled {
            fidelity.compare_neighbors(data, labeled, map, known, options, execution)?;
        }
        if !exact && fidelity.points.is_none() {
            let points = points_of(data.features(), &rows, map, k, options.seed, execution)?;
            fidelity.take_points(points, labels);
        }
        Ok(Some(fidelity))
    }

    /// The statistics that need only neighbors, for a map that is still forming: recall by class
    /// and the mixing of classes. `None` unless the neighbors in both spaces are known.
    pub(crate) fn quick(
        labeled: &Labeled,
        known: Known<'_>,
        options: &FidelityOptions,
    ) -> Option<Self> {
        let n = labeled.samples();
        if n < FEWEST {
            return None;
        }
        let k = options.k.clamp(1, n - 2);
        let (features, map) = graphs(known, n)?;
        let mut fidelity = Self::empty(n, k.min(features.k()).min(map.k()));
        let recall = recall_of(features, map, fidelity.k);
        fidelity.knn_recall = exactly(mean_of(recall.iter().copied()));
        for (c, label) in labeled.names().iter().enumerate() {
            let own = recall.iter().zip(labeled.indices());
            let own = own.filter(|(_, class)| usize::from(**class) == c);
            fidelity.classes.push(ClassFidelity {
                label: label.clone(),
                count: labeled.counts()[c],
                anchors: labeled.counts()[c],
                trustworthiness: None,
                continuity: None,
                knn_recall: exactly(mean_of(own.map(|(r, _)| *r))),
                rnx_area: None,
            });
        }
        let mixing = || MixingDifference::new(features, map, labeled, options);
        fidelity.mixing = labeled.has_classes().then(mixing);
        Some(fidelity)
    }

    fn empty(samples: usize, k: usize) -> Self {
        Self {
            k,
            samples,
            anchors: None,
            trustworthiness: None,
            continuity: None,
            knn_recall: None,
            rnx_area: None,
            rnx_curve: Vec::new(),
            distance_correlation: None,
            distance_pairs: 0,
            classes: Vec::new(),
            mixing: None,
            points: None,
        }
    }

    /// Means over the anchors.
    fn take_anchors(
        &mut self,
        anchors: &Anchors,
        found: &[Anchor],
        sizes: &[usize],
        (names, counts): (&[String], &[usize]),
    ) {
        let n = self.samples;
        let first = &found[..anchors.overall];
        let overall = |of: fn(&Anchor) -> f64| sampling::mean(first.iter().map(of), n);
        self.anchors = (anchors.overall < n).then_some(anchors.overall);
        self.trustworthiness = overall(|a| a.trustworthiness);
        self.continuity = overall(|a| a.continuity);
        self.knn_recall = overall(|a| a.recall);
        self.rnx_area = overall(|a| a.area);
        let at = |s: usize| sampling::mean(first.iter().map(move |a| a.curve[s]), n);
        self.rnx_curve = (sizes.iter().enumerate())
            .filter_map(|(s, &k)| {
                let rnx = at(s)?;
                Some(CurvePoint { k, rnx })
            })
            .collect();
        self.classes = (names.iter().zip(counts).zip(&anchors.by_class))
            .map(|((label, &count), members)| {
                let of = |figure: fn(&Anchor) -> f64| {
                    let values = members.iter().map(|&at| figure(&found[at as usize]));
                    sampling::mean(values, count)
                };
                ClassFidelity {
                    label: label.clone(),
                    count,
                    anchors: members.len(),
                    trustworthiness: of(|a| a.trustworthiness),
                    continuity: of(|a| a.continuity),
                    knn_recall: of(|a| a.recall),
                    rnx_area: of(|a| a.area),
                }
            })
            .collect();
    }

    /// The mixing of classes and, if all samples are labeled, the statistics around each sample
    /// that need only neighbors.
    fn compare_neighbors(
        &mut self,
        data: &Dataset,
        labeled: &Labeled,
        map: &[[f32; 2]],
        known: Known<'_>,
        options: &FidelityOptions,
        progress: &dyn Progress,
    ) -> Result<()> {
        if labeled.samples() < FEWEST {
            return Ok(());
        }
        let own;
        let mut known = known;
        if known.in_map.is_none() {
            let k = options.k.clamp(1, labeled.samples() - 2);
            own = MapIndex::new(&labeled.positions(map)).graph(k, progress)?;
            known.in_map = Some(&own);
        }
        let Some((features, in_map)) = graphs(known, labeled.samples()) else {
            return Ok(());
        };
        let mixing = || MixingDifference::new(features, in_map, labeled, options);
        self.mixing = labeled.has_classes().then(mixing);
        let k = self.k.min(features.k()).min(in_map.k());
        if self.points.is_none() && labeled.is_complete() && k == self.k {
            let view = data.features();
            let mut places = vec![0; labeled.samples()];
            for (place, &row) in labeled.rows().iter().enumerate() {
                places[row] = place;
            }
            let local = local::Local {
                features: &contiguous(&view),
                positions: map,
                in_features: &features.renumbered(&places),
                in_map: &in_map.renumbered(&places),
                k,
            };
            let points = local::describe(&local, options.seed, progress)?;
            let labels: Vec<u16> = places.iter().map(|&i| labeled.indices()[i]).collect();
            self.take_points(points, &labels);
        }
        Ok(())
    }

    /// Statistics around each sample; their recall is exact and replaces that of the anchors.
    fn take_points(&mut self, points: PointFidelity, labels: &[u16]) {
        let recall = &points.knn_recall;
        self.knn_recall = exactly(mean_of(recall.iter().map(|&r| f64::from(r))));
        for (c, class) in self.classes.iter_mut().enumerate() {
            let own = recall.iter().zip(labels);
            let own = own.filter(|(_, class)| usize::from(**class) == c);
            class.knn_recall = exactly(mean_of(own.map(|(&r, _)| f64::from(r))));
        }
        self.points = Some(Arc::new(points));
    }
}

/// The labels of all samples, the classes' names and sizes; all empty without labels.
fn classes_of<'a>(
    data: &'a Dataset,
    labeled: Option<&'a Labeled>,
) -> (&'a [u16], &'a [String], &'a [usize]) {
    match (data.labels(), labeled) {
        (Some(labels), Some(labeled)) => (labels.indices(), labeled.names(), labeled.counts()),
        _ => (&[], &[], &[]),
    }
}

/// Statistics around each of many samples, without a known graph.
fn points_of(
    features: ArrayView2<'_, f32>,
    rows: &[f32],
    map: &[[f32; 2]],
    k: usize,
    seed: u64,
    execution: &Execution,
) -> Result<PointFidelity> {
    let graph = Neighbors::find(features, k, execution)?;
    let in_map = MapIndex::new(map).graph(k, execution)?;
    let local = local::Local {
        features: rows,
        positions: map,
        in_features: &graph,
        in_map: &in_map,
        k: k.min(graph.k()),
    };
    local::describe(&local, seed, execution)
}

fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_usize, 0.0), |(n, sum), v| (n + 1, sum + v));
    (count > 0).then(|| sum / count as f64)
}

/// A value that is exact.
fn exactly(value: Option<f64>) -> Option<Estimate> {
    value.map(Estimate::exact)
}

/// The neighborhood sizes of the curve: 1 to 10, then evenly on a log scale, up to n − 2.
fn curve_sizes(n: usize) -> Vec<usize> {
    let last = n - 2;
    let mut sizes: Vec<usize> = (1..=last.min(10)).collect();
    let mut step = 1.0;
    while let Some(&size) = sizes.last()
        && size < last
    {
        let next = (10.0 * 10_f64.powf(step / SIZES_PER_DECADE)).round() as usize;
        if next > size {
            sizes.push(next.min(last));
        }
        step += 1.0;
    }
    sizes
}
