//! The logistic probe among the witnesses: multinomial regression that wrong labels cannot pull far.
//!
//! In: the linear design (n × d) and labels. Out: every sample's probability of each class by a
//! regression fitted to the other folds, so that no sample's own label has a say. The loss of a
//! sample is −ln((1 − ε) q + ε/C): that of labels of which a share ε was dealt out at random. It is
//! bounded, so a label on the wrong side of the boundary pulls less the further off it lies; a usual
//! regression learns errors that go one way as if they were overlap, and then finds them probable
//! (measured; see docs/statistics.md). The loss has several minima. The one taken is reached from that
//! of the usual loss, which has one, while ε grows in steps.
//!
//! The folds are stratified. A fold's regression is fitted to at most so many samples that samples ×
//! columns × classes stay within [`WORK`]; where that leaves fewer than ten a class there is no such
//! witness. For few samples the folds are drawn up to five times, and the probabilities averaged. Some
//! 80 passes of O(WORK) for each of five folds, and one over all samples.

use ndarray::{Array2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::Progress;
use crate::statistics::logistic::{Problem, Scale, Weights};

/// Number of folds.
const FOLDS: usize = 5;
/// Samples × columns × classes that a regression is fitted to at most.
const WORK: f64 = 2.5e6;
/// The same for which folds are drawn again, since the draw moves the answers about few samples.
const ALL_DRAWS: f64 = 1.25e6;
/// Draws of folds at most.
const MOST_DRAWS: u64 = 5;
/// Samples of each class that a regression needs, where there are so many samples.
const LEAST_BY_CLASS: usize = 10;
/// Samples of each class that are taken first, a fifth of which is held out.
const FIRST: usize = LEAST_BY_CLASS * 5 / 4;
/// Shares of noise on the way; answers are taken at the last two.
const NOISE: [f64; 3] = [0.0, 0.1, 0.2];
/// Iterations at each share at most.
const ITERATIONS: [usize; 3] = [60, 30, 30];
/// Rows that are answered at once.
const ROWS: usize = 1024;

/// Probabilities of all classes (n × C) by regressions on other folds.
#[derive(Debug)]
pub(super) struct Logistic {
    /// If a tenth of the labels is noise.
    pub(super) tenth: Array2<f32>,
    /// If a fifth is.
    pub(super) fifth: Array2<f32>,
}

/// The probe's answers; `None` if the regressions would be too dear.
pub(super) fn held_out(
    design: &Array2<f32>,
    (labels, counts): (&[u16], &[usize]),
    (scale, seed): (Scale, u64),
    progress: &dyn Progress,
) -> Result<Option<Logistic>> {
    let classes = counts.len();
    let occupied = counts.iter().filter(|&&count| count > 0).count();
    let affordable = WORK / (design.ncols().max(1) * occupied.max(1)) as f64;
    let n = labels.len();
    if affordable < (n.min(LEAST_BY_CLASS * occupied)) as f64 {
        return Ok(None);
    }
    let size = (n as f64).min(affordable) * (design.ncols().max(1) * occupied.max(1)) as f64;
    let draws = ((ALL_DRAWS / size) as u64).clamp(1, MOST_DRAWS);
    let mut probe = Logistic {
        tenth: Array2::zeros((n, classes)),
        fifth: Array2::zeros((n, classes)),
    };
    for draw in 0..draws {
        let dealt = deal(labels, counts, seed.wrapping_add(draw));
        let limits = (classes, affordable as usize, scale);
        probe.add(design, labels, limits, &dealt, progress)?;
    }
    for answers in [&mut probe.tenth, &mut probe.fifth] {
        answers.mapv_inplace(|p| p / draws as f32);
    }
    Ok(Some(probe))
}

impl Logistic {
    /// Adds the probabilities by one draw of folds.
    fn add(
        &mut self,
        design: &Array2<f32>,
        labels: &[u16],
        (classes, most, scale): (usize, usize, Scale),
        (folds, order): &(Vec<usize>, Vec<usize>),
        progress: &dyn Progress,
    ) -> Result<()> {
        for fold in 0..FOLDS {
            let others = order.iter().copied().filter(|&i| folds[i] != fold);
            let mut kept: Vec<usize> = others.take(most).collect();
            kept.sort_unstable();
            let held: Vec<usize> = (0..labels.len()).filter(|&i| folds[i] == fold).collect();
            if kept.is_empty() || held.is_empty() {
                continue;
            }
            let mut problem = Problem::new(design.view(), labels, classes, &kept, scale);
            let mut weights = None;
            let answers = [None, Some(&mut self.tenth), Some(&mut self.fifth)];
            for ((noise, iterations), answer) in NOISE.into_iter().zip(ITERATIONS).zip(answers) {
                problem.noise = noise;
                let found = problem.solve(weights.take(), iterations, progress)?;
                if let Some(answer) = answer {
                    add(answer, &problem, &found, (design, &held));
                }
                weights = Some(found);
            }
        }
        Ok(())
    }
}

/// Adds what a regression says of these rows.
fn add(
    answers: &mut Array2<f32>,
    problem: &Problem,
    weights: &Weights,
    (design, held): (&Array2<f32>, &[usize]),
) {
    let parts: Vec<Array2<f64>> = held
        .par_chunks(ROWS)
        .map(|rows| {
            let x = problem.standardized(design.view(), rows);
            softmax(problem.scores(x.view(), weights))
        })
        .collect();
    for (part, rows) in parts.iter().zip(held.chunks(ROWS)) {
        for (from, &row) in part.outer_iter().zip(rows) {
            let mut to = answers.row_mut(row);
            to.zip_mut_with(&from, |to, &p| *to += p as f32);
        }
    }
}

/// Each sample's fold, and an order of the samples whose every beginning has about the classes'
/// shares.
fn deal(labels: &[u16], counts: &[usize], seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut members: Vec<Vec<usize>> = counts.iter().map(|&c| Vec::with_capacity(c)).collect();
    for (i, &class) in labels.iter().enumerate() {
        members[usize::from(class)].push(i);
    }
    let mut folds = vec![0; labels.len()];
    let mut places = Vec::with_capacity(labels.len());
    let mut next = 0;
    for of_class in &mut members {
        for i in (1..of_class.len()).rev() {
            of_class.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        let size = of_class.len() as f64;
        for (at, &i) in of_class.iter().enumerate() {
            folds[i] = next % FOLDS;
            next += 1;
            // The first of each class come before all others, so that no class is left out.
            let turn = if at < FIRST { 0.0 } else { 1.0 };
            places.push((turn + (at as f64 + 0.5) / size, i));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    (folds, places.into_iter().map(|(_, i)| i).collect())
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
