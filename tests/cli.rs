//! The program as scripts and people call it: results on standard output and nowhere else,
//! one line of complaint, exit codes, pipes that close early, names that would harm a terminal.

#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/pictures.rs"]
mod pictures;
#[path = "cli/refused.rs"]
mod refused;

use std::fmt::Write as _;
use std::path::PathBuf;

use assert_cmd::Command;
use common::fixture;
use serde_json::Value;

fn disentangle() -> Command {
    Command::cargo_bin("disentangle").unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the program; exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = disentangle().args(arguments).output().unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn cnn() -> String {
    fixture("digits_cnn.npz").display().to_string()
}

fn json(arguments: &[&str]) -> Value {
    let (code, out, err) = run(arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

/// A folder for one test's files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Files that a temporary name was given and that were left behind.
    fn litter(&self) -> usize {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        entries
            .filter(|e| {
                let name = e.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with('.')
            })
            .count()
    }
}

#[test]
fn help_is_as_documented() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_embed", &["embed", "--help"]),
        ("help_transform", &["transform", "--help"]),
        ("help_diagnose", &["diagnose", "--help"]),
        ("help_compare", &["compare", "--help"]),
        ("help_inspect", &["inspect", "--help"]),
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        insta::assert_snapshot!(name, out);
    }
    let (code, out, _) = run(&["--version"]);
    assert_eq!(code, 0);
    assert_eq!(
        out.trim(),
        format!("disentangle {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_config_file_is_printed_and_read_before_the_screen_opens() {
    let (code, printed, err) = run(&["config"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(printed.contains("# pause = [\"space\"]"), "{printed}");
    let folder = Folder::new();
    let good = folder.file("good.toml", &printed);
    let bad = folder.file("bad.toml", "[keys]\n\nfit = [\"q\"]\n");
    // The config is fine, and so is the one in the documents; the terminal is missing.
    let documents = std::fs::read_to_string("docs/config.md").unwrap();
    let shown = documents.split("```toml").nth(1).unwrap();
    let shown = folder.file("shown.toml", shown.split("```").next().unwrap());
    for file in [&good, &shown] {
        let (code, _, err) = run(&["demo", "--config", file]);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("not a terminal"), "{err}");
    }
    let (code, _, err) = run(&["demo", "--config", &bad]);
    assert_eq!(code, 2);
    assert!(
        err.contains("bad.toml: line 3: fit: q already means quit"),
        "{err}"
    );
    let (code, _, err) = run(&["demo", "--config", "/no/such.toml"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read /no/such.toml"), "{err}");
}

#[test]
fn diagnose_prints_classes_and_confusion() {
    let (code, out, err) = run(&["diagnose", &cnn()]);
    assert_eq!((code, err.as_str()), (0, ""));
    insta::assert_snapshot!("diagnose_digits", out);
}

#[test]
fn diagnose_writes_what_the_schema_promises() {
    let report = json(&["diagnose", &cnn(), "--json", "--k", "7"]);
    assert_eq!(report["schema"], "disentangle.report/2");
    assert_eq!(report["crate_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
    let classes = report["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 10);
    for class in classes {
        assert!(class["label"].is_string());
        assert!(class["count"].as_u64().unwrap() > 80);
        for figure in ["silhouette", "neighborhood_hit"] {
            assert!(class[figure]["features"]["value"].is_f64(), "{figure}");
            assert!(class[figure]["map"].is_null(), "{figure}: no map was given");
        }
    }
    let confusion = &report["confusion"];
    assert_eq!(confusion["k"], 7);
    assert_eq!(confusion["labels"].as_array().unwrap().len(), 10);
    assert!(confusion["map"].is_null());
    for row in confusion["features"].as_array().unwrap() {
        let shares = common::numbers(row);
        assert_eq!(shares.len(), 10);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    for key in ["perplexity", "iterations", "kl_divergence"] {
        assert!(report["tsne"][key].is_null(), "{key}: nothing was embedded");
    }
}

#[test]
fn data_without_labels_are_described_by_clusters() {
    let folder = Folder::new();
    let digits = fixture("digits_penultimate.npy").display().to_string();
    let saved = folder.path("clusters.csv").display().to_string();
    let report = json(&["diagnose", &digits, "--json", "--save-clusters", &saved]);
    let groups = report["clusters"]["clusters"].as_array().unwrap();
    assert_eq!(report["classes"].as_array().unwrap().len(), groups.len());
    assert_eq!(report["classes"][0]["label"], "c1");
    assert_eq!(report["classes"][0]["count"], groups[0]["size"]);
    assert_eq!(report["unlabeled"], report["clusters"]["noise"]);
    assert!(report["separation"].is_null() && report["suspects"].is_null());
    assert_eq!(report["reading"]["statements"][0]["topic"], "clusters");
    let table = std::fs::read_to_string(&saved).unwrap();
    assert_eq!(table.lines().count(), 900);
    assert!(table.starts_with("row,cluster,core\n0,"), "{table}");
    let larger = ["diagnose", &digits, "--min-cluster-size", "100"];
    let (code, text, _) = run(&larger);
    assert_eq!(code, 0);
    assert!(
        text.contains("not labels") || text.contains("No clusters"),
        "{text}"
    );
}

#[test]
fn a_perplexity_that_is_too_large_is_capped_and_said_so() {
    let folder = Folder::new();
    let mut table = "a,b\n".to_owned();
    for i in 0..16 {
        writeln!(table, "{}.5,{}", i * i % 7, i * 5 % 16).unwrap();
    }
    let features = folder.file("few.csv", table);
    let map = folder.path("map.npy").display().to_string();
    let (code, out, err) = run(&["embed", &features, "--iterations", "20", "-o", &map]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(
        err,
        "note: perplexity 30 is too large for 16 samples; using 5.0 = (n − 1)/3\n"
    );
}

#[test]
fn compare_tells_models_apart() {
    let named = |name: &str, file: &str| format!("{name}={}", fixture(file).display());
    let sets = [
        named("CNN", "digits_cnn.npz"),
        named("MLP", "digits_mlp.npz"),
    ];
    let value = json(&["compare", &sets[0], &sets[1], "--json"]);
    assert_eq!(value["schema"], "disentangle.comparison/2");
    let ranking = serde_json::json!([["CNN"], ["MLP"]]);
    assert_eq!(value["measures"][0]["name"], "predictions");
    assert_eq!(value["measures"][0]["ranking"], ranking);
    assert_eq!(value["recommendations"][1]["advice"], "discard");
    let (code, out, err) = run(&["compare", &sets[0], "B=no-such.npy"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("error: cannot read no-such.npy"), "{err}");
    let (code, _, err) = run(&["compare", &sets[0], "--alpha", "2"]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
    let plain = fixture("digits_penultimate.npy").display().to_string();
    let (code, _, err) = run(&["compare", &plain]);
    assert_eq!(code, 2);
    assert!(err.contains("--labels"), "{err}");
}

#[test]
fn inspect_tells_what_would_be_taken() {
    let (code, out, err) = run(&["inspect", &cnn()]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("features: float32 899 × 64"), "{out}");
    assert!(out.contains("use: features 899 × 64"), "{out}");
    assert!(
        out.contains("use: labels of 10 classes: zero, one"),
        "{out}"
    );
    assert!(out.contains("use: probabilities"), "{out}");
    let labels = fixture("digits_labels.npy").display().to_string();
    let (code, out, _) = run(&["inspect", &labels]);
    assert_eq!(code, 0);
    assert!(
        out.contains("use: 899 labels for the features of another file"),
        "{out}"
    );
    let folder = Folder::new();
    let names = folder.file("names.txt", "cat\ndog\n");
    let (code, out, _) = run(&["inspect", &names]);
    assert_eq!(code, 0);
    assert!(out.contains("class names"), "{out}");
    let ragged = folder.file("gaps.csv", "a,b\n1,2\n3,\n");
    let (code, out, err) = run(&["inspect", &ragged, &names]);
    assert_eq!(code, 2);
    assert!(out.contains("a: numbers × 2"), "{out}");
    assert!(
        out.contains("class names"),
        "the other file is shown: {out}"
    );
    assert!(err.contains("line 3"), "{err}");
    let all = json(&["inspect", &cnn(), "--json"]);
    assert_eq!(all[0]["format"], "npz");
    assert!(all[0]["problem"].is_null());
}

/// Names from files reach neither terminal nor pipe as control characters.
#[test]
fn names_are_shown_escaped() {
    let folder = Folder::new();
    let mut table = "a,b,label\n".to_owned();
    for i in 0..12 {
        let name = ["\u{1b}[31mred", "\u{202e}evil", "b\rell\u{7}"][i % 3];
        writeln!(table, "{},{},{name}", i * i % 5, i % 3).unwrap();
    }
    let file = folder.file("odd\u{1b}[2J.csv", table);
    let study = folder.file("odd.toml", "\"fo\\u001b[31mo\" = 1\n");
    for arguments in [
        &["diagnose", &file, "--label-column", "label"][..],
        &["diagnose", &file],
        &["inspect", &file],
        &["diagnose", &file, "--label-column", "\u{1b}[2J"],
        &["diagnose", "no\u{1b}[2J.npy"],
        &["compare", &study],
    ] {
        let (_, out, err) = run(arguments);
        for shown in [out, err] {
            let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!shown.contains(raw), "{arguments:?}: {shown:?}");
        }
    }
}

#[test]
fn combined_perplexities_that_are_too_large_are_said_so() {
    let folder = Folder::new();
    let mut table = "a,b\n".to_owned();
    for i in 0..16 {
        writeln!(table, "{},{}", i * i % 7, i * 5 % 16).unwrap();
    }
    let features = folder.file("features.csv", table);
    let map = folder.path("map.npy").display().to_string();
    let (code, _, err) = run(&[
        "embed",
        &features,
        "-o",
        &map,
        "--iterations",
        "20",
        "--perplexity",
        "4",
        "--perplexity-combination",
        "30",
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("--perplexity-combination: perplexity 30 is too large for 16 samples"),
        "{err}"
    );
}

#[test]
fn inspect_knows_a_study_file() {
    let study = fixture("digits.toml").display().to_string();
    let (code, out, err) = run(&["inspect", &study]);
    assert_eq!((code, err.as_str()), (0, ""));
    for words in [
        "digits.toml: study",
        "CNN/conv1: 128 features",
        "use: 5 feature sets of 2 models: 899 samples",
        "use: labels of 10 classes",
        "this is a study file",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn thresholds_of_evidence_and_mixing_are_options() {
    let cnn = cnn();
    let options = [
        ["--evidence-level", "0.03"],
        ["--least-informedness", "0.6"],
        ["--least-overlap", "0.07"],
        ["--tolerated-overlap", "0.004"],
        ["--discovery-rate", "0.2"],
    ];
    let mut arguments = vec!["diagnose", &cnn, "--json"];
    arguments.extend(options.iter().flatten());
    let report = json(&arguments);
    let standing = &report["separation"]["thresholds"];
    assert_eq!(standing["evidence_level"], 0.03);
    assert_eq!(standing["least_informedness"], 0.6);
    let mixing = &report["pairs"]["thresholds"];
    assert_eq!(mixing["least_overlap"], 0.07);
    assert_eq!(mixing["tolerated_overlap"], 0.004);
    assert_eq!(mixing["discovery_rate"], 0.2);
    // Of these digits no two classes overlap that much, but some by the default.
    assert_eq!(report["pairs"]["mixed"], 0);
    let (_, out, _) = run(&["diagnose", &cnn, "--least-overlap", "0.07"]);
    assert!(
        out.contains("by more than chance and by at least 7%"),
        "{out}"
    );
    let (code, _, err) = run(&["diagnose", &cnn, "--discovery-rate", "1.5"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("--discovery-rate") && err.contains("between 0 and 1"),
        "{err}"
    );
}

#[test]
fn a_short_run_does_not_end_within_its_early_exaggeration() {
    let folder = Folder::new();
    let map = folder.path("map.npy").display().to_string();
    let early = |iterations: &str| {
        let report = json(&[
            "embed",
            &cnn(),
            "-o",
            &map,
            "--force",
            "--json",
            "--iterations",
            iterations,
        ]);
        report["tsne"]["early_iterations"].as_u64().unwrap()
    };
    assert_eq!(early("30"), 10);
    assert_eq!(early("900"), 250);
}
