//! Bytes from the terminal become keys, mouse events, pasted text and the terminal's answers.
//!
//! In: bytes as they arrive, cut anywhere. Out: [`Input`]s. Crossterm's own reader keeps the answers
//! to itself, and they are needed: an answer after a frame tells that the frame went through the
//! line, and the background decides the colors. A lone escape is told from the beginning of a
//! sequence by what does not follow ([`Parser::give_up`]), so that sequences that a slow line cuts
//! in two are not taken for keys. Unknown sequences are dropped whole; strings are bounded.
//! Grammar: ECMA-48, xterm's control sequences.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// The longest sequence that is waited for.
const LONGEST_SEQUENCE: usize = 4096;
/// Of pasted text no more than this is kept.
const LONGEST_PASTE: usize = 1 << 16;
/// Ends pasted text.
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// The user did something.
    Event(Event),
    /// The terminal answered.
    Report(Report),
}

/// An answer of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// It has taken in all that was sent before the question (to `CSI 5 n`).
    Ready,
    /// Its background in 8 bits per channel (to `OSC 11 ; ?`).
    Background(u8, u8, u8),
    /// Where its cursor is, column and row from 1 (to `CSI 6 n`).
    Cursor(u16, u16),
    /// Whether it knows synchronized updates (to `CSI ? 2026 $ p`).
    Synchronized(bool),
    /// What it is (to `CSI c`).
    Attributes,
}

/// What a look at the beginning of the bytes found.
enum Found {
    /// So many bytes mean this, if anything.
    Input(usize, Option<Input>),
    /// More bytes are needed.
    Incomplete,
}

/// Takes bytes in and gives inputs out.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    pending: Vec<u8>,
    /// Pasted text, until its end arrives.
    paste: Option<Vec<u8>>,
}

impl Parser {
    /// Takes in bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.pending.len() {
            if self.paste.is_some() {
                let Some(next) = self.take_paste(at, out) else {
                    at = 0;
                    break;
                };
                at = next;
                continue;
            }
            match look(&self.pending[at..]) {
                Found::Input(length, input) => {
                    at += length;
                    match input {
                        Some(Input::Event(Event::Paste(_))) => self.paste = Some(Vec::new()),
                        input => out.extend(input),
                    }
                }
                Found::Incomplete if self.pending.len() - at > LONGEST_SEQUENCE => at += 1,
                Found::Incomplete => break,
            }
        }
        self.pending.drain(..at);
    }

    /// Moves pasted bytes; returns where what follows begins, once the end is there.
    fn take_paste(&mut self, at: usize, out: &mut Vec<Input>) -> Option<usize> {
        let rest = &self.pending[at..];
        let end = rest.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // What may be the beginning of the end stays.
        let length = end.unwrap_or_else(|| {
            let kept = (1..PASTE_END.len())
                .rev()
                .find(|n| rest.ends_with(&PASTE_END[..*n]));
            rest.len() - kept.unwrap_or(0)
        });
        let paste = self.paste.get_or_insert_default();
        let room = LONGEST_PASTE.saturating_sub(paste.len());
        paste.extend_from_slice(&rest[..length.min(room)]);
        if end.is_some() {
            let text = self.paste.take().unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            out.push(Input::Event(Event::Paste(text)));
            return Some(at + length + PASTE_END.len());
        }
        self.pending.drain(..at + length);
        None
    }

    /// True if bytes wait for what follows.
    pub(crate) fn is_waiting(&self) -> bool {
        self.paste.is_none() && !self.pending.is_empty()
    }

    /// Nothing followed: an escape was the key, anything else is dropped.
    pub(crate) fn give_up(&mut self, out: &mut Vec<Input>) {
        if self.pending.first() == Some(&0x1b) {
            let rest = self.pending.split_off(1);
            self.pending.clear();
            out.push(key(KeyCode::Esc, KeyModifiers::NONE));
            // `ESC [` alone was Alt and a bracket, which means nothing here.
            if rest.len() > 1 {
                self.pending.clear();
            }
            return;
        }
        self.pending.clear();
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

fn plain(code: KeyCode) -> Input {
    key(code, KeyModifiers::NONE)
}

/// What the bytes, of which there is one at least, begin with.
fn look(bytes: &[u8]) -> Found {
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' => Found::Input(1, Some(plain(KeyCode::Enter))),
        b'\t' => Found::Input(1, Some(plain(KeyCode::Tab))),
        0x08 | 0x7f => Found::Input(1, Some(plain(KeyCode::Backspace))),
        0 => Found::Input(1, Some(key(KeyCode::Char(' '), KeyModifiers::CONTROL))),
        control @ 0x01..=0x1a => {
            let letter = char::from(control - 1 + b'a');
            Found::Input(1, Some(key(KeyCode::Char(letter), KeyModifiers::CONTROL)))
        }
        0x1c..=0x1f => Found::Input(1, None),
        _ => match character(bytes) {
            Some((length, c)) => Found::Input(length, c.map(typed)),
            None => Found::Incomplete,
        },
    }
}

