//! The bytes of a file, before anything is known about them.

use std::io::IsTerminal as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use super::InputFile;
use super::compression::Compression;
pub(super) use super::content::Sequence;
use super::content::{Content, all_of, changed};
use super::digest::hex;
use super::missing::unreadable;
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

/// Bytes of which the digest is computed at a time.
const BLOCK: usize = 1 << 17;

/// A file's bytes, and the part of it that was named.
pub(super) struct RawFile {
    /// The file as the user named it, without the member.
    pub(super) name: String,
    pub(super) member: Option<String>,
    /// Whether the first line of a table names its columns; `None` if the values are to decide.
    pub(super) header: Option<bool>,
    /// What the file holds, unpacked if it is compressed.
    content: Content,
    /// Size and digest of a compressed file as it is.
    packed: Option<(u64, String)>,
    /// Digest of the bytes, once it was computed.
    digest: OnceLock<Option<String>>,
}

/// A file's bytes, shared.
#[cfg(feature = "hdf5")]
pub(super) struct Shared(Arc<Vec<u8>>);

#[cfg(feature = "hdf5")]
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
        let content = content_of(&path, &name)?;
        Self::unpacked(name, member, content)
    }

    /// A file that is in memory.
    pub(super) fn in_memory(name: &str, bytes: &[u8]) -> Result<Self> {
        let content = Content::Memory(Arc::new(bytes.to_vec()));
        Self::unpacked(name.into(), None, content)
    }

    fn unpacked(name: String, member: Option<String>, mut content: Content) -> Result<Self> {
        let mut packed = None;
        if let Some(compression) = Compression::of(content.head()) {
            // Read once: the digest is that of the bytes that are unpacked.
            let bytes = content.all()?;
            packed = Some((content.length(), digest(&content)?));
            let unpacked = compression.unpack(&name, bytes)?;
            content = Content::Memory(Arc::new(unpacked));
        }
        Ok(Self {
            name,
            member,
            content,
            header: None,
            packed,
            digest: OnceLock::new(),
        })
    }

    /// The file with what is known about the first line of its table.
    pub(super) fn with_header(self, header: Option<bool>) -> Self {
        Self { header, ..self }
    }

    /// The first bytes: all of them, if they are few.
    pub(super) fn head(&self) -> &[u8] {
        self.content.head()
    }

    /// Number of bytes.
    pub(super) fn length(&self) -> usize {
        self.content.length() as usize
    }

    /// Some of the bytes; `buffer` is where those that are on disk are read to.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read.
    pub(super) fn part<'a>(
        &'a self,
        range: Range<usize>,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        self.content.part(range, buffer)
    }

    /// Some of the bytes, for a reader that keeps them.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read.
    pub(super) fn owned(&self, range: Range<usize>) -> Result<Vec<u8>> {
        let mut buffer = Vec::new();
        let part = self.part(range, &mut buffer)?;
        if self.is_in_memory() {
            return Ok(part.to_vec());
        }
        Ok(buffer)
    }

    /// The bytes from a place on.
    pub(super) fn from(&self, at: usize) -> Sequence<'_> {
        self.content.from(at)
    }

    /// All bytes, for a reader that needs them at once.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::Memory`] if it does not fit.
    pub(super) fn bytes(&self) -> Result<&[u8]> {
        self.content.all().map(|all| all.as_slice())
    }

    /// The same for a reader that keeps them.
    #[cfg(feature = "hdf5")]
    pub(super) fn shared(&self) -> Result<Shared> {
        self.content.all().map(|all| Shared(Arc::clone(all)))
    }

    pub(super) fn is_in_memory(&self) -> bool {
        self.content.in_memory().is_some()
    }

    /// The error of a file that was written to while it was read.
    pub(super) fn changed(&self) -> Error {
        changed(&self.name)
    }

    /// Whether the last bytes are these.
    pub(super) fn ends_with(&self, last: &[u8]) -> bool {
        let length = self.length();
        let start = length.saturating_sub(last.len());
        (self.part(start..length, &mut Vec::new())).is_ok_and(|found| found == last)
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
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read.
    pub(super) fn digest(&self) -> Result<String> {
        if let Some((_, digest)) = &self.packed {
            return Ok(digest.clone());
        }
        match self.digest.get_or_init(|| digest(&self.content).ok()) {
            Some(digest) => Ok(digest.clone()),
            // Reading again says why it cannot be read.
            None => digest(&self.content),
        }
    }

    /// # Errors
    /// [`Error::Input`] if the file was written to since it was opened.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        self.content.check_unchanged()
    }

    /// The file's provenance: as it is, even if it is compressed.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::Input`] if it was changed meanwhile.
    pub(super) fn provenance(&self, role: &str) -> Result<InputFile> {
        let sha256 = self.digest()?;
        self.check_unchanged()?;
        Ok(InputFile {
            role: role.into(),
            path: self.name.clone(),
            member: self.member.clone(),
            bytes: (self.packed.as_ref()).map_or_else(|| self.content.length(), |packed| packed.0),
            sha256,
        })
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
fn digest(content: &Content) -> Result<String> {
    let length = content.length() as usize;
    let (mut sha, mut buffer) = (Sha256::new(), Vec::new());
    for start in (0..length).step_by(BLOCK) {
        sha.update(content.part(start..length.min(start + BLOCK), &mut buffer)?);
    }
    Ok(hex(&sha.finalize()))
}

/// The bytes of a file, or what comes through a pipe.
fn content_of(path: &Path, name: &str) -> Result<Content> {
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
    let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if metadata.is_dir() {
        return Err(Error::input(name, "this is a folder", "name a file"));
    }
    if metadata.is_file() {
        return Content::of_file(path, name);
    }
    once(path, || {
        let mut file = std::fs::File::open(path).map_err(failed)?;
        all_of(&mut file, 0, name, &failed)
    })
}

/// What comes through a pipe, which can be read once only.
fn once(path: &Path, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Content> {
    let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = streams.iter().flatten().find(|(kept, _)| kept == path);
    if let Some((_, bytes)) = kept {
        return Ok(Content::Memory(Arc::clone(bytes)));
    }
    let bytes = Arc::new(read()?);
    if let Some(streams) = streams.as_mut() {
        streams.push((path.to_path_buf(), Arc::clone(&bytes)));
    }
    Ok(Content::Memory(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_compressed_file_that_changes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv.gz");
        let level = flate2::Compression::none();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), level);
        packed
            .write_all("1,2,3\n".repeat(60_000).as_bytes())
            .unwrap();
        let packed = packed.finish().unwrap();
        std::fs::write(&path, &packed).unwrap();
        let opened = || Content::of_file(&path, "x").unwrap();
        let file = RawFile::unpacked("x".into(), None, opened()).unwrap();
        assert_eq!(file.length(), 360_000);
        let before = opened();
        std::fs::write(&path, [packed.clone(), packed].concat()).unwrap();
        let found = RawFile::unpacked("x".into(), None, before);
        let problem = found.err().unwrap().to_string();
        assert!(problem.contains("changed while it was read"), "{problem}");
    }
}
