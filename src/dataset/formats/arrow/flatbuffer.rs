//! The tables of FlatBuffers, in which Arrow keeps its schema and the places of its buffers.
//!
//! Every read is checked: what lies outside the bytes is absent.

/// A table among some bytes.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Table<'a> {
    /// The table that the bytes begin with.
    pub(super) fn root(bytes: &'a [u8]) -> Option<Self> {
        Self { bytes, at: 0 }.follow(0)
    }

    fn read<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let end = at.checked_add(N)?;
        self.bytes.get(at..end)?.try_into().ok()
    }

    /// The table that the offset at this place leads to.
    fn follow(&self, at: usize) -> Option<Self> {
        let offset = u32::from_le_bytes(self.read(at)?) as usize;
        let at = at.checked_add(offset)?;
        (at < self.bytes.len()).then_some(Self { at, ..*self })
    }

    /// The place of a field, unless it has its default.
    fn field(&self, field: usize) -> Option<usize> {
        let back = i32::from_le_bytes(self.read(self.at)?);
        let fields = usize::try_from(self.at as i64 - i64::from(back)).ok()?;
        let size = u16::from_le_bytes(self.read(fields)?) as usize;
        let place = 4 + 2 * field;
        if place + 2 > size {
            return None;
        }
        let offset = u16::from_le_bytes(self.read(fields.checked_add(place)?)?);
        (offset != 0).then_some(self.at + usize::from(offset))
    }

    pub(super) fn byte(&self, field: usize) -> Option<u8> {
        self.read(self.field(field)?).map(u8::from_le_bytes)
    }

    pub(super) fn short(&self, field: usize) -> Option<i16> {
        self.read(self.field(field)?).map(i16::from_le_bytes)
    }

    pub(super) fn int(&self, field: usize) -> Option<i32> {
        self.read(self.field(field)?).map(i32::from_le_bytes)
    }

    pub(super) fn long(&self, field: usize) -> Option<i64> {
        self.read(self.field(field)?).map(i64::from_le_bytes)
    }

    pub(super) fn table(&self, field: usize) -> Option<Self> {
        self.follow(self.field(field)?)
    }

    pub(super) fn text(&self, field: usize) -> Option<&'a str> {
        std::str::from_utf8(self.items(field, 1)?).ok()
    }

    /// Pairs of whole numbers in a row, as nodes and buffers are.
    pub(super) fn pairs(&self, field: usize) -> Option<impl Iterator<Item = (i64, i64)> + 'a> {
        let mut longs = longs(self.items(field, 16)?);
        Some(std::iter::from_fn(move || {
            Some((longs.next()?, longs.next()?))
        }))
    }

    /// Whole numbers in a row.
    pub(super) fn longs(&self, field: usize) -> Option<impl Iterator<Item = i64> + 'a> {
        Some(longs(self.items(field, 8)?))
    }

    /// Tables in a row.
    pub(super) fn tables(&self, field: usize) -> impl Iterator<Item = Self> + 'a {
        let start = self.field(field).and_then(|at| self.follow(at));
        let count = start.and_then(|s| Some(u32::from_le_bytes(s.read(s.at)?)));
        let table = *self;
        (0..count.unwrap_or(0) as usize)
            .map_while(move |i| table.follow(start?.at.checked_add(4 + 4 * i)?))
    }

    /// The bytes of items of this size.
    fn items(&self, field: usize, size: usize) -> Option<&'a [u8]> {
        let start = self.follow(self.field(field)?)?;
        let count = u32::from_le_bytes(start.read(start.at)?) as usize;
        let first = start.at + 4;
        self.bytes
            .get(first..first.checked_add(count.checked_mul(size)?)?)
    }
}

fn longs(bytes: &[u8]) -> impl Iterator<Item = i64> + '_ {
    let (longs, _) = bytes.as_chunks();
    longs.iter().copied().map(i64::from_le_bytes)
}
