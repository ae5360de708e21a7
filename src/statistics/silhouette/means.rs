//! Silhouettes by sample and class, in the features or in the map, exact or estimated.

use ndarray::ArrayView2;

use super::sampling::{Measured, References, references_in_features, references_in_map};
use super::{in_features, in_map};
use crate::error::Result;
use crate::execution::Execution;
use crate::statistics::{Estimate, Labeled};

/// Mean silhouettes in one space.
#[derive(Clone, PartialEq)]
pub struct Silhouettes {
    /// Silhouette of each labeled sample.
    pub samples: Vec<f64>,
    /// Mean by class; `None` for an empty class. The standard error is over the samples of the
    /// class and, where silhouettes are estimates, over the references.
    pub classes: Vec<Option<Estimate>>,
    /// Mean over all labeled samples, likewise.
    pub mean: Estimate,
    /// References per class if they are estimates.
    pub references: Option<usize>,
}

impl Silhouettes {
    fn new(measured: Measured, labeled: &Labeled, references: Option<usize>) -> Self {
        let Measured {
            samples,
            class_errors,
            error,
        } = measured;
        let mut sums = vec![(0.0, 0.0); labeled.counts().len()];
        let mut all = (0.0, 0.0);
        for (&s, &class) in samples.iter().zip(labeled.indices()) {
            for (sum, squares) in [&mut sums[usize::from(class)], &mut all] {
                *sum += s;
                *squares += s * s;
            }
        }
        let of_class = |c: usize| {
            let (size, sum) = (labeled.counts()[c], sums[c]);
            let error = (size >= 2).then(|| standard_error(sum, size).hypot(class_errors[c]));
            (size >= 1).then(|| Estimate::normal(sum.0 / size as f64, error))
        };
        let mean = samples.iter().sum::<f64>() / samples.len() as f64;
        let error = standard_error(all, samples.len()).hypot(error);
        Self {
            classes: (0..labeled.classes()).map(of_class).collect(),
            mean: Estimate::normal(mean, Some(error)),
            samples,
            references,
        }
    }

    /// Silhouettes of the labeled samples in the feature space; `None` if there are fewer than two
    /// classes. Exact up to 5·10¹⁰ multiplications, beyond that from at most 1,000 random
    /// references per class. Unless `exact`, at most 200 references are used beyond 5·10⁹
    /// multiplications.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn in_features(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        exact: bool,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if !labeled.has_silhouettes() {
            return Ok(None);
        }
        let size = (labeled.samples(), features.ncols());
        let limit = references_in_features(size, labeled.occupied(), exact);
        let references = References::new(labeled.indices(), labeled.counts().len(), limit);
        let measured = execution.run(|progress| match labeled.subset(features) {
            None => in_features(features, labeled.indices(), &references, progress),
            Some(part) => in_features(part.view(), labeled.indices(), &references, progress),
        })?;
        let limit = limit.filter(|_| references.is_sample());
        Ok(Some(Self::new(measured, labeled, limit)))
    }

    /// The means of silhouettes that were computed elsewhere, without any estimate.
    pub(crate) fn of_samples(samples: Vec<f64>, labeled: &Labeled) -> Option<Self> {
        let measured = Measured {
            samples,
            class_errors: vec![0.0; labeled.classes()],
            error: 0.0,
        };
        (labeled.has_silhouettes()).then(|| Self::new(measured, labeled, None))
    }

    /// Silhouettes of the labeled samples in the map; `None` if there are fewer than two classes.
    /// Exact up to 100,000 samples, beyond that from at most 1,000 random references per class.
    /// Unless `exact`, at most 200 references are used for maps of more than 4,000 points.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn in_map(
        positions: &[[f32; 2]],
        labeled: &Labeled,
        exact: bool,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        if !labeled.has_silhouettes() {
            return Ok(None);
        }
        let limit = references_in_map(labeled.samples(), labeled.occupied(), exact);
        let references = References::new(labeled.indices(), labeled.counts().len(), limit);
        let part = labeled.positions(positions);
        let measured =
            execution.run(|progress| in_map(&part, labeled.indices(), &references, progress))?;
        let limit = limit.filter(|_| references.is_sample());
        Ok(Some(Self::new(measured, labeled, limit)))
    }
}

/// Standard error of the mean of `count` values, from their sum and sum of squares; NaN for fewer
/// than two.
fn standard_error((sum, squares): (f64, f64), size: usize) -> f64 {
    let size = size as f64;
    let variance = (squares - sum * sum / size) / (size - 1.0);
    (variance.max(0.0) / size).sqrt()
}
