//! Options of t-SNE, which `embed`, `stability` and the screen share.

use std::path::Path;

use clap::Args;

use super::advanced::Advanced;
use super::threads::Threads;
use crate::dataset::read_positions;
use crate::error::{Error, Result, printable};
use crate::run::RunOptions;
use crate::text::{any_number, whole};
use crate::tsne::{Initialization, TsneParams};

/// A number of principal components, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Components(pub(super) Option<usize>);

pub(super) fn components(text: &str) -> std::result::Result<Components, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Components(None));
    }
    match text.parse::<usize>() {
        Ok(n) if n > 0 => Ok(Components(Some(n))),
        _ => Err("must be a positive number or `none`".into()),
    }
}

/// A learning rate, or none for the automatic one.
#[derive(Debug, Clone, Copy)]
struct Rate(Option<f64>);

fn rate(text: &str) -> std::result::Result<Rate, String> {
    if text.eq_ignore_ascii_case("auto") {
        return Ok(Rate(None));
    }
    match text.parse::<f64>() {
        Ok(rate) => Ok(Rate(Some(rate))),
        Err(_) => Err("must be a number or `auto`".into()),
    }
}

/// How the map is made.
#[derive(Debug, Args)]
#[command(next_help_heading = "t-SNE")]
pub(super) struct Map {
    /// Iterations, including early exaggeration [default: 750; 350 from 1,500 samples on, 200
    /// from 5,000 on]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(..))]
    iterations: Option<usize>,
    /// Seed of the random numbers
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1,
        allow_negative_numbers = true, value_parser = whole::<u64>(..))]
    pub(super) seed: u64,
    /// Starting positions: pca, random, spectral, or a file with an n × 2 array
    #[arg(long, value_name = "WHICH", default_value = "pca")]
    pub(super) init: String,
    /// Principal components that neighbors are searched in, or none for all features
    #[arg(long, value_name = "N|none", default_value = "50", value_parser = components)]
    pca: Components,
    #[command(flatten)]
    pub(super) threads: Threads,
    /// Factor on the affinities in the first iterations [default: 12; 4 from 5,000 samples on]
    #[arg(long, value_name = "F", allow_negative_numbers = true, value_parser = any_number)]
    early_exaggeration: Option<f64>,
    /// Iterations with early exaggeration [default: 250; 80 from 1,500 samples on, 60 from 5,000 on;
    /// fewer in proportion if --iterations is below its default]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(..))]
    early_iterations: Option<usize>,
    /// Momentum after early exaggeration [default: 0.8; 0.96 from 5,000 samples on, 0.97 from 20,000 on]
    #[arg(long, value_name = "M", allow_negative_numbers = true, value_parser = any_number)]
    momentum: Option<f64>,
    /// Factor on the affinities after early exaggeration
    #[arg(
        long,
        value_name = "F",
        default_value_t = 1.0,
        allow_negative_numbers = true, value_parser = any_number)]
    exaggeration: f64,
    /// Learning rate; auto: the number of samples divided by the exaggeration
    #[arg(long, value_name = "RATE|auto", default_value = "auto", value_parser = rate, allow_negative_numbers = true)]
    learning_rate: Rate,
    /// Momentum during early exaggeration [default: 0.8; 0.5 from 5,000 samples on]
    #[arg(long, value_name = "M", allow_negative_numbers = true, value_parser = any_number)]
    early_momentum: Option<f64>,
    /// Degrees of freedom ν of the map's kernel (1 + d²/ν)^−ν: 1 is standard t-SNE, lower values show
    /// finer clusters
    #[arg(
        long,
        value_name = "V",
        default_value_t = 1.0,
        allow_negative_numbers = true, value_parser = any_number)]
    degrees_of_freedom: f64,
    #[command(flatten)]
    more: Advanced,
}

impl Map {
    pub(super) fn options(self, perplexity: f64, samples: usize) -> Result<RunOptions> {
        let tuned = RunOptions::for_samples(samples);
        let tuned = match self.iterations {
            Some(all) => tuned.with_iterations(all),
            None => tuned,
        };
        if let (Some(early), Some(all)) = (self.early_iterations, self.iterations)
            && early > all
        {
            return Err(Error::option(
                "--early-iterations",
                early,
                format!("must not exceed the total number of iterations (--iterations {all})"),
            ));
        }
        let initialization = match self.init.as_str() {
            "pca" => Initialization::Pca,
            "random" => Initialization::Random,
            "spectral" => Initialization::Spectral,
            file => {
                let positions = read_positions(Path::new(file))?;
                if positions.len() != samples {
                    return Err(Error::Mismatch {
                        what: format!("initial positions ({})", printable(file)),
                        expected: samples,
                        found: positions.len(),
                    });
                }
                Initialization::Given(positions)
            }
        };
        let mut options = RunOptions {
            perplexity,
            largest_perplexity: perplexity,
            seed: self.seed,
            initialization,
            components: self.pca.0,
            tsne: TsneParams {
                early_exaggeration: self
                    .early_exaggeration
                    .unwrap_or(tuned.tsne.early_exaggeration),
                early_iterations: self.early_iterations.unwrap_or(tuned.tsne.early_iterations),
                momentum: self.momentum.unwrap_or(tuned.tsne.momentum),
                exaggeration: self.exaggeration,
                learning_rate: self.learning_rate.0,
                early_momentum: self.early_momentum.unwrap_or(tuned.tsne.early_momentum),
                degrees_of_freedom: self.degrees_of_freedom,
                ..tuned.tsne
            },
            ..tuned
        };
        self.more.apply(&mut options, samples)?;
        Ok(options)
    }
}
