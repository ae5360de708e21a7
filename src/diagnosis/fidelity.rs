//! What of the map is real: does it keep the neighbors, and does it mix the classes as the
//! features do?
//!
//! In: features (n × d), a map of them (n × 2), and labels where there are some. Out: a
//! [`Fidelity`]: trustworthiness and continuity (Venna & Kaski 2001), k-NN recall, R_NX and its
//! area (Lee, Peluffo-Ordóñez & Verleysen 2015) overall, by class and around each sample; the
//! correlation of distances; and, by pair of classes, the mixing in the map minus that in the
//! features. Ranks are exact around all samples up to some thousands; beyond that around a random
//! sample of anchors, with the standard error. All samples count, with a label or without, but
//! the mixing of classes, as all neighbor tables, is about those that have one.

use std::sync::Arc;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{Labeled, MapIndex, feature_neighbors};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::neighbors::Neighbors;
use crate::parallel::on_threads;
use crate::progress::{Progress, check};

mod distances;
mod local;
mod pairs;
mod ranks;
mod sampling;

use pairs::Graph;
use ranks::{Anchor, Ranking, contiguous};
use sampling::Anchors;

/// The fewest samples of which ranks say something.
const FEWEST: usize = 3;
/// Sizes of the curve per factor of ten, beyond the first ten.
const SIZES_PER_DECADE: f64 = 10.0;

/// How fidelity is measured, and what is called misleading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FidelityOptions {
    /// Neighbors per sample; capped at n − 2. Default 10.
    pub k: usize,
    /// Up to so many samples ranks are exact. Default 3,000.
    pub exact_samples: usize,
    /// Beyond that, the number of anchors. Default 1,000.
    pub anchors: usize,
    /// Beyond that, the fewest anchors of each class (fewer where there are many classes, so that
    /// these anchors are no more than the others). Default 50.
    pub anchors_per_class: usize,
    /// Random pairs of which distances are correlated. Default 100,000.
    pub distance_pairs: usize,
    /// The least difference of a share (map minus features) that is called misleading.
    /// Default 0.05.
    pub least_difference: f64,
    /// The largest false discovery rate (Benjamini & Hochberg 1995) of the pairs called
    /// misleading. Default 0.01.
    pub false_discovery_rate: f64,
    /// Seed of anchors, references and pairs. Default 1.
    pub seed: u64,
}

impl Default for FidelityOptions {
    fn default() -> Self {
        Self {
            k: 10,
            exact_samples: 3000,
            anchors: 1000,
            anchors_per_class: 50,
            distance_pairs: 100_000,
            least_difference: 0.05,
            false_discovery_rate: 0.01,
            seed: 1,
        }
    }
}

/// A figure, and how far it may be from what counting everything would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error; `None` if it is exact, or from a single anchor.
    pub standard_error: Option<f64>,
}

/// R_NX at one neighborhood size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Neighborhood size K.
    pub k: usize,
    /// R_NX(K): 1 where the map keeps all K neighbors, 0 where it keeps as many as chance.
    pub rnx: f64,
    /// Its standard error if it is an estimate.
    pub standard_error: Option<f64>,
}

/// Fidelity around the samples of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFidelity {
    /// The class's name, as it stands in the files.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Number of them that the figures are from.
    pub anchors: usize,
    /// As in [`Fidelity`], over the class.
    pub trustworthiness: Option<Estimate>,
    /// As in [`Fidelity`], over the class.
    pub continuity: Option<Estimate>,
    /// As in [`Fidelity`], over the class.
    pub knn_recall: Option<Estimate>,
    /// As in [`Fidelity`], over the class.
    pub rnx_area: Option<Estimate>,
}

/// How a pair of classes misleads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misleading {
    /// The map mixes what the features keep apart.
    MixedInMap,
    /// The map keeps apart what the features mix.
    HiddenInMap,
}

