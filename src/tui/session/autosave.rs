//! Keeps the session in its file: at pauses, finished maps, intervals and the end, whatever the end is.
//!
//! The loop collects what the screen shows, and asks the workers for the states of their maps, which they give between
//! two iterations. A thread of its own makes the file of it and writes it, so that neither frames nor workers wait for a
//! disk. What goes wrong is told once on the screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::inbox::Event;
use super::{Session, no_threads};
use crate::error::Result;
use crate::run::RunState;
use crate::session::{self, Lock, Screen, SetSession, TOUCHED_EVERY};
use crate::tui::app::action::Message;

/// The session on the screen: where it is kept, what it begins with, and how.
#[derive(Debug, Clone)]
pub(crate) struct KeptSession {
    pub(crate) file: PathBuf,
    /// What it is about; without sets and screen.
    pub(crate) about: session::Session,
    /// What was found in the file.
    pub(crate) found: Option<Box<session::Session>>,
    /// The user is asked whether to go on with that.
    pub(crate) asks: Option<String>,
    /// Time between two saves; zero to save only at pauses, finished maps and the end.
    pub(crate) every: Duration,
    /// Held as long as the screen is open.
    pub(crate) lock: Option<Arc<Lock>>,
}

/// The runs of a set: as they are known, or on their way from the worker.
pub(super) enum OfSet {
    Known(SetSession),
    Asked(SetSession, Receiver<RunState>),
}

impl OfSet {
    /// The maps, if they are known.
    pub(super) fn run(self) -> Option<RunState> {
        match self {
            Self::Known(set) => Some(set.run),
            Self::Asked(..) => None,
        }
    }
}

/// What is to be written.
struct Job {
    screen: Screen,
    sets: Vec<OfSet>,
}

/// When the session is written, and the thread that does it.
pub(super) struct Autosave {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
    every: Duration,
    /// When it is due, if something has changed.
    due: Option<Instant>,
}

impl Autosave {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// [`Error::Terminal`](crate::Error::Terminal) if the system starts no thread.
    pub(super) fn start(kept: &KeptSession, inbox: Sender<Event>) -> Result<Self> {
        let (jobs, received) = channel();
        let mut writer = Writer {
            file: kept.file.clone(),
            session: kept.about.clone(),
            lock: kept.lock.clone(),
            is_known: false,
            is_told: false,
        };
        let thread = thread::Builder::new().name("session".into());
        Ok(Self {
            jobs,
            thread: thread
                .spawn(move || writer.work(&received, &inbox))
                .map_err(|e| no_threads(&e))?,
            every: kept.every,
            due: None,
        })
    }

    /// Notes that something has changed.
    pub(super) fn changed(&mut self) {
        if self.due.is_none() && !self.every.is_zero() {
            self.due = Some(Instant::now() + self.every);
        }
    }

    /// Waits until everything is written, the last sets and screen included.
    pub(super) fn finish(self, screen: Screen, sets: Vec<OfSet>) {
        let _ = self.jobs.send(Job { screen, sets });
        drop(self.jobs);
        let _ = self.thread.join();
    }
}

/// What the thread knows.
struct Writer {
    file: PathBuf,
    /// What was written last.
    session: session::Session,
    lock: Option<Arc<Lock>>,
    /// The file that is there was written here.
    is_known: bool,
    is_told: bool,
}

impl Writer {
    fn work(&mut self, jobs: &Receiver<Job>, inbox: &Sender<Event>) {
        loop {
            let mut job = match jobs.recv_timeout(TOUCHED_EVERY) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    self.lock.iter().for_each(|lock| lock.touch());
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.lock.iter().for_each(|lock| lock.touch());
            while let Ok(newer) = jobs.try_recv() {
                job = newer;
            }
            let sets: Vec<SetSession> = job.sets.into_iter().map(|set| self.state(set)).collect();
            let session = session::Session {
                screen: job.screen,
                sets,
                ..self.session.clone()
            };
            if !session.has_maps() || session == self.session {
                continue;
            }
            let written = session::to_bytes(&session)
                .and_then(|bytes| session::save(&self.file, &bytes, self.is_known));
            match written {
                Ok(()) => {
                    self.session = session;
                    self.is_known = true;
                    self.is_told = false;
                }
                // Once; with each further change it is tried again.
                Err(_) if self.is_told => {}
                Err(error) => {
                    self.is_told = true;
                    let reason = format!("the session is not saved: {error}");
                    // If the loop has ended, there is nobody to tell.
                    let _ = inbox.send(Event::Message(Message::SaveFailed(reason)));
                }
            }
        }
    }

    /// The runs of a set; as they were last known if the worker has ended without an answer.
    fn state(&self, set: OfSet) -> SetSession {
        match set {
            OfSet::Known(set) => set,
            OfSet::Asked(set, state) => match state.recv() {
                Ok(run) => SetSession { run, ..set },
                Err(_) => self.session.set(&set.name).cloned().unwrap_or(set),
            },
        }
    }
}

impl Session {
    /// When the session is to be saved, if something has changed.
    pub(super) fn save_due(&self) -> Option<Instant> {
        self.autosave.as_ref().and_then(|autosave| autosave.due)
    }

    /// Notes that something has changed that the session keeps.
    pub(super) fn session_changed(&mut self) {
        if let Some(autosave) = &mut self.autosave {
            autosave.changed();
        }
    }

    /// Has the session written.
    pub(super) fn save_session(&mut self) {
        let is_asked = self.app.asks_about_session();
        let Some(autosave) = self.autosave.as_mut() else {
            return;
        };
        autosave.due = None;
        if is_asked {
            // The one in the file may be gone on with.
            return;
        }
        let (screen, sets) = (self.app.kept_screen(), self.runs.states());
        // If the thread has ended, so has the screen.
        let _ = autosave.jobs.send(Job { screen, sets });
    }

    /// Goes on with the session that was found.
    pub(super) fn go_on(&mut self) {
        let Some(found) = self.found.take() else {
            return;
        };
        let by = self.app.run.snapshot.generation + GENERATIONS;
        for (set, why) in self.runs.take_up(&found.sets, by) {
            self.app.say_of_session(&set, &why);
        }
        let effects = self.app.show_session(found.screen, by);
        self.carry_out(effects);
        self.session_changed();
    }
}

/// More maps than this are not begun before a question is answered.
const GENERATIONS: u64 = 1000;
