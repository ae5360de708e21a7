//! `disentangle diagnose`: the statistics without a screen.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::clusters::{self, ClusterArguments};
use super::data::Data;
use super::errors::no_labels;
use super::output::Destination;
use super::threads::Threads;
use super::thresholds::Thresholds;
use super::watch::Watch;
use super::{WIDTH, file_of, in_file};
use crate::clusters::Clusters;
use crate::dataset::read_map;
use crate::diagnosis::{Diagnosis, usual_neighbors};
use crate::error::{Error, Result, printable};
use crate::report::{Report, TsneSummary};
use crate::text::whole;

#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// Neighbors per sample in the tables [default: 10, or as many as the smallest class allows]
    #[arg(long, value_name = "K", value_parser = whole(1_u64..=1_000))]
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
    #[command(flatten)]
    clusters: ClusterArguments,
    /// Write the cluster of each sample to a file: .csv, or .npy (1 for c1, −1 for noise)
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Clusters",
        conflicts_with = "no_clusters"
    )]
    save_clusters: Option<PathBuf>,
}

pub(super) fn run(args: Diagnose) -> Result<()> {
    let mut inputs = args.data.inputs();
    args.map.iter().for_each(|map| inputs.add(map));
    args.destination.check(&inputs)?;
    if let Some(path) = &args.save_clusters {
        clusters::check_path(path)?;
        (args.destination.force).check("--save-clusters", path, &inputs)?;
    }
    let mut data = args.data.read()?;
    let sought = (args.clusters.options()).filter(|_| data.labels().is_none());
    if let (Some(path), None) = (&args.save_clusters, sought) {
        let problem = "there are labels; clusters are looked for only in data without labels";
        return Err(Error::option("--save-clusters", path.display(), problem));
    }
    if data.labels().is_none() && args.map.is_none() && sought.is_none() {
        return Err(no_labels(&data, "the statistics"));
    }
    let usual = || usual_neighbors(data.labels());
    let k = args.k.map_or_else(usual, |k| k as usize);
    let options = args.thresholds.checked(k)?;
    let map = args.map.as_deref().map(|path| read_map(path, &mut data));
    let map = map.transpose()?;
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
    let execution = watch.execution(args.threads);
    let find = |options| watch.outcome(Clusters::of(&data, &options, &execution));
    let found = sought.map(find).transpose();
    let found = found.map_err(|error| in_file(error, &data))?;
    if let Some(found) = &found {
        data = data.with_labels(found.labels()?)?;
    }
    let diagnosis = Diagnosis::with_options(&data, map.as_deref(), &options, &execution);
    let mut diagnosis = watch.outcome(diagnosis)?;
    watch.finish();
    if let Some(found) = found {
        if let Some(path) = &args.save_clusters {
            (args.destination.force).write(path, &clusters::bytes(path, &found, &data)?)?;
        }
        diagnosis = diagnosis.map(|d| d.with_clusters(Arc::new(found)));
    }
    let report = Report::new(&data, diagnosis.as_ref(), k, TsneSummary::default());
    let text = || report.to_text(WIDTH);
    args.destination.write(|| report.to_json(), text)
}
