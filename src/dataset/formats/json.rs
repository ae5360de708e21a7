//! JSON Lines: one object a line, with a list of numbers for the features; and arrays of such rows.
//!
//! In: lines of objects (`{"id": "a", "embedding": [0.5, 1]}`) or of lists of numbers, or one array of
//! either. Out: a column for each field, in the order in which fields first appear; lists of numbers
//! become columns of several features. `NaN` and `Infinity`, as Python writes them, are missing.

use std::collections::HashMap;

use serde::de::DeserializeSeed as _;

use super::{Contents, Format, Layout, Reader, foreign};
use crate::dataset::column::{Column, ColumnKind, MISSING, Matrix, Refusal, Values, shaped};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

use cells::{ARRAY, Cell, OBJECT, OBJECTS, Rows, WITH_TEXT};

mod cells;

const SAVE_AGAIN: &str = "write one JSON object per line";
/// Cells that a table may have anyway, and how many for each one that is not missing.
const MOST_EMPTY: usize = 1 << 20;
const MOST_EMPTY_SHARE: usize = 16;

pub(super) const FORMAT: Format = Format { recognizes, open };

/// Whether a file begins with a JSON object, or with a list of numbers, lists or objects.
fn recognizes(file: &RawFile) -> bool {
    let head = file.head();
    let bytes = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut first = bytes.iter().filter(|b| !b.is_ascii_whitespace());
    match (first.next(), first.next()) {
        (Some(b'{'), Some(b'"')) | (Some(b'['), Some(b'[' | b'{')) => true,
        // A first line `[1]` is what R prints.
        (Some(b'['), Some(b'-' | b'0'..=b'9')) => {
            let is_list = |bytes: &[u8]| {
                let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
                line.trim_ascii_end().ends_with(b"]") || line.trim_ascii_end().ends_with(b",")
            };
            // The line may be longer than the head of the file.
            if bytes.contains(&b'\n') {
                is_list(bytes)
            } else {
                file.bytes().is_ok_and(is_list)
            }
        }
        _ => false,
    }
}

/// A field of the rows.
#[derive(Default)]
struct Field {
    name: String,
    /// Rows that have it, with what they have.
    cells: Vec<(u32, Cell)>,
    /// The numbers of all its lists, one after the other.
    numbers: Vec<f64>,
    /// Numbers in its first list, and the first row that has another number of them.
    width: Option<usize>,
    uneven: Option<(u32, usize)>,
}

/// All rows by field.
struct Table<'a> {
    file: &'a str,
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    rows: u32,
    /// The line of each row, if each line is one.
    lines: Option<Vec<u64>>,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let bytes = file.bytes()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::input(name, "the file is not UTF-8 text", SAVE_AGAIN))?;
    let table = match Table::of(text, name) {
        Err(error) => match cells::without_nan(text) {
            Some(text) => Table::of(&text, name)?,
            None => return Err(error),
        },
        Ok(table) => table,
    };
    if table.rows == 0 {
        return Err(Error::input(name, "it holds no rows", SAVE_AGAIN));
    }
    if let Some(kind) = table.other_kind() {
        return Err(foreign::of_json(file, kind));
    }
    table.check_fields()?;
    let columns: Vec<Column> = table.fields.iter().map(|f| table.column(f)).collect();
    let layout = match table.fields.as_slice() {
        [only] if only.name == ARRAY => Layout::Array,
        _ => Layout::Table,
    };
    let format = if table.has_lines() {
        "JSON Lines"
    } else {
        "JSON"
    };
    let mut contents = Contents::new(name, format, layout, columns, table);
    contents.has_header = true;
    Ok(contents)
}

impl<'a> Table<'a> {
    fn of(text: &str, file: &'a str) -> Result<Self> {
        let mut table = Self {
            file,
            fields: Vec::new(),
            by_name: HashMap::new(),
            rows: 0,
            lines: None,
        };
        let mut lines = Vec::new();
        for (number, line) in (1_u64..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            match table.add(line) {
                Ok(()) => lines.resize(table.rows as usize, number),
                Err(problem) if lines.is_empty() && problem.is_eof() => {
                    return table.of_document(text);
                }
                Err(problem) => return Err(wrong(file, number, &problem)),
            }
        }
        table.lines = Some(lines);
        Ok(table)
    }

    /// The rows of a text that is one value over several lines.
    fn of_document(mut self, text: &str) -> Result<Self> {
        (self.fields, self.rows) = (Vec::new(), 0);
        self.by_name.clear();
        let added = self.add(text);
        added.map_err(|problem| wrong(self.file, problem.line() as u64, &problem))?;
        Ok(self)
    }

