//! The list of suspects as text, CSV and JSON, with the user's decisions.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, InputFile};
use crate::decisions::{Choice, Decision, Decisions};
use crate::diagnosis::{Suspect, Suspects};
use crate::encode::{Cells, Table, json};
use crate::error::Result;
use crate::export::add_metadata;
use crate::words::{percent, percent_with_interval, short, signed};

use super::SCHEMA;

/// Widest name in the table.
const NAME: usize = 14;
/// Neighbors named for each suspect.
const NEIGHBORS: usize = 5;

/// Suspects with the dataset's provenance and the user's decisions, as JSON.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
                "Of the {} most suspicious labels, {} are expected to be wrong.",
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
    let classifier = if has_models { "classifier" } else { "logistic" };
    let _ = writeln!(
        out,
        "rank    row {:NAME$} {:NAME$} {:NAME$} P(wrong) neighbors  linear  kernel {classifier:>10}  verdict",
        "id", "label", "suggested"
    );
    for s in suspects.entries.iter().filter(|s| s.rank <= top) {
        let model = s.scores.models.first();
        let own = model.map_or(s.scores.logistic_probe, |m| m.probability);
        let own = own.map_or_else(|| "–".into(), percent);
        // Where wrong labels cannot be found reliably, a probability would mislead.
        let wrong = if suspects.is_reliable(&s.label) {
            percent(s.probability)
        } else {
            "–".into()
        };
        let _ = write!(
            out,
            "{:4} {:6} {:NAME$} {:NAME$} {:NAME$} {wrong:>8} {:>9} {:>7} {:>7} {own:>10}  {}",
            s.rank,
            s.row,
            short(s.id.as_deref().unwrap_or("–"), NAME),
            short(&s.label, NAME),
            if s.suggested == s.label {
                "–".into()
            } else {
                short(&s.suggested, NAME)
            },
            percent(s.scores.neighbors),
            signed(s.scores.linear_probe, 2),
            signed(s.scores.kernel_probe, 2),
            s.verdict.label()
        );
        if let Some(decision) = decisions.get(s.row) {
            let _ = write!(out, " · decided: {}", decision.choice.label());
        }
        out.push('\n');
    }
}

/// The list as a CSV table, one line per suspect, with all other columns of the samples.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the table cannot be written to memory.
pub fn suspects_to_csv(
    suspects: &Suspects,
    decisions: &Decisions,
    data: &Dataset,
    top: usize,
) -> Result<Vec<u8>> {
    suspects_table(suspects, decisions, data, top).to_csv()
}

/// The list as Parquet, with the columns of [`suspects_to_csv`].
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the table cannot be written to memory.
#[cfg(feature = "parquet")]
pub fn suspects_to_parquet(
    suspects: &Suspects,
    decisions: &Decisions,
    data: &Dataset,
    top: usize,
) -> Result<Vec<u8>> {
    crate::encode::parquet(&suspects_table(suspects, decisions, data, top))
}

fn suspects_table(suspects: &Suspects, decisions: &Decisions, data: &Dataset, top: usize) -> Table {
    let listed = suspects.entries.iter().filter(|s| s.rank <= top);
    let listed: Vec<&Suspect> = listed.collect();
    let whole =
        |of: &dyn Fn(&Suspect) -> usize| Cells::Whole(listed.iter().map(|s| of(s)).collect());
    let text =
        |of: &dyn Fn(&Suspect) -> String| Cells::Text(listed.iter().map(|s| of(s)).collect());
    let number = |of: &dyn Fn(&Suspect) -> Option<f64>| {
        Cells::Double(listed.iter().map(|s| of(s)).collect())
    };
    let mut table = Table::new("suspects", listed.len());
    table.add("rank", whole(&|s| s.rank));
    table.add("row", whole(&|s| s.row));
    table.add("id", text(&|s| s.id.clone().unwrap_or_default()));
    table.add("label", text(&|s| s.label.clone()));
    table.add("suggested", text(&|s| s.suggested.clone()));
    table.add("probability", number(&|s| Some(s.probability)));
    table.add("support", number(&|s| Some(s.support)));
    table.add("verdict", text(&|s| s.verdict.label().to_owned()));
    table.add("neighbors", number(&|s| Some(s.scores.neighbors)));
    table.add("linear_probe", number(&|s| Some(s.scores.linear_probe)));
    table.add("kernel_probe", number(&|s| Some(s.scores.kernel_probe)));
    table.add("logistic_probe", number(&|s| s.scores.logistic_probe));
    table.add("distance_ratio", number(&|s| Some(s.distance_ratio)));
    let models = suspects
        .entries
        .first()
        .map_or(&[][..], |s| &s.scores.models);
    for (m, model) in models.iter().enumerate() {
        let of = |s: &Suspect| s.scores.models.get(m).cloned();
        let name = |what| format!("{} {what}", model.model);
        table.add(&name("probability"), number(&|s| of(s)?.probability));
        let predicted = |s: &Suspect| of(s).and_then(|m| m.predicted).unwrap_or_default();
        table.add(&name("predicted"), text(&predicted));
    }
    table.add("nearest", text(&nearest));
    let duplicates = |s: &Suspect| duplicates(s, data);
    table.add("conflicting_duplicates", text(&duplicates));
    let decided = |of: &dyn Fn(&Decision) -> String| {
        text(&|s| decisions.get(s.row).map_or_else(String::new, of))
    };
    table.add("decision", decided(&|d| d.choice.label().into()));
    table.add(
        "relabel",
        decided(&|d| relabel(d, data).unwrap_or_default()),
    );
    table.add("note", decided(&|d| d.note.clone()));
    add_metadata(&mut table, data, listed.iter().map(|s| s.row));
    table
}

fn name_of(row: usize, id: Option<&String>) -> String {
    id.cloned().unwrap_or_else(|| row.to_string())
}

fn nearest(s: &Suspect) -> String {
    let near = s.neighbors.iter().take(NEIGHBORS);
    let near = near.map(|n| format!("{}={}", name_of(n.row, n.id.as_ref()), n.label));
    near.collect::<Vec<_>>().join(" ")
}

fn duplicates(s: &Suspect, data: &Dataset) -> String {
    let rows = s.conflicting_duplicates.iter();
    let names = rows.map(|&row| name_of(row, data.ids().map(|ids| &ids[row])));
    names.collect::<Vec<_>>().join(" ")
}

/// The label that a decision gives.
fn relabel(decision: &Decision, data: &Dataset) -> Option<String> {
    match decision.choice {
        Choice::Relabel(class) => data.labels()?.names().get(usize::from(class)).cloned(),
        _ => None,
    }
}
