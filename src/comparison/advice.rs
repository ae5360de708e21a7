//! What to do with each model: keep it, combine it with others, or discard it.
//!
//! In: the table of models, and the ensembles. Out: one piece of advice per model, with its reason
//! and numbers. Advice rests on tests: if no difference is shown, the advice says so.

use serde::{Deserialize, Serialize};

use super::ensembles::{Ensemble, Ensembles};
use super::models::{Measure, ModelPair};
use crate::error::printable;
use crate::statistics::Estimate;
use crate::words::{
    CLEAR, corrected_p_value, excludes_zero, join, p_value, points, unsigned_points,
};

/// What to do with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// It is the best, or not shown to be worse than the best, or the best in a class.
    Keep,
    /// An ensemble with it is shown to gain over the best single model.
    Combine,
    /// It is right as often as by chance, and another far more often: its rows may be those of other
    /// samples.
    Check,
    /// It is shown to be worse than another, and no ensemble with it is shown to improve on the best.
    Discard,
}

impl Advice {
    /// The advice as a word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Combine => "combine",
            Self::Check => "check",
            Self::Discard => "discard",
        }
    }
}

/// Advice on one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The model.
    pub model: String,
    /// What to do with it.
    pub advice: Advice,
    /// Why, in a sentence; names are escaped.
    pub reason: String,
    /// The number behind it: the balanced accuracy minus the best model's, or the ensemble's gain.
    pub figure: Option<Estimate>,
    /// Its p-value, adjusted.
    pub p: Option<f64>,
    /// The ensemble to combine it in.
    pub ensemble: Vec<String>,
    /// Classes in which it is shown to be better than every other model.
    pub best_classes: Vec<String>,
}

/// Advice on every model, based on `measure`; smaller differences than `least` are not shown.
pub(super) fn advice(
    measure: &Measure,
    ensembles: Option<&Ensembles>,
    least: f64,
) -> Vec<Recommendation> {
    let best = measure
        .ranking
        .first()
        .and_then(|group| group.first())
        .cloned()
        .unwrap_or_default();
    let models = measure.models.iter().map(|m| m.model.as_str());
    models
        .map(|model| one(model, &best, measure, ensembles, least))
        .collect()
}

fn one(
    model: &str,
    best: &str,
    measure: &Measure,
    ensembles: Option<&Ensembles>,
    least: f64,
) -> Recommendation {
    let best_classes: Vec<String> = measure
        .classes
        .iter()
        .filter(|row| row.best.as_deref() == Some(model))
        .map(|row| row.label.clone())
        .collect();
    let blank = Recommendation {
        model: model.into(),
        advice: Advice::Keep,
        reason: String::new(),
        figure: None,
        p: None,
        ensemble: Vec::new(),
        best_classes,
    };
    // By rank the best ensemble comes first.
    let gaining = ensembles.and_then(|e| {
        let with = |e: &&Ensemble| e.gains && e.members.iter().any(|m| m == model);
        e.ensembles.iter().find(with)
    });
    if let Some(ensemble) = gaining {
        return combine(ensemble, ensembles, blank);
    }
    if model == best {
        return keep_best(model, measure, ensembles, blank);
    }
    let pair = measure.pairs.iter().find(|p| is_pair(p, model, best));
    let Some(pair) = pair else {
        return blank;
    };
    let behind = if pair.first == model {
        pair.change.difference.negated()
    } else {
        pair.change.difference
    };
    let figure = Recommendation {
        figure: Some(behind),
        p: pair.change.p_adjusted,
        ..blank
    };
    if may_be_of_others(model, best, measure) {
        let reason = format!(
            "right no more often than by chance, while {} is right far more often. Check that the \
             rows of this model belong to the same samples, in the same order, before you discard it",
            printable(best)
        );
        return Recommendation {
            advice: Advice::Check,
            reason,
            ..figure
        };
    }
    against_best(best, (pair.change.shown, least), behind, figure)
}

