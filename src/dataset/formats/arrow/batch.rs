//! The columns of a batch of rows, decoded from its buffers.

use std::borrow::Cow;

use half::f16;

use super::flatbuffer::Table;
use super::schema::{Field, Storage};
use crate::dataset::formats::columnar::{date, timestamp};
use crate::dataset::formats::typed::Cell;
use crate::dataset::formats::unpack::{Packing, unpack};

/// Bytes that a buffer may have beyond its values.
const PADDING: usize = 64;

/// How much text that lies apart may grow when it is unpacked.
const MOST_GROWTH: usize = 1024;

/// What is wrong with a batch, for a message.
pub(super) type Outcome<T> = Result<T, String>;

/// A batch of rows, or the values of a dictionary.
#[derive(Clone)]
pub(super) struct Batch<'a> {
    pub(super) rows: usize,
    /// Number of values of each column and part, in the schema's order.
    nodes: Vec<i64>,
    /// Place and length of each buffer.
    buffers: Vec<(i64, i64)>,
    /// Buffers of long texts, for each column that has them.
    apart: Vec<i64>,
    packing: Option<Packing>,
    body: &'a [u8],
}

impl<'a> Batch<'a> {
    pub(super) fn new(record: Table<'_>, body: &'a [u8]) -> Outcome<Self> {
        let packing = match record.table(3).map(|c| c.byte(0).unwrap_or(0)) {
            None => None,
            Some(0) => Some(Packing::Lz4Frames),
            Some(1) => Some(Packing::Zstd),
            Some(_) => return Err("its compression is unknown".into()),
        };
        let nodes = record.pairs(1).into_iter().flatten();
        Ok(Self {
            rows: size(record.long(0).unwrap_or(0))?,
            nodes: nodes.map(|(values, _)| values).collect(),
            buffers: record.pairs(2).into_iter().flatten().collect(),
            apart: record.longs(4).into_iter().flatten().collect(),
            packing,
            body,
        })
    }

    /// The parts of a column, the one at this place in the schema.
    pub(super) fn column(&self, fields: &[Field], column: usize) -> Outcome<Parts<'_, 'a>> {
        let mut parts = Parts {
            batch: self,
            node: 0,
            buffer: 0,
            apart: 0,
        };
        for field in &fields[..column] {
            parts.skip(field)?;
        }
        Ok(parts)
    }
}

fn size(value: i64) -> Outcome<usize> {
    usize::try_from(value).map_err(|_| format!("a size of {value}"))
}

/// Walks over the parts of a batch's columns.
pub(super) struct Parts<'b, 'a> {
    batch: &'b Batch<'a>,
    node: usize,
    buffer: usize,
    apart: usize,
}

