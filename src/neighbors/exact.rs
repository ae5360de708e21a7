//! Exact search by blocked matrix products.
//!
//! |a − b|² = |a|² + |b|² − 2 a·b, and |a|² does not change the order of the b's, so the "score"
//! |b|² − 2 a·b decides. Each row keeps the candidates below its current threshold and drops the
//! worse half when the buffer is full. The features are centered first, so that the rounding of
//! the products is bounded by the length of the row. Where that bound could hide a neighbor, the
//! row is searched again by direct differences.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::candidates::{Kept, Points};
use super::panels::{Panels, Queries};
use super::ties::{Groups, Ties};
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

/// References per part.
const REFERENCES: usize = 512;
/// Queries per tile.
const QUERIES: usize = 256;
/// Rounding of a length-d product, as a multiple of the unit roundoff per dimension.
const ROUNDING: f64 = 6.0e-8;

/// Ids and squared distances of the k nearest neighbors (each n × k, row-major), and their ties.
pub(super) fn search(
    features: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>, Ties)> {
    let points = Points::new(features);
    let groups = Groups::of_rows(features);
    let (rows, known) = (0..features.nrows(), Some(&groups));
    let (ids, squared, ends) = search_rows(&points, &panels(&points), rows, known, k, progress)?;
    let ties = Ties::new(groups, ends.into_iter());
    Ok((ids, squared, ties))
}

/// Neighbors and squared distances (rows × k), and for each row the groups at the end of its list.
pub(super) type Lists = (Vec<u32>, Vec<f32>, Vec<Option<Vec<u32>>>);

/// The same for some of the rows, with the groups at the end of each list, if the groups are known.
/// `panels` hold the first rows as references; a row is not its own neighbor.
pub(super) fn search_rows(
    points: &Points,
    panels: &[Panels],
    rows: Range<usize>,
    groups: Option<&Groups>,
    k: usize,
    progress: &dyn Progress,
) -> Result<Lists> {
    let m = rows.len();
    let mut ids = vec![0_u32; m * k];
    let mut squared = vec![0_f32; m * k];
    let done = AtomicUsize::new(0);
    progress.report(Stage::Neighbors, 0.0);
    let tiles: Result<Vec<Vec<Option<Vec<u32>>>>> = ids
        .par_chunks_mut(QUERIES * k)
        .zip(squared.par_chunks_mut(QUERIES * k))
        .enumerate()
        .map(|(tile, (ids, squared))| {
            check(progress)?;
            let first = rows.start + tile * QUERIES;
            let queries: Vec<usize> = (first..first + ids.len() / k).collect();
            let kept = candidates(points, panels, &queries, k);
            let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
            let mut ends = Vec::with_capacity(queries.len());
            for ((&query, kept), (ids, squared)) in queries.iter().zip(&kept).zip(slots) {
                let (list, beyond) = nearest(points, references(panels), query, kept, k);
                write(list, ids, squared);
                ends.push(groups.and_then(|g| g.at_the_end(query, (ids, squared), &beyond)));
            }
            let done = done.fetch_add(queries.len(), Ordering::Relaxed) + queries.len();
            progress.report(Stage::Neighbors, done as f32 / m as f32);
            Ok(ends)
        })
        .collect();
    let ends = tiles?.into_iter().flatten().collect();
    Ok((ids, squared, ends))
}

/// Writes the ids and squared distances of a query.
pub(super) fn write(list: Vec<(f64, u32)>, ids: &mut [u32], squared: &mut [f32]) {
    for ((distance, id), (to_id, to_squared)) in list.into_iter().zip(ids.iter_mut().zip(squared)) {
        *to_id = id;
        *to_squared = distance as f32;
    }
}

/// All rows as references, in parts that stay in the second-level cache.
pub(super) fn panels(points: &Points) -> Vec<Panels> {
    let n = points.centered.nrows();
    (0..n.div_ceil(REFERENCES))
        .into_par_iter()
        .map(|part| Panels::new(points, part * REFERENCES..((part + 1) * REFERENCES).min(n)))
        .collect()
}

/// Number of references.
fn references(panels: &[Panels]) -> usize {
    panels.iter().map(Panels::count).sum()
}

/// The best candidates of some rows among all references.
pub(super) fn candidates(
    points: &Points,
    panels: &[Panels],
    rows: &[usize],
    k: usize,
) -> Vec<Kept> {
    let references = references(panels);
    let others = |&row: &usize| references - usize::from(row < references);
    let queries = Queries::new(points, rows.iter().copied());
    let asking: Vec<u32> = (0..rows.len() as u32).collect();
    let mut kept: Vec<Kept> = rows.iter().map(|row| Kept::new(k, others(row))).collect();
    for part in panels {
        part.offer(&queries, &asking, |query| rows[query], &mut kept);
    }
    kept.iter_mut().for_each(Kept::shrink);
    kept
}

/// The best k of the candidates by exact distances, and those that tie with the last; of the whole row
/// if rounding could have hidden one. (Of samples at distance 0 the groups of identical rows tell.)
fn nearest(
    points: &Points,
    references: usize,
    query: usize,
    kept: &Kept,
    k: usize,
) -> (Vec<(f64, u32)>, Vec<u32>) {
    let candidates = kept.candidates.iter().map(|c| c.1 as usize);
    let found = points.nearest(query, k, candidates);
    let others = (0..references).filter(|&row| row != query);
    let is_whole = kept.candidates.len() >= references - usize::from(query < references);
    if kept.threshold.is_finite() && !is_whole {
        // The squared distance that the threshold stands for, and how far rounding may be off.
        let d = points.centered.ncols() as f64;
        let norm = f64::from(points.norms[query]);
        let worst = f64::from(kept.threshold) + norm;
        let rounding = ROUNDING * (d + 4.0) * (3.0 * norm + 2.0 * worst.max(0.0));
        let last = found.0[k - 1].0;
        // All that round to the same number of 32 bits tie with the last.
        let tied = if last > 0.0 {
            f64::from((last as f32).next_up())
        } else {
            0.0
        };
        if tied > (worst - rounding).max(0.0) {
            return points.nearest(query, k, others);
        }
    }
    found
}
