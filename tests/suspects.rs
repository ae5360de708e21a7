//! Suspects on real data with planted errors.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test stops at the first surprise; equal samples have distance 0"
)]

mod common;

use std::path::Path;

use disentangle::dataset::{Dataset, Labels, ReadOptions, UNLABELED, read};
use disentangle::decisions::{Choice, Decision, Decisions};
use disentangle::diagnosis::{SuspectOptions, Suspects, Verdict};
use disentangle::ndarray::{Array2, ArrayView2};
use disentangle::{Error, Execution};
use proptest::prelude::*;

fn load(folder: &Path, features: &str, labels: &str, probabilities: Option<&str>) -> Dataset {
    let options = ReadOptions {
        labels: Some(folder.join(labels)),
        probabilities: probabilities.map(|p| folder.join(p)),
        ..ReadOptions::default()
    };
    read(folder.join(features), &options).unwrap()
}

/// A deterministic sequence of numbers below a limit.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
    move |limit| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    }
}

/// The same data with 5% of its labels exchanged, and whether each was: for any other class, or for
/// the class that is given for each class.
fn plant(data: &Dataset, seed: u64, hard: Option<&[u16]>) -> (Dataset, Vec<bool>) {
    let labels = data.labels().unwrap();
    let mut indices = labels.indices().to_vec();
    let (n, classes) = (indices.len(), labels.classes());
    let mut next = numbers(seed);
    let mut planted = vec![false; n];
    let mut left = (n as f64 * 0.05).round() as usize;
    while left > 0 {
        let i = next(n);
        if planted[i] {
            continue;
        }
        planted[i] = true;
        left -= 1;
        let label = usize::from(indices[i]);
        indices[i] = match hard {
            Some(confused) => confused[label],
            None => ((label + 1 + next(classes - 1)) % classes) as u16,
        };
    }
    let wrong = Labels::new(labels.names().to_vec(), indices).unwrap();
    (data.clone().with_labels(wrong).unwrap(), planted)
}

/// Average precision of an order of suspicion (rows, the worst first).
fn average_precision(order: &[usize], planted: &[bool]) -> f64 {
    let (mut found, mut sum) = (0.0, 0.0);
    for (rank, &row) in order.iter().enumerate() {
        if planted[row] {
            found += 1.0;
            sum += found / (rank as f64 + 1.0);
        }
    }
    sum / found
}

/// The class that each class is most often taken for by a model.
fn confused(data: &Dataset, probabilities: ArrayView2<'_, f32>) -> Vec<u16> {
    let labels = data.labels().unwrap();
    let classes = labels.classes();
    let mut counts = vec![vec![0; classes]; classes];
    for i in 0..data.samples() {
        let row = probabilities.row(i);
        let best = (0..classes).fold(0, |b, c| if row[c] > row[b] { c } else { b });
        counts[labels.class(i).unwrap()][best] += 1;
    }
    let other = |a: usize| {
        let others = (0..classes).filter(|&b| b != a);
        others.max_by_key(|&b| (counts[a][b], std::cmp::Reverse(b)))
    };
    (0..classes).map(|a| other(a).unwrap() as u16).collect()
}

fn find(data: &Dataset) -> Suspects {
    let found = Suspects::of(
        data,
        &[],
        &SuspectOptions::default(),
        &Execution::default().threads(2),
    );
    found.unwrap().unwrap()
}

/// Average precision, and the share of planted errors among those called likely.
fn score(suspects: &Suspects, planted: &[bool]) -> (f64, f64) {
    let order: Vec<usize> = suspects.entries.iter().map(|s| s.row).collect();
    let likely = suspects.entries.iter();
    let likely: Vec<usize> = likely
        .filter(|s| s.verdict == Verdict::ProbablyMislabeled)
        .map(|s| s.row)
        .collect();
    let right = likely.iter().filter(|&&row| planted[row]).count();
    (
        average_precision(&order, planted),
        right as f64 / likely.len().max(1) as f64,
    )
}

/// Gaussian classes side by side, `gap` deviations apart.
fn gaussians(counts: &[usize], dimensions: usize, gap: f64, seed: u64) -> Dataset {
    let mut next = numbers(seed);
    let mut normal = || {
        let twelve: f64 = (0..12)
            .map(|_| next(1 << 20) as f64 / f64::from(1 << 20))
            .sum();
        twelve - 6.0
    };
    let labels: Vec<i64> = counts
        .iter()
        .enumerate()
        .flat_map(|(class, &count)| std::iter::repeat_n(class as i64, count))
        .collect();
    let features = Array2::from_shape_fn((labels.len(), dimensions), |(i, j)| {
        let own = j == labels[i] as usize % dimensions;
        (normal() + if own { gap } else { 0.0 }) as f32
    });
    let data = Dataset::new(features).unwrap();
    data.with_labels(Labels::from_integers(&labels).unwrap())
        .unwrap()
}

