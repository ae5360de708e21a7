//! The cells of a Parquet column: its values, and where values are missing or lists begin.

use parquet::file::reader::ChunkReader;

use super::footer::File;
use super::packed::{Outcome, runs};
use super::pages::{Data, Pages, Stored, Unpacked};
use super::values::Decoder;
use super::{Leaf, Parquet, packing};
use crate::dataset::bounded::check_memory;
use crate::dataset::formats::columnar::reserve;
use crate::dataset::formats::typed::{Cell, Source, damaged};
use crate::error::Result;

/// Columns of more bytes are compared with the memory before they are read.
const CHECKED: u64 = 1 << 24;

impl Source for Parquet<'_> {
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let leaf = &self.leaves[column];
        let groups = self.metadata.row_groups();
        let rows: usize = groups.iter().map(|g| g.num_rows() as usize).sum();
        let mut cells = reserve(rows.saturating_mul(leaf.width), self.file.length());
        for group in 0..groups.len() {
            let stored = self.stored(group, column)?;
            let decoded = self.append(stored, group, column, &mut cells);
            decoded.map_err(|e| damaged(&self.file.name, e))?;
        }
        Ok(cells)
    }
}

impl Parquet<'_> {
    /// Values in each row of a column of lists: the length of the first list that is not empty.
    pub(super) fn list_length(&self, column: usize) -> Result<usize> {
        let length = || -> Outcome<usize> {
            let mut length = 0;
            if self.metadata.num_row_groups() == 0 {
                return Ok(length);
            }
            // Not the whole column: the first pages tell.
            let mut pages = self.pages(File(self.file), 0, column)?;
            while let Some(page) = pages.next()? {
                if let Unpacked::Data(page) = page
                    && self.leaves[column].add_first_length(&page, &mut length)?
                {
                    break;
                }
            }
            Ok(length)
        };
        length().map_err(|e| damaged(&self.file.name, e))
    }

    /// The bytes of a column in one group of rows.
    fn stored(&self, group: usize, column: usize) -> Result<Stored> {
        let (start, length) = self.metadata.row_group(group).column(column).byte_range();
        if length > CHECKED {
            check_memory(&self.file.name, length)?;
        }
        let bytes = self.file.owned(start as usize..(start + length) as usize)?;
        let bytes = bytes.into();
        Ok(Stored { start, bytes })
    }

    fn pages<R: ChunkReader>(&self, from: R, group: usize, column: usize) -> Outcome<Pages<R>> {
        let group = self.metadata.row_group(group);
        let chunk = group.column(column);
        let rows = usize::try_from(group.num_rows()).map_err(|e| e.to_string())?;
        Pages::new(from, chunk, packing(chunk)?, rows)
    }

    /// Appends the cells of one group of rows.
    fn append<C: Cell>(
        &self,
        stored: Stored,
        group: usize,
        column: usize,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let leaf = &self.leaves[column];
        let mut pages = self.pages(stored, group, column)?;
        let schema = self.metadata.file_metadata().schema_descr();
        let mut decoder = Decoder::new(&schema.column(column), leaf.kind);
        let mut lists = Lists {
            width: leaf.width,
            length: None,
            left: self.metadata.row_group(group).num_rows() as usize,
        };
        while let Some(page) = pages.next()? {
            match page {
                Unpacked::Dictionary { values, count } => decoder.add_dictionary(&values, count)?,
                Unpacked::Data(page) => leaf.append(&page, &decoder, &mut lists, cells)?,
            }
        }
        let missing = lists.end()?;
        cells.extend(std::iter::repeat_n(C::missing(), missing));
        Ok(())
    }
}

impl Leaf {
    /// Appends the cells of a page.
    fn append<C: Cell>(
        &self,
        page: &Data,
        decoder: &Decoder<C>,
        lists: &mut Lists,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        if self.list_level > 0 {
            return self.append_lists(page, decoder, lists, cells);
        }
        let mut present = 0;
        self.each_level(page, |level, times| {
            present += if level == self.value_level { times } else { 0 };
        })?;
        if present == page.count {
            return decoder.append(page.encoding, &page.values, page.count, cells);
        }
        let mut values = Vec::new();
        decoder.append(page.encoding, &page.values, present, &mut values)?;
        let mut values = values.into_iter();
        let mut missing = std::iter::repeat_with(C::missing);
        self.each_level(page, |level, times| {
            if level == self.value_level {
                cells.extend(values.by_ref().take(times));
            } else {
                cells.extend(missing.by_ref().take(times));
            }
        })
    }

