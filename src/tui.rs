//! The terminal screen: one inbox, one state, one view.
//!
//! In: a dataset, or a study of several, and its options ([`TuiOptions`]). Out: how it
//! ended ([`Outcome`]). The screen starts a [`Run`] on the data and works in a loop (`session`) until
//! the user is done. It takes the newest snapshot and never waits for the worker.
//!
//! ```text
//! keyboard, mouse ─┐                       ┌─► view ─► screen
//! signals ─────────┼─► inbox ─► update(app)┤
//! worker's news ───┘                       └─► effects ─► worker, files
//! ```

mod app;
#[doc(hidden)]
pub mod bench;
mod session;
mod settings;
mod terminal;
mod view;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "unchanged is unchanged")]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::app::sets::SetName;
pub use self::app::tables::bindings::KeyBindings;
pub(crate) use self::session::autosave::KeptSession;
use self::session::inbox::Opened;
use self::session::open;
pub use self::session::save::{OnScreen, ReportWriter, Selections, StatisticsWriter};
use self::session::sets::{Notify, Opener};
pub use self::settings::{KeepSession, Settings};
pub(crate) use self::terminal::ask::{Answers, ask};
pub(crate) use self::terminal::device::Device;
use crate::dataset::{Dataset, digest_of};
use crate::decisions::{Decisions, Names};
use crate::error::Result;
use crate::execution::Execution;
use crate::export::Inputs;
use crate::journal::{Entry, Event};
use crate::palette::{ColorDepth, CustomColors};
use crate::run::{Run, RunOptions, RunState};
use crate::session::SetSession;
use crate::study::{SetId, Study};

/// What a screen needs besides its data.
#[derive(Clone)]
#[non_exhaustive]
pub struct TuiOptions {
    /// What to run.
    pub run: RunOptions,
    /// What the user may choose.
    pub settings: Settings,
    /// The terminal's color depth; `None` to detect it from the environment.
    pub color_depth: Option<ColorDepth>,
    /// What was decided about suspects before.
    pub decisions: Decisions,
    /// The file that decisions are saved in; `None` to drop them.
    pub decisions_file: Option<PathBuf>,
    /// Selections and views that were given names before.
    pub(crate) names: Names,
    /// Where such names are kept; `None` to drop them.
    pub(crate) names_file: Option<PathBuf>,
    /// The journal; `None` to keep none.
    pub(crate) journal: Option<KeptJournal>,
    /// The session; `None` to keep none.
    pub(crate) session: Option<KeptSession>,
    /// Messages at the start, the most important last.
    pub remarks: Vec<String>,
    /// The terminal.
    pub(crate) device: Device,
    /// Files that must not be replaced.
    pub inputs: Inputs,
    /// Writes the statistics to a file.
    pub write_statistics: StatisticsWriter,
    /// Writes a report to a file; `None` where there is no such command.
    pub write_report: Option<ReportWriter>,
    /// Gives memory that is free back to the system, where the program can do that. It is called, on a thread of its
    /// own, when no results have come for some seconds.
    pub(crate) release_memory: Option<fn()>,
    /// The folder that records that the help was opened; `None` to give no hint about it.
    pub state_folder: Option<PathBuf>,
    /// The keys.
    pub keys: KeyBindings,
    /// Colors in place of those of the palette.
    pub colors: CustomColors,
}

impl TuiOptions {
    /// A screen with these settings; `k` and `pace` go into the run's options.
    pub fn new(run: RunOptions, settings: Settings, write_statistics: StatisticsWriter) -> Self {
        Self {
            run: RunOptions {
                table_k: settings.k.map_or(run.table_k, |k| k as usize),
                pace: Duration::from_millis(settings.pace),
                ..run
            },
            settings,
            color_depth: None,
            decisions: Decisions::default(),
            decisions_file: None,
            names: Names::default(),
            names_file: None,
            journal: None,
            session: None,
            remarks: Vec::new(),
            device: Device::default(),
            inputs: Inputs::default(),
            write_statistics,
            write_report: None,
            release_memory: None,
            state_folder: None,
            keys: KeyBindings::default(),
            colors: CustomColors::default(),
        }
    }
}

