//! Apache Arrow: tables as files and as streams, which Feather version 2 is, too.
//!
//! In: bytes. Out: typed columns. A file is a stream of messages between two marks, so both are read
//! as streams: the schema, dictionaries, then batches of rows. A message is described by a
//! FlatBuffer (`flatbuffer.rs`, `schema.rs`); buffers are decoded when a column is wanted
//! (`batch.rs`).

use super::columnar::reserve;
use super::typed::{Cell, CellType, Source, Typed, TypedColumn, damaged};
use super::{Contents, Format, Layout};
use crate::dataset::raw::RawFile;
use crate::error::{Result, printable};
use batch::{Batch, Outcome};
use flatbuffer::Table;
use schema::Field;

mod batch;
mod flatbuffer;
mod schema;

const MAGIC: &[u8] = b"ARROW1";
/// Where the messages of a file begin.
const START: usize = 8;
/// What a message begins with, except in old files.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The types of messages.
const SCHEMA: u8 = 1;
const DICTIONARY: u8 = 2;
const ROWS: u8 = 3;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| file.head().starts_with(MAGIC) || is_stream(file),
    open,
};

/// Whether bytes begin with a message that holds a schema.
fn is_stream(file: &RawFile) -> bool {
    file.head().starts_with(&CONTINUATION)
        && file.bytes().is_ok_and(
            |bytes| matches!(message(bytes, 0), Ok(Some(message)) if message.kind == SCHEMA),
        )
}

/// A message of a stream.
struct Message<'a> {
    kind: u8,
    header: Table<'a>,
    body: &'a [u8],
    /// Where the next one begins.
    end: usize,
}

/// The message at this place; none at the end.
fn message(bytes: &[u8], at: usize) -> Outcome<Option<Message<'_>>> {
    let int = |at: usize| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
    let (length, start) = match int(at) {
        None => return Ok(None),
        Some(CONTINUATION) => (int(at + 4), at + 8),
        old => (old, at + 4),
    };
    let length = length.map_or(0, u32::from_le_bytes) as usize;
    if length == 0 {
        return Ok(None);
    }
    let cut_off = || "a message is truncated";
    let described = bytes.get(start..start + length).ok_or_else(cut_off)?;
    let table = Table::root(described).ok_or("a message is empty")?;
    let size = usize::try_from(table.long(3).unwrap_or(0)).map_err(|_| cut_off())?;
    let rest = &bytes[start + length..];
    Ok(Some(Message {
        kind: table.byte(1).unwrap_or(0),
        header: table.table(2).ok_or("a message is empty")?,
        body: rest.get(..size).ok_or_else(cut_off)?,
        end: start + length + size,
    }))
}

/// The values of a dictionary, or further ones.
struct Dictionary<'a> {
    number: i64,
    continues: bool,
    /// How many batches of rows come before it.
    after: usize,
    values: Batch<'a>,
}

/// A file whose messages were found.
struct Arrow<'a> {
    file: &'a str,
    bytes: usize,
    fields: Vec<Field>,
    batches: Vec<Batch<'a>>,
    dictionaries: Vec<Dictionary<'a>>,
    /// Values in each row of each column.
    widths: Vec<usize>,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let damage = |problem: String| damaged(&file.name, printable(&problem));
    let (mut arrow, index) = messages(file).map_err(damage)?;
    let rows = arrow.batches.iter().map(|b| b.rows);
    let rows = rows.fold(0, usize::saturating_add);
    let mut columns = Vec::new();
    for column in 0..arrow.fields.len() {
        columns.push(arrow.look_at(column, rows).map_err(damage)?);
    }
    let row_names = index.and_then(|index| columns.iter().position(|c| c.name == index));
    let mut contents = Contents::new(
        &file.name,
        if file.head().starts_with(MAGIC) {
            "Arrow"
        } else {
            "Arrow (stream)"
        },
        Layout::Table,
        columns.iter().map(TypedColumn::column).collect(),
        Typed {
            file: &file.name,
            columns,
            source: arrow,
        },
    );
    contents.row_names = row_names;
    Ok(contents)
}

