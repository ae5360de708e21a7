//! Models side by side, class by class, with paired tests.
//!
//! In: per-sample results of each model. Out: a table by class with the best model marked, tests of
//! all pairs of models, and a ranking in which models share a rank if no difference between them is
//! shown. A model is marked best in a class only if it is shown to be better than every other.

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::paired::{one_against_rest, with_class_test};
use super::resample::{Change, Over, Resampled};
use super::{ComparisonOptions, McNemar, Tested, is_above_chance, proportion, with_test};
use crate::statistics::Estimate;
use crate::statistics::Labeled;
use crate::words;

/// Columns of the name of a layer.
const NAME: usize = 40;

/// One measure of all models.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// "predictions" (recall of the classifier), "probe" (recall of the leave-one-out probe of the
    /// features) or "neighborhood_hit".
    pub name: String,
    /// Overall, one entry per model.
    pub models: Vec<ModelFigure>,
    /// By class.
    pub classes: Vec<ClassRow>,
    /// All pairs of models.
    pub pairs: Vec<ModelPair>,
    /// Models from best to worst; those between which no difference is shown share a rank.
    pub ranking: Vec<Vec<String>>,
}

impl Measure {
    /// The layers that stand for the models, in words: "penultimate of each model", "A/conv3 and B/logits"; `None`
    /// if models have no named layers.
    pub(crate) fn layers(&self) -> Option<String> {
        let layers = self.models.iter().map(ModelFigure::layer);
        let layers = layers.collect::<Option<Vec<&str>>>()?;
        let first = layers.first()?;
        if layers.iter().all(|layer| layer == first) {
            return Some(format!("{} of each model", words::short(first, NAME)));
        }
        let sets = self.models.iter().filter_map(|m| m.set.as_deref());
        let sets: Vec<String> = sets.map(|set| words::short(set, NAME)).collect();
        Some(words::join(&sets))
    }
}

impl ModelFigure {
    /// The layer that stands for the model, if it has a name.
    pub(crate) fn layer(&self) -> Option<&str> {
        let set = self.set.as_deref()?;
        set.strip_prefix(&self.model)?.strip_prefix('/')
    }
}

/// One model's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFigure {
    /// The model.
    pub model: String,
    /// The feature set that represents it; `None` for predictions.
    pub set: Option<String>,
    /// Mean over the classes.
    pub balanced: Estimate,
    /// Mean over the samples; for predictions and probe the accuracy with its Wilson interval.
    pub overall: Estimate,
}

/// A measure of one class for all models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRow {
    /// The class's name.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// One value per model; `None` for an empty class.
    pub values: Vec<Option<Estimate>>,
    /// The model that is shown to be better than every other.
    pub best: Option<String>,
}

/// Two models. Differences are the second minus the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelPair {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// The difference of the means over the classes. For recalls the p-value is the larger of the
    /// bootstrap's and McNemar's.
    pub change: Change,
    /// McNemar's test over all samples; `None` for the neighborhood hit.
    pub test: Option<McNemar>,
    /// By class.
    pub classes: Vec<ClassPair>,
}

/// Two models in one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassPair {
    /// The class's name.
    pub label: String,
    /// The difference. For recalls its p-value is the larger of McNemar's and that of separating
    /// the class from the rest (a recall also rises if a model answers with the class more often).
    pub change: Option<Change>,
    /// McNemar's test of the class's samples.
    pub test: Option<McNemar>,
}

/// One model's part in a measure.
pub(super) struct Part<'a> {
    pub(super) model: &'a str,
    pub(super) set: Option<&'a str>,
    /// Index of the measure among those resampled.
    pub(super) figure: usize,
    /// Which samples are right, and the answers; `None` for the neighborhood hit.
    pub(super) right: Option<(&'a Bits, &'a [u16])>,
    /// The values over the samples.
    pub(super) values: &'a [f32],
}

/// Puts the models side by side; which differences are shown is decided later.
pub(super) fn measure(
    name: &str,
    parts: &[Part<'_>],
    drawn: &Resampled,
    labeled: &Labeled,
) -> Measure {
    let mut pairs = Vec::new();
    for (i, first) in parts.iter().enumerate() {
        for second in &parts[i + 1..] {
            pairs.push(pair(first, second, drawn, labeled));
        }
    }
    let row = |c: usize| ClassRow {
        label: labeled.names()[c].clone(),
        count: labeled.counts()[c],
        values: parts
            .iter()
            .map(|p| drawn.mean(p.figure, Over::Class(c)))
            .collect(),
        best: None,
    };
    Measure {
        name: name.into(),
        models: parts.iter().map(|p| figure(p, drawn)).collect(),
        classes: (0..labeled.names().len()).map(row).collect(),
        pairs,
        ranking: Vec::new(),
    }
}

/// The tests of a measure, over all classes and of single classes.
pub(super) fn tests<'a>(
    measure: &'a mut Measure,
    options: &ComparisonOptions,
    overall: &mut Vec<Tested<'a>>,
    classes: &mut Vec<Tested<'a>>,
) {
    let least = options.least_difference;
    for pair in &mut measure.pairs {
        overall.push((&mut pair.change, least));
        let changes = pair.classes.iter_mut().filter_map(|c| c.change.as_mut());
        classes.extend(changes.map(|change| (change, least)));
    }
}

