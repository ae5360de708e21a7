//! The settings of a map, for reports and pictures.

use crate::dataset::Dataset;
use crate::report::TsneSummary;
use crate::run::{MapOrigin, RunOptions, Snapshot, reduces};
use crate::tsne::Embedding;

/// The settings of the map on the screen.
pub(super) fn summary_of(snapshot: &Snapshot, settings: &TsneSummary) -> TsneSummary {
    let base = settings.clone();
    if !snapshot.is_map {
        return TsneSummary {
            pca_components: base.pca_components,
            ..TsneSummary::default()
        };
    }
    let continued = snapshot.origin == MapOrigin::Continued;
    TsneSummary {
        perplexity: Some(snapshot.perplexity),
        iterations: Some(snapshot.iteration),
        kl_divergence: snapshot.kl_divergence,
        neighbor_recall: snapshot.neighbor_recall,
        seed: Some(snapshot.seed),
        initialization: Some(snapshot.origin.name().into()),
        annealing: base.annealing.filter(|_| !continued),
        early_exaggeration: base.early_exaggeration.filter(|_| !continued),
        early_iterations: base.early_iterations.filter(|_| !continued),
        early_momentum: base.early_momentum.filter(|_| !continued),
        ..base
    }
}

/// The settings of a run.
pub(super) fn summary(data: &Dataset, options: &RunOptions) -> TsneSummary {
    TsneSummary {
        seed: Some(options.seed),
        initialization: Some(MapOrigin::of(&options.initialization).name().into()),
        pca_components: options
            .components
            .filter(|_| reduces(data, options.components)),
        affinities: Some(options.weighting.clone()),
        annealing: options.annealing,
        early_exaggeration: Some(options.tsne.early_exaggeration),
        early_iterations: Some(options.tsne.early_iterations),
        early_momentum: Some(options.tsne.early_momentum),
        momentum: Some(options.tsne.momentum),
        exaggeration: Some(options.tsne.exaggeration),
        learning_rate: options.tsne.learning_rate,
        degrees_of_freedom: Some(options.tsne.degrees_of_freedom),
        ..TsneSummary::default()
    }
}

/// The settings of a finished map.
pub(super) fn summary_of_map(data: &Dataset, options: &RunOptions, map: &Embedding) -> TsneSummary {
    TsneSummary {
        perplexity: Some(map.affinities().perplexity()),
        iterations: Some(map.iteration()),
        kl_divergence: Some(map.kl_divergence()),
        neighbor_recall: map.affinities().recall(),
        ..summary(data, options)
    }
}

/// The settings of a map in one line.
pub(super) fn small_print(data: &Dataset, tsne: &TsneSummary) -> String {
    let mut parts = vec![format!(
        "disentangle {} · {} × {}",
        env!("CARGO_PKG_VERSION"),
        data.samples(),
        data.dimensions()
    )];
    parts.extend(
        tsne.perplexity
            .map(|p| format!("t-SNE perplexity {}", rounded(p))),
    );
    parts.extend(tsne.iterations.map(|i| format!("{i} iterations")));
    parts.extend(tsne.kl_divergence.map(|kl| format!("KL {kl:.3}")));
    parts.extend(tsne.seed.map(|seed| format!("seed {seed}")));
    parts.join(" · ")
}

/// A perplexity rounded for display.
pub(super) fn rounded(perplexity: f64) -> f64 {
    (100.0 * perplexity).round() / 100.0
}
