//! Class mixing: which labels the neighbors of each class have, and which shares chance would give.
//!
//! In: the k nearest neighbors of each sample and the labels, which
//! [`Tally`](super::tally::Tally) counts. Out: for each class the shares of its
//! neighbors by label (rows sum to 1), the neighborhood hit (the share of its own label, Paulovich
//! et al. 2008) with its standard error over the class's samples, and which cells lie above chance.
//! Chance is random labeling of the same graph (Dixon 1994): samples share neighbors, so the counts
//! vary more than a binomial would. The variance used here holds for any directed graph in which
//! each point has k outgoing arcs. The one-sided p-values of all cells are corrected together
//! (Benjamini & Hochberg 1995).

use super::tally::Tally;
use super::{Estimate, Labeled, MapNeighbors};
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use statrs::distribution::{ContinuousCDF, Normal};

/// False discovery rate of the cells called above chance.
const FALSE_DISCOVERY_RATE: f64 = 0.01;
/// A cell must also exceed chance by this factor, so that effects too small to matter are not
/// marked.
const LEAST_ENRICHMENT: f64 = 1.05;

/// Neighbor labels by class, in one space.
#[derive(Clone, PartialEq)]
pub struct Mixing {
    /// Neighbors per sample in effect.
    pub k: usize,
    /// Shares (classes × classes), rows sum to 1; 0 in the rows of empty classes.
    pub shares: Vec<Vec<f64>>,
    /// Standard error of each share, over the samples of the row's class.
    pub standard_errors: Vec<Vec<f64>>,
    /// Cells above chance.
    pub above_chance: Vec<Vec<bool>>,
}

impl Mixing {
    /// Neighbor labels in the feature space, from a graph of the labeled samples; `None` if there
    /// are no two of them.
    pub fn in_features(neighbors: &Neighbors, labeled: &Labeled, k: usize) -> Option<Self> {
        (labeled.samples() >= 2 && neighbors.samples() == labeled.samples())
            .then(|| mixing(neighbors, k, labeled.indices(), labeled.counts()))
    }

    /// Neighbor labels in the map; `None` if there are no two labeled samples.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn in_map(
        positions: &[[f32; 2]],
        labeled: &Labeled,
        k: usize,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let found = MapNeighbors::find(positions, labeled, k, execution)?;
        Ok(found.map(|neighbors| Self::of_map(&neighbors, labeled)))
    }

    /// Neighbor labels in the map, from neighbors that are known.
    pub(crate) fn of_map(neighbors: &MapNeighbors, labeled: &Labeled) -> Self {
        let graph = &neighbors.graph;
        mixing(graph, graph.k(), labeled.indices(), labeled.counts())
    }
}

impl Mixing {
    /// The share of a class's neighbors that have a label, with its interval; `None` for an empty
    /// class.
    pub(crate) fn share(&self, labeled: &Labeled, class: usize, label: usize) -> Option<Estimate> {
        let count = labeled.counts()[class];
        let error = (count > 1).then(|| self.standard_errors[class][label]);
        let most = largest_share(labeled.counts(), class, label, self.k);
        (count > 0).then(|| Estimate::mean_share(self.shares[class][label], error, count, most))
    }
}

/// Shares that random labels would have (classes × classes).
pub(crate) fn chance(counts: &[usize]) -> Vec<Vec<f64>> {
    let n: usize = counts.iter().sum();
    let others = n.saturating_sub(1).max(1) as f64;
    (0..counts.len())
        .map(|a| {
            let share = |b: usize| counts[b].saturating_sub(usize::from(a == b)) as f64 / others;
            (0..counts.len()).map(share).collect()
        })
        .collect()
}

/// The largest share of `k` neighbors of a sample of `class` that can have `label`: a class smaller than
/// k cannot fill them.
pub(crate) fn largest_share(counts: &[usize], class: usize, label: usize, k: usize) -> f64 {
    let others = counts[label].saturating_sub(usize::from(class == label));
    (others as f64 / k.max(1) as f64).min(1.0)
}

