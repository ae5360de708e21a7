//! Sentences about the map: where it misleads, and how many neighbors it preserves.

use super::names::Names;
use crate::diagnosis::{
    Backing, Diagnosis, Misleading, MisleadingPair, ReadingThresholds, Statement, Topic,
};
use crate::words::percent;

/// Adds the sentences about the map, if there is one.
pub(super) fn misleading(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(fidelity) = &diagnosis.fidelity else {
        return;
    };
    if let Some(recall) = fidelity
        .knn_recall
        .filter(|r| r.value < thresholds.low_recall)
    {
        let text = format!(
            "The map preserves only {} of each sample's {} nearest neighbors; do not judge single samples by \
             their position.",
            percent(recall.value),
            fidelity.k
        );
        let figures = vec![Backing::new("fidelity.knn_recall.value", recall.value)];
        out.push(Statement::new(Topic::Map, text, figures));
    }
    if let Some(mixing) = &fidelity.mixing {
        let pairs = mixing.misleading.iter().enumerate();
        out.extend(pairs.map(|(i, pair)| {
            let field = format!("fidelity.mixing.misleading[{i}]");
            statement(&sentence_of_pair(pair, names), &field, pair)
        }));
        let hits = mixing.misleading_hits.iter().enumerate();
        out.extend(hits.map(|(i, pair)| {
            let field = format!("fidelity.mixing.misleading_hits[{i}]");
            statement(&sentence_of_class(pair, names), &field, pair)
        }));
    }
}

fn sentence_of_pair(pair: &MisleadingPair, names: &Names) -> String {
    let (from, to) = (names.of(pair.from), names.of(pair.to));
    let beginning = match pair.kind {
        Misleading::MixedInMap => {
            format!("The map exaggerates how much class {from} mixes with class {to}")
        }
        Misleading::HiddenInMap => format!("The map hides that class {from} mixes with class {to}"),
    };
    format!(
        "{beginning}: {} of the neighbors of class {from} are of class {to} on the map, {} in the features.",
        percent(pair.map),
        percent(pair.features)
    )
}

fn sentence_of_class(pair: &MisleadingPair, names: &Names) -> String {
    let looks = match pair.kind {
        Misleading::MixedInMap => "more mixed",
        Misleading::HiddenInMap => "purer",
    };
    format!(
        "On the map, class {} looks {looks} than it is: {} of its neighbors are of the same class there, {} in \
         the features.",
        names.of(pair.from),
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
