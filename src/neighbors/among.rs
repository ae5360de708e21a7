//! Neighbors of new samples among others, which place new samples into a finished map.
//!
//! In: a reference (n × d) and queries (m × d). Out: for each query its k nearest references, found
//! as exact search does. Cost: n m d multiplications.

use ndarray::{ArrayView2, Axis, concatenate};

use super::candidates::Points;
use super::exact;
use super::panels::Panels;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// Ids of references and squared distances (each m × k, row-major).
pub(super) fn search(
    reference: ArrayView2<'_, f32>,
    queries: ArrayView2<'_, f32>,
    k: usize,
    progress: &dyn Progress,
) -> Result<(Vec<u32>, Vec<f32>)> {
    if reference.ncols() != queries.ncols() {
        return Err(Error::Mismatch {
            what: "features of the new samples".into(),
            expected: reference.ncols(),
            found: queries.ncols(),
        });
    }
    let (n, m) = (reference.nrows(), queries.nrows());
    let both = concatenate(Axis(0), &[reference, queries])
        .map_err(|e| Error::input("features", e.to_string(), "please report this"))?;
    let points = Points::new(both.view());
    drop(both);
    let panels = [Panels::new(&points, 0..n)];
    let (ids, squared, _) = exact::search_rows(&points, &panels, n..n + m, None, k, progress)?;
    Ok((ids, squared))
}
