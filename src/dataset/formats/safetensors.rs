//! Safetensors: a JSON header with the type, shape and place of each tensor, then their values.
//!
//! Every tensor is a column. Its place and its type are compared with the bytes that there are
//! before any memory is taken; the values need not be aligned.

use serde_json::{Map, Value};

use super::array::{self, Bytes, Header, ItemKind};
use super::{Contents, Format, Layout, Reader};
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result};

/// Bytes before the header: its length.
const LENGTH: usize = 8;
/// Longest header, by the format's description.
const LONGEST_HEADER: u64 = 100_000_000;
/// Memory that a byte of the header may take once it is parsed.
const PARSED: u64 = 16;
/// Most tensors that a file may have.
const MOST_TENSORS: usize = 100_000;
const SAVE_AGAIN: &str = "save it again with safetensors' `save_file`, or copy it again";

pub(super) const FORMAT: Format = Format {
    recognizes: |file| header_length(file.head()).is_some(),
    open,
};

/// The header's length, if there can be one.
fn header_length(bytes: &[u8]) -> Option<u64> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    let length = u64::from_le_bytes(*length);
    (rest.starts_with(b"{") && length <= LONGEST_HEADER).then_some(length)
}

/// An open file.
struct Tensors<'a> {
    tensors: Vec<Tensor>,
    file: &'a RawFile,
}

struct Tensor {
    /// For messages.
    place: String,
    header: Header,
    /// Where its values begin in the file.
    start: usize,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let wrong = |problem: String| Error::input(name, problem, SAVE_AGAIN);
    let length = header_length(file.head()).unwrap_or(0);
    let rest = file.length() - LENGTH;
    if length > rest as u64 {
        return Err(wrong(format!(
            "the file is truncated: its header is {length} bytes long, but only {rest} follow"
        )));
    }
    check_memory(name, length * PARSED)?;
    let start = LENGTH + length as usize;
    let mut buffer = Vec::new();
    let header: Map<String, Value> = serde_json::from_slice(file.part(LENGTH..start, &mut buffer)?)
        .map_err(|e| wrong(format!("the header is not the JSON of safetensors ({e})")))?;
    if header.len() > MOST_TENSORS {
        let problem = format!("the file has {} tensors", header.len());
        let remedy = format!("at most {MOST_TENSORS} are accepted");
        return Err(Error::input(name, problem, remedy));
    }
    let mut columns = Vec::new();
    let mut tensors = Vec::new();
    for (tensor, entry) in header.iter().filter(|(key, _)| *key != "__metadata__") {
        let (header, from) = look_at(entry, file.length() - start);
        columns.push(header.column(tensor));
        tensors.push(Tensor {
            place: format!("{name}:{tensor}"),
            header,
            start: start + from,
        });
    }
    let reader = Tensors { tensors, file };
    let contents = Contents::new(name, "safetensors", Layout::Archive, columns, reader);
    Ok(contents)
}

/// The type and shape of a tensor, and where its values begin among so many bytes of all.
fn look_at(entry: &Value, bytes: usize) -> (Header, usize) {
    tensor(entry, bytes).unwrap_or_else(|problem| {
        let remedy = if problem.starts_with("the type") {
            "convert it with `.to(torch.float32)` and save it again"
        } else {
            SAVE_AGAIN
        };
        (Header::refused("unreadable", problem, remedy), 0)
    })
}

/// The type and shape of a tensor and where its values begin, or what is wrong with them.
fn tensor(entry: &Value, bytes: usize) -> Result<(Header, usize), String> {
    let numbers = |key: &str| -> Result<Vec<usize>, String> {
        let list = entry[key].as_array().map(Vec::as_slice);
        let number = |v: &Value| v.as_u64().and_then(|v| usize::try_from(v).ok());
        list.and_then(|list| list.iter().map(number).collect())
            .ok_or_else(|| format!("its {key} is not a list of whole numbers"))
    };
    let (kind, item) = match entry["dtype"].as_str().unwrap_or_default() {
        "BOOL" => (ItemKind::Bool, 1),
        "I8" => (ItemKind::Int, 1),
        "I16" => (ItemKind::Int, 2),
        "I32" => (ItemKind::Int, 4),
        "I64" => (ItemKind::Int, 8),
        "U8" => (ItemKind::Uint, 1),
        "U16" => (ItemKind::Uint, 2),
        "U32" => (ItemKind::Uint, 4),
        "U64" => (ItemKind::Uint, 8),
        "BF16" => (ItemKind::BFloat, 2),
        "F16" => (ItemKind::Float, 2),
        "F32" => (ItemKind::Float, 4),
        "F64" => (ItemKind::Float, 8),
        other => return Err(format!("the type {other} is not supported")),
    };
    let mut header = Header::of(kind, item, numbers("shape")?);
    let offsets = numbers("data_offsets")?;
    let &[from, to] = offsets.as_slice() else {
        return Err("its data_offsets are not two numbers".into());
    };
    let length = to.checked_sub(from).filter(|_| to <= bytes);
    let length = length.ok_or_else(|| {
        format!(
            "its values are bytes {from} to {to}, but the file has {bytes}: it is damaged or \
             truncated"
        )
    })?;
    if header.checked_bytes() != Some(length as u64) {
        return Err(format!(
            "it is {}, but its values are {length} bytes",
            header.describe()
        ));
    }
    header.bytes = length as u64;
    Ok((header, from))
}

impl Tensors<'_> {
    /// Reads the values of a tensor through one of these functions.
    fn read<T>(
        &self,
        column: usize,
        array: fn(Bytes<'_>, &Header, &str) -> Result<T>,
    ) -> Result<T> {
        let tensor = (self.tensors.get(column))
            .ok_or_else(|| Error::input(&self.file.name, "there is no such tensor", SAVE_AGAIN))?;
        let bytes = Bytes::File(self.file, tensor.start);
        array(bytes, &tensor.header, &tensor.place)
    }
}

impl Reader for Tensors<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        self.read(columns.first().copied().unwrap_or(0), array::matrix)
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        self.read(column, array::values)
    }
}
