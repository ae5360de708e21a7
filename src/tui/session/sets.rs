//! The runs of several feature sets: the one that is shown, and those that were shown before.
//!
//! A set's features are read and its run is started when it is first asked for, on a thread of its
//! own, because both may take their time. Runs are kept; those that are not shown are paused.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use super::autosave::OfSet;
use super::inbox::{Event, Opened, Started};
use super::no_threads;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::error::Result;
use crate::run::{Activity, Command, Run, Snapshot};
use crate::session::SetSession;
use crate::tui::app::action::Message;
use crate::tui::app::sets::SetName;

/// What a run calls when it has something new.
pub(crate) type Notify = Arc<dyn Fn() + Send + Sync>;

/// Reads the features of a set and starts its run, which goes on from what a session kept of the set.
pub(crate) type Opener =
    Arc<dyn Fn(usize, Option<SetSession>, Notify) -> Result<Opened> + Send + Sync>;

/// A run and the newest of it that was passed on.
struct StartedRun {
    run: Run,
    /// By which a session recognizes its features.
    digest: String,
    /// Its map moved at last.
    is_moving: bool,
    snapshot: Option<Arc<Snapshot>>,
    diagnosis: Option<Arc<Diagnosis>>,
}

impl StartedRun {
    /// What a session says of it, without the state of its maps.
    fn of_session(&self, name: &str) -> SetSession {
        SetSession {
            name: name.to_owned(),
            features: self.digest.clone(),
            ..SetSession::default()
        }
    }
}

/// The run that is shown first.
pub(super) struct FirstRun {
    pub(super) data: Arc<Dataset>,
    pub(super) snapshot: Arc<Snapshot>,
    /// What to say about the session that it goes on from.
    pub(super) note: Option<String>,
}

/// The runs of all sets, as far as they were started.
pub(super) struct Runs {
    known: Vec<Option<StartedRun>>,
    /// Their names in a session.
    names: Vec<String>,
    /// What a session kept of sets whose runs are not started.
    waiting: Vec<SetSession>,
    opener: Opener,
    notify: Notify,
}

impl Runs {
    /// No run is started yet.
    pub(super) fn new(
        sets: &[SetName],
        waiting: Vec<SetSession>,
        opener: Opener,
        notify: Notify,
    ) -> Self {
        let mut names: Vec<String> = sets.iter().map(|set| set.name.clone()).collect();
        if names.is_empty() {
            names.push(String::new());
        }
        Self {
            known: names.iter().map(|_| None).collect(),
            names,
            waiting,
            opener,
            notify,
        }
    }

    /// Starts a set's run and waits for it: the first one, without which there is nothing to show.
    pub(super) fn open(&mut self, set: usize) -> Result<FirstRun> {
        let opened = (self.opener)(set, self.waiting(set), Arc::clone(&self.notify))?;
        let (data, note) = (Arc::clone(&opened.data), opened.note.clone());
        let snapshot = opened.run.snapshot();
        self.put(set, opened);
        Ok(FirstRun {
            data,
            snapshot,
            note,
        })
    }

    /// What a session kept of a set whose run is not started.
    fn waiting(&self, set: usize) -> Option<SetSession> {
        let name = self.names.get(set)?;
        self.waiting.iter().find(|set| set.name == *name).cloned()
    }

    fn put(&mut self, set: usize, opened: Opened) {
        let Opened { run, digest, .. } = opened;
        if let Some(place) = self.known.get_mut(set) {
            self.waiting
                .retain(|waiting| waiting.name != self.names[set]);
            *place = Some(StartedRun {
                run,
                digest,
                is_moving: false,
                snapshot: None,
                diagnosis: None,
            });
        }
    }

    /// Starts a set's run on a thread of its own, which sends it to the inbox.
    pub(super) fn start(&self, set: usize, inbox: Sender<Event>) {
        let (opener, notify) = (Arc::clone(&self.opener), Arc::clone(&self.notify));
        let (waiting, sender) = (self.waiting(set), inbox.clone());
        let thread = thread::Builder::new().name("opener".into());
        let started = thread.spawn(move || {
            let outcome = opener(set, waiting, notify);
            // Nobody listens any more if the loop has ended.
            let _ = sender.send(Event::Started(Started { set, outcome }));
        });
        if let Err(error) = started {
            let outcome = Err(no_threads(&error));
            let _ = inbox.send(Event::Started(Started { set, outcome }));
        }
    }

    /// Takes in a run that was started, or failed to start; the message is for the state.
    pub(super) fn take(&mut self, started: Started) -> (Message, Option<String>) {
        let set = started.set;
        match started.outcome {
            Ok(opened) => {
                let (data, note) = (Arc::clone(&opened.data), opened.note.clone());
                let snapshot = opened.run.snapshot();
                self.put(set, opened);
                (Message::Opened(set, data, snapshot), note)
            }
            Err(error) => (Message::OpenFailed(set, error.to_string()), None),
        }
    }

    /// The states of all runs, as far as they are known.
    pub(super) fn states(&self) -> Vec<OfSet> {
        let started = self.known.iter().zip(&self.names);
        let started = started.filter_map(|(known, name)| {
            let known = known.as_ref()?;
            let set = known.of_session(name);
            Some(OfSet::Asked(set, known.run.ask_state()))
        });
        let waiting = self.waiting.iter().cloned().map(OfSet::Known);
        started.chain(waiting).collect()
    }

    /// Ends all runs; returns their states. Of one that has failed, what was written last stays.
    pub(super) fn stop(self) -> Vec<OfSet> {
        let mut states = Vec::new();
        for (known, name) in self.known.into_iter().zip(&self.names) {
            let Some(known) = known else {
                continue;
            };
            let set = known.of_session(name);
            states.push(match known.run.stop() {
                Some(run) => OfSet::Known(SetSession { run, ..set }),
                None => OfSet::Asked(set, std::sync::mpsc::channel().1),
            });
        }
        states.extend(self.waiting.into_iter().map(OfSet::Known));
        states
    }

    /// Lets the runs go on from a session; those that are not started do when they are. Numbers of maps become higher by
    /// `by`. Returns the sets for which that is not possible, and why.
    pub(super) fn take_up(&mut self, sets: &[SetSession], by: u64) -> Vec<(String, String)> {
        let mut refused = Vec::new();
        for set in sets {
            let place = self.names.iter().position(|name| *name == set.name);
            let mut set = set.clone();
            set.run = set.run.renumbered(by);
            match place.and_then(|place| self.known[place].as_ref()) {
                Some(known) => {
                    let name = set.name.clone();
                    match set.checked(&known.digest) {
                        Ok(run) => known.run.take_up(run),
                        Err(why) => refused.push((name, why)),
                    }
                }
                None => self.waiting.push(set),
            }
        }
        refused
    }

    /// Whether a set's map moved when that was last noted.
    pub(super) fn is_moving(&self, set: usize) -> bool {
        let known = self.known.get(set).and_then(Option::as_ref);
        known.is_some_and(|known| known.is_moving)
    }

    /// Notes whether a set's map moves.
    pub(super) fn notes_motion(&mut self, set: usize, snapshot: &Snapshot) {
        if let Some(Some(known)) = self.known.get_mut(set) {
            known.is_moving = matches!(
                snapshot.activity,
                Activity::Running | Activity::Preparing { .. }
            );
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
