//! The program as scripts and people call it: results on standard output and nowhere else,
//! one line of complaint, exit codes, pipes that close early, names that would harm a terminal.

#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use assert_cmd::Command;
use common::{array, fixture};
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
fn embed_makes_a_map_that_diagnose_measures() {
    let folder = Folder::new();
    let map = folder.path("map.npy");
    let map_name = map.display().to_string();
    let report = json(&[
        "embed",
        &cnn(),
        "--perplexity",
        "20",
        "--iterations",
        "300",
        "--seed",
        "3",
        "--json",
        "-o",
        &map_name,
    ]);
    assert_eq!(array(&map).dim(), (899, 2));
    assert_eq!(report["tsne"]["perplexity"], 20.0);
    assert_eq!(report["tsne"]["iterations"], 300);
    assert_eq!(report["tsne"]["seed"], 3);
    assert!(report["tsne"]["kl_divergence"].as_f64().unwrap() > 0.0);
    let measured = json(&["diagnose", &cnn(), "--map", &map_name, "--json"]);
    assert_eq!(measured["classes"], report["classes"]);
    assert_eq!(measured["confusion"], report["confusion"]);
    // The same command again gives the same bytes, on any number of threads.
    let again = folder.path("again.npy");
    let again_name = again.display().to_string();
    let (code, out, err) = run(&[
        "embed",
        &cnn(),
        "--perplexity",
        "20",
        "--iterations",
        "300",
        "--seed",
        "3",
        "--threads",
        "3",
        "-o",
        &again_name,
    ]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    assert_eq!(std::fs::read(&map).unwrap(), std::fs::read(&again).unwrap());
    // A map can begin where another one ended.
    let (code, _, err) = run(&[
        "embed",
        &cnn(),
        "--init",
        &map_name,
        "--iterations",
        "10",
        "--force",
        "-o",
        &again_name,
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(folder.litter(), 0);
}

#[test]
fn a_map_as_csv_carries_ids_and_labels() {
    let folder = Folder::new();
    let map = folder.path("map.csv");
    disentangle()
        .args(["embed", &cnn(), "--iterations", "5", "-o"])
        .arg(&map)
        .assert()
        .success();
    let content = std::fs::read_to_string(map).unwrap();
    let mut lines = content.lines();
    assert_eq!(lines.next(), Some("id,x,y,label"));
    assert_eq!(lines.count(), 899);
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

/// Complaints: one line on standard error, nothing on standard output, exit code 2.
#[test]
fn what_cannot_be_used_is_refused_in_one_line() {
    let folder = Folder::new();
    let features = folder.file("features.csv", "a,b\n1,2\n3,4\n5,6\n7,9\n2,2\n");
    let numbered = "a,b,z\n.1,7,0\n.5,9,1\n.2,4,1\n.7,3,0\n.3,8,1\n.9,1,0\n";
    let numbered = folder.file("numbered.csv", numbered);
    let labels = folder.file("labels.txt", "x\ny\nx\n");
    let map = folder.path("map.npy").display().to_string();
    let text_file = folder.path("map.xyz").display().to_string();
    let cnn = cnn();
    let cases: &[(&[&str], &str)] = &[
        (&["missing.npy"], "cannot read missing.npy"),
        (
            &["diagnose", &features.replace("features", "featurs")],
            "features.csv?",
        ),
        (
            &["digaose", &features, "--json"],
            "COMMAND digaose: there is no such command, and no such file; did you mean diagnose?",
        ),
        (
            &["diagnose", &format!("{cnn}:feature")],
            "; did you mean features?",
        ),
        (&["diagnose", "missing.npy"], "cannot read missing.npy"),
        (&["inspect", "missing.npy"], "cannot read missing.npy"),
        (
            &["diagnose", &features, "--no-clusters"],
            "there are no labels, which the statistics need; name a file of labels with --labels, or the \
             label column with --label-column",
        ),
        (
            &["diagnose", &features, "--save-clusters", "c.txt"],
            "--save-clusters c.txt: must end in .csv or .npy",
        ),
        (
            &["diagnose", &cnn, "--save-clusters", "c.csv"],
            "--save-clusters c.csv: there are labels",
        ),
        (
            &["suspects", &numbered],
            "there are no labels, which suspects need, and no label column was recognized; the label \
             could be z; name it, for example --label-column z",
        ),
        (
            &["diagnose", &features, "--labels", &labels],
            "3 rows, but the features have 5",
        ),
        (
            &["diagnose", &features, "--label-column", "c"],
            "has the columns a, b",
        ),
        (
            &["diagnose", &format!("{cnn}:nothing")],
            "there is no member nothing",
        ),
        (
            &["embed", &cnn, "-o", &text_file],
            "must end in .npy, .csv, .parquet, .svg",
        ),
        (
            &["embed", &cnn, "-o", &map, "--perplexity", "-5"],
            "--perplexity -5",
        ),
        (
            &["embed", &cnn, "-o", &map, "--perplexity", "nan"],
            "--perplexity NaN",
        ),
        (
            &["embed", &cnn, "-o", &map, "--init", &features],
            "no columns x and y",
        ),
        (
            &["embed", &cnn, "-o", &map, "--early-exaggeration", "0"],
            "--early-exaggeration 0",
        ),
        (
            &["embed", &cnn, "-o", &map, "--learning-rate", "-1"],
            "--learning-rate -1",
        ),
        (&["diagnose", "."], "folder"),
    ];
    for (arguments, words) in cases {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert!(err.starts_with("error: "), "{arguments:?}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?}: {err}");
    }
    assert!(!Path::new(&map).exists());
}

/// Complaints of the arguments themselves, which also show the usage.
#[test]
fn malformed_arguments_are_refused() {
    let cnn = cnn();
    for arguments in [
        &["embed", &cnn][..],
        &["embed", &cnn, "-o", "map.npy", "--pca", "0"],
        &["embed", &cnn, "-o", "map.npy", "--seed", "-3"],
        &["embed", &cnn, "-o", "map.npy", "--iterations", "many"],
        &["diagnose", &cnn, "--k", "0"],
        &["diagnose", &cnn, "--threads", "99999"],
        &["demo", "--perplexity", "0"],
        &["--k", "5"],
        &["--nonsense"],
        &["diagnose", &cnn, "demo"],
        &[],
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains("Usage") || err.contains("--help"), "{err}");
    }
}

#[test]
fn failures_to_write_come_before_the_work() {
    let (code, out, err) = run(&["embed", &cnn(), "-o", "no/such/folder/map.npy"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        err,
        "error: cannot write no/such/folder/map.npy: its folder does not exist\n"
    );
}

#[test]
fn the_screen_needs_a_terminal() {
    let named = format!("A={}", cnn());
    let study = fixture("digits.toml").display().to_string();
    for arguments in [&["demo"][..], &[&cnn()], &[&named], &[&study]] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("not a terminal"), "{err}");
        assert!(err.contains("disentangle diagnose"), "{err}");
    }
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

/// A pipe that closes early is no failure.
#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("disentangle"))
        .args(["diagnose", &cnn(), "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut complaint).unwrap();
    assert_eq!(complaint, "");
    assert!(child.wait().unwrap().success());
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

/// An interrupted computation leaves no file and says so by its exit code.
#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_behind() {
    use std::os::unix::process::ExitStatusExt;
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = Folder::new();
        let map = folder.path("map.npy");
        let child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("disentangle"))
            .args(["embed", &cnn(), "--iterations", "100000000", "-o"])
            .arg(&map)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_secs(1));
        let kill = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), None, "{signal}");
        assert_eq!(output.status.code(), Some(code), "{signal}");
        assert!(!map.exists());
        assert_eq!(folder.litter(), 0);
    }
}

