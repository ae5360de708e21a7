//! Starting positions from the spectrum of the affinities: a diffusion map.
//!
//! In: P. Out: the second and third eigenvectors of the random walk D⁻¹P, as openTSNE's
//! `spectral` has them (Belkin & Niyogi 2003; Coifman & Lafon 2006). They are found on the
//! symmetric D^−½ P D^−½, whose first eigenvector is known, by subspace iteration with a Chebyshev
//! filter (Zhou et al. 2006): a few products with P of a narrow block damp all that lies below
//! the wanted end of the spectrum. Cost: some hundred passes over the edges. Sums run over fixed
//! chunks in order, so that the number of threads does not change a bit.

use nalgebra::{DMatrix, SymmetricEigen};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::initialization::START_DEVIATION;
use crate::affinities::Affinities;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::{Progress, Stage, check};

/// Vectors that are iterated; two are wanted, the others speed them up.
const BLOCK: usize = 6;
/// Vectors that are wanted.
const WANTED: usize = 2;
/// Degree of the filter.
const DEGREE: usize = 12;
/// Rounds of filter and projection.
const ROUNDS: usize = 40;
/// Length of the residual at which a vector of unit length is found.
const TOLERANCE: f64 = 1e-5;
/// Samples up to which the whole spectrum is computed.
const DENSE: usize = 64;
/// Rows per parallel task.
const ROWS: usize = 1024;
/// Jitter relative to the deviation, which separates identical samples.
const JITTER: f64 = 0.01;

/// One row of the block.
type Row = [f64; BLOCK];

/// Starting positions (n × 2) from the leading eigenvectors of the affinities, each scaled to a
/// standard deviation of 1e-4, with a jitter of 1% of that.
///
/// # Errors
/// [`Error::TooFewSamples`] below 4 samples, [`Error::Interrupted`] if cancelled.
///
/// ```
/// use disentangle::{ndarray::Array2, Execution, affinities::Affinities, neighbors::Neighbors, tsne::spectral_positions};
/// let data = Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
/// let neighbors = Neighbors::exact(data.view(), 30, &Execution::default().threads(1))?;
/// let p = Affinities::new(&neighbors, 10.0, &Execution::default().threads(1))?;
/// assert_eq!(spectral_positions(&p, 1, &Execution::default().threads(1))?.len(), 60);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn spectral_positions(
    affinities: &Affinities,
    seed: u64,
    execution: &Execution,
) -> Result<Vec<[f32; 2]>> {
    let n = affinities.samples();
    if n < 4 {
        return Err(Error::TooFewSamples {
            stage: "a spectral start",
            needed: 4,
            found: n,
        });
    }
    execution.run(|progress| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let walk = Walk::new(affinities);
        let vectors = if n <= DENSE {
            walk.leading_dense()
        } else {
            walk.leading(&mut random, progress)?
        };
        let mut positions = walk.scaled(&vectors);
        for coordinate in positions.iter_mut().flatten() {
            let jitter: f64 = StandardNormal.sample(&mut random);
            *coordinate += (jitter * START_DEVIATION * JITTER) as f32;
        }
        Ok(positions)
    })
}

