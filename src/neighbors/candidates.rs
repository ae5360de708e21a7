//! What exact and approximate search share: centered features, scores by matrix products, and
//! the bounded list of candidates of a query.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul, s};

use crate::simd::{Kernel, vectorized};

/// References per tile: 256 queries × 1024 scores stay in the second-level cache.
pub(super) const REFERENCES: usize = 1024;
/// Candidates kept beyond k, so that rounding cannot push a neighbor out.
const MARGIN: usize = 16;
/// Rows sampled for the medians.
const MEDIAN_SAMPLE: usize = 1001;

/// A candidate: score and id.
pub(super) type Candidate = (f32, u32);

/// Features with the median taken off each column, and what scores need of them.
pub(super) struct Points {
    /// n × d.
    pub(super) centered: Array2<f32>,
    /// Squared length of each row.
    pub(super) norms: Vec<f32>,
}

impl Points {
    /// Centers on (sampled) column medians, which an outlier cannot move.
    pub(super) fn new(features: ArrayView2<'_, f32>) -> Self {
        let mut centered = features.as_standard_layout().into_owned();
        let stride = centered.nrows().div_ceil(MEDIAN_SAMPLE).max(1);
        for mut column in centered.columns_mut() {
            let mut sample: Vec<f32> = column.iter().step_by(stride).copied().collect();
            let middle = sample.len() / 2;
            let (_, &mut median, _) = sample.select_nth_unstable_by(middle, f32::total_cmp);
            column.mapv_inplace(|v| v - median);
        }
        let norms = centered.outer_iter().map(squared_length).collect();
        Self { centered, norms }
    }

    /// The rows with one more column, |b|², in the given order: the references of scores.
    pub(super) fn references(&self, order: impl ExactSizeIterator<Item = usize>) -> Array2<f32> {
        let d = self.centered.ncols();
        let mut references = Array2::<f32>::zeros((order.len(), d + 1));
        for (mut row, i) in references.outer_iter_mut().zip(order) {
            row.slice_mut(s![..d]).assign(&self.centered.row(i));
            row[d] = self.norms[i];
        }
        references
    }

    /// Squared distance of two rows by differences, in 64 bits.
    pub(super) fn squared_distance(&self, a: usize, b: usize) -> f64 {
        const LANES: usize = 8;
        let d = self.centered.ncols();
        let flat = self.centered.as_slice().unwrap_or_default();
        let (a, b) = (&flat[a * d..(a + 1) * d], &flat[b * d..(b + 1) * d]);
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

    /// The nearest `k` of some samples to a query, by exact distance, ties by id.
    pub(super) fn nearest(
        &self,
        query: usize,
        k: usize,
        among: impl Iterator<Item = usize>,
    ) -> Vec<(f64, u32)> {
        let mut list: Vec<(f64, u32)> = among
            .map(|j| (self.squared_distance(query, j), j as u32))
            .collect();
        list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        list.truncate(k);
        list
    }
}

/// Squared length of a row.
pub(super) fn squared_length(row: ndarray::ArrayView1<'_, f32>) -> f32 {
    row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() as f32
}

/// Turns rows of references into queries, in place: score = |b|² − 2 a·b.
pub(super) fn make_queries(rows: &mut ArrayViewMut2<'_, f32>) {
    let d = rows.ncols() - 1;
    rows.slice_mut(s![.., ..d]).mapv_inplace(|v| -2.0 * v);
    rows.column_mut(d).fill(1.0);
}

/// Scores of queries (rows) against references (columns).
pub(super) fn scores(
    queries: &ArrayView2<'_, f32>,
    references: &ArrayView2<'_, f32>,
    into: &mut ArrayViewMut2<'_, f32>,
) {
    general_mat_mul(1.0, queries, references, 0.0, into);
}

/// The best candidates of a query, with the threshold below which all scores were kept.
pub(super) struct Kept {
    pub(super) candidates: Vec<Candidate>,
    pub(super) threshold: f32,
    keep: usize,
}

impl Kept {
    /// Room for the best `k` and a margin, of at most `others`.
    pub(super) fn new(k: usize, others: usize) -> Self {
        let keep = (k + MARGIN).min(others);
        Self {
            candidates: Vec::with_capacity(2 * keep + 64 + REFERENCES),
            threshold: f32::INFINITY,
            keep,
        }
    }

    /// Takes the scores of references `start`, `start + 1`, … that lie below the threshold, but
    /// for the query itself, which is reference `own`.
    pub(super) fn take(&mut self, row: &[f32], start: usize, own: usize) {
        vectorized(Scan {
            row,
            start,
            own: own.wrapping_sub(start),
            kept: self,
        });
        if self.candidates.len() > 2 * self.keep + 64 {
            self.shrink();
        }
    }

    /// Keeps the best candidates and lowers the threshold to the worst of them.
    pub(super) fn shrink(&mut self) {
        let order = |a: &Candidate, b: &Candidate| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if self.candidates.len() > self.keep {
            self.candidates.select_nth_unstable_by(self.keep - 1, order);
            self.candidates.truncate(self.keep);
            self.threshold = self.candidates[self.keep - 1].0;
        }
    }
}

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
