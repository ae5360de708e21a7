//! Reading what does not say how long it is: no more than fits into memory.

use std::io::Read;

use crate::error::{Error, Result, printable};

/// What to do where a file does not fit into memory.
const REMEDY: &str = "take fewer rows, or float32 instead of float64";
/// Bytes that are read between two checks, at least and at most.
const STEP: (usize, usize) = (1 << 16, 1 << 26);

/// Refuses what would not fit into memory, before anything is allocated.
pub(super) fn check_memory(file: &str, bytes: u64) -> Result<()> {
    crate::memory::check(&printable(file), bytes as f64, REMEDY)
}

/// Appends everything that `source` gives to `bytes`. Between steps the memory is checked, and
/// `allows` is asked about the number of bytes so far. `failed` makes an error of a failure to read.
pub(super) fn read_to_end(
    source: &mut dyn Read,
    bytes: &mut Vec<u8>,
    file: &str,
    allows: &dyn Fn(usize) -> Result<()>,
    failed: &dyn Fn(std::io::Error) -> Error,
) -> Result<()> {
    let reserve = |bytes: &mut Vec<u8>| {
        let more = bytes.len().clamp(STEP.0, STEP.1);
        // A vector that grows is copied into a larger one.
        check_memory(file, (bytes.len() + more) as u64)?;
        let unfit = |_| Error::input(file, "it does not fit into memory", REMEDY);
        bytes.try_reserve(more).map_err(unfit)
    };
    loop {
        if bytes.capacity() == bytes.len() {
            let mut next = Vec::with_capacity(1);
            source.take(1).read_to_end(&mut next).map_err(failed)?;
            if next.is_empty() {
                return Ok(());
            }
            reserve(bytes)?;
            bytes.append(&mut next);
        }
        let step = (bytes.capacity() - bytes.len()).min(STEP.1);
        let read = (source.take(step as u64).read_to_end(bytes)).map_err(failed)?;
        allows(bytes.len())?;
        if read < step {
            return Ok(());
        }
    }
}
