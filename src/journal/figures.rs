//! The figures that the journal keeps of a map and of a comparison, by name.

use super::{ComparedSet, Event, Figures};
use crate::comparison::Comparison;
use crate::diagnosis::Diagnosis;

/// The figures of a map, as far as they are known.
pub(crate) fn figures(kl_divergence: Option<f64>, diagnosis: Option<&Diagnosis>) -> Figures {
    let fidelity = diagnosis.and_then(|d| d.fidelity.as_ref());
    let all = [
        ("kl_divergence", kl_divergence),
        (
            "trustworthiness",
            fidelity.and_then(|f| Some(f.trustworthiness?.value)),
        ),
        (
            "neighbors_kept",
            fidelity.and_then(|f| Some(f.knn_recall?.value)),
        ),
        (
            "silhouette_features",
            diagnosis.and_then(|d| d.silhouette.in_features()),
        ),
        (
            "silhouette_map",
            diagnosis.and_then(|d| d.silhouette.in_map()),
        ),
        (
            "neighborhood_hit_features",
            diagnosis.and_then(|d| d.neighborhood_hit.in_features()),
        ),
        (
            "neighborhood_hit_map",
            diagnosis.and_then(|d| d.neighborhood_hit.in_map()),
        ),
    ];
    known(all)
}

/// What a comparison says of each feature set.
pub(crate) fn compared(found: &Comparison) -> Event {
    let layers = found.curves.iter().flat_map(|curve| &curve.layers);
    let sets = layers.map(|layer| ComparedSet {
        set: layer.set.clone(),
        figures: known([
            ("probe", Some(layer.probe.value)),
            ("neighborhood_hit", Some(layer.neighborhood_hit.value)),
            (
                "silhouette_squared",
                layer.silhouette_squared.map(|s| s.value),
            ),
        ]),
    });
    Event::Comparison {
        k: found.k,
        sets: sets.collect(),
    }
}

fn known<const N: usize>(all: [(&str, Option<f64>); N]) -> Figures {
    let known = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let finite = known.filter(|(_, value)| value.is_finite());
    finite
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