/// The journal that the screen appends to.
#[derive(Clone)]
pub(crate) struct KeptJournal {
    pub(crate) file: PathBuf,
    /// Its entries so far, oldest first.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// The entry of this session's beginning.
    pub(crate) opened: Event,
    /// Write it from the beginning, not from the first note or picture on.
    pub(crate) begins_at_once: bool,
}

/// How the screen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The user quit.
    Quit,
    /// A signal ended it.
    Signal(i32),
    /// The terminal vanished.
    TerminalGone,
}

/// What is left when the screen is closed.
pub(crate) struct Left {
    pub(crate) outcome: Outcome,
    /// The maps of a single feature set, if no session was kept of them.
    pub(crate) maps: Option<RunState>,
    /// The samples that were selected at last.
    pub(crate) selection: Vec<u32>,
    pub(crate) selections: Selections,
    pub(crate) decisions: Decisions,
}

/// Starts the run of a set, which goes on from what a session kept of it.
fn start(
    data: Arc<Dataset>,
    options: RunOptions,
    kept: Option<SetSession>,
    notify: Notify,
    execution: &Execution,
) -> Result<Opened> {
    let digest = digest_of(&data);
    let (state, note) = match kept.map(|kept| kept.checked(&digest)) {
        Some(Ok(state)) => (Some(state), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let run = Run::start_from(Arc::clone(&data), options, state, notify, execution)?;
    Ok(Opened {
        data,
        run,
        digest,
        note,
    })
}

/// Opens the screen on a dataset and returns when the user is done, or the terminal is.
///
/// Until then, signals of the process (TERM, HUP, INT, TSTP, CONT) are handled here; afterwards they do what they
/// do by default. Only the number of threads of the execution is used, as in [`Run::start`].
///
/// # Errors
/// [`Error::Terminal`](crate::Error::Terminal) if standard output is not a terminal, and what
/// [`Run::start`] returns.
pub fn run(data: Arc<Dataset>, options: TuiOptions, execution: &Execution) -> Result<Outcome> {
    let (run, on) = (options.run.clone(), execution.clone());
    let opener: Opener =
        Arc::new(move |_, kept, notify| start(Arc::clone(&data), run.clone(), kept, notify, &on));
    let left = open((Vec::new(), 0), None, options, opener, execution)?;
    Ok(left.outcome)
}

/// Opens the screen on maps that exist, and returns them as the user left them.
///
/// # Errors
/// As [`run`], and what [`RunState::check`] returns.
pub(crate) fn watch(
    data: Arc<Dataset>,
    maps: RunState,
    options: TuiOptions,
    execution: &Execution,
) -> Result<Left> {
    maps.check(data.samples())?;
    let (run, on) = (options.run.clone(), execution.clone());
    let opener: Opener = Arc::new(move |_, _, notify| {
        let maps = Some(maps.clone());
        let run = Run::start_from(Arc::clone(&data), run.clone(), maps, notify, &on)?;
        Ok(Opened {
            data: Arc::clone(&data),
            run,
            digest: String::new(),
            note: None,
        })
    });
    open((Vec::new(), 0), None, options, opener, execution)
}

/// Opens the screen on a study: keys flip between its models and layers. A feature set is read and
/// its run started when it is first shown.
///
/// # Errors
/// As [`run`], and what [`Study::dataset`] returns for the first set.
pub fn run_study(study: Arc<Study>, options: TuiOptions, execution: &Execution) -> Result<Outcome> {
    let ids: Vec<SetId> = study.sets().collect();
    let first = ids.iter().position(|id| *id == study.first()).unwrap_or(0);
    let names = ids.iter().map(|id| SetName {
        model: id.model,
        name: study.set_name(*id),
    });
    let names = names.collect();
    let (run, on) = (options.run.clone(), execution.clone());
    let compared = Arc::clone(&study);
    let opener: Opener = Arc::new(move |set, kept, notify| {
        let data = study.dataset(ids.get(set).copied().unwrap_or_default())?;
        start(data, run.clone(), kept, notify, &on)
    });
    let left = open((names, first), Some(compared), options, opener, execution)?;
    Ok(left.outcome)
}
