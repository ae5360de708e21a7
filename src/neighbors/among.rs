//! Neighbors of new samples among others: the graph behind placing samples into a finished map.
//!
//! In: a reference (n × d) and queries (m × d). Out: for each query its k nearest references, by
//! the same blocked products as the search within one set, distances recomputed from differences
//! in 64 bits. Cost: n m d multiplications.

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use rayon::prelude::*;

use super::candidates::{Kept, Points, REFERENCES, make_queries, scores};
use super::exact::rounding_of;
use crate::error::{Error, Result};
use crate::progress::{Progress, Stage, check};

/// Queries per task.
const QUERIES: usize = 128;

/// Ids of references and squared distances (each m × k, row-major).
pub(super) fn search(
    reference: ArrayView2<'_, f32>,
    queries: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>)> {
    if reference.ncols() != queries.ncols() {
        return Err(Error::Mismatch {
            what: "features of the new samples".into(),
            expected: reference.ncols(),
            found: queries.ncols(),
        });
    }
    let (n, m) = (reference.nrows(), queries.nrows());
    let both = concatenate(Axis(0), &[reference, queries])
        .map_err(|e| Error::input("features", e.to_string(), "please report this"))?;
    let points = Points::new(both.view());
    drop(both);
    let references = points.references(0..n);
    let mut ids = vec![0_u32; m * k];
    let mut squared = vec![0_f32; m * k];
    progress.report(Stage::Neighbors, 0.0);
    let tasks: Result<Vec<()>> = ids
        .par_chunks_mut(QUERIES * k)
        .zip(squared.par_chunks_mut(QUERIES * k))
        .enumerate()
        .map(|(task, (ids, squared))| {
            check(progress)?;
            let first = n + task * QUERIES;
            let rows = ids.len() / k;
            let kept = candidates(&points, &references, first..first + rows, k);
            let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
            for ((query, kept), (ids, squared)) in (first..).zip(&kept).zip(slots) {
                finish(&points, query, n, kept, ids, squared);
            }
            Ok(())
        })
        .collect();
    tasks?;
    progress.report(Stage::Neighbors, 1.0);
    Ok((ids, squared))
}

/// The best candidates of consecutive rows among the references.
fn candidates(
    points: &Points,
    references: &Array2<f32>,
    rows: std::ops::Range<usize>,
    k: usize,
) -> Vec<Kept> {
    let n = references.nrows();
    let mut kept: Vec<Kept> = rows.clone().map(|_| Kept::new(k, n)).collect();
    let mut queries = points.references(rows);
    make_queries(&mut queries.view_mut());
    let mut tile = Array2::<f32>::zeros((queries.nrows(), REFERENCES));
    for start in (0..n).step_by(REFERENCES) {
        let count = REFERENCES.min(n - start);
        let block = references.slice(s![start..start + count, ..]);
        let mut tile = tile.slice_mut(s![.., ..count]);
        scores(&queries.view(), &block.t(), &mut tile);
        for (row, kept) in tile.outer_iter().zip(&mut kept) {
            if let Some(row) = row.as_slice() {
                kept.take(row, start, usize::MAX);
            }
        }
    }
    kept.iter_mut().for_each(Kept::shrink);
    kept
}

/// Exact distances of the candidates; the whole row if rounding could have hidden one.
fn finish(
    points: &Points,
    query: usize,
    n: usize,
    kept: &Kept,
    ids: &mut [u32],
    squared: &mut [f32],
) {
    let k = ids.len();
    let mut list = points.nearest(query, k, kept.candidates.iter().map(|c| c.1 as usize));
    if kept.threshold.is_finite() && kept.candidates.len() < n {
        let (worst, rounding) = rounding_of(points, query, kept.threshold);
        if list[k - 1].0 > (worst - rounding).max(0.0) {
            list = points.nearest(query, k, 0..n);
        }
    }
    for (slot, (distance, id)) in list.into_iter().enumerate() {
        ids[slot] = id;
        squared[slot] = distance as f32;
    }
}
