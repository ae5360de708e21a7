//! The terminal, taken and given back: whatever happens, the user's shell finds it as it was.
//!
//! [`Screen`] restores the terminal when it is dropped, which covers every way out of the loop.
//! A panic of the thread that draws restores it first and is then reported as usual; a panic of
//! another thread leaves the screen alone, because the program goes on and shows the reason. A
//! frame, or as much of it as the line takes, is written between marks that ask the terminal to
//! show it at once (synchronized updates; other terminals ignore the marks); after the first failed write nothing is written any more.

use std::io::{self, IsTerminal, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    self, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::crossterm::{execute, queue};
use ratatui::layout::{Rect, Size};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};

use super::line::PIECE;
use super::wire::Wire;
use crate::error::{Error, Result};

/// Clicks, the wheel and drags; not every movement, which over a slow line is only a burden.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Marks around a frame.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
/// Asks the terminal to answer when it has taken in everything before.
const READY: &str = "\x1b[5n";
/// Changes nothing: frames end with all attributes off.
const FILLER: &str = "\x1b[0m";
/// Asks for the background's color.
const BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// How a frame is to be written.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Bytes, about, and with what shows nothing.
    pub(crate) largest: usize,
    pub(crate) least: usize,
    /// Only text, not the map's dots.
    pub(crate) only_text: bool,
    /// Questions to the terminal: one after the frame, two before and after it.
    pub(crate) questions: usize,
    /// When there is no room for so long, or not for all in four times as long, the rest is given up.
    pub(crate) patience: Option<Duration>,
}

/// What writing a frame took.
#[derive(Debug)]
pub(crate) struct Written {
    /// Bytes that were written.
    pub(crate) bytes: usize,
    /// Not all of the frame was written, for want of room.
    pub(crate) is_cut: bool,
}

/// The terminal while it is ours.
pub(crate) struct Screen {
    terminal: Terminal<Wire>,
    mouse: bool,
    /// Ask for the background.
    asks_background: bool,
    /// Nothing more is written to the terminal.
    is_gone: Arc<AtomicBool>,
    previous_hook: Hook,
}

impl Screen {
    /// Takes the terminal, and asks it to answer, and for its background if that is wanted.
    ///
    /// # Errors
    /// [`Error::Terminal`] if standard output is no terminal, or one that cannot do this.
    pub(crate) fn enter(mouse: bool, asks_background: bool) -> Result<Self> {
        check()?;
        let mut wire = Wire::default();
        wire.resize(terminal_size());
        let Ok(terminal) = Terminal::new(wire);
        let mut screen = Self {
            terminal,
            mouse,
            asks_background,
            is_gone: Arc::default(),
            previous_hook: install_hook(),
        };
        screen.take().map_err(|error| refused(&error))?;
        Ok(screen)
    }

    /// Size of the terminal (columns, rows).
    pub(crate) fn size() -> (u16, u16) {
        let size = terminal_size();
        (size.width, size.height)
    }

