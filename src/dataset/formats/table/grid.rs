//! Rows of equal width, or the line that breaks them.

use std::ops::Range;

use super::cells::Delimiter;
use super::dialect::Dialect;
use super::places::plain;
use super::records::{check_quotes, records, records_by_line};
use super::rows::Rows;
use super::text::Text;
use crate::error::{Error, Result};

/// Broken lines that are named in a message.
const NAMED: usize = 5;

/// Rows with the number of cells that count.
pub(super) struct Grid<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) width: usize,
    /// Whether the first row is one cell shorter than the others, as headers of R are.
    pub(super) is_first_short: bool,
    /// The first line whose quotes were read as characters.
    pub(super) lone_quote: Option<u64>,
}

impl<'a> Grid<'a> {
    /// # Errors
    /// [`Error::Input`] if a quote does not close or rows differ in the number of cells.
    pub(super) fn of(text: Text<'a>, dialect: Dialect, file: &str) -> Result<Self> {
        let mut lone_quote = None;
        let in_records = |(records, widths)| (Rows::Records(records), widths);
        let plain = plain(text, dialect, &mut lone_quote)?;
        let whole = || text.whole();
        let (rows, widths) = if let Some(plain) = plain {
            plain
        } else if matches!(dialect.delimiter, Delimiter::Byte(b) if b != b'\t') {
            check_quotes(whole()?, file)?;
            in_records(records(whole()?, dialect, file)?)
        } else {
            lone_quote = None;
            let by_line = records_by_line(whole()?, dialect, &mut lone_quote);
            let is_ragged = by_line.1.iter().any(|&w| Some(&w) != by_line.1.last());
            if dialect.delimiter == Delimiter::Byte(b'\t') && is_ragged {
                // Cells of several lines.
                check_quotes(whole()?, file)?;
                lone_quote = None;
                in_records(records(whole()?, dialect, file)?)
            } else {
                in_records(by_line)
            }
        };
        let mut grid = Self {
            rows,
            width: widths.first().copied().unwrap_or(0) as usize,
            is_first_short: false,
            lone_quote,
        };
        grid.settle_width(&widths, file)?;
        Ok(grid)
    }

    /// Decides how many cells the rows have, without a last column that is always empty.
    fn settle_width(&mut self, widths: &[u32], file: &str) -> Result<()> {
        let Some((&first, below)) = widths.split_first() else {
            return Ok(());
        };
        let second = below.first().map_or(first, |&w| w);
        let usual = below.iter().filter(|&&w| w == second).count();
        let is_last_empty = |rows: Range<usize>, width: u32| {
            let last = (width as usize).saturating_sub(1);
            self.rows.are_empty(rows, last)
        };
        let differs = first.abs_diff(second) == 1 && 2 * usual > below.len();
        let expected = if differs && (first < second || is_last_empty(0..1, first)?) {
            second
        } else {
            first
        };
        check_widths(&self.rows, widths, expected, file)?;
        let mut width = expected;
        if first < expected {
            self.is_first_short = !is_last_empty(1..self.rows.len(), expected)?;
            width -= u32::from(!self.is_first_short);
        } else if width > 1 && is_last_empty(0..self.rows.len(), width)? {
            width -= 1;
        }
        self.width = width as usize;
        Ok(())
    }
}

