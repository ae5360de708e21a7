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
use super::transposed::transposed;
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
    let place = file.place();
    // The digest is computed beside the values.
    let mut parts = rayon::in_place_scope(|scope| {
        scope.spawn(|_| drop(file.digest()));
        parts_of(&file, options)
    })?;
    // The memory is wanted for what comes next.
    drop(file);
    parts.add_companions(options)?;
    assemble(parts, options, &place, title)
}

/// What the file holds, by role.
fn parts_of(file: &RawFile, options: &ReadOptions) -> Result<Parts> {
    let mut contents = formats::open(file)?;
    if options.transpose && contents.layout == Layout::Table {
        contents = transposed(contents)?;
    }
    let roles = roles::decide(&mut contents, file.member.as_deref(), options)?;
    Parts::of(file, &mut contents, roles, options)
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

/// Whether a file is a table, and whether it is an archive that names the classes.
pub(crate) fn is_table_or_names_classes(path: &Path) -> Result<(bool, bool)> {
    let file = RawFile::open(path)?;
    let contents = formats::open(&file)?;
    let names = contents.named(Role::ClassNames.names());
    let is = |layout| contents.layout == layout;
    Ok((is(Layout::Table), is(Layout::Archive) && names.is_some()))
}
