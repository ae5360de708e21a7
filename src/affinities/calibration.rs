//! Bandwidths: for each row of squared distances the precision β at which the entropy of
//! exp(−β d²), normalized, is the logarithm of the perplexity.
//!
//! Newton steps on ln β inside a bisection bracket, in 64 bits; some five steps a row, whose
//! exponentials are computed side by side (a library's would be one call each, and most of the
//! time). Rows start from the β of the row before, in units of their own mean distance.

use crate::neighbors::Neighbors;
use crate::simd::Kernel;

/// Entropies are matched to this many nats.
const ENTROPY_TOLERANCE: f64 = 1e-10;
/// Steps after which a bandwidth is taken as it is (identical distances have no solution).
const MAX_STEPS: usize = 100;
/// Exponentials handled side by side.
const LANES: usize = 8;

/// Consecutive rows to be calibrated.
pub(super) struct Rows<'a> {
    pub(super) neighbors: &'a Neighbors,
    /// Number of the first row.
    pub(super) first: usize,
    /// Neighbors used per row.
    pub(super) k: usize,
    /// Logarithm of the perplexity.
    pub(super) target: f64,
    /// Receives the probabilities (rows × k).
    pub(super) probabilities: &'a mut [f32],
    /// Receives β of each row.
    pub(super) precisions: &'a mut [f64],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut row = Row {
            excess: vec![0.0; self.k.next_multiple_of(LANES)],
            weights: vec![0.0; self.k.next_multiple_of(LANES)],
            k: self.k,
        };
        let mut guess = 1.0;
        let rows = self.probabilities.chunks_mut(self.k);
        for (r, (probabilities, precision)) in rows.zip(self.precisions).enumerate() {
            let squared = &self.neighbors.squared_distances(self.first + r)[..self.k];
            let mean = row.set(squared);
            *precision = row.calibrate(mean, self.target, guess);
            let relative = *precision * mean;
            if relative > 0.0 && relative.is_finite() {
                guess = relative;
            }
            let weights = &row.weights[..self.k];
            let scale = 1.0 / weights.iter().sum::<f64>();
            for (p, w) in probabilities.iter_mut().zip(weights) {
                *p = (w * scale) as f32;
            }
        }
    }
}

/// One row at work. Both vectors are filled up to a multiple of the lanes.
struct Row {
    /// Squared distances beyond the nearest; filled up with 0, whose weight is exactly 1.
    excess: Vec<f64>,
    weights: Vec<f64>,
    k: usize,
}

/// Sums over a row: of the weights, of weight × excess, and of weight × excess².
struct Moments {
    sum: f64,
    first: f64,
    second: f64,
}

impl Row {
    /// Takes squared distances and returns their mean beyond the nearest.
    #[inline(always)]
    fn set(&mut self, squared: &[f32]) -> f64 {
        let nearest = f64::from(squared[0]);
        let mut sum = 0.0;
        for (excess, &d) in self.excess.iter_mut().zip(squared) {
            *excess = f64::from(d) - nearest;
            sum += *excess;
        }
        sum / self.k as f64
    }

    /// Finds β, and leaves the weights exp(−β · excess) behind.
    #[inline(always)]
    fn calibrate(&mut self, mean: f64, target: f64, guess: f64) -> f64 {
        if mean <= 0.0 {
            self.weights.fill(1.0);
            return 0.0;
        }
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        let mut beta = guess / mean;
        for _ in 0..MAX_STEPS {
            let Moments { sum, first, second } = self.weigh(beta);
            let average = first / sum;
            let excess = sum.ln() + beta * average - target;
            if excess.abs() < ENTROPY_TOLERANCE {
                break;
            }
            if excess > 0.0 {
                low = beta;
            } else {
                high = beta;
            }
            // dH/d ln β = −β² Var(d²).
            let slope = -beta * beta * (second / sum - average * average);
            let newton = beta * (-(excess / slope)).clamp(-2.0, 2.0).exp();
            beta = if slope < 0.0 && newton > low && newton < high {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                beta * 2.0
            };
            if !(beta.is_finite() && beta * self.excess[self.k - 1] < 1e18) {
                // More identical nearest neighbors than the perplexity: no bandwidth is small
                // enough.
                break;
            }
        }
        beta
    }

    #[inline(always)]
    fn weigh(&mut self, beta: f64) -> Moments {
        let mut sum = [0.0; LANES];
        let mut first = [0.0; LANES];
        let mut second = [0.0; LANES];
        let (weights, _) = self.weights.as_chunks_mut::<LANES>();
        let (excess, _) = self.excess.as_chunks::<LANES>();
        for (weights, excess) in weights.iter_mut().zip(excess) {
            for l in 0..LANES {
                let w = exp(-beta * excess[l]);
                weights[l] = w;
                sum[l] += w;
                first[l] += w * excess[l];
                second[l] += w * excess[l] * excess[l];
            }
        }
        let added = (self.weights.len() - self.k) as f64;
        Moments {
            sum: pairwise(sum) - added,
            first: pairwise(first),
            second: pairwise(second),
        }
    }
}

#[inline(always)]
fn pairwise(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// e^x for x ≤ 0, to some 10⁻¹⁵ of its value, without branches; what would be below 10⁻³⁰⁴ is
/// 10⁻³⁰⁴.
///
/// With n the integer nearest to x/ln 2, e^x = 2ⁿ e^r: the Taylor series of e^r to r¹² is exact
/// for |r| ≤ ln 2 / 2. Adding 1.5 · 2⁵² rounds to an integer and leaves it in the lowest bits,
/// from where it becomes the exponent.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// 1/k! from k = 12 down to 0.
    const SERIES: [f64; 13] = [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let x = if x > -700.0 { x } else { -700.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut value = SERIES[0];
    for coefficient in &SERIES[1..] {
        value = value * r + coefficient;
    }
    let power = (shifted.to_bits() << 52).wrapping_add(1023 << 52);
    value * f64::from_bits(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_agrees_with_the_library() {
        for i in 0..70_000 {
            let x = -f64::from(i) * 0.00998;
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours / theirs - 1.0).abs() < 1e-14, "{x}: {ours} {theirs}");
        }
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert!(exp(-1e300) < 1e-300);
    }
}
