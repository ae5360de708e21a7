//! Figures of separation and mixing against their definitions, and what is said of planted data.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

mod common;

use std::path::Path;

use common::{array, digits, fixture, golden, numbers};
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::{Diagnosis, HeadVerdict, Standing};
use disentangle::ndarray::Array2;
use disentangle::report::{Report, TsneSummary};
use disentangle::statistics::Estimate;
use serde_json::Value;

const TOLERANCE: f64 = 1e-4;

fn integers(name: &std::path::Path) -> Vec<i64> {
    let bytes = std::fs::read(name).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    if file.dtype().descr() == "'<i8'" {
        return file.into_vec::<i64>().unwrap();
    }
    let values = file.into_vec::<i32>().unwrap();
    values.into_iter().map(i64::from).collect()
}

fn diagnosed(features: Array2<f32>, labels: &[i64]) -> Diagnosis {
    let labels = Labels::from_integers(labels).unwrap();
    let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
    Diagnosis::of(&data, None, 10, &Execution::default().threads(2))
        .unwrap()
        .unwrap()
}

fn near(ours: impl Into<Option<Estimate>>, theirs: &Value, what: &str) {
    let (ours, theirs) = (ours.into().unwrap().value, theirs.as_f64().unwrap());
    let difference = (ours - theirs).abs() / theirs.abs().max(1.0);
    assert!(difference < TOLERANCE, "{what}: {ours} against {theirs}");
}

fn layer(name: &str) -> Array2<f32> {
    let path = fixture("digits_cnn_layers.npz");
    let data = Dataset::load(format!("{}:{name}", path.display())).unwrap();
    data.features().to_owned()
}

/// Each figure against its definition's.
fn figures_agree(diagnosis: &Diagnosis, reference: &Value) {
    let separation = diagnosis.separation.as_ref().unwrap();
    let probe = separation.probe.as_ref().unwrap();
    assert!((probe.penalty - reference["ridge"]["penalty"].as_f64().unwrap()).abs() < 1e-12);
    near(probe.accuracy, &reference["ridge"]["accuracy"], "ridge");
    let geometry = &reference["geometry"];
    near(
        separation.silhouette_squared,
        &geometry["silhouette_squared"],
        "silhouette",
    );
    near(
        separation.class_separation_r2,
        &geometry["class_separation_r2"],
        "R²",
    );
    near(separation.nc1, &geometry["nc1"], "NC1");
    near(separation.cdnv, &geometry["cdnv_mean"], "CDNV");
    near(
        separation.distance_consistency,
        &geometry["distance_consistency"],
        "DSC",
    );
    near(
        separation.soft_nearest_neighbor_loss,
        &reference["soft"]["loss"],
        "SNNL",
    );
    assert_eq!(separation.perplexity, Some(30.0));
    for (c, class) in separation.classes.iter().enumerate() {
        near(
            class.probe_recall,
            &reference["ridge"]["recall"][c],
            "recall",
        );
        near(
            class.silhouette_squared,
            &geometry["silhouette_squared_by_class"][c],
            "silhouette",
        );
        near(
            class.distance_consistency,
            &geometry["distance_consistency_by_class"][c],
            "DSC",
        );
        near(
            class.soft_nearest_neighbor_loss,
            &reference["soft"]["loss_by_class"][c],
            "SNNL",
        );
        for (hit, k) in class
            .neighborhood_hits
            .iter()
            .zip(&separation.neighborhood_hits)
        {
            near(*hit, &reference["hits"][k.k.to_string()][c], "hit");
        }
    }
    let scales: Vec<usize> = separation.neighborhood_hits.iter().map(|h| h.k).collect();
    assert_eq!(scales, [1, 5, 10, 30, 90]);
    let pairs = diagnosis.pairs.as_ref().unwrap();
    for pair in &pairs.listed {
        let (a, b) = pair.classes;
        near(pair.cdnv, &geometry["cdnv"][a][b], "CDNV");
        let gaussian = numbers(&reference["gaussian_overlap"][a])[b];
        let apart = (pair.gaussian_overlap.unwrap() - gaussian).abs();
        assert!(apart < TOLERANCE, "{apart} from {gaussian}");
        for direction in &pair.directions {
            let class = |name: &str| separation.classes.iter().position(|c| c.label == name);
            let (from, to) = (
                class(&direction.from).unwrap(),
                class(&direction.to).unwrap(),
            );
            let soft = numbers(&reference["soft"]["shares"][from])[to];
            assert!((direction.soft_share.unwrap() - soft).abs() < TOLERANCE);
        }
    }
}

