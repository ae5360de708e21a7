//! Suspects as text and as a table, with the user's decisions beside them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Source};
use crate::decisions::{Choice, Decisions};
use crate::diagnosis::{Suspect, Suspects};
use crate::error::{Error, Result};
use crate::text::name;

use super::SCHEMA;

/// Widest name in the table.
const NAME: usize = 14;
/// Neighbors named for each suspect.
const NEIGHBORS: usize = 5;

/// Suspects with the dataset's provenance and the user's decisions, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuspectsReport {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub crate_version: String,
    /// Name of the dataset.
    pub name: String,
    /// The files that were read.
    pub inputs: Vec<Source>,
    /// Remarks of reading.
    pub notes: Vec<String>,
    /// The list.
    pub suspects: Suspects,
    /// Decisions by row.
    pub decisions: Decisions,
}

impl SuspectsReport {
    /// Puts a report together.
    pub fn new(data: &Dataset, suspects: Suspects, decisions: &Decisions) -> Self {
        Self {
            schema: SCHEMA.into(),
            crate_version: env!("CARGO_PKG_VERSION").into(),
            name: data.name().into(),
            inputs: data.sources().to_vec(),
            notes: data.notes().to_vec(),
            suspects,
            decisions: decisions.clone(),
        }
    }

    /// The report as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Input`] if a figure cannot be written as JSON, which none is known to do.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|e| Error::input("suspects", e.to_string(), "please report this"))
    }
}

/// The list as text for people: how far it can be trusted, then one line a suspect.
pub fn suspects_to_text(suspects: &Suspects, decisions: &Decisions, top: usize) -> String {
    let mut out = String::new();
    let counts = suspects.verdicts;
    let _ = writeln!(out, "{}", suspects.reliability());
    let _ = writeln!(
        out,
        "{} ranked: tagging error likely {}, class overlap {}, head error {}, outlier {}",
        suspects.ranked,
        counts.tagging_error_likely,
        counts.class_overlap,
        counts.head_error,
        counts.outlier
    );
    for expected in &suspects.expected_precision {
        if expected.top <= top {
            let p = expected.precision;
            let _ = writeln!(
                out,
                "of the first {}: {:.0} % expected to be wrong ({:.0} to {:.0} %)",
                expected.top,
                100.0 * p.value,
                100.0 * p.low,
                100.0 * p.high
            );
        }
    }
    if suspects.conflicting_duplicates > 0 {
        let pairs = suspects.conflicting_duplicates;
        let _ = writeln!(out, "{pairs} pairs of near-duplicates bear different tags");
    }
    if !suspects.too_small.is_empty() {
        let names: Vec<String> = suspects.too_small.iter().map(|n| name(n, NAME)).collect();
        let _ = writeln!(
            out,
            "not ranked, because nothing vouches for their tags (fewer than {} samples): {}",
            suspects.options.fewest_samples,
            names.join(", ")
        );
    }
    out.push('\n');
    table(&mut out, suspects, decisions, top);
    out
}

fn table(out: &mut String, suspects: &Suspects, decisions: &Decisions, top: usize) {
    let has_models = suspects
        .entries
        .first()
        .is_some_and(|s| !s.witnesses.models.is_empty());
    let classifier = if has_models { "model" } else { "logist" };
    let _ = writeln!(
        out,
        "rank    row {:NAME$} {:NAME$} {:NAME$}  wrong  neigh  linear  kernel {classifier:>6}  verdict",
        "id", "tag", "suggested"
    );
    for s in suspects.entries.iter().filter(|s| s.rank <= top) {
        let model = s.witnesses.models.first();
        let own = model.map_or(s.witnesses.logistic_probe, |m| m.probability);
        let own = own.map_or_else(|| "–".into(), |p| format!("{:.0} %", 100.0 * p));
        // Where wrong tags are not found reliably, a probability would only seem to say something.
        let wrong = if suspects.reliable {
            format!("{:.0} %", 100.0 * s.probability)
        } else {
            "–".into()
        };
        let _ = write!(
            out,
            "{:4} {:6} {:NAME$} {:NAME$} {:NAME$} {wrong:>6} {:>4.0} %  {:+6.2}  {:+6.2} {own:>6}  {}",
            s.rank,
            s.row,
            name(s.id.as_deref().unwrap_or("–"), NAME),
            name(&s.label, NAME),
            name(&s.suggested, NAME),
            100.0 * s.witnesses.neighbors,
            s.witnesses.linear_probe,
            s.witnesses.kernel_probe,
            s.verdict.label()
        );
        if let Some(decision) = decisions.get(s.row) {
            let _ = write!(out, " · decided: {}", decision.choice.label());
        }
        out.push('\n');
    }
}

