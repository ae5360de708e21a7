//! Sentences about samples whose tag is probably wrong, and about how well such tags are found.

use super::words::{count, percent};
use super::{Backing, Statement, Topic};
use crate::diagnosis::{Diagnosis, Expected};

/// Speaks of suspects, if they were ranked.
pub(super) fn suspects(diagnosis: &Diagnosis, out: &mut Vec<Statement>) {
    let Some(suspects) = &diagnosis.suspects else {
        return;
    };
    let recovery = Backing::new("suspects.recovery", suspects.recovery);
    if !suspects.reliable {
        let text = format!(
            "Wrong tags cannot be found reliably in these data: if {} were wrong, {} of as many first \
             suspects would be.",
            percent(suspects.options.assumed_error_rate),
            percent(suspects.recovery)
        );
        let assumed = suspects.options.assumed_error_rate;
        let assumed = Backing::new("suspects.options.assumed_error_rate", assumed);
        out.push(Statement::new(
            Topic::Suspects,
            text,
            vec![assumed, recovery],
        ));
    } else if let Some(precision) = &suspects.likely_precision {
        let likely = suspects.verdicts.tagging_error_likely;
        let verb = if likely == 1 { "is" } else { "are" };
        let text = format!(
            "{} {verb} probably mistagged (expected precision {}).",
            count(likely, "sample", "samples"),
            expected(precision)
        );
        let figures = vec![
            Backing::new("suspects.verdicts.tagging_error_likely", likely as f64),
            Backing::new("suspects.likely_precision.value", precision.value),
            Backing::new("suspects.likely_precision.low", precision.low),
            recovery,
        ];
        out.push(Statement::new(Topic::Suspects, text, figures));
    }
    let conflicting = suspects.conflicting_duplicates;
    if conflicting > 0 {
        let verb = if conflicting == 1 { "bears" } else { "bear" };
        let text = format!(
            "{} {verb} different tags.",
            count(
                conflicting,
                "pair of near-duplicates",
                "pairs of near-duplicates"
            )
        );
        let figures = vec![Backing::new(
            "suspects.conflicting_duplicates",
            conflicting as f64,
        )];
        out.push(Statement::new(Topic::Suspects, text, figures));
    }
}

/// "85 % (70–95)".
fn expected(share: &Expected) -> String {
    format!(
        "{} ({:.0}–{:.0})",
        percent(share.value),
        100.0 * share.low,
        100.0 * share.high
    )
}
