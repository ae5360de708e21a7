//! What divides the lines of a text into cells, decided by its first lines.

use super::decode::{Line, lines};
use super::numbers::sign;

/// Lines that decide.
pub(super) const SAMPLE_LINES: usize = 50;

/// What divides a line into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    Byte(u8),
    /// Runs of spaces and tabs.
    Blanks,
    /// Nothing: a line is one value.
    List,
}

const BAR: Delimiter = Delimiter::Byte(b'|');

/// How a text is divided, and where its table begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: Delimiter,
    /// Bytes and lines before the table.
    pub(super) start: usize,
    pub(super) lines_before: u32,
    /// Whether a line with the number of words and dimensions comes first, as word2vec writes it.
    pub(super) is_word2vec: bool,
}

impl Dialect {
    pub(super) fn of(text: &str) -> Self {
        let mut dialect = Self {
            delimiter: Delimiter::List,
            start: 0,
            lines_before: 0,
            is_word2vec: false,
        };
        let sample: Vec<Line> = lines(text)
            .filter(|line| !is_comment(&text[line.start..line.end]))
            .take(SAMPLE_LINES)
            .collect();
        let Some(&first) = sample.first() else {
            return dialect;
        };
        let all: Vec<&str> = sample.iter().map(|l| &text[l.start..l.end]).collect();
        let body_starts = |dialect: &mut Self| {
            dialect.start = lines(text)
                .find(|line| line.number > first.number)
                .map_or(text.len(), |line| line.start);
            dialect.lines_before = first.number;
        };
        if let Some(delimiter) = of_excel(all[0]) {
            dialect.delimiter = delimiter;
            body_starts(&mut dialect);
        } else if is_word2vec(&all) {
            dialect.delimiter = Delimiter::Blanks;
            dialect.is_word2vec = true;
            body_starts(&mut dialect);
        } else {
            dialect.delimiter = divider(&all);
        }
        dialect
    }

    /// The format's name for people.
    pub(super) fn format(&self) -> &'static str {
        match self.delimiter {
            _ if self.is_word2vec => "word2vec text",
            Delimiter::Byte(b'\t') => "tsv",
            Delimiter::Byte(b';') => "csv (semicolons)",
            BAR => "text (bars)",
            Delimiter::Byte(_) => "csv",
            Delimiter::Blanks => "text (blanks)",
            Delimiter::List => "text (one value a line)",
        }
    }
}

/// Whether a line decides nothing: it is empty or a comment.
pub(super) fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

/// The delimiter that a first line `sep=;` names, as Excel writes and reads it.
fn of_excel(line: &str) -> Option<Delimiter> {
    let (key, value) = line.split_once('=')?;
    match value.as_bytes() {
        [byte] if key.eq_ignore_ascii_case("sep") && byte.is_ascii() => {
            Some(Delimiter::Byte(*byte))
        }
        _ => None,
    }
}

/// Whether the first line holds the numbers of words and of dimensions of the lines below.
fn is_word2vec(all: &[&str]) -> bool {
    let [first, body @ ..] = all else {
        return false;
    };
    let numbers: Vec<Option<usize>> = first.split_whitespace().map(|n| n.parse().ok()).collect();
    let &[Some(_), Some(dimensions)] = numbers.as_slice() else {
        return false;
    };
    let fits = |line: &&str| {
        let mut cells = line.split_whitespace();
        let word = cells.next().unwrap_or_default();
        let is_word = dimensions > 1 || !is_numeric(word);
        is_word && cells.clone().count() == dimensions && cells.all(is_numeric)
    };
    !body.is_empty() && body.iter().all(fits)
}

/// A cell that is a number with either decimal mark.
fn is_numeric(cell: &str) -> bool {
    cell.parse::<f64>().is_ok() || sign(cell).is_some()
}

/// How well a delimiter divides lines; better ones compare greater.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// All lines but perhaps the first have the same number of cells.
    is_even: bool,
    /// Tenths of the cells below the first line that are numbers.
    numbers: usize,
    delimiters: usize,
}

/// What divides lines into cells.
pub(super) fn divider(all: &[&str]) -> Delimiter {
    // Later ones win ties: a tab or semicolon is rarely part of a number. `|` may be part of names.
    let best = [b'|', b',', b';', b'\t']
        .into_iter()
        .filter_map(|byte| Some((score_of_byte(all, byte)?, Delimiter::Byte(byte))))
        .filter(|(score, by)| *by != BAR || score.is_even && score.numbers > 0)
        .max_by(|a, b| a.0.cmp(&b.0));
    let blanks = score_of_blanks(all);
    match (best, blanks) {
        (Some((byte, _)), Some(blanks)) if blanks.numbers > byte.numbers => Delimiter::Blanks,
        (None, Some(_)) => Delimiter::Blanks,
        // Names with commas in them, one per line.
        (Some((byte, _)), _) if !byte.is_even && byte.numbers == 0 => Delimiter::List,
        (Some((_, delimiter)), _) => delimiter,
        (None, None) => Delimiter::List,
    }
}

/// The lines that decide about numbers: all but the first, which may be a header.
fn below_first<'a, 'b>(all: &'b [&'a str]) -> &'b [&'a str] {
    if all.len() > 1 { &all[1..] } else { all }
}

