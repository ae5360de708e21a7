//! Flipping between feature sets: layers and models of the same samples.
//!
//! What was chosen (current sample, selection, classes shown, panels) is of the samples and stays.
//! What belongs to a set (features, map, statistics) is put aside and taken up again. The map of the
//! next set is turned (Procrustes) to lie near the one that was shown, and moves there in a few
//! frames, so that the eye can follow.

use std::sync::Arc;

use crate::alignment::procrustes;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::error::printable;
use crate::picture::Coloring;
use crate::run::{Activity, Command, Snapshot};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, Effect, Pick};
use crate::tui::app::ladder;
use crate::tui::app::map::Transition;
use crate::tui::app::run::{Asked, Motion, is_over, outcomes_of};
use crate::tui::app::sets::{Aside, SetName};

/// Said where there is nothing to flip to.
const ONE_SET: &str = "there is only one feature set; to compare several, start the program with model/layer=FILE for each";

/// Points whose way is shown after a flip: those that moved most.
pub(crate) const MOST_TRAILS: usize = 30;

impl App {
    /// Tells which sets there are.
    pub(crate) fn with_sets(mut self, names: Vec<SetName>, current: usize) -> Self {
        self.sets.aside = names.iter().map(|_| None).collect();
        self.sets.names = names;
        self.sets.current = current;
        self
    }

    /// A set's name, safe to print.
    pub(crate) fn set_name(&self, set: usize) -> String {
        let name = self.sets.names.get(set);
        name.map_or_else(String::new, |set| text::safe(&set.name))
    }

    /// A set that was opened and is not shown: its samples, newest snapshot and diagnosis.
    pub(crate) fn aside(&self, set: usize) -> Option<(&Dataset, &Snapshot, Option<&Diagnosis>)> {
        let aside = self.sets.aside.get(set)?.as_ref()?;
        Some((&aside.data, &aside.snapshot, aside.diagnosis.as_deref()))
    }

