//! Whether the classifier's output belongs to the samples and classes that it was given for.
//!
//! In: labels, features, and probabilities or predictions. Out: what is wrong: columns of
//! probabilities that fit the classes far better in another order, or answers that agree with the
//! labels no more often than by chance while the features tell the classes apart. Cost: O(n·C) and
//! an assignment in O(C³); at most 1000 samples of features.

use ndarray::{ArrayView1, ArrayView2};

use super::{Labels, UNLABELED};

/// Larger numbers of classes are not checked.
const MOST_CLASSES: usize = 300;
/// Another order counts if this share of the samples fits it, and this many more than the given one.
const LEAST_FITTING: f64 = 0.5;
const LEAST_GAIN: f64 = 0.3;
/// Standard errors that a difference is at least.
const ERRORS: f64 = 4.0;
/// Samples whose features are compared with the means of classes.
const MOST_SAMPLES: usize = 1000;
/// Agreement beyond chance (Cohen's κ): of answers at chance at most, of telling features at least.
const CHANCE: f64 = 0.1;
const TELLING: f64 = 0.5;

/// Columns that fit the classes in another order.
pub(super) struct Order {
    /// The class of each column.
    pub(super) classes: Vec<usize>,
    /// Share of samples whose largest probability is that of their class, mean over the classes, in
    /// the order given and in this one.
    pub(super) given: f64,
    pub(super) better: f64,
}

/// The order of the columns (one per class) that fits the labels, if it fits far better.
pub(super) fn better_order(probabilities: ArrayView2<'_, f32>, labels: &Labels) -> Option<Order> {
    let classes = labels.classes();
    if !(2..=MOST_CLASSES).contains(&classes) || probabilities.ncols() != classes {
        return None;
    }
    let counts = labels.counts();
    let mut shares = vec![vec![0.0; classes]; classes];
    for (row, &class) in probabilities.outer_iter().zip(labels.indices()) {
        if class != UNLABELED {
            let class = usize::from(class);
            shares[class][largest(row)] += 1.0 / counts[class] as f64;
        }
    }
    let columns = assignment(&shares);
    let occupied = counts.iter().filter(|&&count| count > 0).count() as f64;
    let mean = |of: &dyn Fn(usize) -> usize| {
        (0..classes)
            .map(|class| shares[class][of(class)])
            .sum::<f64>()
            / occupied
    };
    let (given, better) = (mean(&|class| class), mean(&|class| columns[class]));
    let labeled = counts.iter().sum::<usize>() as f64;
    let least = LEAST_GAIN.max(ERRORS * (2.0 / labeled).sqrt());
    if better < LEAST_FITTING || better - given < least {
        return None;
    }
    let mut of_columns = vec![0; classes];
    for (class, column) in columns.into_iter().enumerate() {
        of_columns[column] = class;
    }
    Some(Order {
        classes: of_columns,
        given,
        better,
    })
}

/// The column of the largest value, of equal ones the first.
pub(super) fn largest(row: ArrayView1<'_, f32>) -> usize {
    let larger = |best: usize, column: usize| {
        if row[column] > row[best] {
            column
        } else {
            best
        }
    };
    (0..row.len()).fold(0, larger)
}