/// Whether a model is at chance and the best is more than half the way from chance to 1.
fn may_be_of_others(model: &str, best: &str, measure: &Measure) -> bool {
    let chance = 1.0 / measure.classes.len().max(1) as f64;
    let balanced = |name: &str| {
        measure
            .models
            .iter()
            .find(|m| m.model == name)
            .map(|m| m.balanced)
    };
    let (Some(own), Some(best)) = (balanced(model), balanced(best)) else {
        return false;
    };
    own.low.is_some_and(|low| low <= chance) && best.value > 0.5 * (1.0 + chance)
}

fn combine(
    ensemble: &Ensemble,
    ensembles: Option<&Ensembles>,
    blank: Recommendation,
) -> Recommendation {
    let single = ensembles.map_or("", |e| e.best_single.as_str());
    Recommendation {
        advice: Advice::Combine,
        reason: format!(
            "averaging {} raises the accuracy by {} over {} alone ({})",
            joined(&ensemble.members),
            unsigned_points(ensemble.gain),
            printable(single),
            p_value(Some(ensemble.p_adjusted)),
        ),
        figure: Some(ensemble.gain),
        p: Some(ensemble.p_adjusted),
        ensemble: ensemble.members.clone(),
        ..blank
    }
}

fn keep_best(
    model: &str,
    measure: &Measure,
    ensembles: Option<&Ensembles>,
    blank: Recommendation,
) -> Recommendation {
    let tied: Vec<String> = measure
        .pairs
        .iter()
        .filter(|p| !p.change.shown && (p.first == model || p.second == model))
        .map(|p| {
            if p.first == model {
                &p.second
            } else {
                &p.first
            }
            .clone()
        })
        .collect();
    let ahead = if measure.models.len() == 1 {
        "the only model".to_string()
    } else if tied.is_empty() {
        "better than every other model".to_string()
    } else {
        format!(
            "the highest balanced accuracy, but no difference from {} is shown",
            joined(&tied)
        )
    };
    let together = match ensembles {
        Some(_) => "; no ensemble is shown to improve on the best single model",
        None => "",
    };
    let figure = measure.models.iter().find(|m| m.model == model);
    Recommendation {
        reason: format!("{ahead}{together}"),
        figure: figure.map(|f| f.balanced),
        ..blank
    }
}

fn against_best(
    best: &str,
    (shown, least): (bool, f64),
    behind: Estimate,
    figure: Recommendation,
) -> Recommendation {
    let best = printable(best);
    let p = match figure.p {
        Some(_) => corrected_p_value(figure.p, behind, shown, least),
        None => "too few samples for a test".into(),
    };
    let is_small = -behind.value < least && figure.p.is_some_and(|p| p < CLEAR);
    if !shown && behind.value < 0.0 && is_small && excludes_zero(behind) {
        let reason = format!("{} behind {best}: {p}", unsigned_points(behind.negated()));
        return Recommendation { reason, ..figure };
    }
    if !shown {
        let reason = format!(
            "no difference from {best} is shown ({}, {p}){}",
            points(behind),
            if behind.value < 0.0 && excludes_zero(behind) {
                ", though it may be worse"
            } else {
                ": either will do"
            }
        );
        return Recommendation { reason, ..figure };
    }
    if !figure.best_classes.is_empty() {
        let reason = format!(
            "{} behind {best} overall ({p}), but better than every other model in {}",
            unsigned_points(behind.negated()),
            joined(&figure.best_classes)
        );
        return Recommendation { reason, ..figure };
    }
    let reason = format!(
        "{} behind {best} ({p}), and no ensemble with it is shown to improve on {best}",
        unsigned_points(behind.negated())
    );
    Recommendation {
        advice: Advice::Discard,
        reason,
        ..figure
    }
}

fn is_pair(pair: &ModelPair, a: &str, b: &str) -> bool {
    (pair.first == a && pair.second == b) || (pair.first == b && pair.second == a)
}

/// Names in a sentence.
fn joined(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|n| printable(n)).collect();
    join(&shown)
}
