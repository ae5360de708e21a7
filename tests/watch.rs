//! `Map::watch` on a real pseudo-terminal: the screen opens on a notebook's map, twice in one process whose
//! standard streams are pipes, as those of evcxr's cells are.

#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use common::fixture;
use disentangle::prelude::*;
use terminal::{Answers, Terminal, command};

/// The process that the test starts.
#[test]
#[ignore = "it needs a terminal; the test below starts it on one"]
fn cells() {
    let data = load("digits_mlp.npz").unwrap();
    let start = || data.tsne().iterations(60).start().unwrap();
    let mut map = start();
    map.run(20).unwrap();
    let first = map.watch().unwrap();
    println!("{first}");
    let mut straight = start();
    straight.finish().unwrap();
    println!(
        "same positions: {}",
        map.positions() == straight.positions()
    );
    let relabeled = first.decisions.apply(&data).unwrap();
    println!(
        "{} labels differ",
        (0..899)
            .filter(|&i| label(&relabeled, i) != label(&data, i))
            .count()
    );
    let second = map.watch().unwrap();
    println!("{second}");
    map.perplexity(10).unwrap();
    println!("{map:?}");
}

fn label(data: &Dataset, row: usize) -> Option<u16> {
    Some(data.labels()?.indices()[row])
}

#[test]
fn a_map_goes_to_the_screen_and_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        fixture("digits_mlp.npz"),
        folder.path().join("digits_mlp.npz"),
    )
    .unwrap();
    let itself = std::env::current_exe().unwrap();
    let line = format!(
        "true | '{}' --ignored --exact cells --nocapture 2>errors | cat >shown; echo THE END",
        itself.display()
    );
    let shell = command(folder.path(), "sh", &["-c", &line]);
    let terminal = Terminal::start(shell, (120, 40), Answers::Yes);
    terminal.until("the map, which waits", |screen| screen.contains("20/60"));
    terminal.press(" ", "60/60");
    terminal.press(":", "Enter run");
    terminal.press("select class three\r", "92 selected");
    terminal.send("q");
    terminal.until("the screen once more", |screen| {
        screen.contains("60/60") && !screen.contains("92 selected")
    });
    terminal.press("q", "THE END");
    terminal.until_restored();
    let shown = std::fs::read_to_string(folder.path().join("shown")).unwrap();
    for expected in [
        "perplexity 30 · iteration 60 · 92 samples selected\n",
        "same positions: true\n",
        "perplexity 30 · iteration 60 · 0 samples selected\n",
        "Map { t-SNE of 899 × 64 · perplexity 10 · iteration",
    ] {
        assert!(shown.contains(expected), "{expected:?} in {shown}");
    }
}
