//! `disentangle transform`: places new samples into a finished map.

use std::path::PathBuf;

use clap::Args;

use super::map::{Components, components};
use super::output::Force;
use super::threads::Threads;
use super::watch::Watch;
use crate::dataset::{Dataset, Metric, ReadOptions, read, read_map};
use crate::error::{Error, Result, printable};
use crate::execution::Execution;
use crate::export::{check_map_path, map_format, map_to_bytes};
use crate::neighbors::Neighbors;
use crate::reduce::principal_components;
use crate::run::reduces;
use crate::text::{any_number, whole};
use crate::tsne::{TransformParams, transform};

#[derive(Debug, Args)]
pub(super) struct Transform {
    /// Features of the new samples, in any input format (or file:member)
    features: PathBuf,
    /// Features that the map was computed from
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// Map of the reference, as written by `disentangle embed`
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// File for the positions of the new samples: .npy (m × 2, float32), .csv or .parquet
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// Metric that the map was computed with
    #[arg(long, value_name = "METRIC", value_enum, default_value_t)]
    metric: Metric,
    /// Principal components that the map was computed with, or none
    #[arg(long, value_name = "N|none", default_value = "50", value_parser = components)]
    pca: Components,
    /// Seed of the map; used only if there are more than 1,024 features and --pca is not none
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole::<u64>(..))]
    seed: u64,
    /// Perplexity of a new sample's neighbors in the reference
    #[arg(
        long,
        value_name = "P",
        default_value_t = 5.0,
        allow_negative_numbers = true, value_parser = any_number)]
    perplexity: f64,
    /// Number of iterations
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = whole::<usize>(..))]
    iterations: usize,
    /// Degrees of freedom that the map was computed with
    #[arg(
        long,
        value_name = "V",
        default_value_t = 1.0,
        allow_negative_numbers = true, value_parser = any_number)]
    degrees_of_freedom: f64,
    /// Leave out new samples with NaN or infinite values
    #[arg(long)]
    drop_invalid: bool,
    #[command(flatten)]
    threads: Threads,
}

pub(super) fn run(args: &Transform) -> Result<()> {
    map_format(&args.output)?;
    check_map_path(&args.output)?;
    let inputs = [&args.features, &args.reference, &args.map];
    args.force
        .check("--output", &args.output, &inputs.into_iter().collect())?;
    let load = |path: &PathBuf, drop_invalid: bool| -> Result<Dataset> {
        let options = ReadOptions {
            metric: args.metric,
            drop_invalid,
            ..ReadOptions::default()
        };
        let data = read(path, &options)?;
        if data.is_shifted() {
            return Err(Error::input(
                path.display().to_string(),
                "its columns are so far from zero that they had to be centered",
                "subtract the same offset from the features of both files first",
            ));
        }
        Ok(data)
    };
    let mut reference = load(&args.reference, false)?;
    let new = load(&args.features, args.drop_invalid)?;
    let map = read_map(&args.map, &mut reference)?;
    if map.len() != reference.samples() {
        return Err(Error::Mismatch {
            what: format!(
                "positions of the map ({}) for {}",
                printable(&args.map.display().to_string()),
                printable(&args.reference.display().to_string())
            ),
            expected: reference.samples(),
            found: map.len(),
        });
    }
    if new.dimensions() != reference.dimensions() {
        return Err(Error::input(
            args.features.display().to_string(),
            format!(
                "{} columns (features), but {}, the reference, has {}",
                new.dimensions(),
                printable(&args.reference.display().to_string()),
                reference.dimensions()
            ),
            "name features of the same layer and model as those of --reference",
        ));
    }
    let params = TransformParams {
        perplexity: args.perplexity,
        iterations: args.iterations,
        degrees_of_freedom: args.degrees_of_freedom,
        ..TransformParams::default()
    };
    let watch = Watch::new()?;
    let execution = watch.execution(args.threads);
    watch.notes(new.notes());
    let placed = watch.outcome(place(args, &reference, &new, &map, &params, &execution))?;
    watch.finish();
    let bytes = map_to_bytes(&args.output, &placed, &new)?;
    args.force.write(&args.output, &bytes)
}

/// Finds neighbors in the space that the map was computed in, and positions.
fn place(
    args: &Transform,
    reference: &Dataset,
    new: &Dataset,
    map: &[[f32; 2]],
    params: &TransformParams,
    execution: &Execution,
) -> Result<Vec<[f32; 2]>> {
    let k = params.neighbors();
    let neighbors = match args.pca.0.filter(|_| reduces(reference, args.pca.0)) {
        Some(count) => {
            let features = reference.features();
            let pca = principal_components(features, count, args.seed, execution)?;
            let scores = pca.project(new.features())?;
            Neighbors::among(pca.scores.view(), scores.view(), k, execution)?
        }
        None => Neighbors::among(reference.features(), new.features(), k, execution)?,
    };
    transform(&neighbors, map, params, execution)
}