/// A typed character, with Shift where it is a capital.
fn typed(c: char) -> Input {
    let shift = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    key(KeyCode::Char(c), shift)
}

/// The first character and its length; no character for a byte that is none; `None` if it is cut.
fn character(bytes: &[u8]) -> Option<(usize, Option<char>)> {
    let length = match bytes[0] {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((1, None)),
    };
    let head = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(head) {
        Ok(text) => Some((length, text.chars().next())),
        Err(error) if error.error_len().is_none() && head.len() < length => None,
        Err(_) => Some((1, None)),
    }
}

fn escape(bytes: &[u8]) -> Found {
    match bytes.get(1) {
        None => Found::Incomplete,
        Some(0x1b) => Found::Input(1, Some(plain(KeyCode::Esc))),
        Some(b'[') => control_sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Found::Incomplete,
            Some(last) => Found::Input(3, arrow(*last).map(plain)),
        },
        Some(b']' | b'P' | b'_' | b'^' | b'X') => string(bytes),
        // Alt and a character, which no key of ours is.
        Some(_) => match character(&bytes[1..]) {
            Some((length, Some(c))) if !c.is_control() => {
                Found::Input(1 + length, Some(key(KeyCode::Char(c), KeyModifiers::ALT)))
            }
            Some((length, _)) => Found::Input(1 + length, None),
            None => Found::Incomplete,
        },
    }
}

/// `CSI parameters intermediates final`.
fn control_sequence(bytes: &[u8]) -> Found {
    // The Linux console's function keys: `CSI [ letter`.
    if bytes.get(2) == Some(&b'[') {
        return if bytes.len() < 4 {
            Found::Incomplete
        } else {
            Found::Input(4, None)
        };
    }
    let body = &bytes[2..];
    let Some(end) = body.iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return Found::Incomplete;
    };
    let length = 2 + end + 1;
    let last = body[end];
    if !(0x40..=0x7e).contains(&last) {
        // Not a sequence after all: what broke it off counts for itself.
        return Found::Input(2 + end, None);
    }
    let parameters = std::str::from_utf8(&body[..end]).unwrap_or_default();
    Found::Input(length, sequence(parameters, last))
}

/// What a complete control sequence means.
fn sequence(parameters: &str, last: u8) -> Option<Input> {
    if let Some(mouse_parameters) = parameters.strip_prefix('<') {
        return mouse(mouse_parameters, last == b'M');
    }
    if let Some(private) = parameters.strip_prefix('?') {
        return match last {
            b'c' => Some(Input::Report(Report::Attributes)),
            b'y' => {
                let (mode, state) = private.trim_end_matches('$').split_once(';')?;
                let known = matches!(state, "1" | "2" | "3");
                (mode == "2026").then_some(Input::Report(Report::Synchronized(known)))
            }
            _ => None,
        };
    }
    let mut numbers = parameters.split([';', ':']).map(|n| n.parse::<u16>().ok());
    let first = numbers.next().flatten();
    let second = numbers.next().flatten();
    let modifiers = modifiers(second);
    let code = match last {
        b'n' => return (first == Some(0)).then_some(Input::Report(Report::Ready)),
        b'R' => return Some(Input::Report(Report::Cursor(second?, first?))),
        b'Z' => KeyCode::BackTab,
        b'~' => match first? {
            1 | 7 => KeyCode::Home,
            4 | 8 => KeyCode::End,
            2 => KeyCode::Insert,
            3 => KeyCode::Delete,
            5 => KeyCode::PageUp,
            6 => KeyCode::PageDown,
            200 => return Some(Input::Event(Event::Paste(String::new()))),
            _ => return None,
        },
        b'u' => match char::from_u32(u32::from(first?))? {
            '\u{1b}' => KeyCode::Esc,
            '\r' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{7f}' => KeyCode::Backspace,
            c if c.is_control() => return None,
            c => KeyCode::Char(c),
        },
        other => arrow(other)?,
    };
    Some(key(code, modifiers))
}

