//! Whether an array can be features.

use crate::dataset::column::ColumnKind;
use crate::dataset::formats::Contents;
use crate::error::{Error, Result};
use crate::text::word;

const AS_FEATURES: &str = "features are an array of n rows (samples) × d columns";

/// Refuses an array that cannot be features.
pub(super) fn check(contents: &Contents<'_>, column: usize) -> Result<()> {
    contents.check_usable(&[column])?;
    let array = &contents.columns[column];
    let wrong =
        |problem: String, remedy: &str| Err(Error::input(contents.place(column), problem, remedy));
    if array.kind != ColumnKind::Number {
        let remedy = format!("{AS_FEATURES} of numbers");
        return wrong(
            format!("the array's type and shape are {}", array.description),
            &remedy,
        );
    }
    match *array.shape.as_slice() {
        [] => wrong("the array is a single number".into(), AS_FEATURES),
        [0, ..] => wrong("the array is empty: it has no rows".into(), AS_FEATURES),
        [n] => wrong(
            format!("the array has one axis ({n} numbers)"),
            &format!(
                "{AS_FEATURES}; for one feature per sample, save `array.reshape(-1, 1)`; if these are labels, name \
                 them with the features: `FEATURES --labels {}`",
                word(&contents.place(column))
            ),
        ),
        [_, ref rest @ ..] if rest.contains(&0) => {
            wrong("the array is empty: it has no columns".into(), AS_FEATURES)
        }
        _ => Ok(()),
    }
}
