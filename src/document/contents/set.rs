//! A feature set in full: its map, the tables of its classes, what mixes, and where the map misleads.

use super::super::block::{Block, Cell, Column, MapFigure, Row, Table};
use super::super::{DescribedSet, Document, OtherMap};
use super::believed::believed;
use super::mixing::{mixed_pairs, neighbor_tables};
use super::{NAME, SHARES, groups, heading, keeps};
use crate::diagnosis::{ClassVerdict, Fidelity, Figure, ProbeFigures, Separation};
use crate::report::{Report, TsneSummary};
use crate::statistics::Estimate;
use crate::text::{name, number, percent_with};
use crate::words::{capitalized, share};

/// Silhouettes go from −1 to 1.
const SILHOUETTES: (f64, f64) = (-1.0, 1.0);

/// The chapter of a set.
pub(super) fn set(document: &Document, at: usize, set: &DescribedSet) -> Vec<Block> {
    let report = &set.report;
    let title = if document.sets.len() > 1 {
        format!("Features of {}", name(&set.set, NAME))
    } else {
        format!("Map and {}", groups(report)[1])
    };
    let mut blocks = vec![heading(2, title)];
    blocks.push(Block::Map(MapFigure {
        set: at,
        other: None,
        title: map_title(document, report),
        caption: map_caption(report),
    }));
    if !set.others.is_empty() {
        blocks.push(heading(3, "The same features with other perplexities"));
        blocks.push(Block::Strip(other_maps(at, set)));
    }
    if report.classes.is_empty() {
        return blocks;
    }
    let [one, many] = groups(report);
    blocks.push(heading(3, capitalized(many)));
    blocks.push(Block::Table(class_table(report)));
    blocks.push(Block::Note(class_notes(report)));
    if let Some(pairs) = &report.pairs {
        blocks.push(heading(3, format!("Pairs of {many} that mix")));
        blocks.extend(mixed_pairs(pairs, [one, many]));
    }
    blocks.push(heading(
        3,
        format!("{} of the nearest neighbors", capitalized(many)),
    ));
    blocks.extend(neighbor_tables(report));
    blocks.extend(believed(report));
    blocks
}

fn map_title(document: &Document, report: &Report) -> String {
    let samples = crate::text::count(document.samples);
    let classes = match report.classes.len() {
        0 => String::new(),
        n => {
            let [one, _] = groups(report);
            let noise = report.clusters.as_ref().is_some_and(|c| c.noise > 0);
            let noise = if noise { "; noise is gray" } else { "" };
            format!(" in {n} colors, one for each {one}{noise}")
        }
    };
    format!(
        "t-SNE map of {}: {samples} samples{classes}",
        name(&report.name, NAME)
    )
}

/// Maps with other perplexities.
fn other_maps(at: usize, set: &DescribedSet) -> Vec<MapFigure> {
    let figure = |(number, map): (usize, &OtherMap)| MapFigure {
        set: at,
        other: Some(number),
        title: format!("Map of {}. {}", name(&set.set, NAME), settings(&map.tsne)),
        caption: caption(&map.tsne, map.fidelity.as_ref()),
    };
    set.others.iter().enumerate().map(figure).collect()
}

/// The settings of a map, and how far it can be believed.
pub(super) fn map_caption(report: &Report) -> String {
    caption(&report.tsne, report.fidelity.as_ref())
}

fn caption(tsne: &TsneSummary, fidelity: Option<&Fidelity>) -> String {
    let settings = settings(tsne);
    match fidelity.and_then(keeps) {
        Some(keeps) => format!("{settings} {keeps}"),
        None => settings,
    }
}

