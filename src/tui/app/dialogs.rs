//! What takes the keys in place of map and panels: the help, a question, the command line.

use super::command_line::CommandLine;
use super::context::Context;
use super::prompt::Prompt;
use crate::error::printable;
use crate::tui::terminal::input::Key;

/// No filter of the help is longer than this many characters.
const LONGEST_FILTER: usize = 60;

/// Where the keys go.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Mode {
    /// To the map, or the panel in focus.
    #[default]
    Main,
    Help(Help),
    /// To the list of panels.
    Menu,
    /// To a question.
    Prompt(Prompt),
}

/// The dialogs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dialogs {
    /// Where the keys go.
    pub(crate) mode: Mode,
    /// The command line.
    pub(crate) command: CommandLine,
    /// A question could not be asked: what is typed at once is meant as its answer, not as keys.
    pub(crate) is_refused: bool,
    /// Hint at the keys that lead to the help.
    pub(crate) hints: bool,
}

impl Dialogs {
    /// Whether a key is part of the answer to a question that was not asked. Enter and Esc end that answer.
    pub(crate) fn swallows(&mut self, key: Key) -> bool {
        let is_refused = self.is_refused;
        self.is_refused &= matches!(key, Key::Char(_) | Key::Backspace);
        let is_typed = matches!(key, Key::Char(_) | Key::Backspace | Key::Enter | Key::Esc);
        is_refused && is_typed
    }
}

/// The help as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Help {
    /// The first line shown.
    pub(crate) first: usize,
    /// Where it was asked for.
    pub(crate) context: Context,
    /// What it has to mention.
    pub(crate) filter: String,
}

impl Help {
    /// The help as it opens.
    pub(crate) fn new(context: Context, filter: &str) -> Self {
        Self {
            first: 0,
            context,
            filter: filter.to_owned(),
        }
    }

    /// Lets the filter begin anew, or takes a character of it away.
    pub(crate) fn erase(&mut self, all: bool) {
        if all {
            self.filter.clear();
        } else {
            self.filter.pop();
        }
        self.first = 0;
    }

    /// Adds what was typed or pasted to the filter, as far as it can be printed.
    pub(crate) fn add(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or("");
        let known = self.filter.chars().count();
        let room = LONGEST_FILTER.saturating_sub(known);
        let harmless = |c: &char| printable(c.encode_utf8(&mut [0; 4])).chars().eq([*c]);
        self.filter.extend(line.chars().filter(harmless).take(room));
        self.first = 0;
    }
}
