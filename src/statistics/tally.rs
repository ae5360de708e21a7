//! Counts the labels of a sample's nearest neighbors, those at equal distance in equal parts.
//!
//! In: a neighbor graph and labels. Out: by class, how many of a sample's k neighbors have its label: a
//! number that need not be whole where more samples lie at the k-th distance than there are places left,
//! since each of them then counts the same part ([`Nearest`]). Every figure that neighbors enter counts
//! them here, so that none depends on the order of the rows. Cost: O(k) a sample, and a number of
//! classes for each group of identical samples that ties.

use crate::neighbors::{Groups, Nearest, Neighbors};

/// Two counts that differ by less, relatively, are equal but for rounding.
const SAME_COUNT: f64 = 1e-9;

/// A graph with labels, and the labels of a sample's neighbors.
pub(crate) struct Tally<'a> {
    graph: &'a Neighbors,
    labels: &'a [u16],
    histograms: Histograms,
    counts: Vec<f64>,
    touched: Vec<u16>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(graph: &'a Neighbors, labels: &'a [u16], classes: usize) -> Self {
        Self {
            graph,
            labels,
            histograms: Histograms::new(graph.groups(), classes, |i| Some(labels[i])),
            counts: vec![0.0; classes],
            touched: Vec::new(),
        }
    }

    /// The classes among the `k` nearest neighbors of a sample, each with how many there are; the
    /// neighbor at each place counts `weight(place)`, the same for all at one distance.
    pub(crate) fn of(
        &mut self,
        sample: usize,
        k: usize,
        weight: impl Fn(usize) -> f64,
    ) -> impl Iterator<Item = (usize, f64)> {
        let graph = self.graph;
        let k = k.min(graph.k());
        self.counts_in(graph.nearest(sample, k), sample, k, weight);
        let counts = &mut self.counts;
        self.touched.drain(..).filter_map(move |class| {
            let class = usize::from(class);
            let count = std::mem::take(&mut counts[class]);
            (count != 0.0).then_some((class, count))
        })
    }

    /// How many of the `k` nearest neighbors of a sample have its label.
    pub(crate) fn own(&mut self, sample: usize, k: usize) -> f64 {
        let own = self.labels[sample];
        let nearest = self.graph.nearest(sample, k);
        if nearest.nearer.len() == k {
            let same = nearest.nearer.iter();
            return same.filter(|&&j| self.labels[j as usize] == own).count() as f64;
        }
        let counts = self.of(sample, k, |_| 1.0);
        counts
            .filter(|(class, _)| *class == usize::from(own))
            .map(|(_, count)| count)
            .sum()
    }

    fn counts_in(
        &mut self,
        nearest: Nearest<'_>,
        sample: usize,
        k: usize,
        weight: impl Fn(usize) -> f64,
    ) {
        let mut add = |class: u16, count: f64| {
            let sum = &mut self.counts[usize::from(class)];
            if *sum == 0.0 {
                self.touched.push(class);
            }
            *sum += count;
        };
        for (place, &j) in nearest.nearer.iter().enumerate() {
            add(self.labels[j as usize], weight(place));
        }
        let first = nearest.nearer.len();
        if first == k {
            return;
        }
        let part = nearest.weight * weight(first);
        for &j in nearest.tied {
            add(self.labels[j as usize], part);
        }
        let groups = self.graph.groups();
        let own = groups.of(sample);
        for &group in nearest.groups {
            if let [single] = groups.members(group) {
                if *single as usize != sample {
                    add(self.labels[*single as usize], part);
                }
                continue;
            }
            for (class, count) in self.histograms.of(group) {
                add(class, part * f64::from(count));
            }
            if group == own {
                add(self.labels[sample], -part);
            }
        }
    }
}

/// How many of the samples of each group of identical ones have each label; only groups of several.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histograms {
    /// Where each group begins (groups + 1); empty without such groups.
    starts: Vec<u32>,
    entries: Vec<(u16, u32)>,
}

impl Histograms {
    /// Counts the samples whose label is given.
    pub(crate) fn new(
        groups: &Groups,
        classes: usize,
        label: impl Fn(usize) -> Option<u16>,
    ) -> Self {
        if groups.repeated().next().is_none() {
            return Self::default();
        }
        let mut starts = vec![0];
        let mut entries: Vec<(u16, u32)> = Vec::new();
        let mut counts = vec![0_u32; classes];
        for group in 0..groups.count() as u32 {
            let members = groups.members(group);
            if members.len() > 1 {
                let labels = || members.iter().filter_map(|&i| label(i as usize));
                labels().for_each(|class| counts[usize::from(class)] += 1);
                for class in labels() {
                    let count = std::mem::take(&mut counts[usize::from(class)]);
                    if count > 0 {
                        entries.push((class, count));
                    }
                }
            }
            starts.push(entries.len() as u32);
        }
        Self { starts, entries }
    }

    /// The labels of a group of several samples, with their numbers.
    pub(crate) fn of(&self, group: u32) -> impl Iterator<Item = (u16, u32)> + '_ {
        let group = group as usize;
        let range = match self.starts.get(group..group + 2) {
            Some(ends) => ends[0] as usize..ends[1] as usize,
            None => 0..0,
        };
        self.entries[range].iter().copied()
    }
}

/// Which of two counts is larger; those that differ by rounding only are equal.
pub(crate) fn compare(a: f64, b: f64) -> std::cmp::Ordering {
    if (a - b).abs() <= SAME_COUNT * a.abs().max(b.abs()) {
        std::cmp::Ordering::Equal
    } else {
        a.total_cmp(&b)
    }
}
