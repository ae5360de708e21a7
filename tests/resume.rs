//! Sessions on a real pseudo-terminal: however the screen ends, the work goes on exactly there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::fixture;
use serde_json::Value;
use terminal::{Answers, PATIENCE, Terminal, program};

fn start(folder: &Path, arguments: &[&str]) -> Terminal {
    Terminal::start(program(folder, arguments), (120, 40), Answers::Yes)
}

/// A folder with the digits.
fn digits() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("digits_cnn.npz"), folder.path().join("digits.npz")).unwrap();
    folder
}

/// The text of a session.
fn session(file: &Path) -> Value {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let member = zip.by_name("session.json").unwrap();
    serde_json::from_reader(member).unwrap()
}

#[test]
fn a_line_that_drops_costs_nothing() {
    let folder = digits();
    let file = folder.path().join("digits.session.npz");
    for signal in ["HUP", "TERM", "INT"] {
        let mut screen = start(
            folder.path(),
            &["digits.npz", "--session", "new", "--pace", "40"],
        );
        screen.until_text("▶ ");
        screen.press("x", "Enter select");
        screen.send("ll");
        screen.press("\r", "1 added, 1 selected");
        screen.send("++");
        screen.send(" ");
        screen.until_text("paused");
        screen.signal(signal);
        screen.ended();
        let before = session(&file);
        let mut screen = start(folder.path(), &["resume"]);
        screen.until_text("paused");
        screen.until_text("Enter select");
        screen.send("q");
        assert_eq!(screen.ended(), 0);
        let after = session(&file);
        for part in ["screen", "sets", "data", "settings", "inputs"] {
            assert_eq!(before[part], after[part], "{part}");
        }
        assert!(
            before["sets"][0]["run"]["maps"][0]["optimizer"]["iteration"]
                .as_u64()
                .unwrap()
                > 0
        );
        assert!(before["screen"]["crosshair"].is_object());
    }
}

#[test]
fn a_terminal_that_reads_nothing_costs_nothing() {
    let folder = digits();
    let file = folder.path().join("digits.session.npz");
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let options = ["--session", "new", "--pace", "40", "--autosave", "0"];
        let mut screen = start(folder.path(), &[&["digits.npz"], &options[..]].concat());
        screen.until_text("▶ ");
        screen.stop();
        // What has to be drawn, and cannot be written.
        screen.send("?");
        sleep(Duration::from_millis(500));
        assert!(!file.exists());
        let start = Instant::now();
        screen.signal(signal);
        assert_eq!(screen.ended(), code);
        assert!(start.elapsed() < Duration::from_secs(20), "{signal}");
        assert_eq!(
            session(&file)["sets"][0]["run"]["maps"][0]["perplexity"],
            30.0
        );
        std::fs::remove_file(&file).unwrap();
        let _ = std::fs::remove_file(folder.path().join("digits.session.npz.previous"));
    }
}

#[test]
fn a_session_is_saved_while_the_terminal_reads_nothing() {
    let folder = digits();
    let file = folder.path().join("digits.session.npz");
    let options = ["--session", "new", "--pace", "40", "--autosave", "1"];
    let screen = start(folder.path(), &[&["digits.npz"], &options[..]].concat());
    screen.until_text("▶ ");
    screen.stop();
    sleep(Duration::from_millis(500));
    let _ = std::fs::remove_file(&file);
    let start = Instant::now();
    while !file.exists() {
        assert!(start.elapsed() < PATIENCE);
        sleep(Duration::from_millis(20));
    }
}

/// The screen once its map stands still.
fn still(folder: &Path, arguments: &[&str]) -> Terminal {
    let screen = start(folder, arguments);
    screen.until("a map that stands", |text| {
        text.contains("■ ") || text.contains("paused")
    });
    screen
}

fn quit(mut screen: Terminal) {
    screen.send("q");
    assert_eq!(screen.ended(), 0);
}

/// Perplexity and iteration of each map of a set.
fn maps(session: &Value, set: usize) -> Vec<(f64, u64)> {
    let maps = session["sets"][set]["run"]["maps"].as_array().unwrap();
    let map = |map: &Value| {
        let iteration = map["optimizer"]["iteration"].as_u64().unwrap();
        (map["perplexity"].as_f64().unwrap(), iteration)
    };
    let mut maps: Vec<_> = maps.iter().map(map).collect();
    maps.sort_by(|a, b| a.0.total_cmp(&b.0));
    maps
}

const SHORT: &[&str] = &["digits.npz", "--iterations", "100", "--pace", "0"];

