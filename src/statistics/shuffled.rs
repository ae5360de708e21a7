//! Tests of separation by shuffled labels, for data in which many samples are identical.
//!
//! In: features of the labeled samples, their classes, their neighbor graph. Out: p-values of each class's
//! neighborhood hit, of its right predictions by the closed-form probe, and of all right predictions, less
//! those that chance would give as many predictions of each class. Identical
//! samples are predicted alike and have the same neighbors, so the counts of a few groups decide: they vary
//! more than those of as many independent predictions, and are skewed, which the formulas for other data
//! (`votes.rs`, `inference.rs`) do not allow for. Here the labels are shuffled among the samples, hits are
//! counted and the probe is fitted again, its penalty included (Ojala & Garriga 2010). The p-value is
//! (b + 1)/(draws + 1) if b draws reach the count that was found; draws end once every count was reached 20
//! times (Besag & Clifford 1991). If none reaches it, the p-value is at most 1/(draws + 1), and that of a
//! gamma distribution with the draws' mean, variance and skewness (Winkler et al. 2016) if that is less.
//! Cost: at most 999 fits O(g d C), g pairs of a distinct row and a class.

use ndarray::{Array2, ArrayView2, Axis};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use super::Labeled;
use super::blocks::{BLOCK, fold};
use super::inference::{benjamini_hochberg, skewed_tail};
use super::ridge::{RidgeFit, Spectrum, squared_error_of_row};
use super::ridge_probe::{PENALTIES, add_own_share, deviations, predicted, standardized};
use super::shuffle::shuffle;
use super::tally::Tally;
use super::votes::TESTED_K;
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::{Groups, Neighbors};
use crate::progress::{Progress, check};
use crate::reduce::{EXACT_LIMIT, column_means};

/// Labels are shuffled if there are at most this many distinct samples by sample.
pub(crate) const MOST_DISTINCT: f64 = 0.9;
/// Draws, unless they end early: this many,
const MOST_DRAWS: usize = 999;
/// but more than this only while they fit in [`WORK`].
const FEWEST_DRAWS: usize = 99;
/// Draws end when every count was reached this often.
const ENOUGH: usize = 20;
/// Draws between looks at that.
const BATCH: usize = 37;
/// Multiplications, roughly, that draws beyond the fewest have to fit in.
const WORK: f64 = 2e10;
/// If the fewest would take more, labels are not shuffled.
const MOST_WORK: f64 = 5e10;
/// Numbers kept of the distinct samples, at most.
const MOST_NUMBERS: usize = 20_000_000;
/// Seed of the shuffles.
const SEED: u64 = 1;

/// P-values by shuffled labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shuffled {
    /// Of the neighborhood hit at the tested k, by class.
    pub(crate) hits: Vec<f64>,
    /// Of the right predictions by the closed-form probe, by class.
    pub(crate) recalls: Vec<f64>,
    /// Of all right predictions.
    pub(crate) accuracy: f64,
}

impl Shuffled {
    /// Whether any separation is shown at this level, all tests corrected together.
    pub(crate) fn shows_separation(&self, level: f64) -> bool {
        let all = [&self.hits[..], &self.recalls[..], &[self.accuracy]].concat();
        benjamini_hochberg(&all).iter().any(|&p| p <= level)
    }

    /// Whether so many samples are identical that labels must be shuffled.
    pub(crate) fn is_needed(graph: &Neighbors) -> bool {
        graph.groups().count() as f64 <= MOST_DISTINCT * graph.samples() as f64
    }

