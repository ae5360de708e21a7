//! Whole numbers as pages pack them: in few bits each, as runs, and as differences.
//!
//! What a page says of itself is not trusted: bytes that are missing are an error.

/// A result, or what is wrong with a page.
pub(super) type Outcome<T> = Result<T, String>;

/// Bytes that are read one after the other.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let Some((taken, rest)) = self.0.split_at_checked(count) else {
            return Err("a page is too short".into());
        };
        self.0 = rest;
        Ok(taken)
    }

    /// A number of four bytes.
    pub(super) fn size(&mut self) -> Outcome<usize> {
        let bytes = self.take(4)?.iter().rev();
        Ok(bytes.fold(0, |size, &byte| (size << 8) | usize::from(byte)))
    }

    /// A number in as many bytes as it needs, seven bits in each.
    fn number(&mut self) -> Outcome<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number in a page is too long".into())
    }

    /// The same with a sign, which is the last bit.
    fn signed(&mut self) -> Outcome<i64> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

/// Takes this many numbers of `width` bits, as they stand one after the other.
fn unpacked(bytes: &[u8], width: usize, count: usize, mut take: impl FnMut(u64)) {
    if width == 0 {
        (0..count).for_each(|_| take(0));
        return;
    }
    let mask = u64::MAX >> (64 - width);
    for place in (0..count).map(|number| number * width) {
        let (at, bit) = (place / 8, place % 8);
        let word = match bytes.get(at..at + 8) {
            Some(&[a, b, c, d, e, f, g, h]) => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            _ => word(&bytes[at.min(bytes.len())..]),
        };
        let mut number = word >> bit;
        if bit + width > 64 {
            number |= u64::from(bytes.get(at + 8).copied().unwrap_or(0)) << (64 - bit);
        }
        take(number & mask);
    }
}

/// The last bytes, less than eight, as a number.
#[cold]
fn word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .rev()
        .fold(0, |word, &byte| (word << 8) | u64::from(byte))
}

/// Takes this many numbers of `width` bits that are stored as runs, and one by one in groups of eight.
pub(super) fn runs(
    bytes: &[u8],
    width: usize,
    count: usize,
    mut take: impl FnMut(u32, usize),
) -> Outcome<()> {
    if width > 32 {
        return Err(format!("a page has numbers of {width} bits"));
    }
    let mut bytes = Bytes(bytes);
    let mut left = count;
    while left > 0 {
        let header = bytes.number()?;
        let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        if header & 1 == 1 {
            let in_groups = length.saturating_mul(8).min(left);
            // The last group may be cut off after the last number.
            let packed = length.saturating_mul(width).min(bytes.0.len());
            if (in_groups * width).div_ceil(8) > packed || length == 0 {
                return Err("a page is too short".into());
            }
            let packed = bytes.take(packed)?;
            unpacked(packed, width, in_groups, |number| take(number as u32, 1));
            left -= in_groups;
        } else {
            let value = word(bytes.take(width.div_ceil(8))?) as u32;
            if length == 0 {
                return Err("a page has an empty run".into());
            }
            take(value, length.min(left));
            left -= length.min(left);
        }
    }
    Ok(())
}

/// Numbers that are stored as differences, at most so many, and the bytes after them.
pub(super) fn differences(bytes: &[u8], most: usize) -> Outcome<(Vec<i64>, &[u8])> {
    let mut bytes = Bytes(bytes);
    let of_block = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
    let parts = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
    let count = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
    let mut last = bytes.signed()?;
    let of_part = of_block.checked_div(parts).unwrap_or(0);
    if count > most || of_part == 0 || of_part % 8 > 0 {
        return Err("the sizes of a page contradict each other".into());
    }
    let mut numbers = Vec::new();
    if count > 0 {
        numbers.push(last);
    }
    while numbers.len() < count {
        let least = bytes.signed()?;
        let widths = bytes.take(parts)?;
        for &width in widths {
            let width = usize::from(width);
            let wanted = of_part.min(count - numbers.len());
            if wanted == 0 {
                break;
            }
            if width > 64 {
                return Err(format!("a page has numbers of {width} bits"));
            }
            let packed = bytes.take((of_part / 8).saturating_mul(width))?;
            unpacked(packed, width, wanted, |difference| {
                last = last.wrapping_add(least).wrapping_add(difference as i64);
                numbers.push(last);
            });
        }
    }
    Ok((numbers, bytes.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn all_runs(bytes: &[u8], width: usize, count: usize) -> Outcome<Vec<u32>> {
        let mut found = Vec::new();
        runs(bytes, width, count, |value, times| {
            found.extend(std::iter::repeat_n(value, times));
        })?;
        Ok(found)
    }

    #[test]
    fn runs_and_groups() {
        // The example of the format's description: 0 to 7 in three bits.
        let packed = [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(all_runs(&packed, 3, 8).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(all_runs(&[10, 6], 3, 5).unwrap(), [6; 5]);
        assert_eq!(all_runs(&[6, 1, 3, 0b10], 1, 5).unwrap(), [1, 1, 1, 0, 1]);
        assert_eq!(all_runs(&[], 0, 0).unwrap(), [0; 0]);
        for (bytes, width, count) in [
            (&packed[..2], 3, 8),
            (&[10][..], 3, 5),
            (&[0, 6], 3, 5),
            (&[1], 3, 5),
            (&[0xff; 12], 3, 5),
            (&[10, 6], 33, 5),
        ] {
            assert!(all_runs(bytes, width, count).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn numbers_as_differences() {
        // The examples of the format's description, with blocks of 128 numbers in 4 parts.
        let steady = [128, 1, 4, 5, 2, 2, 0, 0, 0, 0];
        assert_eq!(
            differences(&steady, 5).unwrap(),
            (vec![1, 2, 3, 4, 5], &[][..])
        );
        let mut wavy = vec![128, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111];
        wavy.extend([0; 6]);
        wavy.push(7);
        let (numbers, rest) = differences(&wavy, 8).unwrap();
        assert_eq!((numbers, rest), (vec![7, 5, 3, 1, 2, 3, 4, 5], &[7][..]));
        assert!(differences(&wavy, 7).is_err());
        assert!(differences(&wavy[..12], 8).is_err());
        assert!(differences(&[0, 0, 8, 14], 8).is_err());
    }
}
