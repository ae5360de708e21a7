//! Nearest neighbors in the map, for the tables and for picking a point on the screen.
//!
//! A k-d tree over the distinct positions. Samples at one position form a group, so that a thousand
//! identical samples cost no more than one. Positions are inserted in a scattered order, because
//! sorted insertion would make the tree degenerate.

use kdtree::{KdTree, distance::squared_euclidean};
use rayon::prelude::*;

use super::Labeled;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::{Groups, Neighbors};
use crate::progress::{Progress, check};

/// Points per parallel task.
const CHUNK: usize = 512;
/// Points per leaf of the tree.
const LEAF: usize = 16;
/// Stride of the scattered insertion; a prime far from multiples of usual counts.
const STRIDE: usize = 1_000_003;

/// Positions of a map, arranged for nearest-neighbor queries.
///
/// ```
/// use disentangle::statistics::MapIndex;
/// let index = MapIndex::new(&[[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]]);
/// assert_eq!(index.nearest([0.9, 0.3]), Some(1));
/// assert_eq!(index.neighbors(0, 2), [1, 2]);
/// ```
pub struct MapIndex {
    positions: Vec<[f32; 2]>,
    tree: KdTree<f32, u32, [f32; 2]>,
    /// Samples by position; equal positions lie together, ascending by id.
    members: Vec<u32>,
    /// Start of each group in `members` (groups + 1).
    starts: Vec<u32>,
}

impl MapIndex {
    /// Arranges the positions (n × 2). Positions that are not finite are never found.
    pub fn new(positions: &[[f32; 2]]) -> Self {
        let mut members: Vec<u32> = (0..positions.len() as u32)
            .filter(|&i| positions[i as usize].iter().all(|v| v.is_finite()))
            .collect();
        let at = |i: u32| positions[i as usize];
        members.sort_unstable_by(|&a, &b| {
            let (p, q) = (at(a), at(b));
            p[0].total_cmp(&q[0])
                .then(p[1].total_cmp(&q[1]))
                .then(a.cmp(&b))
        });
        let mut starts: Vec<u32> = vec![0];
        for m in 1..members.len() {
            let (p, q) = (at(members[m]), at(members[m - 1]));
            if p.map(f32::to_bits) != q.map(f32::to_bits) {
                starts.push(m as u32);
            }
        }
        if !members.is_empty() {
            starts.push(members.len() as u32);
        }
        let groups = starts.len() - 1;
        let mut tree = KdTree::with_capacity(2, LEAF);
        let stride = if groups.is_multiple_of(STRIDE) {
            1
        } else {
            STRIDE
        };
        for g in 0..groups {
            let group = (g * stride) % groups;
            let position = at(members[starts[group] as usize]);
            // The tree refuses only positions that are not finite.
            let added = tree.add(position, group as u32);
            debug_assert!(added.is_ok());
        }
        Self {
            positions: positions.to_vec(),
            tree,
            members,
            starts,
        }
    }

