//! Which classes mix: pairs, and the classes of the nearest neighbors.

use super::super::block::{Block, Cell, Column, Heat, HeatCell, Row, Table};
use super::{NAME, groups};
use crate::diagnosis::Pairs;
use crate::report::{Report, head_words};
use crate::statistics::Estimate;
use crate::text::{name, number, percent_with};
use crate::words::{percent, share};

/// Most classes of a table of neighbors; of more, the cells above chance are listed.
const MOST_IN_TABLE: usize = 25;
/// Cells that are listed.
const MOST_CELLS: usize = 50;
/// Pairs that are listed.
const MOST_PAIRS: usize = 30;

/// The pairs of classes (or clusters) that mix.
pub(super) fn mixed_pairs(pairs: &Pairs, [one, many]: [&str; 2]) -> Vec<Block> {
    let least = pairs.thresholds.least_percent();
    let text = if pairs.mixed == 0 {
        format!(
            "No pair of {many} is shown to overlap by more than chance and by at least {least}% in the features."
        )
    } else {
        format!(
            "{} of {} pairs of {many} {} beyond chance and by at least {least}% in the features.",
            pairs.mixed,
            pairs.total,
            if pairs.mixed == 1 {
                "is mixed: its classes overlap"
            } else {
                "are mixed: their classes overlap"
            }
        )
    };
    let mut blocks = vec![Block::Text(text)];
    if pairs.mixed == 0 {
        return blocks;
    }
    let half = (0.0, 0.5);
    let overlap = |value: Option<Estimate>| {
        Cell::number(share(value), value.map(|v| v.value)).drawn(value, half, None)
    };
    let has_head = pairs.listed.iter().any(|pair| pair.head.is_some());
    let mut columns = vec![
        Column::text(one),
        Column::text(format!("and {one}")),
        Column::number("overlap of neighbors, %"),
        Column::number("linear rule, %"),
        Column::number("in the map, %"),
    ];
    if has_head {
        columns.push(Column::number("confused by the classifier, %"));
        columns.push(Column::text("classifier"));
    }
    let mixed = pairs.listed.iter().filter(|pair| pair.mixed);
    let rows = mixed.take(MOST_PAIRS).map(|pair| {
        let mut cells = vec![
            Cell::class(&name(&pair.first, NAME), pair.classes.0),
            Cell::class(&name(&pair.second, NAME), pair.classes.1),
            overlap(Some(pair.neighbor_overlap)),
            overlap(pair.linear_overlap),
            overlap(pair.map_neighbor_overlap),
        ];
        if has_head {
            cells.push(overlap(pair.head_confusion));
            cells.push(Cell::text(pair.head.map_or("", head_words)));
        }
        Row::of_class(pair.classes.0, cells)
    });
    blocks.push(Block::Table(Table {
        caption: format!(
            "Mixed pairs: share of samples on the other {one}'s side, both {many} weighted equally (where bars are drawn: 0 to 50%)"
        ),
        columns,
        rows: rows.collect(),
        last: None,
    }));
    let rest = pairs.mixed.saturating_sub(MOST_PAIRS);
    if rest > 0 {
        blocks.push(Block::Note(format!(
            "{rest} more mixed pairs are in the JSON."
        )));
    }
    blocks
}

/// The classes of the nearest neighbors, in the features and in the map.
pub(super) fn neighbor_tables(report: &Report) -> Vec<Block> {
    let confusion = &report.confusion;
    let count = confusion.labels.len();
    if count > MOST_IN_TABLE {
        return vec![Block::Table(cells_above_chance(report))];
    }
    let spaces = [
        (
            "features",
            &confusion.features,
            &confusion.features_above_chance,
        ),
        ("map", &confusion.map, &confusion.map_above_chance),
    ];
    let tables = spaces.into_iter().filter_map(|(space, rows, marks)| {
        Some(Block::Heat(heat(
            report,
            space,
            rows.as_ref()?,
            marks.as_ref()?,
        )))
    });
    let mut blocks: Vec<Block> = tables.collect();
    let is_marked = |block: &Block| match block {
        Block::Heat(heat) => heat.rows.iter().flatten().any(|cell| cell.is_marked),
        _ => false,
    };
    let mark = if blocks.iter().any(is_marked) {
        "▲ marks shares outside the diagonal that are larger than random labels would give. "
    } else {
        ""
    };
    blocks.push(Block::Note(format!(
        "{mark}The diagonal is the share of neighbors of the same {}.",
        groups(report)[0]
    )));
    blocks
}

