//! What is said of files as people save them, and what must not be: of noise with rows of zeros, of rare
//! classes, of classes smaller than k, of long names.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use assert_cmd::Command;
use disentangle::dataset::{Dataset, ReadOptions, read};
use disentangle::diagnosis::{Diagnosis, Standing};

#[path = "../common/noise.rs"]
mod noise;

use noise::{diagnose, largest_difference, other_sentences, shuffled, states_separation};

fn data(folder: &Path, name: &str, labels: Option<&str>) -> Dataset {
    let folder = folder.join("field");
    let options = ReadOptions {
        labels: labels.map(|labels| folder.join(labels)),
        ..ReadOptions::default()
    };
    read(folder.join(name), &options).unwrap()
}

/// The diagnoses of the rows as they are, and in another order.
fn in_two_orders(data: &Dataset) -> [Diagnosis; 2] {
    let features = data.features().to_owned();
    let labels = data.labels().unwrap().indices();
    let labels: Vec<i64> = labels.iter().map(|&class| i64::from(class)).collect();
    let (mixed, mixed_labels) = shuffled(&features, &labels, 3);
    let diagnosed = [(features, labels), (mixed, mixed_labels)];
    diagnosed.map(|(features, labels)| diagnose(features, &labels).unwrap().unwrap())
}

pub(crate) fn the_order_of_rows_decides_nothing(folder: &Path) {
    for (name, labels, is_noise) in [
        ("zero8_noise.npy", "noise_y.npy", true),
        ("deadrelu.npy", "base_y.npy", false),
    ] {
        let [sorted, mixed] = in_two_orders(&data(folder, name, Some(labels)));
        assert_eq!(states_separation(&sorted), !is_noise, "{name}");
        assert!(largest_difference(&sorted, &mixed) < 1e-9, "{name}");
        let other = other_sentences(&sorted, &mixed);
        assert!(other.is_empty(), "{name}: {other:?}");
    }
}

pub(crate) fn rare_classes_of_noise_are_not_called_wrong(folder: &Path) {
    let [found, _] = in_two_orders(&data(folder, "imbalanced_noise.npz", None));
    let suspects = found.suspects.as_ref().unwrap();
    assert_eq!(suspects.verdicts.probably_mislabeled, 0);
    assert!(!suspects.reliable && !states_separation(&found));
}

pub(crate) fn classes_smaller_than_k_stand_apart(folder: &Path) {
    let [found, _] = in_two_orders(&data(folder, "few_20x6.npz", None));
    let classes = found.separation.unwrap().classes;
    assert_eq!(classes.len(), 20);
    for class in classes {
        assert_eq!(class.standing, Some(Standing::StandsApart), "{class:?}");
    }
}

pub(crate) fn long_names_are_told_apart(folder: &Path) {
    let data = data(folder, "longnames.npz", None);
    let said = |option: &[&str]| {
        let mut command = Command::cargo_bin("disentangle").unwrap();
        let path = folder.join("field/longnames.npz");
        let output = command.arg("diagnose").arg(path).args(option).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let (json, text) = (said(&["--json"]), said(&[]));
    for name in data.labels().unwrap().names() {
        assert!(json.contains(&format!("\"label\": \"{name}\"")), "{name}");
    }
    let rows = text.lines().skip_while(|line| !line.starts_with("class "));
    let names = rows
        .skip(1)
        .take(4)
        .map(|row| row.split_once("  ").unwrap().0);
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "{text}");
}