    fn group(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.members[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// The `count` groups nearest to a place, with their squared distances, and all others that are
    /// exactly as far as the last of these.
    fn groups_near(&self, place: [f32; 2], count: usize) -> Vec<(f32, u32)> {
        let near = |count| self.tree.nearest(&place, count, &squared_euclidean);
        let mut found = near(count + 1).unwrap_or_default();
        if let [.., last, next] = found[..]
            && found.len() > count
        {
            if last.0 >= next.0 {
                let within = self.tree.within(&place, next.0, &squared_euclidean);
                found = within.unwrap_or_default();
            } else {
                found.pop();
            }
        }
        found.into_iter().map(|(d, group)| (d, *group)).collect()
    }

    /// The sample nearest to a place in the map, ties by id.
    pub fn nearest(&self, place: [f32; 2]) -> Option<usize> {
        let near = self.groups_near(place, 1).into_iter();
        let firsts = near.filter_map(|(distance, group)| {
            let first = *self.group(group).first()?;
            Some((distance, first as usize))
        });
        let least = firsts.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        least.map(|(_, sample)| sample)
    }

    /// The k samples nearest to a sample, itself left out, nearest first, ties by id.
    pub fn neighbors(&self, sample: usize, k: usize) -> Vec<u32> {
        let Some(&place) = self.positions.get(sample) else {
            return Vec::new();
        };
        let mut near: Vec<(f32, u32)> = Vec::with_capacity(2 * k + 2);
        for (distance, group) in self.groups_near(place, k + 1) {
            let members = self.group(group).iter().take(k + 1);
            near.extend(members.map(|&i| (distance, i)));
        }
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.into_iter()
            .map(|(_, i)| i)
            .filter(|&i| i as usize != sample)
            .take(k)
            .collect()
    }

    /// The k nearest neighbors of all samples, with what ties. All positions must be finite and k below n.
    pub(crate) fn graph(&self, k: usize, progress: &dyn Progress) -> Result<Neighbors> {
        let n = self.positions.len();
        let chunks: Result<Vec<Vec<Row>>> = (0..n.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                check(progress)?;
                let samples = chunk * CHUNK..((chunk + 1) * CHUNK).min(n);
                Ok(samples.map(|sample| self.row(sample, k)).collect())
            })
            .collect();
        let (mut ids, mut squared) = (Vec::with_capacity(n * k), Vec::with_capacity(n * k));
        let mut beyond = Vec::with_capacity(n);
        for row in chunks?.into_iter().flatten() {
            let listed = row.near.iter();
            ids.extend(listed.clone().map(|(_, id)| *id));
            squared.extend(listed.map(|(distance, _)| *distance));
            beyond.push(row.beyond);
        }
        let at = |i: u32| self.positions[i as usize].map(f32::to_bits);
        let groups = Groups::of_sorted(self.members.clone(), |a, b| at(a) == at(b));
        Ok(Neighbors::of_lists(k, (ids, squared), groups, &beyond))
    }

    /// The k nearest neighbors of a sample, and one sample of each further group at the last distance.
    fn row(&self, sample: usize, k: usize) -> Row {
        let mut near: Vec<(f32, u32)> = Vec::with_capacity(2 * k + 2);
        let mut firsts: Vec<(f32, u32)> = Vec::with_capacity(k + 2);
        for (distance, group) in self.groups_near(self.positions[sample], k + 1) {
            let members = self.group(group).iter().take(k + 1);
            near.extend(
                members
                    .filter(|&&i| i as usize != sample)
                    .map(|&i| (distance, i)),
            );
            firsts.extend(self.group(group).first().map(|&i| (distance, i)));
        }
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.truncate(k);
        let limit = near.last().map_or(0.0, |last| last.0);
        let beyond = firsts
            .into_iter()
            .filter(|(distance, _)| distance.total_cmp(&limit).is_eq());
        Row {
            beyond: beyond.map(|(_, i)| i).collect(),
            near,
        }
    }

    /// The k nearest neighbors of all samples (n × k, row-major). All positions must be finite
    /// and k below n; rows that come out short are filled with the sample itself.
    pub(crate) fn all_neighbors(&self, k: usize, progress: &dyn Progress) -> Result<Vec<u32>> {
        let mut ids = vec![0_u32; self.positions.len() * k];
        let tasks: Result<Vec<()>> = ids
            .par_chunks_mut((CHUNK * k).max(1))
            .enumerate()
            .map(|(chunk, ids)| {
                check(progress)?;
                for (r, row) in ids.chunks_mut(k).enumerate() {
                    let sample = chunk * CHUNK + r;
                    let near = self.neighbors(sample, k);
                    row.fill(sample as u32);
                    for (slot, id) in row.iter_mut().zip(near) {
                        *slot = id;
                    }
                }
                Ok(())
            })
            .collect();
        tasks?;
        Ok(ids)
    }
}

/// The neighbors of a sample by distance, and samples of groups that tie with the last.
struct Row {
    near: Vec<(f32, u32)>,
    beyond: Vec<u32>,
}

impl std::fmt::Debug for MapIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MapIndex {{ points: {} }}", self.positions.len())
    }
}

/// The nearest labeled samples of each labeled sample in the map.
pub(crate) struct MapNeighbors {
    /// Among the labeled samples.
    pub(crate) graph: Neighbors,
}

impl MapNeighbors {
    /// Finds them; `None` if there are no two labeled samples.
    pub(crate) fn find(
        positions: &[[f32; 2]],
        labeled: &Labeled,
        k: usize,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if labeled.samples() < 2 {
            return Ok(None);
        }
        let k = k.clamp(1, labeled.samples() - 1);
        let index = MapIndex::new(&labeled.positions(positions));
        let graph = execution.run(|progress| index.graph(k, progress))?;
        Ok(Some(Self { graph }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn neighbors_are_those_of_a_full_search(
            points in prop::collection::vec([-9_i8..9, -9_i8..9], 5..60),
        ) {
            let positions: Vec<[f32; 2]> = points
                .iter()
                .map(|[x, y]| [f32::from(*x), f32::from(*y)])
                .collect();
            let index = MapIndex::new(&positions);
            let all = index.all_neighbors(4, &Silent).unwrap();
            for (i, row) in all.chunks(4).enumerate() {
                let squared = |j: usize| {
                    let (p, q) = (positions[i], positions[j]);
                    (p[0] - q[0]).powi(2) + (p[1] - q[1]).powi(2)
                };
                let mut expected: Vec<u32> =
                    (0..positions.len() as u32).filter(|&j| j as usize != i).collect();
                let far = |j: u32| squared(j as usize);
                expected.sort_by(|&a, &b| far(a).total_cmp(&far(b)).then(a.cmp(&b)));
                prop_assert_eq!(row, &expected[..4]);
            }
        }
    }

    #[test]
    fn identical_points_are_one_group() {
        let index = MapIndex::new(&vec![[1.5, -2.0]; 20_000]);
        assert_eq!(index.neighbors(3, 4), [0, 1, 2, 4]);
        assert_eq!(index.all_neighbors(10, &Silent).unwrap().len(), 200_000);
    }

    #[test]
    fn places_that_are_no_numbers_are_never_found() {
        let index = MapIndex::new(&[[f32::NAN, 0.0], [2.0, 2.0]]);
        assert_eq!(index.nearest([0.0, 0.0]), Some(1));
        assert_eq!(MapIndex::new(&[]).nearest([0.0, 0.0]), None);
    }
}
