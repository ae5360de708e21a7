//! Tables of Orange, whose second line says what the columns hold, and whose third line what they are for.
//!
//! In: the beginning of a text. Out: which of these lines it has, and what the third one says. Names with such marks
//! (`mC#age`) are read as they stand (`roles/marked.rs`).

use crate::dataset::column::is_missing;
use crate::error::printable;
use crate::text::{first as listed, word};

const NUMBERS: [&str; 4] = ["c", "continuous", "n", "numeric"];
const OTHERS: [&str; 6] = ["d", "discrete", "s", "string", "t", "time"];
const FLAGS: [&str; 8] = ["", "c", "class", "m", "meta", "i", "ignore", "skip"];
/// Columns that are named.
const MOST_NAMES: usize = 5;

/// What is known of a table of Orange.
pub(super) struct Orange {
    pub(super) kind: &'static str,
    /// What the third line says, to be added to the problem.
    pub(super) more: String,
}

/// Recognizes a table of Orange by its lines 2 and 3.
pub(super) fn recognize(text: &str) -> Option<Orange> {
    let split = |delimiter: char| {
        let cells = move |line| cells(line, delimiter);
        let lines: Vec<Vec<&str>> = text.lines().take(4).map(cells).collect();
        of_lines(&lines)
    };
    ['\t', ',', ';'].into_iter().find_map(split)
}

fn cells(line: &str, delimiter: char) -> Vec<&str> {
    let cells = line.split(delimiter);
    cells.map(|cell| cell.trim().trim_matches('"')).collect()
}

fn of_lines(lines: &[Vec<&str>]) -> Option<Orange> {
    let [names, types, third, rest @ ..] = lines else {
        return None;
    };
    let is_known = |cell: &&&str| NUMBERS.contains(*cell) || OTHERS.contains(*cell);
    let known = types.iter().filter(is_known).count();
    if types.len() < 2 || names.len() != types.len() {
        return None;
    }
    let is_flag = |flag: &str| FLAGS.contains(&flag) || flag.contains('=');
    let are_flags = |cell: &&str| cell.split(' ').all(is_flag);
    let is_named = |cell: &&str| cell.len() > 1 && FLAGS.contains(cell);
    // Instead of a type, the values may be listed.
    let has_flags = 2 * known >= types.len() && third.len() <= types.len();
    if has_flags && third.iter().all(are_flags) {
        let below = rest.first().map_or(&[][..], Vec::as_slice);
        let numbers = numbers_below(types, below)?;
        let has_words = types.iter().any(|cell| cell.len() > 1 && is_known(&cell));
        let is_certain = numbers > 0 || has_words || third.iter().any(is_named);
        let kind = "orange";
        let more = said(names, third);
        return is_certain.then_some(Orange { kind, more });
    }
    let below = rest.first().map_or(&[][..], Vec::as_slice);
    let numbers = numbers_below(types, third)? + numbers_below(types, below)?;
    (known == types.len() && numbers > 0).then(|| Orange {
        kind: "orange-types",
        more: String::new(),
    })
}

/// How many cells of a line are numbers in columns of numbers; nothing if others stand there.
fn numbers_below(types: &[&str], line: &[&str]) -> Option<usize> {
    let columns = types.iter().zip(line);
    let mut cells = columns.filter(|(kind, _)| NUMBERS.contains(*kind));
    cells.try_fold(0, |count, (_, cell)| {
        let is_number = cell.parse::<f64>().is_ok();
        (is_number || is_missing(cell)).then_some(count + usize::from(is_number))
    })
}

/// Which columns are marked as label, and which as none of the features.
fn said(names: &[&str], flags: &[&str]) -> String {
    let marked = |wanted: &[&str]| -> Vec<&str> {
        let has = |flags: &str| flags.split(' ').any(|flag| wanted.contains(&flag));
        let columns = names.iter().zip(flags).filter(|(_, flags)| has(flags));
        columns.map(|(name, _)| *name).collect()
    };
    let shown = |names: &[&str]| listed(names, MOST_NAMES, |name| printable(name));
    let mut said = Vec::new();
    let labels = marked(&["c", "class"]);
    if let [first, ..] = *labels {
        let option = word(first);
        said.push(format!(
            "the label is {} (`--label-column {option}`)",
            shown(&labels)
        ));
    }
    let others = marked(&["m", "meta", "i", "ignore", "skip"]);
    if !others.is_empty() {
        let all: Vec<String> = others.iter().map(|name| name.replace(',', "*")).collect();
        let option = word(&all.join(","));
        said.push(format!(
            "{} are no features (`--not-features {option}`)",
            shown(&others)
        ));
    }
    if said.is_empty() {
        String::new()
    } else {
        format!("; by line 3, {}", said.join(", and "))
    }
}
