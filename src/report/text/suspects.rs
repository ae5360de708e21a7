//! The samples whose tag is probably wrong, in a few lines of the statistics.

use std::fmt::Write as _;

use super::line;
use crate::diagnosis::{Suspects, Verdict};
use crate::text::name;

/// Suspects named at most.
const NAMED: usize = 5;
/// Widest id and class name.
const NAME: usize = 20;

/// How far wrong tags can be found, the numbers by verdict, and the first of those called likely.
pub(super) fn suspects(out: &mut String, suspects: &Suspects) {
    line(out, "suspects:");
    line(out, &format!("  {}", suspects.reliability()));
    let counts = suspects.verdicts;
    line(
        out,
        &format!(
            "  {} ranked: tagging error likely {}, class overlap {}, head error {}, outlier {}",
            suspects.ranked,
            counts.tagging_error_likely,
            counts.class_overlap,
            counts.head_error,
            counts.outlier
        ),
    );
    if suspects.conflicting_duplicates > 0 {
        line(
            out,
            &format!(
                "  pairs of near-duplicates with different tags: {}",
                suspects.conflicting_duplicates
            ),
        );
    }
    let entries = suspects.entries.iter();
    let likely = entries.filter(|s| s.verdict == Verdict::TaggingErrorLikely);
    for s in likely.take(NAMED) {
        let id = s.id.as_ref().filter(|id| !id.is_empty());
        let called = id.map_or_else(|| format!("row {}", s.row), Clone::clone);
        let _ = writeln!(
            out,
            "  {}: tagged {}, probably {} ({:.0} % wrong)",
            name(&called, NAME).trim_end(),
            name(&s.label, NAME).trim_end(),
            name(&s.suggested, NAME).trim_end(),
            100.0 * s.probability
        );
    }
    if counts.tagging_error_likely > NAMED {
        line(
            out,
            "  … `disentangle suspects` lists them all, with the evidence",
        );
    }
    out.push('\n');
}
