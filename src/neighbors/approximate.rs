//! Approximate search by inverted lists, whose recall is measured before they are used.
//!
//! K-means divides the samples into about n^0.55 cells. A query is compared with the samples of the
//! cells whose centers are nearest to it, which are its probes. The number of probes is chosen on
//! sampled queries whose exact neighbors are computed first: a neighbor is found if and only if its
//! cell is probed, so the share of neighbors in the probed cells is the recall. If so many probes
//! are needed that exact search costs little more, nothing is searched and the caller uses exact
//! search.
//!
//! Cells near each other are stored next to each other, and so are their samples. The queries of a
//! block therefore probe mostly the same cells, each of which is fetched once for all of them.
//! Everything runs over fixed blocks, so that the result is the same for any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::candidates::{Kept, Points, make_queries, scores, squared_length};
use super::exact;
use super::panels::{Panels, Queries};
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

/// Recall aimed at, on the sampled queries.
const RECALL: f64 = 0.992;
/// Beyond this share of probed cells, exact search costs about the same.
const WORTHWHILE: f64 = 0.4;
/// Sampled queries.
const SAMPLE: usize = 512;
/// Number of cells, as a power of the number of samples.
const CELLS: f64 = 0.55;
/// Samples per cell that k-means uses.
const TRAINING: usize = 40;
/// Rounds of k-means.
const ROUNDS: usize = 6;
/// Queries handled together.
const QUERIES: usize = 1024;
/// Rows per task of the assignment.
const ROWS: usize = 1024;

/// Neighbors (each n × k) and the recall on the sampled queries.
pub(super) struct Found {
    pub(super) ids: Vec<u32>,
    pub(super) squared_distances: Vec<f32>,
    pub(super) recall: f64,
}

/// The samples, divided into cells.
struct Cells {
    /// Centers with their squared lengths as the last column (cells × (d + 1)).
    centers: Array2<f32>,
    /// Samples in the order of their cells.
    members: Vec<u32>,
    /// Where each cell begins among the members (cells + 1).
    starts: Vec<usize>,
}

