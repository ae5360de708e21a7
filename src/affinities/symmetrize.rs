//! From conditional to joint probabilities, P = (C + Cᵀ)/2n, as sorted rows, without hashing.
//!
//! In: neighbors and their conditional probabilities (n × k). Out: rows of P. The transposed
//! edges are brought to their rows by two stable distributions: first to ranges of rows, small
//! enough to stay in cache, then within each range to the row. Both keep the order of the
//! sources, so that the transposed rows are sorted without sorting. They are then merged with the
//! rows of C. Every step works on fixed chunks in parallel; memory besides the result: 12 bytes
//! an edge, and the result once more while it is put together.

use rayon::prelude::*;

use super::Conditional;
use crate::neighbors::Neighbors;

/// Rows of a range: their transposed edges stay in the second-level cache.
const RANGE: usize = 1024;
/// Most ranges: each is a place that the distribution writes to.
const MOST_RANGES: usize = 512;
/// Rows per task of the distribution.
const SOURCES: usize = 4096;

/// An edge on its way: the row it goes to, the row it comes from, and its probability.
type Edge = (u32, u32, f32);
/// A column and its probability, in one number that sorts by column.
type Entry = u64;

fn entry(column: u32, probability: f32) -> Entry {
    u64::from(column) << 32 | u64::from(probability.to_bits())
}

/// The joint probabilities as rows: starts (n + 1), columns (ascending within a row), values.
pub(super) fn symmetrize(
    neighbors: &Neighbors,
    conditional: &Conditional,
) -> (Vec<usize>, Vec<u32>, Vec<f32>) {
    let n = neighbors.samples();
    let range = RANGE.max(n.div_ceil(MOST_RANGES));
    let (starts, edges) = distributed(neighbors, conditional, range);
    let scale = 0.5 / n as f64;
    let mut parts: Vec<Part> = (0..n.div_ceil(range))
        .into_par_iter()
        .map(|r| {
            let rows = r * range..((r + 1) * range).min(n);
            let incoming = &edges[starts[r]..starts[r + 1]];
            Part::new(neighbors, conditional, rows, incoming, scale)
        })
        .collect();
    drop(edges);
    let mut offsets = Vec::with_capacity(n + 1);
    let mut end = 0;
    offsets.push(0);
    for part in &parts {
        for &length in &part.lengths {
            end += length as usize;
            offsets.push(end);
        }
    }
    let mut columns = vec![0_u32; end];
    let mut values = vec![0_f32; end];
    let mut tasks = Vec::with_capacity(parts.len());
    let (mut c_rest, mut v_rest) = (columns.as_mut_slice(), values.as_mut_slice());
    for part in parts.drain(..) {
        let (c, c_after) = c_rest.split_at_mut(part.columns.len());
        let (v, v_after) = v_rest.split_at_mut(part.columns.len());
        (c_rest, v_rest) = (c_after, v_after);
        tasks.push((part, c, v));
    }
    tasks.into_par_iter().for_each(|(part, c, v)| {
        c.copy_from_slice(&part.columns);
        v.copy_from_slice(&part.values);
    });
    (offsets, columns, values)
}

/// All edges by the range of rows that they go to, in the order of their sources; and where each
/// range begins.
fn distributed(
    neighbors: &Neighbors,
    conditional: &Conditional,
    range: usize,
) -> (Vec<usize>, Vec<Edge>) {
    let n = neighbors.samples();
    let k = conditional.k;
    let ranges = n.div_ceil(range);
    // Division by a constant that is not known before is slow.
    let to: Vec<u16> = (0..n).map(|row| (row / range) as u16).collect();
    let tasks = n.div_ceil(SOURCES);
    let sources = |task: usize| task * SOURCES..((task + 1) * SOURCES).min(n);
    let counts: Vec<Vec<usize>> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let mut counts = vec![0_usize; ranges];
            for i in sources(task) {
                for &j in &neighbors.ids(i)[..k] {
                    counts[to[j as usize] as usize] += 1;
                }
            }
            counts
        })
        .collect();
    let mut edges = vec![(0_u32, 0_u32, 0_f32); n * k];
    // Each task's part of each range.
    let mut slots: Vec<Vec<&mut [Edge]>> = (0..tasks).map(|_| Vec::with_capacity(ranges)).collect();
    let mut starts = Vec::with_capacity(ranges + 1);
    let (mut start, mut rest) = (0, edges.as_mut_slice());
    for r in 0..ranges {
        starts.push(start);
        for (slots, counts) in slots.iter_mut().zip(&counts) {
            let (slot, after) = rest.split_at_mut(counts[r]);
            rest = after;
            slots.push(slot);
            start += counts[r];
        }
    }
    starts.push(start);
    slots
        .into_par_iter()
        .enumerate()
        .for_each(|(task, mut slots)| {
            let mut next = vec![0_usize; ranges];
            for i in sources(task) {
                let p = &conditional.probabilities[i * k..(i + 1) * k];
                for (&j, &p) in neighbors.ids(i).iter().zip(p) {
                    let r = to[j as usize] as usize;
                    slots[r][next[r]] = (j, i as u32, p);
                    next[r] += 1;
                }
            }
        });
    (starts, edges)
}

