//! From 64 to 32 bits without losing what distances need.
//!
//! Shifting a column leaves distances as they are, and scaling everything changes them by one
//! factor. So columns whose mean is large compared with their range are centered, and data whose
//! squares would leave the range of 32 bits is scaled by a power of two. A note says so.

use ndarray::{Array2, s};
use rayon::prelude::*;

/// Magnitudes beyond which squares could leave the range of 32 bits.
const LARGEST: f64 = 1e15;
const SMALLEST: f64 = 1e-15;
/// A column whose mean is this many times its range would lose digits.
const OFFSET: f64 = 1000.0;

/// Values that one thread looks at or rounds at a time.
const BLOCK: usize = 1 << 14;
/// Columns that one thread adds up at a time: a line of the processor's cache holds them.
const COLUMNS: usize = 8;
/// Parts that are rounded one after the other, so that their memory can be given back.
const PARTS: usize = 16;

/// Whether single-precision features need conditioning.
pub(super) fn is_extreme(features: &Array2<f32>) -> bool {
    let largest = f64::from(largest(features, 0.0, |m, v| m.max(v.abs())));
    largest > LARGEST || (largest > 0.0 && largest < SMALLEST)
}

/// The largest of all values, by a function that returns the larger of two.
fn largest<T: Copy + Send + Sync>(
    features: &Array2<T>,
    zero: T,
    larger: impl Fn(T, T) -> T + Sync,
) -> T {
    let Some(values) = features.as_slice_memory_order() else {
        return features.iter().fold(zero, |m, &v| larger(m, v));
    };
    let blocks = values.par_chunks(BLOCK);
    let of_blocks = blocks.map(|block| block.iter().fold(zero, |m, &v| larger(m, v)));
    of_blocks.reduce(|| zero, &larger)
}

/// The features in 32 bits, and a note if they were centered or scaled for that.
pub(super) fn condition(features: Array2<f64>) -> (Array2<f32>, Option<&'static str>) {
    // Scaled down, values cannot overflow when subtracted; powers of two are exact.
    let largest = largest(&features, 0.0, |m, v| m.max(v.abs()));
    let prescale = if largest > 1e150 {
        power_of_two_below(largest)
    } else {
        1.0
    };
    let columns = ranges(&features, prescale);
    let mut means = Vec::with_capacity(columns.len());
    let (mut spread, mut offset) = (0.0_f64, false);
    for (low, high, sum) in columns {
        let mean = sum / features.nrows() as f64;
        let range = high - low;
        spread = spread.max(range);
        offset |= range > 0.0 && mean.abs() > OFFSET * range;
        means.push(mean);
    }
    let out_of_range = spread > LARGEST
        || prescale > 1.0
        || (spread > 0.0 && spread < SMALLEST)
        || largest > LARGEST;
    if !offset && !out_of_range {
        return (rounded(features), None);
    }
    let scale = if out_of_range && spread > 0.0 {
        power_of_two_below(spread)
    } else {
        1.0
    };
    let note = if out_of_range {
        "features were centered and scaled to fit single precision: all distances changed by one \
         factor"
    } else {
        "features were centered to keep their digits in single precision: distances are the same"
    };
    let mut out = Array2::<f32>::zeros(features.raw_dim());
    for (mut to, from) in out.outer_iter_mut().zip(features.outer_iter()) {
        for ((t, &f), mean) in to.iter_mut().zip(from).zip(&means) {
            *t = ((f / prescale - mean) / scale) as f32;
        }
    }
    (out, Some(note))
}

/// The least and the largest value of each column, and their sum, divided by `scale`.
fn ranges(features: &Array2<f64>, scale: f64) -> Vec<(f64, f64, f64)> {
    let width = features.ncols();
    let mut all = vec![(f64::INFINITY, f64::NEG_INFINITY, 0.0); width];
    let groups = all.par_chunks_mut(COLUMNS).enumerate();
    groups.for_each(|(group, columns)| {
        let first = group * COLUMNS;
        for row in features.rows() {
            let values = row.slice_move(s![first..width.min(first + COLUMNS)]);
            for ((low, high, sum), &v) in columns.iter_mut().zip(values) {
                let v = v / scale;
                *low = v.min(*low);
                *high = v.max(*high);
                *sum += v;
            }
        }
    });
    all
}

/// The nearest values of 32 bits. The memory of the wider ones is given back part by part, from the
/// end, so that both never exist as a whole.
fn rounded(features: Array2<f64>) -> Array2<f32> {
    if !features.is_standard_layout() {
        return features.mapv(|v| v as f32);
    }
    let (shape, items) = (features.raw_dim(), features.len());
    let (mut wide, start) = features.into_raw_vec_and_offset();
    let start = start.unwrap_or(0);
    let mut single = vec![0.0_f32; items];
    let step = items.div_ceil(PARTS).max(BLOCK);
    for first in (0..items.div_ceil(step)).rev().map(|part| part * step) {
        let part = &mut single[first..items.min(first + step)];
        let from = &wide[start + first..][..part.len()];
        let blocks = part.par_chunks_mut(BLOCK).zip(from.par_chunks(BLOCK));
        blocks.for_each(|(to, from)| to.iter_mut().zip(from).for_each(|(t, &f)| *t = f as f32));
        wide.truncate(start + first);
        wide.shrink_to_fit();
    }
    Array2::from_shape_vec(shape, single).unwrap_or_default()
}

/// The largest power of two not above a positive number (subnormal ones stay as they are).
fn power_of_two_below(value: f64) -> f64 {
    if value < f64::MIN_POSITIVE {
        value
    } else {
        f64::from_bits(value.to_bits() & (0x7ff << 52))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ordinary_features_stay_as_they_are() {
        let (out, note) = condition(array![[1.5, -2.0], [0.25, 8.0]]);
        assert_eq!(out, array![[1.5_f32, -2.0], [0.25, 8.0]]);
        assert!(note.is_none());
    }

    #[test]
    fn distances_survive_offsets_and_extremes() {
        for (scale, shift) in [
            (1.0, 1e9),
            (1e200, 0.0),
            (1e-200, 0.0),
            (4e-324, 0.0),
            (3e307, 0.0),
        ] {
            let rows = array![[1.0, 5.0], [2.0, 5.0], [4.0, 1.0]].mapv(|v: f64| v * scale + shift);
            let (out, note) = condition(rows);
            let distance = |a: usize, b: usize| {
                let d = &out.row(a) - &out.row(b);
                d.dot(&d).sqrt()
            };
            assert!(note.is_some());
            let ratio = distance(0, 2) / distance(0, 1);
            assert!((ratio - 5.0).abs() < 1e-4, "{scale} {shift}: {ratio}");
        }
    }
}
