//! One inbox for everything that happens: keys, signals, news from the worker, a lost terminal.
//!
//! Each source is a thread that only sends. The loop sleeps in [`Inbox::wait`] until something
//! arrives, so that a paused or finished analysis costs nothing. News are coalesced: there is never
//! more than one notice of them in the inbox, however fast the worker is.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{
    self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::crossterm::terminal::disable_raw_mode;
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;

use super::sets::Started;
use crate::tui::app::action::{Message, Mouse, MouseKind};
use crate::tui::app::keys::Key;
use crate::tui::terminal::input::{Input, Parser, Report};

/// How long the loop may take to end after a signal before the program is ended without it, for
/// example while it is stuck writing to a line that takes nothing.
const PATIENCE: Duration = Duration::from_secs(3);

/// So long the rest of a sequence is waited for, before an escape is taken for the key. A line may
/// deliver a sequence in two pieces.
const SEQUENCE: Duration = Duration::from_millis(50);

/// What arrives.
#[derive(Debug)]
pub(crate) enum Event {
    /// Something for the state.
    Message(Message),
    /// The worker has something new.
    News,
    /// A feature set's run was started, or could not be.
    Started(Started),
    /// The terminal answered.
    Report(Report),
    /// A signal.
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

/// Everything that happens, in order.
pub(crate) struct Inbox {
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    /// A notice of news lies in the inbox.
    has_news: Arc<AtomicBool>,
    /// The loop has ended and the terminal is restored.
    is_over: Arc<AtomicBool>,
}

impl Inbox {
    /// An empty inbox; nothing is listened to yet.
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
                // If nobody listens any more, there is nobody to tell.
                let _ = sender.send(Event::News);
            }
        })
    }

    /// To send messages from other threads.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Listens to signals: they end the program with the terminal restored.
    pub(crate) fn listen_to_signals(&self) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let sender = self.sender.clone();
        let is_over = Arc::clone(&self.is_over);
        spawn("signals", move || {
            for signal in signals.forever() {
                let _ = sender.send(Event::Signal(signal));
                if ![SIGTSTP, SIGCONT, SIGWINCH].contains(&signal) {
                    insist(signal, &is_over);
                }
            }
        })
    }

    /// Listens to keyboard and mouse, and for the loss of the terminal.
    pub(crate) fn listen_to_terminal(&self) -> io::Result<()> {
        let sender = self.sender.clone();
        spawn("input", move || {
            read_terminal(&sender);
            let _ = sender.send(Event::Gone);
        })?;
        let sender = self.sender.clone();
        // A lost terminal is at its end forever, which the input thread would read again and
        // again: only its hang-up tells.
        spawn("hangup", move || {
            if wait_for_hangup() {
                let _ = sender.send(Event::Gone);
            }
        })
    }

    /// The next event; `None` when there is none before the deadline.
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
            // Before the news are looked at: what comes later is announced again.
            self.has_news.store(false, Ordering::Release);
        }
        Some(event)
    }

    /// The terminal is restored; a further signal may end the program at once.
    pub(crate) fn close(&self) {
        self.is_over.store(true, Ordering::Release);
    }
}

/// Reads, parses and sends until the terminal's end, an error, or nobody listens. Reads standard
/// input, or the terminal itself where that is a pipe.
fn read_terminal(sender: &Sender<Event>) {
    let stdin = io::stdin();
    let terminal = if stdin.is_terminal() {
        stdin.as_fd().try_clone_to_owned().map(File::from)
    } else {
        File::open("/dev/tty")
    };
    let Ok(mut terminal) = terminal else {
        return;
    };
    let mut parser = Parser::default();
    let mut buffer = vec![0; 1 << 14];
    let mut inputs = Vec::new();
    loop {
        if parser.is_waiting() && !is_readable(&terminal, SEQUENCE) {
            parser.give_up(&mut inputs);
        } else {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => parser.feed(&buffer[..length], &mut inputs),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
        for input in inputs.drain(..) {
            let event = match input {
                Input::Report(report) => Some(Event::Report(report)),
                Input::Event(event) => translate(event).map(Event::Message),
            };
            if event.is_some_and(|event| sender.send(event).is_err()) {
                return;
            }
        }
    }
}

/// True if there is something to read before the time is over.
fn is_readable(terminal: &File, time: Duration) -> bool {
    let mut descriptors = [PollFd::new(terminal, PollFlags::IN)];
    let timeout = rustix::event::Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: i64::from(time.subsec_nanos()),
    };
    !matches!(poll(&mut descriptors, Some(&timeout)), Ok(0))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
}

/// Ends the program by the signal if the loop does not end in time.
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

/// Sleeps until the terminal hangs up; false if the system cannot tell.
fn wait_for_hangup() -> bool {
    let stdout = io::stdout();
    loop {
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => {
                let found = watched[0].revents();
                if found.intersects(PollFlags::HUP | PollFlags::ERR) {
                    return true;
                }
                if found.contains(PollFlags::NVAL) {
                    return false;
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// The message of an event of the terminal, if it has one.
fn translate(event: event::Event) -> Option<Message> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => {
            translate_key(key).map(Message::Key)
        }
        event::Event::Mouse(mouse) => translate_mouse(mouse).map(Message::Mouse),
        event::Event::Paste(text) => Some(Message::Paste(text)),
        event::Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        _ => None,
    }
}

fn translate_key(key: KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Key::Ctrl(c.to_ascii_lowercase())
        }
        KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::ALT) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    })
}

fn translate_mouse(mouse: MouseEvent) -> Option<Mouse> {
    let control = mouse.modifiers.contains(KeyModifiers::CONTROL);
    let kind = match mouse.kind {
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        MouseEventKind::Down(MouseButton::Left) if !control => MouseKind::Press,
        MouseEventKind::Drag(MouseButton::Left) if !control => MouseKind::Drag,
        MouseEventKind::Up(MouseButton::Left) if !control => MouseKind::Release,
        MouseEventKind::Down(MouseButton::Left | MouseButton::Right) => MouseKind::PressBox,
        MouseEventKind::Drag(MouseButton::Left | MouseButton::Right) => MouseKind::DragBox,
        MouseEventKind::Up(MouseButton::Left | MouseButton::Right) => MouseKind::ReleaseBox,
        _ => return None,
    };
    Some(Mouse {
        kind,
        column: mouse.column,
        row: mouse.row,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_announced_once_until_they_are_taken() {
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

    #[test]
    fn keys_are_told_apart_as_the_table_needs() {
        let key = |code, modifiers| translate_key(KeyEvent::new(code, modifiers));
        assert_eq!(
            key(KeyCode::Char('C'), KeyModifiers::CONTROL),
            Some(Key::Ctrl('c'))
        );
        assert_eq!(
            key(KeyCode::Char('W'), KeyModifiers::SHIFT),
            Some(Key::Char('W'))
        );
        assert_eq!(key(KeyCode::Char('x'), KeyModifiers::ALT), None);
        assert_eq!(key(KeyCode::F(5), KeyModifiers::NONE), None);
    }
}
