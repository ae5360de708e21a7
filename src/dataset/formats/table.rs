//! CSV, TSV, text divided by blanks, and lists: a table, perhaps with a header.
//!
//! In: bytes. Out: named columns, all of one length, with the line of each row for messages. Numbers
//! are read once for all columns; other cells stay in the text until the role of their column is
//! known. What divides cells, whether there is a header, and what commas in numbers mean is decided
//! by the values; what is not a rectangular table of UTF-8 text is refused with the line where it
//! breaks.

use std::collections::{HashMap, HashSet};

use std::path::Path;

use super::{Contents, Format, Layout, Reader};
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{Column, ColumnKind, LARGEST_WHOLE, MISSING, Matrix, Values, shaped};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};
use crate::text::{pattern, word};

use cells::{Delimiter, quoted_cells};
use decode::lines;
use dialect::Dialect;
use facts::{Facts, parse};
use grid::Grid;
use header::Header;
use marks::{Marks, marks};
use numbers::{Mark, is_missing, number, sign};
use rows::Rows;
use text::{Text, is_utf16};

mod cells;
mod decimal;
mod decode;
mod dialect;
mod facts;
mod first_row;
mod grid;
mod header;
mod marks;
mod number_names;
mod numbers;
mod places;
mod preamble;
mod records;
mod rows;
mod text;

/// Bytes at the beginning that decide whether a file is text, and how many of them may be 0.
const FIRST_BYTES: usize = 512;
const MOST_ZEROS: usize = 16;
/// So many columns are read one by one; for more of them, the numbers of all columns are taken.
const FEW_COLUMNS: usize = 2;
/// The most renamed columns that are said.
const MOST_RENAMED: usize = 3;

pub(super) const FORMAT: Format = Format {
    recognizes: is_text,
    open,
};

/// Whether a file that is of no other format looks like text. A file that is named like an array
/// is probably a damaged one.
fn is_text(file: &RawFile) -> bool {
    let extension = Path::new(&file.name).extension();
    let is_array =
        extension.is_some_and(|e| e.eq_ignore_ascii_case("npy") || e.eq_ignore_ascii_case("npz"));
    let first = file.head().iter().take(FIRST_BYTES);
    is_utf16(file) || !is_array && first.filter(|&&b| b == 0).count() <= MOST_ZEROS
}

/// A rectangular table of text.
struct Table<'a> {
    file: &'a str,
    names: Vec<String>,
    rows: Rows<'a>,
    marks: Marks,
    facts: Vec<Facts>,
    /// All cells as numbers, row by row, until the features are taken out; NaN for what is none.
    numbers: Option<Vec<f64>>,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let name = &file.name;
    let text = Text::of(file)?;
    let beginning = text.beginning()?;
    let dialect = Dialect::of(&beginning);
    if dialect.delimiter == Delimiter::List
        && let Some(line) = preamble::table_begins(&beginning)
    {
        let problem = format!(
            "the table seems to begin in line {line}; the lines before it do not belong to it"
        );
        let file = word(name);
        let remedy = format!("take them out: `tail -n +{line} {file} > rows.csv`");
        return Err(Error::input(name, problem, remedy));
    }
    let Grid {
        mut rows,
        width,
        is_first_short,
        lone_quote,
    } = Grid::of(text, dialect, name)?;
    if rows.len() == 0 {
        let remedy = "give one row per sample";
        return Err(Error::input(name, "the table is empty", remedy));
    }
    let marks = marks(&rows, width, dialect.delimiter)?;
    let first = match file.header {
        Some(true) => Header::Names,
        Some(false) => Header::Sample,
        None if is_first_short => Header::Names,
        None if dialect.is_word2vec => Header::Sample,
        None => header::header(&rows, width, &marks.of_columns),
    };
    let has_header = first == Header::Names;
    let commented = commented_header(&beginning, dialect, &rows, width);
    let commented = commented.filter(|_| !has_header && file.header.is_none());
    let is_named = has_header || commented.is_some();
    let mut names = commented.unwrap_or_else(|| names(&rows, width, is_first_short, has_header));
    let renamed = make_distinct(&mut names);
    if has_header {
        rows.remove_first();
    } else if is_first_short {
        let problem = "line 1 has one field less than the others, like a header above lines that \
                       begin with row names";
        return Err(Error::input(name, problem, "read this line as the header").with("header"));
    }
    let table = Table::of(name, names, rows, marks)?;
    let columns = (0..width).map(|c| table.column(c)).collect();
    let mut contents = Contents::new(name, dialect.format(), Layout::Table, columns, table);
    contents.has_header = is_named;
    contents.is_header_unclear = first == Header::Unclear && !is_named;
    contents.row_names = is_first_short.then_some(0);
    contents
        .notes
        .extend(renamed.iter().take(MOST_RENAMED).map(|(old, new)| {
        let (file, old, new) = (printable(name), printable(old), printable(new));
        format!(
            "{file} has several columns named {old}: a later one is called {new} here, as in pandas"
        )
    }));
    contents.notes.extend(lone_quote.map(|line| {
        let name = printable(name);
        format!("line {line} of {name} has a quote that does not close: it is read as a character")
    }));
    Ok(contents)
}

