//! The record of a study: the study file that `init` writes, the journal beside it, and computing it anew.

#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::path::Path;

use assert_cmd::Command;
use common::fixture;
use serde_json::Value;
use terminal::{Answers, Terminal, program};

/// Runs the program; exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut program = Command::cargo_bin("disentangle").unwrap();
    let output = program.args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn copy(names: &[&str], folder: &Path) {
    for name in names {
        std::fs::copy(fixture(name), folder.join(name)).unwrap();
    }
}

#[test]
fn init_writes_a_study_that_opens_and_says_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    copy(
        &[
            "digits_cnn.npz",
            "digits_cnn_layers.npz",
            "digits_mlp.npz",
            "digits_labels_noisy.npy",
            "digits_flipped_indices.npy",
        ],
        folder.path(),
    );
    std::fs::write(folder.path().join("notes.xyz"), [0, 159, 1]).unwrap();
    // A table of its own, although its name is that of a label.
    let row = |row: usize| format!("{},{},{}\n", row * 31 % 97, row * 17 % 89, row * 7 % 11 % 2);
    let rows: String = (0..899).map(row).collect();
    std::fs::write(
        folder.path().join("credit_risk.csv"),
        format!("age,debt,risk\n{rows}"),
    )
    .unwrap();
    let at = folder.path().display().to_string();
    let (code, out, err) = run(&["init", &at]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for said in [
        "digits_mlp.npz: features of mlp",
        "digits_cnn_layers.npz: features of cnn/conv1, cnn/conv2, cnn/penultimate, cnn/logits",
        "digits_labels_noisy.npy: also labels; those of digits_cnn.npz are used",
        "digits_flipped_indices.npy: 27 rows, but the features of the study have 899",
        "notes.xyz: ",
        "credit_risk.csv: risk (2 different whole numbers) may be the label or a feature",
        "study.toml: 2 models, 899 samples",
    ] {
        assert!(out.contains(said), "{said} is missing: {out}");
    }
    let file = folder.path().join("study.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("# labels = \"digits_labels_noisy.npy\""),
        "{text}"
    );
    let file = file.display().to_string();
    let (code, out, err) = run(&["inspect", &file]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("6 feature sets of 2 models"), "{out}");
    // A file that exists is kept unless told otherwise.
    std::fs::write(&file, "mine").unwrap();
    let (code, _, err) = run(&["init", &at]);
    assert_eq!(code, 2);
    assert!(err.contains("exists") && err.contains("--force"), "{err}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(run(&["init", "--force", &at]).0, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn init_leaves_out_what_does_not_fit_and_needs_features() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display().to_string();
    let (code, _, err) = run(&["init", &at]);
    assert_eq!(code, 2);
    assert!(
        err.contains("there is no file of data in this folder"),
        "{err}"
    );
    copy(&["digits_labels.npy"], folder.path());
    let (code, _, err) = run(&["init", &at]);
    assert_eq!(code, 2);
    assert!(
        err.contains("none of digits_labels.npy can be used as features"),
        "{err}"
    );
    assert!(!folder.path().join("study.toml").exists());
    copy(&["digits_penultimate.npy"], folder.path());
    let ids: Vec<String> = (0..899).map(|i| format!("s{i}")).collect();
    std::fs::write(folder.path().join("ids.txt"), ids.join("\n")).unwrap();
    std::fs::write(folder.path().join("class_names.txt"), "one\ntwo\n").unwrap();
    let (code, out, err) = run(&["init", &at]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("ids.txt: ids"), "{out}");
    // Ten classes need ten names.
    let left: Vec<&str> = out.split("not used:").collect();
    assert!(left[1].contains("class_names.txt: "), "{out}");
    let file = folder.path().join("study.toml").display().to_string();
    let (code, out, err) = run(&["suspects", &file]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("899 samples ranked"), "{out}");
}

/// The lines of a journal.
fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect()
}

/// The screen on data in a folder, once a map is finished.
fn open(folder: &Path, data: &str) -> Terminal {
    let arguments = [
        data,
        "--iterations",
        "60",
        "--pace",
        "0",
        "--session",
        "new",
    ];
    let terminal = Terminal::start(program(folder, &arguments), (120, 36), Answers::Yes);
    terminal.until_text("iter 60/60");
    terminal
}

