//! NumPy's `.npy` arrays: a header that is checked against the bytes that follow, then values.
//!
//! In: a reader and the number of bytes that it can give. Out: a column, and its values in
//! row-major order. The header's sizes are multiplied with overflow checks and compared with the
//! bytes of the file before anything is allocated for them. Object arrays hold pickles, which can
//! run code: they are refused by their header alone.

use std::io::Read;

use npyz::{DType, TypeChar};
use py_literal::Value;

use super::array::{Bytes, Header, ItemKind, matrix, reading, values};
use super::{Contents, Format, Layout, Reader, foreign};
use crate::dataset::column::{Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

/// Longest header text that is read; NumPy's own limit is 10,000 characters.
const LONGEST_HEADER: usize = 1 << 16;
/// Most brackets in a header text, so that nothing can nest deeply.
const MOST_BRACKETS: usize = 256;
/// The first bytes of every `.npy` file.
const MAGIC: &[u8] = b"\x93NUMPY";

pub(super) const FORMAT: Format = Format {
    recognizes: |file| file.head().starts_with(MAGIC),
    open,
};

/// The array of a file, in bytes.
struct Array<'a> {
    header: Header,
    file: &'a RawFile,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let size = file.length() as u64;
    let header = header(&mut file.from(0), size, &file.name)?;
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
    let array = Array { header, file };
    let mut contents = Contents::new(&file.name, "npy", Layout::Array, vec![column], array);
    if after > 0 {
        contents.notes.push(note);
    }
    Ok(contents)
}

impl Array<'_> {
    fn bytes(&self) -> Bytes<'_> {
        Bytes::File(self.file, self.header.offset as usize)
    }
}

impl Reader for Array<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        matrix(self.bytes(), &self.header, &self.file.name)
    }

    fn values(&mut self, _column: usize) -> Result<Values> {
        values(self.bytes(), &self.header, &self.file.name)
    }
}

fn bad_header(file: &str, problem: impl Into<String>) -> Error {
    Error::input(file, problem, "save the array again with numpy.save")
}

/// Checks that the bytes are an array that is all there, with sizes that can be multiplied.
///
/// # Errors
/// [`Error::Input`] if they are not.
pub(crate) fn check(bytes: &[u8], file: &str) -> Result<()> {
    header(&mut &bytes[..], bytes.len() as u64, file).map(|_| ())
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
    header.shape = shape;
    header.bytes = header.checked_bytes().ok_or_else(|| {
        let shape = &header.shape;
        let problem = format!("the header's shape {shape:?} is larger than any memory");
        bad_header(file, problem)
    })?;
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
                bad_header(file, format!("the header is truncated ({available} bytes)"))
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

/// The type of a name as NumPy gives it, such as `<f4`; the shape is filled in later.
pub(super) fn type_of(name: &str) -> Option<Header> {
    item_type(&Value::String(name.into()), name).ok()
}

/// The item type; sizes and shape are filled in later.
fn item_type(value: &Value, file: &str) -> Result<Header> {
    let source = value.to_string();
    let name = source.trim_matches('\'');
    let refuse = |problem: String, remedy: &str| Header::refused(name, problem, remedy);
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
        // How ml_dtypes saves bfloat16, since NumPy has no name for it.
        (TypeChar::RawData, 2) => ItemKind::BFloat,
        (TypeChar::RawData | TypeChar::Float, 1) => {
            return Ok(refuse(
                format!("floating-point numbers of 8 bits or less ({source}) are not supported"),
                "convert it with `.astype('float32')`",
            ));
        }
        (TypeChar::Object, _) => {
            let (problem, remedy) = foreign::advice("object-array", file);
            return Ok(refuse(problem, &remedy));
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
    let mut header = Header::of(kind, item, Vec::new());
    header.big_endian = plain.endianness() == npyz::Endianness::Big;
    Ok(header)
}
