//! The cluster of each sample, as CSV and in NumPy's format.

use npyz::WriterBuilder;

use crate::clusters::Clusters;
use crate::dataset::{Dataset, UNLABELED};
use crate::encode::csv;
use crate::error::{Error, Result};

/// Clusters as CSV: `row` from 0, `id` (if there are ids), `cluster` (empty for noise), `core` (1 where the
/// density of its own neighborhood put the sample into the cluster, 0 where it joined or is noise).
///
/// # Errors
/// [`Error::Io`] if the table cannot be written to memory.
pub fn clusters_to_csv(found: &Clusters, data: &Dataset) -> Result<Vec<u8>> {
    let ids = data.ids();
    let head = ["row"].into_iter().chain(ids.map(|_| "id"));
    let head = head.chain(["cluster", "core"]);
    let rows = (0..found.assignment.len()).map(|row| {
        let cluster = found.clusters.get(usize::from(found.assignment[row]));
        let mut cells = vec![row.to_string()];
        cells.extend(ids.map(|ids| ids[row].clone()));
        cells.push(cluster.map_or_else(String::new, |c| c.name.clone()));
        cells.push(u8::from(found.core[row]).to_string());
        cells
    });
    csv("clusters", head, rows)
}

/// Clusters as the bytes of a `.npy` file (n, little-endian i4): 1 for `c1`, and so on; −1 for noise.
///
/// # Errors
/// [`Error::Io`] if the array cannot be written to memory.
pub fn clusters_to_npy(found: &Clusters) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(128 + 4 * found.assignment.len());
    let io = |source| Error::io("write", "clusters", source);
    let mut writer = npyz::WriteOptions::<i32>::new()
        .default_dtype()
        .shape(&[found.assignment.len() as u64])
        .writer(&mut bytes)
        .begin_nd()
        .map_err(io)?;
    let number = |&cluster: &u16| match cluster {
        UNLABELED => -1,
        cluster => i32::from(cluster) + 1,
    };
    writer
        .extend(found.assignment.iter().map(number))
        .map_err(io)?;
    writer.finish().map_err(io)?;
    Ok(bytes)
}
