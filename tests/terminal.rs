//! The screen on a real pseudo-terminal: what a shell finds afterwards, whatever happened.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "common/terminal.rs"]
mod terminal;

use std::time::Duration;

use terminal::{Answers, Size, Terminal, program};

const SIZE: Size = (80, 24);

/// The program on its own example, with a map that keeps moving.
fn running(answers: Answers, panic: Option<&str>) -> (tempfile::TempDir, Terminal) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path(), &["demo", "--iterations", "1000000"]);
    if let Some(panic) = panic {
        command.env("DISENTANGLE_TEST_PANIC", panic);
    }
    let terminal = Terminal::start(command, SIZE, answers);
    terminal.until_text("▶ running");
    (folder, terminal)
}

#[test]
fn quitting_leaves_the_terminal_as_it_was() {
    let (_folder, mut terminal) = running(Answers::Yes, None);
    terminal.until_screen("alternate screen", vt100::Screen::alternate_screen);
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    terminal.until_restored();
}

#[test]
fn a_terminal_that_does_not_answer_shows_everything_too() {
    let (_folder, mut terminal) = running(Answers::No, None);
    terminal.press(" ", "‖ paused");
    terminal.press("?", "How to");
    terminal.send("\u{1b}");
    terminal.until("no help", |contents| !contents.contains("How to"));
    terminal.until_silent();
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    terminal.until_restored();
}

/// Begins a prompt, sends keys and replies in two parts, and looks at what the prompt holds.
fn tear(answers: Answers) {
    let (_folder, mut terminal) = running(answers, None);
    terminal.press(" ", "‖ paused");
    terminal.press("p\u{15}12", "perplexity: 12");
    terminal.until_silent();
    for (start, rest) in [
        ("\u{1b}[0", "n"),
        ("\u{1b}[", "A"),
        ("\u{1b}]11;rgb:00", "00/0000/0000\u{1b}\\"),
        ("\u{1b}P1$r0", "qq\u{1b}\\"),
        ("\u{1b}[200~3", "4\u{1b}[201~"),
        ("\u{1b}[20", "0~5\u{1b}[201~"),
        ("\u{1b}", "[0n"),
        ("\u{1b}", "OC"),
    ] {
        // A terminal that answers says at once that a lone escape is the key.
        if start == "\u{1b}" && answers == Answers::Yes {
            continue;
        }
        terminal.send(start);
        std::thread::sleep(Duration::from_millis(700));
        terminal.send(rest);
        // Answers to questions about the next frame come in between otherwise.
        terminal.until_silent_for(match answers {
            Answers::Yes => Duration::from_secs(2),
            Answers::No => Duration::from_millis(400),
        });
    }
    terminal.press("6", "perplexity: 123456");
    terminal.send("\u{1b}");
    terminal.until_screen("no prompt", vt100::Screen::hide_cursor);
    terminal.send("\u{3}");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn what_is_torn_on_the_way_is_no_command() {
    tear(Answers::Yes);
}

#[test]
fn what_is_torn_on_the_way_from_a_terminal_that_does_not_answer_is_no_command() {
    tear(Answers::No);
}

#[test]
fn keys_resizing_and_prompts_work_on_a_real_terminal() {
    let (_folder, mut terminal) = running(Answers::Yes, None);
    terminal.press(" ", "‖ paused");
    terminal.press("]", "[50]");
    terminal.press("p\u{15}12", "perplexity: 12");
    terminal.until_screen("cursor behind the text", |screen| {
        !screen.hide_cursor() && screen.cursor_position() == (22, 15)
    });
    terminal.send("\u{1b}");
    terminal.until_screen("no prompt", vt100::Screen::hide_cursor);
    terminal.send("\u{1b}[200~qqq\u{1b}[201~");
    terminal.resize((20, 6));
    terminal.until_text("40×12");
    terminal.resize((120, 40));
    terminal.until_text("Divergence");
    terminal.until_text("[50]");
    // At once there and back: the program may find the size as it was.
    terminal.resize((1, 1));
    terminal.resize((120, 40));
    terminal.until_text("Divergence");
    terminal.signal("HUP");
    assert_eq!(terminal.ended(), 129);
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let (_folder, mut terminal) = running(Answers::Yes, None);
        terminal.signal(signal);
        assert_eq!(terminal.ended(), code, "{signal}");
        terminal.until_restored();
    }
}

#[test]
fn a_panic_of_the_drawing_thread_restores_the_terminal_and_is_reported() {
    let (_folder, mut terminal) = running(Answers::Yes, Some("ui"));
    terminal.send(" ");
    assert_eq!(terminal.ended(), 101);
    terminal.until_restored();
    terminal.until_text("DISENTANGLE_TEST_PANIC");
}

#[test]
fn a_panic_of_another_thread_leaves_the_screen_alone() {
    let (_folder, mut terminal) = running(Answers::Yes, Some("worker"));
    terminal.press(" ", "‖ paused");
    let contents = terminal.contents();
    assert!(!contents.contains("panicked"), "{contents}");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    terminal.until_restored();
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    // Both while frames are drawn and while it sleeps.
    for is_paused in [false, true] {
        let (_folder, terminal) = running(Answers::Yes, None);
        if is_paused {
            terminal.press(" ", "‖ paused");
        }
        assert_eq!(terminal.hang_up(), 129);
    }
}

#[test]
fn stopping_gives_the_terminal_back_and_going_on_draws_all_of_it() {
    let (_folder, terminal) = running(Answers::Yes, None);
    terminal.signal("STOP");
    std::thread::sleep(Duration::from_millis(50));
    // What a shell would leave on the screen.
    terminal.show(b"\x1b[?1049l\x1b[2J");
    terminal.signal("CONT");
    terminal.until_text("▶ running");
    terminal.until_text("Separation");
    terminal.send("\u{1a}");
    // Without a shell to go back to, Ctrl-Z does nothing.
    terminal.press(" ", "‖ paused");
}

#[test]
fn decisions_of_other_data_stop_nothing_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digits_cnn--demo.decisions.csv");
    let other = "row,decision\n999999,keep\n";
    std::fs::write(&file, other).unwrap();
    let command = program(folder.path(), &["demo", "--iterations", "1000000"]);
    let mut terminal = Terminal::start(command, (120, 40), Answers::Yes);
    terminal.until_text("is not about this data and is not changed");
    terminal.until_text("▶ running");
    terminal.press(" ", "‖ paused");
    terminal.press("x:decide unsure\r", "saved in");
    terminal.send("q");
    assert_eq!(terminal.ended(), 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), other);
    let kept = folder.path().join("digits_cnn--demo.decisions-2.csv");
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(kept.contains(",unsure,"), "{kept}");
}
