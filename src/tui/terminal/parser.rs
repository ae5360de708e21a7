//! Bytes from the terminal become keys, mouse events, pasted text and replies.
//!
//! In: bytes as they arrive, split anywhere. Out: [`Input`]s. Crossterm's own reader does not pass on
//! the replies, which are needed: a reply after a frame means that the frame has arrived, and the
//! background decides the colors. A lone escape and the beginning of a sequence look the same until
//! more bytes follow; [`Parser::give_up`] is called when none do for long, so that sequences split by
//! a slow line are not taken for keys. Unknown sequences are dropped whole, however long they are.
//! Grammar: ECMA-48, xterm's control sequences.

use super::event::{Input, Key, Mouse, MouseKind, Reply};

/// The most that is kept of a sequence that has not ended (bytes).
const LONGEST_SEQUENCE: usize = 4096;
/// The most that is kept of pasted text (bytes).
const LONGEST_PASTE: usize = 1 << 16;
/// Ends pasted text.
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the bytes begin with.
enum Found {
    /// This many bytes mean this input, if anything.
    Input(usize, Option<Input>),
    /// This many bytes announce pasted text.
    Paste(usize),
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
                    out.extend(input);
                }
                Found::Paste(length) => {
                    at += length;
                    self.paste = Some(Vec::new());
                }
                Found::Incomplete => {
                    if self.pending.len() - at > LONGEST_SEQUENCE {
                        // How it began, and what may be the beginning of its end.
                        let last = self.pending.len() - 1;
                        self.pending.drain(at + 2..last);
                    }
                    break;
                }
            }
        }
        self.pending.drain(..at);
    }

    /// Collects pasted bytes; returns where the rest begins, once the paste has ended.
    fn take_paste(&mut self, at: usize, out: &mut Vec<Input>) -> Option<usize> {
        let rest = &self.pending[at..];
        let end = rest.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // A possible beginning of the end mark stays pending.
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
            out.push(Input::Paste(text));
            return Some(at + length + PASTE_END.len());
        }
        self.pending.drain(..at + length);
        None
    }

    /// True if a sequence has begun but not ended.
    pub(crate) fn is_waiting(&self) -> bool {
        self.paste.is_none() && !self.pending.is_empty()
    }

    /// True if an escape arrived and nothing after it.
    pub(crate) fn is_lone_escape(&self) -> bool {
        self.paste.is_none() && self.pending == [0x1b]
    }

    /// Nothing followed: a lone escape was the key, anything else is dropped.
    pub(crate) fn give_up(&mut self, out: &mut Vec<Input>) {
        if self.is_lone_escape() {
            out.push(Input::Key(Key::Esc));
        }
        self.pending.clear();
    }
}

/// True if bytes that arrived together, soon after an escape that seemed to be the key, are the rest
/// of the sequence that it began: what is typed arrives character by character.
pub(crate) fn is_rest(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| *byte == 0x1b);
    let bytes = &bytes[..end.unwrap_or(bytes.len())];
    match bytes {
        [b'[', next, ..] if *next != b'[' => bytes[1..].iter().any(|b| (0x40..=0x7e).contains(b)),
        [b'O', last] => named(*last).is_some(),
        [b']' | b'P', next, ..] => next.is_ascii_digit(),
        _ => false,
    }
}

/// What the bytes begin with; there is at least one.
fn look(bytes: &[u8]) -> Found {
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' => pressed(1, Key::Enter),
        b'\t' => pressed(1, Key::Tab),
        0x08 | 0x7f => pressed(1, Key::Backspace),
        0 => pressed(1, Key::Ctrl(' ')),
        control @ 0x01..=0x1a => pressed(1, Key::Ctrl(char::from(control - 1 + b'a'))),
        0x1c..=0x1f => Found::Input(1, None),
        _ => match character(bytes) {
            Some((length, c)) => Found::Input(length, c.map(Key::Char).map(Input::Key)),
            None => Found::Incomplete,
        },
    }
}

