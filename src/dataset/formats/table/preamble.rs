//! Text before a table, such as a title and remarks, which leaves the file without columns.

use super::cells::Delimiter;
use super::decode::{Line, lines};
use super::dialect::{divider, is_comment};

/// Lines before a table that are looked at.
const MOST_BEFORE: usize = 100;
/// Lines of a table from which it is no accident, and those that are looked at.
const LEAST_ROWS: usize = 10;
const MOST_ROWS: usize = 30;
/// Fewer cells than this may be words of a sentence.
const LEAST_CELLS: usize = 3;

/// The line in which a table begins after other text. The text as a whole is not divided.
pub(super) fn table_begins(text: &str) -> Option<u32> {
    let all: Vec<Line> = lines(text)
        .filter(|line| !is_comment(&text[line.start..line.end]))
        .take(MOST_BEFORE + MOST_ROWS)
        .collect();
    let texts: Vec<&str> = all.iter().map(|l| &text[l.start..l.end]).collect();
    let is_table = |start: &usize| {
        let rows = &texts[*start..texts.len().min(start + MOST_ROWS)];
        let has_cells = |delimiter| match delimiter {
            Delimiter::Byte(byte) => rows
                .iter()
                .all(|row| row.split(char::from(byte)).count() >= LEAST_CELLS),
            Delimiter::Blanks => rows
                .iter()
                .all(|row| row.split_whitespace().count() >= LEAST_CELLS),
            Delimiter::List => false,
        };
        has_cells(divider(rows))
    };
    let last = texts.len().saturating_sub(LEAST_ROWS);
    let start = (1..last.min(MOST_BEFORE)).find(is_table)?;
    // Lines of as many words as those of the table belong to it.
    let words = |at: usize| texts[at].split_whitespace().count();
    if start > 1 && (0..start).all(|at| words(at) == words(start)) {
        return None;
    }
    all.get(start).map(|line| line.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_begin_after_other_text() {
        let rows = "1,2.5,x\n3,4.5,y\n".repeat(6);
        let begins = |before: &str| table_begins(&format!("{before}{rows}"));
        assert_eq!(begins("Weather\nSource: here\n\na,b,c\n"), Some(4));
        assert_eq!(begins("Weather\n"), Some(2));
        assert_eq!(table_begins(&"tench\nrobin, bird\n".repeat(20)), None);
        assert_eq!(table_begins(&format!("x\n{}", "a 1\n".repeat(20))), None);
        let blanks = format!("Days\nabout rats\n{}", "1.5  2.5  3\n".repeat(12));
        assert_eq!(table_begins(&blanks), Some(3));
    }
}
