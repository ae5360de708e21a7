//! Choosing samples: selecting, searching, showing and hiding classes, and undoing it.

use std::sync::Arc;

use crate::dataset::UNLABELED;
use crate::diagnosis::SampleDiagnosis;
use crate::error::printable;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Direction, Effect, Target};
use crate::tui::app::finding::Hit;
use crate::tui::app::panels::Panel;
use crate::tui::app::prompt::Question;
use crate::tui::app::selection::Join;
use crate::words;

impl App {
    /// Does what the user wants of samples.
    pub(crate) fn choose(&mut self, choose: Choose) {
        match choose {
            Choose::ToggleCrosshair => self.toggle_crosshair(),
            Choose::CrosshairTo(way) => self.crosshair_to(way),
            Choose::CrosshairBy(way) => self.crosshair_by(way.step()),
            Choose::Pick => self.pick_at_crosshair(),
            Choose::StartBox => self.start_box(),
            Choose::LeaveCrosshair => self.leave_crosshair(),
            Choose::SelectClass => self.select_class(),
            Choose::SelectInView => self.select_in_view(),
            Choose::ClearSelection => self.clear_selection(),
            Choose::Undo => self.step_history(Direction::Back),
            Choose::Redo if self.is_focused(Panel::Suspects) => self.redo_decision(),
            Choose::Redo => self.step_history(Direction::Forward),
            Choose::AskFind => self.ask(Question::Find, ""),
            Choose::FindNext(direction) => self.find_next(direction),
            Choose::AskSaveSelection => self.ask_save_ids(),
        }
    }

    /// Selects all samples of shown classes in the window.
    fn select_in_view(&mut self) {
        let inside = self.in_view();
        if inside.is_empty() {
            self.say("no sample of a shown class is in the window");
        } else {
            self.select("the window", &inside, Join::Toggle);
        }
    }

    /// Whether a sample's class is shown.
    pub(crate) fn is_shown(&self, sample: usize) -> bool {
        let class = self
            .run
            .data
            .labels()
            .map_or(UNLABELED, |l| l.indices()[sample]);
        let entry = if class == UNLABELED {
            self.run.classes()
        } else {
            usize::from(class)
        };
        self.samples.shown.get(entry).copied().unwrap_or(true)
    }

    /// A sample's id, or its number where there are no ids, safe to print.
    pub(crate) fn sample_name(&self, sample: usize) -> String {
        let id = self.run.data.ids().and_then(|ids| ids.get(sample));
        id.map_or_else(|| format!("#{sample}"), |id| text::safe(id))
    }

    /// The name of the class predicted for a sample, safe to print.
    pub(crate) fn prediction_of(&self, sample: usize) -> Option<String> {
        let class = *self.run.data.predictions()?.get(sample)?;
        Some(if class == UNLABELED {
            "none of the classes".into()
        } else {
            self.entry_name(usize::from(class))
        })
    }

    /// Takes samples (ascending) into the selection, and says so.
    pub(crate) fn select(&mut self, what: &str, ids: &[u32], join: Join) {
        let before = self.samples.selection.len();
        self.samples.remember(format!("selecting {what}"));
        self.samples.selection.join(ids, join);
        self.samples.forget_if_unchanged();
        let now = self.samples.selection.len();
        let verb = if now < before { "removed" } else { "added" };
        self.say(format!(
            "{what}: {} {verb}, {} selected; {} undoes, {} clears the selection",
            text::count(now.abs_diff(before)),
            text::count(now),
            self.key(Action::UNDO),
            self.key(Action::Choose(Choose::ClearSelection))
        ));
    }

    /// Selects a class: that under the cursor in the panel of classes, or that of the current
    /// sample.
    pub(crate) fn select_class(&mut self) {
        let of_current = || {
            let sample = self.samples.selection.current?;
            let class = self.run.data.labels()?.class(sample);
            Some(class.unwrap_or_else(|| self.run.classes()))
        };
        let lists_classes = |panel: &&Panel| self.is_focused(**panel);
        let panels = [Panel::Classes, Panel::Separation];
        let entry = match panels.iter().find(lists_classes) {
            Some(panel) => self.row_at_cursor(*panel),
            None => of_current(),
        };
        if let Some(entry) = entry {
            self.select_entry(entry);
            return;
        }
        let key = self.key(Action::CROSSHAIR);
        self.say(format!(
            "first choose a {} in the {} panel, or a sample with {key}",
            self.run.class_word(),
            self.panel_name(Panel::Classes)
        ));
    }

