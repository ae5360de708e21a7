//! A table's columns with what their names and values show.
//!
//! In: the columns of a table. Out: a [`Look`], with the values of the columns of numbers, which are
//! read once, for this and for the features.

use std::collections::HashSet;

use ndarray::Array2;

use super::evidence::Evidence;
use super::naming::{Hint, hint};
use super::numbers;
use crate::dataset::column::{Column, ColumnKind, Matrix, is_missing};
use crate::dataset::formats::Contents;
use crate::error::Result;

/// Share of words among its cells that are not empty from which a column is one of text.
const MOSTLY_TEXT: f64 = 0.05;

/// Different cells that are no numbers in a scale of whole numbers.
const MOST_OTHERS: usize = 2;

/// A column with what is known about it.
pub(super) struct Looked {
    /// Its name; “column 1” for one without a name.
    pub(super) name: String,
    pub(super) hint: Hint,
    pub(super) evidence: Evidence,
    /// Whether it is one of several that encode a column of text.
    pub(super) is_encoded: bool,
}

/// All columns of a table.
pub(super) struct Look {
    pub(super) rows: usize,
    pub(super) columns: Vec<Looked>,
    /// The columns of numbers, and their values.
    pub(super) numbers: Vec<usize>,
    pub(super) matrix: Matrix,
}

impl Look {
    /// Reads what decides the roles. `wanted` are columns that must be numbers; `others` are no
    /// features, whatever they hold.
    pub(super) fn at(
        contents: &mut Contents<'_>,
        wanted: &[usize],
        others: &[usize],
    ) -> Result<Self> {
        let (numbers, matrix) = columns_of_numbers(contents, wanted, others)?;
        let rows = matrix.rows();
        let found = numbers::evidence(&matrix);
        let mut columns = Vec::with_capacity(contents.columns.len());
        for column in 0..contents.columns.len() {
            let at = numbers.iter().position(|&c| c == column);
            let known = &contents.columns[column];
            let name = known.name.clone();
            let evidence = match at {
                Some(at) => found[at].clone(),
                None if known.refusal.is_some() => Evidence::of_vectors(0),
                None if known.is_matrix() => Evidence::of_vectors(rows),
                None => Evidence::of_text(&contents.text(column)?),
            };
            let hint = hint(&name);
            let name = if name.trim().is_empty() {
                format!("column {}", column + 1)
            } else {
                name
            };
            columns.push(Looked {
                name,
                hint,
                evidence,
                is_encoded: false,
            });
        }
        Ok(Self {
            rows,
            columns,
            numbers,
            matrix,
        })
    }

    /// The column of the matrix that holds a column of numbers.
    pub(super) fn place(&self, column: usize) -> Option<usize> {
        self.numbers.iter().position(|&c| c == column)
    }

    /// The values of these columns, if all are of numbers.
    pub(super) fn take(&mut self, columns: &[usize]) -> Result<Option<Matrix>> {
        let places: Option<Vec<usize>> = columns.iter().map(|&c| self.place(c)).collect();
        let Some(places) = places else {
            return Ok(None);
        };
        let all = std::mem::replace(&mut self.matrix, Matrix::Single(Array2::zeros((0, 0))));
        all.keep_columns(&places).map(Some)
    }
}

/// The columns of numbers with their values. Where a column holds numbers and words, it is text,
/// unless the words are so few that they are mistakes.
fn columns_of_numbers(
    contents: &mut Contents<'_>,
    wanted: &[usize],
    others: &[usize],
) -> Result<(Vec<usize>, Matrix)> {
    let is_number =
        |c: &Column| c.kind == ColumnKind::Number && c.refusal.is_none() && c.shape.len() == 1;
    let all = 0..contents.columns.len();
    let numbers: Vec<usize> = all.filter(|&c| is_number(&contents.columns[c])).collect();
    if let Ok(matrix) = contents.matrix(&numbers) {
        return Ok((numbers, matrix));
    }
    let mut kept = Vec::new();
    for &column in &numbers {
        let may_be_text = !wanted.contains(&column);
        match contents.matrix(&[column]) {
            Ok(_) => kept.push(column),
            Err(_) if may_be_text && others.contains(&column) => {}
            Err(_) if may_be_text && is_text(&contents.text(column)?) => {}
            // The others are not features where these are named.
            Err(_) if may_be_text && !wanted.is_empty() => {}
            Err(error) => return Err(error),
        }
    }
    let matrix = contents.matrix(&kept)?;
    Ok((kept, matrix))
}

/// Whether many cells are words.
fn is_text(cells: &[String]) -> bool {
    let is_word = |cell: &&String| {
        let number = cell.parse::<f64>().is_ok();
        !number && cell.chars().any(char::is_alphabetic)
    };
    let present: Vec<&String> = cells.iter().filter(|cell| !is_missing(cell)).collect();
    let are_many = |count: usize| count as f64 > MOSTLY_TEXT * present.len() as f64;
    let others = present.iter().filter(|cell| cell.parse::<f64>().is_err());
    // `3+` among 0, 1 and 2.
    let few: HashSet<&String> = others.clone().copied().collect();
    let is_scale = (1..=MOST_OTHERS).contains(&few.len())
        && are_many(others.count())
        && !present.iter().any(|cell| cell.contains(['.', ',']));
    is_scale || are_many(present.iter().filter(|cell| is_word(cell)).count())
}