/// Reads all messages; also the name of the index that pandas saved.
fn messages(file: &RawFile) -> Outcome<(Arrow<'_>, Option<String>)> {
    let bytes = file.bytes().map_err(|e| e.to_string())?;
    let mut at = if bytes.starts_with(MAGIC) { START } else { 0 };
    let first = message(bytes, at)?.filter(|m| m.kind == SCHEMA);
    let first = first.ok_or("there is no schema")?;
    let (fields, index) = Field::columns(first.header)?;
    let mut arrow = Arrow {
        file: &file.name,
        bytes: bytes.len(),
        fields,
        batches: Vec::new(),
        dictionaries: Vec::new(),
        widths: Vec::new(),
    };
    at = first.end;
    while let Some(message) = message(bytes, at)? {
        match message.kind {
            ROWS => arrow
                .batches
                .push(Batch::new(message.header, message.body)?),
            DICTIONARY => {
                let values = message.header.table(1).ok_or("a dictionary is empty")?;
                arrow.dictionaries.push(Dictionary {
                    number: message.header.long(0).unwrap_or(0),
                    continues: message.header.byte(2) == Some(1),
                    after: arrow.batches.len(),
                    values: Batch::new(values, message.body)?,
                });
            }
            kind => return Err(format!("a message of type {kind}")),
        }
        at = message.end;
    }
    Ok((arrow, index))
}

impl Arrow<'_> {
    /// Describes a column, and remembers how long its lists are.
    fn look_at(&mut self, column: usize, rows: usize) -> Outcome<TypedColumn> {
        let field = &self.fields[column];
        let name = field.name.clone();
        let storage = field.values().map(|values| values.storage);
        let (storage, problem) = match (storage, field.problem()) {
            (Some(storage), None) => (storage, None),
            (_, problem) => (
                field.storage,
                problem.or_else(|| Some("it has no values".into())),
            ),
        };
        self.widths.push(1);
        if let Some(problem) = problem {
            return Ok(TypedColumn::refused(name, rows, problem));
        }
        let mut shape = vec![rows];
        if field.storage.cells() == CellType::Other {
            let mut width = 0;
            for batch in &self.batches {
                let length = batch.column(&self.fields, column)?.list_length(field)?;
                if let Some(length) = length {
                    width = length;
                    break;
                }
            }
            self.widths[column] = width;
            // Lists without values take no bytes, so that a small file may declare any number of them.
            if width == 0 && rows > 0 {
                return Ok(TypedColumn::refused(
                    name,
                    rows,
                    "its lists are empty".into(),
                ));
            }
            shape.push(width);
        }
        Ok(TypedColumn {
            name,
            cells: storage.cells(),
            is_wide: storage.is_wide(),
            type_name: storage.name(),
            shape,
            refusal: None,
        })
    }

    /// Appends a column's cells in one batch, as the dictionary that holds then has them.
    fn of_dictionary<C: Cell>(
        &self,
        batch: usize,
        column: usize,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let field = &self.fields[column];
        let Some((number, indices)) = field.dictionary else {
            return Ok(());
        };
        let known = self
            .dictionaries
            .iter()
            .filter(|d| d.number == number && d.after <= batch);
        let known: Vec<_> = known.collect();
        let first = known.iter().rposition(|d| !d.continues).unwrap_or(0);
        let mut values: Vec<C> = Vec::new();
        for dictionary in &known[first..] {
            let mut parts = dictionary.values.column(&[], 0)?;
            parts.values(field.storage, &mut values)?;
        }
        let mut parts = self.batches[batch].column(&self.fields, column)?;
        for index in parts.indices(indices)? {
            let value = index.map(|i| values.get(i).cloned());
            let value = value.unwrap_or_else(|| Some(C::missing()));
            cells.push(value.ok_or("a value that its dictionary lacks")?);
        }
        Ok(())
    }
}

impl Source for Arrow<'_> {
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let field = &self.fields[column];
        let width = self.widths[column];
        let rows = self.batches.iter().map(|b| b.rows);
        let rows = rows.fold(0, usize::saturating_add);
        let mut cells = reserve(rows.saturating_mul(width), self.bytes);
        for (number, batch) in self.batches.iter().enumerate() {
            let outcome = if field.dictionary.is_some() {
                self.of_dictionary(number, column, &mut cells)
            } else {
                let parts = batch.column(&self.fields, column);
                parts.and_then(|mut parts| parts.cells(field, width, &mut cells))
            };
            outcome.map_err(|problem| damaged(self.file, printable(&problem)))?;
        }
        Ok(cells)
    }
}
