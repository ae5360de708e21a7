//! MATLAB's `.mat` files of version 5, as MATLAB up to 7 and SciPy write them. (Files of version 7.3
//! are HDF5.)
//!
//! In: bytes. Out: a column for each variable: numbers, truth values, text, cells of text, sparse
//! matrices. Values lie in elements with a type and a size (`element.rs`); a variable is an element
//! of elements, perhaps packed by zlib. MATLAB stores columns one after the other.

use std::borrow::Cow;
use std::io::Read;

use super::typed::{Cell, Source, Sparse, Typed, TypedColumn, damaged, row_by_row};
use super::{Contents, Format, Layout};
use crate::dataset::bounded::check_memory;
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result};
use element::{Element, Order};
use variable::{Class, Variable};

mod element;
mod variable;

/// Bytes before the first variable; the last four say the version and the order of bytes.
const HEADER: usize = 128;
/// Bytes of a packed variable that are unpacked to see what it is.
const FIRST_BYTES: u64 = 1 << 16;
/// Bytes that a byte packed by zlib may grow to.
const MOST_GROWTH: usize = 1100;
/// A sparse matrix may have so many zeros for each value.
const MOST_ZEROS: usize = 4096;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| order(file.head()).is_some() || is_version_4(file.head()),
    open,
};

/// The order of bytes of a file of version 5.
fn order(bytes: &[u8]) -> Option<Order> {
    match bytes.get(HEADER - 4..HEADER)? {
        [0, 1, b'I', b'M'] => Some(Order::Little),
        [1, 0, b'M', b'I'] => Some(Order::Big),
        _ => None,
    }
}

/// Whether bytes begin with a variable of version 4: a type, numbers of rows and columns, and a name.
fn is_version_4(bytes: &[u8]) -> bool {
    let Some((head, name)) = bytes.split_at_checked(20) else {
        return false;
    };
    let word = |i: usize| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
    let length = word(16) as usize;
    let is_name = |name: &[u8]| match name.split_last() {
        Some((0, letters)) => letters
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || *b == b'_'),
        _ => false,
    };
    // Type: order of bytes, 0, precision up to 5, kind up to 2.
    let is_type = word(0) <= 52 && word(0) / 10 <= 5 && word(0) % 10 <= 2;
    let is_some = word(4) > 0 && word(8) > 0 && word(12) <= 1;
    is_type && is_some && (2..=64).contains(&length) && name.get(..length).is_some_and(is_name)
}

/// The variables of a file.
struct Matlab<'a> {
    file: &'a str,
    order: Order,
    variables: Vec<(Variable, Stored<'a>)>,
}

/// Where a variable's elements are.
enum Stored<'a> {
    Plain(&'a [u8]),
    /// Packed by zlib.
    Packed(&'a [u8]),
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let Some(order) = order(file.head()) else {
        let problem = "this is a MATLAB file of version 4";
        let remedy = "save it with save('file.mat', '-v7'), or with scipy.io.savemat";
        return Err(Error::input(name, problem, remedy));
    };
    let cut_off = || damaged(name, "a variable is truncated");
    let mut rest = &file.bytes()?[HEADER..];
    let mut columns = Vec::new();
    let mut variables = Vec::new();
    while !rest.is_empty() {
        let (element, after) = Element::first(rest, order).ok_or_else(cut_off)?;
        rest = after;
        let (stored, start) = match element.kind {
            Element::PACKED => (Stored::Packed(element.bytes), start_of(element.bytes)),
            Element::MATRIX => (Stored::Plain(element.bytes), element.bytes.into()),
            _ => continue,
        };
        let variable = Variable::read(&start, order).ok_or_else(cut_off)?;
        // MATLAB keeps objects and functions in a variable without a name.
        if !variable.name.is_empty() {
            columns.push(variable.column());
            variables.push((variable, stored));
        }
    }
    Ok(Contents::new(
        name,
        "MATLAB",
        Layout::Archive,
        columns.iter().map(TypedColumn::column).collect(),
        Typed {
            file: name,
            columns,
            source: Matlab {
                file: name,
                order,
                variables,
            },
        },
    ))
}

/// The first bytes of a packed variable, after the size that it begins with.
fn start_of(packed: &[u8]) -> Cow<'static, [u8]> {
    let mut start = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(packed).take(FIRST_BYTES);
    // What can be unpacked before an error may be enough.
    let _ = reader.read_to_end(&mut start);
    start.drain(..start.len().min(Element::TAG));
    start.into()
}

