//! The run that is shown: the samples, the newest that is known of their map, and what was asked of
//! the worker.

use std::sync::Arc;

use super::App;
use super::action::{Action, Direction, Effect, Pick, RunAction};
use super::ladder::{Ladder, same, shown};
use super::maps::MapId;
use super::prompt::Question;
use crate::comparison::Comparison;
use crate::dataset::{Dataset, UNLABELED};
use crate::diagnosis::{Diagnosis, Fidelity, MixingDifference};
use crate::error::printable;
use crate::picture::outcomes;
use crate::run::{Activity, Command, Snapshot};

/// The numbers of neighbors that the keys lead through.
const TABLE_KS: [usize; 10] = [1, 2, 3, 5, 10, 15, 20, 30, 50, 100];

/// What was asked of the worker and has not shown in a snapshot yet, so that a second key press
/// goes on from the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Asked {
    pub(super) perplexity: Option<f64>,
    pub(super) seed: Option<u64>,
    /// To run or to pause.
    pub(super) motion: Option<Motion>,
}

/// Whether the map moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// It does, or is about to.
    Run,
    /// It does not.
    Pause,
}

impl Motion {
    /// Whether a worker that is at this iterates or is about to.
    pub(super) fn of(activity: &Activity) -> Self {
        match activity {
            Activity::Running | Activity::Preparing { .. } => Self::Run,
            _ => Self::Pause,
        }
    }
}

/// True if a worker that is at this does nothing more of itself.
pub(super) fn is_over(activity: &Activity) -> bool {
    matches!(
        activity,
        Activity::Finished | Activity::Still | Activity::Failed(_)
    )
}

/// What is known of the comparison.
#[derive(Debug, Clone, Default)]
pub(crate) enum Compared {
    /// There is nothing to compare: one feature set, or no labels.
    #[default]
    Nothing,
    /// It is being computed.
    Running,
    /// It is there.
    Ready(Arc<Comparison>),
    /// It could not be computed, and why.
    Failed(String),
}

/// The run that is shown.
#[derive(Debug, Clone)]
pub(crate) struct CurrentRun {
    /// The samples.
    pub(crate) data: Arc<Dataset>,
    /// Samples per class, then those without one if there are any.
    pub(crate) counts: Vec<usize>,
    /// Right, wrong or neither per sample; empty without predictions.
    pub(crate) outcomes: Arc<[u16]>,
    /// The newest snapshot.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The newest diagnosis.
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// The perplexities that the keys lead through.
    pub(crate) ladder: Ladder,
    /// A remark about the ladder.
    pub(crate) ladder_remark: Option<String>,
    /// Neighbors per sample in the tables, as asked for.
    pub(crate) table_k: usize,
    /// Layers and models compared.
    pub(crate) compared: Compared,
    /// What was asked and is not there yet.
    pub(super) asked: Asked,
}

impl CurrentRun {
    /// A run as it starts.
    pub(super) fn new(
        data: Arc<Dataset>,
        snapshot: Arc<Snapshot>,
        ladder: &[f64],
        table_k: usize,
    ) -> Self {
        let mut counts = data
            .labels()
            .map_or_else(Vec::new, crate::dataset::Labels::counts);
        let unlabeled = data.samples() - counts.iter().sum::<usize>();
        if unlabeled > 0 && !counts.is_empty() {
            counts.push(unlabeled);
        }
        let (ladder, ladder_remark) = Ladder::new(ladder, data.samples());
        Self {
            outcomes: outcomes_of(&data),
            counts,
            data,
            snapshot,
            diagnosis: None,
            ladder,
            ladder_remark,
            table_k,
            compared: Compared::Nothing,
            asked: Asked::default(),
        }
    }

    /// The perplexity in effect, or the one asked for.
    pub(crate) fn perplexity(&self) -> f64 {
        self.asked.perplexity.unwrap_or(self.snapshot.perplexity)
    }

    /// The seed in effect, or the one asked for.
    pub(crate) fn seed(&self) -> u64 {
        self.asked.seed.unwrap_or(self.snapshot.seed)
    }

