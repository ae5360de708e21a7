//! Names that the user gave to selections and views: kept beside the data from session to session.
//!
//! In: the names, or their file. Out: a JSON file, `NAME.selections.json`, that people can read. Samples are
//! listed by their ids if these are unique, so that they are found when rows are reordered; otherwise by row.
//! A file about other data is neither read nor written over.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::encode::json;
use crate::error::{Error, Result, printable};
use crate::export::write_durably;

const SCHEMA: &str = "disentangle.selections/1";
/// What to do about a file that does not fit.
const REMEDY: &str = "move it away to keep new names";

/// Selections and views by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Names {
    /// Samples, ascending.
    pub(crate) selections: BTreeMap<String, Arc<[u32]>>,
    pub(crate) views: BTreeMap<String, KeptView>,
}

/// What the map shows, and how, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptView {
    /// The part of the map that is shown; null for all of it.
    pub(crate) window: Option<Window>,
    pub(crate) color: String,
    /// The values that color the map, if any do.
    pub(crate) value: String,
    pub(crate) glyphs: String,
    /// Whether the rarest class colors a cell.
    pub(crate) rarest: bool,
    /// Classes that are hidden.
    pub(crate) hidden: Vec<String>,
    /// Samples without a class are hidden.
    pub(crate) hides_unlabeled: bool,
}

/// A part of the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window {
    /// Its middle (map units).
    pub(crate) center: [f64; 2],
    /// Map units per dot.
    pub(crate) scale: f64,
    /// How the map is turned, counterclockwise.
    pub(crate) degrees: i32,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    samples: usize,
    selections: BTreeMap<String, Vec<Sample>>,
    views: BTreeMap<String, KeptView>,
}

/// A sample, by its id where no two samples have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sample {
    Row(usize),
    Id(String),
}

impl Sample {
    /// The samples of rows.
    pub(crate) fn of_rows(rows: &[u32], data: &Dataset) -> Vec<Self> {
        let ids = data.ids().filter(|_| unique_ids(data).is_some());
        let sample = |row: &u32| match ids.and_then(|ids| ids.get(*row as usize)) {
            Some(id) => Self::Id(id.clone()),
            None => Self::Row(*row as usize),
        };
        rows.iter().map(sample).collect()
    }

    /// The rows of samples, ascending; those that are not in the data are left out.
    pub(crate) fn rows(samples: &[Self], data: &Dataset) -> Vec<u32> {
        let ids = unique_ids(data).unwrap_or_default();
        let row = |sample: &Self| match sample {
            Self::Row(row) => (*row < data.samples()).then_some(*row as u32),
            Self::Id(id) => ids.get(id.as_str()).copied(),
        };
        let mut rows: Vec<u32> = samples.iter().filter_map(row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// The names of an earlier session, the file for new ones (none if that is about other data), and what to
/// say about it.
pub(crate) fn restore_names(file: &Path, data: &Dataset) -> (Names, Option<PathBuf>, Vec<String>) {
    // Also a broken link: what cannot be read is not written over.
    if std::fs::symlink_metadata(file).is_err() {
        return (Names::default(), Some(file.to_owned()), Vec::new());
    }
    match Names::load(file, data) {
        Ok(names) => (names, Some(file.to_owned()), Vec::new()),
        Err(error) => {
            let remark = format!("names of selections are not kept: {error}");
            (Names::default(), None, vec![remark])
        }
    }
}

impl Names {
    /// Reads a file of names.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Input`] if it is no such file or is about other data.
    pub(crate) fn load(path: &Path, data: &Dataset) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
        let wrong = |problem: String| Error::input(path.display().to_string(), problem, REMEDY);
        let file: File = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("this is not a file of selections ({error})")))?;
        if file.schema != SCHEMA {
            let schema = printable(&file.schema);
            return Err(wrong(format!("its schema is {schema}, not {SCHEMA}")));
        }
        if file.samples != data.samples() {
            let (theirs, ours) = (file.samples, data.samples());
            return Err(wrong(format!("it is about {theirs} samples, not {ours}")));
        }
        let ids = unique_ids(data).unwrap_or_default();
        let row = |sample: &Sample| match sample {
            Sample::Row(row) if *row < data.samples() => Ok(*row as u32),
            Sample::Row(row) => Err(wrong(format!("there is no row {row}"))),
            Sample::Id(id) => (ids.get(id.as_str()).copied())
                .ok_or_else(|| wrong(format!("there is no sample {}", printable(id)))),
        };
        let mut selections = BTreeMap::new();
        for (name, samples) in &file.selections {
            let mut rows = samples.iter().map(row).collect::<Result<Vec<u32>>>()?;
            rows.sort_unstable();
            rows.dedup();
            selections.insert(name.clone(), rows.into());
        }
        let views = file.views;
        Ok(Self { selections, views })
    }

