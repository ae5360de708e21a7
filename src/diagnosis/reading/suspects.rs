//! Sentences about samples that are probably mislabeled, and about how reliably they are found.

use crate::diagnosis::{Backing, Diagnosis, Statement, Suspects, Topic};

/// Adds the sentences about suspects, if samples were ranked.
pub(super) fn suspects(diagnosis: &Diagnosis, out: &mut Vec<Statement>) {
    let Some(suspects) = &diagnosis.suspects else {
        return;
    };
    if let Some(text) = suspects.finding() {
        out.push(Statement::new(Topic::Suspects, text, backing(suspects)));
    }
    if let Some(text) = suspects.duplicates() {
        let figures = vec![Backing::new(
            "suspects.conflicting_duplicates",
            suspects.conflicting_duplicates as f64,
        )];
        out.push(Statement::new(Topic::Suspects, text, figures));
    }
}

/// The numbers that the finding is based on.
fn backing(suspects: &Suspects) -> Vec<Backing> {
    let number = |name: &str, value: f64| Backing::new(format!("suspects.{name}"), value);
    let recovery = number("recovery", suspects.recovery);
    let Some(precision) = suspects.mislabeled_precision else {
        let assumed = suspects.options.assumed_error_rate;
        return vec![number("options.assumed_error_rate", assumed), recovery];
    };
    let mislabeled = suspects.verdicts.probably_mislabeled as f64;
    let mut figures = vec![
        number("verdicts.probably_mislabeled", mislabeled),
        number("mislabeled_precision.value", precision.value),
    ];
    let low = precision.low;
    figures.extend(low.map(|low| number("mislabeled_precision.low", low)));
    figures.push(recovery);
    figures
}