/// Refuses rows below the first with another number of cells than expected.
fn check_widths(rows: &Rows<'_>, widths: &[u32], expected: u32, file: &str) -> Result<()> {
    let is_broken = |&(row, found): &(usize, &u32)| row > 0 && *found != expected;
    let broken: Vec<(usize, &u32)> = widths.iter().enumerate().filter(is_broken).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let name = |&(row, found): &(usize, &u32)| {
        format!("line {} has {found} fields", rows.line(row).unwrap_or(0))
    };
    let named: Vec<String> = broken.iter().take(NAMED).map(name).collect();
    let lines = if broken.len() == 1 {
        "line differs"
    } else {
        "lines differ"
    };
    Err(Error::input(
        file,
        format!(
            "{}, but the first line has {} ({} {lines})",
            named.join(", "),
            widths[0],
            broken.len()
        ),
        "give every row the same number of fields; quote cells that contain the delimiter",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;

    use super::*;
    use crate::dataset::raw::RawFile;

    fn cells(rows: &Rows<'_>) -> Vec<(Option<u64>, Vec<String>)> {
        let of_row = |row: usize| {
            let mut cells = Vec::new();
            rows.each_cell(row, |_, cell| {
                cells.push(cell.to_owned());
                true
            });
            (rows.line(row), cells)
        };
        (0..rows.len()).map(of_row).collect()
    }

    fn dialect(byte: u8) -> Dialect {
        Dialect {
            delimiter: Delimiter::Byte(byte),
            start: 0,
            lines_before: 0,
            is_word2vec: false,
        }
    }

    #[test]
    fn words_may_be_quotes_and_signs_of_comments() {
        for (text, rows) in [
            ("word\tkind\nthe\ta\n#\ta\n\"\tb\n# a comment\n", 4),
            ("the 0.5 1\n# 1 2\n\" 3 4\n# x y\n", 3),
        ] {
            let grid = Grid::of(Text::Memory(text), Dialect::of(text), "t").unwrap();
            assert_eq!(grid.rows.len(), rows, "{text:?}");
            assert!(matches!(grid.rows, Rows::Plain { .. }), "{text:?}");
            assert!(grid.lone_quote.is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_file_that_changes_is_no_reason_to_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changes.csv");
        let text = "1,2,3\n".repeat(60_000);
        std::fs::write(&path, &text).unwrap();
        let file = RawFile::open(&path).unwrap();
        let grid = Grid::of(Text::of(&file).unwrap(), dialect(b','), "t").unwrap();
        assert_eq!(grid.rows.cell(30_000, 1), "2");
        // Lines end within letters.
        std::fs::write(&path, "1ééé".repeat(60_000 * 6 / 7)).unwrap();
        // Some rows are no text at all, which is an error.
        assert!(grid.rows.each_row(|_, _, _| true).is_err());
        assert!(file.provenance("features").is_err());
    }

    const CELLS: &[&str] = &[
        "1.5",
        "-2e-3",
        "",
        " 7 ",
        "NA",
        "\"ash\"",
        "\" b \"",
        "\"\"",
        "é\u{a0}",
        "a b",
        "#",
        "#x",
        "\"say \"\"x\"\"\"",
        "a\"b",
        " \"q\"",
        "\"q\" ",
        "\"two, three\"",
        "\u{2009}1",
        "12345678901234567890",
    ];
    const ENDS: &[&str] = &[
        "\n",
        "\r\n",
        "\n\n",
        "\n \n",
        "\r\n# comment\r\n",
        "\n\"\"\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Places in the text are the cells that the csv crate finds, wherever they are used.
        #[test]
        fn plain_rows_are_the_rows_of_the_careful_reader(
            table in prop::collection::vec(
                (prop::collection::vec(0..CELLS.len(), 1..5), 0..ENDS.len()),
                1..8,
            ),
            byte in prop::sample::select(b",;|".as_slice()),
            simple in any::<bool>(),
        ) {
            let mut text = String::new();
            for (row, end) in &table {
                let known = if simple { 10 } else { CELLS.len() };
                let row: Vec<&str> = row.iter().map(|&c| CELLS[c % known]).collect();
                text += &row.join(char::from(byte).to_string().as_str());
                text += ENDS[*end];
            }
            let dialect = dialect(byte);
            let careful = records(&text, dialect, "t").unwrap();
            match plain(Text::Memory(&text), dialect, &mut None).unwrap() {
                Some(plain) => {
                    prop_assert_eq!(cells(&plain.0), cells(&Rows::Records(careful.0)), "{:?}", text);
                    prop_assert_eq!(plain.1, careful.1);
                }
                None => prop_assert!(!simple, "{:?}", text),
            }
        }
    }
}
