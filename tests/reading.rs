//! What the reading says, and above all what it does not say.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

mod common;

use std::path::Path;

use common::{digits_map, fixture};
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels, ReadOptions, UNLABELED, read};
use disentangle::diagnosis::{Diagnosis, Reading, ReadingThresholds, Topic};
use disentangle::ndarray::Array2;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rand_distr::{Distribution, StandardNormal};

fn load(features: &Path, labels: Option<&Path>) -> Dataset {
    let options = ReadOptions {
        labels: labels.map(Into::into),
        ..ReadOptions::default()
    };
    read(features, &options).unwrap()
}

fn reading(data: &Dataset, map: Option<&[[f32; 2]]>) -> (Diagnosis, Reading) {
    let diagnosis = Diagnosis::of(data, map, 10, &Execution::default().threads(2))
        .unwrap()
        .unwrap();
    let reading = Reading::of(&diagnosis, &ReadingThresholds::default());
    assert_eq!(diagnosis.reading.as_ref(), Some(&reading));
    (diagnosis, reading)
}

fn has(reading: &Reading, topic: Topic) -> bool {
    reading.statements.iter().any(|s| s.topic == topic)
}

/// The value at a path like `separation.classes[2].probe_recall.value`.
fn at(json: &serde_json::Value, path: &str) -> Option<f64> {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    json.pointer(&pointer)?.as_f64()
}

/// Every sentence has figures, and they stand in the JSON under the names given.
fn backed(diagnosis: &Diagnosis, reading: &Reading) {
    let json = serde_json::to_value(diagnosis).unwrap();
    for statement in &reading.statements {
        assert!(!statement.figures.is_empty(), "{}", statement.text);
        for figure in &statement.figures {
            let value = at(&json, &figure.field);
            let value = value.expect("every figure behind a sentence is in the JSON");
            assert!((value - figure.value).abs() < 1e-12, "{}", figure.field);
        }
    }
}

/// Three classes of different sizes; `gap` apart along axes of their own.
fn classes(random: &mut ChaCha8Rng, gap: f32) -> (Array2<f32>, Vec<u16>) {
    let labels: Vec<u16> = (0..180).map(|i| [0, 0, 0, 1, 1, 2][i % 6]).collect();
    let features = Array2::from_shape_fn((labels.len(), 6), |(i, j)| {
        let noise: f32 = StandardNormal.sample(random);
        noise
            + if usize::from(labels[i]) == j {
                gap
            } else {
                0.0
            }
    });
    (features, labels)
}

fn dataset(features: Array2<f32>, labels: Vec<u16>) -> Dataset {
    let names = (0..3).map(|c| format!("kind {c}")).collect();
    let labels = Labels::new(names, labels).unwrap();
    Dataset::new(features).unwrap().with_labels(labels).unwrap()
}

#[test]
fn shuffled_labels_get_no_statement_of_separation() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut stated, rounds) = (0, 60);
    for _ in 0..rounds {
        let (features, mut labels) = classes(&mut random, 6.0);
        for i in (1..labels.len()).rev() {
            labels.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        let (diagnosis, reading) = reading(&dataset(features, labels), None);
        backed(&diagnosis, &reading);
        let separated = reading
            .statements
            .iter()
            .any(|s| s.topic.states_separation());
        stated += usize::from(separated);
        assert_ne!(
            separated,
            diagnosis.separation.unwrap().evidence == Some(false)
        );
    }
    assert!(stated * 20 <= rounds, "{stated} of {rounds}");
}

#[test]
fn what_is_apart_and_what_mixes_is_said() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let (features, labels) = classes(&mut random, 9.0);
    let (diagnosis, apart) = reading(&dataset(features, labels), None);
    backed(&diagnosis, &apart);
    let sentence = apart.statements.iter().find(|s| s.topic == Topic::Apart);
    let text = &sentence.unwrap().text;
    assert!(
        text.starts_with("All 3 classes are clearly separated"),
        "{text}"
    );
    assert!(apart.text().contains("No two classes were found to mix."));

    let (mut features, labels) = classes(&mut random, 9.0);
    // The second class becomes as the third.
    for (mut row, &label) in features.rows_mut().into_iter().zip(&labels) {
        if label == 1 {
            row.swap(1, 2);
        }
    }
    let (diagnosis, mixed) = reading(&dataset(features, labels), None);
    backed(&diagnosis, &mixed);
    let text = mixed.text();
    assert!(text.contains("Class kind 0 is clearly separated"), "{text}");
    assert!(
        text.contains("Class kind 2 mixes with class kind 1"),
        "{text}"
    );
}

#[test]
fn grades_are_read_as_a_chain_and_not_class_by_class() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let labels: Vec<i64> = (0..600).map(|i| i % 6).collect();
    let features = Array2::from_shape_fn((600, 4), |(i, j)| {
        let noise: f32 = StandardNormal.sample(&mut random);
        noise + if j == 0 { 1.6 * labels[i] as f32 } else { 0.0 }
    });
    let labels = Labels::from_integers(&labels).unwrap();
    let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
    let (diagnosis, reading) = reading(&data, None);
    backed(&diagnosis, &reading);
    let text = reading.text();
    assert!(text.contains("of 15 pairs of classes mix"), "{text}");
    assert!(
        text.contains(
            "Classes that are close in the order of the labels mix more than distant ones (r = 0.9"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "; in the features, too, every class but the first and last lies between those before and after it."
        ),
        "{text}"
    );
    assert!(!text.contains("mixes with"), "{text}");
    assert!(reading.statements.len() <= 8);
}

