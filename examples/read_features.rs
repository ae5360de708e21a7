//! Reads a file of features, and says what it is and how long that took:
//!
//! ```sh
//! cargo run --release --no-default-features --example read_features features.csv
//! ```

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::time::Instant;

use disentangle::Dataset;

fn main() -> disentangle::Result<()> {
    for path in std::env::args_os().skip(1) {
        let start = Instant::now();
        let data = Dataset::load(&path)?;
        let (n, d, seconds) = (
            data.samples(),
            data.dimensions(),
            start.elapsed().as_secs_f64(),
        );
        println!("{n} {d} {seconds:.4}");
    }
    Ok(())
}
