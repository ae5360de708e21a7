//! The logistic probe among the detectors: multinomial regression that is robust to wrong labels.
//!
//! In: the linear design (n × d) and labels. Out: every sample's probability of each class by a
//! regression fitted to the other folds, so that no sample's own label has an influence. The loss of a
//! sample is −ln((1 − ε) q + ε/C): that of labels of which a share ε is random. It is bounded, so a
//! label on the wrong side of the boundary has less influence the farther off it lies; a usual
//! regression learns systematic errors as if classes overlapped, and then finds them probable (measured;
//! see docs/statistics.md). The loss has several minima. The one taken is reached from that of the
//! usual loss, which has only one, while ε grows in steps.
//!
//! The folds are stratified. A fold's regression is fitted to so many samples that samples × columns ×
//! classes stay within [`WORK`]; where that leaves fewer than ten per class there is no such detector.
//! For few samples the folds are drawn up to five times, and the probabilities averaged. About 80
//! passes of O(WORK) for each of five folds, and one over all samples.

use ndarray::{Array2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::Progress;
use crate::statistics::logistic::{Problem, Scale, Weights};
use crate::statistics::shuffle::shuffle;

/// Number of folds.
const FOLDS: usize = 5;
/// Samples × columns × classes that a regression is fitted to at most.
const WORK: f64 = 2.5e6;
/// Up to this work in total, folds are drawn repeatedly, because with few samples the draw matters.
const REPEATED_WORK: f64 = 1.25e6;
/// Draws of folds at most.
const MOST_DRAWS: u64 = 5;
/// Samples of each class that a regression needs, if the class has that many.
const LEAST_BY_CLASS: usize = 10;
/// Samples of each class that are taken first, a fifth of which is held out.
const FIRST: usize = LEAST_BY_CLASS * 5 / 4;
/// Shares of noise in turn; the last two give the results.
const NOISE: [f64; 3] = [0.0, 0.1, 0.2];
/// Iterations at each share at most.
const ITERATIONS: [usize; 3] = [60, 30, 30];
/// Rows that are predicted at once.
const ROWS: usize = 1024;

/// Probabilities of all classes (n × C) by regressions on other folds.
#[derive(Debug)]
pub(super) struct RobustLogistic {
    /// If a tenth of the labels is taken for noise.
    pub(super) tenth: Array2<f32>,
    /// If a fifth is.
    pub(super) fifth: Array2<f32>,
}

/// What the probe is fitted to.
pub(super) struct LogisticInput<'a> {
    /// Columns of the linear design (n × d).
    pub(super) design: &'a Array2<f32>,
    pub(super) labels: &'a [u16],
    /// Samples of each class.
    pub(super) counts: &'a [usize],
    pub(super) scale: Scale,
    pub(super) seed: u64,
}

/// The folds of one draw.
struct Folds {
    /// Each sample's fold.
    of: Vec<usize>,
    /// The samples in an order in which every prefix has about the same class shares.
    order: Vec<usize>,
}

impl RobustLogistic {
    /// Fits the probe; `None` if there are too many classes for the work that is allowed.
    pub(super) fn fit(input: &LogisticInput<'_>, progress: &dyn Progress) -> Result<Option<Self>> {
        let occupied = input.counts.iter().filter(|&&count| count > 0).count();
        let by_sample = (input.design.ncols().max(1) * occupied.max(1)) as f64;
        let affordable = WORK / by_sample;
        let n = input.labels.len();
        if affordable < (n.min(LEAST_BY_CLASS * occupied)) as f64 {
            return Ok(None);
        }
        let size = (n as f64).min(affordable) * by_sample;
        let draws = ((REPEATED_WORK / size) as u64).clamp(1, MOST_DRAWS);
        let shape = (n, input.counts.len());
        let mut probe = Self {
            tenth: Array2::zeros(shape),
            fifth: Array2::zeros(shape),
        };
        for draw in 0..draws {
            let folds = Folds::draw(input.labels, input.counts, input.seed.wrapping_add(draw));
            probe.add(input, &folds, affordable as usize, progress)?;
        }
        for probabilities in [&mut probe.tenth, &mut probe.fifth] {
            probabilities.mapv_inplace(|p| p / draws as f32);
        }
        Ok(Some(probe))
    }

    /// Adds the probabilities from one draw of folds, with regressions fitted to at most `most`
    /// samples.
    fn add(
        &mut self,
        input: &LogisticInput<'_>,
        folds: &Folds,
        most: usize,
        progress: &dyn Progress,
    ) -> Result<()> {
        let (design, classes) = (input.design, input.counts.len());
        for fold in 0..FOLDS {
            let others = folds.order.iter().copied();
            let mut kept: Vec<usize> =
                (others.filter(|&i| folds.of[i] != fold).take(most)).collect();
            kept.sort_unstable();
            let all = 0..input.labels.len();
            let held: Vec<usize> = all.filter(|&i| folds.of[i] == fold).collect();
            if kept.is_empty() || held.is_empty() {
                continue;
            }
            let mut problem =
                Problem::new(design.view(), input.labels, classes, &kept, input.scale);
            let mut weights = None;
            let results = [None, Some(&mut self.tenth), Some(&mut self.fifth)];
            for ((noise, iterations), result) in NOISE.into_iter().zip(ITERATIONS).zip(results) {
                problem.noise = noise;
                let found = problem.solve(weights.take(), iterations, progress)?;
                if let Some(result) = result {
                    add_predictions(result, &problem, &found, design, &held);
                }
                weights = Some(found);
            }
        }
        Ok(())
    }
}

/// Adds a regression's probabilities of these rows.
fn add_predictions(
    probabilities: &mut Array2<f32>,
    problem: &Problem,
    weights: &Weights,
    design: &Array2<f32>,
    rows: &[usize],
) {
    let parts: Vec<Array2<f64>> = rows
        .par_chunks(ROWS)
        .map(|rows| {
            let x = problem.standardized(design.view(), rows);
            softmax(problem.scores(x.view(), weights))
        })
        .collect();
    for (part, rows) in parts.iter().zip(rows.chunks(ROWS)) {
        for (from, &row) in part.outer_iter().zip(rows) {
            let mut to = probabilities.row_mut(row);
            to.zip_mut_with(&from, |to, &p| *to += p as f32);
        }
    }
}

impl Folds {
    /// Draws stratified folds.
    fn draw(labels: &[u16], counts: &[usize], seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut members: Vec<Vec<usize>> = counts.iter().map(|&c| Vec::with_capacity(c)).collect();
        for (i, &class) in labels.iter().enumerate() {
            members[usize::from(class)].push(i);
        }
        let mut of = vec![0; labels.len()];
        let mut places = Vec::with_capacity(labels.len());
        let mut next = 0;
        for of_class in &mut members {
            shuffle(of_class, |n| random.next_u64() % n);
            let size = of_class.len() as f64;
            for (at, &i) in of_class.iter().enumerate() {
                of[i] = next % FOLDS;
                next += 1;
                // The first of each class come before all others, so that no class is left out.
                let turn = if at < FIRST { 0.0 } else { 1.0 };
                places.push((turn + (at as f64 + 0.5) / size, i));
            }
        }
        places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let order = places.into_iter().map(|(_, i)| i).collect();
        Self { of, order }
    }
}

/// Scores as probabilities, by row.
fn softmax(mut scores: Array2<f64>) -> Array2<f64> {
    for mut row in scores.axis_iter_mut(Axis(0)) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.mapv_inplace(|s| (s - largest).exp());
        let sum = row.sum();
        row /= sum;
    }
    scores
}
