//! The elements of a MATLAB file: a type, a size, and bytes.

use crate::dataset::formats::typed::Cell;

/// The order of the bytes of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The whole number of up to eight bytes, without its sign.
    fn number(self, bytes: &[u8]) -> u64 {
        let digit = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, digit),
            Self::Big => bytes.iter().fold(0, digit),
        }
    }

    /// The whole number of the first four bytes.
    pub(super) fn word(self, bytes: &[u8]) -> u32 {
        self.number(&bytes[..bytes.len().min(4)]) as u32
    }
}

/// A part of a file.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) kind: u32,
    pub(super) bytes: &'a [u8],
}

impl<'a> Element<'a> {
    /// Bytes of the type and the size.
    pub(super) const TAG: usize = 8;
    pub(super) const MATRIX: u32 = 14;
    pub(super) const PACKED: u32 = 15;

    /// The first element, and what follows it.
    pub(super) fn first(bytes: &'a [u8], order: Order) -> Option<(Self, &'a [u8])> {
        let (tag, rest) = bytes.split_at_checked(Self::TAG)?;
        let first = order.word(tag);
        if first >> 16 != 0 {
            // A small element: type and size share a word, and the bytes stand in the tag.
            let bytes = tag[4..].get(..(first >> 16) as usize)?;
            let kind = first & 0xffff;
            return Some((Self { kind, bytes }, rest));
        }
        let size = order.word(&tag[4..]) as usize;
        let (bytes, _) = rest.split_at_checked(size)?;
        // All but packed ones end at a multiple of eight bytes.
        let padded = if first == Self::PACKED {
            size
        } else {
            size.next_multiple_of(8).min(rest.len())
        };
        Some((Self { kind: first, bytes }, &rest[padded..]))
    }

    /// Its numbers, which may be stored in a smaller type than they have.
    pub(super) fn numbers<C: Cell>(self, order: Order) -> Option<Vec<C>> {
        let (size, convert): (usize, fn(u64) -> C) = match self.kind {
            1 => (1, |v| C::integer((v as i8).into())),
            2 => (1, C::unsigned),
            3 => (2, |v| C::integer((v as i16).into())),
            4 => (2, C::unsigned),
            5 => (4, |v| C::integer((v as i32).into())),
            6 => (4, C::unsigned),
            7 => (4, |v| C::float(f32::from_bits(v as u32).into())),
            9 => (8, |v| C::float(f64::from_bits(v))),
            12 => (8, |v| C::integer(v as i64)),
            13 => (8, C::unsigned),
            _ => return None,
        };
        let values = self.bytes.chunks_exact(size);
        Some(values.map(|v| convert(order.number(v))).collect())
    }

    /// Its characters.
    pub(super) fn characters(self, order: Order) -> Option<Vec<char>> {
        let units = |size| {
            self.bytes
                .chunks_exact(size)
                .map(|v| order.number(v) as u16)
        };
        match self.kind {
            1 | 2 => Some(self.bytes.iter().map(|&b| b.into()).collect()),
            16 => Some(String::from_utf8_lossy(self.bytes).chars().collect()),
            4 | 17 => {
                let decoded = char::decode_utf16(units(2));
                Some(
                    decoded
                        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                        .collect(),
                )
            }
            _ => None,
        }
    }
}
