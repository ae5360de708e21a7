//! What the terminal can send: the types that the parser makes of bytes.

/// What the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    Key(Key),
    Mouse(Mouse),
    Paste(String),
    /// The terminal answered a question.
    Reply(Reply),
    /// An escape arrived alone: the key, or the beginning of a sequence whose rest is late. What the
    /// terminal sends next tells, so that it should be asked something.
    Doubt,
    /// The terminal is gone.
    Gone,
}

/// A key, as far as the program distinguishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A character, with shift applied.
    Char(char),
    /// A letter with Control.
    Ctrl(char),
    Enter,
    /// Escape.
    Esc,
    Tab,
    /// Shift-Tab.
    BackTab,
    Backspace,
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// A mouse event at a column and row of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mouse {
    /// What happened.
    pub(crate) kind: MouseKind,
    /// Column, from 0.
    pub(crate) column: u16,
    /// Row, from 0.
    pub(crate) row: u16,
}

/// What the mouse did. The left button with Control counts as the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MouseKind {
    /// The wheel turned up.
    WheelUp,
    /// The wheel turned down.
    WheelDown,
    /// The left button went down.
    Press,
    /// The mouse moved with the left button down.
    Drag,
    /// The left button went up.
    Release,
    /// The right button went down.
    RightPress,
    /// The mouse moved with the right button down.
    RightDrag,
    /// The right button went up.
    RightRelease,
}

/// The terminal's reply to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It has processed everything sent before the question (`CSI 5 n`).
    Ready,
    /// Its background color, 8 bits per channel (`OSC 11 ; ?`).
    Background(u8, u8, u8),
    /// The cursor's column and row, from 1 (`CSI 6 n`).
    Cursor(u16, u16),
    /// Whether it supports synchronized updates (`CSI ? 2026 $ p`).
    Synchronized(bool),
}
