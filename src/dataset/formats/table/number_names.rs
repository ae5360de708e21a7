//! Whether the numbers of a first row are names, such as years, wavelengths and counts from 0: they are
//! in an order, or of a size, that the rows below are not.

use super::first_row::FirstRow;

/// Differences between steps that are due to rounding, as a share of the step.
const STEP_TOLERANCE: f64 = 1e-6;
/// Share of rows below that may have the same order.
const FEW: f64 = 0.02;
/// Numbers from which a strict rise is no accident.
const LEAST_RISING: usize = 6;
/// Numbers from which equal steps are no accident.
const LEAST_STEADY: usize = 4;
/// Numbers outside the ranges of their columns from which that is no accident, and the rows that the
/// ranges are of.
const LEAST_APART: usize = 3;
const LEAST_ROWS: usize = 10;

/// What the numbers of a first row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    Names,
    /// They may be, if words beside them are.
    PerhapsNames,
    Values,
}

/// What the numbers above columns of numbers are.
pub(super) fn numbers(first: &FirstRow<'_>) -> Numbers {
    let columns = first.of_numbers();
    let own: Vec<f64> = columns.iter().filter_map(|&c| first.value(c)).collect();
    let others = first.others(&columns);
    let is_rare = |fits: fn(&[f64]) -> bool| {
        let fitting = others.iter().filter(|row| fits(row)).count();
        fits(&own) && fitting as f64 <= FEW * others.len() as f64
    };
    let are_many = own.len() >= LEAST_RISING;
    let occur_below = columns.iter().all(|&c| first.below[c].repeats > 0);
    let is_steady = own.len() >= LEAST_STEADY
        && (is_rare(is_steady) || is_rare(counts_again))
        && (!occur_below || are_many && !are_orders(&own, &others));
    let outside = how_far_outside(first, &columns, &own);
    let are_outside = |least: f64| {
        let is_enough = own.len() >= LEAST_APART && others.len() >= LEAST_ROWS;
        is_enough && outside.iter().all(|&far| far > least)
    };
    let some_outside = outside.iter().any(|&far| far > 0.0);
    let rises = is_rare(is_rising);
    let rises_as_names = rises && (are_many && some_outside || are_outside(0.0));
    if others.len() > 2 && (is_steady || rises_as_names || are_outside(1.0)) {
        return Numbers::Names;
    }
    let is_whole = |c: &usize| first.cells[*c].bytes().all(|b| b.is_ascii_digit());
    let is_other_type = |c: &usize| is_whole(c) && first.below[*c].is_fractional();
    if own.len() > 1 && rises || columns.iter().all(is_other_type) {
        Numbers::PerhapsNames
    } else {
        Numbers::Values
    }
}

/// How far each number lies outside the range of its column, in widths of the range.
fn how_far_outside(first: &FirstRow<'_>, columns: &[usize], own: &[f64]) -> Vec<f64> {
    let far = |(&c, &value): (&usize, &f64)| {
        let (least, largest) = (first.below[c].least, first.below[c].largest);
        let width = (largest - least).max(f64::MIN_POSITIVE);
        (value - largest).max(least - value) / width
    };
    columns.iter().zip(own).map(far).collect()
}

/// Whether most rows hold the same numbers in other orders, as ranks do.
fn are_orders(own: &[f64], others: &[Vec<f64>]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let own = sorted(own);
    let same = others.iter().filter(|row| sorted(row) == own).count();
    2 * same > others.len()
}

/// Whether numbers rise or fall from each to the next.
fn is_rising(values: &[f64]) -> bool {
    values.windows(2).all(|w| w[0] < w[1]) || values.windows(2).all(|w| w[0] > w[1])
}

/// Whether numbers change by the same step or factor from each to the next.
fn is_steady(values: &[f64]) -> bool {
    let logarithms: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    has_steps(values) || has_steps(&logarithms)
}

fn has_steps(values: &[f64]) -> bool {
    let [first, second, ..] = values else {
        return false;
    };
    let step = second - first;
    let tolerance = STEP_TOLERANCE * step.abs();
    step.abs() > 0.0 && (values.windows(2)).all(|w| (w[1] - w[0] - step).abs() <= tolerance)
}

/// Whether numbers count from 0, perhaps several times, as pandas does for tables that it joins: 0, 0,
/// 1, 2, 3.
fn counts_again(values: &[f64]) -> bool {
    let is_first = |value: f64| value.abs() <= 0.0;
    let goes_on = |w: &[f64]| (w[1] - w[0] - 1.0).abs() <= 0.0 || is_first(w[1]);
    let is_long = values.iter().any(|&v| v + 1.0 >= LEAST_STEADY as f64);
    values.first().copied().is_some_and(is_first) && is_long && values.windows(2).all(goes_on)
}