impl<'a> Parts<'_, 'a> {
    fn skip(&mut self, field: &Field) -> Outcome<()> {
        self.node += 1;
        let storage = field
            .dictionary
            .map_or(field.storage, |(_, indices)| indices);
        self.buffer += match storage {
            Storage::Text | Storage::LongText => 3,
            Storage::TextView => 2 + self.count_apart()?,
            Storage::FixedList(_) => 1,
            Storage::Other(_, buffers) => buffers,
            _ => 2,
        };
        if field.dictionary.is_none() {
            field.parts.iter().try_for_each(|part| self.skip(part))?;
        }
        Ok(())
    }

    /// Buffers of long texts of the next such column.
    fn count_apart(&mut self) -> Outcome<usize> {
        let count = self.batch.apart.get(self.apart).copied();
        self.apart += 1;
        size(count.unwrap_or(0))
    }

    fn length(&mut self) -> Outcome<usize> {
        let length = self.batch.nodes.get(self.node).copied();
        self.node += 1;
        size(length.ok_or("a column without values")?)
    }

    /// The next buffer, unpacked: at most so many bytes and padding.
    fn bytes(&mut self, most: usize) -> Outcome<Cow<'a, [u8]>> {
        let &(at, length) =
            (self.batch.buffers.get(self.buffer)).ok_or("a column without values")?;
        self.buffer += 1;
        let (at, length) = (size(at)?, size(length)?);
        let end = at.checked_add(length);
        let bytes = end.and_then(|end| self.batch.body.get(at..end));
        let bytes = bytes.ok_or("a buffer outside the file")?;
        let Some((packing, (declared, block))) = self.batch.packing.zip(bytes.split_first_chunk())
        else {
            return Ok(Cow::Borrowed(bytes));
        };
        match i64::from_le_bytes(*declared) {
            -1 => Ok(Cow::Borrowed(block)),
            declared => {
                let limit = size(declared)?;
                if limit > most.saturating_add(PADDING) {
                    return Err(format!("a buffer of {limit} bytes for {most}"));
                }
                unpack(packing, block, limit).map(Cow::Owned)
            }
        }
    }

    /// Which of so many values are there.
    fn validity(&mut self, length: usize) -> Outcome<Validity<'a>> {
        let bits = self.bytes(length.div_ceil(8))?;
        if !bits.is_empty() && bits.len() < length.div_ceil(8) {
            return Err("too few bits of validity".into());
        }
        Ok(Validity(bits))
    }

    /// So many offsets, ascending, as places among the values that follow.
    fn offsets(&mut self, count: usize, are_long: bool) -> Outcome<Vec<usize>> {
        let width = if are_long { 8 } else { 4 };
        let bytes = self.bytes(count.saturating_mul(width))?;
        let bytes = first_of(&bytes, count, width)?;
        let offset = |bytes: &[u8]| number(bytes, false) as usize;
        let offsets: Vec<usize> = bytes.chunks_exact(width).map(offset).collect();
        if offsets.is_sorted() {
            Ok(offsets)
        } else {
            Err("offsets that do not ascend".into())
        }
    }

    /// The length of the first list that is not empty.
    pub(super) fn list_length(&mut self, field: &Field) -> Outcome<Option<usize>> {
        if let Storage::FixedList(length) = field.storage {
            return Ok(Some(length));
        }
        let lists = self.length()?;
        self.buffer += 1;
        let offsets = self.offsets(lists + 1, field.storage == Storage::LongList)?;
        let lengths = offsets.windows(2).map(|pair| pair[1] - pair[0]);
        Ok(lengths.into_iter().find(|&length| length > 0))
    }

    /// Appends the cells of a column whose rows have so many each.
    pub(super) fn cells<C: Cell>(
        &mut self,
        field: &Field,
        width: usize,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let list = match field.storage {
            Storage::FixedList(0) => return Err("lists without values".into()),
            Storage::List | Storage::LongList | Storage::FixedList(_) => self.length()?,
            _ => return self.values(field.storage, cells),
        };
        let values = field.values().ok_or("lists without values")?;
        let validity = self.validity(list)?;
        let mut offsets = match field.storage {
            Storage::FixedList(_) => Vec::new(),
            storage => self.offsets(list + 1, storage == Storage::LongList)?,
        };
        let mut all = Vec::new();
        self.values(values.storage, &mut all)?;
        if let Storage::FixedList(length) = field.storage {
            // Any number of lists may be declared: those without values must not take memory.
            let needed = list.checked_mul(length);
            if needed.is_none_or(|needed| needed > all.len()) {
                return Err("a list without values".into());
            }
            offsets.extend((0..=list).map(|i| i * length));
        }
        for (row, ends) in offsets.windows(2).enumerate() {
            let list = all.get(ends[0]..ends[1]).ok_or("a list without values")?;
            if !validity.has(row) || list.is_empty() {
                cells.extend(std::iter::repeat_n(C::missing(), width));
            } else if list.len() == width {
                cells.extend_from_slice(list);
            } else {
                let length = list.len();
                return Err(format!(
                    "lists of {width} and of {length} values in one column"
                ));
            }
        }
        Ok(())
    }

    /// The indices of a column in its dictionary; `None` for an empty cell.
    pub(super) fn indices(&mut self, storage: Storage) -> Outcome<Vec<Option<usize>>> {
        let mut indices: Vec<i128> = Vec::new();
        self.values(storage, &mut indices)?;
        Ok(indices.into_iter().map(|i| i.try_into().ok()).collect())
    }

    /// Appends one value a row.
    pub(super) fn values<C: Cell>(&mut self, storage: Storage, cells: &mut Vec<C>) -> Outcome<()> {
        let length = self.length()?;
        let validity = self.validity(length)?;
        let value: fn(&[u8]) -> C = match storage {
            Storage::Truth => {
                let bits = self.bytes(length.div_ceil(8))?;
                let bits = Validity(Cow::Borrowed(first_of(&bits, length.div_ceil(8), 1)?));
                validity.extend(cells, (0..length).map(|i| C::truth(bits.has(i))));
                return Ok(());
            }
            Storage::Text | Storage::LongText => {
                let offsets = self.offsets(length + 1, storage == Storage::LongText)?;
                let bytes = self.bytes(offsets.last().copied().unwrap_or(0))?;
                if bytes.len() < offsets.last().copied().unwrap_or(0) {
                    return Err("text that is truncated".into());
                }
                let text = |ends: &[usize]| text(&bytes[ends[0]..ends[1]]);
                validity.extend(cells, offsets.windows(2).map(text));
                return Ok(());
            }
            Storage::TextView => return self.views(length, &validity, cells),
            Storage::Signed(_) => |v: &[u8]| C::integer(number(v, true)),
            Storage::Unsigned(_) => |v: &[u8]| C::unsigned(number(v, false) as u64),
            Storage::Float(16) => {
                |v: &[u8]| C::float(f16::from_bits(number(v, false) as u16).into())
            }
            Storage::Float(32) => {
                |v: &[u8]| C::float(f32::from_bits(number(v, false) as u32).into())
            }
            Storage::Float(_) => |v: &[u8]| C::float(f64::from_bits(number(v, false) as u64)),
            Storage::Date => |v: &[u8]| C::text(&date(number(v, true))),
            Storage::Decimal(..) | Storage::Timestamp(_) => |_: &[u8]| C::missing(),
            _ => return Err("values of another type".into()),
        };
        let width = storage.size().unwrap_or(1);
        let bytes = self.bytes(length.saturating_mul(width))?;
        let values = first_of(&bytes, length, width)?.chunks_exact(width);
        match storage {
            Storage::Timestamp(per_second) => {
                let text = |v| C::text(&timestamp(number(v, true), per_second));
                validity.extend(cells, values.map(text));
            }
            Storage::Decimal(_, scale) => {
                validity.extend(cells, values.map(|v| C::float(decimal(v, scale))));
            }
            _ => validity.extend(cells, values.map(value)),
        }
        Ok(())
    }

    /// Appends texts of which each is a view: its length, then itself or where it is.
    fn views<C: Cell>(
        &mut self,
        length: usize,
        validity: &Validity<'_>,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let views = self.bytes(length.saturating_mul(16))?;
        let views = first_of(&views, length, 16)?;
        let most = self.batch.body.len().saturating_mul(MOST_GROWTH);
        let apart: Outcome<Vec<_>> = (0..self.count_apart()?).map(|_| self.bytes(most)).collect();
        let apart = apart?;
        for (row, view) in views.chunks_exact(16).enumerate() {
            let part = |at: usize| number(&view[at..at + 4], false) as usize;
            let length = part(0);
            let bytes = if length <= 12 {
                view.get(4..4 + length)
            } else {
                let buffer = apart.get(part(8));
                buffer.and_then(|b| b.get(part(12)..part(12).checked_add(length)?))
            };
            cells.push(match bytes {
                _ if !validity.has(row) => C::missing(),
                Some(bytes) => text(bytes),
                None => return Err("text outside its buffer".into()),
            });
        }
        Ok(())
    }
}

