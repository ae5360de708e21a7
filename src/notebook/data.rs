//! Data in a notebook: read, described, and relabeled.

use std::path::Path;

use super::display::shown;
use super::live::watched;
use super::map::Map;
use super::show::{Block, Cell, Content, Show, Table};
use crate::dataset::{Dataset, Labels, Metric};
use crate::decisions::{Choice, Decision, Decisions};
use crate::diagnosis::{Diagnosis, DiagnosisOptions, usual_neighbors};
use crate::error::{Error, Result, printable};
use crate::study::{Study, StudyOptions};
use crate::text::{count, first, name};

/// Names in a list.
const MOST_NAMES: usize = 12;
/// Columns of a name.
const NAME: usize = 24;
/// Remarks that are shown.
const MOST_NOTES: usize = 4;

/// Reads features, with labels and whatever else the file holds: see [`Dataset::load`].
///
/// # Errors
/// [`Error::Io`] and [`Error::Input`], as [`read`](crate::dataset::read).
pub fn load(path: impl AsRef<Path>) -> Result<Dataset> {
    let path = path.as_ref();
    watched(|_, live| {
        live.announce(|| format!("reading {}", printable(&path.display().to_string())));
        Dataset::load(path)
    })
}

/// Reads a study file, which names models, layers and labels: see [`Study::read`].
///
/// # Errors
/// As [`Study::read`].
pub fn load_study(path: impl AsRef<Path>) -> Result<Study> {
    let path = path.as_ref().display().to_string();
    watched(|_, live| {
        live.announce(|| format!("reading {}", printable(&path)));
        Study::read(&StudyOptions::from_arguments(&[path.as_str()])?)
    })
}

impl Dataset {
    /// All statistics of the features, and of a map of them: `data.diagnose(&map)?`, or without a map
    /// `data.diagnose(None)?`.
    ///
    /// # Errors
    /// [`Error::Input`] if there are no labels, [`Error::Mismatch`] if the map is of other data.
    ///
    /// ```
    /// use disentangle::prelude::*;
    /// let data = load("fixtures/digits_mlp.npz")?;
    /// let diagnosis = data.diagnose(None)?;
    /// assert!(diagnosis.to_string().contains("mix"));
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn diagnose<'a>(&self, map: impl Into<Option<&'a Map>>) -> Result<Diagnosis> {
        let positions = map.into().map(Map::positions);
        let options = DiagnosisOptions {
            k: usual_neighbors(self.labels()),
            ..DiagnosisOptions::default()
        };
        let diagnosis =
            watched(|execution, _| Diagnosis::with_options(self, positions, &options, execution))?;
        diagnosis.ok_or_else(|| self.no_labels())
    }

    /// The same data with another label for one sample, given by its row, counted from 0. The class must
    /// exist.
    ///
    /// # Errors
    /// [`Error::Input`] if there are no labels, [`Error::Option`] if there is no such class or row.
    pub fn relabel(&self, row: usize, class: &str) -> Result<Self> {
        let labels = self.labels().ok_or_else(|| self.no_labels())?;
        let names = labels.names();
        let Some(index) = names.iter().position(|name| name == class) else {
            let possible = first(names, MOST_NAMES, |n| printable(n));
            let problem = format!("there is no such class; the classes are {possible}");
            return Err(Error::option("class", printable(class), problem));
        };
        let samples = self.samples();
        if row >= samples {
            let problem = format!("there is no such row; the {samples} rows count from 0");
            return Err(Error::option("row", row, problem));
        }
        let mut decisions = Decisions::default();
        let decision = Decision {
            choice: Choice::Relabel(index as u16),
            note: String::new(),
        };
        decisions.set(row, Some(decision));
        decisions.apply(self)
    }

    fn no_labels(&self) -> Error {
        Error::input(
            printable(self.name()),
            "there are no labels",
            "add them: data.with_labels(Labels::from_strings(&names)?)?",
        )
    }
}

impl Study {
    /// One feature set, by its name: `model/layer`, or `model` for the main one.
    ///
    /// # Errors
    /// [`Error::Option`] if there is no such set, and as [`Study::dataset`].
    pub fn data(&self, set: &str) -> Result<Dataset> {
        let Some(id) = self.find(set) else {
            let names: Vec<String> = self.sets().map(|id| self.set_name(id)).collect();
            let possible = first(&names, MOST_NAMES, |n| printable(n));
            let problem = format!("there is no such set; the sets are {possible}");
            return Err(Error::option("set", printable(set), problem));
        };
        Ok(self.dataset(id)?.as_ref().clone())
    }
}

