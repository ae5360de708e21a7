//! A table whose rows are features and whose columns are samples, turned.
//!
//! In: the columns of a table. Out: the same values with one column per row. The first column, if it
//! is text or has no name, gives the names of the new columns; the old names become ids. A row of text
//! becomes a column of text, such as the label.

use ndarray::{Array2, Axis};

use super::bounded::check_memory;
use super::column::{Column, ColumnKind, Matrix, Values, is_missing};
use super::formats::{Contents, Layout, Reader};
use crate::error::{Error, Result};

/// Bytes of a cell that is held as text, about.
const BYTES_PER_CELL: u64 = 48;

/// Values with one column per row of the file.
struct Transposed {
    /// The rows of numbers, as columns.
    matrix: Matrix,
    columns: Vec<Turned>,
}

/// A row of the file.
enum Turned {
    /// Its place in the matrix.
    Numbers(usize),
    Text(Vec<String>),
}

/// An error of features whose rows and columns were exchanged: it must not advise to do so.
pub(super) fn once_exchanged(error: Error) -> Error {
    match error {
        Error::Input {
            file,
            problem,
            field: Some("transpose"),
            ..
        } => Error::input(file, problem, "do not exchange rows and columns"),
        error => error,
    }
}

/// A table with its rows as columns.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) if no row holds numbers.
pub(super) fn transposed(mut contents: Contents<'_>) -> Result<Contents<'_>> {
    let first = contents.columns.first();
    let has_names = first.is_some_and(|c| c.kind == ColumnKind::Text || c.name.is_empty());
    let named = contents.row_names.or_else(|| has_names.then_some(0));
    let names = named.map(|column| contents.text(column)).transpose()?;
    let samples: Vec<usize> = (0..contents.columns.len())
        .filter(|&c| Some(c) != named)
        .collect();
    let (matrix, mut turned) = match contents.matrix(&samples) {
        Ok(matrix) => {
            let matrix = matrix.transposed();
            let columns = (0..matrix.columns()).map(Turned::Numbers).collect();
            (matrix, columns)
        }
        Err(error) => with_text(&mut contents, &samples, error)?,
    };
    let ids = (samples.iter()).map(|&c| contents.columns[c].name.clone());
    let ids: Vec<String> = ids.collect();
    let name = |row: usize| match &names {
        Some(names) => names[row].clone(),
        None => (row + 1).to_string(),
    };
    let mut all_names: Vec<String> = (0..turned.len()).map(name).collect();
    if contents.has_header {
        all_names.push("id".into());
        turned.push(Turned::Text(ids));
    }
    let rows = matrix.rows();
    let column = |(name, turned): (String, &Turned)| {
        let (kind, word) = match turned {
            Turned::Numbers(_) => (ColumnKind::Number, "numbers"),
            Turned::Text(_) => (ColumnKind::Text, "text"),
        };
        Column {
            name,
            kind,
            shape: vec![rows],
            description: format!("{word} × {rows}"),
            refusal: None,
        }
    };
    let columns = all_names.into_iter().zip(&turned).map(column).collect();
    let reader = Transposed {
        matrix,
        columns: turned,
    };
    let (file, format) = (contents.file(), contents.format);
    let mut result = Contents::new(file, format, Layout::Table, columns, reader);
    result.has_header = names.is_some();
    result.notes = contents.notes;
    let note = "rows and columns were exchanged: each column of the file is a sample";
    result.notes.push(note.into());
    Ok(result)
}

/// The rows of a table some of whose rows hold text, such as the labels. `error` is that of reading
/// all of them as numbers.
fn with_text(
    contents: &mut Contents<'_>,
    samples: &[usize],
    error: Error,
) -> Result<(Matrix, Vec<Turned>)> {
    let rows = contents.columns.first().map_or(0, |c| c.shape[0]);
    let cells = rows.saturating_mul(samples.len()) as u64;
    check_memory(contents.file(), cells.saturating_mul(BYTES_PER_CELL))?;
    let each = samples.iter().map(|&column| contents.text(column));
    let each: Vec<Vec<String>> = each.collect::<Result<_>>()?;
    let (mut numbers, mut columns) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let cells = || each.iter().map(|column| column[row].as_str());
        let parsed: Option<Vec<f64>> = cells().map(number).collect();
        columns.push(match parsed {
            Some(values) => {
                numbers.push(values);
                Turned::Numbers(numbers.len() - 1)
            }
            None => Turned::Text(cells().map(str::to_owned).collect()),
        });
    }
    if numbers.is_empty() {
        return Err(error);
    }
    let matrix = Array2::from_shape_fn((samples.len(), numbers.len()), |(s, f)| numbers[f][s]);
    Ok((Matrix::Double(matrix), columns))
}

/// A cell as a number; NaN where it is missing.
fn number(cell: &str) -> Option<f64> {
    if is_missing(cell) {
        return Some(f64::NAN);
    }
    cell.parse().ok()
}

impl Reader for Transposed {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let place = |&c: &usize| match self.columns[c] {
            Turned::Numbers(place) => Some(place),
            Turned::Text(_) => None,
        };
        let places: Vec<usize> = columns.iter().filter_map(place).collect();
        Ok(match &self.matrix {
            Matrix::Single(m) => Matrix::Single(m.select(Axis(1), &places)),
            Matrix::Double(m) => Matrix::Double(m.select(Axis(1), &places)),
        })
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        if let Turned::Text(cells) = &self.columns[column] {
            return Ok(Values::Text(cells.clone()));
        }
        self.matrix(&[column]).map(Values::Matrix)
    }
}
