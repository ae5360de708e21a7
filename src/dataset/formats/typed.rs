//! Columns whose types the file declares: what Parquet, Arrow, HDF5 and MATLAB have in common.
//!
//! A format lists its [`TypedColumn`]s and decodes one of them at a time into [`Cell`]s; here they
//! become the matrices and values that the rest of the program asks for.

use ndarray::{Array2, ArrayD};
use rayon::prelude::*;

use super::Reader;
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{
    Column, ColumnKind, LARGEST_WHOLE, MISSING, Matrix, Refusal, Values, shaped,
};
use crate::error::{Error, Result, printable};

/// Columns that are decoded before they are written into a matrix: a line of the processor's cache
/// holds their values in a row.
const TOGETHER: usize = 8;
/// Rows that one thread writes at a time.
const ROWS_AT_ONCE: usize = 1 << 12;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellType {
    Truth,
    Integer,
    Float,
    Text,
    /// Something that cannot be used; the column's refusal says why.
    Other,
}

/// A column whose type the file declares.
#[derive(Debug, Clone)]
pub(super) struct TypedColumn {
    pub(super) name: String,
    pub(super) cells: CellType,
    /// Whether its numbers have eight bytes or more.
    pub(super) is_wide: bool,
    /// The type for people: "float32", "text".
    pub(super) type_name: String,
    /// Rows, then further axes.
    pub(super) shape: Vec<usize>,
    pub(super) refusal: Option<Refusal>,
}

impl TypedColumn {
    /// A column that cannot be used.
    pub(super) fn refused(name: String, rows: usize, problem: String) -> Self {
        Self {
            name,
            cells: CellType::Other,
            is_wide: false,
            type_name: "not readable".into(),
            shape: vec![rows],
            refusal: Some(Refusal {
                problem,
                remedy: "save it as numbers, text or lists of numbers".into(),
            }),
        }
    }

    /// Values in each row.
    pub(super) fn width(&self) -> usize {
        let axes = self.shape.iter().skip(1);
        axes.fold(1, |all, &size| all.saturating_mul(size))
    }

    fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// The column as the rest of the program sees it.
    pub(super) fn column(&self) -> Column {
        let shape: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        let description = match (self.cells, shape.as_slice()) {
            (CellType::Other, _) => self.type_name.clone(),
            (_, []) => format!("{} scalar", self.type_name),
            (_, [rows]) => format!("{} × {rows}", self.type_name),
            _ => format!("{} {}", self.type_name, shape.join(" × ")),
        };
        Column {
            name: self.name.clone(),
            kind: match self.cells {
                CellType::Truth | CellType::Integer | CellType::Float => ColumnKind::Number,
                CellType::Text => ColumnKind::Text,
                CellType::Other => ColumnKind::Other,
            },
            shape: self.shape.clone(),
            description,
            refusal: self.refusal.clone(),
        }
    }
}

/// What cells are decoded into.
pub(super) trait Cell: Clone + Send + Sync {
    /// An empty cell.
    fn missing() -> Self;
    fn truth(value: bool) -> Self;
    fn integer(value: i64) -> Self;
    fn unsigned(value: u64) -> Self;
    fn float(value: f64) -> Self;
    fn text(value: &str) -> Self;
}

macro_rules! number_cell {
    ($number:ty, $missing:expr) => {
        impl Cell for $number {
            fn missing() -> Self {
                $missing
            }

            fn truth(value: bool) -> Self {
                u8::from(value).into()
            }

            fn integer(value: i64) -> Self {
                value as $number
            }

            fn unsigned(value: u64) -> Self {
                value as $number
            }

            fn float(value: f64) -> Self {
                value as $number
            }

            fn text(_value: &str) -> Self {
                $missing
            }
        }
    };
}

number_cell!(f32, f32::NAN);
number_cell!(f64, f64::NAN);
number_cell!(i128, MISSING);

impl Cell for String {
    fn missing() -> Self {
        Self::new()
    }

