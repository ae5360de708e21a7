//! What a cell's result is shown on: its size and its colors.

use crate::export::TEXT_SIZE;
use crate::palette::{Background, ColorDepth, ColorSet, Palette};

/// Lines of the screen that the prompt and the next cell need.
const PROMPT: usize = 3;

/// The room for a cell's result.
pub(super) struct Screen {
    /// Characters per line.
    pub(super) columns: usize,
    /// Lines of a result.
    pub(super) rows: usize,
    /// Colors of classes and levels.
    pub(super) palette: Palette,
    /// Whether there is a terminal behind the cell.
    pub(super) is_terminal: bool,
}

impl Screen {
    /// The terminal behind the cell, by `COLUMNS` and `LINES` if they are set. Without one, 100 × 40
    /// characters.
    pub(super) fn detect() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let number = |name: &str| variable(name)?.trim().parse().ok();
        let plain = Self::plain();
        let size = terminal_size();
        let (columns, rows) = size.map_or((plain.columns, plain.rows), |(columns, rows)| {
            (columns, rows.saturating_sub(PROMPT))
        });
        let rows = number("LINES").map_or(rows, |rows: usize| rows.saturating_sub(PROMPT));
        let background = Background::detect(variable).unwrap_or_default();
        let depth = ColorDepth::detect(variable);
        Self {
            columns: number("COLUMNS").unwrap_or(columns).clamp(20, 1000),
            rows: rows.clamp(8, 1000),
            palette: Palette::of(depth, ColorSet::default(), background),
            is_terminal: size.is_some(),
        }
    }

    /// No terminal, no colors.
    pub(super) fn plain() -> Self {
        Self {
            columns: TEXT_SIZE.0.into(),
            rows: TEXT_SIZE.1.into(),
            palette: Palette::new(ColorDepth::None),
            is_terminal: false,
        }
    }
}

/// The terminal that the program was started from, whatever its standard streams are: evcxr connects these
/// with pipes.
pub(super) fn terminal() -> Option<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).open("/dev/tty").ok()
}

/// Its columns and rows.
fn terminal_size() -> Option<(usize, usize)> {
    #[cfg(unix)]
    let size = {
        let size = rustix::termios::tcgetwinsize(terminal()?).ok()?;
        (usize::from(size.ws_col), usize::from(size.ws_row))
    };
    #[cfg(not(unix))]
    let size = (0, 0);
    (size.0 > 0 && size.1 > 0).then_some(size)
}
