//! The values of a Parquet column, decoded some rows at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use half::f16;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{DataType, Int96};
use parquet::errors::{ParquetError, Result as Outcome};

use super::kind::Kind;
use super::pages::Pages;
use super::{Leaf, Parquet, packing};
use crate::dataset::formats::columnar::{date, reserve, timestamp};
use crate::dataset::formats::typed::{Cell, Source, damaged};
use crate::error::Result;

/// Values that are decoded at a time.
const BATCH: usize = 1 << 15;
/// Rows that decide how long the lists of a column are.
const FIRST_ROWS: usize = 64;
/// The day of 1970-01-01 as astronomers count.
const JULIAN_1970: i64 = 2_440_588;
const NANOSECONDS: i64 = 1_000_000_000;

impl Source for Parquet<'_> {
    fn decode<C: Cell>(&mut self, column: usize) -> Result<Vec<C>> {
        let mut leaf = self.leaves[column];
        let groups = self.metadata.row_groups();
        let rows: usize = groups.iter().map(|g| g.num_rows() as usize).sum();
        let mut cells = reserve(rows.saturating_mul(leaf.width), self.bytes.len());
        for group in 0..groups.len() {
            let reader = self.reader(group, column);
            reader
                .and_then(|reader| decode(reader, &mut leaf, usize::MAX, &mut cells))
                .map_err(|e| damaged(self.file, e))?;
        }
        Ok(cells)
    }
}

impl Parquet<'_> {
    /// Values in each row of a column of lists, by its first rows.
    pub(super) fn list_length(&self, column: usize) -> Result<usize> {
        let mut leaf = Leaf {
            width: 0,
            ..self.leaves[column]
        };
        if self.metadata.num_row_groups() > 0 {
            let reader = self.reader(0, column);
            reader
                .and_then(|r| decode::<f32>(r, &mut leaf, FIRST_ROWS, &mut Vec::new()))
                .map_err(|e| damaged(self.file, e))?;
        }
        Ok(leaf.width)
    }

    fn reader(&self, group: usize, column: usize) -> Outcome<ColumnReader> {
        let group = self.metadata.row_group(group);
        let chunk = group.column(column);
        let packing = packing(chunk).map_err(ParquetError::General)?;
        let rows = usize::try_from(group.num_rows())?;
        let pages = Pages::new(&self.bytes, chunk, packing, rows)?;
        Ok(get_column_reader(chunk.column_descr_ptr(), Box::new(pages)))
    }
}

/// Appends the values of at most so many rows.
///
/// The decoders of the `parquet` crate rely on some promises of a page that only decoding can check:
/// a damaged one may make them panic. What they had read is dropped then.
fn decode<C: Cell>(
    reader: ColumnReader,
    leaf: &mut Leaf,
    most: usize,
    cells: &mut Vec<C>,
) -> Outcome<()> {
    let outcome = catch_unwind(AssertUnwindSafe(|| append_all(reader, leaf, most, cells)));
    let panicked = |_| Err(ParquetError::General("a page contradicts itself".into()));
    outcome.unwrap_or_else(panicked)
}

fn append_all<C: Cell>(
    reader: ColumnReader,
    leaf: &mut Leaf,
    most: usize,
    cells: &mut Vec<C>,
) -> Outcome<()> {
    let kind = leaf.kind;
    match reader {
        ColumnReader::BoolColumnReader(r) => append(r, leaf, most, |&v| C::truth(v), cells),
        ColumnReader::Int32ColumnReader(r) => {
            append(r, leaf, most, |&v| integer(kind, v.into()), cells)
        }
        ColumnReader::Int64ColumnReader(r) => append(r, leaf, most, |&v| integer(kind, v), cells),
        ColumnReader::Int96ColumnReader(r) => append(r, leaf, most, old_timestamp, cells),
        ColumnReader::FloatColumnReader(r) => append(r, leaf, most, |&v| C::float(v.into()), cells),
        ColumnReader::DoubleColumnReader(r) => append(r, leaf, most, |&v| C::float(v), cells),
        ColumnReader::ByteArrayColumnReader(r) => {
            append(r, leaf, most, |v| bytes(kind, v.data()), cells)
        }
        ColumnReader::FixedLenByteArrayColumnReader(r) => {
            append(r, leaf, most, |v| bytes(kind, v.data()), cells)
        }
    }
}

