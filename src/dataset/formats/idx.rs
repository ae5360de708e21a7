//! IDX, the format of MNIST (`train-images-idx3-ubyte`): a type, the sizes, then the values.

use super::array::{self, Bytes, Header, ItemKind};
use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result};

pub(super) const FORMAT: Format = Format {
    recognizes: |file| header(file.head()).is_some(),
    open,
};

/// The array of a file.
struct Array<'a> {
    header: Header,
    file: &'a RawFile,
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
    let header = header(file.head()).ok_or_else(|| wrong("the header is damaged".into()))?;
    let bytes = (file.length() as u64).saturating_sub(header.offset);
    if header.checked_bytes() != Some(bytes) {
        return Err(wrong(format!(
            "the header declares {}, but {bytes} bytes follow: the file is damaged or truncated",
            header.describe()
        )));
    }
    let columns = vec![header.column("array")];
    let reader = Array { header, file };
    Ok(Contents::new(
        &file.name,
        "IDX",
        Layout::Array,
        columns,
        reader,
    ))
}

impl Array<'_> {
    fn bytes(&self) -> Bytes<'_> {
        Bytes::File(self.file, self.header.offset as usize)
    }
}

impl Reader for Array<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        array::matrix(self.bytes(), &self.header, &self.file.name)
    }

    fn values(&mut self, _column: usize) -> Result<Values> {
        array::values(self.bytes(), &self.header, &self.file.name)
    }
}
