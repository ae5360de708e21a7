//! The options `--checkpoint` and `--every`: a map that goes on after an interruption.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use signal_hook::consts::SIGUSR1;

use super::watch::Watch;
use crate::checkpoint;
use crate::dataset::Dataset;
use crate::error::{Error, Result, printable};
use crate::export::{Inputs, write_durably};
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
}

/// Writes checkpoints of a map while it is computed.
pub(super) struct Checkpoints<'a> {
    path: PathBuf,
    every: Duration,
    data: &'a Dataset,
    options: &'a RunOptions,
    watch: Arc<Watch>,
    /// A signal asks for a checkpoint.
    asked: Arc<AtomicBool>,
    last: Instant,
    /// The iteration that was written last.
    written: Option<usize>,
    /// By which iteration a map is said to be at rest.
    divergences: Vec<(usize, f64)>,
    failed: bool,
}

impl CheckpointOptions {
    /// Refuses a file that is read, or that another result goes to, before the work begins.
    pub(super) fn check(&self, inputs: &Inputs, outputs: &[PathBuf]) -> Result<()> {
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
        Ok(())
    }

    /// What writes them, and the map to go on from; `None` if they are not wanted.
    pub(super) fn open<'a>(
        self,
        data: &'a Dataset,
        options: &'a RunOptions,
        watch: &Arc<Watch>,
    ) -> Result<Option<(Checkpoints<'a>, Option<PartialMap>)>> {
        let Some(path) = self.checkpoint else {
            return Ok(None);
        };
        // From here on the signal no longer ends the program.
        let asked = Watch::flag(SIGUSR1)?;
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
        let checkpoints = Checkpoints {
            path,
            every: Duration::from_secs(self.every),
            data,
            options,
            watch: Arc::clone(watch),
            asked,
            last: Instant::now(),
            written: found.as_ref().map(|found| found.map.state.iteration),
            divergences: Vec::new(),
            failed: false,
        };
        Ok(Some((checkpoints, found.map(|found| found.map))))
    }
}

impl Checkpoints<'_> {
    /// Takes the map after an iteration, and writes it if it is time to.
    pub(super) fn take(&mut self, map: &Embedding, divergences: &[(usize, f64)]) {
        if divergences.len() != self.divergences.len() {
            self.divergences = divergences.to_vec();
        }
        let is_asked = self.asked.swap(false, Ordering::Relaxed);
        if is_asked || self.watch.is_cancelled() || self.last.elapsed() >= self.every {
            self.write(map);
        }
    }

    /// Writes the map, unless that was done since its last iteration. A failure is a note: the computation goes on.
    pub(super) fn write(&mut self, map: &Embedding) {
        self.last = Instant::now();
        if self.written == Some(map.iteration()) && !self.failed {
            return;
        }
        let partial = PartialMap {
            state: map.state(),
            divergences: self.divergences.clone(),
        };
        let outcome = checkpoint::to_bytes(self.data, self.options, &partial)
            .and_then(|bytes| write_durably(&self.path, &bytes));
        self.failed = outcome.is_err();
        match outcome {
            Ok(()) => self.written = Some(map.iteration()),
            Err(error) => self.watch.notes(&[error.to_string()]),
        }
    }

    /// Says after an interruption what the file holds.
    pub(super) fn interrupted(&self) {
        let file = printable(&self.path.display().to_string());
        self.watch.notes(&[match self.written {
            Some(iteration) => format!(
                "{file} holds iteration {iteration} of {}: the same command goes on from there",
                self.options.iterations
            ),
            None => format!("{file} was not written: there was no map yet"),
        }]);
    }
}
