//! Exact search by blocked matrix products.
//!
//! |a − b|² = |a|² + |b|² − 2 a·b, and |a|² does not change the order of b's: "scores"
//! |b|² − 2 a·b decide. Each row keeps the candidates below its present threshold and throws the worse half away when the buffer is
//! full. The features are centered first. Rounding of the products is then bounded by the row's
//! own length: where that bound could hide a neighbor, the row is searched again by direct
//! differences.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::candidates::{Kept, Points};
use super::panels::{Panels, Queries};
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

/// References of a part.
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
    let n = features.nrows();
    let points = Points::new(features);
    let panels = panels(&points);
    let mut ids = vec![0_u32; n * k];
    let mut squared = vec![0_f32; n * k];
    let done = AtomicUsize::new(0);
    progress.report(Stage::Neighbors, 0.0);
    let tiles: Result<Vec<()>> = ids
        .par_chunks_mut(QUERIES * k)
        .zip(squared.par_chunks_mut(QUERIES * k))
        .enumerate()
        .map(|(tile, (ids, squared))| {
            check(progress)?;
            let first = tile * QUERIES;
            let rows = ids.len() / k;
            let queries: Vec<usize> = (first..first + rows).collect();
            let kept = candidates(&points, &panels, &queries, k);
            let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
            for ((&query, kept), (ids, squared)) in queries.iter().zip(&kept).zip(slots) {
                finish(&points, query, kept, ids, squared);
            }
            let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
            progress.report(Stage::Neighbors, done as f32 / n as f32);
            Ok(())
        })
        .collect();
    tiles?;
    Ok((ids, squared))
}

/// All rows as references, in parts that stay in the second-level cache.
pub(super) fn panels(points: &Points) -> Vec<Panels> {
    let n = points.centered.nrows();
    (0..n.div_ceil(REFERENCES))
        .into_par_iter()
        .map(|part| Panels::new(points, part * REFERENCES..((part + 1) * REFERENCES).min(n)))
        .collect()
}

/// The best candidates of some rows among all references.
pub(super) fn candidates(
    points: &Points,
    panels: &[Panels],
    rows: &[usize],
    k: usize,
) -> Vec<Kept> {
    let others = points.centered.nrows() - 1;
    let queries = Queries::new(points, rows.iter().copied());
    let asking: Vec<u32> = (0..rows.len() as u32).collect();
    let mut kept: Vec<Kept> = rows.iter().map(|_| Kept::new(k, others)).collect();
    for part in panels {
        part.offer(&queries, &asking, |query| rows[query], &mut kept);
    }
    for kept in &mut kept {
        kept.shrink();
    }
    kept
}

/// The squared distance that a threshold stands for, and how far rounding may be off there.
pub(super) fn rounding_of(points: &Points, query: usize, threshold: f32) -> (f64, f64) {
    let d = points.centered.ncols() as f64;
    let norm = f64::from(points.norms[query]);
    let worst = f64::from(threshold) + norm;
    let rounding = ROUNDING * (d + 4.0) * (3.0 * norm + 2.0 * worst.max(0.0));
    (worst, rounding)
}

/// Exact distances of the candidates, the best k of them in order; the whole row again if
/// rounding could have hidden one.
fn finish(points: &Points, query: usize, kept: &Kept, ids: &mut [u32], squared: &mut [f32]) {
    let k = ids.len();
    let n = points.centered.nrows();
    let candidates = kept.candidates.iter().map(|c| c.1 as usize);
    let mut list = points.nearest(query, k, candidates);
    if kept.threshold.is_finite() && kept.candidates.len() < n - 1 {
        let (worst, rounding) = rounding_of(points, query, kept.threshold);
        if list[k - 1].0 > (worst - rounding).max(0.0) {
            list = points.nearest(query, k, (0..n).filter(|&j| j != query));
        }
    }
    for (slot, (distance, id)) in list.into_iter().enumerate() {
        ids[slot] = id;
        squared[slot] = distance as f32;
    }
}
