//! Writing files from the screen: whole or not at all, and never over another file without asking.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::dataset::{Dataset, Metadata};
use crate::decisions::Decisions;
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result, printable};
use crate::export::{
    Drawing, Inputs, LegendEntry, MapFormat, PictureSize, Window, clusters_to_csv, clusters_to_npy,
    map_to_csv, map_to_npy, picture_to_bytes, samples_to_csv, samples_to_text, write_file,
    write_new_file,
};
use crate::journal::Entry;
use crate::palette::ColorDepth;
use crate::raster::{Fold, Points};
use crate::run::Snapshot;
use crate::tui::app::action::{Message, Target};
use crate::tui::app::map::MapView;

/// The samples of selections, by the names of these.
pub type Selections = BTreeMap<String, Arc<[u32]>>;

/// The statistics of a snapshot of some samples, and the selections with names, as the content of a file.
pub type StatisticsWriter = Arc<
    dyn Fn(&Dataset, &Snapshot, Option<&Diagnosis>, &Selections) -> Result<Vec<u8>> + Send + Sync,
>;

/// What a report from the screen is about.
pub struct OnScreen<'a> {
    /// The samples.
    pub data: &'a Dataset,
    /// The map.
    pub snapshot: &'a Snapshot,
    /// The statistics, as far as they are computed.
    pub diagnosis: Option<&'a Diagnosis>,
    /// How the feature sets compare, if that is known.
    pub comparison: Option<&'a Comparison>,
    /// What was decided about labels.
    pub decisions: &'a Decisions,
    /// What was done and seen, oldest first.
    pub(crate) journal: &'a [Arc<Entry>],
    /// The selections that have names.
    pub selections: &'a Selections,
}

