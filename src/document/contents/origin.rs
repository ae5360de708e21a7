//! How the report was made: command, settings, files with their digests, remarks.

use super::super::Document;
use super::super::block::{Block, Cell, Column, Item, Row, Table};
use super::{NAME, heading};
use crate::error::printable;
use crate::report::TsneSummary;
use crate::text::{count, name, safe};

/// The chapter.
pub(super) fn origin(document: &Document) -> Vec<Block> {
    let mut blocks = vec![
        heading(2, "How this report was made"),
        Block::Text(format!(
            "By disentangle {}. The same files, settings and version give the same report.",
            document.crate_version
        )),
        Block::Command(document.command.clone()),
    ];
    if let Some(set) = document.sets.get(document.first) {
        blocks.push(heading(3, "Settings"));
        let mut terms = map_settings(&set.report.tsne);
        let metric = match set.report.metric {
            crate::dataset::Metric::Euclidean => "Euclidean",
            crate::dataset::Metric::Cosine => "cosine",
        };
        terms.push(("distance in the features".into(), metric.into()));
        terms.push((
            "neighbors per sample in the tables".into(),
            set.report.confusion.k.to_string(),
        ));
        if let Some(comparison) = &document.comparison {
            terms.push(("level of the tests".into(), comparison.alpha.to_string()));
            let least = 100.0 * comparison.least_difference;
            terms.push((
                "smallest difference that can count as shown".into(),
                format!("{least} points"),
            ));
            terms.push((
                "seed of bootstrap and splits".into(),
                comparison.seed.to_string(),
            ));
        }
        blocks.push(Block::Terms(terms));
    }
    if !document.inputs.is_empty() {
        blocks.push(heading(3, "Files"));
        blocks.push(Block::Table(files(document)));
    }
    let notes = notes(document);
    if !notes.is_empty() {
        blocks.push(heading(3, "Remarks"));
        blocks.push(Block::List(notes));
    }
    blocks
}

fn map_settings(tsne: &TsneSummary) -> Vec<(String, String)> {
    let number = |v: f64| v.to_string();
    let settings = [
        ("perplexity", tsne.perplexity.map(number)),
        ("iterations", tsne.iterations.map(|v| v.to_string())),
        ("seed of the map", tsne.seed.map(|v| v.to_string())),
        ("start", tsne.initialization.clone()),
        (
            "principal components that neighbors were found in",
            tsne.iterations.map(|_| {
                tsne.pca_components
                    .map_or_else(|| "all features".into(), |n| n.to_string())
            }),
        ),
        ("early exaggeration", tsne.early_exaggeration.map(number)),
        (
            "iterations with early exaggeration",
            tsne.early_iterations.map(|v| v.to_string()),
        ),
        ("momentum", tsne.momentum.map(number)),
        ("exaggeration", tsne.exaggeration.map(number)),
        (
            "learning rate",
            tsne.iterations.map(|_| {
                tsne.learning_rate.map_or_else(
                    || "auto: the number of samples divided by the exaggeration".into(),
                    number,
                )
            }),
        ),
        ("degrees of freedom", tsne.degrees_of_freedom.map(number)),
    ];
    let settings = settings.into_iter();
    settings
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

fn files(document: &Document) -> Table {
    let row = |file: &crate::dataset::InputFile| {
        let member = file
            .member
            .as_deref()
            .map_or_else(String::new, |m| format!(":{}", safe(m)));
        Row::new(vec![
            Cell::text(format!("{}{member}", safe(&file.path))),
            Cell::text(file.role.clone()),
            Cell::number(count(file.bytes as usize), Some(file.bytes as f64)),
            Cell::text(file.sha256.clone()),
        ])
    };
    Table {
        caption: "Files that were read".into(),
        columns: vec![
            Column::text("file"),
            Column::text("used as"),
            Column::number("bytes"),
            Column::text("SHA-256"),
        ],
        rows: document.inputs.iter().map(row).collect(),
        last: None,
    }
}

/// The remarks of all parts, each once. Those of a study begin with the name of their set.
fn notes(document: &Document) -> Vec<Item> {
    let mut all: Vec<(String, &String)> = Vec::new();
    let general = document.notes.iter().map(|note| (String::new(), note));
    all.extend(general);
    let compared = document.comparison.iter().flat_map(|c| &c.notes);
    all.extend(compared.map(|note| (String::new(), note)));
    for set in &document.sets {
        let about = if document.sets.len() > 1 {
            name(&set.set, NAME)
        } else {
            String::new()
        };
        let is_known = |note: &&String| {
            let with_set = format!("{}: {note}", printable(&set.set));
            document.notes.contains(&with_set)
                || (document.comparison.iter()).any(|c| c.notes.contains(&with_set))
        };
        let own = set.report.notes.iter().filter(|note| !is_known(note));
        all.extend(own.map(|note| (about.clone(), note)));
    }
    let mut said = std::collections::BTreeSet::new();
    let all = all
        .into_iter()
        .filter(|(_, note)| said.insert((*note).clone()));
    all.map(|(about, note)| Item::new(about, safe(note)))
        .collect()
}
