//! CSV and TSV: a table of numbers with, perhaps, a header, a label column and an id column.
//!
//! In: bytes. Out: named columns of text cells, all of one length, with the line of each row for
//! messages. Delimiter and header are recognized; what is not a rectangular table of UTF-8 text is
//! refused with the line where it breaks.

use crate::error::{Error, Result, printable};

/// Lines that the delimiter is guessed from.
const SAMPLE_LINES: usize = 50;
/// Rows that decide whether a column is one of numbers.
const SAMPLE_ROWS: usize = 200;
/// Words that are the name of a column rather than a value in it.
const HEADINGS: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "id",
    "ids",
    "target",
    "y",
];
/// Broken lines that are named.
const NAMED: usize = 5;

/// A rectangular table of text.
pub(super) struct Table {
    /// Column names; numbers from 1 where there is no header.
    pub(super) names: Vec<String>,
    pub(super) has_header: bool,
    pub(super) delimiter: u8,
    /// Cells by row.
    pub(super) rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a table.
    pub(super) fn parse(bytes: &[u8], file: &str) -> Result<Self> {
        let text = decode(bytes, file)?;
        check_quotes(text, file)?;
        let found = delimiter(text);
        let delimiter = found.unwrap_or(b',');
        let records = records(text, found, file)?;
        let Some(first) = records.first() else {
            return Err(Error::input(
                file,
                "the table is empty",
                "give one row per sample",
            ));
        };
        let has_header = looks_like_header(first, &records[1..], delimiter);
        let names = if has_header {
            first.iter().map(ToString::to_string).collect()
        } else {
            (1..=first.len()).map(|c| c.to_string()).collect()
        };
        let mut rows = records;
        if has_header {
            rows.remove(0);
        }
        Ok(Self {
            names,
            has_header,
            delimiter,
            rows,
        })
    }

    /// The column of a name (or number from 1).
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Text of a column.
    pub(super) fn text(&self, column: usize) -> Vec<String> {
        let cell = |row: &csv::StringRecord| row.get(column).unwrap_or_default().to_string();
        self.rows.iter().map(cell).collect()
    }

    /// Whether most cells of a column are numbers.
    pub(super) fn is_numeric(&self, column: usize) -> bool {
        let (mut numbers, mut others) = (0, 0);
        for row in self.rows.iter().take(SAMPLE_ROWS) {
            let cell = row.get(column).unwrap_or_default();
            if self.number(cell).is_some() {
                numbers += 1;
            } else if !is_missing(cell) {
                others += 1;
            }
        }
        numbers > others || (numbers == 0 && others == 0)
    }

    /// A cell as a number; missing values are NaN.
    pub(super) fn number(&self, cell: &str) -> Option<f64> {
        number(cell, self.delimiter)
    }

    /// The line in the file where a row begins.
    pub(super) fn line(&self, row: usize) -> u64 {
        let position = self.rows.get(row).and_then(csv::StringRecord::position);
        position.map_or(row as u64 + 1, csv::Position::line)
    }
}

/// Whether a cell stands for a value that is not there.
pub(super) fn is_missing(cell: &str) -> bool {
    matches!(
        cell.to_ascii_lowercase().as_str(),
        "" | "na" | "n/a" | "nan" | "null" | "none"
    )
}

/// A cell as a number, also with a decimal comma where that cannot be a delimiter.
fn number(cell: &str, delimiter: u8) -> Option<f64> {
    if is_missing(cell) {
        return Some(f64::NAN);
    }
    cell.parse::<f64>().ok().or_else(|| {
        let comma = delimiter != b',' && cell.matches(',').count() == 1;
        let pointed = comma.then(|| cell.replace(',', "."))?;
        pointed.parse().ok()
    })
}

/// The text, without a byte-order mark.
fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::input(file, "the text is UTF-16", "save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_of = |at: usize| 1 + bytes[..at].iter().filter(|&&b| b == b'\n').count();
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        return Err(Error::input(
            file,
            format!("line {} has a NUL byte: this is no text", line_of(at)),
            "give a .npy, .npz, .csv or .tsv file",
        ));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        Error::input(
            file,
            format!("line {} is no UTF-8 text", line_of(e.valid_up_to())),
            "give a .npy or .npz file, or save the table as UTF-8",
        )
    })
}

