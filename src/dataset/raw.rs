//! The bytes of a file, before anything is known about them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::InputFile;
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

/// The file of a path that may name a member.
pub(crate) fn without_member(path: &Path) -> PathBuf {
    split_member(path).0
}

/// A file's bytes, and the part of it that was named.
pub(super) struct RawFile {
    /// The file as the user named it, without the member.
    pub(super) name: String,
    pub(super) member: Option<String>,
    pub(super) bytes: Arc<Vec<u8>>,
    /// Whether the first line of a table names its columns; `None` if the values are to decide.
    pub(super) header: Option<bool>,
}

/// A file's bytes, shared.
#[cfg(feature = "parquet")]
pub(super) struct Shared(Arc<Vec<u8>>);

#[cfg(feature = "parquet")]
impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl RawFile {
    /// Reads a file, or the file of `file.npz:member`.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (path, member) = split_member(path);
        let name = path.display().to_string();
        let io = |source| Error::io("read", &path, source);
        let mut file = std::fs::File::open(&path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_dir() {
            return Err(Error::input(
                name,
                "this is a folder",
                "name a .npy, .npz, .csv or .tsv file",
            ));
        }
        check_memory(&name, metadata.len())?;
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        file.read_to_end(&mut bytes).map_err(io)?;
        Ok(Self {
            name,
            member,
            bytes: Arc::new(bytes),
            header: None,
        })
    }

    /// The file with what is known about the first line of its table.
    pub(super) fn with_header(self, header: Option<bool>) -> Self {
        Self { header, ..self }
    }

    /// A file that is in memory.
    pub(super) fn in_memory(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            member: None,
            bytes: Arc::new(bytes.to_vec()),
            header: None,
        }
    }

    /// The bytes for a reader that keeps them.
    #[cfg(feature = "parquet")]
    pub(super) fn shared(&self) -> Shared {
        Shared(Arc::clone(&self.bytes))
    }

    /// The file with the member, as the user named them.
    pub(super) fn place(&self) -> String {
        self.with_member(&self.name)
    }

    /// A name for display: the file's without folder and extension, with the member.
    pub(super) fn title(&self) -> String {
        let stem = Path::new(&self.name).file_stem().unwrap_or_default();
        self.with_member(&stem.to_string_lossy())
    }

    fn with_member(&self, name: &str) -> String {
        match &self.member {
            Some(member) => format!("{name}:{member}"),
            None => name.to_owned(),
        }
    }

    /// The file's provenance.
    pub(super) fn provenance(&self, role: &str) -> InputFile {
        use std::fmt::Write as _;
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(self.bytes.as_slice()) {
            // Writing to a string cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        InputFile {
            role: role.into(),
            path: self.name.clone(),
            member: self.member.clone(),
            bytes: self.bytes.len() as u64,
            sha256,
        }
    }
}

/// Refuses what would not fit into memory, before anything is allocated.
pub(super) fn check_memory(file: &str, bytes: u64) -> Result<()> {
    let remedy = "take fewer rows, or float32 instead of float64";
    crate::memory::check(&printable(file), bytes as f64, remedy)
}