    /// Appends the cells of a page of lists.
    fn append_lists<C: Cell>(
        &self,
        page: &Data,
        decoder: &Decoder<C>,
        lists: &mut Lists,
        cells: &mut Vec<C>,
    ) -> Outcome<()> {
        let parts = self.in_lists(page)?;
        // A few bytes can declare any number of values: their lists are compared with the column's
        // size before one is decoded.
        let (mut checked, mut present) = (*lists, 0);
        for part in &parts {
            checked.add(part)?;
            present += if part.level == self.value_level {
                part.times
            } else {
                0
            };
        }
        checked.check_begun()?;
        let mut values = Vec::new();
        decoder.append(page.encoding, &page.values, present, &mut values)?;
        let mut values = values.into_iter();
        let nothing = |times| std::iter::repeat_n(C::missing(), times);
        for part in parts.iter().flat_map(Part::by_list) {
            cells.extend(nothing(lists.add(&part)?));
            if part.level == self.value_level {
                cells.extend(values.by_ref().take(part.times));
            } else if part.is_filled {
                cells.extend(nothing(part.times));
            }
        }
        Ok(())
    }

    /// Takes how much of each value is there, and of how many values.
    fn each_level(&self, page: &Data, mut take: impl FnMut(u16, usize)) -> Outcome<()> {
        if self.value_level == 0 {
            take(0, page.count);
            return Ok(());
        }
        let width = (16 - self.value_level.leading_zeros()) as usize;
        runs(&page.levels, width, page.count, |level, times| {
            take(level as u16, times);
        })
    }

    /// The values of a page by what they are in their lists.
    fn in_lists(&self, page: &Data) -> Outcome<Vec<Part>> {
        let mut starts = Vec::new();
        runs(&page.starts, 1, page.count, |level, times| {
            add_run(&mut starts, (level == 0, times));
        })?;
        let mut levels = Vec::new();
        self.each_level(page, |level, times| add_run(&mut levels, (level, times)))?;
        let mut parts = Vec::with_capacity(starts.len());
        let mut starts = starts.into_iter();
        let (mut is_start, mut left) = (false, 0);
        for (level, mut times) in levels {
            while times > 0 {
                if left == 0 {
                    (is_start, left) = starts.next().ok_or("a page is too short")?;
                }
                let both = times.min(left);
                parts.push(Part {
                    level,
                    is_filled: level >= self.list_level,
                    is_start,
                    times: both,
                });
                times -= both;
                left -= both;
            }
        }
        Ok(parts)
    }

