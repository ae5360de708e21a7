//! Data without any structure, of kinds in which assumptions fail: identical rows, features with few values,
//! classes of very different sizes. Nothing may be said of classes there. The example `assumptions` and the
//! test `assumptions` use it.

use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::{Diagnosis, Standing};
use disentangle::ndarray::{Array2, Axis};
use disentangle::{Execution, Result};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;

/// A kind of noise.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Sizes of the classes, whose samples lie one class after the other.
    pub(crate) sizes: &'static [usize],
    pub(crate) features: usize,
    /// Changes a value of a row; both numbers are from 0 to 1, the second one is that of the row.
    change: fn(f32, usize, f64) -> f32,
}

fn zero_below(share: f64, value: f32, row: f64) -> f32 {
    if row < share { 0.0 } else { value }
}

/// Kinds with samples at equal distance.
pub(crate) const TIES: [Kind; 11] = [
    Kind {
        name: "2% identical rows",
        sizes: &[100; 5],
        features: 16,
        change: |value, _, row| zero_below(0.02, value, row),
    },
    Kind {
        name: "8% identical rows",
        sizes: &[100; 5],
        features: 16,
        change: |value, _, row| zero_below(0.08, value, row),
    },
    Kind {
        name: "20% identical rows",
        sizes: &[100; 5],
        features: 16,
        change: |value, _, row| zero_below(0.2, value, row),
    },
    Kind {
        name: "half the rows all 0, constant features",
        sizes: &[80; 3],
        features: 8,
        change: |value, feature, row| {
            if feature < 3 {
                1.5
            } else {
                zero_below(0.5, value.max(0.0), row)
            }
        },
    },
    Kind {
        name: "binary features",
        sizes: &[100; 3],
        features: 12,
        change: |value, _, _| f32::from(u8::from(value > 0.0)),
    },
    Kind {
        name: "two binary features",
        sizes: &[60; 3],
        features: 2,
        change: |value, _, _| f32::from(u8::from(value > 0.0)),
    },
    Kind {
        name: "one binary feature",
        sizes: &[30; 2],
        features: 1,
        change: |value, _, _| f32::from(u8::from(value > 0.0)),
    },
    Kind {
        name: "three features of three values",
        sizes: &[40; 3],
        features: 3,
        change: |value, _, _| value.round().clamp(-1.0, 1.0),
    },
    Kind {
        name: "counts, most of them 0",
        sizes: &[50; 10],
        features: 6,
        change: |value, _, _| (2.0 * value - 1.0).max(0.0).ceil(),
    },
    Kind {
        name: "five categories, one-hot",
        sizes: &[100, 60, 40, 30],
        features: 5,
        change: |_, feature, row| f32::from(u8::from((5.0 * row) as usize == feature)),
    },
    Kind {
        name: "two features, rounded to 0.1",
        sizes: &[60; 3],
        features: 2,
        change: |value, _, _| (10.0 * value).round() / 10.0,
    },
];

fn unchanged(value: f32, _: usize, _: f64) -> f32 {
    value
}

/// Kinds whose classes differ in size.
pub(crate) const IMBALANCE: [Kind; 4] = [
    Kind {
        name: "3,000 and 12 samples",
        sizes: &[3_000, 12],
        features: 8,
        change: unchanged,
    },
    Kind {
        name: "1,000 and 25 samples",
        sizes: &[1_000, 25],
        features: 8,
        change: unchanged,
    },
    Kind {
        name: "300 and 15 samples",
        sizes: &[300, 15],
        features: 8,
        change: unchanged,
    },
    Kind {
        name: "900, 90 and 10 samples",
        sizes: &[900, 90, 10],
        features: 8,
        change: unchanged,
    },
];

impl Kind {
    /// Rows and labels of one data set.
    pub(crate) fn draw(&self, seed: u64) -> (Array2<f32>, Vec<i64>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut labels = Vec::new();
        for (class, &size) in self.sizes.iter().enumerate() {
            labels.extend(std::iter::repeat_n(class as i64, size));
        }
        let mut features = Array2::zeros((labels.len(), self.features));
        for mut row in features.outer_iter_mut() {
            let of_row = random.next_u64() as f64 / 2.0_f64.powi(64);
            for (feature, value) in row.iter_mut().enumerate() {
                let noise: f64 = StandardNormal.sample(&mut random);
                *value = (self.change)(noise as f32, feature, of_row);
            }
        }
        (features, labels)
    }
}

