//! What is said of planted data: Gaussian classes whose overlap is known.
//!
//! `DISENTANGLE_TRIALS` sets the number of data sets per arrangement.

use ndarray::Array2;
use rand_chacha::{ChaCha8Rng, rand_core::Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::Execution;
use crate::dataset::Labels;
use crate::diagnosis::Standing;
use crate::neighbors::Neighbors;
use crate::statistics::RidgeProbe;
use crate::statistics::linear::LinearOverlaps;
use crate::statistics::shuffle::shuffle;

/// Distance of two unit Gaussians whose densities share 10 %: 2 Φ(−δ/2) = 0.1.
const TENTH: f64 = 3.289_707;
/// Distance of classes that do not touch: they share 3·10⁻⁵.
const APART: f64 = 8.4;

fn trials(usual: u64) -> u64 {
    (std::env::var("DISENTANGLE_TRIALS").ok())
        .and_then(|t| t.parse().ok())
        .unwrap_or(usual)
}

/// Unit Gaussians of the given sizes at centers that lie `APART` along axes or a grid; class
/// 2i + 1 lies at a distance of `gap` from class 2i for the first `near` i.
fn planted(seed: u64, sizes: &[usize], d: usize, near: usize, gap: f64) -> (Array2<f32>, Vec<i64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let side = (1..=sizes.len())
        .find(|s| s.pow(d.min(8) as u32) >= sizes.len())
        .unwrap_or(1);
    let center = |class: usize| -> Vec<f64> {
        let mut rest = class;
        (0..d)
            .map(|j| {
                // Room for a neighbor at `gap` on every place of the grid.
                let place = if j < 8 { rest % side } else { 0 };
                rest /= side;
                place as f64 * (APART + TENTH)
            })
            .collect()
    };
    let total: usize = sizes.iter().sum();
    let mut features = Array2::<f32>::zeros((total, d));
    let mut labels = Vec::with_capacity(total);
    for (class, &size) in sizes.iter().enumerate() {
        let follows = class % 2 == 1 && class / 2 < near;
        let mut mean = center(if follows { class - 1 } else { class });
        if follows {
            // In a direction of its own, oblique where there is room.
            let axes = if d > 2 { 2 } else { 1 };
            (0..axes).for_each(|j| mean[(class + j) % d] += gap / (axes as f64).sqrt());
        }
        for _ in 0..size {
            let mut row = features.row_mut(labels.len());
            for (v, m) in row.iter_mut().zip(&mean) {
                let noise: f64 = StandardNormal.sample(&mut random);
                *v = (m + noise) as f32;
            }
            labels.push(class as i64);
        }
    }
    (features, labels)
}

fn evidence(features: &Array2<f32>, labels: &[i64], probe: bool) -> (Evidence, Labeled) {
    let labeled = Labeled::new(&Labels::from_integers(labels).unwrap());
    let graph = Neighbors::exact(features.view(), 10, &Execution::default().threads(1)).unwrap();
    let mut evidence = Evidence::default();
    evidence.read_graph(&graph, &labeled, 10, &Execution::default());
    let linear = LinearOverlaps::new(features.view(), &labeled, &Execution::default()).unwrap();
    evidence.read_linear(linear, &labeled);
    if probe {
        let execution = Execution::default().threads(1);
        let probe = RidgeProbe::new(features.view(), &labeled, &execution);
        evidence.read_probe(probe.unwrap());
    }
    (evidence, labeled)
}

fn mixed(features: &Array2<f32>, labels: &[i64]) -> Vec<(usize, usize)> {
    let (evidence, labeled) = evidence(features, labels, false);
    let pairs = evidence.pairs(&labeled).unwrap();
    let mut mixed: Vec<_> = (pairs.listed.iter().filter(|p| p.mixed))
        .map(|p| p.classes)
        .collect();
    mixed.sort_unstable();
    mixed
}

fn sizes(classes: usize, smallest: usize, ratio: usize) -> Vec<usize> {
    (0..classes)
        .map(|c| {
            if c % 3 == 1 {
                smallest * ratio
            } else {
                smallest
            }
        })
        .collect()
}

/// (classes, features, size of the small classes, ratio of the large to the small)
const ARRANGEMENTS: [(usize, usize, usize, usize); 7] = [
    (3, 2, 200, 1),
    (3, 2, 200, 20),
    (4, 10, 200, 5),
    (4, 100, 200, 1),
    (10, 2, 200, 2),
    (10, 50, 200, 3),
    (50, 3, 200, 1),
];

#[test]
fn pairs_that_share_a_tenth_are_named_and_no_others() {
    let (mut missed, mut planted_pairs, mut false_sets, mut sets) = (0, 0, 0, 0);
    for (classes, d, smallest, ratio) in ARRANGEMENTS {
        let sizes = sizes(classes, smallest, ratio);
        let near = (classes / 4).max(1);
        let (mut missed_here, mut false_here) = (0, 0);
        for seed in 0..trials(2) {
            let (features, labels) = planted(seed, &sizes, d, near, TENTH);
            let found = mixed(&features, &labels);
            let expected: Vec<_> = (0..near).map(|i| (2 * i, 2 * i + 1)).collect();
            missed_here += expected.iter().filter(|p| !found.contains(p)).count();
            planted_pairs += near;
            false_here += usize::from(found.iter().any(|p| !expected.contains(p)));
            sets += 1;
        }
        println!(
            "{classes} × {d}, {smallest}, 1:{ratio}: missed {missed_here}, false {false_here}"
        );
        missed += missed_here;
        false_sets += false_here;
    }
    println!("missed {missed} of {planted_pairs}, false in {false_sets} of {sets}");
    assert_eq!(missed, 0, "of {planted_pairs}");
    assert!(false_sets * 20 <= sets, "{false_sets} of {sets}");
}

#[test]
fn classes_without_overlap_are_hardly_ever_called_mixed() {
    let (mut named, mut sets) = (0, 0);
    for (classes, d, smallest, ratio) in ARRANGEMENTS {
        // Small classes, too: chance is largest there.
        for smallest in [smallest, 20] {
            let sizes = sizes(classes, smallest, ratio);
            let mut here = 0;
            for seed in 0..trials(2) {
                let (features, labels) = planted(1000 + seed, &sizes, d, 0, 0.0);
                here += usize::from(!mixed(&features, &labels).is_empty());
                sets += 1;
            }
            println!("{classes} × {d}, {smallest}, 1:{ratio}: {here}");
            named += here;
        }
    }
    println!("named in {named} of {sets}");
    assert!(named * 20 <= sets, "{named} of {sets}");
}

#[test]
fn random_labels_hardly_ever_bring_about_a_statement_of_separation() {
    let arrangements = [
        (3, 2, 200, 1),
        (3, 20, 60, 20),
        (10, 10, 30, 1),
        (5, 100, 40, 3),
        (50, 5, 12, 2),
        (20, 3, 5, 20),
    ];
    let (mut stated, mut sets) = (0, 0);
    for (classes, d, smallest, ratio) in arrangements {
        let sizes = sizes(classes, smallest, ratio);
        let mut here = 0;
        let rounds = trials(8);
        for seed in 0..rounds {
            let (features, mut labels) = planted(2000 + seed, &sizes, d, classes / 2, 2.0);
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            shuffle(&mut labels, |n| random.next_u64() % n);
            let (evidence, labeled) = evidence(&features, &labels, true);
            let separation = evidence.separation(&labeled, d);
            let any = separation.evidence.unwrap()
                || (separation.classes.iter())
                    .any(|c| c.standing.is_some_and(|s| s != Standing::NoEvidence));
            here += u64::from(any);
            sets += 1;
        }
        println!("{classes} × {d}, {smallest}, 1:{ratio}: {here} of {rounds}");
        stated += here;
    }
    println!("stated in {stated} of {sets}");
    assert!(stated * 20 <= sets, "{stated} of {sets}");
}

#[test]
fn shuffled_labels_leave_every_pair_mixed_and_true_ones_stand_apart() {
    let (features, labels) = planted(5, &[200, 200, 200], 4, 0, 0.0);
    let (apart, labeled) = evidence(&features, &labels, true);
    let separation = apart.separation(&labeled, 4);
    assert!(
        separation
            .classes
            .iter()
            .all(|c| c.standing == Some(Standing::StandsApart))
    );
    let dealt: Vec<i64> = (0..labels.len()).map(|i| (i % 3) as i64).collect();
    assert_eq!(mixed(&features, &dealt), [(0, 1), (0, 2), (1, 2)]);
}

#[test]
fn curved_classes_are_told_apart_by_their_neighbors() {
    // A disk within a ring: no line parts them, the neighbors do.
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut features = Array2::<f32>::zeros((600, 2));
    let mut labels = Vec::new();
    for (i, mut row) in features.outer_iter_mut().enumerate() {
        let angle = std::f64::consts::TAU * (i as f64 / 600.0) * 7.3;
        let noise: f64 = StandardNormal.sample(&mut random);
        let radius = if i % 2 == 0 {
            0.3 * noise
        } else {
            4.0 + 0.2 * noise
        };
        row[0] = (radius * angle.cos()) as f32;
        row[1] = (radius * angle.sin()) as f32;
        labels.push((i % 2) as i64);
    }
    let (evidence, labeled) = evidence(&features, &labels, true);
    let pairs = evidence.pairs(&labeled).unwrap();
    assert!(pairs.listed[0].linear_overlap.unwrap().value > 0.2);
    assert_eq!(pairs.mixed, 0);
    let separation = evidence.separation(&labeled, 2);
    assert_eq!(separation.classes[0].standing, Some(Standing::StandsApart));
}

#[test]
fn the_head_is_judged_against_the_features() {
    let (features, labels) = planted(9, &[300, 300, 300], 3, 1, 1.5);
    let (mut evidence, labeled) = evidence(&features, &labels, false);
    // It keeps 0 and 1 apart, which mix, and confuses 0 with 2, which do not.
    evidence.head = Some(vec![vec![270, 0, 30], vec![0, 300, 0], vec![0, 0, 300]]);
    let pairs = evidence.pairs(&labeled).unwrap();
    let verdict = |a, b| {
        pairs
            .listed
            .iter()
            .find(|p| p.classes == (a, b))
            .unwrap()
            .head
    };
    assert_eq!(verdict(0, 1), Some(HeadVerdict::SeparatesMixed));
    assert_eq!(verdict(0, 2), Some(HeadVerdict::WastesSeparation));
    assert_eq!(verdict(1, 2), Some(HeadVerdict::Agrees));
    evidence.head = Some(vec![vec![240, 60, 0], vec![60, 240, 0], vec![0, 0, 300]]);
    let pairs = evidence.pairs(&labeled).unwrap();
    assert_eq!(pairs.listed[0].head, Some(HeadVerdict::ConfusesMixed));
}

#[test]
fn classes_of_one_or_two_samples_are_never_called_mixed() {
    let (features, labels) = planted(4, &[1, 2, 60, 1], 3, 2, 0.5);
    let (evidence, labeled) = evidence(&features, &labels, true);
    let pairs = evidence.pairs(&labeled).unwrap();
    assert_eq!((pairs.total, pairs.mixed), (6, 0));
    let separation = evidence.separation(&labeled, 3);
    assert_eq!(separation.classes[0].standing, None);
    assert!(separation.classes[1].standing.is_some());
}

#[test]
fn a_thousand_classes_list_the_first_thousand_pairs() {
    let sizes = vec![3; 1000];
    let (features, labels) = planted(6, &sizes, 4, 0, 0.0);
    let (evidence, labeled) = evidence(&features, &labels, false);
    let pairs = evidence.pairs(&labeled).unwrap();
    assert_eq!(pairs.total, 499_500);
    assert_eq!(pairs.listed.len() + pairs.omitted, pairs.total);
    assert!(pairs.listed.len() >= 1000);
}
