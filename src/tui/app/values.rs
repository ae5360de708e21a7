//! Values per sample that can color the map: what the data brings, and what the diagnosis finds.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::diagnosis::{Diagnosis, Stability};
use crate::palette::Scale;
use crate::picture::{ValueScale, label_probabilities};
use crate::raster::Fold;

/// A value per sample that can color the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleValues {
    /// The values; NaN where a sample has none.
    pub(crate) values: Arc<[f32]>,
    /// Their name and colors.
    pub(crate) scale: ValueScale,
    /// How the values of a cell become one.
    pub(crate) fold: Fold,
    /// What they mean, in words.
    pub(crate) words: &'static str,
    /// They are of the map that is shown, and say nothing of others of the same features.
    pub(crate) of_map: bool,
}

impl SampleValues {
    /// Silhouettes, of which most lie between −0.5 and 0.5.
    fn silhouettes(name: &str, values: &Arc<[f32]>, of_map: bool) -> Self {
        Self {
            values: Arc::clone(values),
            scale: ValueScale::new(name, (-0.5, 0.5), Scale::Diverging),
            fold: Fold::Mean,
            words: "below 0: nearer to another class than to its own",
            of_map,
        }
    }
}

/// What the data itself brings: the probability that the classifier gives to each sample's label.
pub(crate) fn values_of(data: &Dataset) -> Vec<SampleValues> {
    let found = label_probabilities(data).map(|(values, scale)| SampleValues {
        values: values.into(),
        scale,
        fold: Fold::Mean,
        words: "the probability that the classifier gives the label",
        of_map: false,
    });
    found.into_iter().collect()
}

/// What the diagnosis knows of each sample in the features.
pub(crate) fn values_of_features(diagnosis: &Diagnosis) -> Vec<SampleValues> {
    let silhouettes = diagnosis.sample_silhouettes.features.iter();
    let mut values: Vec<SampleValues> = silhouettes
        .map(|values| SampleValues::silhouettes("silhouette in the features", values, false))
        .collect();
    let suspects = diagnosis
        .suspects
        .as_ref()
        .filter(|s| !s.probabilities.is_empty());
    values.extend(suspects.map(|suspects| SampleValues {
        values: suspects.probabilities[..].into(),
        scale: ValueScale::new("suspicion", (0.0, 1.0), Scale::Sequential),
        // One suspect among many is to be seen.
        fold: Fold::Greatest,
        words: "probability that the label is wrong, the largest in each cell",
        of_map: false,
    }));
    values
}

/// The name of the values that several maps give.
pub(crate) const STABILITY: &str = "stability";

/// How much of each sample's neighborhood is the same on several maps: from 0 to twice the usual share, or to
/// all of it. Cells of samples without a stable place have a mark.
pub(crate) fn value_of_stability(found: &Stability) -> SampleValues {
    let high = (2.0 * found.median_kept).clamp(f64::MIN_POSITIVE, 1.0);
    SampleValues {
        values: found.points[..].into(),
        scale: ValueScale::new(STABILITY, (0.0, high), Scale::Sequential)
            .marking_below(found.least_kept()),
        fold: Fold::Mean,
        words: "low: other neighbors on other maps; ? no stable place",
        of_map: false,
    }
}

/// What the diagnosis knows of each sample's place in the map.
pub(crate) fn values_of_map(diagnosis: &Diagnosis) -> Vec<SampleValues> {
    let silhouettes = diagnosis.sample_silhouettes.map.iter();
    let mut all: Vec<SampleValues> = silhouettes
        .map(|values| SampleValues::silhouettes("silhouette on the map", values, true))
        .collect();
    let fidelity = diagnosis.fidelity.as_ref();
    let Some(points) = fidelity.and_then(|fidelity| fidelity.points.as_ref()) else {
        return all;
    };
    let fidelity = [
        (
            "trustworthiness",
            &points.trustworthiness,
            "low: neighbors on the map that are not neighbors in the features",
        ),
        (
            "continuity",
            &points.continuity,
            "low: neighbors in the features that are far away on the map",
        ),
    ]
    .map(|(name, values, words)| SampleValues {
        values: values[..].into(),
        scale: ValueScale::new(name, (0.5, 1.0), Scale::Diverging),
        fold: Fold::Mean,
        words,
        of_map: true,
    });
    all.extend(fidelity);
    all
}
