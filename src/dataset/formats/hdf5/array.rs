//! An array of an HDF5 file, and what several of them describe together.

use hdf5_reader::error::{Error, Result};
use hdf5_reader::{Dataset, Datatype, SliceInfo, SliceInfoElem};
use ndarray::ArrayD;

use super::number::Number;
use super::records::Field;
use crate::dataset::formats::typed::{self, Cell, CellType};

/// Values that are read at a time.
const BLOCK: u64 = 1 << 16;

/// What a column is made of.
pub(super) enum Array {
    Plain(Dataset),
    /// As MATLAB stores it: with its axes in the opposite order.
    Reversed(Dataset),
    /// Rows of characters, in the opposite order.
    Characters(Dataset),
    /// Texts, each an array of its own.
    Texts(Vec<Dataset>),
    /// The number of a category, or −1.
    Categories(Box<Categories>),
    Field(Box<Field>),
    /// Values, and whether each is missing.
    Masked {
        values: Dataset,
        mask: Box<Dataset>,
    },
    Sparse(Box<Sparse>),
    /// What cannot be used.
    None,
}

/// Texts, and the number of one for each value.
pub(super) struct Categories {
    pub(super) codes: Array,
    pub(super) names: Dataset,
}

/// A matrix of which only some values are stored.
pub(super) struct Sparse {
    pub(super) values: Dataset,
    /// The column of each value, or its row if `by_column`.
    pub(super) indices: Dataset,
    /// Where each row begins, or each column if `by_column`.
    pub(super) starts: Dataset,
    pub(super) by_column: bool,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Array {
    pub(super) fn cells<C: Cell>(&self) -> Result<Vec<C>> {
        match self {
            Self::Plain(dataset) => cells(dataset),
            Self::Reversed(dataset) => reversed(dataset, cells(dataset)?),
            Self::Characters(dataset) => {
                let text = characters(dataset)?;
                Ok(text.iter().map(|text| C::text(text)).collect())
            }
            Self::Texts(texts) => {
                let text = |text| Ok(C::text(&characters(text)?.concat()));
                texts.iter().map(text).collect()
            }
            Self::Categories(categories) => {
                let names: Vec<C> = cells(&categories.names)?;
                let codes: Vec<i128> = categories.codes.cells()?;
                let name = |code: &i128| match usize::try_from(*code) {
                    Err(_) => Ok(C::missing()),
                    Ok(code) => names.get(code).cloned().ok_or_else(contradiction),
                };
                codes.iter().map(name).collect()
            }
            Self::Masked { values, mask } => {
                let mut values = cells(values)?;
                let mask: Vec<i128> = cells(mask)?;
                for (value, &is_missing) in values.iter_mut().zip(&mask) {
                    if is_missing != 0 {
                        *value = C::missing();
                    }
                }
                Ok(values)
            }
            Self::Field(field) => field.cells(),
            Self::Sparse(sparse) => sparse.cells(),
            Self::None => Ok(Vec::new()),
        }
    }
}

fn contradiction() -> Error {
    Error::InvalidData("arrays that belong together contradict each other".into())
}

impl Sparse {
    fn cells<C: Cell>(&self) -> Result<Vec<C>> {
        let stored = typed::Sparse {
            values: cells::<C>(&self.values)?,
            indices: cells(&self.indices)?,
            starts: cells(&self.starts)?,
            lines_are_columns: self.by_column,
        };
        let dense = stored.dense(self.rows, self.columns);
        dense.ok_or_else(contradiction)
    }
}

/// What the values of a type are: their cells, their bytes, and what people call them.
///
/// # Errors
/// What the values are, if they cannot be used.
pub(super) fn kind(
    datatype: &Datatype,
) -> std::result::Result<(CellType, u8, String), &'static str> {
    Ok(match datatype {
        Datatype::FixedPoint { size, signed, .. } if matches!(size, 1 | 2 | 4 | 8) => {
            let sign = if *signed { "" } else { "u" };
            let name = format!("{sign}int{}", 8 * size);
            (CellType::Integer, *size, name)
        }
        Datatype::FloatingPoint { size, .. } if matches!(size, 2 | 4 | 8) => {
            (CellType::Float, *size, format!("float{}", 8 * size))
        }
        Datatype::String { .. } => (CellType::Text, 1, "text".into()),
        Datatype::VarLen { base, .. } if base.is_vlen_string_base() => {
            (CellType::Text, 1, "text".into())
        }
        // As h5py and PyTables store truth values.
        Datatype::Enum { base, members } if members.len() <= 2 => match **base {
            Datatype::FixedPoint { size: 1, .. } => (CellType::Truth, 1, "bool".into()),
            _ => return Err("named numbers"),
        },
        Datatype::Bitfield { size: 1, .. } => (CellType::Truth, 1, "bool".into()),
        Datatype::Compound { .. } => return Err("records of several fields"),
        Datatype::VarLen { .. } => return Err("lists of different lengths"),
        Datatype::Reference { .. } => return Err("references"),
        Datatype::Array { .. } => return Err("arrays in an array"),
        _ => return Err("values of an unusual type"),
    })
}

