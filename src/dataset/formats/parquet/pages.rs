//! The pages of a column, unpacked within the limits that the footer declares.
//!
//! The `parquet` crate is told that pages are not packed, and its pages are unpacked here: without C
//! libraries, and never to more bytes or values than the column has.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use crate::dataset::formats::unpack::{Packing, unpack};

/// The pages of a column in one group of rows.
pub(super) struct Pages {
    packed: SerializedPageReader<Bytes>,
    packing: Option<Packing>,
    /// Bytes of all pages together.
    bytes: usize,
    /// Values that are still to come.
    values: u64,
    /// Whether pages may have their bytes in streams: the decoder relies on enough of them.
    may_be_split: bool,
    has_dictionary: bool,
}

impl Pages {
    pub(super) fn new(
        file: &Bytes,
        chunk: &ColumnChunkMetaData,
        packing: Option<Packing>,
        rows: usize,
    ) -> Result<Self> {
        let as_stored = chunk.clone().into_builder();
        let as_stored = as_stored
            .set_compression(Compression::UNCOMPRESSED)
            .build()?;
        Ok(Self {
            packed: SerializedPageReader::new(file.clone().into(), &as_stored, rows, None)?,
            packing,
            bytes: usize::try_from(chunk.uncompressed_size())?,
            values: u64::try_from(chunk.num_values())?,
            may_be_split: chunk.encodings_mask().is_set(Encoding::BYTE_STREAM_SPLIT),
            has_dictionary: false,
        })
    }

    /// Unpacks all bytes after the first ones.
    fn unpack(&self, packed: Bytes, first: usize) -> Result<Bytes> {
        let Some(packing) = self.packing.filter(|_| packed.len() > first) else {
            return Ok(packed);
        };
        let rest = unpack(packing, &packed[first..], self.bytes).map_err(ParquetError::General)?;
        if first == 0 {
            return Ok(rest.into());
        }
        Ok([&packed[..first], &rest].concat().into())
    }

    fn count(&mut self, values: u32, encoding: Encoding) -> Result<()> {
        let is_possible = match encoding {
            Encoding::BYTE_STREAM_SPLIT => self.may_be_split,
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => self.has_dictionary,
            _ => true,
        };
        if !is_possible {
            let problem = "a page with an encoding that is not declared";
            return Err(ParquetError::General(problem.into()));
        }
        let left = self.values.checked_sub(values.into());
        self.values = left.ok_or_else(|| too_many(values))?;
        Ok(())
    }
}

fn too_many(values: u32) -> ParquetError {
    ParquetError::General(format!(
        "a page with {values} values, more than are declared"
    ))
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.packed.get_next_page()? else {
            return Ok(None);
        };
        match &mut page {
            Page::DictionaryPage {
                buf, num_values, ..
            } => {
                *buf = self.unpack(std::mem::take(buf), 0)?;
                if *num_values as usize > buf.len() {
                    return Err(too_many(*num_values));
                }
                self.has_dictionary = true;
            }
            Page::DataPage {
                buf,
                num_values,
                encoding,
                ..
            } => {
                self.count(*num_values, *encoding)?;
                *buf = self.unpack(std::mem::take(buf), 0)?;
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                ..
            } => {
                self.count(*num_values, *encoding)?;
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                if levels > buf.len() {
                    let problem = "a page that is shorter than its levels";
                    return Err(ParquetError::General(problem.into()));
                }
                if *is_compressed {
                    *buf = self.unpack(std::mem::take(buf), levels)?;
                }
            }
        }
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.packed.at_record_boundary()
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