/// The column of each row so that the values chosen have the largest sum (the Hungarian method with
/// potentials, as in Burkard, Dell'Amico and Martello, Assignment Problems, 2012, chapter 4).
fn assignment(values: &[Vec<f64>]) -> Vec<usize> {
    let n = values.len();
    // Row and column 0 stand for "none"; costs are negative values.
    let (mut of_row, mut of_column) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut row_of = vec![0; n + 1];
    for row in 1..=n {
        row_of[0] = row;
        let mut least = vec![f64::INFINITY; n + 1];
        let mut before = vec![0; n + 1];
        let mut is_used = vec![false; n + 1];
        let mut column = 0;
        while row_of[column] != 0 {
            is_used[column] = true;
            let current = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=n).filter(|&other| !is_used[other]) {
                let reduced = -values[current - 1][other - 1] - of_row[current] - of_column[other];
                if reduced < least[other] {
                    (least[other], before[other]) = (reduced, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=n {
                if is_used[other] {
                    of_row[row_of[other]] += step;
                    of_column[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    let mut columns = vec![0; n];
    for column in 1..=n {
        columns[row_of[column] - 1] = column - 1;
    }
    columns
}

/// Shares of agreement with the labels, where answers agree by chance and the features do not.
pub(super) struct Strangers {
    /// Share of answers that are the label.
    pub(super) answers: f64,
    /// Share of samples whose nearest class mean is that of their label.
    pub(super) features: f64,
}

/// Whether answers are likely those for other samples.
pub(super) fn strangers(
    answers: &[u16],
    features: ArrayView2<'_, f32>,
    labels: &Labels,
) -> Option<Strangers> {
    let pairs = answers.iter().zip(labels.indices());
    let pairs: Vec<(u16, u16)> = pairs
        .map(|(a, l)| (*a, *l))
        .filter(|p| p.1 != UNLABELED)
        .collect();
    let answered = Agreement::of(&pairs, labels.classes())?;
    if answered.kappa > CHANCE.min(ERRORS * answered.error) {
        return None;
    }
    let telling = Agreement::of(&nearest_means(features, labels), labels.classes())?;
    (telling.kappa > TELLING.max(2.0 * ERRORS * telling.error)).then_some(Strangers {
        answers: answered.share,
        features: telling.share,
    })
}

/// How often two lists of classes agree.
struct Agreement {
    share: f64,
    /// Beyond chance: 0 by chance, 1 always.
    kappa: f64,
    /// Standard error of κ by chance.
    error: f64,
}

impl Agreement {
    fn of(pairs: &[(u16, u16)], classes: usize) -> Option<Self> {
        let (mut first, mut second) = (vec![0.0; classes], vec![0.0; classes]);
        let mut equal = 0.0;
        for &(a, b) in pairs {
            if let Some(count) = first.get_mut(usize::from(a)) {
                *count += 1.0;
            }
            second[usize::from(b)] += 1.0;
            equal += f64::from(u8::from(a == b));
        }
        let n = pairs.len() as f64;
        let chance = first.iter().zip(&second).map(|(a, b)| a * b).sum::<f64>() / (n * n);
        (n > 0.0 && chance < 1.0).then(|| Self {
            share: equal / n,
            kappa: (equal / n - chance) / (1.0 - chance),
            error: (chance / (n * (1.0 - chance))).sqrt(),
        })
    }
}

/// For some of the labeled samples, the class with the nearest mean (without the sample itself) and
/// the label.
fn nearest_means(features: ArrayView2<'_, f32>, labels: &Labels) -> Vec<(u16, u16)> {
    let labeled: Vec<usize> = (0..features.nrows())
        .filter(|&r| labels.class(r).is_some())
        .collect();
    let stride = labeled.len().div_ceil(MOST_SAMPLES).max(1);
    let chosen: Vec<usize> = labeled.into_iter().step_by(stride).collect();
    let mut sums = vec![vec![0.0_f64; features.ncols()]; labels.classes()];
    let mut counts = vec![0.0_f64; labels.classes()];
    for &row in &chosen {
        let class = usize::from(labels.indices()[row]);
        counts[class] += 1.0;
        for (sum, value) in sums[class].iter_mut().zip(features.row(row)) {
            *sum += f64::from(*value);
        }
    }
    let distance = |row: ArrayView1<'_, f32>, class: usize, own: f64| {
        let count = counts[class] - own;
        let differences = sums[class].iter().zip(row).map(|(sum, value)| {
            let value = f64::from(*value);
            (sum - own * value) / count - value
        });
        differences.map(|d| d * d).sum::<f64>()
    };
    let nearest = |&row: &usize| {
        let label = labels.indices()[row];
        let candidates = (0..labels.classes()).filter_map(|class| {
            let own = f64::from(u8::from(class == usize::from(label)));
            (counts[class] > own).then(|| (class, distance(features.row(row), class, own)))
        });
        let nearest = candidates.min_by(|a, b| a.1.total_cmp(&b.1));
        Some((nearest?.0 as u16, label))
    };
    chosen.iter().filter_map(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn the_assignment_has_the_largest_sum() {
        assert_eq!(assignment(&[vec![0.1, 0.9], vec![0.2, 0.8]]), [1, 0]);
        let values = [
            vec![7.0, 5.0, 1.0],
            vec![6.0, 1.0, 2.0],
            vec![3.0, 4.0, 0.0],
        ];
        // All 6 permutations: 8, 13, 12, 11, 10 and 9… the largest is 5 + 6 + 0 or 7 + 2 + 4.
        assert_eq!(assignment(&values), [0, 2, 1]);
    }
}
