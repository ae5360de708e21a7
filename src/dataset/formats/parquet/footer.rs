//! The footer of a Parquet file, which says where everything is.

use std::io::BufReader;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result as Outcome};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use crate::dataset::formats::typed::damaged;
use crate::dataset::raw::{RawFile, Sequence};
use crate::error::Result;

/// A file for the `parquet` crate, of which it reads what it needs.
pub(super) struct File<'a>(pub(super) &'a RawFile);

impl Length for File<'_> {
    fn len(&self) -> u64 {
        self.0.length() as u64
    }
}

impl<'a> ChunkReader for File<'a> {
    type T = BufReader<Sequence<'a>>;

    fn get_read(&self, start: u64) -> Outcome<Self::T> {
        Ok(BufReader::new(self.0.from(start as usize)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Outcome<Bytes> {
        let outside = || ParquetError::EOF("a part lies outside of the file".into());
        let end = (start as usize).checked_add(length).ok_or_else(outside)?;
        if end > self.0.length() {
            return Err(outside());
        }
        let bytes = self.0.owned(start as usize..end);
        (bytes.map(Bytes::from)).map_err(|e| ParquetError::General(e.to_string()))
    }
}

/// Reads the footer.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) if it is damaged.
pub(super) fn read(file: &RawFile) -> Result<ParquetMetaData> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&File(file));
    metadata.map_err(|e| damaged(&file.name, e))
}
