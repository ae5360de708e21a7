//! The results of one feature set, sample by sample; all comparisons are made from these.
//!
//! In: a dataset, its labeled samples. Out: which samples the leave-one-out probe gets right, each
//! sample's neighborhood hit, soft nearest neighbor loss and silhouette, the geometry of the
//! classes, and a sample of rows and of neighbors for the similarity of sets. The features
//! themselves are not kept, so that one set at a time is in memory.

use ndarray::{Array2, ArrayView2, Axis};

use super::bits::Bits;
use super::similarity::Centered;
use crate::affinities::neighbors_for;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, Stage, check};
use crate::statistics::geometry::{Geometry, JackknifedFigures, jackknifed};
use crate::statistics::shuffled::Shuffled;
use crate::statistics::votes::{hits_by_sample, soft};
use crate::statistics::{Labeled, RidgeProbe, neighbors_of};

/// Rows that CKA is computed from, at most.
pub(super) const CKA_ROWS: usize = 10_000;
/// Level at which shuffled labels show that a set separates something.
const SHUFFLED_LEVEL: f64 = 0.01;
/// Samples whose neighbors are compared, at most.
pub(super) const OVERLAP_ROWS: usize = 20_000;

/// The results of one feature set. Arrays are over the labeled samples.
pub(super) struct Evidence {
    /// `model/layer`.
    pub(super) name: String,
    /// Number of features.
    pub(super) dimensions: usize,
    /// Samples that the probe gets right.
    pub(super) right: Bits,
    /// The probe's predictions.
    pub(super) answers: Vec<u16>,
    /// 1 for samples that the probe gets right, else 0.
    pub(super) hits_of_probe: Vec<f32>,
    /// Scores of the leave-one-out probe (n × classes), if they are needed instead of
    /// probabilities.
    pub(super) scores: Option<Array2<f32>>,
    /// Share of the k nearest neighbors of the same class.
    pub(super) neighborhood_hits: Vec<f32>,
    /// −ln of the probability that a neighbor drawn with t-SNE's probabilities is of the same
    /// class.
    pub(super) losses: Vec<f32>,
    /// The geometry of the classes; `None` for a single class.
    pub(super) geometry: Option<Geometry>,
    /// The geometry without each group of samples, for differences.
    pub(super) jackknifed: JackknifedFigures,
    /// Some rows for CKA.
    pub(super) rows: Centered,
    /// The neighbors of some samples (m × k).
    pub(super) neighbor_ids: Vec<u32>,
    /// Neighbors per sample in effect.
    pub(super) k: usize,
    /// Whether many samples are identical and shuffled labels are separated as well.
    pub(super) at_chance: bool,
    /// Recall of the neighbor graph, if it is approximate.
    pub(super) recall: Option<f64>,
}

/// How evidence is taken.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) k: usize,
    pub(super) perplexity: f64,
    /// Whether the probe's scores are wanted.
    pub(super) scores: bool,
}

impl Evidence {
    /// Looks at one feature set.
    pub(super) fn of(
        data: &Dataset,
        labeled: &Labeled,
        request: Request,
        execution: &Execution,
    ) -> Result<Self> {
        let subset = labeled.subset(data.features());
        let (features, labeled) = match &subset {
            Some(subset) => (subset.view(), &labeled.alone()),
            None => (data.features(), labeled),
        };
        let (classes, counts) = (labeled.indices(), labeled.counts());
        let n = classes.len();
        execution.report(Stage::Diagnosing, 0.0);
        let probe = RidgeProbe::new(features, labeled, execution)?;
        // A probe needs two classes and three samples.
        let (answers, scores) = probe.map_or_else(
            || (vec![0; n], Array2::zeros((n, counts.len()))),
            |probe| (probe.predictions, probe.scores),
        );
        let right = Bits::new(n, |i| answers[i] == classes[i]);
        check(execution)?;
        let geometry = Geometry::new(features, labeled, execution)?;
        let jackknifed = jackknifed(features, labeled);
        let wanted = neighbors_for(request.perplexity, n).max(request.k);
        // There are at least two samples.
        let Some(neighbors) = neighbors_of(features, wanted, execution)? else {
            return Err(Error::TooFewSamples {
                stage: "a comparison",
                needed: 2,
                found: n,
            });
        };
        check(execution)?;
        let at_chance = is_at_chance(features, labeled, &neighbors, execution)?;
        let k = request.k.min(neighbors.k());
        let sampled = every(n, CKA_ROWS);
        let queries = every(n, OVERLAP_ROWS);
        Ok(Self {
            name: data.name().into(),
            dimensions: data.dimensions(),
            hits_of_probe: (0..n).map(|i| f32::from(u8::from(right.has(i)))).collect(),
            right,
            answers,
            scores: request.scores.then_some(scores),
            neighborhood_hits: hits_by_sample(&neighbors, labeled, k),
            losses: soft(&neighbors, labeled, request.perplexity)?.losses,
            geometry,
            jackknifed,
            rows: Centered::new(features.select(Axis(0), &sampled).view()),
            neighbor_ids: queries
                .iter()
                .flat_map(|&i| neighbors.ids(i)[..k].iter().copied())
                .collect(),
            k,
            at_chance,
            recall: neighbors.recall(),
        })
    }
}

/// Whether many samples are identical and nothing is separated, by shuffled labels. Where these would be too much
/// work, the formulas for other data have to do.
fn is_at_chance(
    features: ArrayView2<'_, f32>,
    labeled: &Labeled,
    graph: &Neighbors,
    execution: &Execution,
) -> Result<bool> {
    if !Shuffled::is_needed(graph) {
        return Ok(false);
    }
    let tested = Shuffled::test(features, labeled, graph, execution)?;
    Ok(tested.is_some_and(|tested| !tested.shows_separation(SHUFFLED_LEVEL)))
}

/// At most `most` of n rows, evenly spread.
pub(super) fn every(n: usize, most: usize) -> Vec<usize> {
    let count = n.min(most);
    (0..count)
        .map(|i| (i as u128 * n as u128 / count.max(1) as u128) as usize)
        .collect()
}
