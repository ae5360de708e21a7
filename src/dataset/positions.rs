//! Maps from files: two finite coordinates per sample, in single precision.

use std::path::Path;

use ndarray::{Array2, ArrayView1};

#[cfg(feature = "tui")]
use super::Dataset;
use super::formats;
use super::matched::{Matched, matched};
use super::raw::RawFile;
use super::roles::{self, Key, Role};
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
    in_order(path, None).map(|(positions, _)| positions)
}

/// The map of a dataset: rows of a table with ids in another order are matched by them, with a note.
///
/// # Errors
/// As [`read_positions`]; also if the ids of both agree only partly.
#[cfg(feature = "tui")]
pub(crate) fn read_map(path: &Path, data: &mut Dataset) -> Result<Vec<[f32; 2]>> {
    let (positions, note) = in_order(path, data.ids())?;
    data.notes.extend(note);
    Ok(positions)
}

/// Positions in the order of these ids, and a note if the file has another order.
fn in_order(path: &Path, ids: Option<&[String]>) -> Result<(Vec<[f32; 2]>, Option<String>)> {
    let file = RawFile::open(path)?;
    let name = file.place();
    let mut contents = formats::open(&file)?;
    let columns = roles::of_positions(&mut contents, file.member.as_deref())?;
    let matched = match ids {
        Some(ids) => {
            let others = roles::keys(&mut contents, &columns, |_| false)?;
            matched(
                &[Key::of_ids(ids)],
                &others,
                Role::Positions,
                contents.file(),
            )?
        }
        None => Matched::default(),
    };
    let matrix = contents.matrix(&columns)?.select(matched.rows.as_deref());
    let matrix = matrix.into_double();
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
    Ok((in_single_precision(&matrix, &name)?, matched.note))
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

#[cfg(all(test, feature = "tui"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn the_rows_of_a_map_are_matched_by_ids() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        let ids = ["c", "a", "b"].map(String::from).to_vec();
        let features = Array2::from_shape_fn((3, 2), |(row, column)| (row + column) as f32);
        let data = || {
            let data = Dataset::new(features.clone()).unwrap();
            data.with_ids(ids.clone()).unwrap()
        };
        let read = |text: &str, data: &mut Dataset| {
            std::fs::write(&path, text).unwrap();
            read_map(&path, data).map_err(|error| error.to_string())
        };
        let mut other = data();
        let text = "id,x,y\na,1,2\nb,3,4\nc,5,6\n";
        let map = read(text, &mut other).unwrap();
        assert_eq!(map, [[5.0, 6.0], [1.0, 2.0], [3.0, 4.0]]);
        let notes = other.notes().join("\n");
        assert!(notes.contains("positions: matched by"), "{notes}");
        let mut same = data();
        read("id,x,y\nc,1,2\na,3,4\nb,5,6\n", &mut same).unwrap();
        assert!(same.notes().is_empty());
        let error = read("id,x,y\nc,1,2\na,3,4\nz,5,6\n", &mut data());
        assert!(error.is_err_and(|e| e.contains("only 2 of the 3 samples")));
    }
}
