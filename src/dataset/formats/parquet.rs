//! Apache Parquet: tables stored by columns.
//!
//! In: bytes. Out: typed columns; a list of numbers in each row is one column with as many values
//! in each row. The `parquet` crate reads the footer and the page headers; pages are unpacked here
//! (`pages.rs`), with limits, and decoded (`values.rs`, `packed.rs`), since the crate's decoders rely on
//! promises that a damaged page breaks. An index that pandas saved is recognized by pandas' own
//! description of the table.

use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::typed::{Typed, TypedColumn, damaged};
use super::unpack::Packing;
use super::{Contents, Format, Layout};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};
use kind::Kind;

mod cells;
mod footer;
mod kind;
mod packed;
mod pages;
mod values;

const MAGIC: &[u8] = b"PAR1";
/// The first bytes of a file whose footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";

pub(super) const FORMAT: Format = Format {
    recognizes: |file| file.head().starts_with(MAGIC) || file.head().starts_with(ENCRYPTED),
    open,
};

/// A file whose footer was read.
struct Parquet<'a> {
    file: &'a RawFile,
    metadata: ParquetMetaData,
    leaves: Vec<Leaf>,
}

/// A column as Parquet stores it.
#[derive(Clone, Copy)]
struct Leaf {
    kind: Kind,
    /// Values in each row.
    width: usize,
    /// The definition level of a value that is there.
    value_level: u16,
    /// The least definition level of a value in a list; 0 if the column has no lists.
    list_level: u16,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    if file.head().starts_with(ENCRYPTED) {
        let remedy = "save it without encryption";
        return Err(Error::input(&file.name, "the file is encrypted", remedy));
    }
    let metadata = footer::read(file)?;
    let rows = check_sizes(&metadata, file.length(), &file.name)?;
    let mut source = Parquet {
        file,
        metadata,
        leaves: Vec::new(),
    };
    let leaves = source.metadata.file_metadata().schema_descr().num_columns();
    let mut columns = Vec::new();
    for leaf in 0..leaves {
        columns.push(source.look_at(leaf, rows)?);
    }
    let row_names = pandas_index(&source.metadata)
        .and_then(|index| columns.iter().position(|c| c.name == index));
    let mut contents = Contents::new(
        &file.name,
        "Parquet",
        Layout::Table,
        columns.iter().map(TypedColumn::column).collect(),
        Typed {
            file: &file.name,
            columns,
            source,
        },
    );
    contents.row_names = row_names;
    Ok(contents)
}

/// The number of rows, after every size of the footer was compared with the file.
fn check_sizes(metadata: &ParquetMetaData, bytes: usize, file: &str) -> Result<usize> {
    let mut rows = 0_usize;
    for group in metadata.row_groups() {
        let number = usize::try_from(group.num_rows());
        let number = number.map_err(|_| damaged(file, "a negative number of rows"))?;
        rows = rows.saturating_add(number);
        for chunk in group.columns() {
            let start = chunk.dictionary_page_offset();
            let start = start.unwrap_or_else(|| chunk.data_page_offset());
            let end = start.checked_add(chunk.compressed_size());
            let is_inside = start >= 0
                && chunk.compressed_size() >= 0
                && end.is_some_and(|end| end <= bytes as i64);
            let descriptor = chunk.column_descr();
            let is_flat = descriptor.max_rep_level() == 0;
            if !is_inside || is_flat && chunk.num_values() != group.num_rows() {
                let name = descriptor.path().string();
                let name = printable(&name);
                return Err(damaged(file, format!("the sizes of column {name}")));
            }
        }
    }
    Ok(rows)
}

impl Parquet<'_> {
    /// Describes a column, and remembers how it is stored.
    fn look_at(&mut self, leaf: usize, rows: usize) -> Result<TypedColumn> {
        let schema = self.metadata.file_metadata().schema_descr();
        let descriptor = schema.column(leaf);
        let is_list = descriptor.max_rep_level() > 0;
        let name = if is_list {
            schema.get_column_root(leaf).name().to_owned()
        } else {
            descriptor.path().string()
        };
        let kind = self.usable_kind(leaf);
        self.leaves.push(Leaf {
            kind: kind.clone().unwrap_or(Kind::Text),
            width: 1,
            value_level: descriptor.max_def_level() as u16,
            list_level: descriptor.repeated_ancestor_def_level() as u16,
        });
        let kind = match kind {
            Ok(kind) => kind,
            Err(problem) => return Ok(TypedColumn::refused(name, rows, problem)),
        };
        let mut shape = vec![rows];
        if is_list {
            let width = self.list_length(leaf)?;
            self.leaves[leaf].width = width;
            shape.push(width);
        }
        Ok(TypedColumn {
            name,
            cells: kind.cells(),
            is_wide: kind.is_wide(),
            type_name: kind.to_string(),
            shape,
            refusal: None,
        })
    }

    /// What the values of a column mean, or why they cannot be used.
    fn usable_kind(&self, leaf: usize) -> Result<Kind, String> {
        let schema = self.metadata.file_metadata().schema_descr();
        let descriptor = schema.column(leaf);
        let root = schema.get_column_root_idx(leaf);
        let parts = (0..schema.num_columns()).filter(|&c| schema.get_column_root_idx(c) == root);
        let levels = descriptor.max_rep_level();
        if levels > 1 || levels == 1 && parts.count() > 1 {
            return Err("lists of lists and of structures are not supported".into());
        }
        for group in self.metadata.row_groups() {
            packing(group.column(leaf))?;
        }
        Kind::of(&descriptor)
    }
}

/// How the pages of a column are packed.
fn packing(chunk: &ColumnChunkMetaData) -> Result<Option<Packing>, String> {
    Ok(Some(match chunk.compression() {
        Compression::UNCOMPRESSED => return Ok(None),
        Compression::SNAPPY => Packing::Snappy,
        Compression::GZIP(_) => Packing::Gzip,
        Compression::ZSTD(_) => Packing::Zstd,
        Compression::LZ4_RAW => Packing::Lz4,
        other => {
            let name = other.to_string();
            let name = name.split('(').next().unwrap_or_default();
            return Err(format!(
                "compression with {name} is not supported, only snappy, gzip, lz4 (raw) and zstd"
            ));
        }
    }))
}

/// The name of the column that pandas saved its index in.
fn pandas_index(metadata: &ParquetMetaData) -> Option<String> {
    let entries = metadata.file_metadata().key_value_metadata()?;
    let pandas = entries.iter().find(|e| e.key == "pandas")?;
    super::columnar::pandas_index(pandas.value.as_deref()?)
}
