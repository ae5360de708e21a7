//! How far the map can be believed, and where it misleads.

use super::super::block::{Block, Cell, Column, Item, Row, Table};
use super::{NAME, SHARES, groups, heading, keeps};
use crate::diagnosis::Misleading;
use crate::report::{Report, misleading_shares};
use crate::statistics::Estimate;
use crate::text::name;
use crate::words::estimate;

/// How far the map can be believed, and where it misleads.
pub(super) fn believed(report: &Report) -> Vec<Block> {
    let Some(fidelity) = &report.fidelity else {
        return Vec::new();
    };
    let mut blocks = vec![heading(3, "How far the map can be believed")];
    if let Some(keeps) = keeps(fidelity) {
        blocks.push(Block::Text(keeps));
    }
    let label = |class: usize| name(fidelity.classes.get(class).map_or("", |c| &c.label), NAME);
    if let Some(mixing) = &fidelity.mixing {
        let pairs = mixing.misleading.iter().map(|pair| {
            let what = match pair.kind {
                Misleading::MixedInMap => "mixed more on the map than in the features",
                Misleading::HiddenInMap => "mixed less on the map than in the features",
            };
            format!(
                "{} → {}: {what}: {}",
                label(pair.from),
                label(pair.to),
                misleading_shares(
                    pair,
                    &format!("of {} {}", groups(report)[0], label(pair.to))
                )
            )
        });
        let of_its = format!("of its {}", groups(report)[0]);
        let hits = mixing.misleading_hits.iter().map(|pair| {
            let what = match pair.kind {
                Misleading::MixedInMap => "looks more mixed than it is",
                Misleading::HiddenInMap => "looks purer than it is",
            };
            format!(
                "{}: {what}: {}",
                label(pair.from),
                misleading_shares(pair, &of_its)
            )
        });
        let items: Vec<_> = pairs.chain(hits).collect();
        if items.is_empty() {
            blocks.push(Block::Text(format!(
                "The shares of neighbors from other {} do not differ significantly between the map and the features.",
                groups(report)[1]
            )));
        } else {
            let item = |text| Item::new("misleads", text);
            blocks.push(Block::List(items.into_iter().map(item).collect()));
        }
    }
    let figure = |value: Option<Estimate>| {
        Cell::number(estimate(value, 3), value.map(|v| v.value)).drawn(value, SHARES, None)
    };
    let row = |first: Cell, values: [Option<Estimate>; 4]| {
        let mut cells = vec![first];
        cells.extend(values.map(figure));
        cells
    };
    let classes = fidelity.classes.iter().enumerate().map(|(at, c)| {
        let values = [c.trustworthiness, c.continuity, c.knn_recall, c.rnx_area];
        Row::of_class(at, row(Cell::class(&name(&c.label, NAME), at), values))
    });
    let all = [
        fidelity.trustworthiness,
        fidelity.continuity,
        fidelity.knn_recall,
        fidelity.rnx_area,
    ];
    blocks.push(Block::Table(Table {
        caption: format!(
            "Fidelity of the map, {} neighbors: 1 is a perfect map",
            fidelity.k
        ),
        columns: vec![
            Column::text(groups(report)[0]),
            Column::number("trustworthiness"),
            Column::number("continuity"),
            Column::number("neighbors kept"),
            Column::number("R_NX area"),
        ],
        rows: classes.collect(),
        last: Some(Row::new(row(Cell::text("all samples"), all))),
    }));
    if let Some(anchors) = fidelity.anchors {
        blocks.push(Block::Note(format!(
            "Estimates from {anchors} of {} samples.",
            fidelity.samples
        )));
    }
    blocks
}
