//! Progress on standard error if that is a terminal, and cancellation by SIGINT and SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::threads::Threads;
use crate::error::{Error, Result, printable};
use crate::execution::Execution;
use crate::progress::{Progress, Stage};

/// Steps of the bar.
const STEPS: u64 = 1000;

/// Watches the computation of a command without a screen.
pub(super) struct Watch {
    bar: ProgressBar,
    stage: AtomicUsize,
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Watch {
    /// Shows a bar on standard error if that is a terminal, and listens for signals.
    pub(super) fn new() -> Result<Arc<Self>> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let terminated = Arc::new(AtomicBool::new(false));
        for (signal, flag) in [(SIGINT, &interrupted), (SIGTERM, &terminated)] {
            // A second signal ends the program at once.
            signal_hook::flag::register_conditional_shutdown(
                signal,
                128 + signal,
                Arc::clone(flag),
            )
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(flag)))
            .map_err(|source| Error::io("watch", "signals", source))?;
        }
        // On anything but a terminal the bar draws nothing.
        let bar = ProgressBar::new(STEPS);
        if let Ok(style) = ProgressStyle::with_template("{msg:>20} [{bar:40}] {percent:>3}%") {
            bar.set_style(style.progress_chars("=> "));
        }
        Ok(Arc::new(Self {
            bar,
            stage: AtomicUsize::new(usize::MAX),
            interrupted,
            terminated,
        }))
    }

    /// A flag that this signal sets.
    pub(super) fn flag(signal: i32) -> Result<Arc<AtomicBool>> {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal, Arc::clone(&flag))
            .map_err(|source| Error::io("watch", "signals", source))?;
        Ok(flag)
    }

    /// A call that this watches.
    pub(super) fn execution(self: &Arc<Self>, threads: Threads) -> Execution {
        threads.execution().progress(Arc::clone(self))
    }

    /// Prints notes to standard error.
    pub(super) fn notes(&self, notes: &[String]) {
        use std::io::Write as _;
        self.bar.suspend(|| {
            for note in notes {
                let _ = writeln!(std::io::stderr(), "note: {}", printable(note));
            }
        });
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Removes the bar after an error; tells an interruption by SIGTERM from one by SIGINT.
    pub(super) fn outcome<T>(&self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.finish();
        }
        match outcome {
            Err(Error::Interrupted) if self.terminated.load(Ordering::Relaxed) => {
                Err(Error::Terminated)
            }
            other => other,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Progress for Watch {
    fn report(&self, stage: Stage, share: f32) {
        if self.stage.swap(stage as usize, Ordering::Relaxed) != stage as usize {
            self.bar.set_message(stage.label());
        }
        self.bar
            .set_position((f64::from(share) * STEPS as f64) as u64);
    }

    fn is_cancelled(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.terminated.load(Ordering::Relaxed)
    }
}