/// A study of two models, of which one has a name that does harm where it is not escaped.
fn study(folder: &Path) -> std::path::PathBuf {
    // Small, so that all statistics are there soon.
    for name in ["a.csv", "b.csv"] {
        std::fs::copy(fixture("digits_excerpt.csv"), folder.join(name)).unwrap();
    }
    let file = folder.join("study.toml");
    let text = "name = \"<script>alert(1)</script>\"\n[[models]]\nname = \"A<b>\\u001b[31m\"\n\
                features = \"a.csv\"\n[[models]]\nname = \"B\"\nfeatures = \"b.csv\"\n";
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_study_keeps_its_journal_from_session_to_session() {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path());
    let file = folder.path().join("study.journal.jsonl");
    let mut terminal = open(folder.path(), "study.toml");
    terminal.press(
        ":note two parts of <script>\r",
        "noted in study.journal.jsonl",
    );
    terminal.press("K", "kept in study.journal.jsonl");
    terminal.until("finished run", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"event\":\"run\""))
    });
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    let first = lines(&file);
    let of_first = events(&first);
    assert_eq!(of_first[0], "opened");
    for event in ["map", "note", "picture", "run"] {
        assert!(of_first.contains(&event), "{of_first:?}");
    }
    let of = |event: &str| first.iter().find(|line| line["event"] == event).unwrap();
    assert_eq!(of("note")["text"], "two parts of <script>");
    assert_eq!(of("run")["iteration"], 60);
    assert!(of("run")["figures"]["trustworthiness"].as_f64().unwrap() > 0.5);
    let picture = of("picture")["picture"].as_array().unwrap();
    let is_drawn = |line: &Value| !line.as_str().unwrap().trim().is_empty();
    assert!(
        picture.iter().filter(|line| is_drawn(line)).count() > 10,
        "{picture:?}"
    );
    assert_eq!(
        of("opened")["data"]["models"][1]["layers"][0]["features"],
        "b.csv"
    );
    // Computed again, the figures are the same; those of a changed journal are not.
    let (code, out, err) = run(&["replay", &file.display().to_string()]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("as recorded") && out.contains("0 different"),
        "{out}"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = folder.path().join("changed.journal.jsonl");
    std::fs::write(
        &changed,
        text.replace("\"trustworthiness\":0.", "\"trustworthiness\":0.1"),
    )
    .unwrap();
    let (code, out, _) = run(&["replay", &changed.display().to_string()]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("trustworthiness 0.1"), "{out}");
    // Files that changed are told from those that the journal does not know.
    let input = &of("opened")["inputs"][0];
    let digest = input["sha256"].as_str().unwrap();
    let other = text.replace(digest, &"0".repeat(digest.len()));
    std::fs::write(&changed, &other).unwrap();
    let (_, out, _) = run(&["replay", &changed.display().to_string()]);
    assert!(out.contains("changed since: "), "{out}");
    let path = format!("\"path\":{}", input["path"]);
    assert!(other.contains(&path), "{path}");
    std::fs::write(&changed, other.replace(&path, "\"path\":\"other.csv\"")).unwrap();
    let (_, out, _) = run(&["replay", &changed.display().to_string()]);
    assert!(out.contains("not recorded in the journal: "), "{out}");
    // The report tells the journal; nothing in it does harm.
    let page = folder.path().join("report.html").display().to_string();
    let study = folder.path().join("study.toml").display().to_string();
    let (code, out, err) = run(&["report", &study, "-o", &page, "--iterations", "30"]);
    assert_eq!(code, 0, "{out}{err}");
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("two parts of &lt;script&gt;") && html.contains("pre class=\"drawn\""));
    assert!(!html.contains("<script>alert"));
    let journal = file.display().to_string();
    let (code, _, err) = run(&["report", &study, "-o", &journal, "--force"]);
    assert_eq!(code, 2, "{err}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    // The next session lists these entries, and appends its own.
    let mut terminal = open(folder.path(), "study.toml");
    terminal.press(":panel journal\r", "two parts of <script>");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    let both = lines(&file);
    assert_eq!(both[..first.len()], first);
    assert!(both.len() > first.len());
}

#[test]
fn other_data_have_a_journal_once_something_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    copy(&["digits_mlp.npz"], folder.path());
    let file = folder.path().join("digits_mlp.journal.jsonl");
    let mut terminal = open(folder.path(), "digits_mlp.npz");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    assert!(!file.exists());
    let mut terminal = open(folder.path(), "digits_mlp.npz");
    terminal.press("K", "kept in digits_mlp.journal.jsonl");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    let all = lines(&file);
    assert_eq!(events(&all)[..2], ["opened", "map"]);
    // What is no journal is left as it is.
    std::fs::write(&file, "mine\n").unwrap();
    let mut terminal = open(folder.path(), "digits_mlp.npz");
    terminal.press("K", "no journal is kept here");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine\n");
}