    /// Tests the labels; `None` if that is too much work, or there are too few samples. `features` are those
    /// of the labeled samples.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub(crate) fn test(
        features: ArrayView2<'_, f32>,
        labeled: &Labeled,
        graph: &Neighbors,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let (n, classes) = (labeled.samples(), labeled.classes());
        let groups = graph.groups().count();
        let (d, k) = (features.ncols(), graph.k().min(TESTED_K));
        let rows = n.min(groups * classes) as f64;
        let fit = rows * (d * classes * (PENALTIES.len() + 1)) as f64;
        let work = fit + (n * k) as f64;
        let is_too_much = work * FEWEST_DRAWS as f64 > MOST_WORK || groups * d > MOST_NUMBERS;
        if is_too_much || d > EXACT_LIMIT || labeled.occupied() < 2 || n < 4 {
            return Ok(None);
        }
        let draws = ((WORK / work) as usize).clamp(FEWEST_DRAWS, MOST_DRAWS);
        let probe = GroupedProbe::new(features, graph.groups(), labeled.counts(), execution)?;
        let counted = |labels: &[u16]| {
            let mut counts = hits(graph, labels, classes, k);
            let excess = probe.excess(labels);
            counts.extend(&excess);
            counts.push(excess.iter().sum());
            counts
        };
        let found = counted(labeled.indices());
        // The counts are of up to n samples; an excess is 0 if all are predicted alike.
        let rounding = 1e-9 * n as f64;
        let mut drawn: Vec<Vec<f64>> = Vec::with_capacity(draws);
        let mut reached = vec![0; found.len()];
        while drawn.len() < draws && reached.iter().any(|&b| b < ENOUGH) {
            check(execution)?;
            let batch = drawn.len()..(drawn.len() + BATCH).min(draws);
            let batch: Vec<Vec<f64>> = batch
                .into_par_iter()
                .map(|draw| counted(&shuffled(labeled.indices(), draw as u64)))
                .collect();
            for counts in &batch {
                for ((b, count), found) in reached.iter_mut().zip(counts).zip(&found) {
                    *b += usize::from(*count >= found - rounding);
                }
            }
            drawn.extend(batch);
        }
        let p_value = |at: usize| {
            let share = (reached[at] + 1) as f64 / (drawn.len() + 1) as f64;
            if reached[at] > 0 {
                return share;
            }
            let values: Vec<f64> = drawn.iter().map(|counts| counts[at]).collect();
            share.min(skewed_tail(found[at], &values))
        };
        Ok(Some(Self {
            hits: (0..classes).map(p_value).collect(),
            recalls: (classes..2 * classes).map(p_value).collect(),
            accuracy: p_value(2 * classes),
        }))
    }
}

/// The labels in another order.
fn shuffled(labels: &[u16], draw: u64) -> Vec<u16> {
    let mut labels = labels.to_vec();
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    random.set_stream(draw);
    shuffle(&mut labels, |n| random.next_u64() % n);
    labels
}

/// Neighbors of the same class, by class.
fn hits(graph: &Neighbors, labels: &[u16], classes: usize, k: usize) -> Vec<f64> {
    let mut sums = vec![0.0; classes];
    let mut tally = Tally::new(graph, labels, classes);
    for (i, &class) in labels.iter().enumerate() {
        sums[usize::from(class)] += tally.own(i, k);
    }
    sums
}

/// The closed-form probe of groups of identical samples, for any labels of these.
struct GroupedProbe<'a> {
    groups: &'a Groups,
    /// Sizes of the classes.
    counts: &'a [usize],
    /// One row of each group, standardized, in the basis of the Gram matrix of all samples.
    rotated: Array2<f64>,
    eigenvalues: Vec<f64>,
}

/// The samples of one group and class.
struct Cell {
    group: usize,
    class: u16,
    samples: f64,
}

