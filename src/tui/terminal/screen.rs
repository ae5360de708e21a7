//! The terminal, taken and given back: whatever happens, the user's shell finds it as it was.
//!
//! In: a closure that draws. Out: bytes on standard output (or on the [`Device`] that it is given). [`Screen`] restores the terminal when it is
//! dropped, which covers every way out of the loop. A panic of the thread that draws restores it first
//! and is then reported as usual; a panic of another thread leaves the screen alone, because the
//! program goes on and shows the reason. A frame, or as much of it as the line takes, is written
//! between marks that ask the terminal to show it at once (synchronized updates; other terminals
//! ignore the marks). Nothing waits for the terminal to take it ([`Output`]), except for a moment where the
//! terminal is taken and given back. After the first failed write, nothing more is written.

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use ratatui::crossterm::queue;
use ratatui::crossterm::terminal::{
    self, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::layout::{Rect, Size};

use super::device::Device;
use super::output::{Output, Told};
use super::wire::{Content, Wire};
use crate::error::{Error, Result};

/// Reports clicks, the wheel and drags, but not every movement, which would only burden a slow line.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Nor has any so many columns or rows.
const MOST_COLUMNS: u16 = 4096;
/// Cells that are drawn at most.
const MOST_CELLS: u32 = 1 << 20;
/// Marks around a frame.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
/// Asks the terminal to answer once it has processed everything before.
const READY: &str = "\x1b[5n";
/// How long the terminal may take to be taken and given back: it may read nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Asks for the background color.
const BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// The terminal while it is ours.
pub(crate) struct Screen {
    terminal: Terminal<Wire>,
    mouse: bool,
    asks_background: bool,
    previous_hook: Hook,
    output: Output,
}

impl Screen {
    /// Takes the terminal and asks it to answer, and for its background if that is wanted. Then tells when it is free
    /// for the next frame, and when it is gone.
    ///
    /// # Errors
    /// [`Error::Terminal`] if there is no terminal, or one that cannot do this.
    pub(crate) fn enter(
        device: &Device,
        mouse: bool,
        asks_background: bool,
        tell: impl Fn(Told) + Send + 'static,
    ) -> Result<Self> {
        check(device)?;
        let output = Output::start(device.clone(), tell).map_err(|error| refused(&error))?;
        let mut wire = Wire::default();
        wire.resize(terminal_size());
        let Ok(terminal) = Terminal::new(wire);
        let mut screen = Self {
            terminal,
            mouse,
            asks_background,
            previous_hook: install_hook(&output),
            output,
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

    /// True if something that was drawn is not written yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.terminal.backend().is_behind()
    }

    /// Writes what changed, or as much of it as fits, between two questions; returns how many bytes.
    pub(crate) fn write(&mut self, largest: usize, content: Content) -> io::Result<usize> {
        let changes = self.terminal.backend_mut().take(largest, content);
        if changes.is_empty() {
            return Ok(0);
        }
        let bytes = [READY, BEGIN, &changes, END, READY].concat();
        self.output.put(bytes.as_bytes())?;
        Ok(bytes.len())
    }

    /// Asks the terminal to answer.
    pub(crate) fn ask(&mut self) -> io::Result<()> {
        self.output.put(READY.as_bytes())
    }

    /// Whether the terminal has taken everything; if not, it is told when it has.
    pub(crate) fn is_free(&self) -> bool {
        self.output.is_free()
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

    /// Takes the terminal (again, after [`release`](Self::release)) and asks it to answer.
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
        self.output.put(&out)?;
        self.output.flush(PATIENCE)
    }

    /// Gives the terminal back for a while.
    pub(crate) fn release(&mut self) {
        restore(&self.output);
    }
}

/// The terminal's size; 0 × 0 where it is unknown. More cells than any screen has would only take memory.
fn terminal_size() -> Size {
    let (width, height) = terminal::size().unwrap_or_default();
    let (width, height) = (width.min(MOST_COLUMNS), height.min(MOST_COLUMNS));
    let rows = MOST_CELLS / u32::from(width.max(1));
    Size {
        width,
        height: u32::from(height).min(rows) as u16,
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if thread::panicking() {
            // The hook has restored the terminal: nothing may be written after that.
            self.output.close();
            return;
        }
        self.release();
        self.output.close();
        let previous = Arc::clone(&self.previous_hook);
        panic::set_hook(Box::new(move |info| previous(info)));
    }
}

/// Makes a panic of this thread restore the terminal before it is reported, and keeps panics of other
/// threads silent: the screen shows their reason. Returns the previous hook.
fn install_hook(output: &Output) -> Hook {
    let previous: Hook = Arc::from(panic::take_hook());
    let inner = Arc::clone(&previous);
    let drawing = thread::current().id();
    let output = output.clone();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing {
            restore(&output);
            inner(info);
        }
    }));
    previous
}

/// Undoes everything that taking the terminal did. Errors are ignored: the terminal may be gone.
fn restore(output: &Output) {
    let mut out: Vec<u8> = Vec::new();
    let _ = queue!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = output.put(&out).and_then(|()| output.flush(PATIENCE));
    let _ = terminal::disable_raw_mode();
}

/// Refuses to start on anything but a terminal that can move its cursor.
fn check(device: &Device) -> Result<()> {
    if !device.is_terminal() {
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