#[test]
fn a_reading_has_few_sentences_and_counts_the_others() {
    let data = load(&fixture("digits_cnn.npz"), None);
    let diagnosis = Diagnosis::of(&data, None, 10, &Execution::default().threads(2));
    let thresholds = ReadingThresholds {
        most_sentences: 3,
        ..ReadingThresholds::default()
    };
    let mut diagnosis = diagnosis.unwrap().unwrap();
    let reading = Reading::of(&diagnosis, &thresholds);
    assert_eq!(reading.statements.len(), 3);
    assert_eq!(reading.left_out, 2);
    assert!(
        reading
            .text()
            .ends_with("2 more findings are in the tables.")
    );
    // The first sentence of each topic comes before the second of any.
    assert_eq!(reading.statements[1].topic, Topic::Apart);
    diagnosis.reading = Some(reading.clone());
    backed(&diagnosis, &reading);
    // If only one is wanted, it is the most important finding, not the number of others.
    let one = ReadingThresholds {
        most_sentences: 1,
        ..thresholds
    };
    let one = Reading::of(&diagnosis, &one);
    assert_eq!(one.statements[..], reading.statements[..1]);
    assert_eq!(one.left_out, 3);
}

#[test]
fn digits_read_as_recorded() {
    let data = load(&fixture("digits_cnn.npz"), None);
    let (diagnosis, reading) = reading(&data, Some(&digits_map()));
    backed(&diagnosis, &reading);
    let lines: Vec<&str> = reading.statements.iter().map(|s| &s.text[..]).collect();
    insta::assert_snapshot!("digits", lines.join("\n"));
}

#[test]
fn hostile_names_stay_short_and_print_nothing_of_their_own() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let (features, labels) = classes(&mut random, 9.0);
    let names = vec!["\u{1b}[31mred".into(), "long".repeat(1000), String::new()];
    let labels = Labels::new(names, labels).unwrap();
    let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
    let text = reading(&data, None).1.text();
    assert!(!text.contains('\u{1b}') && text.len() < 2000, "{text}");
}

#[test]
fn what_cannot_be_said_is_said() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let (features, mut labels) = classes(&mut random, 9.0);
    labels[0] = UNLABELED;
    for label in &mut labels {
        if *label == 2 {
            *label = UNLABELED;
        }
    }
    labels[5] = 2;
    let (diagnosis, partly) = reading(&dataset(features.clone(), labels), None);
    backed(&diagnosis, &partly);
    let text = partly.text();
    assert!(
        text.contains("Class kind 2 has fewer than 3 samples"),
        "{text}"
    );
    assert!(
        text.contains("without a label are left out of all results"),
        "{text}"
    );
    let only = vec![0; features.nrows()];
    let (_, one) = reading(&dataset(features, only), None);
    assert!(
        one.text()
            .contains("a single class has nothing to be separated from"),
        "{}",
        one.text()
    );
    assert!(!one.statements.iter().any(|s| s.topic.states_separation()));
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn real_data_are_read_as_a_statistician_would(folder: &Path) {
    let set = |name: &str, layer: &str| {
        let folder = folder.join(name);
        let data = load(&folder.join(layer), Some(&folder.join("labels.npy")));
        let (diagnosis, reading) = reading(&data, None);
        backed(&diagnosis, &reading);
        reading
    };
    // Mixed grades: which mix with which is named, and none is said to stand apart.
    let retina = set("retina5", "A_L4_penultimate.npy");
    println!("{}", retina.text());
    assert!(has(&retina, Topic::Mixing) && !has(&retina, Topic::Apart));
    assert!(retina.text().contains("All 10 pairs of classes mix"));
    assert!(retina.text().contains(
        "Classes that are close in the order of the labels mix more than distant ones (r = 0.89"
    ));
    let blood = set("blood5", "A_L4_penultimate.npy");
    println!("{}", blood.text());
    assert!(has(&blood, Topic::Apart));
    assert!(blood.text().contains("4 of 10 pairs of classes mix"));
    // A silhouette makes no sentence.
    let logits = set("blood5", "A_L5_logits.npy");
    println!("{}", logits.text());
    assert!(!logits.text().contains("ilhouette"));
}

/// Twenty classes of six, far from each other: no class can fill ten places, but each has all that it can.
#[test]
fn classes_smaller_than_k_stand_apart() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let features = Array2::from_shape_fn((120, 16), |(i, j)| {
        let noise: f64 = StandardNormal.sample(&mut random);
        let center = if (i / 6) % 16 == j { 30.0 } else { 0.0 } + if i >= 96 { 15.0 } else { 0.0 };
        (center + noise) as f32
    });
    let labels: Vec<i64> = (0..120).map(|i| i / 6).collect();
    let data = Dataset::new(features)
        .and_then(|d| d.with_labels(Labels::from_integers(&labels)?))
        .unwrap();
    let (diagnosis, reading) = reading(&data, None);
    backed(&diagnosis, &reading);
    let class = &diagnosis.classes[3];
    let hit = class.neighborhood_hit.features.unwrap();
    assert_eq!((hit.value, hit.high), (0.5, Some(0.5)));
    assert!((class.neighborhood_hit_maximum - 0.5).abs() < 1e-12);
    let text = reading.text();
    assert!(text.contains("20 classes are clearly separated"), "{text}");
    assert!(
        text.contains("; with so few samples, at most 50% is possible"),
        "{text}"
    );
    let k = disentangle::diagnosis::usual_neighbors(data.labels());
    let usual = Diagnosis::of(&data, None, k, &Execution::default())
        .unwrap()
        .unwrap();
    assert_eq!(k, 5);
    assert!(
        usual
            .classes
            .iter()
            .all(|c| c.neighborhood_hit.in_features() == Some(1.0))
    );
}
