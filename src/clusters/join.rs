//! Noise that joins a cluster.
//!
//! In: lists of neighbors and the clusters. A sample in no cluster joins the one that more than half of its
//! nearest neighbors belong to. All samples of a round join at once, so that their order does not matter;
//! rounds go on until none joins.

use rayon::prelude::*;

use super::lists::Lists;

/// Neighbors that decide.
const VOTERS: usize = 15;

/// Lets samples join.
pub(super) fn join(lists: &Lists, assignment: &mut [Option<u32>]) {
    let mut outside: Vec<u32> = (0..assignment.len() as u32).collect();
    loop {
        outside.retain(|&i| assignment[i as usize].is_none());
        let joins = |&i: &u32| Some((i, majority(lists.near(i as usize), assignment)?));
        let joining: Vec<(u32, u32)> = outside.par_iter().filter_map(joins).collect();
        if joining.is_empty() {
            return;
        }
        for (i, cluster) in joining {
            assignment[i as usize] = Some(cluster);
        }
    }
}

/// The cluster of more than half of the nearest.
fn majority(near: &[(u32, f64)], assignment: &[Option<u32>]) -> Option<u32> {
    let near = &near[..near.len().min(VOTERS)];
    let clusters = near.iter().filter_map(|&(j, _)| assignment[j as usize]);
    let mut clusters: Vec<u32> = clusters.collect();
    clusters.sort_unstable();
    let most = clusters
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| same.len())?;
    (2 * most.len() > near.len()).then_some(most[0])
}
