//! What the report says, in its order: the conclusions first, then what they are based on, last how it was made.

use super::block::{Block, Item};
use super::{DescribedSet, Document};
use crate::diagnosis::{Fidelity, Reading, Topic};
use crate::report::Report;
use crate::text::name;
use crate::words::{count, estimate, percent};

mod believed;
mod comparison;
mod help;
mod journal;
mod mixing;
mod origin;
mod selections;
mod set;
mod suspects;

/// Columns of a name in a sentence or a cell.
const NAME: usize = 40;
/// Shares go from 0 to 1.
const SHARES: (f64, f64) = (0.0, 1.0);

/// What the groups of the samples are called: "class" and "classes", or "cluster" and "clusters".
fn groups(report: &Report) -> [&'static str; 2] {
    match report.clusters {
        Some(_) => ["cluster", "clusters"],
        None => ["class", "classes"],
    }
}

/// A heading.
fn heading(level: u8, text: impl Into<String>) -> Block {
    let text = text.into();
    Block::Heading { level, text }
}

/// The whole report below its title.
pub(super) fn contents(document: &Document) -> Vec<Block> {
    let mut blocks = conclusions(document);
    if let Some(found) = &document.comparison {
        blocks.extend(comparison::models(found));
        blocks.extend(comparison::layers(document, found));
    }
    let full = document.sets.iter().enumerate().filter(|(_, s)| s.in_full);
    for (at, set) in full {
        blocks.extend(set::set(document, at, set));
    }
    blocks.extend(suspects::suspects(document));
    blocks.extend(selections::selections(document));
    blocks.extend(journal::journal(document));
    blocks.extend(origin::origin(document));
    blocks.extend(help::help(document));
    blocks
}

/// What the report is about, in a line.
pub(super) fn subject(document: &Document) -> String {
    let mut parts = Vec::new();
    if let Some(comparison) = &document.comparison {
        parts.push(count(comparison.curves.len(), "model", "models"));
        parts.push(count(document.sets.len(), "feature set", "feature sets"));
    }
    let samples = crate::text::count(document.samples);
    let first = document.sets.get(document.first);
    if let (None, Some(set)) = (&document.comparison, first) {
        parts.push(format!("{samples} × {}", set.report.dimensions));
    } else {
        parts.push(format!("{samples} samples"));
    }
    if let Some(set) = first {
        let report = &set.report;
        let [one, many] = groups(report);
        parts.push(count(report.classes.len(), one, many));
        if report.unlabeled > 0 && report.clusters.is_none() && !report.classes.is_empty() {
            let left_out = crate::text::count(report.unlabeled);
            parts.push(format!("{left_out} samples without a label are left out"));
        }
    }
    parts.join(", ")
}

/// The sentences of all readings, and what to do.
fn conclusions(document: &Document) -> Vec<Block> {
    let mut blocks = vec![heading(2, "What the results say")];
    if let Some(comparison) = &document.comparison {
        let advice = comparison.recommendations.iter().map(|advice| {
            let text = format!("{}: {}", name(&advice.model, NAME), advice.reason);
            Item::new(advice.advice.label(), text)
        });
        let advice: Vec<Item> = advice.collect();
        if !advice.is_empty() {
            blocks.push(heading(3, "What to do with each model"));
            blocks.push(Block::List(advice));
        }
        if !comparison.reading.statements.is_empty() {
            blocks.push(heading(3, "Models and layers"));
            blocks.push(statements(&comparison.reading));
        }
    }
    let has_several = document.sets.len() > 1;
    for set in document.sets.iter().filter(|s| s.in_full) {
        if has_several {
            blocks.push(heading(3, format!("Features of {}", name(&set.set, NAME))));
        }
        match &set.report.reading {
            Some(reading) => blocks.push(statements(reading)),
            None => blocks.push(Block::Text(
                "There are no labels, so nothing is said about classes.".into(),
            )),
        }
        blocks.extend(map_remark(set));
    }
    blocks
}

fn statements(reading: &Reading) -> Block {
    let item = |s: &crate::diagnosis::Statement| Item::new(about(s.topic), s.text.clone());
    Block::List(reading.statements.iter().map(item).collect())
}

/// What a sentence is about, in a word.
fn about(topic: Topic) -> &'static str {
    match topic {
        Topic::Map => "map",
        Topic::Head => "classifier",
        Topic::Suspects => "labels",
        Topic::Caution => "caution",
        Topic::Layers => "layers",
        Topic::Models => "models",
        Topic::Ensemble => "ensemble",
        Topic::Clusters => "clusters",
        _ => "features",
    }
}

/// How far the map beside the sentences can be believed.
fn map_remark(set: &DescribedSet) -> Option<Block> {
    let fidelity = set.report.fidelity.as_ref()?;
    Some(Block::Note(format!(
        "These sentences are about the features, unless they name the map. Those about labels also use predictions, if \
         there are any (in a study, the predictions of all models). {}",
        keeps(fidelity)?
    )))
}

/// "The map keeps 71% of each sample's 10 nearest neighbors (trustworthiness 0.98, continuity 0.97)."
fn keeps(fidelity: &Fidelity) -> Option<String> {
    let recall = percent(fidelity.knn_recall?.value);
    let values = [
        ("trustworthiness", fidelity.trustworthiness),
        ("continuity", fidelity.continuity),
    ];
    let values = values.iter().filter_map(|(name, value)| {
        let value = (*value)?;
        Some(format!("{name} {}", estimate(Some(value), 3)))
    });
    let values: Vec<String> = values.collect();
    let values = if values.is_empty() {
        String::new()
    } else {
        format!(" ({})", values.join(", "))
    };
    Some(format!(
        "The map keeps {recall} of each sample's {} nearest neighbors{values}.",
        fidelity.k
    ))
}
