//! The values of a page, from the encodings of Parquet's description.

use half::f16;
use parquet::basic::{Encoding, Type};
use parquet::schema::types::ColumnDescriptor;

use super::kind::Kind;
use super::packed::{Bytes, Outcome, differences, runs};
use crate::dataset::formats::columnar::{date, timestamp};
use crate::dataset::formats::typed::Cell;

/// The day of 1970-01-01 as astronomers count.
const JULIAN_1970: i64 = 2_440_588;
const NANOSECONDS: i64 = 1_000_000_000;
const TOO_SHORT: &str = "a page has fewer values than it says";

/// Decodes the values of one column in one group of rows.
pub(super) struct Decoder<C> {
    physical: Type,
    /// Bytes of a value of fixed length.
    length: usize,
    kind: Kind,
    dictionary: Option<Vec<C>>,
}

impl<C: Cell> Decoder<C> {
    pub(super) fn new(column: &ColumnDescriptor, kind: Kind) -> Self {
        Self {
            physical: column.physical_type(),
            length: usize::try_from(column.type_length()).unwrap_or(0),
            kind,
            dictionary: None,
        }
    }

    /// Reads the values that later pages refer to.
    pub(super) fn add_dictionary(&mut self, bytes: &[u8], count: usize) -> Outcome<()> {
        let mut values = Vec::new();
        self.plain(bytes, count, &mut values)?;
        self.dictionary = Some(values);
        Ok(())
    }

    /// Appends so many values.
    pub(super) fn append(
        &self,
        encoding: Encoding,
        bytes: &[u8],
        count: usize,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        match encoding {
            _ if count == 0 => Ok(()),
            Encoding::PLAIN => self.plain(bytes, count, cells),
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => {
                self.of_dictionary(bytes, count, cells)
            }
            Encoding::RLE if self.physical == Type::BOOLEAN => {
                let mut bytes = Bytes(bytes);
                let size = bytes.size()?;
                let push = |value, times| {
                    cells.extend(std::iter::repeat_n(C::truth(value == 1), times));
                };
                runs(bytes.take(size)?, 1, count, push)
            }
            Encoding::DELTA_BINARY_PACKED => {
                let numbers = differences(bytes, count)?.0;
                self.integers(&numbers, count, cells)
            }
            Encoding::DELTA_LENGTH_BYTE_ARRAY => {
                let (lengths, rest) = differences(bytes, count)?;
                self.texts(&[], &lengths, rest, count, cells)
            }
            Encoding::DELTA_BYTE_ARRAY => {
                let (shared, rest) = differences(bytes, count)?;
                let (lengths, rest) = differences(rest, count)?;
                self.texts(&shared, &lengths, rest, count, cells)
            }
            Encoding::BYTE_STREAM_SPLIT => self.streams(bytes, count, cells),
            other => Err(format!(
                "a page in the encoding {other}, which is not supported"
            )),
        }
    }

    /// Values one after the other.
    fn plain(&self, bytes: &[u8], count: usize, cells: &mut Vec<C>) -> Outcome<()> {
        let kind = self.kind;
        match self.physical {
            Type::BOOLEAN => {
                let bytes = bytes.get(..count.div_ceil(8)).ok_or(TOO_SHORT)?;
                let bit = |i: usize| C::truth(bytes[i / 8] >> (i % 8) & 1 == 1);
                cells.extend((0..count).map(bit));
                Ok(())
            }
            Type::INT32 => fixed(bytes, count, cells, |&b| {
                integer(kind, i32::from_le_bytes(b).into())
            }),
            Type::INT64 => fixed(bytes, count, cells, |&b| {
                integer(kind, i64::from_le_bytes(b))
            }),
            Type::INT96 => fixed(bytes, count, cells, old_timestamp),
            Type::FLOAT => fixed(bytes, count, cells, |&b| {
                C::float(f32::from_le_bytes(b).into())
            }),
            Type::DOUBLE => fixed(bytes, count, cells, |&b| C::float(f64::from_le_bytes(b))),
            Type::BYTE_ARRAY => {
                let mut bytes = Bytes(bytes);
                for _ in 0..count {
                    let length = bytes.size()?;
                    cells.push(self.of_bytes(bytes.take(length)?));
                }
                Ok(())
            }
            Type::FIXED_LEN_BYTE_ARRAY => {
                let values = bytes.chunks_exact(self.length.max(1)).take(count);
                if values.len() < count {
                    return Err(TOO_SHORT.into());
                }
                cells.extend(values.map(|value| self.of_bytes(value)));
                Ok(())
            }
        }
    }

