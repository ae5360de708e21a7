//! What is asked of the worker: to run or pause, for another seed, for another perplexity.

use crate::error::printable;
use crate::run::{Activity, Command};
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, Effect, Pick, RunAction};
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::maps::MapId;
use crate::tui::app::prompt::Question;
use crate::tui::app::run::{Motion, TABLE_KS};

impl App {
    /// Does what the user wants of the worker, unless that has ended.
    pub(crate) fn act_on_run(&mut self, action: RunAction) -> Vec<Effect> {
        self.unless_failed(|app| app.ask_worker(action))
    }

    fn ask_worker(&mut self, action: RunAction) -> Vec<Effect> {
        match action {
            RunAction::TogglePause | RunAction::Pause if self.run.is_running() => self.pause(),
            RunAction::Pause => self.nothing("already paused; :resume resumes"),
            RunAction::Resume if self.run.is_running() => {
                self.nothing("already running; :pause pauses")
            }
            RunAction::TogglePause | RunAction::Resume => self.resume(),
            RunAction::Step => {
                self.run.asked.motion = Some(Motion::Pause);
                vec![Effect::Command(Command::Step)]
            }
            RunAction::Restart(Pick::This(seed)) => self.go_to_seed(seed),
            RunAction::Restart(Pick::Next(_)) => self.restart(self.unused_seed()),
            RunAction::Perplexity(Pick::This(perplexity)) => {
                self.run.ladder.insert(perplexity);
                self.go_to(perplexity)
            }
            RunAction::Perplexity(Pick::Next(direction)) => self.climb(direction),
            RunAction::AskPerplexity => {
                self.ask(Question::Perplexity, &shown(self.run.perplexity()));
                Vec::new()
            }
            RunAction::TableK(pick) => self.change_table_k(pick),
        }
    }

    /// Says why nothing is done.
    fn nothing(&mut self, why: &str) -> Vec<Effect> {
        self.say(why);
        Vec::new()
    }

    /// An error if the worker has ended.
    pub(crate) fn check_worker(&self) -> Result<(), String> {
        match &self.run.snapshot.activity {
            Activity::Failed(reason) => Err(format!("the run has failed: {}", printable(reason))),
            _ => Ok(()),
        }
    }

    /// Does something for the worker, unless that has ended.
    pub(crate) fn unless_failed(
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

    fn pause(&mut self) -> Vec<Effect> {
        self.run.asked.motion = Some(Motion::Pause);
        vec![Effect::Command(Command::Pause)]
    }

    fn resume(&mut self) -> Vec<Effect> {
        self.run.asked.motion = Some(Motion::Run);
        match self.run.snapshot.activity {
            Activity::Finished => self.say("continuing beyond the planned iterations"),
            Activity::Still => self.say("continuing although the divergence no longer falls"),
            _ => {}
        }
        vec![Effect::Command(Command::Resume)]
    }

    /// To the map of a seed: back to a kept one, or a new one.
    fn go_to_seed(&mut self, seed: u64) -> Vec<Effect> {
        let map = MapId {
            seed,
            ..self.run.map_id()
        };
        let is_known = self.runs().iter().any(|row| row.map == map);
        if is_known {
            self.go_to_run_of(map)
        } else {
            self.restart(seed)
        }
    }

    /// The seed after all those that have a map.
    pub(crate) fn unused_seed(&self) -> u64 {
        let seeds = self.run.snapshot.visited.iter().map(|map| map.seed);
        let highest = seeds.chain([self.run.seed()]).max().unwrap_or(0);
        highest.wrapping_add(1)
    }

    /// Starts again with another seed. The current map is kept, and undoing leads back to it.
    pub(crate) fn restart(&mut self, seed: u64) -> Vec<Effect> {
        let before = self.run.map_id();
        self.run.asked.seed = Some(seed);
        let start = format!("restarted from random positions with seed {seed}");
        if self.run.snapshot.is_map {
            self.run.restarted_from = Some((before, self.samples.history.len()));
            let (undo, old) = (self.key(Action::UNDO), before.seed);
            self.say(format!(
                "{start}; {undo} goes back to the map of seed {old}, which stays in Runs"
            ));
        } else {
            self.say(start);
        }
        vec![Effect::Command(Command::AddMap(seed))]
    }

    /// Back to the map from before a restart, if that was the last that can be undone.
    pub(crate) fn undo_restart(&mut self) -> Option<Vec<Effect>> {
        let steps = self.samples.history.len();
        let restarted = self.run.restarted_from.take_if(|(_, at)| *at == steps);
        restarted.map(|(map, _)| self.go_to_run_of(map))
    }

    fn climb(&mut self, direction: Direction) -> Vec<Effect> {
        let from = self.run.perplexity();
        if let Some(perplexity) = self.run.ladder.next(from, direction) {
            return self.go_to(perplexity);
        }
        let end = match direction {
            Direction::Back => "lowest",
            Direction::Forward => "highest",
        };
        let key = self.key(Action::Run(RunAction::AskPerplexity));
        let limit = (self.run.ladder.limit() * 100.0).floor() / 100.0;
        self.say(format!(
            "perplexity {} is the {end} of the list; with {key} you can type any up to {}",
            shown(from),
            shown(limit)
        ));
        Vec::new()
    }

    /// Goes to the map of a perplexity.
    pub(crate) fn go_to(&mut self, perplexity: f64) -> Vec<Effect> {
        let text = shown(perplexity);
        if same(perplexity, self.run.perplexity()) {
            self.say(format!("the perplexity is already {text}"));
            return Vec::new();
        }
        self.run.asked.perplexity = Some(perplexity);
        self.say(if self.run.is_visited(perplexity) {
            format!("back to the map at perplexity {text}")
        } else {
            format!("continuing at perplexity {text} from the current map")
        });
        vec![Effect::Command(Command::SetPerplexity(perplexity))]
    }

    fn change_table_k(&mut self, pick: Pick<usize>) -> Vec<Effect> {
        let before = self.run.table_k;
        let next = match pick {
            Pick::This(k) => Some(k),
            Pick::Next(Direction::Back) => TABLE_KS.into_iter().rev().find(|k| *k < before),
            Pick::Next(Direction::Forward) => self.run.possible_ks().find(|k| *k > before),
        };
        let Some(k) = next else {
            self.say(match pick {
                Pick::Next(Direction::Back) => "1 neighbor per sample is the minimum".to_owned(),
                _ => format!("{before} neighbors per sample are the maximum here"),
            });
            return Vec::new();
        };
        self.run.table_k = k;
        self.say(format!("{k} nearest neighbors per sample in the tables"));
        vec![Effect::Command(Command::SetTableK(k))]
    }
}
