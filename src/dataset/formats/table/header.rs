//! Whether the first row of a table names its columns, decided by the values below it.

use super::first_row::FirstRow;
use super::number_names::{Numbers, numbers};
use super::numbers::Mark;
use super::rows::Rows;

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

/// What the first row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Names,
    Sample,
    /// Its words look like names, but its numbers do not.
    Unclear,
}

impl Header {
    fn names_if(is_header: bool) -> Self {
        if is_header { Self::Names } else { Self::Sample }
    }
}

/// What the first row is.
pub(super) fn header(rows: &Rows<'_>, width: usize, marks: &[Mark]) -> Header {
    let first = FirstRow::of(rows, width, marks);
    let below = &first.below;
    let word_above_numbers = |c: usize| !first.is_number(c) && below[c].is_numeric();
    if (0..width).any(word_above_numbers) {
        return Header::Names;
    }
    if below.iter().any(|b| b.repeats > 0 && !b.is_numeric()) {
        return Header::Sample;
    }
    if is_above_index(&first) || is_numbered(&first) {
        return Header::Names;
    }
    let is_heading = |cell: &String| HEADINGS.contains(&cell.to_ascii_lowercase().as_str());
    let has_heading = first.cells.iter().any(is_heading);
    if first.of_numbers().is_empty() {
        return Header::names_if(has_heading || is_above_classes(&first));
    }
    let has_name = || has_heading || (0..width).any(|c| first.is_above_repeated(c));
    match numbers(&first) {
        Numbers::Names => Header::Names,
        Numbers::PerhapsNames => Header::names_if(has_name()),
        Numbers::Values if has_name() => Header::Unclear,
        Numbers::Values => Header::Sample,
    }
}

/// Whether the first cell is empty above numbers of rows, as pandas writes an index.
fn is_above_index(first: &FirstRow<'_>) -> bool {
    let is_counted = first
        .below
        .first()
        .is_some_and(|b| b.missing == 0 && b.counts());
    is_counted && first.cells[0].is_empty() && first.cells.len() > 1
}

/// Whether the first row counts the columns from 0, as pandas does for an array: `0,1,2`, `,0,1`,
/// `0,1,label`.
fn is_numbered(row: &FirstRow<'_>) -> bool {
    let (first, below) = (&row.cells, &row.below);
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
    // Rows may be orders of the numbers from 0, of which the first row is one.
    let is_permutation = below.iter().all(|b| b.repeats > 0);
    let is_long = numbers.len() >= 3 && (has_words || !is_permutation);
    columns.peek().is_some() && (is_long || columns.all(is_other_type))
}

/// Whether the first row of a table of text stands above columns of which one repeats its values.
fn is_above_classes(row: &FirstRow<'_>) -> bool {
    let below = &row.below;
    let is_text = below.iter().all(|b| !b.is_numeric() && b.cells > 2);
    let repeats = below.iter().any(|b| 2 * b.distinct.len() <= b.cells);
    row.cells.len() > 1 && is_text && repeats && row.cells.iter().all(|cell| !cell.is_empty())
}
