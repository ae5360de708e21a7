//! What a user can want, independent of the keys for it; and what the world is asked to do.
//!
//! Keys become an [`Action`], whatever happens becomes a [`Message`], and updating the state
//! answers with [`Effect`]s for the loop to carry out: so that the state itself touches neither
//! the terminal nor a file nor the worker.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::panels::Panel;
use crate::comparison::Comparison;
use crate::dataset::Dataset;
use crate::diagnosis::{Diagnosis, SampleDiagnosis, Stability};
use crate::export::endings;
use crate::palette::{ColorSet, Theme};
use crate::picture::{Glyphs, Winner};
use crate::run::{Command, Snapshot};
use crate::tui::terminal::input::{Key, Mouse};

/// One of two directions along a row of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the previous, lower or older one.
    Back,
    /// To the next, higher or newer one.
    Forward,
}

impl Direction {
    /// The other one.
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Back => Self::Forward,
            Self::Forward => Self::Back,
        }
    }

    /// −1 or +1.
    pub(crate) fn sign(self) -> isize {
        match self {
            Self::Back => -1,
            Self::Forward => 1,
        }
    }

    /// The one `self` leads to from place `at` of `count`, around the ends.
    pub(crate) fn around(self, at: usize, count: usize) -> usize {
        (at as isize + self.sign()).rem_euclid(count.max(1) as isize) as usize
    }
}

/// One of four directions on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Left,
    Down,
    Up,
    Right,
}

impl Way {
    /// A step to the right and down.
    pub(crate) fn step(self) -> (i8, i8) {
        match self {
            Self::Left => (-1, 0),
            Self::Down => (0, 1),
            Self::Up => (0, -1),
            Self::Right => (1, 0),
        }
    }
}

/// How far a cursor or a scrolled table moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Row(Direction),
    /// By ten rows.
    Page(Direction),
    First,
    Last,
}

impl Move {
    /// In rows, down.
    pub(crate) fn rows(self) -> isize {
        match self {
            Self::Row(direction) => direction.sign(),
            Self::Page(direction) => 10 * direction.sign(),
            Self::First => -isize::MAX / 2,
            Self::Last => isize::MAX / 2,
        }
    }
}

/// Which of several possibilities: keys lead from one to the next, commands name one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick<T> {
    /// The next or previous one.
    Next(Direction),
    /// This one.
    This(T),
}

impl<T: Copy + PartialEq> Pick<T> {
    /// The one that is meant, seen from the current one, around the ends.
    pub(crate) fn of(self, all: &[T], current: T) -> T {
        match self {
            Self::This(one) => one,
            Self::Next(to) => {
                let at = all.iter().position(|one| *one == current).unwrap_or(0);
                all.get(to.around(at, all.len()))
                    .copied()
                    .unwrap_or(current)
            }
        }
    }
}

/// What a user can want.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Action {
    /// Something of the worker.
    Run(RunAction),
    /// Something about how the map is drawn.
    Look(LookAction),
    /// Closer (forward) or further away (back).
    Zoom(Direction),
    /// Move the window by a part of its size.
    Pan(Way),
    /// Show the whole map, and keep showing it as it grows.
    Fit,
    /// Back to the whole map, or out of a map that fills the screen.
    WholeMap,
    /// Show or hide a class, counted from 0.
    ToggleClass(usize),
    /// Show one class only; all again if it is alone.
    OnlyClass(usize),
    ShowAll,
    /// Show a panel and go into it.
    Show(Panel),
    /// A list of the panels, to go to one by its key.
    PanelMenu,
    LeavePanel,
    /// Give what has the focus the whole screen, or take it back.
    Zoomed,
    /// Move the panel's cursor, or scroll it.
    MoveRow(Move),
    /// Sort the panel's rows by the next of its orders, or by one of them.
    Order(Pick<usize>),
    ReverseOrder,
    /// One, two or four maps at once.
    NextCount,
    /// Several maps: of perplexities and seeds, or of models and layers.
    NextKind,
    NextMap(Direction),
    /// Into the panel; from there to the next or previous.
    Panel(Direction),
    /// Scroll the panel's table.
    ScrollRows(Move),
    /// Scroll the panel's table by a column.
    ScrollColumns(Direction),
    /// The neighbor table of the features or of the map.
    SwitchSpace,
    /// Choose samples.
    Choose(Choose),
    Layer(Direction),
    /// To the same layer of the next or previous model, or of one of them.
    Model(Pick<usize>),
    /// What only the keys of one panel do, by its name in the config file. The panel's file says what that
    /// is.
    OfPanel(&'static str),
    AskCommand,
    /// Something in the command line.
    Line(LineAction),
    AskSaveMap,
    AskSaveStatistics,
    /// Keep the picture of the map in the journal.
    KeepPicture,
    /// Show all keys.
    Help,
    /// Yes to the question in the prompt, or accept its text.
    Accept,
    /// Leave the prompt or the help.
    Cancel,
    Redraw,
    /// Give the terminal back to the shell for a while.
    Suspend,
    Quit,
}