/// "Perplexity 30, 750 iterations, KL 0.535, seed 1."
fn settings(tsne: &TsneSummary) -> String {
    let parts = [
        tsne.perplexity
            .map(|p| format!("Perplexity {}", (100.0 * p).round() / 100.0)),
        tsne.iterations.map(|i| format!("{i} iterations")),
        tsne.kl_divergence.map(|kl| format!("KL {kl:.3}")),
        tsne.seed.map(|seed| format!("seed {seed}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    parts.join(", ") + "."
}

/// A share as text, with its dot.
fn share_cell(value: Option<Estimate>, chance: Option<f64>) -> Cell {
    Cell::number(share(value), value.map(|v| v.value)).drawn(value, SHARES, chance)
}

fn in_map(figure: Figure, text: String) -> Cell {
    Cell::number(text, figure.in_map())
}

fn class_table(report: &Report) -> Table {
    let with_map = report.neighborhood_hit.map.is_some();
    let separation = report.separation.as_ref();
    let [one, many] = groups(report);
    let mut columns = vec![Column::text(one), Column::number("samples")];
    if separation.is_some() {
        columns.push(Column::text("verdict"));
        columns.push(Column::number("probe, %"));
        columns.push(Column::number("logistic probe, %"));
    }
    columns.push(Column::number(format!(
        "{}-NN same {one}, %",
        report.confusion.k
    )));
    if with_map {
        columns.push(Column::number("in the map, %"));
    }
    columns.push(Column::number("by chance, %"));
    columns.push(Column::number("silhouette"));
    if with_map {
        columns.push(Column::number("silhouette in the map"));
    }
    let rows = report.classes.iter().enumerate().map(|(at, class)| {
        let found = separation.and_then(|s| s.classes.get(at));
        let mut cells = vec![
            Cell::class(&name(&class.label, NAME), at),
            Cell::count(class.count),
        ];
        if let Some(separation) = separation {
            let chance = found.map(|_| class.count as f64 / report.labeled.max(1) as f64);
            cells.push(Cell::text(verdict(separation, at, class.count)));
            cells.push(share_cell(found.and_then(|f| f.probe_recall), chance));
            cells.push(share_cell(found.and_then(|f| f.logistic_recall), chance));
        }
        let chance = class.neighborhood_hit_chance;
        figures(
            &mut cells,
            with_map,
            [class.neighborhood_hit, class.silhouette],
            Some(chance),
        );
        Row::of_class(at, cells)
    });
    let rows = rows.collect();
    let mut last = vec![
        Cell::text(format!("all {many}")),
        Cell::count(report.labeled),
    ];
    if let Some(separation) = separation {
        let balanced =
            |p: &Option<ProbeFigures>| share_cell(p.as_ref().map(|p| p.balanced_accuracy), None);
        last.push(Cell::text(match separation.evidence {
            Some(false) => "no evidence",
            _ => "",
        }));
        last.push(balanced(&separation.probe));
        last.push(balanced(&separation.logistic));
    }
    figures(
        &mut last,
        with_map,
        [report.neighborhood_hit, report.silhouette],
        None,
    );
    Table {
        caption: format!(
            "The {many} in the features, and in the map (shares in %, ± 95% interval)"
        ),
        columns,
        rows,
        last: Some(Row::new(last)),
    }
}

/// Adds the cells of the neighborhood hit and the silhouette.
fn figures(
    cells: &mut Vec<Cell>,
    with_map: bool,
    [hit, silhouette]: [Figure; 2],
    chance: Option<f64>,
) {
    cells.push(share_cell(hit.features, chance));
    if with_map {
        cells.push(in_map(hit, number(hit.in_map().map(|v| 100.0 * v), 1)));
    }
    cells.push(match chance {
        Some(chance) => Cell::number(number(Some(100.0 * chance), 1), Some(chance)),
        None => Cell::text(""),
    });
    let value = silhouette.features;
    cells.push(
        Cell::number(
            number(silhouette.in_features(), 3),
            silhouette.in_features(),
        )
        .drawn(value, SILHOUETTES, Some(0.0)),
    );
    if with_map {
        cells.push(in_map(silhouette, number(silhouette.in_map(), 3)));
    }
}

fn verdict(separation: &Separation, at: usize, count: usize) -> &'static str {
    match ClassVerdict::of(separation, at) {
        Some(verdict) => verdict.label(),
        None if count < 2 => "too few samples",
        None => "–",
    }
}

/// How the numbers of the table are to be read.
fn class_notes(report: &Report) -> String {
    let [one, many] = groups(report);
    let mut notes = vec![format!(
        "Where bars are drawn, the dot is the value, the bar its 95% interval, and the short line what random labels \
         would give. All {many}: silhouettes are averaged over samples, everything else over {many}."
    )];
    if let Some(recall) = report.neighbor_recall {
        notes.push(format!(
            "Neighbors in the features are approximate: {} of the true ones were found, measured on 512 samples.",
            percent_with(Some(recall), 1)
        ));
    }
    for (space, references) in [
        ("features", report.silhouette_references.features),
        ("map", report.silhouette_references.map),
    ] {
        if let Some(references) = references {
            notes.push(format!(
                "Silhouettes in the {space} are estimates from {references} references per {one}."
            ));
        }
    }
    notes.join(" ")
}