/// A quote that never closes would swallow the rest of the file.
fn check_quotes(text: &str, file: &str) -> Result<()> {
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

/// The delimiter that splits the first lines most evenly, if there is one.
fn delimiter(text: &str) -> Option<u8> {
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
        .take(SAMPLE_LINES)
        .collect();
    let count = |line: &str, delimiter: u8| {
        let mut quoted = false;
        let outside = |&b: &u8| {
            quoted ^= b == b'"';
            b == delimiter && !quoted
        };
        line.as_bytes().iter().copied().filter(outside).count()
    };
    let score = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|l| count(l, delimiter)).collect();
        let least = counts.iter().copied().min().unwrap_or(0);
        let even = counts.iter().all(|&c| c == least);
        (least > 0, even, least)
    };
    // Later ones win ties: a tab or semicolon is rarely part of a number.
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|&d| score(d))
        .filter(|&d| score(d).0)
}

/// The rows. A table of several columns may have empty lines and comments (`#`) in between; in
/// a list of one column both are values.
fn records(text: &str, delimiter: Option<u8>, file: &str) -> Result<Vec<csv::StringRecord>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .trim(csv::Trim::All)
        .comment(delimiter.map(|_| b'#'))
        .from_reader(text.as_bytes());
    let mut records: Vec<csv::StringRecord> = Vec::new();
    let mut broken: Vec<String> = Vec::new();
    let mut breaks = 0;
    for record in reader.records() {
        let record = record
            .map_err(|e| Error::input(file, format!("the table breaks off ({e})"), "repair it"))?;
        if delimiter.is_some() && record.len() == 1 && record.get(0) == Some("") {
            continue;
        }
        let expected = records.first().map_or(record.len(), csv::StringRecord::len);
        if record.len() != expected {
            breaks += 1;
            if broken.len() < NAMED {
                let line = record.position().map_or(0, csv::Position::line);
                broken.push(format!("line {line} has {} fields", record.len()));
            }
            continue;
        }
        records.push(record);
    }
    if breaks > 0 {
        let expected = records.first().map_or(0, csv::StringRecord::len);
        return Err(Error::input(
            file,
            format!(
                "{} ({breaks} such in all), where the first line has {expected}",
                broken.join(", ")
            ),
            "give every row the same number of fields; quote cells that contain the delimiter",
        ));
    }
    Ok(records)
}

/// A first row is a header if a column of numbers has a word there, or if one of its words is the
/// usual name of a column of labels or ids.
fn looks_like_header(first: &csv::StringRecord, rest: &[csv::StringRecord], delimiter: u8) -> bool {
    let is_number = |cell: &str| number(cell, delimiter).is_some();
    let below = |column: usize| {
        rest.iter()
            .take(SAMPLE_ROWS)
            .filter_map(move |r| r.get(column))
    };
    (0..first.len()).any(|c| {
        let word = first.get(c).is_some_and(|cell| !is_number(cell));
        let numbers = below(c).filter(|cell| is_number(cell)).count();
        let all = below(c).count();
        word && all > 0 && 2 * numbers > all
    }) || first
        .iter()
        .any(|cell| HEADINGS.contains(&cell.to_ascii_lowercase().as_str()))
}

/// The error of cells that are neither numbers nor missing.
pub(super) fn not_a_number(table: &Table, row: usize, column: usize, file: &str) -> Error {
    let cell = table.rows[row].get(column).unwrap_or_default();
    let name = printable(&table.names[column]);
    let thousands = cell.contains(',') && cell.replace(',', "").parse::<f64>().is_ok();
    let problem = format!(
        "line {}, column {name}: \"{}\" is not a number",
        table.line(row),
        printable(cell)
    );
    if thousands {
        return Error::input(file, problem, "write numbers without thousands separators");
    }
    let remedy = "all columns but that of the labels must hold numbers; name the label column";
    Error::input(file, problem, remedy).with("label_column")
}
