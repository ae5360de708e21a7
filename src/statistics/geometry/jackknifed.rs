//! Statistics of class means, computed again without each group of samples, so that differences
//! between two feature sets of the same samples have a standard error.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::{ClassSums, Means};
use crate::reduce::column_means;
use crate::statistics::Labeled;
use crate::statistics::estimate::jackknife;

/// Groups of the jackknife.
const GROUPS: usize = 20;

/// A statistic of all samples, and without each group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Jackknifed {
    pub(crate) value: f64,
    without: Vec<f64>,
}

impl Jackknifed {
    /// Standard error of the value.
    pub(crate) fn standard_error(&self) -> f64 {
        jackknife(&self.without).unwrap_or_default()
    }

    /// The other set's value minus this one's, with its standard error; both must be of the same
    /// samples.
    pub(crate) fn until(&self, other: &Self) -> (f64, f64) {
        let pairs = self.without.iter().zip(&other.without);
        let differences: Vec<f64> = pairs.map(|(a, b)| b - a).collect();
        let error = jackknife(&differences).unwrap_or_default();
        (other.value - self.value, error)
    }
}

/// The statistics that sets are compared by; `None` if undefined.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JackknifedFigures {
    pub(crate) class_separation_r2: Option<Jackknifed>,
    pub(crate) variance_ratio: Option<Jackknifed>,
    pub(crate) cdnv: Option<Jackknifed>,
}

/// Computes them. `features` are those of the labeled samples.
pub(crate) fn jackknifed(features: ArrayView2<'_, f32>, labeled: &Labeled) -> JackknifedFigures {
    let (n, d) = features.dim();
    let center = column_means(features);
    let mut groups = vec![ClassSums::zero(labeled.classes(), d); GROUPS];
    groups.par_iter_mut().enumerate().for_each(|(g, sums)| {
        for i in (0..n).filter(|i| (i / 8) % GROUPS == g) {
            let raw = features.index_axis(Axis(0), i);
            let row = &raw.mapv(f64::from) - &center;
            sums.push(usize::from(labeled.indices()[i]), raw, row.view());
        }
    });
    let mut all = ClassSums::zero(labeled.classes(), d);
    for group in &groups {
        all.add(group);
    }
    let without: Vec<Means> = groups
        .iter()
        .map(|group| all.without(group).means(&center))
        .collect();
    let all = all.means(&center);
    let figure = |of: fn(&Means) -> Option<f64>| {
        let value = of(&all).filter(|_| all.occupied().len() > 1)?;
        // If a class is empty without the group, the value of all samples is used.
        let without = without.iter().map(|means| of(means).unwrap_or(value));
        Some(Jackknifed {
            value,
            without: without.collect(),
        })
    };
    JackknifedFigures {
        class_separation_r2: figure(Means::class_separation_r2),
        variance_ratio: figure(Means::variance_ratio),
        cdnv: figure(Means::mean_cdnv),
    }
}
