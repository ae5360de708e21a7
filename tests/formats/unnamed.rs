//! Arrays whose names do not say what they are, labels within an array, and older files of AnnData. The files
//! are made by `scripts/make_formats_folders.py`.

use std::path::PathBuf;

use disentangle::Result;
use disentangle::dataset::{Dataset, ReadOptions, inspect, read};
use disentangle::ndarray::s;
use disentangle::study::{Study, StudyOptions};

use crate::common::fixture;

fn path(name: &str) -> PathBuf {
    fixture("formats/folders").join(name)
}

fn open(name: &str) -> Result<Dataset> {
    read(path(name), &ReadOptions::default())
}

fn with_label(name: &str, column: &str) -> Result<Dataset> {
    let options = ReadOptions {
        label_column: Some(column.into()),
        ..ReadOptions::default()
    };
    read(path(name), &options)
}

fn classes(data: &Dataset) -> String {
    data.labels()
        .map_or_else(|| "none".into(), |l| l.names().join(" "))
}

fn notes(data: &Dataset) -> String {
    data.notes().join("\n")
}

#[test]
fn lists_that_can_only_be_labels_are_taken_and_said() {
    for (name, expected, note) in [
        ("positional.npz", "0 1 2", "labels: arr_1, a list"),
        ("lists.h5", "ash elm fir", "labels: species, a list"),
    ] {
        let data = open(name).unwrap();
        assert_eq!(classes(&data), expected, "{name}");
        assert!(notes(&data).contains(note), "{}", notes(&data));
        assert_eq!(data.dimensions(), 3);
        // The same as a file of labels.
        let options = ReadOptions {
            labels: Some(path(name)),
            ..ReadOptions::default()
        };
        let other = read(path("held_out.npz:X"), &options).unwrap();
        assert_eq!(classes(&other), expected, "{name}");
    }
    assert_eq!(open("lists.h5").unwrap().ids().unwrap()[3], "3.png");
    // Numbers that do not repeat are no classes.
    assert_eq!(classes(&open("numbered.npz").unwrap()), "none");
}

#[test]
fn lists_that_may_be_labels_are_named() {
    let data = open("unclear.h5").unwrap();
    assert_eq!(classes(&data), "none");
    let said = notes(&data);
    assert!(
        said.contains("camera, identity have one row per sample")
            && said.contains("unclear.h5:camera`"),
        "{said}"
    );
    let data = with_label("unclear.h5", "identity").unwrap();
    assert_eq!(classes(&data), "0 1 2");
    for (wrong, said) in [
        ("person", "unclear.h5 has no such array; the archive holds "),
        ("identityx", "has no such array; did you mean identity?"),
    ] {
        let error = with_label("unclear.h5", wrong).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn as_many_names_as_classes_are_class_names() {
    let data = open("names.npz").unwrap();
    assert_eq!(classes(&data), "ash elm fir");
    assert!(data.ids().is_none());
    assert!(
        notes(&data).contains("class names: names"),
        "{}",
        notes(&data)
    );
    let options = ReadOptions {
        class_names: Some(path("names.npz:names")),
        ..ReadOptions::default()
    };
    let data = read(path("held_out.npz:X"), &options).unwrap();
    assert_eq!(classes(&data), "ash elm fir");
}

#[test]
fn a_label_within_an_array_is_said_and_can_be_named() {
    let data = open("label_last.npy").unwrap();
    assert_eq!((data.dimensions(), classes(&data).as_str()), (4, "none"));
    assert!(
        notes(&data).contains("use `--label-column 4`"),
        "{}",
        notes(&data)
    );
    let labeled = with_label("label_last.npy", "4").unwrap();
    assert_eq!(
        (labeled.dimensions(), classes(&labeled).as_str()),
        (3, "0 1 2")
    );
    assert_eq!(labeled.features(), data.features().slice(s![.., ..3]));
    for column in ["0", "5", "kind"] {
        let message = with_label("label_last.npy", column)
            .unwrap_err()
            .to_string();
        assert!(message.contains("numbered from 1 to 4"), "{message}");
    }
}

#[test]
fn weights_of_a_model_are_no_samples_unless_they_are_named() {
    let message = open("weights.pt").unwrap_err().to_string();
    assert!(
        message.contains("the weights of a model (model/fc.weight, model/fc.bias)")
            && message.contains("weights.pt:model/fc.weight"),
        "{message}"
    );
    assert_eq!(open("weights.pt:model/fc.weight").unwrap().samples(), 12);
    let study = StudyOptions::from_arguments(&[format!("A={}", path("weights.pt").display())]);
    let message = Study::read(&study.unwrap()).unwrap_err().to_string();
    assert!(message.contains("the weights of a model"), "{message}");
}

#[test]
fn records_of_older_files_of_anndata_are_columns() {
    let data = open("records.h5ad").unwrap();
    assert_eq!(data.features(), open("held_out.npz:X").unwrap().features());
    let said = notes(&data);
    assert!(
        said.contains("there is also obsm/X_pca (float32 12 × 4)"),
        "{said}"
    );
    let options = ReadOptions {
        labels: Some(path("records.h5ad:obs/state")),
        ids: Some(path("records.h5ad:obs/_index")),
        ..ReadOptions::default()
    };
    let data = read(path("records.h5ad:obsm/X_pca"), &options).unwrap();
    assert_eq!(classes(&data), "ash elm fir");
    assert_eq!(data.ids().unwrap()[11], "c11");
    let x = open("held_out.npz:X").unwrap();
    assert_eq!(data.features().slice(s![.., ..3]), x.features());
    let shown = inspect(&path("records.h5ad"), &ReadOptions::default()).unwrap();
    for (name, what) in [
        ("obs/_index", "text × 12"),
        ("obs/state", "text × 12"),
        ("obs/depth", "float32 × 12"),
        ("obs/dead", "bool × 12"),
        ("obsm/X_umap", "float64 12 × 2"),
    ] {
        let found = shown.members.iter().find(|m| m.0 == name);
        assert!(
            found.is_some_and(|m| m.1.starts_with(what)),
            "{name}: {found:?}"
        );
    }
}
