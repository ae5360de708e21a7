//! PyTorch's files, as `torch.save` writes them: a pickle that describes objects, and storages with
//! the values of their tensors; in a zip archive, or (before 1.6) one after the other.
//!
//! The pickle is read as data. Nothing that it names is called, so a file cannot run code.

use std::collections::HashMap;
use std::io::Cursor;

use zip::{CompressionMethod, ZipArchive};

use super::array::{self, Bytes};
use super::{Contents, Format, Layout, Reader};
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

mod numpy;
mod objects;
mod pickle;
mod plain;
mod source;
mod tensor;

use objects::Found;
use pickle::{Node, SAVE_AGAIN, Tree};
use source::Source;

/// The pickle in an archive.
const PICKLE: &str = "/data.pkl";
/// The number that files began with before PyTorch 1.6, as a pickle.
const OLD_MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// Memory that a byte of a pickle may take.
const PARSED: u64 = 40;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| is_archive(file) || file.head().starts_with(OLD_MAGIC),
    open,
};

/// Whether an archive has a pickle as PyTorch names it: as its first file, or anywhere if its
/// directory is whole.
fn is_archive(file: &RawFile) -> bool {
    let bytes = file.head();
    let first = || {
        let length = u16::from_le_bytes([*bytes.get(26)?, *bytes.get(27)?]);
        bytes.get(30..30 + usize::from(length))
    };
    let is_pickle = |name: &[u8]| name.ends_with(PICKLE.as_bytes());
    bytes.starts_with(b"PK\x03\x04")
        && (first().is_some_and(is_pickle)
            || (file.bytes().ok())
                .and_then(|bytes| ZipArchive::new(Cursor::new(bytes)).ok())
                .is_some_and(|zip| zip.file_names_raw().any(is_pickle)))
}

/// An open file.
struct Objects<'a> {
    sources: Vec<Source<'a>>,
    places: Vec<String>,
    storages: Storages<'a>,
    file: &'a str,
}

/// The bytes of the storages.
enum Storages<'a> {
    Archive(Archive<'a>),
    /// By name, with the bytes of an item and the values.
    Old(HashMap<&'a str, &'a [u8]>),
}

fn wrong(file: &str, problem: impl Into<String>) -> Error {
    Error::input(file, problem, SAVE_AGAIN)
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let (tree, storages, big_endian) = if file.head().starts_with(OLD_MAGIC) {
        let (tree, storages) = old(name, file.bytes()?)?;
        (tree, Storages::Old(storages), false)
    } else {
        let mut archive = Archive::open(name, file.bytes()?)?;
        let pickle = archive.file(PICKLE)?;
        check_memory(name, (pickle.len() as u64).saturating_mul(PARSED))?;
        let big_endian = archive
            .file("/byteorder")
            .is_ok_and(|order| order == b"big");
        (
            read_tree(name, pickle)?,
            Storages::Archive(archive),
            big_endian,
        )
    };
    let found = Found::of(&tree);
    let mut found = found.map_err(|(problem, remedy)| Error::input(name, problem, remedy))?;
    for source in &mut found.sources {
        if let Source::Tensor(tensor) = source {
            tensor.header.big_endian = big_endian;
        }
    }
    let (layout, columns) = if found.is_array {
        (Layout::Array, found.columns)
    } else {
        (Layout::Archive, found.columns)
    };
    let place = |member: &str| match layout {
        Layout::Array => name.clone(),
        _ => format!("{name}:{member}"),
    };
    let reader = Objects {
        places: columns.iter().map(|c| place(&c.name)).collect(),
        sources: found.sources,
        storages,
        file: name,
    };
    let mut contents = Contents::new(name, "PyTorch", layout, columns, reader);
    if found.is_pair {
        let note = "a pair: the first was taken as the features, the second as the labels";
        contents
            .notes
            .push(format!("{} holds {note}", printable(name)));
    }
    Ok(contents)
}

fn read_tree<'a>(file: &str, pickle: &'a [u8]) -> Result<Tree<'a>> {
    let damaged = |problem| wrong(file, format!("its pickle cannot be read: {problem}"));
    Tree::read(pickle).map_err(damaged)
}

/// An archive whose files are not compressed.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bytes: &'a [u8],
    /// The folder that all files are in.
    folder: String,
    file: &'a str,
}

