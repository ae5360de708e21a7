//! Fidelity around every sample, when exact ranks of all samples would take too long.
//!
//! In: features, positions and the nearest neighbors of each sample in both spaces. Out: for each
//! sample the share of its neighbors that the map keeps (exact), and estimates of its
//! trustworthiness and continuity. A neighbor's rank in the other space is known if the graph
//! contains it; otherwise it is estimated from the number of common references that are nearer. O(n
//! (references + k) d) time, O(n) memory.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use super::PointFidelity;
use super::pairs::recall_of;
use super::ranks::{squared_distance, worst_excess};
use super::sampling::permutation;
use crate::error::Result;
use crate::neighbors::Neighbors;
use crate::progress::{Progress, check};
use crate::simd::{Kernel, vectorized};

/// References that ranks are estimated from.
const REFERENCES: usize = 256;
/// Samples per parallel task.
const CHUNK: usize = 256;

/// The input of the estimates.
pub(super) struct Local<'a> {
    /// Rows, contiguous (n × d).
    pub(super) features: &'a [f32],
    pub(super) positions: &'a [[f32; 2]],
    /// Neighbors in the features, at least `k` each.
    pub(super) in_features: &'a Neighbors,
    /// Neighbors in the map, at least `k` each.
    pub(super) in_map: &'a Neighbors,
    pub(super) k: usize,
}

/// The statistics around every sample.
pub(super) fn describe(
    local: &Local<'_>,
    seed: u64,
    progress: &dyn Progress,
) -> Result<PointFidelity> {
    let n = local.positions.len();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut references = permutation(n, &mut random);
    references.truncate(REFERENCES);
    let d = local.features.len() / n.max(1);
    let row = |i: u32| &local.features[i as usize * d..][..d];
    let rows: Vec<f32> = references.iter().flat_map(|&i| row(i)).copied().collect();
    let places: Vec<[f32; 2]> = references
        .iter()
        .map(|&i| local.positions[i as usize])
        .collect();
    let mut figures = vec![[0.0_f32; 2]; n];
    let tasks: Result<Vec<()>> = figures
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, figures)| {
            check(progress)?;
            vectorized(Chunk {
                local,
                d,
                references: &rows,
                places: &places,
                first: chunk * CHUNK,
                figures,
            });
            Ok(())
        })
        .collect();
    tasks?;
    let recall = recall_of(local.in_features, local.in_map, local.k).into_iter();
    Ok(PointFidelity::new(
        figures.iter().map(|f| f[0]).collect(),
        figures.iter().map(|f| f[1]).collect(),
        recall.map(|share| share as f32).collect(),
        true,
    ))
}

struct Chunk<'a> {
    local: &'a Local<'a>,
    d: usize,
    references: &'a [f32],
    places: &'a [[f32; 2]],
    first: usize,
    figures: &'a mut [[f32; 2]],
}

impl Kernel for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Local {
            features,
            positions,
            in_features,
            in_map,
            k,
        } = *self.local;
        let (n, d) = (positions.len(), self.d);
        let row = |i: usize| &features[i * d..(i + 1) * d];
        let worst = worst_excess(n, k);
        let mut far: Vec<f32> = Vec::with_capacity(self.places.len());
        let mut near: Vec<f32> = Vec::with_capacity(self.places.len());
        for (own, figures) in (self.first..).zip(self.figures) {
            // Plain loops, because iterator adapters may not be inlined into code compiled for AVX.
            far.clear();
            for r in 0..self.places.len() {
                let reference = &self.references[r * d..(r + 1) * d];
                far.push(squared_distance(row(own), reference));
            }
            far.sort_unstable_by(f32::total_cmp);
            near.clear();
            for &place in self.places {
                near.push(flat(positions[own], place));
            }
            near.sort_unstable_by(f32::total_cmp);

            let (theirs, ours) = (in_features.ids(own), in_map.ids(own));
            let (mut intruders, mut lost) = (0.0, 0.0);
            for &j in &ours[..k] {
                let distance = || squared_distance(row(own), row(j as usize));
                let rank = rank_of(j, theirs, n, &far, distance);
                intruders += (rank - k as f64).max(0.0);
            }
            for &j in &theirs[..k] {
                let distance = || flat(positions[own], positions[j as usize]);
                lost += (rank_of(j, ours, n, &near, distance) - k as f64).max(0.0);
            }
            *figures = [
                (1.0 - (intruders / worst).min(1.0)) as f32,
                (1.0 - (lost / worst).min(1.0)) as f32,
            ];
        }
    }
}

/// The rank of sample `j`: exact if it is among the nearest, else estimated from the references
/// that are nearer.
#[inline(always)]
fn rank_of(
    j: u32,
    nearest: &[u32],
    n: usize,
    references: &[f32],
    distance: impl Fn() -> f32,
) -> f64 {
    if let Some(at) = nearest.iter().position(|&i| i == j) {
        return at as f64 + 1.0;
    }
    let distance = distance();
    let nearer = references.partition_point(|&r| r < distance) as f64;
    let share = (nearer + 0.5) / (references.len() as f64 + 1.0);
    (share * (n as f64 - 1.0)).max(nearest.len() as f64 + 1.0)
}

#[inline(always)]
fn flat(p: [f32; 2], q: [f32; 2]) -> f32 {
    (p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1])
}
