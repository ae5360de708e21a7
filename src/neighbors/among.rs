//! Neighbors of new samples among others: the graph behind placing samples into a finished map.
//!
//! In: a reference (n × d) and queries (m × d). Out: for each query its k nearest references, by
//! the same blocked products as the search within one set, distances recomputed from differences
//! in 64 bits. Cost: n m d multiplications.

use ndarray::{ArrayView2, Axis, concatenate};
use rayon::prelude::*;

use super::candidates::{Kept, Points};
use super::exact::rounding_of;
use super::panels::{Panels, Queries};
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
    let panels = Panels::new(&points, 0..n);
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
            let kept = candidates(&points, &panels, first..first + rows, k.min(n));
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
    panels: &Panels,
    rows: std::ops::Range<usize>,
    k: usize,
) -> Vec<Kept> {
    let n = panels.count();
    let queries = Queries::new(points, rows.clone());
    let asking: Vec<u32> = (0..rows.len() as u32).collect();
    let mut kept: Vec<Kept> = rows.map(|_| Kept::new(k, n)).collect();
    panels.offer(&queries, &asking, |_| usize::MAX, &mut kept);
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
