//! Studies: several feature sets of the same samples, from arguments, archives and study files.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::fixture;
use disentangle::Error;
use disentangle::dataset::{Dataset, Labels, UNLABELED};
use disentangle::ndarray::{Array2, array};
use disentangle::study::{Layer, SetId, Study, StudyOptions};

fn set(model: usize, layer: usize) -> SetId {
    SetId { model, layer }
}

fn named(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

fn read(arguments: &[String]) -> Result<Study, Error> {
    Study::read(&StudyOptions::from_arguments(arguments)?)
}

/// The words of an error, which must be one of bad input.
fn complaint<T>(result: Result<T, Error>) -> String {
    let error = result.err().unwrap();
    assert!(
        matches!(
            error,
            Error::Input { .. } | Error::Mismatch { .. } | Error::Option { .. }
        ),
        "{error}"
    );
    error.to_string()
}

fn write_npy(path: &Path, values: &Array2<f32>) {
    disentangle::export::write_file(path, &npy(values)).unwrap();
}

fn npy(values: &Array2<f32>) -> Vec<u8> {
    let (n, d) = values.dim();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}");
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for value in values {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

#[test]
fn archives_bring_labels_ids_and_outputs_of_their_models() {
    let study = read(&[
        named("CNN", &fixture("digits_cnn.npz")),
        named("MLP", &fixture("digits_mlp.npz")),
    ])
    .unwrap();
    assert_eq!(study.samples(), 899);
    assert_eq!(study.labels().unwrap().names()[0], "zero");
    assert_eq!(study.ids().unwrap().len(), 899);
    let accuracy = |model: usize| {
        let labels = study.labels().unwrap().indices();
        let predictions = study.models()[model].predictions().unwrap();
        let right = labels.iter().zip(predictions).filter(|(l, p)| l == p);
        right.count() as f64 / 899.0
    };
    assert!((accuracy(0) - 0.9755).abs() < 1e-4);
    assert!((accuracy(1) - 0.8977).abs() < 1e-4);
    let data = study.dataset(set(1, 0)).unwrap();
    assert_eq!(data.name(), "MLP");
    assert_eq!(data.probabilities().unwrap().dim(), (899, 10));
    // Held in memory: the same set again.
    assert!(Arc::ptr_eq(&data, &study.dataset(set(1, 0)).unwrap()));
}

#[test]
fn a_study_file_names_models_and_layers() {
    let study = read(&[fixture("digits.toml").display().to_string()]).unwrap();
    assert_eq!(study.name(), "digits");
    let names: Vec<String> = study.sets().map(|id| study.set_name(id)).collect();
    let layers = [
        "CNN/conv1",
        "CNN/conv2",
        "CNN/penultimate",
        "CNN/logits",
        "MLP",
    ];
    assert_eq!(names, layers);
    assert_eq!(study.first(), set(0, 2));
    assert_eq!(study.models()[0].layers()[0].dimensions(), 128);
    // The labels of the archive with names for all.
    let data = study.dataset(study.first()).unwrap();
    assert_eq!(data.labels(), study.labels());
    assert_eq!(data.predictions(), study.models()[0].predictions());
    assert!(study.models()[0].probabilities().is_some());
    assert_eq!(
        study.find("CNN"),
        Some(set(0, 2)),
        "logits are as wide as there are classes"
    );
    assert_eq!(study.find("MLP"), Some(set(1, 0)));
    assert_eq!(study.find("other"), None);
}

#[test]
fn an_archive_of_layers_is_one_model() {
    let study = read(&[named("CNN", &fixture("digits_cnn_layers.npz"))]).unwrap();
    let names: Vec<&str> = study.models()[0].layers().iter().map(Layer::name).collect();
    assert_eq!(names, ["conv1", "conv2", "penultimate", "logits"]);
    assert!(study.labels().is_some());
    assert_eq!(study.first(), set(0, 2));
}

fn small(ids: &[&str], values: &[f32], labels: &[&str]) -> Dataset {
    let features = Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap();
    let data = Dataset::new(features).unwrap();
    let data = data
        .with_labels(Labels::from_strings(labels).unwrap())
        .unwrap();
    if ids.is_empty() {
        return data;
    }
    let ids = ids.iter().map(ToString::to_string).collect();
    data.with_ids(ids).unwrap()
}

fn pair(a: Dataset, b: Dataset) -> Result<Study, Error> {
    let sets = vec![
        ("A".into(), String::new(), a),
        ("B".into(), String::new(), b),
    ];
    Study::new("pair", sets)
}

#[test]
fn rows_are_matched_by_ids_where_all_sets_have_them() {
    let a = small(&["p", "q", "r"], &[1.0, 2.0, 3.0], &["x", "y", "y"]);
    let b = small(&["r", "p", "q"], &[30.0, 10.0, 20.0], &["y", "x", "y"])
        .with_predictions(vec![1, 1, 0])
        .unwrap();
    let study = pair(a.clone(), b).unwrap();
    let second = study.dataset(set(1, 0)).unwrap();
    assert_eq!(second.features(), array![[10.0], [20.0], [30.0]]);
    assert_eq!(second.predictions(), Some(&[1, 0, 1][..]));
    assert!(study.notes().iter().any(|n| n.contains("ids")));
    // Without ids in one of them, rows count.
    let b = small(&[], &[10.0, 20.0, 30.0], &["x", "y", "y"]);
    let study = pair(a.clone(), b).unwrap();
    let second = study.dataset(set(1, 0)).unwrap();
    assert_eq!(second.features(), array![[10.0], [20.0], [30.0]]);
    assert_eq!(study.ids().unwrap()[2], "r");
    let other = small(&["p", "q", "s"], &[1.0, 2.0, 3.0], &["x", "y", "y"]);
    let words = complaint(pair(a.clone(), other));
    assert!(words.starts_with("B: there is no sample r"), "{words}");
    let twice = small(&["p", "q", "q"], &[1.0, 2.0, 3.0], &["x", "y", "y"]);
    let words = complaint(pair(a, twice));
    assert!(words.contains("the id q occurs twice"), "{words}");
}

#[test]
fn labels_must_agree_up_to_their_names() {
    let a = small(&[], &[1.0, 2.0, 3.0], &["x", "y", "y"]);
    let renamed = small(&[], &[1.0, 2.0, 3.0], &["1", "0", "0"])
        .with_predictions(vec![0, UNLABELED, 1])
        .unwrap()
        .with_probabilities(array![[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
        .unwrap();
    let study = pair(a.clone(), renamed).unwrap();
    let b = &study.models()[1];
    assert_eq!(b.predictions(), Some(&[1, UNLABELED, 0][..]));
    assert_eq!(b.probabilities().unwrap().row(0).to_vec(), [0.1, 0.9]);
    let words = complaint(pair(a, small(&[], &[1.0, 2.0, 3.0], &["x", "x", "y"])));
    assert!(
        words.contains("sample 1 is labeled x, but y in A"),
        "{words}"
    );
}

#[test]
fn names_and_numbers_of_samples_are_checked() {
    let a = small(&[], &[1.0, 2.0], &["x", "y"]);
    let words = complaint(pair(a.clone(), small(&[], &[1.0], &["x"])));
    assert!(
        words.contains("B: 1 rows, but A has 2; all sets must describe the same samples"),
        "{words}"
    );
    let twice = vec![
        ("A".into(), "l".into(), a.clone()),
        ("A".into(), "l".into(), a),
    ];
    assert!(complaint(Study::new("s", twice)).contains("two layers"));
    let from = |arguments: &[&str]| complaint(StudyOptions::from_arguments(arguments));
    assert!(from(&["A=x.npy", "A=y.npy"]).contains("named twice"));
    assert!(from(&["=x.npy"]).contains("a name is missing"));
    assert!(from(&["A/=x.npy"]).contains("a name is missing"));
    assert!(from(&["A="]).contains("no file"));
    assert!(from(&["A=x.npy", "study.toml"]).contains("study file alone"));
    assert!(from(&[]).contains("no model"));
    let mut options = StudyOptions::from_arguments(&["A=x.npy", "B=y.npy"]).unwrap();
    let words = complaint(options.add_predictions(&["C=z.npy"]));
    assert!(words.contains("A, B"), "{words}");
    options.add_probabilities(&["B=z.npy"]).unwrap();
    assert_eq!(
        options.models[1].probabilities.as_deref(),
        Some(Path::new("z.npy"))
    );
}

#[test]
fn a_study_file_with_a_mistake_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    let words = |text: &str| {
        std::fs::write(&path, text).unwrap();
        complaint(StudyOptions::from_arguments(&[path.display().to_string()]))
    };
    let text = words("labels = \"l.npy\"\nlayer = 3\n[[models]]\nname = \"A\"\n");
    assert!(
        text.contains(
            "line 2: there is no key layer here; the keys are name, first, models, labels, "
        ),
        "{text}"
    );
    assert!(words("models = 3").contains("line 1"));
    // What the file holds does no harm to a terminal.
    for text in [
        "\"fo\\u001b[31mo\" = 1\n",
        "metric = \"\\u001b[31m\"\n",
        "[[models]]\nname = \"\\u001b[31m\"\n",
        "[[models]]\nname = \"A\"\n\"\\u001b\" = 1\n",
        "[[models]]\nname = \"A\"\nlayers = [{ \"\\u001b\" = 1 }]\n",
    ] {
        let said = words(text);
        assert!(said.contains("\\u{1b}"), "{said}");
        assert!(!said.contains(char::is_control), "{said:?}");
    }
    let model = "[[models]]\nname = \"A\"\n";
    assert!(words(model).contains("model A has no features"));
    let both =
        format!("{model}features = \"a\"\nlayers = [{{ name = \"x\", features = \"b\" }}]\n");
    assert!(words(&both).contains("model A has both `features` and `layers`"));
    let twice =
        "[[models]]\nname = \"A\"\nfeatures = \"a\"\n[[models]]\nname = \"A\"\nfeatures = \"b\"\n";
    assert!(words(twice).contains("two models have this name"));
    assert!(words("models = []").contains("no model is named"));
    let first = format!(
        "first = \"B\"\n[[models]]\nname = \"A\"\nfeatures = \"{}\"\n",
        fixture("digits_cnn.npz").display()
    );
    std::fs::write(&path, first).unwrap();
    let text = complaint(read(&[path.display().to_string()]));
    assert!(
        text.contains("there is no such set; the study has A"),
        "{text}"
    );
}

#[test]
fn invalid_rows_are_dropped_from_every_set() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_npy(&at("a.npy"), &array![[1.0], [f32::NAN], [3.0], [4.0]]);
    write_npy(
        &at("b.npy"),
        &array![[10.0], [20.0], [f32::INFINITY], [40.0]],
    );
    std::fs::write(at("labels.txt"), "p\nq\nr\np\n").unwrap();
    std::fs::write(at("predicted.txt"), "q\nq\np\np\n").unwrap();
    let arguments = [named("A", &at("a.npy")), named("B", &at("b.npy"))];
    let mut options = StudyOptions::from_arguments(&arguments).unwrap();
    options.read.labels = Some(at("labels.txt"));
    options
        .add_predictions(&[named("B", &at("predicted.txt"))])
        .unwrap();
    assert!(complaint(Study::read(&options)).contains("NaN or infinite"));
    options.read.drop_invalid = true;
    let study = Study::read(&options).unwrap();
    assert_eq!(study.samples(), 2);
    // Classes q and r have lost all their samples.
    assert_eq!(study.labels().unwrap().names(), ["p"]);
    assert_eq!(study.models()[1].predictions(), Some(&[UNLABELED, 0][..]));
    let b = study.dataset(set(1, 0)).unwrap();
    assert_eq!(b.features(), array![[10.0], [40.0]]);
}

#[test]
fn labels_of_an_archive_need_no_label_column() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.svm"), "1 1:0.5 2:1\n0 1:0.25\n").unwrap();
    write_npy(&at("b.npy"), &array![[10.0], [20.0]]);
    let arguments = [named("A", &at("a.svm")), named("B", &at("b.npy"))];
    let mut options = StudyOptions::from_arguments(&arguments).unwrap();
    options.read.label_column = Some("class".into());
    let study = Study::read(&options).unwrap();
    assert_eq!(study.labels().unwrap().names(), ["0", "1"]);
}

#[test]
fn members_of_an_archive_name_their_models() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layers.npz");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default();
    let members = [
        ("A/conv", array![[1.0], [2.0]]),
        ("B/conv", array![[5.0], [6.0]]),
        ("A/top", array![[3.0], [4.0]]),
        ("A/weights", array![[0.0], [0.0], [0.0]]),
    ];
    for (name, values) in &members {
        zip.start_file(format!("{name}.npy"), stored).unwrap();
        zip.write_all(&npy(values)).unwrap();
    }
    zip.finish().unwrap();
    let study = read(&[path.display().to_string()]).unwrap();
    let names: Vec<String> = study.sets().map(|id| study.set_name(id)).collect();
    assert_eq!(names, ["A/conv", "A/top", "B/conv"]);
    assert!(study.labels().is_none());
    assert!(
        study
            .notes()
            .iter()
            .any(|n| n.contains("A/weights has 3 rows"))
    );
}
