//! The record of a study: the study file that `init` writes, the journal beside it, and computing it anew.

#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::path::Path;

use assert_cmd::Command;
use common::fixture;

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
    let at = folder.path().display().to_string();
    let (code, out, err) = run(&["init", &at]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for said in [
        "digits_mlp.npz: features of mlp",
        "digits_cnn_layers.npz: features of cnn/conv1, cnn/conv2, cnn/penultimate, cnn/logits",
        "digits_labels_noisy.npy: other labels",
        "digits_flipped_indices.npy: values: 27 rows, and the features have 899",
        "notes.xyz: ",
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
