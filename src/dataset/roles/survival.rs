//! A remark on columns that look like the time until an event, beside the column that says whether it happened.

use super::columns::Uses;
use super::evidence::Kind;
use super::look::Look;
use super::naming::{Hint, is_duration, is_outcome};
use crate::dataset::column_role::ColumnUse;
use crate::error::printable;
use crate::text::{pattern, word};

/// Values of a column that says what happened: nothing, the event, another one.
const MOST_EVENTS: usize = 3;

/// Says that a feature or the label may be a survival time.
pub(super) fn note(look: &Look, uses: &Uses) -> Option<String> {
    let of_use = |c: usize, role: ColumnUse| matches!(uses[c], Some((found, _)) if found == role);
    let is_event = |&c: &usize| {
        let column = &look.columns[c];
        let kind = column.evidence.kind;
        // “Status” as text may be anything.
        let is_number =
            kind == Kind::Whole || column.evidence.is_text() && column.hint == Hint::Flag;
        is_number
            && (2..=MOST_EVENTS).contains(&column.evidence.distinct)
            && is_outcome(&column.name)
    };
    let is_time = |&c: &usize| {
        let column = &look.columns[c];
        let evidence = &column.evidence;
        let is_varied = evidence.kind == Kind::Fraction
            || evidence.kind == Kind::Whole && evidence.distinct > MOST_EVENTS;
        is_varied && evidence.least >= 0.0 && is_duration(&column.name)
    };
    let event = &look.columns[(0..uses.len()).find(is_event)?].name;
    let times = (0..uses.len()).filter(is_time);
    let is_used = |c: &usize| of_use(*c, ColumnUse::Features) || of_use(*c, ColumnUse::Label);
    let time = times
        .min_by_key(|c| (!is_used(c), !of_use(*c, ColumnUse::Label)))
        .filter(is_used)?;
    let name = &look.columns[time].name;
    let (shown, until) = (printable(name), printable(event));
    Some(if of_use(time, ColumnUse::Label) {
        format!(
            "the label {shown} may be the survival time that belongs to {until}, and times are no classes: use `--label-column {}`, or make \
             classes of ranges of the time, for example with pandas.qcut",
            word(event)
        )
    } else {
        format!(
            "the feature {shown} may be the survival time that belongs to {until}: if it is, it is part of the outcome; leave it \
             out with `--not-features {}`",
            pattern(name)
        )
    })
}
