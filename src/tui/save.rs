//! Writing files from the screen: whole or not at all, and never over a file without a word.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use npyz::WriterBuilder;

use super::action::{Message, Target};
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result};
use crate::run::Snapshot;

/// Writes the statistics of a snapshot to a file.
pub type StatisticsWriter =
    Arc<dyn Fn(&Snapshot, Option<&Diagnosis>, &Path) -> Result<()> + Send + Sync>;

/// What is saved.
pub(crate) struct Job {
    /// What to save.
    pub(crate) target: Target,
    /// Where to.
    pub(crate) path: PathBuf,
    /// Replace a file that exists.
    pub(crate) overwrite: bool,
    /// The samples.
    pub(crate) data: Arc<Dataset>,
    /// The map.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The statistics.
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// Writes the statistics.
    pub(crate) write_statistics: StatisticsWriter,
}

impl Job {
    /// Writes the file; says how it went.
    pub(crate) fn run(self) -> Message {
        let path = at_home(&self.path);
        if !self.overwrite && path.exists() {
            return Message::Exists(self.target, path);
        }
        match self.write(&path) {
            Ok(true) => Message::Saved(self.target, path),
            Ok(false) => Message::Exists(self.target, path),
            Err(error) => Message::SaveFailed(error.to_string()),
        }
    }

    /// False if the file appeared meanwhile.
    fn write(&self, path: &Path) -> Result<bool> {
        let failed = |error: io::Error| Error::io("write", path, error);
        let folder = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".disentangle-")
            .tempfile_in(folder)
            .map_err(failed)?;
        match self.target {
            Target::Statistics => {
                (self.write_statistics)(&self.snapshot, self.diagnosis.as_deref(), file.path())?;
            }
            Target::Map if has_ending(path, "csv") => {
                write_csv(file.as_file(), &self.data, &self.snapshot).map_err(failed)?;
            }
            Target::Map => write_npy(file.as_file(), &self.snapshot.positions).map_err(failed)?,
        }
        let persisted = if self.overwrite {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        match persisted {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(failed(error.error)),
        }
    }
}

/// A leading `~/` stands for the home folder.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_path_buf(),
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// Writes positions as a NumPy array (n × 2, f32).
fn write_npy(file: impl Write, positions: &[[f32; 2]]) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    let mut array = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[positions.len() as u64, 2])
        .writer(&mut out)
        .begin_nd()?;
    array.extend(positions.iter().flatten().copied())?;
    array.finish()?;
    out.flush()
}

/// Writes one line per sample: id if there are ids, x, y, label if there are labels.
fn write_csv(file: impl Write, data: &Dataset, snapshot: &Snapshot) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(BufWriter::new(file));
    let (ids, labels) = (data.ids(), data.labels());
    let mut heading = vec!["x", "y"];
    if ids.is_some() {
        heading.insert(0, "id");
    }
    if labels.is_some() {
        heading.push("label");
    }
    out.write_record(&heading)?;
    for (sample, [x, y]) in snapshot.positions.iter().enumerate() {
        if let Some(ids) = ids {
            out.write_field(ids.get(sample).map_or("", String::as_str))?;
        }
        out.write_field(x.to_string())?;
        out.write_field(y.to_string())?;
        if let Some(labels) = labels {
            let name = labels.class(sample).and_then(|c| labels.names().get(c));
            out.write_field(name.map_or("", String::as_str))?;
        }
        out.write_record(None::<&[u8]>)?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fake;

    fn job(target: Target, path: &Path, overwrite: bool) -> Message {
        let app = fake::app();
        Job {
            target,
            path: path.to_path_buf(),
            overwrite,
            data: app.data,
            snapshot: app.snapshot,
            diagnosis: app.diagnosis,
            write_statistics: Arc::new(|_, diagnosis, path| {
                std::fs::write(path, format!("{}", diagnosis.is_some()))
                    .map_err(|e| Error::io("write", path, e))
            }),
        }
        .run()
    }

    #[test]
    fn a_map_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.npy");
        assert!(matches!(job(Target::Map, &path, false), Message::Saved(..)));
        let bytes = std::fs::read(&path).unwrap();
        let array = npyz::NpyFile::new(&bytes[..]).unwrap();
        assert_eq!(array.shape(), [fake::SAMPLES as u64, 2]);
        let values: Vec<f32> = array.into_vec().unwrap();
        assert_eq!(values[..2], fake::app().snapshot.positions[0]);

        let path = folder.path().join("map.CSV");
        assert!(matches!(job(Target::Map, &path, false), Message::Saved(..)));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), fake::SAMPLES + 1);
        assert_eq!(text.lines().next(), Some("x,y,label"));
    }

    #[test]
    fn a_file_that_exists_is_left_alone_until_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statistics.json");
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(
            job(Target::Statistics, &path, false),
            Message::Exists(..)
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        assert!(matches!(
            job(Target::Statistics, &path, true),
            Message::Saved(..)
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "true");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let Message::SaveFailed(reason) = job(Target::Map, Path::new("/no/such/map.npy"), false)
        else {
            panic!("saved to nowhere");
        };
        assert!(reason.contains("/no/such/map.npy"), "{reason}");
    }
}
