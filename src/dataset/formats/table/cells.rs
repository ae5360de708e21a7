//! What divides a line into cells, and how the cells of a line are read.

/// What divides a line into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    Byte(u8),
    /// Runs of spaces and tabs.
    Blanks,
    /// Nothing: a line is one value.
    List,
}

pub(super) const BAR: Delimiter = Delimiter::Byte(b'|');

/// Whether a line of a table is no row: it is empty or a comment. In a list, both are values,
/// unless nothing at all is in the line.
pub(super) fn is_skipped(line: &str, delimiter: Delimiter) -> bool {
    match delimiter {
        Delimiter::List => line.is_empty(),
        // As Markdown divides a header from the rows.
        BAR if line.contains("--") && line.bytes().all(|b| b"|-: ".contains(&b)) => true,
        Delimiter::Byte(byte) => {
            let is_empty = |line: &str| line.is_empty() || line == "\"\"";
            let is_blank = || is_empty(line.trim()) && !line.contains(char::from(byte));
            // In a list of words, one may be "#".
            let is_word = byte == b'\t' && line.starts_with("#\t");
            line.starts_with('#') && !is_word || is_blank()
        }
        Delimiter::Blanks => {
            // A word may be "#".
            let mut cells = line.split_ascii_whitespace();
            let first = cells.next();
            let is_number = |cell: &str| cell.parse::<f64>().is_ok();
            let is_word = first == Some("#") && cells.clone().count() > 1 && cells.all(is_number);
            first.is_none() || line.starts_with('#') && !is_word
        }
    }
}

/// The parts of a line, as they stand.
pub(super) fn each_plain_cell<'a>(
    line: &'a str,
    delimiter: Delimiter,
    mut take: impl FnMut(usize, &'a str) -> bool,
) {
    match delimiter {
        Delimiter::Byte(byte) => {
            let ends = memchr::memchr_iter(byte, line.as_bytes()).chain([line.len()]);
            let mut start = 0;
            for (column, end) in ends.enumerate() {
                if !take(column, &line[start..end]) {
                    return;
                }
                start = end + 1;
            }
        }
        Delimiter::Blanks => {
            let mut cells = line
                .split([' ', '\t'])
                .filter(|cell| !cell.is_empty())
                .enumerate();
            while cells
                .next()
                .is_some_and(|(column, cell)| take(column, cell))
            {}
        }
        Delimiter::List => {
            take(0, line);
        }
    }
}

/// A cell without spaces and quotes around it.
pub(super) fn unquoted(cell: &str) -> &str {
    match cell.as_bytes() {
        [b'"', .., b'"'] => cell[1..cell.len() - 1].trim(),
        [b'!'..=b'~', .., b'!'..=b'~'] | [b'!'..=b'~'] => cell,
        _ => cell.trim(),
    }
}

/// The cells of a line, each of which may be quoted: `""` and `\"` stand for a quote in it. A quote
/// that does not close at the end of a cell is a character; the second value says whether there is
/// one.
pub(super) fn quoted_cells(line: &str, delimiter: Delimiter) -> (Vec<String>, bool) {
    let divides = |c: char| match delimiter {
        Delimiter::Byte(byte) => c == char::from(byte),
        Delimiter::Blanks => c == ' ' || c == '\t',
        Delimiter::List => false,
    };
    let (mut cells, mut is_quote_lone) = (Vec::new(), false);
    let mut rest = line;
    if delimiter == Delimiter::Blanks {
        rest = rest.trim();
        if rest.is_empty() {
            return (cells, false);
        }
    }
    loop {
        let after = if let Some((cell, after)) = quoted(rest.trim_start_matches(' '), divides) {
            cells.push(cell);
            after
        } else {
            let end = rest.find(divides).unwrap_or(rest.len());
            is_quote_lone |= rest.starts_with('"');
            cells.push(rest[..end].trim().to_owned());
            &rest[end..]
        };
        let mut characters = after.chars();
        if characters.next().is_none() {
            return (cells, is_quote_lone);
        }
        rest = characters.as_str();
        if delimiter == Delimiter::Blanks {
            rest = rest.trim_start();
        }
    }
}

/// A quoted cell at the beginning of a text, and what follows it.
fn quoted(text: &str, divides: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut cell = String::new();
    let mut characters = inner.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        match c {
            '\\' | '"' if next == Some('"') => {
                characters.next();
                cell.push('"');
            }
            '"' => {
                let after = inner[at + 1..].trim_start_matches(' ');
                let after = if inner[at + 1..].starts_with(&divides) {
                    &inner[at + 1..]
                } else {
                    after
                };
                let closes = after.is_empty() || after.starts_with(&divides);
                return closes.then(|| (cell.trim().to_owned(), after));
            }
            c => cell.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_and_without_quotes() {
        for (line, delimiter, expected) in [
            (r#""a b" 1 "c""#, Delimiter::Blanks, vec!["a b", "1", "c"]),
            (r#"" 0.5 1"#, Delimiter::Blanks, vec!["\"", "0.5", "1"]),
            (
                r#""say \"x\"" 2"#,
                Delimiter::Blanks,
                vec!["say \"x\"", "2"],
            ),
            ("\"\ta", Delimiter::Byte(b'\t'), vec!["\"", "a"]),
            ("\"\"\"\"\ta\t", Delimiter::Byte(b'\t'), vec!["\"", "a", ""]),
            ("\"a\tb\"\tc", Delimiter::Byte(b'\t'), vec!["a\tb", "c"]),
            ("\"x\"y\tc", Delimiter::Byte(b'\t'), vec!["\"x\"y", "c"]),
            ("  a  b ", Delimiter::Blanks, vec!["a", "b"]),
            ("\"", Delimiter::List, vec!["\""]),
            ("\"a, b\"", Delimiter::List, vec!["a, b"]),
        ] {
            assert_eq!(quoted_cells(line, delimiter).0, expected, "{line:?}");
        }
    }
}
