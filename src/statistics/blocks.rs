//! Sums over all rows of the features, in blocks of fixed size added in order.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, check};

/// Rows per parallel task.
pub(crate) const BLOCK: usize = 1024;

/// Calls `each` with every block of rows and the number of its first row, on the current pool, and
/// `add` with the results in order, whatever the number of threads. Only a bounded number of blocks
/// is in memory at a time.
pub(crate) fn fold<T: Send>(
    features: ArrayView2<'_, f32>,
    progress: &dyn Progress,
    each: impl Fn(usize, ArrayView2<'_, f32>) -> T + Sync,
    mut add: impl FnMut(T),
) -> Result<()> {
    let blocks: Vec<_> = features.axis_chunks_iter(Axis(0), BLOCK).collect();
    let group = rayon::current_num_threads().max(1) * 2;
    for (g, some) in blocks.chunks(group).enumerate() {
        check(progress)?;
        let parts: Vec<T> = some
            .par_iter()
            .enumerate()
            .map(|(b, block)| each((g * group + b) * BLOCK, *block))
            .collect();
        parts.into_iter().for_each(&mut add);
    }
    Ok(())
}

/// A block of rows as 64-bit numbers less the means.
pub(super) fn centered(
    block: ArrayView2<'_, f32>,
    mean: &ndarray::Array1<f64>,
) -> ndarray::Array2<f64> {
    let mut out = ndarray::Array2::<f64>::zeros(block.raw_dim());
    for (mut to, from) in out.outer_iter_mut().zip(block.outer_iter()) {
        for ((t, &f), m) in to.iter_mut().zip(from).zip(mean) {
            *t = f64::from(f) - m;
        }
    }
    out
}
