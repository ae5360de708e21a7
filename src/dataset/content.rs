//! The bytes of a file: in memory, or on disk, from where parts are read when they are wanted.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use super::bounded::{check_memory, read_to_end};
use crate::error::{Error, Result};

/// Bytes at the beginning that files are recognized by. Shorter files are read at once.
pub(super) const HEAD: usize = 1 << 18;

/// Where the bytes of a file are.
pub(super) enum Content {
    Memory(Arc<Vec<u8>>),
    Disk(Disk),
}

/// A file on disk.
pub(super) struct Disk {
    path: PathBuf,
    name: String,
    file: File,
    /// Held while the file is at a place of one reader.
    #[cfg(not(unix))]
    seeks: Mutex<()>,
    length: u64,
    modified: Option<SystemTime>,
    head: Vec<u8>,
    /// All bytes, once they were wanted.
    all: OnceLock<Arc<Vec<u8>>>,
    /// Held by the one thread that reads them.
    reads_all: Mutex<()>,
}

impl Content {
    /// A regular file.
    pub(super) fn of_file(path: &Path, name: &str) -> Result<Self> {
        let failed = |source| Error::io("read", path, source);
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let length = metadata.len();
        if length <= HEAD as u64 {
            return all_of(&mut file, length, name, &failed).map(|all| Self::Memory(all.into()));
        }
        let mut head = Vec::with_capacity(HEAD);
        let mut first = (&mut file).take(HEAD as u64);
        first.read_to_end(&mut head).map_err(failed)?;
        Ok(Self::Disk(Disk {
            path: path.to_path_buf(),
            name: name.to_owned(),
            file,
            #[cfg(not(unix))]
            seeks: Mutex::new(()),
            length,
            modified: metadata.modified().ok(),
            head,
            all: OnceLock::new(),
            reads_all: Mutex::new(()),
        }))
    }

    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(disk) => disk.length,
        }
    }

    /// The first bytes: all of them, if they are few.
    pub(super) fn head(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Disk(disk) => &disk.head,
        }
    }

    /// All bytes, which stay in memory from then on.
    pub(super) fn all(&self) -> Result<&Arc<Vec<u8>>> {
        let disk = match self {
            Self::Memory(bytes) => return Ok(bytes),
            Self::Disk(disk) => disk,
        };
        if let Some(all) = disk.all.get() {
            return Ok(all);
        }
        let _alone = disk.reads_all.lock();
        if let Some(all) = disk.all.get() {
            return Ok(all);
        }
        check_memory(&disk.name, disk.length)?;
        let mut all = Vec::new();
        disk.read(0, disk.length as usize, &mut all)?;
        // What was read of it before must be a part of this.
        self.check_unchanged()?;
        Ok(disk.all.get_or_init(|| Arc::new(all)))
    }

    /// The bytes if they are in memory.
    pub(super) fn in_memory(&self) -> Option<&[u8]> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::Disk(disk) => disk.all.get().map(|all| all.as_slice()),
        }
    }

    /// Some of the bytes; `buffer` is where those that are on disk are read to.
    pub(super) fn part<'a>(
        &'a self,
        range: Range<usize>,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        match (self, self.in_memory()) {
            (Self::Disk(disk), None) => {
                disk.read(range.start as u64, range.len(), buffer)?;
                Ok(buffer)
            }
            (_, bytes) => Ok(bytes.and_then(|bytes| bytes.get(range)).unwrap_or_default()),
        }
    }

    /// The bytes from a place on.
    pub(super) fn from(&self, at: usize) -> Sequence<'_> {
        Sequence { content: self, at }
    }

    /// Refuses a file that was written to since it was opened.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        let Self::Disk(disk) = self else {
            return Ok(());
        };
        let metadata = disk.file.metadata();
        let metadata = metadata.map_err(|source| Error::io("read", &disk.path, source))?;
        if metadata.len() == disk.length && metadata.modified().ok() == disk.modified {
            return Ok(());
        }
        Err(changed(&disk.name))
    }
}

pub(super) fn changed(file: &str) -> Error {
    let problem = "the file was changed while it was read";
    Error::input(file, problem, "read it again once it is complete")
}

impl Disk {
    /// Reads as many bytes from a place into a buffer, in place of what it holds.
    fn read(&self, from: u64, length: usize, to: &mut Vec<u8>) -> Result<()> {
        if from + length as u64 > self.length {
            return Err(changed(&self.name));
        }
        if to.capacity() < length {
            to.clear();
            let unfit =
                |_| Error::input(&self.name, "it does not fit into memory", "take fewer rows");
            to.try_reserve_exact(length).map_err(unfit)?;
        }
        to.resize(length, 0);
        self.read_exact(from, to)
    }

    fn read_exact(&self, from: u64, to: &mut [u8]) -> Result<()> {
        self.read_at(from, to)
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::UnexpectedEof => changed(&self.name),
                _ => Error::io("read", &self.path, source),
            })
    }

    /// Threads read side by side.
    #[cfg(unix)]
    fn read_at(&self, from: u64, to: &mut [u8]) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, to, from)
    }

    #[cfg(not(unix))]
    fn read_at(&self, from: u64, to: &mut [u8]) -> std::io::Result<()> {
        use std::io::Seek as _;
        let _alone = self.seeks.lock();
        let mut file = &self.file;
        file.seek(std::io::SeekFrom::Start(from))?;
        file.read_exact(to)
    }
}

/// Everything that a source gives, which is so much if it tells.
pub(super) fn all_of(
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

/// The bytes from a place on, one after the other.
pub(super) struct Sequence<'a> {
    content: &'a Content,
    at: usize,
}

impl Read for Sequence<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = (self.content.length() as usize).saturating_sub(self.at);
        let length = buffer.len().min(left);
        let range = self.at..self.at + length;
        match (self.content, self.content.in_memory()) {
            (Content::Disk(disk), None) => (disk.read_exact(self.at as u64, &mut buffer[..length]))
                .map_err(std::io::Error::other)?,
            (_, bytes) => {
                buffer[..length].copy_from_slice(bytes.and_then(|b| b.get(range)).unwrap_or(&[]));
            }
        }
        self.at += length;
        Ok(length)
    }
}
