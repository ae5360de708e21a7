//! Reads files of features, and prints of each its rows and columns, how long that took, and the peak of
//! memory in kB so far and before the first file (Linux only):
//!
//! ```sh
//! cargo run --release --no-default-features --example read_features features.csv
//! ```

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::time::Instant;

use disentangle::dataset::Dataset;

fn main() -> disentangle::Result<()> {
    let before = peak().unwrap_or_default();
    for path in std::env::args_os().skip(1) {
        let start = Instant::now();
        let data = Dataset::load(&path)?;
        let (n, d, seconds) = (
            data.samples(),
            data.dimensions(),
            start.elapsed().as_secs_f64(),
        );
        println!(
            "{n} {d} {seconds:.4} {} {before}",
            peak().unwrap_or_default()
        );
    }
    Ok(())
}

/// The peak of this process's memory in kB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