/// A pair of classes that the map shows otherwise than the features hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MisleadingPair {
    /// Number of the class whose neighbors are meant.
    pub from: usize,
    /// Number of the class that the neighbors bear.
    pub to: usize,
    /// In which way.
    pub kind: Misleading,
    /// Share of the neighbors in the features.
    pub features: f64,
    /// Share of the neighbors in the map.
    pub map: f64,
    /// Map minus features.
    pub difference: f64,
    /// Standard error of the difference.
    pub standard_error: f64,
    /// Two-sided p-value of no difference.
    pub p_value: f64,
}

/// Mixing in the map minus mixing in the features (classes × classes).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixingDifference {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Share of the neighbors of each class (row) that bear each label (column), in the map minus
    /// in the features. On the diagonal: the neighborhood hit.
    pub difference: Vec<Vec<f64>>,
    /// Standard errors, which allow for neighbors that share neighbors.
    pub standard_error: Vec<Vec<f64>>,
    /// The pairs of different classes that mislead, the largest difference first.
    pub misleading: Vec<MisleadingPair>,
    /// Classes whose neighborhood hit the map shows too low or too high.
    pub misleading_hits: Vec<MisleadingPair>,
}

/// Fidelity around each sample of the dataset, for coloring and picking.
#[derive(Debug, Clone, PartialEq)]
pub struct PointFidelity {
    /// 1 if none of the sample's neighbors in the map is a false one; lower the farther away in
    /// the features they are, 0 at worst.
    pub trustworthiness: Vec<f32>,
    /// 1 if none of its neighbors in the features was torn away in the map, 0 at worst.
    pub continuity: Vec<f32>,
    /// Share of its k neighbors that the map keeps.
    pub knn_recall: Vec<f32>,
    /// Whether trustworthiness and continuity are estimates.
    pub estimated: bool,
}

/// How far a map can be believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Number of samples.
    pub samples: usize,
    /// Number of anchors that the overall figures are from; `None` if all samples are.
    pub anchors: Option<usize>,
    /// T(k): 1 if no neighbor in the map is a false one. `None` in a quick description.
    pub trustworthiness: Option<Estimate>,
    /// C(k): 1 if no neighbor in the features is torn away. `None` in a quick description.
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
    /// The pairs of samples that it is over.
    pub distance_pairs: usize,
    /// By class, in display order; empty without labels.
    pub classes: Vec<ClassFidelity>,
    /// Where the map mixes classes otherwise than the features.
    pub mixing: Option<MixingDifference>,
    /// Around each sample. Not part of the JSON.
    #[serde(skip)]
    pub points: Option<Arc<PointFidelity>>,
}

/// The neighbors that a description can use instead of finding them itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// Of the labeled samples, in the features.
    pub(crate) in_features: Option<&'a Neighbors>,
    /// Of the labeled samples, in the map, with the number of neighbors per sample.
    pub(crate) in_map: Option<(&'a [u32], usize)>,
}