/// D^−½ P D^−½ and its first eigenvector.
struct Walk<'a> {
    affinities: &'a Affinities,
    /// D^−½; 0 where a sample has no affinity to any other.
    inverse_root: Vec<f64>,
    /// D^½ at unit length.
    first: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(affinities: &'a Affinities) -> Self {
        let degrees: Vec<f64> = (0..affinities.samples())
            .into_par_iter()
            .map(|i| affinities.row(i).1.iter().map(|&p| f64::from(p)).sum())
            .collect();
        let length = degrees.iter().sum::<f64>().sqrt();
        let inverse = |d: &f64| if *d > 0.0 { 1.0 / d.sqrt() } else { 0.0 };
        Self {
            affinities,
            inverse_root: degrees.iter().map(inverse).collect(),
            first: degrees.iter().map(|d| d.sqrt() / length).collect(),
        }
    }

    /// The product of the matrix with a block.
    fn apply(&self, block: &[Row], out: &mut [Row]) {
        out.par_chunks_mut(ROWS).enumerate().for_each(|(c, rows)| {
            for (r, row) in rows.iter_mut().enumerate() {
                let i = c * ROWS + r;
                let (columns, values) = self.affinities.row(i);
                let mut sum = [0.0; BLOCK];
                for (&j, &p) in columns.iter().zip(values) {
                    let weight = f64::from(p) * self.inverse_root[j as usize];
                    for (s, v) in sum.iter_mut().zip(&block[j as usize]) {
                        *s += weight * v;
                    }
                }
                *row = sum.map(|s| s * self.inverse_root[i]);
            }
        });
    }

    /// The eigenvectors after the first from the whole spectrum, for a few samples.
    fn leading_dense(&self) -> Vec<Row> {
        let n = self.first.len();
        let mut matrix = DMatrix::<f64>::zeros(n, n);
        for i in 0..n {
            let (columns, values) = self.affinities.row(i);
            for (&j, &p) in columns.iter().zip(values) {
                let j = j as usize;
                matrix[(i, j)] = f64::from(p) * self.inverse_root[i] * self.inverse_root[j];
            }
        }
        // The first eigenvector goes to the other end of the spectrum.
        let matrix = DMatrix::from_fn(n, n, |i, j| {
            matrix[(i, j)] - 2.0 * self.first[i] * self.first[j]
        });
        let eigen = SymmetricEigen::new(matrix);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        (0..n)
            .map(|i| {
                std::array::from_fn(|c| order.get(c).map_or(0.0, |&o| eigen.eigenvectors[(i, o)]))
            })
            .collect()
    }

    /// The eigenvectors after the first, by descending eigenvalue, as the columns of a block.
    fn leading(&self, random: &mut ChaCha8Rng, progress: &dyn Progress) -> Result<Vec<Row>> {
        let n = self.first.len();
        let mut block: Vec<Row> = (0..n)
            .map(|_| std::array::from_fn(|_| StandardNormal.sample(random)))
            .collect();
        let mut image = vec![[0.0; BLOCK]; n];
        let mut spare = vec![[0.0; BLOCK]; n];
        progress.report(Stage::Affinities, 0.0);
        // The spectrum lies within −1 … 1; what is wanted is its upper end.
        let mut low = 0.5;
        for round in 0..ROUNDS {
            check(progress)?;
            self.filter(&mut block, &mut image, &mut spare, low);
            self.orthonormalize(&mut block);
            self.apply(&block, &mut image);
            let eigen = SymmetricEigen::new(product(&block, &image));
            let mut order: Vec<usize> = (0..BLOCK).collect();
            order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
            let values: [f64; BLOCK] = std::array::from_fn(|c| eigen.eigenvalues[order[c]]);
            let rotation = |r: usize, c: usize| eigen.eigenvectors[(r, order[c])];
            rotate(&mut block, rotation);
            rotate(&mut image, rotation);
            low = values[BLOCK - 1].clamp(-0.9, 0.999);
            progress.report(Stage::Affinities, (round + 1) as f32 / ROUNDS as f32);
            if residual(&block, &image, &values) < TOLERANCE {
                break;
            }
        }
        progress.report(Stage::Affinities, 1.0);
        Ok(block)
    }

    /// The Chebyshev polynomial that is at most 1 on −1 … `low` and grows fast above.
    fn filter(&self, block: &mut Vec<Row>, image: &mut Vec<Row>, spare: &mut Vec<Row>, low: f64) {
        let (center, half) = ((low - 1.0) / 2.0, f64::midpoint(low, 1.0));
        // block = T₀ x, image = T₁ x, each next from the two before.
        self.apply(block, image);
        combine(image, block, None, 1.0 / half, center);
        for _ in 1..DEGREE {
            self.apply(image, spare);
            combine(spare, image, Some(block), 2.0 / half, center);
            std::mem::swap(block, image);
            std::mem::swap(image, spare);
        }
        std::mem::swap(block, image);
    }

    /// Makes the columns orthonormal, and orthogonal to the first eigenvector; twice, since once
    /// leaves rounding.
    fn orthonormalize(&self, block: &mut [Row]) {
        for _ in 0..2 {
            let along = sums(block, |i, row| row.map(|v| v * self.first[i]));
            block.par_iter_mut().zip(&self.first).for_each(|(row, f)| {
                for (v, a) in row.iter_mut().zip(&along) {
                    *v -= a * f;
                }
            });
            let eigen = SymmetricEigen::new(product(block, block));
            let largest = eigen.eigenvalues.max().max(f64::MIN_POSITIVE);
            let scale = |c: usize| 1.0 / eigen.eigenvalues[c].max(largest * 1e-14).sqrt();
            rotate(block, |r, c| eigen.eigenvectors[(r, c)] * scale(c));
        }
    }

    /// The first two columns as positions.
    fn scaled(&self, vectors: &[Row]) -> Vec<[f32; 2]> {
        let n = vectors.len() as f64;
        let raw: Vec<[f64; WANTED]> = vectors
            .iter()
            .zip(&self.inverse_root)
            .map(|(row, d)| std::array::from_fn(|c| row[c] * d))
            .collect();
        let mut factors = [0.0; WANTED];
        for (c, factor) in factors.iter_mut().enumerate() {
            let squares: f64 = raw.iter().map(|row| row[c] * row[c]).sum();
            let largest = raw.iter().fold(
                0.0_f64,
                |m, row| {
                    if row[c].abs() > m.abs() { row[c] } else { m }
                },
            );
            // Each column to one deviation; its largest entry positive.
            *factor = if squares > 0.0 {
                START_DEVIATION * largest.signum() / (squares / n).sqrt()
            } else {
                0.0
            };
        }
        raw.iter()
            .map(|row| std::array::from_fn(|c| (row[c] * factors[c]) as f32))
            .collect()
    }
}

