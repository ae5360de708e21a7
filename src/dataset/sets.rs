//! Which arrays of a file can be features: the layers of a model that were saved together.

use std::path::Path;

use super::opened::{Format, Opened, split_member};
use super::parts::{
    CLASS_NAMES, ID_NAMES, LABEL_NAMES, POSITION_NAMES, PREDICTION_NAMES, PROBABILITY_NAMES,
};
use crate::error::{Error, Result, printable};

/// The members of an archive that can be features of the same samples, in the file's order, and
/// remarks on those that were left out; `None` for any other file, and for a single member.
///
/// Arrays of numbers with at least two axes count, unless their name says that they are
/// something else or they have other numbers of rows than the labels (without labels: than most
/// arrays), as weights have.
///
/// # Errors
/// [`Error::Io`] and [`Error::Input`] if the file cannot be read.
pub(crate) fn feature_sets(path: &Path) -> Result<Option<(Vec<String>, Vec<String>)>> {
    let (file, member) = split_member(path);
    // A table has no members; it is not read here.
    let opened = Opened::path(&file)?;
    if opened.format != Format::Npz || member.is_some() {
        return Ok(None);
    }
    let archive = opened.archive()?;
    let taken = [
        LABEL_NAMES,
        CLASS_NAMES,
        ID_NAMES,
        PREDICTION_NAMES,
        PROBABILITY_NAMES,
        POSITION_NAMES,
    ]
    .concat();
    let rows = |m: &super::npz::Member| -> Option<u64> {
        let header = m.header.as_ref().ok()?;
        Some(*header.shape.first()? as u64)
    };
    let candidates: Vec<(&str, u64)> = archive
        .members
        .iter()
        .filter(|m| !taken.contains(&m.stem()))
        .filter(|m| {
            let shape = |h: &super::npy::Header| h.is_number() && h.shape.len() >= 2;
            m.header.as_ref().is_ok_and(shape)
        })
        .filter_map(|m| Some((m.name.as_str(), rows(m)?)))
        .collect();
    let labels = archive.named(LABEL_NAMES).and_then(rows);
    let Some(samples) = labels.or_else(|| most_common(&candidates)) else {
        return Err(Error::input(
            &opened.file,
            format!(
                "no member can be features; {}",
                printable(&archive.listing())
            ),
            "features are an array of n rows × d columns",
        ));
    };
    let (fitting, others): (Vec<_>, Vec<_>) = candidates.iter().partition(|c| c.1 == samples);
    let notes = others
        .iter()
        .map(|(name, rows)| {
            format!(
                "{}:{} has {rows} rows and not {samples}: it is not among the feature sets",
                printable(&opened.file),
                printable(name)
            )
        })
        .collect();
    let names = fitting.iter().map(|c| c.0.to_string()).collect();
    Ok(Some((names, notes)))
}

/// The number of rows that most arrays have; of several, that of the first array.
fn most_common(candidates: &[(&str, u64)]) -> Option<u64> {
    let count = |rows: u64| candidates.iter().filter(|c| c.1 == rows).count();
    let most = candidates.iter().map(|c| count(c.1)).max()?;
    candidates.iter().map(|c| c.1).find(|&r| count(r) == most)
}

/// Whether a file is an archive that names the classes.
///
/// # Errors
/// [`Error::Io`] and [`Error::Input`] if the file cannot be read.
pub(crate) fn has_class_names(path: &Path) -> Result<bool> {
    let opened = Opened::path(path)?;
    Ok(opened.format == Format::Npz && opened.archive()?.named(CLASS_NAMES).is_some())
}

/// The file of a path that may name a member.
pub(crate) fn without_member(path: &Path) -> std::path::PathBuf {
    split_member(path).0
}