    /// Writes a file of names, completely or not at all, and waits until it is on the disk.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub(crate) fn save(&self, path: &Path, data: &Dataset) -> Result<()> {
        let listed =
            |(name, rows): (&String, &Arc<[u32]>)| (name.clone(), Sample::of_rows(rows, data));
        let file = File {
            schema: SCHEMA.into(),
            samples: data.samples(),
            selections: self.selections.iter().map(listed).collect(),
            views: self.views.clone(),
        };
        write_durably(path, json("selections", &file)?.as_bytes())
    }
}

/// The row of each id, if no two samples have the same.
fn unique_ids(data: &Dataset) -> Option<HashMap<&str, u32>> {
    let ids = data.ids()?;
    let rows: HashMap<&str, u32> = (ids.iter().enumerate())
        .map(|(row, id)| (id.as_str(), row as u32))
        .collect();
    (rows.len() == ids.len()).then_some(rows)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn data(ids: Option<Vec<String>>) -> Dataset {
        let data = Dataset::new(Array2::zeros((4, 2))).unwrap();
        match ids {
            Some(ids) => data.with_ids(ids).unwrap(),
            None => data,
        }
    }

    fn names() -> Names {
        let view = KeptView {
            window: Some(Window {
                center: [1.5, -2.25],
                scale: 0.125,
                degrees: 90,
            }),
            color: "mixing".into(),
            value: String::new(),
            glyphs: "braille".into(),
            rarest: true,
            hidden: vec!["cat \"1\"".into()],
            hides_unlabeled: false,
        };
        Names {
            selections: BTreeMap::from([("odd ones".to_owned(), vec![1, 3].into())]),
            views: BTreeMap::from([("close".to_owned(), view)]),
        }
    }

    #[test]
    fn names_come_back_by_row_or_by_id_wherever_the_row_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.selections.json");
        names().save(&file, &data(None)).unwrap();
        assert_eq!(Names::load(&file, &data(None)).unwrap(), names());
        let ids = |all: [&str; 4]| Some(all.map(str::to_owned).to_vec());
        names()
            .save(&file, &data(ids(["a", "b", "c", "d"])))
            .unwrap();
        let found = Names::load(&file, &data(ids(["d", "c", "b", "a"]))).unwrap();
        assert_eq!(found.selections["odd ones"][..], [0, 2]);
        assert_eq!(found.views, names().views);
        // Ids that occur twice name nobody.
        names()
            .save(&file, &data(ids(["a", "a", "c", "d"])))
            .unwrap();
        assert_eq!(Names::load(&file, &data(None)).unwrap(), names());
    }

    #[test]
    fn a_file_about_other_data_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.selections.json");
        let other = Dataset::new(Array2::zeros((9, 2))).unwrap();
        names().save(&file, &other).unwrap();
        let (found, kept, remarks) = restore_names(&file, &data(None));
        assert_eq!((found, kept), (Names::default(), None));
        assert!(
            remarks[0].contains("it is about 9 samples, not 4"),
            "{remarks:?}"
        );
        for (content, problem) in [
            ("nonsense", "not a file of selections"),
            (
                r#"{"schema":"x","samples":4,"selections":{},"views":{}}"#,
                "its schema is x",
            ),
            (
                r#"{"schema":"disentangle.selections/1","samples":4,"selections":{"s":[7]},"views":{}}"#,
                "there is no row 7",
            ),
            (
                r#"{"schema":"disentangle.selections/1","samples":4,"selections":{"s":["z"]},"views":{}}"#,
                "there is no sample z",
            ),
        ] {
            std::fs::write(&file, content).unwrap();
            let error = Names::load(&file, &data(None)).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let none = folder.path().join("none.selections.json");
        let (found, kept, remarks) = restore_names(&none, &data(None));
        assert_eq!(
            (found, kept, remarks.len()),
            (Names::default(), Some(none), 0)
        );
    }
}