impl<'a> Archive<'a> {
    fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes));
        let zip = zip.map_err(|e| wrong(file, format!("the archive is damaged ({e})")))?;
        let folder = (zip.file_names().filter_map(std::result::Result::ok))
            .find_map(|name| name.strip_suffix(PICKLE).map(str::to_owned));
        let folder = folder.ok_or_else(|| wrong(file, "the archive has no data.pkl"))?;
        Ok(Self {
            zip,
            bytes,
            folder,
            file,
        })
    }

    /// A file of the archive's folder. Its checksum is verified.
    fn file(&mut self, name: &str) -> Result<&'a [u8]> {
        let name = format!("{}{name}", self.folder);
        let damaged = |e: &dyn std::fmt::Display| {
            wrong(self.file, format!("{name} in the archive is damaged ({e})"))
        };
        let mut entry = self.zip.by_name(&name).map_err(|e| damaged(&e))?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(damaged(&"it is compressed, which PyTorch never does"));
        }
        let start = entry.data_start().unwrap_or(u64::MAX);
        let end = start.saturating_add(entry.size());
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(|e| damaged(&e))?;
        let found = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        found
            .and_then(|(start, end)| self.bytes.get(start..end))
            .ok_or_else(|| damaged(&"it lies outside of the file"))
    }
}

/// The objects and storages of a file without an archive: five pickles (a number, a version,
/// the machine, the objects, the names of the storages), then the storages.
fn old<'a>(file: &str, bytes: &'a [u8]) -> Result<(Tree<'a>, HashMap<&'a str, &'a [u8]>)> {
    let mut rest = bytes;
    let mut next = || {
        let tree = read_tree(file, rest)?;
        rest = &rest[tree.length..];
        Ok(tree)
    };
    let [_, _, _, objects, names] = [next()?, next()?, next()?, next()?, next()?];
    let mut sizes = HashMap::new();
    for node in &objects.nodes {
        if let Node::Outside(id) = node
            && let Some(&[_, class, key, ..]) = objects.items(*id)
            && let (&Node::Global(_, class), Some(key)) = (objects.node(class), objects.text(key))
            && let Some((_, item)) = class.strip_suffix("Storage").and_then(tensor::item)
        {
            sizes.insert(key, item);
        }
    }
    let mut storages = HashMap::new();
    for &name in names.items(names.root).unwrap_or_default() {
        let key = names
            .text(name)
            .ok_or_else(|| wrong(file, "a storage has no name"))?;
        let item = sizes.get(key).copied();
        let item = item.ok_or_else(|| wrong(file, "the type of a storage is not known"))?;
        let storage = rest.split_first_chunk::<8>().and_then(|(length, rest)| {
            let items = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            rest.split_at_checked(items.checked_mul(item)?)
        });
        let cut = || {
            wrong(
                file,
                "the file is truncated: a storage extends past the end of the file",
            )
        };
        let (storage, after) = storage.ok_or_else(cut)?;
        storages.insert(key, storage);
        rest = after;
    }
    Ok((objects, storages))
}

impl Objects<'_> {
    /// Reads the values of a column through one of these functions.
    fn read<T>(
        &mut self,
        column: usize,
        array: fn(Bytes<'_>, &array::Header, &str) -> Result<T>,
        list: fn(&Values, &str) -> Result<T>,
    ) -> Result<T> {
        let (Some(source), Some(place)) = (self.sources.get(column), self.places.get(column))
        else {
            return Err(wrong(self.file, "there is no such tensor"));
        };
        match source {
            Source::Tensor(tensor) => {
                let storage = match &mut self.storages {
                    Storages::Archive(archive) => archive.file(&format!("/data/{}", tensor.key))?,
                    Storages::Old(storages) => (storages.get(tensor.key).copied())
                        .ok_or_else(|| wrong(place, "its storage is missing"))?,
                };
                let values = tensor.values(storage, place)?;
                array(Bytes::Stream(&mut &*values), &tensor.header, place)
            }
            Source::Array(header, values) => array(Bytes::Stream(&mut &**values), header, place),
            Source::Plain(values) => list(values, place),
            Source::Refused => Err(wrong(place, "it cannot be read")),
        }
    }
}

impl Reader for Objects<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let column = columns.first().copied().unwrap_or(0);
        self.read(column, array::matrix, |values, place| {
            values
                .clone()
                .into_matrix()
                .ok_or_else(|| Error::input(place, "the list holds text", "numbers are expected"))
        })
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        self.read(column, array::values, |values, _| Ok(values.clone()))
    }
}
