//! The comparison of a study's feature sets, in the background: its progress, and the outcome when it is ready.
//!
//! It runs on one thread of the lowest priority, so that the map is not held up, and ends when the
//! screen does.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::inbox::Event;
use super::no_threads;
use crate::comparison::{Comparison, ComparisonOptions};
use crate::error::Result;
use crate::execution::Execution;
use crate::progress::{Progress, Stage};
use crate::study::Study;
use crate::tui::app::action::{Compared, Message};

/// A comparison under way; dropping it ends it.
pub(super) struct Comparing {
    stop: Arc<AtomicBool>,
}

/// Tells how far it is, in whole percent, and listens for the end.
struct Watched {
    stop: Arc<AtomicBool>,
    told: AtomicU32,
    sender: Mutex<Sender<Event>>,
}

impl Progress for Watched {
    fn report(&self, _: Stage, share: f32) {
        let percent = (share * 100.0) as u32;
        if self.told.swap(percent, Ordering::Relaxed) != percent {
            let running = Compared::Running(share);
            let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
            // If the loop has ended, there is nobody to tell.
            let _ = sender.send(Event::Message(Message::Compared(running)));
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Comparing {
    /// Starts a comparison if there is something to compare. Its outcome is sent as a message.
    ///
    /// # Errors
    /// [`Error::Terminal`](crate::Error::Terminal) if the system starts no thread.
    pub(super) fn start(
        study: Option<Arc<Study>>,
        k: usize,
        sender: Sender<Event>,
    ) -> Result<Option<Self>> {
        let Some(study) = study.filter(|s| s.has_several() && s.labels().is_some()) else {
            return Ok(None);
        };
        let stop = Arc::new(AtomicBool::new(false));
        let watched = Watched {
            stop: Arc::clone(&stop),
            told: AtomicU32::new(0),
            sender: Mutex::new(sender.clone()),
        };
        let execution = Execution::default().threads(1).progress(watched);
        let options = ComparisonOptions {
            k,
            ..ComparisonOptions::default()
        };
        let thread = thread::Builder::new().name("comparison".into());
        let started = thread.spawn(move || {
            yield_to_others();
            let outcome = match Comparison::of(&study, &options, &execution) {
                Ok(Some(comparison)) => Compared::Ready(Arc::new(comparison)),
                Ok(None) => Compared::Nothing,
                Err(error) => Compared::Failed(error.to_string()),
            };
            // If the loop has ended, there is nobody to tell.
            let _ = sender.send(Event::Message(Message::Compared(outcome)));
        });
        started.map_err(|e| no_threads(&e))?;
        Ok(Some(Self { stop }))
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Lowers the priority of this thread and of those that it starts. Elsewhere than on Linux that
/// would be the whole process's.
pub(super) fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        // Where it is not allowed, it goes on as it is.
        let _ = rustix::process::nice(19);
    }
}
