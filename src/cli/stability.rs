//! `disentangle stability`: computes maps of several seeds and perplexities and compares them.

use std::path::Path;

use clap::Args;

use super::data::Data;
use super::map::Map;
use super::output::Destination;
use super::thresholds::share;
use super::watch::Watch;
use super::{PERPLEXITY, advanced, in_file};
use crate::diagnosis::{Stability, StabilityOptions, usual_neighbors};
use crate::error::{Error, Result};
use crate::report::{StabilityMap, StabilityReport};
use crate::run::{MapOrigin, capped_perplexity, embed_several};
use crate::text::{any_number, whole};

#[derive(Debug, Args)]
#[command(
    after_help = "With several seeds, --init pca (the default) is replaced by random positions: \
                  from principal components, all seeds would give nearly the same map."
)]
pub(super) struct StabilityArguments {
    /// Number of maps per perplexity, with consecutive seeds from --seed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = whole(1_u64..=100))]
    seeds: u64,
    /// Perplexities of the maps
    #[arg(long, value_name = "P,…", value_delimiter = ',', default_values_t = [PERPLEXITY], allow_negative_numbers = true, value_parser = any_number)]
    perplexity: Vec<f64>,
    /// Neighbors per sample to compare [default: 10, or as many as the smallest class allows]
    #[arg(long, value_name = "K", value_parser = whole(1_u64..=1_000))]
    k: Option<u64>,
    /// A class is clearly apart in a map if the interval of its share of same-class neighbors is above this
    #[arg(long, value_name = "S", default_value_t = StabilityOptions::default().apart, value_parser = any_number)]
    apart: f64,
    /// Class A mixes with class B in a map if the interval of the share of A's neighbors that are of class B is above
    /// this
    #[arg(long, value_name = "S", default_value_t = StabilityOptions::default().least_share, value_parser = any_number)]
    least_share: f64,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    map: Map,
}

pub(super) fn run(args: StabilityArguments) -> Result<()> {
    let mut inputs = args.data.inputs();
    inputs.add(Path::new(&args.map.init));
    args.destination.check(&inputs)?;
    let apart = share("--apart", args.apart)?;
    let least_share = share("--least-share", args.least_share)?;
    let mut data = args.data.read()?;
    let usual = || usual_neighbors(data.labels());
    let thresholds = StabilityOptions {
        k: args.k.map_or_else(usual, |k| k as usize),
        apart,
        least_share,
    };
    let mut perplexities = Vec::new();
    for &asked in &args.perplexity {
        let (perplexity, note) = capped_perplexity(asked, data.samples());
        perplexities.push(perplexity);
        if let Some(note) = note {
            data.add_note(note);
        }
    }
    let maps: Vec<(f64, u64)> = perplexities
        .iter()
        .flat_map(|&p| (0..args.seeds).map(move |s| (p, s)))
        .map(|(p, s)| (p, args.map.seed.wrapping_add(s)))
        .collect();
    if maps.len() < 2 {
        return Err(Error::option(
            "--seeds",
            args.seeds,
            "a single map cannot be compared: ask for more seeds or perplexities",
        ));
    }
    // From principal components, all seeds would give nearly the same map.
    let mut map = args.map;
    let threads = map.threads;
    if map.init == "pca" && args.seeds > 1 {
        map.init = "random".into();
    }
    let largest = maps.iter().map(|m| m.0).fold(1.0, f64::max);
    let options = map.options(largest, data.samples())?;
    for note in advanced::notes(&options, data.samples()) {
        data.add_note(note);
    }
    let watch = Watch::new()?;
    let execution = watch.execution(threads);
    watch.notes(data.notes());
    let embedded = embed_several(&data, &options, &maps, &execution);
    let embedded = watch
        .outcome(embedded)
        .map_err(|error| in_file(error, &data))?;
    let positions: Vec<&[[f32; 2]]> = embedded.iter().map(|m| &m.positions[..]).collect();
    let labels = data.labels();
    let found = Stability::of(labels, &positions, &thresholds, &execution);
    let found = watch.outcome(found)?;
    watch.finish();
    let Some(found) = found else {
        let error = Error::TooFewSamples {
            stage: "a comparison of maps",
            needed: 3,
            found: data.samples(),
        };
        return Err(in_file(error, &data));
    };
    let made = embedded.iter().map(|map| StabilityMap {
        perplexity: map.perplexity,
        seed: map.seed,
        iterations: map.iterations,
        kl_divergence: map.kl_divergence,
    });
    let began = MapOrigin::of(&options.initialization).name();
    let report = StabilityReport::new(&data, began, made.collect(), found);
    let text = || report.to_text();
    args.destination.write(|| report.to_json(), text)
}