/// Counts neighbor labels. Every label must be below the length of `counts`, which holds the classes'
/// sizes.
fn mixing(graph: &Neighbors, k: usize, labels: &[u16], counts: &[usize]) -> Mixing {
    let classes = counts.len();
    let k = k.min(graph.k()).max(1);
    let mut sums = vec![vec![0.0_f64; classes]; classes];
    let mut squares = vec![vec![0.0_f64; classes]; classes];
    let mut tally = Tally::new(graph, labels, classes);
    for (i, &label) in labels.iter().enumerate() {
        // Only the labels that occurred are visited: there may be a thousand classes.
        for (b, count) in tally.of(i, k, |_| 1.0) {
            sums[usize::from(label)][b] += count;
            squares[usize::from(label)][b] += count * count;
        }
    }
    let above_chance = above_chance(graph, k, counts, &sums);
    let mut shares = sums;
    let mut standard_errors = squares;
    for (a, (shares, errors)) in shares.iter_mut().zip(&mut standard_errors).enumerate() {
        let size = counts[a] as f64;
        for (share, error) in shares.iter_mut().zip(errors) {
            if counts[a] == 0 {
                continue;
            }
            let mean = *share / size;
            let variance = if counts[a] > 1 {
                ((*error - size * mean * mean) / (size - 1.0)).max(0.0)
            } else {
                0.0
            };
            *share = mean / k as f64;
            *error = (variance / size).sqrt() / k as f64;
        }
    }
    Mixing {
        k,
        shares,
        standard_errors,
        above_chance,
    }
}

/// The numbers of the graph that the variance of a count under random labels depends on.
/// Arcs between samples at equal distance have weights below 1; a pair of arcs counts the product of
/// theirs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arcs {
    /// Sum of the arcs' weights.
    m: f64,
    /// Sum of their squares.
    squares: f64,
    /// Ordered pairs of arcs that are the reverse of each other.
    reciprocal: f64,
    /// Ordered pairs that share their source.
    same_source: f64,
    /// Ordered pairs that share their target.
    same_target: f64,
    /// Ordered pairs where the target of one is the source of the other, reversals left out.
    chained: f64,
    /// Ordered pairs without a common point.
    disjoint: f64,
}

