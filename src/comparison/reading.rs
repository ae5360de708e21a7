//! The results of a comparison in sentences: changes between layers, differences between models, and
//! combinations of models.
//!
//! In: a finished [`Comparison`]. Out: a [`Reading`], as for the diagnosis of one set: sentences, each
//! with the numbers it is based on. A difference counts as *shown* if its p-value, adjusted for all
//! tests, is at most `alpha` and its size at least `least_difference` (twice that for losses). If
//! nothing is shown, the sentence says so and gives the largest difference found. More compact classes
//! are mentioned only with the remark that they need not be easier to separate. Nothing is computed
//! here.

use super::Comparison;
use super::models::{Measure, ModelFigure, ModelPair};
use crate::diagnosis::{Backing, Reading, ReadingThresholds, Statement, Topic};
use crate::statistics::Estimate;
use crate::words::{
    corrected_p_value, join, p_value, p_value_at_most, points, short, unsigned_points,
};

mod layers;
mod together;

impl Comparison {
    /// Describes a comparison, as [`Reading::of`] does a diagnosis. With the default thresholds this is
    /// its field `reading`. The tests and the least difference are those of its
    /// [`ComparisonOptions`](super::ComparisonOptions).
    pub fn read(&self, thresholds: &ReadingThresholds) -> Reading {
        let words = Words {
            length: thresholds.name_length,
            most: thresholds.most_names.max(1),
        };
        let mut statements = Vec::new();
        layers::layers(self, words, &mut statements);
        let before = statements.len();
        order(self, words, &mut statements);
        let source = why_probes(self, words);
        if let (Some(first), Some(source)) = (statements.get_mut(before), source) {
            first.text.push_str(&source);
        }
        classes(self, words, &mut statements);
        together::together(self, words, &mut statements);
        Reading::of_most_important(statements, thresholds)
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

/// Why predictions that some models have are not compared.
fn why_probes(comparison: &Comparison, words: Words) -> Option<String> {
    let without = &comparison.without_predictions;
    let models = comparison.measures.first()?.models.len();
    let have = if without.len() == 1 { "has" } else { "have" };
    (!without.is_empty() && without.len() < models).then(|| {
        format!(
            " {} {have} no predictions, so the predictions of the others are not compared.",
            words.list(without, "models")
        )
    })
}

/// The ranking of the models, as far as tests show one.
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
            "No difference between {} is shown in the {what}; the largest observed one is {} minus {}: {}, {}.",
            words.list(&models, "models"),
            words.name(&widest.second),
            words.name(&widest.first),
            points(widest.change.difference),
            corrected_p_value(
                widest.change.p_adjusted,
                widest.change.difference,
                false,
                comparison.least_difference
            ),
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
            .map(|figure| format!("{:.1}%", 100.0 * figure.balanced.value))
            .collect();
        let each = if pairs().count() > 1 { "each " } else { "" };
        let text = format!(
            "By {what}, {chain} ({}; {each}{}).",
            shares.join(", "),
            p_value_at_most(p)
        );
        statements.push(Statement::new(Topic::Models, text, figures()));
        return;
    }
    for (i, pair) in pairs().filter(|(_, p)| p.change.shown) {
        let (better, worse, gain) = sides(pair);
        let text = format!(
            "{} is better than {} by {} in the {what}, {}.",
            words.name(better),
            words.name(worse),
            unsigned_points(gain),
            p_value(pair.change.p_adjusted)
        );
        statements.push(Statement::new(Topic::Models, text, backing(i, pair)));
    }
}

/// The measure that the advice is based on, if there are several models.
fn deciding(comparison: &Comparison) -> Option<(usize, &Measure)> {
    let measure = comparison.measures.first()?;
    (measure.models.len() > 1).then_some((0, measure))
}

fn size(pair: &ModelPair) -> f64 {
    pair.change.difference.value.abs()
}

/// The better model of a pair, the worse, and by how much.
fn sides(pair: &ModelPair) -> (&str, &str, Estimate) {
    let difference = pair.change.difference;
    if difference.value >= 0.0 {
        (&pair.second, &pair.first, difference)
    } else {
        (&pair.first, &pair.second, difference.negated())
    }
}

/// "A ranks above B, which ranks above C and D", if every difference between the ranks is shown.
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
    let part = |(at, group): (usize, &String)| match at.checked_sub(1) {
        None => group.clone(),
        Some(above) => {
            let which = if above == 0 { "" } else { ", which" };
            let rank = if ranking[above].len() == 1 {
                "ranks"
            } else {
                "rank"
            };
            format!("{which} {rank} above {group}")
        }
    };
    Some(groups.iter().enumerate().map(part).collect())
}

/// The classes in which one model is better than every other: by its features, then by its predictions.
fn classes(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    let measures = comparison.measures.iter().enumerate();
    let recalls = measures.filter(|(_, m)| m.name == "probe" || m.name == "predictions");
    let mut recalls: Vec<(usize, &Measure)> = recalls.filter(|(_, m)| m.models.len() > 1).collect();
    recalls.sort_by_key(|(_, m)| m.name != "probe");
    for (m, measure) in recalls {
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

/// "A separates class 3 better than B: the recall of its probe is 4.0 points higher, p = 0.003".
fn better_in(
    measure: &Measure,
    m: usize,
    model: &str,
    best: &[usize],
    words: Words,
) -> Option<Statement> {
    let figure = measure.models.iter().find(|figure| figure.model == model);
    let (verb, what) = match (measure.name.as_str(), figure.and_then(ModelFigure::layer)) {
        ("probe", Some(layer)) => {
            let layer = words.name(layer);
            ("separates", format!("the recall of its probe at {layer}"))
        }
        ("probe", None) => ("separates", "the recall of its probe".to_owned()),
        _ => ("recognizes", "the recall of its predictions".to_owned()),
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
    let (at_least, each, p) = if figures.len() <= 2 {
        ("", "", p_value(largest))
    } else {
        ("at least ", " in each case", p_value_at_most(largest))
    };
    let classes = match names[..] {
        [one] => format!("class {}", words.name(one)),
        _ if names.len() > words.most => words.list(&names, "classes"),
        _ => format!("classes {}", words.list(&names, "classes")),
    };
    let text = format!(
        "{} {verb} {classes} better than {others}: {what} is {at_least}{:.1} points higher{each}, {p}.",
        words.name(model),
        100.0 * least,
    );
    Some(Statement::new(Topic::Models, text, figures))
}