/// The names of the columns if a comment before the first row holds them, as `numpy.savetxt` writes
/// a header: as many words as there are columns.
fn commented_header(
    text: &str,
    dialect: Dialect,
    rows: &Rows<'_>,
    width: usize,
) -> Option<Vec<String>> {
    let first = rows.line(0)?;
    let before = lines(text).take_while(|line| u64::from(line.number) < first);
    let comments = before.filter_map(|line| text[line.start..line.end].strip_prefix('#'));
    // “Na” is sodium.
    let is_word =
        |name: &String| !name.is_empty() && number(name, Mark::Point).is_none_or(f64::is_nan);
    let are_names =
        |names: &Vec<String>| width > 1 && names.len() == width && names.iter().all(is_word);
    comments
        .map(|comment| quoted_cells(comment.trim(), dialect.delimiter).0)
        .filter(are_names)
        .last()
}

/// The names of the columns: those of the first row, or numbers from 1.
fn names(rows: &Rows<'_>, width: usize, is_first_short: bool, has_header: bool) -> Vec<String> {
    if !has_header {
        return (1..=width).map(|c| c.to_string()).collect();
    }
    let mut names = vec![String::new(); width];
    let unnamed = usize::from(is_first_short);
    rows.each_cell(0, |c, cell| {
        if let Some(name) = names.get_mut(c + unnamed) {
            cell.clone_into(name);
        }
        true
    });
    if let Some(inner) = without_quotes(&names[unnamed..]) {
        names.truncate(unnamed);
        names.extend(inner);
    }
    names
}

/// Numbers later columns of one name, as pandas does: `x`, `x.1`, `x.2`. Otherwise no option could tell them apart.
/// Returns old and new names.
fn make_distinct(names: &mut [String]) -> Vec<(String, String)> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    if taken.len() == names.len() {
        return Vec::new();
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut renamed = Vec::new();
    for name in names.iter_mut().filter(|name| !name.trim().is_empty()) {
        let count = seen.entry(name.clone()).or_default();
        if *count > 0 {
            let mut new = format!("{name}.{count}");
            while !taken.insert(new.clone()) {
                *count += 1;
                new = format!("{name}.{count}");
            }
            renamed.push((std::mem::replace(name, new.clone()), new));
        }
        *count += 1;
    }
    renamed
}

/// Names without the single quotes that each of them is in.
fn without_quotes(names: &[String]) -> Option<Vec<String>> {
    let inner = |name: &String| Some(name.strip_prefix('\'')?.strip_suffix('\'')?.to_owned());
    names.iter().map(inner).collect()
}

impl<'a> Table<'a> {
    /// Reads the numbers of all columns.
    fn of(file: &'a str, names: Vec<String>, rows: Rows<'a>, marks: Marks) -> Result<Self> {
        // Numbers of eight bytes are rounded to four later.
        let cells = rows.len().saturating_mul(names.len());
        check_memory(file, cells.saturating_mul(12) as u64)?;
        let (numbers, facts) = parse(&rows, names.len(), &marks)?;
        Ok(Self {
            file,
            names,
            rows,
            marks,
            facts,
            numbers: Some(numbers),
        })
    }

    fn column(&self, column: usize) -> Column {
        let rows = self.rows.len();
        let facts = &self.facts[column];
        let present = rows.saturating_sub(facts.missing);
        let are_numbers = 2 * (facts.numbers + facts.grouped) > present || present == 0;
        let (kind, word) = match facts {
            _ if !are_numbers => (ColumnKind::Text, "text"),
            facts if facts.truths > 0 && facts.truths == facts.numbers => {
                (ColumnKind::Number, "booleans")
            }
            _ => (ColumnKind::Number, "numbers"),
        };
        Column {
            name: self.names[column].clone(),
            kind,
            shape: vec![rows],
            description: format!("{word} × {rows}"),
            refusal: None,
        }
    }

    /// Refuses a column with a cell that is neither a number nor missing, or that can be read as
    /// two numbers.
    fn check_numbers(&self, column: usize) -> Result<()> {
        if let Some(ambiguity) = self.marks.ambiguous.get(&column) {
            return Err(ambiguity.error(self.file, &self.names[column]));
        }
        let Some(row) = self.facts[column].other else {
            return Ok(());
        };
        let cell = self.rows.cell(row, column);
        let name = match self.names[column].trim() {
            "" => format!("{} (without a name)", column + 1),
            _ => printable(&self.names[column]),
        };
        let problem = format!(
            "line {}, column {name}: \"{}\" is not a number",
            self.line(row).unwrap_or(0),
            printable(&cell)
        );
        if sign(&cell).is_some()
            || cell
                .replace([',', '.', ' ', '\''], "")
                .parse::<f64>()
                .is_ok()
        {
            let remedy = "write numbers without thousands separators";
            return Err(Error::input(self.file, problem, remedy));
        }
        let option = match self.names[column].trim() {
            "" => (column + 1).to_string(),
            _ => pattern(&self.names[column]),
        };
        let remedy = format!(
            "write NA if it is missing, or leave the column out with `--not-features {option}`"
        );
        Err(Error::input(self.file, problem, remedy))
    }