#[test]
fn figures_of_separation_agree_with_their_definitions() {
    let golden = golden("separation.json");
    let labels = integers(&fixture("digits_labels.npy"));
    for (name, features) in [
        ("digits_cnn:features", digits()),
        ("digits_cnn_layers:conv2", layer("conv2")),
    ] {
        let diagnosis = diagnosed(features, &labels);
        figures_agree(&diagnosis, &golden[name]);
        let classes = &diagnosis.separation.unwrap().classes;
        let apart =
            |c: &disentangle::diagnosis::ClassSeparation| c.standing == Some(Standing::StandsApart);
        assert!(classes.iter().all(apart));
    }
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn figures_of_cells_and_retinas_agree_with_their_definitions(data: &Path) {
    for folder in ["blood5", "retina5"] {
        let golden = golden(&format!("separation_{folder}.json"));
        for (layer, model) in [
            ("A_L4_penultimate", "A"),
            ("B_L2_penultimate", "B"),
            ("C_L3_penultimate", "C"),
        ] {
            let diagnosis = from_folder(&data.join(folder), layer, model);
            figures_agree(&diagnosis, &golden[layer]);
        }
    }
}

fn from_folder(folder: &std::path::Path, layer: &str, model: &str) -> Diagnosis {
    let labels = Labels::from_integers(&integers(&folder.join("labels.npy"))).unwrap();
    let answers = integers(&folder.join(format!("predictions_{model}.npy")));
    let data = Dataset::new(array(&folder.join(format!("{layer}.npy"))))
        .unwrap()
        .with_labels(labels)
        .unwrap()
        .with_predictions(answers.iter().map(|&a| a as u16).collect())
        .unwrap();
    Diagnosis::of(&data, None, 10, &Execution::default().threads(2))
        .unwrap()
        .unwrap()
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn blood_cells_are_told_apart_and_what_mixes_is_named(folder: &Path) {
    let diagnosis = from_folder(&folder.join("blood5"), "A_L4_penultimate", "A");
    let separation = diagnosis.separation.unwrap();
    assert!((separation.probe.unwrap().balanced_accuracy.value - 0.948).abs() < 0.005);
    assert!((separation.logistic.unwrap().balanced_accuracy.value - 0.954).abs() < 0.01);
    assert!((separation.soft_nearest_neighbor_loss.unwrap().value - 0.134).abs() < 1e-3);
    assert!((separation.class_separation_r2.unwrap().value - 0.704).abs() < 1e-3);
    assert!(
        separation
            .classes
            .iter()
            .all(|c| c.standing == Some(Standing::StandsApart))
    );
    // Immature granulocytes mix with their neighbors; lymphocytes a little.
    let pairs = diagnosis.pairs.unwrap();
    let mixed: Vec<_> = pairs
        .listed
        .iter()
        .filter(|p| p.mixed)
        .map(|p| p.classes)
        .collect();
    assert_eq!(mixed, [(1, 3), (0, 1), (1, 4), (2, 3)]);
    assert_eq!(pairs.listed[0].head, Some(HeadVerdict::ConfusesMixed));
    // Early in the network everything touches, and the classifier's later layers undo it.
    let early = from_folder(&folder.join("blood5"), "A_L2_conv2", "A")
        .pairs
        .unwrap();
    assert!(early.mixed > 3);
    assert_eq!(early.listed[0].head, Some(HeadVerdict::SeparatesMixed));
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn grades_of_retinopathy_mix_and_none_is_said_to_stand_apart(folder: &Path) {
    let diagnosis = from_folder(&folder.join("retina5"), "A_L4_penultimate", "A");
    let separation = diagnosis.separation.unwrap();
    assert!(
        separation
            .classes
            .iter()
            .all(|c| c.standing != Some(Standing::StandsApart))
    );
    let pairs = diagnosis.pairs.unwrap();
    for neighbors in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        let pair = pairs
            .listed
            .iter()
            .find(|p| p.classes == neighbors)
            .unwrap();
        assert!(pair.mixed && pair.overlap > 0.2, "{neighbors:?}");
    }
}

#[test]
fn what_cannot_be_computed_is_left_out_and_nothing_else() {
    // One class: neighbors tell that all are alike, nothing tells of separation.
    let alone = diagnosed(digits(), &vec![3; 899]);
    let separation = alone.separation.unwrap();
    assert_eq!(
        (separation.evidence, separation.classes[0].standing),
        (None, None)
    );
    assert!(separation.probe.is_none() && separation.logistic.is_none());
    assert!(separation.nc1.is_none() && alone.pairs.is_none());
    assert_eq!(separation.neighborhood_hits.len(), 5);
    // A class of one and one of two beside large ones.
    let mut labels = integers(&fixture("digits_labels.npy"));
    (labels[4], labels[5], labels[6]) = (20, 21, 21);
    let separation = diagnosed(digits(), &labels).separation.unwrap();
    assert_eq!(separation.classes[10].standing, None);
    assert_eq!(
        separation.classes[10].probe_recall.unwrap().value.to_bits(),
        0
    );
    assert_eq!(
        separation.classes[10].neighborhood_hits[2]
            .unwrap()
            .standard_error,
        None
    );
    assert!(separation.classes[11].standing.is_some());
    // More features than samples.
    let wide = Array2::from_shape_fn((30, 200), |(i, j)| {
        ((i * 37 + j * 11) % 17 + i % 2 * 20) as f32
    });
    let labels: Vec<i64> = (0..30).map(|i| i % 2).collect();
    let diagnosis = diagnosed(wide, &labels);
    let separation = diagnosis.separation.unwrap();
    assert!(separation.samples_per_dimension < 1.0);
    assert!(separation.probe.unwrap().accuracy.value > 0.9);
    assert_eq!(diagnosis.pairs.unwrap().mixed, 0);
}

#[test]
fn any_number_of_threads_gives_the_same_figures_of_separation() {
    let labels = integers(&fixture("digits_labels.npy"));
    let labels = Labels::from_integers(&labels).unwrap();
    let data = Dataset::new(digits()).unwrap().with_labels(labels).unwrap();
    let of = |threads| {
        Diagnosis::of(&data, None, 10, &Execution::default().threads(threads))
            .unwrap()
            .unwrap()
    };
    let (one, four) = (of(1), of(4));
    assert_eq!(one.separation, four.separation);
    assert_eq!(one.pairs, four.pairs);
}

#[test]
fn a_report_says_what_is_separated_and_what_mixes() {
    let mut labels = integers(&fixture("digits_labels.npy"));
    // A tenth of the ones become twos.
    let ones: Vec<usize> = (0..899).filter(|&i| labels[i] == 1).collect();
    ones.iter().step_by(5).for_each(|&i| labels[i] = 2);
    let labels = Labels::from_integers(&labels).unwrap();
    let data = Dataset::new(digits()).unwrap().with_labels(labels).unwrap();
    let diagnosis = Diagnosis::of(&data, None, 10, &Execution::default().threads(2))
        .unwrap()
        .unwrap();
    let report = Report::new(&data, Some(&diagnosis), 10, TsneSummary::default());
    let text = report.to_text(100);
    assert!(text.contains("separation in the features"), "{text}");
    assert!(text.contains("clearly separated"), "{text}");
    assert!(text.contains(" of 45 pairs of classes "), "{text}");
    let json: Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(
        json["pairs"]["listed"][0]["classes"],
        serde_json::json!([1, 2])
    );
    assert_eq!(json["separation"]["classes"][0]["standing"], "stands_apart");
    let back: Report = serde_json::from_value(json).unwrap();
    // Ones and eights of these drawings mix a little of themselves.
    let pairs = back.pairs.unwrap();
    assert!((1..=2).contains(&pairs.mixed), "{}", pairs.mixed);
}