/// The list as a CSV table, one line a suspect.
///
/// # Errors
/// [`Error::Io`] if the table cannot be written to memory.
pub fn suspects_to_csv(
    suspects: &Suspects,
    decisions: &Decisions,
    data: &Dataset,
    top: usize,
) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Error::io("write", "suspects", std::io::Error::other(e));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<String> = [
        "rank",
        "row",
        "id",
        "tag",
        "suggested",
        "probability",
        "support",
        "verdict",
        "neighbors",
        "linear_probe",
        "kernel_probe",
        "logistic_probe",
        "distance_ratio",
    ]
    .map(String::from)
    .to_vec();
    let first = suspects.entries.first();
    for model in first.map_or(&[][..], |s| &s.witnesses.models) {
        head.extend([
            format!("{} probability", model.model),
            format!("{} predicted", model.model),
        ]);
    }
    let rest = [
        "nearest",
        "conflicting_duplicates",
        "decision",
        "relabel",
        "note",
    ];
    head.extend(rest.map(String::from));
    writer.write_record(&head).map_err(failed)?;
    for s in suspects.entries.iter().filter(|s| s.rank <= top) {
        writer
            .write_record(record(s, decisions, data))
            .map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|e| Error::io("write", "suspects", e.into_error()))
}

fn record(s: &Suspect, decisions: &Decisions, data: &Dataset) -> Vec<String> {
    let mut cells = vec![
        s.rank.to_string(),
        s.row.to_string(),
        s.id.clone().unwrap_or_default(),
        s.label.clone(),
        s.suggested.clone(),
        s.probability.to_string(),
        s.support.to_string(),
        s.verdict.label().to_owned(),
        s.witnesses.neighbors.to_string(),
        s.witnesses.linear_probe.to_string(),
        s.witnesses.kernel_probe.to_string(),
        s.witnesses
            .logistic_probe
            .map_or_else(String::new, |p| p.to_string()),
        s.distance_ratio.to_string(),
    ];
    for model in &s.witnesses.models {
        cells.push(
            model
                .probability
                .map_or_else(String::new, |p| p.to_string()),
        );
        cells.push(model.predicted.clone().unwrap_or_default());
    }
    let called = |row: usize, id: Option<&String>| id.cloned().unwrap_or_else(|| row.to_string());
    let near = s.neighbors.iter().take(NEIGHBORS);
    let near: Vec<String> = near
        .map(|n| format!("{}={}", called(n.row, n.id.as_ref()), n.label))
        .collect();
    cells.push(near.join(" "));
    let duplicates = s.conflicting_duplicates.iter();
    let duplicates: Vec<String> = duplicates
        .map(|&row| called(row, data.ids().map(|ids| &ids[row])))
        .collect();
    cells.push(duplicates.join(" "));
    let decision = decisions.get(s.row);
    cells.push(decision.map_or_else(String::new, |d| d.choice.label().into()));
    let relabel = decision.and_then(|d| match d.choice {
        Choice::Relabel(class) => data.labels()?.names().get(usize::from(class)).cloned(),
        _ => None,
    });
    cells.push(relabel.unwrap_or_default());
    cells.push(decision.map_or_else(String::new, |d| d.note.clone()));
    cells
}