impl Arcs {
    /// Counts the first `k` arcs of every sample. O(nk).
    pub(crate) fn count(graph: &Neighbors, k: usize) -> Self {
        let n = graph.samples();
        let groups = graph.groups();
        let (mut incoming, mut of_groups) = (vec![0.0_f64; n], vec![0.0_f64; groups.count()]);
        let (mut reciprocal, mut squares) = (0.0, 0.0);
        // Up to which distance the arcs of each sample go, and what those at that distance weigh.
        let reach: Vec<(f32, f64)> = (0..n)
            .map(|i| {
                let nearest = graph.nearest(i, k);
                let is_whole = nearest.nearer.len() == k;
                let last = graph.squared_distances(i)[k - 1];
                (last, if is_whole { 1.0 } else { nearest.weight })
            })
            .collect();
        // The weight of the arc back from j, whose distance is the same.
        let back = |j: usize, distance: f32| {
            let (last, weight) = reach[j];
            match distance.total_cmp(&last) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => weight,
                std::cmp::Ordering::Greater => 0.0,
            }
        };
        for i in 0..n {
            let nearest = graph.nearest(i, k);
            let distances = graph.squared_distances(i);
            for (&j, &distance) in nearest.nearer.iter().zip(distances) {
                incoming[j as usize] += 1.0;
                squares += 1.0;
                reciprocal += back(j as usize, distance);
            }
            let (limit, weight) = (distances[k - 1], nearest.weight);
            for &j in nearest.tied {
                incoming[j as usize] += weight;
                squares += weight * weight;
                reciprocal += weight * back(j as usize, limit);
            }
            for &group in nearest.groups {
                let own = groups.of(i) == group;
                let members = groups.members(group);
                let size = (members.len() - usize::from(own)) as f64;
                of_groups[group as usize] += weight;
                incoming[i] -= if own { weight } else { 0.0 };
                squares += size * weight * weight;
                // Identical samples are as far from everything.
                reciprocal += size * weight * back(members[0] as usize, limit);
            }
        }
        for (i, incoming) in incoming.iter_mut().enumerate() {
            *incoming += of_groups[groups.of(i) as usize];
        }
        let (n, k) = (n as f64, k as f64);
        let m = n * k;
        let same_source = n * k * k - squares;
        let same_target = incoming.iter().map(|d| d * d).sum::<f64>() - squares;
        let chained = 2.0 * incoming.iter().map(|d| d * k).sum::<f64>() - 2.0 * reciprocal;
        Self {
            m,
            squares,
            reciprocal,
            same_source,
            same_target,
            chained,
            disjoint: m * m - squares - reciprocal - same_source - same_target - chained,
        }
    }

    /// Expectation and variance of the number of arcs from class a to class b.
    pub(crate) fn moments(&self, a: usize, b: usize, same: bool, n: usize) -> (f64, f64) {
        let falling = |size: usize, times: usize| -> f64 {
            (0..times).map(|t| size as f64 - t as f64).product()
        };
        let of_n = |times: usize| falling(n, times);
        let (expected, second) = if same {
            let p = |times: usize| falling(a, times) / of_n(times);
            let shared = self.same_source + self.same_target + self.chained;
            let second =
                (self.squares + self.reciprocal) * p(2) + shared * p(3) + self.disjoint * p(4);
            (self.m * p(2), second)
        } else {
            let p = |x: usize, y: usize| falling(a, x) * falling(b, y) / of_n(x + y);
            let second = self.squares * p(1, 1)
                + self.same_source * p(1, 2)
                + self.same_target * p(2, 1)
                + self.disjoint * p(2, 2);
            (self.m * p(1, 1), second)
        };
        (expected, (second - expected * expected).max(0.0))
    }
}