    fn truth(value: bool) -> Self {
        value.to_string()
    }

    fn integer(value: i64) -> Self {
        value.to_string()
    }

    fn unsigned(value: u64) -> Self {
        value.to_string()
    }

    fn float(value: f64) -> Self {
        value.to_string()
    }

    fn text(value: &str) -> Self {
        value.to_owned()
    }
}

/// A file that can decode its columns.
pub(super) trait Source: Sync {
    /// All cells of a column, row by row.
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>>;
}

/// Reads typed columns from a source.
pub(super) struct Typed<'a, S> {
    pub(super) file: &'a str,
    pub(super) columns: Vec<TypedColumn>,
    pub(super) source: S,
}

impl<S: Source> Typed<'_, S> {
    /// The cells of a column, as many as its shape says.
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let shape = &self.columns[column].shape;
        let expected = shape
            .iter()
            .fold(1_usize, |all, &size| all.saturating_mul(size));
        check_memory(self.file, expected.saturating_mul(size_of::<C>()) as u64)?;
        let cells = self.source.decode(column)?;
        if cells.len() == expected {
            return Ok(cells);
        }
        let problem = format!(
            "{} has {} values where {expected} are declared",
            printable(&self.columns[column].name),
            cells.len()
        );
        Err(damaged(self.file, problem))
    }

    /// Columns side by side, row by row.
    fn side_by_side<C: Cell>(&self, columns: &[usize]) -> Result<Array2<C>> {
        // Without columns, there are as many rows of nothing as the file has.
        let first = self.columns.get(columns.first().copied().unwrap_or(0));
        let rows = first.map_or(0, TypedColumn::rows);
        let width: usize = columns.iter().map(|&c| self.columns[c].width()).sum();
        let bytes = rows.saturating_mul(width).saturating_mul(size_of::<C>());
        check_memory(self.file, bytes as u64)?;
        if let &[only] = columns {
            return shaped(self.decode(only)?, (rows, width), self.file);
        }
        let mut all = vec![C::missing(); rows * width];
        let mut first = 0;
        for together in columns.chunks(TOGETHER) {
            let decode = |&column: &usize| {
                let cells = self.decode(column)?;
                Ok((self.columns[column].width(), cells))
            };
            let parts: Vec<(usize, Vec<C>)> =
                together.par_iter().map(decode).collect::<Result<_>>()?;
            let blocks = all.par_chunks_mut(width.max(1) * ROWS_AT_ONCE).enumerate();
            blocks.for_each(|(block, rows)| {
                for (row, values) in rows.chunks_exact_mut(width.max(1)).enumerate() {
                    let row = block * ROWS_AT_ONCE + row;
                    let mut rest = &mut values[first..];
                    for (each, cells) in &parts {
                        let (values, after) = rest.split_at_mut(*each);
                        values.clone_from_slice(&cells[row * each..(row + 1) * each]);
                        rest = after;
                    }
                }
            });
            first += parts.iter().map(|(each, _)| each).sum::<usize>();
        }
        shaped(all, (rows, width), self.file)
    }

    fn text_among_numbers(&self, column: usize) -> Error {
        let column = &self.columns[column];
        let name = printable(&column.name);
        let problem = format!("column {name} holds {}", column.type_name);
        let remedy = format!("name columns of numbers, or leave {name} out");
        Error::input(self.file, problem, remedy).with("not_features")
    }
}

