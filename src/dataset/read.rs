//! From files to a dataset.

use std::path::{Path, PathBuf};

use super::Dataset;
use crate::error::{Error, Result};

/// Which files to read, and how.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The file of the features.
    pub features: PathBuf,
}

impl ReadOptions {
    /// Reads the features from `path`.
    pub fn new(path: &Path) -> Self {
        Self {
            features: path.to_path_buf(),
        }
    }
}

/// Reads a dataset.
///
/// # Errors
/// [`Error::Input`] if the file cannot be used.
pub fn read(options: &ReadOptions) -> Result<Dataset> {
    Err(Error::input(
        options.features.display().to_string(),
        "not readable",
        "use another",
    ))
}