impl Fidelity {
    /// Measures a map of a dataset; `None` for fewer than three samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the map is of another number of samples,
    /// [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{Dataset, Fidelity, FidelityOptions, Silent, ndarray::Array2};
    /// // Points of a plane, and the plane itself as the map.
    /// let features = Array2::from_shape_fn((50, 2), |(i, j)| (i * i % 47 + 3 * i * j) as f32);
    /// let map: Vec<[f32; 2]> = features.rows().into_iter().map(|r| [r[0], r[1]]).collect();
    /// let options = FidelityOptions { k: 5, ..FidelityOptions::default() };
    /// let fidelity = Fidelity::of(&Dataset::new(features)?, &map, &options, 1, &Silent)?.unwrap();
    /// assert_eq!(fidelity.trustworthiness.unwrap().value, 1.0);
    /// assert_eq!(fidelity.knn_recall.unwrap().value, 1.0);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        data: &Dataset,
        map: &[[f32; 2]],
        options: &FidelityOptions,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        if map.len() != data.samples() {
            return Err(Error::Mismatch {
                what: "map".into(),
                expected: data.samples(),
                found: map.len(),
            });
        }
        let labeled = data.labels().map(Labeled::new);
        on_threads(threads, || {
            let graph = match &labeled {
                Some(labeled) => {
                    let k = options.k.clamp(1, labeled.samples().max(2) - 1);
                    feature_neighbors(data, labeled, k, 0, progress)?
                }
                None => None,
            };
            let known = Known {
                in_features: graph.as_ref(),
                in_map: None,
            };
            Self::measure(data, labeled.as_ref(), map, known, options, progress)
        })
    }

    /// As [`of`](Self::of), on the present threads and with neighbors that are known already.
    pub(crate) fn measure(
        data: &Dataset,
        labeled: Option<&Labeled>,
        map: &[[f32; 2]],
        known: Known<'_>,
        options: &FidelityOptions,
        progress: &dyn Progress,
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
        let found = Ranking::new(&rows, map, k, &sizes).describe(&anchors.ids, progress)?;
        fidelity.take_anchors(&anchors, &found, &sizes, (names, counts));
        check(progress)?;
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
            fidelity.compare_neighbors(data, labeled, map, known, options, progress)?;
        }
        if !exact && fidelity.points.is_none() {
            let points = points_of(data.features(), &rows, map, k, options.seed, progress)?;
            fidelity.take_points(points, labels);
        }
        Ok(Some(fidelity))
    }

    /// The figures that neighbors alone tell, for a map that is still forming: recall by class
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
        let mut fidelity = Self::empty(n, k.min(features.stored).min(map.stored));
        let recall = recall_of(features, map, fidelity.k);
        fidelity.knn_recall = exactly(mean_of(recall.iter().copied()));
        for (c, label) in labeled.names.iter().enumerate() {
            let own = recall.iter().zip(&labeled.classes);
            let own = own.filter(|(_, class)| usize::from(**class) == c);
            fidelity.classes.push(ClassFidelity {
                label: label.clone(),
                count: labeled.counts[c],
                anchors: labeled.counts[c],
                trustworthiness: None,
                continuity: None,
                knn_recall: exactly(mean_of(own.map(|(r, _)| *r))),
                rnx_area: None,
            });
        }
        fidelity.mixing = Some(MixingDifference::new(features, map, labeled, options));
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
                let estimate = at(s)?;
                Some(CurvePoint {
                    k,
                    rnx: estimate.value,
                    standard_error: estimate.standard_error,
                })
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

    /// The mixing of classes and, if all samples are labeled, the figures around each sample that
    /// neighbors tell.
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
            own = MapIndex::new(&labeled.positions(map)).all_neighbors(k, progress)?;
            known.in_map = Some((&own, k));
        }
        let Some((features, in_map)) = graphs(known, labeled.samples()) else {
            return Ok(());
        };
        self.mixing = Some(MixingDifference::new(features, in_map, labeled, options));
        let k = self.k.min(features.stored).min(in_map.stored);
        if self.points.is_none() && labeled.is_complete() && k == self.k {
            let view = data.features();
            let local = local::Local {
                features: &contiguous(&view),
                positions: map,
                in_features: features,
                in_map,
                k,
            };
            let points = local::describe(&local, options.seed, progress)?;
            self.take_points(points, &labeled.classes);
        }
        Ok(())
    }

    /// Figures around each sample; the recall, which is exact there, replaces the anchors'.
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

impl PointFidelity {
    fn from_anchors(found: &[Anchor]) -> Self {
        let all = |of: fn(&Anchor) -> f64| found.iter().map(|a| of(a) as f32).collect();
        Self {
            trustworthiness: all(|a| a.trustworthiness),
            continuity: all(|a| a.continuity),
            knn_recall: all(|a| a.recall),
            estimated: false,
        }
    }
}

impl MixingDifference {
    fn new(
        features: Graph<'_>,
        map: Graph<'_>,
        labeled: &Labeled,
        options: &FidelityOptions,
    ) -> Self {
        let k = options.k.min(features.stored).min(map.stored).max(1);
        let found = pairs::differences(features, map, k, &labeled.classes, &labeled.counts);
        let (misleading, misleading_hits) = name_pairs(&found, &labeled.counts, options);
        Self {
            k,
            difference: found.differences,
            standard_error: found.standard_errors,
            misleading,
            misleading_hits,
        }
    }

