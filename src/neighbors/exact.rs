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
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

/// References per part.
const REFERENCES: usize = 512;
/// Queries per tile.
const QUERIES: usize = 256;
/// Rounding of a length-d product, as a multiple of the unit roundoff per dimension.
const ROUNDING: f64 = 6.0e-8;

/// Ids and squared distances of the k nearest neighbors (each n × k, row-major).
pub(super) fn search(
    features: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>)> {
    let points = Points::new(features);
    search_rows(&points, &panels(&points), 0..features.nrows(), k, progress)
}

/// The same for some of the rows. `panels` hold the first rows as references; a row is not its own
/// neighbor.
pub(super) fn search_rows(
    points: &Points,
    panels: &[Panels],
    rows: Range<usize>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>)> {
    let m = rows.len();
    let mut ids = vec![0_u32; m * k];
    let mut squared = vec![0_f32; m * k];
    let done = AtomicUsize::new(0);
    progress.report(Stage::Neighbors, 0.0);
    let tiles: Result<Vec<()>> = ids
        .par_chunks_mut(QUERIES * k)
        .zip(squared.par_chunks_mut(QUERIES * k))
        .enumerate()
        .map(|(tile, (ids, squared))| {
            check(progress)?;
            let first = rows.start + tile * QUERIES;
            let queries: Vec<usize> = (first..first + ids.len() / k).collect();
            let kept = candidates(points, panels, &queries, k);
            let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
            for ((&query, kept), (ids, squared)) in queries.iter().zip(&kept).zip(slots) {
                let list = nearest(points, references(panels), query, kept, k);
                write(list, ids, squared);
            }
            let done = done.fetch_add(queries.len(), Ordering::Relaxed) + queries.len();
            progress.report(Stage::Neighbors, done as f32 / m as f32);
            Ok(())
        })
        .collect();
    tiles?;
    Ok((ids, squared))
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

/// The best k of the candidates by exact distances; of the whole row if rounding could have hidden
/// one.
fn nearest(
    points: &Points,
    references: usize,
    query: usize,
    kept: &Kept,
    k: usize,
) -> Vec<(f64, u32)> {
    let candidates = kept.candidates.iter().map(|c| c.1 as usize);
    let list = points.nearest(query, k, candidates);
    let others = (0..references).filter(|&row| row != query);
    let is_whole = kept.candidates.len() >= references - usize::from(query < references);
    if kept.threshold.is_finite() && !is_whole {
        // The squared distance that the threshold stands for, and how far rounding may be off.
        let d = points.centered.ncols() as f64;
        let norm = f64::from(points.norms[query]);
        let worst = f64::from(kept.threshold) + norm;
        let rounding = ROUNDING * (d + 4.0) * (3.0 * norm + 2.0 * worst.max(0.0));
        if list[k - 1].0 > (worst - rounding).max(0.0) {
            return points.nearest(query, k, others);
        }
    }
    list
}
