//! Structures of planted data: grades along a line, classes without an order, and given pairs.

use ndarray::Array2;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::Execution;
use crate::dataset::Labels;
use crate::diagnosis::evidence::Evidence;
use crate::neighbors::Neighbors;
use crate::statistics::Labeled;
use crate::statistics::linear::LinearOverlaps;

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// The structure of unit Gaussians of `size` samples around these centers, labeled 0, 1, 2 ….
fn of_gaussians(random: &mut ChaCha8Rng, centers: &[Vec<f64>], size: usize) -> Structure {
    let (classes, d) = (centers.len(), centers[0].len());
    let features = Array2::from_shape_fn((classes * size, d), |(i, j)| {
        (centers[i / size][j] + normal(random)) as f32
    });
    let labels: Vec<i64> = (0..classes * size).map(|i| (i / size) as i64).collect();
    let labeled = Labeled::new(&Labels::from_integers(&labels).unwrap());
    let execution = Execution::default().threads(1);
    let graph = Neighbors::exact(features.view(), 10, &execution).unwrap();
    let mut evidence = Evidence::default();
    evidence.read_graph(&graph, &labeled, 10, &execution);
    let linear = LinearOverlaps::new(features.view(), &labeled, &execution).unwrap();
    evidence.read_linear(linear, &labeled);
    evidence.pairs(&labeled).unwrap().structure
}

#[test]
fn grades_along_a_line_are_in_order_and_between_their_neighbors() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for (gap, is_chain) in [(1.6, false), (2.7, true)] {
        let grade = |g: i32| vec![gap * f64::from(g), 0.0, 0.0, 0.0];
        let centers: Vec<Vec<f64>> = (0..6).map(grade).collect();
        let structure = of_gaussians(&mut random, &centers, 200);
        let order = structure.order.unwrap();
        assert!(order.followed && order.test.r > 0.9, "{:?}", order.test);
        let between: Vec<usize> = order.between.iter().map(|b| b.class).collect();
        assert_eq!(between, [1, 2, 3, 4]);
        assert_eq!(order.between[0].neighbors, (0, 2));
        let chain = Arrangement::Chain {
            classes: (0..6).collect(),
        };
        match structure.arrangement {
            Some(Arrangement::Most { .. }) => assert!(!is_chain),
            other => assert_eq!((is_chain, other), (true, Some(chain))),
        }
    }
}

#[test]
fn unordered_classes_are_not_called_ordered_in_more_than_5_of_100_data_sets() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for classes in [5, 7] {
        let called = (0..200).filter(|_| {
            let place = |_| (0..3).map(|_| 1.5 * normal(&mut random)).collect();
            let centers: Vec<Vec<f64>> = (0..classes).map(place).collect();
            let order = of_gaussians(&mut random, &centers, 24).order;
            order.is_some_and(|order| order.followed)
        });
        let called = called.count();
        println!("{called} of 200 with {classes} classes");
        assert!(called <= 10, "{called} of 200 with {classes} classes");
    }
}

/// The arrangement of the mixed pairs among so many classes.
fn arranged(classes: usize, mixed: &[(usize, usize)]) -> Option<Arrangement> {
    let members: Vec<usize> = (0..classes).collect();
    let pairs: Vec<Pair> = (0..classes)
        .flat_map(|a| (a + 1..classes).map(move |b| (a, b)))
        .map(|(a, b)| Pair {
            classes: (a, b),
            overlap: Estimate::share(f64::from(u8::from(mixed.contains(&(a, b)))), 10),
            mixed: mixed.contains(&(a, b)),
        })
        .collect();
    Structure::of(&members, &pairs, None).arrangement
}

#[test]
fn arrangements_are_recognized() {
    assert_eq!(arranged(8, &[(0, 1), (2, 3)]), None);
    assert_eq!(arranged(8, &[(0, 1), (2, 3), (4, 5)]), None);
    assert_eq!(
        arranged(8, &[(1, 4), (0, 4), (0, 3)]),
        Some(Arrangement::Chain {
            classes: vec![1, 4, 0, 3]
        })
    );
    let hub = Some(Arrangement::Hub {
        class: 2,
        partners: 4,
    });
    assert_eq!(arranged(5, &[(0, 2), (1, 2), (2, 3), (2, 4)]), hub);
    assert_eq!(arranged(5, &[(0, 2), (1, 2), (2, 3), (2, 4), (3, 4)]), hub);
    // A circle is no chain, and three of its six classes are no group.
    let circle = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)];
    assert_eq!(arranged(9, &circle), None);
    assert_eq!(
        arranged(7, &[(1, 2), (1, 3), (2, 3), (5, 6)]),
        Some(Arrangement::Groups {
            groups: vec![vec![1, 2, 3], vec![5, 6]]
        })
    );
    let all: Vec<(usize, usize)> = (0..5)
        .flat_map(|a| (a + 1..5).map(move |b| (a, b)))
        .collect();
    assert_eq!(
        arranged(5, &all[..9]),
        Some(Arrangement::Most {
            except: vec![(3, 4)]
        })
    );
    assert_eq!(
        arranged(5, &all),
        Some(Arrangement::Most { except: Vec::new() })
    );
}

#[test]
fn a_structure_is_read_back_from_json() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let centers: Vec<Vec<f64>> = (0..5).map(|g| vec![2.0 * f64::from(g), 0.0]).collect();
    let structure = of_gaussians(&mut random, &centers, 50);
    let text = serde_json::to_string(&structure).unwrap();
    assert!(text.contains("\"p_value\""));
    assert_eq!(serde_json::from_str::<Structure>(&text).unwrap(), structure);
}
