//! Options of the map that few need: how neighbors are weighed, annealing, an early end.

use clap::{Args, ValueEnum};

use crate::affinities::Weighting;
use crate::error::{Error, Result};
use crate::run::RunOptions;

/// How neighbors are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// By a Gaussian of the perplexity
    Gaussian,
    /// All alike, over as many neighbors as the perplexity says
    Uniform,
}

/// What few need.
#[derive(Debug, Args)]
#[command(next_help_heading = "t-SNE, for large or special data")]
pub(super) struct Advanced {
    /// How neighbors are weighed: by a Gaussian over 3 × perplexity of them, or all alike over as
    /// many as the perplexity says
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Kind::Gaussian, hide_possible_values = true)]
    affinities: Kind,
    /// Average the affinities of the perplexity with those of these, for example 30,500
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    perplexity_combination: Vec<f64>,
    /// Begin at this higher perplexity and go on to the one wanted halfway
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    perplexity_annealing: Option<f64>,
    /// End before all iterations are done if the divergence changes by less than 0.02 % over 50
    /// iterations, twice in a row (the screen always does)
    #[arg(long)]
    stop_when_still: bool,
}

impl Advanced {
    /// Puts them into the options of a run.
    pub(super) fn apply(self, options: &mut RunOptions) -> Result<()> {
        options.weighting = match (self.affinities, self.perplexity_combination.is_empty()) {
            (Kind::Gaussian, true) => Weighting::Gaussian,
            (Kind::Gaussian, false) => Weighting::Combined(self.perplexity_combination),
            (Kind::Uniform, true) => Weighting::Uniform,
            (Kind::Uniform, false) => {
                return Err(Error::option(
                    "--perplexity-combination",
                    "with uniform affinities",
                    "combines Gaussians; leave one of the two out",
                ));
            }
        };
        options.annealing = self.perplexity_annealing;
        options.stop_when_still = self.stop_when_still;
        Ok(())
    }
}
