//! What the neighbors of the samples say about classes and pairs of classes.
//!
//! In: a neighbor graph of the labeled samples, whose labels [`Tally`] counts. Out: the neighborhood
//! hit at several k, with its
//! test against random labels; the soft statistics, in which each neighbor is weighted by its
//! conditional probability `p_{j|i}` (the similarity that t-SNE matches); and for each pair of
//! classes how many neighbors of one have the other's label, with the sums for their intervals.
//! Each sample counts once, even if it shares neighbors with others. O(nk) time, O(C²) memory.

use std::cmp::Ordering;

use super::Labeled;
use super::estimate::{Estimate, SAME};
use super::inference::gamma_tail;
use super::mixing::{Arcs, largest_share};
use super::tally::{Tally, compare};
use crate::affinities::{conditional_probabilities, neighbors_for};
use crate::error::Result;
use crate::neighbors::Neighbors;

/// The neighborhood hit is computed at these k, as far as the graph reaches.
const SCALES: [usize; 5] = [1, 5, 10, 30, 90];
/// The k that is tested against random labels; the next smaller one if the graph does not reach it.
pub(crate) const TESTED_K: usize = 10;
/// Perplexity of the soft statistics, as far as the graph reaches.
pub(crate) const PERPLEXITY: f64 = 30.0;

/// The neighborhood hit at one k.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hits {
    pub(crate) k: usize,
    /// By class; `None` for an empty class.
    pub(crate) classes: Vec<Option<Estimate>>,
    /// p-value by class against random labels, at the tested k only; 1 if nothing can be tested.
    pub(crate) p_values: Option<Vec<f64>>,
}

/// Statistics in which neighbors are weighted by their conditional probability.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Soft {
    pub(crate) perplexity: f64,
    /// By sample: −ln Σ_same p_{j|i}.
    pub(crate) losses: Vec<f32>,
    /// Its mean over all samples.
    pub(crate) loss: Estimate,
    pub(crate) class_loss: Vec<Option<Estimate>>,
    /// Mean conditional probability, by own class (row) and neighbors' class (C × C).
    pub(crate) shares: Vec<f64>,
}

/// Neighbors of each class by class, at one k.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Votes {
    pub(crate) k: usize,
    classes: usize,
    /// Σ over the samples of a of their neighbors in b (C × C).
    neighbors: Vec<f64>,
    /// The sums of the squares, and of the products with the number of foreign neighbors.
    squares: Vec<f64>,
    products: Vec<f64>,
    /// Σ of the numbers of foreign neighbors and of their squares (C).
    foreign: Vec<(f64, f64)>,
    /// Samples of a on b's side (C × C); a tie counts as one half.
    astray: Vec<f64>,
}

/// The smallest probability in a loss, as in the reference implementation (cleverhans): a sample
/// without a neighbor of its class would have an infinite loss.
const LEAST_PROBABILITY: f64 = 1e-5;

/// The neighborhood hit at each scale that the graph allows.
pub(crate) fn hits(graph: &Neighbors, labeled: &Labeled) -> Vec<Hits> {
    let most = graph.k();
    let mut scales: Vec<usize> = SCALES.iter().map(|&k| k.min(most)).collect();
    scales.dedup();
    let tested = scales.iter().copied().rfind(|&k| k <= TESTED_K);
    let classes = labeled.counts().len();
    let mut sums = vec![vec![(0.0, 0.0); classes]; scales.len()];
    same_class_shares(graph, labeled, &scales, |i, scale, share| {
        let sum = &mut sums[scale][usize::from(labeled.indices()[i])];
        sum.0 += share;
        sum.1 += share * share;
    });
    let at = |(scale, sums): (usize, &Vec<(f64, f64)>)| {
        let k = scales[scale];
        let of_class = |c: usize| {
            let (sum, squares) = sums[c];
            let size = labeled.counts()[c];
            let most = largest_share(labeled.counts(), c, c, k);
            (size > 0).then(|| mean_share(sum, squares, size, most))
        };
        let p_values = (Some(k) == tested).then(|| {
            let arcs = Arcs::count(graph, k);
            (0..classes)
                .map(|c| tail(&arcs, labeled, c, sums[c].0 * k as f64))
                .collect()
        });
        Hits {
            k,
            classes: (0..classes).map(of_class).collect(),
            p_values,
        }
    };
    sums.iter().enumerate().map(at).collect()
}

