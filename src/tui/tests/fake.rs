//! A state with five classes of known positions and figures, for screens that stay the same.

use std::sync::{Arc, OnceLock};

use ndarray::Array2;

use super::planted;
use crate::comparison::{Comparison, ComparisonOptions};
use crate::dataset::{Dataset, Labels};
use crate::diagnosis::{
    ClassDiagnosis, ClassFidelity, Confusion, DetectorScores, Diagnosis, Fidelity, Figure,
    Misleading, MisleadingPair, MixingDifference, ModelEvidence, NeighborEvidence, Reading,
    SampleDiagnosis, Statement, Suspect, SuspectOptions, Suspects, Topic, Verdict, VerdictCounts,
};
use crate::execution::Execution;
use crate::palette::{ColorDepth, Palette};
use crate::run::{Activity, Snapshot, VisitedMap};
use crate::statistics::Estimate;
use crate::statistics::{NeighborLabels, PerSample};
use crate::study::Study;
use crate::tui::KeyBindings;
use crate::tui::app::App;
use crate::tui::app::ladder::DEFAULT_LADDER;

/// Samples in the fake data.
pub(crate) const SAMPLES: usize = 1600;

const NAMES: [&str; 5] = ["none", "mild", "moderate", "severe", "proliferative"];
const COUNTS: [usize; 5] = [714, 186, 486, 94, 120];
const CENTERS: [[f32; 2]; 5] = [
    [-30.0, 18.0],
    [-8.0, 6.0],
    [8.0, -4.0],
    [30.0, -22.0],
    [26.0, 24.0],
];

