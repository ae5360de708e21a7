//! LZF, the fast compression that h5py brings along.

use hdf5_reader::error::{Error, Result};
use hdf5_reader::messages::filter_pipeline::FilterDescription;

/// The number that HDF5 knows the filter by.
pub(super) const FILTER: u16 = 32_000;

/// Unpacks a chunk.
pub(super) fn unpack(
    _filter: &FilterDescription,
    packed: &[u8],
    _element_size: usize,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = packed;
    while let Some((&control, after)) = rest.split_first() {
        let after = if control < 32 {
            after
                .split_at_checked(usize::from(control) + 1)
                .map(|(literal, after)| {
                    bytes.extend_from_slice(literal);
                    after
                })
        } else {
            repeat(control, after, &mut bytes)
        };
        let damaged = || Error::InvalidData("a chunk packed with LZF is damaged".into());
        rest = after.ok_or_else(damaged)?;
    }
    Ok(bytes)
}

/// Repeats earlier bytes, and gives what follows.
fn repeat<'a>(control: u8, mut rest: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    let mut next = || {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        Some(usize::from(byte))
    };
    let mut length = usize::from(control >> 5) + 2;
    if control >> 5 == 7 {
        length += next()?;
    }
    let back = (usize::from(control & 31) << 8) + next()? + 1;
    let start = bytes.len().checked_sub(back)?;
    for i in start..start + length {
        bytes.push(*bytes.get(i)?);
    }
    Some(rest)
}
