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

use common::fixture;
use serde_json::Value;
use terminal::{Answers, Terminal, program};

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