/// A bit for each value: whether it is there. Without bits, all are.
struct Validity<'a>(Cow<'a, [u8]>);

impl Validity<'_> {
    fn has(&self, row: usize) -> bool {
        let byte = self.0.get(row / 8);
        byte.is_none_or(|byte| byte >> (row % 8) & 1 == 1)
    }

    /// Appends values, or missing ones in their place.
    fn extend<C: Cell>(&self, cells: &mut Vec<C>, values: impl Iterator<Item = C>) {
        if self.0.is_empty() {
            cells.extend(values);
            return;
        }
        let value = |(row, value)| if self.has(row) { value } else { C::missing() };
        cells.extend(values.enumerate().map(value));
    }
}

/// The bytes of so many values of this size.
fn first_of(bytes: &[u8], count: usize, size: usize) -> Outcome<&[u8]> {
    let end = count.checked_mul(size);
    let values = end.and_then(|end| bytes.get(..end));
    values.ok_or_else(|| format!("{} bytes for {count} values", bytes.len()))
}

/// A little-endian whole number of up to eight bytes.
fn number(bytes: &[u8], is_signed: bool) -> i64 {
    let mut wide = [0; 8];
    let size = bytes.len().min(8);
    wide[..size].copy_from_slice(&bytes[..size]);
    let unused = 64 - 8 * size as u32;
    match (is_signed, i64::from_le_bytes(wide)) {
        (true, value) if size > 0 => value << unused >> unused,
        (_, value) => value,
    }
}

/// A little-endian decimal number of any size.
fn decimal(bytes: &[u8], scale: i32) -> f64 {
    let is_negative = bytes.last().is_some_and(|&b| b >= 128);
    let start = if is_negative { -1.0 } else { 0.0 };
    let bytes = bytes.iter().rev();
    bytes.fold(start, |n, &b| 256.0 * n + f64::from(b)) / 10_f64.powi(scale)
}

fn text<C: Cell>(bytes: &[u8]) -> C {
    C::text(&String::from_utf8_lossy(bytes))
}
