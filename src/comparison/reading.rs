//! What a comparison says, in sentences: from layer to layer, between models, of models together.
//!
//! In: a finished [`Comparison`]. Out: a [`Reading`] as the diagnosis of one set has, each sentence
//! with the figures behind it. A difference makes a sentence only if it is *shown*: its p-value,
//! adjusted for all that were tested, is at most `alpha`, and it is at least `least_difference`
//! (twice that for losses). Figures of geometry make no sentence but the one that they are not
//! separability. Where nothing is shown, that is said, with the difference that was found. Nothing
//! is computed here.

use super::models::{Measure, ModelPair};
use super::{Comparison, IntervalEstimate};
use crate::diagnosis::words::{begin, join, short};
use crate::diagnosis::{Backing, Reading, ReadingThresholds, Statement, Topic};

mod layers;
mod together;

impl Comparison {
    /// Reads a comparison, as [`Reading::of`] does a diagnosis; also part of it as `reading`, at the
    /// default thresholds. What is tested and how large a difference must be was decided by the
    /// [`ComparisonOptions`](super::ComparisonOptions).
    pub fn read(&self, thresholds: &ReadingThresholds) -> Reading {
        let words = Words {
            length: thresholds.name_length,
            most: thresholds.most_names.max(1),
        };
        let mut statements = Vec::new();
        limited(&mut statements, thresholds, |all| {
            layers::layers(self, words, all);
        });
        limited(&mut statements, thresholds, |all| {
            order(self, words, all);
            classes(self, words, all);
        });
        limited(&mut statements, thresholds, |all| {
            together::together(self, words, all);
        });
        Reading {
            thresholds: *thresholds,
            statements,
        }
    }
}

/// Adds sentences of one kind, the first of them if there are too many.
fn limited(
    statements: &mut Vec<Statement>,
    thresholds: &ReadingThresholds,
    of_kind: impl FnOnce(&mut Vec<Statement>),
) {
    let mut all = Vec::new();
    of_kind(&mut all);
    let most = thresholds.most_sentences.max(1);
    let left = all.len().saturating_sub(most);
    let topic = all.last().map(|s| s.topic);
    statements.extend(all.into_iter().take(most));
    if let Some(topic) = topic.filter(|_| left > 0) {
        let text = format!("{left} more of the kind are left out here.");
        let figures = vec![Backing::new("left_out", left as f64)];
        statements.push(Statement::new(topic, text, figures));
    }
}

/// How names are written.
#[derive(Clone, Copy)]
struct Words {
    length: usize,
    most: usize,
}

impl Words {
    fn name(self, name: &str) -> String {
        short(name, self.length)
    }

    /// "a, b and c", or how many there are.
    fn list<S: AsRef<str>>(self, names: &[S], many: &str) -> String {
        if names.len() > self.most {
            return format!("{} {many}", names.len());
        }
        let names: Vec<String> = names.iter().map(|n| self.name(n.as_ref())).collect();
        join(&names)
    }
}

/// The models in order, as far as tests show one.
fn order(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    let Some((m, measure)) = deciding(comparison) else {
        return;
    };
    let what = match measure.name.as_str() {
        "predictions" => "balanced accuracy of the predictions",
        _ => "balanced accuracy of the probe",
    };
    let pairs = || measure.pairs.iter().enumerate();
    let backing = |i: usize, pair: &ModelPair| {
        let field = format!("measures[{m}].pairs[{i}].change");
        let mut figures = vec![Backing::new(
            format!("{field}.difference.value"),
            pair.change.difference.value,
        )];
        let p = pair.change.p_adjusted;
        figures.extend(p.map(|p| Backing::new(format!("{field}.p_adjusted"), p)));
        figures
    };
    let figures = || pairs().flat_map(|(i, pair)| backing(i, pair)).collect();
    let largest = |p: &mut dyn Iterator<Item = Option<f64>>| p.flatten().reduce(f64::max);
    if pairs().all(|(_, p)| !p.change.shown) {
        let models: Vec<&str> = measure.models.iter().map(|f| f.model.as_str()).collect();
        let widest = pairs().max_by(|a, b| size(a.1).total_cmp(&size(b.1)));
        let Some((_, widest)) = widest else { return };
        let text = format!(
            "No difference between {} is shown ({what}; the largest, {} against {}: {}, {}).",
            words.list(&models, "models"),
            words.name(&widest.second),
            words.name(&widest.first),
            points(widest.change.difference),
            p_value(widest.change.p_adjusted),
        );
        statements.push(Statement::new(Topic::Models, text, figures()));
        return;
    }
    if let Some(chain) = chain(measure, words) {
        let p = largest(
            &mut pairs()
                .filter(|(_, p)| p.change.shown)
                .map(|(_, p)| p.change.p_adjusted),
        );
        let shares: Vec<String> = measure
            .ranking
            .iter()
            .flatten()
            .filter_map(|name| measure.models.iter().find(|f| f.model == *name))
            .map(|figure| format!("{:.1}", 100.0 * figure.balanced.value))
            .collect();
        let each = if pairs().count() > 1 { "each " } else { "" };
        let text = format!(
            "{} ({what}: {} %; {each}{}).",
            begin(&chain),
            shares.join(", "),
            at_most(p)
        );
        statements.push(Statement::new(Topic::Models, text, figures()));
        return;
    }
    for (i, pair) in pairs().filter(|(_, p)| p.change.shown) {
        let (better, worse, gain) = sides(pair);
        let text = format!(
            "{} is better than {} ({what}: {}, {}).",
            words.name(better),
            words.name(worse),
            points(gain),
            p_value(pair.change.p_adjusted)
        );
        statements.push(Statement::new(Topic::Models, text, backing(i, pair)));
    }
}

