//! The runs of several feature sets: the one that is shown, and those that were shown before.
//!
//! A set's features are read and its run is started when it is first asked for, on a thread of its
//! own, because both may take their time. Runs are kept; those that are not shown are paused.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use super::engine::Engine;
use super::inbox::Event;
use crate::dataset::{Dataset, Labels};
use crate::diagnosis::Diagnosis;
use crate::error::Result;
use crate::run::Snapshot;
use crate::tui::app::action::{Command, Message};

/// What an engine calls when it has something new.
pub(crate) type Notify = Arc<dyn Fn() + Send + Sync>;

/// An engine and the samples that it works on.
pub(crate) type Opened = (Arc<Dataset>, Box<dyn Engine + Send>);

/// Reads the features of a set and starts its run.
pub(crate) type Opener = Arc<dyn Fn(usize, Notify) -> Result<Opened> + Send + Sync>;

/// A set's engine on its way from the thread that started it.
pub(crate) struct Started {
    set: usize,
    outcome: Result<Opened>,
}

impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Started {{ set: {} }}", self.set)
    }
}

/// An engine and the newest of it that was handed on.
struct Known {
    engine: Box<dyn Engine + Send>,
    snapshot: Option<Arc<Snapshot>>,
    diagnosis: Option<Arc<Diagnosis>>,
}

/// The engines of all sets, as far as they were started.
pub(super) struct Engines {
    known: Vec<Option<Known>>,
    opener: Opener,
    notify: Notify,
}

impl Engines {
    /// No engine is started yet.
    pub(super) fn new(sets: usize, opener: Opener, notify: Notify) -> Self {
        Self {
            known: (0..sets).map(|_| None).collect(),
            opener,
            notify,
        }
    }

    /// Starts a set's engine and waits for it: the first one, without which there is nothing to
    /// show.
    pub(super) fn open(&mut self, set: usize) -> Result<(Arc<Dataset>, Arc<Snapshot>)> {
        let (data, engine) = (self.opener)(set, Arc::clone(&self.notify))?;
        let snapshot = engine.snapshot();
        self.put(set, engine);
        Ok((data, snapshot))
    }

    fn put(&mut self, set: usize, engine: Box<dyn Engine + Send>) {
        if let Some(place) = self.known.get_mut(set) {
            *place = Some(Known {
                engine,
                snapshot: None,
                diagnosis: None,
            });
        }
    }

    /// Starts a set's engine on a thread of its own, which sends it when it is there.
    pub(super) fn start(&self, set: usize, inbox: Sender<Event>) {
        let (opener, notify) = (Arc::clone(&self.opener), Arc::clone(&self.notify));
        thread::spawn(move || {
            let outcome = opener(set, notify);
            // If the loop has ended, there is nobody to tell.
            let _ = inbox.send(Event::Started(Started { set, outcome }));
        });
    }

    /// Takes in an engine that was started; the message says so to the state.
    pub(super) fn take(&mut self, started: Started) -> Message {
        let set = started.set;
        match started.outcome {
            Ok((data, engine)) => {
                let snapshot = engine.snapshot();
                self.put(set, engine);
                Message::Opened(set, data, snapshot)
            }
            Err(error) => Message::OpenFailed(set, error.to_string()),
        }
    }

    /// Hands a command to a set's engine.
    pub(super) fn command(&self, set: usize, command: Command) {
        if let Some(Some(known)) = self.known.get(set) {
            known.engine.command(command);
        }
    }

    /// Has a set's figures counted with other labels.
    pub(super) fn set_labels(&self, set: usize, labels: Arc<Labels>) {
        if let Some(Some(known)) = self.known.get(set) {
            known.engine.set_labels(labels);
        }
    }

    /// What is newer than what was handed on before, by set.
    pub(super) fn news(&mut self) -> Vec<(usize, Arc<Snapshot>, Option<Arc<Diagnosis>>)> {
        let mut news = Vec::new();
        for (set, known) in self.known.iter_mut().enumerate() {
            let Some(known) = known else {
                continue;
            };
            let (snapshot, diagnosis) = (known.engine.snapshot(), known.engine.diagnosis());
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