    fn of_dictionary(&self, bytes: &[u8], count: usize, cells: &mut Vec<C>) -> Outcome<()> {
        let dictionary = self
            .dictionary
            .as_ref()
            .ok_or("a page whose dictionary is missing")?;
        let mut bytes = Bytes(bytes);
        let width = usize::from(bytes.take(1)?[0]);
        let mut is_outside = false;
        runs(bytes.0, width, count, |index, times| {
            match dictionary.get(index as usize) {
                Some(value) if times == 1 => cells.push(value.clone()),
                Some(value) => cells.extend(std::iter::repeat_n(value.clone(), times)),
                None => is_outside = true,
            }
        })?;
        if is_outside {
            return Err("a page refers to a value that its dictionary lacks".into());
        }
        Ok(())
    }

    fn integers(&self, numbers: &[i64], count: usize, cells: &mut Vec<C>) -> Outcome<()> {
        if numbers.len() < count {
            return Err(TOO_SHORT.into());
        }
        let kind = self.kind;
        match self.physical {
            Type::INT32 => cells.extend(numbers.iter().map(|&n| integer(kind, (n as i32).into()))),
            Type::INT64 => cells.extend(numbers.iter().map(|&n| integer(kind, n))),
            _ => {
                return Err(
                    "a page stores differences, but the column holds no whole numbers".into(),
                );
            }
        }
        Ok(())
    }

    /// Values of these lengths, each of which begins like the last one.
    fn texts(
        &self,
        shared: &[i64],
        lengths: &[i64],
        bytes: &[u8],
        count: usize,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let is_text = matches!(self.physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        if !is_text || lengths.len() < count || !shared.is_empty() && shared.len() < count {
            return Err(TOO_SHORT.into());
        }
        let mut bytes = Bytes(bytes);
        let mut value = Vec::new();
        for (i, &length) in lengths.iter().enumerate() {
            let shared = shared.get(i).map_or(Ok(0), |&n| usize::try_from(n));
            let (Ok(shared), Ok(length)) = (shared, usize::try_from(length)) else {
                return Err("a page has a negative length".into());
            };
            if shared > value.len() {
                return Err(TOO_SHORT.into());
            }
            value.truncate(shared);
            value.extend_from_slice(bytes.take(length)?);
            cells.push(self.of_bytes(&value));
        }
        Ok(())
    }

    /// The first bytes of all values, then the second ones, and so on.
    fn streams(&self, bytes: &[u8], count: usize, cells: &mut Vec<C>) -> Outcome<()> {
        let length = match self.physical {
            Type::INT32 | Type::FLOAT => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::FIXED_LEN_BYTE_ARRAY => self.length,
            _ => return Err("a page of byte streams for a type without a fixed length".into()),
        };
        let stored = bytes.len() / length.max(1);
        if stored < count {
            return Err(TOO_SHORT.into());
        }
        let values = (0..count).flat_map(|i| (0..length).map(move |byte| bytes[byte * stored + i]));
        let values: Vec<u8> = values.collect();
        self.plain(&values, count, cells)
    }

    fn of_bytes(&self, value: &[u8]) -> C {
        match (self.kind, value) {
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
}

/// Appends values of so many bytes each.
fn fixed<const N: usize, C>(
    bytes: &[u8],
    count: usize,
    cells: &mut Vec<C>,
    convert: impl Fn(&[u8; N]) -> C,
) -> Outcome<()> {
    let values = bytes.as_chunks::<N>().0.get(..count).ok_or(TOO_SHORT)?;
    cells.extend(values.iter().map(convert));
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

fn old_timestamp<C: Cell>(value: &[u8; 12]) -> C {
    let [nanoseconds @ .., a, b, c, d] = *value;
    let nanoseconds = i64::from_le_bytes(nanoseconds);
    let days = i64::from(u32::from_le_bytes([a, b, c, d])) - JULIAN_1970;
    match days.checked_mul(86_400 * NANOSECONDS) {
        Some(start) => C::text(&timestamp(start.saturating_add(nanoseconds), NANOSECONDS)),
        None => C::text(&date(days)),
    }
}
