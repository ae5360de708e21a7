//! Options about clusters, which are looked for in data without labels.

use std::path::Path;

use clap::Args;

use super::output::ends_in;
use crate::clusters::{ClusterOptions, Clusters};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::export::{clusters_to_csv, clusters_to_npy, endings};
use crate::text::whole;

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Clusters")]
pub(super) struct ClusterArguments {
    /// Do not look for clusters in data without labels
    #[arg(long)]
    no_clusters: bool,
    /// Fewest samples of a cluster [default: half the square root of the number of samples, at least 5]
    #[arg(long, value_name = "N", value_parser = whole(2_u64..))]
    min_cluster_size: Option<u64>,
}

impl ClusterArguments {
    /// How clusters are looked for, if they are.
    pub(super) fn options(self) -> Option<ClusterOptions> {
        let options = ClusterOptions {
            min_cluster_size: self.min_cluster_size.map(|size| size as usize),
            ..ClusterOptions::default()
        };
        (!self.no_clusters).then_some(options)
    }
}

/// Refuses a file of clusters whose name has another ending.
pub(super) fn check_path(path: &Path) -> Result<()> {
    if endings::has_one_of(path, endings::CLUSTERS) {
        return Ok(());
    }
    let problem = format!("must end in {}", endings::one_of(endings::CLUSTERS));
    Err(Error::option("--save-clusters", path.display(), problem))
}

/// The cluster of each sample as a file.
pub(super) fn bytes(path: &Path, found: &Clusters, data: &Dataset) -> Result<Vec<u8>> {
    if ends_in(Some(path), "npy") {
        clusters_to_npy(found)
    } else {
        clusters_to_csv(found, data)
    }
}
