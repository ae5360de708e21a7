//! What a column's values show about its role.
//!
//! In: a column of numbers or of text. Out: [`Evidence`]: how many values are missing or different,
//! how they change from row to row, and what text looks like. Cost: one pass, and for whole numbers
//! and text a sort.

use std::collections::HashSet;

use super::resembles::{Resembles, resembles};
use crate::dataset::column::{LARGEST_WHOLE, is_missing};

/// Rows from which a steady rise is no accident.
const LEAST_ROWS: usize = 5;
/// Rows from which consecutive numbers in any order are no accident.
const LEAST_SHUFFLED: usize = 20;
/// Rows from which whole numbers that never repeat within a range of twice as many are no accident: by chance it
/// would happen once in 10,000 columns.
const LEAST_SPREAD: usize = 30;
/// Whole numbers that rise by less than this on average are numbers of rows, some of which are gone.
const LARGEST_GAP: f64 = 3.0;
/// Rows on average between two beginnings from which a count that begins again is no accident.
const LEAST_COUNTED: usize = 4;
/// Groups of equally many rows from which rising numbers of them are no accident, and from which their
/// gaps do not matter.
const LEAST_GROUPS: usize = 10;
const MANY_GROUPS: usize = 20;
/// Differences between steps that are due to rounding, as a share of the step.
const STEP_TOLERANCE: f64 = 1e-6;

/// How numbers change from row to row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// By the same step in every row.
    Steady {
        first: f64,
        last: f64,
        step: f64,
    },
    /// Whole numbers that rise with small gaps.
    Gaps {
        first: f64,
        last: f64,
    },
    /// Whole numbers of a narrow range, each once at most.
    Shuffled {
        least: f64,
        largest: f64,
    },
    /// Whole numbers that rise by one and begin again: 1, 2, 3, 4, 1, 2, 3, 4.
    Counted {
        first: f64,
        largest: f64,
    },
    /// Whole numbers that rise, each in equally many rows: 1, 1, 1, 2, 2, 2.
    Groups {
        rows: usize,
    },
    /// Up only, or down only.
    Monotone,
    None,
}

/// What kind of values a column holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Whole,
    Fraction,
    Text(Resembles),
    /// Rows of numbers.
    Vectors,
}

/// What a column's values show.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) kind: Kind,
    /// Values that are not missing.
    pub(super) present: usize,
    /// Different values; of fractions, not more than two are counted.
    pub(super) distinct: usize,
    pub(super) order: Order,
    pub(super) least: f64,
    pub(super) largest: f64,
    pub(super) variance: f64,
}

impl Evidence {
    pub(super) fn of_vectors(rows: usize) -> Self {
        Self {
            kind: Kind::Vectors,
            present: rows,
            distinct: rows,
            order: Order::None,
            least: 0.0,
            largest: 0.0,
            variance: 0.0,
        }
    }

    pub(super) fn of_numbers(values: Vec<f64>) -> Self {
        let rows = values.len();
        let mut present = values;
        present.retain(|v| !v.is_nan());
        let n = present.len();
        let mean = present.iter().sum::<f64>() / n.max(1) as f64;
        let variance = present.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n.max(1) as f64;
        let is_whole = present.iter().all(|v| Self::is_whole(*v));
        let is_complete = n == rows && n >= LEAST_ROWS;
        let in_rows = if is_complete {
            order(&present, is_whole)
        } else {
            Order::None
        };
        let least = present.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = present.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let distinct = if is_whole {
            present.sort_unstable_by(f64::total_cmp);
            present.dedup();
            present.len()
        } else {
            2
        };
        let room = if n < LEAST_SPREAD { n } else { 2 * n };
        let is_shuffled = is_whole
            && is_complete
            && n >= LEAST_SHUFFLED
            && distinct == n
            && largest - least < room as f64;
        Self {
            kind: if is_whole {
                Kind::Whole
            } else {
                Kind::Fraction
            },
            present: n,
            distinct,
            order: match in_rows {
                Order::None | Order::Monotone if is_shuffled => Order::Shuffled { least, largest },
                found => found,
            },
            least,
            largest,
            variance,
        }
    }