    /// Draws a frame; nothing is written yet.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut ratatui::Frame<'_>)) {
        let size = terminal_size();
        if self.terminal.backend().size_now() != size {
            self.resize(size);
        }
        let Ok(_) = self.terminal.draw(draw);
    }

    /// True if something drawn is not written yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.terminal.backend().is_behind()
    }

    /// Drops what waits in the system's buffer; everything is written anew in time. False if the
    /// system does not do that.
    pub(crate) fn drop_queue(&mut self) -> bool {
        self.terminal.backend_mut().doubt();
        tcflush(io::stdout(), QueueSelector::OFlush).is_ok()
    }

    /// Writes what changed, or a part of it.
    pub(crate) fn write(&mut self, frame: &Frame) -> io::Result<Written> {
        let wire = self.terminal.backend_mut();
        let changes = wire.take(frame.largest, frame.only_text);
        if changes.is_empty() {
            return Ok(Written {
                bytes: 0,
                is_cut: false,
            });
        }
        let before = if frame.questions > 1 { READY } else { "" };
        let after = if frame.questions > 0 { READY } else { "" };
        let mut bytes = [before, BEGIN, &changes, END, after].concat();
        let missing = frame.least.saturating_sub(bytes.len());
        bytes.push_str(&FILLER.repeat(missing.div_ceil(FILLER.len())));
        let written = self.put(bytes.as_bytes(), frame.patience)?;
        Ok(Written {
            bytes: written,
            is_cut: written < bytes.len(),
        })
    }

    /// Writes bytes piece by piece, and says how many before the rest was given up.
    fn put(&self, bytes: &[u8], patience: Option<Duration>) -> io::Result<usize> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        let start = Instant::now();
        let mut out = io::stdout().lock();
        for (number, piece) in bytes.chunks(PIECE).enumerate() {
            let is_late = |patience| start.elapsed() > 4 * patience || !has_room(patience);
            if patience.is_some_and(is_late) {
                return Ok(number * PIECE);
            }
            // Standard output holds back what follows the last line's end: each piece is flushed.
            if let Err(error) = out.write_all(piece).and_then(|()| out.flush()) {
                self.is_gone.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(bytes.len())
    }

    /// Makes the next frame write everything.
    pub(crate) fn forget(&mut self) {
        self.terminal.backend_mut().forget();
    }

    /// Another size of the terminal.
    fn resize(&mut self, size: Size) {
        self.terminal.backend_mut().resize(size);
        let Ok(()) = self
            .terminal
            .resize(Rect::new(0, 0, size.width, size.height));
    }

    /// Takes the terminal, also again after [`release`](Self::release), and asks it to answer.
    pub(crate) fn take(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        let mut out: Vec<u8> = Vec::new();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            out.write_all(MOUSE_ON)?;
        }
        if self.asks_background {
            out.write_all(BACKGROUND)?;
        }
        out.write_all(READY.as_bytes())?;
        self.put(&out, None).map(drop)
    }

    /// Gives the terminal back for a while.
    pub(crate) fn release(&mut self) {
        if !self.is_gone.load(Ordering::Relaxed) {
            restore(&mut io::stdout());
        }
    }
}

/// True as soon as the system's buffer has room for a piece; false if it has none for so long.
fn has_room(patience: Duration) -> bool {
    let out = io::stdout();
    let mut wanted = [PollFd::new(&out, PollFlags::OUT)];
    let patience = Timespec {
        tv_sec: 0,
        tv_nsec: i64::from(patience.subsec_nanos()),
    };
    // What goes wrong here goes wrong in the write, too, which tells it.
    !matches!(poll(&mut wanted, Some(&patience)), Ok(0))
}

/// The terminal's size; nothing where it cannot be told.
fn terminal_size() -> Size {
    terminal::size().map_or_else(
        |_| Size::default(),
        |(width, height)| Size { width, height },
    )
}

impl Drop for Screen {
    fn drop(&mut self) {
        if thread::panicking() {
            // The hook has restored the terminal; what is collected of a frame must not follow.
            self.is_gone.store(true, Ordering::Relaxed);
            return;
        }
        self.release();
        self.is_gone.store(true, Ordering::Relaxed);
        let previous = Arc::clone(&self.previous_hook);
        panic::set_hook(Box::new(move |info| previous(info)));
    }
}

/// Makes a panic of this thread restore the terminal before it is reported, and panics of other
/// threads silent: what they computed for shows the reason on the screen. Returns the hook
/// that was there before.
fn install_hook() -> Hook {
    let previous: Hook = Arc::from(panic::take_hook());
    let inner = Arc::clone(&previous);
    let drawing = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing {
            restore(&mut io::stdout());
            inner(info);
        }
    }));
    previous
}

/// Undoes all that taking the terminal did. A terminal that is gone is left alone.
pub(crate) fn restore(out: &mut impl Write) {
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = terminal::disable_raw_mode();
}

/// Refuses what is no terminal.
fn check() -> Result<()> {
    if !io::stdout().is_terminal() {
        return Err(Error::Terminal {
            problem: "standard output is not a terminal".into(),
            remedy: "use `embed` or `diagnose` in pipes and batch jobs".into(),
        });
    }
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        return Err(Error::Terminal {
            problem: "TERM=dumb has no cursor addressing".into(),
            remedy: "use `embed` or `diagnose`, or set TERM to what the terminal is".into(),
        });
    }
    Ok(())
}

fn refused(error: &io::Error) -> Error {
    Error::Terminal {
        problem: error.to_string(),
        remedy: "use `embed` or `diagnose`, which need no terminal".into(),
    }
}
