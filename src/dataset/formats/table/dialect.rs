//! What divides the lines of a text into cells, decided by its first lines.

use super::cells::{BAR, Delimiter, is_skipped, quoted_cells};
use super::decode::{Line, lines};
use super::numbers::sign;

/// Lines that decide.
pub(super) const SAMPLE_LINES: usize = 50;

/// Lines of records with line ends in their cells.
const MOST_LINES: usize = 500;

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
            let records = records(text);
            if dialect.delimiter == Delimiter::List && !records.is_empty() {
                dialect.delimiter = divider(&records);
            }
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

/// The first records whose quoted cells may have several lines.
fn records(text: &str) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), None);
    for line in lines(text).take(MOST_LINES) {
        let record = &text[start.unwrap_or(line.start)..line.end];
        if record.matches('"').count() % 2 == 1 {
            start.get_or_insert(line.start);
            continue;
        }
        start = None;
        if !is_comment(record) {
            found.push(record);
        }
    }
    found.truncate(SAMPLE_LINES);
    found
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

/// The score of lines whose cells are all numbers.
const ALL: usize = 10;

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
        (Some((byte, delimiter)), Some(blanks))
            if blanks.numbers > byte.numbers && !divides_all(all, delimiter, &blanks) =>
        {
            Delimiter::Blanks
        }
        (None, Some(_)) => Delimiter::Blanks,
        // Names with commas in them, one per line.
        (Some((byte, _)), _) if !byte.is_even && byte.numbers == 0 => Delimiter::List,
        (Some((_, delimiter)), _) => delimiter,
        (None, None) => Delimiter::List,
    }
}

/// Whether a delimiter divides all lines alike, and blanks only stand within its cells: `Region 1`. Cells
/// that begin with a number and a blank may be the pieces of decimal commas, `1,5 2,5`, but not below a header
/// that the delimiter divides.
fn divides_all(all: &[&str], delimiter: Delimiter, blanks: &Score) -> bool {
    let Delimiter::Byte(byte) = delimiter else {
        return false;
    };
    let number = count(all[0], byte);
    if all.len() < 2 || all.iter().any(|line| count(line, byte) != number) {
        return false;
    }
    let cells = |line: &&'_ str| -> Vec<String> { quoted_cells(line, delimiter).0 };
    let is_piece = |cell: &String| {
        let mut words = cell.split_whitespace();
        words.next().is_some_and(is_numeric) && words.next().is_some()
    };
    let has_header = !cells(&all[0]).iter().any(|cell| is_numeric(cell));
    has_header && blanks.numbers < ALL || !all.iter().any(|line| cells(line).iter().any(is_piece))
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
        numbers: ALL * numbers / cells,
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
/// stay whole: several columns of numbers, one beside a column of values that differ, or one of fractions that
/// differ.
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
    // Fractions that differ are measured, and no part of a name.
    let fractions_in = |c: usize| below.iter().filter(|row| row[c].contains('.')).count();
    let is_measured =
        |c: usize| numbers_in(c) == below.len() && 2 * fractions_in(c) > below.len() && differs(c);
    let is_column = |c: usize| numbers_in(c) == 0 && differs(c) || is_measured(c);
    if numeric == 0 || numeric == 1 && !(0..width).any(is_column) {
        return None;
    }
    let numbers: usize = (0..width).map(numbers_in).sum();
    Some(Score {
        is_even: true,
        numbers: ALL * numbers / (width * below.len()),
        delimiters: width - 1,
    })
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
                "a b dH\nAl Al -21.8\nAl Mg 4.5\nMg Al 7.25\nMg Mg 0.5\n",
                Blanks,
            ),
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
            // Blanks within cells, also where they would give more numbers.
            ("k,n,place\n1,2,Region 1\n3,4,Region 2\n", Byte(b',')),
            ("place\tn\tm\nRegion 1\t8\t4\nRegion 2\t5\t7\n", Byte(b'\t')),
            ("xy,g\n0.5 0.9,x\n0.1 0.4,y\n", Byte(b',')),
            ("0,5 1,5 ash\n2,5 3,5 elm\n", Blanks),
            // A lone quote hides no delimiter.
            ("word\tlabel\n\"\ta\nthe\tb\n", Byte(b'\t')),
            ("\"a,b\",1\n\"c,d\",2\n", Byte(b',')),
        ] {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn cells_of_several_lines_hide_no_delimiter() {
        let quote = "\"He said, at length:\nthis, and more.\n\nThen he left.\"";
        let rows = (0..40).map(|row| format!("{row},x,{quote}\n"));
        let text = format!("\"No.\nof row\",kind,words\n{}", rows.collect::<String>());
        assert_eq!(delimiter(&text), Delimiter::Byte(b','));
        let names = "one \"quoted\nname\n".repeat(30);
        assert_eq!(delimiter(&names), Delimiter::List);
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
}
