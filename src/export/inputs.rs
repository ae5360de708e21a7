//! The files that a command or the screen reads: nothing that it writes may replace one of them.

use std::path::{Path, PathBuf};

use crate::dataset::without_member;

/// Files that are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs(Vec<PathBuf>);

impl Inputs {
    /// Adds a file as it is named in arguments: perhaps with the name of a set before it
    /// (`model=file`), or of a member of an archive behind it (`file.npz:member`).
    pub fn add(&mut self, named: &Path) {
        let behind_name = named.to_str().and_then(|text| text.split_once('='));
        for file in [Some(named), behind_name.map(|(_, file)| Path::new(file))] {
            self.0.extend(file.map(|file| match file.to_str() {
                Some("-") => "/dev/stdin".into(),
                _ => without_member(file),
            }));
        }
    }

    /// The one that a path leads to, by whatever name or link.
    pub fn at(&self, path: &Path) -> Option<&Path> {
        let found = self.0.iter().find(|input| is_same_file(input, path));
        found.map(PathBuf::as_path)
    }
}

impl<P: AsRef<Path>> FromIterator<P> for Inputs {
    fn from_iter<I: IntoIterator<Item = P>>(files: I) -> Self {
        let mut inputs = Self::default();
        for file in files {
            inputs.add(file.as_ref());
        }
        inputs
    }
}

/// True if both paths lead to one file, or would if it existed.
fn is_same_file(a: &Path, b: &Path) -> bool {
    let (Ok(known_a), Ok(known_b)) = (a.metadata(), b.metadata()) else {
        let whole = |path: &Path| std::path::absolute(path).ok();
        return whole(a).is_some() && whole(a) == whole(b);
    };
    #[cfg(unix)]
    let is_same = {
        use std::os::unix::fs::MetadataExt;
        (known_a.dev(), known_a.ino()) == (known_b.dev(), known_b.ino())
    };
    #[cfg(not(unix))]
    let is_same = a.canonicalize().ok() == b.canonicalize().ok();
    // Devices and pipes can be read and written.
    is_same && known_a.is_file() && known_b.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_known_by_every_name_and_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        for name in ["a.npz", "b.npy"] {
            std::fs::write(at(name), name).unwrap();
        }
        symlink(at("a.npz"), at("soft.npz")).unwrap();
        symlink(folder.path(), at("sub/up")).unwrap();
        std::fs::hard_link(at("a.npz"), at("hard.npz")).unwrap();
        let member = PathBuf::from(format!("A/conv1={}:layer", at("a.npz").display()));
        let inputs: Inputs = [member, at("missing.csv"), "/dev/null".into()]
            .iter()
            .collect();
        for name in [
            "a.npz",
            "soft.npz",
            "hard.npz",
            "sub/../a.npz",
            "sub/up/a.npz",
            "missing.csv",
        ] {
            assert!(inputs.at(&at(name)).is_some(), "{name}");
        }
        for path in [at("b.npy"), at("c.npy"), "/dev/null".into()] {
            assert_eq!(inputs.at(&path), None, "{}", path.display());
        }
    }
}
