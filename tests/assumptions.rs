//! Nothing is said of noise where an assumption fails, and the order of the rows decides nothing. The example
//! `assumptions` does the same with more data sets.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "common/noise.rs"]
mod noise;

use disentangle::diagnosis::Topic;
use disentangle::ndarray::Array2;
use noise::{
    IMBALANCE, TIES, called_wrong, diagnose, largest_difference, other_sentences, shuffled,
    states_separation,
};

const DATA_SETS: u64 = 6;

#[test]
fn samples_at_equal_distance_separate_nothing_in_any_order() {
    let mut stated = 0;
    for kind in &TIES {
        for seed in 0..DATA_SETS {
            let (features, labels) = kind.draw(seed);
            let (mixed, mixed_labels) = shuffled(&features, &labels, seed);
            let sorted = diagnose(features, &labels).unwrap().unwrap();
            let mixed = diagnose(mixed, &mixed_labels).unwrap().unwrap();
            let difference = largest_difference(&sorted, &mixed);
            assert!(difference < 1e-9, "{}, {seed}: {difference}", kind.name);
            let other = other_sentences(&sorted, &mixed);
            assert!(other.is_empty(), "{}, {seed}: {other:?}", kind.name);
            stated += usize::from(states_separation(&sorted));
        }
    }
    // At the rates in docs/statistics.md 1.2 of 66 are expected, more than 4 once in 100.
    assert!(stated <= 4, "{stated} of 66");
}

#[test]
fn rare_classes_of_noise_are_not_called_wrong() {
    for kind in &IMBALANCE {
        let called = (0..DATA_SETS).filter(|&seed| {
            let (features, labels) = kind.draw(seed);
            let found = diagnose(features, &labels).unwrap().unwrap();
            let suspects = found.suspects.as_ref().unwrap();
            assert!(
                !suspects.reliable,
                "{}, {seed}: {}",
                kind.name, suspects.recovery
            );
            called_wrong(&found) > 0
        });
        assert_eq!(called.count(), 0, "{}", kind.name);
    }
}

#[test]
fn identical_samples_are_called_that_and_nothing_else() {
    let labels: Vec<i64> = (0..60).map(|i| i / 20).collect();
    let found = diagnose(Array2::from_elem((60, 4), 2.5), &labels)
        .unwrap()
        .unwrap();
    let statements = &found.reading.as_ref().unwrap().statements;
    let texts: Vec<&str> = statements.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(texts, ["All samples are identical."]);
    assert_eq!(statements[0].topic, Topic::Caution);
    assert_eq!(called_wrong(&found), 0);
    // Every neighbor is as near as any: what chance gives.
    for class in &found.classes {
        let hit = class.neighborhood_hit.in_features().unwrap();
        assert!((hit - class.neighborhood_hit_chance).abs() < 1e-12);
    }
}
