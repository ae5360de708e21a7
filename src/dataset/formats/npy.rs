//! NumPy's `.npy` arrays: a header that is checked against the bytes that follow, then values.
//!
//! In: a reader and the number of bytes that it can give. Out: a column, and its values in
//! row-major order. The header's sizes are multiplied with overflow checks and compared with the
//! bytes of the file before anything is allocated for them. Object arrays hold pickles, which can
//! run code: they are refused by their header alone.

use std::io::Read;

use npyz::{DType, TypeChar};
use py_literal::Value;

use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Column, ColumnKind, Matrix, Refusal, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

mod values;

pub(super) use values::{matrix, values};

/// Longest header text that is read; NumPy's own limit is 10,000 characters.
const LONGEST_HEADER: usize = 1 << 16;
/// Most brackets in a header text, so that nothing can nest deeply.
const MOST_BRACKETS: usize = 256;
/// The first bytes of every `.npy` file.
const MAGIC: &[u8] = b"\x93NUMPY";

pub(super) const FORMAT: Format = Format {
    recognizes: |file| file.bytes.starts_with(MAGIC),
    open,
};

/// The array of a file, in bytes.
struct Array<'a> {
    header: Header,
    values: &'a [u8],
    file: &'a str,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let size = file.bytes.len() as u64;
    let header = header(&mut file.bytes.as_slice(), size, &file.name)?;
    let mut column = header.column("array");
    if header.big_endian {
        column.description += ", big-endian";
    }
    if header.fortran {
        column.description += ", Fortran order";
    }
    let after = size.saturating_sub(header.offset + header.bytes);
    let note = format!(
        "{} has {after} bytes after its values, which were ignored",
        printable(&file.name)
    );
    let array = Array {
        values: &file.bytes[header.offset as usize..],
        header,
        file: &file.name,
    };
    let mut contents = Contents::new(&file.name, "npy", Layout::Array, vec![column], array);
    if after > 0 {
        contents.notes.push(note);
    }
    Ok(contents)
}

impl Reader for Array<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        matrix(&mut &*self.values, &self.header, self.file)
    }

    fn values(&mut self, _column: usize) -> Result<Values> {
        values(&mut &*self.values, &self.header, self.file)
    }
}

/// What an array's bytes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ItemKind {
    Bool,
    Int,
    Uint,
    Float,
    /// UCS-4 text.
    Unicode,
    /// Byte strings.
    Bytes,
    /// A type that cannot be used; the reason is in [`Header::refusal`].
    Refused,
}

/// The header of an array.
#[derive(Debug, Clone)]
pub(super) struct Header {
    kind: ItemKind,
    /// Bytes per item.
    item: usize,
    big_endian: bool,
    fortran: bool,
    shape: Vec<usize>,
    /// NumPy's name of the type, for people.
    descr: String,
    refusal: Option<Refusal>,
    /// Bytes of the array's values.
    bytes: u64,
    /// Bytes before the values.
    pub(super) offset: u64,
}

impl Header {
    /// Number of items.
    fn items(&self) -> usize {
        self.shape.iter().product()
    }

    /// The array as a column of this name.
    pub(super) fn column(&self, name: &str) -> Column {
        Column {
            name: name.into(),
            kind: match self.kind {
                ItemKind::Bool | ItemKind::Int | ItemKind::Uint | ItemKind::Float => {
                    ColumnKind::Number
                }
                ItemKind::Unicode | ItemKind::Bytes => ColumnKind::Text,
                ItemKind::Refused => ColumnKind::Other,
            },
            shape: self.shape.clone(),
            description: self.describe(),
            refusal: self.refusal.clone(),
        }
    }

