//! One inbox for everything that happens: keys, signals, news from the worker, a lost terminal.
//!
//! Each source is a thread that only sends. The loop sleeps in [`Inbox::wait`] until something
//! arrives, so that a paused or finished analysis costs nothing. News is coalesced: there is never
//! more than one notice of it in the inbox, however fast the worker is.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::terminal::disable_raw_mode;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::exit;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::run::Run;
use crate::tui::app::action::Message;
use crate::tui::terminal::device::{Device, Listening};
use crate::tui::terminal::input::{self, Input, Reply};
use crate::tui::terminal::output::Told;

/// How long the loop may take to give the terminal back after a signal before the program exits without it.
const PATIENCE: Duration = Duration::from_secs(3);
/// Signals that the screen handles.
const KNOWN: [i32; 6] = [SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH];

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
    /// The terminal has taken everything.
    Free,
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

impl From<Told> for Event {
    fn from(told: Told) -> Self {
        match told {
            Told::Free => Self::Free,
            Told::Gone => Self::Gone,
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
    /// The threads that listen, while they do.
    listening: Option<Listening>,
    signals: Option<Handle>,
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
            listening: None,
            signals: None,
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

    /// Listens to signals until the inbox is closed: they end the program with the terminal restored.
    pub(crate) fn listen_to_signals(&mut self) -> io::Result<()> {
        defaults()?.store(false, Ordering::Release);
        let mut signals = Signals::new(KNOWN)?;
        self.signals = Some(signals.handle());
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

    /// Listens to keyboard and mouse, and for the loss of the terminal, until the inbox is closed.
    pub(crate) fn listen_to_terminal(&mut self, device: &Device) -> io::Result<()> {
        let sender = self.sender.clone();
        let send = move |input: Input| sender.send(input.into()).is_ok();
        self.listening = Some(input::listen(device, send)?);
        Ok(())
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

    /// The terminal is restored: nobody listens any more, and signals do what they would without the screen.
    pub(crate) fn close(&mut self) {
        self.is_over.store(true, Ordering::Release);
        self.listening = None;
        if let Some(signals) = self.signals.take() {
            signals.close();
            if let Ok(defaults) = defaults() {
                defaults.store(true, Ordering::Release);
            }
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.close();
    }
}

/// Whether signals do what they do by default. A signal that was ever listened to does nothing by itself, and what
/// it does belongs to the process: hence one for all screens that are opened in turn.
fn defaults() -> io::Result<&'static Arc<AtomicBool>> {
    static DEFAULTS: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(known) = DEFAULTS.get() {
        return Ok(known);
    }
    let flag = Arc::new(AtomicBool::new(false));
    // Not SIGHUP: a line that drops may bring it twice, and work is saved meanwhile.
    for signal in KNOWN.into_iter().filter(|signal| *signal != SIGHUP) {
        register_conditional_default(signal, Arc::clone(&flag))?;
    }
    Ok(DEFAULTS.get_or_init(|| flag))
}

/// Exits with the signal's code if the loop does not end in time.
fn insist(signal: i32, is_over: &AtomicBool) {
    let start = Instant::now();
    while !is_over.load(Ordering::Acquire) {
        if start.elapsed() > PATIENCE {
            let _ = disable_raw_mode();
            exit(128 + signal);
        }
        thread::sleep(Duration::from_millis(20));
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
