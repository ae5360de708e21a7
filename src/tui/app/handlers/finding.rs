//! Searching: from one of the things found to the next.

use std::sync::Arc;

use crate::error::printable;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Direction};
use crate::tui::app::finding::{Fit, Hit};
use crate::tui::app::panels::Panel;
use crate::tui::app::selection::Join;

impl App {
    /// Goes to the next or previous of the things that the last search found.
    pub(crate) fn find_next(&mut self, direction: Direction) {
        if self.samples.finding.wanted.is_empty() {
            let key = self.key(Action::Choose(Choose::AskFind));
            self.say(format!(
                "no search yet: {key} searches for samples, classes, named selections and commands"
            ));
        } else if self.samples.finding.hits.is_empty() {
            self.complain(self.nothing_found(&self.samples.finding.wanted));
        } else {
            self.samples.finding.step(direction);
            self.go_to_found();
        }
    }

    /// Goes to what the search found, and says which of how many that is.
    pub(crate) fn go_to_found(&mut self) {
        let Some(hit) = self.samples.finding.hit() else {
            return;
        };
        self.look_at_found(hit);
        match hit {
            Hit::Sample(_) => {}
            Hit::Class(_) => self.show(Panel::Classes),
            Hit::Selection(at) => {
                if let Some((name, ids)) = self.named_selection(at) {
                    self.samples.remember(format!("selecting {name}"));
                    self.samples.selection.join(&ids, Join::Replace);
                    self.samples.forget_if_unchanged();
                }
                self.show(Panel::Selection);
            }
            Hit::Panel(panel) => self.show(panel),
            Hit::Command(name) => {
                self.ask_command(&format!("{name} "));
                return;
            }
        }
        let (place, next) = (self.place_of_found(), self.next_keys());
        // Of a sample more was said when it became the current one.
        let said = self.messages.notice.as_ref().map(|notice| &notice.text);
        let what = match (hit, said) {
            (Hit::Sample(_), Some(said)) => said.clone(),
            _ => self.describe_found(hit),
        };
        self.whisper(format!("{what} · {place}{next}"));
    }

    /// Shows what the search found as far as that moves no focus: a sample on the map, a class in its panel.
    pub(crate) fn look_at_found(&mut self, hit: Hit) {
        match hit {
            Hit::Sample(sample) => self.jump_to(sample),
            Hit::Class(class) => {
                self.panels.chosen = Panel::Classes;
                let order = self.order_of(Panel::Classes);
                if let Some(place) = order.iter().position(|entry| *entry == class) {
                    self.put_cursor(Panel::Classes, place);
                }
            }
            Hit::Selection(_) | Hit::Panel(_) | Hit::Command(_) => {}
        }
    }

    /// "3 of 40".
    pub(crate) fn place_of_found(&self) -> String {
        let finding = &self.samples.finding;
        let all = text::count(finding.hits.len());
        format!("{} of {all}", text::count(finding.at + 1))
    }

    /// The keys that lead to others, if there are any.
    fn next_keys(&self) -> String {
        if self.samples.finding.hits.len() < 2 {
            return String::new();
        }
        let [next, previous] = [Direction::Forward, Direction::Back]
            .map(|to| self.key(Action::Choose(Choose::FindNext(to))));
        format!(", {next} next, {previous} previous")
    }

    /// What was found, in words.
    pub(crate) fn describe_found(&self, hit: Hit) -> String {
        match hit {
            Hit::Sample(sample) => {
                let name = self.sample_name(sample);
                let class = self.run.data.labels().map(|labels| {
                    let entry = labels.class(sample).unwrap_or_else(|| labels.classes());
                    format!(" · {}", self.entry_name_in(entry, 30))
                });
                name + &class.unwrap_or_default()
            }
            Hit::Class(class) => format!(
                "{} {} ({} samples)",
                self.run.class_word(),
                self.entry_name_in(class, 30),
                text::count(self.run.counts[class])
            ),
            Hit::Selection(at) => self
                .named_selection(at)
                .map_or_else(String::new, |(name, ids)| {
                    format!("selection {name} ({} samples)", text::count(ids.len()))
                }),
            Hit::Panel(panel) => format!("panel {}", self.panel_name(panel)),
            Hit::Command(name) => format!("command :{name}"),
        }
    }

    /// The name of a selection, safe to print, and its samples.
    fn named_selection(&self, at: usize) -> Option<(String, Arc<[u32]>)> {
        let (name, ids) = self.samples.named.selections.iter().nth(at)?;
        Some((printable(name), Arc::clone(ids)))
    }

    /// The samples whose ids fit a text in lower case; without ids, the one of that number.
    pub(crate) fn samples_fitting(&self, wanted: &str) -> Vec<(Fit, Hit)> {
        let Some(ids) = self.run.data.ids() else {
            let number = wanted.trim_start_matches('#').parse().ok();
            let number = number.filter(|number: &usize| *number < self.run.data.samples());
            let number = number.map(|number| (Fit::Same, Hit::Sample(number)));
            return number.into_iter().collect();
        };
        let rows = ids.iter().enumerate();
        rows.filter_map(|(row, id)| Some((Fit::of(wanted, id)?, Hit::Sample(row))))
            .collect()
    }

    /// The samples whose ids contain a text, in the order of the rows; without ids, the one of that number.
    pub(crate) fn samples_containing(&self, wanted: &str) -> Vec<Hit> {
        let fitting = self
            .samples_fitting(&wanted.trim().to_lowercase())
            .into_iter();
        let contains = fitting.filter(|(fit, _)| *fit <= Fit::Contains);
        contains.map(|(_, hit)| hit).collect()
    }

    /// Says that nothing was found.
    pub(crate) fn nothing_found(&self, wanted: &str) -> String {
        if self.run.data.ids().is_none() && wanted.trim().parse::<u64>().is_ok() {
            return self.not_found(wanted);
        }
        let wanted = printable(wanted.trim());
        let ids = match self.run.data.ids() {
            Some(_) => "id, ",
            None => "",
        };
        format!(
            "no {ids}{}, named selection, panel or command matches '{}'",
            self.run.class_word(),
            text::cut(&wanted, 30)
        )
    }
}
