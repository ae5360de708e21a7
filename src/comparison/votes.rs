//! Each model's answers for each sample: its own predictions, or the votes of a probe.
//!
//! In: predictions and probabilities of the models, or the scores of the leave-one-out probe of
//! their features. Out: which samples are right, and probabilities to average. If one model has no
//! probabilities, votes of probes replace those of all models, so that only like is averaged with
//! like; a note says so. Scores become probabilities by a softmax whose temperature makes the true
//! classes most likely, which is one number fitted to n samples.

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::bits::Bits;
use super::evidence::Evidence;
use crate::statistics::{Labeled, argmax};
use crate::study::{Model, Study};

/// Temperatures to try: 2^(−10 … 4), in half steps.
const TEMPERATURES: std::ops::RangeInclusive<i32> = -20..=8;
/// Smallest probability before a logarithm.
const LEAST: f64 = 1e-12;

/// Each model's answers for the labeled samples; `None` if a model has neither predictions nor
/// probabilities.
pub(super) fn answers(study: &Study, labeled: &Labeled) -> Option<Vec<Answers>> {
    study.models().iter().map(|m| own(m, labeled)).collect()
}

/// One model's answers.
pub(super) struct Answers {
    pub(super) right: Bits,
    /// 1 for samples that it gets right, else 0.
    pub(super) numbers: Vec<f32>,
    /// What it answers.
    pub(super) classes: Vec<u16>,
}

fn own(model: &Model, labeled: &Labeled) -> Option<Answers> {
    let truth = labeled.indices();
    let n = labeled.samples();
    let answer: Vec<u16> = if let Some(predictions) = model.predictions() {
        (0..n).map(|i| predictions[labeled.row(i)]).collect()
    } else {
        let probabilities = model.probabilities()?;
        let predicted = |i: usize| argmax(probabilities.row(labeled.row(i))) as u16;
        (0..n).map(predicted).collect()
    };
    let right = Bits::new(n, |i| answer[i] == truth[i]);
    Some(Answers {
        numbers: (0..n).map(|i| f32::from(u8::from(right.has(i)))).collect(),
        right,
        classes: answer,
    })
}

/// Probabilities of each model for the labeled samples, its own or votes of probes, and notes.
pub(super) fn probabilities(
    study: &Study,
    labeled: &Labeled,
    stand_for: &[usize],
    evidence: &[Evidence],
    notes: &mut Vec<String>,
) -> Vec<Array2<f32>> {
    let own: Option<Vec<ArrayView2<'_, f32>>> =
        study.models().iter().map(Model::probabilities).collect();
    let Some(own) = own else {
        if study.models().len() > 1 {
            notes.push(
                "not all models have probabilities: ensembles average the votes of leave-one-out \
                 probes of their features"
                    .into(),
            );
        }
        let votes = |&s: &usize| match &evidence[s].scores {
            Some(scores) => softened(scores.view(), labeled.indices()),
            None => Array2::zeros((labeled.samples(), labeled.names().len())),
        };
        return stand_for.iter().map(votes).collect();
    };
    own.iter()
        .zip(study.models())
        .map(|(all, model)| {
            let rows: Vec<usize> = (0..labeled.samples()).map(|i| labeled.row(i)).collect();
            let chosen = all.select(ndarray::Axis(0), &rows);
            if chosen.iter().all(|&v| v >= 0.0) {
                return chosen;
            }
            notes.push(format!(
                "some probabilities of {} are negative: they were read as logits (softmax was applied)",
                crate::error::printable(model.name())
            ));
            softmax_rows(chosen.view(), 1.0)
        })
        .collect()
}

fn softmax(row: ArrayView1<'_, f32>, temperature: f64) -> ndarray::Array1<f64> {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values = row.mapv(|v| (f64::from(v - most) / temperature).exp());
    let sum = values.sum();
    values /= sum;
    values
}

fn softmax_rows(scores: ArrayView2<'_, f32>, temperature: f64) -> Array2<f32> {
    let mut soft = Array2::zeros(scores.dim());
    for (mut out, row) in soft.outer_iter_mut().zip(scores.outer_iter()) {
        out.assign(&softmax(row, temperature).mapv(|v| v as f32));
    }
    soft
}

/// Scores as probabilities.
fn softened(scores: ArrayView2<'_, f32>, classes: &[u16]) -> Array2<f32> {
    let loss = |temperature: f64| -> f64 {
        let rows = scores.outer_iter().zip(classes);
        rows.map(|(row, &class)| {
            -softmax(row, temperature)[usize::from(class)]
                .max(LEAST)
                .ln()
        })
        .sum()
    };
    let best = TEMPERATURES
        .map(|e| 2_f64.powf(f64::from(e) / 2.0))
        .map(|t| (t, loss(t)))
        .reduce(|a, b| if b.1 < a.1 { b } else { a })
        .map_or(1.0, |best| best.0);
    softmax_rows(scores, best)
}
