//! Several maps at once: which maps they are, how the current one is found among them, and the
//! computation of those that are not there yet.
//!
//! Maps of other feature sets are computed in the background, one after the other, while the current
//! map rests. A map of another perplexity goes on from the current one, so that it is computed when
//! it is gone to.

use std::sync::Arc;

use crate::alignment::procrustes;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::run::{Activity, Command};
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, Effect, RunAction};
use crate::tui::app::dialogs::Mode;
use crate::tui::app::maps::{self, COUNTS, Camera, Facet, Kind, MapId, Source, Turned};
use crate::tui::app::run::outcomes_of;
use crate::tui::terminal::input::{Mouse, MouseKind};

/// What is known of a map that is not the current one.
pub(crate) struct OtherMap<'a> {
    positions: &'a Arc<[[f32; 2]]>,
    data: &'a Dataset,
    pub(crate) diagnosis: Option<&'a Diagnosis>,
}

impl App {
    /// One, two or four maps.
    pub(crate) fn next_count(&mut self) {
        let current = self.map.multiples.facets.len().max(1);
        let next = COUNTS.into_iter().find(|count| *count > current);
        self.show_maps(next.unwrap_or(1));
    }

    /// Maps of perplexities, or of feature sets.
    pub(crate) fn next_kind(&mut self) {
        if self.sets.names.len() < 2 {
            self.say(
                "there is only one feature set: several maps can show only perplexities and seeds",
            );
            return;
        }
        self.map.multiples.kind = match self.map.multiples.kind {
            Kind::Perplexities => Kind::Sets,
            Kind::Sets => Kind::Perplexities,
        };
        let count = self.map.multiples.facets.len().max(2);
        self.show_maps(count);
    }

    /// Shows `count` maps, chosen around the current one.
    fn show_maps(&mut self, count: usize) {
        if !self.map.multiples.are_several() && count > 1 && self.sets.names.len() > 1 {
            self.map.multiples.kind = Kind::Sets;
        }
        if count == 1 {
            self.map.multiples.facets.clear();
            self.say("one map shown");
            return;
        }
        self.fill(count);
        let maps = self.map.multiples.facets.len();
        if maps < 2 {
            self.map.multiples.facets.clear();
            self.say(format!(
                "there is only one map; {} adds another perplexity",
                self.key(Action::Run(RunAction::AskPerplexity))
            ));
            return;
        }
        self.panels.on_map = true;
        let what = match self.map.multiples.kind {
            Kind::Perplexities => "by perplexity and seed",
            Kind::Sets => "by model and layer",
        };
        let fits = self
            .current_layout()
            .is_some_and(|s| self.facet_places(&s).is_some());
        self.say(if fits {
            format!(
                "{maps} maps, {what}: {} goes to the next map, {} switches the kind, {} changes \
                 the number",
                self.key(Action::NextMap(Direction::Forward)),
                self.key(Action::NextKind),
                self.key(Action::NextCount)
            )
        } else {
            format!(
                "{} and do not fit here; {} gives them the whole screen",
                maps::needed(maps),
                self.key(Action::Zoomed)
            )
        });
    }

    /// What the current map is among several.
    fn current_source(&self) -> Source {
        match self.map.multiples.kind {
            Kind::Sets => Source::Set(self.sets.current),
            Kind::Perplexities => Source::Map(self.run.map_id()),
        }
    }