/// xterm's modifiers: 1 and a bit for each.
fn modifiers(parameter: Option<u16>) -> KeyModifiers {
    let bits = parameter.unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
    ] {
        if bits & bit != 0 {
            modifiers |= modifier;
        }
    }
    modifiers
}

/// The keys that end a sequence with a letter.
fn arrow(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'M' => KeyCode::Enter,
        _ => return None,
    })
}

/// `CSI < button ; column ; row M` or, released, `m`.
fn mouse(parameters: &str, is_pressed: bool) -> Option<Input> {
    let mut numbers = parameters.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (button, column, row) = (next()?, next()?, next()?);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (4, KeyModifiers::SHIFT),
        (8, KeyModifiers::ALT),
        (16, KeyModifiers::CONTROL),
    ] {
        if button & bit != 0 {
            modifiers |= modifier;
        }
    }
    let which = match button & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & (64 | 32), which) {
        (64, Some(MouseButton::Left)) => MouseEventKind::ScrollUp,
        (64, Some(MouseButton::Middle)) => MouseEventKind::ScrollDown,
        (64, Some(MouseButton::Right)) => MouseEventKind::ScrollLeft,
        (64, None) => MouseEventKind::ScrollRight,
        (32, Some(which)) => MouseEventKind::Drag(which),
        (32, None) => MouseEventKind::Moved,
        (0, Some(which)) if is_pressed => MouseEventKind::Down(which),
        (0, Some(which)) => MouseEventKind::Up(which),
        _ => return None,
    };
    Some(Input::Event(Event::Mouse(MouseEvent {
        kind,
        column: column.saturating_sub(1),
        row: row.saturating_sub(1),
        modifiers,
    })))
}

/// `ESC ] … BEL`, or any string that ends with `ESC \`.
fn string(bytes: &[u8]) -> Found {
    let body = &bytes[2..];
    let Some(end) = body.iter().position(|b| *b == 0x07 || *b == 0x1b) else {
        return Found::Incomplete;
    };
    let length = match (body[end], body.get(end + 1)) {
        (0x07, _) => 2 + end + 1,
        (_, Some(b'\\')) => 2 + end + 2,
        (_, Some(_)) => 2 + end,
        (_, None) => return Found::Incomplete,
    };
    let text = std::str::from_utf8(&body[..end]).unwrap_or_default();
    let report = match (bytes[1], text.strip_prefix("11;")) {
        (b']', Some(color)) => color_of(color),
        _ => None,
    };
    Found::Input(length, report.map(Input::Report))
}