/// The neighborhood hit of each sample: the share of its `k` nearest neighbors of the same class.
pub(crate) fn hits_by_sample(graph: &Neighbors, labeled: &Labeled, k: usize) -> Vec<f32> {
    let mut hits = vec![0.0; labeled.samples()];
    let k = k.clamp(1, graph.k());
    same_class_shares(graph, labeled, &[k], |i, _, share| hits[i] = share as f32);
    hits
}

/// Calls `each` with a sample, the number of a scale and the share of that many nearest neighbors of
/// the same class. `scales` ascend.
fn same_class_shares(
    graph: &Neighbors,
    labeled: &Labeled,
    scales: &[usize],
    mut each: impl FnMut(usize, usize, f64),
) {
    let mut tally = Tally::new(graph, labeled.indices(), labeled.classes());
    for i in 0..labeled.samples() {
        for (scale, &k) in scales.iter().enumerate() {
            each(i, scale, tally.own(i, k) / k as f64);
        }
    }
}

/// P-value of this many neighbors within a class under random labels.
fn tail(arcs: &Arcs, labeled: &Labeled, class: usize, found: f64) -> f64 {
    let (size, n) = (labeled.counts()[class], labeled.samples());
    if n < 4 || size < 2 {
        return 1.0;
    }
    let (expected, variance) = arcs.moments(size, size, true, n);
    // Most points are connected in both directions: the count moves in steps of two.
    gamma_tail(found - 1.0, expected, variance)
}

/// The soft statistics at a perplexity, or at the largest that the graph allows.
///
/// # Errors
/// Those of [`conditional_probabilities`], none of which a checked graph can cause.
pub(crate) fn soft(graph: &Neighbors, labeled: &Labeled, perplexity: f64) -> Result<Soft> {
    let n = labeled.samples();
    let largest = graph.k() as f64 / 3.0;
    let perplexity = perplexity.min(largest).max(1.0);
    debug_assert!(neighbors_for(perplexity, n) <= graph.k());
    let conditional = conditional_probabilities(graph, perplexity)?;
    let classes = labeled.counts().len();
    let mut shares = vec![0.0; classes * classes];
    let mut sums = vec![(0.0, 0.0); classes];
    let mut losses = Vec::with_capacity(n);
    let mut tally = Tally::new(graph, labeled.indices(), classes);
    for (i, row) in conditional.probabilities.chunks(conditional.k).enumerate() {
        let own = usize::from(labeled.indices()[i]);
        let mut same = 0.0;
        for (other, p) in tally.of(i, conditional.k, |place| f64::from(row[place])) {
            shares[own * classes + other] += p;
            if other == own {
                same = p;
            }
        }
        let loss = -same.clamp(LEAST_PROBABILITY, 1.0).ln();
        losses.push(loss as f32);
        sums[own].0 += loss;
        sums[own].1 += loss * loss;
    }
    for (a, row) in shares.chunks_mut(classes).enumerate() {
        for share in row {
            *share /= labeled.counts()[a].max(1) as f64;
        }
    }
    let (sum, squares) = (sums.iter()).fold((0.0, 0.0), |t, l| (t.0 + l.0, t.1 + l.1));
    let of_class = |c: usize| {
        let (sum, squares) = sums[c];
        (labeled.counts()[c] > 0).then(|| Estimate::mean(sum, squares, labeled.counts()[c]))
    };
    Ok(Soft {
        perplexity,
        losses,
        loss: Estimate::mean(sum, squares, n),
        class_loss: (0..classes).map(of_class).collect(),
        shares,
    })
}