/// Searches; `None` if exact search costs about the same.
pub(super) fn search(
    features: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<Option<Found>> {
    let n = features.nrows();
    progress.report(Stage::Neighbors, 0.0);
    let points = Points::new(features);
    let cells = Cells::new(&points, progress)?;
    let points = points.in_order(&cells.members);
    check(progress)?;
    let sampled = Sampled::new(&points, &cells, k);
    let Some((probes, recall)) = sampled.probes() else {
        return Ok(None);
    };
    let panels: Vec<Panels> = (0..cells.count())
        .into_par_iter()
        .map(|cell| Panels::new(&points, cells.starts[cell]..cells.starts[cell + 1]))
        .collect();
    let mut ids = vec![0_u32; n * k];
    let mut squared = vec![0_f32; n * k];
    let done = AtomicUsize::new(0);
    let outcome: Result<Vec<()>> = ids
        .par_chunks_mut(QUERIES * k)
        .zip(squared.par_chunks_mut(QUERIES * k))
        .enumerate()
        .map(|(block, (ids, squared))| {
            check(progress)?;
            let rows = ids.len() / k;
            let search = Block {
                points: &points,
                cells: &cells,
                panels: &panels,
                first: block * QUERIES,
                rows,
                probes,
            };
            search.run(k, ids, squared);
            let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
            progress.report(Stage::Neighbors, done as f32 / n as f32);
            Ok(())
        })
        .collect();
    outcome?;
    Ok(Some(Found {
        ids: by_sample(&ids, &cells.members, k),
        squared_distances: by_sample(&squared, &cells.members, k),
        recall,
    }))
}

/// Rows from the order of the members into the order of the samples.
fn by_sample<T: Copy + Default + Send + Sync>(rows: &[T], members: &[u32], k: usize) -> Vec<T> {
    let mut place = vec![0_u32; members.len()];
    for (at, &sample) in members.iter().enumerate() {
        place[sample as usize] = at as u32;
    }
    let mut out = vec![T::default(); rows.len()];
    out.par_chunks_mut(k)
        .zip(&place)
        .for_each(|(out, &at)| out.copy_from_slice(&rows[at as usize * k..][..k]));
    out
}

/// In which cells the neighbors of sampled queries are.
struct Sampled {
    /// Share of the neighbors that are in the nearest cells, by the number of these cells minus one.
    within: Vec<f64>,
}

impl Sampled {
    fn new(points: &Points, cells: &Cells, k: usize) -> Self {
        let n = points.centered.nrows();
        let panels = exact::panels(points);
        let queries: Vec<usize> = (0..SAMPLE.min(n)).map(|q| q * n / SAMPLE.min(n)).collect();
        let count = cells.count();
        let histograms: Vec<Vec<u32>> = queries
            .par_chunks(32)
            .map(|queries| {
                let ranks = cells.rankings(points, queries);
                let mut histogram = vec![0; count];
                let kept = exact::candidates(points, &panels, queries, k);
                for (mut kept, ranked) in kept.into_iter().zip(ranks) {
                    let mut rank = vec![0; count];
                    for (r, &cell) in ranked.iter().enumerate() {
                        rank[cell as usize] = r;
                    }
                    kept.candidates.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                    for &(_, row) in kept.candidates.iter().take(k) {
                        let after = cells.starts.partition_point(|&start| start <= row as usize);
                        histogram[rank[after - 1]] += 1;
                    }
                }
                histogram
            })
            .collect();
        let total = f64::from(histograms.iter().flatten().sum::<u32>().max(1));
        let mut found = 0;
        let within = (0..count)
            .map(|rank| {
                found += histograms.iter().map(|h| h[rank]).sum::<u32>();
                f64::from(found) / total
            })
            .collect();
        Self { within }
    }

    /// The number of probes that reaches the wanted recall, and its recall; `None` if it is too
    /// large.
    fn probes(&self) -> Option<(usize, f64)> {
        let probes = 1 + self.within.partition_point(|&within| within < RECALL);
        let few = probes as f64 <= WORTHWHILE * self.within.len() as f64;
        few.then(|| (probes, self.within[probes - 1]))
    }
}

impl Cells {
    /// Divides the samples by k-means on a sample of them.
    fn new(points: &Points, progress: &dyn Progress) -> Result<Self> {
        let (n, d) = points.centered.dim();
        let count = ((n as f64).powf(CELLS) as usize).clamp(1, n);
        let training = (count * TRAINING).min(n);
        let picked: Vec<usize> = (0..training).map(|t| t * n / training).collect();
        let sample = points.centered.select(Axis(0), &picked);
        let centers = k_means(sample.view(), count, progress)?;
        // The cells of a group of cells are stored next to each other.
        let places = centers.slice(s![.., ..d]);
        let groups = k_means(places, (count as f64).sqrt() as usize, progress)?;
        let group = assign(&groups, places);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&cell| group[cell]);
        let centers = centers.select(Axis(0), &order);
        let of = assign(&centers, points.centered.view());
        let mut starts = vec![0; count + 1];
        for &cell in &of {
            starts[cell as usize + 1] += 1;
        }
        for c in 0..count {
            starts[c + 1] += starts[c];
        }
        let mut next = starts.clone();
        let mut members = vec![0_u32; n];
        for (i, &cell) in of.iter().enumerate() {
            members[next[cell as usize]] = i as u32;
            next[cell as usize] += 1;
        }
        Ok(Self {
            centers,
            members,
            starts,
        })
    }

    fn count(&self) -> usize {
        self.centers.nrows()
    }

    /// For each query (a row), all cells, nearest center first.
    fn rankings(&self, points: &Points, queries: &[usize]) -> Vec<Vec<u32>> {
        let scores = self.center_scores(points, queries);
        let rank = |row: ndarray::ArrayView1<'_, f32>| {
            let mut cells: Vec<u32> = (0..self.count() as u32).collect();
            let by = |a: &u32, b: &u32| row[*a as usize].total_cmp(&row[*b as usize]);
            cells.sort_unstable_by(|a, b| by(a, b).then(a.cmp(b)));
            cells
        };
        scores.outer_iter().map(rank).collect()
    }

    /// Scores of queries against all centers.
    fn center_scores(&self, points: &Points, queries: &[usize]) -> Array2<f32> {
        let mut rows = points.references(queries.iter().copied());
        make_queries(&mut rows.view_mut());
        let mut out = Array2::zeros((queries.len(), self.count()));
        scores(&rows.view(), &self.centers.t(), &mut out.view_mut());
        out
    }
}

