//! Neighbors of each sample with their distances, of all samples or of some.
//!
//! In: a neighbor graph. Out: [`Lists`], in which samples can be left out, so that a part of the samples
//! needs no search of its own.

use rayon::prelude::*;

use crate::neighbors::Neighbors;

/// Lists of neighbors, ascending by distance.
pub(super) struct Lists {
    /// Where each list begins (samples + 1).
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Lists {
    /// The first `most` neighbors of each sample.
    pub(super) fn of(graph: &Neighbors, most: usize) -> Self {
        let (n, k) = (graph.samples(), graph.k().min(most.max(1)));
        let list = |i: usize| {
            let squared = graph.squared_distances(i)[..k].iter();
            let distances = squared.map(|&d| f64::from(d).sqrt());
            graph.ids(i)[..k].iter().copied().zip(distances)
        };
        Self {
            starts: (0..=n).map(|i| i * k).collect(),
            entries: (0..n).flat_map(list).collect(),
        }
    }

    /// Those among some samples, in ascending order, which are numbered anew.
    pub(super) fn among(&self, chosen: &[u32]) -> Self {
        let mut places = vec![u32::MAX; self.samples()];
        for (place, &i) in chosen.iter().enumerate() {
            places[i as usize] = place as u32;
        }
        let (mut starts, mut entries) = (vec![0], Vec::new());
        for &i in chosen {
            let near = self.near(i as usize).iter();
            let near = near.map(|&(j, distance)| (places[j as usize], distance));
            entries.extend(near.filter(|&(place, _)| place != u32::MAX));
            starts.push(entries.len());
        }
        Self { starts, entries }
    }

    pub(super) fn samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// The neighbors of a sample, nearest first.
    pub(super) fn near(&self, sample: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[sample]..self.starts[sample + 1]]
    }

    /// The distance of each sample to the last of its nearest `count` samples, itself included.
    pub(super) fn reach(&self, count: usize) -> Vec<f64> {
        let at = |i: usize| {
            let near = self.near(i);
            let last = count.saturating_sub(1).min(near.len());
            last.checked_sub(1).map_or(0.0, |last| near[last].1)
        };
        (0..self.samples()).into_par_iter().map(at).collect()
    }
}