    /// "float32 1797 × 64", for people.
    fn describe(&self) -> String {
        let name = match self.kind {
            ItemKind::Bool => "bool".into(),
            ItemKind::Int => format!("int{}", 8 * self.item),
            ItemKind::Uint => format!("uint{}", 8 * self.item),
            ItemKind::Float => format!("float{}", 8 * self.item),
            ItemKind::Unicode => "text".into(),
            ItemKind::Bytes => "byte text".into(),
            ItemKind::Refused => self.descr.clone(),
        };
        let shape: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        if shape.is_empty() {
            format!("{name} scalar")
        } else {
            format!("{name} {}", shape.join(" × "))
        }
    }
}

fn bad_header(file: &str, problem: impl Into<String>) -> Error {
    Error::input(file, problem, "save the array again with numpy.save")
}

/// Reads the header. `available` is the length of the whole array file.
pub(super) fn header(reader: &mut dyn Read, available: u64, file: &str) -> Result<Header> {
    let text = header_text(reader, available, file)?;
    let offset = text.1;
    let value = parse(&text.0).ok_or_else(|| {
        bad_header(
            file,
            "the header is not a dictionary of literals, as NumPy's are",
        )
    })?;
    let get = |key: &str| -> Result<&Value> {
        let entries = value.as_dict().map(Vec::as_slice).unwrap_or_default();
        entries
            .iter()
            .find(|(k, _)| k.as_string().is_some_and(|k| k == key))
            .map(|(_, v)| v)
            .ok_or_else(|| bad_header(file, format!("the header has no entry '{key}'")))
    };
    let fortran = get("fortran_order")?.as_boolean().ok_or_else(|| {
        bad_header(
            file,
            "the header's 'fortran_order' is neither True nor False",
        )
    })?;
    let shape = shape(get("shape")?, file)?;
    let mut header = item_type(get("descr")?, file)?;
    header.fortran = fortran;
    header.offset = offset;
    let bytes = shape
        .iter()
        .try_fold(header.item as u64, |bytes, &s| bytes.checked_mul(s as u64))
        .filter(|&b| usize::try_from(b).is_ok_and(|b| isize::try_from(b).is_ok()));
    header.bytes = bytes.ok_or_else(|| {
        bad_header(
            file,
            format!("the header's shape {shape:?} is larger than any memory"),
        )
    })?;
    header.shape = shape;
    if header.refusal.is_none() && header.bytes > available - offset {
        return Err(bad_header(
            file,
            format!(
                "the header declares {} bytes of values ({}), but only {} follow: the file is \
                 truncated",
                header.bytes,
                header.describe(),
                available - offset
            ),
        ));
    }
    Ok(header)
}

/// The header's text, and the number of bytes up to its end.
fn header_text(reader: &mut dyn Read, available: u64, file: &str) -> Result<(String, u64)> {
    let mut start = [0_u8; 8];
    let mut take = |buffer: &mut [u8]| {
        reader.read_exact(buffer).map_err(|source| {
            if source.kind() == std::io::ErrorKind::UnexpectedEof {
                bad_header(file, format!("the header is cut off ({available} bytes)"))
            } else {
                reading(file, &source)
            }
        })
    };
    take(&mut start)?;
    if &start[..6] != MAGIC {
        return Err(Error::input(
            file,
            "this is not a .npy array (it does not begin with \\x93NUMPY)",
            "save the array with numpy.save",
        ));
    }
    let (length, before) = match start[6] {
        1 => {
            let mut length = [0; 2];
            take(&mut length)?;
            (usize::from(u16::from_le_bytes(length)), 10)
        }
        2 | 3 => {
            let mut length = [0; 4];
            take(&mut length)?;
            (u32::from_le_bytes(length) as usize, 12)
        }
        version => {
            return Err(bad_header(
                file,
                format!("unknown .npy version {version}.{}", start[7]),
            ));
        }
    };
    if length > LONGEST_HEADER {
        return Err(bad_header(
            file,
            format!(
                "the header claims to be {length} bytes long; at most {LONGEST_HEADER} are accepted"
            ),
        ));
    }
    if length == 0 {
        return Err(bad_header(file, "the header is empty"));
    }
    let mut text = vec![0; length];
    take(&mut text)?;
    let text = if start[6] == 3 {
        String::from_utf8(text).map_err(|_| bad_header(file, "the header is not UTF-8"))?
    } else {
        text.iter().map(|&b| char::from(b)).collect()
    };
    Ok((text, before + length as u64))
}

