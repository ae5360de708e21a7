//! Columns that are called labels, but hold measurements: targets of a regression.

use super::columns::Uses;
use super::evidence::{Evidence, Kind};
use super::look::{Look, Looked};
use super::naming::{Hint, plain};
use crate::dataset::column_role::ColumnUse;
use crate::dataset::measured::is_measured;
use crate::error::printable;
use crate::text::word;

const REASON: &str = "by name, and numbers that look like measurements";

/// Whether a column was set aside here.
pub(super) fn is_set_aside(decided: Option<&(ColumnUse, String)>) -> bool {
    decided.is_some_and(|(role, reason)| *role == ColumnUse::Metadata && reason == REASON)
}

/// Makes metadata of these columns; a remark on the first of them.
pub(super) fn set_aside(look: &Look, uses: &mut Uses) -> Option<String> {
    // Beside a column x, y is a coordinate.
    let is_map = look.columns.iter().any(|c| plain(&c.name) == "x");
    let mut remark = None;
    for (c, column) in look.columns.iter().enumerate() {
        let is_coordinate = is_map && plain(&column.name) == "y";
        if uses[c].is_none() && !is_coordinate && column.hint == Hint::Label {
            if !is_target(look, c) {
                continue;
            }
            uses[c] = Some((ColumnUse::Metadata, REASON.into()));
            remark.get_or_insert_with(|| about(column));
        }
    }
    remark
}

fn is_target(look: &Look, column: usize) -> bool {
    let Evidence { kind, .. } = look.columns[column].evidence;
    let Some(place) = look
        .place(column)
        .filter(|_| matches!(kind, Kind::Whole | Kind::Fraction))
    else {
        return false;
    };
    is_measured(
        (0..look.rows)
            .map(|row| look.matrix.value(row, place))
            .collect(),
    )
}

fn about(column: &Looked) -> String {
    let Evidence {
        kind,
        distinct,
        least,
        largest,
        ..
    } = column.evidence;
    let name = &column.name;
    let rest = format!(
        "if its numbers are classes, use `--label-column {}`; if it is a feature, name it in `--features`, with the \
         others",
        word(name)
    );
    let shown = printable(name);
    match kind {
        Kind::Fraction if least >= 0.0 && largest <= 1.0 => format!(
            "{shown} has numbers from 0 to 1, which look like probabilities, not classes: it is kept as metadata. Make \
             classes with a threshold first, for example with `table[\"{shown}\"] >= 0.5` in pandas; {rest}"
        ),
        kind => {
            let values = match kind {
                Kind::Whole => format!("{distinct} different numbers"),
                _ => "numbers with fractions".into(),
            };
            format!(
                "{shown} has {values}, which look like measurements, not classes: it is kept as metadata. Make \
                 classes of its ranges first, for example with pandas.qcut; {rest}"
            )
        }
    }
}