impl Votes {
    /// Counts the `k` nearest neighbors of every sample.
    pub(crate) fn count(graph: &Neighbors, k: usize, labeled: &Labeled) -> Self {
        let classes = labeled.counts().len();
        let k = k.min(graph.k()).max(1);
        let mut votes = Self {
            k,
            classes,
            neighbors: vec![0.0; classes * classes],
            squares: vec![0.0; classes * classes],
            products: vec![0.0; classes * classes],
            foreign: vec![(0.0, 0.0); classes],
            astray: vec![0.0; classes * classes],
        };
        // Samples without a neighbor of their own class tie with every class that is absent, too.
        let mut lone = vec![0.0; classes];
        let mut tally = Tally::new(graph, labeled.indices(), classes);
        let mut row = Vec::new();
        for (i, &label) in labeled.indices().iter().enumerate() {
            row.clear();
            row.extend(tally.of(i, k, |_| 1.0));
            votes.push(&row, usize::from(label), labeled, &mut lone);
        }
        for a in 0..classes {
            for b in (0..classes).filter(|&b| b != a) {
                votes.astray[a * classes + b] += lone[a];
            }
        }
        votes
    }

    /// Adds a sample of class `own` with the classes of its neighbors.
    fn push(&mut self, row: &[(usize, f64)], own: usize, labeled: &Labeled, lone: &mut [f64]) {
        let same = row.iter().find(|(class, _)| *class == own);
        let same = same.map_or(0.0, |(_, count)| *count);
        let foreign = self.k as f64 - same;
        self.foreign[own].0 += foreign;
        self.foreign[own].1 += foreign * foreign;
        // Votes are divided by the class's size, so that large classes do not win by size alone.
        let own_density = same / labeled.counts()[own].saturating_sub(1).max(1) as f64;
        if same == 0.0 {
            lone[own] += 0.5;
        }
        for &(b, found) in row {
            let at = own * self.classes + b;
            self.neighbors[at] += found;
            self.squares[at] += found * found;
            self.products[at] += found * foreign;
            if b == own {
                continue;
            }
            let density = found / labeled.counts()[b] as f64;
            let side = match compare(density, own_density) {
                Ordering::Greater => 1.0,
                Ordering::Less => 0.0,
                Ordering::Equal => 0.5,
            };
            // `lone` adds a tie for all classes; it is subtracted where a vote decides.
            self.astray[at] += side - if same == 0.0 { 0.5 } else { 0.0 };
        }
    }

    /// How many samples of `a` lie on the side of `b`.
    pub(crate) fn astray(&self, a: usize, b: usize) -> f64 {
        self.astray[a * self.classes + b]
    }

    /// Share of a's neighbors with b's label, over a's samples.
    pub(crate) fn share(&self, a: usize, b: usize, labeled: &Labeled) -> Estimate {
        let at = a * self.classes + b;
        let k = self.k as f64;
        mean_share(
            self.neighbors[at] / k,
            self.squares[at] / (k * k),
            labeled.counts()[a],
            largest_share(labeled.counts(), a, b, self.k),
        )
    }

    /// How much more often a foreign neighbor of a has b's label than b's share of the foreign
    /// samples: (share of b among foreign neighbors)/(N_b/(n − N_a)). `None` if no neighbor is
    /// foreign. The standard error is that of a ratio of means over a's samples; none if these are all the
    /// same, which does not make them certain.
    pub(crate) fn enrichment(&self, a: usize, b: usize, labeled: &Labeled) -> Option<Estimate> {
        let (foreign, foreign_squares) = self.foreign[a];
        let (size, n) = (labeled.counts()[a], labeled.samples());
        if foreign == 0.0 || labeled.counts()[b] == 0 {
            return None;
        }
        let at = a * self.classes + b;
        let ratio = self.neighbors[at] / foreign;
        let chance = labeled.counts()[b] as f64 / (n - size) as f64;
        let residuals =
            self.squares[at] - 2.0 * ratio * self.products[at] + ratio * ratio * foreign_squares;
        let error = (size > 1).then(|| {
            let inflation = size as f64 / (size as f64 - 1.0);
            (residuals.max(0.0) * inflation).sqrt() / foreign / chance
        });
        let error = error.filter(|error| *error > SAME);
        Some(Estimate::normal(ratio / chance, error))
    }
}