/// The models whose features are not shown to separate anything; `at_chance` names feature sets that are known not to.
pub(super) fn noise(measure: &Measure, at_chance: &[&str]) -> Vec<String> {
    let classes = measure.classes.iter().filter(|c| c.count > 0).count();
    let separates = |m: &&ModelFigure| {
        let is_known = m.set.as_deref().is_some_and(|set| at_chance.contains(&set));
        !is_known && is_above_chance(&m.balanced, classes)
    };
    let models = measure.models.iter().filter(|m| !separates(m));
    models.map(|m| m.model.clone()).collect()
}

/// If neither feature set is shown to separate anything, no difference between them is shown.
pub(super) fn silence_noise(measure: &mut Measure, at_chance: &[&str]) {
    if measure.name == "predictions" {
        return;
    }
    let noise = noise(measure, at_chance);
    for pair in &mut measure.pairs {
        if noise.contains(&pair.first) && noise.contains(&pair.second) {
            pair.change.shown = false;
            for change in pair.classes.iter_mut().filter_map(|c| c.change.as_mut()) {
                change.shown = false;
            }
        }
    }
}

/// Marks the best and ranks the models, once it is known which differences are shown.
pub(super) fn conclude(measure: &mut Measure) {
    let names: Vec<String> = measure.models.iter().map(|m| m.model.clone()).collect();
    for (c, row) in measure.classes.iter_mut().enumerate() {
        row.best = best(&row.values, &measure.pairs, &names, c);
    }
    measure.ranking = ranking(&measure.models, &measure.pairs);
}

fn figure(part: &Part<'_>, drawn: &Resampled) -> ModelFigure {
    let n = part.values.len();
    let overall = if let Some((right, _)) = part.right {
        proportion(right.count(), n)
    } else {
        let values = part.values.iter().map(|&v| f64::from(v));
        let mean = values.clone().sum::<f64>() / n.max(1) as f64;
        let squares: f64 = values.map(|v| (v - mean).powi(2)).sum();
        let error = (squares / (n.max(2) - 1) as f64 / n.max(1) as f64).sqrt();
        Estimate::of_neighbors(mean, error)
    };
    ModelFigure {
        model: part.model.into(),
        set: part.set.map(ToString::to_string),
        balanced: drawn.mean(part.figure, Over::Classes).unwrap_or_default(),
        overall,
    }
}

fn pair(first: &Part<'_>, second: &Part<'_>, drawn: &Resampled, labeled: &Labeled) -> ModelPair {
    let classes = labeled.indices();
    let right = first.right.zip(second.right);
    let test = right.map(|((a, _), (b, _))| McNemar::of(a, b, |_| true));
    let change = drawn
        .change(first.figure, second.figure, Over::Classes)
        .unwrap_or_default();
    let rest = right.map(|((_, a), (_, b))| one_against_rest(a, b, classes, labeled.counts()));
    let class = |c: usize| {
        let among = |i: usize| usize::from(classes[i]) == c;
        let test = right.map(|((a, _), (b, _))| McNemar::of(a, b, among));
        let change = drawn.change(first.figure, second.figure, Over::Class(c));
        ClassPair {
            label: labeled.names()[c].clone(),
            change: change.map(|change| match (&test, &rest) {
                (Some(test), Some(rest)) => with_class_test(change, test, rest[c]),
                _ => change,
            }),
            test,
        }
    };
    ModelPair {
        first: first.model.into(),
        second: second.model.into(),
        change: match &test {
            Some(test) => with_test(change, test),
            None => change,
        },
        test,
        classes: (0..labeled.names().len()).map(class).collect(),
    }
}

/// The model that is shown to be better in a class than every other.
fn best(
    values: &[Option<Estimate>],
    pairs: &[ModelPair],
    models: &[String],
    class: usize,
) -> Option<String> {
    if models.len() < 2 {
        return None;
    }
    let beats = |a: &str, b: &str| {
        pairs.iter().any(|pair| {
            let Some(change) = pair.classes[class].change else {
                return false;
            };
            let better = change.difference.value > 0.0;
            let (winner, loser) = if better {
                (&pair.second, &pair.first)
            } else {
                (&pair.first, &pair.second)
            };
            change.shown && winner == a && loser == b
        })
    };
    let all = |m: usize| {
        let mut others = (0..models.len()).filter(|&o| o != m);
        values[m].is_some() && others.all(|o| beats(&models[m], &models[o]))
    };
    (0..models.len())
        .find(|&m| all(m))
        .map(|m| models[m].clone())
}

/// From best to worst; adjacent models share a rank unless their difference is shown.
fn ranking(models: &[ModelFigure], pairs: &[ModelPair]) -> Vec<Vec<String>> {
    let mut order: Vec<&ModelFigure> = models.iter().collect();
    order.sort_by(|a, b| b.balanced.value.total_cmp(&a.balanced.value));
    let differ = |a: &str, b: &str| {
        pairs.iter().any(|p| {
            let same = (p.first == a && p.second == b) || (p.first == b && p.second == a);
            same && p.change.shown
        })
    };
    let mut groups: Vec<Vec<String>> = Vec::new();
    for model in order {
        match groups.last_mut() {
            // A new rank only if it differs from all models of the group.
            Some(group) if !group.iter().all(|other| differ(other, &model.model)) => {
                group.push(model.model.clone());
            }
            _ => groups.push(vec![model.model.clone()]),
        }
    }
    groups
}