/// The values of an array, as they are stored.
fn cells<C: Cell>(dataset: &Dataset) -> Result<Vec<C>> {
    match dataset.dtype() {
        Datatype::FixedPoint { signed: true, .. } => numbers(dataset, |n| C::integer(n.integer())),
        Datatype::FixedPoint { .. } => numbers(dataset, |n| C::unsigned(n.unsigned())),
        Datatype::FloatingPoint { .. } => numbers(dataset, |n| C::float(n.float())),
        Datatype::Enum { .. } | Datatype::Bitfield { .. } => {
            let bytes = dataset.read_native_bytes()?;
            Ok(bytes.iter().map(|&b| C::truth(b != 0)).collect())
        }
        _ => {
            let text = dataset.read_strings()?;
            Ok(text.iter().map(|text| C::text(text)).collect())
        }
    }
}

/// Numbers as cells.
fn numbers<C: Cell>(dataset: &Dataset, convert: impl Fn(&Number) -> C) -> Result<Vec<C>> {
    let values = dataset.shape().iter().product::<u64>();
    let mut cells = Vec::with_capacity(values as usize);
    each_block(dataset, &mut |block| {
        cells.extend(block.iter().map(&convert));
    })?;
    Ok(cells)
}

/// Calls `take` with numbers in the order of the array, some rows at a time.
fn each_block(dataset: &Dataset, take: &mut dyn FnMut(ArrayD<Number>)) -> Result<()> {
    let Some((&rows, others)) = dataset.shape().split_first() else {
        take(dataset.read_array()?);
        return Ok(());
    };
    let all = |&end: &u64| SliceInfoElem::Slice {
        start: 0,
        end,
        step: 1,
    };
    let width = others.iter().product::<u64>().max(1);
    // Whole chunks, so that none is unpacked twice.
    let chunk = dataset.chunks().and_then(|c| c.first().copied());
    let chunk = u64::from(chunk.unwrap_or(1)).max(1);
    let step = (BLOCK / width).max(1).next_multiple_of(chunk);
    let mut start = 0;
    while start < rows {
        let end = (start + step).min(rows);
        let mut selections = vec![SliceInfoElem::Slice {
            start,
            end,
            step: 1,
        }];
        selections.extend(others.iter().map(all));
        take(dataset.read_slice(&SliceInfo { selections })?);
        start = end;
    }
    Ok(())
}

/// Values in the order that MATLAB means: the first axis of the file is its last.
fn reversed<C: Cell>(dataset: &Dataset, cells: Vec<C>) -> Result<Vec<C>> {
    let shape: Vec<usize> = dataset.shape().iter().rev().map(|&s| s as usize).collect();
    typed::row_by_row(&shape, cells).ok_or_else(contradiction)
}

/// Each row of an array of characters.
fn characters(dataset: &Dataset) -> Result<Vec<String>> {
    let codes: Vec<i128> = reversed(dataset, cells(dataset)?)?;
    let length = dataset.shape().first().map_or(0, |&s| s as usize);
    if length == 0 {
        return Ok(vec![String::new()]);
    }
    let text = |codes: &[i128]| {
        let codes: Vec<u16> = codes.iter().map(|&c| c as u16).collect();
        String::from_utf16_lossy(&codes).trim_end().to_owned()
    };
    Ok(codes.chunks(length).map(text).collect())
}