impl<'a> GroupedProbe<'a> {
    fn new(
        features: ArrayView2<'_, f32>,
        groups: &'a Groups,
        counts: &'a [usize],
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (mean, scale) = (column_means(features), deviations(features));
        let mut gram = Array2::<f64>::zeros((features.ncols(), features.ncols()));
        let product = |_: usize, block: ArrayView2<'_, f32>| {
            let x = standardized(block, &mean, &scale);
            x.t().dot(&x)
        };
        fold(features, progress, product, |part| gram += &part)?;
        let spectrum = Spectrum::of(&gram);
        let firsts = (0..groups.count() as u32).map(|group| groups.members(group)[0] as usize);
        let firsts = features.select(Axis(0), &firsts.collect::<Vec<_>>());
        Ok(Self {
            groups,
            counts,
            rotated: standardized(firsts.view(), &mean, &scale).dot(&spectrum.vectors),
            eigenvalues: spectrum.values,
        })
    }

    /// How many samples of each class the probe gets right at the penalty with the least error, less how many
    /// it would if as many samples at random were predicted to be of the class.
    fn excess(&self, labels: &[u16]) -> Vec<f64> {
        let cells = self.cells(labels);
        let (d, classes) = (self.rotated.ncols(), self.counts.len());
        let mut sums = Array2::<f64>::zeros((classes, d));
        for cell in &cells {
            let mut sum = sums.row_mut(usize::from(cell.class));
            sum.scaled_add(cell.samples, &self.rotated.row(cell.group));
        }
        let n = labels.len() as f64;
        let of_penalty =
            |penalty: &f64| RidgeFit::new(&self.eigenvalues, sums.t(), self.counts, penalty * n);
        let fits: Vec<RidgeFit<f64>> = PENALTIES.iter().map(of_penalty).collect();
        let mut results = vec![(0.0, vec![0.0; classes]); fits.len()];
        let shares: Vec<f64> = self.counts.iter().map(|&count| count as f64 / n).collect();
        for cells in cells.chunks(BLOCK) {
            let rows: Vec<usize> = cells.iter().map(|cell| cell.group).collect();
            let rows = self.rotated.select(Axis(0), &rows);
            for (fit, (error, excess)) in fits.iter().zip(&mut results) {
                let mut scores = fit.left_out(rows.view(), cells.iter().map(|cell| cell.class));
                for (mut row, cell) in scores.outer_iter_mut().zip(cells) {
                    *error += cell.samples * squared_error_of_row(row.view(), cell.class);
                    add_own_share(row.view_mut(), cell.class, self.counts);
                    let best = predicted(row.mapv(|s| s as f32).view(), cell.class, self.counts);
                    let right = f64::from(u8::from(best == usize::from(cell.class)));
                    excess[best] += cell.samples * (right - shares[best]);
                }
            }
        }
        let best = results.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or_else(Vec::new, |(_, excess)| excess)
    }

    fn cells(&self, labels: &[u16]) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut counts = vec![0.0; self.counts.len()];
        for group in 0..self.groups.count() {
            let members = self.groups.members(group as u32).iter();
            let classes = members.map(|&i| labels[i as usize]);
            (classes.clone()).for_each(|class| counts[usize::from(class)] += 1.0);
            for class in classes {
                let samples = std::mem::take(&mut counts[usize::from(class)]);
                if samples > 0.0 {
                    cells.push(Cell {
                        group,
                        class,
                        samples,
                    });
                }
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Labels;
    use crate::statistics::RidgeProbe;

    /// `features` binary columns; the first is 1 with this probability in class 1, else with 1/2.
    fn binary(n: usize, features: usize, first: f64, seed: u64) -> (Array2<f32>, Labeled) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let labels: Vec<i64> = (0..n).map(|i| (i % 2) as i64).collect();
        let features = Array2::from_shape_fn((n, features), |(i, j)| {
            let share = if j == 0 && labels[i] == 1 { first } else { 0.5 };
            let number = random.next_u64() as f64 / 2.0_f64.powi(64);
            f32::from(u8::from(number < share))
        });
        (
            features,
            Labeled::new(&Labels::from_integers(&labels).unwrap()),
        )
    }

    fn test((features, labeled): &(Array2<f32>, Labeled)) -> Shuffled {
        let execution = Execution::default().threads(1);
        let graph = Neighbors::exact(features.view(), 10, &execution).unwrap();
        assert!(Shuffled::is_needed(&graph));
        Shuffled::test(features.view(), labeled, &graph, &execution)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn groups_are_predicted_as_the_probe_predicts_samples() {
        let execution = Execution::default().threads(1);
        for seed in 0..20 {
            let (features, labeled) = binary(90, 4, 0.8, seed);
            let graph = Neighbors::exact(features.view(), 10, &execution).unwrap();
            let counts = labeled.counts();
            let probe = GroupedProbe::new(features.view(), graph.groups(), counts, &execution);
            let excess = probe.unwrap().excess(labeled.indices());
            let whole = RidgeProbe::new(features.view(), &labeled, &execution);
            let confusion = whole.unwrap().unwrap().confusion;
            for (c, excess) in excess.iter().enumerate() {
                let predicted: u32 = confusion.iter().map(|row| row[c]).sum();
                let chance = f64::from(predicted) * counts[c] as f64 / 90.0;
                let expected = f64::from(confusion[c][c]) - chance;
                assert!((excess - expected).abs() < 1e-9, "{seed}");
            }
        }
    }

    #[test]
    fn noise_is_significant_as_often_as_the_level_says() {
        let mut below = [0, 0];
        for seed in 0..150 {
            let tested = test(&binary(60, 2, 0.5, seed));
            below[0] += usize::from(tested.hits[0] <= 0.1);
            below[1] += usize::from(tested.accuracy <= 0.1);
        }
        // 15 each are expected; more than 26 once in 300.
        assert!(below.iter().all(|&b| b <= 26), "{below:?}");
    }

    #[test]
    fn predictions_that_are_all_alike_are_no_evidence() {
        // So large groups that the probe predicts the larger class for all, whatever the labels' order.
        let features = Array2::from_shape_fn((999, 1), |(i, _)| (i % 3) as f32);
        let labels: Vec<i64> = (0..999).map(|i| i64::from(i * 7 % 5 < 2)).collect();
        let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
        let tested = test(&(features, labeled));
        assert_eq!((tested.accuracy, &tested.recalls[..]), (1.0, &[1.0; 2][..]));
    }

    #[test]
    fn what_separates_is_found_however_few_values_there_are() {
        for seed in 0..10 {
            let tested = test(&binary(200, 3, 0.95, seed));
            assert!(tested.hits.iter().all(|&p| p < 0.004), "{seed}: {tested:?}");
            assert!(
                tested.recalls.iter().all(|&p| p < 0.004),
                "{seed}: {tested:?}"
            );
            assert!(tested.accuracy < 0.004, "{seed}: {tested:?}");
        }
    }
}
