//! The command line: typing, completing and recalling commands; and what commands need beyond
//! what the keys do.

use super::action::{Effect, Line};
use super::commands::{self, Candidate};
use super::prompt::Question;
use super::selection::Join;
use super::{App, Mode};
use crate::dataset::UNLABELED;
use crate::palette::ColorSet;
use crate::picture::{Coloring, Glyphs};
use crate::run::Command;
use crate::tui::text;

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
        self.dialogs.command.cycle = None;
        self.dialogs.command.recalling = None;
        self.ask(Question::Command, beginning);
    }

    /// Does what the keys of the command line say.
    pub(super) fn edit_line(&mut self, line: Line) {
        let Mode::Prompt(prompt) = &self.dialogs.mode else {
            return;
        };
        let (text, before) = (prompt.text(), prompt.before_cursor());
        match line {
            Line::Complete(by) => self.complete(&text, &before, by),
            Line::Recall(by) => self.recall(text, by),
        }
    }

    /// The line was changed otherwise: candidates and history begin anew.
    pub(super) fn line_was_typed(&mut self) {
        self.dialogs.command.cycle = None;
        self.dialogs.command.recalling = None;
    }

    /// Puts the next candidate in the line.
    fn complete(&mut self, text: &str, before: &str, by: i8) {
        if self.dialogs.command.cycle.is_none() {
            let found = commands::complete(self, before);
            let count = found.candidates.len();
            if count == 0 {
                return;
            }
            let at = if by < 0 { count - 1 } else { 0 };
            self.dialogs.command.cycle = Some(Cycle {
                before: before[..found.start].to_owned(),
                after: text[before.len()..].to_owned(),
                candidates: found.candidates,
                at,
            });
        } else if let Some(cycle) = &mut self.dialogs.command.cycle {
            let count = cycle.candidates.len() as isize;
            cycle.at = (cycle.at as isize + isize::from(by)).rem_euclid(count) as usize;
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

    /// Puts an older (−1) or newer (+1) line that begins as what was typed.
    fn recall(&mut self, text: String, by: i8) {
        let newest = self.dialogs.command.history.len();
        let (typed, from) = self
            .dialogs
            .command
            .recalling
            .take()
            .unwrap_or((text, newest));
        let fits = |at: &usize| self.dialogs.command.history[*at].starts_with(&typed);
        let found = if by < 0 {
            (0..from).rev().find(fits)
        } else {
            (from + 1..newest).find(fits)
        };
        let at = match found {
            Some(at) => at,
            None if by < 0 => from,
            None => newest,
        };
        let line = self
            .dialogs
            .command
            .history
            .get(at)
            .unwrap_or(&typed)
            .clone();
        self.dialogs.command.recalling = Some((typed, at));
        self.dialogs.command.cycle = None;
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

    /// An error if the worker has ended.
    pub(crate) fn check_worker(&self) -> Result<(), String> {
        match &self.run.snapshot.activity {
            crate::run::Activity::Failed(reason) => {
                let reason = crate::error::printable(reason);
                Err(format!("nothing can run: {reason}"))
            }
            _ => Ok(()),
        }
    }

    /// Does something for the worker, unless that has ended.
    pub(super) fn unless_failed(
        &mut self,
        act: impl FnOnce(&mut Self) -> Vec<Effect>,
    ) -> Vec<Effect> {
        match self.check_worker() {
            Ok(()) => act(self),
            Err(problem) => {
                self.complain(problem);
                Vec::new()
            }
        }
    }

    /// The models' names, safe to print.
    pub(crate) fn model_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for set in &self.sets.names {
            if set.model >= names.len() {
                let model = set.name.split_once('/').map_or(&*set.name, |(m, _)| m);
                names.push(text::safe(model));
            }
        }
        names
    }

    /// The layers of the present model, safe to print, each with the name of its set.
    pub(crate) fn layer_names(&self) -> Vec<(String, String)> {
        let names = &self.sets.names;
        let model = names.get(self.sets.present).map(|set| set.model);
        names
            .iter()
            .filter(|set| Some(set.model) == model)
            .map(|set| {
                let layer = set.name.split_once('/').map_or(&*set.name, |(_, l)| l);
                (text::safe(layer), set.name.clone())
            })
            .collect()
    }

    /// The sample of an id, in full or in part, or of a number where there are no ids.
    pub(crate) fn sample_of_id(&self, wanted: &str) -> Result<usize, String> {
        let ids = self.run.data.ids().unwrap_or_default();
        let same = |id: &String| id == wanted || text::safe(id) == wanted;
        let found = ids.iter().position(same);
        found
            .or_else(|| self.search(wanted, None, 1))
            .ok_or_else(|| self.not_found(wanted))
    }

    /// What `n` goes on with.
    pub(crate) fn remember_search(&mut self, wanted: String) {
        self.samples.wanted = wanted;
    }

    /// Selects samples, or takes them out again.
    pub(crate) fn select_all_of(&mut self, what: &str, mut ids: Vec<u32>) -> Result<(), String> {
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Err(match what {
                "the neighbors" => "there is no current sample whose neighbors are known".into(),
                _ => format!("{what}: there are none"),
            });
        }
        self.select(what, &ids, Join::Toggle);
        Ok(())
    }

    /// The samples that the classifier predicts wrongly.
    pub(crate) fn wrong_samples(&self) -> Result<Vec<u32>, String> {
        let (Some(labels), Some(predicted)) = (self.run.data.labels(), self.run.data.predictions())
        else {
            return Err("the data has no predictions; open it with a file of predictions".into());
        };
        let pairs = labels.indices().iter().zip(predicted).enumerate();
        let wrong =
            pairs.filter(|(_, (label, predicted))| **label != UNLABELED && label != predicted);
        Ok(wrong.map(|(sample, _)| sample as u32).collect())
    }

    /// Shows one class only.
    pub(crate) fn show_only(&mut self, class: usize) {
        self.remember("showing one class only");
        for (entry, shown) in self.samples.shown.iter_mut().enumerate() {
            *shown = entry == class;
        }
        self.samples
            .history
            .forget_if_unchanged(&self.samples.selection, &self.samples.shown);
    }

    /// What the colors can mean, by name.
    pub(crate) fn coloring_names(&self) -> Vec<String> {
        let name = |(coloring, value): &(Coloring, &str)| match coloring {
            Coloring::Class => "class".to_owned(),
            Coloring::Mixing => "mixing".into(),
            Coloring::Density => "density".into(),
            Coloring::Outcome => "right or wrong".into(),
            Coloring::Value => (*value).to_owned(),
        };
        self.colorings().iter().map(name).collect()
    }

    /// Lets the colors mean one of [`coloring_names`](Self::coloring_names).
    pub(crate) fn color_by(&mut self, at: usize) {
        let chosen = self.colorings().get(at).copied();
        let before = self.coloring_command();
        if let Some((coloring, value)) = chosen.map(|(c, value)| (c, value.to_owned())) {
            (self.map.look.coloring, self.map.value) = (coloring, value);
            let back = Some(before).filter(|before| *before != self.coloring_command());
            self.say_coloring(back.as_deref());
        }
    }

    /// The command that leads to the present coloring.
    fn coloring_command(&self) -> String {
        let present = (self.map.look.coloring, self.map.value.as_str());
        let is_present = |(coloring, value): &(Coloring, &str)| {
            *coloring == present.0 && (*coloring != Coloring::Value || *value == present.1)
        };
        let at = self.colorings().iter().position(is_present);
        let name = at.and_then(|at| self.coloring_names().into_iter().nth(at));
        format!(":color {}", name.as_deref().unwrap_or("class"))
    }

    /// Draws with these glyphs.
    pub(crate) fn take_glyphs(&mut self, glyphs: Glyphs) {
        self.map.look.glyphs = glyphs;
        self.say_glyphs();
    }

    /// Takes these colors for the classes.
    pub(crate) fn take_color_set(&mut self, set: ColorSet) {
        self.palette = self.palette.with_set(set);
        self.say_color_set();
    }

    /// Whether trails are shown.
    pub(crate) fn has_trails(&self) -> bool {
        self.map.trails
    }

    /// To a model, at the present layer or its last one.
    pub(crate) fn flip_to_model(&mut self, model: usize) -> Vec<Effect> {
        let names = &self.sets.names;
        let from = names.get(self.sets.present).map_or(0, |set| set.model);
        if from == model {
            self.say("this model is shown already");
            return Vec::new();
        }
        self.next_model((model as isize - from as isize) as i8)
    }

    /// Sorts the chosen panel by one of its orders.
    pub(crate) fn sort_by(&mut self, order: usize) {
        let panel = self.panels.chosen;
        let state = self.state_mut(panel);
        (state.order, state.reversed) = (order, false);
        (state.row, state.first) = (0, 0);
        let words = self.orders(panel)[order];
        self.say(format!("sorted by {words}"));
    }

    /// The most neighbors that the tables can count.
    pub(crate) fn most_neighbors(&self) -> usize {
        let others = self.run.data.samples().saturating_sub(1);
        others
            .min((3.0 * self.run.ladder.highest()) as usize)
            .max(1)
    }

    /// Counts so many neighbors in the tables.
    pub(crate) fn take_table_k(&mut self, k: usize) -> Vec<Effect> {
        self.run.table_k = k;
        self.say(format!("{k} nearest neighbors per sample in the tables"));
        vec![Effect::Command(Command::SetTableK(k))]
    }
}
