//! The values of an array, decoded a block of bytes at a time.

use std::io::Read;

use rayon::prelude::*;

use super::{Header, ItemKind, reading};
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{Matrix, Values, shaped};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result};

/// Bytes decoded at a time.
const BLOCK: usize = 1 << 17;

/// Where the bytes of an array are.
pub(in crate::dataset::formats) enum Bytes<'a> {
    Stream(&'a mut dyn Read),
    /// In a file from this place on.
    File(&'a RawFile, usize),
}

/// Reads the values as numbers, one row per item of the first axis.
pub(in crate::dataset::formats) fn matrix(
    bytes: Bytes<'_>,
    header: &Header,
    file: &str,
) -> Result<Matrix> {
    if !header.is_number() {
        let problem = format!("the array's type and shape are {}", header.describe());
        return Err(Error::input(file, problem, "numbers are expected"));
    }
    let rows = header.shape.first().copied().unwrap_or(1);
    let shape = (rows, header.shape.iter().skip(1).product());
    // Eight-byte numbers are rounded to four later.
    let bytes_per_item = if header.item == 8 { 12 } else { 4 };
    check_memory(file, (header.items() as u64).saturating_mul(bytes_per_item))?;
    // What features mostly are: the processor's own numbers.
    let is_plain = header.kind == ItemKind::Float && !header.big_endian;
    Ok(if header.item == 8 {
        let values = if is_plain {
            decode(bytes, header, file, plain(f64::from_le_bytes))?
        } else {
            decode(bytes, header, file, each(double))?
        };
        Matrix::Double(shaped(row_major(values, header), shape, file)?)
    } else {
        let values = if is_plain && header.item == 4 {
            decode(bytes, header, file, plain(f32::from_le_bytes))?
        } else {
            decode(bytes, header, file, each(|b, h| double(b, h) as f32))?
        };
        Matrix::Single(shaped(row_major(values, header), shape, file)?)
    })
}

/// Reads one value or one row of numbers per sample, in the type of the array.
pub(in crate::dataset::formats) fn values(
    bytes: Bytes<'_>,
    header: &Header,
    file: &str,
) -> Result<Values> {
    let unexpected = |expected| {
        let problem = format!("the array's type and shape are {}", header.describe());
        Err(Error::input(file, problem, expected))
    };
    let columns = match *header.shape.as_slice() {
        [_] => 1,
        [_, columns] if columns > 0 => columns,
        _ => return unexpected("one value per sample is expected, or one row of probabilities"),
    };
    match header.kind {
        ItemKind::Unicode | ItemKind::Bytes if columns == 1 => {
            strings(bytes, header, file).map(Values::Text)
        }
        ItemKind::Unicode | ItemKind::Bytes => unexpected("one text per sample is expected"),
        ItemKind::Bool if columns == 1 => {
            let values = integers(bytes, header, file)?;
            Ok(Values::Truths(values.iter().map(|&v| v != 0).collect()))
        }
        ItemKind::Int | ItemKind::Uint if columns == 1 => {
            integers(bytes, header, file).map(Values::Integers)
        }
        _ => matrix(bytes, header, file).map(Values::Matrix),
    }
}

/// Reads the values as text, of an array of any shape.
pub(in crate::dataset::formats) fn text(
    bytes: Bytes<'_>,
    header: &Header,
    file: &str,
) -> Result<Vec<String>> {
    if matches!(header.kind, ItemKind::Unicode | ItemKind::Bytes) {
        return strings(bytes, header, file);
    }
    let problem = format!("the array's type and shape are {}", header.describe());
    Err(Error::input(file, problem, "text is expected"))
}

/// Reads the values as whole numbers. The header must describe booleans or integers.
fn integers(bytes: Bytes<'_>, header: &Header, file: &str) -> Result<Vec<i128>> {
    let integer = |bytes: &[u8], h: &Header| {
        let wide = wide(bytes, h.big_endian);
        let unused = 64 - 8 * h.item as u32;
        match h.kind {
            ItemKind::Int => i128::from((wide << unused) as i64 >> unused),
            ItemKind::Bool => i128::from(wide != 0),
            _ => i128::from(wide),
        }
    };
    let values = decode(bytes, header, file, each(integer))?;
    Ok(row_major(values, header))
}

/// Reads the values as text. The header must describe text.
fn strings(bytes: Bytes<'_>, header: &Header, file: &str) -> Result<Vec<String>> {
    if header.item == 0 {
        return Ok(vec![String::new(); header.items()]);
    }
    let string = |bytes: &[u8], h: &Header| {
        if h.kind == ItemKind::Bytes {
            let end = bytes.iter().rposition(|&b| b != 0).map_or(0, |e| e + 1);
            return String::from_utf8_lossy(&bytes[..end]).into_owned();
        }
        let code = |b: &[u8]| wide(b, h.big_endian) as u32;
        let codes: Vec<u32> = bytes.chunks_exact(4).map(code).collect();
        let end = codes.iter().rposition(|&c| c != 0).map_or(0, |e| e + 1);
        codes[..end]
            .iter()
            .map(|&c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    decode(bytes, header, file, each(string))
}

/// Up to eight bytes as one unsigned number.
#[inline(always)]
fn wide(bytes: &[u8], big_endian: bool) -> u64 {
    let fold = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
    if big_endian {
        bytes.iter().fold(0, fold)
    } else {
        bytes.iter().rev().fold(0, fold)
    }
}

#[inline(always)]
fn double(bytes: &[u8], header: &Header) -> f64 {
    let bits = wide(bytes, header.big_endian);
    let unused = 64 - 8 * header.item as u32;
    match (header.kind, header.item) {
        (ItemKind::BFloat, _) => half::bf16::from_bits(bits as u16).to_f64(),
        (ItemKind::Float, 2) => half::f16::from_bits(bits as u16).to_f64(),
        (ItemKind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
        (ItemKind::Float, _) => f64::from_bits(bits),
        (ItemKind::Int, _) => ((bits << unused) as i64 >> unused) as f64,
        (ItemKind::Bool, _) => f64::from(u8::from(bits != 0)),
        _ => bits as f64,
    }
}

/// Decodes a block of items one by one.
fn each<T>(item: impl Fn(&[u8], &Header) -> T) -> impl Fn(&[u8], &Header, &mut [T]) {
    move |bytes, header, out| {
        for (out, bytes) in out.iter_mut().zip(bytes.chunks_exact(header.item)) {
            *out = item(bytes, header);
        }
    }
}

/// Decodes a block of items of a length that the compiler knows, several at a time.
fn plain<const N: usize, T>(number: impl Fn([u8; N]) -> T) -> impl Fn(&[u8], &Header, &mut [T]) {
    move |bytes, _, out| {
        for (out, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
            *out = number(*bytes);
        }
    }
}

/// Decodes all items, a block of bytes at a time: those of a file in parallel.
fn decode<T: Clone + Default + Send>(
    bytes: Bytes<'_>,
    header: &Header,
    file: &str,
    block: impl Fn(&[u8], &Header, &mut [T]) + Sync,
) -> Result<Vec<T>> {
    let items = header.items();
    let per_block = (BLOCK / header.item).max(1);
    match bytes {
        Bytes::Stream(reader) => {
            let mut out: Vec<T> = Vec::new();
            out.try_reserve_exact(items).map_err(|_| {
                Error::input(
                    file,
                    format!("{} do not fit into memory", header.describe()),
                    "take fewer rows or a smaller dtype",
                )
            })?;
            let mut buffer = vec![0; per_block.min(items) * header.item];
            while out.len() < items {
                let count = per_block.min(items - out.len());
                let bytes = &mut buffer[..count * header.item];
                let read = reader.read_exact(bytes);
                read.map_err(|source| reading(file, &source))?;
                out.resize(out.len() + count, T::default());
                let decoded = out.len() - count;
                block(bytes, header, &mut out[decoded..]);
            }
            Ok(out)
        }
        Bytes::File(source, start) => {
            // The system gives zeros page by page when they are written to. The file is as large as its
            // values.
            let mut out = vec![T::default(); items];
            let blocks = out.par_chunks_mut(per_block).enumerate();
            blocks.try_for_each_init(Vec::new, |buffer, (number, out)| {
                let start = start + number * per_block * header.item;
                let bytes = source.part(start..start + out.len() * header.item, buffer)?;
                block(bytes, header, out);
                Ok(())
            })?;
            Ok(out)
        }
    }
}

/// Column-major values in row-major order.
fn row_major<T: Copy>(values: Vec<T>, header: &Header) -> Vec<T> {
    if !header.fortran || header.shape.len() < 2 {
        return values;
    }
    let shape = ndarray::IxDyn(&header.shape);
    let strided = ndarray::ShapeBuilder::f(shape);
    match ndarray::ArrayViewD::from_shape(strided, &values) {
        Ok(view) => view.iter().copied().collect(),
        Err(_) => values,
    }
}
