//! The samples that statistics are about: the labeled ones or, without labels, all.

use ndarray::{Array2, ArrayView2, Axis};

use crate::dataset::{Dataset, Labels, UNLABELED};

/// The labeled samples of a dataset.
#[derive(Debug, Clone)]
pub struct Labeled {
    /// Class names.
    names: Vec<String>,
    /// Class of each labeled sample.
    classes: Vec<u16>,
    /// Their rows in the dataset; `None` if they are all rows in order.
    rows: Option<Vec<usize>>,
    counts: Vec<usize>,
    unlabeled: usize,
    /// The classes in their order, if they have one.
    order: Option<Vec<usize>>,
    is_provisional: bool,
}

impl Labeled {
    /// The labeled samples among all.
    pub fn new(labels: &Labels) -> Self {
        let unlabeled = labels.indices().iter().filter(|&&c| c == UNLABELED).count();
        let rows = (unlabeled > 0).then(|| {
            let all = 0..labels.indices().len();
            all.filter(|&i| labels.class(i).is_some()).collect()
        });
        let indices = labels.indices().iter().copied();
        Self {
            names: labels.names().to_vec(),
            classes: indices.filter(|&c| c != UNLABELED).collect(),
            rows,
            counts: labels.counts(),
            unlabeled,
            order: labels
                .order()
                .map(|order| order.iter().copied().map(usize::from).collect()),
            is_provisional: labels.is_provisional(),
        }
    }

    /// All of so many samples, where none has a label: no classes, but neighbors and fidelity.
    pub(crate) fn without_classes(samples: usize) -> Self {
        Self {
            names: Vec::new(),
            classes: vec![UNLABELED; samples],
            rows: None,
            counts: Vec::new(),
            unlabeled: 0,
            order: None,
            is_provisional: false,
        }
    }

    /// The labeled samples of a dataset or, without labels, all.
    pub(crate) fn of(data: &Dataset) -> Self {
        let without = || Self::without_classes(data.samples());
        data.labels().map_or_else(without, Self::new)
    }

    /// Whether there are classes to describe.
    pub(crate) fn has_classes(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether the classes are clusters that were found in the features, whose separation says nothing.
    pub(crate) fn is_provisional(&self) -> bool {
        self.is_provisional
    }

    /// The same samples in the order of these rows, with their classes.
    pub(super) fn reordered(self, rows: Vec<(usize, u16)>) -> Self {
        debug_assert!(rows.len() == self.samples());
        let (rows, classes) = rows.into_iter().unzip();
        Self {
            classes,
            rows: Some(rows),
            ..self
        }
    }

    /// Class of each row of the dataset; `None` for those that are not among the samples.
    pub(super) fn class_by_row(&self) -> Vec<Option<u16>> {
        let mut classes = vec![None; self.samples() + self.unlabeled];
        for (i, &class) in self.classes.iter().enumerate() {
            classes[self.row(i)] = Some(class);
        }
        classes
    }

    /// Class names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The classes in their order, if they have one.
    pub(crate) fn order(&self) -> Option<&[usize]> {
        self.order.as_deref()
    }

    /// Class of each labeled sample.
    pub(crate) fn indices(&self) -> &[u16] {
        &self.classes
    }

    /// Number of labeled samples of each class.
    pub(crate) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Number of labeled samples.
    pub fn samples(&self) -> usize {
        self.classes.len()
    }

    /// The row of a labeled sample in the dataset.
    pub(crate) fn row(&self, sample: usize) -> usize {
        self.rows.as_ref().map_or(sample, |rows| rows[sample])
    }

    /// The row of each labeled sample in the dataset.
    pub(crate) fn rows(&self) -> Vec<usize> {
        (0..self.samples()).map(|i| self.row(i)).collect()
    }

    /// Number of classes, with members or without.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Whether every sample of the dataset is labeled.
    pub fn is_complete(&self) -> bool {
        self.unlabeled == 0
    }

    /// The features of the labeled samples, unless they are all rows in order.
    pub fn subset(&self, features: ArrayView2<'_, f32>) -> Option<Array2<f32>> {
        let rows = self.rows.as_ref()?;
        Some(features.select(Axis(0), rows))
    }

    /// The same for an array that has these samples only, in their order.
    pub(crate) fn alone(&self) -> Self {
        Self {
            rows: None,
            unlabeled: 0,
            ..self.clone()
        }
    }

    /// The positions of the labeled samples.
    pub(crate) fn positions<'a>(
        &self,
        positions: &'a [[f32; 2]],
    ) -> std::borrow::Cow<'a, [[f32; 2]]> {
        match &self.rows {
            None => positions.into(),
            Some(rows) => rows.iter().map(|&i| positions[i]).collect(),
        }
    }

    /// Number of classes with members.
    pub(crate) fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&c| c > 0).count()
    }

    /// Whether silhouettes exist: at least two classes have members, and some class two.
    pub(super) fn has_silhouettes(&self) -> bool {
        self.occupied() >= 2 && self.occupied() < self.samples()
    }

    /// Number of samples of the dataset, labeled or not.
    pub(super) fn all_samples(&self) -> usize {
        self.samples() + self.unlabeled
    }

    /// Values of the labeled samples as values of all; NaN for the others.
    pub(super) fn spread(&self, values: &[f64]) -> std::sync::Arc<[f32]> {
        let Some(rows) = &self.rows else {
            return values.iter().map(|value| *value as f32).collect();
        };
        let mut all = vec![f32::NAN; self.all_samples()];
        for (row, value) in rows.iter().zip(values) {
            all[*row] = *value as f32;
        }
        all.into()
    }
}
