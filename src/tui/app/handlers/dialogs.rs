//! Help, questions and the command line: opening, closing and scrolling them.

use crate::tui::app::App;
use crate::tui::app::action::{Effect, Move, Target};
use crate::tui::app::dialogs::{Help, Mode};
use crate::tui::app::prompt::{Prompt, Question};

impl App {
    /// Asks something, with a first answer to accept or change.
    pub(crate) fn ask(&mut self, question: Question, answer: &str) {
        self.dialogs.mode = Mode::Prompt(Prompt::new(question, answer));
    }

    /// Asks where to save something, and offers a name with this ending.
    pub(crate) fn ask_save(&mut self, target: Target, ending: &str) {
        let name = self.file_name(ending);
        self.ask(Question::Save(target), &name);
    }

    /// Says something beside the question.
    pub(crate) fn hint(&mut self, hint: &str) {
        if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
            prompt.hint = Some(hint.to_owned());
        }
    }

    /// Opens the command line, with the beginning of a command.
    pub(crate) fn ask_command(&mut self, beginning: &str) {
        self.dialogs.command.was_typed();
        self.ask(Question::Command, beginning);
    }

    /// Gives the keys back to map and panels.
    pub(crate) fn close(&mut self) {
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

    /// Scrolls the help; a page leaves one line to go on from.
    pub(crate) fn scroll_help(&mut self, by: Move) {
        let page = (self.size.1 as isize - 4).max(1);
        let rows = match by {
            Move::Page(to) => page * to.sign(),
            other => other.rows(),
        };
        if let Mode::Help(help) = &mut self.dialogs.mode {
            help.first = help.first.saturating_add_signed(rows).min(1000);
        }
    }

    /// A file name made from the dataset's name and an ending.
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
