//! What the answer to each question leads to, and what a command line does while it is typed.

use crate::tui::app::App;
use crate::tui::app::action::{Direction, Effect, LineAction, Pick, RunAction};
use crate::tui::app::command::Outcome;
use crate::tui::app::command_line::Cycle;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::ladder::parse_perplexity;
use crate::tui::app::prompt::Question;
use crate::tui::app::tables::commands;
use crate::tui::app::tables::complete::complete;
use crate::tui::app::tables::find::find;

impl App {
    /// Takes the prompt's answer; one that cannot be used stays, with the reason.
    pub(crate) fn accept(&mut self) -> Vec<Effect> {
        let Mode::Prompt(mut prompt) = std::mem::take(&mut self.dialogs.mode) else {
            return Vec::new();
        };
        match self.answer(&prompt.question, &prompt.text()) {
            Ok(effects) => effects,
            Err(problem) => {
                prompt.problem = Some(problem);
                self.dialogs.mode = Mode::Prompt(prompt);
                Vec::new()
            }
        }
    }

    fn answer(&mut self, question: &Question, text: &str) -> Result<Vec<Effect>, String> {
        match question {
            Question::Perplexity => {
                let perplexity = parse_perplexity(text, self.run.ladder.limit())?;
                return Ok(self.act_on_run(RunAction::Perplexity(Pick::This(perplexity))));
            }
            Question::Find => {
                if self.samples.finding.wanted != text.trim() {
                    self.samples.finding = find(self, text);
                }
                if let (true, false) =
                    (self.samples.finding.hits.is_empty(), text.trim().is_empty())
                {
                    return Err(self.nothing_found(text));
                }
                self.go_to_found();
            }
            Question::Relabel(row) => self.relabel(*row, text)?,
            Question::Command => return self.run_command(text),
            Question::Note(row) => self.note(*row, text),
            Question::Save(target) => return Ok(vec![Effect::save(*target, target.path(text)?)]),
            Question::Session(_) => return Ok(vec![Effect::GoOn]),
            Question::Overwrite(target, path) => {
                return Ok(vec![Effect::Save {
                    target: *target,
                    path: path.clone(),
                    overwrite: true,
                }]);
            }
        }
        Ok(Vec::new())
    }

    /// Follows an answer while it is typed: what it finds first is shown.
    pub(crate) fn answer_as_typed(&mut self) {
        let Mode::Prompt(prompt) = &self.dialogs.mode else {
            return;
        };
        let wanted = prompt.text();
        if prompt.question != Question::Find || self.samples.finding.wanted == wanted.trim() {
            return;
        }
        self.samples.finding = find(self, &wanted);
        self.show_found();
    }

    /// While the text is typed: to the next or previous of what it finds.
    pub(crate) fn step_found(&mut self, to: Direction) {
        self.samples.finding.step(to);
        self.show_found();
    }

    /// Shows what the typed text finds, and says beside it what that is.
    fn show_found(&mut self) {
        let (hit, wanted) = (
            self.samples.finding.hit(),
            self.samples.finding.wanted.clone(),
        );
        if let Some(hit) = hit {
            self.look_at_found(hit);
        }
        let hint = hit.map(|hit| {
            let more = if self.samples.finding.hits.len() > 1 {
                ", ↓ next"
            } else {
                ""
            };
            let (what, place) = (self.describe_found(hit), self.place_of_found());
            format!("{place}{more} · {what}")
        });
        let missing = hit.is_none() && !wanted.is_empty();
        let problem = missing.then(|| self.nothing_found(&wanted));
        if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
            prompt.problem = problem;
            prompt.hint = hint;
        }
    }

    /// Does what the keys of the command line say.
    pub(crate) fn edit_line(&mut self, line: LineAction) {
        let Mode::Prompt(prompt) = &self.dialogs.mode else {
            return;
        };
        let (text, before) = (prompt.text(), prompt.before_cursor());
        match line {
            LineAction::Complete(to) => self.complete(&text, &before, to),
            LineAction::Recall(to) => {
                let line = self.dialogs.command.recall(text, to);
                self.put_line(&line, "");
            }
        }
    }

    /// Puts the next candidate in the line.
    fn complete(&mut self, text: &str, before: &str, to: Direction) {
        if self.dialogs.command.cycle.is_none() {
            let found = complete(self, before);
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

    fn put_line(&mut self, before: &str, after: &str) {
        if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
            prompt.put(before, after);
        }
    }

    /// Carries out a line.
    fn run_command(&mut self, line: &str) -> Result<Vec<Effect>, String> {
        let outcome = commands::run(self, line)?;
        self.dialogs.command.remember(line);
        Ok(match outcome {
            Outcome::Act(action) => self.act(action),
            Outcome::Done(effects) => effects,
        })
    }
}