/// The cells with higher counts than random labels explain.
fn above_chance(
    graph: &Neighbors,
    k: usize,
    counts: &[usize],
    sums: &[Vec<f64>],
) -> Vec<Vec<bool>> {
    let classes = counts.len();
    let n: usize = counts.iter().sum();
    let mut marks = vec![vec![false; classes]; classes];
    // Four distinct points are needed for the variance.
    if n < 4 {
        return marks;
    }
    let Ok(normal) = Normal::new(0.0, 1.0) else {
        return marks;
    };
    let arcs = Arcs::count(graph, k);
    let mut cells: Vec<(f64, usize, usize)> = Vec::new();
    for a in 0..classes {
        for b in 0..classes {
            if counts[a] == 0 || counts[b] == 0 || (a == b && counts[a] < 2) {
                continue;
            }
            let (expected, variance) = arcs.moments(counts[a], counts[b], a == b, n);
            let excess = sums[a][b] - expected;
            let p = if variance > 0.0 && excess > 0.0 {
                normal.sf(excess / variance.sqrt())
            } else {
                1.0
            };
            let enriched = sums[a][b] > LEAST_ENRICHMENT * expected;
            cells.push((if enriched { p } else { 1.0 }, a, b));
        }
    }
    cells.sort_by(|x, y| x.0.total_cmp(&y.0));
    let tests = cells.len() as f64;
    let passed = cells
        .iter()
        .enumerate()
        .rfind(|(rank, cell)| cell.0 <= FALSE_DISCOVERY_RATE * (*rank as f64 + 1.0) / tests)
        .map_or(0, |(rank, _)| rank + 1);
    for (_, a, b) in &cells[..passed] {
        marks[*a][*b] = true;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::shuffle::shuffle;
    use ndarray::Array2;

    /// A deterministic sequence of numbers below a limit.
    fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |limit| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        }
    }

    /// The neighbors of points that lie close together near 0, so that some are many others' neighbors. Every
    /// `repeated`-th is at the same place.
    fn random_graph(n: usize, k: usize, repeated: usize) -> Neighbors {
        let mut next = numbers(7);
        let points = Array2::from_shape_fn((n, 4), |(i, _)| {
            let place = next(1000) * next(1000);
            if i % repeated == 1 {
                40.0
            } else {
                place as f32
            }
        });
        Neighbors::exact(points.view(), k, &Execution::default()).unwrap()
    }

    #[test]
    fn four_points_by_hand() {
        // 0 and 1 are each other's neighbors, so are 2 and 3; labels 0 0 0 1.
        let line = ndarray::array![[0.0_f32], [1.0], [5.0], [6.0]];
        let graph = Neighbors::exact(line.view(), 1, &Execution::default()).unwrap();
        let mixing = mixing(&graph, 1, &[0, 0, 0, 1], &[3, 1]);
        assert_eq!(mixing.shares[0], [2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(mixing.shares[1], [1.0, 0.0]);
        assert!((mixing.standard_errors[0][0] - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn moments_agree_with_permutations() {
        moments_agree(&random_graph(120, 5, 1000));
    }

    #[test]
    fn moments_agree_with_permutations_where_samples_are_identical() {
        moments_agree(&random_graph(120, 5, 6));
    }

    fn moments_agree(graph: &Neighbors) {
        let (n, k) = (120, 5);
        let counts = [70, 35, 15];
        let mut labels: Vec<u16> = Vec::new();
        for (class, &count) in counts.iter().enumerate() {
            labels.extend(std::iter::repeat_n(class as u16, count));
        }
        let arcs = Arcs::count(graph, k);
        let mut next = numbers(3);
        let rounds = 4000;
        let mut sums = [[0.0; 3]; 3];
        let mut squares = [[0.0; 3]; 3];
        for _ in 0..rounds {
            shuffle(&mut labels, |n| next(n as usize) as u64);
            let mut cells = [[0.0; 3]; 3];
            let mut tally = Tally::new(graph, &labels, 3);
            for i in 0..n {
                for (b, count) in tally.of(i, k, |_| 1.0) {
                    cells[usize::from(labels[i])][b] += count;
                }
            }
            for a in 0..3 {
                for b in 0..3 {
                    sums[a][b] += cells[a][b];
                    squares[a][b] += cells[a][b] * cells[a][b];
                }
            }
        }
        for a in 0..3 {
            for b in 0..3 {
                let mean = sums[a][b] / f64::from(rounds);
                let variance = squares[a][b] / f64::from(rounds) - mean * mean;
                let (expected, predicted) = arcs.moments(counts[a], counts[b], a == b, n);
                assert!((mean - expected).abs() < 5.0 * (variance / f64::from(rounds)).sqrt());
                let ratio = (variance / predicted).sqrt();
                assert!((0.93..1.07).contains(&ratio), "{a}{b}: sd ratio {ratio}");
            }
        }
    }

    #[test]
    fn random_labels_mark_hardly_anything() {
        let (n, k) = (300, 10);
        let graph = random_graph(n, k, 1000);
        let mut next = numbers(11);
        let mut marked = 0;
        for _ in 0..40 {
            let labels: Vec<u16> = (0..n).map(|_| next(3) as u16).collect();
            let mut counts = [0; 3];
            for &label in &labels {
                counts[usize::from(label)] += 1;
            }
            let mixing = mixing(&graph, k, &labels, &counts);
            marked += mixing.above_chance.iter().flatten().filter(|&&m| m).count();
        }
        assert!(marked <= 8, "{marked} cells of 360");
    }

    #[test]
    fn chance_leaves_the_sample_itself_out() {
        assert_eq!(chance(&[3, 1]), [[2.0 / 3.0, 1.0 / 3.0], [1.0, 0.0]]);
        assert_eq!(chance(&[1]), [[0.0]]);
    }
}
