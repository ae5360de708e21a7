//! Silhouettes: is a sample nearer to its own class than to the nearest other one?
//!
//! s = (b − a)/max(a, b), where a is the mean distance to the sample's own class (itself left out)
//! and b the least mean distance to another class; 0 for a class of one (Rousseeuw 1987, as
//! scikit-learn's `silhouette_samples`). References are sorted by class, so that the distances of a
//! block of samples, from one matrix product, are summed over runs of one class. Small data are
//! computed in 64 bits, larger data in 32 bits after centering; distances small enough to suffer
//! from rounding are then computed again from differences. Beyond a limit of work the references
//! are a random sample of each class (`sampling.rs`); the means are then estimates, whose error
//! comes from a jackknife over ten groups of references.

use ndarray::{Array2, ArrayView2, LinalgScalar, linalg::general_mat_mul, s};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::{Progress, Stage, check};
use crate::simd::{Kernel, vectorized};

mod means;
mod sampling;

pub use means::Silhouettes;
use sampling::{Measured, Part, References};

/// Samples per block.
const QUERIES: usize = 256;
/// References per block.
const REFERENCES: usize = 1024;
/// Up to this many multiplications everything is done in 64 bits.
const DOUBLE_WORK: f64 = 3e9;
/// A squared distance below this share of the squared norms is computed again.
const SMALL: f64 = 1e-3;
/// Distances handled side by side.
const LANES: usize = 16;

/// A silhouette from the mean distances to the own class and to the nearest other one.
pub(crate) fn silhouette(within: f64, between: f64) -> f64 {
    let larger = within.max(between);
    if larger > 0.0 {
        (between - within) / larger
    } else {
        0.0
    }
}

/// A number that matrix products can be made of.
trait Real: LinalgScalar + Send + Sync + PartialOrd + 'static {
    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
    fn root(self) -> Self;
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }
}

/// Silhouette of each sample in the feature space (n). Every class index must be below `count`
/// and at least two classes must have members.
fn in_features(
    features: ArrayView2<'_, f32>,
    classes: &[u16],
    references: &References,
    progress: &dyn Progress,
) -> Result<Measured> {
    let work = features.len() as f64 * references.ids.len() as f64;
    if work <= DOUBLE_WORK {
        blocked::<f64>(features, classes, references, progress)
    } else {
        blocked::<f32>(features, classes, references, progress)
    }
}

fn blocked<T: Real>(
    features: ArrayView2<'_, f32>,
    classes: &[u16],
    references: &References,
    progress: &dyn Progress,
) -> Result<Measured> {
    let (n, d) = features.dim();
    let mean = crate::reduce::column_means(features);
    let mut centered = Array2::<T>::zeros((n, d));
    for (mut to, from) in centered.outer_iter_mut().zip(features.outer_iter()) {
        for ((t, &f), m) in to.iter_mut().zip(from).zip(&mean) {
            *t = T::from_f64(f64::from(f) - m);
        }
    }
    let length = |row: usize| -> f64 {
        let row = centered.row(row);
        row.iter().map(|v| v.to_f64().powi(2)).sum()
    };
    let lengths: Vec<f64> = (0..n).map(length).collect();
    let mut to = Array2::<T>::zeros((references.ids.len(), d));
    for (mut row, &id) in to.outer_iter_mut().zip(&references.ids) {
        row.assign(&centered.row(id as usize));
    }
    let done = std::sync::atomic::AtomicUsize::new(0);
    let blocks: Result<Vec<Part>> = (0..n.div_ceil(QUERIES))
        .into_par_iter()
        .map(|block| {
            check(progress)?;
            let rows = block * QUERIES..((block + 1) * QUERIES).min(n);
            let sums = class_sums(&centered, &to, &lengths, references, rows.clone());
            let before = done.fetch_add(rows.len(), std::sync::atomic::Ordering::Relaxed);
            progress.report(Stage::Diagnosing, (before + rows.len()) as f32 / n as f32);
            let mut part = Part::new(references);
            for (i, sums) in rows.zip(sums.outer_iter()) {
                let sums = sums.as_slice().unwrap_or_default();
                part.add(references, i, usize::from(classes[i]), sums);
            }
            Ok(part)
        })
        .collect();
    Ok(Measured::new(references, blocks?))
}

