//! Samples that are probably mislabeled, in a few lines of the text report.

use super::{add_line, line};
use crate::diagnosis::{Suspects, Verdict};
use crate::text::name;
use crate::words::percent;

/// Suspects named at most.
const NAMED: usize = 5;
/// Widest id and class name.
const NAME: usize = 20;

/// Writes how reliably wrong labels are found, the numbers by verdict, and the first probable errors.
pub(super) fn suspects(out: &mut String, suspects: &Suspects) {
    line(out, "suspects:");
    add_line!(out, "  {}", suspects.reliability());
    add_line!(out, "  {}", suspects.verdict_counts());
    if let Some(duplicates) = suspects.duplicates() {
        add_line!(out, "  {duplicates}");
    }
    let entries = suspects.entries.iter();
    let likely = entries.filter(|s| s.verdict == Verdict::ProbablyMislabeled);
    for s in likely.take(NAMED) {
        let id = s.id.as_ref().filter(|id| !id.is_empty());
        let id = id.map_or_else(|| format!("row {}", s.row), Clone::clone);
        add_line!(
            out,
            "  {}: labeled {} (wrong with a probability of {}), suggested: {}",
            name(&id, NAME).trim_end(),
            name(&s.label, NAME).trim_end(),
            percent(s.probability),
            name(&s.suggested, NAME).trim_end()
        );
    }
    if suspects.verdicts.probably_mislabeled > NAMED {
        line(
            out,
            "  … `disentangle suspects` lists all of them, with the evidence",
        );
    }
    out.push('\n');
}
