//! Approximate search by inverted lists, with a recall that is measured before it is relied on.
//!
//! The samples are divided into about √n cells by k-means. A query is compared with the samples
//! of the cells whose centers are nearest to it: its probes. How many probes are needed is found
//! on queries whose exact neighbors are computed first; a neighbor is found if and only if its
//! cell is probed, so the share of neighbors in the probed cells is the recall. Where so many
//! probes are needed that exact search costs little more, the caller is told to do that instead.
//!
//! Queries of one cell are handled together: each probed cell is one matrix product with the
//! queries that probe it. Everything runs over fixed blocks, so that the result is the same for
//! any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use super::candidates::{Kept, Points, REFERENCES, make_queries, scores, squared_length};
use super::exact;
use crate::error::Result;
use crate::progress::{Progress, Stage, check};

/// Recall aimed at, on the sampled queries.
const RECALL: f64 = 0.995;
/// Beyond this share of cells to be probed, exact search is as good.
const WORTHWHILE: f64 = 0.4;
/// Sampled queries.
const SAMPLE: usize = 512;
/// Samples per cell that k-means looks at.
const TRAINING: usize = 64;
/// Rounds of k-means.
const ROUNDS: usize = 8;
/// Queries handled together.
const QUERIES: usize = 256;
/// Rows per task of the assignment.
const ROWS: usize = 1024;

/// Neighbors (n × k each) and the recall on the sampled queries.
pub(super) struct Found {
    pub(super) ids: Vec<u32>,
    pub(super) squared_distances: Vec<f32>,
    pub(super) recall: f64,
}

/// The samples by cell.
struct Cells {
    /// Centers with their squared lengths as the last column (cells × (d + 1)).
    centers: Array2<f32>,
    /// Cell of each sample.
    of: Vec<u32>,
    /// Samples in the order of their cells.
    members: Vec<u32>,
    /// Where each cell begins among the members (cells + 1).
    starts: Vec<usize>,
}

