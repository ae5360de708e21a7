//! Sentences about the map: where it misleads, and how much of the neighborhoods it keeps.

use super::words::{Names, percent};
use super::{Backing, ReadingThresholds, Statement, Topic};
use crate::diagnosis::{Diagnosis, Misleading, MisleadingPair};

/// Speaks of the map, if there is one.
pub(super) fn misleading(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(fidelity) = &diagnosis.fidelity else {
        return;
    };
    if let Some(mixing) = &fidelity.mixing {
        let pairs = mixing.misleading.iter().enumerate();
        out.extend((pairs.take(thresholds.most_sentences)).map(|(i, pair)| {
            let field = format!("fidelity.mixing.misleading[{i}]");
            statement(&sentence_of_pair(pair, names), &field, pair)
        }));
        let hits = mixing.misleading_hits.iter().enumerate();
        out.extend((hits.take(thresholds.most_sentences)).map(|(i, pair)| {
            let field = format!("fidelity.mixing.misleading_hits[{i}]");
            statement(&sentence_of_class(pair, names), &field, pair)
        }));
    }
    if let Some(recall) = fidelity
        .knn_recall
        .filter(|r| r.value < thresholds.low_recall)
    {
        let text = format!(
            "The map keeps {} of each sample's {} nearest neighbors; do not judge single samples by it.",
            percent(recall.value),
            fidelity.k
        );
        let figures = vec![Backing::new("fidelity.knn_recall.value", recall.value)];
        out.push(Statement::new(Topic::Map, text, figures));
    }
}

fn sentence_of_pair(pair: &MisleadingPair, names: &Names) -> String {
    let (from, to) = (names.of(pair.from), names.of(pair.to));
    let shares = shares(pair);
    match pair.kind {
        Misleading::MixedInMap => {
            format!("The map shows {from} more mixed with {to} than it is ({shares}).")
        }
        Misleading::HiddenInMap => {
            format!("The map hides that {from} mixes with {to} ({shares}).")
        }
    }
}

fn sentence_of_class(pair: &MisleadingPair, names: &Names) -> String {
    let (class, shares) = (names.of(pair.from), shares(pair));
    match pair.kind {
        Misleading::MixedInMap => {
            format!("In the map {class} looks more mixed than it is (own neighbors: {shares}).")
        }
        Misleading::HiddenInMap => {
            format!("In the map {class} looks purer than it is (own neighbors: {shares}).")
        }
    }
}

fn shares(pair: &MisleadingPair) -> String {
    format!(
        "{} of the neighbors there, {} in the features",
        percent(pair.map),
        percent(pair.features)
    )
}

fn statement(text: &str, field: &str, pair: &MisleadingPair) -> Statement {
    let figures = vec![
        Backing::new(format!("{field}.map"), pair.map),
        Backing::new(format!("{field}.features"), pair.features),
        Backing::new(format!("{field}.p_value"), pair.p_value),
    ];
    Statement::new(Topic::Map, text, figures)
}