#[test]
fn the_screen_asks_and_the_setting_answers() {
    let folder = digits();
    let file = folder.path().join("digits.session.npz");
    let screen = still(folder.path(), SHORT);
    screen.press("]", "perplexity 50   iter");
    screen.until_text("■ ");
    quit(screen);
    let first = session(&file);
    assert_eq!(maps(&first, 0).len(), 2);
    // Ended at the question, it is as it was.
    let mut screen = start(folder.path(), SHORT);
    screen.until_text("there is a session with 2 maps; go on with it? (y: go on, n: begin anew)");
    screen.signal("TERM");
    screen.ended();
    assert_eq!(session(&file), first);
    let screen = start(folder.path(), SHORT);
    screen.until_text("go on with it?");
    screen.press("y", "[50]");
    screen.until_text("■ ");
    quit(screen);
    assert_eq!(maps(&session(&file), 0), maps(&first, 0));
    // Again, and again by the command: the arguments are still those of the first time.
    for arguments in [
        &["resume"][..],
        &["resume", "digits.npz"],
        &["resume", "digits.session.npz"],
    ] {
        let screen = start(folder.path(), arguments);
        screen.until_text("[50]");
        quit(screen);
        assert_eq!(maps(&session(&file), 0), maps(&first, 0));
    }
    let always: Vec<&str> = SHORT
        .iter()
        .copied()
        .chain(["--session", "resume"])
        .collect();
    let screen = start(folder.path(), &always);
    screen.until_text("[50]");
    quit(screen);
    let screen = start(folder.path(), SHORT);
    screen.until_text("go on with it?");
    screen.send("n");
    screen.until_text("[30]");
    screen.until_text("■ ");
    quit(screen);
    assert_eq!(maps(&session(&file), 0).len(), 1);
    assert_eq!(
        maps(
            &session(&folder.path().join("digits.session.npz.previous")),
            0
        )
        .len(),
        2
    );
    // Other settings of the map have a session of their own.
    let other: Vec<&str> = SHORT.iter().copied().chain(["--seed", "9"]).collect();
    quit(still(folder.path(), &other));
    assert!(folder.path().join("digits-2.session.npz").is_file());
    let mut screen = start(folder.path(), &["resume"]);
    assert_eq!(screen.ended(), 2);
    screen.until_text("several sessions, the newest first");
    let off: Vec<&str> = SHORT.iter().copied().chain(["--session", "off"]).collect();
    std::fs::remove_file(&file).unwrap();
    quit(still(folder.path(), &off));
    assert!(!file.exists());
}

#[test]
fn two_screens_do_not_write_one_session() {
    let folder = digits();
    let first = still(folder.path(), SHORT);
    let second = still(folder.path(), SHORT);
    second.send(":panel Log\r");
    second.until_text("is in use by process");
    second.press("]", "perplexity 50   iter");
    second.until_text("■ ");
    quit(second);
    quit(first);
    let at = |name: &str| folder.path().join(name);
    assert_eq!(maps(&session(&at("digits.session.npz")), 0).len(), 1);
    assert_eq!(maps(&session(&at("digits-2.session.npz")), 0).len(), 2);
    // One that was killed holds nothing, and what it left is removed.
    let mut killed = still(folder.path(), &["digits.npz", "--session", "new"]);
    killed.signal("KILL");
    killed.ended();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host = host
        .trim()
        .replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_");
    std::fs::write(at(&format!(".disentangle-{host}-4000000-x1")), "").unwrap();
    quit(still(folder.path(), &["digits.npz", "--session", "new"]));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            !name.starts_with(".disentangle") && !name.contains(".lock"),
            "{name}"
        );
    }
}

#[test]
fn changed_damaged_and_newer_files_are_told() {
    let folder = digits();
    let file = folder.path().join("digits.session.npz");
    quit(still(folder.path(), SHORT));
    // Damaged: the previous copy is used.
    quit(still(folder.path(), &["resume"]));
    let bytes = std::fs::read(&file).unwrap();
    std::fs::copy(&file, folder.path().join("digits.session.npz.previous")).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let screen = still(folder.path(), &["resume"]);
    screen.until_text("previous copy");
    quit(screen);
    assert_eq!(maps(&session(&file), 0), [(30.0, 100)]);
    // Other features of the same name.
    std::fs::copy(fixture("digits_mlp.npz"), folder.path().join("digits.npz")).unwrap();
    let screen = start(folder.path(), &["resume"]);
    screen.until_text("1 map of the session cannot be used");
    quit(screen);
    let newer = folder.path().join("newer.session.npz");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&newer).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("session.json", options).unwrap();
    std::io::Write::write_all(&mut zip, br#"{"schema":"disentangle.session/7"}"#).unwrap();
    zip.finish().unwrap();
    let mut screen = start(folder.path(), &["resume", "newer.session.npz"]);
    assert_eq!(screen.ended(), 2);
    screen.until_text("is a session of a newer version of this program (format 7)");
}

#[test]
fn all_sets_of_a_study_go_on_and_a_panic_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "digits_cnn.npz",
        "digits_cnn_layers.npz",
        "digits_mlp.npz",
        "digits.toml",
    ] {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("digits.session.npz");
    let mut command = program(
        folder.path(),
        &[
            "digits.toml",
            "--iterations",
            "80",
            "--early-iterations",
            "20",
            "--pace",
            "0",
        ],
    );
    command.env("DISENTANGLE_TEST_PANIC", "none");
    let screen = Terminal::start(command, (120, 40), Answers::Yes);
    screen.until_text("■ ");
    screen.press("m", " MLP   899 ×");
    screen.until("the map of the MLP", |text| {
        text.contains("iter 80/80") && text.contains("■ ")
    });
    quit(screen);
    let first = session(&file);
    assert_eq!(first["sets"].as_array().unwrap().len(), 2);
    // Only the shown set is opened; the other one is kept all the same.
    let mut command = program(folder.path(), &["resume", "digits.toml"]);
    command.env("DISENTANGLE_TEST_PANIC", "ui");
    let mut screen = Terminal::start(command, (120, 40), Answers::Yes);
    screen.until_text(" MLP   899 ×");
    screen.until_text("iter 80/80");
    screen.send("x");
    assert_ne!(screen.ended(), 0);
    let second = session(&file);
    let by_name = |session: &Value| {
        let sets = session["sets"].as_array().unwrap().clone();
        sets.into_iter()
            .map(|set| (set["name"].to_string(), set))
            .collect::<Vec<_>>()
    };
    let sorted = |mut sets: Vec<(String, Value)>| {
        sets.sort_by(|a, b| a.0.cmp(&b.0));
        sets
    };
    assert_eq!(sorted(by_name(&first)), sorted(by_name(&second)));
    let screen = still(folder.path(), &["resume"]);
    screen.press("M", "CNN/");
    screen.until_text("■ ");
    screen.until_text("iter 80/80");
    quit(screen);
}
