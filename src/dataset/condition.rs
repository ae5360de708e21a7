//! From 64 to 32 bits without losing what distances need.
//!
//! Shifting a column leaves distances as they are, and scaling everything changes them by one
//! factor. So columns whose mean is large compared with their range are centered, and data whose
//! squares would leave the range of 32 bits is scaled by a power of two. A note says so.

use ndarray::Array2;
use rayon::prelude::*;

/// Magnitudes beyond which squares could leave the range of 32 bits.
const LARGEST: f64 = 1e15;
const SMALLEST: f64 = 1e-15;
/// A column whose mean is this many times its range would lose digits.
const OFFSET: f64 = 1000.0;

/// Values that one thread looks at or rounds at a time.
const BLOCK: usize = 1 << 14;
/// Columns that one thread adds up at a time: a few lines of the processor's cache hold them.
const COLUMNS: usize = 32;
/// Parts that are rounded one after the other, so that their memory can be given back.
const PARTS: usize = 16;

/// Whether single-precision features need conditioning.
pub(super) fn is_extreme(features: &Array2<f32>) -> bool {
    let larger = |m: f32, v: &f32| m.max(v.abs());
    let largest = match features.as_slice_memory_order() {
        Some(values) => {
            let blocks = values.par_chunks(BLOCK);
            let of_blocks = blocks.map(|block| block.iter().fold(0.0, larger));
            of_blocks.reduce(|| 0.0, f32::max)
        }
        None => features.iter().fold(0.0, larger),
    };
    let largest = f64::from(largest);
    largest > LARGEST || (largest > 0.0 && largest < SMALLEST)
}

/// The features in 32 bits, and a note if they were centered or scaled for that.
pub(super) fn condition(features: Array2<f64>) -> (Array2<f32>, Option<&'static str>) {
    let mut columns = ranges(&features, |v| v);
    let largest = (columns.iter()).fold(0.0_f64, |m, (low, high, _)| m.max(-low).max(*high));
    let mut prescale = 1.0;
    if largest > 1e150 {
        // Scaled down, values cannot overflow when subtracted; powers of two are exact.
        prescale = power_of_two_below(largest);
        columns = ranges(&features, |v| v / prescale);
    }
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
        "features were centered and scaled to fit single precision: all distances changed by the same factor"
    } else {
        "features were centered to keep their digits in single precision: distances do not change"
    };
    let mut out = Array2::<f32>::zeros(features.raw_dim());
    for (mut to, from) in out.outer_iter_mut().zip(features.outer_iter()) {
        for ((t, &f), mean) in to.iter_mut().zip(from).zip(&means) {
            *t = ((f / prescale - mean) / scale) as f32;
        }
    }
    (out, Some(note))
}

/// The least and the largest value of each column, and their sum, after scaling.
fn ranges(features: &Array2<f64>, scaled: impl Fn(f64) -> f64 + Sync) -> Vec<(f64, f64, f64)> {
    let width = features.ncols();
    let features = features.as_standard_layout();
    let values = features.as_slice().unwrap_or_default();
    let groups: Vec<usize> = (0..width).step_by(COLUMNS).collect();
    let of_group = |&first: &usize| {
        let last = width.min(first + COLUMNS);
        let (mut low, mut high) = ([f64::INFINITY; COLUMNS], [f64::NEG_INFINITY; COLUMNS]);
        let mut sums = [0.0; COLUMNS];
        for row in values.chunks_exact(width) {
            let extremes = low.iter_mut().zip(&mut high);
            for ((&v, (low, high)), sum) in row[first..last].iter().zip(extremes).zip(&mut sums) {
                let v = scaled(v);
                *low = v.min(*low);
                *high = v.max(*high);
                *sum += v;
            }
        }
        (0..last - first).map(move |c| (low[c], high[c], sums[c]))
    };
    groups.par_iter().flat_map_iter(of_group).collect()
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
