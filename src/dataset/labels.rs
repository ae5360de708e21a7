//! From a column of values to classes, and predictions and probabilities in the same terms.
//!
//! Labels may be whole numbers, truth values or text. Each distinct value becomes a class;
//! numbers stand in numeric order, text in alphabetical order. −1 and empty text mean "no label".
//! Class names, where given, replace the numbers: name v stands for the number v.

use std::collections::HashMap;
use std::io::Read;

use ndarray::Array2;

use super::npy::{self, Header, Numbers};
use super::opened::{Format, Opened};
use super::table::{self, Table};
use super::{Labels, UNLABELED};
use crate::error::{Error, Result, printable};

/// Sums of probabilities may differ from 1 by this much.
const SUM_TOLERANCE: f32 = 1e-2;
/// Columns of label tables that are expected to hold the labels.
const EXPECTED: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "target",
    "name",
    "y",
];

/// More classes than this are taken for ids.
const MOST_CLASSES: usize = 2000;
/// Beyond this not every whole number has a value of its own in double precision.
const LARGEST_WHOLE: f64 = 9e15;
/// Marks an empty cell among whole numbers.
const MISSING: i128 = i128::MIN;

/// Values as they stand in a file.
#[derive(Debug, Clone)]
pub(super) enum Column {
    Integers(Vec<i128>),
    Truths(Vec<bool>),
    Text(Vec<String>),
    /// Numbers with a shape: fractional labels, one-hot rows, probabilities.
    Matrix(Array2<f64>),
}

/// Reads an array of labels, names, ids or probabilities.
pub(super) fn column(reader: &mut dyn Read, header: &Header, file: &str) -> Result<Column> {
    header.check_usable(file)?;
    let (rows, columns) = match header.shape.as_slice() {
        [n] => (*n, 1),
        [n, c] if *c > 0 => (*n, *c),
        _ => {
            return Err(Error::input(
                file,
                format!("the array is {}", header.describe()),
                "one value per sample is expected, or one row of probabilities",
            ));
        }
    };
    if header.is_text() {
        if columns != 1 {
            return Err(Error::input(
                file,
                format!("the array is {}", header.describe()),
                "one text per sample is expected",
            ));
        }
        return Ok(Column::Text(npy::strings(reader, header, file)?));
    }
    let float = header.kind == npy::Kind::Float;
    if columns == 1 && !float {
        let values = npy::integers(reader, header, file)?;
        return Ok(if header.kind == npy::Kind::Bool {
            Column::Truths(values.iter().map(|&v| v != 0).collect())
        } else {
            Column::Integers(values)
        });
    }
    let values: Vec<f64> = match npy::numbers(reader, header, file)? {
        Numbers::Single(v) => v.into_iter().map(f64::from).collect(),
        Numbers::Double(v) => v,
    };
    Array2::from_shape_vec((rows, columns), values)
        .map(Column::Matrix)
        .map_err(|_| Error::input(file, "shape and values do not fit", "save the array again"))
}

/// Reads such values from a file of any format. In an archive, `names` are looked for; in a
/// table, `wanted` or the only column. Cells that are names stay text, whatever they look like.
pub(super) fn from_file(
    opened: &Opened,
    member: Option<&str>,
    names: &[&str],
    wanted: Option<&str>,
    are_names: bool,
) -> Result<Column> {
    match opened.format {
        Format::Npy => {
            let (header, mut cursor) = opened.array()?;
            column(&mut cursor, &header, &opened.file)
        }
        Format::Npz => {
            let mut archive = opened.archive()?;
            let found = match member {
                Some(member) => archive.named(&[member]),
                None => archive.named(names).or_else(|| {
                    archive
                        .members
                        .first()
                        .filter(|_| archive.members.len() == 1)
                }),
            };
            let Some(found) = found.cloned() else {
                return Err(Error::input(
                    &opened.file,
                    format!("no member to take; {}", printable(&archive.listing())),
                    "name one as file.npz:member",
                ));
            };
            archive.values(&found, column)
        }
        Format::Table => from_table(opened, member.or(wanted), are_names),
    }
}