/// `rgb:ffff/ffff/ffff` with one to four hexadecimal digits per channel.
fn color_of(text: &str) -> Option<Report> {
    let channels = text
        .strip_prefix("rgb:")
        .or_else(|| text.strip_prefix("rgba:"))?;
    let mut channels = channels.split('/').map(|digits| {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)? - 1;
        (1..=4)
            .contains(&digits.len())
            .then(|| (value * 255 / most.max(1)) as u8)
    });
    let mut next = || channels.next()?;
    Some(Report::Background(next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(pieces: &[&[u8]]) -> Vec<Input> {
        let (mut parser, mut out) = (Parser::default(), Vec::new());
        for piece in pieces {
            parser.feed(piece, &mut out);
        }
        if parser.is_waiting() {
            parser.give_up(&mut out);
        }
        out
    }

    use super::plain as code;

    #[test]
    fn keys_of_every_kind() {
        let cases: &[(&[u8], Input)] = &[
            (b"a", code(KeyCode::Char('a'))),
            (b"A", key(KeyCode::Char('A'), KeyModifiers::SHIFT)),
            ("é".as_bytes(), code(KeyCode::Char('é'))),
            (b"\r", code(KeyCode::Enter)),
            (b"\x1b", code(KeyCode::Esc)),
            (b"\x7f", code(KeyCode::Backspace)),
            (b"\x08", code(KeyCode::Backspace)),
            (b"\x03", key(KeyCode::Char('c'), KeyModifiers::CONTROL)),
            (b"\x1b[A", code(KeyCode::Up)),
            (b"\x1bOB", code(KeyCode::Down)),
            (b"\x1b[1;2C", key(KeyCode::Right, KeyModifiers::SHIFT)),
            (b"\x1b[5~", code(KeyCode::PageUp)),
            (b"\x1b[3~", code(KeyCode::Delete)),
            (b"\x1b[Z", code(KeyCode::BackTab)),
            (b"\x1bOH", code(KeyCode::Home)),
            (b"\x1b[8~", code(KeyCode::End)),
            (b"\x1bx", key(KeyCode::Char('x'), KeyModifiers::ALT)),
        ];
        for (bytes, expected) in cases {
            let expected = std::slice::from_ref(expected);
            assert_eq!(parsed(&[bytes]), expected, "{bytes:?}");
            // The same when the line delivers byte by byte.
            let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(parsed(&pieces), expected, "{bytes:?} in pieces");
        }
    }

    #[test]
    fn answers_are_no_keys() {
        let cases: &[(&[u8], Report)] = &[
            (b"\x1b[0n", Report::Ready),
            (
                b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\",
                Report::Background(0xfd, 0xf6, 0xe3),
            ),
            (
                b"\x1b]11;rgb:0/2b/36\x07",
                Report::Background(0, 0x2b, 0x36),
            ),
            (b"\x1b[?62;22c", Report::Attributes),
            (b"\x1b[?2026;2$y", Report::Synchronized(true)),
            (b"\x1b[?2026;0$y", Report::Synchronized(false)),
            (b"\x1b[12;40R", Report::Cursor(40, 12)),
        ];
        for (bytes, expected) in cases {
            let pieces: Vec<&[u8]> = bytes.chunks(3).collect();
            assert_eq!(parsed(&pieces), [Input::Report(*expected)], "{bytes:?}");
        }
        let junk: &[&[u8]] = &[
            b"\x1b]52;c;aGk=\x07",
            b"\x1bP1$r0m\x1b\\",
            b"\x1b[[A",
            b"\x1b[?1;2;3u",
            b"\x1b[I",
            b"\xff\xfe",
            b"\x1b]11;rgb:zz/0/0\x07",
        ];
        for bytes in junk {
            assert_eq!(parsed(&[bytes]), [], "{bytes:?}");
        }
    }

    #[test]
    fn the_mouse_in_all_its_ways() {
        let kind = |bytes: &[u8]| match parsed(&[bytes]).pop() {
            Some(Input::Event(Event::Mouse(m))) => (m.kind, m.column, m.row, m.modifiers),
            other => panic!("{other:?}"),
        };
        let none = KeyModifiers::NONE;
        let left = MouseButton::Left;
        assert_eq!(
            kind(b"\x1b[<0;5;7M"),
            (MouseEventKind::Down(left), 4, 6, none)
        );
        assert_eq!(
            kind(b"\x1b[<0;5;7m"),
            (MouseEventKind::Up(left), 4, 6, none)
        );
        assert_eq!(
            kind(b"\x1b[<32;5;7M"),
            (MouseEventKind::Drag(left), 4, 6, none)
        );
        assert_eq!(
            kind(b"\x1b[<64;1;1M"),
            (MouseEventKind::ScrollUp, 0, 0, none)
        );
        assert_eq!(
            kind(b"\x1b[<22;1;1M"),
            (
                MouseEventKind::Down(MouseButton::Right),
                0,
                0,
                KeyModifiers::SHIFT | KeyModifiers::CONTROL
            )
        );
    }

    #[test]
    fn pasted_text_is_no_keys_and_bounded() {
        let pieces: &[&[u8]] = &[b"\x1b[200~rm -rf\n\x1b[A", b"q\x1b[20", b"1~x"];
        assert_eq!(
            parsed(pieces),
            [
                Input::Event(Event::Paste("rm -rf\n\u{1b}[Aq".into())),
                code(KeyCode::Char('x'))
            ]
        );
        let mut long = b"\x1b[200~".to_vec();
        long.resize(3_000_000, b'z');
        long.extend(PASTE_END);
        match &parsed(&[&long])[..] {
            [Input::Event(Event::Paste(text))] => assert_eq!(text.len(), LONGEST_PASTE),
            other => panic!("{}", other.len()),
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it_and_cuts_do_not_matter(
            bytes in prop::collection::vec(prop_oneof![
                Just(0x1b_u8), Just(b'['), Just(b'<'), Just(b';'), Just(b'1'), Just(b'M'), any::<u8>()
            ], 0..200),
            cut in 0..200usize,
        ) {
            let cut = cut.min(bytes.len());
            let whole = parsed(&[&bytes]);
            prop_assert_eq!(whole, parsed(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