    /// Refuses rows that have hardly a field in common: their table would be nearly empty.
    fn check_fields(&self) -> Result<()> {
        let (rows, fields) = (self.rows as usize, self.fields.len());
        let cells: usize = self.fields.iter().map(|f| f.cells.len()).sum();
        if rows * fields > MOST_EMPTY.max(MOST_EMPTY_SHARE * cells) {
            let problem = format!("{rows} rows have {fields} different fields");
            return Err(Error::input(
                self.file,
                problem,
                "give all rows the same fields",
            ));
        }
        Ok(())
    }

    /// Adds the rows of a value.
    fn add(&mut self, text: &str) -> serde_json::Result<()> {
        let mut json = serde_json::Deserializer::from_str(text);
        Rows(self).deserialize(&mut json)?;
        json.end()
    }

    /// Whether each line is a row.
    fn has_lines(&self) -> bool {
        let lines = self.lines.as_deref().unwrap_or_default();
        lines.windows(2).all(|w| w[0] < w[1]) && !lines.is_empty()
    }

    /// The kind of a table that is not one object or list of numbers a row, most of which pandas writes.
    fn other_kind(&self) -> Option<&'static str> {
        let holds = |field: &Field, what: &str| matches!(field.cells.first(), Some((_, Cell::Other(w))) if *w == what);
        let count = |is: &dyn Fn(&Field) -> bool| self.fields.iter().filter(|f| is(f)).count();
        if let [field] = self.fields.as_slice()
            && field.name == ARRAY
            && holds(field, WITH_TEXT)
        {
            return Some("json-values");
        }
        if self.rows != 1 {
            return None;
        }
        let all = self.fields.len();
        let is_split = |name: &str| self.by_name.contains_key(name);
        let is_list = |f: &Field| f.width.is_some_and(|width| width > 1) || holds(f, WITH_TEXT);
        let is_list = |f: &Field| is_list(f) && f.name != ARRAY;
        let is_counted = (0..all).all(|row| self.by_name.contains_key(&row.to_string()));
        if all == 3 && ["columns", "index", "data"].into_iter().all(is_split) {
            Some("json-split")
        } else if count(&|f| holds(f, OBJECT)) == all {
            Some(if is_counted {
                "json-index"
            } else {
                "json-columns"
            })
        } else if count(&|f| holds(f, OBJECTS)) == 1 {
            Some("json-wrapped")
        } else if all > 1 && count(&is_list) > 1 {
            Some("json-lists")
        } else {
            (all > 1 && is_counted).then_some("json-series")
        }
    }

    fn field(&mut self, name: &str) -> &mut Field {
        let next = self.fields.len();
        let known = self.by_name.get(name).copied();
        let place = known.unwrap_or(next);
        if known.is_none() {
            self.by_name.insert(name.to_owned(), next);
            self.fields.push(Field {
                name: name.to_owned(),
                ..Field::default()
            });
        }
        &mut self.fields[place]
    }

    fn column(&self, field: &Field) -> Column {
        let rows = self.rows as usize;
        let (kind, word) = field.kind();
        let mut column = Column {
            name: field.name.clone(),
            kind,
            shape: vec![rows],
            description: format!("{word} × {rows}"),
            refusal: None,
        };
        if let Some(width) = field.width {
            column.shape.push(width);
            column.description = format!("{word} {rows} × {width}");
        }
        column.refusal = self.refusal(field);
        if column.refusal.is_some() {
            column.kind = ColumnKind::Other;
        }
        column
    }

    /// Why a field cannot be used, if so.
    fn refusal(&self, field: &Field) -> Option<Refusal> {
        let row = |row: u32| match self.line(row as usize) {
            Some(line) => format!("line {line}"),
            None => format!("row {row}"),
        };
        let is_other = |cell: &Cell| match (cell, field.width) {
            (Cell::Other(_), _) => true,
            (Cell::Missing | Cell::List, _) => false,
            (_, width) => width.is_some(),
        };
        let other = field.cells.iter().find(|(_, cell)| is_other(cell));
        let problem = match (other, field.uneven, field.width) {
            (Some((at, Cell::Other(what))), _, _) => format!("{} holds {what}", row(*at)),
            (Some((at, _)), _, _) => format!("{} holds no list of numbers", row(*at)),
            (None, Some((at, found)), Some(width)) => {
                format!("{} holds {found} numbers, the first list {width}", row(at))
            }
            _ => return None,
        };
        Some(Refusal {
            problem,
            remedy: "give every row one value, or a list of equally many numbers".into(),
        })
    }
}

