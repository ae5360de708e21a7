//! Keeps decisions on disk while they are made: whatever ends the program, an hour of work stays.
//!
//! In: the decisions after each change. Out: their file, written on a thread of its own, because a
//! network's disk may take its time; of several changes in a row the last is written. What goes wrong
//! is told on the screen; the program tries again with the next change, and at its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::inbox::Event;
use crate::dataset::Dataset;
use crate::decisions::Decisions;
use crate::tui::app::action::Message;

/// What is to be written.
type Revision = (Decisions, Arc<Dataset>);

/// The thread that writes, and what it was given last.
pub(super) struct Keeper {
    jobs: Sender<Revision>,
    thread: JoinHandle<()>,
    latest: Decisions,
}

impl Keeper {
    /// Keeps decisions in a file that holds these already.
    pub(super) fn start(path: PathBuf, known: &Decisions, inbox: Sender<Event>) -> Self {
        let (jobs, received) = channel();
        Self {
            jobs,
            thread: thread::spawn(move || write(&path, &received, &inbox)),
            latest: known.clone(),
        }
    }

    /// Has the decisions written if they have changed.
    pub(super) fn keep(&mut self, decisions: &Decisions, data: &Arc<Dataset>) {
        if *decisions != self.latest {
            self.latest.clone_from(decisions);
            // If the thread has ended, they are written at the end.
            let _ = self.jobs.send((decisions.clone(), Arc::clone(data)));
        }
    }

    /// Waits until the last change is written.
    pub(super) fn finish(self) {
        drop(self.jobs);
        let _ = self.thread.join();
    }
}

fn write(path: &std::path::Path, jobs: &Receiver<Revision>, inbox: &Sender<Event>) {
    while let Ok(mut job) = jobs.recv() {
        while let Ok(newer) = jobs.try_recv() {
            job = newer;
        }
        let (decisions, data) = job;
        if let Err(error) = decisions.save(path, &data) {
            // If the loop has ended, there is nobody to tell.
            let _ = inbox.send(Event::Message(Message::SaveFailed(error.to_string())));
        }
    }
}
