//! The comparison of a study's feature sets, in the background: shown when it is ready.
//!
//! It runs on one thread of the lowest priority, so that the map is not held up, and ends when the
//! screen does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

use super::inbox::Event;
use crate::comparison::{Comparison, ComparisonOptions};
use crate::execution::Execution;
use crate::progress::Progress;
use crate::study::Study;
use crate::tui::app::action::{Compared, Message};

/// A comparison under way; dropping it ends it.
pub(super) struct Comparing {
    stop: Arc<AtomicBool>,
}

/// Listens for the end.
struct Until(Arc<AtomicBool>);

impl Progress for Until {
    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Comparing {
    /// Starts a comparison if there is something to compare. Its outcome is sent as a message.
    pub(super) fn start(
        study: Option<Arc<Study>>,
        k: usize,
        sender: Sender<Event>,
    ) -> Option<Self> {
        let study = study.filter(|s| s.has_several() && s.labels().is_some())?;
        let stop = Arc::new(AtomicBool::new(false));
        let until = Until(Arc::clone(&stop));
        let execution = Execution::default().threads(1).progress(until);
        let options = ComparisonOptions {
            k,
            ..ComparisonOptions::default()
        };
        thread::spawn(move || {
            yield_to_others();
            let outcome = match Comparison::of(&study, &options, &execution) {
                Ok(Some(comparison)) => Compared::Ready(Arc::new(comparison)),
                Ok(None) => Compared::Nothing,
                Err(error) => Compared::Failed(error.to_string()),
            };
            // If the loop has ended, there is nobody to tell.
            let _ = sender.send(Event::Message(Message::Compared(outcome)));
        });
        Some(Self { stop })
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Lowers the priority of this thread and of those that it starts. Elsewhere than on Linux that
/// would be the whole process's.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        // Where it is not allowed, it goes on as it is.
        let _ = rustix::process::nice(19);
    }
}
