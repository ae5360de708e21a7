//! Selections that were given names on the screen: how many samples they have, and of which classes.

use super::super::block::{Block, Cell, Column, Row, Table};
use super::super::{Document, NamedSelection};
use super::{NAME, heading};
use crate::text::{count, name};

/// Classes of a selection that are named; the JSON has all.
const MOST_CLASSES: usize = 6;

/// The chapter.
pub(super) fn selections(document: &Document) -> Vec<Block> {
    if document.selections.is_empty() {
        return Vec::new();
    }
    let row = |selection: &NamedSelection| {
        Row::new(vec![
            Cell::text(name(&selection.name, NAME)),
            Cell::count(selection.samples),
            Cell::text(classes(selection)),
        ])
    };
    vec![
        heading(2, "Named selections"),
        Block::Table(Table {
            caption: "Selections that were given names on the screen".into(),
            columns: vec![
                Column::text("selection"),
                Column::number("samples"),
                Column::text("their classes"),
            ],
            rows: document.selections.iter().map(row).collect(),
            last: None,
        }),
    ]
}

/// "grade 1 (34), grade 2 (12), without a label (3)".
fn classes(selection: &NamedSelection) -> String {
    let shown = selection.classes.iter().take(MOST_CLASSES);
    let mut parts: Vec<String> = shown
        .map(|class| format!("{} ({})", name(&class.label, NAME), count(class.count)))
        .collect();
    let others = selection.classes.iter().skip(MOST_CLASSES);
    let others: Vec<usize> = others.map(|class| class.count).collect();
    if !others.is_empty() {
        let samples = count(others.iter().sum());
        parts.push(format!("{} more classes ({samples})", others.len()));
    }
    if selection.unlabeled > 0 {
        parts.push(format!("without a label ({})", count(selection.unlabeled)));
    }
    parts.join(", ")
}
