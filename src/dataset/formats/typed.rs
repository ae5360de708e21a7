//! Columns whose types the file declares: what Parquet, Arrow, HDF5 and MATLAB have in common.
//!
//! A format lists its [`TypedColumn`]s and decodes one of them at a time into [`Cell`]s; here they
//! become the matrices and values that the rest of the program asks for.

use ndarray::Array2;

use super::Reader;
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{
    Column, ColumnKind, LARGEST_WHOLE, MISSING, Matrix, Refusal, Values, shaped,
};
use crate::error::{Error, Result, printable};

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
        self.shape.iter().skip(1).product()
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
pub(super) trait Cell: Clone + Send {
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

/// A file that can decode its columns, one at a time.
pub(super) trait Source {
    /// All cells of a column, row by row.
    fn decode<C: Cell>(&mut self, column: usize) -> Result<Vec<C>>;
}

/// Reads typed columns from a source.
pub(super) struct Typed<'a, S> {
    pub(super) file: &'a str,
    pub(super) columns: Vec<TypedColumn>,
    pub(super) source: S,
}

impl<S: Source> Typed<'_, S> {
    /// The cells of a column, as many as its shape says.
    fn decode<C: Cell>(&mut self, column: usize) -> Result<Vec<C>> {
        let cells = self.source.decode(column)?;
        let expected: usize = self.columns[column].shape.iter().product();
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
    fn side_by_side<C: Cell>(&mut self, columns: &[usize]) -> Result<Array2<C>> {
        let rows = columns.first().map_or(0, |&c| self.columns[c].rows());
        let width: usize = columns.iter().map(|&c| self.columns[c].width()).sum();
        let bytes = rows.saturating_mul(width).saturating_mul(size_of::<C>());
        check_memory(self.file, bytes as u64)?;
        if let &[only] = columns {
            return shaped(self.decode(only)?, (rows, width), self.file);
        }
        let mut all = Array2::from_elem((rows, width), C::missing());
        let mut first = 0;
        for &column in columns {
            let cells = self.decode(column)?;
            let each = self.columns[column].width();
            let cells = shaped(cells, (rows, each), self.file)?;
            all.slice_mut(ndarray::s![.., first..first + each])
                .assign(&cells);
            first += each;
        }
        Ok(all)
    }

    fn text_among_numbers(&self, column: usize) -> Error {
        let column = &self.columns[column];
        let problem = format!(
            "column {} holds {}",
            printable(&column.name),
            column.type_name
        );
        let remedy = "all columns but that of the labels must hold numbers; name the label column";
        Error::input(self.file, problem, remedy).with("label_column")
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

/// Space for so many cells, but not for more than a file of this size can hold in earnest.
pub(super) fn reserve<C>(cells: usize, bytes: usize) -> Vec<C> {
    Vec::with_capacity(cells.min(bytes.saturating_mul(64)))
}

/// The name of the column that pandas saved its index in, by its description of the table (JSON).
pub(super) fn pandas_index(description: &str) -> Option<String> {
    let description: serde_json::Value = serde_json::from_str(description).ok()?;
    let index = description.get("index_columns")?.get(0)?;
    index.as_str().map(ToString::to_string)
}

/// The error of a file whose parts contradict each other.
pub(super) fn damaged(file: &str, problem: impl std::fmt::Display) -> Error {
    Error::input(
        file,
        format!("the file is damaged or truncated ({problem})"),
        "copy or save it again",
    )
}

/// A date as people write it, from days since 1970-01-01 (Hinnant, “chrono-compatible low-level
/// date algorithms”).
pub(super) fn date(days: i64) -> String {
    let shifted = i128::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A point in time as people write it, from ticks since 1970-01-01.
pub(super) fn timestamp(ticks: i64, per_second: i64) -> String {
    let (seconds, rest) = (ticks.div_euclid(per_second), ticks.rem_euclid(per_second));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = date(days);
    let fraction = if rest == 0 {
        String::new()
    } else {
        let digits = per_second.ilog10() as usize;
        let text = format!("{rest:0digits$}");
        format!(".{}", text.trim_end_matches('0'))
    };
    if second == 0 && fraction.is_empty() {
        return day;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{day} {hour:02}:{minute:02}:{:02}{fraction}", second % 60)
}
