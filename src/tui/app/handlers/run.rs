//! What is asked of the worker: to run or pause, for another seed, for another perplexity.

use crate::error::printable;
use crate::run::{Activity, Command};
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, Effect, Pick, RunAction};
use crate::tui::app::ladder::{same, shown};
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
            RunAction::Restart(Pick::This(seed)) => self.restart(seed),
            RunAction::Restart(Pick::Next(_)) => self.restart(self.run.seed().wrapping_add(1)),
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

    /// Starts again with a seed.
    fn restart(&mut self, seed: u64) -> Vec<Effect> {
        let before = self.run.seed();
        self.run.asked.seed = Some(seed);
        let kept = self.run.snapshot.visited.len();
        self.say(match kept {
            0 | 1 => {
                format!(
                    "restarted from random positions with seed {seed}; the old seed was {before}"
                )
            }
            _ => format!(
                "restarted from random positions with seed {seed}; the {kept} kept maps were \
                 discarded; the old seed was {before}"
            ),
        });
        vec![Effect::Command(Command::Restart(seed))]
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
