//! The results of a diagnosis in sentences, as an analyst would write them.
//!
//! In: a [`Diagnosis`]. Out: a [`Reading`]: sentences, the most important first, each with the numbers
//! it is based on, named as in the JSON. A sentence is written only if its statistical test is
//! significant and its effect is large enough; the tests belong to the parts of the diagnosis, the
//! effect sizes are [`ReadingThresholds`]. If the labels cannot be distinguished from random ones, the
//! reading says so and says nothing more about separation or mixing. Silhouettes and other measures of
//! compactness never make a sentence: they also grow when classes become more compact without
//! becoming easier to separate. Errors of the map come after the findings in the features. Nothing is
//! computed here.

use super::{Diagnosis, Reading, ReadingThresholds};

mod cautions;
mod clusters;
mod map;
mod mixing;
mod names;
mod separation;
mod suspects;

impl Reading {
    /// Describes a diagnosis; parts that were not computed are skipped.
    ///
    /// ```
    /// use disentangle::{diagnosis::{Reading, ReadingThresholds, Topic}, prelude::*};
    /// use disentangle::ndarray::Array2;
    /// let features = Array2::from_shape_fn((80, 3), |(i, j)| {
    ///     (i % 2 * 20) as f32 + ((i * 7 + j * 5) % 11) as f32
    /// });
    /// let labels = Labels::from_integers(&(0..80).map(|i| i % 2).collect::<Vec<i64>>())?;
    /// let data = Dataset::new(features)?.with_labels(labels)?;
    /// let diagnosis = Diagnosis::of(&data, None, 5, &Execution::default().threads(1))?.unwrap();
    /// let reading = Reading::of(&diagnosis, &ReadingThresholds::default());
    /// assert!(reading.statements.iter().any(|s| s.topic == Topic::Apart));
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(diagnosis: &Diagnosis, thresholds: &ReadingThresholds) -> Self {
        let names = names::Names::new(diagnosis, thresholds);
        let mut statements = Vec::new();
        if cautions::identical(diagnosis, &mut statements) {
            return Self {
                thresholds: *thresholds,
                statements,
                left_out: 0,
            };
        }
        if let Some(found) = &diagnosis.clusters {
            clusters::clusters(diagnosis, found, &names, &mut statements);
        } else if separation::separation(diagnosis, &names, thresholds, &mut statements) {
            mixing::mixing(diagnosis, &names, thresholds, &mut statements);
            mixing::head(diagnosis, &names, &mut statements);
        }
        suspects::suspects(diagnosis, &mut statements);
        map::misleading(diagnosis, &names, thresholds, &mut statements);
        cautions::cautions(diagnosis, &names, thresholds, &mut statements);
        Self::of_most_important(statements, thresholds)
    }
}