    /// Chooses `count` maps: the current one, then existing ones, the nearest first.
    pub(super) fn fill(&mut self, count: usize) {
        let current = self.current_source();
        let mut sources = match self.map.multiples.kind {
            Kind::Perplexities => self.other_maps(),
            Kind::Sets => self.other_sets(),
        };
        sources.truncate(count - 1);
        sources.push(current);
        sources.sort_by(|a, b| match (a, b) {
            (Source::Map(a), Source::Map(b)) => a.order(b),
            (Source::Set(a), Source::Set(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
        self.map.multiples.facets = sources.into_iter().map(Facet::new).collect();
        self.map.multiples.focus = self.map.multiples.place_of(current).unwrap_or(0);
        self.map.multiples.set = self.sets.current;
    }

    /// The other maps of the feature set: those visited first, the nearest perplexities first.
    fn other_maps(&self) -> Vec<Source> {
        let current = self.run.map_id();
        let visited = self.run.snapshot.visited.iter().map(MapId::from);
        let rungs = self.run.rungs().into_iter();
        let ladder = rungs.map(|perplexity| MapId {
            perplexity,
            ..current
        });
        let from = current.perplexity.max(1.0).ln();
        let all = visited.map(|m| (false, m)).chain(ladder.map(|m| (true, m)));
        let mut maps: Vec<(bool, f64, MapId)> = Vec::new();
        for (is_new, map) in all {
            if map != current && maps.iter().all(|(_, _, known)| *known != map) {
                maps.push((is_new, (map.perplexity.max(1.0).ln() - from).abs(), map));
            }
        }
        maps.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        maps.into_iter()
            .map(|(_, _, map)| Source::Map(map))
            .collect()
    }

    /// The other feature sets: the same layer of other models first, then the nearest layers of
    /// this one.
    fn other_sets(&self) -> Vec<Source> {
        let names = &self.sets.names;
        let current = self.sets.current;
        let Some(here) = names.get(current) else {
            return Vec::new();
        };
        let mut others: Vec<usize> = (0..names.len()).filter(|set| *set != current).collect();
        others.sort_by_key(|set| {
            let other = &names[*set];
            let is_twin = other.model != here.model && other.layer() == here.layer();
            (!is_twin, other.model != here.model, set.abs_diff(current))
        });
        others.into_iter().map(Source::Set).collect()
    }

    pub(crate) fn next_map(&mut self, to: Direction) -> Vec<Effect> {
        let maps = self.map.multiples.facets.len();
        if maps < 2 {
            let key = self.key(Action::NextCount);
            self.say(format!("only one map is shown; {key} shows two or four"));
            return Vec::new();
        }
        self.go_to_map(to.around(self.map.multiples.focus, maps))
    }

    /// Makes one of several maps the current one; it is computed if it is not there.
    fn go_to_map(&mut self, place: usize) -> Vec<Effect> {
        let facet = self.map.multiples.facets.get(place);
        match facet.map(|facet| facet.source) {
            Some(Source::Set(set)) => self.flip_to(set),
            Some(Source::Map(map)) => self.go_to_run_of(map),
            None => Vec::new(),
        }
    }

    /// A click on another of several maps makes it the current one; the wheel and drags over
    /// others do nothing. `None` for what the current map or a panel is to take.
    pub(crate) fn mouse_on_others(&mut self, mouse: Mouse) -> Option<Vec<Effect>> {
        if !matches!(self.dialogs.mode, Mode::Main) || self.map.drag.is_some() {
            return None;
        }
        let places = self.facet_places(&self.current_layout()?)?;
        let at = (mouse.column, mouse.row);
        let place = places.iter().position(|place| place.contains(at.into()))?;
        if place == self.map.multiples.focus {
            return None;
        }
        match mouse.kind {
            MouseKind::Press => {
                self.panels.on_map = true;
                Some(self.go_to_map(place))
            }
            MouseKind::WheelUp | MouseKind::WheelDown | MouseKind::RightPress => Some(Vec::new()),
            _ => None,
        }
    }

    /// What is known of a source that is not the current one.
    pub(crate) fn known(&self, source: Source) -> Option<OtherMap<'_>> {
        match source {
            Source::Map(wanted) => {
                let mut visited = self.run.snapshot.visited.iter();
                let map = visited.find(|map| MapId::from(*map) == wanted)?;
                Some(OtherMap {
                    positions: &map.positions,
                    data: &self.run.data,
                    diagnosis: map.diagnosis.as_deref(),
                })
            }
            Source::Set(set) => {
                let (data, snapshot, diagnosis) = self.aside(set)?;
                Some(OtherMap {
                    positions: &snapshot.positions,
                    data,
                    diagnosis,
                })
            }
        }
    }

    /// Finds the current map among several, brings the others up to date, and sees to it that those
    /// that are missing are computed.
    pub(crate) fn follow_multiples(&mut self) -> Vec<Effect> {
        if self.map.multiples.are_several() {
            self.follow_focus();
            for place in 0..self.map.multiples.facets.len() {
                self.turn_facet(place);
            }
        }
        self.work_in_background()
    }

    fn follow_focus(&mut self) {
        let current = self.current_source();
        if self.map.multiples.kind == Kind::Perplexities
            && self.map.multiples.set != self.sets.current
        {
            self.fill(self.map.multiples.facets.len());
            return;
        }
        let from = self.map.multiples.focus;
        match self.map.multiples.place_of(current) {
            Some(to) if to == from => {}
            Some(to) => {
                self.map.multiples.facets[from].camera = self.map.camera;
                self.map.camera = self.map.multiples.facets[to].camera;
                self.map.multiples.focus = to;
                // It is where it was already.
                self.map.transition = None;
            }
            None => {
                let seed = |source| match source {
                    Source::Map(map) => Some(map.seed),
                    Source::Set(_) => None,
                };
                let facet = &mut self.map.multiples.facets[from];
                // Another perplexity keeps the window, a new beginning does not.
                if seed(facet.source) != seed(current) {
                    self.map.camera = Camera::Fit;
                }
                facet.source = current;
            }
        }
    }

    /// True if one of several maps is of a feature set that is not the current one.
    pub(crate) fn shows_beside(&self, set: usize) -> bool {
        self.map.multiples.are_several() && self.map.multiples.place_of(Source::Set(set)).is_some()
    }

    /// Turns a map that is not the current one to that, if either is new.
    fn turn_facet(&mut self, place: usize) {
        let is_still = self.run.snapshot.activity != Activity::Running;
        let reference = (self.sets.current, self.run.snapshot.generation, is_still);
        let facet = &self.map.multiples.facets[place];
        let is_current = place == self.map.multiples.focus;
        let known = self.known(facet.source).filter(|_| !is_current);
        let Some(known) = known.filter(|known| !known.positions.is_empty()) else {
            let source = facet.source;
            let camera = facet.camera;
            self.map.multiples.facets[place] = Facet {
                camera,
                ..Facet::new(source)
            };
            return;
        };
        let is_same = facet.turned.as_ref().is_some_and(|turned| {
            Arc::ptr_eq(&turned.original, known.positions) && turned.to == reference
        });
        if is_same {
            return;
        }
        let original = Arc::clone(known.positions);
        let outcomes = if facet.outcomes.is_empty() {
            outcomes_of(known.data)
        } else {
            Arc::clone(&facet.outcomes)
        };
        let positions: Arc<[[f32; 2]]> = if original.len() == self.run.snapshot.positions.len() {
            let turn = procrustes(&self.run.snapshot.positions, &original);
            turn.apply(&original).into()
        } else {
            Arc::clone(&original)
        };
        let facet = &mut self.map.multiples.facets[place];
        facet.positions = positions;
        facet.outcomes = outcomes;
        facet.turned = Some(Turned {
            original,
            to: reference,
        });
    }

    /// Starts, pauses and ends the computation of maps that are shown beside the current one.
    fn work_in_background(&mut self) -> Vec<Effect> {
        let next = self.next_to_compute();
        let before = self.map.multiples.working;
        if next == before {
            return Vec::new();
        }
        self.map.multiples.working = next;
        let mut effects = Vec::new();
        let goes_on = |set: &usize| {
            *set != self.sets.current && self.aside(*set).is_some() && self.is_unfinished(*set)
        };
        if let Some(set) = before.filter(goes_on) {
            effects.push(Effect::CommandTo(set, Command::Pause));
        }
        if let Some(set) = next {
            effects.push(match self.aside(set) {
                Some(_) => Effect::CommandTo(set, Command::Resume),
                None => Effect::OpenSet(set),
            });
        }
        effects
    }

    /// The first feature set among the maps shown whose map is not done, while the current one
    /// does not move.
    fn next_to_compute(&self) -> Option<usize> {
        if !self.map.multiples.are_several() || self.run.is_running() {
            return None;
        }
        let multiples = &self.map.multiples;
        let sets = multiples.facets.iter().filter_map(|f| match f.source {
            Source::Set(set) if set != self.sets.current => Some(set),
            _ => None,
        });
        let is_wanted = |set: &usize| {
            let failed = multiples.failed.iter().any(|(failed, _)| failed == set);
            !failed && self.is_unfinished(*set)
        };
        let mut sets = sets.filter(is_wanted);
        let first = sets.next()?;
        // What is under way goes on.
        let is_among = |set: &usize| *set == first || sets.any(|s| s == *set);
        Some(multiples.working.filter(is_among).unwrap_or(first))
    }
}
