//! Whether something fits into memory, checked first, since a failed allocation ends the program.

use crate::error::{Error, Result};
use crate::machine::Machine;

/// Share of the available memory that may be taken.
const SHARE: f64 = 0.8;

/// Refuses what would not fit. `what` and `remedy` are parts of the message.
pub(crate) fn check(what: &str, bytes: f64, remedy: &str) -> Result<()> {
    match Machine::here().free_memory() {
        Some(available) if bytes > SHARE * available as f64 => Err(Error::Memory {
            what: what.into(),
            needed: bytes / f64::from(1 << 30),
            available: available as f64 / f64::from(1 << 30),
            remedy: remedy.into(),
        }),
        _ => Ok(()),
    }
}

/// The approximate number of bytes that a map of n samples × d dimensions takes at k neighbors per
/// sample: three copies of the features, the graph while it is sorted, conditional and joint
/// affinities and their renumbered copy, with half as many more entries from symmetry.
pub(crate) fn of_map(samples: usize, dimensions: usize, k: usize) -> f64 {
    samples as f64 * (12.0 * dimensions as f64 + 44.0 * k as f64)
}

/// The largest number of neighbors with which a map fits, if there is one.
pub(crate) fn largest_k(samples: usize, dimensions: usize) -> Option<usize> {
    let bytes = SHARE * Machine::here().free_memory()? as f64 / samples as f64;
    let k = (bytes - 12.0 * dimensions as f64) / 44.0;
    (k >= 1.0).then_some(k as usize)
}
