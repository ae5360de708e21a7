//! IDX, the format of MNIST (`train-images-idx3-ubyte`): a type, the sizes, then the values.

use super::array::{self, Header, ItemKind};
use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result};

pub(super) const FORMAT: Format = Format {
    recognizes: |file| header(&file.bytes).is_some(),
    open,
};

/// The array of a file.
struct Array<'a> {
    header: Header,
    values: &'a [u8],
    file: &'a str,
}

/// The type and the shape, and the bytes up to the values.
fn header(bytes: &[u8]) -> Option<Header> {
    let &[0, 0, kind, axes @ 1..=8, ref rest @ ..] = bytes else {
        return None;
    };
    let (kind, item) = match kind {
        0x08 => (ItemKind::Uint, 1),
        0x09 => (ItemKind::Int, 1),
        0x0b => (ItemKind::Int, 2),
        0x0c => (ItemKind::Int, 4),
        0x0d => (ItemKind::Float, 4),
        0x0e => (ItemKind::Float, 8),
        _ => return None,
    };
    let sizes = rest.get(..4 * usize::from(axes))?.as_chunks::<4>().0;
    let shape = sizes.iter().map(|size| u32::from_be_bytes(*size) as usize);
    let mut header = Header::of(kind, item, shape.collect());
    header.big_endian = true;
    header.offset = 4 + 4 * u64::from(axes);
    Some(header)
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let wrong = |problem: String| Error::input(&file.name, problem, "copy it again");
    let header = header(&file.bytes).ok_or_else(|| wrong("the header is damaged".into()))?;
    let values = &file.bytes[header.offset as usize..];
    if header.checked_bytes() != Some(values.len() as u64) {
        return Err(wrong(format!(
            "the header declares {}, but {} bytes follow: the file is damaged or truncated",
            header.describe(),
            values.len()
        )));
    }
    let columns = vec![header.column("array")];
    let reader = Array {
        header,
        values,
        file: &file.name,
    };
    Ok(Contents::new(
        &file.name,
        "IDX",
        Layout::Array,
        columns,
        reader,
    ))
}

impl Reader for Array<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        array::matrix(&mut &*self.values, &self.header, self.file)
    }

    fn values(&mut self, _column: usize) -> Result<Values> {
        array::values(&mut &*self.values, &self.header, self.file)
    }
}
