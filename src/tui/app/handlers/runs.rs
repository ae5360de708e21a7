//! The maps of a run: which there are, going to one of them, and computing those of the list that are missing.

use crate::run::Command;
use crate::tui::app::App;
use crate::tui::app::action::Effect;
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::maps::MapId;
use crate::tui::app::panels::Panel;
use crate::tui::app::panels::runs::RunRow;
use crate::tui::app::run::is_over;

/// What is said when maps of the list are no longer computed, although some are missing.
const NO_FURTHER: &str = "no further maps are computed in the background; finished ones are kept";

impl App {
    /// Whether the numbers of a map that are not there yet will be: those of a map that is there, and those of
    /// maps that are computed in the background.
    pub(in crate::tui::app) fn awaits(&self, row: RunRow) -> bool {
        let is_behind = self.run.snapshot.background.is_some() && row.map.seed == self.run.seed();
        row.generation.is_some() || is_behind
    }

    /// The iteration of a map that is computed in the background.
    pub(in crate::tui::app) fn iteration_behind(&self, row: RunRow) -> Option<usize> {
        let map = self.run.snapshot.background.as_ref()?;
        let is_it = row.map.seed == self.run.seed() && same(row.map.perplexity, map.perplexity);
        is_it.then_some(map.iteration)
    }

    /// Computes the maps of the ladder that are missing or not finished in the background, or stops that.
    pub(in crate::tui::app) fn compute_ladder(&mut self) -> Vec<Effect> {
        if self.run.snapshot.background.is_some() {
            self.say(NO_FURTHER);
            return vec![Effect::Command(Command::ComputeMaps(Vec::new()))];
        }
        let wanted = self.unfinished_rungs();
        if wanted.is_empty() {
            self.say("all perplexities of the list have a finished map");
            return Vec::new();
        }
        let names: Vec<String> = wanted.iter().map(|p| shown(*p)).collect();
        let names = names.join(", ");
        let what = if is_over(&self.run.snapshot.activity) {
            format!("computing the maps of perplexity {names} in the background")
        } else {
            format!("will compute the maps of perplexity {names} once this one is finished")
        };
        self.say(format!("{what}; the Runs panel compares them"));
        vec![Effect::Command(Command::ComputeMaps(wanted))]
    }

    /// The perplexities of the ladder whose map is missing or not finished, without that of the map that is shown.
    fn unfinished_rungs(&self) -> Vec<f64> {
        let seed = self.run.snapshot.seed;
        let visited = self.run.snapshot.visited.iter();
        let finished: Vec<f64> = visited
            .filter(|map| map.seed == seed && map.is_finished)
            .map(|map| map.perplexity)
            .collect();
        let current = self.run.snapshot.perplexity;
        let mut rungs = self.run.rungs();
        rungs.retain(|p| !same(*p, current) && !finished.iter().any(|known| same(*known, *p)));
        rungs
    }

    /// Says that no maps are computed in the background any more, and whether all of them are finished.
    pub(in crate::tui::app) fn tell_ladder_ended(&mut self) {
        self.say(if self.unfinished_rungs().is_empty() {
            "all maps of the list are finished; Runs compares them as their statistics are computed"
        } else {
            NO_FURTHER
        });
    }

    /// Puts the cursor of the panel on the map that is shown.
    pub(in crate::tui::app) fn point_at_current_run(&mut self) {
        let runs = self.runs();
        let order = self.order_of(Panel::Runs);
        if let Some(place) = order.iter().position(|row| runs[*row].is_current) {
            self.put_cursor(Panel::Runs, place);
        }
    }

    /// All maps that there are, the current one, and the ladder's rungs that were not visited, by
    /// perplexity and seed.
    pub(crate) fn runs(&self) -> Vec<RunRow> {
        let current = self.run.map_id();
        let visited = self.run.snapshot.visited.iter().map(|map| RunRow {
            map: map.into(),
            generation: Some(map.generation),
            is_current: MapId::from(map) == current,
        });
        let mut rows: Vec<RunRow> = visited.collect();
        for perplexity in self.run.rungs() {
            let map = MapId {
                perplexity,
                ..current
            };
            if !rows.iter().any(|row| row.map == map) {
                let is_current = map == current;
                rows.push(RunRow {
                    map,
                    generation: is_current.then_some(self.run.snapshot.generation),
                    is_current,
                });
            }
        }
        rows.sort_by(|a, b| a.map.order(&b.map));
        rows
    }

    /// Goes to the map under the cursor in the panel of runs.
    pub(in crate::tui::app) fn go_to_run(&mut self) -> Vec<Effect> {
        let row = self.row_at_cursor(Panel::Runs);
        match row.and_then(|row| self.runs().get(row).copied()) {
            Some(row) => self.go_to_run_of(row.map),
            None => Vec::new(),
        }
    }

    /// Goes to the map of a perplexity and seed: back to it, or on to it from the current one.
    pub(in crate::tui::app) fn go_to_run_of(&mut self, map: MapId) -> Vec<Effect> {
        let Some(row) = self.runs().into_iter().find(|row| row.map == map) else {
            self.say("this map is no longer kept");
            return Vec::new();
        };
        let MapId { perplexity, seed } = map;
        match row.generation {
            _ if row.is_current => {
                let text = shown(perplexity);
                self.say(format!(
                    "the map of perplexity {text}, seed {seed} is already shown"
                ));
                Vec::new()
            }
            Some(generation) => {
                self.run.asked.perplexity = Some(perplexity);
                let text = shown(perplexity);
                self.say(format!("back to the map of perplexity {text}, seed {seed}"));
                vec![Effect::Command(Command::ShowMap(generation))]
            }
            None => self.go_to(perplexity),
        }
    }
}
