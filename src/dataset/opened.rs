//! A file's bytes, and what they are by their first ones.
//!
//! Files are read whole, after a look at their size; what is recognized but not supported is
//! refused with the way out.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Source;
use super::npy::{self, Header};
use super::npz::Archive;
use crate::error::{Error, Result, printable};

/// `file.npz:member` as its two parts; a path that exists as it is has no member.
pub(super) fn split_member(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    if !path.exists()
        && let Some((file, member)) = text.rsplit_once(':')
        && !file.is_empty()
        && !member.is_empty()
        && Path::new(file).exists()
    {
        return (PathBuf::from(file), Some(member.to_string()));
    }
    (path.to_path_buf(), None)
}

/// A file's bytes and what they are.
pub(super) struct Opened {
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Npy,
    Npz,
    Table,
}

impl Opened {
    pub(super) fn path(path: &Path) -> Result<Self> {
        let io = |source| Error::io("read", path, source);
        let file = std::fs::File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_dir() {
            return Err(Error::input(
                path.display().to_string(),
                "this is a folder",
                "name a .npy, .npz, .csv or .tsv file",
            ));
        }
        check_memory(&path.display().to_string(), metadata.len())?;
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        let mut file = file;
        file.read_to_end(&mut bytes).map_err(io)?;
        Self::sniffed(path.display().to_string(), bytes)
    }

    pub(super) fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        let format = sniff(&bytes).unwrap_or(Format::Table);
        Self {
            file: name.into(),
            bytes,
            format,
        }
    }

    fn sniffed(file: String, bytes: Vec<u8>) -> Result<Self> {
        if bytes.is_empty() {
            return Err(Error::input(
                file,
                "the file is empty (0 bytes)",
                "save it again",
            ));
        }
        let wrong = |problem: &str, remedy: &str| Error::input(&file, problem, remedy);
        match bytes.as_slice() {
            [0x1f, 0x8b, ..] => {
                return Err(wrong(
                    "this is gzip-compressed",
                    "unpack it with gunzip first",
                ));
            }
            [0x89, b'H', b'D', b'F', ..] => {
                return Err(wrong("this is HDF5", "save the array with numpy.save"));
            }
            [b'P', b'A', b'R', b'1', ..] => {
                return Err(wrong("this is Parquet", "save the table as CSV or .npy"));
            }
            [0x80, 2..=5, ..] => {
                return Err(wrong(
                    "this is a Python pickle, which is never loaded because it can run code",
                    "save the array with numpy.save",
                ));
            }
            _ => {}
        }
        let format = sniff(&bytes);
        let looks_binary = || {
            let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let extension = Path::new(&file)
                .extension()
                .map(std::ffi::OsStr::to_ascii_lowercase);
            let array = extension.is_some_and(|e| e == "npy" || e == "npz");
            !wide && (array || bytes.iter().take(512).filter(|&&b| b == 0).count() > 16)
        };
        if format.is_none() && looks_binary() {
            return Err(wrong(
                "this is neither a .npy array nor a .npz archive (its first bytes are others)",
                "save the array with numpy.save",
            ));
        }
        Ok(Self {
            format: format.unwrap_or(Format::Table),
            file,
            bytes,
        })
    }

    pub(super) fn source(&self, role: &str, member: Option<&str>) -> Source {
        let digest = Sha256::digest(&self.bytes);
        Source {
            role: role.into(),
            path: self.file.clone(),
            member: member.map(ToString::to_string),
            bytes: self.bytes.len() as u64,
            sha256: hexadecimal(&digest),
        }
    }

    pub(super) fn archive(&self) -> Result<Archive<'_>> {
        Archive::open(&self.bytes, &self.file)
    }

    /// Header and reader of an array file.
    pub(super) fn array(&self) -> Result<(Header, Cursor<&[u8]>)> {
        let mut cursor = Cursor::new(self.bytes.as_slice());
        let header = npy::header(&mut cursor, self.bytes.len() as u64, &self.file)?;
        Ok((header, cursor))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(npy::MAGIC) {
        Some(Format::Npy)
    } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        Some(Format::Npz)
    } else {
        None
    }
}

/// Refuses what would not fit into memory, before anything is allocated.
pub(super) fn check_memory(file: &str, bytes: u64) -> Result<()> {
    let remedy = "take fewer rows, or float32 instead of float64";
    crate::memory::check(&printable(file), bytes as f64, remedy)
}