    /// True if a set that is not shown was not opened yet, or its map is in the making and was not
    /// paused by the user.
    pub(crate) fn is_unfinished(&self, set: usize) -> bool {
        match self.sets.aside.get(set) {
            Some(None) => true,
            Some(Some(aside)) => aside.was_running && !is_over(&aside.snapshot.activity),
            None => false,
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

    /// The layers of the current model, safe to print, each with the name of its set.
    pub(crate) fn layer_names(&self) -> Vec<(String, String)> {
        let names = &self.sets.names;
        let model = names.get(self.sets.current).map(|set| set.model);
        names
            .iter()
            .filter(|set| Some(set.model) == model)
            .map(|set| {
                let layer = set.layer().unwrap_or(&set.name);
                (text::safe(layer), set.name.clone())
            })
            .collect()
    }

    /// The positions that are drawn: those of the snapshot, or on their way there.
    pub(crate) fn positions(&self) -> &[[f32; 2]] {
        let moving = self.map.transition.as_ref().and_then(|t| t.now.as_deref());
        moving.unwrap_or(&self.run.snapshot.positions)
    }

    /// To the next or previous layer of the model.
    pub(crate) fn next_layer(&mut self, to: Direction) -> Vec<Effect> {
        let names = &self.sets.names;
        let from = self.sets.wanted.unwrap_or(self.sets.current);
        let next = from.saturating_add_signed(to.sign());
        let model = names.get(from).map(|set| set.model);
        if next == from || next >= names.len() || names.get(next).map(|set| set.model) != model {
            let key = self.key(Action::Model(Pick::Next(Direction::Forward)));
            self.say(match (names.len(), to) {
                (0 | 1, _) => ONE_SET.to_owned(),
                (_, Direction::Back) => {
                    format!("this is the model's first layer; {key} goes to the next model")
                }
                (_, Direction::Forward) => {
                    format!("this is the model's last layer; {key} goes to the next model")
                }
            });
            return Vec::new();
        }
        self.flip_to(next)
    }

    /// To the same layer of the next or previous model, or to its last one.
    pub(crate) fn next_model(&mut self, to: Direction) -> Vec<Effect> {
        let names = &self.sets.names;
        let from = self.sets.wanted.unwrap_or(self.sets.current);
        let models = names.iter().map(|set| set.model + 1).max().unwrap_or(0);
        if models < 2 {
            self.say("there is only one model; to compare several, start the program with model=FILE for each");
            return Vec::new();
        }
        self.flip_to_model(to.around(names[from].model, models))
    }

    /// To a model, at the same layer or its last one.
    pub(crate) fn flip_to_model(&mut self, model: usize) -> Vec<Effect> {
        let names = &self.sets.names;
        let from = self.sets.wanted.unwrap_or(self.sets.current);
        let Some(current) = names.get(from).filter(|set| set.model != model) else {
            self.say("this model is already shown");
            return Vec::new();
        };
        let layer = current.layer();
        let of_model = |set: &usize| names[*set].model == model;
        let same = (0..names.len())
            .filter(of_model)
            .find(|set| names[*set].layer() == layer);
        match same.or_else(|| (0..names.len()).rfind(of_model)) {
            Some(set) => self.flip_to(set),
            None => Vec::new(),
        }
    }

    /// To another set: at once if it has something to show, otherwise as soon as it has.
    pub(crate) fn flip_to(&mut self, set: usize) -> Vec<Effect> {
        if set == self.sets.current {
            self.sets.wanted = None;
            return Vec::new();
        }
        if set >= self.sets.aside.len() {
            return Vec::new();
        }
        self.sets.wanted = Some(set);
        if self.sets.aside[set].is_none() {
            let name = self.set_name(set);
            self.whisper(format!("reading {name} …"));
            // It may be on its way already.
            if self.map.multiples.working == Some(set) {
                return Vec::new();
            }
            return vec![Effect::OpenSet(set)];
        }
        self.flip_if_ready()
    }

    /// A set was read and its run started.
    pub(crate) fn opened(
        &mut self,
        set: usize,
        data: Arc<Dataset>,
        snapshot: Arc<Snapshot>,
    ) -> Vec<Effect> {
        if let Some(place) = self.sets.aside.get_mut(set)
            && place.is_none()
        {
            *place = Some(Aside {
                data,
                snapshot,
                diagnosis: None,
                was_running: true,
            });
        }
        let is_wanted = self.sets.wanted == Some(set) || self.map.multiples.working == Some(set);
        let mut effects = self.flip_if_ready();
        if !is_wanted && set != self.sets.current {
            // What it was read for is over.
            effects.push(Effect::CommandTo(set, Command::Pause));
        }
        effects
    }

    /// A set could not be read.
    pub(crate) fn open_failed(&mut self, set: usize, reason: &str) {
        if self.sets.wanted == Some(set) {
            self.sets.wanted = None;
        }
        let name = self.set_name(set);
        let reason = printable(reason);
        self.map.multiples.failed.push((set, reason.clone()));
        self.complain(format!("{name}: {reason}"));
    }

    /// News of a set that is not shown.
    pub(crate) fn news_of(
        &mut self,
        set: usize,
        snapshot: Arc<Snapshot>,
        diagnosis: Option<Arc<Diagnosis>>,
    ) -> Vec<Effect> {
        if let Some(Some(aside)) = self.sets.aside.get_mut(set) {
            aside.snapshot = snapshot;
            aside.diagnosis = diagnosis;
        }
        self.flip_if_ready()
    }

    /// Shows the set that was asked for if it has something to show.
    fn flip_if_ready(&mut self) -> Vec<Effect> {
        let Some(set) = self.sets.wanted else {
            return Vec::new();
        };
        let ready = self.sets.aside[set].as_ref().is_some_and(|aside| {
            let failed = matches!(aside.snapshot.activity, Activity::Failed(_));
            !aside.snapshot.positions.is_empty() || failed
        });
        if !ready {
            return Vec::new();
        }
        self.sets.wanted = None;
        let Some(next) = self.sets.aside[set].take() else {
            return Vec::new();
        };
        let (current, before) = (self.sets.current, self.run.snapshot.perplexity);
        let was_running = self.run.is_running();
        // One that has finished meanwhile stays so.
        let over = matches!(
            next.snapshot.activity,
            Activity::Finished | Activity::Failed(_)
        );
        let goes_on = next.was_running && !over;
        let mut effects = Vec::new();
        if was_running {
            effects.push(Effect::CommandTo(current, Command::Pause));
        }
        if goes_on {
            effects.push(Effect::CommandTo(set, Command::Resume));
        }
        effects.push(Effect::CommandTo(set, Command::SetTableK(self.run.table_k)));
        let shown = Arc::clone(&self.run.snapshot.positions);
        self.sets.aside[current] = Some(Aside {
            data: std::mem::replace(&mut self.run.data, next.data),
            snapshot: std::mem::replace(&mut self.run.snapshot, next.snapshot),
            diagnosis: std::mem::replace(&mut self.run.diagnosis, next.diagnosis),
            was_running,
        });
        self.sets.current = set;
        self.run.restarted_from = None;
        self.run.asked = Asked {
            motion: goes_on.then_some(Motion::Run),
            ..Asked::default()
        };
        self.samples.evidence = None;
        self.take_data();
        if !shown.is_empty() {
            self.map.previous = Some(Arc::clone(&shown));
            self.sets.reference = Some(Arc::clone(&shown));
            self.map.transition = Some(Transition {
                from: shown,
                now: None,
            });
        }
        self.run.snapshot = self.turned(Arc::clone(&self.run.snapshot));
        let (name, now) = (self.set_name(set), self.run.snapshot.perplexity);
        self.say(if ladder::same(now, before) {
            format!("shown: {name}; the selection is unchanged")
        } else {
            format!(
                "shown: {name}, at perplexity {} instead of {}; :perplexity {} changes it",
                ladder::shown(now),
                ladder::shown(before),
                ladder::shown(before)
            )
        });
        effects
    }

    /// Finds out anew what depends on the data of the set that is shown.
    fn take_data(&mut self) {
        self.run.outcomes = outcomes_of(&self.run.data);
        self.take_values();
        if self.map.look.coloring == Coloring::Outcome && self.run.outcomes.is_empty() {
            self.map.look.coloring = Coloring::Class;
        }
    }

    /// A snapshot with its positions turned to lie near the map that was shown before the flip.
    pub(crate) fn turned(&self, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        let Some(reference) = &self.sets.reference else {
            return snapshot;
        };
        if reference.len() != snapshot.positions.len() {
            return snapshot;
        }
        let turned = procrustes(reference, &snapshot.positions).apply(&snapshot.positions);
        let mut snapshot = snapshot.as_ref().clone();
        snapshot.positions = turned.into();
        Arc::new(snapshot)
    }

    /// Begins to move from the current positions to those of another map.
    pub(crate) fn begin_transition(&mut self, from: Arc<[[f32; 2]]>) {
        if from.len() == self.run.snapshot.positions.len() && !from.is_empty() {
            self.map.previous = Some(Arc::clone(&from));
            self.map.transition = Some(Transition { from, now: None });
        }
    }

    /// Moves on to a share (0 to 1) of the way.
    pub(crate) fn move_on(&mut self, share: f32) {
        let to = &self.run.snapshot.positions;
        let Some(transition) = &mut self.map.transition else {
            return;
        };
        if share.is_nan() || share >= 1.0 || transition.from.len() != to.len() {
            self.map.transition = None;
            return;
        }
        // Slow at both ends.
        let share = share.max(0.0);
        let share = share * share * (3.0 - 2.0 * share);
        let ways = transition.from.iter().zip(to.iter());
        let now = ways.map(|(a, b)| [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis])));
        transition.now = Some(now.collect());
    }

