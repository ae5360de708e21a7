//! The use of each column by its own name and values.
//!
//! In: one column. Out: its use and the reason, or nothing where the other columns decide: what may
//! be the label, and what are features.

use super::evidence::{Evidence, Kind, Order};
use super::look::Looked;
use super::naming::{Hint, is_code, is_part, is_place_code};
use super::resembles::Resembles;
use crate::dataset::column_role::ColumnUse;

/// Different whole numbers from which they may be numbers of things.
const LEAST_CODES: usize = 20;

/// Uses of columns with their reasons, as far as they are decided.
pub(super) type Uses = Vec<Option<(ColumnUse, String)>>;

/// Why amounts are metadata.
pub(super) const AMOUNTS: &str =
    "amounts with $, % or thousands separators, which are read as text";

/// The use of a column, if its name and values show it. `has_row_names` says that R wrote row names
/// into it.
pub(super) fn by_itself(
    rows: usize,
    column: &Looked,
    has_row_names: bool,
) -> Option<(ColumnUse, String)> {
    let evidence = &column.evidence;
    if evidence.kind == Kind::Vectors {
        return None;
    }
    if evidence.present == 0 {
        return Some((ColumnUse::LeftOut, "empty".into()));
    }
    by_name(rows, column, has_row_names).or_else(|| by_values(rows, column))
}

fn by_name(rows: usize, column: &Looked, has_row_names: bool) -> Option<(ColumnUse, String)> {
    let evidence = &column.evidence;
    let is_unique = evidence.is_unique(rows);
    let is_fraction = evidence.kind == Kind::Fraction;
    let hint = if has_row_names {
        Hint::Index
    } else {
        column.hint
    };
    let decided = |role, reason: &str| Some((role, reason.to_owned()));
    match hint {
        Hint::Index if evidence.kind == Kind::Whole && is_unique => {
            let is_from_zero = evidence.least.abs() < 0.5;
            let starts_at_one = (0.5..1.5).contains(&evidence.least);
            let written = if starts_at_one || has_row_names && !is_from_zero {
                "R"
            } else {
                "pandas"
            };
            let range = range(evidence.least, evidence.largest);
            Some((ColumnUse::Index, format!("{range}, as {written} writes it")))
        }
        Hint::Index if evidence.is_text() && is_unique => {
            decided(ColumnUse::Ids, "row names, all different")
        }
        Hint::Id if !is_fraction && 2 * evidence.distinct > evidence.present => decided(
            ColumnUse::Ids,
            "by name and values, most of which are different",
        ),
        Hint::Id if !is_fraction => decided(ColumnUse::Metadata, "ids that repeat"),
        Hint::Prediction if !is_fraction && !is_unique => {
            decided(ColumnUse::Predictions, "by name")
        }
        Hint::Probability
            if evidence.least >= 0.0 && evidence.largest <= 1.0 && !evidence.is_text() =>
        {
            decided(ColumnUse::Probabilities, "by name and values from 0 to 1")
        }
        Hint::Metadata if !is_fraction || evidence.order != Order::None => {
            decided(ColumnUse::Metadata, "by name")
        }
        _ if evidence.kind == Kind::Whole
            && (0.0..=1.0).contains(&evidence.least)
            && evidence.largest <= 1.0
            && is_part(&column.name) =>
        {
            decided(ColumnUse::Metadata, "its name, and values of 0 and 1")
        }
        _ if evidence.kind == Kind::Whole
            && is_unique
            && rows >= LEAST_CODES
            && is_code(&column.name) =>
        {
            decided(
                ColumnUse::Ids,
                "by name and numbers, which are all different",
            )
        }
        _ if evidence.kind == Kind::Whole && !is_unique && is_place_code(&column.name) => {
            decided(ColumnUse::Metadata, "codes of places, by name")
        }
        _ => None,
    }
}

fn by_values(rows: usize, column: &Looked) -> Option<(ColumnUse, String)> {
    let evidence = &column.evidence;
    if let Some(reason) = grouping(column) {
        return Some((ColumnUse::Metadata, reason));
    }
    if let Some(reason) = numbering(evidence) {
        return Some((ColumnUse::Index, reason));
    }
    let Kind::Text(resembles) = evidence.kind else {
        return None;
    };
    if resembles == Resembles::Date && column.hint != Hint::Label {
        return Some((ColumnUse::Metadata, "dates".into()));
    }
    if resembles == Resembles::Parts && column.hint != Hint::Label {
        return Some((ColumnUse::Metadata, "parts of the data".into()));
    }
    if resembles == Resembles::Amount && column.hint != Hint::Label {
        return Some((ColumnUse::Metadata, AMOUNTS.into()));
    }
    if evidence.is_unique(rows) {
        return Some((ColumnUse::Ids, "text, different in every row".into()));
    }
    if evidence.distinct == 1 && column.hint != Hint::Label {
        return Some((ColumnUse::Metadata, "the same text in every row".into()));
    }
    let is_known = column.hint == Hint::Label || evidence.could_be_classes();
    (!is_known).then(|| {
        (
            ColumnUse::Metadata,
            "text that mostly occurs only once".into(),
        )
    })
}

/// How the values number groups of rows, or the rows of groups, if they do and are no label.
fn grouping(column: &Looked) -> Option<String> {
    if matches!(column.hint, Hint::Label | Hint::PerhapsLabel) {
        return None;
    }
    match column.evidence.order {
        Order::Counted { first, largest } => {
            let range = range(first, largest);
            Some(format!("counts {range} repeatedly"))
        }
        Order::Groups { rows } => Some(format!("numbers of groups of {rows} rows each")),
        _ => None,
    }
}

/// How the values number the rows, if they do.
fn numbering(evidence: &Evidence) -> Option<String> {
    Some(match evidence.order {
        Order::Steady { first, last, step } => {
            let change = if step < 0.0 { "falls" } else { "rises" };
            format!(
                "{} {change} by {} in every row",
                range(first, last),
                short(step.abs())
            )
        }
        Order::Gaps { first, last } => format!("{} rises in every row", range(first, last)),
        Order::Shuffled { least, largest } => {
            let range = range(least, largest);
            if largest - least < evidence.present as f64 {
                format!("each of the whole numbers {range} once")
            } else {
                format!("whole numbers of {range}, all different")
            }
        }
        Order::Counted { .. } | Order::Groups { .. } | Order::Monotone | Order::None => {
            return None;
        }
    })
}

fn range(first: f64, last: f64) -> String {
    format!("{}…{}", short(first), short(last))
}

/// A number with the digits that its rounding leaves.
fn short(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}
