//! From 64 to 32 bits without losing what distances need.
//!
//! Shifting a column leaves distances as they are, and scaling everything changes them by one
//! factor. So columns whose mean is large compared with their range are centered, and data whose
//! squares would leave the range of 32 bits is scaled by a power of two. A note says so.

use ndarray::Array2;

/// Magnitudes beyond which squares could leave the range of 32 bits.
const LARGEST: f64 = 1e15;
const SMALLEST: f64 = 1e-15;
/// A column whose mean is this many times its range would lose digits.
const OFFSET: f64 = 1000.0;

/// Whether single-precision features need conditioning.
pub(super) fn is_extreme(features: &Array2<f32>) -> bool {
    let largest = features.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    f64::from(largest) > LARGEST || (largest > 0.0 && f64::from(largest) < SMALLEST)
}

/// The features in 32 bits, and a note if they were centered or scaled for that.
pub(super) fn condition(features: &Array2<f64>) -> (Array2<f32>, Option<&'static str>) {
    // Scaled down, values cannot overflow when subtracted; powers of two are exact.
    let largest = features.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let prescale = if largest > 1e150 {
        power_of_two_below(largest)
    } else {
        1.0
    };
    let mut columns = vec![(f64::INFINITY, f64::NEG_INFINITY, 0.0); features.ncols()];
    for row in features.rows() {
        for ((low, high, sum), &v) in columns.iter_mut().zip(row) {
            let v = v / prescale;
            *low = v.min(*low);
            *high = v.max(*high);
            *sum += v;
        }
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
        return (features.mapv(|v| v as f32), None);
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
        let (out, note) = condition(&array![[1.5, -2.0], [0.25, 8.0]]);
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
            let (out, note) = condition(&rows);
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
