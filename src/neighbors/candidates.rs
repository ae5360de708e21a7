//! What exact and approximate search share: centered features, scores by matrix products, and
//! the bounded list of candidates of a query.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul, s};

use crate::simd::{Kernel, vectorized};

/// Candidates kept beyond k, so that rounding cannot push a neighbor out.
const MARGIN: usize = 16;
/// Rows sampled for the medians.
const MEDIAN_SAMPLE: usize = 1001;

/// A candidate: score and id.
pub(super) type Candidate = (f32, u32);

/// Features with the median subtracted from each column, and what scores need.
pub(super) struct Points {
    /// n × d.
    pub(super) centered: Array2<f32>,
    /// Squared length of each row.
    pub(super) norms: Vec<f32>,
    /// The sample of each row.
    pub(super) ids: Vec<u32>,
}

impl Points {
    /// Centers on medians of (sampled) columns, which outliers do not move.
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
        let ids = (0..centered.nrows() as u32).collect();
        Self {
            centered,
            norms,
            ids,
        }
    }

    /// The same samples in another order of rows.
    pub(super) fn in_order(self, order: &[u32]) -> Self {
        let rows: Vec<usize> = order.iter().map(|&row| row as usize).collect();
        Self {
            centered: self.centered.select(Axis(0), &rows),
            norms: rows.iter().map(|&row| self.norms[row]).collect(),
            ids: rows.iter().map(|&row| self.ids[row]).collect(),
        }
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

    /// The nearest `k` of some rows to a row, by squared distance (of differences, in 64 bits),
    /// ties by id: distances and ids; and the ids of those beyond them that are as far as the last.
    pub(super) fn nearest(
        &self,
        query: usize,
        k: usize,
        among: impl Iterator<Item = usize>,
    ) -> (Vec<(f64, u32)>, Vec<u32>) {
        let mut list: Vec<(f64, u32)> = among.map(|row| (0.0, row as u32)).collect();
        vectorized(Distances {
            points: self,
            query,
            rows: &mut list,
        });
        for (_, row) in &mut list {
            *row = self.ids[*row as usize];
        }
        let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let mut beyond = Vec::new();
        if k < list.len() {
            let (_, &mut last, rest) = list.select_nth_unstable_by(k - 1, order);
            let ties = rest.iter().filter(|(d, _)| *d as f32 <= last.0 as f32);
            beyond.extend(ties.map(|(_, id)| *id));
            list.truncate(k);
        }
        list.sort_unstable_by(order);
        (list, beyond)
    }
}

/// Squared distances of rows to a query, filled in by the kernel.
struct Distances<'a> {
    points: &'a Points,
    query: usize,
    rows: &'a mut [(f64, u32)],
}

impl Kernel for Distances<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        const LANES: usize = 8;
        let d = self.points.centered.ncols();
        let flat = self.points.centered.as_slice().unwrap_or_default();
        let (here, here_rest) = flat[self.query * d..][..d].as_chunks::<LANES>();
        for (distance, row) in self.rows {
            let (there, there_rest) = flat[*row as usize * d..][..d].as_chunks::<LANES>();
            let mut lanes = [0.0_f64; LANES];
            for (x, y) in here.iter().zip(there) {
                for l in 0..LANES {
                    let difference = f64::from(x[l]) - f64::from(y[l]);
                    lanes[l] += difference * difference;
                }
            }
            let mut tail = 0.0;
            for (&x, &y) in here_rest.iter().zip(there_rest) {
                let difference = f64::from(x) - f64::from(y);
                tail += difference * difference;
            }
            *distance = lanes.iter().sum::<f64>() + tail;
        }
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
            candidates: Vec::with_capacity(2 * keep + 64),
            threshold: f32::INFINITY,
            keep,
        }
    }

    /// Takes the scores of references `start`, `start + 1`, … that are below the threshold, except
    /// that of the query itself, which is reference `own`. Called from within a kernel.
    #[inline(always)]
    pub(super) fn take(&mut self, row: &[f32], start: usize, own: usize) {
        const LANES: usize = 32;
        for (c, chunk) in row.chunks(LANES).enumerate() {
            let mut any = false;
            for &score in chunk {
                any |= score < self.threshold;
            }
            if any {
                for (l, &score) in chunk.iter().enumerate() {
                    let at = start + c * LANES + l;
                    if score < self.threshold && at != own {
                        self.candidates.push((score, at as u32));
                    }
                }
            }
        }
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
