//! The pages of a column, unpacked within the limits that the footer declares.
//!
//! The `parquet` crate is told that pages are not packed, and they are unpacked here: without C
//! libraries, and never to more bytes or values than the column has.

use std::sync::Arc;

use bytes::buf::Reader;
use bytes::{Buf as _, Bytes};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageReader as _};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::packed::{self, Outcome};
use crate::dataset::formats::unpack::{Packing, unpack};

/// The bytes of a file from some place on.
pub(super) struct Stored {
    pub(super) start: u64,
    pub(super) bytes: Bytes,
}

impl Length for Stored {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Stored {
    fn from(&self, place: u64) -> Result<Bytes> {
        let at = place.checked_sub(self.start).map(|at| at as usize);
        let at = at.filter(|&at| at <= self.bytes.len());
        let outside = || ParquetError::General("a page lies outside of its column".into());
        at.map(|at| self.bytes.slice(at..)).ok_or_else(outside)
    }
}

impl ChunkReader for Stored {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.from(start).map(bytes::Buf::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.from(start)?;
        if length > bytes.remaining() {
            return Err(ParquetError::EOF("a page is truncated".into()));
        }
        Ok(bytes.slice(..length))
    }
}

/// The pages of a column in one group of rows.
pub(super) struct Pages<R: ChunkReader> {
    reader: SerializedPageReader<R>,
    packing: Option<Packing>,
    /// Bytes of all pages together.
    bytes: usize,
    /// Values that are still to come.
    values: u64,
    has_lists: bool,
    has_levels: bool,
}

/// A page without its packing.
pub(super) enum Unpacked {
    Dictionary { values: Bytes, count: usize },
    Data(Data),
}

/// A page of values.
pub(super) struct Data {
    pub(super) encoding: Encoding,
    /// Values, those included that are missing.
    pub(super) count: usize,
    /// Which values begin a list, and which are there, as runs.
    pub(super) starts: Bytes,
    pub(super) levels: Bytes,
    pub(super) values: Bytes,
}

impl<R: ChunkReader> Pages<R> {
    pub(super) fn new(
        stored: R,
        chunk: &ColumnChunkMetaData,
        packing: Option<Packing>,
        rows: usize,
    ) -> Outcome<Self> {
        let as_stored = chunk.clone().into_builder();
        let as_stored = as_stored.set_compression(Compression::UNCOMPRESSED).build();
        let as_stored = as_stored.map_err(problem)?;
        let reader = SerializedPageReader::new(Arc::new(stored), &as_stored, rows, None);
        let negative = |_| "a negative size".to_owned();
        Ok(Self {
            reader: reader.map_err(problem)?,
            packing,
            bytes: usize::try_from(chunk.uncompressed_size()).map_err(negative)?,
            values: u64::try_from(chunk.num_values()).map_err(negative)?,
            has_lists: chunk.column_descr().max_rep_level() > 0,
            has_levels: chunk.column_descr().max_def_level() > 0,
        })
    }

    /// The next page, if there is one.
    pub(super) fn next(&mut self) -> Outcome<Option<Unpacked>> {
        let Some(page) = self.reader.get_next_page().map_err(problem)? else {
            return Ok(None);
        };
        let (count, encoding) = (page.num_values(), page.encoding());
        if page.is_data_page() {
            self.count(count)?;
        }
        let (starts, levels, values) = match page {
            Page::DictionaryPage { buf, .. } => {
                let (values, count) = (self.unpack(buf)?, count as usize);
                if count > values.len() {
                    return Err(too_many(count));
                }
                return Ok(Some(Unpacked::Dictionary { values, count }));
            }
            Page::DataPage {
                buf,
                def_level_encoding,
                rep_level_encoding,
                ..
            } => {
                let mut values = self.unpack(buf)?;
                let starts = levels(&mut values, self.has_lists, rep_level_encoding)?;
                let levels = levels(&mut values, self.has_levels, def_level_encoding)?;
                (starts, levels, values)
            }
            Page::DataPageV2 {
                buf,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                ..
            } => {
                let mut rest = buf;
                let starts = first(&mut rest, rep_levels_byte_len as usize)?;
                let levels = first(&mut rest, def_levels_byte_len as usize)?;
                let values = if is_compressed {
                    self.unpack(rest)?
                } else {
                    rest
                };
                (starts, levels, values)
            }
        };
        Ok(Some(Unpacked::Data(Data {
            encoding,
            count: count as usize,
            starts,
            levels,
            values,
        })))
    }

    fn unpack(&self, packed: Bytes) -> Outcome<Bytes> {
        match self.packing {
            Some(packing) if !packed.is_empty() => {
                unpack(packing, &packed, self.bytes).map(Bytes::from)
            }
            _ => Ok(packed),
        }
    }

    fn count(&mut self, values: u32) -> Outcome<()> {
        let left = self.values.checked_sub(values.into());
        self.values = left.ok_or_else(|| too_many(values as usize))?;
        Ok(())
    }
}

fn problem(error: ParquetError) -> String {
    error.to_string()
}

fn too_many(values: usize) -> String {
    format!("a page with {values} values, more than are declared")
}

/// The levels that a page begins with, after their length.
fn levels(page: &mut Bytes, are_there: bool, encoding: Encoding) -> Outcome<Bytes> {
    if !are_there {
        return Ok(Bytes::new());
    }
    if encoding != Encoding::RLE {
        return Err(format!(
            "levels in the encoding {encoding}, which is not supported"
        ));
    }
    let size = packed::Bytes(page).size()?;
    first(page, 4)?;
    first(page, size)
}

/// Takes the first bytes off.
fn first(bytes: &mut Bytes, count: usize) -> Outcome<Bytes> {
    if count > bytes.len() {
        return Err("a page is shorter than its levels".into());
    }
    Ok(bytes.split_to(count))
}
