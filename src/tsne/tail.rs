//! The kernel of the map with tails of any heaviness: w(d) = (1 + d²/ν)^−ν.
//!
//! ν = 1 is the Cauchy kernel of t-SNE; smaller ν has heavier tails, which break clusters up into
//! finer ones, larger ν comes close to a Gaussian. This is the family of Kobak et al. (2019,
//! "Heavy-tailed kernels reveal a finer cluster structure in t-SNE visualisations"; their α) and
//! the `dof` of openTSNE and FIt-SNE; up to scale it is Student's t with 2ν − 1 degrees of
//! freedom. With t = 1/(1 + d²/ν) the gradient is Σ (p − q) t (y_i − y_j) for every ν, and
//! w t (y_i − y_j) is minus half the gradient of w, so the grid works for every ν, with another
//! spectrum. ν = 1 has its own loops elsewhere, without the power.

use rayon::prelude::*;

use crate::simd::{Kernel, vectorized};

/// Edges or pairs handled side by side.
const LANES: usize = 16;
/// Points per parallel task.
const CHUNK: usize = 64;

/// Sum of `P_ij q_ij (y_i − y_j)` over a row's edges.
pub(super) trait Pull {
    fn pull(
        &self,
        at: [f32; 2],
        columns: &[u32],
        values: &[f32],
        positions: &[[f32; 2]],
    ) -> [f32; 2];
}

/// The degrees of freedom ν.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tail(f64);

impl Default for Tail {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Tail {
    pub(super) fn new(degrees_of_freedom: f64) -> Self {
        Self(degrees_of_freedom)
    }

    /// True for the kernel of standard t-SNE, 1/(1+d²).
    #[inline(always)]
    pub(super) fn is_cauchy(self) -> bool {
        (self.0 - 1.0).abs() < f64::EPSILON
    }

    /// w at a squared distance.
    pub(super) fn weight(self, squared: f64) -> f64 {
        if self.is_cauchy() {
            1.0 / (1.0 + squared)
        } else {
            (1.0 + squared / self.0).powf(-self.0)
        }
    }

    /// −ln w at a squared distance.
    #[inline(always)]
    pub(super) fn cost(self, squared: f64) -> f64 {
        self.0 * (squared / self.0).ln_1p()
    }

    /// Attraction with these tails.
    pub(super) fn pull(self) -> TailPull {
        TailPull {
            inverse: (1.0 / self.0) as f32,
        }
    }

    /// Force Σ w t (y − y_j) on a point from many others, and Σ w (including the point itself if it
    /// is among them).
    #[inline(always)]
    pub(super) fn push(self, at: [f32; 2], x: &[f32], y: &[f32]) -> ([f32; 2], f64) {
        let (power, inverse) = (self.0 as f32, (1.0 / self.0) as f32);
        if self.is_cauchy() {
            against(at, x, y, inverse, |t| t)
        } else {
            against(at, x, y, inverse, |t| raised(t, power))
        }
    }
}

/// Force and sum of a kernel that is some function of t.
#[inline(always)]
fn against(
    at: [f32; 2],
    x: &[f32],
    y: &[f32],
    inverse: f32,
    weight: impl Fn(f32) -> f32,
) -> ([f32; 2], f64) {
    let (mut fx, mut fy, mut z) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ys.remainder());
    for (xs, ys) in xs.zip(ys) {
        for l in 0..LANES {
            let (dx, dy) = (at[0] - xs[l], at[1] - ys[l]);
            let t = 1.0 / (1.0 + inverse * (dx * dx + dy * dy));
            let w = weight(t);
            z[l] += w;
            fx[l] += w * t * dx;
            fy[l] += w * t * dy;
        }
    }
    for (l, (x, y)) in rest.enumerate() {
        let (dx, dy) = (at[0] - x, at[1] - y);
        let t = 1.0 / (1.0 + inverse * (dx * dx + dy * dy));
        let w = weight(t);
        z[l] += w;
        fx[l] += w * t * dx;
        fy[l] += w * t * dy;
    }
    let sum = |lanes: [f32; LANES]| lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
    ([sum(fx) as f32, sum(fy) as f32], sum(z))
}

