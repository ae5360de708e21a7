//! Asking the terminal what it can do, while the screen is not open.
//!
//! In: a terminal at standard input and output. Out: the [`Answers`] that came in time. The last
//! question is one that every terminal answers: after its answer, no other will come.

use std::io::Write;
use std::time::{Duration, Instant};

use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::input::{Input, Reply, is_readable};
use super::parser::Parser;

/// How long to wait for the answers.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the terminal answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The background color.
    pub(crate) background: Option<(u8, u8, u8)>,
    /// Whether it supports synchronized updates.
    pub(crate) synchronized: Option<bool>,
    /// How many columns a braille pattern, an octant and a wide character take.
    pub(crate) columns: [Option<u16>; 3],
    /// Whether the last question was answered.
    pub(crate) complete: bool,
}

impl Answers {
    /// Takes in bytes.
    fn take(&mut self, parser: &mut Parser, bytes: &[u8]) {
        let mut inputs = Vec::new();
        parser.feed(bytes, &mut inputs);
        for input in inputs {
            let Input::Reply(reply) = input else {
                continue;
            };
            match reply {
                Reply::Ready => self.complete = true,
                Reply::Background(red, green, blue) => self.background = Some((red, green, blue)),
                Reply::Synchronized(known) => self.synchronized = Some(known),
                Reply::Cursor(column, _) => {
                    let free = self.columns.iter_mut().find(|c| c.is_none());
                    if let Some(columns) = free {
                        *columns = Some(column.saturating_sub(1));
                    }
                }
            }
        }
    }
}

/// Asks the terminal for its background, synchronized updates, and the width of a braille pattern, an
/// octant and a wide character. The line is erased afterwards.
pub(crate) fn ask() -> Answers {
    let mut answers = Answers::default();
    if enable_raw_mode().is_err() {
        return answers;
    }
    // Apple's Terminal prints a letter of the question about modes, the Linux console of both.
    let apple = std::env::var("TERM_PROGRAM").is_ok_and(|name| name == "Apple_Terminal");
    let linux = std::env::var("TERM").is_ok_and(|term| term == "linux");
    let mut question = String::new();
    if !linux {
        question.push_str("\x1b]11;?\x1b\\");
    }
    if !linux && !apple {
        question.push_str("\x1b[?2026$p");
    }
    for symbol in ["⣿", "\u{1cd00}", "猫"] {
        question.extend(["\r", symbol, "\x1b[6n"]);
    }
    question.push_str("\r\x1b[K\x1b[5n");
    let mut out = std::io::stdout().lock();
    if out
        .write_all(question.as_bytes())
        .and_then(|()| out.flush())
        .is_ok()
    {
        listen(&mut answers);
    }
    let _ = disable_raw_mode();
    answers
}

/// Reads answers until the last one has come or the time is up.
fn listen(answers: &mut Answers) {
    let until = Instant::now() + PATIENCE;
    let stdin = std::io::stdin();
    let mut parser = Parser::default();
    let mut buffer = [0; 512];
    while !answers.complete {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || !is_readable(&stdin, left) {
            return;
        }
        match rustix::io::read(&stdin, &mut buffer) {
            Ok(length) if length > 0 => answers.take(&mut parser, &buffer[..length]),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_in_from_pieces() {
        let mut answers = Answers::default();
        let mut parser = Parser::default();
        let bytes = b"\x1b]11;rgb:ff/ff/ff\x1b\\\x1b[?2026;2$y\x1b[7;2R\x1b[7;1Rx\x1b[7;3R\x1b[0n";
        for piece in bytes.chunks(5) {
            answers.take(&mut parser, piece);
        }
        assert_eq!(
            answers,
            Answers {
                background: Some((255, 255, 255)),
                synchronized: Some(true),
                columns: [Some(1), Some(0), Some(2)],
                complete: true,
            }
        );
    }
}
