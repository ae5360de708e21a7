//! `disentangle compare`: layers and models over the same samples, without a screen.

use clap::Args;

use super::data::Sets;
use super::errors::no_labels;
use super::output::Destination;
use super::threads::Threads;
use super::watch::Watch;
use super::{WIDTH, in_file};
use crate::comparison::{Comparison, ComparisonOptions};
use crate::diagnosis::usual_neighbors;
use crate::error::Result;
use crate::text::{any_number, whole};

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// Neighbors per sample for the share of same-class neighbors [default: 10, or as many as the smallest class
    /// allows]
    #[arg(long, value_name = "K", value_parser = whole(1_u64..=1_000))]
    k: Option<u64>,
    /// Significance level of the tests, after correction for their number
    #[arg(
        long,
        value_name = "A",
        default_value_t = 0.05,
        allow_negative_numbers = true, value_parser = any_number)]
    alpha: f64,
    /// Smallest difference that can count as shown, as a share: 0.005 is half a percentage point
    #[arg(
        long,
        value_name = "D",
        default_value_t = 0.005,
        allow_negative_numbers = true, value_parser = any_number)]
    least_difference: f64,
    /// Number of bootstrap replicates
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole(200_u64..=100_000))]
    replicates: u64,
    /// Seed of the bootstrap and of the splits
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole::<u64>(..))]
    seed: u64,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    sets: Sets,
}

pub(super) fn run(args: Compare) -> Result<()> {
    args.destination.check(&args.sets.inputs())?;
    let study = args.sets.study()?;
    let usual = || usual_neighbors(study.labels());
    let options = ComparisonOptions {
        k: args.k.map_or_else(usual, |k| k as usize),
        alpha: args.alpha,
        least_difference: args.least_difference,
        replicates: args.replicates as usize,
        seed: args.seed,
        ..ComparisonOptions::default()
    };
    let watch = Watch::new()?;
    let comparison = watch.outcome(Comparison::of(
        &study,
        &options,
        &watch.execution(args.threads),
    ));
    let comparison = comparison.map_err(|error| match study.dataset(study.first()) {
        Ok(data) => in_file(error, &data),
        Err(_) => error,
    })?;
    watch.finish();
    let Some(comparison) = comparison else {
        let data = study.dataset(study.first())?;
        return Err(no_labels(&data, "comparisons"));
    };
    let text = || comparison.to_text(WIDTH);
    args.destination.write(|| comparison.to_json(), text)
}
