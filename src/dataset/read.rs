//! Reading runs through its stages here: bytes → columns → roles → values → a checked dataset.
//!
//! In: the path of the features (or `file.npz:member`) and [`ReadOptions`]. Out: a [`Dataset`]. An
//! archive brings its own labels, class names, ids, predictions and probabilities unless options
//! name other files for them. Rows with NaN or infinite values are refused, or dropped from all
//! arrays alike.

use std::path::Path;

use super::assemble::{KeptRows, assemble};
use super::formats::{self, Layout};
use super::parts::Parts;
use super::raw::RawFile;
use super::roles::{self, Role};
use super::transposed::{once_exchanged, transposed};
use super::{Dataset, ReadOptions};
use crate::error::Result;

/// Reads a dataset from a file of features and the files that options name.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if a file cannot be read, [`Error::Input`](crate::Error::Input)
/// or [`Error::Mismatch`](crate::Error::Mismatch) if its content cannot be used.
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Dataset> {
    read_rows(path.as_ref(), options).map(|(data, _)| data)
}

/// The same, with the rows that were kept.
pub(crate) fn read_rows(path: &Path, options: &ReadOptions) -> Result<(Dataset, KeptRows)> {
    let file = RawFile::open(path)?.with_header(options.header);
    let title = file.title();
    through_stages(file, &title, options)
}

/// Reads a dataset from the bytes of a features file, for data that is not on disk. Paths in the
/// options are read as usual.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Dataset> {
    let file = RawFile::in_memory(name, bytes)?.with_header(options.header);
    through_stages(file, name, options).map(|(data, _)| data)
}

fn through_stages(
    file: RawFile,
    title: &str,
    options: &ReadOptions,
) -> Result<(Dataset, KeptRows)> {
    let read = rayon::in_place_scope(|scope| {
        // The digest takes as long as everything else together.
        scope.spawn(|_| drop(file.digest()));
        let (mut parts, role) = parts_of(&file, options)?;
        parts.add_companions(options)?;
        let (mut data, kept) = assemble(parts, options, &file.place(), title)?;
        data.sources.insert(0, file.provenance(role)?);
        Ok((data, kept))
    });
    // If the file was written to meanwhile, any other problem may be due to that.
    read.map_err(|problem| match file.check_unchanged() {
        Err(changed) => changed,
        Ok(()) if options.transpose => once_exchanged(problem),
        Ok(()) => problem,
    })
}

/// What the file holds, by role, and the role of the file.
fn parts_of(file: &RawFile, options: &ReadOptions) -> Result<(Parts, &'static str)> {
    let mut contents = formats::open(file)?;
    if options.transpose && contents.layout == Layout::Table {
        contents = transposed(contents)?;
    }
    let roles = roles::decide(&mut contents, file.member.as_deref(), options)?;
    let is_alone = file.member.is_some() || contents.layout == Layout::Array;
    let role = if is_alone {
        "features"
    } else {
        "features and what comes with them"
    };
    let parts = Parts::of(file, &mut contents, roles, options)?;
    Ok((parts, role))
}

/// The arrays of an archive that can be features of the same samples, and notes on those that
/// were left out; `None` for any other file, and for a single member.
pub(crate) fn feature_sets(path: &Path) -> Result<Option<(Vec<String>, Vec<String>)>> {
    let file = RawFile::open(path)?;
    let contents = formats::open(&file)?;
    if contents.layout != Layout::Archive || file.member.is_some() {
        return Ok(None);
    }
    roles::feature_sets(&contents).map(Some)
}

/// What a file of a folder is for, by its name and shape.
///
/// # Errors
/// As [`read`], where it can only be features, and cannot be read as such.
#[cfg(feature = "tui")]
pub(crate) fn glance(path: &Path) -> Result<roles::Glance> {
    let file = RawFile::open(path)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut contents = formats::open(&file)?;
    roles::alone(&mut contents, &stem)
}

/// Whether a file is a table, and whether it is an archive that names the classes.
pub(crate) fn is_table_or_names_classes(path: &Path) -> Result<(bool, bool)> {
    let file = RawFile::open(path)?;
    let contents = formats::open(&file)?;
    let names = contents.named(Role::ClassNames.names());
    let is = |layout| contents.layout == layout;
    Ok((is(Layout::Table), is(Layout::Archive) && names.is_some()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_file_that_is_written_to_meanwhile_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let text = "1,2,a\n3,4,b\n".repeat(30_000);
        let read_when = |change: Option<&str>| {
            std::fs::write(&path, &text).unwrap();
            let file = RawFile::open(&path).unwrap();
            if let Some(change) = change {
                std::fs::write(&path, change).unwrap();
            }
            let read = through_stages(file, "x", &ReadOptions::default());
            read.map(|(data, _)| data.samples())
                .map_err(|e| e.to_string())
        };
        assert_eq!(read_when(None), Ok(60_000));
        let longer = format!("{text}5,6,c\n");
        let [letters, words] = [longer.replace('a', "\u{e9}"), longer.replace('1', "x")];
        // Values that could be used, and values with problems of their own.
        for change in [&longer, &letters, &words, "1,2,3\n"] {
            let error = read_when(Some(change)).unwrap_err();
            assert!(error.contains("changed while it was read"), "{error}");
        }
    }
}
