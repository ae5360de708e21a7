//! Bandwidths: for each row of squared distances the precision β at which the entropy of
//! exp(−β d²), normalized, is the logarithm of the perplexity.
//!
//! Newton steps on ln β inside a bisection bracket. They get close in single precision, where
//! exponentials are cheap; one evaluation in double precision then shows the error of β, and where
//! it is tiny, the last step needs no exponentials: exp(−(β + δ) d²) is
//! exp(−β d²) (1 − δd² + …). Exponentials are computed side by side (a library function would be one
//! call each, and most of the time). Rows start from the β of the row before, in units of their own
//! mean distance.

use crate::neighbors::Neighbors;
use crate::simd::Kernel;

/// Tolerance of the entropy in single precision (nats).
const ROUGH: f64 = 1e-5;
/// Entropies this close are matched by one more step that changes β by a small share; what is
/// left is of the order of the square, 10⁻⁹.
const CLOSE: f64 = 3e-5;
const SMALL: f64 = 1e-3;
/// Entropies that are matched.
const TOLERANCE: f64 = 1e-10;
/// Most steps; then the bandwidth is taken as it is (identical distances have no solution).
const MAX_STEPS: usize = 100;
/// Steps in single precision, at most.
const MAX_ROUGH_STEPS: usize = 12;
/// Exponentials handled side by side.
const LANES: usize = 16;

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
            rough: vec![0.0; self.k.next_multiple_of(LANES)],
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

/// One row at work. All vectors are filled up to a multiple of the lanes.
struct Row {
    /// Squared distances beyond the nearest; filled up with 0, whose weight is exactly 1.
    excess: Vec<f64>,
    /// The same in units of their mean.
    rough: Vec<f32>,
    weights: Vec<f64>,
    k: usize,
}

/// Sums over a row: of the weights, of weight × excess, and of weight × excess².
struct Moments {
    sum: f64,
    first: f64,
    second: f64,
}

impl Moments {
    /// Entropy less the target, and its derivative by ln β: −β² Var(d²).
    #[inline(always)]
    fn deviation(&self, beta: f64, target: f64) -> (f64, f64) {
        let average = self.first / self.sum;
        let deviation = self.sum.ln() + beta * average - target;
        let slope = -beta * beta * (self.second / self.sum - average * average);
        (deviation, slope)
    }
}

/// Where the precision lies, as far as is known.
struct Bracket {
    low: f64,
    high: f64,
}

impl Bracket {
    const ALL: Self = Self {
        low: 0.0,
        high: f64::INFINITY,
    };

    /// The precision to be tried after `beta`.
    #[inline(always)]
    fn next(&mut self, beta: f64, (deviation, slope): (f64, f64)) -> f64 {
        if deviation > 0.0 {
            self.low = beta;
        } else {
            self.high = beta;
        }
        let newton = beta * (-(deviation / slope)).clamp(-2.0, 2.0).exp();
        if slope < 0.0 && newton > self.low && newton < self.high {
            newton
        } else if self.high.is_finite() {
            0.5 * (self.low + self.high)
        } else {
            beta * 2.0
        }
    }
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
        let mean = sum / self.k as f64;
        let unit = 1.0 / mean;
        for (rough, excess) in self.rough.iter_mut().zip(&self.excess) {
            *rough = (excess * unit) as f32;
        }
        mean
    }

    /// Finds β, and leaves the weights exp(−β · excess) behind.
    #[inline(always)]
    fn calibrate(&mut self, mean: f64, target: f64, guess: f64) -> f64 {
        if mean <= 0.0 {
            self.weights.fill(1.0);
            return 0.0;
        }
        let mut beta = self.approach(target, guess) / mean;
        let mut bracket = Bracket::ALL;
        for _ in 0..MAX_STEPS {
            let moments = self.weigh(beta);
            let (deviation, slope) = moments.deviation(beta, target);
            let share = -deviation / slope;
            if deviation.abs() < CLOSE && share.abs() < SMALL {
                return self.refine(beta, share);
            }
            if deviation.abs() < TOLERANCE {
                return beta;
            }
            beta = bracket.next(beta, (deviation, slope));
            if !(beta.is_finite() && beta * self.excess[self.k - 1] < 1e18) {
                // More identical nearest neighbors than the perplexity: no bandwidth is small
                // enough.
                break;
            }
        }
        beta
    }

    /// β · mean in single precision.
    #[inline(always)]
    fn approach(&self, target: f64, guess: f64) -> f64 {
        let mut beta = guess;
        let mut bracket = Bracket::ALL;
        for _ in 0..MAX_ROUGH_STEPS {
            let (deviation, slope) = self.weigh_roughly(beta).deviation(beta, target);
            if deviation.abs() < ROUGH {
                // One more step costs nothing.
                return bracket.next(beta, (deviation, slope));
            }
            beta = bracket.next(beta, (deviation, slope));
            if !(beta.is_finite() && beta * f64::from(self.rough[self.k - 1]) < 1e18) {
                return guess;
            }
        }
        beta
    }

    /// Changes β by a small share, and the weights along with it.
    #[inline(always)]
    fn refine(&mut self, beta: f64, share: f64) -> f64 {
        let change = beta * share;
        for (weight, excess) in self.weights.iter_mut().zip(&self.excess) {
            let x = change * excess;
            *weight *= 1.0 - x + 0.5 * x * x;
        }
        beta + change
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

    #[inline(always)]
    fn weigh_roughly(&self, beta: f64) -> Moments {
        let beta = beta as f32;
        let mut sum = [0.0_f32; LANES];
        let mut first = [0.0_f32; LANES];
        let mut second = [0.0_f32; LANES];
        let (rough, _) = self.rough.as_chunks::<LANES>();
        for rough in rough {
            for l in 0..LANES {
                let w = rough_exp(-beta * rough[l]);
                sum[l] += w;
                first[l] += w * rough[l];
                second[l] += w * rough[l] * rough[l];
            }
        }
        let added = (self.rough.len() - self.k) as f64;
        Moments {
            sum: f64::from(pairwise(sum)) - added,
            first: f64::from(pairwise(first)),
            second: f64::from(pairwise(second)),
        }
    }
}

