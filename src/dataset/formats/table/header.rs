//! Whether the first row of a table names its columns, decided by the values below it.

use std::collections::HashSet;

use super::numbers::{Mark, is_missing, number};
use super::rows::Rows;

/// Rows that decide.
const SAMPLE_ROWS: usize = 200;
/// Words that are names of columns, where they do not occur below, too.
const HEADINGS: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "id",
    "ids",
    "target",
    "y",
];

/// A column below the first row.
#[derive(Default)]
struct Below {
    cells: usize,
    /// Cells that are numbers or missing.
    numbers: usize,
    missing: usize,
    /// Numbers that are written without a fraction or exponent.
    whole: usize,
    /// Cells that are the same as that of the first row.
    repeats: usize,
    distinct: HashSet<String>,
}

impl Below {
    fn add(&mut self, cell: &str, first: &str, mark: Mark) {
        self.cells += 1;
        self.repeats += usize::from(cell == first);
        self.missing += usize::from(is_missing(cell));
        if number(cell, mark).is_some() {
            self.numbers += 1;
            self.whole += usize::from(cell.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
        } else {
            self.distinct.insert(cell.to_owned());
        }
    }

    fn is_numeric(&self) -> bool {
        2 * self.numbers > self.cells
    }

    /// Whether all numbers are written with fractions, as one program writes one column.
    fn is_fractional(&self) -> bool {
        self.numbers > self.missing && self.whole == 0
    }
}

/// Whether the first row names the columns.
pub(super) fn is_header(rows: &Rows<'_>, width: usize, marks: &[Mark]) -> bool {
    let mut first: Vec<String> = Vec::with_capacity(width);
    rows.each_cell(0, |_, cell| {
        first.push(cell.to_owned());
        true
    });
    first.resize(width, String::new());
    let mut below: Vec<Below> = (0..width).map(|_| Below::default()).collect();
    for row in 1..rows.len().min(1 + SAMPLE_ROWS) {
        rows.each_cell(row, |c, cell| {
            if let Some(below) = below.get_mut(c) {
                below.add(cell, &first[c], marks[c]);
            }
            c + 1 < width
        });
    }
    let is_number = |c: usize| number(&first[c], marks[c]).is_some();
    let word_above_numbers = |c| !is_number(c) && below[c].is_numeric();
    if (0..width).any(word_above_numbers) {
        return true;
    }
    if below.iter().any(|b| b.repeats > 0 && !b.is_numeric()) {
        return false;
    }
    if is_numbered(&first, &below) {
        return true;
    }
    let is_heading = |cell: &String| HEADINGS.contains(&cell.to_ascii_lowercase().as_str());
    let is_value = |c: usize| is_number(c) && !is_missing(&first[c]) && below[c].is_numeric();
    let has_values = (0..width).any(is_value);
    !has_values && (first.iter().any(is_heading) || is_above_classes(&first, &below))
}

/// Whether the first row counts the columns from 0, as pandas does for an array: `0,1,2`, `,0,1`,
/// `0,1,label`.
fn is_numbered(first: &[String], below: &[Below]) -> bool {
    let is_index = |cell: &String| cell.is_empty() || cell.starts_with("Unnamed: ");
    let is_number = |cell: &&String| cell.parse::<f64>().is_ok();
    let numbers: Vec<&String> = first.iter().filter(is_number).collect();
    let counts = numbers
        .iter()
        .enumerate()
        .all(|(i, cell)| **cell == i.to_string());
    if numbers.is_empty() || !counts || below.iter().all(|b| b.cells == 0) {
        return false;
    }
    if is_index(&first[0]) && below[0].missing == 0 && numbers.len() + 1 == first.len() {
        return true;
    }
    let of_numbers = |c: usize| first[c].parse::<f64>().is_ok();
    let columns = (0..first.len()).filter(|&c| of_numbers(c));
    let is_other_type = |c: usize| below[c].is_fractional() || below[c].numbers == 0;
    let mut columns = columns.peekable();
    let has_words = numbers.len() < first.len();
    let is_long = numbers.len() >= 3 && (has_words || !is_permutation(below));
    columns.peek().is_some() && (is_long || columns.all(is_other_type))
}

/// Whether rows could be orders of the numbers from 0, of which the first row is one.
fn is_permutation(below: &[Below]) -> bool {
    below.iter().all(|b| b.repeats > 0)
}

/// Whether the first row of a table of text stands above columns of which one repeats its values.
fn is_above_classes(first: &[String], below: &[Below]) -> bool {
    let is_text = below.iter().all(|b| !b.is_numeric() && b.cells > 2);
    let repeats = below.iter().any(|b| 2 * b.distinct.len() <= b.cells);
    first.len() > 1 && is_text && repeats && first.iter().all(|cell| !cell.is_empty())
}