impl Matlab<'_> {
    /// A variable's elements, unpacked.
    fn elements(&self, variable: usize) -> Result<Cow<'_, [u8]>> {
        let packed = match self.variables[variable].1 {
            Stored::Plain(bytes) => return Ok(bytes.into()),
            Stored::Packed(packed) => packed,
        };
        let problem = |e: std::io::Error| damaged(self.file, e);
        let mut reader = flate2::read::ZlibDecoder::new(packed);
        let mut tag = [0; Element::TAG];
        reader.read_exact(&mut tag).map_err(problem)?;
        let size = self.order.word(&tag[4..]) as usize;
        if size / MOST_GROWTH > packed.len() {
            let problem = format!("{} packed bytes claim to hold {size}", packed.len());
            return Err(damaged(self.file, problem));
        }
        check_memory(self.file, size as u64)?;
        let mut bytes = Vec::new();
        let mut reader = reader.take(size as u64);
        reader.read_to_end(&mut bytes).map_err(problem)?;
        Ok(bytes.into())
    }

    fn cells<C: Cell>(&self, variable: &Variable, elements: &[u8]) -> Option<Vec<C>> {
        let (_, mut rest) = Variable::split(elements, self.order)?;
        let mut next = || {
            let (element, after) = Element::first(rest, self.order)?;
            rest = after;
            Some(element)
        };
        match variable.class {
            Class::Text => {
                let texts = variable.texts(&next()?.characters(self.order)?)?;
                Some(texts.iter().map(|text| C::text(text)).collect())
            }
            Class::Cells => (0..variable.values()?)
                .map(|_| {
                    let cell = next().filter(|cell| cell.kind == Element::MATRIX)?.bytes;
                    let (cell, rest) = Variable::split(cell, self.order)?;
                    if cell.class != Class::Text {
                        return None;
                    }
                    let (characters, _) = Element::first(rest, self.order)?;
                    let texts = cell.texts(&characters.characters(self.order)?)?;
                    Some(C::text(&texts.concat()))
                })
                .collect(),
            Class::Sparse => {
                let indices = next()?.numbers(self.order)?;
                let starts: Vec<i128> = next()?.numbers(self.order)?;
                let &[rows, columns] = variable.shape.as_slice() else {
                    return None;
                };
                let values: Vec<C> = next()?.numbers(self.order)?;
                let most = values.len().saturating_add(starts.len());
                let is_plausible = starts.len() == columns + 1
                    && rows.checked_mul(columns)? <= most.saturating_mul(MOST_ZEROS);
                let sparse = Sparse {
                    values,
                    indices,
                    starts,
                    lines_are_columns: true,
                };
                is_plausible.then(|| sparse.dense(rows, columns)).flatten()
            }
            Class::Truth => {
                let values: Vec<i128> = next()?.numbers(self.order)?;
                let truths = values.iter().map(|&v| C::truth(v != 0)).collect();
                row_by_row(&variable.shape, truths)
            }
            _ => row_by_row(&variable.shape, next()?.numbers(self.order)?),
        }
    }
}

impl Source for Matlab<'_> {
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let variable = &self.variables[column].0;
        let elements = self.elements(column)?;
        self.cells(variable, &elements).ok_or_else(|| {
            let problem = match variable.class {
                Class::Cells => "its cells are not all text",
                _ => "its values do not match its size",
            };
            let remedy = "save it as numbers, or as a cell array of text";
            Error::input(format!("{}:{}", self.file, variable.name), problem, remedy)
        })
    }
}
