//! Exact search by blocked matrix products.
//!
//! |a − b|² = |a|² + |b|² − 2 a·b, and |a|² does not change the order of b's: so a tile of
//! "scores" |b|² − 2 a·b is one matrix product of rows with one column more. Each row keeps the
//! candidates below its present threshold and throws the worse half away when the buffer is
//! full. The features are centered first (on column medians, which an outlier cannot move).
//! Rounding of the products is then bounded by the row's own length: where that bound could hide
//! a neighbor, the row is searched again by direct differences.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2, linalg::general_mat_mul, s};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, Stage, check};
use crate::simd::{Kernel, vectorized};

/// Rows (queries) per tile.
const QUERIES: usize = 256;
/// Columns (references) per tile: 256 × 1024 scores stay in the second-level cache.
const REFERENCES: usize = 1024;
/// Candidates kept beyond k, so that rounding cannot push a neighbor out.
const MARGIN: usize = 16;
/// Rounding of a length-d product, as a multiple of the unit roundoff per dimension.
const ROUNDING: f64 = 6.0e-8;
/// Rows sampled for the medians.
const MEDIAN_SAMPLE: usize = 1001;

/// A candidate: score and id.
type Candidate = (f32, u32);

/// Ids and squared distances of the k nearest neighbors (each n × k, row-major).
pub(super) fn search(
    features: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>)> {
    let (n, d) = features.dim();
    let mut centered = features.to_owned();
    center(&mut centered);
    let norms: Vec<f32> = centered
        .outer_iter()
        .map(|r| r.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() as f32)
        .collect();
    // One more column carries |b|².
    let mut references = Array2::<f32>::zeros((n, d + 1));
    references.slice_mut(s![.., ..d]).assign(&centered);
    for (mut row, &norm) in references.outer_iter_mut().zip(&norms) {
        row[d] = norm;
    }
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
            let kept = candidates(&references, first, rows, k);
            for (r, (ids, squared)) in ids.chunks_mut(k).zip(squared.chunks_mut(k)).enumerate() {
                let list = &kept[r];
                finish(&centered, &norms, first + r, list, ids, squared);
            }
            let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
            progress.report(Stage::Neighbors, done as f32 / n as f32);
            Ok(())
        })
        .collect();
    tiles?;
    Ok((ids, squared))
}

/// Takes the (sampled) median off each column.
fn center(features: &mut Array2<f32>) {
    let stride = features.nrows().div_ceil(MEDIAN_SAMPLE).max(1);
    for mut column in features.columns_mut() {
        let mut sample: Vec<f32> = column.iter().step_by(stride).copied().collect();
        let middle = sample.len() / 2;
        let (_, &mut median, _) = sample.select_nth_unstable_by(middle, f32::total_cmp);
        column.mapv_inplace(|v| v - median);
    }
}

/// The best candidates of each query row of a tile, with the threshold below which all scores
/// were kept.
struct Kept {
    candidates: Vec<Candidate>,
    threshold: f32,
}

fn candidates(references: &Array2<f32>, first: usize, rows: usize, k: usize) -> Vec<Kept> {
    let (n, width) = references.dim();
    let d = width - 1;
    let keep = (k + MARGIN).min(n - 1);
    let capacity = 2 * keep + 64;
    let mut queries = references.slice(s![first..first + rows, ..]).to_owned();
    queries.slice_mut(s![.., ..d]).mapv_inplace(|v| -2.0 * v);
    queries.column_mut(d).fill(1.0);
    let mut kept: Vec<Kept> = (0..rows)
        .map(|_| Kept {
            candidates: Vec::with_capacity(capacity + REFERENCES),
            threshold: f32::INFINITY,
        })
        .collect();
    let mut scores = Array2::<f32>::zeros((rows, REFERENCES));
    for start in (0..n).step_by(REFERENCES) {
        let count = REFERENCES.min(n - start);
        let block = references.slice(s![start..start + count, ..]);
        let mut tile = scores.slice_mut(s![.., ..count]);
        general_mat_mul(1.0, &queries, &block.t(), 0.0, &mut tile);
        for (r, (row, kept)) in tile.outer_iter().zip(&mut kept).enumerate() {
            let own = (first + r).wrapping_sub(start);
            if let Some(row) = row.as_slice() {
                vectorized(Scan {
                    row,
                    start,
                    own,
                    kept,
                });
            }
            if kept.candidates.len() > capacity {
                shrink(kept, keep);
            }
        }
    }
    for kept in &mut kept {
        shrink(kept, keep);
    }
    kept
}

/// Appends the scores of a row that lie below its threshold, but for the query itself.
struct Scan<'a> {
    row: &'a [f32],
    /// Id of the row's first score.
    start: usize,
    /// Place of the query itself.
    own: usize,
    kept: &'a mut Kept,
}

impl Kernel for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        const LANES: usize = 32;
        let Self {
            row,
            start,
            own,
            kept,
        } = self;
        let threshold = kept.threshold;
        for (c, chunk) in row.chunks(LANES).enumerate() {
            let mut any = false;
            for &score in chunk {
                any |= score < threshold;
            }
            if any {
                for (l, &score) in chunk.iter().enumerate() {
                    let at = c * LANES + l;
                    if score < threshold && at != own {
                        kept.candidates.push((score, (start + at) as u32));
                    }
                }
            }
        }
    }
}

/// Keeps the best `keep` candidates and lowers the threshold to the worst of them.
fn shrink(kept: &mut Kept, keep: usize) {
    let order = |a: &Candidate, b: &Candidate| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if kept.candidates.len() > keep {
        kept.candidates.select_nth_unstable_by(keep - 1, order);
        kept.candidates.truncate(keep);
        kept.threshold = kept.candidates[keep - 1].0;
    }
}

/// Squared distance of two rows by differences, in 64 bits.
fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0_f64; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2))
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for l in 0..LANES {
            let difference = f64::from(x[l]) - f64::from(y[l]);
            lanes[l] += difference * difference;
        }
    }
    lanes.iter().sum::<f64>() + tail
}

/// Exact distances of the candidates, the best k of them in order; the whole row again if
/// rounding could have hidden one.
fn finish(
    centered: &Array2<f32>,
    norms: &[f32],
    query: usize,
    kept: &Kept,
    ids: &mut [u32],
    squared: &mut [f32],
) {
    let k = ids.len();
    let (n, d) = centered.dim();
    let flat = centered.as_slice().unwrap_or_default();
    let row = |i: usize| &flat[i * d..(i + 1) * d];
    let rescored = |ids: &mut dyn Iterator<Item = usize>| {
        let mut list: Vec<(f64, u32)> = ids
            .map(|j| (squared_distance(row(query), row(j)), j as u32))
            .collect();
        list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        list.truncate(k);
        list
    };
    let mut list = rescored(&mut kept.candidates.iter().map(|c| c.1 as usize));
    if kept.threshold.is_finite() && kept.candidates.len() < n - 1 {
        let norm = f64::from(norms[query]);
        let worst = f64::from(kept.threshold) + norm;
        let rounding = ROUNDING * (d as f64 + 4.0) * (3.0 * norm + 2.0 * worst.max(0.0));
        if list[k - 1].0 > (worst - rounding).max(0.0) {
            list = rescored(&mut (0..n).filter(|&j| j != query));
        }
    }
    for (slot, (distance, id)) in list.into_iter().enumerate() {
        ids[slot] = id;
        squared[slot] = distance as f32;
    }
}
