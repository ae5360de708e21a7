//! One line of text that the user types, or a question answered yes or no.
//!
//! Only printable characters get in, from keys as from the clipboard, so that nothing pasted can
//! act or reach the terminal as an escape sequence.

use std::path::PathBuf;

use super::action::Target;
use super::context::Context;
use crate::error::printable;
use crate::tui::terminal::input::Key;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    Perplexity,
    /// A sample, class, panel or command to search for.
    Find,
    /// Where to save.
    Save(Target),
    /// The class that a sample should be.
    Relabel(usize),
    /// A remark about a sample.
    Note(usize),
    Command,
    /// Whether to go on with a session, and with which.
    Session(String),
    /// Whether to replace a file.
    Overwrite(Target, PathBuf),
}

/// A question and the answer typed so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prompt {
    /// What is asked.
    pub(crate) question: Question,
    /// The answer so far.
    text: Vec<char>,
    /// Characters before the cursor.
    cursor: usize,
    /// The first character typed takes the place of the answer that was offered.
    replaces: bool,
    /// What is wrong with the answer that was tried.
    pub(crate) problem: Option<String>,
    /// What the answer would lead to.
    pub(crate) hint: Option<String>,
}

/// No answer is longer than this many characters.
const LONGEST: usize = 4096;

impl Prompt {
    /// Asks, with a first answer to accept or change.
    pub(crate) fn new(question: Question, answer: &str) -> Self {
        let text: Vec<char> = answer.chars().collect();
        Self {
            // A number is typed anew, a file name is changed.
            replaces: matches!(question, Question::Perplexity | Question::Relabel(_)),
            question,
            cursor: text.len(),
            text,
            problem: None,
            hint: None,
        }
    }

    /// The keys' context.
    pub(crate) fn context(&self) -> Context {
        match self.question {
            Question::Overwrite(..) | Question::Session(_) => Context::Confirm,
            Question::Command => Context::Command,
            _ => Context::Prompt,
        }
    }

    /// The question in words.
    pub(crate) fn label(&self) -> String {
        match &self.question {
            Question::Perplexity => "perplexity:".into(),
            Question::Find => "find:".into(),
            Question::Relabel(_) => "relabel as:".into(),
            Question::Note(_) => "note:".into(),
            Question::Command => ":".into(),
            Question::Save(target) => format!("save {} to:", target.label()),
            Question::Session(what) => format!("{what}; go on with it? (y: go on, n: begin anew)"),
            Question::Overwrite(_, path) => {
                format!(
                    "{} exists; replace it? (y/n)",
                    printable(&path.display().to_string())
                )
            }
        }
    }

    /// The answer so far.
    pub(crate) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// The answer before the cursor.
    pub(crate) fn before_cursor(&self) -> String {
        self.text[..self.cursor].iter().collect()
    }

    /// Puts another answer, with the cursor between its parts.
    pub(crate) fn put(&mut self, before: &str, after: &str) {
        self.clear();
        self.problem = None;
        for c in before.chars().chain(after.chars()) {
            self.insert(c);
        }
        self.cursor = before.chars().count().min(self.text.len());
    }

    /// Edits the answer.
    pub(crate) fn key(&mut self, key: Key) {
        if self.context() == Context::Confirm {
            return;
        }
        self.problem = None;
        let replaces = std::mem::take(&mut self.replaces);
        match key {
            Key::Char(c) => {
                if replaces {
                    self.clear();
                }
                self.insert(c);
            }
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Key::Delete if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
            }
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = (self.cursor + 1).min(self.text.len()),
            Key::Home | Key::Ctrl('a') => self.cursor = 0,
            Key::End | Key::Ctrl('e') => self.cursor = self.text.len(),
            Key::Ctrl('u') => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            Key::Ctrl('w') => self.erase_word(),
            _ => {}
        }
    }

    /// Inserts what was pasted: its first line, without what cannot be printed.
    pub(crate) fn paste(&mut self, text: &str) {
        if self.context() == Context::Confirm {
            return;
        }
        self.problem = None;
        if std::mem::take(&mut self.replaces) {
            self.clear();
        }
        let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
        for c in line.trim().chars().take(LONGEST) {
            self.insert(c);
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    fn insert(&mut self, c: char) {
        let mut buffer = [0; 4];
        let harmless = printable(c.encode_utf8(&mut buffer)) == *c.encode_utf8(&mut [0; 4]);
        if harmless && self.text.len() < LONGEST {
            self.text.insert(self.cursor, c);
            self.cursor += 1;
        }
    }

    fn erase_word(&mut self) {
        let before = &self.text[..self.cursor];
        let word_end = before.iter().rposition(|c| *c != ' ').map_or(0, |i| i + 1);
        let start = before[..word_end]
            .iter()
            .rposition(|c| matches!(c, ' ' | '/'))
            .map_or(0, |i| i + 1);
        self.text.drain(start.min(self.cursor)..self.cursor);
        self.cursor = start.min(self.cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_keeps_text_and_cursor_together() {
        let mut prompt = Prompt::new(Question::Save(Target::Map), "map.npy");
        for key in [
            Key::Home,
            Key::Delete,
            Key::Char('M'),
            Key::End,
            Key::Backspace,
        ] {
            prompt.key(key);
        }
        assert_eq!(
            (prompt.text(), prompt.before_cursor()),
            ("Map.np".into(), "Map.np".into())
        );
        for key in [
            Key::Left,
            Key::Left,
            Key::Ctrl('u'),
            Key::Right,
            Key::Right,
            Key::Right,
        ] {
            prompt.key(key);
        }
        assert_eq!(prompt.text(), "np");
        for key in [Key::Backspace; 5] {
            prompt.key(key);
        }
        prompt.key(Key::Ctrl('w'));
        assert_eq!(prompt.text(), "");
        prompt.paste("some/where here");
        prompt.key(Key::Ctrl('w'));
        assert_eq!(prompt.text(), "some/where ");
        prompt.key(Key::Ctrl('w'));
        assert_eq!(prompt.text(), "some/");
    }

    #[test]
    fn pasted_junk_loses_what_is_not_printable() {
        let mut prompt = Prompt::new(Question::Perplexity, "");
        prompt.paste("\n\n 4\u{1b}[31m2\u{202e}\u{7}\r\nrm -rf\n");
        assert_eq!(prompt.text(), "4[31m2");
        prompt.paste(&"x".repeat(100_000));
        assert!(prompt.text().len() <= LONGEST);
        let mut confirm = Prompt::new(Question::Overwrite(Target::Map, "a".into()), "");
        confirm.paste("y\n");
        assert_eq!(confirm.text(), "");
    }
}
