//! The file of a session on the disk: written whole or not at all, beside its previous copy.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Session;
use super::file::{Unusable, from_bytes};
use crate::error::{Error, Result, printable};
use crate::export::{step, write_durably};

/// Larger files are refused.
const LARGEST: u64 = 16 << 30;

/// A session that was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) session: Session,
    /// What to say about it: what is missing, and in which file it was.
    pub(crate) notes: Vec<String>,
}

/// The previous copy of a session's file.
pub(crate) fn previous(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".previous");
    path.with_file_name(name)
}

/// Writes a session's bytes, and keeps the file that was there as the previous copy, unless it is damaged. Whatever
/// interrupts it, at least one of the two is whole. `is_known` if this program has written the file that is there.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub(crate) fn save(path: &Path, bytes: &[u8], is_known: bool) -> Result<()> {
    let previous = previous(path);
    let is_whole = || read_one(path).is_ok_and(|found| found.notes.is_empty());
    if path.is_file() && (is_known || is_whole()) {
        // The file itself stays where it is until the new one is whole.
        let _ = std::fs::remove_file(&previous);
        step().map_err(|source| Error::io("write", path, source))?;
        if std::fs::hard_link(path, &previous).is_err() {
            // Some file systems have no links.
            let renamed = std::fs::rename(path, &previous);
            renamed.map_err(|source| Error::io("write", &previous, source))?;
        }
    }
    write_durably(path, bytes)
}

/// Reads a session; its previous copy if the file is damaged or missing.
///
/// # Errors
/// [`Error::Io`] if neither can be read, [`Error::Input`] if neither can be used, or a newer version wrote it.
pub(crate) fn read(path: &Path) -> Result<Found> {
    let error = match read_one(path) {
        Ok(found) => return Ok(found),
        Err(Refusal::Final(error)) => return Err(error),
        Err(Refusal::Other(error)) => error,
    };
    let previous = previous(path);
    let Ok(mut found) = read_one(&previous) else {
        return Err(error);
    };
    let previous = printable(&previous.display().to_string());
    found.notes.insert(
        0,
        format!("{error}; the previous copy, {previous}, is used"),
    );
    Ok(found)
}

/// Why a file was not read: whether its previous copy may be used instead.
enum Refusal {
    Final(Error),
    Other(Error),
}

fn read_one(path: &Path) -> Result<Found, Refusal> {
    let bytes = contents(path).map_err(Refusal::Other)?;
    let file = path.display().to_string();
    match from_bytes(&bytes) {
        Ok((session, lost)) => {
            let notes = (!lost.is_empty()).then(|| {
                let file = printable(&file);
                format!("{file} is damaged: {} cannot be read", lost.join(", "))
            });
            Ok(Found {
                session,
                notes: notes.into_iter().collect(),
            })
        }
        Err(Unusable::Damaged(why)) => {
            let problem = format!("is a damaged session: {why}");
            let error = Error::input(file, problem, "delete it to begin anew");
            Err(Refusal::Other(error))
        }
        Err(Unusable::Newer(version)) => {
            let problem =
                format!("is a session of a newer version of this program (format {version})");
            let remedy = "use that version, or move the file away to begin anew";
            Err(Refusal::Final(Error::input(file, problem, remedy)))
        }
    }
}

fn contents(path: &Path) -> Result<Vec<u8>> {
    let io = |source| Error::io("read", path, source);
    let size = std::fs::metadata(path).map_err(io)?;
    if !size.is_file() || size.len() > LARGEST {
        let problem = "is not a session file, or is too large for one";
        return Err(Error::input(
            path.display().to_string(),
            problem,
            "name another file",
        ));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(LARGEST).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}