#[test]
fn planted_errors_among_the_digits_come_first() {
    let data = Dataset::load(common::fixture("digits_cnn.npz")).unwrap();
    let (noisy, planted) = plant(&data, 1, None);
    let suspects = find(&noisy);
    let (precision, likely) = score(&suspects, &planted);
    assert!(precision > 0.95, "average precision {precision}");
    assert!(likely > 0.8, "{likely} of the likely ones are planted");
    assert!(suspects.reliable && suspects.recovery > 0.9);
    let estimated = suspects.mislabeled_precision.unwrap();
    assert!(
        (estimated.value - likely).abs() < 0.15,
        "{estimated:?} for {likely}"
    );
    // The suggestion is the original label.
    let truth = data.labels().unwrap();
    let right = suspects.entries.iter().filter(|s| planted[s.row]);
    let right = right.filter(|s| s.suggested == truth.names()[truth.class(s.row).unwrap()]);
    assert!(right.count() as f64 > 0.9 * planted.iter().filter(|&&p| p).count() as f64);
    // Without planted errors, hardly any label is called wrong.
    let clean = find(&data);
    assert!(
        clean.verdicts.probably_mislabeled <= 5,
        "{:?}",
        clean.verdicts
    );
}

/// Against known answers on larger data: see docs/statistics.md for the table over five seeds.
#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn blood_cells_with_planted_errors(folder: &Path) {
    let features = "blood5/A_L4_penultimate.npy";
    let labels = "blood5/labels.npy";
    let with_model = load(folder, features, labels, Some("blood5/probabilities_A.npy"));
    let without = load(folder, features, labels, None);
    let hard = confused(&with_model, with_model.probabilities().unwrap());
    for (data, kind, least) in [
        (&without, None, 0.95),
        (&without, Some(&hard[..]), 0.92),
        (&with_model, None, 0.96),
        (&with_model, Some(&hard[..]), 0.935),
    ] {
        let mut mean = (0.0, 0.0);
        for seed in 0..3 {
            let (noisy, planted) = plant(data, seed, kind);
            let (precision, likely) = score(&find(&noisy), &planted);
            mean = (mean.0 + precision / 3.0, mean.1 + likely / 3.0);
        }
        assert!(mean.0 >= least, "average precision {} < {least}", mean.0);
        assert!(mean.1 >= 0.8, "{} of the likely ones are planted", mean.1);
    }
}

#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn where_wrong_labels_cannot_be_found_it_says_so(folder: &Path) {
    let features = "retina5/A_L4_penultimate.npy";
    let data = load(folder, features, "retina5/labels.npy", None);
    let mut errors = 0.0;
    for seed in 0..5 {
        let (noisy, planted) = plant(&data, seed, None);
        let suspects = find(&noisy);
        assert!(!suspects.reliable);
        assert_eq!(suspects.verdicts.probably_mislabeled, 0);
        assert!(suspects.reliability().contains("cannot be found reliably"));
        assert!(suspects.expected_precision.is_empty() == (suspects.reliable_classes == 0));
        let first = &suspects.entries[..20];
        let expected: f64 = (first.iter())
            .map(|s| f64::from(suspects.probabilities[s.row]))
            .sum();
        let found = first.iter().filter(|s| planted[s.row]);
        errors += (expected - found.count() as f64) / 20.0;
    }
    assert!((errors / 5.0).abs() < 0.15, "off by {}", errors / 5.0);
}

#[test]
fn shuffled_labels_are_not_called_wrong() {
    for seed in 0..5 {
        let data = gaussians(&[80, 80, 80], 6, 3.0, seed);
        let mut indices = data.labels().unwrap().indices().to_vec();
        let mut next = numbers(seed + 100);
        for i in (1..indices.len()).rev() {
            indices.swap(i, next(i + 1));
        }
        let names = data.labels().unwrap().names().to_vec();
        let shuffled = data
            .with_labels(Labels::new(names, indices).unwrap())
            .unwrap();
        let suspects = find(&shuffled);
        assert!(!suspects.reliable, "recovery {}", suspects.recovery);
        assert_eq!(suspects.verdicts.probably_mislabeled, 0);
        // Nothing is expected of a list that cannot be trusted.
        assert_eq!(suspects.reliable_classes, 0);
        assert!(suspects.expected_precision.is_empty());
    }
}