impl Action {
    /// Undoing of selecting, showing and hiding.
    pub(crate) const UNDO: Self = Self::Choose(Choose::Undo);
    /// The crosshair, to which messages point.
    pub(crate) const CROSSHAIR: Self = Self::Choose(Choose::ToggleCrosshair);
}

/// What a user can want of the worker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RunAction {
    /// Pause if running, otherwise resume.
    TogglePause,
    Pause,
    Resume,
    Step,
    /// Start again with the next seed, or with this one.
    Restart(Pick<u64>),
    /// To the next or previous perplexity of the ladder, or to this one.
    Perplexity(Pick<f64>),
    AskPerplexity,
    /// More or fewer neighbors per sample in the tables, or this number of them.
    TableK(Pick<usize>),
}

/// What a user can want of the look of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookAction {
    /// Draw the map with these glyphs.
    Glyphs(Pick<Glyphs>),
    /// What the colors mean, by its place among the possible meanings.
    Coloring(Pick<usize>),
    /// Color cells by the majority or by the rarest class in them.
    Winner(Pick<Winner>),
    /// The colors of the classes.
    ColorSet(Pick<ColorSet>),
    /// How the whole screen looks.
    Theme(Theme),
    /// Draw lines to the neighbors of the current sample, or not.
    NeighborLines(Pick<bool>),
    /// Show the paths of the points that moved most, or not.
    Trails(Pick<bool>),
    /// Write the names of the classes on the map, or not.
    Names(Pick<bool>),
}

/// What a user can want of samples: to look at one, to select some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choose {
    /// Put the crosshair on the map, or take it away.
    ToggleCrosshair,
    /// Move the crosshair to the next sample that way; in a box by cells.
    CrosshairTo(Way),
    /// Move the crosshair by a cell.
    CrosshairBy(Way),
    /// Select what is in the box, or the current sample.
    Pick,
    /// Begin a box at the crosshair.
    StartBox,
    /// Out of the box, or take the crosshair away.
    LeaveCrosshair,
    /// Select the class of the current sample, or that under the cursor in the panel.
    SelectClass,
    /// Select all samples of shown classes in the window.
    SelectInView,
    ClearSelection,
    /// Undo the newest change of the selection or of the classes shown.
    Undo,
    Redo,
    /// Ask for an id to search for.
    AskFind,
    /// To the next or previous sample found.
    FindNext(Direction),
    /// Ask where to save the ids of the selection.
    AskSaveSelection,
}

/// What a user can want in the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineAction {
    /// The next or previous completion.
    Complete(Direction),
    /// An older or newer line of the history.
    Recall(Direction),
}

/// Whatever happens.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    Key(Key),
    /// No key came for a while: what is typed from now on is not the answer to an earlier question.
    Rested,
    Mouse(Mouse),
    Paste(String),
    /// The terminal has another size (columns, rows).
    Resize(u16, u16),
    /// The worker has something new.
    News(Arc<Snapshot>, Option<Arc<Diagnosis>>),
    /// What surrounds a sample of a feature set was found out; nothing if it is not there.
    Inspected(usize, Option<Arc<SampleDiagnosis>>),
    /// A feature set was read and its run started.
    Opened(usize, Arc<Dataset>, Arc<Snapshot>),
    /// A feature set could not be opened, and why.
    OpenFailed(usize, String),
    /// The run of a feature set that is not shown has something new.
    NewsOf(usize, Arc<Snapshot>, Option<Arc<Diagnosis>>),
    /// The points have gone this share (0 to 1) of their way to another map.
    Moved(f32),
    /// The comparison of the feature sets is there, or could not be made.
    Compared(Compared),
    /// Further maps of a feature set are computed, or compared.
    Further(usize, Further),
    Saved(Target, PathBuf),
    /// The file exists; it was left as it is.
    Exists(Target, PathBuf),
    /// A file could not be written, and why.
    SaveFailed(String),
    /// This number of changes of a record is on the disk; otherwise why not, if that is to be said.
    Written(Record, usize, Result<(), Option<String>>),
}

