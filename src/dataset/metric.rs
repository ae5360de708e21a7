//! The distance between two samples: Euclidean, or by the angle between them.
//!
//! In: features and a [`Metric`]. Out: features whose Euclidean distance is the one wanted, so
//! that components, neighbors, affinities and all statistics of the features use it. For the
//! cosine, rows are scaled to unit length: |a − b|² = 2 (1 − cos), which orders neighbors as the
//! cosine distance does. Cost: one pass over the features.

use std::fmt;
use std::str::FromStr;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::named::named;

/// The distance between samples in the feature space.
///
/// ```
/// use disentangle::{ndarray::array, dataset::{Dataset, Metric}};
/// let data = Dataset::new(array![[3.0, 4.0], [6.0, 8.0]])?.with_metric(Metric::Cosine);
/// assert_eq!(data.features(), array![[0.6, 0.8], [0.6, 0.8]]);
/// assert_eq!("cosine".parse::<Metric>()?, Metric::Cosine);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The Euclidean distance.
    #[default]
    Euclidean,
    /// By angle: the Euclidean distance between rows scaled to unit length, whose square is twice
    /// the cosine distance 1 − cos.
    Cosine,
}

named!(Metric {
    Euclidean => "euclidean",
    Cosine => "cosine",
});

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::of_name(&text.to_ascii_lowercase())
            .ok_or_else(|| Error::option("metric", text, "must be `euclidean` or `cosine`"))
    }
}

/// Scales the rows to unit length; returns the number of rows of zeros, which have no direction.
pub(super) fn normalize<T>(features: &mut Array2<T>) -> usize
where
    T: Copy + Into<f64> + FromWide,
{
    let mut zero = 0;
    for mut row in features.outer_iter_mut() {
        // Divided by the largest value first, so that no square leaves the range.
        let largest = row.iter().fold(0.0_f64, |m, &v| m.max(v.into().abs()));
        if largest <= 0.0 {
            zero += 1;
            continue;
        }
        let squares: f64 = row.iter().map(|&v| (v.into() / largest).powi(2)).sum();
        let length = squares.sqrt();
        row.mapv_inplace(|v| T::from_wide(v.into() / largest / length));
    }
    zero
}

/// Rounding from 64 bits.
pub(super) trait FromWide {
    /// The nearest value of this type.
    fn from_wide(value: f64) -> Self;
}

impl FromWide for f32 {
    fn from_wide(value: f64) -> Self {
        value as Self
    }
}

impl FromWide for f64 {
    fn from_wide(value: f64) -> Self {
        value
    }
}

/// A note where some of n rows have no direction.
pub(super) fn note(zero: usize, n: usize) -> Option<String> {
    (zero > 0).then(|| {
        format!(
            "{zero} of {n} samples are zero in all features and have no direction: under the \
             cosine metric they coincide, at the same distance from all others"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn lengths_are_one_at_every_magnitude() {
        let mut rows = array![[3e30_f32, 4e30], [3e-40, 4e-40], [0.0, 0.0], [0.0, -2.0]];
        assert_eq!(normalize(&mut rows), 1);
        for (row, wanted) in [
            ([0.6, 0.8], 0),
            ([0.6, 0.8], 1),
            ([0.0, 0.0], 2),
            ([0.0, -1.0], 3),
        ] {
            for (a, b) in rows.row(wanted).iter().zip(row) {
                assert!((a - b as f32).abs() < 1e-4, "{rows}");
            }
        }
        let mut wide = array![[3e300_f64, 4e300]];
        assert_eq!(normalize(&mut wide), 0);
        assert!((wide[[0, 0]] - 0.6).abs() < 1e-15);
    }

    #[test]
    fn unknown_names_are_refused() {
        let error = "manhattan".parse::<Metric>().unwrap_err();
        assert!(error.to_string().starts_with("metric"), "{error}");
    }
}
