//! Rows as text of their own, where a cell is not a part of the text as it stands: it holds quotes,
//! delimiters or line ends.

use csv::StringRecord;

use super::cells::{Delimiter, quoted_cells};
use super::decode::lines;
use super::dialect::{Dialect, table_lines};
use crate::error::{Error, Result};

/// The rows of a text, and the number of cells of each.
pub(super) type Records = (Vec<StringRecord>, Vec<u32>);

/// The rows of a text in which each line is a row, whatever its quotes.
pub(super) fn records_by_line(
    text: &str,
    dialect: Dialect,
    lone_quote: &mut Option<u64>,
) -> Records {
    let (mut records, mut widths) = (Vec::new(), Vec::new());
    for (place, line) in table_lines(text, dialect) {
        let (cells, is_quote_lone) = quoted_cells(line, dialect.delimiter);
        if lone_quote.is_none() && is_quote_lone {
            *lone_quote = Some(place.number.into());
        }
        widths.push(cells.len() as u32);
        let mut record = StringRecord::from(cells);
        record.set_position(Some(in_line(place.number)));
        records.push(record);
    }
    (records, widths)
}

/// The position of a record that begins in a line.
fn in_line(number: u32) -> csv::Position {
    let mut position = csv::Position::new();
    position.set_line(number.into());
    position
}

/// Where a record begins after the end of the last one: after line ends and comments.
fn record_begins(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text.as_bytes()[at..];
        at += match rest.first() {
            Some(b'\n' | b'\r') => 1,
            Some(b'#') => memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
            _ => return at,
        };
    }
}

/// The rows of a text whose quoted cells may hold delimiters, quotes and line ends.
pub(super) fn records(text: &str, dialect: Dialect, file: &str) -> Result<Records> {
    let Delimiter::Byte(delimiter) = dialect.delimiter else {
        return Ok(Records::default());
    };
    let body = &text[dialect.start..];
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(body.as_bytes());
    // The crate counts the two bytes of a line end of Windows as two lines.
    let mut places = lines(body).peekable();
    let mut number = 1;
    let (mut records, mut widths) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let mut record: StringRecord = record.map_err(|e| {
            Error::input(
                file,
                format!("the table cannot be read to its end ({e})"),
                "repair it",
            )
        })?;
        if record.len() == 1 && record.get(0) == Some("") {
            continue;
        }
        let after_last = record.position().map_or(0, csv::Position::byte) as usize;
        let begins = record_begins(body, after_last);
        while let Some(line) = places.next_if(|line| line.start <= begins) {
            number = line.number;
        }
        record.set_position(Some(in_line(dialect.lines_before + number)));
        widths.push(record.len() as u32);
        records.push(record);
    }
    Ok((records, widths))
}

/// Refuses a quote that never closes, since it would swallow the rest of the file.
pub(super) fn check_quotes(text: &str, file: &str) -> Result<()> {
    let (mut open, mut line) = (None, 1);
    let mut cell_begins = true;
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            b'"' if open.is_some() => open = None,
            b'"' if cell_begins => open = Some(line),
            _ => {}
        }
        cell_begins = matches!(byte, b',' | b';' | b'\t' | b'\n' | b'\r' | b' ')
            || (byte == b'"' && open.is_none());
    }
    match open {
        None => Ok(()),
        Some(line) => Err(Error::input(
            file,
            format!("the quote opened in line {line} never closes"),
            "close it, or double quotes within quoted cells",
        )),
    }
}
