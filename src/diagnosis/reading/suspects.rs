//! Sentences about samples whose label is probably wrong, and about how reliably they are found.

use crate::diagnosis::{Backing, Diagnosis, Statement, Suspects, Topic};
use crate::statistics::Estimate;
use crate::words::{percent, percent_setting, percent_with_interval};

/// Adds the sentences about suspects, if samples were ranked.
pub(super) fn suspects(diagnosis: &Diagnosis, out: &mut Vec<Statement>) {
    let Some(suspects) = &diagnosis.suspects else {
        return;
    };
    if !suspects.reliable {
        out.push(not_reliable(suspects));
    } else if let Some(precision) = &suspects.likely_precision {
        out.push(likely(suspects, precision));
    }
    if let Some(text) = suspects.duplicates() {
        let figures = vec![Backing::new(
            "suspects.conflicting_duplicates",
            suspects.conflicting_duplicates as f64,
        )];
        out.push(Statement::new(Topic::Suspects, text, figures));
    }
}

fn not_reliable(suspects: &Suspects) -> Statement {
    let assumed = suspects.options.assumed_error_rate;
    let text = format!(
        "Wrong labels cannot be found reliably in these data: only {} of the wrong labels planted as a \
         test rank among the {} most suspicious samples.",
        percent(suspects.recovery),
        percent_setting(assumed)
    );
    let figures = vec![
        Backing::new("suspects.options.assumed_error_rate", assumed),
        recovery(suspects),
    ];
    Statement::new(Topic::Suspects, text, figures)
}

fn likely(suspects: &Suspects, precision: &Estimate) -> Statement {
    let likely = suspects.verdicts.label_error_likely;
    let share = percent_with_interval(precision);
    let text = if likely == 1 {
        format!(
            "1 sample is probably mislabeled; its label is wrong with an estimated probability of {share}."
        )
    } else {
        format!(
            "{likely} samples are probably mislabeled; an estimated {share} of their labels are wrong."
        )
    };
    let mut figures = vec![
        Backing::new("suspects.verdicts.tagging_error_likely", likely as f64),
        Backing::new("suspects.likely_precision.value", precision.value),
    ];
    let low = precision.low;
    figures.extend(low.map(|low| Backing::new("suspects.likely_precision.low", low)));
    figures.push(recovery(suspects));
    Statement::new(Topic::Suspects, text, figures)
}

fn recovery(suspects: &Suspects) -> Backing {
    Backing::new("suspects.recovery", suspects.recovery)
}