fn heat(report: &Report, space: &str, rows: &[Vec<f64>], marks: &[Vec<bool>]) -> Heat {
    let confusion = &report.confusion;
    let [one, many] = groups(report);
    let labels: Vec<String> = confusion.labels.iter().map(|l| name(l, NAME)).collect();
    let cell = |from: usize, to: usize| {
        let share = rows[from][to];
        let chance = confusion.chance.get(from).and_then(|row| row.get(to));
        let chance = chance.map_or_else(String::new, |c| format!("; by chance {}", percent(*c)));
        HeatCell {
            share,
            is_marked: marks[from][to] && from != to,
            title: format!(
                "{} of the neighbors of {} are of {}{chance}",
                percent_with(Some(share), 1),
                labels[from],
                labels[to]
            ),
        }
    };
    let all = 0..labels.len();
    let row = |from: usize| all.clone().map(|to| cell(from, to)).collect();
    Heat {
        caption: format!(
            "In the {space}: {many} (columns) of the {} of the samples of each {one} (rows), in %",
            match confusion.k {
                1 => "nearest neighbors".into(),
                k => format!("{k} nearest neighbors"),
            }
        ),
        rows: all.clone().map(row).collect(),
        labels,
    }
}

/// The cells above chance off the diagonal, the largest first, where there are too many classes for a table.
fn cells_above_chance(report: &Report) -> Table {
    let confusion = &report.confusion;
    let mut cells: Vec<(usize, usize, Option<f64>, Option<f64>)> = Vec::new();
    if let Some(listed) = &report.confusion_cells {
        let wanted = listed
            .iter()
            .filter(|c| c.from != c.to && c.features_above_chance == Some(true));
        cells.extend(wanted.map(|c| (c.from, c.to, c.share.in_features(), c.share.in_map())));
    } else if let (Some(rows), Some(marks)) =
        (&confusion.features, &confusion.features_above_chance)
    {
        for (from, row) in rows.iter().enumerate() {
            for (to, &share) in row.iter().enumerate() {
                if from != to && marks[from][to] {
                    let in_map = confusion.map.as_ref().map(|map| map[from][to]);
                    cells.push((from, to, Some(share), in_map));
                }
            }
        }
    }
    cells.sort_by(|a, b| b.2.unwrap_or(0.0).total_cmp(&a.2.unwrap_or(0.0)));
    let all = cells.len();
    let one = groups(report)[0];
    let label = |class: usize| name(confusion.labels.get(class).map_or("", |l| l), NAME);
    let percent = |share: Option<f64>| Cell::number(number(share.map(|s| 100.0 * s), 1), share);
    let row = |&(from, to, features, map): &(usize, usize, Option<f64>, Option<f64>)| {
        let cells = vec![
            Cell::class(&label(from), from),
            Cell::class(&label(to), to),
            percent(features),
            percent(map),
        ];
        Row::of_class(from, cells)
    };
    Table {
        caption: format!(
            "Neighbors of another {one} among the {} nearest, where they are more than random labels would give: the {} \
             largest of {all} shares",
            confusion.k,
            all.min(MOST_CELLS)
        ),
        columns: vec![
            Column::text("samples of"),
            Column::text("neighbors of"),
            Column::number("in the features, %"),
            Column::number("in the map, %"),
        ],
        rows: cells.iter().take(MOST_CELLS).map(row).collect(),
        last: None,
    }
}
