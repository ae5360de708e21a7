//! What takes the keys in place of map and panels: the help, a question, the command line.

use std::path::{Path, PathBuf};

use super::App;
use super::action::{Action, Direction, Effect, Move, Pick, RunAction, Target};
use super::command_line::CommandLine;
use super::help::Help;
use super::prompt::{Prompt, Question, parse_perplexity};

/// Where the keys go.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Mode {
    /// To the map, or the panel in focus.
    #[default]
    Main,
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

impl App {
    /// Asks something, with a first answer to accept or change.
    pub(super) fn ask(&mut self, question: Question, answer: &str) {
        self.dialogs.mode = Mode::Prompt(Prompt::new(question, answer));
    }

    /// Gives the keys back to map and panels.
    pub(super) fn close(&mut self) {
        self.dialogs.mode = Mode::Main;
    }

    /// Opens the help, on what mentions a text.
    pub(crate) fn open_help(&mut self, filter: &str) -> Vec<Effect> {
        self.dialogs.mode = Mode::Help(Help::new(self.context(), filter));
        if std::mem::take(&mut self.dialogs.hints) {
            return vec![Effect::HelpSeen];
        }
        Vec::new()
    }

    /// Out of a prompt or the help; first out of what the help was searched for.
    pub(super) fn cancel(&mut self) {
        match &mut self.dialogs.mode {
            Mode::Help(help) if !help.filter.is_empty() => help.erase(true),
            _ => self.close(),
        }
    }

    pub(super) fn scroll_help(&mut self, by: Move) {
        if let Mode::Help(help) = &mut self.dialogs.mode {
            help.first = help.first.saturating_add_signed(by.rows()).min(1000);
        }
    }

    /// Takes the prompt's answer.
    pub(super) fn accept(&mut self) -> Vec<Effect> {
        let Mode::Prompt(prompt) = &mut self.dialogs.mode else {
            return Vec::new();
        };
        let text = prompt.text();
        match prompt.question.clone() {
            Question::Perplexity => match parse_perplexity(&text, self.run.ladder.limit()) {
                Ok(perplexity) => {
                    self.close();
                    return self.act(Action::Run(RunAction::Perplexity(Pick::This(perplexity))));
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Find => {
                self.samples.wanted = text;
                self.close();
                if !self.samples.wanted.trim().is_empty() {
                    self.samples.selection.current = None;
                    self.find_next(Direction::Forward);
                }
            }
            Question::Relabel(row) => {
                if self.relabel(row, &text) {
                    self.close();
                } else if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
                    prompt.problem =
                        Some("no class of this name, or several: type more of it".into());
                }
            }
            Question::Command => return self.run_command(&text),
            Question::Note(row) => {
                self.close();
                self.note(row, &text);
            }
            Question::Save(target) => match checked_path(target, &text) {
                Ok(path) => {
                    self.close();
                    return vec![Effect::save(target, path)];
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Overwrite(target, path) => {
                self.close();
                return vec![Effect::Save {
                    target,
                    path,
                    overwrite: true,
                }];
            }
        }
        Vec::new()
    }

    /// A file name made of the dataset's name and an ending.
    pub(crate) fn file_name(&self, ending: &str) -> String {
        let name = crate::error::printable(self.run.data.name());
        let stem: String = name
            .chars()
            .take(100)
            .map(|c| {
                if c.is_alphanumeric() || "-_.+".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let parts: Vec<&str> = stem.split('-').filter(|p| !p.is_empty()).collect();
        let stem = parts.join("-");
        let stem = stem.trim_matches('.');
        format!("{}{ending}", if stem.is_empty() { "map" } else { stem })
    }
}

/// A path with an ending that says a format we write.
pub(crate) fn checked_path(target: Target, text: &str) -> Result<PathBuf, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("type a file name, or Esc".into());
    }
    let endings: &[&str] = match target {
        Target::Map => &["npy", "csv", "svg", "png", "ans", "txt"],
        Target::Statistics => &["json"],
        Target::Selection => &["csv", "txt"],
        Target::Decisions => &["csv"],
        Target::Labels => &["txt"],
    };
    let path = Path::new(text);
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    if endings.iter().any(|e| ending.eq_ignore_ascii_case(e)) {
        Ok(path.to_path_buf())
    } else {
        Err(format!("the name must end in .{}", endings.join(" or .")))
    }
}
