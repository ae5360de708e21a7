//! `disentangle embed --checkpoint`: a map that is interrupted again and again ends as one that is not.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::fixture as path_of;

fn fixture(name: &str) -> String {
    path_of(name).display().to_string()
}

fn embed(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("disentangle"));
    command
        .current_dir(folder)
        .args(["embed", &fixture("digits_cnn.npz"), "--threads", "1"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn signal(command: &mut Command, after: Duration, signal: &str) -> Output {
    let child = command.spawn().unwrap();
    std::thread::sleep(after);
    let _ = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_map_that_is_terminated_again_and_again_ends_as_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let iterations = ["--iterations", "1500", "--perplexity-annealing", "60"];
    let whole = [&["-o", "whole.npy"], &iterations[..]].concat();
    assert!(embed(folder.path(), &whole).status().unwrap().success());
    let part = [
        &["-o", "part.npy", "--checkpoint", "c.npz"],
        &iterations[..],
    ]
    .concat();
    let mut last = 0;
    let mut interruptions = 0;
    for attempt in 0_u32.. {
        let after = Duration::from_millis(200 * 3_u64.pow(attempt) / 2_u64.pow(attempt));
        let output = signal(&mut embed(folder.path(), &part), after, "-TERM");
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(143), "{}", said(&output));
        interruptions += 1;
        let text = said(&output);
        if text.contains("there was no map yet") {
            continue;
        }
        let (_, at) = text.split_once("c.npz holds iteration ").expect(&text);
        let at: usize = at.split_whitespace().next().unwrap().parse().unwrap();
        assert!(
            at >= last && text.contains("of 1500: the same command goes on from there"),
            "{text}"
        );
        last = at;
        assert!(!folder.path().join("part.npy").exists());
    }
    assert!(interruptions > 0 && last > 0, "it is to be interrupted");
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("whole.npy") == read("part.npy"));
    // Nothing but the files that were named.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_signal_asks_for_a_checkpoint_and_the_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "-o",
        "a.npy",
        "--checkpoint",
        "c.npz",
        "--iterations",
        "100000000",
    ];
    let child = embed(folder.path(), &arguments).spawn().unwrap();
    let kill = |signal: &str| {
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    };
    // Until the program listens, the signal would end it.
    std::thread::sleep(Duration::from_millis(1500));
    let file = folder.path().join("c.npz");
    let mut seen = Vec::new();
    for _ in 0..2 {
        kill("-USR1");
        let mut waited = 0;
        while seen.contains(&std::fs::read(&file).unwrap_or_default()) || !file.exists() {
            std::thread::sleep(Duration::from_millis(20));
            waited += 1;
            assert!(waited < 500, "no checkpoint after ten seconds");
        }
        seen.push(std::fs::read(&file).unwrap());
    }
    kill("-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
}

#[test]
fn what_cannot_be_continued_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let output = embed(folder.path(), more).output().unwrap();
        (output.status.code(), said(&output))
    };
    let (code, text) = run(&["-o", "a.npy", "--checkpoint", "c.npz", "--iterations", "60"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = run(&[
        "-o",
        "b.npy",
        "--checkpoint",
        "c.npz",
        "--seed",
        "2",
        "--iterations",
        "60",
    ]);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("c.npz: is a checkpoint of another map (seed 1, not 2)"),
        "{text}"
    );
    assert!(!folder.path().join("b.npy").exists());
    let (code, text) = run(&["-o", "b.npy", "--checkpoint", "a.npy"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("a.npy: is not a checkpoint"), "{text}");
    let (code, text) = run(&["-o", "b.npy", "--checkpoint", "b.npy"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("is a file that the result goes to"), "{text}");
    let (code, text) = run(&["-o", "b.npy", "--checkpoint", &fixture("digits_cnn.npz")]);
    assert_eq!(code, Some(2));
    assert!(text.contains("is a file that this command reads"), "{text}");
    let (code, text) = run(&["-o", "b.npy", "--checkpoint", "none/c.npz"]);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("is in a folder that does not exist"),
        "{text}"
    );
    let (code, text) = run(&["-o", "b.npy", "--every", "5"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("--checkpoint"), "{text}");
    // What is done is not done again, and more iterations go on from it.
    let (code, text) = run(&["-o", "b.npy", "--checkpoint", "c.npz", "--iterations", "60"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("c.npz: goes on from iteration 60 of 60"),
        "{text}"
    );
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("a.npy") == read("b.npy"));
}
