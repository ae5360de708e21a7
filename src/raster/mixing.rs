//! How many classes share a place: the effective number of classes around each cell.
//!
//! In: a [`Raster`] and how far around each cell to look. Out: exp(H) per cell, with H the Shannon
//! entropy of the classes' shares among the points there: 1 where one class is alone, 2 where two
//! are equally frequent (the Hill number of order 1, Hill 1973). A cell of few points says little
//! alone, so its surroundings count as well. Points without a class do not count. Cost: occupied cells ×
//! surroundings × classes in a cell.

use super::{Cell, Raster};
use crate::dataset::UNLABELED;

/// The effective number of classes within `reach` cells of each occupied cell (1 or more); 0 where
/// the cell is empty or no point around has a class.
///
/// ```
/// use disentangle::raster::{Area, Points, Raster, Viewport, effective_classes};
/// let even = [[0.0, 0.0], [0.2, 0.0]];
/// let area = Area::new(1, 1);
/// let raster = Raster::draw(&Points::new(&even, &[0, 1]), Viewport::new([0.0; 2], 1.0), area);
/// assert!((effective_classes(&raster, 0)[0] - 2.0).abs() < 1e-6);
/// ```
pub fn effective_classes(raster: &Raster, reach: usize) -> Vec<f32> {
    let columns = raster.columns();
    let cells = raster.cells();
    let mut tally = Tally::default();
    let at = |index: usize| (index / columns.max(1), index % columns.max(1));
    let last_row = cells.len() / columns.max(1);
    cells
        .iter()
        .enumerate()
        .map(|(index, cell)| {
            if cell.is_empty() {
                return 0.0;
            }
            let (row, column) = at(index);
            for y in row.saturating_sub(reach)..(row + reach + 1).min(last_row) {
                let line = y * columns;
                let from = column.saturating_sub(reach);
                let to = (column + reach + 1).min(columns);
                for near in &cells[line + from..line + to] {
                    tally.add(raster, near);
                }
            }
            tally.take()
        })
        .collect()
}

/// Counts of the classes around one cell.
#[derive(Default)]
struct Tally {
    counts: Vec<u32>,
    /// Classes with a count.
    touched: Vec<u16>,
}

impl Tally {
    fn add(&mut self, raster: &Raster, cell: &Cell) {
        for entry in raster.counts(cell).iter().filter(|e| e.class != UNLABELED) {
            let class = usize::from(entry.class);
            if class >= self.counts.len() {
                self.counts.resize(class + 1, 0);
            }
            if self.counts[class] == 0 {
                self.touched.push(entry.class);
            }
            self.counts[class] += entry.count;
        }
    }

    /// exp(H) of the counts, which are empty afterwards.
    fn take(&mut self) -> f32 {
        if let [class] = self.touched[..] {
            self.counts[usize::from(class)] = 0;
            self.touched.clear();
            return 1.0;
        }
        let (mut total, mut sum) = (0.0_f64, 0.0_f64);
        for class in self.touched.drain(..) {
            let count = f64::from(std::mem::take(&mut self.counts[usize::from(class)]));
            total += count;
            sum += count * count.ln();
        }
        if total > 0.0 {
            (total.ln() - sum / total).exp() as f32
        } else {
            0.0
        }
    }
}
