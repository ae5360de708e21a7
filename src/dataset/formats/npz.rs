//! NumPy's `.npz` archives: zip files whose members are `.npy` arrays.
//!
//! Members are read one at a time, streaming, and only as many bytes as the directory declares;
//! nothing is ever written to disk, so the path of a member cannot do harm. Members that are not
//! arrays are ignored.

use std::borrow::Cow;
use std::io::{Cursor, Read, Seek};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::array::{self, Bytes, Header};
use super::{Contents, Format, Layout, Reader, foreign};
use crate::dataset::column::{Column, ColumnKind, Matrix, Refusal, Values};
use crate::dataset::compression::is_suspicious;
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

mod sparse;

use sparse::Sparse;

/// Most members that an archive may have.
const MOST_MEMBERS: usize = 10_000;
/// Bytes that the headers of all its arrays may have.
const MOST_HEADERS: u64 = 2 << 20;
/// Most bytes of an array's header in an archive of our own.
pub(crate) const MOST_HEADER: u64 = 1 << 16;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| {
        file.head().starts_with(b"PK\x03\x04") || file.head().starts_with(b"PK\x05\x06")
    },
    open,
};

/// An open archive.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    members: Vec<Member>,
    file: &'a str,
    /// Size of the file.
    bytes: usize,
    /// Bytes that the headers of the next arrays may have.
    headers_left: u64,
}

/// Where an array is in the archive.
struct Member {
    /// For messages.
    place: String,
    index: usize,
    /// `None` if it cannot be read, which the column says.
    header: Option<Header>,
    size: u64,
}

fn damaged(file: &str, problem: &ZipError) -> Error {
    let problem = match problem.to_string() {
        // The library names its own types.
        text if text.contains("::") => "its directory is cut off".to_owned(),
        text => text,
    };
    Error::input(
        file,
        format!("the archive is damaged ({problem})"),
        "save it again with numpy.savez",
    )
}

/// Reads the directory and the headers of all arrays. Of several members of one name the last
/// counts, as in NumPy.
fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let bytes = file.bytes()?;
    let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(name, &e))?;
    let members = zip.len();
    if members == 0 {
        let remedy = "save at least features with numpy.savez";
        return Err(Error::input(name, "the archive has no members", remedy));
    }
    if members > MOST_MEMBERS {
        return Err(Error::input(
            name,
            format!("the archive has {members} members"),
            format!("at most {MOST_MEMBERS} are accepted"),
        ));
    }
    let mut notes = Vec::new();
    if entries(bytes) > members {
        notes.push(format!(
            "{} has several members of the same name; the last one counts",
            printable(name)
        ));
    }
    let mut archive = Archive {
        zip,
        members: Vec::new(),
        file: name,
        bytes: bytes.len(),
        headers_left: MOST_HEADERS,
    };
    let mut columns = Vec::new();
    for index in 0..members {
        columns.extend(archive.look_at(index)?);
    }
    if columns.is_empty() {
        let names = archive.zip.file_names().filter_map(std::result::Result::ok);
        let names: Vec<String> = names.map(Cow::into_owned).collect();
        return Err(foreign::of_archive(file, &names));
    }
    let mut contents = match sparse::plan(&mut archive, &columns)? {
        Some((plan, column)) => {
            let reader = Sparse { archive, plan };
            Contents::new(name, "npz", Layout::Array, vec![column], reader)
        }
        None => Contents::new(name, "npz", Layout::Archive, columns, archive),
    };
    contents.notes = notes;
    Ok(contents)
}

