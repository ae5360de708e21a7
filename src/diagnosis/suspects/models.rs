//! The predictions of trained models, which serve as further detectors.

use ndarray::{Array2, ArrayView2};

use crate::dataset::{Dataset, UNLABELED};
use crate::error::{Error, Result};
use crate::statistics::{Labeled, argmax};

/// The models' probabilities for the labeled samples, or one model's predictions.
pub(super) struct Models {
    pub(super) names: Vec<String>,
    /// By model, labeled samples × classes.
    pub(super) probabilities: Vec<Array2<f32>>,
    /// Predicted classes, where there are predictions but no probabilities.
    pub(super) predictions: Option<Vec<u16>>,
}

impl Models {
    /// Uses `given`, else the probabilities of the study's models, else the dataset's own.
    pub(super) fn new(
        data: &Dataset,
        labeled: &Labeled,
        given: &[(&str, ArrayView2<'_, f32>)],
    ) -> Result<Self> {
        let mut given = given.to_vec();
        if given.is_empty() {
            let models = data.models().iter();
            given.extend(models.map(|(name, p)| (name.as_str(), p.view())));
        }
        if given.is_empty() {
            given.extend(data.probabilities().map(|p| ("model", p)));
        }
        let mut names = Vec::new();
        let mut probabilities = Vec::new();
        for (name, matrix) in given {
            check_shape(name, matrix, data.samples(), labeled.counts().len())?;
            names.push(name.to_owned());
            probabilities.push(labeled.subset(matrix).unwrap_or_else(|| matrix.to_owned()));
        }
        let predictions = data.predictions().filter(|_| names.is_empty());
        Ok(Self {
            names,
            probabilities,
            predictions: predictions.map(|p| {
                let rows = 0..labeled.samples();
                rows.map(|i| p[labeled.row(i)]).collect()
            }),
        })
    }

    /// The class that each model predicts for a labeled sample.
    pub(super) fn predicted(&self, i: usize) -> Vec<u16> {
        if let Some(predictions) = &self.predictions {
            return vec![predictions[i]];
        }
        let matrices = self.probabilities.iter();
        matrices
            .map(|matrix| argmax(matrix.row(i)) as u16)
            .filter(|&class| class != UNLABELED)
            .collect()
    }
}

fn check_shape(
    name: &str,
    matrix: ArrayView2<'_, f32>,
    samples: usize,
    classes: usize,
) -> Result<()> {
    if matrix.nrows() != samples {
        return Err(Error::Mismatch {
            what: format!("probabilities of {name}"),
            expected: samples,
            found: matrix.nrows(),
        });
    }
    if matrix.ncols() != classes {
        return Err(Error::input(
            format!("probabilities of {name}"),
            format!("{} columns for {classes} classes", matrix.ncols()),
            "give one column per class, in the order of the classes",
        ));
    }
    Ok(())
}
