//! Inner loops compiled for each instruction set, the best of which is chosen at run time.
//!
//! A [`Kernel`] is a struct rather than a closure: closures are called through a shim that the
//! compiler need not inline, and what is not inlined is compiled for the baseline.

use pulp::Simd;

/// A loop and what it works on.
pub(crate) trait Kernel {
    /// What it computes.
    type Output;

    /// Runs the loop. Mark implementations and all they call `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with the best instruction set of this machine.
#[inline]
pub(crate) fn vectorized<K: Kernel>(kernel: K) -> K::Output {
    pulp::Arch::new().dispatch(Dispatched(kernel))
}

/// The instruction set that loops are compiled for on this machine, in words.
#[cfg(feature = "tui")]
pub(crate) fn level() -> String {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        if V4::try_new().is_some() {
            return "AVX-512".into();
        }
        if V3::try_new().is_some() {
            return "AVX2".into();
        }
    }
    format!("baseline {}", std::env::consts::ARCH)
}

struct Dispatched<K>(K);

impl<K: Kernel> pulp::NullaryFnOnce for Dispatched<K> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run()
    }
}

/// Runs a kernel that was written for AVX2.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn with_avx2<K: Kernel>(avx2: pulp::x86::V3, kernel: K) -> K::Output {
    avx2.vectorize(Dispatched(kernel))
}

/// Vectors of single precision as wide as the machine's, and a reciprocal that is cheaper than
/// a division: an estimate of 12 or 14 bits with one Newton step, exact to the last bit or two.
pub(crate) trait Lanes: Simd {
    /// 1/v for normal, not too large v.
    fn reciprocal(self, v: Self::f32s) -> Self::f32s;
}

/// A loop over [`Lanes`]. Mark implementations and all they call `#[inline(always)]`.
pub(crate) trait LaneKernel {
    /// What it computes.
    type Output;

    /// Runs the loop.
    fn run<S: Lanes>(self, simd: S) -> Self::Output;
}

/// One Newton step towards 1/v.
#[inline(always)]
fn refined<S: Simd>(simd: S, v: S::f32s, estimate: S::f32s) -> S::f32s {
    let rest = simd.negate_mul_add_f32s(v, estimate, simd.splat_f32s(2.0));
    simd.mul_f32s(estimate, rest)
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V4 {
    #[inline(always)]
    fn reciprocal(self, v: Self::f32s) -> Self::f32s {
        let estimate = pulp::cast(self.avx512f._mm512_rcp14_ps(pulp::cast(v)));
        refined(self, v, estimate)
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V3 {
    #[inline(always)]
    fn reciprocal(self, v: Self::f32s) -> Self::f32s {
        refined(self, v, self.approx_reciprocal_f32x8(v))
    }
}

#[cfg(target_arch = "aarch64")]
impl Lanes for pulp::aarch64::Neon {
    #[inline(always)]
    fn reciprocal(self, v: Self::f32s) -> Self::f32s {
        self.div_f32s(self.splat_f32s(1.0), v)
    }
}

impl Lanes for pulp::Scalar128b {
    #[inline(always)]
    fn reciprocal(self, v: Self::f32s) -> Self::f32s {
        self.div_f32s(self.splat_f32s(1.0), v)
    }
}

/// Runs a loop with the widest vectors of this machine.
#[inline]
pub(crate) fn over_lanes<K: LaneKernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        if let Some(simd) = V4::try_new() {
            return Simd::vectorize(simd, OverLanes(simd, kernel));
        }
        if let Some(simd) = V3::try_new() {
            return Simd::vectorize(simd, OverLanes(simd, kernel));
        }
    }
    #[cfg(target_arch = "aarch64")]
    if let Some(simd) = pulp::aarch64::Neon::try_new() {
        return Simd::vectorize(simd, OverLanes(simd, kernel));
    }
    kernel.run(pulp::Scalar128b)
}

struct OverLanes<S, K>(S, K);

impl<S: Lanes, K: LaneKernel> pulp::NullaryFnOnce for OverLanes<S, K> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.1.run(self.0)
    }
}
