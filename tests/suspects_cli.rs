//! `disentangle suspects` as scripts and people call it: tables, decisions, and data of all shapes.

#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::fmt::Write as _;

use assert_cmd::Command;
use common::fixture;
use serde_json::Value;
use tempfile::TempDir;

/// Runs the program; exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("disentangle").unwrap();
    let output = command
        .arg("suspects")
        .args(arguments)
        .args(["--threads", "1"])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn json(arguments: &[&str]) -> Value {
    let (code, out, err) = run(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// A folder with a table of samples, whose features `value` gives, and whose last column is the
/// label.
struct Samples {
    folder: TempDir,
    path: String,
}

impl Samples {
    fn new(labels: &[String], columns: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let mut table = String::new();
        for j in 0..columns {
            let _ = write!(table, "x{j},");
        }
        table.push_str("label\n");
        for (i, label) in labels.iter().enumerate() {
            for j in 0..columns {
                let _ = write!(table, "{:.4},", value(i, j));
            }
            let _ = writeln!(table, "{label}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        std::fs::write(&path, table).unwrap();
        let path = path.display().to_string();
        Self { folder, path }
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// Numbers between 0 and 1 that look random.
fn noise(i: usize, j: usize) -> f64 {
    let mut x = (i * 1_000_003 + j + 1) as u64;
    x = (x ^ (x >> 15)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((x ^ (x >> 32)) % 100_000) as f64 / 100_000.0
}

/// Two classes apart, 40 samples each; the label of sample 6 is wrong.
fn two_classes() -> Samples {
    let mut labels: Vec<String> = (0..80).map(|i| ["cat", "ox"][i % 2].to_owned()).collect();
    labels[6] = "ox".into();
    Samples::new(&labels, 3, |i, j| (i % 2 * 4) as f64 + noise(i, j))
}

/// Rows of a CSV table by the names of its columns.
fn rows(table: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
    let cells = |record: csv::StringRecord| -> Vec<(String, String)> {
        let values = record.iter().map(Into::into);
        head.iter().cloned().zip(values).collect()
    };
    reader.records().map(|r| cells(r.unwrap())).collect()
}

fn cell<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    let found = row.iter().find(|(column, _)| column == name);
    &found.unwrap().1
}

/// What is said of a table whose column of labels names itself.
const NOTE: &str = "note: label: label; features: x0, x1, x2\n";

#[test]
fn the_wrong_label_comes_first_in_text_table_and_json() {
    let samples = two_classes();
    let (code, text, err) = run(&[&samples.path]);
    assert_eq!((code, err.as_str()), (0, NOTE));
    assert!(text.contains("80 samples ranked"), "{text}");
    assert!(text.contains("probably mislabeled"), "{text}");

    let (_, table, _) = run(&[&samples.path, "--csv", "--top", "5"]);
    let found = rows(&table);
    assert_eq!(found.len(), 5);
    assert_eq!(cell(&found[0], "row"), "6");
    assert_eq!(cell(&found[0], "label"), "ox");
    assert_eq!(cell(&found[0], "suggested"), "cat");
    assert_eq!(cell(&found[0], "verdict"), "probably mislabeled");
    let logistic: f64 = cell(&found[0], "logistic_probe").parse().unwrap();
    assert!(logistic < 0.2, "{logistic}");

    let report = json(&[&samples.path]);
    let first = &report["suspects"]["entries"][0];
    assert_eq!((&first["row"], &first["class"]), (&6.into(), &1.into()));
    assert!(first["scores"]["neighbors"].as_f64().unwrap() < 0.05);
    let detectors = report["suspects"]["detectors"].as_array().unwrap();
    let names: Vec<&str> = detectors
        .iter()
        .map(|d| d["name"].as_str().unwrap())
        .collect();
    let known = [
        "neighbors",
        "linear probe",
        "kernel probe",
        "logistic probe",
    ];
    assert_eq!(names, known);
    let sum: f64 = detectors
        .iter()
        .map(|w| w["weight"].as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

#[test]
fn decisions_are_shown_applied_and_written() {
    let samples = two_classes();
    let decisions = samples.file(
        "decisions.csv",
        "row,id,label,decision,relabel,note\n6,,ox,relabel,cat,whiskers\n9,,ox,keep,,\n",
    );
    let corrected = samples.folder.path().join("corrected.txt");
    let corrected = corrected.display().to_string();
    let arguments = [
        samples.path.as_str(),
        "--decisions",
        &decisions,
        "--corrected",
        &corrected,
        "--force",
    ];
    let (code, text, err) = run(&arguments);
    assert_eq!((code, err.as_str()), (0, NOTE));
    assert!(text.contains("decided: relabel"), "{text}");
    assert!(text.contains("With 1 relabeling applied"), "{text}");
    assert!(text.contains("probably mislabeled: 1 → 0"), "{text}");
    assert!(text.contains("10-NN same class, all: "), "{text}");
    assert!(text.contains("cat: 39 → 40 samples"), "{text}");
    let labels = samples.read("corrected.txt");
    let labels: Vec<&str> = labels.lines().collect();
    assert_eq!((labels.len(), labels[6], labels[9]), (80, "cat", "ox"));

    let (_, table, _) = run(&[&arguments[..], &["--csv"]].concat());
    let found = rows(&table);
    assert_eq!(cell(&found[0], "decision"), "relabel");
    assert_eq!(cell(&found[0], "relabel"), "cat");
    assert_eq!(cell(&found[0], "note"), "whiskers");
    // The file's ending determines the format.
    for (name, beginning) in [("list.csv", "rank,"), ("list.json", "{")] {
        let output = samples.folder.path().join(name).display().to_string();
        let (code, out, _) = run(&[&samples.path, "-o", &output]);
        assert_eq!((code, out.as_str()), (0, ""));
        let written = samples.read(name);
        assert!(written.starts_with(beginning), "{written}");
    }
    let report = json(&arguments[..3]);
    assert_eq!(report["decisions"]["by_row"]["6"]["note"], "whiskers");
}

#[test]
fn a_bad_file_of_decisions_is_one_line_that_names_the_place() {
    let samples = two_classes();
    for (content, part) in [
        ("row,decision\n90,keep\n", "line 2: there is no row 90"),
        ("row,decision\n1,perhaps\n", "perhaps is not a decision"),
        (
            "row,decision,relabel\n1,relabel,dog\n",
            "there is no class dog",
        ),
        ("sample,decision\n1,keep\n", "the column `row` is missing"),
        (
            "row,decision\n1,keep\n1,keep\n",
            "line 3: there is a decision about row 1",
        ),
        (
            "row,decision\n1,\x1b[31mkeep\n",
            "\\u{1b}[31mkeep is not a decision",
        ),
    ] {
        let file = samples.file("bad.csv", content);
        let (code, out, err) = run(&[&samples.path, "--decisions", &file]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(part), "{err}");
        assert!(err.contains("bad.csv"), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(!err.contains('\x1b'), "{err}");
    }
    let (code, _, err) = run(&[&samples.path, "--decisions", "nowhere.csv"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = run(&[&samples.path, "--corrected", "labels.txt"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("--decisions"), "{err}");
}

#[test]
fn what_cannot_be_ranked_is_said() {
    let one: Vec<String> = vec!["only".into(); 30];
    let samples = Samples::new(&one, 2, noise);
    let (code, out, err) = run(&[&samples.path]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("fewer than two classes have at least 3 samples"),
        "{err}"
    );

    let mut pairs: Vec<String> = (0..30).map(|i| format!("pair {}", i / 2)).collect();
    pairs.push("single".into());
    let samples = Samples::new(&pairs, 2, noise);
    let (code, _, err) = run(&[&samples.path]);
    assert_eq!(code, 2);
    assert!(
        err.contains("fewer than two classes have at least 3 samples"),
        "{err}"
    );

    let features = fixture("digits_penultimate.npy").display().to_string();
    let (code, _, err) = run(&[&features]);
    assert_eq!(code, 2);
    assert!(err.contains("--labels"), "{err}");
}

#[test]
fn classes_of_one_and_two_are_named_and_not_ranked() {
    let mut labels: Vec<String> = (0..60).map(|i| ["a", "b"][i % 2].to_owned()).collect();
    labels.extend(["pair", "pair", "single"].map(String::from));
    let samples = Samples::new(&labels, 2, |i, j| (i % 2 * 5) as f64 + noise(i, j));
    let report = json(&[&samples.path]);
    let suspects = &report["suspects"];
    assert_eq!(suspects["ranked"], 60);
    assert_eq!(suspects["too_small"].as_array().unwrap().len(), 2);
    let (_, text, _) = run(&[&samples.path]);
    assert!(
        text.contains("fewer than 3 samples): pair, single"),
        "{text}"
    );
}

#[test]
fn samples_without_a_label_are_left_out() {
    let mut labels: Vec<String> = (0..90).map(|i| ["a", "b", ""][i % 3].to_owned()).collect();
    labels[3] = "b".into();
    let samples = Samples::new(&labels, 2, |i, j| (i % 3 * 5) as f64 + noise(i, j));
    let report = json(&[&samples.path]);
    assert_eq!(report["suspects"]["ranked"], 60);
    assert_eq!(report["suspects"]["entries"][0]["row"], 3);
    let rows = report["suspects"]["entries"].as_array().unwrap();
    assert!(rows.iter().all(|s| s["row"].as_u64().unwrap() % 3 != 2));
}

#[test]
fn a_thousand_classes_are_ranked() {
    let labels: Vec<String> = (0..4000).map(|i| format!("class {}", i % 1000)).collect();
    let samples = Samples::new(&labels, 4, |i, j| {
        noise(i % 1000, j) * 50.0 + noise(i, j + 9)
    });
    let report = json(&[&samples.path, "--top", "3"]);
    assert_eq!(report["suspects"]["ranked"], 4000);
    // For that many classes the logistic regressions would take too long.
    assert_eq!(report["suspects"]["detectors"].as_array().unwrap().len(), 3);
    assert!(report["suspects"]["entries"][0]["scores"]["logistic_probe"].is_null());
}

#[test]
fn more_features_than_samples_constant_ones_and_equal_samples_are_no_obstacle() {
    let labels: Vec<String> = (0..40).map(|i| ["a", "b"][i % 2].to_owned()).collect();
    let wide = Samples::new(&labels, 120, |i, j| {
        if j < 10 {
            7.0
        } else {
            (i % 2) as f64 + noise(i, j)
        }
    });
    let report = json(&[&wide.path]);
    assert_eq!(report["suspects"]["ranked"], 40);

    // Nothing tells the classes apart, and nothing is called an error.
    for value in [(|_, _| 1.0) as fn(usize, usize) -> f64, |i, _| {
        (i % 4 / 2) as f64
    }] {
        let equal = Samples::new(&labels, 3, value);
        let report = json(&[&equal.path]);
        let suspects = &report["suspects"];
        assert_eq!(suspects["reliable"], false);
        assert_eq!(suspects["verdicts"]["probably_mislabeled"], 0);
        assert_eq!(suspects["expected_precision"], serde_json::json!([]));
        let (_, text, _) = run(&[&equal.path]);
        assert!(text.contains("cannot be found reliably"), "{text}");
    }
}
