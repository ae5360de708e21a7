//! Keeps decisions and names on disk while they are made: whatever ends the program, an hour of work stays.
//!
//! In: decisions, or names of selections and views, after each change. Out: their file, written on a thread of its own, because a
//! network's disk may take its time; of several changes in a row the last is written. What goes wrong
//! is told on the screen; the program tries again with the next change, and at its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::inbox::Event;
use crate::dataset::Dataset;
use crate::decisions::{Decisions, Names};
use crate::error::Result;
use crate::tui::app::action::Message;

/// What is kept in a file.
pub(super) trait Kept: Clone + PartialEq + Send + 'static {
    fn write(&self, path: &Path, data: &Dataset) -> Result<()>;
}

impl Kept for Decisions {
    fn write(&self, path: &Path, data: &Dataset) -> Result<()> {
        self.save(path, data)
    }
}

impl Kept for Names {
    fn write(&self, path: &Path, data: &Dataset) -> Result<()> {
        self.save(path, data)
    }
}

/// The thread that writes, and what it was given last.
pub(super) struct Keeper<T> {
    jobs: Sender<(T, Arc<Dataset>)>,
    thread: JoinHandle<()>,
    latest: T,
}

impl<T: Kept> Keeper<T> {
    /// Keeps what is decided in a file that holds these already.
    pub(super) fn start(path: PathBuf, known: &T, inbox: Sender<Event>) -> Self {
        let (jobs, received) = channel();
        Self {
            jobs,
            thread: thread::spawn(move || write(&path, &received, &inbox)),
            latest: known.clone(),
        }
    }

    /// Has the newest written if it has changed.
    pub(super) fn keep(&mut self, newest: &T, data: &Arc<Dataset>) {
        if *newest != self.latest {
            self.latest.clone_from(newest);
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

fn write<T: Kept>(path: &Path, jobs: &Receiver<(T, Arc<Dataset>)>, inbox: &Sender<Event>) {
    while let Ok(mut job) = jobs.recv() {
        while let Ok(newer) = jobs.try_recv() {
            job = newer;
        }
        let (newest, data) = job;
        if let Err(error) = newest.write(path, &data) {
            // If the loop has ended, there is nobody to tell.
            let _ = inbox.send(Event::Message(Message::SaveFailed(error.to_string())));
        }
    }
}
