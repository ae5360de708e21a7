//! Which labels the neighbors of each sample have: the samples behind the numbers of the tables.
//!
//! In: a neighbor graph of the labeled samples. Out: for each sample of the dataset the labels of its
//! neighbors, each with how many have it. Cost: O(nk), in memory, too, but in tight classes O(n).

use super::Labeled;
use super::tally::Tally;
use crate::dataset::UNLABELED;
use crate::neighbors::Neighbors;

/// The labels of the neighbors of each sample of a dataset, in one space.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeighborLabels {
    /// Class of each sample of the dataset.
    classes: Vec<u16>,
    /// Where the entries of each sample begin (samples + 1).
    starts: Vec<u32>,
    /// A label, and how many neighbors have it.
    entries: Vec<(u16, f32)>,
}

impl NeighborLabels {
    /// The labels of the `k` nearest labeled neighbors.
    pub(crate) fn of(graph: &Neighbors, labeled: &Labeled, k: usize) -> Self {
        let samples = labeled.all_samples();
        let mut found = Self {
            classes: vec![UNLABELED; samples],
            starts: vec![0],
            entries: Vec::new(),
        };
        let mut places = vec![None; samples];
        for (at, class) in labeled.indices().iter().enumerate() {
            found.classes[labeled.row(at)] = *class;
            places[labeled.row(at)] = Some(at);
        }
        let mut tally = Tally::new(graph, labeled.indices(), labeled.classes());
        for place in places {
            if let Some(at) = place.filter(|at| *at < graph.samples()) {
                let counts = tally.of(at, k, |_| 1.0);
                let entries = counts.map(|(label, count)| (label as u16, count as f32));
                found.entries.extend(entries);
            }
            found.starts.push(found.entries.len() as u32);
        }
        found
    }

    /// With these labels of neighbors and their counts by sample.
    #[cfg(all(test, feature = "tui"))]
    pub(crate) fn given(classes: Vec<u16>, of: impl Fn(usize, u16) -> Vec<(u16, f32)>) -> Self {
        let mut found = Self {
            starts: vec![0],
            ..Self::default()
        };
        for (sample, class) in classes.iter().enumerate() {
            found.entries.extend(of(sample, *class));
            found.starts.push(found.entries.len() as u32);
        }
        Self { classes, ..found }
    }
}

#[cfg(feature = "tui")]
impl NeighborLabels {
    /// How many neighbors of a sample have a label.
    fn count(&self, sample: usize, label: u16) -> f32 {
        let (start, end) = (self.starts[sample], self.starts[sample + 1]);
        let entries = &self.entries[start as usize..end as usize];
        let found = entries.iter().find(|(known, _)| *known == label);
        found.map_or(0.0, |(_, count)| *count)
    }

    /// The samples that fulfill a condition, given their classes.
    fn samples(&self, fits: impl Fn(usize, u16) -> bool) -> Vec<u32> {
        let all = self.classes.iter().enumerate();
        all.filter(|(sample, class)| fits(*sample, **class))
            .map(|(sample, _)| sample as u32)
            .collect()
    }

    /// The samples of a class that have neighbors with a label, ascending.
    pub(crate) fn with_neighbors(&self, class: u16, label: u16) -> Vec<u32> {
        self.samples(|sample, own| own == class && self.count(sample, label) > 0.0)
    }

    /// The samples of two classes that lie on the side of the other one: at least as many of their
    /// neighbors have its label as their own. Ascending.
    pub(crate) fn across(&self, (a, b): (u16, u16)) -> Vec<u32> {
        self.samples(|sample, own| {
            let other = if own == a { b } else { a };
            (own == a || own == b) && {
                let count = self.count(sample, other);
                count > 0.0 && count >= self.count(sample, own)
            }
        })
    }
}

#[cfg(all(test, feature = "tui"))]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::dataset::{Dataset, Labels};
    use crate::execution::Execution;
    use crate::statistics::feature_neighbors;

    #[test]
    fn samples_are_those_that_the_tables_count() {
        // On a line: a a a b | b b, one without a label, and a far off among b.
        let places = [0.0, 1.0, 2.1, 3.3, 10.0, 11.1, 0.5, 12.3];
        let classes = vec![0, 0, 0, 1, 1, 1, UNLABELED, 0];
        let features = Array2::from_shape_fn((8, 1), |(i, _)| places[i]);
        let labels = Labels::new(vec!["a".into(), "b".into()], classes).unwrap();
        let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
        let labeled = Labeled::new(data.labels().unwrap());
        let execution = Execution::default().threads(1);
        let graph = feature_neighbors(&data, &labeled, 2, &execution)
            .unwrap()
            .unwrap();
        let found = NeighborLabels::of(&graph, &labeled, 2);
        // The third a has an a and a b beside it; the last one only b.
        assert_eq!(found.with_neighbors(0, 1), [2, 7]);
        assert_eq!(found.with_neighbors(1, 0), [3, 4, 5]);
        assert_eq!(found.with_neighbors(0, 0), [0, 1, 2]);
        assert_eq!(found.across((0, 1)), found.across((1, 0)));
        assert_eq!(found.across((0, 1)), [2, 3, 4, 5, 7]);
    }
}
