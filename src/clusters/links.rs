//! The minimum spanning tree of the neighbor graph under mutual reachability.
//!
//! In: lists of neighbors. Out: links in ascending order of weight: the larger of the two ends' reach (the
//! distance to their nearest few samples) and their distance. The tree is Kruskal's. Where the graph falls
//! apart, the parts that are large enough for a cluster are linked along the spanning tree of their means,
//! each two by their nearly nearest samples; smaller parts stay alone and are noise.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::lists::Lists;

/// Searches for the nearest sample of the other part, from one part and the other in turn.
const TURNS: usize = 4;

/// The features of samples in some order of the rows.
pub(super) struct Points<'a> {
    pub(super) features: ArrayView2<'a, f32>,
    pub(super) order: &'a [usize],
}

impl Points<'_> {
    fn row(&self, sample: u32) -> impl Iterator<Item = f64> {
        let row = self.features.row(self.order[sample as usize]);
        row.into_iter().map(|&v| f64::from(v))
    }
}

/// A link between two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link {
    pub(super) weight: f64,
    pub(super) ends: [u32; 2],
}

impl Link {
    fn new(a: u32, b: u32, distance: f64, reach: &[f64]) -> Self {
        let weight = distance.max(reach[a as usize]).max(reach[b as usize]);
        let ends = [a.min(b), a.max(b)];
        Self { weight, ends }
    }
}

/// The links of the tree, or of several trees, in ascending order.
pub(super) fn spanning_tree(
    lists: &Lists,
    points: &Points<'_>,
    min_samples: usize,
    smallest: usize,
) -> Vec<Link> {
    let n = lists.samples();
    let reach = lists.reach(min_samples);
    let of_sample = |i: usize| {
        let near = lists.near(i).iter();
        near.map(move |&(j, distance)| (i as u32, j, distance))
    };
    let mut candidates: Vec<Link> = (0..n)
        .into_par_iter()
        .flat_map_iter(of_sample)
        .map(|(i, j, distance)| Link::new(i, j, distance, &reach))
        .collect();
    sort(&mut candidates);
    let mut sets = Sets::new(n);
    let mut links: Vec<Link> = Vec::with_capacity(n);
    links.extend(candidates.iter().filter(|link| sets.join(link.ends)));
    let parts = sets.parts(smallest);
    if parts.len() > 1 {
        links.extend(between(&parts, points, &reach));
        sort(&mut links);
    }
    links
}

fn sort(links: &mut [Link]) {
    links.par_sort_unstable_by(|a, b| {
        let by_weight = a.weight.total_cmp(&b.weight);
        by_weight.then(a.ends.cmp(&b.ends))
    });
}

/// Links along the spanning tree (Prim's) of the parts' means.
fn between(parts: &[Vec<u32>], points: &Points<'_>, reach: &[f64]) -> Vec<Link> {
    let means: Vec<Vec<f64>> = parts.par_iter().map(|part| mean(part, points)).collect();
    let mut nearest: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); parts.len()];
    let (mut pairs, mut last, mut left) = (Vec::new(), 0, (1..parts.len()).collect::<Vec<_>>());
    while !left.is_empty() {
        for &part in &left {
            let distance = squared(means[last].iter().copied(), means[part].iter().copied());
            if distance < nearest[part].0 {
                nearest[part] = (distance, last);
            }
        }
        let closest = (0..left.len()).min_by(|&a, &b| {
            let (a, b) = (nearest[left[a]].0, nearest[left[b]].0);
            a.total_cmp(&b)
        });
        last = left.swap_remove(closest.unwrap_or(0));
        pairs.push((nearest[last].1, last));
    }
    let link = |&(a, b): &(usize, usize)| {
        let mut end = closest(&parts[a], means[b].iter().copied(), points).0;
        let mut other = (end, 0.0);
        for turn in 0..TURNS {
            let part = if turn % 2 == 0 { &parts[b] } else { &parts[a] };
            if turn > 0 {
                end = other.0;
            }
            other = closest(part, points.row(end), points);
        }
        Link::new(end, other.0, other.1.sqrt(), reach)
    };
    pairs.par_iter().map(link).collect()
}

fn mean(part: &[u32], points: &Points<'_>) -> Vec<f64> {
    let mut sums = vec![0.0; points.features.ncols()];
    for &i in part {
        for (sum, value) in sums.iter_mut().zip(points.row(i)) {
            *sum += value;
        }
    }
    for sum in &mut sums {
        *sum /= part.len() as f64;
    }
    sums
}

/// The sample of a part that is closest to a place, and its squared distance.
fn closest(part: &[u32], place: impl Iterator<Item = f64>, points: &Points<'_>) -> (u32, f64) {
    let place: Vec<f64> = place.collect();
    let distances = part
        .iter()
        .map(|&i| (i, squared(place.iter().copied(), points.row(i))));
    let found = distances.min_by(|a, b| a.1.total_cmp(&b.1));
    found.unwrap_or((0, f64::INFINITY))
}

fn squared(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>) -> f64 {
    a.zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Disjoint sets of samples.
pub(super) struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    pub(super) fn new(samples: usize) -> Self {
        Self {
            parents: (0..samples as u32).collect(),
        }
    }

    /// The sample that stands for the set of a sample.
    pub(super) fn find(&mut self, sample: u32) -> u32 {
        let mut at = sample;
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// Joins the sets of two samples, under that of the first; false if they are one.
    pub(super) fn join(&mut self, [a, b]: [u32; 2]) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.parents[b as usize] = a;
        a != b
    }

    /// The sets with at least so many samples, in the order of their first ones.
    fn parts(&mut self, smallest: usize) -> Vec<Vec<u32>> {
        let n = self.parents.len() as u32;
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); n as usize];
        for i in 0..n {
            let set = self.find(i);
            members[set as usize].push(i);
        }
        members.retain(|part| part.len() >= smallest);
        members.sort_by_key(|part| part[0]);
        members
    }
}
