//! Appends to the journal on a thread of its own, because a network's disk may take its time.
//!
//! The journal of a study begins when the study is opened. That of other data begins with the first note or picture,
//! so that no file appears that nobody asked for; what happened before is then written with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::inbox::Event as News;
use super::{Session, no_threads};
use crate::error::Result;
use crate::export::{Drawing, to_plain_text};
use crate::journal::{Entry, Event, Journal};
use crate::raster::Area;
use crate::tui::app::action::{Message, Record};

/// The largest kept picture: it fits on a page of text.
const LARGEST: (u16, u16) = (100, 40);

/// The thread that appends.
pub(super) struct Chronicler {
    entries: Sender<Arc<Entry>>,
    thread: JoinHandle<()>,
}

/// What the thread knows.
struct Pen {
    path: PathBuf,
    /// Whether the file is written at all.
    has_begun: bool,
    journal: Option<Journal>,
    /// What is not written yet.
    waiting: Vec<Arc<Entry>>,
}

impl Chronicler {
    /// Appends to this file: at once, or from the first thing on that the user keeps.
    ///
    /// # Errors
    /// [`Error::Terminal`](crate::Error::Terminal) if the system starts no thread.
    pub(super) fn start(path: &Path, begins_at_once: bool, inbox: Sender<News>) -> Result<Self> {
        let (entries, received) = channel();
        let pen = Pen {
            path: path.to_owned(),
            has_begun: begins_at_once,
            journal: None,
            waiting: Vec::new(),
        };
        let thread = thread::Builder::new().name("journal".into());
        Ok(Self {
            entries,
            thread: thread
                .spawn(move || pen.work(&received, &inbox))
                .map_err(|e| no_threads(&e))?,
        })
    }

    fn append(&self, entry: &Arc<Entry>) {
        // If the thread has ended, so has the screen.
        let _ = self.entries.send(Arc::clone(entry));
    }

    /// Waits until everything is written.
    pub(super) fn finish(self) {
        drop(self.entries);
        let _ = self.thread.join();
    }
}

impl Pen {
    fn work(mut self, entries: &Receiver<Arc<Entry>>, inbox: &Sender<News>) {
        let mut is_told = false;
        while let Ok(entry) = entries.recv() {
            let mut news = vec![entry];
            news.extend(entries.try_iter());
            let is_kept =
                |entry: &Arc<Entry>| matches!(entry.event, Event::Note { .. } | Event::Picture(_));
            let (changes, keeps) = (news.len(), news.iter().any(is_kept));
            self.has_begun |= keeps;
            self.waiting.extend(news);
            let outcome = self.write().map_err(|error| {
                // Of what the user keeps each time, otherwise once; with each further entry all of them are tried again.
                let is_said = keeps || !is_told;
                is_said.then(|| format!("the journal is not saved: {error}"))
            });
            is_told = outcome.is_err();
            // If the loop has ended, there is nobody to tell.
            let told = Message::Written(Record::Journal, changes, outcome);
            let _ = inbox.send(News::Message(told));
        }
        if !self.waiting.is_empty() {
            let _ = self.write();
        }
    }

    /// Brings what is waiting to the disk, once the journal has begun.
    fn write(&mut self) -> Result<()> {
        if !self.has_begun {
            return Ok(());
        }
        let mut journal = match self.journal.take() {
            Some(journal) => journal,
            None => Journal::open(&self.path)?,
        };
        while let Some(entry) = self.waiting.first() {
            journal.append(entry)?;
            self.waiting.remove(0);
        }
        journal.sync()?;
        self.journal = Some(journal);
        Ok(())
    }
}

impl Session {
    /// Makes entries of what has happened. Messages that no file is written for hold from now on.
    pub(super) fn write_journal(&mut self) {
        for event in std::mem::take(&mut self.app.journal.news) {
            let entry = Arc::new(Entry::now(event));
            if let Some(chronicler) = &self.chronicler {
                self.app.messages.begin_saving(Record::Journal);
                chronicler.append(&entry);
            }
            self.app.journal.entries.push(entry);
        }
        self.app.messages.settle();
    }

    /// Draws the map as it is on the screen as text, for the journal.
    pub(super) fn draw_for_journal(&mut self) {
        let view = self.app.map_view();
        let area = Area::new(
            view.area.columns.min(LARGEST.0),
            view.area.rows.min(LARGEST.1),
        );
        let (data, snapshot) = (
            Arc::clone(&self.app.run.data),
            Arc::clone(&self.app.run.snapshot),
        );
        let drawing: Drawing<'_> = super::save::drawing(&data, &snapshot, &view);
        let text = to_plain_text(&drawing, area);
        self.app
            .picture_drawn(text.lines().map(str::to_owned).collect());
    }
}
