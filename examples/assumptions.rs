//! How often something is said of noise where an assumption fails: samples at equal distance, classes of very
//! different sizes; and whether the order of the rows changes anything.
//!
//! ```sh
//! cargo run --release --example assumptions -- 200            # data sets of each kind
//! cargo run --release --example assumptions -- 200 samples    # of the kinds whose name has this word
//! ```
//!
//! prints the table of docs/statistics.md. tests/assumptions.rs does the same with fewer data sets.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

#[path = "../tests/common/noise.rs"]
mod noise;

use disentangle::{Error, Result};
use noise::{
    IMBALANCE, Kind, TIES, called_wrong, diagnose, largest_difference, other_sentences, shuffled,
    states_separation,
};
use rayon::prelude::*;

/// What was said of one data set.
#[derive(Default)]
struct Said {
    separation: bool,
    wrong_labels: bool,
    /// In another order of the rows.
    other_sentences: bool,
    difference: f64,
}

fn main() -> Result<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(200), |text| {
        let problem = "must be a number of data sets";
        text.parse::<u64>()
            .map_err(|_| Error::option("ROUNDS", &text, problem))
    })?;
    println!(
        "| noise | data sets | separation stated | labels called wrong | \
         data sets whose sentences change when rows are shuffled | largest change of any number |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let word = std::env::args().nth(2).unwrap_or_default();
    let kinds = TIES.iter().chain(&IMBALANCE);
    for kind in kinds.filter(|kind| kind.name.contains(&word)) {
        let said: Result<Vec<Said>> = (0..rounds)
            .into_par_iter()
            .map(|seed| say(kind, seed))
            .collect();
        let said = said?;
        let count = |of: fn(&Said) -> bool| {
            let found = said.iter().filter(|s| of(s)).count();
            format!(
                "{found} ({:.1}%)",
                100.0 * found as f64 / rounds.max(1) as f64
            )
        };
        println!(
            "| {} | {rounds} | {} | {} | {} | {:.0e} |",
            kind.name,
            count(|s| s.separation),
            count(|s| s.wrong_labels),
            count(|s| s.other_sentences),
            said.iter().map(|s| s.difference).fold(0.0, f64::max)
        );
    }
    Ok(())
}

fn say(kind: &Kind, seed: u64) -> Result<Said> {
    let (features, labels) = kind.draw(seed);
    let (mixed, mixed_labels) = shuffled(&features, &labels, seed);
    let found = diagnose(features, &labels)?.zip(diagnose(mixed, &mixed_labels)?);
    Ok(found.map_or_else(Said::default, |(sorted, mixed)| Said {
        separation: states_separation(&sorted) || states_separation(&mixed),
        wrong_labels: called_wrong(&sorted) > 0,
        other_sentences: !other_sentences(&sorted, &mixed).is_empty(),
        difference: largest_difference(&sorted, &mixed),
    }))
}
