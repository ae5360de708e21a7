//! Sentences about what could not be judged: missing labels, a single class, classes that are too small.

use super::names::Names;
use crate::diagnosis::{Backing, Diagnosis, ReadingThresholds, Statement, Topic};
use crate::words::{capitalized, count};

/// Adds a sentence if all samples are identical, of which nothing else can be said; returns whether they
/// are.
pub(super) fn identical(diagnosis: &Diagnosis, out: &mut Vec<Statement>) -> bool {
    if diagnosis.distinct_samples != Some(1) || diagnosis.labeled < 2 {
        return false;
    }
    let which = if diagnosis.unlabeled > 0 {
        "labeled samples"
    } else {
        "samples"
    };
    let text = format!("All {which} are identical.");
    let figures = vec![Backing::new("distinct_samples", 1.0)];
    out.push(Statement::new(Topic::Caution, text, figures));
    true
}

/// Adds the sentences about what was left out.
pub(super) fn cautions(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    if diagnosis.clusters.is_some() {
        return;
    }
    let occupied = |&c: &usize| diagnosis.classes[c].count > 0;
    let classes: Vec<usize> = (0..diagnosis.classes.len()).filter(occupied).collect();
    if diagnosis.labeled == 0 {
        let text = "No sample has a label, so nothing can be said about classes.";
        let figures = vec![Backing::new("labeled", 0.0)];
        out.push(Statement::new(Topic::Caution, text, figures));
        return;
    }
    if let [only] = classes[..] {
        let text = format!(
            "All labeled samples belong to {}; a single class has nothing to be separated from.",
            names.list(&[only])
        );
        let figures = vec![Backing::new("labeled", diagnosis.labeled as f64)];
        out.push(Statement::new(Topic::Caution, text, figures));
    }
    let small: Vec<usize> = (classes.iter().copied())
        .filter(|&c| diagnosis.classes[c].count < thresholds.fewest_samples)
        .collect();
    if !small.is_empty() {
        let verb = if small.len() == 1 { "has" } else { "have" };
        let text = format!(
            "{} {verb} fewer than {} samples, too few for any conclusion.",
            capitalized(&names.list(&small)),
            thresholds.fewest_samples
        );
        let count = |&c: &usize| {
            Backing::new(
                format!("classes[{c}].count"),
                diagnosis.classes[c].count as f64,
            )
        };
        let figures = small.iter().map(count).collect();
        out.push(Statement::new(Topic::Caution, text, figures));
    }
    if diagnosis.unlabeled > 0 {
        let verb = if diagnosis.unlabeled == 1 {
            "is"
        } else {
            "are"
        };
        let text = format!(
            "{} without a label {verb} left out of all results, except the fidelity of the map.",
            count(diagnosis.unlabeled, "sample", "samples")
        );
        let figures = vec![Backing::new("unlabeled", diagnosis.unlabeled as f64)];
        out.push(Statement::new(Topic::Caution, text, figures));
    }
}