#[test]
fn a_map_becomes_pictures_and_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let names = ["map.npy", "map.svg", "map.png", "map.ans", "map.txt"];
    let mut command = disentangle();
    command.args(["embed", "fixtures/digits_cnn.npz", "--iterations", "30"]);
    for name in names {
        command.arg("-o").arg(file(name));
    }
    let cast = file("map.cast");
    command.arg("--record").arg(&cast).args(["--pca", "8"]);
    command.assert().success();
    let svg = std::fs::read_to_string(file("map.svg")).unwrap();
    assert!(svg.contains("perplexity 30") && svg.contains("30 iterations"));
    assert!(
        std::fs::read(file("map.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    // As the recording ends, so stands the map as text.
    let recorded = std::fs::read_to_string(&cast).unwrap();
    assert_eq!(recorded.lines().count(), 1 + 31);
    // Features are embedded first, as `embed` does with these options.
    let at_once = file("at-once.ans");
    disentangle()
        .args(["draw", "fixtures/digits_cnn.npz", "--iterations", "30"])
        .args(["--pca", "8", "-o"])
        .arg(&at_once)
        .assert()
        .success();
    assert_eq!(
        std::fs::read_to_string(&at_once).unwrap(),
        std::fs::read_to_string(file("map.ans")).unwrap()
    );
    // The map from its file is the same picture.
    let again = file("again.ans");
    let labels = ["--labels", "fixtures/digits_cnn.npz:labels"];
    disentangle()
        .arg("draw")
        .arg(file("map.npy"))
        .args(labels)
        .arg("-o")
        .arg(&again)
        .assert()
        .success();
    let map = |path: &std::path::Path| -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().skip(1).take(40).map(str::to_owned).collect()
    };
    assert_eq!(map(&again), map(&file("map.ans")));
    let plain = disentangle()
        .arg("draw")
        .arg(file("map.npy"))
        .args(labels)
        .args(["--size", "60x20", "--glyphs", "braille"])
        .output()
        .unwrap();
    assert!(plain.status.success() && !plain.stdout.contains(&0x1b));
    assert_eq!(
        String::from_utf8(plain.stdout)
            .unwrap()
            .lines()
            .skip(1)
            .take(20)
            .count(),
        20
    );
}

#[test]
fn pictures_that_cannot_be_drawn_are_refused() {
    for (arguments, said) in [
        (
            vec!["draw", "fixtures/digits_cnn.npz", "--perplexity", "0"],
            "--perplexity 0",
        ),
        (
            vec![
                "draw",
                "fixtures/golden/digits_map.npy",
                "--color",
                "outcome",
            ],
            "--color outcome: needs labels and --predictions",
        ),
        (
            vec![
                "draw",
                "fixtures/golden/digits_map.npy",
                "--color",
                "mixing",
            ],
            "--color mixing: needs labels",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_penultimate.npy",
                "-o",
                "x.svg",
                "--color",
                "probability",
            ],
            "--color probability: needs labels and --probabilities",
        ),
        (
            vec!["draw", "fixtures/golden/digits_map.npy", "-o", "x.npy"],
            "--output x.npy: the name of a picture must end in .svg, .png, .ans or .txt",
        ),
        (
            vec!["embed", "fixtures/digits_cnn.npz", "-o", "x.cast"],
            "use --record",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--record",
                "x.svg",
            ],
            "must end in .cast",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--palette",
                "rainbow",
            ],
            "okabe-ito, tol, twenty",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--size",
                "huge",
            ],
            "1600x1200",
        ),
    ] {
        let output = disentangle().args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}

