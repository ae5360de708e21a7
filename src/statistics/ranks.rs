//! Ranks of values, for rank correlations.

use std::cmp::Ordering;

/// Ranks from 1; equal values share the mean of their ranks. At most 2³² values.
pub(crate) fn average_ranks<T>(
    values: &[T],
    compare: impl Fn(&T, &T) -> Ordering + Copy,
) -> Vec<f64> {
    let compare = |&i: &u32, &j: &u32| compare(&values[i as usize], &values[j as usize]);
    let mut by_value: Vec<u32> = (0..values.len() as u32).collect();
    by_value.sort_unstable_by(compare);
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in by_value.chunk_by(|i, j| compare(i, j).is_eq()) {
        let rank = before as f64 + f64::midpoint(equal.len() as f64, 1.0);
        for &at in equal {
            ranks[at as usize] = rank;
        }
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        let values = [2.0, -1.0, 2.0, 7.5, 2.0, -1.0];
        let ranks = average_ranks(&values, f64::total_cmp);
        assert_eq!(ranks, [4.0, 1.5, 4.0, 6.0, 4.0, 1.5]);
        assert!(average_ranks(&[], f32::total_cmp).is_empty());
    }
}