fn from_table(opened: &Opened, wanted: Option<&str>, are_names: bool) -> Result<Column> {
    let table = Table::parse(&opened.bytes, &opened.file)?;
    let lower: Vec<String> = table.names.iter().map(|n| n.to_lowercase()).collect();
    let mut places = EXPECTED.iter().map(|e| lower.iter().position(|n| n == e));
    let expected = places.find_map(|place| place);
    let chosen = match wanted {
        Some(name) => table.column(name),
        None if table.names.len() == 1 => Some(0),
        None => expected.filter(|_| table.has_header),
    };
    if let Some(column) = chosen {
        let cells = table.text(column);
        return Ok(if are_names {
            Column::Text(cells)
        } else {
            Column::from_text(cells)
        });
    }
    let numeric = (0..table.names.len()).all(|c| table.is_numeric(c));
    if wanted.is_none() && numeric {
        let cells = table.rows.iter().flat_map(|row| row.iter());
        let values: Vec<f64> = cells.map(|c| table.number(c).unwrap_or(f64::NAN)).collect();
        if let Ok(matrix) = Array2::from_shape_vec((table.rows.len(), table.names.len()), values) {
            return Ok(Column::Matrix(matrix));
        }
    }
    let names: Vec<String> = table.names.iter().take(12).map(|n| printable(n)).collect();
    Err(Error::input(
        &opened.file,
        format!("which of the columns {} is meant?", names.join(", ")),
        "name it as file.csv:column",
    ))
}

impl Column {
    /// Text from a table: whole numbers if all cells that are not empty are, other numbers if
    /// they are, and text otherwise.
    pub(super) fn from_text(cells: Vec<String>) -> Self {
        let whole = |c: &String| -> Option<i128> {
            if table::is_missing(c) {
                return Some(MISSING);
            }
            if let Ok(number) = c.parse::<i64>() {
                return Some(number.into());
            }
            let number = c.parse::<f64>().ok()?;
            (number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE).then_some(number as i128)
        };
        let numbers: Option<Vec<i128>> = cells.iter().map(whole).collect();
        if let Some(numbers) = numbers.filter(|all| all.iter().any(|&v| v != MISSING)) {
            return Self::Integers(numbers);
        }
        let number = |c: &String| c.parse::<f64>().ok();
        if cells.iter().all(|c| number(c).is_some()) {
            let values: Vec<f64> = cells.iter().filter_map(number).collect();
            if let Ok(matrix) = Array2::from_shape_vec((values.len(), 1), values) {
                return Self::Matrix(matrix);
            }
        }
        Self::Text(cells)
    }

    /// Number of samples.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Integers(v) => v.len(),
            Self::Truths(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Matrix(m) => m.nrows(),
        }
    }

    /// Some of the rows.
    pub(super) fn select(self, rows: Option<&[usize]>) -> Self {
        let Some(rows) = rows else {
            return self;
        };
        match self {
            Self::Integers(v) => Self::Integers(rows.iter().map(|&r| v[r]).collect()),
            Self::Truths(v) => Self::Truths(rows.iter().map(|&r| v[r]).collect()),
            Self::Text(v) => Self::Text(rows.iter().map(|&r| v[r].clone()).collect()),
            Self::Matrix(m) => Self::Matrix(m.select(ndarray::Axis(0), rows)),
        }
    }

    /// Each value as text.
    pub(super) fn to_text(&self) -> Vec<String> {
        match self {
            Self::Integers(v) => v
                .iter()
                .map(|&v| {
                    if v == MISSING {
                        String::new()
                    } else {
                        v.to_string()
                    }
                })
                .collect(),
            Self::Truths(v) => v.iter().map(ToString::to_string).collect(),
            Self::Text(v) => v.clone(),
            Self::Matrix(m) => m.outer_iter().map(|r| r[0].to_string()).collect(),
        }
    }

    /// The values as a matrix of numbers.
    pub(super) fn into_matrix(self, file: &str) -> Result<Array2<f32>> {
        Ok(self.into_wide_matrix(file)?.mapv(|v| v as f32))
    }

    /// The same in 64 bits.
    pub(super) fn into_wide_matrix(self, file: &str) -> Result<Array2<f64>> {
        match self {
            Self::Matrix(m) => Ok(m),
            _ => Err(Error::input(
                file,
                "these are no rows of numbers",
                "an array of n rows (samples) is expected",
            )),
        }
    }

    /// Whole numbers, truth values or text; one-hot rows become numbers.
    fn into_values(self, file: &str, notes: &mut Vec<String>) -> Result<Self> {
        let Self::Matrix(matrix) = self else {
            return Ok(self);
        };
        if matrix.ncols() > 1 {
            return one_hot(&matrix, file, notes).map(Self::Integers);
        }
        let whole = |(row, &v): (usize, &f64)| {
            if v.is_nan() {
                Err(Error::input(
                    file,
                    format!("the label of row {row} is NaN"),
                    "give every sample a label, or -1 for none",
                ))
            } else if v.fract() != 0.0 || v.abs() > LARGEST_WHOLE {
                Err(Error::input(
                    file,
                    format!("the label of row {row} is {v}, which is no whole number"),
                    "class labels are whole numbers or text",
                ))
            } else {
                Ok(v as i128)
            }
        };
        let values: Result<Vec<i128>> = matrix.iter().enumerate().map(whole).collect();
        Ok(Self::Integers(values?))
    }
}

