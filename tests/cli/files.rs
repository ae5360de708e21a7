//! Files that commands read and write: maps, none written over, nothing left behind, pipes that close.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::common::{array, fixture};
use super::{Folder, cnn, disentangle, json, run};

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
fn completions_and_manual_pages_come_from_the_definitions_of_the_help() {
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef disentangle"),
        ("fish", "complete -c disentangle"),
    ] {
        let (code, out, err) = run(&["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        assert!(
            out.contains(sign) && out.contains("least-overlap"),
            "{shell}"
        );
    }
    let folder = Folder::new();
    let pages = folder.path("man");
    let pages = pages.to_str().unwrap();
    let (code, out, err) = run(&["man", pages]);
    assert_eq!((code, err.as_str()), (0, ""));
    let files: Vec<_> = std::fs::read_dir(pages).unwrap().collect();
    assert_eq!(out, format!("{} pages in {pages}\n", files.len()));
    let page = std::fs::read_to_string(format!("{pages}/disentangle-embed.1")).unwrap();
    assert!(
        page.contains(".TH disentangle-embed") && page.contains("checkpoint"),
        "{page}"
    );
    // Pages that are there are kept.
    let (code, _, err) = run(&["man", pages]);
    assert_eq!(code, 2);
    assert!(err.contains("--force"), "{err}");
    assert_eq!(run(&["man", pages, "--force"]).0, 0);
}
