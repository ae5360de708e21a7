//! Digests by which features are recognized, whatever file they come from.

use sha2::{Digest, Sha256};

use super::Dataset;

/// SHA-256 of the size and the values of the features, in hexadecimal digits.
pub(crate) fn digest_of(data: &Dataset) -> String {
    let mut sha = Sha256::new();
    for size in [data.samples(), data.dimensions()] {
        sha.update((size as u64).to_le_bytes());
    }
    let mut bytes = Vec::with_capacity(4 * data.dimensions());
    for row in data.features().rows() {
        bytes.clear();
        bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
        sha.update(&bytes);
    }
    hex(&sha.finalize())
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
