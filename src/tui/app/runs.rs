//! The runs: maps of perplexities and seeds, those that there are and those of the ladder.

use super::App;
use super::action::{Action, Effect, PanelAction};
use super::keys::{Binding, row};
use super::ladder::{same, shown};
use super::panels::Panel;
use crate::run::Command;
use crate::tui::terminal::input::Key;

/// The keys of panel Runs.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| GO_TO_RUN, "go to", "go to this map"),
    row(&[Key::Char('a')], "a", |_| ADD_RUN, "another seed", "another map at the present perplexity, with the next seed; those so far are kept"),
];

/// Go to the map under the cursor.
const GO_TO_RUN: Action = Action::OfPanel(PanelAction {
    name: "go-to-run",
    run: |app| app.unless_failed(App::go_to_run),
});
/// Another map at the present perplexity, with a seed that has none yet.
const ADD_RUN: Action = Action::OfPanel(PanelAction {
    name: "add-run",
    run: |app| app.unless_failed(App::add_run),
});

/// A map that there is, or could be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RunRow {
    /// Its perplexity.
    pub(crate) perplexity: f64,
    /// Its seed.
    pub(crate) seed: u64,
    /// Its identity, if it was computed; nothing for a rung of the ladder that was not visited.
    pub(crate) generation: Option<u64>,
    /// It is the one shown.
    pub(crate) is_present: bool,
}

impl App {
    /// All maps that there are, the present one, and the ladder's rungs that were not visited, by
    /// perplexity and seed.
    pub(crate) fn runs(&self) -> Vec<RunRow> {
        let present = |perplexity: f64, seed: u64| {
            same(perplexity, self.run.snapshot.perplexity) && seed == self.run.snapshot.seed
        };
        let visited = self.run.snapshot.visited.iter().map(|map| RunRow {
            perplexity: map.perplexity,
            seed: map.seed,
            generation: Some(map.generation),
            is_present: present(map.perplexity, map.seed),
        });
        let mut rows: Vec<RunRow> = visited.collect();
        for perplexity in self.rungs() {
            let seed = self.run.snapshot.seed;
            let known = |row: &RunRow| same(row.perplexity, perplexity) && row.seed == seed;
            if !rows.iter().any(known) {
                let is_present = present(perplexity, seed);
                rows.push(RunRow {
                    perplexity,
                    seed,
                    generation: is_present.then_some(self.run.snapshot.generation),
                    is_present,
                });
            }
        }
        rows.sort_by(|a, b| {
            let by_perplexity = a.perplexity.total_cmp(&b.perplexity);
            by_perplexity.then(a.seed.cmp(&b.seed))
        });
        rows
    }

    /// Goes to the map under the cursor in the panel of runs.
    pub(super) fn go_to_run(&mut self) -> Vec<Effect> {
        let rows = crate::tui::view::runs::order(self);
        match rows.get(self.state(Panel::Runs).row) {
            Some(row) => self.go_to_run_of(row.perplexity, row.seed),
            None => Vec::new(),
        }
    }

    /// Goes to the map of a perplexity and seed: back to it, or on to it from the present one.
    pub(super) fn go_to_run_of(&mut self, perplexity: f64, seed: u64) -> Vec<Effect> {
        let wanted = |row: &RunRow| same(row.perplexity, perplexity) && row.seed == seed;
        let Some(row) = self.runs().into_iter().find(wanted) else {
            self.say("this map is not kept any more");
            return Vec::new();
        };
        match row.generation {
            _ if row.is_present => {
                let text = shown(perplexity);
                self.say(format!(
                    "the map of perplexity {text}, seed {seed} is shown already"
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

    /// Another map at the present perplexity, with a seed that has none yet.
    pub(super) fn add_run(&mut self) -> Vec<Effect> {
        let seeds = self.run.snapshot.visited.iter().map(|map| map.seed);
        let highest = seeds.chain([self.seed()]).max().unwrap_or(0);
        let seed = highest.wrapping_add(1);
        self.run.asked.seed = Some(seed);
        let perplexity = shown(self.run.snapshot.perplexity);
        self.say(format!(
            "another map of perplexity {perplexity} from random positions, seed {seed}; the maps so far are kept"
        ));
        vec![Effect::Command(Command::AddMap(seed))]
    }
}
