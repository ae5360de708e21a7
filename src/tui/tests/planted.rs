//! Figures of separation and mixed pairs for the scripted screens.

use crate::diagnosis::{
    ClassSeparation, HeadVerdict, MixingDirection, MixingThresholds, NeighborhoodHit, PairMixing,
    Pairs, ProbeFigures, Separation, Standing, StandingThresholds, Structure,
};
use crate::statistics::Estimate;

fn probe(value: f64) -> ProbeFigures {
    ProbeFigures {
        accuracy: Estimate::normal(value + 0.02, Some(0.012)),
        balanced_accuracy: Estimate::normal(value, Some(0.015)),
        chance: 0.24,
        p_value: 0.0,
        samples: 1600,
        components: None,
        penalty: 0.01,
    }
}

/// Separation of classes, the first well and the second not at all apart.
pub(crate) fn separation(names: &[String], counts: &[usize]) -> Separation {
    let recall = |c: usize| [0.93, 0.12, 0.71, 0.44, 0.67][c % 5];
    let share =
        |value: f64, c: usize| Some(Estimate::share(value * counts[c % 5] as f64, counts[c % 5]));
    let of_class = |(c, name): (usize, &String)| ClassSeparation {
        label: name.clone(),
        count: counts[c % 5],
        standing: Some(match c % 5 {
            0 => Standing::StandsApart,
            1 => Standing::NoEvidence,
            _ => Standing::BeyondChance,
        }),
        p_value: Some(0.01),
        probe_recall: share(recall(c), c),
        logistic_recall: share(recall(c) + 0.03, c),
        neighborhood_hits: vec![share(recall(c) - 0.04, c), share(recall(c) - 0.06, c)],
        neighborhood_hit_maxima: vec![1.0, 1.0],
        soft_nearest_neighbor_loss: Some(Estimate::normal(1.4 - recall(c), Some(0.05))),
        soft_neighborhood_hit: Some(recall(c) - 0.05),
        silhouette_squared: Some(Estimate::normal(0.2, Some(0.02))),
        cdnv: Some(Estimate::normal(1.3, Some(0.2))),
        distance_consistency: share(recall(c), c),
    };
    let scale = |k: usize| NeighborhoodHit {
        k,
        hit: Estimate::normal(0.55, Some(0.014)),
        chance: 0.2,
        maximum: 1.0,
    };
    Separation {
        evidence: Some(true),
        dimensions: 64,
        samples_per_dimension: 25.0,
        probe: Some(probe(0.574)),
        logistic: Some(probe(0.602)),
        neighborhood_hits: vec![scale(5), scale(10)],
        soft_nearest_neighbor_loss: Some(Estimate::normal(0.71, Some(0.02))),
        soft_neighborhood_hit: Some(0.56),
        perplexity: Some(30.0),
        silhouette_squared: Some(Estimate::normal(0.19, Some(0.01))),
        class_separation_r2: Some(Estimate::normal(0.37, Some(0.01))),
        nc1: Some(Estimate::normal(1.84, Some(0.1))),
        cdnv: Some(Estimate::normal(1.21, Some(0.1))),
        distance_consistency: Some(Estimate::share(900.0, 1600)),
        thresholds: StandingThresholds::default(),
        classes: names.iter().enumerate().map(of_class).collect(),
    }
}

/// Neighboring classes mix, the others do not.
pub(crate) fn pairs(names: &[String], counts: &[usize]) -> Pairs {
    let count = names.len().min(8);
    let mut listed = Vec::new();
    for gap in 1..count {
        for a in 0..count - gap {
            listed.push(pair(names, counts, a, a + gap));
        }
    }
    let total = names.len() * names.len().saturating_sub(1) / 2;
    Pairs {
        k: 10,
        total,
        mixed: listed.iter().filter(|p| p.mixed).count(),
        omitted: total - listed.len(),
        shrinkage: Some(0.02),
        thresholds: MixingThresholds::default(),
        structure: Structure::default(),
        listed,
    }
}

fn pair(names: &[String], counts: &[usize], a: usize, b: usize) -> PairMixing {
    let overlap = 0.2 / ((b - a).pow(3) * (a + 1)) as f64;
    let mixed = overlap >= 0.02;
    let share = |value: f64, c: usize| Estimate::share(value * counts[c % 5] as f64, counts[c % 5]);
    let direction = |from: usize, to: usize| MixingDirection {
        from: names[from].clone(),
        to: names[to].clone(),
        share: share(overlap * 0.9, from),
        map_share: Some(share(overlap * 0.8, from)),
        soft_share: Some(overlap),
        enrichment: Some(Estimate::normal(6.0 * overlap + 1.0, Some(0.2))),
        neighbor_overlap: share(overlap * 1.2, from),
        linear_overlap: Some(share(overlap, from)),
        probe_confusion: Some(share(overlap, from)),
        head_confusion: Some(share(0.05, from)),
        mixed,
    };
    PairMixing {
        first: names[a].clone(),
        second: names[b].clone(),
        classes: (a, b),
        mixed,
        overlap,
        p_value: if mixed { 0.0 } else { 0.6 },
        neighbor_overlap: share(overlap * 1.2, b),
        map_neighbor_overlap: Some(share(overlap * 0.7, b)),
        linear_overlap: Some(share(overlap, b)),
        gaussian_overlap: Some(overlap * 0.8),
        cdnv: Some(Estimate::normal(1.0, Some(0.1))),
        head_confusion: Some(share(0.05, b)),
        head: Some(if mixed {
            HeadVerdict::ConfusesMixed
        } else {
            HeadVerdict::WastesSeparation
        }),
        directions: [direction(a, b), direction(b, a)],
    }
}
