//! HDF5: arrays in folders, of which AnnData (`.h5ad`) and MATLAB's newer files (7.3) are special
//! forms.
//!
//! In: bytes. Out: a column for each array, called by its path. What several arrays describe
//! together, such as categories and sparse matrices, is one column (`folders.rs`). The `hdf5-reader`
//! crate reads the format; sizes are compared with the file before anything is read.

use hdf5_reader::{FilterRegistry, Hdf5File, OpenOptions};

use super::typed::{Cell, Source, Typed, TypedColumn};
use super::{Contents, Format, Layout};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};
use array::Array;

mod array;
mod folders;
mod lzf;
mod number;
mod records;

const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";
/// What MATLAB writes before the file proper, and where that begins.
const MATLAB: &[u8] = b"MATLAB 7.3 MAT-file";
const AFTER_MATLAB: usize = 512;
/// Values that a byte of a file may stand for: packed, or as a fill value.
const MOST_VALUES: usize = 128;
/// Bytes that a byte of a file may grow to.
const MOST_GROWTH: usize = 1100;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| file.head().starts_with(MAGIC) || is_matlab(file),
    open,
};

fn is_matlab(file: &RawFile) -> bool {
    let after = file.head().get(AFTER_MATLAB..);
    file.head().starts_with(MATLAB) && after.is_some_and(|bytes| bytes.starts_with(MAGIC))
}

/// The arrays of an open file.
struct Hdf5<'a> {
    file: &'a str,
    arrays: Vec<Array>,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let limit = file.length().saturating_mul(MOST_GROWTH);
    let mut filters = FilterRegistry::new();
    filters.register(lzf::FILTER, Box::new(lzf::unpack));
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_max_object_header_bytes(file.length())
        .with_filter_registry(filters);
    let opened = Hdf5File::from_owner(file.shared()?, options);
    let most_values = file.length().saturating_mul(MOST_VALUES);
    let found = opened.and_then(|file_| folders::arrays(&file_, is_matlab(file), most_values));
    let (columns, arrays): (Vec<TypedColumn>, Vec<Array>) =
        found.map_err(|e| unreadable(name, &e))?.into_iter().unzip();
    Ok(Contents::new(
        name,
        if is_matlab(file) {
            "MATLAB (7.3)"
        } else {
            "HDF5"
        },
        Layout::Archive,
        columns.iter().map(TypedColumn::column).collect(),
        Typed {
            file: name,
            columns,
            source: Hdf5 { file: name, arrays },
        },
    ))
}

fn unreadable(file: &str, problem: &hdf5_reader::error::Error) -> Error {
    let problem = printable(&problem.to_string());
    Error::input(
        file,
        format!("it cannot be read as HDF5 ({problem})"),
        "copy it again, or save the array with numpy.save",
    )
}

impl Source for Hdf5<'_> {
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let cells = self.arrays[column].cells();
        cells.map_err(|e| unreadable(self.file, &e))
    }
}
