//! The text of a table: in memory, or in a file of which parts are read when they are wanted.

use std::borrow::Cow;
use std::ops::Range;

use super::decode::{decode, lines};
use super::dialect::{SAMPLE_LINES, is_comment};
use crate::dataset::raw::RawFile;
use crate::error::Result;

/// Bytes at the beginning that are looked at first.
const BEGINNING: usize = 1 << 18;
/// Bytes beyond a block in which its last line may end, at first.
const MORE: usize = 1 << 12;

/// The text of a table, without a byte-order mark.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    Memory(&'a str),
    File {
        file: &'a RawFile,
        /// Bytes before the text.
        start: usize,
    },
}

/// A part of the text.
pub(super) struct Part<'a> {
    /// Where it begins.
    pub(super) start: usize,
    pub(super) text: Cow<'a, str>,
}

impl<'a> Text<'a> {
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if a file in memory is not UTF-8 text.
    pub(super) fn of(file: &'a RawFile) -> Result<Self> {
        if file.is_in_memory() || is_utf16(file) {
            return Ok(Self::Memory(decode(file.bytes()?, &file.name)?));
        }
        let start = if file.head().starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Ok(Self::File { file, start })
    }

    pub(super) fn length(&self) -> usize {
        match self {
            Self::Memory(text) => text.len(),
            Self::File { file, start } => file.length() - start,
        }
    }

    /// All of it, which stays in memory from then on.
    pub(super) fn whole(&self) -> Result<&'a str> {
        match self {
            Self::Memory(text) => Ok(text),
            Self::File { file, .. } => decode(file.bytes()?, &file.name),
        }
    }

    /// A part that begins and ends with a line.
    pub(super) fn part(&self, range: Range<usize>) -> Result<Part<'a>> {
        let start = range.start;
        let text = match self {
            Self::Memory(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
            Self::File { file, .. } => Cow::Owned(decoded(self.bytes(range)?, file)?),
        };
        Ok(Part { start, text })
    }

    /// Bytes of a file.
    fn bytes(&self, range: Range<usize>) -> Result<Vec<u8>> {
        match self {
            Self::Memory(_) => Ok(Vec::new()),
            Self::File { file, start } => file.owned(start + range.start..start + range.end),
        }
    }

    /// The first lines: more than decide how the text is divided, or all of it.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if they are not UTF-8 text.
    pub(super) fn beginning(&self) -> Result<Cow<'a, str>> {
        let Self::File { file, .. } = *self else {
            return self.whole().map(Cow::Borrowed);
        };
        let mut size = BEGINNING;
        while size < self.length() {
            let mut bytes = self.bytes(0..size)?;
            bytes.truncate(memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1));
            let text = decoded(bytes, file)?;
            let rows = lines(&text).filter(|line| !is_comment(&text[line.start..line.end]));
            if rows.take(SAMPLE_LINES + 2).count() > SAMPLE_LINES + 1 {
                return Ok(Cow::Owned(text));
            }
            size = size.saturating_mul(4);
        }
        self.whole().map(Cow::Borrowed)
    }

    /// The lines that begin in a range; the text itself begins with a line.
    pub(super) fn lines_in(&self, range: Range<usize>) -> Result<Part<'a>> {
        // A line begins after the end of another.
        let from = range.start.saturating_sub(1);
        let mut more = MORE;
        loop {
            let to = range.end.saturating_add(more).min(self.length());
            let before_last = range.end.min(to).saturating_sub(from + 1);
            let ends = |bytes: &[u8]| {
                let after_first =
                    |from| memchr::memchr(b'\n', &bytes[from..]).map(|at| from + at + 1);
                let start = if range.start == 0 {
                    Some(0)
                } else {
                    after_first(0)
                };
                let start = start.filter(|&start| range.start == 0 || start <= before_last);
                let end = after_first(before_last);
                (
                    start,
                    end.or_else(|| (to == self.length()).then_some(bytes.len())),
                )
            };
            let bytes = self.bytes(from..to)?;
            let (start, end) = match self {
                Self::Memory(text) => ends(&text.as_bytes()[from..to]),
                Self::File { .. } => ends(&bytes),
            };
            let text = match (self, start, end) {
                (_, None, _) => Cow::Borrowed(""),
                (_, _, None) => {
                    more = more.saturating_mul(4);
                    continue;
                }
                (Self::Memory(text), Some(start), Some(end)) => {
                    Cow::Borrowed(text.get(from + start..from + end).unwrap_or_default())
                }
                (Self::File { file, .. }, Some(start), Some(end)) => {
                    let mut bytes = bytes;
                    bytes.truncate(end);
                    bytes.drain(..start);
                    Cow::Owned(decoded(bytes, file)?)
                }
            };
            let start = from + start.unwrap_or(0);
            return Ok(Part { start, text });
        }
    }
}

/// Bytes of a file as text.
fn decoded(bytes: Vec<u8>, file: &RawFile) -> Result<String> {
    match String::from_utf8(bytes) {
        Ok(text) if memchr::memchr(0, text.as_bytes()).is_none() => Ok(text),
        // The whole file says which line is not text.
        _ => Err(decode(file.bytes()?, &file.name)
            .err()
            .unwrap_or_else(|| file.changed())),
    }
}

/// Whether a file begins as text in UTF-16 does.
pub(super) fn is_utf16(file: &RawFile) -> bool {
    file.head().starts_with(b"\xff\xfe") || file.head().starts_with(b"\xfe\xff")
}
