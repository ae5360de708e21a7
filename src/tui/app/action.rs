//! What a user can want, independent of the keys for it; and what the world is asked to do.
//!
//! Keys become an [`Action`], whatever happens becomes a [`Message`], and updating the state
//! answers with [`Effect`]s for the loop to carry out: so that the state itself touches neither
//! the terminal nor a file nor the worker.

use std::path::PathBuf;
use std::sync::Arc;

use super::App;
use super::panels::Panel;
use crate::dataset::Dataset;
use crate::diagnosis::{Diagnosis, SampleDiagnosis};
use crate::run::{Command, Snapshot};
use crate::tui::session::comparing::Compared;
use crate::tui::terminal::input::{Key, Mouse};

/// What a user can want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Pause if running, otherwise go on.
    TogglePause,
    /// One iteration.
    Step,
    /// Begin again with the next seed.
    Restart,
    /// To the next lower (−1) or higher (+1) perplexity of the ladder.
    Ladder(i8),
    /// Ask for a perplexity.
    AskPerplexity,
    /// Closer (+1) or further away (−1).
    Zoom(i8),
    /// Move the window right and down by these parts of its size.
    Pan(i8, i8),
    /// Show the whole map, and keep showing it as it grows.
    Fit,
    /// Show or hide a class, counted from 0.
    ToggleClass(usize),
    /// Show all classes.
    ShowAll,
    /// Show a panel and go into it.
    Show(Panel),
    /// From the panel back to the map.
    LeavePanel,
    /// Give what has the focus the whole screen, or take it back.
    Zoomed,
    /// Move the panel's cursor, or scroll it, by so many rows.
    MoveRow(i8),
    /// To the panel's first or last (true) row.
    FirstOrLastRow(bool),
    /// Sort the panel's rows by the next figure.
    NextOrder,
    /// Sort the panel's rows the other way round.
    ReverseOrder,
    /// One, two or four maps at once.
    NextCount,
    /// Several maps: of perplexities and seeds, or of models and layers.
    NextKind,
    /// To the next (+1) or previous (−1) of several maps.
    NextMap(i8),
    /// Into the panel; from there to the next (+1) or previous (−1).
    Panel(i8),
    /// Scroll the panel's table by so many rows.
    ScrollRows(i8),
    /// Scroll the panel's table by so many columns.
    ScrollColumns(i8),
    /// Fewer (−1) or more (+1) neighbors per sample in the tables.
    TableK(i8),
    /// The neighbor table of the features or of the map.
    SwitchSpace,
    /// Draw the map with the next glyphs: braille, octants, half blocks, ASCII, letters.
    NextGlyphs,
    /// Let the colors of the map mean the next (+1) or previous (−1) thing.
    NextColoring(i8),
    /// Color cells by the majority or by the rarest class in them.
    SwitchWinner,
    /// The next set of colors for classes.
    NextColorSet,
    /// Choose samples.
    Choose(Choose),
    /// To the next (+1) or previous (−1) layer.
    Layer(i8),
    /// To the next (+1) or previous (−1) model.
    Model(i8),
    /// Show the ways of the points that moved most, or not.
    Trails,
    /// What only the keys of one panel do.
    OfPanel(PanelAction),
    /// Open the command line.
    AskCommand,
    /// Something in the command line.
    Line(Line),
    /// Ask where to save the map.
    AskSaveMap,
    /// Ask where to save the statistics.
    AskSaveStatistics,
    /// Show all keys.
    Help,
    /// Yes to the question in the prompt, or accept its text.
    Accept,
    /// Leave the prompt or the help.
    Cancel,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// End the program.
    Quit,
}

/// An action of one panel, declared in the panel's file.
#[derive(Clone, Copy)]
pub(crate) struct PanelAction {
    /// Its name in the config file.
    pub(crate) name: &'static str,
    /// Does it.
    pub(crate) run: fn(&mut App) -> Vec<Effect>,
}

impl PartialEq for PanelAction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PanelAction {}

impl std::fmt::Debug for PanelAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What a user can want of samples: to look at one, to select some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choose {
    /// Put the crosshair on the map, or take it away.
    ToggleCrosshair,
    /// The crosshair to the next sample to the right or down; in a box by cells.
    CrosshairTo(i8, i8),
    /// The crosshair by so many cells to the right and down.
    CrosshairBy(i8, i8),
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
    /// Select nothing.
    ClearSelection,
    /// Undo the newest change of the selection or of the classes shown.
    Undo,
    /// Do it again.
    Redo,
    /// Ask for an id to search for.
    AskFind,
    /// To the next (+1) or previous (−1) sample found.
    FindNext(i8),
    /// Draw lines to the neighbors of the current sample, or not.
    NeighborLines,
    /// Ask where to save the ids of the selection.
    AskSaveSelection,
}

/// What a user can want in the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// The next (+1) or previous (−1) completion.
    Complete(i8),
    /// An older (−1) or newer (+1) line of the history.
    Recall(i8),
}

/// Whatever happens.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
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
    /// A file was written.
    Saved(Target, PathBuf),
    /// The file exists; it was left as it is.
    Exists(Target, PathBuf),
    /// A file could not be written, and why.
    SaveFailed(String),
}

/// What can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The positions, as `.npy` or `.csv`; or a picture of them, as `.svg`, `.png`, `.ans` or
    /// `.txt`.
    Map,
    /// The statistics, as `.json`.
    Statistics,
    /// The selected samples, as `.csv` or one id a line in `.txt`.
    Selection,
    /// The decisions about suspects, as `.csv`.
    Decisions,
    /// All labels as the decisions correct them, one a line in `.txt`.
    Labels,
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
        /// The sample.
        sample: usize,
        /// Number of neighbors.
        k: usize,
    },
    /// The help was asked for.
    HelpSeen,
    /// Draw everything anew.
    Redraw,
    /// Stop the program until the shell continues it.
    Suspend,
    /// End the program.
    Quit,
}