/// The mean of `n` shares of neighbors, each of which is at most `most`.
fn mean_share(sum: f64, squares: f64, n: usize, most: f64) -> Estimate {
    let mean = Estimate::mean(sum, squares, n);
    Estimate::mean_share(mean.value, mean.standard_error, n, most)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::dataset::Labels;
    use crate::neighbors::Groups;

    fn labeled(labels: &[i64]) -> Labeled {
        Labeled::new(&Labels::from_integers(labels).unwrap())
    }

    #[test]
    fn sides_and_shares_by_hand() {
        // Classes of 3, 2 and 1; two neighbors each.
        let labeled = labeled(&[0, 0, 0, 1, 1, 2]);
        let ids = vec![1, 2, 0, 3, 3, 4, 4, 0, 3, 5, 3, 4];
        let distances = [1.0, 2.0].repeat(6);
        let groups = Groups::of_sorted((0..6).collect(), |_, _| false);
        let graph = Neighbors::of_lists(2, (ids, distances), groups, &vec![Vec::new(); 6]);
        let votes = Votes::count(&graph, 2, &labeled);
        // Sample 0: both of its own. 1: one of its own (1/2), one of class 1 (1/2): a tie.
        // 2: both of class 1.
        assert_eq!(votes.astray(0, 1), 1.5);
        // Sample 2 has no neighbor of its own and none of class 2: a tie.
        assert_eq!(votes.astray(0, 2), 0.5);
        // Sample 3: own 1/1, class 0 1/3. Sample 4: own 1/1, class 2 1/1: a tie.
        assert_eq!(votes.astray(1, 0), 0.0);
        assert_eq!(votes.astray(1, 2), 0.5);
        assert_eq!(votes.astray(2, 1), 1.0);
        assert_eq!(votes.astray(2, 0), 0.5);
        assert_eq!(votes.share(0, 1, &labeled).value, 0.5);
        // Foreign neighbors of class 0: 0, 1, 2, all of class 1, which is 2/3 of the others.
        let enrichment = votes.enrichment(0, 1, &labeled).unwrap();
        assert!((enrichment.value - 1.5).abs() < 1e-12);
        assert_eq!(enrichment.standard_error, None, "always all of them");
        assert_eq!(votes.enrichment(0, 2, &labeled).unwrap().value, 0.0);
    }

    #[test]
    fn hits_at_every_scale_that_the_graph_allows() {
        let labeled = labeled(&[0, 0, 0, 1, 1, 1]);
        let line = ndarray::array![[0.0_f32], [0.1], [0.3], [7.0], [7.1], [7.3]];
        let graph = Neighbors::exact(line.view(), 5, &crate::Execution::default()).unwrap();
        let hits = hits(&graph, &labeled);
        let scales: Vec<usize> = hits.iter().map(|h| h.k).collect();
        assert_eq!(scales, [1, 5]);
        assert_eq!(hits[0].classes[0].unwrap().value, 1.0);
        assert!((hits[1].classes[1].unwrap().value - 0.4).abs() < 1e-12);
        let soft = soft(&graph, &labeled, PERPLEXITY).unwrap();
        assert!(soft.loss.value < 0.01, "{:?}", soft.loss);
        assert!((soft.shares[0] + soft.shares[1] - 1.0).abs() < 1e-6);
    }
}
