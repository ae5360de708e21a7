//! Samples whose label is probably wrong, in a few lines of the text report.

use super::line;
use crate::diagnosis::{Suspects, Verdict};
use crate::text::name;
use crate::words::count;

/// Suspects named at most.
const NAMED: usize = 5;
/// Widest id and class name.
const NAME: usize = 20;

/// Writes how reliably wrong labels are found, the numbers by verdict, and the first probable errors.
pub(super) fn suspects(out: &mut String, suspects: &Suspects) {
    line(out, "suspects:");
    line(out, &format!("  {}", suspects.reliability()));
    line(out, &format!("  {}", suspects.verdict_counts()));
    let conflicting = suspects.conflicting_duplicates;
    if conflicting > 0 {
        let pairs = count(
            conflicting,
            "pair of near-duplicates has",
            "pairs of near-duplicates have",
        );
        line(out, &format!("  {pairs} different labels."));
    }
    let entries = suspects.entries.iter();
    let likely = entries.filter(|s| s.verdict == Verdict::LabelErrorLikely);
    for s in likely.take(NAMED) {
        let id = s.id.as_ref().filter(|id| !id.is_empty());
        let id = id.map_or_else(|| format!("row {}", s.row), Clone::clone);
        line(
            out,
            &format!(
                "  {}: labeled {}, probably {} ({:.0}% likely to be wrong)",
                name(&id, NAME).trim_end(),
                name(&s.label, NAME).trim_end(),
                name(&s.suggested, NAME).trim_end(),
                100.0 * s.probability
            ),
        );
    }
    if suspects.verdicts.label_error_likely > NAMED {
        line(
            out,
            "  … `disentangle suspects` lists all of them, with the evidence",
        );
    }
    out.push('\n');
}