/// Numbers that look random and are always the same.
fn noise(index: usize) -> f32 {
    let x = (index as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// The classes of the samples.
fn classes(count: usize) -> Vec<u16> {
    if count == 5 {
        (0..5u16)
            .flat_map(|c| vec![c; COUNTS[usize::from(c)]])
            .collect()
    } else {
        (0..SAMPLES).map(|i| (i % count) as u16).collect()
    }
}

fn positions(classes: &[u16]) -> Arc<[[f32; 2]]> {
    let spread = |i: usize| 8.0 * (noise(3 * i) + noise(3 * i + 1));
    classes
        .iter()
        .enumerate()
        .map(|(i, class)| {
            let [x, y] = CENTERS[usize::from(*class) % 5];
            let shift = f32::from(*class / 5) * 9.0;
            [x + shift + spread(2 * i), y - shift + spread(2 * i + 1)]
        })
        .collect()
}

fn dataset(names: Vec<String>, classes: Vec<u16>) -> Arc<Dataset> {
    let data = Dataset::new(Array2::zeros((SAMPLES, 64)))
        .unwrap()
        .with_labels(Labels::new(names, classes).unwrap())
        .unwrap()
        .with_name("retina5");
    Arc::new(data)
}

fn snapshot(positions: Arc<[[f32; 2]]>) -> Snapshot {
    let history: Vec<(usize, f64)> = (1..=41)
        .map(|i| (10 * i, 1.284 + 2.5 * (-(i as f64) / 9.0).exp()))
        .collect();
    let visited = |perplexity, kl, iteration| VisitedMap {
        generation: perplexity as u64,
        perplexity,
        seed: 1,
        iteration,
        is_finished: iteration >= 750,
        kl_divergence: Some(kl),
        positions: Arc::clone(&positions),
        diagnosis: (perplexity < 15.0).then(|| Arc::new(diagnosis(&names(5)))),
    };
    Snapshot {
        sequence: 412,
        generation: 3,
        activity: Activity::Running,
        is_map: true,
        perplexity: 30.0,
        seed: 1,
        origin: crate::run::MapOrigin::Pca,
        neighbor_recall: None,
        iteration: 412,
        iterations: 750,
        exaggerated: false,
        kl_divergence: Some(1.284),
        kl_history: history.into(),
        seconds_per_iteration: 0.0021,
        visited: vec![visited(10.0, 1.52, 750), visited(30.0, 1.284, 412)].into(),
        background: None,
        notes: Vec::new().into(),
        positions,
    }
}

/// A comparison of three layers of one model and a weaker model.
pub(crate) fn comparison() -> Arc<Comparison> {
    static COMPARISON: OnceLock<Arc<Comparison>> = OnceLock::new();
    let compute = || {
        let classes: Vec<u16> = (0..150).map(|i| i % 3).collect();
        let labels = Labels::new(
            NAMES[..3].iter().map(ToString::to_string).collect(),
            classes,
        );
        let labels = labels.unwrap();
        let set = |gap: f32, seed: usize| {
            let features = Array2::from_shape_fn((150, 4), |(i, j)| {
                let apart = if j == i % 3 { gap } else { 0.0 };
                apart + noise(seed + 4 * i + j)
            });
            let data = Dataset::new(features).unwrap();
            data.with_labels(labels.clone()).unwrap()
        };
        let sets = [
            ("A", "conv1", 0.3, 0),
            ("A", "conv2", 0.8, 1000),
            ("A", "penultimate", 2.0, 2000),
            ("B", "", 0.7, 3000),
        ];
        let sets = sets.map(|(m, l, gap, seed)| (m.into(), l.into(), set(gap, seed)));
        let study = Study::new("retina5", sets.into()).unwrap();
        let options = ComparisonOptions::default();
        Arc::new(
            Comparison::of(&study, &options, &Execution::default())
                .unwrap()
                .unwrap(),
        )
    };
    Arc::clone(COMPARISON.get_or_init(compute))
}

fn names(count: usize) -> Vec<String> {
    if count == 5 {
        NAMES.map(str::to_owned).to_vec()
    } else {
        (0..count).map(|i| format!("class {i}")).collect()
    }
}

/// Five suspects, of all verdicts.
fn suspects(names: &[String]) -> Suspects {
    let expected = |value: f64| Estimate::within(value, (value - 0.2, value + 0.05));
    let verdicts = [
        Verdict::ProbablyMislabeled,
        Verdict::ProbablyMislabeled,
        Verdict::ClassOverlap,
        Verdict::Outlier,
        Verdict::HeadError,
    ];
    let entries = verdicts.iter().enumerate().map(|(i, &verdict)| {
        // Labels of classes 1, 2, 1, 0, 4; what is suggested for them.
        let (row, class, best) = [
            (720, 1, 0),
            (905, 2, 3),
            (801, 1, 2),
            (12, 0, 1),
            (1500, 4, 4),
        ][i];
        let probability = 0.95 - 0.22 * i as f64;
        Suspect {
            rank: [1, 2, 9, 23, 118][i],
            row,
            id: None,
            class,
            label: names[class].clone(),
            suggested: names[best].clone(),
            probability,
            support: 0.001 + 0.2 * i as f64,
            verdict,
            scores: DetectorScores {
                neighbors: 0.02 + 0.23 * i as f64,
                linear_probe: -0.7 + 0.35 * i as f64,
                kernel_probe: -0.9 + 0.4 * i as f64,
                logistic_probe: Some(0.02 + 0.1 * i as f64),
                models: vec![ModelEvidence {
                    model: "model".into(),
                    probability: Some(0.01 + 0.1 * i as f64),
                    margin: Some(-0.8),
                    predicted: Some(names[(best + i / 4) % 5].clone()),
                    probabilities: Vec::new(),
                }],
            },
            distance_ratio: 1.0 + i as f64 * 0.6,
            neighbors: (0..10)
                .map(|k| NeighborEvidence {
                    row: 30 + 7 * k,
                    id: None,
                    distance: 1.5 + 0.25 * k as f64,
                    class: best,
                    label: names[best].clone(),
                })
                .collect(),
            conflicting_duplicates: if i == 1 { vec![911] } else { Vec::new() },
        }
    });
    Suspects {
        options: SuspectOptions::default(),
        ranked: SAMPLES,
        too_small: Vec::new(),
        detectors: Vec::new(),
        recovery: 0.87,
        reliable: true,
        reliable_classes: names.len(),
        unreliable_classes: Vec::new(),
        error_rate: expected(0.21),
        expected_precision: Vec::new(),
        mislabeled_precision: Some(expected(0.9)),
        verdicts: VerdictCounts {
            probably_mislabeled: 2,
            ..VerdictCounts::default()
        },
        conflicting_duplicates: 1,
        entries: entries.collect(),
        probabilities: (0..SAMPLES).map(|i| noise(i).abs().powi(4)).collect(),
    }
}

pub(crate) fn diagnosis(names: &[String]) -> Diagnosis {
    let n = names.len();
    let share = |i: usize, j: usize, own: f64| {
        if i == j {
            own
        } else if i.abs_diff(j) == 1 {
            (1.0 - own) * 0.4
        } else {
            (1.0 - own) * 0.2 / (n as f64 - 1.0)
        }
    };
    let own = |i: usize| [0.91, 0.34, 0.72, 0.48, 0.65][i % 5];
    let table = |shift: f64| -> Vec<Vec<f64>> {
        (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| {
                        if i == 0 && j == 4 {
                            0.0
                        } else {
                            share(i, j, own(i) + shift)
                        }
                    })
                    .collect()
            })
            .collect()
    };
    let marks: Vec<Vec<bool>> = (0..n)
        .map(|i| (0..n).map(|j| i.abs_diff(j) < 2).collect())
        .collect();
    let figure = |features: f64, map: f64| Figure {
        features: Some(Estimate::exact(features)),
        map: Some(Estimate::exact(map)),
    };
    let classes = names
        .iter()
        .enumerate()
        .map(|(i, name)| ClassDiagnosis {
            label: name.clone(),
            count: COUNTS[i % 5],
            silhouette: if i == 3 {
                Figure::default()
            } else {
                figure(0.5 - 0.16 * (i % 5) as f64, 0.6 - 0.2 * (i % 5) as f64)
            },
            neighborhood_hit: figure(own(i), own(i) + 0.04),
            neighborhood_hit_chance: 0.2,
            neighborhood_hit_maximum: 1.0,
        })
        .collect();
    Diagnosis {
        distinct_samples: None,
        stability: None,
        suspects: (n == 5).then(|| Arc::new(suspects(names))),
        labeled: SAMPLES,
        unlabeled: 0,
        silhouette: figure(0.31, 0.42),
        neighborhood_hit: figure(0.62, 0.66),
        neighbor_recall: None,
        silhouette_references: None,
        map_silhouette_references: None,
        classes,
        confusion: Confusion {
            k: 10,
            labels: names.to_vec(),
            features: Some(table(0.0)),
            map: Some(table(0.04)),
            chance: vec![vec![1.0 / n as f64; n]; n],
            features_standard_error: None,
            map_standard_error: None,
            features_above_chance: Some(marks.clone()),
            map_above_chance: Some(marks),
        },
        fidelity: Some(fidelity(names)),
        reading: Some(reading(names)),
        separation: Some(planted::separation(names, &COUNTS)),
        pairs: Some(planted::pairs(names, &COUNTS)),
        sample_silhouettes: sample_silhouettes(),
        neighbor_labels: neighbor_labels(n),
        map_generation: Some(3),
        clusters: None,
        relabeled: 0,
        map_iteration: Some(400),
    }
}

