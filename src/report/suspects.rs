//! The list of suspects as text, CSV and JSON, with the user's decisions.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, InputFile};
use crate::decisions::{Choice, Decisions};
use crate::diagnosis::{Suspect, Suspects};
use crate::encode::{csv, json};
use crate::error::Result;
use crate::words::{percent_with_interval, short};

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
    /// The input files.
    pub inputs: Vec<InputFile>,
    /// Notes from reading them.
    pub notes: Vec<String>,
    /// The list of suspects.
    pub suspects: Suspects,
    /// Decisions by row.
    pub decisions: Decisions,
}

impl SuspectsReport {
    /// Assembles a report.
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
    /// [`Error::Input`](crate::Error::Input) if a value cannot be written as JSON, which is not known to happen.
    pub fn to_json(&self) -> Result<String> {
        json("suspects", self)
    }
}

/// The list as text: how far it can be trusted, then one line per suspect.
pub fn suspects_to_text(suspects: &Suspects, decisions: &Decisions, top: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", suspects.reliability());
    let _ = writeln!(out, "{}", suspects.verdict_counts());
    for expected in &suspects.expected_precision {
        if expected.top <= top {
            let p = expected.precision;
            let _ = writeln!(
                out,
                "Of the first {} labels, {} are expected to be wrong.",
                expected.top,
                percent_with_interval(&p)
            );
        }
    }
    if let Some(duplicates) = suspects.duplicates() {
        let _ = writeln!(out, "{duplicates}");
    }
    if !suspects.too_small.is_empty() {
        let names: Vec<String> = suspects.too_small.iter().map(|n| short(n, NAME)).collect();
        let _ = writeln!(
            out,
            "Not ranked (classes with fewer than {} samples): {}",
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
        .is_some_and(|s| !s.scores.models.is_empty());
    let classifier = if has_models { "model" } else { "logist" };
    let _ = writeln!(
        out,
        "rank    row {:NAME$} {:NAME$} {:NAME$}  wrong  neigh  linear  kernel {classifier:>6}  verdict",
        "id", "label", "suggested"
    );
    for s in suspects.entries.iter().filter(|s| s.rank <= top) {
        let model = s.scores.models.first();
        let own = model.map_or(s.scores.logistic_probe, |m| m.probability);
        let own = own.map_or_else(|| "–".into(), |p| format!("{:.0}%", 100.0 * p));
        // Where wrong labels cannot be found reliably, a probability would mislead.
        let wrong = if suspects.reliable {
            format!("{:.0}%", 100.0 * s.probability)
        } else {
            "–".into()
        };
        let _ = write!(
            out,
            "{:4} {:6} {:NAME$} {:NAME$} {:NAME$} {wrong:>6} {:>5.0}%  {:+6.2}  {:+6.2} {own:>6}  {}",
            s.rank,
            s.row,
            short(s.id.as_deref().unwrap_or("–"), NAME),
            short(&s.label, NAME),
            short(&s.suggested, NAME),
            100.0 * s.scores.neighbors,
            s.scores.linear_probe,
            s.scores.kernel_probe,
            s.verdict.label()
        );
        if let Some(decision) = decisions.get(s.row) {
            let _ = write!(out, " · decided: {}", decision.choice.label());
        }
        out.push('\n');
    }
}

/// The list as a CSV table, one line per suspect.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the table cannot be written to memory.
pub fn suspects_to_csv(
    suspects: &Suspects,
    decisions: &Decisions,
    data: &Dataset,
    top: usize,
) -> Result<Vec<u8>> {
    let mut head: Vec<String> =
        "rank,row,id,label,suggested,probability,support,verdict,neighbors,\
         linear_probe,kernel_probe,logistic_probe,distance_ratio"
            .split(',')
            .map(String::from)
            .collect();
    let first = suspects.entries.first();
    for model in first.map_or(&[][..], |s| &s.scores.models) {
        head.extend([
            format!("{} probability", model.model),
            format!("{} predicted", model.model),
        ]);
    }
    let rest = "nearest,conflicting_duplicates,decision,relabel,note";
    head.extend(rest.split(',').map(String::from));
    head.extend(data.metadata().iter().map(|column| column.name.clone()));
    let listed = suspects.entries.iter().filter(|s| s.rank <= top);
    csv("suspects", head, listed.map(|s| record(s, decisions, data)))
}

fn record(s: &Suspect, decisions: &Decisions, data: &Dataset) -> Vec<String> {
    let optional = |p: Option<f64>| p.map_or_else(String::new, |p| p.to_string());
    let mut cells = vec![
        s.rank.to_string(),
        s.row.to_string(),
        s.id.clone().unwrap_or_default(),
        s.label.clone(),
        s.suggested.clone(),
        s.probability.to_string(),
        s.support.to_string(),
        s.verdict.label().to_owned(),
        s.scores.neighbors.to_string(),
        s.scores.linear_probe.to_string(),
        s.scores.kernel_probe.to_string(),
        optional(s.scores.logistic_probe),
        s.distance_ratio.to_string(),
    ];
    for model in &s.scores.models {
        cells.push(optional(model.probability));
        cells.push(model.predicted.clone().unwrap_or_default());
    }
    let name = |row: usize, id: Option<&String>| id.cloned().unwrap_or_else(|| row.to_string());
    let near = s.neighbors.iter().take(NEIGHBORS);
    let near: Vec<String> = near
        .map(|n| format!("{}={}", name(n.row, n.id.as_ref()), n.label))
        .collect();
    cells.push(near.join(" "));
    let duplicates = s.conflicting_duplicates.iter();
    let duplicates: Vec<String> = duplicates
        .map(|&row| name(row, data.ids().map(|ids| &ids[row])))
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
    let metadata = data.metadata().iter();
    cells.extend(metadata.map(|column| column.values[s.row].clone()));
    cells
}
