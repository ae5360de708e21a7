//! The cells of a Parquet column: its values, and where values are missing or lists begin.

use super::packed::{Outcome, runs};
use super::pages::{Data, Pages, Stored, Unpacked};
use super::values::Decoder;
use super::{Leaf, Parquet, packing};
use crate::dataset::formats::columnar::reserve;
use crate::dataset::formats::typed::{Cell, Source, damaged};
use crate::error::Result;

impl Source for Parquet<'_> {
    fn decode<C: Cell>(&self, column: usize) -> Result<Vec<C>> {
        let leaf = &self.leaves[column];
        let groups = self.metadata.row_groups();
        let rows: usize = groups.iter().map(|g| g.num_rows() as usize).sum();
        let mut cells = reserve(rows.saturating_mul(leaf.width), self.file.length());
        for group in 0..groups.len() {
            let decoded = self.append(group, column, &mut cells);
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
            let mut pages = self.pages(0, column)?;
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

    fn pages(&self, group: usize, column: usize) -> Outcome<Pages> {
        let group = self.metadata.row_group(group);
        let chunk = group.column(column);
        let rows = usize::try_from(group.num_rows()).map_err(|e| e.to_string())?;
        let (start, length) = chunk.byte_range();
        let range = start as usize..(start + length) as usize;
        let bytes = self.file.owned(range).map_err(|e| e.to_string())?.into();
        Pages::new(Stored { start, bytes }, chunk, packing(chunk)?, rows)
    }

    /// Appends the cells of one group of rows.
    fn append<C: Cell>(&self, group: usize, column: usize, cells: &mut Vec<C>) -> Outcome<()> {
        let leaf = &self.leaves[column];
        let mut pages = self.pages(group, column)?;
        let schema = self.metadata.file_metadata().schema_descr();
        let mut decoder = Decoder::new(&schema.column(column), leaf.kind);
        let mut lists = Lists {
            width: leaf.width,
            length: None,
        };
        while let Some(page) = pages.next()? {
            match page {
                Unpacked::Dictionary { values, count } => decoder.add_dictionary(&values, count)?,
                Unpacked::Data(page) => leaf.append(&page, &decoder, &mut lists, cells)?,
            }
        }
        lists.end(cells)
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
        let mut present = 0;
        self.each_level(page, |level, times| {
            present += if level == self.value_level { times } else { 0 };
        })?;
        if self.list_level == 0 && present == page.count {
            return decoder.append(page.encoding, &page.values, page.count, cells);
        }
        let mut values = Vec::new();
        decoder.append(page.encoding, &page.values, present, &mut values)?;
        let mut values = values.into_iter();
        let mut missing = std::iter::repeat_with(C::missing);
        if self.list_level == 0 {
            return self.each_level(page, |level, times| {
                if level == self.value_level {
                    cells.extend(values.by_ref().take(times));
                } else {
                    cells.extend(missing.by_ref().take(times));
                }
            });
        }
        for (level, is_start) in self.in_lists(page)? {
            if is_start {
                lists.end(cells)?;
                lists.length = Some(0);
            }
            let length = lists.length.as_mut().ok_or("a page begins within a list")?;
            if level >= self.list_level {
                *length += 1;
                let value = (level == self.value_level).then(|| values.next()).flatten();
                cells.extend(value.or_else(|| missing.next()));
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

    /// How much of each value is there, and whether a list begins with it.
    fn in_lists(&self, page: &Data) -> Outcome<impl Iterator<Item = (u16, bool)>> {
        let (mut levels, mut starts) = (Vec::new(), Vec::new());
        self.each_level(page, |level, times| {
            levels.extend(std::iter::repeat_n(level, times));
        })?;
        runs(&page.starts, 1, page.count, |level, times| {
            starts.extend(std::iter::repeat_n(level == 0, times));
        })?;
        Ok(levels.into_iter().zip(starts))
    }

    /// Adds the values of a page that belong to the first list that is not empty; returns whether it has
    /// ended.
    fn add_first_length(&self, page: &Data, length: &mut usize) -> Outcome<bool> {
        for (level, is_start) in self.in_lists(page)? {
            if is_start && *length > 0 {
                return Ok(true);
            }
            *length += usize::from(level >= self.list_level);
        }
        Ok(false)
    }
}

/// The list that is being read.
struct Lists {
    /// Values in each list.
    width: usize,
    /// Values of the present one, if it has begun.
    length: Option<usize>,
}

impl Lists {
    /// Ends a list. A missing or empty one is as long as the others, and all its values are missing.
    fn end<C: Cell>(&mut self, cells: &mut Vec<C>) -> Outcome<()> {
        match self.length.take() {
            Some(0) => cells.extend(std::iter::repeat_n(C::missing(), self.width)),
            Some(length) if length != self.width => {
                let expected = self.width;
                return Err(format!(
                    "lists of {expected} and of {length} values in one column"
                ));
            }
            _ => {}
        }
        Ok(())
    }
}
