//! Tables as Parquet: columns of whole numbers, other numbers and text, without compression.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::table::{Cells, Table};
use crate::error::Error;

/// A column with the type that it is written in.
enum Typed {
    Whole(Vec<Option<i64>>),
    Single(Vec<f32>),
    Double(Vec<Option<f64>>),
    Text(Vec<Option<ByteArray>>),
}

/// A table as Parquet.
pub(crate) fn parquet(table: &Table) -> crate::error::Result<Vec<u8>> {
    let failed = |e| Error::io("write", table.what, std::io::Error::other(e));
    bytes(table).map_err(failed)
}

/// A file with one group of rows.
fn bytes(table: &Table) -> Result<Vec<u8>> {
    let columns = table.columns.iter();
    let typed: Vec<Typed> = columns.map(|(_, cells)| Typed::of(cells)).collect();
    let names = table.columns.iter().map(|(name, _)| name);
    let fields = names.zip(&typed).map(|(name, cells)| cells.field(name));
    let schema = Type::group_type_builder("schema")
        .with_fields(fields.collect::<Result<_>>()?)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(table.rows.max(1)))
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for cells in &typed {
        cells.write(&mut group)?;
    }
    group.close()?;
    file.close()?;
    Ok(bytes)
}

impl Typed {
    fn of(cells: &Cells) -> Self {
        let text = |cells: &[String]| {
            let text = |t: &String| (!t.is_empty()).then(|| ByteArray::from(t.as_str()));
            Self::Text(cells.iter().map(text).collect())
        };
        match cells {
            Cells::Whole(cells) => Self::Whole(cells.iter().map(|&v| Some(v as i64)).collect()),
            Cells::Single(cells) => Self::Single(cells.clone()),
            Cells::Double(cells) => Self::Double(cells.clone()),
            Cells::Text(cells) => text(cells),
            Cells::AsRead(cells) => {
                let whole = parsed(cells, |v: &i64, text| v.to_string() == text);
                let double = || parsed(cells, |v: &f64, _| v.is_finite()).map(Self::Double);
                let number = whole.map(Self::Whole).or_else(double);
                number.unwrap_or_else(|| text(cells))
            }
        }
    }

    fn field(&self, name: &str) -> Result<TypePtr> {
        let (physical, logical) = match self {
            Self::Whole(_) => (Physical::INT64, None),
            Self::Single(_) => (Physical::FLOAT, None),
            Self::Double(_) => (Physical::DOUBLE, None),
            Self::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(Repetition::OPTIONAL);
        field.build().map(Arc::new)
    }

    fn write(&self, group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>) -> Result<()> {
        match self {
            Self::Whole(cells) => column::<Int64Type>(group, cells),
            Self::Single(cells) => {
                let cells: Vec<Option<f32>> = cells.iter().copied().map(Some).collect();
                column::<FloatType>(group, &cells)
            }
            Self::Double(cells) => column::<DoubleType>(group, cells),
            Self::Text(cells) => column::<ByteArrayType>(group, cells),
        }
    }
}

/// Writes the next column of a group.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    cells: &[Option<T::T>],
) -> Result<()> {
    let values: Vec<T::T> = cells.iter().flatten().cloned().collect();
    let levels: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
    if let Some(mut column) = group.next_column()? {
        column
            .typed::<T>()
            .write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    Ok(())
}

/// Cells as numbers if all that are not empty are, and some are.
fn parsed<N: std::str::FromStr>(
    cells: &[String],
    is_kept: impl Fn(&N, &str) -> bool,
) -> Option<Vec<Option<N>>> {
    let number = |cell: &String| {
        if cell.is_empty() {
            return Some(None);
        }
        let number = cell.parse().ok().filter(|number| is_kept(number, cell));
        number.map(Some)
    };
    let numbers: Option<Vec<Option<N>>> = cells.iter().map(number).collect();
    numbers.filter(|all| all.iter().any(Option::is_some))
}
