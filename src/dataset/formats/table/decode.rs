//! Bytes as text, and the text as lines.

use crate::error::{Error, Result};

/// The text, without a byte-order mark.
pub(super) fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::input(file, "the text is UTF-16", "save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_of = |at: usize| 1 + bytes[..at].iter().filter(|&&b| b == b'\n').count();
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Error::input(
            file,
            format!("line {} has a NUL byte: this is not text", line_of(at)),
            "give a .npy, .npz, .csv or .tsv file",
        ));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        Error::input(
            file,
            format!("line {} is not UTF-8 text", line_of(e.valid_up_to())),
            "give a .npy or .npz file, or save the table as UTF-8",
        )
    })
}

/// Where a line is in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    /// From 1.
    pub(super) number: u32,
}

/// The lines of a text with the line ends of any system.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let bytes = text.as_bytes();
    let (mut start, mut number) = (0, 0);
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let rest = &bytes[start..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line_end = if rest[length..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        number += 1;
        let line = Line {
            start,
            end: start + length,
            number,
        };
        start += length + line_end;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_any_system() {
        for text in ["a\nbc\n\nd", "a\r\nbc\r\n\r\nd\r\n", "a\rbc\r\rd"] {
            let found: Vec<(&str, u32)> = lines(text)
                .map(|line| (&text[line.start..line.end], line.number))
                .collect();
            assert_eq!(found, [("a", 1), ("bc", 2), ("", 3), ("d", 4)], "{text:?}");
        }
    }
}