#[test]
fn the_same_on_any_number_of_threads() {
    let (data, _) = plant(&gaussians(&[120, 90, 60], 8, 3.5, 3), 2, None);
    let of = |threads| {
        Suspects::of(
            &data,
            &[],
            &SuspectOptions::default(),
            &Execution::default().threads(threads),
        )
    };
    let one = of(1).unwrap().unwrap();
    assert_eq!(one, of(2).unwrap().unwrap());
    assert_eq!(one, of(4).unwrap().unwrap());
}

#[test]
fn small_classes_are_named_and_not_ranked() {
    let suspects = find(&gaussians(&[60, 60, 2, 1], 6, 6.0, 5));
    assert_eq!(suspects.too_small, ["2", "3"]);
    assert_eq!(suspects.ranked, 120);
    assert!(suspects.entries.iter().all(|s| s.class < 2));
    assert!(suspects.probabilities[120..].iter().all(|&p| p == 0.0));
}

/// Two large classes far apart, and a rare one whose samples lie among theirs.
#[test]
fn a_class_that_cannot_be_judged_silences_no_other() {
    let data = gaussians(&[150, 150, 8], 6, 6.0, 11);
    let mut features = data.features().to_owned();
    for i in 300..308 {
        let like = features.row(i * 37 % 300).to_owned();
        features.row_mut(i).assign(&(like + i as f32 * 1e-3));
    }
    let mut indices = data.labels().unwrap().indices().to_vec();
    for i in [3, 40, 77, 110, 160, 201, 260] {
        indices[i] = 1 - indices[i];
    }
    let names = data.labels().unwrap().names().to_vec();
    let labels = Labels::new(names, indices).unwrap();
    let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
    let suspects = find(&data);
    assert!(!suspects.reliable);
    assert_eq!(suspects.reliable_classes, 2);
    assert_eq!(suspects.unreliable_classes, ["2"]);
    let called = suspects.entries.iter();
    let called = called.filter(|s| s.verdict == Verdict::ProbablyMislabeled);
    let mut called: Vec<usize> = called.map(|s| s.row).collect();
    called.sort_unstable();
    assert_eq!(called, [3, 40, 77, 110, 160, 201, 260]);
    let text = suspects.reliability();
    assert!(text.contains("7 samples are probably mislabeled"), "{text}");
    assert!(
        text.ends_with("Wrong labels cannot be found reliably in class \"2\"."),
        "{text}"
    );
}

#[test]
fn without_two_classes_there_are_no_suspects() {
    let options = SuspectOptions::default();
    for counts in [&[50][..], &[50, 2], &[2, 2]] {
        let data = gaussians(counts, 4, 5.0, 1);
        assert!(
            Suspects::of(&data, &[], &options, &Execution::default().threads(1))
                .unwrap()
                .is_none()
        );
    }
    let unlabeled = Dataset::new(Array2::zeros((20, 3))).unwrap();
    assert!(
        Suspects::of(&unlabeled, &[], &options, &Execution::default().threads(1))
            .unwrap()
            .is_none()
    );
}

#[test]
fn samples_without_a_label_are_left_out() {
    let data = gaussians(&[60, 60], 4, 6.0, 2);
    let names = data.labels().unwrap().names().to_vec();
    let mut indices = data.labels().unwrap().indices().to_vec();
    for i in (0..120).step_by(3) {
        indices[i] = UNLABELED;
    }
    indices[70] = 0;
    let partly = data
        .with_labels(Labels::new(names, indices).unwrap())
        .unwrap();
    let suspects = find(&partly);
    assert_eq!(suspects.ranked, 80);
    assert_eq!(suspects.entries[0].row, 70);
    assert!(suspects.entries.iter().all(|s| s.row % 3 != 0));
    let neighbors = suspects.entries.iter().flat_map(|s| &s.neighbors);
    assert!(neighbors.map(|n| n.row).all(|row| row % 3 != 0));
}

#[test]
fn more_features_than_samples_and_many_classes() {
    let wide = gaussians(&[20, 20], 600, 12.0, 4);
    assert_eq!(find(&wide).ranked, 40);
    let many = find(&gaussians(&[3; 1000], 12, 3.0, 6));
    assert_eq!(many.ranked, 3000);
    assert!(many.entries.len() >= 500);
}

#[test]
fn identical_samples_with_different_labels_are_near_duplicates() {
    let data = gaussians(&[40, 40], 3, 5.0, 7);
    let mut features = data.features().to_owned();
    let copy = features.row(3).to_owned();
    features.row_mut(50).assign(&copy);
    let data = Dataset::new(features)
        .unwrap()
        .with_labels(data.labels().unwrap().clone())
        .unwrap();
    let suspects = find(&data);
    assert_eq!(suspects.conflicting_duplicates, 1);
    let doubtful = suspects.entries.iter().find(|s| s.row == 50).unwrap();
    assert_eq!(doubtful.rank, 1);
    assert_eq!(doubtful.conflicting_duplicates, [3]);
    assert_eq!(doubtful.neighbors[0].distance, 0.0);
}

