//! How far the points of a map reach in a picture.

use super::turn::Turn;

/// Share of the points that may be outliers on each side of an axis.
const OUTLIERS: f64 = 0.001;
/// An outlier is left out only if it lies further from the rest than this many times its extent.
const FAR: f64 = 2.0;
/// Quantiles are taken from about this many points: enough for a margin, cheap at any n.
const QUANTILE_SAMPLE: usize = 8192;

/// The lowest and highest value along an axis of the picture, without far outliers; `None` without a
/// finite point.
pub(super) fn extent(positions: &[[f32; 2]], turn: Turn, axis: usize) -> Option<[f64; 2]> {
    let finite = |p: &&[f32; 2]| p[0].is_finite() && p[1].is_finite();
    let value = |p: &[f32; 2]| turn.apply(p.map(f64::from))[axis];
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in positions.iter().filter(finite).map(value) {
        lowest = lowest.min(value);
        highest = highest.max(value);
    }
    if lowest > highest {
        return None;
    }
    let all = [lowest, highest];
    let stride = positions.len().div_ceil(QUANTILE_SAMPLE).max(1);
    let some = positions.iter().step_by(stride).filter(finite);
    let mut sample: Vec<f64> = some.map(value).collect();
    let trimmed = ((sample.len() as f64 * OUTLIERS) as usize).max(1);
    if sample.len() < 2 * trimmed + 2 {
        return Some(all);
    }
    let upper = sample.len() - 1 - trimmed;
    let low = *sample.select_nth_unstable_by(trimmed, f64::total_cmp).1;
    let high = *sample.select_nth_unstable_by(upper, f64::total_cmp).1;
    let reach = FAR * (high - low);
    if reach <= 0.0 {
        return Some(all);
    }
    Some([
        if all[0] < low - reach { low } else { all[0] },
        if all[1] > high + reach { high } else { all[1] },
    ])
}