/// Every tenth sample has more neighbors of the next class than of its own; in the map, every 20th.
fn neighbor_labels(count: usize) -> [Option<Arc<NeighborLabels>>; 2] {
    [10, 20].map(|every| {
        let given = NeighborLabels::given(classes(count), |sample, class| {
            let next = (class + 1) % count as u16;
            let (own, other) = if sample % every == 0 {
                (3.0, 7.0)
            } else {
                (9.0, 1.0)
            };
            if sample % 2 == 0 {
                vec![(class, own), (next, other)]
            } else {
                vec![(class, 10.0)]
            }
        });
        Some(Arc::new(given))
    })
}

/// Silhouettes from −1 to 1, those of the map a little higher.
fn sample_silhouettes() -> PerSample {
    let features: Vec<f32> = (0..SAMPLES).map(noise).collect();
    let map = features.iter().map(|s| (s + 0.1).min(1.0)).collect();
    PerSample {
        features: Some(features.into()),
        map: Some(map),
    }
}

/// A run in its midst, on data of five classes.
pub(crate) fn app() -> App {
    app_of(names(5))
}

/// The same with so many classes.
pub(crate) fn app_with_classes(count: usize) -> App {
    app_of(names(count))
}

/// The same with these names of classes.
pub(crate) fn app_of(names: Vec<String>) -> App {
    let classes = classes(names.len());
    let snapshot = snapshot(positions(&classes));
    let diagnosis = diagnosis(&names);
    let mut app = App::new(
        dataset(names, classes),
        Arc::new(snapshot),
        Palette::new(ColorDepth::True),
        &DEFAULT_LADDER,
        10,
        KeyBindings::default().keymap(),
    );
    app.run.diagnosis = Some(Arc::new(diagnosis));
    app.take_values();
    app
}

