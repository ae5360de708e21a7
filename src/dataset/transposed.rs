//! A table whose rows are features and whose columns are samples, turned.
//!
//! In: the columns of a table. Out: the same values with one column per row. The first column, if it
//! is text or has no name, gives the names of the new columns; the old names become ids.

use ndarray::Axis;

use super::column::{Column, ColumnKind, Matrix, Values};
use super::formats::{Contents, Layout, Reader};
use crate::error::Result;

/// Values with one column per row of the file.
struct Transposed {
    matrix: Matrix,
    /// The names that the file gives its columns.
    ids: Vec<String>,
}

/// A table with its rows as columns.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) if a column other than the first does not hold numbers.
pub(super) fn transposed(mut contents: Contents<'_>) -> Result<Contents<'_>> {
    let first = contents.columns.first();
    let has_names = first.is_some_and(|c| c.kind == ColumnKind::Text || c.name.is_empty());
    let named = contents.row_names.or_else(|| has_names.then_some(0));
    let names = named.map(|column| contents.text(column)).transpose()?;
    let samples: Vec<usize> = (0..contents.columns.len())
        .filter(|&c| Some(c) != named)
        .collect();
    let matrix = contents.matrix(&samples)?.transposed();
    let ids = (samples.iter()).map(|&c| contents.columns[c].name.clone());
    let ids: Vec<String> = ids.collect();
    let (rows, features) = (matrix.rows(), matrix.columns());
    let column = |name: String, kind, description| Column {
        name,
        kind,
        shape: vec![rows],
        description,
        refusal: None,
    };
    let mut columns: Vec<Column> = (0..features)
        .map(|c| {
            let name = names
                .as_ref()
                .map_or_else(|| (c + 1).to_string(), |n| n[c].clone());
            column(name, ColumnKind::Number, format!("numbers × {rows}"))
        })
        .collect();
    if contents.has_header {
        columns.push(column(
            "id".into(),
            ColumnKind::Text,
            format!("text × {rows}"),
        ));
    }
    let turned = Transposed { matrix, ids };
    let mut result = Contents::new(
        contents.file(),
        contents.format,
        Layout::Table,
        columns,
        turned,
    );
    result.has_header = names.is_some();
    result.notes = contents.notes;
    result.notes.push(format!(
        "rows and columns were exchanged: {rows} samples, {features} features"
    ));
    Ok(result)
}

impl Reader for Transposed {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        Ok(match &self.matrix {
            Matrix::Single(m) => Matrix::Single(m.select(Axis(1), columns)),
            Matrix::Double(m) => Matrix::Double(m.select(Axis(1), columns)),
        })
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        if column == self.matrix.columns() {
            return Ok(Values::Text(self.ids.clone()));
        }
        self.matrix(&[column]).map(Values::Matrix)
    }
}