/// The header as a Python literal.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let brackets = text.chars().filter(|c| "([{".contains(*c)).count();
    if brackets > MOST_BRACKETS {
        return None;
    }
    let value: Value = text
        .parse()
        .or_else(|_| without_long_suffix(text).parse())
        .ok()?;
    value.as_dict().is_some().then_some(value)
}

/// Python 2 wrote `150L` for long integers.
fn without_long_suffix(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let suffix = c == 'L' && out.ends_with(|p: char| p.is_ascii_digit());
        if !suffix {
            out.push(c);
        }
    }
    out
}

fn shape(value: &Value, file: &str) -> Result<Vec<usize>> {
    let sizes = value
        .as_tuple()
        .or_else(|| value.as_list())
        .ok_or_else(|| bad_header(file, "the header's 'shape' is not a tuple"))?;
    sizes
        .iter()
        .map(|size| {
            let text = size.to_string();
            let size = size.as_integer().map(|_| text.as_str());
            size.and_then(|s| s.parse::<usize>().ok()).ok_or_else(|| {
                bad_header(
                    file,
                    format!("the header's shape has the impossible size {text}"),
                )
            })
        })
        .collect()
}

/// The item type; sizes and shape are filled in later.
fn item_type(value: &Value, file: &str) -> Result<Header> {
    let source = value.to_string();
    let refuse = |problem: String, remedy: &str| Header {
        kind: ItemKind::Refused,
        item: 1,
        big_endian: false,
        fortran: false,
        shape: Vec::new(),
        descr: source.trim_matches('\'').to_string(),
        refusal: Some(Refusal {
            problem,
            remedy: remedy.to_string(),
        }),
        bytes: 0,
        offset: 0,
    };
    let dtype = DType::parse(&source)
        .map_err(|_| bad_header(file, format!("the header has an unknown dtype {source}")))?;
    let DType::Plain(plain) = dtype else {
        return Ok(refuse(
            format!("structured arrays ({source}) are not supported"),
            "save one field, or numpy.stack them into one array of numbers",
        ));
    };
    let item = plain.num_bytes().unwrap_or(usize::MAX);
    let kind = match (plain.type_char(), item) {
        (TypeChar::Bool, 1) => ItemKind::Bool,
        (TypeChar::Int, 1 | 2 | 4 | 8) => ItemKind::Int,
        (TypeChar::Uint, 1 | 2 | 4 | 8) => ItemKind::Uint,
        (TypeChar::Float, 2 | 4 | 8) => ItemKind::Float,
        (TypeChar::UnicodeStr, _) => ItemKind::Unicode,
        (TypeChar::ByteStr, _) => ItemKind::Bytes,
        (TypeChar::Object, _) => {
            return Ok(refuse(
                "object arrays are Python pickles, which are never loaded because they can run code"
                    .into(),
                "convert it first: labels with `.astype(str)`, features with `np.stack(list)`, \
                 then numpy.save",
            ));
        }
        (TypeChar::Complex, _) => {
            return Ok(refuse(
                "complex features are not supported".into(),
                "save the absolute values or stack real and imaginary parts as columns",
            ));
        }
        _ => {
            return Ok(refuse(
                format!("the dtype {source} is not supported"),
                "convert it with `.astype('float32')`, or labels with `.astype(str)`",
            ));
        }
    };
    let endianness = plain.endianness();
    let mut header = refuse(String::new(), "");
    header.kind = kind;
    header.item = item;
    header.big_endian = endianness == npyz::Endianness::Big;
    header.refusal = None;
    Ok(header)
}

/// A failure to read the values.
pub(super) fn reading(file: &str, source: &std::io::Error) -> Error {
    Error::input(
        file,
        format!("the values cannot be read ({source})"),
        "the file is damaged or truncated; save or copy it again",
    )
}
