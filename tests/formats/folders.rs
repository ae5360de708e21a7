//! Archives of several parts of a data set: features get the labels of their own part. The files are
//! made by `scripts/make_formats_folders.py`.

use std::path::PathBuf;

use disentangle::Result;
use disentangle::dataset::{Dataset, ReadOptions, read};
use disentangle::study::{Study, StudyOptions};

use crate::common::fixture;

fn path(name: &str) -> PathBuf {
    fixture("formats/folders").join(name)
}

fn open(name: &str) -> Result<Dataset> {
    read(path(name), &ReadOptions::default())
}

/// The classes of a file's labels, or that it has none.
fn classes(name: &str) -> String {
    let data = open(name).unwrap();
    data.labels()
        .map_or_else(|| "none".into(), |l| l.names().join(" "))
}

#[test]
fn labels_come_from_the_folder_of_the_features() {
    for (name, expected) in [
        ("parts.h5:train/features", "0 1 2"),
        ("parts.h5:/test/features", "10 11 12"),
        ("parts.h5:val/features", "20 21 22"),
        ("parts.pt:train/x", "0 1 2"),
        ("parts.pt:test/x", "10 11 12"),
        ("folds.npz:fold0/X", "0 1 2"),
        ("folds.npz:fold2/X", "20 21 22"),
        // The labels above the folder.
        ("shared.h5:conv/x", "0 1 2"),
        ("shared.h5:dense/x", "0 1 2"),
        // There is only one array of features and one of labels.
        ("apart.h5", "0 1 2"),
        ("held_out.npz", "0 1 2"),
        // The folder with labels, but never those of another part.
        ("unlabeled.h5", "0 1 2"),
        ("unlabeled.h5:test/x", "none"),
        ("held_out.npz:X_test", "none"),
        ("split.npz:X_test", "none"),
    ] {
        assert_eq!(classes(name), expected, "{name}");
    }
}

#[test]
fn several_parts_are_asked_about() {
    let refused = [
        (
            "parts.h5",
            "test/features, train/features and val/features could each",
            ":test/features",
        ),
        (
            "parts.pt",
            "train/x, test/x and val/x could each",
            ":train/x",
        ),
        (
            "folds.npz",
            "fold0/X, fold1/X and fold2/X could each",
            ":fold0/X",
        ),
        ("shared.h5", "conv/x and dense/x could each", ":conv/x"),
        (
            "parts.pt:x",
            "several members could be meant: train/x, test/x, val/x",
            "FILE:NAME",
        ),
        (
            "split.npz",
            "could each be the features",
            "split.npz:X_train --labels ",
        ),
    ];
    for (name, problem, remedy) in refused {
        let message = open(name).unwrap_err().to_string();
        assert!(
            message.contains(problem) && message.contains(remedy),
            "{message}"
        );
    }
    let labels = ReadOptions {
        labels: Some(path("parts.h5")),
        ..ReadOptions::default()
    };
    let message = read(path("apart.h5"), &labels).unwrap_err().to_string();
    assert!(
        message.contains("several members could be meant"),
        "{message}"
    );
}

#[test]
fn labels_of_the_same_part_are_proposed() {
    let notes = |name: &str| open(name).unwrap().notes().join("\n");
    let file = path("split.npz").display().to_string();
    assert!(notes("split.npz:X_test").contains(&format!("`--labels {file}:y_test`")));
    assert!(
        notes("unlabeled.h5").contains("test/x is not used"),
        "{}",
        notes("unlabeled.h5")
    );
}

#[test]
fn parts_are_no_layers() {
    let options = StudyOptions::from_arguments(&[path("parts.h5").display().to_string()]);
    let message = Study::read(&options.unwrap()).unwrap_err().to_string();
    assert!(message.contains("could each be the features"), "{message}");
}