    /// Fractions that neither rise nor fall.
    pub(super) fn of_fractions(present: usize, least: f64, largest: f64, variance: f64) -> Self {
        Self {
            kind: Kind::Fraction,
            present,
            distinct: 2,
            order: Order::None,
            least,
            largest,
            variance,
        }
    }

    pub(super) fn is_whole(value: f64) -> bool {
        value.fract() == 0.0 && value.abs() <= LARGEST_WHOLE
    }

    pub(super) fn of_text(values: &[String]) -> Self {
        let present: Vec<&str> = values
            .iter()
            .map(String::as_str)
            .filter(|v| !is_missing(v))
            .collect();
        let distinct: HashSet<&str> = present.iter().copied().collect();
        Self {
            kind: Kind::Text(resembles(&present, &distinct)),
            present: present.len(),
            distinct: distinct.len(),
            order: Order::None,
            least: 0.0,
            largest: 0.0,
            variance: 0.0,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(_))
    }

    /// Whether no value occurs twice and none is missing.
    pub(super) fn is_unique(&self, rows: usize) -> bool {
        let is_counted = matches!(self.kind, Kind::Whole | Kind::Text(_));
        is_counted && self.present == rows && self.distinct == rows && rows > 1
    }

    /// Whether the values could be classes: several, most of which occur again and again.
    pub(super) fn could_be_classes(&self) -> bool {
        matches!(self.kind, Kind::Whole | Kind::Text(_))
            && self.distinct >= 2
            && 2 * self.distinct <= self.present
    }
}

/// How numbers change from row to row.
fn order(values: &[f64], is_whole: bool) -> Order {
    let (first, last) = (values[0], values[values.len() - 1]);
    let step = values[1] - first;
    let tolerance = STEP_TOLERANCE * step.abs();
    if step != 0.0
        && values
            .windows(2)
            .all(|w| (w[1] - w[0] - step).abs() <= tolerance)
    {
        return Order::Steady { first, last, step };
    }
    let is_rising = values.windows(2).all(|w| w[0] < w[1]);
    let rows = values.len();
    if is_rising && is_whole && rows >= LEAST_SHUFFLED && last - first < LARGEST_GAP * rows as f64 {
        return Order::Gaps { first, last };
    }
    if is_whole && let Some(found) = grouped(values) {
        return found;
    }
    let never = |falls: bool| {
        values
            .windows(2)
            .all(|w| if falls { w[0] >= w[1] } else { w[0] <= w[1] })
    };
    if (first - last).abs() > 0.0 && (never(false) || never(true)) {
        return Order::Monotone;
    }
    Order::None
}

/// Whole numbers that count the rows of groups, or number the groups.
fn grouped(values: &[f64]) -> Option<Order> {
    let values: Vec<i64> = values.iter().map(|&v| v as i64).collect();
    match values[1] - values[0] {
        0 | 1 => counted(&values).or_else(|| groups(&values)),
        ..0 => counted(&values),
        _ => None,
    }
}

fn counted(values: &[i64]) -> Option<Order> {
    // The first count may have begun before the first row.
    let first = *values.iter().min()?;
    let starts = values.iter().filter(|v| **v == first).count();
    let goes_on = |w: &[i64]| w[1] - w[0] == 1 || w[1] == first;
    let largest = *values.iter().max()?;
    (starts > 1 && values.len() >= LEAST_COUNTED * starts && values.windows(2).all(goes_on))
        .then_some(Order::Counted {
            first: first as f64,
            largest: largest as f64,
        })
}

fn groups(values: &[i64]) -> Option<Order> {
    let rows = values.iter().take_while(|v| **v == values[0]).count();
    let groups: Vec<i64> = values.iter().copied().step_by(rows).collect();
    let is_equal = rows > 1
        && values.len() == rows * groups.len()
        && values
            .chunks(rows)
            .all(|group| group.iter().all(|v| *v == group[0]));
    let is_rising = groups.windows(2).all(|w| w[0] < w[1]);
    let is_gapless = groups[groups.len() - 1] - groups[0] < groups.len() as i64;
    let are_many = groups.len() >= MANY_GROUPS || groups.len() >= LEAST_GROUPS && is_gapless;
    (is_equal && is_rising && are_many).then_some(Order::Groups { rows })
}
