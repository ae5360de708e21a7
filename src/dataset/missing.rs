//! Files that are not there: which one may have been meant.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use crate::error::{Error, printable};
use crate::text::most_similar;

/// The error of a file that cannot be read. If there is none of that name, it names the file beside it whose
/// name is most similar, or is the same but for its extension.
pub(crate) fn unreadable(path: &Path, source: IoError) -> Error {
    let meant = similar_file(path).filter(|_| source.kind() == ErrorKind::NotFound);
    let source = match meant {
        Some(meant) => {
            let meant = printable(&path.with_file_name(meant).display().to_string());
            IoError::new(source.kind(), format!("{source}; did you mean {meant}?"))
        }
        None => source,
    };
    Error::io("read", path, source)
}

/// The name of the most similar file in the same folder.
fn similar_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let files = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    let has_stem = |other: &&String| Path::new(other).file_stem() == Some(name.as_ref().as_ref());
    let found = names.iter().find(has_stem);
    found.or_else(|| most_similar(&name, &names)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_file_is_compared_with_those_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["features.npy", "labels.npy", "other.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let message = |name: &str| {
            let path = folder.path().join(name);
            let source = std::fs::metadata(&path).unwrap_err();
            unreadable(&path, source).to_string()
        };
        for (typed, meant) in [
            ("featurs.npy", "features.npy"),
            ("features", "features.npy"),
            ("labels.npz", "labels.npy"),
        ] {
            let path = folder.path().join(meant);
            let ending = format!("did you mean {}?", path.display());
            assert!(message(typed).ends_with(&ending), "{}", message(typed));
        }
        assert!(!message("mnist.csv").contains("mean"));
        assert!(!message("none/features.npy").contains("mean"));
    }
}
