//! A field of an array of records, as AnnData before version 0.7 stored `obs` and `obsm`.

use hdf5_reader::error::{Error, Result};
use hdf5_reader::{CompoundField, Dataset, Datatype, H5Type, StringSize};

use super::number::Number;
use crate::dataset::formats::typed::Cell;

/// One field of all records.
pub(super) struct Field {
    records: Dataset,
    /// Bytes of a record, and where the field begins in it.
    size: usize,
    offset: usize,
    /// The type of its values, the bytes of one, and how many there are.
    pub(super) datatype: Datatype,
    bytes: usize,
    pub(super) count: usize,
}

impl Field {
    /// A field of records of `size` bytes, if its values are of a plain type.
    pub(super) fn of(records: &Dataset, size: usize, field: &CompoundField) -> Option<Self> {
        let (datatype, count) = match &field.datatype {
            Datatype::Array { base, dims } => {
                let count = dims.iter().try_fold(1, |all: u64, &n| all.checked_mul(n))?;
                ((**base).clone(), usize::try_from(count).ok()?)
            }
            plain => (plain.clone(), 1),
        };
        let bytes = match &datatype {
            Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => {
                usize::from(*size)
            }
            Datatype::Enum { .. } => 1,
            Datatype::String {
                size: StringSize::Fixed(size),
                ..
            } => *size as usize,
            _ => return None,
        };
        let offset = field.byte_offset as usize;
        let end = bytes.checked_mul(count)?.checked_add(offset)?;
        (bytes > 0 && count > 0 && end <= size).then(|| Self {
            records: records.clone(),
            size,
            offset,
            datatype,
            bytes,
            count,
        })
    }

    /// Its values in all records.
    pub(super) fn cells<C: Cell>(&self) -> Result<Vec<C>> {
        let bytes = self.records.read_raw_bytes()?;
        let own = self.offset..self.offset + self.bytes * self.count;
        let fields: Vec<u8> = bytes
            .chunks_exact(self.size)
            .flat_map(|record| &record[own.clone()])
            .copied()
            .collect();
        let number = |value: &[u8]| Number::from_bytes(value, &self.datatype);
        let values = fields.chunks_exact(self.bytes);
        match &self.datatype {
            Datatype::FixedPoint { signed: true, .. } => values
                .map(|v| Ok(C::integer(number(v)?.integer())))
                .collect(),
            Datatype::FixedPoint { .. } => values
                .map(|v| Ok(C::unsigned(number(v)?.unsigned())))
                .collect(),
            Datatype::FloatingPoint { .. } => {
                values.map(|v| Ok(C::float(number(v)?.float()))).collect()
            }
            Datatype::Enum { .. } => Ok(values.map(|v| C::truth(v != [0])).collect()),
            Datatype::String { .. } => values
                .map(|v| {
                    let text = std::str::from_utf8(v)
                        .map_err(|_| Error::InvalidData("text that is not UTF-8".into()))?;
                    Ok(C::text(text.trim_end_matches('\0')))
                })
                .collect(),
            _ => Err(Error::InvalidData("a field of an unusual type".into())),
        }
    }
}
