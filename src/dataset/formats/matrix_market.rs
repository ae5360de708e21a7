//! Matrix Market: a matrix as text, all of it or only its entries, as `scipy.io.mmwrite` writes it.
//!
//! In: a first line that says the form, comments (`%`), the sizes, and then the values by columns
//! (`array`) or lines of row, column and value (`coordinate`). Out: one dense array. Entries that
//! occur several times are added, and the other half of symmetric matrices is filled in.

use super::entries::Entries;
use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Column, ColumnKind, LARGEST_WHOLE, Matrix, Values};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

const BEGINNING: &[u8] = b"%%MatrixMarket";
const SAVE_AGAIN: &str = "save it again with scipy.io.mmwrite";

pub(super) const FORMAT: Format = Format {
    recognizes: |file| {
        let first = file.head().get(..BEGINNING.len());
        first.is_some_and(|first| first.eq_ignore_ascii_case(BEGINNING))
    },
    open,
};

/// What the entries that are not in the file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

/// A matrix that is not dense yet.
struct Market<'a> {
    file: &'a str,
    bytes: usize,
    shape: (usize, usize),
    entries: Entries,
}

/// The form that the first line says.
struct Form {
    is_array: bool,
    /// Whether entries have no values, which then are 1.
    is_pattern: bool,
    symmetry: Symmetry,
}

impl Form {
    fn of(line: &str, file: &str) -> Result<Self> {
        let line = line.to_ascii_lowercase();
        let words: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
        let refused = |problem: String, remedy: &str| Err(Error::input(file, problem, remedy));
        let ["matrix", form @ ("array" | "coordinate"), field, symmetry] = *words else {
            let problem = format!("the first line is \"{}\"", printable(&line));
            return refused(problem, SAVE_AGAIN);
        };
        if !matches!(
            field,
            "real" | "double" | "integer" | "unsigned-integer" | "pattern"
        ) {
            let field = printable(field);
            return refused(
                format!("{field} features are not supported"),
                "use real numbers",
            );
        }
        let symmetry = match symmetry {
            "general" => Symmetry::General,
            "symmetric" => Symmetry::Symmetric,
            "skew-symmetric" => Symmetry::Skew,
            other => {
                let problem = format!("the symmetry \"{}\" is not supported", printable(other));
                return refused(problem, "save all entries (general)");
            }
        };
        let (is_array, is_pattern) = (form == "array", field == "pattern");
        if is_array && is_pattern {
            return refused("an array has values, a pattern has none".into(), SAVE_AGAIN);
        }
        Ok(Self {
            is_array,
            is_pattern,
            symmetry,
        })
    }
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let text = std::str::from_utf8(file.bytes()?)
        .map_err(|_| Error::input(name, "the file is not UTF-8 text", SAVE_AGAIN))?;
    let mut lines = (1_u64..).zip(text.lines());
    let first = lines.next().map_or("", |(_, line)| line);
    let form = Form::of(first, name)?;
    let mut values = lines.filter(|(_, line)| !line.starts_with('%') && !line.trim().is_empty());
    let sizes: Vec<Option<u32>> = values.next().map_or_else(Vec::new, |(_, line)| {
        line.split_ascii_whitespace()
            .map(|n| n.parse().ok())
            .collect()
    });
    let (rows, columns, entries) = match (form.is_array, sizes.as_slice()) {
        (true, &[Some(rows), Some(columns)]) => (rows, columns, None),
        (false, &[Some(rows), Some(columns), Some(entries)]) => (rows, columns, Some(entries)),
        _ => {
            return Err(Error::input(
                name,
                "the line of its sizes cannot be read",
                SAVE_AGAIN,
            ));
        }
    };
    let mut market = Market {
        file: name,
        bytes: file.length(),
        shape: (rows as usize, columns as usize),
        entries: Entries::default(),
    };
    if form.symmetry != Symmetry::General && rows != columns {
        return Err(Error::input(
            name,
            "a symmetric matrix must be square",
            SAVE_AGAIN,
        ));
    }
    let found = match entries {
        None => market.fill_array(values, form.symmetry)?,
        Some(_) => market.fill_entries(values, &form)?,
    };
    let expected = entries.map_or_else(|| market.array_length(form.symmetry), u64::from);
    if found != expected {
        let problem = format!("its sizes say {expected} values, but {found} follow");
        return Err(Error::input(name, problem, SAVE_AGAIN));
    }
    let kind = if form.is_array { "array" } else { "sparse" };
    let column = Column {
        name: "array".into(),
        kind: ColumnKind::Number,
        shape: vec![market.shape.0, market.shape.1],
        description: format!("numbers {rows} × {columns} ({kind})"),
        refusal: None,
    };
    Ok(Contents::new(
        name,
        "Matrix Market",
        Layout::Array,
        vec![column],
        market,
    ))
}