/// The same data without labels.
pub(crate) fn unlabeled() -> App {
    let known = app();
    let data = Dataset::new(Array2::zeros((SAMPLES, 64))).unwrap();
    App::new(
        Arc::new(data),
        known.run.snapshot,
        Palette::new(ColorDepth::True),
        &DEFAULT_LADDER,
        10,
        KeyBindings::default().keymap(),
    )
}

/// At the very start: the first two principal components while neighbors are computed.
pub(crate) fn preparing() -> App {
    let mut app = app();
    let snapshot = Arc::make_mut(&mut app.run.snapshot);
    snapshot.activity = Activity::Preparing {
        stage: crate::progress::Stage::Neighbors,
        share: 0.62,
    };
    snapshot.is_map = false;
    snapshot.iteration = 0;
    snapshot.kl_divergence = None;
    snapshot.kl_history = Vec::new().into();
    snapshot.seconds_per_iteration = 0.0;
    snapshot.visited = Vec::new().into();
    app.run.diagnosis = None;
    app
}

/// The run when its map has stopped.
pub(crate) fn finished() -> App {
    let mut app = app();
    Arc::make_mut(&mut app.run.snapshot).activity = Activity::Finished;
    app
}

/// The same with ids, predictions and probabilities, a current sample and some selected.
pub(crate) fn choosing() -> App {
    let mut app = app();
    let data = app.run.data.as_ref().clone();
    let labels = data.labels().unwrap().indices().to_vec();
    let predictions: Vec<u16> = labels
        .iter()
        .enumerate()
        .map(|(i, class)| if i % 7 == 0 { (class + 1) % 5 } else { *class })
        .collect();
    let probabilities = Array2::from_shape_fn((SAMPLES, 5), |(i, c)| {
        if usize::from(predictions[i]) == c {
            0.6
        } else {
            0.1
        }
    });
    let data = data
        .with_ids((0..SAMPLES).map(|i| format!("IMG_{i:04}.png")).collect())
        .unwrap()
        .with_predictions(predictions)
        .unwrap()
        .with_probabilities(probabilities)
        .unwrap();
    app.run.data = Arc::new(data);
    app.size = (80, 24);
    app.jump_to(1000);
    app.samples.evidence = SampleDiagnosis::of(&app.run.data, 1000, 10).map(|mut found| {
        // The fake features are all the same; neighbors as they would be.
        for (at, neighbor) in found.neighbors.iter_mut().enumerate() {
            neighbor.sample = [1003, 1107, 880, 912, 1310, 1023, 905, 1200, 740, 1399][at];
            neighbor.distance = 1.5 + 0.37 * at as f64;
        }
        found.silhouette = Some(-0.12);
        Arc::new(found)
    });
    let chosen: Vec<u32> = (0..40).chain(900..960).collect();
    app.select("some", &chosen, crate::tui::app::selection::Join::Toggle);
    app.messages.notice = None;
    app
}

