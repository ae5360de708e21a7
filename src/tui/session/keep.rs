//! Keeps decisions and names on disk while they are made: whatever ends the program, an hour of work stays.
//!
//! In: decisions, or names of selections and views, after each change. Out: their file, written on a thread of its own, because a
//! network's disk may take its time; of several changes in a row the last is written. When it is on the disk, the loop is
//! told. What goes wrong is told on the screen; the program tries again with the next change, and at its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::inbox::Event;
use super::no_threads;
use crate::dataset::Dataset;
use crate::decisions::{Decisions, Names};
use crate::error::Result;
use crate::tui::app::action::{Message, Record};
use crate::tui::app::messages::Messages;

/// What is kept in a file.
pub(super) trait Kept: Clone + PartialEq + Send + 'static {
    const RECORD: Record;

    fn write(&self, path: &Path, data: &Dataset) -> Result<()>;
}

impl Kept for Decisions {
    const RECORD: Record = Record::Decisions;

    fn write(&self, path: &Path, data: &Dataset) -> Result<()> {
        self.save(path, data)
    }
}

impl Kept for Names {
    const RECORD: Record = Record::Names;

    fn write(&self, path: &Path, data: &Dataset) -> Result<()> {
        self.save(path, data)
    }
}

/// The thread that writes, and what it was given last.
pub(super) struct Keeper<T> {
    jobs: Sender<(T, Arc<Dataset>)>,
    thread: JoinHandle<()>,
    latest: T,
    /// The last attempt to write it failed.
    has_failed: Arc<AtomicBool>,
}

impl<T: Kept> Keeper<T> {
    /// Keeps what is decided in a file that holds these already.
    ///
    /// # Errors
    /// [`Error::Terminal`](crate::Error::Terminal) if the system starts no thread.
    pub(super) fn start(path: PathBuf, known: &T, inbox: Sender<Event>) -> Result<Self> {
        let (jobs, received) = channel();
        let has_failed = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&has_failed);
        let thread = thread::Builder::new().name("decisions".into());
        Ok(Self {
            jobs,
            thread: thread
                .spawn(move || write(&path, &received, &fails, &inbox))
                .map_err(|e| no_threads(&e))?,
            latest: known.clone(),
            has_failed,
        })
    }

    /// Has the newest written if it has changed or, where the user decides the same again, if that failed before.
    pub(super) fn keep(&mut self, newest: &T, data: &Arc<Dataset>, messages: &mut Messages) {
        let insists = messages.promises(T::RECORD);
        if *newest != self.latest || (insists && self.has_failed.load(Ordering::Acquire)) {
            self.latest.clone_from(newest);
            messages.begin_saving(T::RECORD);
            // If the thread has ended, decisions are written at the end.
            let _ = self.jobs.send((newest.clone(), Arc::clone(data)));
        }
    }

    /// Waits until the last change is written.
    pub(super) fn finish(self) {
        drop(self.jobs);
        let _ = self.thread.join();
    }
}

fn write<T: Kept>(
    path: &Path,
    jobs: &Receiver<(T, Arc<Dataset>)>,
    fails: &AtomicBool,
    inbox: &Sender<Event>,
) {
    while let Ok(mut job) = jobs.recv() {
        let mut changes = 1;
        while let Ok(newer) = jobs.try_recv() {
            job = newer;
            changes += 1;
        }
        let (newest, data) = job;
        let written = newest.write(path, &data);
        fails.store(written.is_err(), Ordering::Release);
        let outcome = written.map_err(|error| Some(error.to_string()));
        // If the loop has ended, there is nobody to tell.
        let told = Message::Written(T::RECORD, changes, outcome);
        let _ = inbox.send(Event::Message(told));
    }
}