impl<S: Source> Reader for Typed<'_, S> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let is_number = |c: &TypedColumn| !matches!(c.cells, CellType::Text | CellType::Other);
        let mut chosen = columns.iter();
        if let Some(&text) = chosen.find(|&&c| !is_number(&self.columns[c])) {
            return Err(self.text_among_numbers(text));
        }
        if columns.iter().any(|&c| self.columns[c].is_wide) {
            self.side_by_side(columns).map(Matrix::Double)
        } else {
            self.side_by_side(columns).map(Matrix::Single)
        }
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        let declared = &self.columns[column];
        if declared.width() != 1 {
            if declared.cells == CellType::Text {
                let problem = format!("the column is {}", declared.column().description);
                return Err(Error::input(
                    self.file,
                    problem,
                    "one text per sample is expected",
                ));
            }
            return self.matrix(&[column]).map(Values::Matrix);
        }
        match declared.cells {
            CellType::Text | CellType::Other => self.decode(column).map(Values::Text),
            CellType::Integer => self.decode(column).map(Values::Integers),
            CellType::Truth => {
                let cells: Vec<i128> = self.decode(column)?;
                if cells.contains(&MISSING) {
                    return self.decode(column).map(Values::Text);
                }
                Ok(Values::Truths(cells.iter().map(|&v| v != 0).collect()))
            }
            CellType::Float => {
                let cells: Vec<f64> = self.decode(column)?;
                if let Some(whole) = whole_numbers(&cells) {
                    return Ok(Values::Integers(whole));
                }
                let shape = (cells.len(), 1);
                let matrix = Matrix::Double(shaped(cells, shape, self.file)?);
                Ok(Values::Matrix(matrix))
            }
        }
    }

    fn text(&mut self, column: usize) -> Result<Vec<String>> {
        match self.columns[column] {
            TypedColumn {
                cells: CellType::Float,
                ..
            } => Ok(self.values(column)?.into_text()),
            _ => self.decode(column),
        }
    }
}

/// Floats as whole numbers if they are, as pandas writes whole numbers with empty cells.
fn whole_numbers(values: &[f64]) -> Option<Vec<i128>> {
    let whole = |&v: &f64| {
        if v.is_nan() {
            return Some(MISSING);
        }
        (v.fract() == 0.0 && v.abs() <= LARGEST_WHOLE).then_some(v as i128)
    };
    let all: Option<Vec<i128>> = values.iter().map(whole).collect();
    all.filter(|all| all.iter().any(|&v| v != MISSING))
}

/// The error of a file whose parts contradict each other.
pub(super) fn damaged(file: &str, problem: impl std::fmt::Display) -> Error {
    Error::input(
        file,
        format!("the file is damaged or truncated ({problem})"),
        "copy or save it again",
    )
}

/// Values of an array whose first axis changes fastest, row by row; `None` if there are not as many
/// as the shape says.
pub(super) fn row_by_row<C: Cell>(shape: &[usize], cells: Vec<C>) -> Option<Vec<C>> {
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let array = ArrayD::from_shape_vec(reversed, cells).ok()?;
    Some(array.reversed_axes().iter().cloned().collect())
}

/// A matrix of which only some values are stored, line by line.
pub(super) struct Sparse<C> {
    pub(super) values: Vec<C>,
    /// Where each value is in its line.
    pub(super) indices: Vec<i128>,
    /// Where each line begins, and where the last one ends.
    pub(super) starts: Vec<i128>,
    pub(super) lines_are_columns: bool,
}

impl<C: Cell> Sparse<C> {
    /// All values, row by row, with zeros where none is stored; `None` if the parts contradict each
    /// other.
    pub(super) fn dense(&self, rows: usize, columns: usize) -> Option<Vec<C>> {
        let mut all = vec![C::integer(0); rows.checked_mul(columns)?];
        for (line, ends) in self.starts.windows(2).enumerate() {
            let stored = usize::try_from(ends[0]).ok()?..usize::try_from(ends[1]).ok()?;
            let (indices, values) = (self.indices.get(stored.clone())?, self.values.get(stored)?);
            for (&index, value) in indices.iter().zip(values) {
                let index = usize::try_from(index).ok()?;
                let (row, column) = if self.lines_are_columns {
                    (index, line)
                } else {
                    (line, index)
                };
                if row >= rows || column >= columns {
                    return None;
                }
                all[row * columns + column] = value.clone();
            }
        }
        Some(all)
    }
}
