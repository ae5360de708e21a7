//! The bytes of a file, before anything is known about them.

use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use super::InputFile;
use super::bounded::{check_memory, read_to_end};
use super::compression::Compression;
use crate::error::{Error, Result};

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";
/// What came through pipes, if it is kept.
static STREAMS: Mutex<Option<Vec<Stream>>> = Mutex::new(None);

/// The path of a pipe, and what came through it.
type Stream = (PathBuf, Arc<Vec<u8>>);

/// Keeps what is read from pipes until the program ends: they can be read once only, and a study
/// opens its files several times.
#[cfg(feature = "tui")]
pub(crate) fn keep_streams() {
    *STREAMS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
}

/// `file.npz:member` as its two parts; a path that exists as it is has no member.
pub(super) fn split_member(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    if !path.exists()
        && let Some((file, member)) = text.rsplit_once(':')
        && !file.is_empty()
        && !member.is_empty()
        && Path::new(file).exists()
    {
        // In HDF5, members are paths.
        let member = member.trim_start_matches('/');
        return (PathBuf::from(file), Some(member.to_string()));
    }
    (path.to_path_buf(), None)
}

/// The file of a path that may name a member.
pub(crate) fn without_member(path: &Path) -> PathBuf {
    split_member(path).0
}

/// A file's bytes, and the part of it that was named.
pub(super) struct RawFile {
    /// The file as the user named it, without the member.
    pub(super) name: String,
    pub(super) member: Option<String>,
    /// Whether the first line of a table names its columns; `None` if the values are to decide.
    pub(super) header: Option<bool>,
    /// What the file holds, unpacked if it is compressed.
    pub(super) bytes: Arc<Vec<u8>>,
    /// Size and digest of a compressed file as it is.
    packed: Option<(u64, String)>,
    /// Digest of the bytes, once it was computed.
    digest: OnceLock<String>,
}

/// A file's bytes, shared.
#[cfg(any(feature = "hdf5", feature = "parquet"))]
pub(super) struct Shared(Arc<Vec<u8>>);

#[cfg(any(feature = "hdf5", feature = "parquet"))]
impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl RawFile {
    /// Reads a file, or the file of `file.npz:member`. A file that is compressed is unpacked.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (path, member) = split_member(path);
        let name = if path == Path::new(STANDARD_INPUT) {
            "standard input".into()
        } else {
            path.display().to_string()
        };
        let bytes = bytes_of(&path, &name)?;
        Self::unpacked(name, member, bytes)
    }

    /// A file that is in memory.
    pub(super) fn in_memory(name: &str, bytes: &[u8]) -> Result<Self> {
        Self::unpacked(name.into(), None, Arc::new(bytes.to_vec()))
    }

    fn unpacked(name: String, member: Option<String>, bytes: Arc<Vec<u8>>) -> Result<Self> {
        let (bytes, packed) = match Compression::of(&bytes) {
            Some(compression) => (
                Arc::new(compression.unpack(&name, &bytes)?),
                Some((bytes.len() as u64, digest(&bytes))),
            ),
            None => (bytes, None),
        };
        Ok(Self {
            name,
            member,
            bytes,
            header: None,
            packed,
            digest: OnceLock::new(),
        })
    }

    /// The file with what is known about the first line of its table.
    pub(super) fn with_header(self, header: Option<bool>) -> Self {
        Self { header, ..self }
    }

    /// The bytes for a reader that keeps them.
    #[cfg(any(feature = "hdf5", feature = "parquet"))]
    pub(super) fn shared(&self) -> Shared {
        Shared(Arc::clone(&self.bytes))
    }

    /// The file with the member, as the user named them.
    pub(super) fn place(&self) -> String {
        self.with_member(&self.name)
    }

    /// A name for display: the file's without folder and extensions, with the member.
    pub(super) fn title(&self) -> String {
        let stem = |name: &Path| PathBuf::from(name.file_stem().unwrap_or_default());
        let mut name = stem(Path::new(&self.name));
        if self.packed.is_some() {
            name = stem(&name);
        }
        self.with_member(&name.to_string_lossy())
    }

    fn with_member(&self, name: &str) -> String {
        match &self.member {
            Some(member) => format!("{name}:{member}"),
            None => name.to_owned(),
        }
    }

    /// The digest of the file as it is, which is computed once.
    pub(super) fn digest(&self) -> &str {
        match &self.packed {
            Some((_, digest)) => digest,
            None => self.digest.get_or_init(|| digest(&self.bytes)),
        }
    }

    /// The file's provenance: as it is, even if it is compressed.
    pub(super) fn provenance(&self, role: &str) -> InputFile {
        let bytes = self
            .packed
            .as_ref()
            .map_or(self.bytes.len() as u64, |p| p.0);
        InputFile {
            role: role.into(),
            path: self.name.clone(),
            member: self.member.clone(),
            bytes,
            sha256: self.digest().to_owned(),
        }
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of a file, or what comes through a pipe.
fn bytes_of(path: &Path, name: &str) -> Result<Arc<Vec<u8>>> {
    let failed = |source| Error::io("read", path, source);
    if path == Path::new(STANDARD_INPUT) {
        let input = std::io::stdin();
        if input.is_terminal() {
            let problem = "this is the terminal, not a source of data";
            let remedy = "name a file, or pipe one into the program";
            return Err(Error::input(name, problem, remedy));
        }
        return once(path, || all_of(&mut input.lock(), 0, name, &failed));
    }
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Error::input(name, "this is a folder", "name a file"));
    }
    let read = || {
        let mut file = std::fs::File::open(path).map_err(failed)?;
        all_of(&mut file, metadata.len(), name, &failed)
    };
    if metadata.is_file() {
        read().map(Arc::new)
    } else {
        once(path, read)
    }
}

/// Everything that a source gives, which is so much if it tells.
fn all_of(
    source: &mut dyn Read,
    length: u64,
    name: &str,
    failed: &dyn Fn(std::io::Error) -> Error,
) -> Result<Vec<u8>> {
    check_memory(name, length)?;
    let mut bytes = Vec::with_capacity(length as usize);
    read_to_end(source, &mut bytes, name, &|_| Ok(()), failed)?;
    Ok(bytes)
}

/// What comes through a pipe, which can be read once only.
fn once(path: &Path, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Arc<Vec<u8>>> {
    let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = streams.iter().flatten().find(|(kept, _)| kept == path);
    if let Some((_, bytes)) = kept {
        return Ok(Arc::clone(bytes));
    }
    let bytes = Arc::new(read()?);
    if let Some(streams) = streams.as_mut() {
        streams.push((path.to_path_buf(), Arc::clone(&bytes)));
    }
    Ok(bytes)
}
