//! Study files that `init` writes for folders of several models.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use assert_cmd::Command;

/// Runs the program; standard output.
fn run(arguments: &[&str]) -> String {
    let mut program = Command::cargo_bin("disentangle").unwrap();
    let output = program.args(arguments).output().unwrap();
    let [out, err] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out
}

pub(crate) fn init_finds_the_models_and_layers_of_a_folder(data: &Path) {
    for name in ["retina5", "blood5"] {
        let copy = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(data.join(name)).unwrap() {
            let file = file.unwrap();
            if file.path().is_file() {
                std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
        }
        let out = run(&["init", &copy.path().display().to_string()]);
        assert!(
            out.contains("probabilities_C.npy: probabilities of model C"),
            "{out}"
        );
        assert!(out.contains("flipped_idx.npy: "), "{out}");
        let study = copy.path().join("study.toml").display().to_string();
        let found = run(&["inspect", &study]);
        assert!(
            found.contains("use: 13 feature sets of 4 models"),
            "{found}"
        );
        assert!(found.contains("  A/L1_conv1: 64 features"), "{found}");
        assert!(found.contains("use: labels of 5 classes"), "{found}");
    }
}
