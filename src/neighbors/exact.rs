//! Exact search by blocked matrix products.
//!
//! |a − b|² = |a|² + |b|² − 2 a·b, and |a|² does not change the order of b's: so a tile of
//! "scores" |b|² − 2 a·b is one matrix product of rows with one column more. Each row keeps the
//! candidates below its present threshold and throws the worse half away when the buffer is
//! full. The features are centered first. Rounding of the products is then bounded by the row's
//! own length: where that bound could hide a neighbor, the row is searched again by direct
//! differences.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use super::candidates::{Kept, Points, REFERENCES, make_queries, scores};
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

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
    let references = points.references(0..n);
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
            let kept = candidates(&references, &queries, k);
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

/// The best candidates of some queries (numbers of references) among all references.
pub(super) fn candidates(references: &Array2<f32>, queries: &[usize], k: usize) -> Vec<Kept> {
    let n = references.nrows();
    let mut rows = references.select(ndarray::Axis(0), queries);
    make_queries(&mut rows.view_mut());
    let mut kept: Vec<Kept> = queries.iter().map(|_| Kept::new(k, n - 1)).collect();
    let mut tile = Array2::<f32>::zeros((queries.len(), REFERENCES));
    for start in (0..n).step_by(REFERENCES) {
        let count = REFERENCES.min(n - start);
        let block = references.slice(s![start..start + count, ..]);
        let block = block.t();
        let mut tile = tile.slice_mut(s![.., ..count]);
        scores(&rows.view(), &block, &mut tile);
        for ((row, kept), &own) in tile.outer_iter().zip(&mut kept).zip(queries) {
            if let Some(row) = row.as_slice() {
                kept.take(row, start, own);
            }
        }
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
