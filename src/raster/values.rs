//! A value per cell, from the values of the samples in it.

use super::{Fold, Points};

/// The values of all cells while points are added.
pub(super) struct Values<'a> {
    of_samples: &'a [f32],
    fold: Fold,
    cells: Vec<Folded>,
}

/// The values of one cell.
#[derive(Debug, Clone, Copy)]
struct Folded {
    /// Their sum, or the greatest.
    value: f64,
    count: u32,
}

impl<'a> Values<'a> {
    pub(super) fn new(points: &Points<'a>, cells: usize) -> Self {
        let none = Folded {
            value: match points.fold {
                Fold::Mean => 0.0,
                Fold::Greatest => f64::NEG_INFINITY,
            },
            count: 0,
        };
        Self {
            of_samples: points.values,
            fold: points.fold,
            cells: vec![none; if points.values.is_empty() { 0 } else { cells }],
        }
    }

    /// Adds the value of a sample to a cell.
    #[inline(always)]
    pub(super) fn add(&mut self, at: u32, sample: usize) {
        let Some(&value) = self.of_samples.get(sample) else {
            return;
        };
        if value.is_finite() {
            let cell = &mut self.cells[at as usize];
            cell.count += 1;
            match self.fold {
                Fold::Mean => cell.value += f64::from(value),
                Fold::Greatest => cell.value = cell.value.max(f64::from(value)),
            }
        }
    }

    /// One value per cell, NaN where there is none; empty without values.
    pub(super) fn finish(self) -> Vec<f32> {
        let divide = self.fold == Fold::Mean;
        self.cells
            .into_iter()
            .map(|Folded { value, count }| match count {
                0 => f32::NAN,
                _ if divide => (value / f64::from(count)) as f32,
                _ => value as f32,
            })
            .collect()
    }
}