/// The column of the single 1 in each row.
fn one_hot(matrix: &Array2<f64>, file: &str, notes: &mut Vec<String>) -> Result<Vec<i128>> {
    let mut classes = Vec::with_capacity(matrix.nrows());
    for (r, row) in matrix.outer_iter().enumerate() {
        let ones: Vec<usize> = (0..row.len()).filter(|&c| is(row[c], 1.0)).collect();
        let zeros = row.iter().filter(|&&v| is(v, 0.0)).count();
        if ones.len() != 1 || zeros + 1 != row.len() {
            return Err(Error::input(
                file,
                format!(
                    "the labels are {} × {}, and row {r} is not one-hot (a single 1 among 0s)",
                    matrix.nrows(),
                    matrix.ncols()
                ),
                "give one label per sample, and probabilities",
            )
            .with("probabilities"));
        }
        classes.push(ones[0] as i128);
    }
    notes.push(format!(
        "one-hot labels of {} columns were read as class numbers",
        matrix.ncols()
    ));
    Ok(classes)
}

/// Exact comparison of stored values.
fn is(value: f64, expected: f64) -> bool {
    (value - expected).abs() < f64::EPSILON
}

/// Labels with what is needed to read predictions and probabilities alike.
pub(super) struct Named {
    pub(super) labels: Labels,
    /// Class of each value as it stands in the files, and of each class name.
    by_text: HashMap<String, u16>,
    /// For each class, its number among all that were named (its column of probabilities).
    columns: Vec<usize>,
    /// How many classes were named in all.
    all: usize,
}

/// Classes from a column of values, named where names are given.
pub(super) fn labels(
    column: Column,
    file: &str,
    names: Option<(Vec<String>, String)>,
    notes: &mut Vec<String>,
) -> Result<Named> {
    let column = column.into_values(file, notes)?;
    let text = column.to_text();
    let numeric = matches!(column, Column::Integers(_));
    let missing: Vec<bool> = match &column {
        Column::Integers(values) => {
            let binary =
                values.iter().all(|v| matches!(v, -1 | 1 | &MISSING)) && values.contains(&1);
            if binary && values.contains(&-1) {
                notes.push("labels −1 and 1 were read as two classes".into());
            }
            values
                .iter()
                .map(|&v| v == MISSING || v == -1 && !binary)
                .collect()
        }
        _ => text.iter().map(String::is_empty).collect(),
    };
    let mut distinct: Vec<(i128, &str)> = text
        .iter()
        .zip(&missing)
        .filter(|(_, missing)| !**missing)
        .map(|(t, _)| (if numeric { t.parse().unwrap_or(0) } else { 0 }, t.as_str()))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.is_empty() {
        return Err(Error::input(
            file,
            "no sample has a label",
            "open the features without labels",
        ));
    }
    if distinct.len() > MOST_CLASSES {
        return Err(Error::input(
            file,
            format!(
                "{} distinct labels, where at most {MOST_CLASSES} classes can be told apart",
                distinct.len()
            ),
            "give class labels, which repeat from sample to sample, and ids",
        )
        .with("ids"));
    }
    let values: Vec<&str> = distinct.iter().map(|d| d.1).collect();
    let mut by_text: HashMap<String, u16> = HashMap::new();
    for (class, value) in values.iter().enumerate() {
        by_text.insert((*value).to_string(), class as u16);
    }
    let indices = text
        .iter()
        .zip(&missing)
        .map(|(t, missing)| if *missing { UNLABELED } else { by_text[t] })
        .collect();
    let (shown, columns, named) = name(&values, numeric, names)?;
    for (class, name) in shown.iter().enumerate() {
        by_text.entry(name.clone()).or_insert(class as u16);
    }
    Ok(Named {
        labels: Labels::new(shown, indices)?,
        by_text,
        columns,
        all: named,
    })
}