/// What is written in the background after each change, each to a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    Decisions,
    Names,
    Journal,
}

/// What is known of the comparison.
#[derive(Debug, Clone, Default)]
pub(crate) enum Compared {
    /// There is nothing to compare: one feature set, or no labels.
    #[default]
    Nothing,
    /// It is being computed: this share of it (0 to 1) is done.
    Running(f32),
    /// It is there.
    Ready(Arc<Comparison>),
    /// It could not be computed, and why.
    Failed(String),
}

/// What is known of the stability of the maps of a feature set.
#[derive(Debug, Clone)]
pub(crate) enum Further {
    /// So many of all further maps are computed.
    Running { done: usize, all: usize },
    /// They are compared.
    Ready(InCommon),
    /// They could not be computed, and why.
    Failed(String),
}

/// Maps that were compared, and what they have in common.
#[derive(Debug, Clone)]
pub(crate) struct InCommon {
    /// Perplexity and seed of each; the first was the one shown.
    pub(crate) maps: Vec<(f64, u64)>,
    pub(crate) found: Arc<Stability>,
}

/// What can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The positions, or a picture of them.
    Map,
    /// The statistics.
    Statistics,
    /// The selected samples: a table, or one id a line.
    Selection,
    /// The decisions about suspects.
    Decisions,
    /// All labels as the decisions correct them, one a line.
    Labels,
    /// The cluster of each sample.
    Clusters,
    /// Everything that is known, as a page.
    Report,
}

impl Target {
    /// The thing in words.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Statistics => "statistics",
            Self::Selection => "selected samples",
            Self::Decisions => "decisions",
            Self::Labels => "labels",
            Self::Clusters => "clusters",
            Self::Report => "report",
        }
    }

    /// What its columns hold, where their names do not say it.
    pub(crate) fn columns(self, path: &Path) -> &'static str {
        let is_table = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        match self {
            Self::Clusters if is_table => {
                ": cluster (empty: noise), core (1: core of the cluster, 0: joined it, or noise)"
            }
            Self::Clusters => ": 1 for c1, 2 for c2 …, −1 for noise",
            _ => "",
        }
    }

    /// The endings of the files that it can be saved as.
    pub(crate) fn endings(self) -> Vec<&'static str> {
        match self {
            Self::Map => [endings::MAPS, endings::PICTURES].concat(),
            Self::Statistics => vec!["json"],
            Self::Selection => endings::SAMPLES.to_vec(),
            Self::Decisions => vec!["csv"],
            Self::Labels => vec!["txt"],
            Self::Clusters => endings::CLUSTERS.to_vec(),
            Self::Report => endings::REPORTS.to_vec(),
        }
    }

    /// A path with one of these endings.
    pub(crate) fn path(self, text: &str) -> Result<PathBuf, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("type a file name, or Esc".into());
        }
        let (path, endings) = (Path::new(text), self.endings());
        if endings::has_one_of(path, &endings) {
            Ok(path.to_path_buf())
        } else {
            Err(format!(
                "the name must end in {}",
                endings::one_of(&endings)
            ))
        }
    }
}

/// What the loop is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Hand a command to the worker of the set that is shown.
    Command(Command),
    /// Hand a command to the worker of a set.
    CommandTo(usize, Command),
    /// Read a feature set and start its run.
    OpenSet(usize),
    /// Write a file; replace one that exists only if told to.
    Save {
        /// What to save.
        target: Target,
        /// Where to.
        path: PathBuf,
        /// Replace a file that exists.
        overwrite: bool,
    },
    /// Find out what surrounds a sample: its k nearest neighbors, its silhouette.
    Inspect {
        sample: usize,
        /// Number of neighbors.
        k: usize,
    },
    /// Compute further maps of the set that is shown (perplexity and seed), and compare them with the one
    /// shown.
    CompareMaps(Vec<(f64, u64)>),
    /// Draw the map as text, for the journal.
    KeepPicture,
    /// Go on with the session that was found.
    GoOn,
    /// The help was asked for.
    HelpSeen,
    Redraw,
    /// Stop the program until the shell continues it.
    Suspend,
    Quit,
}

impl Effect {
    /// Write a file where there is none.
    pub(crate) fn save(target: Target, path: PathBuf) -> Self {
        Self::Save {
            target,
            path,
            overwrite: false,
        }
    }
}