/// Summed distances of some samples to each run of references (rows × runs).
fn class_sums<T: Real>(
    centered: &Array2<T>,
    to: &Array2<T>,
    lengths: &[f64],
    references: &References,
    rows: std::ops::Range<usize>,
) -> Array2<f64> {
    let runs = references.starts.len() - 1;
    let mut sums = Array2::<f64>::zeros((rows.len(), runs));
    let mut products = Array2::<T>::zeros((rows.len(), REFERENCES));
    let queries = centered.slice(s![rows.clone(), ..]);
    let minus_two = T::from_f64(-2.0);
    for first in (0..to.nrows()).step_by(REFERENCES) {
        let count = REFERENCES.min(to.nrows() - first);
        let block = to.slice(s![first..first + count, ..]);
        let mut tile = products.slice_mut(s![.., ..count]);
        general_mat_mul(minus_two, &queries, &block.t(), T::zero(), &mut tile);
        let ids = &references.ids[first..first + count];
        for (i, (mut tile, mut sums)) in rows
            .clone()
            .zip(tile.outer_iter_mut().zip(sums.outer_iter_mut()))
        {
            let Some(tile) = tile.as_slice_mut() else {
                continue;
            };
            vectorized(Distances {
                centered,
                lengths,
                query: i,
                ids,
                tile,
            });
            let mut at = 0;
            let mut run = references.starts.partition_point(|&s| s <= first) - 1;
            while at < count {
                let end = (references.starts[run + 1] - first).min(count);
                sums[run] += vectorized(Sum(&tile[at..end]));
                at = end;
                run += 1;
            }
        }
    }
    sums
}

/// Turns −2 a·b into |a − b|; small distances are computed again.
struct Distances<'a, T> {
    centered: &'a Array2<T>,
    lengths: &'a [f64],
    query: usize,
    ids: &'a [u32],
    tile: &'a mut [T],
}

impl<T: Real> Kernel for Distances<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            centered,
            lengths,
            query,
            ids,
            tile,
        } = self;
        let own = lengths[query];
        for (value, &id) in tile.iter_mut().zip(ids) {
            let both = own + lengths[id as usize];
            let squared = value.to_f64() + both;
            *value = if squared > SMALL * both {
                T::from_f64(squared).root()
            } else {
                let (a, b) = (centered.row(query), centered.row(id as usize));
                let exact: f64 = a
                    .iter()
                    .zip(b)
                    .map(|(x, y)| (x.to_f64() - y.to_f64()).powi(2))
                    .sum();
                T::from_f64(exact.sqrt())
            };
        }
    }
}

/// Sum of a run of distances, in fixed lanes.
struct Sum<'a, T>(&'a [T]);

impl<T: Real> Kernel for Sum<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let values = self.0;
        let mut lanes = [0.0_f64; LANES];
        let chunks = values.chunks_exact(LANES);
        let rest: f64 = chunks.remainder().iter().map(|v| v.to_f64()).sum();
        for chunk in chunks {
            for l in 0..LANES {
                lanes[l] += chunk[l].to_f64();
            }
        }
        lanes.iter().sum::<f64>() + rest
    }
}

/// Silhouette of each point in the map (n).
fn in_map(
    positions: &[[f32; 2]],
    classes: &[u16],
    references: &References,
    progress: &dyn Progress,
) -> Result<Measured> {
    let pick = |axis: usize| -> Vec<f32> {
        let ids = references.ids.iter();
        ids.map(|&i| positions[i as usize][axis]).collect()
    };
    let (x, y) = (pick(0), pick(1));
    let blocks: Result<Vec<Part>> = positions
        .par_chunks(QUERIES)
        .enumerate()
        .map(|(block, points)| {
            check(progress)?;
            let mut part = Part::new(references);
            let mut sums = vec![0.0; references.starts.len() - 1];
            for (r, point) in points.iter().enumerate() {
                for (run, sum) in sums.iter_mut().enumerate() {
                    let of_run = references.starts[run]..references.starts[run + 1];
                    *sum = vectorized(MapDistances {
                        from: *point,
                        x: &x[of_run.clone()],
                        y: &y[of_run],
                    });
                }
                let i = block * QUERIES + r;
                part.add(references, i, usize::from(classes[i]), &sums);
            }
            Ok(part)
        })
        .collect();
    Ok(Measured::new(references, blocks?))
}

/// Sum of the distances from one point to many.
struct MapDistances<'a> {
    from: [f32; 2],
    x: &'a [f32],
    y: &'a [f32],
}

impl Kernel for MapDistances<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        /// Additions in 32 bits before a lane is added up in 64.
        const FEW: usize = 64 * LANES;
        let Self { from, x, y } = self;
        let mut total = 0.0;
        for (x, y) in x.chunks(FEW).zip(y.chunks(FEW)) {
            let mut lanes = [0.0_f32; LANES];
            let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
            for (l, (x, y)) in xs.remainder().iter().zip(ys.remainder()).enumerate() {
                let (dx, dy) = (from[0] - x, from[1] - y);
                lanes[l] += (dx * dx + dy * dy).sqrt();
            }
            for (x, y) in xs.zip(ys) {
                for l in 0..LANES {
                    let (dx, dy) = (from[0] - x[l], from[1] - y[l]);
                    lanes[l] += (dx * dx + dy * dy).sqrt();
                }
            }
            total += lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
        }
        total
    }
}
