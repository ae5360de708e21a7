//! The values of each role: from the features file, and from the files that options name.
//!
//! In: the contents of a file and the roles of its columns. Out: [`Parts`], not yet compared with
//! each other.

use super::column::{Matrix, Values, is_missing};
use super::formats::{self, Contents, Layout};
use super::matched::matched;
use super::raw::RawFile;
use super::roles::{self, Key, Role, Roles, is_excluded, keys};
use super::validity::validity;
use super::{ColumnRole, InputFile, Metadata, ReadOptions, unusual};
use crate::error::{Error, Result, printable};
use crate::text::word;

/// Roles whose rows are matched by ids.
const MATCHED: [Role; 3] = [Role::Labels, Role::Predictions, Role::Probabilities];

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
    /// The class of each column of the probabilities, as a table's names say.
    pub(super) probability_classes: Vec<String>,
    pub(super) metadata: Vec<Metadata>,
    /// The uses of a table's columns.
    pub(super) columns: Vec<ColumnRole>,
    /// The shape of the array of features; of a table, nothing.
    pub(super) shape: Vec<usize>,
    /// Columns of a table that could be the label, where none was taken.
    pub(super) possible_labels: Vec<String>,
    pub(super) notes: Vec<String>,
    /// The files that options name.
    pub(super) sources: Vec<InputFile>,
    /// Whether the first line of a table of features names the columns.
    pub(super) header: Option<bool>,
    /// Whether the features are a table with the column that the options name for the labels.
    has_label_column: bool,
    /// Whether rows and columns were exchanged, as the options say.
    pub(super) is_turned: bool,
    /// The columns that identify the samples, if an option names a file of labels and the like.
    keys: Vec<Key>,
}

impl Parts {
    /// Reads what the features file holds.
    pub(super) fn of(
        file: &RawFile,
        contents: &mut Contents<'_>,
        mut roles: Roles,
        options: &ReadOptions,
    ) -> Result<Self> {
        let mut features = match roles.matrix.take() {
            Some(read) => read,
            None => contents.matrix(&roles.features)?,
        };
        let is_turned = options.transpose && contents.layout != Layout::Table;
        if is_turned {
            features = features.transposed();
        }
        let mut labels = None;
        if let Some(column) = roles.label_within {
            (features, labels) = split(features, column, contents.file())?;
        }
        let drop = options.drop_invalid;
        let valid = validity(&features, file, contents, &roles.columns, drop)?;
        let mut parts = Self {
            features,
            valid: valid.rows,
            labels,
            class_names: None,
            ids: None,
            predictions: None,
            probabilities: None,
            probability_classes: Vec::new(),
            metadata: metadata(contents, &roles.metadata)?,
            columns: roles.columns,
            shape: Vec::new(),
            possible_labels: roles.possible_labels,
            header: (contents.layout == Layout::Table).then_some(contents.has_header),
            notes: contents.notes.clone(),
            sources: Vec::new(),
            has_label_column: roles.has_label_column,
            is_turned: options.transpose,
            keys: Vec::new(),
        };
        if MATCHED.iter().any(|role| role.file(options).is_some()) {
            let is_excluded = |name: &str| is_excluded(options, name);
            parts.keys = keys(contents, &roles.features, is_excluded)?;
        }
        let array = &contents.columns[roles.features[0]];
        if contents.layout != Layout::Table {
            parts.shape.clone_from(&array.shape);
        }
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
        let is_label = |(role, _): &(Role, Vec<usize>)| *role == Role::Labels;
        let has_labels =
            options.labels.is_some() || parts.labels.is_some() || roles.others.iter().any(is_label);
        if !has_labels && contents.layout != Layout::Table {
            parts.notes.extend(unusual::label_among(&parts.features));
        }
        parts
            .notes
            .extend(unusual::between_samples(&parts.features));
        parts.notes.extend(valid.note);
        parts.class_names = roles.class_names.map(|values| Part {
            values,
            place: contents.file().to_owned(),
        });
        for (role, columns) in roles.others {
            if columns.len() > 1 {
                parts.name_classes(role, contents, &columns);
            }
            parts.take(role, contents, &columns, None)?;
        }
        Ok(parts)
    }

