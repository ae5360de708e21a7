//! What a comparison says in words, for tables of text and for pages.

use std::fmt::Write as _;

use super::NAME;
use crate::comparison::{
    AnswerSource, Change, Ensemble, LayerStep, Measure, ModelPair, Saves, SelectionCheck,
    StepVerdict,
};
use crate::statistics::Estimate;
use crate::text::name;
use crate::words::{corrected_p_value, count, p_value, points, signed, signed_points};

/// Names of models, with a plus between them.
pub(crate) fn joined(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|n| name(n, NAME)).collect();
    shown.join(" + ")
}

/// What may be said of a step.
pub(crate) fn step_words(step: &LayerStep) -> String {
    let change = |change: &Change| {
        format!(
            "{} points, {}",
            signed_points(change.difference.value),
            p_value(change.p_adjusted)
        )
    };
    let probe = change(&step.probe);
    let mut words = match step.verdict {
        StepVerdict::MoreSeparable => format!("more separable (probe {probe})"),
        StepVerdict::LessSeparable => format!("less separable (probe {probe})"),
        StepVerdict::Mixed => format!(
            "{} (probe {probe}; same-class neighbors {}; loss {}, {})",
            if step.probe.shown {
                "probe and neighbors disagree"
            } else {
                "the neighbors show a change, the probe does not"
            },
            change(&step.neighborhood_hit),
            signed(step.soft_nearest_neighbor_loss.difference.value, 3),
            p_value(step.soft_nearest_neighbor_loss.p_adjusted)
        ),
        StepVerdict::NoDifferenceShown => format!("no difference shown (probe {probe})"),
    };
    if step.tighter && step.verdict != StepVerdict::MoreSeparable {
        words.push_str(
            "; the classes are more compact, which does not make them easier to separate",
        );
    }
    words
}

/// What a measure measures.
pub(crate) fn title(measure: &Measure, k: usize) -> String {
    match measure.name.as_str() {
        "predictions" => "Recall of the classifiers' predictions".to_string(),
        "probe" => "Recall of the leave-one-out probe of the features".to_string(),
        _ => format!("Same-class neighbors among the {k} nearest in the features"),
    }
}

/// Wilson's interval where all of `n` samples are alike, so that a bootstrap's has no width.
pub(crate) fn with_width(figure: Estimate, n: usize) -> Estimate {
    let is_all_or_none = figure.value <= 0.0 || figure.value >= 1.0;
    match figure.margin() {
        Some(margin) if margin <= 0.0 && is_all_or_none => {
            Estimate::share(figure.value * n as f64, n)
        }
        _ => figure,
    }
}

/// The models in their order: "A > B ≈ C".
pub(crate) fn ranking_words(measure: &Measure) -> String {
    let groups: Vec<String> = measure
        .ranking
        .iter()
        .map(|group| {
            let names: Vec<String> = group.iter().map(|n| name(n, NAME)).collect();
            names.join(" ≈ ")
        })
        .collect();
    if groups.len() == 1 {
        return format!("order: {}: no difference is shown", groups[0]);
    }
    format!("order: {}", groups.join(" > "))
}

/// The difference of two models, and whether it is shown. `least` is the least difference that is.
pub(crate) fn pair_words(pair: &ModelPair, least: f64) -> String {
    let Change {
        difference,
        p_adjusted,
        shown,
        ..
    } = pair.change;
    let (first, second) = (name(&pair.first, NAME), name(&pair.second, NAME));
    let mut words = format!(
        "{second} − {first}: {}, {}{}",
        points(difference),
        corrected_p_value(p_adjusted, difference, shown, least),
        if shown { "" } else { ": no difference shown" }
    );
    if let Some(test) = &pair.test {
        let _ = write!(
            words,
            " (McNemar: {} that only {second} gets right, {} that only {first} does)",
            count(test.second_only, "sample", "samples"),
            test.first_only,
        );
    }
    words
}

/// Whose answers they are.
pub(crate) fn answers_words(answers: AnswerSource) -> &'static str {
    match answers {
        AnswerSource::Predictions => "by the classifiers' predictions",
        AnswerSource::Probe => "by the leave-one-out probes of their features, not by predictions",
    }
}

/// What one model alone is right on.
pub(crate) fn saves_words(saves: &Saves, labels: &[String]) -> String {
    let mut classes: Vec<(usize, &String)> = saves.classes.iter().copied().zip(labels).collect();
    classes.sort_by_key(|c| std::cmp::Reverse(c.0));
    let most: Vec<String> = classes
        .iter()
        .filter(|c| c.0 > 0)
        .take(3)
        .map(|(n, label)| format!("{n} labeled {}", name(label, NAME)))
        .collect();
    let most = if most.is_empty() {
        String::new()
    } else {
        format!(", among them {}", most.join(", "))
    };
    format!(
        "{} alone is right on {}{most}",
        name(&saves.model, NAME),
        count(saves.total, "sample", "samples")
    )
}

/// Whether an ensemble gains.
pub(crate) fn ensemble_words(ensemble: &Ensemble) -> &'static str {
    if ensemble.gains {
        "gains"
    } else if ensemble.loses {
        "loses"
    } else {
        "no gain shown"
    }
}

/// What remains of a gain when the ensemble is chosen on other samples than it is scored on.
pub(crate) fn selection_words(selection: &SelectionCheck) -> Option<String> {
    let (members, times) = selection.chosen.first()?;
    Some(format!(
        "choosing the best model or ensemble on one half of the samples and scoring it on the other, {} times, \
         gives {} over the best single model; chosen most often: {} ({times} times)",
        selection.repeats,
        points(selection.gain),
        joined(members)
    ))
}
