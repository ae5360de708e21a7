//! NumPy's `.npz` archives: zip files whose members are `.npy` arrays.
//!
//! Members are read one at a time, streaming, and only as many bytes as the directory declares;
//! nothing is ever written to disk, so a member's path cannot escape from anywhere. Members that
//! are no arrays are ignored.

use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::npy::{self, Header};
use crate::error::{Error, Result};

/// A compressed member that grows by more than this factor …
const SUSPICIOUS_RATIO: u64 = 200;
/// … to more than this many bytes is taken for a decompression bomb.
const SUSPICIOUS_SIZE: u64 = 64 << 20;
/// Most members that are looked at.
const MOST_MEMBERS: usize = 10_000;

/// Why a member cannot be used, and the way out.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Problem {
    fn of(error: Error) -> Self {
        match error {
            Error::Input {
                problem, remedy, ..
            } => Self { problem, remedy },
            other => Self {
                problem: other.to_string(),
                remedy: "choose another member".into(),
            },
        }
    }
}

/// An array in an archive.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its name without `.npy`.
    pub(super) name: String,
    index: usize,
    /// Its header, or why it has none.
    pub(super) header: std::result::Result<Header, Problem>,
    size: u64,
}

impl Member {
    /// The last part of the name.
    pub(super) fn stem(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }
}

/// An open archive.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    pub(super) members: Vec<Member>,
    /// How many entries are hidden by later ones of the same name.
    pub(super) hidden: usize,
    file: String,
}

fn damaged(file: &str, problem: &ZipError) -> Error {
    Error::input(
        file,
        format!("the archive is damaged ({problem})"),
        "save it again with numpy.savez",
    )
}

impl<'a> Archive<'a> {
    /// Reads the directory and the headers of all arrays. Of several entries of one name the
    /// last counts, as in NumPy.
    pub(super) fn open(bytes: &'a [u8], file: &str) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(file, &e))?;
        let mut archive = Self {
            zip,
            members: Vec::new(),
            hidden: 0,
            file: file.into(),
        };
        archive.hidden = entries(bytes).saturating_sub(archive.zip.len());
        if archive.zip.is_empty() {
            return Err(Error::input(
                file,
                "the archive has no members",
                "save at least features with numpy.savez",
            ));
        }
        if archive.zip.len() > MOST_MEMBERS {
            return Err(Error::input(
                file,
                format!("the archive has {} members", archive.zip.len()),
                format!("at most {MOST_MEMBERS} make sense"),
            ));
        }
        for index in 0..archive.zip.len() {
            archive.look_at(index)?;
        }
        Ok(archive)
    }

    fn look_at(&mut self, index: usize) -> Result<()> {
        let (name, size, compression) = {
            let raw = self
                .zip
                .by_index_raw(index)
                .map_err(|e| damaged(&self.file, &e))?;
            let name = raw
                .name()
                .map_err(|e| damaged(&self.file, &e))?
                .into_owned();
            (name, raw.size(), raw.compression())
        };
        let Some(stem) = name.strip_suffix(".npy") else {
            return Ok(());
        };
        let file = format!("{}:{stem}", self.file);
        let readable = matches!(
            compression,
            CompressionMethod::Stored | CompressionMethod::Deflated
        );
        let header = if readable {
            match self.zip.by_index(index) {
                Ok(mut member) => npy::header(&mut member, size, &file),
                Err(problem) => Err(damaged(&file, &problem)),
            }
        } else {
            Err(Error::input(
                &file,
                format!("it is compressed by {compression}, which NumPy does not write"),
                "save it with numpy.savez or numpy.savez_compressed",
            ))
        }
        .map_err(Problem::of);
        let member = Member {
            name: stem.to_string(),
            index,
            header,
            size,
        };
        self.members.push(member);
        Ok(())
    }

    /// The first of some names that is there, by its last part.
    pub(super) fn named(&self, names: &[&str]) -> Option<&Member> {
        names
            .iter()
            .find_map(|name| self.members.iter().find(|m| m.name == *name))
            .or_else(|| {
                names
                    .iter()
                    .find_map(|name| self.members.iter().find(|m| m.stem() == *name))
            })
    }

    /// A list of what there is, for people.
    pub(super) fn listing(&self) -> String {
        if self.members.is_empty() {
            return "it holds no arrays".into();
        }
        let each: Vec<String> = self
            .members
            .iter()
            .map(|m| match &m.header {
                Ok(header) => format!("{} ({})", m.name, header.describe()),
                Err(_) => format!("{} (unreadable)", m.name),
            })
            .collect();
        format!("it holds {}", each.join(", "))
    }

    /// Reads a member's values through `read`, and checks its checksum.
    pub(super) fn values<T>(
        &mut self,
        member: &Member,
        read: impl FnOnce(&mut dyn Read, &Header, &str) -> Result<T>,
    ) -> Result<T> {
        let file = format!("{}:{}", self.file, member.name);
        let header = match &member.header {
            Ok(header) => header,
            Err(Problem { problem, remedy }) => {
                return Err(Error::input(&file, problem.as_str(), remedy.as_str()));
            }
        };
        header.check_usable(&file)?;
        let mut entry = self
            .zip
            .by_index(member.index)
            .map_err(|e| damaged(&file, &e))?;
        let packed = entry.compressed_size().max(1);
        if member.size > SUSPICIOUS_SIZE && member.size / packed > SUSPICIOUS_RATIO {
            return Err(Error::input(
                &file,
                format!(
                    "{packed} compressed bytes claim to hold {}, which no features do",
                    member.size
                ),
                "if the values are real, save them uncompressed with numpy.savez",
            ));
        }
        let mut start = vec![0; header.offset as usize];
        entry
            .read_exact(&mut start)
            .map_err(|e| npy::reading(&file, &e))?;
        let values = read(&mut entry, header, &file)?;
        // The checksum is verified at the end of the member.
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(|e| npy::reading(&file, &e))?;
        Ok(values)
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
