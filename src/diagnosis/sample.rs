//! One sample: its nearest neighbors in the features, and its silhouette.
//!
//! In: a dataset and a sample. Out: a [`SampleDiagnosis`]. One pass over all samples, n d
//! multiplications, in 64 bits. It needs no earlier results, so any sample can be described at any
//! time. The silhouette is Rousseeuw's (1987), as everywhere else.

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Metric};
use crate::statistics;

/// A neighbor of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleNeighbor {
    /// The neighbor's number, from 0.
    pub sample: usize,
    /// Its Euclidean distance in the features.
    pub distance: f64,
}

/// One sample: its neighbors in the features, and its silhouette.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleDiagnosis {
    /// The sample's number, from 0.
    pub sample: usize,
    /// Its nearest neighbors among all other samples, ascending by distance, ties by number.
    pub neighbors: Vec<SampleNeighbor>,
    /// Its silhouette, −1 to 1; `None` without a label or with a single class. 0 if it is alone in
    /// its class.
    pub silhouette: Option<f64>,
    /// The other class with the least mean distance to it, which its silhouette is measured
    /// against.
    pub nearest_class: Option<u16>,
}

impl SampleDiagnosis {
    /// Describes a sample; `None` if there is no such row.
    ///
    /// ```
    /// use disentangle::{ndarray::array, diagnosis::SampleDiagnosis, prelude::*};
    /// let data = Dataset::new(array![[0.0], [1.0], [5.0], [7.0]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 1, 1])?)?;
    /// let sample = SampleDiagnosis::of(&data, 1, 2).unwrap();
    /// assert_eq!(sample.neighbors[0].sample, 0);
    /// assert_eq!(sample.neighbors[1].distance, 4.0);
    /// assert_eq!(sample.silhouette, Some(0.8));
    /// assert!(SampleDiagnosis::of(&data, 4, 2).is_none());
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(data: &Dataset, sample: usize, k: usize) -> Option<Self> {
        if sample >= data.samples() {
            return None;
        }
        let distances = distances_from(data, sample);
        let mut order: Vec<usize> = (0..data.samples()).filter(|i| *i != sample).collect();
        let by_distance = |a: &usize, b: &usize| {
            let (x, y) = (distances[*a], distances[*b]);
            x.total_cmp(&y).then(a.cmp(b))
        };
        let k = k.min(order.len());
        if k > 0 && k < order.len() {
            order.select_nth_unstable_by(k - 1, by_distance);
        }
        order.truncate(k);
        order.sort_unstable_by(by_distance);
        let (silhouette, nearest_class) = silhouette(data, sample, &distances);
        let neighbor = |sample: usize| SampleNeighbor {
            sample,
            distance: distances[sample],
        };
        Some(Self {
            sample,
            neighbors: order.into_iter().map(neighbor).collect(),
            silhouette,
            nearest_class,
        })
    }
}

/// Euclidean distances of all samples from one.
fn distances_from(data: &Dataset, sample: usize) -> Vec<f64> {
    let features = data.features();
    let from = features.row(sample);
    let distance = |row: ndarray::ArrayView1<'_, f32>| {
        let squares = row.iter().zip(from).map(|(x, y)| {
            let difference = f64::from(*x) - f64::from(*y);
            difference * difference
        });
        squares.sum::<f64>().sqrt()
    };
    features.rows().into_iter().map(distance).collect()
}

/// The silhouette, and the class that it is measured against.
fn silhouette(data: &Dataset, sample: usize, distances: &[f64]) -> (Option<f64>, Option<u16>) {
    let Some((labels, own)) = data.labels().and_then(|l| Some((l, l.class(sample)?))) else {
        return (None, None);
    };
    let mut sums = vec![0.0; labels.classes()];
    for (i, distance) in distances.iter().enumerate() {
        if let Some(class) = labels.class(i) {
            // Between rows of length 1 the cosine distance is half the squared one.
            sums[class] += match data.metric() {
                Metric::Euclidean => *distance,
                Metric::Cosine => distance * distance / 2.0,
            };
        }
    }
    let counts = labels.counts();
    let others = (0..sums.len()).filter(|&c| c != own && counts[c] > 0);
    let mean = |c: usize| sums[c] / counts[c] as f64;
    let Some(nearest) = others.min_by(|&a, &b| mean(a).total_cmp(&mean(b))) else {
        return (None, None);
    };
    if counts[own] < 2 {
        return (Some(0.0), Some(nearest as u16));
    }
    let within = sums[own] / (counts[own] - 1) as f64;
    let value = statistics::silhouette(within, mean(nearest));
    (Some(value), Some(nearest as u16))
}