/// Display names of the label values, their numbers among all names, and how many those are.
fn name(
    values: &[&str],
    numeric: bool,
    names: Option<(Vec<String>, String)>,
) -> Result<(Vec<String>, Vec<usize>, usize)> {
    let own = || values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let number = |v: &&str| v.parse::<usize>().ok();
    let numbers: Option<Vec<usize>> = values.iter().map(number).collect();
    let Some((names, file)) = names else {
        // Class numbers 0…c are columns of probabilities as they are.
        return Ok(match numbers.filter(|_| numeric) {
            Some(numbers) if numbers.iter().max().is_some_and(|&m| m < 100_000) => {
                let named = numbers.iter().max().map_or(0, |m| m + 1);
                (own(), numbers, named)
            }
            _ => (own(), (0..values.len()).collect(), values.len()),
        });
    };
    let mut seen = std::collections::HashSet::new();
    let repeated = names.iter().position(|name| !seen.insert(name));
    if let Some(i) = repeated {
        return Err(Error::input(
            file,
            format!("the class name {} occurs twice", printable(&names[i])),
            "give every class a name of its own",
        ));
    }
    match numbers.filter(|_| numeric) {
        Some(numbers) if numbers.iter().all(|&v| v < names.len()) => {
            let shown = numbers.iter().map(|&v| names[v].clone()).collect();
            Ok((shown, numbers, names.len()))
        }
        _ if numeric && names.len() == values.len() => {
            Ok((names, (0..values.len()).collect(), values.len()))
        }
        _ => {
            let place = |v: &&str| names.iter().position(|n| n == v);
            let places: Option<Vec<usize>> = values.iter().map(place).collect();
            let problem = || {
                Error::input(
                    &file,
                    format!(
                        "{} class names do not fit the {} labels {}",
                        names.len(),
                        values.len(),
                        listed(values)
                    ),
                    "give a name for every label, in the order of the labels",
                )
            };
            Ok((own(), places.ok_or_else(problem)?, names.len()))
        }
    }
}

fn listed(values: &[&str]) -> String {
    let shown: Vec<String> = values.iter().take(8).map(|v| printable(v)).collect();
    let more = if values.len() > 8 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

impl Named {
    /// Predictions as class indices.
    pub(super) fn predictions(
        &self,
        column: Column,
        file: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<u16>> {
        let text = column.into_values(file, notes)?.to_text();
        let class = |t: &String| self.by_text.get(t).copied().unwrap_or(UNLABELED);
        let predictions: Vec<u16> = text.iter().map(class).collect();
        let foreign = predictions.iter().filter(|&&p| p == UNLABELED).count();
        if foreign == predictions.len() {
            return Err(Error::input(
                file,
                format!(
                    "no prediction is one of the labels ({} …)",
                    printable(text.first().map_or("", String::as_str))
                ),
                "predictions and labels must use the same values or names",
            ));
        }
        if foreign > 0 {
            notes.push(format!(
                "{foreign} predictions are of classes that no sample has"
            ));
        }
        Ok(predictions)
    }

    /// Probabilities with one column per class that occurs.
    pub(super) fn probabilities(
        &self,
        matrix: &Array2<f32>,
        file: &str,
        notes: &mut Vec<String>,
    ) -> Result<Array2<f32>> {
        if let Some(row) = matrix
            .outer_iter()
            .position(|r| r.iter().any(|v| !v.is_finite()))
        {
            return Err(Error::input(
                file,
                format!("row {row} of the probabilities is NaN or infinite"),
                "repair it",
            ));
        }
        let classes = self.labels.classes();
        let chosen =
            if matrix.ncols() == self.all || self.columns.iter().all(|&c| c < matrix.ncols()) {
                matrix.select(ndarray::Axis(1), &self.columns)
            } else if matrix.ncols() == classes {
                matrix.clone()
            } else {
                return Err(Error::input(
                    file,
                    format!(
                        "{} columns of probabilities for {classes} classes",
                        matrix.ncols()
                    ),
                    "one column per class is expected, in the order of the class names",
                ));
            };
        let negative = matrix.iter().any(|&v| v < 0.0);
        let sum_off = |r: ndarray::ArrayView1<'_, f32>| (r.sum() - 1.0).abs() > SUM_TOLERANCE;
        if negative {
            notes.push(
                "some probabilities are negative: these look like logits (apply softmax first)"
                    .into(),
            );
        } else if let Some(row) = matrix.outer_iter().position(sum_off) {
            notes.push(format!(
                "probabilities do not sum to 1 (row {row}: {:.3})",
                matrix.row(row).sum()
            ));
        }
        Ok(chosen)
    }
}