    /// Adds the values of a page that belong to the first list that is not empty; returns whether it has
    /// ended.
    fn add_first_length(&self, page: &Data, length: &mut usize) -> Outcome<bool> {
        for part in self.in_lists(page)? {
            if part.is_start && *length > 0 {
                return Ok(true);
            }
            if part.is_filled {
                *length += if part.is_start { 1 } else { part.times };
                if part.is_start && part.times > 1 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Appends a run, or makes the last one longer.
fn add_run<T: PartialEq>(all: &mut Vec<(T, usize)>, (value, times): (T, usize)) {
    match all.last_mut() {
        Some((last, length)) if *last == value => *length += times,
        _ => all.push((value, times)),
    }
}

/// Values of which the same is there: the first of so many lists, or more of one list.
#[derive(Clone, Copy)]
struct Part {
    level: u16,
    /// Whether these are values of their lists, even if missing ones: an empty list has none.
    is_filled: bool,
    is_start: bool,
    times: usize,
}

impl Part {
    /// Parts that belong to one list each.
    fn by_list(&self) -> impl Iterator<Item = Self> + use<> {
        let (lists, times) = if self.is_start {
            (self.times, 1)
        } else {
            (1, self.times)
        };
        std::iter::repeat_n(Self { times, ..*self }, lists)
    }
}

/// The list that is being read.
#[derive(Clone, Copy)]
struct Lists {
    /// Values in each list.
    width: usize,
    /// Values of the present one, if it has begun.
    length: Option<usize>,
    /// Lists that may still begin.
    left: usize,
}

impl Lists {
    /// Takes note of some values; returns how many cells are missing before them, in empty lists.
    fn add(&mut self, part: &Part) -> Outcome<usize> {
        let mut missing = 0;
        for part in part.by_list() {
            if part.is_start {
                missing += self.end()?;
                let left = self.left.checked_sub(1);
                self.left = left.ok_or("a page with more lists than rows")?;
                self.length = Some(0);
            }
            let length = self.length.as_mut().ok_or("a page begins within a list")?;
            *length += if part.is_filled { part.times } else { 0 };
        }
        Ok(missing)
    }

    /// Ends a list; returns how many of its cells are missing. A missing or empty one is as long as the
    /// others, and all its values are missing.
    fn end(&mut self) -> Outcome<usize> {
        match self.length.take() {
            Some(0) => Ok(self.width),
            Some(length) if length != self.width => Err(self.other_length(length, "")),
            _ => Ok(0),
        }
    }

    /// Refuses a list that is too long before its end.
    fn check_begun(&self) -> Outcome<()> {
        match self.length {
            Some(length) if length > self.width => Err(self.other_length(length, " or more")),
            _ => Ok(()),
        }
    }

    fn other_length(&self, length: usize, or_more: &str) -> String {
        let expected = self.width;
        format!("lists of {expected} and of {length}{or_more} values in one column")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use parquet::basic::Encoding;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::super::kind::Kind;
    use super::*;

    /// The cells of a page of lists of two numbers, in a column of so many rows.
    fn lists(page: &Data, rows: usize) -> Outcome<Vec<f64>> {
        let schema = "message m { optional group x (LIST) { \
                      repeated group list { optional double element; } } }";
        let schema = SchemaDescriptor::new(parse_message_type(schema).unwrap().into());
        let leaf = Leaf {
            kind: Kind::Double,
            width: 2,
            value_level: 3,
            list_level: 2,
        };
        let mut lists = Lists {
            width: 2,
            length: None,
            left: rows,
        };
        let decoder = Decoder::new(&schema.column(0), leaf.kind);
        let mut cells = Vec::new();
        leaf.append(page, &decoder, &mut lists, &mut cells)?;
        let missing = lists.end()?;
        cells.extend(vec![f64::NAN; missing]);
        Ok(cells)
    }

    /// A number as often as is said, as pages store it.
    fn run(number: u8, mut times: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        times <<= 1;
        while times > 0x7f {
            bytes.push(times as u8 | 0x80);
            times >>= 7;
        }
        bytes.extend([times as u8, number]);
        bytes
    }

    fn page(starts: &[Vec<u8>], levels: &[Vec<u8>], count: usize, values: &[f64]) -> Data {
        let values: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Data {
            encoding: Encoding::PLAIN,
            count,
            starts: starts.concat().into(),
            levels: levels.concat().into(),
            values: values.into(),
        }
    }

    #[test]
    fn lists_with_gaps() {
        // [1, –], none, [2, 3], an empty list, [–, 4].
        let starts = [
            run(0, 1),
            run(1, 1),
            run(0, 2),
            run(1, 1),
            run(0, 2),
            run(1, 1),
        ];
        let levels = [
            run(3, 1),
            run(2, 1),
            run(0, 1),
            run(3, 2),
            run(1, 1),
            run(2, 1),
            run(3, 1),
        ];
        let page = page(&starts, &levels, 8, &[1.0, 2.0, 3.0, 4.0]);
        let gap = f64::NAN;
        let expected = [1.0, gap, gap, gap, 2.0, 3.0, gap, gap, gap, 4.0];
        let found = lists(&page, 5).unwrap();
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        let error = lists(&page, 4).unwrap_err();
        assert!(error.contains("more lists than rows"), "{error}");
    }

    #[test]
    fn few_bytes_that_declare_many_values() {
        let many = 1 << 31;
        for (starts, expected) in [
            (
                vec![run(0, 1), run(1, many - 1)],
                "lists of 2 and of 2147483648 or more",
            ),
            (vec![run(0, many)], "lists of 2 and of 1 values"),
            (vec![run(1, many)], "begins within a list"),
        ] {
            let error = lists(&page(&starts, &[run(2, many)], many, &[]), many).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let empty = page(&[run(0, many)], &[run(1, many)], many, &[]);
        let error = lists(&empty, 1000).unwrap_err();
        assert!(error.contains("more lists than rows"), "{error}");
    }
}
