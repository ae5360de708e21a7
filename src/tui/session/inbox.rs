//! One inbox for everything that happens: keys, signals, news from the worker, a lost terminal.
//!
//! Each source is a thread that only sends. The loop sleeps in [`Inbox::wait`] until something
//! arrives, so that a paused or finished analysis costs nothing. News is coalesced: there is never
//! more than one notice of it in the inbox, however fast the worker is.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::terminal::disable_raw_mode;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::run::Run;
use crate::tui::app::action::Message;
use crate::tui::terminal::input::{self, Input, Reply};

/// How long the loop may take to end after a signal before the program exits without it: it may be
/// stuck writing to a terminal that reads nothing.
const PATIENCE: Duration = Duration::from_secs(3);

/// A run and the samples that it works on.
pub(crate) struct Opened {
    pub(crate) data: Arc<Dataset>,
    pub(crate) run: Run,
    /// By which a session recognizes the features.
    pub(crate) digest: String,
    /// What to say about the session that it goes on from.
    pub(crate) note: Option<String>,
}

/// A set's run on its way from the thread that started it.
pub(crate) struct Started {
    pub(super) set: usize,
    pub(super) outcome: Result<Opened>,
}

impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Started {{ set: {} }}", self.set)
    }
}

/// What arrives.
#[derive(Debug)]
pub(crate) enum Event {
    /// Something for the state.
    Message(Message),
    /// The worker has something new.
    News,
    /// A feature set's run was started, or failed to start.
    Started(Started),
    /// The terminal answered.
    Reply(Reply),
    /// Any answer of the terminal would tell whether an escape was a key.
    Doubt,
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

impl From<Input> for Event {
    fn from(input: Input) -> Self {
        match input {
            Input::Key(key) => Self::Message(Message::Key(key)),
            Input::Mouse(mouse) => Self::Message(Message::Mouse(mouse)),
            Input::Paste(text) => Self::Message(Message::Paste(text)),
            Input::Reply(reply) => Self::Reply(reply),
            Input::Doubt => Self::Doubt,
            Input::Gone => Self::Gone,
        }
    }
}

/// Everything that happens, in order.
pub(crate) struct Inbox {
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    /// A notice of news is in the inbox.
    has_news: Arc<AtomicBool>,
    /// The loop has ended and the terminal is restored.
    is_over: Arc<AtomicBool>,
}

impl Inbox {
    /// An empty inbox that listens to nothing yet.
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self {
            sender,
            receiver,
            has_news: Arc::default(),
            is_over: Arc::default(),
        }
    }

    /// What the worker calls when it has something new.
    pub(crate) fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        let sender = self.sender.clone();
        let has_news = Arc::clone(&self.has_news);
        Arc::new(move || {
            if !has_news.swap(true, Ordering::AcqRel) {
                // Nobody listens any more if the loop has ended.
                let _ = sender.send(Event::News);
            }
        })
    }

    /// Sends events from other threads.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Listens to signals: they end the program with the terminal restored.
    pub(crate) fn listen_to_signals(&self) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let sender = self.sender.clone();
        let is_over = Arc::clone(&self.is_over);
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for signal in signals.forever() {
                    let _ = sender.send(Event::Signal(signal));
                    if ![SIGTSTP, SIGCONT, SIGWINCH].contains(&signal) {
                        insist(signal, &is_over);
                    }
                }
            })
            .map(drop)
    }

    /// Listens to keyboard and mouse, and for the loss of the terminal.
    pub(crate) fn listen_to_terminal(&self) -> io::Result<()> {
        let sender = self.sender.clone();
        input::listen(move |input| sender.send(input.into()).is_ok())
    }

    /// The next event; `None` if there is none before the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Event> {
        let event = match deadline {
            None => self.receiver.recv().unwrap_or(Event::Gone),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                match self.receiver.recv_timeout(left) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => return None,
                    Err(RecvTimeoutError::Disconnected) => Event::Gone,
                }
            }
        };
        if matches!(event, Event::News) {
            // Reset before the news is read, so that later news is announced again.
            self.has_news.store(false, Ordering::Release);
        }
        Some(event)
    }

    /// The terminal is restored: another signal may end the program at once.
    pub(crate) fn close(&self) {
        self.is_over.store(true, Ordering::Release);
    }
}

/// Exits with the signal's code if the loop does not end in time.
fn insist(signal: i32, is_over: &AtomicBool) {
    let already_over = is_over.load(Ordering::Acquire);
    let start = Instant::now();
    while !is_over.load(Ordering::Acquire) {
        if start.elapsed() > PATIENCE {
            let _ = disable_raw_mode();
            exit(128 + signal);
        }
        thread::sleep(Duration::from_millis(20));
    }
    if already_over {
        exit(128 + signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_announced_once_until_it_is_taken() {
        let inbox = Inbox::new();
        let notify = inbox.notifier();
        for _ in 0..1000 {
            notify();
        }
        let soon = || Some(Instant::now() + Duration::from_millis(1));
        assert!(matches!(inbox.wait(soon()), Some(Event::News)));
        assert!(inbox.wait(soon()).is_none());
        notify();
        assert!(matches!(inbox.wait(soon()), Some(Event::News)));
    }
}
