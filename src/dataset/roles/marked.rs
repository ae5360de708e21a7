//! Columns whose names begin with marks of their use, as Orange writes them in a single line: `mC#age`, `cD#kind`.

use super::columns::Uses;
use super::evidence::Kind;
use super::look::Look;
use crate::dataset::column_role::ColumnUse;

/// Class, meta, ignore, weight; and the types.
const USES: [char; 4] = ['c', 'm', 'i', 'w'];
const TYPES: [char; 5] = ['C', 'D', 'S', 'T', 'N'];

/// Gives the marked columns their uses, if all names with a `#` have such marks.
pub(super) fn take(look: &Look, uses: &mut Uses) {
    let is_possible = |c: usize| look.columns[c].name.contains('#');
    let possible: Vec<usize> = (0..uses.len()).filter(|&c| is_possible(c)).collect();
    let marks: Option<Vec<(usize, &str)>> = possible
        .into_iter()
        .map(|c| Some((c, marks(&look.columns[c].name)?)))
        .collect();
    let marks = marks.unwrap_or_default();
    let is_label = |(_, marks): &&(usize, &str)| marks.contains('c');
    let is_only = marks.iter().filter(is_label).count() == 1;
    let has_label = uses.iter().flatten().any(|u| u.0 == ColumnUse::Label);
    for (column, marks) in marks {
        let is_measured = look.columns[column].evidence.kind == Kind::Fraction;
        let role = match marks.find(USES).map(|at| &marks[at..=at]) {
            Some("c") if has_label || is_measured => ColumnUse::Metadata,
            Some("c") if is_only => ColumnUse::Label,
            Some("m" | "w") => ColumnUse::Metadata,
            Some("i") => ColumnUse::LeftOut,
            _ => continue,
        };
        let reason = || (role, format!("marked {marks}#, as Orange does"));
        uses[column].get_or_insert_with(reason);
    }
}

/// The marks before the name: of uses and types, each once at most.
fn marks(name: &str) -> Option<&str> {
    let (marks, rest) = name.split_once('#')?;
    let is_mark = |c: char| USES.contains(&c) || TYPES.contains(&c);
    let are_marks = (1..=2).contains(&marks.chars().count()) && marks.chars().all(is_mark);
    (are_marks && !rest.trim().is_empty()).then_some(marks)
}