/// Centers of groups of rows, with their squared lengths as the last column.
fn k_means(
    rows: ArrayView2<'_, f32>,
    count: usize,
    progress: &dyn Progress,
) -> Result<Array2<f32>> {
    let (n, d) = rows.dim();
    let mut centers = Array2::<f32>::zeros((count, d + 1));
    for (c, mut center) in centers.outer_iter_mut().enumerate() {
        center.slice_mut(s![..d]).assign(&rows.row(c * n / count));
    }
    set_lengths(&mut centers);
    for _ in 0..ROUNDS {
        check(progress)?;
        let of = assign(&centers, rows);
        let mut sums = Array2::<f64>::zeros((count, d));
        let mut sizes = vec![0_usize; count];
        for (row, &cell) in rows.outer_iter().zip(&of) {
            sizes[cell as usize] += 1;
            for (sum, &v) in sums.row_mut(cell as usize).iter_mut().zip(row) {
                *sum += f64::from(v);
            }
        }
        // A group that lost all its rows keeps its center.
        for c in (0..count).filter(|&c| sizes[c] > 0) {
            for (center, &sum) in centers.row_mut(c).iter_mut().zip(sums.row(c)) {
                *center = (sum / sizes[c] as f64) as f32;
            }
        }
        set_lengths(&mut centers);
    }
    Ok(centers)
}

/// Fills the last column with the squared lengths of the others.
fn set_lengths(centers: &mut Array2<f32>) {
    let d = centers.ncols() - 1;
    for mut center in centers.outer_iter_mut() {
        center[d] = squared_length(center.slice(s![..d]));
    }
}

/// The nearest center of each row.
fn assign(centers: &Array2<f32>, rows: ArrayView2<'_, f32>) -> Vec<u32> {
    let (n, d) = rows.dim();
    let blocks: Vec<Vec<u32>> = (0..n.div_ceil(ROWS))
        .into_par_iter()
        .map(|b| {
            let range = b * ROWS..((b + 1) * ROWS).min(n);
            let mut queries = Array2::<f32>::zeros((range.len(), d + 1));
            queries
                .slice_mut(s![.., ..d])
                .assign(&rows.slice(s![range.clone(), ..]));
            make_queries(&mut queries.view_mut());
            let mut out = Array2::zeros((range.len(), centers.nrows()));
            scores(&queries.view(), &centers.t(), &mut out.view_mut());
            let least = |row: ndarray::ArrayView1<'_, f32>| {
                let mut best = (f32::INFINITY, 0);
                for (c, &score) in row.iter().enumerate() {
                    if score < best.0 {
                        best = (score, c as u32);
                    }
                }
                best.1
            };
            out.outer_iter().map(least).collect()
        })
        .collect();
    blocks.concat()
}

/// Consecutive queries: `rows` of them, beginning at `first`.
struct Block<'a> {
    points: &'a Points,
    cells: &'a Cells,
    /// The references of each cell.
    panels: &'a [Panels],
    first: usize,
    rows: usize,
    probes: usize,
}

