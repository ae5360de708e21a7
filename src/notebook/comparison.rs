//! Layers and models in a notebook: compared, and what the comparison shows.

use super::live::watched;
use super::show::{Block, Content, Show, shown};
use crate::comparison::{Comparison, ComparisonOptions};
use crate::dataset::Dataset;
use crate::diagnosis::usual_neighbors;
use crate::error::{Error, Result};
use crate::study::Study;

/// Compares feature sets of the same samples: models (`"A"`), or layers of models (`"A/conv1"`).
///
/// # Errors
/// As [`Study::new`] and [`Study::compare`].
///
/// ```
/// use disentangle::prelude::*;
/// let [cnn, mlp] = [load("fixtures/digits_cnn.npz")?, load("fixtures/digits_mlp.npz")?];
/// let comparison = compare([("CNN", &cnn), ("MLP", &mlp)])?;
/// assert_eq!(comparison.recommendations.len(), 2);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn compare<'a>(sets: impl IntoIterator<Item = (&'a str, &'a Dataset)>) -> Result<Comparison> {
    let sets = sets.into_iter().map(|(name, data)| {
        let (model, layer) = name.split_once('/').unwrap_or((name, ""));
        (model.to_owned(), layer.to_owned(), data.clone())
    });
    Study::new("comparison", sets.collect())?.compare()
}

impl Study {
    /// Compares its layers and models.
    ///
    /// # Errors
    /// [`Error::Input`] if there are no labels, and as [`Comparison::of`].
    pub fn compare(&self) -> Result<Comparison> {
        let options = ComparisonOptions {
            k: usual_neighbors(self.labels()),
            ..ComparisonOptions::default()
        };
        let comparison = watched(|execution, _| Comparison::of(self, &options, execution))?;
        comparison.ok_or_else(|| {
            let remedy = "add them to one of the sets, with `with_labels`";
            Error::input(crate::printable(self.name()), "there are no labels", remedy)
        })
    }
}

impl Show for Comparison {
    fn content(&self) -> Content<'_> {
        vec![Block::Lines(Box::new(|width| self.to_text(width)))]
    }
}

shown!(Comparison);