    /// Reads the files that options name for a role.
    pub(super) fn add_companions(&mut self, options: &ReadOptions) -> Result<()> {
        for role in Role::COMPANIONS {
            let Some(path) = role.file(options) else {
                continue;
            };
            let mut file = RawFile::open(path)?;
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
            if let Some(header) = self.other_header(role, &mut contents)? {
                drop(contents);
                file.header = Some(header);
                contents = formats::open(&file)?;
                self.notes.push(about_header(header, &contents));
            }
            let member = file.member.as_deref();
            let columns = roles::of_companion(&mut contents, role, member, wanted)?;
            self.notes.append(&mut contents.notes);
            if let ([column], Layout::Table) = (columns.as_slice(), contents.layout)
                && contents.columns.len() > 1
                && member.or(wanted).is_none()
            {
                let name = printable(&contents.columns[*column].name);
                let file = printable(contents.file());
                self.notes.push(format!("{role}: column {name} of {file}"));
            }
            if role == Role::Probabilities && contents.has_header && columns.len() > 1 {
                self.name_classes(role, &contents, &columns);
            }
            let rows = self.rows_by_id(role, &mut contents, &columns)?;
            self.take(role, &mut contents, &columns, rows.as_deref())?;
            self.sources.push(file.provenance(&role.to_string())?);
            if let (Role::Ids, Some(ids)) = (role, &self.ids) {
                self.keys.insert(0, Key::of_ids(&ids.values));
            }
        }
        self.keys = Vec::new();
        Ok(())
    }

    /// The row of each sample in a file that an option names, where ids show that its rows are not in
    /// the order of the samples.
    fn rows_by_id(
        &mut self,
        role: Role,
        contents: &mut Contents<'_>,
        taken: &[usize],
    ) -> Result<Option<Vec<usize>>> {
        let samples = self.features.rows();
        self.keys.retain(|key| key.values.len() == samples);
        if self.keys.is_empty() || !MATCHED.contains(&role) {
            return Ok(None);
        }
        let others = keys(contents, taken, |_| false)?;
        let matched = matched(&self.keys, &others, role, contents.file())?;
        self.notes.extend(matched.note);
        Ok(matched.rows)
    }

    /// Whether the first line of a table must be read otherwise for its rows to be as many as there
    /// are samples, or names as many as there are classes: as a header, or as a value.
    fn other_header(&self, role: Role, contents: &mut Contents<'_>) -> Result<Option<bool>> {
        let rows = contents
            .columns
            .first()
            .and_then(|c| c.shape.first().copied());
        let possible = match role {
            Role::ClassNames => self.numbers_of_classes(),
            _ => vec![self.features.rows()],
        };
        let is_text = contents.layout == Layout::Table && contents.line(0).is_some();
        let Some(rows) = rows.filter(|rows| is_text && !possible.contains(rows)) else {
            return Ok(None);
        };
        if !contents.has_header {
            if rows == 0 || !possible.contains(&(rows - 1)) {
                return Ok(None);
            }
            // What occurs again below is a value.
            let mut is_value = false;
            for column in 0..contents.columns.len() {
                let values = contents.text(column)?;
                is_value |= values[1..].contains(&values[0]);
            }
            if is_value && contents.columns.len() == 1 && contents.text(0)?[0] == "0" {
                return Err(perhaps_header(contents.file(), rows));
            }
            return Ok((!is_value).then_some(true));
        }
        if !possible.contains(&(rows + 1)) {
            return Ok(None);
        }
        // A label also occurs below the first line; a class name does not.
        let mut is_value = role == Role::ClassNames;
        for column in 0..contents.columns.len() {
            let values = contents.text(column)?;
            is_value |= values.contains(&contents.columns[column].name);
        }
        Ok(is_value.then_some(false))
    }

