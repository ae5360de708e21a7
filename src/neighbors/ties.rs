//! Samples at equal distance, which no order of rows may decide between.
//!
//! In: features, and the lists of neighbors as they are found. Out: [`Ties`]: the groups of identical
//! samples, and for each sample whose list ends among samples at one distance, all of them, by group.
//! So a thousand identical samples cost no more than one. [`Nearest`] is what figures read: each neighbor
//! that is nearer than the k-th distance counts 1, those at the k-th distance share what is left of k.
//! Equal are distances whose squares are the same number of 32 bits. Where more groups tie with a sample
//! than there is memory for, those with the smallest digests of their features stand for all, which
//! does not depend on the order of the rows either.

use ndarray::ArrayView2;
use rayon::prelude::*;

/// Groups that are kept of those that tie with one sample, and with all samples together, at most.
const MOST_PER_SAMPLE: usize = 256;
const MOST_OF_ALL: usize = 1 << 24;

/// Samples by group: identical ones are in one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Groups {
    /// The group of each sample; empty if no two samples are identical.
    of: Vec<u32>,
    /// Samples by group.
    members: Vec<u32>,
    /// Where each group begins among the members (groups + 1).
    starts: Vec<u32>,
    /// A digest of each group's features.
    digests: Vec<u64>,
}

impl Groups {
    /// The groups of identical rows.
    pub(crate) fn of_rows(rows: ArrayView2<'_, f32>) -> Self {
        let n = rows.nrows();
        let digests: Vec<u64> = (0..n).into_par_iter().map(|i| digest(rows, i)).collect();
        let mut members: Vec<u32> = (0..n as u32).collect();
        members.par_sort_unstable_by_key(|&i| (digests[i as usize], i));
        Self::of_sorted(members, |a, b| {
            digests[a as usize] == digests[b as usize]
                && rows.row(a as usize) == rows.row(b as usize)
        })
        .with_digests(|first| digests[first as usize])
    }

    /// Groups of samples that lie in order, equal ones together.
    pub(crate) fn of_sorted(members: Vec<u32>, is_equal: impl Fn(u32, u32) -> bool) -> Self {
        let mut starts: Vec<u32> = vec![0];
        for at in 1..members.len() {
            if !is_equal(members[at - 1], members[at]) {
                starts.push(at as u32);
            }
        }
        starts.push(members.len() as u32);
        let mut of = vec![0; members.len()];
        for (group, ends) in starts.windows(2).enumerate() {
            for &i in &members[ends[0] as usize..ends[1] as usize] {
                of[i as usize] = group as u32;
            }
        }
        Self {
            of,
            members,
            starts,
            digests: Vec::new(),
        }
    }

    /// The same of samples in another order: sample i is the one that was at place `order[i]`, and `places`
    /// is the inverse.
    fn renumbered(&self, order: &[usize], places: &[u32]) -> Self {
        let members = self.members.iter().map(|&i| places[i as usize]);
        let mut members: Vec<u32> = members.collect();
        for ends in self.starts.windows(2) {
            members[ends[0] as usize..ends[1] as usize].sort_unstable();
        }
        Self {
            of: order.iter().map(|&i| self.of[i]).collect(),
            members,
            starts: self.starts.clone(),
            digests: self.digests.clone(),
        }
    }

    fn with_digests(mut self, of: impl Fn(u32) -> u64) -> Self {
        let firsts = (0..self.count()).map(|group| of(self.members(group as u32)[0]));
        self.digests = firsts.collect();
        self
    }

    /// Number of groups.
    pub(crate) fn count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The group of a sample.
    pub(crate) fn of(&self, sample: usize) -> u32 {
        self.of[sample]
    }

