//! How often each cluster comes back when a part of the samples is clustered.
//!
//! In: the clusters and lists of neighbors. Out: for each cluster the mean, over random parts of two thirds
//! of the samples, of its largest Jaccard similarity with a cluster of the part (Hennig 2007). The neighbors
//! within the part are those of the lists that belong to it, so nothing is searched again.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::links::Points;
use super::lists::Lists;
use super::{ClusterOptions, Found, search};
use crate::error::Result;
use crate::progress::{Progress, check};

/// The mean similarity by cluster; none without resamples.
pub(super) fn of(
    found: &Found,
    lists: &Lists,
    points: &Points<'_>,
    options: &ClusterOptions,
    progress: &dyn Progress,
) -> Result<Vec<Option<f64>>> {
    let clusters = found.persistence.len();
    if options.resamples == 0 || clusters == 0 {
        return Ok(vec![None; clusters]);
    }
    let repeats: Result<Vec<Vec<f64>>> = (0..options.resamples as u64)
        .into_par_iter()
        .map(|repeat| {
            check(progress)?;
            let chosen = two_thirds(lists.samples(), options.seed.wrapping_add(repeat));
            let order: Vec<usize> = chosen.iter().map(|&i| points.order[i as usize]).collect();
            let points = Points {
                features: points.features,
                order: &order,
            };
            let smallest = (2 * options.smallest(lists.samples())).div_ceil(3).max(2);
            let again = search(&lists.among(&chosen), &points, options, smallest);
            Ok(similarities(found, &chosen, &again))
        })
        .collect();
    let repeats = repeats?;
    let mean = |c: usize| repeats.iter().map(|of| of[c]).sum::<f64>() / repeats.len() as f64;
    Ok((0..clusters).map(|c| Some(mean(c))).collect())
}

/// Two thirds of n samples, in ascending order.
fn two_thirds(n: usize, seed: u64) -> Vec<u32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut all: Vec<u32> = (0..n as u32).collect();
    for i in (1..n).rev() {
        all.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
    }
    all.truncate((2 * n).div_ceil(3));
    all.sort_unstable();
    all
}

/// The largest similarity of each cluster with one of a part.
fn similarities(found: &Found, chosen: &[u32], again: &Found) -> Vec<f64> {
    let (ours, theirs) = (found.persistence.len(), again.persistence.len());
    let mut common = vec![0_usize; ours * theirs];
    let (mut sizes, mut their_sizes) = (vec![0_usize; ours], vec![0_usize; theirs]);
    for (&i, &other) in chosen.iter().zip(&again.assignment) {
        let own = found.assignment[i as usize];
        if let Some(own) = own {
            sizes[own as usize] += 1;
        }
        if let Some(other) = other {
            their_sizes[other as usize] += 1;
        }
        if let Some((own, other)) = own.zip(other) {
            common[own as usize * theirs + other as usize] += 1;
        }
    }
    let similarity = |own: usize, other: usize| {
        let common = common[own * theirs + other];
        let either = sizes[own] + their_sizes[other] - common;
        common as f64 / either.max(1) as f64
    };
    let best = |own| {
        (0..theirs)
            .map(|other| similarity(own, other))
            .fold(0.0, f64::max)
    };
    (0..ours).map(best).collect()
}
