//! Comparisons of layers and models: against references, on data with known answers, and on noise.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::path::Path;

use common::{fixture, golden};
use disentangle::Execution;
use disentangle::comparison::{
    Advice, AnswerSource, Comparison, ComparisonOptions, McNemar, StepVerdict,
};
use disentangle::dataset::{Dataset, Labels, ReadOptions, UNLABELED};
use disentangle::diagnosis::{Diagnosis, ReadingThresholds, Topic};
use disentangle::ndarray::{Array2, array};
use disentangle::statistics::Estimate;
use disentangle::study::{LayerSource, ModelSource, Study, StudyOptions};
use serde_json::Value;

fn compare(study: &Study) -> Comparison {
    Comparison::of(study, &ComparisonOptions::default(), &Execution::default())
        .unwrap()
        .unwrap()
}

/// The sentences about a topic.
fn sentences(comparison: &Comparison, topic: Topic) -> Vec<&str> {
    let all = comparison.reading.statements.iter();
    let about = all.filter(|s| s.topic == topic);
    about.map(|s| s.text.as_str()).collect()
}

/// Every figure behind a sentence stands in the JSON under its name.
fn are_backed(comparison: &Comparison) {
    let json: Value = serde_json::from_str(&comparison.to_json().unwrap()).unwrap();
    for statement in &comparison.reading.statements {
        assert!(!statement.figures.is_empty(), "{}", statement.text);
        for figure in &statement.figures {
            let pointer = format!(
                "/{}",
                figure.field.replace(['.', '['], "/").replace(']', "")
            );
            let value = json.pointer(&pointer).and_then(Value::as_f64);
            // Reading decimals back may differ in the last bit.
            let close = |v: f64| (v - figure.value).abs() <= 1e-12 * figure.value.abs();
            assert!(value.is_some_and(close), "{}: {value:?}", figure.field);
        }
    }
}

fn digits() -> Comparison {
    let path = fixture("digits.toml").display().to_string();
    compare(&Study::read(&StudyOptions::from_arguments(&[path]).unwrap()).unwrap())
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    let scale = expected.abs().clamp(1e-3, 1.0);
    assert!(
        (found - expected).abs() < 1e-4 * scale.max(0.1),
        "{what}: {found}, not {expected}"
    );
}

fn same_test(found: &McNemar, expected: &Value, what: &str) {
    close(found.first_only as f64, &expected["first_only"], what);
    close(found.second_only as f64, &expected["second_only"], what);
    close(found.p, &expected["p"], what);
    close(found.p_exact, &expected["p_exact"], what);
    let (b, c) = (found.first_only, found.second_only);
    // Equal counts have no difference; the correction would make one of them.
    if b != c {
        close(found.chi_squared, &expected["chi_squared"], what);
        close(found.p_chi_squared, &expected["p_chi_squared"], what);
    }
}

