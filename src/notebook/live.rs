//! What the terminal shows while a cell runs: one line that says how far a stage is, or the map as it forms,
//! each in the place of the one before. At the end nothing is left of it.
//!
//! evcxr hands on what a cell prints line by line, and Jupyter keeps it. So this goes to the terminal itself,
//! and only in evcxr's REPL: elsewhere there is none, or it belongs to another program.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, Stage};

/// evcxr sets this in the process that runs the cells.
const IN_EVCXR: &str = "EVCXR_IS_RUNTIME";
/// Before the first line: short calls show nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// From one picture to the next.
const INTERVAL: Duration = Duration::from_millis(200);

/// The terminal while a cell runs.
pub(super) struct Live(Option<Mutex<Place>>);

/// Where the next picture goes.
struct Place {
    terminal: File,
    /// Lines that are shown.
    lines: usize,
    /// When the next picture is due.
    due: Instant,
}

impl Live {
    fn new() -> Self {
        let in_evcxr = std::env::var_os(IN_EVCXR).is_some();
        let terminal = in_evcxr.then(super::screen::terminal).flatten();
        Self(terminal.map(|terminal| {
            Mutex::new(Place {
                terminal,
                lines: 0,
                due: Instant::now() + PATIENCE,
            })
        }))
    }

    /// Shows a picture if one is due, and nobody else is showing one.
    pub(super) fn show(&self, picture: impl FnOnce() -> String) {
        let Some(Ok(mut place)) = self.0.as_ref().map(Mutex::try_lock) else {
            return;
        };
        if Instant::now() >= place.due {
            place.replace(&picture());
            place.due = Instant::now() + INTERVAL;
        }
    }

    /// Shows a line at once.
    pub(super) fn announce(&self, line: impl FnOnce() -> String) {
        if let Some(Ok(mut place)) = self.0.as_ref().map(Mutex::lock) {
            place.replace(&line());
        }
    }

    /// Removes what is shown.
    fn clear(&self) {
        if let Some(Ok(mut place)) = self.0.as_ref().map(Mutex::lock)
            && place.lines > 0
        {
            place.replace("");
        }
    }
}

impl Place {
    fn replace(&mut self, picture: &str) {
        let mut text = String::new();
        if self.lines > 0 {
            text = format!("\x1b[{}F", self.lines);
        }
        for line in picture.lines() {
            text += line;
            text += "\x1b[K\n";
        }
        text += "\x1b[J";
        self.lines = picture.lines().count();
        // If the terminal is gone, nobody misses the picture.
        let _ = self.terminal.write_all(text.as_bytes());
    }
}

impl Progress for Live {
    fn report(&self, stage: Stage, share: f32) {
        // The map shows itself.
        if stage != Stage::Optimizing {
            self.show(|| format!("{} {:.0}%", stage.label(), 100.0 * share));
        }
    }
}

/// Calls something that takes long, on all cores, while the terminal shows how far it is.
pub(super) fn watched<T>(work: impl FnOnce(&Execution, &Live) -> Result<T>) -> Result<T> {
    let live = Arc::new(Live::new());
    let execution = Execution::default().progress(Arc::clone(&live));
    let outcome = work(&execution, &live);
    live.clear();
    outcome
}