/// Searches; `None` where exact search is as good.
pub(super) fn search(
    features: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<Option<Found>> {
    let n = features.nrows();
    progress.report(Stage::Neighbors, 0.0);
    let points = Points::new(features);
    let cells = Cells::new(&points, progress)?;
    let references = points.references(cells.members.iter().map(|&i| i as usize));
    check(progress)?;
    let Some((probes, recall)) = probes_needed(&cells, &references, k) else {
        return Ok(None);
    };
    let columns: Vec<Array2<f32>> = (0..cells.count())
        .into_par_iter()
        .map(|cell| {
            let rows = references.slice(s![cells.starts[cell]..cells.starts[cell + 1], ..]);
            rows.t().as_standard_layout().into_owned()
        })
        .collect();
    let mut ids = vec![0_u32; n * k];
    let mut squared = vec![0_f32; n * k];
    // Blocks of queries within cells, each with its part of the output, in the members' order.
    let mut blocks = Vec::new();
    let (mut ids_rest, mut squared_rest) = (ids.as_mut_slice(), squared.as_mut_slice());
    for cell in 0..cells.count() {
        for first in (cells.starts[cell]..cells.starts[cell + 1]).step_by(QUERIES) {
            let rows = QUERIES.min(cells.starts[cell + 1] - first);
            let (a, a_rest) = ids_rest.split_at_mut(rows * k);
            let (b, b_rest) = squared_rest.split_at_mut(rows * k);
            (ids_rest, squared_rest) = (a_rest, b_rest);
            blocks.push((first, rows, a, b));
        }
    }
    let done = AtomicUsize::new(0);
    let outcome: Result<Vec<()>> = blocks
        .into_par_iter()
        .map(|(first, rows, ids, squared)| {
            check(progress)?;
            let search = Block {
                points: &points,
                cells: &cells,
                references: &references,
                columns: &columns,
                first,
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

/// Rows that stand in the members' order, in the samples' order.
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

/// The number of probes that reaches the recall, and that recall; `None` if it is too many.
fn probes_needed(cells: &Cells, references: &Array2<f32>, k: usize) -> Option<(usize, f64)> {
    let n = references.nrows();
    let queries: Vec<usize> = (0..SAMPLE.min(n)).map(|q| q * n / SAMPLE.min(n)).collect();
    let count = cells.count();
    let histograms: Vec<Vec<u32>> = queries
        .par_chunks(32)
        .map(|queries| {
            let ranks = cells.rankings(references, queries);
            let mut histogram = vec![0; count];
            for (kept, ranked) in exact::candidates(references, queries, k)
                .iter_mut()
                .zip(ranks)
            {
                let mut rank = vec![0; count];
                for (r, &cell) in ranked.iter().enumerate() {
                    rank[cell as usize] = r;
                }
                let best = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0);
                kept.candidates.sort_unstable_by(best);
                for &(_, j) in kept.candidates.iter().take(k) {
                    let sample = cells.members[j as usize] as usize;
                    histogram[rank[cells.of[sample] as usize]] += 1;
                }
            }
            histogram
        })
        .collect();
    let total: u32 = histograms.iter().flatten().sum();
    let mut found = 0;
    for probes in 0..count {
        found += histograms.iter().map(|h| h[probes]).sum::<u32>();
        let recall = f64::from(found) / f64::from(total.max(1));
        if recall >= RECALL {
            let few = (probes + 1) as f64 <= WORTHWHILE * count as f64;
            return few.then_some((probes + 1, recall));
        }
    }
    None
}

impl Cells {
    /// Divides the samples by k-means on a sample of them.
    fn new(points: &Points, progress: &dyn Progress) -> Result<Self> {
        let (n, d) = points.centered.dim();
        let count = ((n as f64).sqrt() as usize).clamp(1, n);
        let training = (count * TRAINING).min(n);
        let picked: Vec<usize> = (0..training).map(|t| t * n / training).collect();
        let sample = points.centered.select(ndarray::Axis(0), &picked);
        let mut centers = Array2::<f32>::zeros((count, d + 1));
        for (c, mut center) in centers.outer_iter_mut().enumerate() {
            center
                .slice_mut(s![..d])
                .assign(&sample.row(c * training / count));
        }
        set_lengths(&mut centers);
        for _ in 0..ROUNDS {
            check(progress)?;
            let of = assign(&centers, sample.view());
            let mut sums = Array2::<f64>::zeros((count, d));
            let mut sizes = vec![0_usize; count];
            for (row, &cell) in sample.outer_iter().zip(&of) {
                sizes[cell as usize] += 1;
                for (sum, &v) in sums.row_mut(cell as usize).iter_mut().zip(row) {
                    *sum += f64::from(v);
                }
            }
            // A cell that lost all its samples keeps its center.
            for c in (0..count).filter(|&c| sizes[c] > 0) {
                for (center, &sum) in centers.row_mut(c).iter_mut().zip(sums.row(c)) {
                    *center = (sum / sizes[c] as f64) as f32;
                }
            }
            set_lengths(&mut centers);
        }
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
            of,
            members,
            starts,
        })
    }

    fn count(&self) -> usize {
        self.centers.nrows()
    }

    /// For each query (a number of a reference), all cells, nearest center first.
    fn rankings(&self, references: &Array2<f32>, queries: &[usize]) -> Vec<Vec<u32>> {
        let scores = self.center_scores(references, queries);
        let rank = |row: ndarray::ArrayView1<'_, f32>| {
            let mut cells: Vec<u32> = (0..self.count() as u32).collect();
            let by = |a: &u32, b: &u32| row[*a as usize].total_cmp(&row[*b as usize]);
            cells.sort_unstable_by(|a, b| by(a, b).then(a.cmp(b)));
            cells
        };
        scores.outer_iter().map(rank).collect()
    }

    /// Scores of queries against all centers.
    fn center_scores(&self, references: &Array2<f32>, queries: &[usize]) -> Array2<f32> {
        let mut rows = references.select(ndarray::Axis(0), queries);
        make_queries(&mut rows.view_mut());
        let mut out = Array2::zeros((queries.len(), self.count()));
        scores(&rows.view(), &self.centers.t(), &mut out.view_mut());
        out
    }
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

/// Queries of one cell: `rows` members from `first` on.
struct Block<'a> {
    points: &'a Points,
    cells: &'a Cells,
    references: &'a Array2<f32>,
    /// The references of each cell, transposed: so they are packed for products in long runs.
    columns: &'a [Array2<f32>],
    first: usize,
    rows: usize,
    probes: usize,
}

impl Block<'_> {
    fn run(&self, k: usize, ids: &mut [u32], squared: &mut [f32]) {
        let n = self.references.nrows();
        let mut kept: Vec<Kept> = (0..self.rows).map(|_| Kept::new(k, n - 1)).collect();
        let queries: Vec<usize> = (self.first..self.first + self.rows).collect();
        let mut rows = self.references.select(ndarray::Axis(0), &queries);
        make_queries(&mut rows.view_mut());
        let mut some = Array2::<f32>::zeros(rows.raw_dim());
        let mut tile = Array2::<f32>::zeros((self.rows, REFERENCES));
        for (cell, askers) in self.askers(&queries) {
            for (to, &asker) in askers.iter().enumerate() {
                some.row_mut(to).assign(&rows.row(asker as usize));
            }
            let some = some.slice(s![..askers.len(), ..]);
            let (begin, end) = (self.cells.starts[cell], self.cells.starts[cell + 1]);
            let columns = &self.columns[cell];
            for start in (begin..end).step_by(REFERENCES) {
                let count = REFERENCES.min(end - start);
                let block = columns.slice(s![.., start - begin..start - begin + count]);
                let mut tile = tile.slice_mut(s![..askers.len(), ..count]);
                scores(&some, &block, &mut tile);
                for (row, &asker) in tile.outer_iter().zip(&askers) {
                    if let Some(row) = row.as_slice() {
                        let own = self.first + asker as usize;
                        kept[asker as usize].take(row, start, own);
                    }
                }
            }
        }
        let slots = ids.chunks_mut(k).zip(squared.chunks_mut(k));
        for ((kept, at), (ids, squared)) in kept.iter_mut().zip(self.first..).zip(slots) {
            kept.shrink();
            let query = self.cells.members[at] as usize;
            let member = |c: &(f32, u32)| self.cells.members[c.1 as usize] as usize;
            let mut list = self
                .points
                .nearest(query, k, kept.candidates.iter().map(member));
            if list.len() < k {
                // The probed cells hold too few samples.
                list = self
                    .points
                    .nearest(query, k, (0..n).filter(|&j| j != query));
            }
            for (slot, (distance, id)) in list.into_iter().enumerate() {
                ids[slot] = id;
                squared[slot] = distance as f32;
            }
        }
    }

    /// The cells that are probed, those that are nearest to many queries first, each with the
    /// queries (within the block) that probe it.
    fn askers(&self, queries: &[usize]) -> Vec<(usize, Vec<u32>)> {
        let scores = self.cells.center_scores(self.references, queries);
        let mut askers: Vec<Vec<u32>> = vec![Vec::new(); self.cells.count()];
        let mut nearness = vec![0.0_f64; self.cells.count()];
        let mut order: Vec<u32> = Vec::new();
        for (q, row) in scores.outer_iter().enumerate() {
            order.clear();
            order.extend(0..self.cells.count() as u32);
            let by =
                |a: &u32, b: &u32| row[*a as usize].total_cmp(&row[*b as usize]).then(a.cmp(b));
            if self.probes < order.len() {
                order.select_nth_unstable_by(self.probes - 1, by);
                order.truncate(self.probes);
            }
            for &cell in &order {
                askers[cell as usize].push(q as u32);
                nearness[cell as usize] += f64::from(row[cell as usize]);
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
    use crate::parallel::on_threads;
    use crate::progress::Silent;

    /// Overlapping clusters, as features have them.
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
        let (ids, squared) = exact::search(features.view(), k, &Silent).unwrap();
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
        let by = |threads| on_threads(threads, || search(features.view(), 20, &Silent));
        let (one, three) = (by(1).unwrap().unwrap(), by(3).unwrap().unwrap());
        assert_eq!(one.ids, three.ids);
        assert_eq!(one.squared_distances, three.squared_distances);
    }

    #[test]
    fn what_has_no_cells_is_left_to_exact_search() {
        // Without structure in many dimensions every cell is as near as any other.
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
