//! Tables of very many classes, as the list of their cells that say something.
//!
//! In: the neighbor tables of both spaces (C × C). Out: the diagonal, the cells above chance in
//! either space, and the largest others of each row. A thousand classes would make seven million
//! numbers of them otherwise.

use serde::{Deserialize, Serialize};

use crate::diagnosis::{Confusion, Figure};
use crate::statistics::Estimate;

/// Classes up to which a report holds whole tables.
pub const WHOLE_TABLES: usize = 100;
/// The largest cells of each row that are listed even if they do not lie above chance.
const LARGEST: usize = 5;

/// A cell of the neighbor tables.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConfusionCell {
    /// Number of the class whose neighbors are counted (the row).
    pub from: usize,
    /// Number of the class of the neighbors (the column).
    pub to: usize,
    /// Share of the neighbors.
    pub share: Figure,
    /// The share that random labels would have.
    pub chance: f64,
    /// Whether the share in the features lies above chance; `None` if not computed.
    pub features_above_chance: Option<bool>,
    /// Whether the share in the map does.
    pub map_above_chance: Option<bool>,
}

/// Takes the tables apart if they are of more than [`WHOLE_TABLES`] classes.
pub(super) fn condense(confusion: &mut Confusion) -> Option<Vec<ConfusionCell>> {
    let classes = confusion.labels.len();
    if classes <= WHOLE_TABLES {
        return None;
    }
    let cells = (0..classes).flat_map(|from| {
        let table = &*confusion;
        let columns = columns(table, from).into_iter();
        columns.map(move |to| cell(table, from, to))
    });
    let cells = cells.collect();
    *confusion = Confusion {
        k: confusion.k,
        labels: std::mem::take(&mut confusion.labels),
        ..Confusion::default()
    };
    Some(cells)
}

/// The columns of a row that say something, ascending.
fn columns(table: &Confusion, from: usize) -> Vec<usize> {
    let mut columns = vec![from];
    for marks in [&table.features_above_chance, &table.map_above_chance] {
        let row = marks.iter().flat_map(|rows| rows[from].iter().enumerate());
        columns.extend(row.filter(|(_, is_above)| **is_above).map(|(to, _)| to));
    }
    for rows in [&table.features, &table.map].into_iter().flatten() {
        let row = &rows[from];
        let mut others: Vec<usize> = (0..row.len())
            .filter(|&to| to != from && row[to] > 0.0)
            .collect();
        others.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
        columns.extend(others.into_iter().take(LARGEST));
    }
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn cell(table: &Confusion, from: usize, to: usize) -> ConfusionCell {
    let of = |rows: &Option<Vec<Vec<f64>>>| rows.as_ref().map(|rows| rows[from][to]);
    let share = |shares, errors| Some(Estimate::normal(of(shares)?, of(errors)));
    let mark = |rows: &Option<Vec<Vec<bool>>>| rows.as_ref().map(|rows| rows[from][to]);
    ConfusionCell {
        from,
        to,
        share: Figure {
            features: share(&table.features, &table.features_standard_error),
            map: share(&table.map, &table.map_standard_error),
        },
        chance: table.chance[from][to],
        features_above_chance: mark(&table.features_above_chance),
        map_above_chance: mark(&table.map_above_chance),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use crate::dataset::{Dataset, Labels};
    use crate::diagnosis::Diagnosis;
    use crate::execution::Execution;
    use crate::report::{Report, TsneSummary};

    /// `classes` of four samples around points of a line; every second is beside its neighbor.
    fn report(classes: usize) -> (Report, Diagnosis) {
        let features = Array2::from_shape_fn((4 * classes, 2), |(i, j)| {
            let class = i / 4;
            let center = (class / 2 * 100 + class % 2) as f32;
            if j == 0 { center } else { (i % 4 * 2) as f32 }
        });
        let labels: Vec<i64> = (0..4 * classes as i64).map(|i| i / 4).collect();
        let data = Dataset::new(features).unwrap();
        let data = data
            .with_labels(Labels::from_integers(&labels).unwrap())
            .unwrap();
        let diagnosis = Diagnosis::of(&data, None, 4, &Execution::default().threads(1))
            .unwrap()
            .unwrap();
        let report = Report::new(&data, Some(&diagnosis), 4, TsneSummary::default());
        (report, diagnosis)
    }

    #[test]
    fn many_classes_are_listed_by_cell() {
        let (report, diagnosis) = report(120);
        let whole = diagnosis.confusion.features.as_ref().unwrap();
        let marks = diagnosis.confusion.features_above_chance.as_ref().unwrap();
        let cells = report.confusion_cells.as_ref().unwrap();
        assert!(report.confusion.features.is_none() && report.confusion.chance.is_empty());
        assert_eq!(report.confusion.labels.len(), 120);
        assert!(cells.len() < 120 * 10, "{}", cells.len());
        let mut listed = vec![vec![false; 120]; 120];
        for cell in cells {
            listed[cell.from][cell.to] = true;
            assert_eq!(cell.share.in_features(), Some(whole[cell.from][cell.to]));
            assert_eq!(cell.features_above_chance, Some(marks[cell.from][cell.to]));
            assert_eq!(cell.share.map, None);
        }
        for (from, row) in listed.iter().enumerate() {
            assert!(row[from], "the diagonal is always listed");
            for (to, &is_listed) in row.iter().enumerate() {
                assert!(is_listed || !marks[from][to], "{from} {to}");
            }
            // The class beside it bears some of its neighbors.
            assert!(row[from ^ 1]);
        }
        let text = report.to_text(100);
        assert!(text.contains("120 classes"), "{text}");
    }

    #[test]
    fn few_classes_keep_their_tables() {
        let (report, diagnosis) = report(6);
        assert_eq!(report.confusion, diagnosis.confusion);
        assert_eq!(report.confusion_cells, None);
    }
}
