//! Tables as CSV and Parquet, and values as JSON, in memory.

use serde::Serialize;

use crate::error::{Error, Result};

#[cfg(feature = "parquet")]
mod parquet;
mod table;

#[cfg(feature = "parquet")]
pub(crate) use parquet::parquet;
pub(crate) use table::{Cells, Table};

/// A value as indented JSON, ending in a line break. `what` is its name in messages.
pub(crate) fn json(what: &str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|e| Error::input(what, e.to_string(), "please report this"))
}

/// A table as CSV, the head first. `what` is its name in messages.
pub(crate) fn csv<Row>(
    what: &str,
    head: impl IntoIterator<Item: AsRef<[u8]>>,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Vec<u8>>
where
    Row: IntoIterator<Item: AsRef<[u8]>>,
{
    let failed = |e: csv::Error| Error::io("write", what, std::io::Error::other(e));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|e| Error::io("write", what, e.into_error()))
}
