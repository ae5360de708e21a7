//! Maps from files: two finite coordinates per sample, in single precision.

use std::path::Path;

use ndarray::{Array2, ArrayView1};

use super::formats;
use super::raw::RawFile;
use super::roles;
use crate::error::{Error, Result};

/// Squares of distances in wider maps would leave the range of single precision.
const LARGEST_MAP: f64 = 1e15;
/// Maps smaller than this share of their distance from the origin are centered.
const NEAR: f64 = 0.01;

/// Positions (n × 2) from a `.npy` or `.npz` array or a table with columns x and y.
///
/// # Errors
/// As [`read`](super::read()); [`Error::Input`] if the array is not n × 2 or has values that are
/// not finite.
pub fn read_positions(path: &Path) -> Result<Vec<[f32; 2]>> {
    let file = RawFile::open(path)?;
    let name = file.place();
    let mut contents = formats::open(&file)?;
    let columns = roles::of_positions(&mut contents, file.member.as_deref())?;
    let matrix = contents.matrix(&columns)?.into_double();
    let wrong = |problem, remedy: &str| Err(Error::input(&name, problem, remedy));
    if matrix.ncols() != 2 {
        let problem = format!("the array is {} × {}", matrix.nrows(), matrix.ncols());
        return wrong(problem, "a map has n rows and 2 columns");
    }
    let is_invalid = |r: ArrayView1<'_, f64>| r.iter().any(|v| !v.is_finite());
    if let Some(row) = matrix.outer_iter().position(is_invalid) {
        let problem = format!("row {row} is NaN or infinite");
        return wrong(problem, "give finite positions");
    }
    in_single_precision(&matrix, &name)
}

/// Positions in 32 bits. A map that is small compared with its distance from the origin is
/// centered first, which changes no distance.
fn in_single_precision(matrix: &Array2<f64>, name: &str) -> Result<Vec<[f32; 2]>> {
    let axis = |a: usize| {
        let values = || matrix.column(a).into_iter().copied();
        let low = values().fold(f64::INFINITY, f64::min);
        (low, values().fold(f64::NEG_INFINITY, f64::max))
    };
    let sides = [axis(0), axis(1)];
    let extent = sides.iter().map(|s| s.1 - s.0).fold(0.0, f64::max);
    let far = |s: &(f64, f64)| s.0.abs().max(s.1.abs());
    let remoteness = sides.iter().map(far).fold(0.0, f64::max);
    if extent > LARGEST_MAP {
        return Err(Error::input(
            name,
            format!("the map is {extent:.0e} units wide"),
            format!("scale it to less than {LARGEST_MAP:.0e}"),
        ));
    }
    let middle = if extent < NEAR * remoteness {
        sides.map(|s| 0.5 * (s.0 + s.1))
    } else {
        [0.0; 2]
    };
    let place = |r: ArrayView1<'_, f64>| [(r[0] - middle[0]) as f32, (r[1] - middle[1]) as f32];
    Ok(matrix.outer_iter().map(place).collect())
}
