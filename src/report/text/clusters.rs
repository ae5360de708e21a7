//! The clusters that were found, as a table of the text report.

use super::{add_line, line};
use crate::clusters::Clusters;
use crate::text::number;

/// Writes a line per cluster.
pub(super) fn clusters(out: &mut String, found: &Clusters) {
    if found.clusters.is_empty() {
        return;
    }
    line(out, "clusters found in the features (not labels):");
    line(out, "  cluster  samples  core  recurrence  persistence");
    for cluster in &found.clusters {
        add_line!(
            out,
            "  {:<7} {:>8} {:>5} {:>11} {:>12}",
            cluster.name,
            cluster.size,
            cluster.core,
            number(cluster.recurrence, 2),
            number(Some(cluster.persistence), 2)
        );
    }
    add_line!(out, "  {:<7} {:>8}", "noise", found.noise);
    line(
        out,
        "  (core: samples found by density, the others joined later; recurrence: how similar the cluster is, on average, to the most similar one that is found when random parts of the samples are clustered; sure if at least 0.75; persistence: how clearly the cluster stands out in density, from 0 to 1)",
    );
    out.push('\n');
}
