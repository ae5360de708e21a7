//! The values of each role: from the features file, and from the files that options name.
//!
//! In: the contents of a file and the roles of its columns. Out: [`Parts`], not yet compared with
//! each other.

use super::column::{Matrix, Values};
use super::formats::{self, Contents, Layout};
use super::raw::RawFile;
use super::roles::{self, Role, Roles};
use super::{InputFile, ReadOptions};
use crate::error::{Error, Result, printable};
use crate::text::first;

/// Rows with invalid values that are named in a message.
const NAMED_ROWS: usize = 5;

/// Values of a role, with the place they are from for messages.
pub(super) struct Part<T> {
    pub(super) values: T,
    pub(super) place: String,
}

/// What was read, by role.
pub(super) struct Parts {
    pub(super) features: Matrix,
    /// The rows whose features are all finite, if some are not and these are to be dropped.
    pub(super) valid: Option<Vec<usize>>,
    pub(super) labels: Option<Part<Values>>,
    pub(super) class_names: Option<Part<Vec<String>>>,
    pub(super) ids: Option<Part<Vec<String>>>,
    pub(super) predictions: Option<Part<Values>>,
    pub(super) probabilities: Option<Part<Matrix>>,
    pub(super) notes: Vec<String>,
    pub(super) sources: Vec<InputFile>,
    /// Whether the features are a table with the column that the options name for the labels.
    has_label_column: bool,
}

impl Parts {
    /// Reads what the features file holds.
    pub(super) fn of(
        file: &RawFile,
        contents: &mut Contents<'_>,
        roles: Roles,
        options: &ReadOptions,
    ) -> Result<Self> {
        let mut features = contents.matrix(&roles.features)?;
        let is_turned = options.transpose && contents.layout != Layout::Table;
        if is_turned {
            features = features.transposed();
        }
        let valid = valid_rows(&features, file, contents, options.drop_invalid)?;
        let is_alone = file.member.is_some() || contents.layout == Layout::Array;
        let role = if is_alone {
            "features"
        } else {
            "features and what comes with them"
        };
        let mut parts = Self {
            features,
            valid,
            labels: None,
            class_names: None,
            ids: None,
            predictions: None,
            probabilities: None,
            notes: contents.notes.clone(),
            sources: vec![file.provenance(role)],
            has_label_column: roles.has_label_column,
        };
        let array = &contents.columns[roles.features[0]];
        if array.shape.len() > 2 {
            let shape: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
            parts.notes.push(format!(
                "features of shape {} were flattened to {} × {}",
                shape.join(" × "),
                parts.features.rows(),
                parts.features.columns()
            ));
        }
        if is_turned {
            parts.notes.push(format!(
                "rows and columns were exchanged: {} samples, {} features",
                parts.features.rows(),
                parts.features.columns()
            ));
        }
        parts.notes.extend(roles.notes);
        for (role, column) in roles.others {
            parts.take(role, contents, &[column])?;
        }
        Ok(parts)
    }

    /// Reads the files that options name for a role.
    pub(super) fn add_companions(&mut self, options: &ReadOptions) -> Result<()> {
        for role in Role::COMPANIONS {
            let Some(path) = role.file(options) else {
                continue;
            };
            let file = RawFile::open(path)?;
            let mut contents = formats::open(&file)?;
            let wanted = options.label_column.as_deref();
            let wanted = wanted.filter(|_| role == Role::Labels);
            if let Some(name) = wanted
                && contents.layout != Layout::Table
                && !self.has_label_column
            {
                let file = printable(&file.name);
                let problem = format!("{file} is not a table, so it has no columns");
                return Err(Error::option("label_column", name, problem));
            }
            let columns = roles::of_companion(&contents, role, file.member.as_deref(), wanted)?;
            self.take(role, &mut contents, &columns)?;
            self.sources.push(file.provenance(&role.to_string()));
        }
        Ok(())
    }

    /// Reads the values of a role.
    fn take(&mut self, role: Role, contents: &mut Contents<'_>, columns: &[usize]) -> Result<()> {
        let place = match columns {
            [column] => contents.place(*column),
            _ => contents.file().to_owned(),
        };
        let are_names = matches!(role, Role::ClassNames | Role::Ids);
        let values = match columns {
            [column] if are_names => Values::Text(contents.text(*column)?),
            [column] => contents.values(*column)?,
            several => Values::Matrix(contents.matrix(several)?),
        };
        match (role, values) {
            (Role::Features | Role::Positions, _) => {}
            (Role::Labels, values) => self.labels = Some(Part { values, place }),
            (Role::Predictions, values) => self.predictions = Some(Part { values, place }),
            (Role::Probabilities, Values::Matrix(values)) => {
                self.probabilities = Some(Part { values, place });
            }
            (Role::Probabilities, _) => {
                let problem = "probabilities must be rows of numbers";
                let remedy = "give an array of n rows (samples) × classes";
                return Err(Error::input(place, problem, remedy));
            }
            (Role::ClassNames, values) => {
                let values = values.into_text();
                self.class_names = Some(Part { values, place });
            }
            (Role::Ids, values) => {
                let values = values.into_text();
                self.ids = Some(Part { values, place });
            }
        }
        Ok(())
    }
}

/// The rows whose features are all finite, if some are not and may be dropped.
fn valid_rows(
    features: &Matrix,
    file: &RawFile,
    contents: &Contents<'_>,
    drop: bool,
) -> Result<Option<Vec<usize>>> {
    let (invalid, valid): (Vec<usize>, Vec<usize>) =
        (0..features.rows()).partition(|&row| features.invalid_in(row).is_some());
    if invalid.is_empty() {
        return Ok(None);
    }
    if drop && valid.is_empty() {
        let problem = "every row has NaN or infinite values";
        return Err(Error::input(file.place(), problem, "repair the features"));
    }
    if drop {
        return Ok(Some(valid));
    }
    let lines: Option<Vec<u64>> = invalid.iter().map(|&row| contents.line(row)).collect();
    let plural = if invalid.len() == 1 { "" } else { "s" };
    let problem = match lines {
        Some(lines) => format!(
            "missing, NaN or infinite values in line{plural} {}",
            first(&lines, NAMED_ROWS, u64::to_string)
        ),
        None => format!(
            "NaN or infinite values in {} row{plural} (counted from 0): {}; the first in column {}",
            invalid.len(),
            first(&invalid, NAMED_ROWS, usize::to_string),
            features.invalid_in(invalid[0]).unwrap_or(0)
        ),
    };
    let remedy = "repair them, or leave these samples out";
    Err(Error::input(file.place(), problem, remedy).with("drop_invalid"))
}
