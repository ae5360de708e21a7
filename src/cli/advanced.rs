//! Options of the map that few need: how neighbors are weighted, annealing, stopping early.

use clap::{Args, ValueEnum};

use crate::affinities::{Weighting, largest_perplexity};
use crate::error::{Error, Result};
use crate::run::{RunOptions, capped_perplexity};
use crate::text::any_number;

/// How neighbors are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// By a Gaussian whose width the perplexity sets
    Gaussian,
    /// All equally, as many neighbors as the perplexity says
    Uniform,
}

/// Options that few need.
#[derive(Debug, Args)]
#[command(next_help_heading = "t-SNE, for large or special data")]
pub(super) struct Advanced {
    /// Weights of neighbors: gaussian over 3 × perplexity neighbors, or uniform (equal weights) over
    /// as many neighbors as the perplexity says
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Kind::Gaussian, hide_possible_values = true)]
    affinities: Kind,
    /// Average the affinities of --perplexity and of these perplexities, separated by commas: 100,500 for
    /// 100 and 500
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        allow_negative_numbers = true, value_parser = any_number)]
    perplexity_combination: Vec<f64>,
    /// Start at this higher perplexity, and switch to the requested one when half of the iterations
    /// after early exaggeration are done
    #[arg(long, value_name = "P", allow_negative_numbers = true, value_parser = any_number)]
    perplexity_annealing: Option<f64>,
    /// Stop early once the divergence has changed by less than 0.02% over 50 iterations, twice in a
    /// row (the screen always does)
    #[arg(long)]
    stop_when_still: bool,
}

impl Advanced {
    /// Adds them to the options of a run.
    pub(super) fn apply(self, options: &mut RunOptions, samples: usize) -> Result<()> {
        if let Some(high) = self.perplexity_annealing {
            check_annealing(high, options.perplexity, samples)?;
        }
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

/// Refuses a starting perplexity that is not above the final one, or that the number of samples does
/// not allow.
fn check_annealing(high: f64, perplexity: f64, samples: usize) -> Result<()> {
    let largest = largest_perplexity(samples).max(1.0);
    let wanted = perplexity.min(largest);
    let problem = if high <= wanted {
        format!("must be above {wanted:.1}, the perplexity of the finished map")
    } else if high.is_finite() && high > largest {
        format!("is too large for {samples} samples: at most {largest:.1} = (n − 1)/3 is possible")
    } else {
        return Ok(());
    };
    Err(Error::option("--perplexity-annealing", high, problem))
}

/// Notes about combined perplexities that the number of samples does not allow.
pub(super) fn notes(options: &RunOptions, samples: usize) -> Vec<String> {
    let Weighting::Combined(others) = &options.weighting else {
        return Vec::new();
    };
    others
        .iter()
        .filter_map(|&perplexity| capped_perplexity(perplexity, samples).1)
        .map(|note| format!("--perplexity-combination: {note}"))
        .collect()
}