    /// The samples of a group.
    pub(crate) fn members(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.members[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// The groups with more than one sample.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = u32> {
        (0..self.count() as u32).filter(|&group| self.members(group).len() > 1)
    }

    /// The groups at the last distance of a list of neighbors, if some of their samples are not in the
    /// list. `beyond` are samples at that distance that are known not to be.
    pub(super) fn at_the_end(
        &self,
        sample: usize,
        (ids, squared): (&[u32], &[f32]),
        beyond: &[u32],
    ) -> Option<Vec<u32>> {
        let limit = *squared.last()?;
        let first = squared.partition_point(|&d| d < limit);
        let listed = &ids[first..];
        let is_cut = listed
            .iter()
            .any(|&j| self.members(self.of(j as usize)).len() > 1);
        if beyond.is_empty() && !is_cut {
            return None;
        }
        let all = listed.iter().chain(beyond);
        let mut groups: Vec<u32> = all.map(|&j| self.of(j as usize)).collect();
        groups.sort_unstable();
        groups.dedup();
        let own = self.of(sample);
        let size = |&group: &u32| self.members(group).len() - usize::from(group == own);
        if groups.iter().map(size).sum::<usize>() <= listed.len() {
            return None;
        }
        let most = MOST_PER_SAMPLE.max(MOST_OF_ALL / self.of.len().max(1));
        if groups.len() > most && !self.digests.is_empty() {
            groups.sort_unstable_by_key(|&group| self.digests[group as usize]);
            groups.truncate(most);
        }
        Some(groups)
    }
}

/// A digest of a row: equal rows have equal ones.
fn digest(rows: ArrayView2<'_, f32>, row: usize) -> u64 {
    let step = |hash: u64, &v: &f32| {
        // Adding 0 makes −0 the same as 0.
        (hash ^ u64::from((v + 0.0).to_bits()))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29)
    };
    let hash = rows.row(row).iter().fold(rows.ncols() as u64, step);
    (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// All ties of a neighbor graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ties {
    groups: Groups,
    /// Where each sample's groups begin (n + 1); empty if there are none.
    starts: Vec<usize>,
    lists: Vec<u32>,
}

impl Ties {
    /// From the groups at the end of each sample's list, of all samples in order.
    pub(super) fn new(groups: Groups, found: impl Iterator<Item = Option<Vec<u32>>>) -> Self {
        let (mut starts, mut lists) = (vec![0], Vec::new());
        for groups in found {
            lists.extend(groups.unwrap_or_default());
            starts.push(lists.len());
        }
        if lists.is_empty() {
            starts.clear();
        }
        Self {
            groups,
            starts,
            lists,
        }
    }

    /// The same of samples in another order, as [`Groups::renumbered`].
    pub(super) fn renumbered(&self, order: &[usize], places: &[u32]) -> Self {
        let lists = order.iter().map(|&i| Some(self.of(i).to_vec()));
        Self::new(self.groups.renumbered(order, places), lists)
    }

    /// The groups of identical samples.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The groups at the end of a sample's list, if the list does not hold all of them.
    fn of(&self, sample: usize) -> &[u32] {
        match self.starts.get(sample..sample + 2) {
            Some(ends) => &self.lists[ends[0]..ends[1]],
            None => &[],
        }
    }

    /// What another sample counts among the nearest.
    pub(super) fn weight_of(&self, sample: usize, nearest: Nearest<'_>) -> f64 {
        let id = sample as u32;
        if nearest.nearer.contains(&id) {
            return 1.0;
        }
        let is_tied = nearest.tied.contains(&id)
            || (!nearest.groups.is_empty() && nearest.groups.contains(&self.groups.of(sample)));
        if is_tied { nearest.weight } else { 0.0 }
    }

    /// The k nearest of a list of neighbors, which has at least k.
    pub(super) fn nearest<'a>(
        &'a self,
        sample: usize,
        ids: &'a [u32],
        squared: &[f32],
        k: usize,
    ) -> Nearest<'a> {
        let limit = squared[k - 1];
        let groups = self.of(sample);
        let goes_on = match squared.get(k) {
            Some(&next) => next <= limit,
            None => !groups.is_empty(),
        };
        if !goes_on {
            return Nearest {
                nearer: &ids[..k],
                ..Nearest::default()
            };
        }
        let first = squared[..k].partition_point(|&d| d < limit);
        let end = k + squared[k..].partition_point(|&d| d <= limit);
        let nearer = &ids[..first];
        let (tied, tied_groups) = if end == ids.len() && !groups.is_empty() {
            (&[][..], groups)
        } else {
            (&ids[first..end], &[][..])
        };
        let own = self.groups.of(sample);
        let size = |&group: &u32| self.groups.members(group).len() - usize::from(group == own);
        let count = tied.len() + tied_groups.iter().map(size).sum::<usize>();
        Nearest {
            nearer,
            tied,
            groups: tied_groups,
            weight: (k - first) as f64 / count as f64,
        }
    }
}

/// The k nearest neighbors of a sample: those at the k-th distance, if there are more than places,
/// count alike.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Nearest<'a> {
    /// Each counts 1.
    pub(crate) nearer: &'a [u32],
    /// Each counts `weight`.
    pub(crate) tied: &'a [u32],
    /// Groups whose samples, but for the sample itself, count `weight` each; `tied` is empty then.
    pub(crate) groups: &'a [u32],
    pub(crate) weight: f64,
}
