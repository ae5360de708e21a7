//! The terminal, taken and given back: whatever happens, the user's shell finds it as it was.
//!
//! [`Screen`] restores the terminal when it is dropped, which covers every way out of the loop.
//! A panic of the thread that draws restores it first and is then reported as usual; a panic of
//! another thread leaves the screen alone, because the program goes on and shows the reason. A
//! frame is collected in memory and written at once between marks that ask the terminal to show it
//! at once; after the first failed write nothing is written any more.

use std::io::{self, IsTerminal, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    self, BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use ratatui::crossterm::{execute, queue};
use ratatui::layout::Rect;

use super::app::App;
use super::view;
use crate::error::{Error, Result};

/// Clicks, the wheel and drags; not every movement, which over a slow line is only a burden.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Collects a frame; a flush writes it to the terminal.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    /// The terminal failed once: nothing more is written.
    is_gone: Arc<AtomicBool>,
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        if self.is_gone.load(Ordering::Relaxed) || bytes.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        if written.is_err() {
            self.is_gone.store(true, Ordering::Relaxed);
        }
        written
    }
}

/// The terminal while it is ours.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Frames>>,
    mouse: bool,
    /// Nothing more is written to the terminal.
    is_gone: Arc<AtomicBool>,
    previous_hook: Hook,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// [`Error::Terminal`] if standard output is no terminal, or one that cannot do this.
    pub(crate) fn enter(mouse: bool) -> Result<Self> {
        check()?;
        let frames = Frames::default();
        let is_gone = Arc::clone(&frames.is_gone);
        let backend = CrosstermBackend::new(frames);
        let terminal = Terminal::new(backend).map_err(|error| refused(&error))?;
        let mut screen = Self {
            terminal,
            mouse,
            is_gone,
            previous_hook: install_hook(),
        };
        screen.take().map_err(|error| refused(&error))?;
        Ok(screen)
    }

    /// Size of the terminal (columns, rows).
    pub(crate) fn size(&self) -> (u16, u16) {
        self.terminal
            .size()
            .map_or((0, 0), |size| (size.width, size.height))
    }

    /// Draws a frame: only what changed since the last one is written.
    pub(crate) fn draw(&mut self, app: &App) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        // The terminal flushes within; the end mark follows with the next write.
        self.terminal.draw(|frame| view::draw(app, frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Makes the next frame write everything.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it asks the terminal where its cursor is and waits for an answer
        // that the input thread would swallow.
        let size = self.terminal.size()?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Takes the terminal, also again after [`release`](Self::release).
    pub(crate) fn take(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        let out = self.terminal.backend_mut();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            out.write_all(MOUSE_ON)?;
        }
        Write::flush(out)
    }

    /// Gives the terminal back for a while.
    pub(crate) fn release(&mut self) {
        restore(self.terminal.backend_mut());
    }
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
