//! The command line: typing, completing and recalling commands; and what commands need beyond
//! what the keys do.

use super::action::{Direction, Effect, LineAction};
use super::commands::{self, Candidate};
use super::prompt::Question;
use super::{App, Mode};

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
    before: String,
    /// The line behind the cursor.
    after: String,
    /// They themselves.
    pub(crate) candidates: Vec<Candidate>,
    /// The one that is in the line.
    pub(crate) at: usize,
}

impl App {
    /// Opens the command line, with the beginning of a command.
    pub(super) fn ask_command(&mut self, beginning: &str) {
        self.line_was_typed();
        self.ask(Question::Command, beginning);
    }

    /// Does what the keys of the command line say.
    pub(super) fn edit_line(&mut self, line: LineAction) {
        let Mode::Prompt(prompt) = &self.dialogs.mode else {
            return;
        };
        let (text, before) = (prompt.text(), prompt.before_cursor());
        match line {
            LineAction::Complete(to) => self.complete(&text, &before, to),
            LineAction::Recall(to) => self.recall(text, to),
        }
    }

    /// The line was changed otherwise: candidates and history begin anew.
    pub(super) fn line_was_typed(&mut self) {
        self.dialogs.command.cycle = None;
        self.dialogs.command.recalling = None;
    }

    /// Puts the next candidate in the line.
    fn complete(&mut self, text: &str, before: &str, to: Direction) {
        if self.dialogs.command.cycle.is_none() {
            let found = commands::complete(self, before);
            let count = found.candidates.len();
            if count == 0 {
                return;
            }
            let at = match to {
                Direction::Back => count - 1,
                Direction::Forward => 0,
            };
            self.dialogs.command.cycle = Some(Cycle {
                before: before[..found.start].to_owned(),
                after: text[before.len()..].to_owned(),
                candidates: found.candidates,
                at,
            });
        } else if let Some(cycle) = &mut self.dialogs.command.cycle {
            cycle.at = to.around(cycle.at, cycle.candidates.len());
        }
        let Some(cycle) = &self.dialogs.command.cycle else {
            return;
        };
        let alone = cycle.candidates.len() == 1;
        let candidate = &cycle.candidates[cycle.at];
        let inserted = if alone {
            candidate.inserted()
        } else {
            candidate.text.clone()
        };
        let line = format!("{}{inserted}", cycle.before);
        let after = cycle.after.clone();
        self.put_line(&line, &after);
        if alone {
            self.dialogs.command.cycle = None;
        }
    }

    /// Puts an older or newer line that begins as what was typed.
    fn recall(&mut self, text: String, to: Direction) {
        let command = &mut self.dialogs.command;
        let newest = command.history.len();
        let (typed, from) = command.recalling.take().unwrap_or((text, newest));
        let fits = |at: &usize| command.history[*at].starts_with(&typed);
        let at = match to {
            Direction::Back => (0..from).rev().find(fits).unwrap_or(from),
            Direction::Forward => (from + 1..newest).find(fits).unwrap_or(newest),
        };
        let line = command.history.get(at).unwrap_or(&typed).clone();
        command.recalling = Some((typed, at));
        command.cycle = None;
        self.put_line(&line, "");
    }

    fn put_line(&mut self, before: &str, after: &str) {
        if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
            prompt.put(before, after);
        }
    }

    /// Carries out the line; one that cannot be stays, with the reason.
    pub(super) fn run_command(&mut self, line: &str) -> Vec<Effect> {
        let prompt = std::mem::replace(&mut self.dialogs.mode, Mode::Main);
        match commands::run(self, line) {
            Ok(effects) => {
                let line = line.trim();
                if !line.is_empty() {
                    self.dialogs.command.history.retain(|old| old != line);
                    if self.dialogs.command.history.len() == LONGEST_HISTORY {
                        self.dialogs.command.history.remove(0);
                    }
                    self.dialogs.command.history.push(line.to_owned());
                }
                effects
            }
            Err(problem) => {
                self.dialogs.mode = prompt;
                if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
                    prompt.problem = Some(problem);
                }
                Vec::new()
            }
        }
    }
}
