//! Whether classes mix more the closer they are in their order: Mantel's test.
//!
//! In: how much each pair of classes mixes, the classes in their order. Out: an [`OrderTest`]. The
//! statistic r is Spearman's correlation, over all pairs of classes, between mixing and closeness in
//! the order. Under the null hypothesis the order has nothing to do with the mixing, so all orders
//! of the classes are equally likely; p is the share of orders with an r at least as large (Mantel
//! 1967). Up to 8 classes all orders are compared, beyond that the given one with 9,999 random
//! ones. With fewer than five classes no order can be significant: four classes have twelve
//! different ones.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::ranks::average_ranks;
use super::shuffle::shuffle;

/// The fewest classes with an order that can be significant.
const FEWEST_CLASSES: usize = 5;
/// Up to this many classes, all orders are compared.
const MOST_EXACT: usize = 8;
/// Beyond, this many random orders.
const RANDOM_ORDERS: usize = 9_999;
/// Beyond this many classes the test is not made: it would take seconds, and labels of that many
/// values are usually measurements.
const MOST_CLASSES: usize = 250;
/// Seed of the random orders.
const SEED: u64 = 1;

/// Whether classes mix more the closer they are in their order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OrderTest {
    /// Spearman's correlation of mixing and closeness over the pairs of classes, −1 to 1: 1 if
    /// mixing decreases strictly with the distance in the order.
    pub r: f64,
    /// Share of all orders with an r at least as large, the given one included.
    pub p_value: f64,
    /// Number of orders compared.
    pub orders: usize,
}

/// Tests an order of classes. `mixing` is symmetric (classes × classes, row-major), with the classes
/// in their order; `None` for too few or too many classes, or if all pairs mix equally.
///
/// ```
/// use disentangle::statistics::test_order;
/// // Five classes in a row, of which only neighbors mix.
/// let mixing: Vec<f64> = (0..25).map(|at: i32| f64::from(u8::from((at / 5 - at % 5).abs() == 1))).collect();
/// let test = test_order(&mixing, 5).unwrap();
/// assert!(test.r > 0.8);
/// assert_eq!(test.p_value, 2.0 / 120.0); // this order and its reverse
/// ```
pub fn test_order(mixing: &[f64], classes: usize) -> Option<OrderTest> {
    if !(FEWEST_CLASSES..=MOST_CLASSES).contains(&classes) || mixing.len() != classes * classes {
        return None;
    }
    let pairs: Vec<(usize, usize)> = (0..classes)
        .flat_map(|a| (a + 1..classes).map(move |b| (a, b)))
        .collect();
    let of_mixing = centered_ranks(pairs.iter().map(|&(a, b)| mixing[a * classes + b]));
    let of_closeness = centered_ranks(pairs.iter().map(|&(a, b)| a as f64 - b as f64));
    let mut closeness = vec![0.0; classes];
    for (&(a, b), &rank) in pairs.iter().zip(&of_closeness) {
        closeness[b - a] = rank;
    }
    let squares = |ranks: &[f64]| ranks.iter().map(|r| r * r).sum::<f64>();
    let scale = (squares(&of_mixing) * squares(&of_closeness)).sqrt();
    if scale == 0.0 {
        return None;
    }
    let covariance = |order: &[usize]| -> f64 {
        let terms = pairs.iter().zip(&of_mixing);
        terms
            .map(|(&(a, b), rank)| rank * closeness[order[a].abs_diff(order[b])])
            .sum()
    };
    let mut order: Vec<usize> = (0..classes).collect();
    let found = covariance(&order);
    // Sums of the same terms in another order may differ by rounding.
    let reached = |order: &[usize]| covariance(order) >= found - 1e-9 * scale;
    let (mut hits, mut orders) = (0, 0);
    if classes <= MOST_EXACT {
        each_order(&mut order, classes, &mut |order| {
            orders += 1;
            hits += usize::from(reached(order));
        });
    } else {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        (hits, orders) = (1, 1 + RANDOM_ORDERS);
        for _ in 0..RANDOM_ORDERS {
            shuffle(&mut order, |n| (u64::from(random.next_u32()) * n) >> 32);
            hits += usize::from(reached(&order));
        }
    }
    Some(OrderTest {
        r: found / scale,
        p_value: hits as f64 / orders as f64,
        orders,
    })
}

/// Ranks less their mean; equal values share the mean of their ranks.
fn centered_ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mean = f64::midpoint(values.len() as f64, 1.0);
    let ranks = average_ranks(&values, f64::total_cmp).into_iter();
    ranks.map(|rank| rank - mean).collect()
}