fn wrong(file: &str, line: u64, problem: &serde_json::Error) -> Error {
    let problem = printable(&problem.to_string());
    // serde_json counts lines within the text that it was given.
    let problem = problem.split(" at line ").next().unwrap_or_default();
    Error::input(
        file,
        format!("line {line} is not JSON ({problem})"),
        SAVE_AGAIN,
    )
}

impl Field {
    fn add(&mut self, row: u32, cell: Cell, list: &[f64]) {
        if cell == Cell::List {
            let width = *self.width.get_or_insert(list.len());
            if list.len() == width {
                self.numbers.extend_from_slice(list);
            } else {
                self.uneven = self.uneven.or(Some((row, list.len())));
            }
        }
        self.cells.push((row, cell));
    }

    fn kind(&self) -> (ColumnKind, &'static str) {
        let has = |is: fn(&Cell) -> bool| self.cells.iter().any(|(_, cell)| is(cell));
        if has(|c| matches!(c, Cell::Text(_))) {
            return (ColumnKind::Text, "text");
        }
        if has(|c| matches!(c, Cell::Truth(_)))
            && !has(|c| matches!(c, Cell::Integer(_) | Cell::Float(_)))
        {
            return (ColumnKind::Number, "booleans");
        }
        (ColumnKind::Number, "numbers")
    }

    /// The cells of all rows, missing ones included.
    fn all(&self, rows: u32) -> Vec<&Cell> {
        let mut all = vec![&Cell::Missing; rows as usize];
        for (row, cell) in &self.cells {
            all[*row as usize] = cell;
        }
        all
    }

    /// Writes the numbers of each row to its place in a matrix.
    fn fill(&self, values: &mut [f64], width: usize, at: usize) {
        let mut lists = self.numbers.chunks_exact(self.width.unwrap_or(1).max(1));
        for (row, cell) in &self.cells {
            let place = *row as usize * width + at;
            match cell {
                Cell::List => {
                    if let Some(list) = lists.next() {
                        values[place..place + list.len()].copy_from_slice(list);
                    }
                }
                scalar => values[place] = scalar.number(),
            }
        }
    }
}

impl Reader for Table<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let widths: Vec<usize> = (columns.iter())
            .map(|&c| self.fields[c].width.unwrap_or(1))
            .collect();
        let (rows, width) = (self.rows as usize, widths.iter().sum());
        if let [only] = columns
            && self.fields[*only]
                .cells
                .iter()
                .all(|(_, cell)| *cell == Cell::List)
            && self.fields[*only].cells.len() == rows
        {
            let values = self.fields[*only].numbers.clone();
            return Ok(Matrix::Double(shaped(values, (rows, width), self.file)?));
        }
        let mut values = vec![f64::NAN; rows * width];
        let mut at = 0;
        for (&column, own) in columns.iter().zip(widths) {
            self.fields[column].fill(&mut values, width, at);
            at += own;
        }
        Ok(Matrix::Double(shaped(values, (rows, width), self.file)?))
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        let field = &self.fields[column];
        if field.width.is_some() {
            return Ok(Values::Matrix(self.matrix(&[column])?));
        }
        let cells = field.all(self.rows);
        let integer = |cell: &&Cell| match cell {
            Cell::Integer(v) => Some((*v).into()),
            Cell::Missing => Some(MISSING),
            Cell::Float(v) if v.fract() == 0.0 && v.abs() < 1e15 => Some(*v as i128),
            _ => None,
        };
        let truth = |cell: &&Cell| match cell {
            Cell::Truth(v) => Some(*v),
            _ => None,
        };
        if let Some(truths) = cells.iter().map(truth).collect() {
            return Ok(Values::Truths(truths));
        }
        if let Some(integers) = cells.iter().map(integer).collect() {
            return Ok(Values::Integers(integers));
        }
        match field.kind() {
            (ColumnKind::Number, "numbers") => Ok(Values::Matrix(self.matrix(&[column])?)),
            _ => Ok(Values::Text(
                cells.iter().map(ToString::to_string).collect(),
            )),
        }
    }

    fn text(&mut self, column: usize) -> Result<Vec<String>> {
        let field = &self.fields[column];
        Ok(field
            .all(self.rows)
            .iter()
            .map(ToString::to_string)
            .collect())
    }

    fn line(&self, row: usize) -> Option<u64> {
        self.lines.as_ref()?.get(row).copied()
    }
}