fn pressed(length: usize, key: Key) -> Found {
    Found::Input(length, Some(Input::Key(key)))
}

/// The length of the first character and the character itself, which an invalid byte has none of;
/// `None` if more bytes are needed.
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
        Some(0x1b) => pressed(1, Key::Esc),
        Some(b'[') => control_sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Found::Incomplete,
            Some(last) => Found::Input(3, named(*last).map(Input::Key)),
        },
        Some(b']' | b'P' | b'_' | b'^' | b'X') => string(bytes),
        // Alt and a character, which is not bound to anything.
        Some(_) => match character(&bytes[1..]) {
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
        // Not a sequence after all: the byte that broke it off is read on its own.
        return Found::Input(2 + end, None);
    }
    let parameters = std::str::from_utf8(&body[..end]).unwrap_or_default();
    if (parameters, last) == ("200", b'~') {
        return Found::Paste(length);
    }
    Found::Input(length, sequence(parameters, last))
}

/// What a complete control sequence means.
fn sequence(parameters: &str, last: u8) -> Option<Input> {
    if let Some(mouse_parameters) = parameters.strip_prefix('<') {
        return mouse(mouse_parameters, last == b'M');
    }
    if let Some(private) = parameters.strip_prefix('?') {
        let (mode, state) = private.trim_end_matches('$').split_once(';')?;
        let is_known = matches!(state, "1" | "2" | "3");
        let is_asked = last == b'y' && mode == "2026";
        return is_asked.then_some(Input::Reply(Reply::Synchronized(is_known)));
    }
    let mut numbers = parameters.split([';', ':']).map(|n| n.parse::<u16>().ok());
    let first = numbers.next().flatten();
    let second = numbers.next().flatten();
    let key = match last {
        b'n' => return (first == Some(0)).then_some(Input::Reply(Reply::Ready)),
        b'R' => return Some(Input::Reply(Reply::Cursor(second?, first?))),
        b'Z' => Key::BackTab,
        b'~' => match first? {
            1 | 7 => Key::Home,
            4 | 8 => Key::End,
            3 => Key::Delete,
            5 => Key::PageUp,
            6 => Key::PageDown,
            _ => return None,
        },
        b'u' => match char::from_u32(u32::from(first?))? {
            '\u{1b}' => Key::Esc,
            '\r' => Key::Enter,
            '\t' => Key::Tab,
            '\u{7f}' => Key::Backspace,
            c if c.is_control() => return None,
            c => with_modifiers(c, second)?,
        },
        other => named(other)?,
    };
    Some(Input::Key(key))
}

/// A character with xterm's modifiers: 1 plus 1 for Shift, 2 for Alt, 4 for Control.
fn with_modifiers(c: char, modifiers: Option<u16>) -> Option<Key> {
    match modifiers.unwrap_or(1).saturating_sub(1) {
        bits if bits & 4 != 0 => Some(Key::Ctrl(c.to_ascii_lowercase())),
        bits if bits & 2 != 0 => None,
        _ => Some(Key::Char(c)),
    }
}

/// The key whose sequence ends with this letter.
fn named(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        _ => return None,
    })
}

/// `CSI < button ; column ; row M` or, released, `m`.
fn mouse(parameters: &str, is_pressed: bool) -> Option<Input> {
    let mut numbers = parameters.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (button, column, row) = (next()?, next()?, next()?);
    // Low bits: 0 the left button, 2 the right one; 16 Control, 32 moving, 64 the wheel.
    let which = button & 3;
    let is_right = which == 2 || button & 16 != 0;
    let kind = match (button & (64 | 32), which) {
        (64, 0) => MouseKind::WheelUp,
        (64, 1) => MouseKind::WheelDown,
        (32, 0 | 2) if is_right => MouseKind::RightDrag,
        (32, 0 | 2) => MouseKind::Drag,
        (0, 0 | 2) => match (is_pressed, is_right) {
            (true, false) => MouseKind::Press,
            (true, true) => MouseKind::RightPress,
            (false, false) => MouseKind::Release,
            (false, true) => MouseKind::RightRelease,
        },
        _ => return None,
    };
    Some(Input::Mouse(Mouse {
        kind,
        column: column.saturating_sub(1),
        row: row.saturating_sub(1),
    }))
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
    let reply = match (bytes[1], text.strip_prefix("11;")) {
        (b']', Some(color)) => color_of(color),
        _ => None,
    };
    Found::Input(length, reply.map(Input::Reply))
}