/// The rank of each of `others` among the neighbors of `sample` in a map, from 1: one more than the
/// number of samples that are nearer, so ties get the better rank. Empty if there is no such
/// sample; 0 for one of `others` that does not exist.
///
/// ```
/// use disentangle::diagnosis::map_ranks;
/// let map = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [4.0, 0.0]];
/// assert_eq!(map_ranks(&map, 0, &[3, 1]), [3, 1]);
/// ```
pub fn map_ranks(positions: &[[f32; 2]], sample: usize, others: &[usize]) -> Vec<usize> {
    let Some(from) = positions.get(sample) else {
        return Vec::new();
    };
    let distance = |p: &[f32; 2]| {
        let (x, y) = (f64::from(p[0] - from[0]), f64::from(p[1] - from[1]));
        x * x + y * y
    };
    let mut limits: Vec<(f64, usize)> = others
        .iter()
        .enumerate()
        .filter_map(|(at, other)| Some((distance(positions.get(*other)?), at)))
        .collect();
    limits.sort_by(|a, b| a.0.total_cmp(&b.0));
    // For each limit, how many samples lie below it but not below the previous one.
    let mut nearer = vec![0usize; limits.len() + 1];
    for (i, p) in positions.iter().enumerate() {
        if i != sample {
            let d = distance(p);
            nearer[limits.partition_point(|limit| limit.0 <= d)] += 1;
        }
    }
    let mut ranks = vec![0; others.len()];
    let mut below = 0;
    for (place, (_, at)) in limits.iter().enumerate() {
        below += nearer[place];
        ranks[*at] = below + 1;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Labels;
    use ndarray::Array2;

    #[test]
    fn ranks_count_those_that_are_nearer() {
        let map: Vec<[f32; 2]> = (0..40)
            .map(|i| [((i * 7) % 11) as f32, ((i * 5) % 13) as f32])
            .collect();
        let others: Vec<usize> = (0..40).filter(|i| *i != 9).collect();
        let distance = |i: usize| {
            let (x, y) = (map[i][0] - map[9][0], map[i][1] - map[9][1]);
            x * x + y * y
        };
        for (other, rank) in others.iter().zip(map_ranks(&map, 9, &others)) {
            let nearer = others.iter().filter(|o| distance(**o) < distance(*other));
            assert_eq!(rank, nearer.count() + 1, "{other}");
        }
        assert_eq!(map_ranks(&map, 99, &[1]), Vec::<usize>::new());
        assert_eq!(map_ranks(&map, 0, &[99]), [0]);
    }

    #[test]
    fn samples_agree_with_the_figures_of_all() {
        let features = Array2::from_shape_fn((60, 5), |(i, j)| {
            ((i * 31 + j * 17) % 23) as f32 + (i / 20 * 9) as f32
        });
        let labels: Vec<i64> = (0..60).map(|i| i / 20).collect();
        let data = Dataset::new(features).unwrap();
        let labels = Labels::from_integers(&labels).unwrap();
        let data = data.with_labels(labels).unwrap();
        let labeled = statistics::Labeled::new(data.labels().unwrap());
        let silent = crate::Execution::default();
        let all = statistics::Silhouettes::in_features(data.features(), &labeled, true, &silent);
        let all = all.unwrap().unwrap();
        let graph = crate::neighbors::Neighbors::exact(data.features(), 7, &silent).unwrap();
        for i in 0..60 {
            let one = SampleDiagnosis::of(&data, i, 7).unwrap();
            assert!((one.silhouette.unwrap() - all.samples[i]).abs() < 1e-6);
            let ids: Vec<u32> = one.neighbors.iter().map(|n| n.sample as u32).collect();
            assert_eq!(ids, graph.ids(i));
        }
    }

    #[test]
    fn single_classes_and_members_have_no_neighborhood_to_speak_of() {
        let data = Dataset::new(ndarray::array![[0.0], [1.0], [9.0]]).unwrap();
        let one = SampleDiagnosis::of(&data, 0, 10).unwrap();
        assert_eq!((one.neighbors.len(), one.silhouette), (2, None));
        let labels = Labels::from_integers(&[0, 0, 1]).unwrap();
        let data = data.with_labels(labels).unwrap();
        let alone = SampleDiagnosis::of(&data, 2, 1).unwrap();
        assert_eq!(
            (alone.silhouette, alone.nearest_class),
            (Some(0.0), Some(0))
        );
    }
}