#[test]
fn a_model_that_is_wrong_alone_has_a_bad_head() {
    let data = gaussians(&[50, 50], 4, 8.0, 8);
    let mut probabilities = Array2::from_elem((100, 2), 0.02_f32);
    for i in 0..100 {
        probabilities[(i, i / 50)] = 0.98;
    }
    probabilities[(10, 0)] = 0.1;
    probabilities[(10, 1)] = 0.9;
    let options = SuspectOptions::default();
    let models = [("A", probabilities.view())];
    let found = Suspects::of(&data, &models, &options, &Execution::default().threads(1))
        .unwrap()
        .unwrap();
    let sample = found.entries.iter().find(|s| s.row == 10).unwrap();
    assert_eq!(sample.verdict, Verdict::HeadError);
    assert_eq!(sample.scores.models[0].predicted.as_deref(), Some("1"));
    assert_eq!(found.verdicts.head_error, 1);

    let short = Array2::from_elem((99, 2), 0.5_f32);
    let error = Suspects::of(
        &data,
        &[("B", short.view())],
        &options,
        &Execution::default().threads(1),
    );
    assert!(matches!(error, Err(Error::Mismatch { .. })));
    let wide = Array2::from_elem((100, 3), 0.3_f32);
    let error = Suspects::of(
        &data,
        &[("B", wide.view())],
        &options,
        &Execution::default().threads(1),
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("3 columns for 2 classes")
    );
}

#[test]
fn a_sample_far_from_everything_is_an_outlier() {
    let data = gaussians(&[60, 60], 4, 8.0, 9);
    let mut features = data.features().to_owned();
    features.row_mut(5).mapv_inplace(|v| v * 30.0);
    let data = Dataset::new(features)
        .unwrap()
        .with_labels(data.labels().unwrap().clone())
        .unwrap();
    let suspects = find(&data);
    let far = suspects.entries.iter().find(|s| s.row == 5).unwrap();
    assert!(far.distance_ratio > 5.0);
    assert_eq!(suspects.verdicts.outlier, 1, "{:?}", suspects.verdicts);
}

#[test]
fn relabels_take_the_suspicion_away() {
    let data = gaussians(&[60, 60], 4, 6.0, 10);
    let (noisy, planted) = plant(&data, 3, None);
    let mut decisions = Decisions::default();
    for s in find(&noisy).entries.iter().filter(|s| planted[s.row]) {
        let class = u16::from(s.suggested == "1");
        let choice = Choice::Relabel(class);
        decisions.set(
            s.row,
            Some(Decision {
                choice,
                note: String::new(),
            }),
        );
    }
    assert_eq!(decisions.relabeled(&noisy), 6);
    let corrected = decisions.apply(&noisy).unwrap();
    assert_eq!(corrected.labels(), data.labels());
    assert_eq!(find(&corrected).verdicts.probably_mislabeled, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever the labels and features, ranks and probabilities are in order.
    #[test]
    fn ranks_and_probabilities_descend(
        counts in prop::collection::vec(0_usize..30, 1..6),
        dimensions in 1_usize..5,
        seed in 0_u64..1000,
        scale in prop::sample::select(vec![0.0_f32, 1e-20, 1.0, 1e15]),
    ) {
        prop_assume!(counts.iter().sum::<usize>() > 0);
        let data = gaussians(&counts, dimensions, 2.0, seed);
        let features = data.features().mapv(|v| v * scale);
        let data = Dataset::new(features).unwrap().with_labels(data.labels().unwrap().clone()).unwrap();
        let found = Suspects::of(&data, &[], &SuspectOptions::default(), &Execution::default().threads(1)).unwrap();
        if let Some(found) = found {
            let entries = &found.entries;
            prop_assert!(entries.windows(2).all(|w| w[0].rank < w[1].rank));
            prop_assert!(entries.windows(2).all(|w| w[0].support <= w[1].support));
            // Classes of other sizes are calibrated by themselves.
            for class in 0..counts.len() {
                let of_class: Vec<f64> = found.of_class(class).map(|s| s.probability).collect();
                prop_assert!(of_class.windows(2).all(|w| w[0] >= w[1] - 1e-12));
            }
            prop_assert!(entries.iter().all(|s| (0.0..=1.0).contains(&s.probability)));
            prop_assert!(entries.iter().all(|s| s.scores.linear_probe.is_finite()));
            prop_assert!((0.0..=1.0).contains(&found.recovery));
            let rate = found.error_rate;
            prop_assert!(rate.low <= Some(rate.value) && Some(rate.value) <= rate.high);
        }
    }
}