fn append<T: DataType, C: Cell>(
    mut reader: ColumnReaderImpl<T>,
    leaf: &mut Leaf,
    most: usize,
    convert: impl Fn(&T::T) -> C,
    cells: &mut Vec<C>,
) -> Outcome<()> {
    let batch = (BATCH / leaf.width.max(1)).clamp(1, most);
    let (mut values, mut levels, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    while rows < most {
        values.clear();
        levels.clear();
        starts.clear();
        let (read, ..) =
            reader.read_records(batch, Some(&mut levels), Some(&mut starts), &mut values)?;
        if read == 0 {
            break;
        }
        rows += read;
        let mut values = values.iter().map(&convert);
        if leaf.list_level > 0 {
            lists(leaf, &levels, &starts, values, cells)?;
        } else if leaf.value_level > 0 {
            let value = |&level: &i16| {
                let present = level == leaf.value_level;
                present
                    .then(|| values.next())
                    .flatten()
                    .unwrap_or_else(C::missing)
            };
            cells.extend(levels.iter().map(value));
        } else {
            cells.extend(values);
        }
    }
    Ok(())
}

/// Appends one list for each start (0 among `starts`). A missing or empty list is as long as the
/// others, and all its values are missing.
fn lists<C: Cell>(
    leaf: &mut Leaf,
    levels: &[i16],
    starts: &[i16],
    mut values: impl Iterator<Item = C>,
    cells: &mut Vec<C>,
) -> Outcome<()> {
    let mut length = 0;
    for (i, &level) in levels.iter().enumerate() {
        if level >= leaf.list_level {
            let value = (level == leaf.value_level).then(|| values.next()).flatten();
            cells.push(value.unwrap_or_else(C::missing));
            length += 1;
        }
        let is_last = starts.get(i + 1).is_none_or(|&start| start == 0);
        if is_last {
            if leaf.width == 0 {
                leaf.width = length;
            }
            if length == 0 {
                cells.extend(std::iter::repeat_n(C::missing(), leaf.width));
            } else if length != leaf.width {
                let expected = leaf.width;
                let problem = format!("lists of {expected} and of {length} values in one column");
                return Err(ParquetError::General(problem));
            }
            length = 0;
        }
    }
    Ok(())
}

fn integer<C: Cell>(kind: Kind, value: i64) -> C {
    match kind {
        Kind::Decimal(scale) => C::float(value as f64 / 10_f64.powi(scale)),
        Kind::Date => C::text(&date(value)),
        Kind::Timestamp(per_second) => C::text(&timestamp(value, per_second)),
        Kind::Unsigned(64) => C::unsigned(value as u64),
        Kind::Unsigned(_) => C::unsigned((value as u32).into()),
        _ => C::integer(value),
    }
}

fn bytes<C: Cell>(kind: Kind, value: &[u8]) -> C {
    match (kind, value) {
        (Kind::Half, &[low, high]) => C::float(f16::from_le_bytes([low, high]).to_f64()),
        (Kind::Decimal(scale), _) => {
            // Big-endian, in two's complement.
            let sign = value.first().is_some_and(|&b| b >= 128);
            let start = if sign { -1.0 } else { 0.0 };
            let whole = value.iter().fold(start, |n, &b| 256.0 * n + f64::from(b));
            C::float(whole / 10_f64.powi(scale))
        }
        _ => C::text(&String::from_utf8_lossy(value)),
    }
}

fn old_timestamp<C: Cell>(value: &Int96) -> C {
    let &[low, high, day] = value.data() else {
        return C::missing();
    };
    let nanoseconds = (u64::from(high) << 32 | u64::from(low)) as i64;
    let days = i64::from(day) - JULIAN_1970;
    match days.checked_mul(86_400 * NANOSECONDS) {
        Some(start) => C::text(&timestamp(start.saturating_add(nanoseconds), NANOSECONDS)),
        None => C::text(&date(days)),
    }
}
