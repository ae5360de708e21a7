//! A selection of samples: its classes, predictions and silhouettes.
//!
//! In: a dataset, some of its samples, and silhouettes if they are known. Out: a
//! [`SubsetDiagnosis`]. Cost: one pass over the chosen samples.

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, UNLABELED};

/// The members of one class among the selected samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SubsetClass {
    /// The class; [`UNLABELED`](crate::dataset::UNLABELED) for samples without a label.
    pub class: u16,
    /// How many of the selected samples have its label.
    pub count: usize,
    /// How many of all samples do.
    pub of: usize,
    /// How many of the selected samples are predicted to be of it; `None` without predictions.
    pub predicted: Option<usize>,
    /// How many of the selected samples have its label and are predicted to be of it.
    pub right: Option<usize>,
    /// Mean silhouette of the selected samples of the class, in the space of the given silhouettes.
    pub silhouette: Option<f64>,
}

/// A selection of samples.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SubsetDiagnosis {
    /// Number of samples.
    pub count: usize,
    /// Their classes, without those that have neither a member nor a prediction; unlabeled samples
    /// last.
    pub classes: Vec<SubsetClass>,
    /// How many are predicted as they are labeled; `None` without predictions or labels.
    pub right: Option<usize>,
    /// Mean silhouette over the samples that have one.
    pub silhouette: Option<f64>,
}

impl SubsetDiagnosis {
    /// Counts the samples by class; rows that do not exist are ignored. `silhouettes` has one value
    /// per sample of the dataset, NaN if there is none.
    ///
    /// ```
    /// use disentangle::{ndarray::array, diagnosis::SubsetDiagnosis, prelude::*};
    /// let data = Dataset::new(array![[0.0], [1.0], [5.0]])?
    ///     .with_labels(Labels::from_integers(&[0, 0, 1])?)?;
    /// let subset = SubsetDiagnosis::of(&data, &[0, 2], None);
    /// assert_eq!(subset.classes[0].count, 1);
    /// assert_eq!(subset.classes[0].of, 2);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(data: &Dataset, samples: &[u32], silhouettes: Option<&[f32]>) -> Self {
        let names = data.labels().map_or(0, crate::dataset::Labels::classes);
        let slot = |class: u16| usize::from(class).min(names);
        let class_of = |sample: usize| data.labels().map_or(UNLABELED, |l| l.indices()[sample]);
        let mut all = data
            .labels()
            .map_or_else(Vec::new, crate::dataset::Labels::counts);
        all.push(data.samples() - all.iter().sum::<usize>());
        let mut count = vec![0; names + 1];
        let mut predicted = vec![0; names + 1];
        let mut right = vec![0; names + 1];
        let mut sums = vec![(0.0, 0usize); names + 1];
        let known = samples.iter().map(|s| *s as usize);
        let known: Vec<usize> = known.filter(|s| *s < data.samples()).collect();
        for &sample in &known {
            let class = class_of(sample);
            count[slot(class)] += 1;
            if let Some(predictions) = data.predictions() {
                predicted[slot(predictions[sample])] += 1;
                let is_right = class != UNLABELED && predictions[sample] == class;
                right[slot(class)] += usize::from(is_right);
            }
            let silhouette = silhouettes.and_then(|s| s.get(sample));
            if let Some(value) = silhouette.filter(|s| s.is_finite()) {
                sums[slot(class)].0 += f64::from(*value);
                sums[slot(class)].1 += 1;
            }
        }
        let mean = |(sum, n): (f64, usize)| (n > 0).then(|| sum / n as f64);
        let has_predictions = data.predictions().is_some();
        let classes = (0..=names)
            .filter(|c| count[*c] + predicted[*c] > 0)
            .map(|c| SubsetClass {
                class: if c < names { c as u16 } else { UNLABELED },
                count: count[c],
                of: all[c],
                predicted: has_predictions.then_some(predicted[c]),
                right: (has_predictions && c < names).then_some(right[c]),
                silhouette: mean(sums[c]),
            });
        let classes = classes.collect();
        let total = sums.iter().fold((0.0, 0), |t, s| (t.0 + s.0, t.1 + s.1));
        Self {
            count: known.len(),
            classes,
            right: (has_predictions && names > 0).then(|| right.iter().sum()),
            silhouette: mean(total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Labels;

    #[test]
    fn classes_predictions_and_silhouettes_are_counted_by_sample() {
        let data = Dataset::new(ndarray::Array2::zeros((6, 1))).unwrap();
        let bare = SubsetDiagnosis::of(&data, &[1, 2, 99], None);
        assert_eq!((bare.count, bare.classes.len(), bare.right), (2, 1, None));
        assert_eq!((bare.classes[0].class, bare.classes[0].of), (UNLABELED, 6));
        let names = vec!["a".into(), "b".into(), "c".into()];
        let labels = Labels::new(names, vec![0, 0, 1, 1, UNLABELED, 2]).unwrap();
        let data = data.with_labels(labels).unwrap();
        let data = data
            .with_predictions(vec![0, 1, 1, 0, 1, UNLABELED])
            .unwrap();
        let silhouettes = [0.5, -0.5, 0.25, f32::NAN, f32::NAN, 0.0];
        let subset = SubsetDiagnosis::of(&data, &[0, 1, 2, 3, 4], Some(&silhouettes));
        let of = |class: u16| {
            let mut classes = subset.classes.iter();
            *classes.find(|c| c.class == class).unwrap()
        };
        assert_eq!(
            (of(0).count, of(0).predicted, of(0).right),
            (2, Some(2), Some(1))
        );
        assert_eq!(
            (of(1).count, of(1).predicted, of(1).right),
            (2, Some(3), Some(1))
        );
        assert_eq!((of(UNLABELED).count, of(UNLABELED).right), (1, None));
        assert_eq!(
            (of(0).silhouette, of(1).silhouette),
            (Some(0.0), Some(0.25))
        );
        assert_eq!(subset.classes.len(), 3);
        assert_eq!(subset.right, Some(2));
        assert_eq!(subset.silhouette, Some(0.25 / 3.0));
        assert_eq!(SubsetDiagnosis::of(&data, &[], None).silhouette, None);
    }
}