impl Archive<'_> {
    /// Adds a member if it is an array.
    fn look_at(&mut self, index: usize) -> Result<Option<Column>> {
        let (name, size, compression) = {
            let raw = self.zip.by_index_raw(index);
            let raw = raw.map_err(|e| damaged(self.file, &e))?;
            let name = raw.name().map_err(|e| damaged(self.file, &e))?;
            (name.into_owned(), raw.size(), raw.compression())
        };
        let Some(stem) = name.strip_suffix(".npy") else {
            return Ok(None);
        };
        let place = format!("{}:{stem}", self.file);
        let readable = matches!(
            compression,
            CompressionMethod::Stored | CompressionMethod::Deflated
        );
        let header = if readable {
            match self.zip.by_index(index) {
                Ok(member) => {
                    let mut member = member.take(self.headers_left);
                    let header = super::npy::header(&mut member, size, &place);
                    self.headers_left = member.limit();
                    header
                }
                Err(problem) => Err(damaged(&place, &problem)),
            }
        } else {
            Err(Error::input(
                &place,
                format!("it is compressed with {compression}, which NumPy does not write"),
                "save it with numpy.savez or numpy.savez_compressed",
            ))
        };
        if self.headers_left == 0 {
            let problem = format!("the headers of its arrays have more than {MOST_HEADERS} bytes");
            let remedy = "save it again with numpy.savez";
            return Err(Error::input(self.file, problem, remedy));
        }
        let (column, header) = match header {
            Ok(header) => (header.column(stem), Some(header)),
            Err(error) => (unreadable(stem, error), None),
        };
        self.members.push(Member {
            place,
            index,
            header,
            size,
        });
        Ok(Some(column))
    }

    /// Reads the values of a member through `read`, and checks its checksum.
    fn read<T>(
        &mut self,
        member: usize,
        read: fn(Bytes<'_>, &Header, &str) -> Result<T>,
    ) -> Result<T> {
        let damage = |place: &str, e: &ZipError| damaged(place, e);
        let Some(Member {
            place,
            index,
            header: Some(header),
            size,
        }) = self.members.get(member)
        else {
            return Err(damage(self.file, &ZipError::FileNotFound));
        };
        let mut entry = (self.zip.by_index(*index)).map_err(|e| damage(place, &e))?;
        let packed = entry.compressed_size();
        if is_suspicious(packed, *size) {
            return Err(Error::input(
                place,
                format!(
                    "{packed} compressed bytes claim to unpack to {size}, like a decompression bomb"
                ),
                "if the values are real, save them uncompressed with numpy.savez",
            ));
        }
        let failed = |e: std::io::Error| array::reading(place, &e);
        let mut start = vec![0; header.offset as usize];
        entry.read_exact(&mut start).map_err(failed)?;
        let values = read(Bytes::Stream(&mut entry), header, place)?;
        // The checksum is verified at the end of the member.
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(failed)?;
        Ok(values)
    }
}

impl Reader for Archive<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        self.read(columns.first().copied().unwrap_or(0), array::matrix)
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        self.read(column, array::values)
    }
}

/// A member that looks like an array but cannot be read.
fn unreadable(name: &str, error: Error) -> Column {
    Column {
        name: name.into(),
        kind: ColumnKind::Other,
        shape: Vec::new(),
        description: "unreadable".into(),
        refusal: Some(Refusal::of(error)),
    }
}

/// Number of entries by the end record of the directory (0 if it counts by zip64).
fn entries(bytes: &[u8]) -> usize {
    const END: &[u8] = b"PK\x05\x06";
    let end = bytes.windows(END.len()).rposition(|w| w == END);
    let total = end.and_then(|at| bytes.get(at + 10..at + 12));
    match total {
        Some(&[low, high]) if (low, high) != (0xff, 0xff) => {
            usize::from(u16::from_le_bytes([low, high]))
        }
        _ => 0,
    }
}

/// The values of an array in an archive of our own, at most so many; `None` if it is missing or damaged.
pub(crate) fn npz_array<T: npyz::Deserialize>(
    zip: &mut ZipArchive<impl Read + Seek>,
    name: &str,
    most: u64,
) -> Option<Vec<T>> {
    let size = most.saturating_mul(size_of::<T>() as u64);
    let file = zip.by_name(&format!("{name}.npy")).ok()?;
    let mut bytes = Vec::new();
    let mut file = file.take(size.saturating_add(MOST_HEADER));
    file.read_to_end(&mut bytes).ok()?;
    super::npy::check(&bytes, name).ok()?;
    let array = npyz::NpyFile::new(&bytes[..]).ok()?;
    (array.len() <= most).then(|| array.into_vec::<T>().ok())?
}
