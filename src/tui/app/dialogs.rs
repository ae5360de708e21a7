//! What takes the keys in place of map and panels: the help, a question, the command line.

use super::command::CommandLine;
use super::help::Help;
use super::prompt::Prompt;

/// Where the keys go.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Mode {
    /// To the map, or the panel in focus.
    #[default]
    Main,
    /// To the help.
    Help(Help),
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
    /// Hint at the keys that lead to the help.
    pub(crate) hints: bool,
}
