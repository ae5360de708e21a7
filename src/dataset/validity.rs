//! Rows with missing, NaN or infinite features: refused or left out, and said with their columns.
//!
//! In: the values of the features. Out: the rows that can be used. Cost: one pass, and one more where
//! there are such values.

use super::column::Matrix;
use super::formats::Contents;
use super::raw::RawFile;
use super::{ColumnRole, ColumnUse};
use crate::error::{Error, Result, printable};
use crate::text::{first, word};

/// Rows with invalid values that are named in a message.
const NAMED_ROWS: usize = 5;
/// Columns with invalid values that are named in a message.
const NAMED_COLUMNS: usize = 6;

/// Features with values that are missing or infinite, with the number of these values.
type Gaps = Vec<(String, usize)>;

/// The features of a table with gaps, most gaps first; those of an array have no names.
fn gaps(features: &Matrix, columns: &[ColumnRole]) -> Gaps {
    let own = columns.iter().filter(|c| c.role == ColumnUse::Features);
    let named = own.enumerate().filter(|(c, _)| *c < features.columns());
    let is_gap = |row: &usize, column: usize| !features.value(*row, column).is_finite();
    let counted = named.map(|(column, named)| {
        let gaps = (0..features.rows()).filter(|row| is_gap(row, column));
        (printable(&named.column), gaps.count())
    });
    let mut found: Gaps = counted.filter(|(_, gaps)| *gaps > 0).collect();
    found.sort_by_key(|(_, gaps)| std::cmp::Reverse(*gaps));
    found
}

/// "a (3), b (1)": features with gaps and their number.
fn listed(gaps: &Gaps) -> String {
    first(gaps, NAMED_COLUMNS, |(name, gaps)| {
        format!("{name} ({gaps})")
    })
}

/// Refuses features of a table without usable values in most rows.
fn check_columns(gaps: &Gaps, rows: usize, file: &RawFile) -> Result<()> {
    let is_mostly_missing = |(_, missing): &&(String, usize)| 2 * missing > rows;
    let missing: Gaps = gaps.iter().filter(is_mostly_missing).cloned().collect();
    match missing.as_slice() {
        [_, _, ..] => {
            let problem = format!(
                "{} features are missing, NaN or infinite in most of {rows} rows: {}",
                missing.len(),
                listed(&missing)
            );
            let names: Vec<String> = missing.iter().map(|gap| gap.0.replace(',', "*")).collect();
            let names = word(&names.join(","));
            let remedy = format!("leave them out with `--not-features {names}`");
            Err(Error::input(file.place(), problem, remedy))
        }
        [(name, missing)] => {
            let problem = format!(
                "the feature {name} is missing, NaN or infinite in {missing} of {rows} rows"
            );
            let remedy = format!("leave {name} out");
            Err(Error::input(file.place(), problem, remedy).with("not_features"))
        }
        [] => Ok(()),
    }
}

/// Which rows have valid features.
pub(super) struct Validity {
    /// The rows whose features are all finite, if some are not.
    pub(super) rows: Option<Vec<usize>>,
    /// Says that others were left out.
    pub(super) note: Option<String>,
}

/// The rows whose features are all finite; where some are not and may not be dropped, they are refused.
pub(super) fn validity(
    features: &Matrix,
    file: &RawFile,
    contents: &Contents<'_>,
    columns: &[ColumnRole],
    drop: bool,
) -> Result<Validity> {
    let total = features.rows();
    let invalid = features.invalid_rows();
    if invalid.is_empty() {
        return Ok(Validity {
            rows: None,
            note: None,
        });
    }
    let is_valid = |row: &usize| invalid.binary_search(row).is_err();
    let valid: Vec<usize> = (0..total).filter(is_valid).collect();
    let gaps = gaps(features, columns);
    if drop && !valid.is_empty() {
        let because = match gaps.as_slice() {
            [] => String::new(),
            _ => format!(": {}", listed(&gaps)),
        };
        return Ok(Validity {
            note: Some(format!(
                "{} of {total} samples have NaN or infinite values and were left out{because}",
                invalid.len()
            )),
            rows: Some(valid),
        });
    }
    check_columns(&gaps, total, file)?;
    if drop {
        let problem = "every row has NaN or infinite values";
        return Err(Error::input(file.place(), problem, "repair the features"));
    }
    let lines: Option<Vec<u64>> = invalid.iter().map(|&row| contents.line(row)).collect();
    let plural = if invalid.len() == 1 { "" } else { "s" };
    let place = match lines {
        Some(lines) => format!("line{plural} {}", first(&lines, NAMED_ROWS, u64::to_string)),
        None if invalid.len() == 1 => format!("row {} (counted from 0)", invalid[0]),
        None => format!(
            "{} rows (counted from 0): {}",
            invalid.len(),
            first(&invalid, NAMED_ROWS, usize::to_string)
        ),
    };
    let most: Vec<String> = gaps
        .iter()
        .take(NAMED_COLUMNS)
        .map(|gap| gap.0.replace(',', "*"))
        .collect();
    let columns_out = format!(
        "repair them, leave columns out, for example with `--not-features {}`, or leave these samples out",
        word(&most.join(","))
    );
    let (columns, remedy) = match gaps.as_slice() {
        [] => {
            let column = features.invalid_in(invalid[0]).unwrap_or(0);
            let first = format!("; the first in feature {column} (counted from 0)");
            (first, "repair them, or leave these samples out")
        }
        _ => (
            format!("; by column: {}", listed(&gaps)),
            columns_out.as_str(),
        ),
    };
    let problem = format!("missing, NaN or infinite values in {place}{columns}");
    Err(Error::input(file.place(), problem, remedy).with("drop_invalid"))
}
