//! The options `--checkpoint` and `--every`: a map that goes on after an interruption.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::Args;
use signal_hook::consts::SIGUSR1;

use super::watch::Watch;
use crate::checkpoint::{self, Basis};
use crate::dataset::Dataset;
use crate::error::{Error, Result, printable};
use crate::export::{Inputs, check_writable, remove_abandoned, write_durably};
use crate::progress::Progress as _;
use crate::run::{PartialMap, RunOptions};
use crate::text::whole;
use crate::tsne::Embedding;

#[derive(Debug, Args)]
pub(super) struct CheckpointOptions {
    /// Keep the map in this file (.npz) while it is computed, and go on from it if it is there. It is
    /// also written on SIGUSR1, SIGTERM and Ctrl-C
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    checkpoint: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", help_heading = "Results", default_value_t = 60, requires = "checkpoint",
          value_parser = whole(1_u64..=86_400))]
    every: u64,
    /// A signal asks for a checkpoint.
    #[arg(skip)]
    asked: Arc<AtomicBool>,
}

/// Writes checkpoints of a map while it is computed, on a thread of its own: the optimizer waits for no disk.
pub(super) struct Checkpoints {
    path: PathBuf,
    every: Duration,
    iterations: usize,
    watch: Arc<Watch>,
    /// A signal asks for a checkpoint.
    asked: Arc<AtomicBool>,
    last: Instant,
    /// The iteration that was handed over last.
    sent: Option<usize>,
    /// By which iteration a map is said to be at rest.
    divergences: Vec<(usize, f64)>,
    maps: Option<Sender<PartialMap>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Written>,
}

/// What the thread tells.
#[derive(Default)]
struct Written {
    /// The iteration that was written last.
    iteration: Mutex<Option<usize>>,
    failed: AtomicBool,
}

impl Written {
    fn iteration(&self) -> MutexGuard<'_, Option<usize>> {
        self.iteration
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl CheckpointOptions {
    /// Refuses a file that is read, or that another result goes to, before the work begins. From then on, SIGUSR1 does not
    /// end the program.
    pub(super) fn check(&mut self, inputs: &Inputs, outputs: &[PathBuf]) -> Result<()> {
        let Some(path) = &self.checkpoint else {
            return Ok(());
        };
        let refuse = |problem| Err(Error::option("--checkpoint", path.display(), problem));
        if inputs.at(path).is_some() {
            return refuse("is a file that this command reads; name another one");
        }
        if outputs.contains(path) {
            return refuse("is a file that the result goes to; name another one");
        }
        if path.is_dir() {
            return refuse("is a folder; name a file in it");
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return refuse("is in a folder that does not exist");
        }
        remove_abandoned(folder.unwrap_or_else(|| Path::new(".")));
        check_writable(path)?;
        self.asked = Watch::flag(SIGUSR1)?;
        Ok(())
    }

    /// What writes them, and the map to go on from; `None` if they are not wanted.
    pub(super) fn open(
        self,
        data: &Dataset,
        options: &RunOptions,
        watch: &Arc<Watch>,
    ) -> Result<Option<(Checkpoints, Option<PartialMap>)>> {
        let Some(path) = self.checkpoint else {
            return Ok(None);
        };
        let file = printable(&path.display().to_string());
        let found = checkpoint::read(&path, data, options)?;
        if let Some(found) = &found {
            let iteration = found.map.state.iteration;
            let mut notes = vec![format!(
                "{file}: goes on from iteration {iteration} of {}",
                options.iterations
            )];
            if let Some(version) = &found.other_version {
                notes.push(format!(
                    "{file} was written by version {version}: the map may differ in its last digits from one \
                     without a break"
                ));
            }
            watch.notes(&notes);
        }
        let written = found.as_ref().map(|found| found.map.state.iteration);
        let progress = Arc::new(Written::default());
        *progress.iteration() = written;
        let (maps, received) = channel();
        let basis = Basis::of(data, options);
        let (to, watched) = (path.clone(), Arc::clone(watch));
        let told = Arc::clone(&progress);
        let thread = thread::Builder::new().name("checkpoints".into());
        let thread = thread.spawn(move || write_all(&to, &basis, &received, &watched, &told));
        let thread = thread.map_err(|source| Error::io("write", &path, source))?;
        let checkpoints = Checkpoints {
            path,
            every: Duration::from_secs(self.every),
            iterations: options.iterations,
            watch: Arc::clone(watch),
            asked: self.asked,
            last: Instant::now(),
            sent: written,
            divergences: Vec::new(),
            maps: Some(maps),
            thread: Some(thread),
            progress,
        };
        Ok(Some((checkpoints, found.map(|found| found.map))))
    }
}

/// Writes the maps that come; of several in a row the last. A failure is a note: the computation goes on.
fn write_all(
    path: &Path,
    basis: &Basis,
    maps: &Receiver<PartialMap>,
    watch: &Watch,
    progress: &Written,
) {
    while let Ok(mut map) = maps.recv() {
        while let Ok(newer) = maps.try_recv() {
            map = newer;
        }
        let outcome = basis
            .to_bytes(&map)
            .and_then(|bytes| write_durably(path, &bytes));
        progress.failed.store(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Ok(()) => *progress.iteration() = Some(map.state.iteration),
            Err(error) => watch.notes(&[error.to_string()]),
        }
    }
}

impl Checkpoints {
    /// Takes the map after an iteration, and has it written if it is time to.
    pub(super) fn take(&mut self, map: &Embedding, divergences: &[(usize, f64)]) {
        if divergences.len() != self.divergences.len() {
            self.divergences = divergences.to_vec();
        }
        let is_asked = self.asked.swap(false, Ordering::Relaxed);
        if is_asked || self.watch.is_cancelled() || self.last.elapsed() >= self.every {
            self.write(map);
        }
    }

    /// Has the map written, unless that was done since its last iteration.
    pub(super) fn write(&mut self, map: &Embedding) {
        self.last = Instant::now();
        let has_failed = self.progress.failed.load(Ordering::Relaxed);
        if self.sent == Some(map.iteration()) && !has_failed {
            return;
        }
        self.sent = Some(map.iteration());
        let partial = PartialMap {
            state: map.state(),
            divergences: self.divergences.clone(),
        };
        if let Some(maps) = &self.maps {
            // If the thread has ended, so has the program.
            let _ = maps.send(partial);
        }
    }

    /// Waits until everything is written.
    fn finish(&mut self) {
        self.maps = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Says after an interruption what the file holds.
    pub(super) fn interrupted(&mut self) {
        self.finish();
        let file = printable(&self.path.display().to_string());
        let written = *self.progress.iteration();
        self.watch.notes(&[match written {
            Some(iteration) => format!(
                "{file} holds iteration {iteration} of {}: the same command goes on from there",
                self.iterations
            ),
            None => format!("{file} was not written: there was no map yet"),
        }]);
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.finish();
    }
}
