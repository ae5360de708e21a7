//! Silhouettes by sample and class, in the features or in the map, exact or estimated.

use ndarray::ArrayView2;

use super::sampling::{Measured, References, references_in_features, references_in_map};
use super::{in_features, in_map};
use crate::error::Result;
use crate::execution::Execution;
use crate::statistics::Labeled;

/// Mean silhouettes in one space.
#[derive(Debug, Clone, PartialEq)]
pub struct Silhouettes {
    /// Silhouette of each labeled sample.
    pub samples: Vec<f64>,
    /// Mean by class; `None` for an empty class.
    pub means: Vec<Option<f64>>,
    /// Standard error of each mean: over the samples of the class and, where silhouettes are
    /// estimates, over the references. `None` for a class of fewer than two.
    pub standard_errors: Vec<Option<f64>>,
    /// Mean over all labeled samples.
    pub mean: f64,
    /// Its standard error, likewise.
    pub standard_error: f64,
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
        let mean_of = |c: usize| sums[c].0 / labeled.counts()[c] as f64;
        let classes = 0..labeled.counts().len();
        let at_least = |least: usize, c: usize| labeled.counts()[c] >= least;
        let error_of =
            |c: usize| standard_error(sums[c], labeled.counts()[c]).hypot(class_errors[c]);
        Self {
            means: (classes.clone())
                .map(|c| at_least(1, c).then(|| mean_of(c)))
                .collect(),
            standard_errors: classes
                .map(|c| at_least(2, c).then(|| error_of(c)))
                .collect(),
            mean: samples.iter().sum::<f64>() / samples.len() as f64,
            standard_error: standard_error(all, samples.len()).hypot(error),
            samples,
            references,
        }
    }

    /// Silhouettes of the labeled samples in the feature space; `None` if there are fewer than
    /// two classes. Exact up to 5·10¹⁰ multiplications, beyond that from at most 1,000 random
    /// references a class. Unless `exact`, sets beyond a tenth of that are measured against at most
    /// 200.
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

    /// Silhouettes of the labeled samples in the map; `None` if there are fewer than two classes.
    /// Exact up to 100,000 samples, beyond that from at most 1,000 random references a class. Unless
    /// `exact`, maps of more than 4,000 points are measured against at most 200.
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

/// Standard error of the mean of so many values, from their sum and that of their squares; NaN for
/// fewer than two.
fn standard_error((sum, squares): (f64, f64), size: usize) -> f64 {
    let size = size as f64;
    let variance = (squares - sum * sum / size) / (size - 1.0);
    (variance.max(0.0) / size).sqrt()
}
