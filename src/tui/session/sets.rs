//! The runs of several feature sets: the one that is shown, and those that were shown before.
//!
//! A set's features are read and its run is started when it is first asked for, on a thread of its
//! own, because both may take their time. Runs are kept; those that are not shown are paused.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use super::inbox::{Event, Opened, Started};
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::error::Result;
use crate::run::{Command, Run, Snapshot};
use crate::tui::app::action::Message;

/// What a run calls when it has something new.
pub(crate) type Notify = Arc<dyn Fn() + Send + Sync>;

/// Reads the features of a set and starts its run.
pub(crate) type Opener = Arc<dyn Fn(usize, Notify) -> Result<Opened> + Send + Sync>;

/// A run and the newest of it that was passed on.
struct StartedRun {
    run: Run,
    snapshot: Option<Arc<Snapshot>>,
    diagnosis: Option<Arc<Diagnosis>>,
}

/// The runs of all sets, as far as they were started.
pub(super) struct Runs {
    known: Vec<Option<StartedRun>>,
    opener: Opener,
    notify: Notify,
}

impl Runs {
    /// No run is started yet.
    pub(super) fn new(sets: usize, opener: Opener, notify: Notify) -> Self {
        Self {
            known: (0..sets).map(|_| None).collect(),
            opener,
            notify,
        }
    }

    /// Starts a set's run and waits for it: the first one, without which there is nothing to show.
    pub(super) fn open(&mut self, set: usize) -> Result<(Arc<Dataset>, Arc<Snapshot>)> {
        let (data, run) = (self.opener)(set, Arc::clone(&self.notify))?;
        let snapshot = run.snapshot();
        self.put(set, run);
        Ok((data, snapshot))
    }

    fn put(&mut self, set: usize, run: Run) {
        if let Some(place) = self.known.get_mut(set) {
            *place = Some(StartedRun {
                run,
                snapshot: None,
                diagnosis: None,
            });
        }
    }

    /// Starts a set's run on a thread of its own, which sends it to the inbox.
    pub(super) fn start(&self, set: usize, inbox: Sender<Event>) {
        let (opener, notify) = (Arc::clone(&self.opener), Arc::clone(&self.notify));
        thread::spawn(move || {
            let outcome = opener(set, notify);
            // Nobody listens any more if the loop has ended.
            let _ = inbox.send(Event::Started(Started { set, outcome }));
        });
    }

    /// Takes in a run that was started, or failed to start; the message is for the state.
    pub(super) fn take(&mut self, started: Started) -> Message {
        let set = started.set;
        match started.outcome {
            Ok((data, run)) => {
                let snapshot = run.snapshot();
                self.put(set, run);
                Message::Opened(set, data, snapshot)
            }
            Err(error) => Message::OpenFailed(set, error.to_string()),
        }
    }

    /// Passes a command to a set's run.
    pub(super) fn command(&self, set: usize, command: Command) {
        if let Some(Some(known)) = self.known.get(set) {
            known.run.send(command);
        }
    }

    /// What is newer than what was passed on before, by set.
    pub(super) fn news(&mut self) -> Vec<(usize, Arc<Snapshot>, Option<Arc<Diagnosis>>)> {
        let mut news = Vec::new();
        for (set, known) in self.known.iter_mut().enumerate() {
            let Some(known) = known else {
                continue;
            };
            let (snapshot, diagnosis) = (known.run.snapshot(), known.run.diagnosis());
            let same_snapshot = known
                .snapshot
                .as_ref()
                .is_some_and(|old| Arc::ptr_eq(old, &snapshot));
            let same_diagnosis = match (&known.diagnosis, &diagnosis) {
                (Some(old), Some(new)) => Arc::ptr_eq(old, new),
                (None, None) => true,
                _ => false,
            };
            if !(same_snapshot && same_diagnosis) {
                known.snapshot = Some(Arc::clone(&snapshot));
                known.diagnosis.clone_from(&diagnosis);
                news.push((set, snapshot, diagnosis));
            }
        }
        news
    }
}