impl Block<'_> {
    fn run(&self, k: usize, ids: &mut [u32], squared: &mut [f32]) {
        let n = self.points.centered.nrows();
        let mut kept: Vec<Kept> = (0..self.rows).map(|_| Kept::new(k, n - 1)).collect();
        let rows: Vec<usize> = (self.first..self.first + self.rows).collect();
        let queries = Queries::new(self.points, rows.iter().copied());
        for (cell, askers) in self.askers(&rows) {
            let own = |query| self.first + query;
            self.panels[cell].offer(&queries, &askers, own, &mut kept);
        }
        let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
        for ((kept, at), (ids, squared)) in kept.iter_mut().zip(self.first..).zip(slots) {
            kept.shrink();
            let rows = kept.candidates.iter().map(|c| c.1 as usize);
            let (mut list, _) = self.points.nearest(at, k, rows);
            if list.len() < k {
                // The probed cells hold too few samples.
                (list, _) = self.points.nearest(at, k, (0..n).filter(|&j| j != at));
            }
            exact::write(list, ids, squared);
        }
    }

    /// The probed cells, those nearest to their queries first, each with the queries (numbers
    /// within the block) that probe it.
    fn askers(&self, queries: &[usize]) -> Vec<(usize, Vec<u32>)> {
        let scores = self.cells.center_scores(self.points, queries);
        let mut askers: Vec<Vec<u32>> = vec![Vec::new(); self.cells.count()];
        let mut nearness = vec![0.0_f64; self.cells.count()];
        let mut order: Vec<u64> = Vec::new();
        for (q, row) in scores.outer_iter().enumerate() {
            // Score and cell in one number that sorts by both.
            order.clear();
            order.extend(row.iter().zip(0_u64..).map(|(&score, cell)| {
                let bits = score.to_bits();
                let sign = ((bits as i32 >> 31) as u32) | 1 << 31;
                u64::from(bits ^ sign) << 32 | cell
            }));
            if self.probes < order.len() {
                order.select_nth_unstable(self.probes - 1);
                order.truncate(self.probes);
            }
            for &cell in &order {
                let cell = cell as u32 as usize;
                askers[cell].push(q as u32);
                nearness[cell] += f64::from(row[cell]);
            }
        }
        let mut probed: Vec<(usize, Vec<u32>)> = askers
            .into_iter()
            .enumerate()
            .filter(|(_, askers)| !askers.is_empty())
            .collect();
        let mean = |(cell, askers): &(usize, Vec<u32>)| nearness[*cell] / askers.len() as f64;
        probed.sort_by(|a, b| mean(a).total_cmp(&mean(b)).then(a.0.cmp(&b.0)));
        probed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Execution;
    use crate::progress::Silent;

    /// Overlapping clusters, as in features.
    fn clusters(n: usize, d: usize) -> Array2<f32> {
        let mut state = 7_u64;
        let mut uniform = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 16_777_216.0 - 0.5
        };
        Array2::from_shape_fn((n, d), |(i, j)| {
            let center = ((i % 20 * 7 + j * 3) % 11) as f32 * 0.3;
            center + uniform() + uniform() + uniform() + 100.0
        })
    }

    #[test]
    fn nearly_all_neighbors_are_found_and_the_recall_says_so() {
        let features = clusters(4000, 6);
        let k = 30;
        let (ids, squared, _) = exact::search(features.view(), k, &Silent).unwrap();
        let found = search(features.view(), k, &Silent).unwrap().unwrap();
        let mut common = 0;
        for (ours, theirs) in found.ids.chunks(k).zip(ids.chunks(k)) {
            common += ours.iter().filter(|id| theirs.contains(id)).count();
        }
        let recall = common as f64 / ids.len() as f64;
        assert!(recall > 0.99, "{recall}");
        assert!(
            (recall - found.recall).abs() < 0.005,
            "{recall}, said {}",
            found.recall
        );
        for (ours, theirs) in found.squared_distances.iter().zip(&squared) {
            assert!(ours >= theirs, "nothing is nearer than the nearest");
        }
        for row in found.squared_distances.chunks(k) {
            assert!(row.is_sorted());
        }
    }

    #[test]
    fn any_number_of_threads_finds_the_same() {
        let features = clusters(3000, 5);
        let by = |threads| {
            let execution = Execution::default().threads(threads);
            execution.run(|progress| search(features.view(), 20, progress))
        };
        let (one, three) = (by(1).unwrap().unwrap(), by(3).unwrap().unwrap());
        assert_eq!(one.ids, three.ids);
        assert_eq!(one.squared_distances, three.squared_distances);
    }

    #[test]
    fn what_has_no_cells_is_left_to_exact_search() {
        // Without structure, in many dimensions, all cells are about equally near.
        let mut state = 3_u64;
        let noise = Array2::from_shape_fn((1500, 60), |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 16_777_216.0
        });
        assert!(search(noise.view(), 60, &Silent).unwrap().is_none());
    }

    #[test]
    fn identical_samples_are_neighbors_of_each_other() {
        let features = Array2::from_shape_fn((2000, 3), |(i, j)| (i / 500 * 10 + j) as f32);
        if let Some(found) = search(features.view(), 10, &Silent).unwrap() {
            assert!(found.squared_distances.iter().all(|&d| d == 0.0));
            for (i, row) in found.ids.chunks(10).enumerate() {
                assert!(
                    row.iter()
                        .all(|&j| j as usize / 500 == i / 500 && j as usize != i)
                );
            }
        }
    }
}
