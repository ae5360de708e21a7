//! Notes on samples and ids that occur several times.

use std::hash::{BuildHasher, Hasher};

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::Dataset;
use crate::error::printable;

/// Share of identical samples that is worth a note.
const MANY_DUPLICATES: f64 = 0.1;
/// Values of each sample that are compared first, by one of so many marks for each sample.
const FIRST_VALUES: usize = 4;
const MARKS: usize = 16;

/// A note where an id stands for several samples.
pub(super) fn of_ids(ids: &[String]) -> Option<String> {
    let mut sorted: Vec<&String> = ids.iter().collect();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
    let several: Vec<&String> = runs.map(|run| run[0]).collect();
    let example = printable(several.first()?);
    Some(match several.len() {
        1 => format!("the id {example} occurs more than once"),
        count => format!("{count} ids occur more than once, for example {example}"),
    })
}

/// A note where many samples are identical.
pub(super) fn note(data: &Dataset) -> Option<String> {
    let n = data.samples();
    let are_many = |repeated: usize| repeated as f64 > MANY_DUPLICATES * n as f64 && repeated > 2;
    if !are_many(most_repeated(data.features())) {
        return None;
    }
    let repeated = repeated_rows(data.features());
    are_many(repeated).then(|| format!("{repeated} of {n} samples are identical to another one"))
}

/// At most so many rows are the same as another one: twice those whose first values have the mark of a
/// row before them, which few rows have by accident.
fn most_repeated(features: ArrayView2<'_, f32>) -> usize {
    const BITS: usize = u64::BITS as usize;
    let number = (MARKS * features.nrows()).next_power_of_two().max(BITS);
    let mut marks = vec![0_u64; number / BITS];
    let was_marked = |row: &ArrayView1<'_, f32>| {
        let mixed = row.iter().take(FIRST_VALUES).fold(0, |mixed: u64, value| {
            // Adding 0 makes -0 and 0 the same.
            let bits = u64::from((value + 0.0).to_bits());
            (mixed.rotate_left(23) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        let mark = (mixed >> 32) as usize & (number - 1);
        let (word, bit) = (&mut marks[mark / BITS], 1 << (mark % BITS));
        let was_marked = *word & bit > 0;
        *word |= bit;
        was_marked
    };
    2 * features.outer_iter().filter(was_marked).count()
}

/// How many rows are the same as another one.
fn repeated_rows(features: ArrayView2<'_, f32>) -> usize {
    let state = std::hash::RandomState::new();
    let hash = |row: usize| {
        let mut hasher = state.build_hasher();
        for value in features.row(row) {
            // Adding 0 makes -0 and 0 the same.
            hasher.write_u32((value + 0.0).to_bits());
        }
        hasher.finish()
    };
    let mut hashes: Vec<u64> = (0..features.nrows()).into_par_iter().map(hash).collect();
    hashes.par_sort_unstable();
    let runs = hashes.chunk_by(|a, b| a == b).map(<[u64]>::len);
    runs.filter(|&run| run > 1).sum()
}
