//! What the command line remembers: the lines that were carried out, and what Tab goes through.

use super::action::Direction;

/// No more lines than this are remembered.
const LONGEST_HISTORY: usize = 100;

/// What the command line remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandLine {
    /// The lines that were carried out, the newest last.
    history: Vec<String>,
    /// What was typed before the history was looked through, and where in it we are.
    recalling: Option<(String, usize)>,
    /// The candidates that Tab goes through.
    pub(crate) cycle: Option<Cycle>,
}

/// Candidates that Tab goes through.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    /// The line before them.
    pub(crate) before: String,
    /// The line behind the cursor.
    pub(crate) after: String,
    /// They themselves.
    pub(crate) candidates: Vec<Candidate>,
    /// The one that is in the line.
    pub(crate) at: usize,
}

/// Something that can take a word's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// As it is inserted.
    pub(crate) text: String,
    /// What it is.
    pub(crate) note: String,
    /// Something follows it.
    goes_on: bool,
}

impl Candidate {
    pub(crate) fn new(text: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            note: note.into(),
            goes_on: false,
        }
    }

    /// One that something follows.
    pub(crate) fn that_goes_on(text: &str, note: &str, goes_on: bool) -> Self {
        Self {
            goes_on,
            ..Self::new(text, note)
        }
    }

    /// What the line gets.
    pub(crate) fn inserted(&self) -> String {
        let space = if self.goes_on { " " } else { "" };
        format!("{}{space}", self.text)
    }
}

impl CommandLine {
    /// The line was changed otherwise: candidates and history begin anew.
    pub(crate) fn was_typed(&mut self) {
        self.cycle = None;
        self.recalling = None;
    }

    /// An older or newer line that begins as what was typed.
    pub(crate) fn recall(&mut self, text: String, to: Direction) -> String {
        let newest = self.history.len();
        let (typed, from) = self.recalling.take().unwrap_or((text, newest));
        let fits = |at: &usize| self.history[*at].starts_with(&typed);
        let at = match to {
            Direction::Back => (0..from).rev().find(fits).unwrap_or(from),
            Direction::Forward => (from + 1..newest).find(fits).unwrap_or(newest),
        };
        let line = self.history.get(at).unwrap_or(&typed).clone();
        self.recalling = Some((typed, at));
        self.cycle = None;
        line
    }

    /// Remembers a line that was carried out.
    pub(crate) fn remember(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.history.retain(|old| old != line);
        if self.history.len() == LONGEST_HISTORY {
            self.history.remove(0);
        }
        self.history.push(line.to_owned());
    }
}