/// `rgb:ffff/ffff/ffff` with one to four hexadecimal digits per channel.
fn color_of(text: &str) -> Option<Reply> {
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
    Some(Reply::Background(next()?, next()?, next()?))
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

    #[test]
    fn keys_of_every_kind() {
        let cases: &[(&[u8], Option<Key>)] = &[
            (b"a", Some(Key::Char('a'))),
            (b"A", Some(Key::Char('A'))),
            ("é".as_bytes(), Some(Key::Char('é'))),
            (b"\r", Some(Key::Enter)),
            (b"\x1b", Some(Key::Esc)),
            (b"\x7f", Some(Key::Backspace)),
            (b"\x08", Some(Key::Backspace)),
            (b"\x03", Some(Key::Ctrl('c'))),
            (b"\x1b[A", Some(Key::Up)),
            (b"\x1bOB", Some(Key::Down)),
            (b"\x1b[1;2C", Some(Key::Right)),
            (b"\x1b[5~", Some(Key::PageUp)),
            (b"\x1b[3~", Some(Key::Delete)),
            (b"\x1b[Z", Some(Key::BackTab)),
            (b"\x1bOH", Some(Key::Home)),
            (b"\x1b[8~", Some(Key::End)),
            (b"\x1b[97u", Some(Key::Char('a'))),
            (b"\x1b[67;5u", Some(Key::Ctrl('c'))),
            (b"\x1b[97;3u", None),
            (b"\x1bx", None),
            (b"\x1b[15~", None),
        ];
        for (bytes, expected) in cases {
            let expected: Vec<Input> = expected.iter().copied().map(Input::Key).collect();
            assert_eq!(parsed(&[bytes]), expected, "{bytes:?}");
            // The same when the line delivers byte by byte.
            let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(parsed(&pieces), expected, "{bytes:?} in pieces");
        }
    }

    #[test]
    fn replies_are_not_keys() {
        let cases: &[(&[u8], Reply)] = &[
            (b"\x1b[0n", Reply::Ready),
            (
                b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\",
                Reply::Background(0xfd, 0xf6, 0xe3),
            ),
            (b"\x1b]11;rgb:0/2b/36\x07", Reply::Background(0, 0x2b, 0x36)),
            (b"\x1b[?2026;2$y", Reply::Synchronized(true)),
            (b"\x1b[?2026;0$y", Reply::Synchronized(false)),
            (b"\x1b[12;40R", Reply::Cursor(40, 12)),
        ];
        for (bytes, expected) in cases {
            let pieces: Vec<&[u8]> = bytes.chunks(3).collect();
            assert_eq!(parsed(&pieces), [Input::Reply(*expected)], "{bytes:?}");
        }
        let junk: &[&[u8]] = &[
            b"\x1b]52;c;aGk=\x07",
            b"\x1bP1$r0m\x1b\\",
            b"\x1b[[A",
            b"\x1b[?1;2;3u",
            b"\x1b[?62;22c",
            b"\x1b[I",
            b"\xff\xfe",
            b"\x1b]11;rgb:zz/0/0\x07",
        ];
        for bytes in junk {
            assert_eq!(parsed(&[bytes]), [], "{bytes:?}");
        }
    }

    #[test]
    fn of_a_sequence_whose_rest_is_lost_nothing_becomes_a_key() {
        let cases: [&[u8]; 6] = [
            b"\x1b[0n",
            b"\x1b[<0;5;7M",
            b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\",
            b"\x1bP1$rq\x1b\\",
            b"\x1bOA",
            "é".as_bytes(),
        ];
        for bytes in cases {
            for cut in 1..bytes.len() {
                let lone = bytes[..cut] == [0x1b];
                let expected = lone.then_some(Input::Key(Key::Esc));
                assert_eq!(
                    parsed(&[&bytes[..cut]]),
                    Vec::from_iter(expected),
                    "{bytes:?}"
                );
            }
        }
    }

    #[test]
    fn endless_strings_are_dropped_up_to_their_end() {
        for (start, end) in [("\x1b]52;c;", "\x07"), ("\x1bP", "\x1b\\"), ("\x1b[", "n")] {
            let body = if start == "\x1b[" { "1;" } else { "q?" };
            let text = format!("{start}{}{end}x", body.repeat(50_000));
            for size in [100, 4095, 70_000] {
                let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                assert_eq!(
                    parsed(&pieces),
                    [Input::Key(Key::Char('x'))],
                    "{start:?} {size}"
                );
            }
        }
    }

    #[test]
    fn the_rest_of_a_sequence_is_told_from_what_is_typed() {
        for rest in [
            "[0n",
            "[A",
            "[<0;5;7M",
            "OA",
            "]11;rgb:0/0/0",
            "P1$r0m",
            "[0n\x1b[0n",
        ] {
            assert!(is_rest(rest.as_bytes()), "{rest}");
        }
        for typed in [
            "[", "[[", "]", "]]", "O", "Oq", "P", "q", ":q", "", "\x1b[0n",
        ] {
            assert!(!is_rest(typed.as_bytes()), "{typed}");
        }
    }

    #[test]
    fn the_mouse_in_all_its_ways() {
        let at = |kind, column, row| Some(Mouse { kind, column, row });
        let cases: &[(&[u8], Option<Mouse>)] = &[
            (b"\x1b[<0;5;7M", at(MouseKind::Press, 4, 6)),
            (b"\x1b[<0;5;7m", at(MouseKind::Release, 4, 6)),
            (b"\x1b[<32;5;7M", at(MouseKind::Drag, 4, 6)),
            (b"\x1b[<64;1;1M", at(MouseKind::WheelUp, 0, 0)),
            (b"\x1b[<65;1;1M", at(MouseKind::WheelDown, 0, 0)),
            (b"\x1b[<80;1;1M", at(MouseKind::WheelUp, 0, 0)),
            (b"\x1b[<22;1;1M", at(MouseKind::RightPress, 0, 0)),
            (b"\x1b[<16;1;1M", at(MouseKind::RightPress, 0, 0)),
            (b"\x1b[<34;1;1M", at(MouseKind::RightDrag, 0, 0)),
            (b"\x1b[<2;1;1m", at(MouseKind::RightRelease, 0, 0)),
            (b"\x1b[<1;1;1M", None),
            (b"\x1b[<35;1;1M", None),
            (b"\x1b[<66;1;1M", None),
            (b"\x1b[<67;1;1M", None),
        ];
        for (bytes, expected) in cases {
            let expected: Vec<Input> = expected.map(Input::Mouse).into_iter().collect();
            assert_eq!(parsed(&[bytes]), expected, "{bytes:?}");
        }
    }

    #[test]
    fn pasted_text_is_not_keys_and_is_bounded() {
        let pieces: &[&[u8]] = &[b"\x1b[200~rm -rf\n\x1b[A", b"q\x1b[20", b"1~x"];
        assert_eq!(
            parsed(pieces),
            [
                Input::Paste("rm -rf\n\u{1b}[Aq".into()),
                Input::Key(Key::Char('x'))
            ]
        );
        let mut long = b"\x1b[200~".to_vec();
        long.resize(3_000_000, b'z');
        long.extend(PASTE_END);
        match &parsed(&[&long])[..] {
            [Input::Paste(text)] => assert_eq!(text.len(), LONGEST_PASTE),
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
