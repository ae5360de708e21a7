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
    let values = match column.evidence.kind {
        Kind::Whole => format!("{} different numbers", column.evidence.distinct),
        _ => "numbers with fractions".into(),
    };
    let name = &column.name;
    format!(
        "{} has {values}, which look like measurements, not classes: it is kept as metadata. Make \
         classes of its ranges first, for example with pandas.qcut; if its numbers are classes, use \
         `--label-column {}`; if it is a feature, name it in `--features`, with the others",
        printable(name),
        word(name)
    )
}