/// `out = factor (out − center · x) − before`, where there is a `before`.
fn combine(out: &mut [Row], x: &[Row], before: Option<&[Row]>, factor: f64, center: f64) {
    out.par_iter_mut().enumerate().for_each(|(i, row)| {
        for c in 0..BLOCK {
            row[c] = factor * (row[c] - center * x[i][c]) - before.map_or(0.0, |b| b[i][c]);
        }
    });
}

/// Column sums of what is made of the rows, in the order of chunks.
fn sums<const N: usize>(block: &[Row], of: impl Fn(usize, &Row) -> [f64; N] + Sync) -> [f64; N] {
    let parts: Vec<[f64; N]> = block
        .par_chunks(ROWS)
        .enumerate()
        .map(|(c, rows)| {
            let mut sum = [0.0; N];
            for (r, row) in rows.iter().enumerate() {
                for (s, v) in sum.iter_mut().zip(of(c * ROWS + r, row)) {
                    *s += v;
                }
            }
            sum
        })
        .collect();
    let mut whole = [0.0; N];
    for part in parts {
        for (s, v) in whole.iter_mut().zip(part) {
            *s += v;
        }
    }
    whole
}

/// aᵀ b, symmetric by construction.
fn product(a: &[Row], b: &[Row]) -> DMatrix<f64> {
    let entries = sums(a, |i, row| -> [f64; BLOCK * BLOCK] {
        std::array::from_fn(|e| row[e / BLOCK] * b[i][e % BLOCK])
    });
    DMatrix::from_fn(BLOCK, BLOCK, |r, c| {
        f64::midpoint(entries[r * BLOCK + c], entries[c * BLOCK + r])
    })
}

/// Multiplies the rows by a matrix.
fn rotate(block: &mut [Row], by: impl Fn(usize, usize) -> f64) {
    let matrix: [Row; BLOCK] = std::array::from_fn(|r| std::array::from_fn(|c| by(r, c)));
    block.par_iter_mut().for_each(|row| {
        let mut out = [0.0; BLOCK];
        for (v, from) in row.iter().zip(&matrix) {
            for (o, m) in out.iter_mut().zip(from) {
                *o += v * m;
            }
        }
        *row = out;
    });
}

/// The longest residual |A v − λ v| of the wanted vectors.
fn residual(block: &[Row], image: &[Row], values: &Row) -> f64 {
    let squares = sums(block, |i, row| -> Row {
        std::array::from_fn(|c| (image[i][c] - values[c] * row[c]).powi(2))
    });
    squares[..WANTED]
        .iter()
        .fold(0.0, |m: f64, s| m.max(s.sqrt()))
}