    /// The map that is shown.
    pub(super) fn map_id(&self) -> MapId {
        let (perplexity, seed) = (self.snapshot.perplexity, self.snapshot.seed);
        MapId { perplexity, seed }
    }

    /// True if the worker iterates or is about to.
    pub(crate) fn is_running(&self) -> bool {
        let reported = Motion::of(&self.snapshot.activity);
        self.asked.motion.unwrap_or(reported) == Motion::Run
    }

    /// All perplexities worth a row: the ladder's, the visited ones and the current one.
    pub(crate) fn rungs(&self) -> Vec<f64> {
        let mut ladder = self.ladder.clone();
        for visited in self.snapshot.visited.iter() {
            ladder.insert(visited.perplexity);
        }
        ladder.insert(self.snapshot.perplexity);
        ladder.rungs().to_vec()
    }

    /// True if a perplexity has a map of the current seed.
    pub(crate) fn is_visited(&self, perplexity: f64) -> bool {
        let seed = self.snapshot.seed;
        let mut visited = self.snapshot.visited.iter().map(MapId::from);
        visited.any(|map| map == MapId { perplexity, seed })
    }

    /// True if the diagnosis's statistics of the map are those of the current map.
    pub(crate) fn map_figures_hold(&self) -> bool {
        let generation = self.diagnosis.as_ref().and_then(|d| d.map_generation);
        self.snapshot.is_map && generation == Some(self.snapshot.generation)
    }

    /// The fidelity of the current map.
    pub(crate) fn fidelity(&self) -> Option<&Fidelity> {
        let diagnosis = self
            .diagnosis
            .as_deref()
            .filter(|_| self.map_figures_hold());
        diagnosis?.fidelity.as_ref()
    }

    /// How the current map mixes the classes otherwise than the features do.
    pub(crate) fn mixing(&self) -> Option<&MixingDifference> {
        self.fidelity()?.mixing.as_ref()
    }

    /// Neighbors per sample in the tables, as computed.
    pub(crate) fn counted_k(&self) -> usize {
        let diagnosis = self.diagnosis.as_ref();
        diagnosis.map_or(self.table_k, |d| d.confusion.k)
    }

    /// A statistic of the map, if it is one of the current map.
    pub(crate) fn of_map<T>(&self, figure: Option<T>) -> Option<T> {
        figure.filter(|_| self.map_figures_hold())
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.data
            .labels()
            .map_or(0, crate::dataset::Labels::classes)
    }

    /// The class of an entry of the legend.
    pub(crate) fn class_of(&self, entry: usize) -> u16 {
        if entry < self.classes() {
            entry as u16
        } else {
            UNLABELED
        }
    }

    /// The most neighbors that the tables can count.
    pub(crate) fn most_neighbors(&self) -> usize {
        let others = self.data.samples().saturating_sub(1);
        others.min((3.0 * self.ladder.highest()) as usize).max(1)
    }

    /// The numbers of neighbors that the keys lead through, as far as the data allows.
    pub(crate) fn possible_ks(&self) -> impl Iterator<Item = usize> {
        let most = self.most_neighbors();
        TABLE_KS.into_iter().filter(move |k| *k <= most)
    }
}

impl App {
    /// Does what the user wants of the worker, unless that has ended.
    pub(super) fn act_on_run(&mut self, action: RunAction) -> Vec<Effect> {
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
                format!("starting again from random positions, seed {seed}; :seed {before} goes back")
            }
            _ => format!(
                "starting again from random positions, seed {seed}; the {kept} maps kept so far were \
                 discarded, :seed {before} computes them again"
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
            "perplexity {} is the {end} of the ladder; with {key} you can type any up to {}",
            shown(from),
            shown(limit)
        ));
        Vec::new()
    }

    /// Goes to the map of a perplexity.
    pub(super) fn go_to(&mut self, perplexity: f64) -> Vec<Effect> {
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

/// Right, wrong or neither per sample; empty without predictions.
pub(super) fn outcomes_of(data: &Dataset) -> Arc<[u16]> {
    match (data.labels(), data.predictions()) {
        (Some(labels), Some(predictions)) => outcomes(labels.indices(), predictions).into(),
        _ => Arc::default(),
    }
}