/// Figures of layers and of pairs of feature sets.
fn figures_agree(comparison: &Comparison, expected: &Value) {
    let layers = comparison.curves.iter().flat_map(|c| &c.layers);
    for layer in layers {
        let known = &expected["layers"][&layer.set];
        let figures = [
            ("probe", Some(layer.probe)),
            ("probe_accuracy", Some(layer.probe_accuracy)),
            ("neighborhood_hit", Some(layer.neighborhood_hit)),
            ("class_separation_r2", layer.class_separation_r2),
            ("variance_ratio", layer.variance_ratio),
            ("cdnv", layer.cdnv),
        ];
        for (name, figure) in figures {
            let figure = figure.unwrap();
            close(figure.value, &known[name], &format!("{} {name}", layer.set));
            let (low, high) = figure.interval().unwrap();
            assert!(low <= figure.value && figure.value <= high);
        }
        // The reference is the mean over the classes.
        let silhouettes = layer.classes.iter().filter_map(|c| c.silhouette_squared);
        let silhouettes: Vec<f64> = silhouettes.map(|s| s.value).collect();
        let mean = silhouettes.iter().sum::<f64>() / silhouettes.len() as f64;
        close(mean, &known["silhouette_squared"], &layer.set);
    }
    let pairs = expected["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), comparison.similarity.pairs.len());
    for (pair, known) in comparison.similarity.pairs.iter().zip(pairs) {
        let what = format!("{} {}", pair.first, pair.second);
        assert_eq!(pair.first, known["first"].as_str().unwrap());
        assert_eq!(pair.second, known["second"].as_str().unwrap());
        let cka = pair.cka.unwrap();
        close(cka.biased.value, &known["biased"], &what);
        close(cka.debiased.value, &known["debiased"], &what);
        close(
            pair.neighbor_overlap.unwrap().value,
            &known["neighbor_overlap"],
            &what,
        );
    }
}

#[test]
fn figures_agree_with_their_definitions() {
    let comparison = digits();
    let expected = golden("comparison.json");
    figures_agree(&comparison, &expected);
    let known = expected["probe_steps"].as_array().unwrap();
    let steps = &comparison.curves[0].steps;
    assert_eq!(steps.len(), known.len());
    for (step, known) in steps.iter().zip(known) {
        same_test(&step.probe_test, known, &step.to);
    }
}

/// What a diagnosis of a set and its layer in a comparison both say is the same.
fn report_and_comparison_agree(study: &Study) {
    let comparison = compare(study);
    let layers = comparison.curves.iter().flat_map(|c| &c.layers);
    for (id, layer) in study.sets().zip(layers) {
        let data = study.dataset(id).unwrap();
        let execution = Execution::default();
        let diagnosis = Diagnosis::of(&data, None, comparison.k, &execution);
        let found = diagnosis.unwrap().unwrap().separation.unwrap();
        let probe = found.probe.unwrap();
        let scale = found.neighborhood_hits.iter();
        let scale = scale.take_while(|h| h.k < comparison.k).count();
        let same = |what: &str, ours: Option<Estimate>, theirs: Option<Estimate>| {
            let (ours, theirs) = (ours.map(|e| e.value), theirs.map(|e| e.value));
            // Comparisons keep the figures of samples in 32 bits.
            let close = ours.zip(theirs).is_none_or(|(a, b)| (a - b).abs() < 1e-6);
            assert!(
                ours.is_some() == theirs.is_some() && close,
                "{} {what}: {ours:?}, not {theirs:?}",
                layer.set
            );
        };
        let hit = found.neighborhood_hits[scale].hit;
        same("probe", Some(layer.probe), Some(probe.balanced_accuracy));
        same("accuracy", Some(layer.probe_accuracy), Some(probe.accuracy));
        same("hit", Some(layer.neighborhood_hit), Some(hit));
        let loss = Some(layer.soft_nearest_neighbor_loss);
        same("loss", loss, found.soft_nearest_neighbor_loss);
        // But for rounding: the samples are in another order.
        let equal = |ours: Option<Estimate>, theirs: Option<Estimate>| {
            let parts = |e: Estimate| [Some(e.value), e.standard_error, e.low, e.high];
            let pairs = ours.map(parts).into_iter().flatten();
            let mut pairs = pairs.zip(theirs.map(parts).into_iter().flatten());
            let is_close = pairs.all(|(a, b)| {
                a.is_some() == b.is_some() && a.zip(b).is_none_or(|(a, b)| (a - b).abs() < 1e-9)
            });
            assert!(
                ours.is_some() == theirs.is_some() && is_close,
                "{ours:?} {theirs:?}"
            );
        };
        equal(layer.silhouette_squared, found.silhouette_squared);
        equal(layer.class_separation_r2, found.class_separation_r2);
        equal(layer.cdnv, found.cdnv);
        for (ours, theirs) in layer.classes.iter().zip(&found.classes) {
            same("recall", ours.probe, theirs.probe_recall);
            same(
                "hit",
                ours.neighborhood_hit,
                theirs.neighborhood_hits[scale],
            );
            let loss = ours.soft_nearest_neighbor_loss;
            same("loss", loss, theirs.soft_nearest_neighbor_loss);
            equal(ours.silhouette_squared, theirs.silhouette_squared);
        }
        println!(
            "{}: loss {:.4}, silhouette {:.4}, CDNV {:.4}, R² {:.4}",
            layer.set,
            layer.soft_nearest_neighbor_loss.value,
            layer.silhouette_squared.map_or(f64::NAN, |s| s.value),
            layer.cdnv.map_or(f64::NAN, |s| s.value),
            layer.class_separation_r2.map_or(f64::NAN, |s| s.value),
        );
        let mean = |of: &dyn Fn(&disentangle::comparison::LayerClass) -> Option<Estimate>| {
            let values = layer.classes.iter().filter_map(of).map(|e| e.value);
            values.clone().sum::<f64>() / values.count() as f64
        };
        println!(
            "   classes alike: loss {:.4}, silhouette {:.4}",
            mean(&|c| c.soft_nearest_neighbor_loss),
            mean(&|c| c.silhouette_squared)
        );
    }
}

#[test]
fn a_set_has_the_same_figures_in_a_report_and_in_a_comparison() {
    let path = fixture("digits.toml").display().to_string();
    let study = Study::read(&StudyOptions::from_arguments(&[path]).unwrap()).unwrap();
    report_and_comparison_agree(&study);
}

/// Layers, tests and diversity of models A, B and C.
fn models_agree(comparison: &Comparison, expected: &Value) {
    figures_agree(comparison, expected);
    for curve in &comparison.curves {
        let known = expected["probe_steps"][&curve.model].as_array().unwrap();
        assert_eq!(curve.steps.len(), known.len());
        for (step, known) in curve.steps.iter().zip(known) {
            same_test(&step.probe_test, known, &step.to);
        }
    }
    let models = expected["models"].as_array().unwrap();
    let measure = &comparison.measures[0];
    assert_eq!(measure.name, "predictions");
    let all = comparison.complementarity.as_ref().unwrap();
    assert_eq!((measure.pairs.len(), all.pairs.len()), (3, 3));
    for ((pair, together), known) in measure.pairs.iter().zip(&all.pairs).zip(models) {
        let what = format!("{} {}", pair.first, pair.second);
        assert_eq!(pair.first, known["first"].as_str().unwrap());
        assert_eq!(pair.second, known["second"].as_str().unwrap());
        same_test(&pair.test.unwrap(), &known["test"], &what);
        let classes = known["classes"].as_array().unwrap();
        assert_eq!(pair.classes.len(), classes.len());
        for (class, known) in pair.classes.iter().zip(classes) {
            same_test(
                &class.test.unwrap(),
                known,
                &format!("{what} {}", class.label),
            );
        }
        let (own, known) = (&together.overall, &known["diversity"]);
        close(own.disagreement.value, &known["disagreement"], &what);
        close(own.double_fault.value, &known["double_fault"], &what);
        close(own.q.unwrap().value, &known["q"], &what);
        close(own.correlation.unwrap().value, &known["correlation"], &what);
        close(own.kappa.unwrap().value, &known["kappa"], &what);
        close(own.oracle.value, &known["oracle"], &what);
    }
    let ensembles = &comparison.ensembles.as_ref().unwrap().ensembles;
    let all = ensembles.iter().find(|e| e.members.len() == 3).unwrap();
    close(
        all.accuracy.value,
        &expected["ensemble"]["accuracy"],
        "ensemble",
    );
}

#[test]
fn tests_and_diversity_agree_with_their_formulas() {
    let comparison = digits();
    assert_eq!(comparison.answers, AnswerSource::Predictions);
    let expected = &golden("comparison.json")["predictions"];
    let measure = &comparison.measures[0];
    assert_eq!(measure.name, "predictions");
    let pair = &measure.pairs[0];
    same_test(&pair.test.unwrap(), &expected["test"], "all");
    for (class, known) in pair
        .classes
        .iter()
        .zip(expected["classes"].as_array().unwrap())
    {
        same_test(&class.test.unwrap(), known, &class.label);
    }
    close(
        measure.models[0].overall.low.unwrap(),
        &expected["cnn_wilson"][0],
        "Wilson",
    );
    close(
        measure.models[0].overall.high.unwrap(),
        &expected["cnn_wilson"][1],
        "Wilson",
    );
    let all = comparison.complementarity.as_ref().unwrap();
    let own = &all.pairs[0].overall;
    let known = &expected["diversity"];
    close(
        own.disagreement.value,
        &known["disagreement"],
        "disagreement",
    );
    close(
        own.double_fault.value,
        &known["double_fault"],
        "double fault",
    );
    close(own.q.unwrap().value, &known["q"], "Q");
    close(
        own.correlation.unwrap().value,
        &known["correlation"],
        "correlation",
    );
    close(own.kappa.unwrap().value, &known["kappa"], "kappa");
    close(own.oracle.value, &known["oracle"], "oracle");
    close(
        all.saves[0].total as f64,
        &expected["unique_saves"][0],
        "saves",
    );
    close(
        all.saves[1].total as f64,
        &expected["unique_saves"][1],
        "saves",
    );
    let known = &golden("comparison.json")["ensemble"];
    let ensemble = &comparison.ensembles.as_ref().unwrap().ensembles[0];
    close(ensemble.accuracy.value, &known["accuracy"], "ensemble");
    close(
        ensemble.balanced_accuracy,
        &known["balanced_accuracy"],
        "ensemble",
    );
    same_test(&ensemble.test, &known["test"], "ensemble");
}

/// The folder's models A, B, C with the layers of each.
fn blood_or_retina(folder: &Path, layers: &[(&str, &[&str])]) -> Comparison {
    let at = |name: String| Some(folder.join(name));
    let model = |&(name, layers): &(&str, &[&str])| ModelSource {
        name: name.into(),
        predictions: at(format!("predictions_{name}.npy")),
        probabilities: at(format!("probabilities_{name}.npy")),
        layers: layers
            .iter()
            .map(|layer| LayerSource {
                name: layer.split_once('_').unwrap().1.into(),
                features: folder.join(format!("{name}_{layer}.npy")),
            })
            .collect(),
    };
    let options = StudyOptions {
        read: ReadOptions {
            labels: at("labels.npy".into()),
            class_names: at("class_names.txt".into()),
            ..ReadOptions::default()
        },
        models: layers.iter().map(model).collect(),
        ..StudyOptions::default()
    };
    compare(&Study::read(&options).unwrap())
}

const LAYERS: [(&str, &[&str]); 3] = [
    (
        "A",
        &[
            "L1_conv1",
            "L2_conv2",
            "L3_conv3",
            "L4_penultimate",
            "L5_logits",
        ],
    ),
    ("B", &["L2_penultimate", "L3_logits"]),
    ("C", &["L3_penultimate", "L4_logits"]),
];

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn separable_cells_are_told_apart_layer_by_layer(folder: &Path) {
    let comparison = blood_or_retina(&folder.join("blood5"), &LAYERS);
    models_agree(&comparison, &golden("comparison_blood5.json"));
    let steps = &comparison.curves[0].steps;
    assert!(
        steps[..3]
            .iter()
            .all(|s| s.verdict == StepVerdict::MoreSeparable)
    );
    // The silhouette rises from .60 to .70, and nothing is more separable.
    for curve in &comparison.curves {
        let last = curve.steps.last().unwrap();
        assert!(last.silhouette_squared.unwrap().difference.value > 0.03);
        assert!(last.tighter && last.verdict != StepVerdict::MoreSeparable);
        assert!(
            last.classes
                .iter()
                .all(|c| c.verdict != StepVerdict::MoreSeparable)
        );
    }
    // Measured elsewhere on the same features.
    let top = &comparison.curves[0].layers[3];
    assert!((top.probe.value - 0.948).abs() < 0.003);
    assert!((top.neighborhood_hit.value - 0.934).abs() < 1e-3);
    assert!((top.class_separation_r2.unwrap().value - 0.704).abs() < 1e-3);
    for measure in &comparison.measures {
        assert_eq!(measure.ranking, [["A"], ["C"], ["B"]], "{}", measure.name);
    }
    let ensembles = comparison.ensembles.as_ref().unwrap();
    assert_eq!(ensembles.best_single, "A");
    assert!(ensembles.ensembles.iter().all(|e| !e.gains));
    let all = ensembles
        .ensembles
        .iter()
        .find(|e| e.members.len() == 3)
        .unwrap();
    assert!(all.loses && (all.accuracy.value - 0.9187).abs() < 1e-4);
    are_backed(&comparison);
    let layers = sentences(&comparison, Topic::Layers);
    assert!(
        layers[0].starts_with("From conv1 to penultimate of A, the classes become more separable"),
        "{layers:?}"
    );
    assert!(
        layers[1].starts_with("From penultimate to logits of A, no change in separability"),
        "{layers:?}"
    );
    assert!(
        layers[1..]
            .iter()
            .all(|s| !s.contains("become more separable"))
    );
    let models = sentences(&comparison, Topic::Models);
    assert!(
        models[0].contains(", A ranks above C, which ranks above B"),
        "{models:?}"
    );
    assert!(
        models.iter().any(|s| s.starts_with("A separates")),
        "{models:?}"
    );
    let together = sentences(&comparison, Topic::Ensemble);
    assert!(together[0].starts_with("No ensemble is shown to be more accurate than A"));
    assert!(
        together[1].starts_with("Averaging A, B and C loses 4.0 points")
            || together[1].starts_with("Averaging A, C and B loses 4.0 points"),
        "{together:?}"
    );
    // What ends a reading of eight sentences.
    assert!(
        together.len() == 2 && comparison.reading.left_out > 0,
        "{together:?}"
    );
    let longer = comparison.read(&ReadingThresholds {
        most_sentences: 20,
        ..ReadingThresholds::default()
    });
    let mut texts = longer.statements.iter().map(|s| &s.text[..]);
    assert!(
        texts.any(|text| text.starts_with("B and C add nothing")),
        "{}",
        longer.text()
    );
    let advice: Vec<Advice> = comparison
        .recommendations
        .iter()
        .map(|r| r.advice)
        .collect();
    assert_eq!(advice, [Advice::Keep, Advice::Discard, Advice::Discard]);
    let known = [0.25, 0.155];
    let pairs = &comparison.complementarity.as_ref().unwrap().pairs;
    for (pair, known) in pairs.iter().zip(known) {
        assert!((pair.overall.disagreement.value - known).abs() < 1e-3);
    }
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn models_within_noise_are_not_told_apart(folder: &Path) {
    let comparison = blood_or_retina(&folder.join("retina5"), &LAYERS);
    models_agree(&comparison, &golden("comparison_retina5.json"));
    are_backed(&comparison);
    for statement in &comparison.reading.statements {
        let text = &statement.text;
        let claims = [
            "become",
            "ranks above",
            "better",
            "gains ",
            "loses",
            "add nothing",
        ];
        assert!(claims.iter().all(|claim| !text.contains(claim)), "{text}");
    }
    for measure in &comparison.measures {
        assert_eq!(measure.ranking.len(), 1, "{}", measure.name);
    }
    for step in comparison.curves.iter().flat_map(|c| &c.steps) {
        let separable = [StepVerdict::MoreSeparable, StepVerdict::LessSeparable];
        assert!(!separable.contains(&step.verdict), "{step:?}");
    }
    assert!(
        comparison
            .recommendations
            .iter()
            .all(|r| r.advice == Advice::Keep)
    );
    assert!(
        comparison
            .ensembles
            .unwrap()
            .ensembles
            .iter()
            .all(|e| !e.gains)
    );
}

/// Pseudo-random numbers around 0.
fn noise(n: usize, d: usize, seed: u64) -> Array2<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    // Sums of four are near enough to normal.
    Array2::from_shape_simple_fn((n, d), || next() + next() + next() + next())
}

fn study(sets: Vec<(&str, &str, Dataset)>) -> Study {
    let sets = sets
        .into_iter()
        .map(|(m, l, d)| (m.to_string(), l.to_string(), d))
        .collect();
    Study::new("synthetic", sets).unwrap()
}

fn labels(n: usize, classes: usize) -> Labels {
    let values: Vec<i64> = (0..n).map(|i| (i % classes) as i64).collect();
    Labels::from_integers(&values).unwrap()
}

/// Whether anything is said about models or layers.
fn says_something(comparison: &Comparison) -> bool {
    let steps = comparison.curves.iter().flat_map(|c| &c.steps);
    let separable = steps
        .flat_map(|s| s.classes.iter().map(|c| c.verdict).chain([s.verdict]))
        .any(|v| matches!(v, StepVerdict::MoreSeparable | StepVerdict::LessSeparable));
    let apart = comparison.measures.iter().any(|m| m.ranking.len() > 1);
    let best = comparison
        .measures
        .iter()
        .flat_map(|m| &m.classes)
        .any(|c| c.best.is_some());
    let gains = comparison
        .ensembles
        .iter()
        .flat_map(|e| &e.ensembles)
        .any(|e| e.gains || e.loses);
    let claims = [
        "become",
        "ranks above",
        "better than",
        " gains ",
        "loses",
        "nothing:",
    ];
    let said = comparison.reading.statements.iter();
    let said = said.filter(|s| claims.iter().any(|claim| s.text.contains(claim)));
    let said: Vec<&str> = said.map(|s| s.text.as_str()).collect();
    let shown = separable || apart || best || gains || loses(comparison);
    assert!(said.is_empty() || shown, "{said:?}");
    if separable || apart || best || gains {
        println!("{separable} {apart} {best} {gains}");
    }
    separable || apart || best || gains
}

/// Whether an ensemble is said to be worse than a single model.
fn loses(comparison: &Comparison) -> bool {
    let mut all = comparison.ensembles.iter().flat_map(|e| &e.ensembles);
    all.any(|e| e.loses)
}

#[test]
fn noise_is_not_called_a_difference() {
    let runs: u64 = 30;
    let loud = (0..runs)
        .filter(|&seed| {
            let set = |s: u64, d: usize| Dataset::new(noise(150, d, 10 * seed + s + 1)).unwrap();
            let first = set(0, 6).with_labels(labels(150, 3)).unwrap();
            let sets = vec![
                ("A", "1", first),
                ("A", "2", set(1, 8)),
                ("A", "3", set(2, 4)),
                ("B", "", set(3, 6)),
                ("C", "", set(4, 5)),
            ];
            says_something(&compare(&study(sets)))
        })
        .inspect(|seed| println!("seed {seed}"))
        .count();
    // 5 % of 30 are 1.5; 5 or more have a probability of 2 %.
    assert!(loud < 5, "{loud} of {runs}");
}

#[test]
fn two_models_that_know_different_classes_are_combined() {
    // Each tells one of three classes from the rest, so that together they know all.
    let n = 300;
    let probabilities = |own: usize, seed: u64| {
        let noise = noise(n, 3, seed);
        let mut p = Array2::from_shape_fn((n, 3), |(i, c)| {
            let class = i % 3;
            let known = class == own || c == own;
            let right = if known {
                f32::from(u8::from(c == class)) * 3.0
            } else {
                1.0
            };
            (right + noise[[i, c]]).exp()
        });
        for mut row in p.outer_iter_mut() {
            let sum = row.sum();
            row /= sum;
        }
        p
    };
    let data = |own: usize, seed: u64| {
        Dataset::new(noise(n, 4, seed))
            .unwrap()
            .with_labels(labels(n, 3))
            .unwrap()
            .with_probabilities(probabilities(own, seed + 100))
            .unwrap()
    };
    let comparison = compare(&study(vec![("A", "", data(0, 1)), ("B", "", data(1, 2))]));
    are_backed(&comparison);
    let together = sentences(&comparison, Topic::Ensemble);
    assert!(
        together[0].starts_with("Averaging A and B gains "),
        "{together:?}"
    );
    assert_eq!(together.len(), 1, "{together:?}");
    let ensembles = comparison.ensembles.unwrap();
    assert!(ensembles.ensembles[0].gains, "{ensembles:?}");
    assert!(ensembles.selection.gain.value > 0.0);
    assert!(
        comparison
            .recommendations
            .iter()
            .all(|r| r.advice == Advice::Combine)
    );
    assert_eq!(comparison.recommendations[0].ensemble, ["A", "B"]);
}

#[test]
fn without_predictions_probes_vote_and_that_is_said() {
    let mut separable = noise(120, 3, 5);
    for (i, mut row) in separable.outer_iter_mut().enumerate() {
        row[i % 3] += 3.0;
    }
    let first = Dataset::new(separable)
        .unwrap()
        .with_labels(labels(120, 3))
        .unwrap();
    let second = Dataset::new(noise(120, 3, 6)).unwrap();
    let sets = |first: Dataset| study(vec![("A", "", first), ("B", "", second.clone())]);
    let answers = (0..120).map(|i| i % 3).collect();
    let with_answers = first.clone().with_predictions(answers).unwrap();
    let partly = compare(&sets(with_answers));
    assert_eq!(partly.answers, AnswerSource::Probe);
    assert_eq!(partly.without_predictions, ["B"]);
    assert_eq!(
        partly.notes[0],
        "B has no predictions: all models are compared by the leave-one-out probes of their features; \
         leave it out to compare the others by their predictions"
    );
    assert!(
        partly.reading.statements.iter().any(|s| s.text.ends_with(
            " B has no predictions, so the predictions of the others are not compared."
        )),
        "{:?}",
        partly.reading
    );
    let comparison = compare(&sets(first));
    assert_eq!(comparison.without_predictions, ["A", "B"]);
    assert_eq!(comparison.answers, AnswerSource::Probe);
    assert!(
        comparison
            .notes
            .iter()
            .any(|n| n.contains("no model has predictions"))
    );
    assert!(
        comparison
            .notes
            .iter()
            .any(|n| n.contains("votes of leave-one-out probes"))
    );
    assert_eq!(comparison.measures[0].ranking, [["A"], ["B"]]);
    // At chance beside a model that is not: its rows may be in another order.
    assert_eq!(comparison.recommendations[1].advice, Advice::Check);
    let text = comparison.to_text(80);
    assert!(
        text.contains("by the leave-one-out probes of their features"),
        "{text}"
    );
}

/// A few groups of identical samples decide what a probe gets right, so its share of right answers varies more
/// than that of as many independent ones.
#[test]
fn noise_with_few_distinct_samples_is_not_called_a_difference() {
    let said = (0..16).filter(|seed| {
        let set = |s: u64| {
            let rows = noise(150, 2, 10 * seed + s);
            Dataset::new(rows.mapv(|v| f32::from(u8::from(v > 0.0)))).unwrap()
        };
        let first = set(1).with_labels(labels(150, 3)).unwrap();
        let sets = vec![
            ("A", "1", first),
            ("A", "2", set(2)),
            ("B", "", set(3)),
            ("C", "", set(4)),
        ];
        says_something(&compare(&study(sets)))
    });
    let said = said.count();
    assert!(said <= 2, "{said} of 16");
}

#[test]
fn copies_of_samples_are_said_to_make_differences_less_certain() {
    // Two sets of 120 samples; in both, sample i is the same as sample i + 60, unless they differ in the second.
    let said = |differ: bool| {
        let copies = |d: usize, seed: u64| {
            let rows = noise(60, d, seed);
            Array2::from_shape_fn((120, d), |(i, j)| rows[[i % 60, j]])
        };
        let first = Dataset::new(copies(3, 1)).unwrap();
        let first = first.with_labels(labels(120, 3)).unwrap();
        let mut second = copies(2, 2);
        if differ {
            second.column_mut(0).assign(&noise(120, 1, 3).column(0));
        }
        let second = Dataset::new(second).unwrap();
        let notes = compare(&study(vec![("A", "", first), ("B", "", second)])).notes;
        notes.iter().any(|note| {
            note.starts_with("only 60 of 120 samples are distinct")
                && note.ends_with("certain than stated")
        })
    };
    assert_eq!([said(false), said(true)], [true, false]);
}

#[test]
fn what_is_small_or_missing_is_handled() {
    // One model with one set, part of the samples unlabeled, a class of one, a class that is
    // never predicted.
    let mut indices: Vec<u16> = (0..40).map(|i| i % 2).collect();
    indices[0] = UNLABELED;
    indices[39] = 2;
    let names = vec!["a".into(), "b".into(), "\u{1b}[31mred".into()];
    let data = Dataset::new(noise(40, 50, 3))
        .unwrap()
        .with_labels(Labels::new(names, indices).unwrap())
        .unwrap()
        .with_predictions(
            (0..40)
                .map(|i| if i < 3 { UNLABELED } else { i % 2 })
                .collect(),
        )
        .unwrap();
    let comparison = compare(&study(vec![("A", "", data)]));
    assert_eq!((comparison.labeled, comparison.unlabeled), (39, 1));
    assert!(comparison.complementarity.is_none() && comparison.ensembles.is_none());
    assert_eq!(comparison.recommendations[0].advice, Advice::Keep);
    assert!(
        comparison
            .notes
            .iter()
            .any(|n| n.contains("50 features for 39 samples"))
    );
    for width in [20, 80, 100, 200] {
        assert!(!comparison.to_text(width).contains('\u{1b}'));
    }
    let json = comparison.to_json().unwrap();
    let back: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(back.recommendations[0].reason, "the only model");
    assert_eq!(back.labels, comparison.labels);
    // One class only.
    let one = |d: usize| Dataset::new(noise(20, d, 9)).unwrap();
    let first = one(2).with_labels(labels(20, 1)).unwrap();
    let comparison = compare(&study(vec![("A", "", first), ("B", "", one(3))]));
    assert!(
        comparison
            .notes
            .iter()
            .any(|n| n.contains("only one class"))
    );
    assert!(!says_something(&comparison));
    // Two samples; constant features.
    let constant = Dataset::new(array![[1.0], [1.0]]).unwrap();
    let constant = constant.with_labels(labels(2, 2)).unwrap();
    let other = Dataset::new(array![[1.0], [2.0]]).unwrap();
    assert!(!says_something(&compare(&study(vec![
        ("A", "", constant),
        ("B", "", other)
    ]))));
    // No labels.
    let plain = study(vec![("A", "", one(2))]);
    let found =
        Comparison::of(&plain, &ComparisonOptions::default(), &Execution::default()).unwrap();
    assert!(found.is_none());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let path = fixture("digits_cnn_layers.npz").display().to_string();
    let study = Study::read(&StudyOptions::from_arguments(&[path]).unwrap()).unwrap();
    let with = |threads: usize| {
        let options = ComparisonOptions {
            replicates: 200,
            ..ComparisonOptions::default()
        };
        let comparison = Comparison::of(&study, &options, &Execution::default().threads(threads))
            .unwrap()
            .unwrap();
        comparison.to_json().unwrap()
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn tables_fit_their_width() {
    let text = digits().to_text(80);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!("digits_80", text);
}
