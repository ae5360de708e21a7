//! CSV, TSV and lists of text: a table, perhaps with a header.
//!
//! In: bytes. Out: named columns of text cells, all of one length, with the line of each row for
//! messages. A cell becomes a number or a label only when the role of its column is known.
//! Delimiter and header are recognized; what is not a rectangular table of UTF-8 text is refused
//! with the line where it breaks.

use std::path::Path;

use csv::StringRecord;

use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Column, ColumnKind, LARGEST_WHOLE, MISSING, Matrix, Values, shaped};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

/// Lines that decide the delimiter.
const SAMPLE_LINES: usize = 50;
/// Rows that decide whether a column holds numbers.
const SAMPLE_ROWS: usize = 200;
/// Words that can only be the name of a column, not a value in it.
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
/// Broken lines that are named in a message.
const NAMED: usize = 5;
/// Bytes at the beginning that decide whether a file is text, and how many of them may be 0.
const FIRST_BYTES: usize = 512;
const MOST_ZEROS: usize = 16;

pub(super) const FORMAT: Format = Format {
    recognizes: is_text,
    open,
};

/// Whether a file that is of no other format looks like text. A file that is named like an array
/// is probably a damaged one.
fn is_text(file: &RawFile) -> bool {
    let is_utf16 = file.bytes.starts_with(b"\xff\xfe") || file.bytes.starts_with(b"\xfe\xff");
    let extension = Path::new(&file.name).extension();
    let is_array =
        extension.is_some_and(|e| e.eq_ignore_ascii_case("npy") || e.eq_ignore_ascii_case("npz"));
    let first = file.bytes.iter().take(FIRST_BYTES);
    is_utf16 || !is_array && first.filter(|&&b| b == 0).count() <= MOST_ZEROS
}

/// A rectangular table of text.
struct Table<'a> {
    file: &'a str,
    names: Vec<String>,
    delimiter: u8,
    rows: Vec<StringRecord>,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let text = decode(&file.bytes, name)?;
    check_quotes(text, name)?;
    let found = delimiter(text);
    let delimiter = found.unwrap_or(b',');
    let mut rows = records(text, found, name)?;
    let Some(first) = rows.first() else {
        let remedy = "give one row per sample";
        return Err(Error::input(name, "the table is empty", remedy));
    };
    let has_header =
        (file.header).unwrap_or_else(|| looks_like_header(first, &rows[1..], delimiter));
    let names: Vec<String> = if has_header {
        rows.remove(0).iter().map(ToString::to_string).collect()
    } else {
        (1..=first.len()).map(|c| c.to_string()).collect()
    };
    let table = Table {
        file: name,
        names,
        delimiter,
        rows,
    };
    let format = match delimiter {
        b'\t' => "tsv",
        b';' => "csv (semicolons)",
        _ => "csv",
    };
    let columns = (0..table.names.len()).map(|c| table.column(c)).collect();
    let mut contents = Contents::new(name, format, Layout::Table, columns, table);
    contents.has_header = has_header;
    Ok(contents)
}

impl Table<'_> {
    fn column(&self, column: usize) -> Column {
        let (kind, word) = if self.is_numeric(column) {
            (ColumnKind::Number, "numbers")
        } else {
            (ColumnKind::Text, "text")
        };
        Column {
            name: self.names[column].clone(),
            kind,
            shape: vec![self.rows.len()],
            description: format!("{word} × {}", self.rows.len()),
            refusal: None,
        }
    }

    /// Whether most cells of a column are numbers.
    fn is_numeric(&self, column: usize) -> bool {
        let (mut numbers, mut others) = (0, 0);
        for row in self.rows.iter().take(SAMPLE_ROWS) {
            let cell = row.get(column).unwrap_or_default();
            if number(cell, self.delimiter).is_some() {
                numbers += 1;
            } else {
                others += 1;
            }
        }
        numbers > others || (numbers == 0 && others == 0)
    }

    /// The error of a cell that is neither a number nor missing.
    fn not_a_number(&self, row: usize, column: usize) -> Error {
        let cell = self.rows[row].get(column).unwrap_or_default();
        let problem = format!(
            "line {}, column {}: \"{}\" is not a number",
            self.line(row).unwrap_or(0),
            printable(&self.names[column]),
            printable(cell)
        );
        if cell.contains(',') && cell.replace(',', "").parse::<f64>().is_ok() {
            let remedy = "write numbers without thousands separators";
            return Error::input(self.file, problem, remedy);
        }
        let remedy = "all columns but that of the labels must hold numbers; name the label column";
        Error::input(self.file, problem, remedy).with("label_column")
    }
}