fn score_of_byte(all: &[&str], byte: u8) -> Option<Score> {
    let counts: Vec<usize> = all.iter().map(|line| count(line, byte)).collect();
    let least = counts.iter().copied().min().filter(|&least| least > 0)?;
    let below = if counts.len() > 1 {
        &counts[1..]
    } else {
        &counts
    };
    let (mut cells, mut numbers) = (0, 0);
    for line in below_first(all) {
        for cell in line.split(char::from(byte)) {
            cells += 1;
            numbers += usize::from(is_numeric(cell.trim().trim_matches('"')));
        }
    }
    // The header of a table may differ by one cell.
    let tolerance = usize::from(numbers > 0);
    let is_even = below.iter().all(|&c| c == below[0]) && counts[0].abs_diff(below[0]) <= tolerance;
    Some(Score {
        is_even,
        numbers: 10 * numbers / cells,
        delimiters: least,
    })
}

/// How often a byte occurs outside quotes; everywhere if a quote in the line never closes.
fn count(line: &str, byte: u8) -> usize {
    let quotes = line.bytes().filter(|&b| b == b'"').count();
    let mut quoted = false;
    let outside = |&b: &u8| {
        quoted ^= b == b'"' && quotes % 2 == 0;
        b == byte && !quoted
    };
    line.as_bytes().iter().copied().filter(outside).count()
}

/// Blanks divide lines only where that gives columns of numbers, so that names of several words
/// stay whole: several columns of numbers, or one beside a column of values that differ.
fn score_of_blanks(all: &[&str]) -> Option<Score> {
    let below: Vec<Vec<String>> = (below_first(all).iter())
        .map(|line| quoted_cells(line, Delimiter::Blanks).0)
        .collect();
    let width = below[0].len();
    let first = quoted_cells(all[0], Delimiter::Blanks).0.len();
    if width < 2 || below.iter().any(|row| row.len() != width) || first.abs_diff(width) > 1 {
        return None;
    }
    let numbers_in = |c: usize| below.iter().filter(|row| is_numeric(&row[c])).count();
    let numeric = (0..width)
        .filter(|&c| 2 * numbers_in(c) > below.len())
        .count();
    let differs = |c: usize| {
        let mut cells: Vec<&String> = below.iter().map(|row| &row[c]).collect();
        cells.sort_unstable();
        cells.dedup();
        2 * cells.len() > below.len()
    };
    if numeric == 0 || numeric == 1 && !(0..width).any(|c| numbers_in(c) == 0 && differs(c)) {
        return None;
    }
    let numbers: usize = (0..width).map(numbers_in).sum();
    Some(Score {
        is_even: true,
        numbers: 10 * numbers / (width * below.len()),
        delimiters: width - 1,
    })
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

/// The lines after those that come before the table, with their text.
pub(super) fn table_lines(text: &str, dialect: Dialect) -> impl Iterator<Item = (Line, &str)> {
    let all = lines(&text[dialect.start..]).map(move |line| Line {
        start: dialect.start + line.start,
        end: dialect.start + line.end,
        number: dialect.lines_before + line.number,
    });
    all.map(|line| (line, &text[line.start..line.end]))
        .filter(move |(_, line)| !is_skipped(line, dialect.delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> Delimiter {
        Dialect::of(text).delimiter
    }

    #[test]
    fn delimiters_by_what_makes_numbers() {
        use Delimiter::{Blanks, Byte, List};
        for (text, expected) in [
            ("a,b\n1,2\n3,4\n", Byte(b',')),
            ("a;b\n1,5;2,5\n3,5;4,25\n", Byte(b';')),
            // As many commas as numbers, one more than semicolons.
            ("1,5;2,5\n3,5;4,5\n", Byte(b';')),
            ("1,5\t2,5\n3,5\t4,5\n", Byte(b'\t')),
            ("1,5 2,5 3,5\n4,5 5,5 6,5\n", Blanks),
            ("1 2\n3 4\n", Blanks),
            ("a.jpg 3\nb.jpg 3\n", Blanks),
            (
                "\"V1\" \"V2\"\n\"1\" 0.5 \"Iris setosa\"\n\"2\" 0.7 \"Iris virginica\"\n",
                Blanks,
            ),
            ("5.1, 3.5, setosa\n4.9, 3.0, setosa\n", Byte(b',')),
            ("5, 3\n4, 1\n", Byte(b',')),
            // Names of several words.
            ("grade 0\ngrade 1\ngrade 2\n", List),
            ("golden retriever\ntabby cat\n", List),
            (
                "tench, Tinca tinca\nrobin\nmaple, sugar maple, tree\n",
                List,
            ),
            (
                "tench, Tinca tinca\ngreat white shark, white shark, man-eater\n",
                List,
            ),
            ("cat\ndog\n", List),
            ("a|b\n1|x\n3|y\n", Byte(b'|')),
            ("| a | b |\n|---|---|\n| 1 | 2 |\n", Byte(b'|')),
            ("red|blue\nbig|small\n", List),
            // A lone quote hides no delimiter.
            ("word\tlabel\n\"\ta\nthe\tb\n", Byte(b'\t')),
            ("\"a,b\",1\n\"c,d\",2\n", Byte(b',')),
        ] {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_before_the_table() {
        let excel = Dialect::of("sep=;\na;b\n1;2\n");
        assert_eq!((excel.delimiter, excel.start), (Delimiter::Byte(b';'), 6));
        let words = Dialect::of("2 3\r\nthe 0.1 0.2 0.3 \r\nof 1 2 3 \r\n");
        assert!(words.is_word2vec);
        assert_eq!((words.start, words.lines_before), (5, 1));
        assert!(!Dialect::of("2 1\n3 4\n5 6\n").is_word2vec);
    }

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