/// "10 classes of 87 to 92 samples: zero, one, …".
fn classes(labels: Option<&Labels>, samples: usize) -> String {
    let Some(labels) = labels else {
        return "no labels".to_owned();
    };
    let counts = labels.counts();
    let labeled: usize = counts.iter().sum();
    let (least, most) = (counts.iter().min(), counts.iter().max());
    let size = match (least, most) {
        (Some(least), Some(most)) if least == most => format!(" of {}", count(*least)),
        (Some(least), Some(most)) => format!(" of {} to {}", count(*least), count(*most)),
        _ => String::new(),
    };
    let without = match samples - labeled {
        0 => String::new(),
        number => format!("; {} without a label", count(number)),
    };
    format!(
        "{}{size} samples: {}{without}",
        crate::words::count(labels.classes(), "class", "classes"),
        first(labels.names(), MOST_NAMES, |n| name(n, NAME))
    )
}

/// What is known about the samples beside features and labels.
fn knowledge(data: &Dataset) -> String {
    let mut parts = Vec::new();
    parts.extend(data.predictions().map(|_| "predictions".to_owned()));
    parts.extend(data.probabilities().map(|_| "probabilities".to_owned()));
    parts.extend(data.ids().map(|ids| {
        let example = ids.first().map_or("", String::as_str);
        format!("ids (the first: {})", name(example, NAME))
    }));
    if !data.metadata().is_empty() {
        let names = first(data.metadata(), MOST_NAMES, |m| name(&m.name, NAME));
        parts.push(format!("columns {names}"));
    }
    if parts.is_empty() {
        "nothing else".to_owned()
    } else {
        parts.join(", ")
    }
}

fn notes(notes: &[String], content: &mut Content<'_>) {
    for note in notes.iter().take(MOST_NOTES) {
        content.push(Block::Note(format!("note: {}", printable(note)).into()));
    }
    if notes.len() > MOST_NOTES {
        let left = notes.len() - MOST_NOTES;
        content.push(Block::Note(format!("… {left} more notes").into()));
    }
}

impl Show for Dataset {
    fn content(&self) -> Content<'_> {
        let metric = match self.metric() {
            Metric::Euclidean => String::new(),
            metric @ Metric::Cosine => format!(", {metric}"),
        };
        let size = format!(
            "{}: {} samples × {} features{metric}",
            printable(self.name()),
            count(self.samples()),
            count(self.dimensions())
        );
        let files = self.sources().iter().map(|s| match &s.member {
            Some(member) => format!("{} from {}:{member}", s.role, s.path),
            None => format!("{} from {}", s.role, s.path),
        });
        let files: Vec<String> = files.map(|f| printable(&f)).collect();
        let files = if files.is_empty() {
            "from memory".to_owned()
        } else {
            first(&files, 3, Clone::clone)
        };
        let labels = classes(self.labels(), self.samples());
        let mut content: Content<'_> = [size, labels, knowledge(self)]
            .into_iter()
            .map(|line| Block::Text(line.into()))
            .collect();
        content.push(Block::Note(files.into()));
        notes(self.notes(), &mut content);
        content
    }
}

impl Show for Labels {
    fn content(&self) -> Content<'_> {
        let classes = classes(Some(self), self.indices().len());
        vec![Block::Text(classes.into())]
    }
}

impl Show for Study {
    fn content(&self) -> Content<'_> {
        let mut table = Table {
            title: format!(
                "{}: {} samples, {}",
                printable(self.name()),
                count(self.samples()),
                classes(self.labels(), self.samples())
            ),
            head: ["set", "features", "predictions", "probabilities"]
                .map(String::from)
                .into(),
            ..Table::default()
        };
        let yes = |known: bool| Cell::text(if known { "yes" } else { "–" });
        for id in self.sets() {
            let model = &self.models()[id.model];
            table.rows.push(vec![
                Cell::text(name(&self.set_name(id), NAME)),
                Cell::number(count(model.layers()[id.layer].dimensions())),
                yes(model.predictions().is_some()),
                yes(model.probabilities().is_some()),
            ]);
        }
        let mut content = vec![Block::Table(table)];
        notes(self.notes(), &mut content);
        content
    }
}

shown!(Dataset, Labels, Study);
