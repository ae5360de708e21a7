//! Fixtures and golden references for the tests.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::{Path, PathBuf};

use disentangle::ndarray::Array2;

/// A file below `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// Reads a two-dimensional little-endian f4 array.
pub(crate) fn array(path: &Path) -> Array2<f32> {
    let bytes = std::fs::read(path).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    let shape: Vec<usize> = file.shape().iter().map(|&s| s as usize).collect();
    Array2::from_shape_vec((shape[0], shape[1]), file.into_vec::<f32>().unwrap()).unwrap()
}

/// The CNN's penultimate features of the digits (899 × 64).
pub(crate) fn digits() -> Array2<f32> {
    array(&fixture("digits_penultimate.npy"))
}

/// The fixed map of the digits that the references describe (899 × 2).
pub(crate) fn digits_map() -> Vec<[f32; 2]> {
    array(&fixture("golden/digits_map.npy"))
        .outer_iter()
        .map(|r| [r[0], r[1]])
        .collect()
}

/// A JSON file of references.
pub(crate) fn golden(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(fixture(&format!("golden/{name}"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The numbers of a JSON array.
pub(crate) fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}
