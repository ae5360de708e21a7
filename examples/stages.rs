//! Where the time of a map goes: each stage on a features file, once.
//!
//! ```sh
//! cargo run --release --example stages -- features.npy [perplexity [another perplexity]]
//! ```
//!
//! The graph holds enough neighbors for both perplexities; the last line is the change from one to
//! the other: affinities, re-targeting, and the first iteration.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::time::Instant;

use disentangle::affinities::{Affinities, neighbors_for};
use disentangle::dataset::Dataset;
use disentangle::neighbors::Neighbors;
use disentangle::reduce::principal_components;
use disentangle::tsne::{Embedding, Initialization, TsneParams, initial_positions};
use disentangle::{Error, Execution, Result};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [features, rest @ ..] = &arguments[..] else {
        return Err(Error::option("FEATURES", "(none)", "name a features file"));
    };
    let perplexity = |at: usize| rest.get(at).and_then(|p| p.parse::<f64>().ok());
    let first = perplexity(0).unwrap_or(30.0);
    let second = perplexity(1).unwrap_or(first);
    let data = stage("read", || Dataset::load(features))?;
    let (n, features) = (data.samples(), data.features());
    let k = neighbors_for(first.max(second), n);
    let neighbors = stage("neighbors", || {
        Neighbors::find(features, k, &Execution::default())
    })?;
    println!("           {k} of each, recall {:?}", neighbors.recall());
    let p = stage("affinities", || {
        Affinities::new(&neighbors, first, &Execution::default())
    })?;
    let start = stage("start", || {
        let components = principal_components(features, 2, 1, &Execution::default())?;
        initial_positions(&Initialization::Pca, &components, 1)
    })?;
    let params = TsneParams::for_samples(n);
    let iterations = TsneParams::iterations_for(n);
    let mut map = stage("embedding", || {
        Embedding::start(p, start, params, &Execution::default())
    })?;
    let begun = Instant::now();
    stage("iterations", || map.advance(iterations))?;
    let each = begun.elapsed() / iterations.max(1) as u32;
    println!("           {iterations}, {each:.2?} each");
    stage("retarget", || {
        let p = stage("  affinities", || {
            Affinities::new(&neighbors, second, &Execution::default())
        })?;
        stage("  embedding", || map.retarget(p))?;
        stage("  iteration", || map.step())
    })?;
    Ok(())
}

/// Runs and times a stage.
fn stage<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let done = run()?;
    println!("{name:12} {:8.3} s", begun.elapsed().as_secs_f64());
    Ok(done)
}