    /// Selects all samples of an entry of the legend.
    pub(crate) fn select_entry(&mut self, entry: usize) {
        let Some(labels) = self.run.data.labels() else {
            return;
        };
        let class = self.run.class_of(entry);
        let indices = labels.indices().iter().enumerate();
        let members: Vec<u32> = indices
            .filter(|(_, c)| **c == class)
            .map(|(sample, _)| sample as u32)
            .collect();
        let name = self.class_named(entry, 30);
        self.select(&name, &members, Join::Toggle);
    }

    /// Selects nothing.
    pub(crate) fn clear_selection(&mut self) {
        if self.samples.selection.is_empty() {
            self.say("nothing is selected");
            return;
        }
        self.samples.remember("clearing the selection".to_owned());
        self.samples.selection.join(&[], Join::Replace);
        self.say(format!(
            "selection cleared; {} undoes",
            self.key(Action::UNDO)
        ));
    }

    /// Undoes the newest change of the selection or of the classes shown, or does it again.
    pub(crate) fn step_history(&mut self, to: Direction) {
        let before = self.samples.selection.clone();
        let step = self.samples.step(to);
        let selected = if self.samples.selection.ids() == before.ids() {
            String::new()
        } else {
            format!("; {} selected", text::count(self.samples.selection.len()))
        };
        self.say(match (step, to) {
            (Some(what), Direction::Back) => {
                let redo = self.key(Action::Choose(Choose::Redo));
                format!("undone: “{what}”{selected}; {redo} redoes it")
            }
            (Some(what), Direction::Forward) => format!("redone: “{what}”{selected}"),
            (None, Direction::Back) => "nothing to undo".into(),
            (None, Direction::Forward) => "nothing to redo".into(),
        });
    }

    pub(crate) fn not_found(&self, wanted: &str) -> String {
        let wanted = printable(wanted.trim());
        if self.run.data.ids().is_some() {
            format!("no id contains '{}'", text::cut(&wanted, 30))
        } else {
            let last = self.run.data.samples().saturating_sub(1);
            format!("the data has no ids; type a number from 0 to {last}")
        }
    }

    /// Asks where to save the ids of the selection.
    pub(crate) fn ask_save_ids(&mut self) {
        if self.samples.selection.is_empty() {
            let [crosshair, pick, start_box, class] = [
                Action::CROSSHAIR,
                Action::Choose(Choose::Pick),
                Action::Choose(Choose::StartBox),
                Action::Choose(Choose::SelectClass),
            ]
            .map(|action| self.key(action));
            self.refuse(format!(
                "nothing is selected: {crosshair} and {pick} select samples, {start_box} a box, \
                 {class} a class"
            ));
            return;
        }
        let named = self
            .samples
            .named
            .of_selection(self.samples.selection.ids());
        let ending = named.map_or_else(
            || "-selection.csv".to_owned(),
            |name| format!("-{}.csv", file_part(name)),
        );
        self.ask_save(Target::Selection, &ending);
    }

    /// The neighbor under the panel's cursor becomes the current sample.
    pub(crate) fn go_to_neighbor(&mut self) {
        let row = self.state(Panel::Sample).row;
        if let Some(neighbor) = self.current_neighbors().get(row) {
            self.jump_to(neighbor.sample);
        }
    }

    /// Shows or hides an entry of the legend, and says so.
    pub(crate) fn toggle(&mut self, entry: usize) {
        let Some(is_shown) = self.samples.shown.get(entry).map(|shown| !shown) else {
            self.say(match self.run.classes() {
                0 => "there are no classes: the data has no labels".to_owned(),
                classes => format!("there are {classes} classes"),
            });
            return;
        };
        let name = self.class_named(entry, 30);
        let what = if is_shown { "showing" } else { "hiding" };
        self.samples.remember(format!("{what} {name}"));
        self.samples.shown[entry] = is_shown;
        let hidden = self.hidden_entries().unwrap_or_default();
        self.say(if is_shown {
            format!("{name} shown")
        } else {
            format!(
                "{name} hidden; {hidden} hidden, {} shows all, {} undoes",
                self.key(Action::ShowAll),
                self.key(Action::UNDO)
            )
        });
    }