/// t to a power, for 0 < t ≤ 1, without a call that would stop vectorization. The relative error
/// is about 1e-6 times the power.
#[inline(always)]
fn raised(t: f32, power: f32) -> f32 {
    // The logarithm: mantissa within √½ … √2, then the series of the inverse hyperbolic tangent.
    let shifted = t.to_bits().wrapping_sub(0x3f35_04f3);
    let exponent = (shifted as i32) >> 23;
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = s * (2.0 + q * (2.0 / 3.0 + q * (2.0 / 5.0 + q * (2.0 / 7.0 + q * (2.0 / 9.0)))));
    let log2 = exponent as f32 + series * std::f32::consts::LOG2_E;
    // The exponential: whole powers of two by bits, the rest by its series.
    let x = (log2 * power).max(-126.0);
    let whole = (x + 0.5).floor();
    let r = (x - whole) * std::f32::consts::LN_2;
    let tail = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r / 5040.0));
    let exp = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * tail)));
    f32::from_bits(((whole as i32 + 127) as u32) << 23) * exp
}

/// All pairs with these tails: buffers and sums.
#[derive(Default)]
pub(super) struct TailPairs {
    x: Vec<f32>,
    y: Vec<f32>,
    sums: Vec<f64>,
}

impl TailPairs {
    /// Fills `forces` and returns Z.
    pub(super) fn compute(
        &mut self,
        positions: &[[f32; 2]],
        tail: Tail,
        forces: &mut [[f32; 2]],
    ) -> f64 {
        self.x.clear();
        self.x.extend(positions.iter().map(|p| p[0]));
        self.y.clear();
        self.y.extend(positions.iter().map(|p| p[1]));
        self.sums.resize(positions.len().div_ceil(CHUNK), 0.0);
        let (x, y) = (&self.x, &self.y);
        forces
            .par_chunks_mut(CHUNK)
            .zip(positions.par_chunks(CHUNK))
            .zip(self.sums.par_iter_mut())
            .for_each(|((forces, points), sum)| {
                *sum = vectorized(Against {
                    tail,
                    points,
                    x,
                    y,
                    forces,
                });
            });
        self.sums.iter().sum()
    }
}

/// Some points against all.
struct Against<'a> {
    tail: Tail,
    points: &'a [[f32; 2]],
    x: &'a [f32],
    y: &'a [f32],
    forces: &'a mut [[f32; 2]],
}

impl Kernel for Against<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut total = 0.0;
        for (force, point) in self.forces.iter_mut().zip(self.points) {
            let (f, z) = self.tail.push(*point, self.x, self.y);
            *force = f;
            total += z - 1.0;
        }
        total
    }
}

/// Σ `P_ij` t (y_i − y_j): the power cancels, only the scale of the distances is another.
pub(super) struct TailPull {
    inverse: f32,
}

impl Pull for TailPull {
    #[inline(always)]
    fn pull(
        &self,
        at: [f32; 2],
        columns: &[u32],
        values: &[f32],
        positions: &[[f32; 2]],
    ) -> [f32; 2] {
        let (mut x, mut y) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (columns, values) in columns.chunks(LANES).zip(values.chunks(LANES)) {
            let (mut dx, mut dy) = ([0.0_f32; LANES], [0.0_f32; LANES]);
            for (l, &column) in columns.iter().enumerate() {
                let other = positions[column as usize];
                dx[l] = at[0] - other[0];
                dy[l] = at[1] - other[1];
            }
            for (l, &value) in values.iter().enumerate() {
                let weight = value / (1.0 + self.inverse * (dx[l] * dx[l] + dy[l] * dy[l]));
                x[l] += weight * dx[l];
                y[l] += weight * dy[l];
            }
        }
        let sum = |lanes: [f32; LANES]| lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
        [sum(x) as f32, sum(y) as f32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_right_to_six_digits() {
        for power in [0.1_f32, 0.5, 0.8, 1.0, 2.0, 7.5] {
            for i in 0..2000 {
                let t = 10.0_f32.powf(-(i as f32) / 400.0);
                let exact = f64::from(t).powf(f64::from(power));
                let relative = (f64::from(raised(t, power)) / exact - 1.0).abs();
                assert!(
                    relative < 2e-6 * f64::from(power).max(1.0),
                    "{t} ^ {power}: {relative}"
                );
            }
        }
    }

    #[test]
    fn one_degree_is_the_cauchy_kernel() {
        let tail = Tail::default();
        assert!(tail.is_cauchy() && !Tail::new(0.5).is_cauchy());
        assert!((tail.weight(3.0) - 0.25).abs() < 1e-15);
        assert!((tail.cost(3.0) - 4.0_f64.ln()).abs() < 1e-15);
        let (force, z) = tail.push([0.0, 0.0], &[1.0], &[0.0]);
        assert!((force[0] + 0.25).abs() < 1e-6 && (z - 0.5).abs() < 1e-6);
    }
}