/// Calls `each` with all orders of the first `length` entries (Heap 1963).
fn each_order(order: &mut [usize], length: usize, each: &mut impl FnMut(&[usize])) {
    if length <= 1 {
        each(order);
        return;
    }
    for i in 0..length {
        each_order(order, length - 1, each);
        if i + 1 < length {
            let from = if length.is_multiple_of(2) { i } else { 0 };
            order.swap(from, length - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Symmetric mixing of classes at places on a line: nearer ones mix more.
    fn at(places: &[f64]) -> Vec<f64> {
        let each = places.iter();
        each.flat_map(|a| places.iter().map(move |b| (-(a - b).abs()).exp()))
            .collect()
    }

    #[test]
    fn a_chain_is_seen_and_its_reverse_as_well() {
        for classes in [5, 8, 9, 40] {
            let places: Vec<f64> = (0..classes).map(|c| f64::from(c) * 0.5).collect();
            for places in [places.clone(), places.into_iter().rev().collect()] {
                let test = test_order(&at(&places), places.len()).unwrap();
                assert!((test.r - 1.0).abs() < 1e-12, "{test:?}");
                assert!(test.p_value <= 2.0 / 120.0, "{test:?}");
            }
        }
    }

    #[test]
    fn ranks_and_p_values_are_those_of_their_definition() {
        // Of 60 orders (each with its reverse) of these, 4 have an r of at least that of the given one.
        let mixing = at(&[0.0, 1.0, 1.5, 0.5, 4.0]);
        let test = test_order(&mixing, 5).unwrap();
        let places = [0.0, 1.0, 1.5, 0.5, 4.0_f64];
        let mut all = Vec::new();
        each_order(&mut (0..5).collect::<Vec<_>>(), 5, &mut |order| {
            let permuted: Vec<f64> = order.iter().map(|&c| places[c]).collect();
            all.push(spearman(&permuted));
        });
        assert_eq!(all.len(), 120);
        let own = spearman(&places);
        assert!((test.r - own).abs() < 1e-12);
        let reached = all.iter().filter(|r| **r >= own - 1e-12).count();
        assert!((test.p_value - reached as f64 / 120.0).abs() < 1e-12);
        assert_eq!(test.orders, 120);
    }

    /// Spearman's correlation by its definition: Pearson's of ranks that are counted.
    fn spearman(places: &[f64]) -> f64 {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for a in 0..places.len() {
            for b in a + 1..places.len() {
                x.push(-((b - a) as f64));
                y.push((-(places[a] - places[b]).abs()).exp());
            }
        }
        let rank = |values: &[f64]| -> Vec<f64> {
            let below = |v: f64| values.iter().filter(|w| **w < v).count() as f64;
            let equal = |v: f64| values.iter().filter(|w| w.total_cmp(&v).is_eq()).count() as f64;
            values.iter().map(|&v| below(v) + equal(v) / 2.0).collect()
        };
        let (x, y) = (rank(&x), rank(&y));
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (mx, my) = (mean(&x), mean(&y));
        let products = |u: &[f64], mu: f64, v: &[f64], mv: f64| -> f64 {
            u.iter().zip(v).map(|(u, v)| (u - mu) * (v - mv)).sum()
        };
        products(&x, mx, &y, my) / (products(&x, mx, &x, mx) * products(&y, my, &y, my)).sqrt()
    }

    #[test]
    fn unordered_classes_are_rarely_called_ordered() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for classes in [5, 6, 8, 12] {
            let mut called = 0;
            for _ in 0..200 {
                let mut mixing = vec![0.0; classes * classes];
                for a in 0..classes {
                    for b in a + 1..classes {
                        let value = f64::from(random.next_u32() % 20);
                        (mixing[a * classes + b], mixing[b * classes + a]) = (value, value);
                    }
                }
                called += usize::from(test_order(&mixing, classes).unwrap().p_value <= 0.05);
            }
            // 5% of 200 are 10; beyond 17 once in 100.
            assert!(called <= 17, "{called} of 200 with {classes} classes");
        }
    }

    #[test]
    fn without_a_possible_answer_there_is_none() {
        assert_eq!(test_order(&at(&[0.0, 1.0, 2.0, 3.0]), 4), None);
        assert_eq!(test_order(&[0.5; 36], 6), None);
        assert_eq!(test_order(&vec![0.0; 300 * 300], 300), None);
        assert_eq!(test_order(&[0.0; 24], 5), None);
    }
}
