//! What several maps have in common, with how they were made: as JSON or text.
//!
//! In: the maps' settings and a [`Stability`]. Out: a [`StabilityReport`]. No clock in it: the same
//! inputs and settings give the same bytes.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, InputFile};
use crate::diagnosis::Stability;
use crate::encode::json;
use crate::error::{Result, printable};
use crate::text::name;
use crate::words::{NONE, share};

/// Version of the JSON's layout, as [`SCHEMA`](super::SCHEMA).
pub const STABILITY_SCHEMA: &str = "disentangle.stability/1";
/// Pairs of classes that the text lists.
const MOST_PAIRS: usize = 20;
/// Columns of a name.
const NAME: usize = 18;

/// One of the maps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StabilityMap {
    /// Perplexity in effect.
    pub perplexity: f64,
    /// Seed.
    pub seed: u64,
    /// Iterations done.
    pub iterations: usize,
    /// Kullback-Leibler divergence in nats; comparable between maps of one perplexity.
    pub kl_divergence: f64,
}

/// What several maps of a dataset have in common.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct StabilityReport {
    /// [`STABILITY_SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub crate_version: String,
    /// Name of the dataset.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// Notes from reading.
    pub notes: Vec<String>,
    /// "pca", "random", "spectral" or "given": where the maps began.
    pub initialization: String,
    /// The maps, in the order of the rows of `stability.kept`.
    pub maps: Vec<StabilityMap>,
    /// What they have in common.
    pub stability: Stability,
}

impl StabilityReport {
    /// Puts a report together.
    pub fn new(
        data: &Dataset,
        initialization: &str,
        maps: Vec<StabilityMap>,
        stability: Stability,
    ) -> Self {
        Self {
            schema: STABILITY_SCHEMA.into(),
            crate_version: env!("CARGO_PKG_VERSION").into(),
            name: data.name().into(),
            samples: data.samples(),
            inputs: data.sources().to_vec(),
            notes: data.notes().to_vec(),
            initialization: initialization.into(),
            maps,
            stability,
        }
    }

    /// The report as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if a value cannot be written as JSON; none is known.
    pub fn to_json(&self) -> Result<String> {
        json("stability", self)
    }

    /// The report as text for people.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let found = &self.stability;
        let _ = writeln!(
            out,
            "{}: {} maps of {} samples, starting from {} positions",
            printable(&self.name),
            found.maps,
            self.samples,
            printable(&self.initialization)
        );
        for map in &self.maps {
            let _ = writeln!(
                out,
                "  perplexity {}, seed {}: KL {:.3} after {} iterations",
                (100.0 * map.perplexity).round() / 100.0,
                map.seed,
                map.kl_divergence,
                map.iterations
            );
        }
        let _ = writeln!(
            out,
            "\nof the {} nearest neighbors in one map, {}% are also neighbors in another (chance {:.1}%)",
            found.options.k,
            share(Some(found.mean_kept)),
            100.0 * found.chance
        );
        let _ = writeln!(
            out,
            "{} of {} samples have no stable place: from map to map they keep less than {:.1}% of their neighbors (half of the median over all samples)",
            found.unstable,
            self.samples,
            100.0 * found.least_kept()
        );
        self.classes(&mut out);
        self.pairs(&mut out);
        out
    }

    fn classes(&self, out: &mut String) {
        let found = &self.stability;
        if found.classes.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "\n{:NAME$} {:>7}  {:>14}  {:>13}  {:>14}",
            "class", "n", "shared", "clearly apart", "same class, %"
        );
        for class in &found.classes {
            let apart = class
                .apart
                .map_or_else(|| NONE.into(), |maps| format!("{maps} of {}", found.maps));
            let hits = class.lowest_hit.zip(class.highest_hit).map_or_else(
                || NONE.into(),
                |(low, high)| format!("{:.0} to {:.0}", 100.0 * low, 100.0 * high),
            );
            let _ = writeln!(
                out,
                "{:NAME$} {:>7}  {:>14}  {apart:>13}  {hits:>14}",
                name(&class.label, NAME),
                class.count,
                share(class.kept)
            );
        }
    }

    fn pairs(&self, out: &mut String) {
        let found = &self.stability;
        let label = |c: usize| {
            found
                .classes
                .get(c)
                .map_or_else(String::new, |c| name(&c.label, NAME))
        };
        for pair in found.findings.iter().take(MOST_PAIRS) {
            let _ = writeln!(
                out,
                "  {} mixes with {} in {} of {} maps ({:.1} to {:.1}% of its neighbors)",
                label(pair.from),
                label(pair.to),
                pair.maps,
                found.maps,
                100.0 * pair.lowest_share,
                100.0 * pair.highest_share
            );
        }
        let left = found.findings.len().saturating_sub(MOST_PAIRS);
        if left > 0 {
            let _ = writeln!(out, "  … and {left} more pairs in the JSON report");
        }
        if !found.classes.is_empty() {
            out.push_str(
                "(`disentangle diagnose` shows whether classes are apart in the features)\n",
            );
        }
    }
}
