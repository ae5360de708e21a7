//! `disentangle suspects`: samples that are probably mislabeled, and the effect of decisions about them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::data::Sets;
use super::errors::no_labels;
use super::file_of;
use super::output::Destination;
use super::threads::Threads;
use super::watch::Watch;
use crate::dataset::Dataset;
use crate::decisions::Decisions;
use crate::diagnosis::{Diagnosis, SuspectOptions, Suspects};
use crate::error::{Error, Result, printable};
use crate::report::{SuspectsReport, suspects_to_csv, suspects_to_text};
use crate::text::{any_number, whole};
use crate::words::count;

#[derive(Debug, Args)]
pub(super) struct SuspectsArguments {
    /// Number of suspects to list
    #[arg(long, value_name = "M", default_value_t = 50, value_parser = whole(1_u64..))]
    top: u64,
    /// Print a CSV table instead of text
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    destination: Destination,
    /// Decisions about suspects (CSV: row,id,label,decision,relabel,note), shown in the list and
    /// applied to show what they change
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// Write the labels with the decisions applied, one per line
    #[arg(long, value_name = "FILE", requires = "decisions")]
    corrected: Option<PathBuf>,
    /// Share of wrong labels to assume where the data do not determine it
    #[arg(long, value_name = "SHARE", default_value_t = SuspectOptions::default().assumed_error_rate, value_parser = any_number)]
    assumed_error_rate: f64,
    /// Smallest probability of a wrong label for the verdict `probably mislabeled`
    #[arg(long, value_name = "P", default_value_t = SuspectOptions::default().mislabeled_probability, value_parser = any_number)]
    mislabeled_probability: f64,
    /// Seed of the wrong labels that are planted to test the list
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole::<u64>(..))]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    sets: Sets,
}

/// A share given on the command line.
fn share(option: &'static str, value: f64) -> Result<f64> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    Err(Error::option(option, value, "must be between 0 and 1"))
}

pub(super) fn run(args: SuspectsArguments) -> Result<()> {
    let mut inputs = args.sets.inputs();
    args.decisions.iter().for_each(|file| inputs.add(file));
    args.destination.check(&inputs)?;
    if let Some(corrected) = &args.corrected {
        let force = args.destination.force;
        force.check("--corrected", corrected, &inputs)?;
    }
    let options = SuspectOptions {
        assumed_error_rate: share("--assumed-error-rate", args.assumed_error_rate)?,
        mislabeled_probability: share("--mislabeled-probability", args.mislabeled_probability)?,
        seed: args.seed,
        kept: (args.top as usize).max(SuspectOptions::default().kept),
        ..SuspectOptions::default()
    };
    let data = args.sets.first()?;
    if data.labels().is_none() {
        return Err(no_labels(&data, "suspects"));
    }
    let path = args.decisions.as_deref();
    let decisions = path.map(|path| Decisions::load(path, &data)).transpose()?;
    let watch = Watch::new()?;
    let execution = watch.execution(args.threads);
    watch.notes(data.notes());
    let find = |data: &Dataset| watch.outcome(Suspects::of(data, &[], &options, &execution));
    let Some(suspects) = find(&data)? else {
        return Err(Error::input(
            file_of(&data),
            "suspects cannot be ranked: fewer than two classes have at least 3 samples",
            "give labels of at least two classes",
        ));
    };
    let mut changes = None;
    if let Some(decisions) = decisions.as_ref().filter(|d| d.relabeled(&data) > 0) {
        let corrected = decisions.apply(&data)?;
        let before = watch.outcome(Diagnosis::of(&data, None, 10, &execution))?;
        let after = watch.outcome(Diagnosis::of(&corrected, None, 10, &execution))?;
        if let (Some(before), Some(after)) = (before, after) {
            let found = find(&corrected)?;
            let likely = |s: &Suspects| s.verdicts.probably_mislabeled;
            let effect = Effect {
                relabeled: decisions.relabeled(&data),
                diagnoses: [before, after],
                likely: [Some(likely(&suspects)), found.as_ref().map(likely)],
            };
            changes = Some(effect.text());
        }
    }
    watch.finish();
    if let (Some(path), Some(decisions)) = (&args.corrected, &decisions) {
        let force = args.destination.force;
        force.write(path, decisions.corrected_labels(&data)?.as_bytes())?;
    }
    let decisions = decisions.unwrap_or_default();
    let top = args.top as usize;
    let destination = &args.destination;
    if args.csv || (!destination.asks_for_json() && destination.ends_in("csv")) {
        let bytes = suspects_to_csv(&suspects, &decisions, &data, top)?;
        return destination.write_text(&String::from_utf8_lossy(&bytes));
    }
    #[cfg(feature = "parquet")]
    if !destination.asks_for_json() && destination.ends_in("parquet") {
        let bytes = crate::report::suspects_to_parquet(&suspects, &decisions, &data, top)?;
        return destination.write_bytes(&bytes);
    }
    destination.write(
        || SuspectsReport::new(&data, suspects.top(top), &decisions).to_json(),
        || suspects_to_text(&suspects, &decisions, top) + changes.as_deref().unwrap_or(""),
    )
}

/// What relabelings change: each result before and after.
struct Effect {
    relabeled: usize,
    diagnoses: [Diagnosis; 2],
    /// Samples with the verdict *probably mislabeled*.
    likely: [Option<usize>; 2],
}

impl Effect {
    fn text(&self) -> String {
        let relabelings = count(self.relabeled, "relabeling", "relabelings");
        let mut out = format!("\nWith {relabelings} applied (before → after):\n");
        let percent =
            |v: Option<f64>| v.map_or_else(|| "–".into(), |v| format!("{:.1}%", 100.0 * v));
        let [before, after] = &self.diagnoses;
        let hits = [before, after].map(|d| percent(d.neighborhood_hit.in_features()));
        let _ = writeln!(out, "  10-NN same class, all: {} → {}", hits[0], hits[1]);
        let count = |likely: Option<usize>| likely.map_or_else(|| "–".into(), |n| n.to_string());
        let likely = self.likely.map(count);
        let _ = writeln!(out, "  probably mislabeled: {} → {}", likely[0], likely[1]);
        for (b, a) in before.classes.iter().zip(&after.classes) {
            if b.count != a.count
                || b.neighborhood_hit.in_features() != a.neighborhood_hit.in_features()
            {
                let hits = [b, a].map(|c| percent(c.neighborhood_hit.in_features()));
                let _ = writeln!(
                    out,
                    "  {}: {} → {} samples, {} → {}",
                    printable(&b.label),
                    b.count,
                    a.count,
                    hits[0],
                    hits[1]
                );
            }
        }
        out
    }
}

/// Says on standard error where decisions were saved for the first time.
pub(super) fn tell_where(file: Option<&PathBuf>, was_there: bool) {
    if let Some(file) = file.filter(|file| !was_there && file.is_file()) {
        let _ = writeln!(
            std::io::stderr(),
            "note: decisions about suspects were saved to {}",
            printable(&file.display().to_string())
        );
    }
}