#[inline(always)]
fn pairwise<T: Copy + std::ops::Add<Output = T>>(lanes: [T; LANES]) -> T {
    let mut halves = lanes;
    let mut length = LANES / 2;
    while length > 0 {
        for l in 0..length {
            halves[l] = halves[l] + halves[l + length];
        }
        length /= 2;
    }
    halves[0]
}

/// Defines e^x for x ≤ 0 in one precision, without branches; below `least` it is e^least.
///
/// With n the integer nearest to x/ln 2, e^x = 2ⁿ e^r: the Taylor series of e^r is exact for
/// |r| ≤ ln 2 / 2. Adding 1.5 · 2^`fraction` rounds to an integer and leaves it in the lowest bits,
/// from where it becomes the exponent.
macro_rules! exponential {
    (
        $name:ident, $float:ident, least: $least:literal, round: $round:literal,
        ln_2: [$high:literal, $low:literal], fraction: $fraction:literal, bias: $bias:literal,
        one_over: [$($factorial:literal),+]
    ) => {
        #[inline(always)]
        fn $name(x: $float) -> $float {
            /// 1/k! from the highest k down to 0.
            const SERIES: &[$float] = &[$(1.0 / $factorial),+];
            let x = if x > $least { x } else { $least };
            let shifted = x * std::$float::consts::LOG2_E + $round;
            let n = shifted - $round;
            let r = (x - n * $high) - n * $low;
            let mut value = SERIES[0];
            for coefficient in &SERIES[1..] {
                value = value * r + coefficient;
            }
            let power = (shifted.to_bits() << $fraction).wrapping_add($bias << $fraction);
            value * $float::from_bits(power)
        }
    };
}

// To some 10⁻¹⁵ of the value, and not below 10⁻³⁰⁴.
exponential!(
    exp, f64, least: -700.0, round: 6_755_399_441_055_744.0,
    ln_2: [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10], fraction: 52, bias: 1023,
    one_over: [
        479_001_600.0, 39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0,
        6.0, 2.0, 1.0, 1.0
    ]
);
// To single precision, and not below 10⁻³⁵.
exponential!(
    rough_exp, f32, least: -80.0, round: 12_582_912.0,
    ln_2: [0.693_359_4, -2.121_944_4e-4], fraction: 23, bias: 127,
    one_over: [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0]
);

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

    #[test]
    fn the_rough_exponential_is_right_to_single_precision() {
        for i in 0..79_000 {
            let x = -(i as f32) * 1e-3;
            let (ours, theirs) = (f64::from(rough_exp(x)), f64::from(x).exp());
            assert!((ours / theirs - 1.0).abs() < 5e-7, "{x}: {ours} {theirs}");
        }
        assert_eq!(rough_exp(0.0).to_bits(), 1.0_f32.to_bits());
        assert!(rough_exp(-1e30) < 1e-34);
    }
}
