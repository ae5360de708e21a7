//! `disentangle diagnose`: the statistics without a screen.

use std::path::PathBuf;

use clap::Args;

use super::data::Data;
use super::errors::no_labels;
use super::output::Destination;
use super::threads::Threads;
use super::thresholds::Thresholds;
use super::watch::Watch;
use super::{WIDTH, file_of};
use crate::dataset::read_positions;
use crate::diagnosis::{Diagnosis, usual_neighbors};
use crate::error::{Error, Result, printable};
use crate::report::{Report, TsneSummary};

#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// Neighbors per sample in the tables [default: 10, or as many as the smallest class allows]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    k: Option<u64>,
    /// A map of the same samples (n × 2) to measure as well
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    thresholds: Thresholds,
}

pub(super) fn run(args: Diagnose) -> Result<()> {
    let mut inputs = args.data.inputs();
    args.map.iter().for_each(|map| inputs.add(map));
    args.destination.check(&inputs)?;
    let data = args.data.read()?;
    if data.labels().is_none() && args.map.is_none() {
        return Err(no_labels(&data, "the statistics"));
    }
    let usual = || usual_neighbors(data.labels());
    let k = args.k.map_or_else(usual, |k| k as usize);
    let options = args.thresholds.checked(k)?;
    let map = args.map.as_deref().map(read_positions).transpose()?;
    if let (Some(file), Some(map)) = (&args.map, &map)
        && map.len() != data.samples()
    {
        let file = printable(&file.display().to_string());
        return Err(Error::Mismatch {
            what: format!("map ({file}) for {}", printable(file_of(&data))),
            expected: data.samples(),
            found: map.len(),
        });
    }
    let watch = Watch::new()?;
    let diagnosis = Diagnosis::with_options(
        &data,
        map.as_deref(),
        &options,
        &watch.execution(args.threads),
    );
    let diagnosis = watch.outcome(diagnosis)?;
    watch.finish();
    let report = Report::new(&data, diagnosis.as_ref(), k, TsneSummary::default());
    let text = || report.to_text(WIDTH);
    args.destination.write(|| report.to_json(), text)
}
