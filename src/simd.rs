//! Inner loops compiled for each instruction set, the best of which is chosen at run time.
//!
//! A [`Kernel`] is a struct rather than a closure: closures are called through a shim that the
//! compiler need not inline, and what is not inlined is compiled for the baseline.

/// A loop and what it works on.
pub(crate) trait Kernel {
    /// What it computes.
    type Output;

    /// Does the work. Mark implementations and all they call `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with the best instruction set that this machine has.
#[inline]
pub(crate) fn vectorized<K: Kernel>(kernel: K) -> K::Output {
    pulp::Arch::new().dispatch(Dispatched(kernel))
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
