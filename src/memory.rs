//! Will it fit? Asked before memory is taken, since an allocation that fails ends the program.

use crate::error::{Error, Result};

/// Share of the available memory that may be taken.
const SHARE: f64 = 0.8;

/// Refuses what would not fit.
pub(crate) fn check(what: &str, bytes: f64, remedy: &str) -> Result<()> {
    match available() {
        Some(available) if bytes > SHARE * available as f64 => Err(Error::Memory {
            what: what.into(),
            needed: bytes / f64::from(1 << 30),
            available: available as f64 / f64::from(1 << 30),
            remedy: remedy.into(),
        }),
        _ => Ok(()),
    }
}

/// Bytes that a map of n samples × d dimensions takes at k neighbors per sample, about: three
/// copies of the features, the graph while it is put in order, conditional and joint affinities
/// and their renumbered copy, with half as many entries again from symmetry.
pub(crate) fn of_map(samples: usize, dimensions: usize, k: usize) -> f64 {
    samples as f64 * (12.0 * dimensions as f64 + 44.0 * k as f64)
}

/// Memory that this process may still take: the machine's, its control group's and its own
/// limit.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let machine = line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024;
    let number =
        |path: &str| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let group = number("/sys/fs/cgroup/memory.max")
        .map(|limit| limit.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let own = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max address space"))
        .and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    [group, own].into_iter().flatten().chain([machine]).min()
}