impl Market<'_> {
    /// How many values an array of the shape lists.
    fn array_length(&self, symmetry: Symmetry) -> u64 {
        let (rows, columns) = (self.shape.0 as u64, self.shape.1 as u64);
        match symmetry {
            Symmetry::General => rows * columns,
            Symmetry::Symmetric => rows * (rows + 1) / 2,
            Symmetry::Skew => rows * rows.saturating_sub(1) / 2,
        }
    }

    fn wrong(&self, line: u64, problem: &str) -> Error {
        Error::input(self.file, format!("line {line}: {problem}"), SAVE_AGAIN)
    }

    fn number(&self, line: u64, word: Option<&str>) -> Result<f64> {
        let word = word.unwrap_or_default();
        word.parse().map_err(|_| {
            let problem = format!("\"{}\" is not a number", printable(word));
            self.wrong(line, &problem)
        })
    }

    /// Adds an entry and its mirror image, counted from 0.
    fn add(&mut self, row: u32, column: u32, value: f64, symmetry: Symmetry) {
        self.entries.push(row, column, value);
        if row != column && symmetry != Symmetry::General {
            let value = if symmetry == Symmetry::Skew {
                -value
            } else {
                value
            };
            self.entries.push(column, row, value);
        }
    }

    /// Reads values column by column, and returns their number.
    fn fill_array<'b>(
        &mut self,
        lines: impl Iterator<Item = (u64, &'b str)>,
        symmetry: Symmetry,
    ) -> Result<u64> {
        let first_row = |column: u32| match symmetry {
            Symmetry::General => 0,
            Symmetry::Symmetric => column,
            Symmetry::Skew => column + 1,
        };
        let (mut row, mut column, mut found) = (first_row(0), 0, 0);
        for (number, line) in lines {
            for word in line.split_ascii_whitespace() {
                let value = self.number(number, Some(word))?;
                self.add(row, column, value, symmetry);
                found += 1;
                row += 1;
                if row as usize >= self.shape.0 {
                    column += 1;
                    row = first_row(column);
                }
            }
        }
        Ok(found)
    }

    /// Reads lines of row, column and value, and returns their number.
    fn fill_entries<'b>(
        &mut self,
        lines: impl Iterator<Item = (u64, &'b str)>,
        form: &Form,
    ) -> Result<u64> {
        let mut found = 0;
        for (number, line) in lines {
            let mut words = line.split_ascii_whitespace();
            let mut place = |most: usize| {
                let place = words.next()?.parse::<u32>().ok()?.checked_sub(1)?;
                ((place as usize) < most).then_some(place)
            };
            let (Some(row), Some(column)) = (place(self.shape.0), place(self.shape.1)) else {
                let (rows, columns) = self.shape;
                let problem = format!("row or column outside {rows} × {columns}, counted from 1");
                return Err(self.wrong(number, &problem));
            };
            let value = if form.is_pattern {
                1.0
            } else {
                self.number(number, words.next())?
            };
            self.add(row, column, value, form.symmetry);
            found += 1;
        }
        Ok(found)
    }
}

impl Reader for Market<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        let dense = self.entries.dense(self.shape, self.file, self.bytes)?;
        Ok(Matrix::Double(dense))
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        let matrix = self.matrix(&[column])?.into_double();
        let whole = |v: &f64| v.fract() == 0.0 && v.abs() <= LARGEST_WHOLE;
        if matrix.ncols() == 1 && matrix.iter().all(whole) {
            let values = matrix.iter().map(|&v| v as i128);
            return Ok(Values::Integers(values.collect()));
        }
        Ok(Values::Matrix(Matrix::Double(matrix)))
    }
}