    /// From where to where the shown points went that moved most at the last flip, the furthest
    /// first; those selected if there are any. Empty unless trails are asked for.
    pub(crate) fn trail_ends(&self) -> Vec<([f64; 2], [f64; 2])> {
        let to = &self.run.snapshot.positions;
        let known = self
            .map
            .previous
            .as_ref()
            .filter(|from| from.len() == to.len());
        let (true, Some(from)) = (self.map.trails, known) else {
            return Vec::new();
        };
        let wanted = |sample: &usize| {
            self.is_shown(*sample)
                && (self.samples.selection.is_empty() || self.samples.selection.contains(*sample))
        };
        let mut ways: Vec<(f64, usize)> = (0..to.len())
            .filter(wanted)
            .map(|sample| {
                let (a, b) = (from[sample], to[sample]);
                (f64::from((a[0] - b[0]).hypot(a[1] - b[1])), sample)
            })
            .filter(|(way, _)| way.is_finite() && *way > 0.0)
            .collect();
        let further = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if ways.len() > MOST_TRAILS {
            ways.select_nth_unstable_by(MOST_TRAILS - 1, further);
            ways.truncate(MOST_TRAILS);
        }
        ways.sort_unstable_by(further);
        let ends = ways.into_iter().map(|(_, sample)| {
            let place = |p: &[[f32; 2]]| p[sample].map(f64::from);
            (place(from), place(to))
        });
        ends.collect()
    }

    /// Shows trails, or not.
    pub(crate) fn show_trails(&mut self, pick: Pick<bool>) {
        self.map.trails = pick.of(&[false, true], self.map.trails);
        self.say(match (self.map.trails, &self.map.previous) {
            (true, Some(_)) => "paths of the points that moved most; select samples to see theirs",
            (true, None) => {
                "the next switch between sets will show the paths of the points that move most"
            }
            (false, _) => "the paths are hidden",
        });
    }
}
