//! The endings of the files that are written: one list for each kind of file, which checks, messages, help and
//! completion share.

#[cfg(feature = "tui")]
use std::path::Path;

/// Maps as data.
pub(crate) const MAPS: &[&str] = &[
    "npy",
    "csv",
    #[cfg(feature = "parquet")]
    "parquet",
];

/// Pictures of maps.
pub(crate) const PICTURES: &[&str] = &[
    "svg",
    #[cfg(feature = "png")]
    "png",
    "ans",
    "txt",
];

/// Selected samples.
#[cfg(feature = "tui")]
pub(crate) const SAMPLES: &[&str] = &[
    "csv",
    #[cfg(feature = "parquet")]
    "parquet",
    "txt",
];

/// The cluster of each sample.
#[cfg(feature = "tui")]
pub(crate) const CLUSTERS: &[&str] = &["csv", "npy"];

/// Reports as a page.
#[cfg(feature = "tui")]
pub(crate) const REPORTS: &[&str] = &["html", "md", "json"];

/// ".npy, .csv, .parquet"
pub(crate) fn listed(endings: &[&str]) -> String {
    format!(".{}", endings.join(", ."))
}

/// ".npy, .csv or .parquet"
pub(crate) fn one_of(endings: &[&str]) -> String {
    match endings {
        [others @ .., last] if !others.is_empty() => format!("{} or .{last}", listed(others)),
        _ => listed(endings),
    }
}

/// Whether the name of a file ends in one of these.
#[cfg(feature = "tui")]
pub(crate) fn has_one_of(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    endings.iter().any(|e| ending.eq_ignore_ascii_case(e))
}