/// The measure that the advice is about, if there are several models.
fn deciding(comparison: &Comparison) -> Option<(usize, &Measure)> {
    let measure = comparison.measures.first()?;
    (measure.models.len() > 1).then_some((0, measure))
}

fn size(pair: &ModelPair) -> f64 {
    pair.change.difference.value.abs()
}

/// The better model of a pair, the worse, and by how much.
fn sides(pair: &ModelPair) -> (&str, &str, IntervalEstimate) {
    let difference = pair.change.difference;
    if difference.value >= 0.0 {
        (&pair.second, &pair.first, difference)
    } else {
        (&pair.first, &pair.second, difference.negated())
    }
}

/// "A ranks over B, and B over C and D", if every difference between the ranks is shown.
fn chain(measure: &Measure, words: Words) -> Option<String> {
    let differ = |a: &str, b: &str| {
        measure.pairs.iter().any(|pair| {
            let (better, worse, _) = sides(pair);
            pair.change.shown && better == a && worse == b
        })
    };
    let ranking = &measure.ranking;
    let above = |r: usize| ranking[r + 1..].iter().flatten();
    let holds = (0..ranking.len()).all(|r| {
        let group = ranking[r].iter();
        group.clone().all(|a| above(r).all(|b| differ(a, b)))
    });
    if !holds || ranking.len() < 2 {
        return None;
    }
    let groups: Vec<String> = ranking
        .iter()
        .map(|group| match group.len() {
            1 => words.name(&group[0]),
            _ => format!("{} (no difference shown)", words.list(group, "models")),
        })
        .collect();
    Some(format!(
        "{} ranks over {}",
        groups[0],
        groups[1..].join(", over ")
    ))
}

/// The classes in which one model is better than every other: in the features, then by its answers.
fn classes(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    let measures = comparison.measures.iter().enumerate();
    let asked = measures.filter(|(_, m)| m.name == "probe" || m.name == "predictions");
    let mut asked: Vec<(usize, &Measure)> = asked.filter(|(_, m)| m.models.len() > 1).collect();
    asked.sort_by_key(|(_, m)| m.name != "probe");
    for (m, measure) in asked {
        for model in measure.models.iter().map(|f| f.model.as_str()) {
            let rows = measure.classes.iter().enumerate();
            let best: Vec<usize> = rows
                .filter(|(_, row)| row.best.as_deref() == Some(model))
                .map(|(c, _)| c)
                .collect();
            if let Some(statement) = better_in(measure, m, model, &best, words) {
                statements.push(statement);
            }
        }
    }
}

/// "A separates 3 better than B (recall of the probe +4.0 points, p = 0.003)".
fn better_in(
    measure: &Measure,
    m: usize,
    model: &str,
    best: &[usize],
    words: Words,
) -> Option<Statement> {
    let (verb, what) = match measure.name.as_str() {
        "probe" => ("separates", "recall of the probe"),
        _ => ("recognizes", "recall of the predictions"),
    };
    let names: Vec<&str> = best
        .iter()
        .map(|&c| measure.classes[c].label.as_str())
        .collect();
    let (mut least, mut largest) = (None::<f64>, None::<f64>);
    let mut figures = Vec::new();
    for &c in best {
        for (i, pair) in measure.pairs.iter().enumerate() {
            if pair.first != model && pair.second != model {
                continue;
            }
            let change = pair.classes[c].change?;
            let gain = change.difference.value.abs();
            least = Some(least.map_or(gain, |l| l.min(gain)));
            let field = format!("measures[{m}].pairs[{i}].classes[{c}].change");
            figures.push(Backing::new(
                format!("{field}.difference.value"),
                change.difference.value,
            ));
            if let Some(p) = change.p_adjusted {
                figures.push(Backing::new(format!("{field}.p_adjusted"), p));
                largest = Some(largest.map_or(p, |l| l.max(p)));
            }
        }
    }
    let least = least?;
    let others: Vec<&str> = measure.models.iter().map(|f| f.model.as_str()).collect();
    let others = match others.iter().filter(|o| **o != model).collect::<Vec<_>>()[..] {
        [only] => words.name(only),
        _ => "every other model".into(),
    };
    let one = figures.len() <= 2;
    let text = format!(
        "{} {verb} {} better than {others} ({what}: {}{:.1} points{}, {}).",
        words.name(model),
        words.list(&names, "classes"),
        if one { "+" } else { "by at least " },
        100.0 * least,
        if one { "" } else { " each" },
        if one {
            p_value(largest)
        } else {
            at_most(largest)
        },
    );
    Some(Statement::new(Topic::Models, text, figures))
}

/// A difference of shares in points with its interval.
fn points(share: IntervalEstimate) -> String {
    format!(
        "{:+.1} points ({:+.1} to {:+.1})",
        100.0 * share.value,
        100.0 * share.low,
        100.0 * share.high
    )
}

/// A p-value in words.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "p < 0.001".into(),
        Some(p) => format!("p = {p:.3}"),
        None => "no test".into(),
    }
}

/// The largest p-value of several.
fn at_most(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "p < 0.001".into(),
        Some(p) => format!("p ≤ {:.3}", (1000.0 * p).ceil() / 1000.0),
        None => "no test".into(),
    }
}
