//! Minimizes smooth functions by quasi-Newton methods.
//!
//! In: a start, and a function with its gradient. Out: the minimum near the start. [`lbfgs`] is for
//! many parameters: it estimates the inverse Hessian from the last ten steps (Liu & Nocedal 1989).
//! [`bfgs`] is for a few: it keeps the inverse Hessian as a matrix, and ends when a step gains
//! little, so that directions in which the function is almost flat do no harm. Both halve a step
//! until the function decreases. All arithmetic is in 64 bits and in a fixed order.

use std::collections::VecDeque;

use ndarray::{Array, Array1, Array2, Dimension, Ix1};

use crate::error::Result;
use crate::progress::{Progress, check};

/// The curvature is estimated from this many steps.
const MEMORY: usize = 10;
/// A step is halved at most this often.
const HALVINGS: usize = 30;
/// A step is accepted if the function decreases by at least this share of what its slope predicts.
const LEAST_DECREASE: f64 = 1e-4;

/// When [`lbfgs`] ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Ends after this many iterations,
    pub(crate) iterations: usize,
    /// or when no entry of the gradient is larger than this.
    pub(crate) gradient: f64,
}

/// A function at a point.
pub(crate) struct Value<D: Dimension> {
    pub(crate) value: f64,
    pub(crate) gradient: Array<f64, D>,
}

/// A step, and the change of the gradient along it.
struct Step<D: Dimension> {
    moved: Array<f64, D>,
    turned: Array<f64, D>,
}

/// The minimum near a start, for many parameters.
pub(crate) fn lbfgs<D: Dimension>(
    start: Array<f64, D>,
    limits: Limits,
    progress: &dyn Progress,
    evaluate: impl Fn(&Array<f64, D>) -> Value<D>,
) -> Result<Array<f64, D>> {
    let mut at = start;
    let mut here = evaluate(&at);
    let mut past: VecDeque<Step<D>> = VecDeque::new();
    for _ in 0..limits.iterations {
        check(progress)?;
        if here.gradient.iter().all(|g| g.abs() <= limits.gradient) {
            break;
        }
        let mut direction = downhill(&here.gradient, &past);
        let mut slope = inner(&direction, &here.gradient);
        if slope >= 0.0 {
            past.clear();
            direction = -&here.gradient;
            slope = -inner(&here.gradient, &here.gradient);
        }
        let first_length = if past.is_empty() {
            1.0 / (1.0 + inner(&here.gradient, &here.gradient).sqrt())
        } else {
            1.0
        };
        let lengths = (0..HALVINGS).map(|halvings| first_length * 0.5_f64.powi(halvings as i32));
        let mut steps = lengths.map(|length| {
            let next = &at + &(&direction * length);
            let there = evaluate(&next);
            (length, next, there)
        });
        let accepted = steps
            .find(|(length, _, there)| there.value <= here.value + LEAST_DECREASE * length * slope);
        // If no step helps, only rounding error is left.
        let Some((_, next, there)) = accepted else {
            break;
        };
        let moved = &next - &at;
        let turned = &there.gradient - &here.gradient;
        if inner(&moved, &turned) > 1e-12 * inner(&moved, &moved) {
            past.push_back(Step { moved, turned });
            if past.len() > MEMORY {
                past.pop_front();
            }
        }
        (at, here) = (next, there);
    }
    Ok(at)
}

/// Sum of the products of all entries.
fn inner<D: Dimension>(a: &Array<f64, D>, b: &Array<f64, D>) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The two-loop recursion: minus the gradient times the estimated inverse Hessian.
fn downhill<D: Dimension>(gradient: &Array<f64, D>, past: &VecDeque<Step<D>>) -> Array<f64, D> {
    let mut direction = -gradient;
    let mut amounts = Vec::with_capacity(past.len());
    for Step { moved, turned } in past.iter().rev() {
        let amount = inner(moved, &direction) / inner(moved, turned);
        direction.scaled_add(-amount, turned);
        amounts.push(amount);
    }
    if let Some(Step { moved, turned }) = past.back() {
        direction *= inner(moved, turned) / inner(turned, turned);
    }
    for (Step { moved, turned }, amount) in past.iter().zip(amounts.iter().rev()) {
        let back = inner(turned, &direction) / inner(moved, turned);
        direction.scaled_add(amount - back, moved);
    }
    direction
}

/// The shortest fraction of a step that [`bfgs`] tries.
const SHORTEST: f64 = 1e-6;

/// The minimum near a start, for a few parameters. Ends after `iterations`, or when a step gains less than
/// `gain`.
pub(crate) fn bfgs(
    start: Array1<f64>,
    iterations: usize,
    gain: f64,
    progress: &dyn Progress,
    evaluate: impl Fn(&Array1<f64>) -> Value<Ix1>,
) -> Result<Array1<f64>> {
    let mut at = start;
    let mut here = evaluate(&at);
    let mut inverse = Array2::eye(at.len());
    for _ in 0..iterations {
        check(progress)?;
        let direction = -inverse.dot(&here.gradient);
        let longest = direction.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
        let first = if longest > 1.0 { 1.0 / longest } else { 1.0 };
        let lengths = std::iter::successors(Some(first), |length| Some(0.5 * length));
        let mut steps = lengths
            .take_while(|length| *length > SHORTEST)
            .map(|length| {
                let next = &at + &(&direction * length);
                let there = evaluate(&next);
                (next, there)
            });
        let Some((next, there)) = steps.find(|(_, there)| there.value < here.value) else {
            break;
        };
        let gained = here.value - there.value;
        let step = Step {
            moved: &next - &at,
            turned: &there.gradient - &here.gradient,
        };
        update(&mut inverse, &step);
        (at, here) = (next, there);
        if gained < gain {
            break;
        }
    }
    Ok(at)
}

/// The inverse Hessian after a step along which the function curves upwards.
fn update(inverse: &mut Array2<f64>, Step { moved, turned }: &Step<Ix1>) {
    let along = inner(moved, turned);
    if along <= 1e-12 {
        return;
    }
    let scaled = inverse.dot(turned);
    let weight = inner(turned, &scaled);
    for ((i, j), entry) in inverse.indexed_iter_mut() {
        *entry += (1.0 + weight / along) * moved[i] * moved[j] / along
            - (scaled[i] * moved[j] + moved[i] * scaled[j]) / along;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::progress::Silent;

    /// Rosenbrock's function, whose minimum is at (1, 1).
    fn valley(at: &Array1<f64>) -> Value<Ix1> {
        let (x, y) = (at[0], at[1]);
        Value {
            value: (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2),
            gradient: array![
                -2.0 * (1.0 - x) - 400.0 * x * (y - x * x),
                200.0 * (y - x * x)
            ],
        }
    }

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let limits = Limits {
            iterations: 200,
            gradient: 1e-9,
        };
        for found in [
            lbfgs(array![-1.2, 1.0], limits, &Silent, valley).unwrap(),
            bfgs(array![-1.2, 1.0], 200, 1e-20, &Silent, valley).unwrap(),
        ] {
            assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 1.0).abs() < 1e-6);
        }
    }
}