/// The report of what is on the screen as the content of a file of this name.
pub type ReportWriter = Arc<dyn Fn(&Path, &OnScreen<'_>) -> Result<Vec<u8>> + Send + Sync>;

/// What is saved.
pub(crate) struct Job {
    pub(crate) target: Target,
    pub(crate) path: PathBuf,
    /// Replace a file that exists.
    pub(crate) overwrite: bool,
    /// Files that are read, which stay as they are.
    pub(crate) inputs: Inputs,
    /// The samples.
    pub(crate) data: Arc<Dataset>,
    /// The map.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The statistics.
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// How the map looks on the screen.
    pub(crate) view: MapView,
    /// How the feature sets compare.
    pub(crate) comparison: Option<Arc<Comparison>>,
    pub(crate) write_statistics: StatisticsWriter,
    pub(crate) write_report: Option<ReportWriter>,
    /// The selected samples.
    pub(crate) selected: Vec<u32>,
    /// What was decided about suspects.
    pub(crate) decisions: Decisions,
    /// The journal, oldest entry first.
    pub(crate) journal: Vec<Arc<Entry>>,
    /// Selections with names, which become columns of tables.
    pub(crate) selections: Selections,
}

impl Job {
    /// Writes the file; says how it went.
    pub(crate) fn run(self) -> Message {
        let path = at_home(&self.path);
        if let Some(input) = self.inputs.at(&path) {
            let input = printable(&input.display().to_string());
            return Message::SaveFailed(format!("{input} is in use; save to another file"));
        }
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
        let content = match self.target {
            Target::Statistics => {
                let diagnosis = self.diagnosis_of_map();
                let (map, named) = (&self.snapshot, &self.selections);
                (self.write_statistics)(&self.data, map, diagnosis.as_ref(), named)?
            }
            Target::Report => self.report(path)?,
            Target::Selection if has_ending(path, "csv") => {
                samples_to_csv(&self.with_selections()?, &self.selected)?
            }
            #[cfg(feature = "parquet")]
            Target::Selection if has_ending(path, "parquet") => {
                crate::export::samples_to_parquet(&self.with_selections()?, &self.selected)?
            }
            #[cfg(feature = "parquet")]
            Target::Map if has_ending(path, "parquet") => {
                crate::export::map_to_parquet(&self.snapshot.positions, &self.with_selections()?)?
            }
            Target::Decisions => self.decisions.to_csv(&self.data)?,
            Target::Labels => self.decisions.corrected_labels(&self.data)?.into_bytes(),
            Target::Clusters => self.clusters(path)?,
            Target::Selection => samples_to_text(&self.data, &self.selected),
            Target::Map if has_ending(path, "csv") => {
                map_to_csv(&self.snapshot.positions, &self.with_selections()?)?
            }
            Target::Map if has_ending(path, "npy") => map_to_npy(&self.snapshot.positions)?,
            Target::Map => self.picture(path)?,
        };
        if self.overwrite {
            write_file(path, &content).map(|()| true)
        } else {
            write_new_file(path, &content)
        }
    }
}

impl Job {
    /// The statistics, without those of another map than the one that is saved.
    fn diagnosis_of_map(&self) -> Option<Diagnosis> {
        let diagnosis = self.diagnosis.as_deref()?.clone();
        Some(
            if diagnosis.map_generation == Some(self.snapshot.generation) {
                diagnosis
            } else {
                diagnosis.without_map()
            },
        )
    }

    fn report(&self, path: &Path) -> Result<Vec<u8>> {
        let Some(write) = &self.write_report else {
            let problem = "reports are written by the command line only";
            return Err(Error::option("path", path.display(), problem));
        };
        let diagnosis = self.diagnosis_of_map();
        let shown = OnScreen {
            data: &self.data,
            snapshot: &self.snapshot,
            diagnosis: diagnosis.as_ref(),
            comparison: self.comparison.as_deref(),
            decisions: &self.decisions,
            journal: &self.journal,
            selections: &self.selections,
        };
        write(path, &shown)
    }

    /// The samples, with a column for each selection that has a name: whether they are in it.
    fn with_selections(&self) -> Result<Dataset> {
        let mut columns = self.data.metadata().to_vec();
        for (name, ids) in &self.selections {
            let mut values = vec!["no".to_owned(); self.data.samples()];
            for id in ids.iter() {
                if let Some(value) = values.get_mut(*id as usize) {
                    "yes".clone_into(value);
                }
            }
            let name = format!("selection {name}");
            columns.push(Metadata { name, values });
        }
        self.data.as_ref().clone().with_metadata(columns)
    }

    /// The cluster of each sample.
    fn clusters(&self, path: &Path) -> Result<Vec<u8>> {
        let found = self.diagnosis.as_ref().and_then(|d| d.clusters.as_ref());
        let found = found.ok_or_else(|| Error::Option {
            field: "clusters",
            value: "none".into(),
            problem: "there are no clusters to save".into(),
        })?;
        if has_ending(path, "npy") {
            clusters_to_npy(found)
        } else {
            clusters_to_csv(found, &self.data)
        }
    }

    /// The map as it looks on the screen.
    fn picture(&self, path: &Path) -> Result<Vec<u8>> {
        let format = MapFormat::of_path(path)?;
        let view = &self.view;
        let mut drawing = drawing(&self.data, &self.snapshot, view);
        if has_ending(path, "txt") {
            drawing.palette = drawing.palette.with_depth(ColorDepth::None);
        } else if format != MapFormat::Text {
            drawing.palette = drawing.palette.with_depth(ColorDepth::True);
        }
        let size = (
            u32::from(view.area.columns).max(10),
            u32::from(view.area.rows).max(4),
        );
        let size = PictureSize::pixels(size.0, size.1);
        let size = matches!(format, MapFormat::Text | MapFormat::Cast).then_some(size);
        picture_to_bytes(&drawing, format, size)
    }
}

/// The map as it looks on the screen.
pub(super) fn drawing<'a>(
    data: &'a Dataset,
    snapshot: &'a Snapshot,
    view: &'a MapView,
) -> Drawing<'a> {
    let labels = data.labels();
    let classes = labels.map_or(0, crate::dataset::Labels::classes);
    let (values, fold) = match &view.values {
        Some(colored) => (&colored.values[..], colored.fold),
        None => (&[][..], Fold::default()),
    };
    let entries = LegendEntry::of(data).into_iter().zip(&view.shown);
    Drawing {
        points: Points {
            positions: &snapshot.positions,
            classes: labels.map_or(&[], |l| l.indices()),
            shown: &view.shown[..classes.min(view.shown.len())],
            unlabeled_shown: view.shown.get(classes).copied().unwrap_or(true),
            groups: &view.groups,
            values,
            fold,
        },
        values: view.values.as_ref().map(|colored| &colored.scale),
        look: view.look,
        palette: view.palette,
        window: view.window.map(|viewport| Window {
            viewport,
            area: view.area,
        }),
        turn: Some(view.turn),
        names: view.names,
        title: data.name().to_owned(),
        classes: entries
            .filter(|(_, shown)| **shown)
            .map(|(e, _)| e)
            .collect(),
        small_print: view.small_print.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fake;

    fn job(target: Target, path: &Path, overwrite: bool) -> Message {
        job_beside(Inputs::default(), target, path, overwrite)
    }

    fn job_beside(inputs: Inputs, target: Target, path: &Path, overwrite: bool) -> Message {
        job_of(inputs, target, path, overwrite).run()
    }

    fn job_of(inputs: Inputs, target: Target, path: &Path, overwrite: bool) -> Job {
        let mut app = fake::app();
        app.size = (80, 24);
        Job {
            view: app.map_view(),
            target,
            path: path.to_path_buf(),
            overwrite,
            inputs,
            data: app.run.data,
            snapshot: app.run.snapshot,
            diagnosis: app.run.diagnosis,
            comparison: None,
            write_statistics: Arc::new(|_, _, diagnosis, _| {
                Ok(diagnosis.is_some().to_string().into())
            }),
            write_report: None,
            selected: vec![3, 7],
            decisions: app.suspects.decisions,
            journal: Vec::new(),
            selections: BTreeMap::new(),
        }
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
        assert_eq!(values[..2], fake::app().run.snapshot.positions[0]);

        let path = folder.path().join("map.CSV");
        assert!(matches!(job(Target::Map, &path, false), Message::Saved(..)));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), fake::SAMPLES + 1);
        assert_eq!(text.lines().next(), Some("x,y,label"));
    }

    #[test]
    fn the_selection_is_written_as_a_table_or_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids.csv");
        let saved = job(Target::Selection, &path, false);
        assert!(matches!(saved, Message::Saved(..)));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "row,label\n3,none\n7,none\n");
        let path = folder.path().join("ids.txt");
        job(Target::Selection, &path, false);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "3\n7\n");
    }

    #[test]
    fn selections_with_names_are_columns_of_tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids.csv");
        let job = Job {
            selections: BTreeMap::from([("odd, ones".to_owned(), vec![7].into())]),
            ..job_of(Inputs::default(), Target::Selection, &path, false)
        };
        assert!(matches!(job.run(), Message::Saved(..)));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "row,label,\"selection odd, ones\"\n3,none,no\n7,none,yes\n"
        );
    }

    #[test]
    fn reports_get_the_selections_with_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        let write: ReportWriter =
            Arc::new(|_, shown| Ok(format!("{:?}", shown.selections).into_bytes()));
        let job = Job {
            selections: BTreeMap::from([("odd".to_owned(), vec![7].into())]),
            write_report: Some(write),
            ..job_of(Inputs::default(), Target::Report, &path, false)
        };
        assert!(matches!(job.run(), Message::Saved(..)));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), r#"{"odd": [7]}"#);
    }

    #[test]
    fn a_map_becomes_a_picture_of_the_kind_that_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        for (name, beginning) in [
            ("map.svg", &b"<svg "[..]),
            ("map.png", b"\x89PNG"),
            ("map.ans", b"retina5\n"),
            ("map.txt", b"retina5\n"),
        ] {
            let path = folder.path().join(name);
            assert!(
                matches!(job(Target::Map, &path, false), Message::Saved(..)),
                "{name}"
            );
            let bytes = std::fs::read(&path).unwrap();
            assert!(bytes.starts_with(beginning), "{name}");
            if name != "map.png" {
                let colored = bytes.contains(&0x1b);
                assert_eq!(colored, name == "map.ans", "{name}");
            }
        }
        let svg = std::fs::read_to_string(folder.path().join("map.svg")).unwrap();
        assert!(svg.contains("proliferative (120)") && svg.contains("perplexity 30"));
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
    fn a_file_that_is_read_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("labels.txt");
        let link = folder.path().join("link.txt");
        std::fs::write(&input, "mine").unwrap();
        std::fs::hard_link(&input, &link).unwrap();
        for path in [&input, &link] {
            for overwrite in [false, true] {
                let inputs = [&input].into_iter().collect();
                let told = job_beside(inputs, Target::Selection, path, overwrite);
                assert!(matches!(told, Message::SaveFailed(why) if why.contains("in use")));
                assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
            }
        }
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