impl Reader for Table<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let mut values = Vec::with_capacity(self.rows.len() * columns.len());
        for (r, row) in self.rows.iter().enumerate() {
            for &c in columns {
                let value = number(row.get(c).unwrap_or_default(), self.delimiter);
                values.push(value.ok_or_else(|| self.not_a_number(r, c))?);
            }
        }
        let shape = (self.rows.len(), columns.len());
        Ok(Matrix::Double(shaped(values, shape, self.file)?))
    }

    /// Whole numbers if all cells that are not empty are, other numbers if they are, and text
    /// otherwise.
    fn values(&mut self, column: usize) -> Result<Values> {
        let cells = self.text(column)?;
        let whole = |c: &String| -> Option<i128> {
            if is_missing(c) {
                return Some(MISSING);
            }
            if let Ok(number) = c.parse::<i64>() {
                return Some(number.into());
            }
            let number = c.parse::<f64>().ok()?;
            (number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE).then_some(number as i128)
        };
        let numbers: Option<Vec<i128>> = cells.iter().map(whole).collect();
        if let Some(numbers) = numbers.filter(|all| all.iter().any(|&v| v != MISSING)) {
            return Ok(Values::Integers(numbers));
        }
        let numbers: Option<Vec<f64>> = cells.iter().map(|c| c.parse().ok()).collect();
        let Some(numbers) = numbers else {
            return Ok(Values::Text(cells));
        };
        let shape = (numbers.len(), 1);
        let matrix = Matrix::Double(shaped(numbers, shape, self.file)?);
        Ok(Values::Matrix(matrix))
    }

    fn text(&mut self, column: usize) -> Result<Vec<String>> {
        let cell = |row: &StringRecord| row.get(column).unwrap_or_default().to_string();
        Ok(self.rows.iter().map(cell).collect())
    }

    fn line(&self, row: usize) -> Option<u64> {
        let position = self.rows.get(row)?.position()?;
        Some(position.line())
    }
}

/// Whether a cell stands for a missing value.
fn is_missing(cell: &str) -> bool {
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

/// Refuses a quote that never closes, since it would swallow the rest of the file.
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

/// The rows. In a table of several columns, empty lines and comments (`#`) are skipped; in a list
/// of one column, both are values.
fn records(text: &str, delimiter: Option<u8>, file: &str) -> Result<Vec<StringRecord>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .trim(csv::Trim::All)
        .comment(delimiter.map(|_| b'#'))
        .from_reader(text.as_bytes());
    let mut records: Vec<StringRecord> = Vec::new();
    let mut broken: Vec<String> = Vec::new();
    let mut breaks = 0;
    for record in reader.records() {
        let record = record
            .map_err(|e| Error::input(file, format!("the table breaks off ({e})"), "repair it"))?;
        if delimiter.is_some() && record.len() == 1 && record.get(0) == Some("") {
            continue;
        }
        let expected = records.first().map_or(record.len(), StringRecord::len);
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
        let expected = records.first().map_or(0, StringRecord::len);
        return Err(Error::input(
            file,
            format!(
                "{}, but the first line has {expected} ({breaks} lines in all)",
                broken.join(", ")
            ),
            "give every row the same number of fields; quote cells that contain the delimiter",
        ));
    }
    Ok(records)
}

/// The first row is a header if it has a word above a column of numbers, or one of the usual names
/// of a column of labels or ids.
fn looks_like_header(first: &StringRecord, rest: &[StringRecord], delimiter: u8) -> bool {
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