    /// How many classes are hidden, and whether samples without one are, in words.
    pub(crate) fn hidden_entries(&self) -> Option<String> {
        let classes = self.run.classes();
        let hidden = |shown: &&bool| !**shown;
        let count = self
            .samples
            .shown
            .iter()
            .take(classes)
            .filter(hidden)
            .count();
        let without = self.samples.shown.get(classes).filter(hidden).map(|_| {
            if self.run.is_provisional() {
                "noise".to_owned()
            } else {
                "samples without a label".to_owned()
            }
        });
        let (one, many) = (self.run.class_word(), self.run.classes_word());
        let named = (count > 0).then(|| words::count(count, one, many));
        let parts: Vec<String> = named.into_iter().chain(without).collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }

    /// Shows one entry of the legend only.
    pub(crate) fn show_only(&mut self, entry: usize) {
        self.samples
            .remember(format!("showing one {} only", self.run.class_word()));
        for (at, shown) in self.samples.shown.iter_mut().enumerate() {
            *shown = at == entry;
        }
        self.samples.forget_if_unchanged();
        let name = self.class_named(entry, 30);
        self.say(format!(
            "only {name} shown; {} undoes, {} shows all",
            self.key(Action::UNDO),
            self.key(Action::ShowAll)
        ));
    }

    /// Shows one entry of the legend only; all again if it is alone.
    pub(crate) fn solo(&mut self, entry: usize) {
        let mut shown = self.samples.shown.iter().enumerate();
        if shown.all(|(at, shown)| *shown == (at == entry)) {
            self.show_all();
        } else {
            self.show_only(entry);
        }
    }

    /// Shows all classes.
    pub(crate) fn show_all(&mut self) {
        self.samples
            .remember(format!("showing all {}", self.run.classes_word()));
        self.samples.shown.fill(true);
        self.samples.forget_if_unchanged();
        self.say(format!(
            "all {} shown; {} undoes",
            self.run.classes_word(),
            self.key(Action::UNDO)
        ));
    }

    /// Asks for what surrounds the current sample, if it is not known or on its way.
    pub(crate) fn inspect_current(&mut self) -> Option<Effect> {
        let sample = self.samples.selection.current?;
        let known = self.samples.evidence.as_ref().is_some_and(|e| {
            e.sample == sample
                && e.neighbors.len() >= self.run.table_k.min(self.run.data.samples() - 1)
        });
        if known || self.samples.inspecting {
            return None;
        }
        self.samples.inspecting = true;
        Some(Effect::Inspect {
            sample,
            k: self.run.table_k,
        })
    }

    /// The neighbors of the current sample in the features, as far as they are known, at most
    /// as many as the tables count.
    pub(crate) fn current_neighbors(&self) -> &[crate::diagnosis::SampleNeighbor] {
        let of_current =
            |e: &&Arc<SampleDiagnosis>| Some(e.sample) == self.samples.selection.current;
        let known = self.samples.evidence.as_ref().filter(of_current);
        known.map_or(&[], |e| {
            &e.neighbors[..self.run.table_k.min(e.neighbors.len())]
        })
    }

    /// The sample of an id, in full or in part, or of a number where there are no ids.
    pub(crate) fn sample_of_id(&self, wanted: &str) -> Result<usize, String> {
        let ids = self.run.data.ids().unwrap_or_default();
        let same = |id: &String| id == wanted || text::safe(id) == wanted;
        let found = ids.iter().position(same);
        let contained = || match self.samples_containing(wanted).first() {
            Some(Hit::Sample(sample)) => Some(*sample),
            _ => None,
        };
        found
            .or_else(contained)
            .ok_or_else(|| self.not_found(wanted))
    }

    /// Selects samples, or takes them out again.
    pub(crate) fn select_all_of(&mut self, what: &str, mut ids: Vec<u32>) -> Result<(), String> {
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Err(match what {
                "the neighbors" => "there is no current sample whose neighbors are known".into(),
                _ => format!("there are no {}", what.trim_start_matches("the ")),
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
}

/// A name as a part of a file name.
fn file_part(name: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-_.+".contains(c) {
            c
        } else {
            '-'
        }
    };
    name.chars().map(safe).collect()
}