/// The finished rows of a range.
struct Part {
    lengths: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Part {
    fn new(
        neighbors: &Neighbors,
        conditional: &Conditional,
        rows: std::ops::Range<usize>,
        incoming: &[Edge],
        scale: f64,
    ) -> Self {
        let k = conditional.k;
        // Where each row's transposed edges lie, each row followed by an end mark.
        let mut starts = vec![0_usize; rows.len() + 1];
        for &(j, ..) in incoming {
            starts[j as usize - rows.start + 1] += 1;
        }
        for r in 0..rows.len() {
            starts[r + 1] += starts[r] + 1;
        }
        let mut transposed = vec![Entry::MAX; incoming.len() + rows.len()];
        let mut next = starts.clone();
        for &(j, i, p) in incoming {
            let next = &mut next[j as usize - rows.start];
            transposed[*next] = entry(i, p);
            *next += 1;
        }
        let room = incoming.len() + rows.len() * k;
        let mut columns = vec![0_u32; room];
        let mut values = vec![0_f32; room];
        let mut lengths = Vec::with_capacity(rows.len());
        let mut own: Vec<Entry> = Vec::with_capacity(k + 1);
        let mut end = 0;
        for (r, i) in rows.enumerate() {
            let p = &conditional.probabilities[i * k..(i + 1) * k];
            own.clear();
            own.extend(neighbors.ids(i).iter().zip(p).map(|(&j, &p)| entry(j, p)));
            own.sort_unstable();
            own.push(Entry::MAX);
            let transposed = &transposed[starts[r]..starts[r + 1]];
            let length = merge(
                &own,
                transposed,
                scale,
                &mut columns[end..],
                &mut values[end..],
            );
            lengths.push(length as u32);
            end += length;
        }
        columns.truncate(end);
        values.truncate(end);
        Self {
            lengths,
            columns,
            values,
        }
    }
}

/// Walks two ascending rows, each with an end mark, and adds the probabilities of equal columns;
/// returns how many columns there are. Which of the two comes next is a matter of chance, so
/// that nothing branches on it.
fn merge(a: &[Entry], b: &[Entry], scale: f64, columns: &mut [u32], values: &mut [f32]) -> usize {
    let (mut x, mut y, mut length) = (0, 0, 0);
    let last = (a.len() - 1, b.len() - 1);
    while x < last.0 || y < last.1 {
        let (left, right) = (a[x], b[y]);
        let (left_column, right_column) = (left >> 32, right >> 32);
        let probability = |entry: Entry, taken: bool| {
            f64::from(f32::from_bits(if taken { entry as u32 } else { 0 }))
        };
        let (take_left, take_right) = (left_column <= right_column, right_column <= left_column);
        let p = probability(left, take_left) + probability(right, take_right);
        columns[length] = left_column.min(right_column) as u32;
        values[length] = (p * scale) as f32;
        x += usize::from(take_left);
        y += usize::from(take_right);
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_columns_are_added_and_others_kept_in_order() {
        let row = |entries: &[(u32, f32)]| -> Vec<Entry> {
            let ended = entries.iter().map(|&(j, p)| entry(j, p));
            ended.chain([Entry::MAX]).collect()
        };
        let (a, b) = (
            row(&[(1, 0.5), (4, 0.25)]),
            row(&[(0, 1.0), (4, 0.75), (9, 2.0)]),
        );
        let (mut columns, mut values) = ([0; 5], [0.0; 5]);
        let length = merge(&a, &b, 1.0, &mut columns, &mut values);
        assert_eq!(columns[..length], [0, 1, 4, 9]);
        assert_eq!(values[..length], [1.0, 0.5, 1.0, 2.0]);
    }
}