/// A map that misleads about the second class.
fn fidelity(names: &[String]) -> Fidelity {
    let n = names.len();
    let exact = |value: f64| Some(Estimate::exact(value));
    let pair = |to: usize, kind: Misleading, features: f64, map: f64| MisleadingPair {
        from: 1,
        to,
        kind,
        features,
        map,
        difference: Estimate::normal(map - features, Some(0.015)),
        p_value: 1e-4,
    };
    let classes = names.iter().enumerate().map(|(i, name)| ClassFidelity {
        label: name.clone(),
        count: COUNTS[i % 5],
        anchors: COUNTS[i % 5],
        trustworthiness: exact(0.99 - 0.01 * (i % 5) as f64),
        continuity: exact(0.98 - 0.01 * (i % 5) as f64),
        knn_recall: exact(0.6 - 0.05 * (i % 5) as f64),
        rnx_area: exact(0.55 - 0.04 * (i % 5) as f64),
    });
    Fidelity {
        k: 10,
        samples: SAMPLES,
        anchors: None,
        trustworthiness: exact(0.981),
        continuity: exact(0.972),
        knn_recall: exact(0.512),
        rnx_area: exact(0.487),
        rnx_curve: Vec::new(),
        distance_correlation: Some(Estimate::normal(0.66, Some(0.011))),
        distance_pairs: 100_000,
        classes: classes.collect(),
        mixing: Some(MixingDifference {
            k: 10,
            difference: vec![vec![0.0; n]; n],
            standard_error: vec![vec![0.0; n]; n],
            misleading: vec![
                pair(0, Misleading::MixedInMap, 0.087, 0.161),
                pair(n - 1, Misleading::HiddenInMap, 0.12, 0.04),
            ],
            misleading_hits: vec![pair(1, Misleading::HiddenInMap, 0.34, 0.42)],
        }),
        points: None,
    }
}

/// Three sentences.
fn reading(names: &[String]) -> Reading {
    let name = |c: usize| crate::error::printable(&names[c].chars().take(24).collect::<String>());
    let sentence = |topic: Topic, text: String| Statement {
        topic,
        text,
        figures: Vec::new(),
    };
    Reading {
        statements: vec![
            sentence(
                Topic::Apart,
                format!("Class {} stands apart (recall 91% (88–93%)).", name(0)),
            ),
            sentence(
                Topic::Mixing,
                format!(
                    "Class {} mixes with {}: 41% (38–44%) of its neighbors are {}.",
                    name(1),
                    name(0),
                    name(0)
                ),
            ),
            sentence(
                Topic::Map,
                format!(
                    "The map exaggerates how much class {} mixes with {}.",
                    name(1),
                    name(0)
                ),
            ),
        ],
        ..Reading::default()
    }
}

/// A state with a journal of another session.
pub(crate) fn with_journal() -> App {
    let mut app = app();
    app.journal.file = Some("study.journal.jsonl".into());
    let lines = [
        r#""event":"note","text":"two parts of \u001b[31m<b>severe</b>\u202e","sample":7,"set":"retina5","perplexity":10.0,"seed":1,"iteration":750"#,
        r#""event":"selection","name":"odd \u0007ones","samples":[3,7]"#,
        r#""event":"decision","sample":720,"label":"mild","decision":"relabel","relabel":"none","note":"blurred""#,
        r#""event":"picture","set":"retina5","perplexity":5.0,"seed":1,"iteration":750,"view":{"window":null,"color":"class","value":"","glyphs":"braille","rarest":true,"hidden":["mild"],"hides_unlabeled":false},"selected":[1,2],"figures":{"kl_divergence":1.25,"silhouette_map":-0.5},"picture":["⠁","⠂"]"#,
    ];
    for (at, line) in lines.iter().enumerate() {
        let line = format!(r#"{{"journal":1,"time":"2026-01-31T12:0{at}:00Z",{line}}}"#);
        app.journal
            .entries
            .push(Arc::new(serde_json::from_str(&line).unwrap()));
    }
    app
}
