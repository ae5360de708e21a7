//! Further maps of the set that is shown, in the background, and what they have in common.
//!
//! They run at the lowest priority, so that the map is not held up, and end when the screen does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::comparing::yield_to_others;
use super::inbox::Event;
use super::no_threads;
use crate::dataset::Dataset;
use crate::diagnosis::{Stability, StabilityOptions};
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, Stage};
use crate::run::{RunOptions, embed_several};
use crate::tui::app::action::{Further, InCommon, Message};

/// What is to be compared.
pub(super) struct Job {
    pub(super) set: usize,
    pub(super) data: Arc<Dataset>,
    pub(super) options: RunOptions,
    pub(super) execution: Execution,
    /// The map that is shown.
    pub(super) shown: (f64, u64),
    pub(super) positions: Arc<[[f32; 2]]>,
    /// The maps to compute.
    pub(super) maps: Vec<(f64, u64)>,
    /// Neighbors per sample.
    pub(super) k: usize,
}

/// Maps that are being computed; dropping it ends that.
pub(super) struct FurtherMaps {
    stop: Arc<AtomicBool>,
}

/// Counts the maps that are done.
struct Count {
    stop: Arc<AtomicBool>,
    /// Maps that are done, and how far the next one is.
    at: Mutex<(usize, f32)>,
    set: usize,
    all: usize,
    sender: Sender<Event>,
}

impl Progress for Count {
    fn report(&self, stage: Stage, share: f32) {
        if stage != Stage::Optimizing {
            return;
        }
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if share < at.1 {
            at.0 += 1;
            let (done, all) = (at.0, self.all);
            let message = Message::Further(self.set, Further::Running { done, all });
            let _ = self.sender.send(Event::Message(message));
        }
        at.1 = share;
    }

    fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl FurtherMaps {
    /// Starts to compute; how far that is, and the outcome, are sent as messages.
    pub(super) fn start(job: Job, sender: Sender<Event>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let count = Count {
            stop: Arc::clone(&stop),
            at: Mutex::default(),
            set: job.set,
            all: job.maps.len(),
            sender: sender.clone(),
        };
        let (set, failed) = (job.set, sender.clone());
        let thread = thread::Builder::new().name("further".into());
        let started = thread.spawn(move || {
            yield_to_others();
            let outcome = match job.compare(count) {
                Ok(Some(common)) => Further::Ready(common),
                Ok(None) => Further::Failed("there are too few samples".into()),
                Err(error) => Further::Failed(error.to_string()),
            };
            // If the loop has ended, there is nobody to tell.
            let _ = sender.send(Event::Message(Message::Further(set, outcome)));
        });
        if let Err(error) = started {
            let outcome = Further::Failed(no_threads(&error).to_string());
            let _ = failed.send(Event::Message(Message::Further(set, outcome)));
        }
        Self { stop }
    }
}

impl Drop for FurtherMaps {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Job {
    fn compare(self, count: Count) -> Result<Option<InCommon>> {
        let execution = self.execution.progress(count);
        // From principal components, all seeds would give nearly the same map.
        let options = self.options.with_random_start();
        let maps = embed_several(&self.data, &options, &self.maps, &execution)?;
        let mut positions: Vec<&[[f32; 2]]> = vec![&self.positions];
        positions.extend(maps.iter().map(|map| &map.positions[..]));
        let options = StabilityOptions {
            k: self.k,
            ..StabilityOptions::default()
        };
        let found = Stability::of(self.data.labels(), &positions, &options, &execution)?;
        let maps = [self.shown].into_iter().chain(self.maps).collect();
        let found = found.map(Arc::new);
        Ok(found.map(|found| InCommon { maps, found }))
    }
}