/// The same samples in another order.
pub(crate) fn shuffled(
    features: &Array2<f32>,
    labels: &[i64],
    seed: u64,
) -> (Array2<f32>, Vec<i64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..labels.len()).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
    }
    let labels = order.iter().map(|&i| labels[i]).collect();
    (features.select(Axis(0), &order), labels)
}

/// The diagnosis of some rows; there are labels.
pub(crate) fn diagnose(features: Array2<f32>, labels: &[i64]) -> Result<Option<Diagnosis>> {
    let data = Dataset::new(features)?.with_labels(Labels::from_integers(labels)?)?;
    Diagnosis::of(&data, None, 10, &Execution::default().threads(1))
}

/// Whether any separation is stated: overall, of a class, or in a sentence.
pub(crate) fn states_separation(diagnosis: &Diagnosis) -> bool {
    let mut sentences = diagnosis.reading.iter().flat_map(|r| &r.statements);
    let separation = diagnosis.separation.as_ref();
    let mut classes = separation.iter().flat_map(|s| &s.classes);
    sentences.any(|s| s.topic.states_separation())
        || separation.is_some_and(|s| s.evidence == Some(true))
        || classes.any(|c| {
            matches!(
                c.standing,
                Some(Standing::BeyondChance | Standing::StandsApart)
            )
        })
}

/// Labels that are called probably wrong.
pub(crate) fn called_wrong(diagnosis: &Diagnosis) -> usize {
    let suspects = diagnosis.suspects.as_ref();
    suspects.map_or(0, |s| s.verdicts.probably_mislabeled)
}

/// Sentences of both that are not in the other.
pub(crate) fn other_sentences(a: &Diagnosis, b: &Diagnosis) -> Vec<String> {
    let texts = |d: &Diagnosis| -> Vec<String> {
        let statements = d.reading.iter().flat_map(|r| &r.statements);
        statements.map(|s| s.text.clone()).collect()
    };
    let (a, b) = (texts(a), texts(b));
    let only = |x: &[String], y: &[String]| -> Vec<String> {
        x.iter().filter(|text| !y.contains(text)).cloned().collect()
    };
    [only(&a, &b), only(&b, &a)].concat()
}

/// The largest difference of any figure; infinite where one has figures or words that the other lacks.
pub(crate) fn largest_difference(a: &Diagnosis, b: &Diagnosis) -> f64 {
    let figures = |d: &Diagnosis| {
        let mut all = serde_json::json!(d);
        if let Some(entries) = all.pointer_mut("/suspects/entries") {
            forget_rows(entries);
        }
        all
    };
    difference(&figures(a), &figures(b))
}

/// Drops the numbers of the rows, which differ; how many duplicates are listed stays.
fn forget_rows(value: &mut Value) {
    match value {
        Value::Array(parts) => {
            for part in parts {
                forget_rows(part);
            }
        }
        Value::Object(fields) => {
            fields.remove("row");
            if let Some(duplicates) = fields.get_mut("conflicting_duplicates") {
                *duplicates = Value::from(duplicates.as_array().map_or(0, Vec::len));
            }
            for field in fields.values_mut() {
                forget_rows(field);
            }
        }
        _ => (),
    }
}

fn difference(a: &Value, b: &Value) -> f64 {
    let largest = |parts: Vec<f64>| parts.into_iter().fold(0.0, f64::max);
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let number = |n: &serde_json::Number| n.as_f64().unwrap_or(f64::NAN);
            (number(x) - number(y)).abs()
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            largest(x.iter().zip(y).map(|(x, y)| difference(x, y)).collect())
        }
        (Value::Object(x), Value::Object(y)) if x.keys().eq(y.keys()) => {
            let pairs = x.values().zip(y.values());
            largest(pairs.map(|(x, y)| difference(x, y)).collect())
        }
        _ if a == b => 0.0,
        _ => f64::INFINITY,
    }
}