    /// The numbers of a column, read again from the text if they were taken out.
    fn numbers_of(&self, column: usize) -> Result<Vec<f64>> {
        let width = self.names.len();
        if let Some(all) = &self.numbers {
            return Ok(all.iter().skip(column).step_by(width).copied().collect());
        }
        let mark = self.marks.of_columns[column];
        (self.rows).cells(column, |cell| number(cell, mark).unwrap_or(f64::NAN))
    }

    /// Whole numbers, exactly as written.
    fn integers(&self, column: usize) -> Result<Option<Vec<i128>>> {
        let facts = &self.facts[column];
        if facts.has_fractions {
            return Ok(None);
        }
        if !facts.has_large {
            let whole = |v: f64| if v.is_nan() { MISSING } else { v as i128 };
            let numbers = self.numbers_of(column)?;
            return Ok(Some(numbers.into_iter().map(whole).collect()));
        }
        let whole = |cell: &str| {
            if is_missing(cell) {
                return Some(MISSING);
            }
            let exact = cell.parse::<i64>().ok().map(i128::from);
            let rounded = || number(cell, self.marks.of_columns[column]);
            exact.or_else(|| {
                rounded()
                    .filter(|v| v.abs() <= LARGEST_WHOLE)
                    .map(|v| v as i128)
            })
        };
        let cells = self.rows.cells(column, whole)?;
        Ok(cells.into_iter().collect())
    }
}

impl Reader for Table<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let first_problem = |column: &&usize| self.facts[**column].other.unwrap_or(usize::MAX);
        if let Some(&column) = columns.iter().min_by_key(first_problem) {
            self.check_numbers(column)?;
        }
        (columns.iter()).try_for_each(|&column| self.check_numbers(column))?;
        let (rows, width) = (self.rows.len(), self.names.len());
        let shape = (rows, columns.len());
        if columns.len() <= FEW_COLUMNS && columns.len() < width {
            let each = columns.iter().map(|&c| self.numbers_of(c));
            let each: Vec<Vec<f64>> = each.collect::<Result<_>>()?;
            let values = (0..rows).flat_map(|row| each.iter().map(move |column| column[row]));
            return Ok(Matrix::Double(shaped(values.collect(), shape, self.file)?));
        }
        let mut values = match self.numbers.take() {
            Some(numbers) => numbers,
            None => parse(&self.rows, width, &self.marks)?.0,
        };
        keep_columns(&mut values, width, columns);
        Ok(Matrix::Double(shaped(values, shape, self.file)?))
    }

    /// Whole numbers if all cells that are not missing are, other numbers if they are, truth values
    /// if all are, and text otherwise.
    fn values(&mut self, column: usize) -> Result<Values> {
        let facts = &self.facts[column];
        if facts.other.is_some() || facts.numbers == 0 || self.marks.ambiguous.contains_key(&column)
        {
            return Ok(Values::Text(self.text(column)?));
        }
        if facts.truths == self.rows.len() {
            let truths = self.numbers_of(column)?.into_iter().map(|v| v != 0.0);
            return Ok(Values::Truths(truths.collect()));
        }
        if facts.truths > 0 {
            return Ok(Values::Text(self.text(column)?));
        }
        if let Some(integers) = self.integers(column)? {
            return Ok(Values::Integers(integers));
        }
        let shape = (self.rows.len(), 1);
        let matrix = shaped(self.numbers_of(column)?, shape, self.file)?;
        Ok(Values::Matrix(Matrix::Double(matrix)))
    }

    fn text(&mut self, column: usize) -> Result<Vec<String>> {
        self.rows.cells(column, str::to_owned)
    }

    fn line(&self, row: usize) -> Option<u64> {
        self.rows.line(row)
    }
}

/// Keeps some columns of values that are stored row by row, in the order given.
fn keep_columns(values: &mut Vec<f64>, width: usize, columns: &[usize]) {
    if columns.iter().copied().eq(0..width) {
        return;
    }
    let rows = values.len() / width.max(1);
    let mut row_values = Vec::with_capacity(columns.len());
    for row in 0..rows {
        row_values.clear();
        row_values.extend(columns.iter().map(|&c| values[row * width + c]));
        values[row * columns.len()..][..columns.len()].copy_from_slice(&row_values);
    }
    values.truncate(rows * columns.len());
    values.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::make_distinct;

    #[test]
    fn columns_of_one_name_are_numbered_as_pandas_does() {
        let distinct = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
            let renamed = make_distinct(&mut names);
            (names.join(" "), renamed.len())
        };
        assert_eq!(distinct(&["a", "b"]), ("a b".into(), 0));
        assert_eq!(distinct(&["0", "1", "0"]), ("0 1 0.1".into(), 1));
        assert_eq!(
            distinct(&["x", "x", "x.1", "x"]),
            ("x x.2 x.1 x.3".into(), 2)
        );
        // Columns without a name are told by their number.
        assert_eq!(distinct(&["", "a", ""]), (" a ".into(), 0));
    }
}