    /// How many class names would fit the labels: one for each that occurs, or for each number.
    fn numbers_of_classes(&self) -> Vec<usize> {
        let Some(Part { values, .. }) = &self.labels else {
            return Vec::new();
        };
        let mut distinct = values.clone().into_text();
        distinct.sort_unstable();
        distinct.dedup();
        let numbers = distinct.iter().filter_map(|v| v.parse::<usize>().ok());
        let largest = numbers.max().map(|largest| largest + 1);
        let written = distinct.iter().filter(|value| !value.is_empty()).count();
        distinct.retain(|value| !is_missing(value));
        let labeled = distinct.iter().filter(|v| *v != "-1").count();
        [written, distinct.len(), labeled]
            .into_iter()
            .chain(largest)
            .collect()
    }

    /// Takes the classes of one-hot labels and of probabilities from the columns' names.
    fn name_classes(&mut self, role: Role, contents: &Contents<'_>, columns: &[usize]) {
        let names: Vec<&str> = columns
            .iter()
            .map(|&c| contents.columns[c].name.as_str())
            .collect();
        let shared = shared_start(&names);
        let classes: Vec<String> = names.iter().map(|name| name[shared..].to_owned()).collect();
        match role {
            Role::Labels => {
                let place = contents.file().to_owned();
                self.class_names = Some(Part {
                    values: classes,
                    place,
                });
            }
            _ => self.probability_classes = classes,
        }
    }

    /// Reads the values of a role, of the chosen rows.
    fn take(
        &mut self,
        role: Role,
        contents: &mut Contents<'_>,
        columns: &[usize],
        rows: Option<&[usize]>,
    ) -> Result<()> {
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
        match (role, values.select(rows)) {
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

/// The features without the column of the labels, and that column.
fn split(features: Matrix, column: usize, file: &str) -> Result<(Matrix, Option<Part<Values>>)> {
    if column >= features.columns() || features.columns() == 1 {
        let problem = format!("the features have {} columns", features.columns());
        return Err(Error::option("label_column", column + 1, problem));
    }
    let values = (0..features.rows()).map(|row| [features.value(row, column)]);
    let values: Vec<[f64; 1]> = values.collect();
    let part = Part {
        values: Values::Matrix(Matrix::Double(values.into())),
        place: format!("{file}, column {}", column + 1),
    };
    let others: Vec<usize> = (0..features.columns()).filter(|&c| c != column).collect();
    Ok((features.keep_columns(&others)?, Some(part)))
}

/// Columns of a table as text, with their names.
fn metadata(contents: &mut Contents<'_>, columns: &[usize]) -> Result<Vec<Metadata>> {
    let column = |&column: &usize| {
        Ok(Metadata {
            name: contents.columns[column].name.clone(),
            values: contents.text(column)?,
        })
    };
    columns.iter().map(column).collect()
}

/// Bytes that all names begin with, up to the last `_`, `-`, `.`, `=` or blank among them.
fn shared_start(names: &[&str]) -> usize {
    let Some((first, others)) = names.split_first() else {
        return 0;
    };
    let is_shared = |at: &usize| others.iter().all(|name| name.starts_with(&first[..*at]));
    let ends = first
        .match_indices(['_', '-', '.', '=', ' '])
        .map(|(at, _)| at + 1);
    ends.take_while(is_shared).last().unwrap_or(0)
}

/// The error of a list with one line more than there are samples, which begins with 0.
fn perhaps_header(file: &str, rows: usize) -> Error {
    let problem = format!(
        "it has {rows} values for {} rows of features: the first line, 0, may be a header, as pandas writes it for a \
         series without a name",
        rows - 1
    );
    let remedy = format!(
        "if so, take it out: `tail -n +2 {} > values.txt`",
        word(file)
    );
    Error::input(file, problem, remedy)
}

/// Says how the first line of a file was read because of the number of its rows.
fn about_header(header: bool, contents: &Contents<'_>) -> String {
    let file = printable(contents.file());
    if header {
        let name = contents.columns.first().map_or("", |c| c.name.trim());
        let quoted = match name {
            "" => String::new(),
            name => format!(", “{}”,", printable(name)),
        };
        format!(
            "the first line of {file}{quoted} was taken for a header, because the number of rows \
             is then right"
        )
    } else {
        format!(
            "the first line of {file} was taken for a value, not a header, because the number of \
             rows is then right"
        )
    }
}
