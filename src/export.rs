//! Writing files whole or not at all.
//!
//! Content goes to a temporary file beside the target, which takes its place when everything is
//! written: an interruption leaves the old file, or none. Devices and pipes are written directly.

use std::io::Write;
use std::path::Path;

use npyz::WriterBuilder;

use crate::dataset::Dataset;
use crate::error::{Error, Result};

mod samples;

pub use samples::{samples_to_csv, samples_to_text};

/// Writes a file, in the place of an old one if there is one.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let io = |source| Error::io("write", path, source);
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return std::fs::write(path, content).map_err(io);
    }
    temporary(path, content)?
        .persist(path)
        .map_err(|e| io(e.error))?;
    Ok(())
}

/// Writes a file that does not exist yet; false, and nothing changed, if it does.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn write_new_file(path: &Path, content: &[u8]) -> Result<bool> {
    match temporary(path, content)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(Error::io("write", path, e.error)),
    }
}

/// The content in a temporary file beside the target.
fn temporary(path: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile> {
    let mut file = beside(path)?;
    file.write_all(content)
        .map_err(|source| Error::io("write", path, source))?;
    Ok(file)
}

/// An empty temporary file beside the target.
fn beside(path: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".disentangle-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file's: the user's mask takes from it what it takes elsewhere.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|source| {
        // The name of the temporary file would only confuse.
        let source = match source.kind() {
            kind @ std::io::ErrorKind::NotFound => {
                std::io::Error::new(kind, "its folder does not exist")
            }
            kind => kind.into(),
        };
        Error::io("write", path, source)
    })
}

/// Finds out early whether a map can be written there, before hours of work depend on it.
///
/// # Errors
/// As [`write_map`].
pub fn check_map_path(path: &Path) -> Result<()> {
    is_csv(path)?;
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return if path.is_dir() {
            let source = std::io::ErrorKind::IsADirectory.into();
            Err(Error::io("write", path, source))
        } else {
            Ok(())
        };
    }
    beside(path).map(drop)
}

/// A map as the bytes of a `.npy` file (n × 2, little-endian f4).
///
/// # Errors
/// [`Error::Io`] if the array cannot be written to memory.
pub fn map_to_npy(positions: &[[f32; 2]]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(128 + 8 * positions.len());
    let io = |source| Error::io("write", "map", source);
    let dtype = "<f4".parse().map(npyz::DType::Plain);
    let dtype = dtype.map_err(|_bad| Error::input("map", "the dtype is unknown", "report this"))?;
    let mut writer = npyz::WriteOptions::<f32>::new()
        .dtype(dtype)
        .shape(&[positions.len() as u64, 2])
        .writer(&mut bytes)
        .begin_nd()
        .map_err(io)?;
    writer
        .extend(positions.iter().flatten().copied())
        .map_err(io)?;
    writer.finish().map_err(io)?;
    Ok(bytes)
}

/// A map as CSV: `id` (if there are ids), `x`, `y`, `label` (if there are labels).
///
/// # Errors
/// [`Error::Io`] if the table cannot be written to memory.
pub fn map_to_csv(positions: &[[f32; 2]], data: &Dataset) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Error::io("write", "map", std::io::Error::other(e));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["x", "y"];
    if data.ids().is_some() {
        head.insert(0, "id");
    }
    if data.labels().is_some() {
        head.push("label");
    }
    writer.write_record(&head).map_err(failed)?;
    for (i, [x, y]) in positions.iter().enumerate() {
        let mut row = Vec::with_capacity(4);
        if let Some(ids) = data.ids() {
            row.push(ids[i].clone());
        }
        row.extend([x.to_string(), y.to_string()]);
        if let Some(labels) = data.labels() {
            let class = labels.class(i).map(|c| labels.names()[c].clone());
            row.push(class.unwrap_or_default());
        }
        writer.write_record(&row).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|e| Error::io("write", "map", e.into_error()))
}

/// Writes a map: CSV if the name ends in `.csv`, NumPy's format if it ends in `.npy` or names a
/// device or pipe.
///
/// # Errors
/// [`Error::Io`] if the system refuses, [`Error::Option`] for another ending.
pub fn write_map(path: &Path, positions: &[[f32; 2]], data: &Dataset) -> Result<()> {
    let bytes = if is_csv(path)? {
        map_to_csv(positions, data)?
    } else {
        map_to_npy(positions)?
    };
    write_file(path, &bytes)
}

/// Which format a map's file name asks for.
fn is_csv(path: &Path) -> Result<bool> {
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|e| e.to_str()) {
        Some("csv") => Ok(true),
        Some("npy") => Ok(false),
        None if !path.is_file() && path.exists() => Ok(false),
        _ => Err(Error::option(
            "--output",
            path.display(),
            "the name must end in .npy or .csv",
        )),
    }
}
