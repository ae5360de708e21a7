//! What the text of a column looks like: dates, files, codes, lists of numbers.

use std::collections::HashSet;

/// Share of values that decides what text looks like.
const MOST: f64 = 0.9;

/// Lists of numbers from which they are no dates and amounts.
const LONG: usize = 8;

/// What text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resembles {
    Path,
    Date,
    /// UUIDs, bar codes: no spaces, with digits.
    Code,
    /// Numbers with signs that numbers are not read with: $1,200, 45%.
    Amount,
    /// Parts of the data: train, test.
    Parts,
    /// Lists of so many numbers: `[0.5, 1.25, …]`.
    Lists(usize),
    Words,
}

/// What texts look like; `distinct` are the different ones.
pub(super) fn resembles(present: &[&str], distinct: &HashSet<&str>) -> Resembles {
    let share = |is: fn(&str) -> bool| {
        let fitting = distinct.iter().filter(|v| is(v)).count();
        fitting as f64 >= MOST * distinct.len() as f64
    };
    let length = list_length(present);
    if let Some(length) = length.filter(|length| *length >= LONG) {
        Resembles::Lists(length)
    } else if share(is_date) {
        Resembles::Date
    } else if share(is_amount) {
        Resembles::Amount
    } else if let Some(length) = length {
        Resembles::Lists(length)
    } else if distinct.len() > 1 && distinct.iter().all(|v| is_part(v)) {
        Resembles::Parts
    } else if share(is_path) {
        Resembles::Path
    } else if share(is_code) {
        Resembles::Code
    } else {
        Resembles::Words
    }
}

/// A part of the data that models are trained or tested on.
fn is_part(text: &str) -> bool {
    const PARTS: [&str; 11] = [
        "train",
        "training",
        "trn",
        "test",
        "testing",
        "tst",
        "val",
        "valid",
        "validation",
        "dev",
        "holdout",
    ];
    PARTS.contains(&text.to_lowercase().as_str())
}

/// The length of the lists of numbers that all these cells hold, if they are such lists of one length.
fn list_length(cells: &[&str]) -> Option<usize> {
    let length = |cell: &str| {
        // As NumPy writes its numbers since version 2.
        let plain = cell.replace("np.float64", "").replace("np.float32", "");
        let divides = [',', ' ', '\n', '[', ']', '(', ')'];
        let mut numbers = plain.split(divides).filter(|number| !number.is_empty());
        let count = numbers.clone().count();
        numbers
            .all(|number| number.parse::<f64>().is_ok())
            .then_some(count)
    };
    let first = length(cells.first()?)?;
    let are_same = first > 1 && cells.iter().all(|cell| length(cell) == Some(first));
    are_same.then_some(first)
}

/// A number with a currency, a percent sign or separated thousands.
fn is_amount(text: &str) -> bool {
    const SIGNS: [char; 6] = ['$', '€', '£', '¥', '₹', '%'];
    let number: String = text
        .chars()
        .filter(|c| !SIGNS.contains(c) && *c != ',' && !c.is_whitespace())
        .collect();
    number != text && number.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A file's name or address: it has a folder or an ending.
fn is_path(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    let has_ending = (1..=5).contains(&ending.len()) && ending.chars().all(char::is_alphanumeric);
    let has_letter = ending.chars().any(char::is_alphabetic);
    !text.contains(' ') && (text.contains(['/', '\\']) || has_ending && has_letter)
}

/// Digits in groups as in `2024-01-31`, `31.1.2024` and `12:30`, or the name of a month among them.
fn is_date(text: &str) -> bool {
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let parts = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|p| !p.is_empty());
    let (mut numbers, mut months, mut others) = (0, 0, 0);
    for part in parts {
        let lower = part.to_ascii_lowercase();
        if part
            .trim_end_matches(['Z', 'T'])
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'T')
        {
            numbers += 1;
        } else if MONTHS.iter().any(|m| lower.starts_with(m)) {
            months += 1;
        } else {
            others += 1;
        }
    }
    let has_groups = text.matches(['-', '/', '.', ':']).count() >= 1;
    // A number and something else: `0.69:1`, `-0.5:2`.
    let is_pair = text
        .split_once(':')
        .is_some_and(|(before, _)| before.parse::<f64>().is_ok() && before.contains(['.', '-']));
    let are_numbers = text
        .split_whitespace()
        .all(|word| word.parse::<f64>().is_ok());
    others == 0
        && !is_pair
        && !are_numbers
        && (numbers >= 3 && has_groups
            || months == 1 && numbers >= 1
            || numbers == 2 && (text.contains(':') || is_month(text)))
}

/// A year and a month: `2024-01`.
fn is_month(text: &str) -> bool {
    let Some((year, month)) = text.split_once('-') else {
        return false;
    };
    let month = month.parse().unwrap_or(0);
    year.len() == 4 && (1..=12).contains(&month)
}

/// A name made for machines: letters, digits and hyphens without spaces, and at least one digit.
fn is_code(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '#');
    text.len() >= 2 && text.chars().all(allowed) && text.chars().any(|c| c.is_ascii_digit())
}