/// Complaints name the files or options that do not fit, and what to do.
#[test]
#[allow(clippy::too_many_lines, reason = "a table of refusals")]
fn what_does_not_fit_is_named() {
    let folder = Folder::new();
    let two = folder.file("two.csv", "a,b\n1,2\n3,4\n");
    let five = folder.file("five.csv", "x,y\n1,2\n3,4\n5,6\n7,9\n2,2\n");
    let map = folder.path("map.npy").display().to_string();
    let gif = folder.path("map.gif").display().to_string();
    let missing = folder.file(
        "missing.toml",
        "[[models]]\nname = \"A\"\nfeatures = \"nowhere.npy\"\n",
    );
    let at = |name: &str| fixture(name).display().to_string();
    let (features, labels, cnn) = (at("digits_penultimate.npy"), at("digits_labels.npy"), cnn());
    let digits_map = at("golden/digits_map.npy");
    let (a, b) = (format!("A={features}"), format!("B={five}"));
    let embed = |more: &[&'static str]| -> Vec<String> {
        let begin: [&str; 4] = ["embed", &cnn, "-o", &map];
        let all = begin.iter().chain(more);
        all.map(|&argument| argument.to_owned()).collect()
    };
    let owned = |arguments: &[&str]| -> Vec<String> {
        arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect()
    };
    let cases = [
        (
            owned(&["embed", &two, "-o", &map]),
            "two.csv: a t-SNE map needs at least 4 samples, but there are 2",
        ),
        (owned(&["diagnose", &cnn, "--map", &five]), "five.csv) for"),
        (
            owned(&["draw", &five, "--labels", &labels]),
            "899 rows, but the map has 5",
        ),
        (
            owned(&["compare", &a, &b, "--labels", &labels]),
            "five.csv (against A in ",
        ),
        (owned(&["embed", &a, "-o", &map]), "name the file alone"),
        (
            owned(&["diagnose", &cnn, "--predictions", &a]),
            "--predictions A=",
        ),
        (
            owned(&["draw", &digits_map, "-o", &gif]),
            "must end in .svg, .png, .ans or .txt",
        ),
        (
            owned(&[
                "transform",
                &five,
                "--reference",
                &features,
                "--map",
                &digits_map,
                "-o",
                &map,
            ]),
            "five.csv: 2 columns (features), but ",
        ),
        (
            owned(&["diagnose", &features, "-l", &labels, "--label-column", "x"]),
            "has no columns",
        ),
        (owned(&["inspect", &missing]), "nowhere.npy"),
        (embed(&["--record", "x.mp4"]), "must end in .cast"),
        (
            embed(&["--perplexity-annealing", "20"]),
            "must be above 30.0",
        ),
        (
            embed(&["--perplexity-annealing", "500"]),
            "at most 299.3 = (n − 1)/3",
        ),
        (
            embed(&["--iterations", "20", "--early-iterations", "50"]),
            "--early-iterations 50: must not exceed",
        ),
    ];
    for (arguments, words) in &cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, _, err) = run(&arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?}: {err}");
    }
    assert!(!Path::new(&map).exists());
    let (code, _, err) = run(&["embed", &cnn, "-o", &map, "--metric", "manhattan"]);
    assert_eq!(code, 2);
    assert!(err.contains("possible values: euclidean, cosine"), "{err}");
    assert!(!err.contains("--metric manhattan"), "{err}");
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
fn a_file_that_ends_in_json_is_written_as_such() {
    let folder = Folder::new();
    let path = folder.path("statistics.json");
    let (code, out, err) = run(&["diagnose", &cnn(), "-o", &path.display().to_string()]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    let written: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(written["name"], "digits_cnn");
}

/// Every command and option that writes a file: it stays as it is if the command reads it, by whatever
/// link, and otherwise unless --force is given.
#[test]
#[cfg(unix)]
#[allow(clippy::too_many_lines, reason = "a table of commands")]
fn files_are_not_written_over() {
    let folder = Folder::new();
    let features = folder.path("features.npz");
    std::fs::copy(fixture("digits_cnn.npz"), &features).unwrap();
    let labels = folder.file("labels.txt", "a\n".repeat(899));
    let map = folder.path("map.npy");
    std::fs::copy(fixture("golden/digits_map.npy"), &map).unwrap();
    let study = folder.file(
        "study.toml",
        "labels = \"features.npz:labels\"\n\n[[models]]\nname = \"A\"\nfeatures = \"features.npz:features\"\n",
    );
    let decisions = folder.file("decisions.csv", "row,id,label,decision,relabel,note\n");
    let other = folder.file("other.csv", "mine");
    let link = folder.path("soft.npy");
    std::os::unix::fs::symlink(&map, &link).unwrap();
    let hard = folder.path("hard.json");
    std::fs::hard_link(&features, &hard).unwrap();
    let text = |path: &Path| path.display().to_string();
    let (features, map, link, hard) = (text(&features), text(&map), text(&link), text(&hard));
    let set = format!("A={features}");
    // Arguments, the option that writes, and files that are read.
    let cases: Vec<(Vec<&str>, &str, Vec<&str>)> = vec![
        (
            vec!["diagnose", &features, "--labels", &labels, "--map", &map],
            "-o",
            vec![&features, &hard, &labels, &map, &link],
        ),
        (
            vec![
                "diagnose",
                &features,
                "--ids",
                &labels,
                "--probabilities",
                &other,
            ],
            "--output",
            vec![&labels, &other],
        ),
        (
            vec!["suspects", &features, "--decisions", &decisions],
            "-o",
            vec![&features, &decisions],
        ),
        (
            vec!["suspects", &features, "--decisions", &decisions],
            "--corrected",
            vec![&features, &decisions],
        ),
        (
            vec!["compare", &study],
            "-o",
            vec![&study, &features, &hard],
        ),
        (
            vec!["compare", &set, "--predictions", &labels],
            "-o",
            vec![&features, &hard, &labels],
        ),
        (
            vec!["stability", &features, "--labels", &labels],
            "-o",
            vec![&features, &labels],
        ),
        (
            vec!["embed", &features, "--init", &map],
            "-o",
            vec![&map, &link],
        ),
        (
            vec![
                "transform",
                &features,
                "--reference",
                &features,
                "--map",
                &map,
            ],
            "-o",
            vec![&map, &link],
        ),
    ];
    for (arguments, option, read) in cases {
        for (file, force) in read.iter().flat_map(|file| [(*file, false), (*file, true)]) {
            let before = std::fs::read(file).unwrap();
            let mut all = [&arguments[..], &[option, file]].concat();
            all.extend(force.then_some("--force"));
            let (code, out, err) = run(&all);
            assert_eq!((code, out.as_str()), (2, ""), "{all:?}");
            assert!(err.contains("which this command reads"), "{all:?}: {err}");
            assert_eq!(std::fs::read(file).unwrap(), before);
        }
    }
    let table = folder.file("map.csv", "x,y\n1,2\n3,4\n");
    let drawn = folder.path("drawn.svg");
    std::fs::hard_link(&table, &drawn).unwrap();
    let (_, _, err) = run(&["draw", &table, "--force", "-o", &text(&drawn)]);
    assert!(err.contains("which this command reads"), "{err}");
    let record = folder.path("features.cast");
    std::fs::hard_link(&features, &record).unwrap();
    let new = text(&folder.path("new.npy"));
    let (_, _, err) = run(&["embed", &features, "-o", &new, "--record", &text(&record)]);
    assert!(
        err.contains("--record") && err.contains("which this command reads"),
        "{err}"
    );

    // Another file that exists.
    let svg = folder.file("old.svg", "mine");
    for (arguments, file) in [
        (vec!["diagnose", features.as_str(), "-o"], &other),
        (vec!["draw", &map, "-o"], &svg),
    ] {
        let all = [&arguments[..], &[file]].concat();
        let (code, _, err) = run(&all);
        assert_eq!(code, 2, "{all:?}");
        assert!(err.contains("exists") && err.contains("--force"), "{err}");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
        let (code, _, err) = run(&[&all[..], &["--force"]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{all:?}");
        assert_ne!(std::fs::read_to_string(file).unwrap(), "mine");
    }
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