    /// How the map shows a pair of classes (or, on the diagonal, a class's neighborhood hit), if
    /// it misleads.
    pub fn of(&self, from: usize, to: usize) -> Option<Misleading> {
        let all = self.misleading.iter().chain(&self.misleading_hits);
        all.clone()
            .find(|pair| pair.from == from && pair.to == to)
            .map(|pair| pair.kind)
    }
}

/// The cells that differ by enough, and by more than chance: pairs of classes, and hits. The
/// p-values of all cells that could differ are corrected together.
fn name_pairs(
    found: &pairs::Differences,
    counts: &[usize],
    options: &FidelityOptions,
) -> (Vec<MisleadingPair>, Vec<MisleadingPair>) {
    let (classes, shares) = (counts.len(), &found.features);
    let mut cells: Vec<MisleadingPair> = Vec::new();
    for from in 0..classes {
        for to in 0..classes {
            let difference = found.differences[from][to];
            let standard_error = found.standard_errors[from][to];
            // Where neither space has such neighbors there is nothing to test.
            if counts[from] < 2 || (difference == 0.0 && standard_error == 0.0) {
                continue;
            }
            let p_value = pairs::two_sided(difference, standard_error);
            // Mixed in the map: more of another class there, or less of the own.
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
                difference,
                standard_error,
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
    cells.retain(|cell| cell.difference.abs() >= options.least_difference);
    cells.sort_by(|a, b| {
        let size = |p: &MisleadingPair| p.difference.abs();
        (size(b).total_cmp(&size(a))).then((a.from, a.to).cmp(&(b.from, b.to)))
    });
    cells.into_iter().partition(|cell| cell.from != cell.to)
}

/// The labels of all samples, the classes' names and sizes; all empty without labels.
fn classes_of<'a>(
    data: &'a Dataset,
    labeled: Option<&'a Labeled>,
) -> (&'a [u16], &'a [String], &'a [usize]) {
    match (data.labels(), labeled) {
        (Some(labels), Some(labeled)) => (labels.indices(), &labeled.names, &labeled.counts),
        _ => (&[], &[], &[]),
    }
}

/// Both graphs, if they are of n samples.
fn graphs(known: Known<'_>, n: usize) -> Option<(Graph<'_>, Graph<'_>)> {
    let features = known.in_features.filter(|g| g.samples() == n)?;
    let (ids, stored) = known.in_map.filter(|(ids, k)| ids.len() == n * k)?;
    let features = Graph {
        ids: features.all_ids(),
        stored: features.k(),
    };
    Some((features, Graph { ids, stored }))
}

/// Figures around each of many samples of which no graph is known.
fn points_of(
    features: ArrayView2<'_, f32>,
    rows: &[f32],
    map: &[[f32; 2]],
    k: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<PointFidelity> {
    let graph = Neighbors::find(features, k, 0, progress)?;
    let ids = MapIndex::new(map).all_neighbors(k, progress)?;
    let local = local::Local {
        features: rows,
        positions: map,
        in_features: Graph {
            ids: graph.all_ids(),
            stored: graph.k(),
        },
        in_map: Graph {
            ids: &ids,
            stored: k,
        },
        k: k.min(graph.k()),
    };
    local::describe(&local, seed, progress)
}

/// Share of the first k neighbors that both spaces have in common.
fn recall_of(features: Graph<'_>, map: Graph<'_>, k: usize) -> Vec<f64> {
    let n = features.ids.len() / features.stored.max(1);
    (0..n)
        .map(|i| {
            let theirs = &features.full_row(i)[..k];
            let ours = &map.full_row(i)[..k];
            ours.iter().filter(|j| theirs.contains(j)).count() as f64 / k as f64
        })
        .collect()
}

fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_usize, 0.0), |(n, sum), v| (n + 1, sum + v));
    (count > 0).then(|| sum / count as f64)
}

/// A figure that nothing is left out of.
fn exactly(value: Option<f64>) -> Option<Estimate> {
    value.map(|value| Estimate {
        value,
        standard_error: None,
    })
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
