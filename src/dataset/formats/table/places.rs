//! Where the rows of a text are, if all their cells are parts of it as it stands.
//!
//! Blocks of the text are searched in parallel.

use rayon::prelude::*;

use super::cells::{Delimiter, each_plain_cell, is_skipped, quoted_cells, unquoted};
use super::decode::{Line, lines};
use super::dialect::Dialect;
use super::rows::Rows;
use super::text::Text;
use crate::error::Result;

/// Bytes that one thread searches at a time.
const BLOCK: usize = 1 << 16;

/// The rows of a text, and the number of cells of each.
pub(super) type Read<'a> = (Rows<'a>, Vec<u32>);

/// What a block of the text holds.
#[derive(Default)]
struct Found {
    /// Rows, whose lines are counted from the block's first.
    lines: Vec<Line>,
    widths: Vec<u32>,
    /// Lines in all.
    count: u32,
    /// The first line whose quotes are characters.
    lone_quote: Option<u32>,
    has_commas: bool,
}

/// Rows whose cells are all parts of the text, if they are.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) if the text is not UTF-8, [`Error::Io`](crate::Error::Io) if it
/// cannot be read.
pub(super) fn plain<'a>(
    text: Text<'a>,
    dialect: Dialect,
    lone_quote: &mut Option<u64>,
) -> Result<Option<Read<'a>>> {
    let starts = (0..text.length()).into_par_iter().step_by(BLOCK);
    let blocks = starts.map(|start| found(text, start, dialect));
    let blocks = blocks.collect::<Result<Vec<Option<Found>>>>()?;
    let rows = (blocks.iter().flatten()).map(|block| block.lines.len());
    let rows: usize = rows.sum();
    let (mut lines, mut widths) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut has_commas, mut before) = (false, 0);
    for block in blocks {
        let Some(block) = block else {
            return Ok(None);
        };
        *lone_quote = lone_quote.or(block.lone_quote.map(|number| u64::from(before + number)));
        lines.extend(block.lines.into_iter().map(|line| Line {
            number: before + line.number,
            ..line
        }));
        widths.extend(block.widths);
        has_commas |= block.has_commas;
        before += block.count;
    }
    let rows = Rows::Plain {
        text,
        delimiter: dialect.delimiter,
        lines,
        has_commas,
    };
    Ok(Some((rows, widths)))
}

/// What the block that begins at `start` holds, if its lines divide as they stand.
fn found(text: Text<'_>, start: usize, dialect: Dialect) -> Result<Option<Found>> {
    let part = text.lines_in(start..text.length().min(start + BLOCK))?;
    let delimiter = dialect.delimiter;
    let has_quotes = memchr::memchr(b'"', part.text.as_bytes()).is_some();
    let mut found = Found {
        has_commas: memchr::memchr(b',', part.text.as_bytes()).is_some(),
        ..Found::default()
    };
    for place in lines(&part.text) {
        found.count = place.number;
        let line = &part.text[place.start..place.end];
        let start = part.start + place.start;
        if start < dialect.start || is_skipped(line, delimiter) {
            continue;
        }
        if has_quotes && !is_plain(line, delimiter) {
            if !is_literal(line, delimiter) {
                return Ok(None);
            }
            found.lone_quote = found.lone_quote.or(Some(place.number));
        }
        found.widths.push(width(line, delimiter));
        found.lines.push(Line {
            start,
            end: part.start + place.end,
            ..place
        });
    }
    Ok(Some(found))
}

/// Whether a line divides as it stands: quotes are only around whole cells.
fn is_plain(line: &str, delimiter: Delimiter) -> bool {
    let mut plain = true;
    each_plain_cell(line, delimiter, |_, cell| {
        plain = match cell.as_bytes() {
            [b'"', inner @ .., b'"'] => memchr::memchr(b'"', inner).is_none(),
            all => memchr::memchr(b'"', all).is_none(),
        };
        plain
    });
    plain
}

/// Whether a line that is no CSV has quotes that are characters, so that it divides as it stands.
fn is_literal(line: &str, delimiter: Delimiter) -> bool {
    if matches!(delimiter, Delimiter::Byte(byte) if byte != b'\t') {
        return false;
    }
    let (cells, is_quote_lone) = quoted_cells(line, delimiter);
    let mut as_it_stands = Vec::with_capacity(cells.len());
    each_plain_cell(line, delimiter, |_, cell| {
        as_it_stands.push(unquoted(cell));
        true
    });
    is_quote_lone && cells == as_it_stands
}

/// The number of cells of a line that divides as it stands.
fn width(line: &str, delimiter: Delimiter) -> u32 {
    let mut width = 0;
    match delimiter {
        Delimiter::Byte(byte) => width += 1 + line.bytes().filter(|&b| b == byte).count() as u32,
        _ => each_plain_cell(line, delimiter, |_, _| {
            width += 1;
            true
        }),
    }
    width
}
