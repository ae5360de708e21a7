//! Samples that are probably mislabeled, with the evidence, and what was decided about labels.

use std::fmt::Write as _;

use super::super::block::{Block, Cell, Column, Row, Table};
use super::super::{DecidedLabel, Document};
use super::{NAME, heading};
use crate::diagnosis::{Suspect, Suspects};
use crate::text::name;
use crate::words::percent;

/// Neighbors named for each suspect.
const NEIGHBORS: usize = 5;
/// Columns of an id.
const ID: usize = 28;

/// The chapter.
pub(super) fn suspects(document: &Document) -> Vec<Block> {
    let first = document.sets.get(document.first);
    let found = first.and_then(|set| set.report.suspects.as_ref());
    if found.is_none() && document.decisions.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![heading(2, "Labels to check")];
    if let Some(found) = found {
        if document.sets.len() > 1
            && let Some(set) = first
        {
            let set = name(&set.set, NAME);
            blocks.push(Block::Text(format!(
                "Ranked by the features of {set} and the probabilities of all models."
            )));
        }
        blocks.push(Block::Text(found.reliability()));
        blocks.push(Block::Text(found.verdict_counts()));
        blocks.extend(found.duplicates().map(Block::Text));
        blocks.push(Block::Table(table(found, &document.decisions)));
        blocks.push(Block::Note(
            "Wrong: the probability that the label is wrong; – where wrong labels cannot be found reliably. \
             Neighbors: the share of the neighbors that have the label. Probes: positive where a probe that was \
             fitted without the sample finds its label the most likely class, negative where it finds another class \
             more likely. Models: the probability that a model gives to the label."
                .into(),
        ));
    }
    if !document.decisions.is_empty() {
        blocks.push(heading(3, "Decisions"));
        blocks.push(Block::Text(
            "The statistics of this report use the labels of the files, without these decisions."
                .into(),
        ));
        blocks.push(Block::Table(decisions(&document.decisions)));
    }
    blocks
}

fn id_of(row: usize, id: Option<&String>) -> String {
    let id = id.filter(|id| !id.is_empty());
    id.map_or_else(|| format!("row {row}"), |id| name(id, ID))
}

fn table(found: &Suspects, decisions: &[DecidedLabel]) -> Table {
    let models = found.entries.first().map_or(&[][..], |s| &s.scores.models);
    let has_logistic = found
        .entries
        .iter()
        .any(|s| s.scores.logistic_probe.is_some());
    let mut columns = vec![
        Column::number("rank"),
        Column::text("sample"),
        Column::text("label"),
        Column::text("suggested"),
        Column::number("wrong"),
        Column::text("verdict"),
        Column::number("neighbors"),
        Column::number("linear probe"),
        Column::number("kernel probe"),
    ];
    if has_logistic {
        columns.push(Column::number("logistic probe"));
    }
    columns.extend(models.iter().map(|m| Column::number(name(&m.model, NAME))));
    columns.push(Column::text("nearest samples"));
    columns.push(Column::text("decision"));
    let class_of = |label: &str| {
        let entry = found.entries.iter().find(|s| s.label == label);
        entry.map(|s| s.class)
    };
    let class = |label: &str| match class_of(label) {
        Some(class) => Cell::class(&name(label, NAME), class),
        None => Cell::text(name(label, NAME)),
    };
    let rows = found.entries.iter().map(|s| {
        let is_reliable = found.is_reliable(&s.label);
        let share =
            |value: Option<f64>| Cell::number(value.map_or_else(|| "–".into(), percent), value);
        let score = |value: f64| Cell::number(crate::words::signed(value, 2), Some(value));
        let mut cells = vec![
            Cell::count(s.rank),
            Cell::text(id_of(s.row, s.id.as_ref())),
            Cell::class(&name(&s.label, NAME), s.class),
            if s.suggested == s.label {
                Cell::text("–")
            } else {
                class(&s.suggested)
            },
            share(is_reliable.then_some(s.probability)),
            Cell::text(s.verdict.label()),
            share(Some(s.scores.neighbors)),
            score(s.scores.linear_probe),
            score(s.scores.kernel_probe),
        ];
        if has_logistic {
            cells.push(share(s.scores.logistic_probe));
        }
        cells.extend(s.scores.models.iter().map(|m| share(m.probability)));
        cells.push(Cell::text(nearest(s)));
        let decision = decisions.iter().find(|d| d.row == s.row);
        cells.push(Cell::text(decision.map_or_else(String::new, decided)));
        Row::of_class(s.class, cells)
    });
    Table {
        caption: format!(
            "The {} most suspicious labels of {}",
            found.entries.len(),
            found.ranked
        ),
        columns,
        rows: rows.collect(),
        last: None,
    }
}

/// The nearest samples.
fn nearest(s: &Suspect) -> String {
    let near = s.neighbors.iter().take(NEIGHBORS);
    by_label(near.map(|n| (n.label.as_str(), id_of(n.row, n.id.as_ref()))))
}

/// Samples by their labels, in the order of the first of each: "nine: 1639, 92; eight: 1675".
fn by_label<'a>(samples: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (label, id) in samples {
        match groups.iter_mut().find(|group| group.0 == label) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((label, vec![id])),
        }
    }
    let groups = groups.iter();
    let groups = groups.map(|(label, ids)| format!("{}: {}", name(label, ID), ids.join(", ")));
    groups.collect::<Vec<_>>().join("; ")
}

/// "relabel as five: a note".
fn decided(decision: &DecidedLabel) -> String {
    let mut text = decision.decision.to_owned();
    if let Some(label) = &decision.relabel {
        let _ = write!(text, " as {}", name(label, NAME));
    }
    if !decision.note.is_empty() {
        let _ = write!(text, ": {}", crate::text::safe(&decision.note));
    }
    text
}

fn decisions(all: &[DecidedLabel]) -> Table {
    let row = |d: &DecidedLabel| {
        Row::new(vec![
            Cell::number(d.row.to_string(), Some(d.row as f64)),
            Cell::text(id_of(d.row, d.id.as_ref())),
            Cell::text(
                d.label
                    .as_deref()
                    .map_or_else(|| "–".into(), |l| name(l, NAME)),
            ),
            Cell::text(d.decision),
            Cell::text(
                d.relabel
                    .as_deref()
                    .map_or_else(String::new, |l| name(l, NAME)),
            ),
            Cell::text(crate::text::safe(&d.note)),
        ])
    };
    let columns = vec![
        Column::number("row"),
        Column::text("sample"),
        Column::text("label"),
        Column::text("decision"),
        Column::text("new label"),
        Column::text("note"),
    ];
    Table {
        caption: "Decisions about labels".into(),
        columns,
        rows: all.iter().map(row).collect(),
        last: None,
    }
}

#[cfg(test)]
mod tests {
    use super::by_label;

    #[test]
    fn the_nearest_samples_are_listed_by_label() {
        let near = [("nine", "1639"), ("eight", "1675"), ("nine", "92")];
        let text = by_label(near.into_iter().map(|(label, id)| (label, id.to_owned())));
        assert_eq!(text, "nine: 1639, 92; eight: 1675");
        assert_eq!(by_label(std::iter::empty()), "");
    }
}
