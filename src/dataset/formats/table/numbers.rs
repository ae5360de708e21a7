//! Cells as numbers: missing values, truth values, and what commas and points in them mean.

use super::decimal::decimal;

/// What separates the fraction of a column's numbers; the other one of the two may separate groups
/// of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Point,
    Comma,
}

/// What a number written with commas or points says about the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It can only be read with this mark.
    Only(Mark),
    /// `1.234` or `1,234`: a fraction with this mark, or a group of three digits.
    Either(Mark),
}

/// Whether a cell stands for a missing value, as pandas, R, spreadsheets and the UCI repository
/// write it.
pub(super) fn is_missing(cell: &str) -> bool {
    const WORDS: &[&str] = &[
        "na", "n/a", "nan", "null", "none", "<na>", "#n/a", "#na", "-nan", "1.#ind", "-1.#ind",
        "1.#qnan", "-1.#qnan",
    ];
    cell.is_empty()
        || cell == "?"
        || cell == "."
        || WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// A cell as a truth value.
pub(super) fn truth(cell: &str) -> Option<bool> {
    if !cell.starts_with(['t', 'T', 'f', 'F']) {
        return None;
    }
    match cell {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

/// A cell as a number: NaN if it is missing, 1 or 0 for a truth value.
pub(super) fn number(cell: &str, mark: Mark) -> Option<f64> {
    if mark == Mark::Comma && cell.contains(['.', ',']) {
        return with_comma(cell);
    }
    if let Some(number) = decimal(cell.as_bytes()) {
        return Some(number);
    }
    if let Ok(number) = cell.parse() {
        return Some(number);
    }
    if is_missing(cell) {
        return Some(f64::NAN);
    }
    truth(cell).map(|t| if t { 1.0 } else { 0.0 })
}

/// A number with a decimal comma and points between groups of three digits.
fn with_comma(cell: &str) -> Option<f64> {
    let (whole, fraction) = cell.split_once(',').unwrap_or((cell, ""));
    if whole.contains('.') && !is_grouped(whole.trim_start_matches(['+', '-']), '.') {
        return None;
    }
    if fraction.contains(['.', ',']) {
        return None;
    }
    format!("{}.{fraction}", whole.replace('.', ""))
        .parse()
        .ok()
}

/// Whether digits are separated into groups of three: `1.234.567`.
fn is_grouped(digits: &str, separator: char) -> bool {
    let mut groups = digits.split(separator);
    let first = groups.next().unwrap_or_default();
    let is_number = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    matches!(first.len(), 1..=3)
        && is_number(first)
        && groups.all(|group| group.len() == 3 && is_number(group))
}

/// What a cell says about the decimal mark; nothing if it has no comma and no point, or is no number.
pub(super) fn sign(cell: &str) -> Option<Sign> {
    let digits = cell.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let of = |mark, decimal: char, grouping: char| {
        let (whole, fraction) = digits.split_once(decimal)?;
        if fraction.contains([decimal, grouping]) || fraction.is_empty() && decimal == ',' {
            // Several decimal marks can only separate groups.
            return None;
        }
        let is_plain = whole.bytes().all(|b| b.is_ascii_digit());
        if !is_plain && !is_grouped(whole, grouping) {
            return None;
        }
        format!("{}.{fraction}", whole.replace(grouping, ""))
            .parse::<f64>()
            .ok()?;
        let could_group = is_plain && !whole.starts_with('0') && is_grouped(digits, decimal);
        Some(if could_group {
            Sign::Either(mark)
        } else {
            Sign::Only(mark)
        })
    };
    let several =
        |separator: char| digits.matches(separator).count() > 1 && is_grouped(digits, separator);
    if several(',') {
        return Some(Sign::Only(Mark::Point));
    }
    if several('.') {
        return Some(Sign::Only(Mark::Comma));
    }
    of(Mark::Point, '.', ',').or_else(|| of(Mark::Comma, ',', '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_by_what_only_one_of_them_allows() {
        use Mark::{Comma, Point};
        for (cell, expected) in [
            ("3,5", Some(Sign::Only(Comma))),
            ("-0,123", Some(Sign::Only(Comma))),
            ("1.234,5", Some(Sign::Only(Comma))),
            ("1.234.567", Some(Sign::Only(Comma))),
            ("1234,567", Some(Sign::Only(Comma))),
            ("1,5e3", Some(Sign::Only(Comma))),
            ("3.5", Some(Sign::Only(Point))),
            (".5", Some(Sign::Only(Point))),
            ("0.123", Some(Sign::Only(Point))),
            ("1,234.5", Some(Sign::Only(Point))),
            ("1,234,567", Some(Sign::Only(Point))),
            ("1.234e2", Some(Sign::Only(Point))),
            ("1.234", Some(Sign::Either(Point))),
            ("-12,345", Some(Sign::Either(Comma))),
            ("1234", None),
            ("1.2.3", None),
            ("12.34,5", None),
            ("tench, fish", None),
            ("3,5 mm", None),
            ("", None),
        ] {
            assert_eq!(sign(cell), expected, "{cell}");
        }
    }

    #[test]
    fn numbers_with_either_mark() {
        for (cell, mark, expected) in [
            ("1.234", Mark::Point, Some(1.234)),
            ("1.234", Mark::Comma, Some(1234.0)),
            ("-1.234.567,25", Mark::Comma, Some(-1_234_567.25)),
            ("3,5", Mark::Comma, Some(3.5)),
            ("3,5", Mark::Point, None),
            ("12.34", Mark::Comma, None),
            ("1,2,3", Mark::Comma, None),
            ("7", Mark::Comma, Some(7.0)),
            ("True", Mark::Point, Some(1.0)),
            ("FALSE", Mark::Comma, Some(0.0)),
            ("tRUE", Mark::Point, None),
            ("inf", Mark::Point, Some(f64::INFINITY)),
        ] {
            assert_eq!(number(cell, mark), expected, "{cell}");
        }
        for cell in [
            "", "?", "NA", "nan", "NaN", "<NA>", "#N/A", "None", "-1.#IND",
        ] {
            assert!(number(cell, Mark::Point).is_some_and(f64::is_nan), "{cell}");
        }
    }
}
